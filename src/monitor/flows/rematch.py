"""Stored items x changed rules: what they add and lose, and the same made so. New matches go to a lane of their own and alert nobody."""

from __future__ import annotations

import asyncio
import pickle
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from monitor.model import Article, Item, Judgement, Level, Source
from monitor.ports import Executor, Rejudged, Rules, Store, World
from monitor.steps import decide

T = TypeVar("T")

CHUNK = 250  # items that are judged in one piece of work and saved in one transaction
UNDER_WAY = 4  # pieces at once: enough to keep two workers busy while one is saved
DEADLINE = 300.0  # seconds for one piece

Tell = Callable[[int], None]  # how many items were judged since it was told last


@dataclass(frozen=True, slots=True)
class Rematched:
    """What a change of rules did to what is stored."""

    judged: int = 0
    found: int = 0
    lost: int = 0
    changed: int = 0  # of the judged, those of which something else is said now


def judge_all(packed: bytes, articles: Sequence[tuple[Article, bool]]) -> list[Judgement]:
    """What pickled rules say of articles, each with whether its source is all about the war. Runs in a worker."""
    rules = _unpacked(packed)
    return [rules.judge(article, war=war) for article, war in articles]


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Rules:
    """Unpacking makes the automaton, which takes longer than judging a piece of work: once a worker."""
    rules: Rules = pickle.loads(packed)  # noqa: S301 (our own bytes)
    return rules


async def over_the_past(
    store: Store,
    executor: Executor,
    work: Callable[[bytes, Sequence[tuple[Article, bool]]], T],
    packed: bytes,
    *,
    wars: Collection[str] = (),
    judged_under: str = "",
    stop: Callable[[], bool] = lambda: False,
) -> AsyncIterator[tuple[Sequence[Item], T]]:
    """Everything stored, piece by piece and in order, with what `work` makes of it in a worker.

    `wars`: sources that are all about the war; `judged_under`: items last judged under these rules are left out.
    """
    last, more = 0, True
    under_way: deque[tuple[Sequence[Item], asyncio.Future[T]]] = deque()
    try:
        while more or under_way:
            while more and len(under_way) < UNDER_WAY:
                items = [] if stop() else store.judged_otherwise(judged_under, last, CHUNK)
                more = len(items) == CHUNK
                if items:
                    last = items[-1].id
                    articles = [(decide.matched(item.article), item.source in wars) for item in items]
                    under_way.append((items, asyncio.ensure_future(executor.run(work, packed, articles, deadline=DEADLINE))))
            if under_way:
                items, made = under_way.popleft()
                yield items, await made
    finally:
        for _, made in under_way:
            made.cancel()


async def rejudge(
    store: Store, executor: Executor, rules: Rules, sources: Mapping[str, Source], *, stop: Callable[[], bool] = lambda: False
) -> AsyncIterator[list[Rejudged]]:
    """Everything that was judged under other rules, judged under these. Nothing is written."""
    wars = {source.id for source in sources.values() if source.war}
    pieces = over_the_past(store, executor, judge_all, pickle.dumps(rules), wars=wars, judged_under=rules.version, stop=stop)
    async for items, judgements in pieces:
        yield [decide.rejudged(item, judgement) for item, judgement in zip(items, judgements, strict=True)]


async def rematch(world: World, *, tell: Tell = lambda _: None, stop: Callable[[], bool] = lambda: False) -> Rematched:
    """Brings what is stored under the world's rules. Each piece is one transaction, so it goes on where it was stopped; twice is once."""
    done = Rematched()
    async for piece in rejudge(world.store, world.executor, world.rules, world.sources, stop=stop):
        world.store.save_rejudged(piece, world.rules.version, world.clock.now())
        done = Rematched(
            done.judged + len(piece),
            done.found + sum(one.found for one in piece),
            done.lost + sum(one.lost for one in piece),
            done.changed + sum(one.judgement != one.item.judgement for one in piece),
        )
        tell(len(piece))
    return done


@dataclass(frozen=True, slots=True)
class Difference:
    """What rules would add and lose over everything stored."""

    judged: int  # items that were last judged under other rules
    added: tuple[Rejudged, ...]  # raised: none to note, note to alert
    lost: tuple[Rejudged, ...]  # lowered
    moved: tuple[Rejudged, ...]  # of the same level, in other classes or of another side

    @property
    def says(self) -> str:
        """`adds 14 (9 alerts), loses 2 (1 alert)`"""
        adds, loses = (sum(getattr(one, which) for one in those) for which, those in (("found", self.added), ("lost", self.lost)))
        return f"adds {len(self.added)}{_alerts(adds)}, loses {len(self.lost)}{_alerts(loses)}"


def _alerts(count: int) -> str:
    return "" if not count else f" ({count} alert{'s' if count > 1 else ''})"


_HEIGHT = {Level.NONE: 0, Level.NOTE: 1, Level.ALERT: 2}


async def difference(
    store: Store, executor: Executor, rules: Rules, sources: Mapping[str, Source], *, tell: Tell = lambda _: None
) -> Difference:
    """What `rules` would change, before they are saved. Items judged under the same rules cannot change and are not looked at."""
    judged, added, lost, moved = 0, list[Rejudged](), list[Rejudged](), list[Rejudged]()
    async for piece in rejudge(store, executor, rules, sources):
        judged += len(piece)
        for one in piece:
            before, after = one.item.judgement, one.judgement
            if before.level is not after.level:
                (added if _HEIGHT[after.level] > _HEIGHT[before.level] else lost).append(one)
            elif (set(before.topics), before.side) != (set(after.topics), after.side):
                moved.append(one)
        tell(len(piece))
    return Difference(judged, tuple(added), tuple(lost), tuple(moved))
