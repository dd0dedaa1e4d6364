"""Items of a day -> digest -> outbox: every finished day has its digest, also one without news."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.flows import stories
from monitor.model import Level, Source
from monitor.ports import Store, World
from monitor.steps import digest, notices

LAST_DIGEST = "digest: last day queued"  # key of the store's note
MOST_CAUGHT_UP = 7  # days after an outage; older days are still there for `monitor digest DATE`


def of_day(store: Store, timezone: str, sources: Mapping[str, Source], day: date) -> digest.Digest:
    """The digest of one local day: the same day, database and rules give the same digest."""
    since, until = digest.day_window(day, timezone)
    items, alerts = store.items(since=since, until=until), store.alerts(since=since, until=until)
    edits = store.edits(since=since, until=until)
    earlier = {alert.item for alert in alerts} | {edit.item for edit in edits}  # of older articles: an edit may make one alert
    return digest.build(
        day,
        timezone,
        [*items, *(item for number in sorted(earlier - {item.id for item in items}) if (item := store.item(number)))],
        alerts,
        stories.told(store, sources, since=since, until=until),
        store.coverage(since, until, [source.id for source in sources.values() if source.enabled]),
        sources,
        {item.id: stories.cited(item, sources) for item in items if item.judgement.level is not Level.NONE},
        edits,
    )


def queue_due(world: World) -> list[date]:
    """Puts the digests of finished days into the outbox, once each, when their hour has come. Returns the days."""
    now = world.clock.now()
    newest = _newest_due(now, world.settings.timezone, world.settings.digest_at)
    last = world.store.note(LAST_DIGEST)
    first = max(date.fromisoformat(last) + timedelta(days=1), newest - timedelta(days=MOST_CAUGHT_UP - 1)) if last else newest
    days = [first + timedelta(days=n) for n in range((newest - first).days + 1)]
    for day in days:
        world.store.queue(notices.digest_notices(of_day(world.store, world.settings.timezone, world.sources, day), world.settings), now)
        world.store.save_note(LAST_DIGEST, day.isoformat())
    return days


def _newest_due(now: datetime, timezone: str, at: str) -> date:
    """The newest day whose digest is due: yesterday from the configured hour on, before it the day before."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.date() - timedelta(days=1 if local.strftime("%H:%M") >= at else 2)
