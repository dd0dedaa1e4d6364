"""Finished days -> manifests, and the witnesses that the operator named: a timestamp authority, a web archive."""

from __future__ import annotations

import logging
from datetime import timedelta

from monitor.model import Failure, Fetched, Page, Purpose, Request, Saving
from monitor.ports import World
from monitor.steps import timestamps, timetable

SAVED_WITHIN = timedelta(days=1)  # of its reading; what was read before the archive was switched on is not sent to it
SAVES_AT_ONCE = 20  # the fetcher paces them: the archive is one host

log = logging.getLogger(__name__)


async def prove(world: World) -> None:
    """Writes what manifests are due; asks the witnesses where there are any. What a witness refuses is asked for again later."""
    for day in world.store.write_manifests(world.clock.now()):
        log.info("manifest of %s written", day)
    evidence = world.settings.evidence
    if evidence.timestamp_url:
        await _stamp(world, evidence.timestamp_url)
    if evidence.wayback:
        now = world.clock.now()
        for saving in world.store.savings_due(now - SAVED_WITHIN, now, SAVES_AT_ONCE):
            await _save(world, saving, evidence.wayback_url)


async def _stamp(world: World, url: str) -> None:
    """The newest manifest alone is stamped: its chain proves the days before it."""
    manifest = world.store.unstamped()
    if manifest is None:
        return
    headers = (("Content-Type", timestamps.CONTENT_TYPE),)
    fetched = await world.fetcher.fetch(Request(url, Purpose.WITNESS, body=timestamps.request(manifest.sha256), headers=headers))
    problem = timestamps.problem(fetched.body, manifest.sha256) if isinstance(fetched, Page) else _why(fetched)
    if isinstance(fetched, Page) and not problem:
        world.store.save_timestamp(manifest.day, fetched.body, world.clock.now())
    else:
        log.warning("no timestamp for the manifest of %s from %s: %s", manifest.day, url, problem)


async def _save(world: World, saving: Saving, url: str) -> None:
    fetched, now = await world.fetcher.fetch(Request(url + saving.url, Purpose.WITNESS)), world.clock.now()
    if isinstance(fetched, Page):
        saved_as = fetched.final_url if fetched.final_url != fetched.url else fetched.header("content-location") or fetched.url
        world.store.saving_done(saving, saved_as, "", now, None)
    else:
        failure = fetched if isinstance(fetched, Failure) else None
        again = timetable.entry_retry(saving.attempts + 1, failure, now, world.settings.attempts) if failure else None
        world.store.saving_done(saving, None, _why(fetched), now, again)


def _why(fetched: Fetched) -> str:
    return fetched.why if isinstance(fetched, Failure) else "304 to a request without validators"
