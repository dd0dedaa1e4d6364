"""A look at an endpoint now, for a person: everything that was seen and what would follow from it. Nothing is saved."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from monitor.flows.collect import follow, parse
from monitor.model import Endpoint, Failure, Fetched, NotModified, Page, Parsed, Purpose, Request, Source, Validators, Visit
from monitor.ports import World
from monitor.steps import timetable
from monitor.steps.looks import Checked
from monitor.steps.robots import robots
from monitor.steps.timetable import Look


async def check(world: World, source: Source, endpoint: Endpoint) -> Checked:
    """Asks without conditions, so that there is something to explain; a server that told us to wait is not asked."""
    before = world.store.visits().get((source.id, endpoint.url)) or Visit(source.id, endpoint.url, endpoint.kind, endpoint.role)
    look = Look(source, endpoint, before)
    fetched = _answer(await world.fetcher.fetch(replace(timetable.ask(look, world.clock.now()), validators=Validators())))
    parsed: Parsed | None = None
    if isinstance(fetched, Page):
        parsed, _ = await follow(world, look, fetched, await parse(world, source, endpoint, fetched))
    known = world.store.known(source.id, parsed.entries) if parsed and before.last_look else None
    after = timetable.after(look, fetched, parsed, known, world.clock.now(), jitter=0.0)
    return Checked(source, endpoint, fetched, parsed, known, before, after, await _robots(world, source, parsed))


def _answer(fetched: Fetched) -> Page | Failure:
    assert not isinstance(fetched, NotModified)  # the fetcher takes a 304 without a question for an error
    return fetched


async def _robots(world: World, source: Source, parsed: Parsed | None) -> str:
    """Whether the articles behind the entries may be read, in words."""
    url = next((entry.url for entry in parsed.entries if entry.url and not entry.whole), None) if parsed else None
    if url is None:
        return ""
    parts = urlsplit(url)
    asked = Request(f"{parts.scheme}://{parts.netloc}/robots.txt", Purpose.ENDPOINT, proxy=source.proxy, ca_file=source.ca_file)
    rules = robots(await world.fetcher.fetch(asked))
    return f"{parts.netloc} lets us read articles" if rules.allows(url) else f"{parts.netloc}: {rules.why}"
