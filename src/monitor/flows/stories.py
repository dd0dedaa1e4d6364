"""Stories -> the same with whom their articles cite, and how many independent origins they have at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.model import Attribution, Item, Source, Story
from monitor.ports import Store
from monitor.steps import origins


def told(
    store: Store,
    sources: Mapping[str, Source],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    source: str | None = None,
) -> list[Story]:
    """Stories with an item stored in [since, until), as they stood at `until`."""
    found = store.stories(since=since, until=until, source=source)
    return [
        replace(story, origins=_origins(store.items_of_story(story.id, until), sources)) if story.items > 1 else story for story in found
    ]


def cited(item: Item, sources: Mapping[str, Source]) -> tuple[Attribution, ...]:
    """Whom an article names as its source; the outlet itself is none."""
    said = origins.attributions(item.article.body, tuple(sources.values()))
    return tuple(one for one in said if one.source != item.source)


def _origins(items: Sequence[Item], sources: Mapping[str, Source]) -> int:
    place = {item.id: number for number, item in enumerate(items)}
    tellings = [
        origins.Telling(
            item.source,
            tuple(one.source for one in cited(item, sources)),
            _named(item.forwarded_from, sources),
            place.get(item.duplicate_of) if item.duplicate_of else None,
        )
        for item in items
    ]
    return origins.independent_origins(tellings, sources.values())


def _named(channel: str | None, sources: Mapping[str, Source]) -> str | None:
    """The source whose name a channel bears, else the name itself."""
    named = origins.attributions(channel, tuple(sources.values())) if channel else ()
    return named[0].source if named else channel
