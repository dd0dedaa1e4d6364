"""Waiting entries -> items and alerts: fetch, extract, find copies, judge, decide, store. One bad page costs one page."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, cached_property, partial

from monitor.errors import WorkError
from monitor.flows.gathered import Gathered
from monitor.flows.walls import unmasked
from monitor.model import (
    Alert,
    Article,
    Change,
    Decision,
    EntryState,
    Failure,
    Item,
    Judgement,
    Level,
    Outcome,
    Page,
    Prints,
    Purpose,
    Quality,
    Request,
    Revisit,
    Source,
    Waiting,
    unlisted,
)
from monitor.ports import NewNotice, Read, World
from monitor.steps import changes, decide, dedup, extract, fingerprints, notices, revisits, stories, timetable, urls

BATCH = 64  # entries under way at once; the fetcher paces them by host
AHEAD = 512  # entries taken from the queue at a time, so that one slow host does not fill the batch
PER_HOST = 4  # entries of one host under way at once
MOST_LIKE = 20  # older items a text is compared with
PUT_OFF_AFTER_ERROR = timedelta(minutes=30)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one waiting entry, as it is told."""

    waiting: Waiting
    state: EntryState  # WAITING: put off
    reason: str
    item: Item | None = None
    alerted: bool = False


async def read(world: World, *, tell: Callable[[Done], None] = lambda _: None, stop: Callable[[], bool] = lambda: False) -> None:
    """Works off everything that is due; what is put off stays in the queue with the time of its next attempt.

    Each entry ends in one transaction, perhaps with others, so a kill at any moment leaves it either waiting or done. `tell` is called
    after each, and nothing of it is kept: a backlog may be long. `stop` is asked between entries.
    """
    run = _Run(world)
    running: dict[asyncio.Task[Done], Waiting] = {}
    queue: list[Waiting] = []
    try:
        while True:
            if not queue:
                taken = {waiting.number for waiting in running.values()}
                queue = [w for w in world.store.waiting(world.clock.now(), AHEAD) if w.number not in taken]
            if not stop():
                for waiting in _startable(queue, running.values()):
                    queue.remove(waiting)
                    running[asyncio.create_task(_one(run, waiting))] = waiting
            if not running:
                return
            finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                del running[task]
                tell(task.result())
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _startable(queue: Sequence[Waiting], running: Collection[Waiting]) -> list[Waiting]:
    """The next entries to start: the oldest first, but no host more than its share."""
    hosts = Counter(_host(waiting) for waiting in running)
    chosen: list[Waiting] = []
    for waiting in queue:
        if len(running) + len(chosen) >= BATCH:
            break
        host = _host(waiting)
        if host and hosts[host] >= PER_HOST:
            continue
        hosts[host] += 1
        chosen.append(waiting)
    return chosen


def _host(waiting: Waiting) -> str:
    """The host that reading this entry asks; empty where nothing is fetched."""
    fetched = waiting.entry.url and not waiting.entry.whole and not waiting.raw
    return urls.host(waiting.entry.url) if fetched and waiting.entry.url else ""


class _Run:
    """What the entries of one run share."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.same_page: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by canonical address: one page is not fetched twice
        self.gathered = Gathered(world.store)
        self.told = _Told(world)


async def _one(run: _Run, waiting: Waiting) -> Done:
    world = run.world
    source = world.sources.get(waiting.source) or unlisted(waiting.source)
    address = urls.canonical(waiting.entry.url) if waiting.entry.url else None
    try:
        with run.gathered.coming():
            async with run.same_page[address or f"entry {waiting.number}"]:
                return await _read(run, waiting, source, address)
    except Exception as error:
        log.exception("reading entry %d failed", waiting.number)
        run.told = _Told(world)  # it may remember what was not saved
        world.store.put_off(waiting, world.clock.now() + PUT_OFF_AFTER_ERROR, f"unexpected: {error!r}")
        return Done(waiting, EntryState.WAITING, f"unexpected: {error!r}")


async def _read(run: _Run, waiting: Waiting, source: Source, address: str | None) -> Done:
    world = run.world
    before = world.store.item_of_entry(waiting.number)
    if address and not before and (known := world.store.item_by_url(address)):
        article = extract.from_entry(waiting.entry, source.languages)
        judgement, prints = judged(world, article, source)
        keeps = decide.keeps_page(world.settings.keep_raw, judgement)
        decision = decide.already_read(known)
        return _save(run, Read(waiting, article, judgement, prints, decision, address, world.rules.version, keeps=keeps), source)
    fetched = await _fetch(world, waiting, source)
    said = await alone(world, fetched, source) if isinstance(fetched, Page) else None
    return await run.gathered.do(partial(_settled, run, waiting, source, address, before, fetched, said))


def _settled(
    run: _Run,
    waiting: Waiting,
    source: Source,
    address: str | None,
    before: Item | None,
    fetched: Page | Failure | None,
    said: tuple[Article, Prints] | None,
) -> Done:
    """What is decided and saved, once everything was fetched. Synchronous: of two copies read at one moment the second sees the first."""
    world = run.world
    own_text = cache(partial(extract.from_entry, waiting.entry, source.languages))  # most entries have a page, and need it not
    page = fetched if isinstance(fetched, Page) else None
    article = unmasked(world, said[0], page.url, waiting.entry.title or "") if said and page else own_text()
    article = decide.completed(article, waiting.entry)
    failure = fetched if isinstance(fetched, Failure) else unreadable(article, page)
    if failure:
        again = timetable.entry_retry(waiting.attempts + 1, failure, world.clock.now(), world.settings.attempts)
        if again is not None and not waiting.raw and not (before is None and _calls(world, waiting, own_text(), source)):
            world.store.put_off(waiting, again, failure.why)
            return Done(waiting, EntryState.WAITING, f"tried again later: {failure.why}")
        wall = article.quality if page and article.quality is Quality.WALL else own_text().quality
        article, page = decide.completed(replace(own_text(), quality=wall), waiting.entry), None
    judgement, prints = judged(world, decide.matched(article), source, said)
    alike = [like for like in world.store.likenesses(prints, source.id, MOST_LIKE) if before is None or like.item != before.id]
    decision = decide.decide(
        article,
        judgement,
        dedup.relate(prints, alike),
        alerting=waiting.alerting,
        before=before,
        why_feed=failure.why if failure else "",
    )
    keeps = any(decide.keeps_page(world.settings.keep_raw, one) for one in (judgement, *([before.judgement] if before else [])))
    changed = differences(world, before.article, article, judgement, source) if before and decision.replaces else ()
    revisit = _revisit(world, waiting, judgement, before, failure or page)
    read_ = Read(waiting, article, judgement, prints, decision, address, world.rules.version, page, keeps, changed, revisit)
    return _save(run, read_, source)


async def _fetch(world: World, waiting: Waiting, source: Source) -> Page | Failure | None:
    """The page behind an entry: brought along by backfill, fetched, or None where the entry is all there is."""
    if waiting.raw:
        kept = world.store.page(waiting.raw)
        return kept or Failure(waiting.entry.url or "", Outcome.NET_ERROR, "the page kept for it is gone", world.clock.now(), status=404)
    if waiting.entry.whole or not waiting.entry.url:
        return None
    fetched = await world.fetcher.fetch(Request(waiting.entry.url, Purpose.ARTICLE, proxy=source.proxy, ca_file=source.ca_file))
    if isinstance(fetched, Page | Failure):
        return fetched
    return Failure(fetched.url, Outcome.HTTP_ERROR, "304 to a request without validators", world.clock.now(), status=304)


async def extracted(world: World, page: Page, source: Source, told: str) -> Article:
    """What the page says. `told` is the title under which it was told of."""
    article, _ = await alone(world, page, source)
    return unmasked(world, article, page.url, told)


async def alone(world: World, page: Page, source: Source) -> tuple[Article, Prints]:
    """What the page says by itself, whatever else stands on its host, and the prints of that.

    Whatever reading it raises, the page is one that could not be read: tried again as often as others, then its entry stands on the feed.
    """
    work = partial(extract.read_and_print, page.body, page.header("content-type"), page.final_url, source.languages, world.clock.now())
    try:
        return await world.executor.run(work, deadline=world.settings.page_deadline.total_seconds())
    except WorkError as error:
        why = str(error)
    except Exception as error:
        log.exception("the reader stumbled at %s", page.final_url)
        why = repr(error)
    unread = Article("", "", "", quality=Quality.EMPTY, notes=(f"the page could not be read: {why}",))
    return unread, fingerprints.prints("")


def unreadable(article: Article, page: Page | None) -> Failure | None:
    """A page that answered 200 and is no article: a wall, or nothing."""
    if page is None or article.quality not in (Quality.WALL, Quality.EMPTY):
        return None
    why = "; ".join(article.notes) or article.quality.value
    return Failure(page.url, Outcome.CHALLENGE, why, page.fetched, status=page.status)


def _calls(world: World, waiting: Waiting, own_text: Article, source: Source) -> bool:
    """Whether the feed's own text alerts: then nobody is kept waiting for a page that may never come, and recheck asks for it again."""
    return waiting.alerting and world.rules.judge(own_text, war=source.war).level is Level.ALERT


def judged(world: World, article: Article, source: Source, printed: tuple[Article, Prints] | None = None) -> tuple[Judgement, Prints]:
    """`printed`: an article whose prints are known, which serve where this one has the same body."""
    known = printed and printed[0].body == article.body
    return world.rules.judge(article, war=source.war), printed[1] if printed and known else fingerprints.prints(article.body)


def differences(world: World, before: Article, after: Article, judgement: Judgement, source: Source) -> tuple[Change, ...]:
    """What a new text changes, in words; both texts under the rules of today."""
    hits = world.rules.judge(decide.matched(before), war=source.war).hits
    return changes.changes(before, after, hits, judgement.hits, tuple(world.sources.values()))


def _revisit(world: World, waiting: Waiting, judgement: Judgement, before: Item | None, answer: Page | Failure | None) -> Revisit | None:
    """When the article is looked at again; an edit that the feed told was a look."""
    known, now = world.store.revisit(before.id) if before else None, world.clock.now()
    if known is None:
        return revisits.begun(waiting, judgement, answer if isinstance(answer, Page) else None, now)
    return revisits.after(known, answer, now) if answer else known


class _Told:
    """The events that matched articles of the last days told of, so that another outlet's own words about one join its story."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def grouping(self) -> stories.Grouping:
        known = stories.Grouping()
        for item in self.world.store.items(since=self.world.clock.now() - stories.APART, matched=True):
            known.keep(item.id, self.candidate(item.article, item.first_seen), item.story)
        return known

    def joined(self, decision: Decision, candidate: stories.Candidate) -> Decision:
        """The decision with the story of the same event, where a matched article stands in none by its text."""
        if decision.story is not None or decision.state is not EntryState.STORED:
            return decision
        placed = self.grouping.find(candidate)
        return replace(decision, story=placed.story, reason=f"{decision.reason}; {placed.why}") if placed else decision

    def keep(self, item: Item, candidate: stories.Candidate) -> None:
        self.grouping.keep(item.id, candidate, item.story)

    def candidate(self, article: Article, seen: datetime) -> stories.Candidate:
        return stories.candidate(article.title, article.body, article.published.day if article.published else seen.date())


def _save(run: _Run, read_: Read, source: Source) -> Done:
    world = run.world
    now, decision = world.clock.now(), read_.decision
    if decision.story is not None:
        decision = decide.told(decision, world.store.story_told(decision.story, now - decide.STORY_TOLD_FOR))
    matched = read_.judgement.level is not Level.NONE
    candidate = run.told.candidate(read_.article, read_.waiting.first_seen) if matched else None
    if candidate:  # an event in other words calls again: only a shared text is sure
        decision = run.told.joined(decision, candidate)

    def tell(alert: Alert, item: Item) -> Sequence[NewNotice]:
        return notices.alert_notices(alert, item, source, world.settings) if decision.notify else []

    item = world.store.save_read(replace(read_, decision=decision), now, tell)
    if item and candidate:
        run.told.keep(item, candidate)
    return Done(read_.waiting, decision.state, decision.reason, item, decision.alert)
