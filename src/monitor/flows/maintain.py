"""Housekeeping: old poll history goes, the week is drawn that curators judge, the database is checked."""

from __future__ import annotations

import logging
from datetime import timedelta

from monitor.flows.review import make_draw
from monitor.ports import World

POLLS_KEPT = timedelta(days=400)  # long enough for every digest of the past year to be made again

log = logging.getLogger(__name__)


def maintain(world: World) -> None:
    """Prunes what retention allows, draws the week that is over, and says in the log what a check of the database found."""
    now = world.clock.now()
    world.store.prune(now - POLLS_KEPT)
    world.store.prune_pages(now - timedelta(days=world.settings.keep_raw_days), now)
    make_draw(world.store, now)
    for problem in world.store.check():
        log.error("the database: %s", problem)
