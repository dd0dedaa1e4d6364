"""Matched articles -> looked at again: new versions, what each changed in words, and what is gone. A failed look takes nothing away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from monitor.flows.read import differences, extracted, judged, unreadable
from monitor.model import Alert, Article, Change, Entry, Failure, Item, NotModified, Page, Purpose, Request, Revisit, Source, unlisted
from monitor.ports import NewNotice, Recheck, Reread, World
from monitor.steps import changes, decide, notices, revisits

MOST = 512  # looks of one round; the rest is due in the next
AT_ONCE = 32  # looks under way; the fetcher paces them by host

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """One look, as it is told."""

    item: int
    url: str
    why: str = ""  # it failed
    version: bool = False  # it brought a new text
    changes: tuple[Change, ...] = ()


async def recheck(
    world: World, *, tell: Callable[[Looked], None] = lambda _: None, stop: Callable[[], bool] = lambda: False
) -> list[Looked]:
    """Looks at every matched article that is due, each in its own transaction. What `stop` leaves stays due."""
    turn = asyncio.Semaphore(AT_ONCE)
    done: list[Looked] = []

    async def one(item: int, revisit: Revisit) -> None:
        async with turn:
            if stop():
                return
            try:
                looked = await _look(world, item, revisit)
            except Exception as error:
                log.exception("looking at item %d again failed", item)
                looked = _put_off(world, item, revisit, f"unexpected: {error!r}")
        done.append(looked)
        tell(looked)

    due = world.store.revisits(world.clock.now(), MOST)
    await asyncio.gather(*(one(item, revisit) for item, revisit in due.items()))
    return done


async def _look(world: World, number: int, revisit: Revisit) -> Looked:
    item = _item(world, number)
    source = world.sources.get(item.source) or unlisted(item.source)
    request = Request(revisit.url, Purpose.ARTICLE, validators=revisit.validators, proxy=source.proxy, ca_file=source.ca_file)
    answer = await world.fetcher.fetch(request)
    article = await _article(world, answer, item, source) if isinstance(answer, Page) else None
    # From here to the save nothing is awaited: the feed may have brought the change meanwhile.
    item, revisit = _item(world, number), world.store.revisit(number) or revisit
    if article and isinstance(answer, Page):
        answer = unreadable(article, answer) or revisits.leads_elsewhere(revisit, answer, item.article, article) or answer
    return _save(world, item, source, revisit, answer, article)


async def _article(world: World, page: Page, item: Item, source: Source) -> Article:
    """What the page says now, completed by what the feed had said."""
    known = item.article
    said = known.published if known.published_from == "feed" else None
    article = await extracted(world, page, source, known.title)
    return decide.completed(article, Entry(title=known.title, authors=known.authors, published=said))


def _save(
    world: World, item: Item, source: Source, before: Revisit, answer: Page | NotModified | Failure, article: Article | None
) -> Looked:
    now = world.clock.now()
    revisit = revisits.after(before, answer, now)
    gone = revisits.gone_since(revisit, answer, item, now)
    found: tuple[Change, ...] = ()
    if gone and not item.gone:
        found = (changes.gone(gone),)
    elif item.gone and not gone:
        found = (changes.back(item.gone),)
    reread = _reread(world, item, source, article) if article and isinstance(answer, Page) else None
    evidence = None
    if reread and isinstance(answer, Page):
        found += differences(world, item.article, reread.article, reread.judgement, source)
        evidence = answer if world.settings.keep_raw != "none" else None

    def tell(alert: Alert, of: Item) -> Sequence[NewNotice]:
        return notices.alert_notices(alert, of, source, world.settings) if reread and reread.decision.notify else []

    world.store.save_recheck(Recheck(item.id, revisit, gone, found, reread, evidence), now, tell)
    return Looked(item.id, before.url, revisit.why, reread is not None, found)


def _reread(world: World, item: Item, source: Source, article: Article) -> Reread | None:
    """The new text, judged; None where it says the same as before, or less."""
    judgement, prints = judged(world, article, source)
    decision = decide.revised(article, judgement, item, alerting=True)
    if not decision.replaces:
        return None
    decision = decide.told(decision, world.store.story_told(item.story, world.clock.now() - decide.STORY_TOLD_FOR))
    return Reread(article, judgement, prints, decision, world.rules.version)


def _item(world: World, number: int) -> Item:
    item = world.store.item(number)
    assert item is not None  # revisits point at items
    return item


def _put_off(world: World, number: int, revisit: Revisit, why: str) -> Looked:
    later = replace(revisit, due=world.clock.now() + revisits.AGAIN, why=why)
    world.store.save_recheck(Recheck(number, later, _item(world, number).gone), world.clock.now(), lambda *_: [])
    return Looked(number, revisit.url, why)
