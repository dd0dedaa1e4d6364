"""Archive, sitemap, list of addresses or WARC -> the same queue. Repeatable, and it alerts nobody unless told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from monitor.flows.collect import parse
from monitor.model import Endpoint, EndpointKind, Entry, Failure, Page, Purpose, Request, Source, When
from monitor.ports import World
from monitor.steps import urls
from monitor.steps.entries import identity

T = TypeVar("T")

CHUNK = 100  # pages or addresses put into the queue in one transaction
MOST_PAGES = 2_000  # pages of one endpoint's archive in one run; reaching it is told
FRUITLESS = 2  # pages in a row without an entry that this walk has not met end it (an archive that repeats itself)


@dataclass(frozen=True, slots=True)
class Queued:
    """What one step put into the queue, as it is told."""

    what: str
    new: int
    known: int
    left_out: int = 0
    problem: str = ""


Tell = Callable[[Queued], None]


def queue_urls(world: World, addresses: Iterable[str], *, alerting: bool, listed_only: bool, tell: Tell) -> None:
    """Queues article addresses under the source that has their site, else under their host."""
    for chunk in _chunks(addresses):
        found = [(address, urls.absolute(address, address)) for address in chunk]
        for address, url in found:
            if url is None:
                tell(Queued(address, 0, 0, left_out=1, problem="is no http(s) address"))
        _queue(world, [(Entry(url=url), None) for _, url in found if url], alerting, listed_only, tell)


def queue_pages(world: World, pages: Iterable[Page], *, alerting: bool, listed_only: bool, tell: Tell) -> None:
    """Queues pages that an archive holds, with their bytes, so that nothing is fetched."""
    for chunk in _chunks(pages):
        _queue(world, [(Entry(url=page.url), world.store.put_page(page, world.clock.now())) for page in chunk], alerting, listed_only, tell)


def _queue(world: World, found: Sequence[tuple[Entry, str | None]], alerting: bool, listed_only: bool, tell: Tell) -> None:
    by_source: dict[str, list[tuple[Entry, str | None]]] = {}
    left_out = 0
    for entry, raw in found:
        assert entry.url
        source = source_of(world.sources.values(), entry.url)
        if source is None and listed_only:
            left_out += 1
            continue
        by_source.setdefault(source.id if source else urls.host(entry.url), []).append((entry, raw))
    for ident, pairs in by_source.items():
        entries, raws = [entry for entry, _ in pairs], [raw for _, raw in pairs]
        saved = world.store.enqueue(ident, entries, alerting=alerting, now=world.clock.now(), raw=raws)
        tell(Queued(ident, saved.new, saved.known))
    if left_out:
        tell(Queued("outlets that are not in the catalogue", 0, 0, left_out=left_out))


def source_of(sources: Iterable[Source], url: str) -> Source | None:
    """The source whose homepage or endpoint stands on this host, else on this site (the first of the catalogue)."""
    host, site = urls.host(url), urls.site(url)
    on_site = None
    for source in sources:
        addresses = [source.homepage, *(endpoint.url for endpoint in source.endpoints if endpoint.kind is not EndpointKind.TELEGRAM)]
        own = [address for address in addresses if address]
        if any(urls.host(address) == host for address in own):
            return source
        if on_site is None and any(urls.site(address) == site for address in own):
            on_site = source
    return on_site


async def queue_source(world: World, source: Source, *, since: datetime | None, until: datetime | None, alerting: bool, tell: Tell) -> bool:
    """Walks the archives of all of a source's endpoints. Returns whether every walk came to its end.

    Where a walk stands is saved after each page, so that the same command goes on where it was stopped.
    """
    complete = True
    for endpoint in source.endpoints:
        if endpoint.enabled and not await _walk(world, source, endpoint, since, until, alerting, tell):
            complete = False
    return complete


async def _walk(
    world: World, source: Source, endpoint: Endpoint, since: datetime | None, until: datetime | None, alerting: bool, tell: Tell
) -> bool:
    key = f"backfill: {source.id} {endpoint.url} {since} {until}"
    place = json.loads(world.store.note(key) or "null") or {"queue": [endpoint.url], "seen": []}
    queue, seen = list(place["queue"]), set(place["seen"])
    begun, fruitless = len(seen), 0
    failed: list[str] = []  # the next run asks them again, unless this one got nothing else
    met: set[str] = set()
    while queue:
        if len(seen) - begun >= MOST_PAGES:
            tell(Queued(endpoint.url, 0, 0, problem=f"stopped after {MOST_PAGES} pages; the same command goes on from there"))
            return False
        url = queue.pop(0)
        if url in seen:
            continue
        seen.add(url)
        fetched = await world.fetcher.fetch(Request(url, Purpose.ENDPOINT, proxy=source.proxy, ca_file=source.ca_file))
        if not isinstance(fetched, Page):
            failed.append(url)
            tell(Queued(url, 0, 0, problem=fetched.why if isinstance(fetched, Failure) else "304 to a request without validators"))
            continue
        parsed = await parse(world, source, endpoint, fetched)
        wanted = [entry for entry in parsed.entries if _within(entry, since, until)]
        saved = world.store.enqueue(source.id, wanted, alerting=alerting, now=world.clock.now())
        tell(Queued(url, saved.new, saved.known, left_out=len(parsed.entries) - len(wanted), problem=parsed.why if parsed.problem else ""))
        if parsed.problem:
            failed.append(url)
        # An index lists its children all at once; a paged archive is followed back in time while it brings something.
        shown = {identity(entry) for entry in parsed.entries}
        fruitless = 0 if shown - met or endpoint.kind is EndpointKind.SITEMAP else fruitless + 1
        met |= shown
        if fruitless < FRUITLESS and not _past(parsed.entries, since, endpoint.kind):
            queue += [more for more in parsed.more if more not in seen]
        world.store.save_note(key, _place([*failed, *queue], seen.difference(failed)))
    got_some = len(seen) - begun > len(failed)
    world.store.save_note(key, _place(failed, seen.difference(failed)) if failed and got_some else "null")
    return not failed


def _place(queue: Sequence[str], seen: Iterable[str]) -> str:
    """Where a walk stands."""
    return json.dumps({"queue": queue, "seen": sorted(seen)})


def _day(entry: Entry) -> When | None:
    return entry.published or entry.updated


def _within(entry: Entry, since: datetime | None, until: datetime | None) -> bool:
    """An undated entry is kept: its page will tell."""
    when = _day(entry)
    if when is None:
        return True
    return (since is None or when.day >= since.date()) and (until is None or when.day <= until.date())


def _past(entries: Sequence[Entry], since: datetime | None, kind: EndpointKind) -> bool:
    """Whether a page of a paged archive lies wholly before what is asked for."""
    days = [when.day for entry in entries if (when := _day(entry))]
    return bool(since and days and kind is not EndpointKind.SITEMAP and max(days) < since.date())


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
