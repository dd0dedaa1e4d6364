"""Sixty days of forty outlets, with every misbehaviour of tests/bench/_spells.py dealt among them, in a minute or two.

The fetcher is the real one but for its socket, and so are parsing, timetable, SQLite, and what is told; the clock goes by glances at
what is due. Articles are not read: entries wait in the ledger. An outlet falls silent once, since its rhythm remembers such a pause
for weeks. Mixed are: honest 304s by either validator, flapping ETags, 304 whatever changed, lists cut seen and unseen and under an
ETag, all ids or titles change, old pieces come up again, all dates move, wrong charsets, max-age, redirects, empty lists, bot walls,
log-in pages, nonsense and nothing in place of a list, Retry-After in seconds, as a date, as nonsense and for too long, also for the
siblings on one host, 401, 404, 410, 451, 500, dead and hung servers, silence in three dresses, and a day on which our own network is
down. What a judge needs is kept by the model, not by the service.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from monitor.fetch.http import HttpFetcher, _Reply, _Trip
from monitor.flows import collect as collecting
from monitor.flows.collect import collect
from monitor.flows.watch import watch
from monitor.model import FetchSettings, Outcome, Settings, TroubleKind, Validators, WebhookSettings
from monitor.ports import Rules, World
from monitor.steps.timetable import AUDIT_LATEST, JITTER, LONGEST_BACK_OFF
from monitor.steps.troubles import Change, Turn
from monitor.store.session import DATABASE
from monitor.store.sqlite import SqliteStore, open_store
from tests.bench._spells import DAY, KINDS, Outlet, Press, Spell, outlets
from tests.fakes import FakeClock

OUTLETS, DAYS, SEED = 40, 60, "soak"
BEGIN = datetime(2026, 9, 7, 6, 0, tzinfo=UTC)
END = BEGIN + DAYS * DAY
DARK = (BEGIN + 30 * DAY, BEGIN + 31 * DAY)
STEP = timedelta(minutes=30)  # between two glances at what is due
CAP = LONGEST_BACK_OFF * (1 + JITTER) + STEP
MOST_SECONDS = 120  # of CPU: all of it is one process

SERVING = frozenset(name for name, kind in KINDS.items() if kind.serves)
LYING = frozenset({"304 whatever changed"})

T = TypeVar("T")


class Wire(HttpFetcher):
    """The fetcher, with the model in the place of a socket."""

    def __init__(self, press: Press, store: SqliteStore, clock: FakeClock) -> None:
        super().__init__(FetchSettings(host_gap=timedelta(0)), clock, host_waits=store.host_waits(), on_wait=store.save_host_wait)
        self._press = press

    async def _exchange(self, trip: _Trip, target: Any, tls: Any) -> _Reply:
        sent = {name: value.encode() for name, value in self._headers(trip, target)}
        answer = self._press.answer(str(target), Validators(sent.get("If-None-Match"), sent.get("If-Modified-Since")), self._clock.now())
        if isinstance(answer, Exception):
            raise answer
        trip.wire += len(answer.body)
        return _Reply(answer.status, answer.headers, answer.body, "192.0.2.1", answer.framed)


class AtOnce:
    """Work is done where it is asked for: nothing here has to be killed."""

    async def run(self, work: Callable[..., T], *args: Any, deadline: float | None = None, small: bool = False) -> T:
        return work(*args)


Told = tuple[datetime, Change]


def main() -> int:
    random.seed(SEED)  # jitter
    press = Press(outlets(OUTLETS, BEGIN, DAYS, SEED), DARK)
    begun, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder), write=True)) as store:
        ends, new, told = asyncio.run(_live(press, store))
        seconds, cpu = time.monotonic() - begun, time.process_time() - cpu
        kept = _kept(Path(folder))
        notices = {notice.message_id for notice in store.due_notices(END, 10_000)}
    spells = sum(len(out.spells) for out in press.outlets)
    requests = sum(len(out.asked) for out in press.outlets)
    print(f"{DAYS} days, {OUTLETS} outlets, {spells} spells of {len(KINDS)} kinds, {requests} requests, {sum(ends.values())} looks")
    print("looks ended: " + ", ".join(f"{count} {outcome}" for outcome, count in ends.most_common()))
    figures = [*_entries(press, kept, new), *_silence(press, told), *_others(press, told, notices), *_wishes(press)]
    slow = ["look at STEP and at what a look costs"] if cpu > MOST_SECONDS else []
    figures.append((f"seconds of CPU, at most {MOST_SECONDS} (by the wall {seconds:.0f})", f"{cpu:.0f}", slow))
    for name, figure, wrong in figures:
        print(f"  {name:<62} {figure:>13}  {'OK' if not wrong else 'SHORT'}")
        for one in wrong[:5]:
            print(f"      {one}")
    return 1 if any(wrong for _, _, wrong in figures) else 0


async def _live(press: Press, store: SqliteStore) -> tuple[Counter[Outcome], int, list[Told]]:
    """The sixty days: how looks ended, how many entries were told to be new, and what curators were told."""
    collecting.GATHERED = 0.0  # seconds of a clock that stands still here
    clock = FakeClock(BEGIN)
    sources = {out.name: out.source for out in press.outlets}
    settings = Settings(keep_raw="none", webhooks=(WebhookSettings("https://desk.example/hook", "secret"),))
    ends: Counter[Outcome] = Counter()
    new, told = 0, []
    async with Wire(press, store, clock) as fetcher:
        world = World(clock, fetcher, store, AtOnce(), {}, sources, cast("Rules", None), settings)  # nothing is judged
        while clock.at < END:
            collected = await collect(world)
            ends.update(poll.outcome for poll in collected.polls)
            new += sum(poll.new for poll in collected.polls)
            told += [(clock.at, change) for change in watch(world).changes]
            clock.at += STEP
    return ends, new, told


# ── what a judge says: each figure with what is wrong, in words ──────────────────────────────────────────────────────

Figure = tuple[str, str, list[str]]


def _kept(folder: Path) -> dict[str, Counter[int]]:
    """Source -> piece -> rows of the ledger; pieces are told by their addresses."""
    kept: dict[str, Counter[int]] = defaultdict(Counter)
    with closing(sqlite3.connect(folder / DATABASE)) as conn:
        for source, entry in conn.execute("SELECT source, entry FROM entries"):
            url = json.loads(entry).get("url") or ""
            numbers = re.findall(r"\d+", url)
            kept[source][int(numbers[-1]) - ("t.me/" in url) if numbers else -1] += 1
    return kept


def _entries(press: Press, kept: dict[str, Counter[int]], new: int) -> Iterable[Figure]:
    """Of what servers offered, what is stored; of what is stored, what is no piece or one twice."""
    for name, serving, least in (
        ("entries offered for longer than a back-off, stored", SERVING, CAP),
        ("entries offered for a week more, also behind lying 304s, stored", SERVING | LYING, CAP + AUDIT_LATEST),
    ):
        offered, lost = 0, []
        for out in press.outlets:
            unserved = press.unserved(out, KINDS.keys() - serving)
            for piece in range(len(out.born)):
                if _longest(out, piece, unserved) > least:
                    offered += 1
                    if not kept[out.name][piece]:
                        lost.append(f"{out.name}/{piece}, in its list from {out.born[piece]:%m-%d %H:%M}: {_spells_of(out)}")
        yield name, f"{offered - len(lost)} of {offered}", lost
    handed = sum(len(out.handed) for out in press.outlets)
    lost = [f"{out.name}/{piece}" for out in press.outlets for piece in out.handed if not kept[out.name][piece]]
    yield "entries handed over whole, stored", f"{handed - len(lost)} of {handed}", lost
    twice = [f"{out.name}/{piece}: {rows} rows" for out in press.outlets for piece, rows in kept[out.name].items() if rows > 1 or piece < 0]
    rows = sum(count for pieces in kept.values() for count in pieces.values())
    if new != rows:
        twice.append(f"{new} were told to be new, {rows} are in the ledger")
    yield "false new", f"{len(twice)} of {rows}", twice


def _longest(out: Outlet, piece: int, unserved: list[tuple[datetime, datetime]]) -> timedelta:
    """The longest time without a break in which the server offered a piece."""
    at, end = out.shown(piece, END)
    at, longest = max(at, BEGIN), timedelta(0)
    for begun, over in unserved:
        if over > at and begun < end:
            longest, at = max(longest, begun - at), over
    return max(longest, end - at)


def _spells_of(out: Outlet) -> str:
    return "; ".join(f"{spell.kind} {spell.begin:%m-%d %H:%M} to {spell.end:%m-%d %H:%M}" for spell in out.spells)


def _silence(press: Press, told: list[Told]) -> Iterable[Figure]:
    """Each scripted silence is told while it lasts; nothing else is, and none before the outlet paused longer than ever."""
    real, untold, false = 0, [], []
    for out in press.outlets:
        tellings = [(at, change) for at, change in told if (change.trouble.source, change.trouble.kind) == (out.name, TroubleKind.SILENT)]
        begun = [at for at, change in tellings if change.turn is Turn.BEGUN]
        over = [at for at, change in tellings if change.turn is Turn.ENDED]
        for spell in _quiet(out):
            real += 1
            if not any(spell.begin < at < spell.end + CAP for at in begun):
                untold.append(f"{out.name}, {spell.kind} from {spell.begin} to {spell.end}: {_spells_of(out)}")
            back = next((at for at in out.born if at >= spell.end), END) + 2 * CAP
            if back < END and not any(spell.end < at for at in over) and not _unread(press, out, spell.end, back):
                untold.append(f"{out.name} is back since {back - 2 * CAP}")
        for at in begun:
            last = max(born for born in out.born if born <= at)
            before = out.longest_pause(last)
            if at - last <= before or not any(spell.begin < at < spell.end + CAP for spell in _quiet(out)):
                false.append(f"{out.name} at {at}, {at - last} after its last piece (longest pause {before}): {_spells_of(out)}")
    yield "real silences told, and their ends", f"{real - len(untold)} of {real}", untold
    yield "false silences told", str(len(false)), false


def _quiet(out: Outlet) -> list[Spell]:
    return [spell for spell in out.spells if KINDS[spell.kind].quiet]


def _unread(press: Press, out: Outlet, begin: datetime, end: datetime) -> bool:
    return any(over > begin and begun < end for begun, over in press.unserved(out, KINDS.keys() - SERVING))


def _others(press: Press, told: list[Told], notices: set[str]) -> Iterable[Figure]:
    """Failures of two days and more, feeds that are gone, our own network; and that each telling is in the outbox."""
    long, untold, false = 0, [], []
    failing = (TroubleKind.FAILING, TroubleKind.BLOCKED, TroubleKind.GONE)
    for out in press.outlets:
        tellings = [(at, change) for at, change in told if change.trouble.source == out.name and change.trouble.kind in failing]
        begun = [(at, change.trouble.since) for at, change in tellings if change.turn is Turn.BEGUN]
        for spell in out.spells:
            if KINDS[spell.kind].dead and spell.end - spell.begin > 2 * CAP and spell.end < END:
                long += 1
                turns = [change.turn for at, change in tellings if at <= spell.begin]
                known = turns[-1:] == [Turn.BEGUN]  # it had not been read since another failure
                if not known and not any(spell.begin < at < spell.end + CAP for at, _ in begun):
                    untold.append(f"{out.name}, {spell.kind} from {spell.begin} to {spell.end}")
        unserved = [gap for gap in press.unserved(out, KINDS.keys() - SERVING) if gap != DARK]
        false += [
            f"{out.name} at {at}, since {since}: {_spells_of(out)}"
            for at, since in begun
            if not any(first <= since <= over for first, over in unserved)
        ]
    yield "failures of two days and more told", f"{long - len(untold)} of {long}", untold
    yield "false failures told", str(len(false)), false
    network = [(at, change.turn) for at, change in told if change.trouble.kind is TroubleKind.NETWORK]
    in_time = [turn for _, turn in network] == [Turn.BEGUN, Turn.ENDED] and DARK[0] < network[0][0] < DARK[1] <= network[1][0] <= DARK[
        1
    ] + CAP
    yield (
        "our own network told: down, and back",
        str(len(network)),
        [] if in_time else [f"{turn} at {at}" for at, turn in network] or ["never"],
    )
    times = len({at for at, _ in told})
    yield "notices in the outbox", f"{len(notices)} of {times}", [] if len(notices) == times else ["not one for each telling"]


def _wishes(press: Press) -> Iterable[Figure]:
    broken = [*press.broken, *(one for out in press.outlets for one in out.broken)]
    yield "requests that break a server's wish", str(len(broken)), broken


if __name__ == "__main__":
    sys.exit(main())
