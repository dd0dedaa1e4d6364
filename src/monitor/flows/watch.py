"""States of sources -> outbox: a curator is told what fell silent, fails, moved or is back, in one message for all of it."""

from __future__ import annotations

from monitor.ports import World
from monitor.steps import notices, troubles
from monitor.steps.troubles import Watched


def watch(world: World) -> Watched:
    """Tells what changed since curators were last told, if anything. The same again changes nothing, also after a kill: what follows
    from the looks is worked out anew, and that it was told is saved with the notices."""
    store, now = world.store, world.clock.now()
    told = tuple(store.troubles())
    watched = troubles.watch(told, tuple(world.sources.values()), store.visits(), store.last_answer(), now)
    if watched.changes or set(watched.holding) != set(told):
        messages = notices.trouble_notices(watched.changes, world.sources, world.settings, now)
        store.tell_troubles(watched.holding, watched.forgiven, messages, now)
    return watched
