"""Sources -> entries that wait: looks at what is due and saves each look with what it found."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial

from monitor.errors import WorkError
from monitor.flows.gathered import Gathered
from monitor.model import Endpoint, EndpointKind, Failure, Fetched, Outcome, Page, Parsed, Source, Validators
from monitor.ports import Poll, World
from monitor.steps import decide, display, entries, timetable
from monitor.steps.timetable import Look

PARSE_DEADLINE = 20.0  # seconds for one endpoint's answer
SMALL = 64 * 1024  # bytes of an answer that usually is read in milliseconds
LARGE = 1024 * 1024  # bytes of an answer from which on it is read and saved while no other such is: it stands in memory several times
MOST_FOLLOWED = 20  # further addresses of one endpoint in one look: child sitemaps, older pages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Polled:
    """One look, as it is told."""

    source: str
    url: str
    outcome: Outcome
    status: int | None
    entries: int
    new: int
    why: str


@dataclass(frozen=True, slots=True)
class Collected:
    polls: tuple[Polled, ...]


async def collect(
    world: World, *, only: Sequence[str] = (), everything: bool = False, tell: Callable[[Polled], None] = lambda _: None
) -> Collected:
    """Looks at what is due (`everything`: at all that no server has told to wait) and saves each look when it ends.

    `tell` is called after each; an unexpected error puts that endpoint off and costs the others nothing.
    """
    store = world.store
    looks = timetable.looks(tuple(world.sources.values()), store.visits(), world.clock.now(), everything=everything, only=tuple(only))
    gathered, large = Gathered(store), asyncio.Lock()

    async def one(look: Look) -> list[Polled]:
        with gathered.coming():
            try:
                fetched = await world.fetcher.fetch(timetable.ask(look, world.clock.now()))
                async with large if isinstance(fetched, Page) and len(fetched.body) >= LARGE else nullcontext():
                    polls = await gathered.do(partial(_save, world, await _ended(world, look, fetched)))
            except Exception as error:
                log.exception("looking at %s failed", look.endpoint.url)
                unread = Failure(look.endpoint.url, Outcome.PARSE_FAILED, f"unexpected: {error!r}", world.clock.now())
                polls = await gathered.do(partial(_save, world, (look, unread, None, ())))
        for polled in polls:
            tell(polled)
        return polls

    polls = [polled for those in await asyncio.gather(*(one(look) for look in looks)) for polled in those]
    return Collected(tuple(polls))


Ended = tuple[Look, Fetched, Parsed | None, tuple[Page, ...]]


async def _ended(world: World, look: Look, fetched: Fetched) -> Ended:
    """The look with what was read, and the answers its entries stood in where those are kept."""
    if not isinstance(fetched, Page) or timetable.same_body(look.visit, fetched):
        return look, fetched, None, ()
    parsed, answers = await follow(world, look, fetched, await parse(world, look.source, look.endpoint, fetched))
    taken = [place for place, entry in enumerate(parsed.entries) if not decide.is_fragment(entry)]
    parsed = replace(parsed, entries=tuple(parsed.entries[place] for place in taken))
    return look, fetched, parsed, tuple(answers[place] for place in taken) if decide.keeps_answers(world.settings.keep_raw) else ()


def _save(world: World, ended: Ended) -> list[Polled]:
    """What one answer means for its endpoint, and for its twins: other sources that name the same address."""
    look, fetched, parsed, answers = ended
    return [_saved(world, each, fetched, parsed, answers) for each in (look, *look.twins)]


def _saved(world: World, look: Look, fetched: Fetched, parsed: Parsed | None, answers: tuple[Page, ...]) -> Polled:
    now = world.clock.now()
    known = world.store.known(look.source.id, parsed.entries) if parsed else None
    visit = timetable.after(look, fetched, parsed, known, now, jitter=random.random())
    found = parsed.entries if parsed else ()
    size = fetched.wire_bytes if isinstance(fetched, Page | Failure) else 0
    saved = world.store.save_poll(Poll(visit, now, fetched.seconds, size, found, answers))
    outcome = Outcome.OK_NEW if visit.outcome is Outcome.OK_NOTHING_NEW and saved.new else visit.outcome
    assert outcome is not None
    return Polled(look.source.id, look.endpoint.url, outcome, visit.status, len(found), saved.new, visit.why)


async def parse(world: World, source: Source, endpoint: Endpoint, page: Page) -> Parsed:
    """The page's entries, read in a worker: a hostile answer costs that worker only. Entries that say nothing are left out and counted."""
    work = partial(
        entries.parse,
        endpoint.kind,
        page.body,
        url=page.final_url,
        content_type=page.header("content-type"),
        now=world.clock.now(),
        languages=(endpoint.lang,) if endpoint.lang else source.languages,
        options=endpoint.options,
    )
    try:
        parsed = await world.executor.run(work, deadline=PARSE_DEADLINE, small=len(page.body) <= SMALL)
    except WorkError as error:
        return Parsed((), Outcome.PARSE_FAILED, f"reading it failed: {error}")
    said = tuple(entry for entry in parsed.entries if not entries.is_blank(entry))
    blank = len(parsed.entries) - len(said)
    if not blank:
        return parsed
    why = "; ".join(filter(None, (parsed.why, f"{display.counted(blank, 'entry', 'entries')} that say nothing left out")))
    return replace(parsed, entries=said, why=why)


async def follow(world: World, look: Look, page: Page, first: Parsed) -> tuple[Parsed, tuple[Page, ...]]:
    """The same endpoint's further addresses, where something between two looks would be missed without them; beside the entries
    the answer that each stood in.

    A sitemap index is nothing without its children. A channel's older page is asked for when nothing on the newest page was
    known, though the channel was read before: then more was posted than one page shows.
    """
    found, answers = list(first.entries), [page] * len(first.entries)
    queue, seen, problem, why = list(first.more), {look.endpoint.url}, first.problem, first.why
    paged = look.endpoint.kind is not EndpointKind.SITEMAP
    if paged and (look.visit.entries is None or world.store.known(look.source.id, first.entries)):
        return first, tuple(answers)
    while queue and len(seen) <= MOST_FOLLOWED:
        url = queue.pop(0)
        if url in seen:
            continue
        seen.add(url)
        fetched = await world.fetcher.fetch(replace(timetable.ask(look, world.clock.now()), url=url, validators=Validators()))
        if not isinstance(fetched, Page):
            problem, why = Outcome.PARSE_PARTIAL, f"{url}: {fetched.why if isinstance(fetched, Failure) else 'not modified'}"
            continue
        further = await parse(world, look.source, look.endpoint, fetched)
        found += further.entries
        answers += [fetched] * len(further.entries)
        if further.problem:
            problem, why = Outcome.PARSE_PARTIAL if found else further.problem, f"{url}: {further.why}"
        if paged and world.store.known(look.source.id, further.entries):
            break  # joined up with what was read before
        queue += further.more
    if queue:
        problem, why = Outcome.PARSE_PARTIAL, f"stopped after {MOST_FOLLOWED} further addresses"
    return replace(first, entries=tuple(found), problem=problem, why=why), tuple(answers)
