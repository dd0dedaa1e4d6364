"""Which entries have we seen, and how did each end? The ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row

from monitor.model import Entry, EntryState, Page, Purpose, Waiting, utc_text
from monitor.ports import Saved
from monitor.steps.entries import content_hash, identity
from monitor.steps.urls import canonical
from monitor.store import pages, rows
from monitor.store.session import Session

#: Of the shorter title's words, the share that two titles of one article have in common at least.
LEAST_SHARED_WORDS = 1 / 3
#: An entry that was changed this often is read again only after EDIT_WAIT: live pages and counters change at every look.
EDITS_AT_ONCE = 5
EDIT_WAIT = timedelta(hours=1)

BACKFILL = ""  # stands for the endpoint where none listed the entry

_BY_IDENTITY = (
    "SELECT entries.* FROM identities JOIN entries ON number = identities.entry WHERE identities.source = ? AND identities.identity = ?"
)
_UNCHANGED = """SELECT entry FROM identities JOIN sightings USING (entry)
    WHERE source = ? AND identity = ? AND endpoint = ? AND content_hash = ?"""


@dataclass(frozen=True, slots=True)
class _Sight:
    """An entry as one look showed it."""

    entry: Entry
    identity: str
    content_hash: str
    canonical_url: str | None
    raw: str | None
    answer: Page | None  # that it stood in, where that is to be kept

    @property
    def apart(self) -> str:
        """The identity of an entry whose id another entry has already (I-02, I-06)."""
        return f"{self.identity} {self.content_hash}"

    @property
    def identities(self) -> tuple[str, str]:
        return self.apart, self.identity


def take(
    session: Session,
    source: str,
    endpoint: str,
    found: Sequence[Entry],
    *,
    alerting: bool,
    now: datetime,
    raw: Sequence[str | None] | None = None,
    answers: Sequence[Page] = (),
    revise: bool = True,
) -> Saved:
    """Entries into the ledger: new ones wait, changed ones wait again (unless `revise` is off), known ones stay as they are.

    What stands as this endpoint showed it before is recognised first, whatever the order, so that of two entries under one id
    neither is taken for a change of the other.
    """
    sights = _distinct(found, raw or (None,) * len(found), answers or (None,) * len(found))
    settled = {sight: number for sight in sights if (number := _unchanged(session, source, endpoint, sight)) is not None}
    taken = set(settled.values())
    new = changed = 0
    for sight in sights:
        if sight in settled:
            continue
        row = _known(session, source, sight, taken)
        number = _add(session, source, sight, alerting, now) if row is None else row["number"]
        new += row is None
        if row is not None and revise and number not in taken and _differs(session, row, endpoint, sight):
            _wait_again(session, row, sight, now)
            changed += 1
        _remember(session, source, endpoint, sight, number, told=number in taken)
        taken.add(number)
    return Saved(new=new, known=len(sights) - new - changed, changed=changed)


def known(session: Session, source: str, found: Sequence[Entry]) -> int:
    return sum(_known(session, source, sight, set()) is not None for sight in _distinct(found, (None,) * len(found), (None,) * len(found)))


def _distinct(found: Sequence[Entry], raw: Sequence[str | None], answers: Sequence[Page | None]) -> list[_Sight]:
    """Each text under each identity once; of several, the one with an address, whatever the order."""
    sights: dict[tuple[str, str], _Sight] = {}
    for dirty, page, answer in zip(found, raw, answers, strict=True):
        entry = rows.cleaned(dirty)
        sight = _Sight(entry, identity(entry), content_hash(entry), canonical(entry.url) if entry.url else None, page, answer)
        key = (sight.identity, sight.content_hash)
        sights[key] = min(sights.get(key, sight), sight, key=lambda s: (s.canonical_url is None, s.canonical_url or ""))
    return list(sights.values())


def _unchanged(session: Session, source: str, endpoint: str, sight: _Sight) -> int | None:
    for name in sight.identities:
        number: int | None = session.value(_UNCHANGED, source, name, endpoint, sight.content_hash)
        if number is not None:
            return number
    return None


def _known(session: Session, source: str, sight: _Sight, taken: set[int]) -> Row | None:
    """The ledger row of the same entry: by its identity, else by its address when a publisher changed all ids (I-03)."""
    for name in sight.identities:
        row = session.row(_BY_IDENTITY, source, name)
        if row is not None and row["number"] not in taken and not _another(row, sight):
            return row
    if sight.canonical_url is None:
        return None
    by_address = session.rows("SELECT * FROM entries WHERE source = ? AND canonical_url = ?", source, sight.canonical_url)
    for row in by_address:
        if row["content_hash"] == sight.content_hash or (row["number"] not in taken and _alike(row["title"], sight.entry.title)):
            return row
    return None


def _another(row: Row, sight: _Sight) -> bool:
    """An id that comes back with another link and another title names another entry (I-02)."""
    moved = row["canonical_url"] and sight.canonical_url and row["canonical_url"] != sight.canonical_url
    return bool(moved) and not _alike(row["title"], sight.entry.title)


def _alike(one: str | None, other: str | None) -> bool:
    """Whether two titles may be the same article's; an absent one may be anything."""
    words, others = (set(re.findall(r"\w+", (title or "").casefold())) for title in (one, other))
    return not words or not others or len(words & others) >= LEAST_SHARED_WORDS * min(len(words), len(others))


def _differs(session: Session, row: Row, endpoint: str, sight: _Sight) -> bool:
    """Whether this endpoint showed another text before. What a second endpoint shows for the first time is no change."""
    before = session.value("SELECT content_hash FROM sightings WHERE entry = ? AND endpoint = ?", row["number"], endpoint)
    return before is not None and before != sight.content_hash


def _add(session: Session, source: str, sight: _Sight, alerting: bool, now: datetime) -> int:
    free = sight.identity
    if session.row("SELECT 1 FROM identities WHERE source = ? AND identity = ?", source, free):
        free = sight.apart
    return session.insert(
        "entries",
        {
            "source": source,
            "identity": free,
            "canonical_url": sight.canonical_url,
            "title": sight.entry.title,
            "content_hash": sight.content_hash,
            "entry": rows.entry_json(sight.entry),
            "first_seen": utc_text(now),
            "alerting": alerting,
            "raw": sight.raw,
            "answer": _kept_answer(session, sight, now),
            "state": EntryState.WAITING,
            "next_try": utc_text(now),
        },
    )


def _kept_answer(session: Session, sight: _Sight, now: datetime) -> int | None:
    return None if sight.answer is None else pages.keep(session, sight.answer, Purpose.ENDPOINT, now)


def _remember(session: Session, source: str, endpoint: str, sight: _Sight, number: int, *, told: bool) -> None:
    """How the entry is found next time, and what the endpoint says of it, unless it said that already in this look."""
    session.run("INSERT OR IGNORE INTO identities VALUES (?, ?, ?)", source, sight.identity, number)
    if number != session.value("SELECT entry FROM identities WHERE source = ? AND identity = ?", source, sight.identity):
        session.run("INSERT OR REPLACE INTO identities VALUES (?, ?, ?)", source, sight.apart, number)
    if not told:
        session.run("INSERT OR REPLACE INTO sightings VALUES (?, ?, ?)", number, endpoint, sight.content_hash)


def _wait_again(session: Session, row: Row, sight: _Sight, now: datetime) -> None:
    """The new text takes the old one's place in the ledger and is read as a revision; what was read stays where it is."""
    due = utc_text(now if row["changes"] < EDITS_AT_ONCE else now + EDIT_WAIT)
    session.update(
        "entries",
        row["number"],
        {
            "canonical_url": sight.canonical_url or row["canonical_url"],
            "title": sight.entry.title,
            "content_hash": sight.content_hash,
            "entry": rows.entry_json(sight.entry),
            "alerting": True,
            "raw": None,
            "answer": _kept_answer(session, sight, now),
            "changes": row["changes"] + 1,
        },
        key="number",
    )
    if row["state"] != EntryState.WAITING:
        turn(session, row["number"], EntryState.WAITING, "changed upstream", now, due)


def turn(session: Session, number: int, state: EntryState, reason: str, now: datetime, next_try: str | None) -> None:
    """The one place where an entry changes its state."""
    columns = {"state": state, "reason": reason, "next_try": next_try, "attempts": 0}
    session.update("entries", number, columns, key="number")
    session.run("INSERT INTO states (entry, at, state, reason) VALUES (?, ?, ?, ?)", number, utc_text(now), state, reason)


def end(session: Session, read: Waiting, state: EntryState, reason: str, now: datetime) -> None:
    """The entry's end; it waits again at once where its text changed while it was read."""
    turn(session, read.number, state, reason, now, None)
    kept = rows.entry(session.value("SELECT entry FROM entries WHERE number = ?", read.number))
    if content_hash(kept) != content_hash(read.entry):
        turn(session, read.number, EntryState.WAITING, "changed upstream while it was read", now, utc_text(now))


def waiting(session: Session, now: datetime, limit: int) -> Sequence[Waiting]:
    found = session.rows(
        "SELECT * FROM entries WHERE state = 'waiting' AND next_try <= ? ORDER BY alerting DESC, first_seen, number LIMIT ?",
        utc_text(now),
        limit,
    )
    return [rows.waiting(row) for row in found]


def next_waiting(session: Session) -> datetime | None:
    due = session.value("SELECT min(next_try) FROM entries WHERE state = 'waiting'")
    return None if due is None else rows.at(due)


def put_off(session: Session, number: int, until: datetime, why: str) -> None:
    session.run(
        "UPDATE entries SET attempts = attempts + 1, next_try = ?, reason = ? WHERE number = ? AND state = 'waiting'",
        utc_text(until),
        why,
        number,
    )


def ledger(session: Session) -> Mapping[EntryState, int]:
    counted = {row[0]: row[1] for row in session.rows("SELECT state, count(*) FROM entries GROUP BY state")}
    return {state: counted.get(state, 0) for state in EntryState}
