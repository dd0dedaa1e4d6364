"""Which entries have we seen, and how did each end? The ledger."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
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

MOST_TAKEN = 4 * 1024 * 1024  # characters of waiting entries that are handed out at a time: a feed may carry whole books
AT_ONCE = 400  # names asked for in one query

_BY_IDENTITY = """SELECT identities.identity AS name, entries.number, entries.canonical_url, title, content_hash, state, changes
    FROM identities JOIN entries ON number = identities.entry WHERE identities.source = ? AND identities.identity IN ({names})"""
_BY_ADDRESS = """SELECT canonical_url AS name, number, canonical_url, title, content_hash, state, changes
    FROM entries WHERE source = ? AND canonical_url IN ({names})"""
_SHOWN = """SELECT identity AS name, sightings.entry, content_hash FROM identities JOIN sightings USING (entry)
    WHERE source = ? AND endpoint = ? AND identity IN ({names})"""
_NEW = """INSERT INTO entries (
        number, source, identity, canonical_url, title, content_hash, entry, first_seen, alerting, raw, answer, state, next_try
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class _Sight:
    """An entry as one look showed it."""

    entry: Entry
    identity: str
    content_hash: str
    canonical_url: str | None
    place: int  # among the entries of its look

    @property
    def apart(self) -> str:
        """The identity of an entry whose id another entry has already (I-02, I-06): never without that other one."""
        return f"{self.identity} {self.content_hash}"

    @property
    def identities(self) -> tuple[str, str]:
        return self.apart, self.identity


@dataclass(slots=True)
class _Row:
    """What of a ledger row tells whether a sight is the same entry; changes as the row does."""

    number: int
    canonical_url: str | None
    title: str | None
    content_hash: str
    state: str
    changes: int


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
    sights = _distinct(session, found)
    ledger = _asked(session, source, sights)
    session.last_ledger = None  # it grows now with what is not written yet
    ledger.show(endpoint)
    settled = [ledger.unchanged(sight) for sight in sights]
    taken = {number for number in settled if number is not None}
    new = changed = 0
    for sight, number in zip(sights, settled, strict=True):
        if number is not None:
            continue
        row = ledger.known(sight, taken)
        answer = answers[sight.place] if answers else None
        if row is None:
            row = ledger.add(sight, alerting, now, raw[sight.place] if raw else None, answer)
            new += 1
        elif row.number not in taken and revise and ledger.differs(row, sight):
            ledger.change(row, sight, now, answer)
            changed += 1
        ledger.remember(sight, row, told=row.number in taken)
        taken.add(row.number)
    ledger.write()
    return Saved(new=new, known=len(sights) - new - changed, changed=changed)


def known(session: Session, source: str, found: Sequence[Entry]) -> int:
    sights = _distinct(session, found)
    ledger = _asked(session, source, sights)
    return sum(ledger.known(sight, set()) is not None for sight in sights)


def _distinct(session: Session, found: Sequence[Entry]) -> list[_Sight]:
    """Each text under each identity once; of several, the one with an address, whatever the order.

    A look asks twice for its entries, first whether they are known, then to take them: their hashes are made once.
    """
    if session.last_seen is not None and session.last_seen[0] is found:
        return session.last_seen[1]
    sights: dict[tuple[str, str], _Sight] = {}
    for place, dirty in enumerate(found):
        entry = rows.cleaned(dirty)
        sight = _Sight(entry, identity(entry), content_hash(entry), canonical(entry.url) if entry.url else None, place)
        other = sights.setdefault((sight.identity, sight.content_hash), sight)
        if sight.canonical_url and not (other.canonical_url and other.canonical_url <= sight.canonical_url):
            sights[(sight.identity, sight.content_hash)] = sight
    distinct = list(sights.values())
    if isinstance(found, tuple):  # a list may be another one by the next time
        session.last_seen = found, distinct
    return distinct


def _asked(session: Session, source: str, sights: Sequence[_Sight]) -> _Ledger:
    """What the ledger has of these sights; as it was asked last, where nothing was written since."""
    last: _Ledger | None = session.last_ledger
    if last is None or last.source != source or last.sights is not sights or last.as_of != session.conn.total_changes:
        last = session.last_ledger = _Ledger(session, source, sights)
    return last


class _Ledger:
    """What the ledger has of some sights, asked once for all of them; grows with what is added."""

    def __init__(self, session: Session, source: str, sights: Sequence[_Sight]) -> None:
        self._session, self.source, self.sights, self.as_of = session, source, sights, session.conn.total_changes
        self._endpoint = BACKFILL
        self._answers: dict[int, int] = {}  # that were kept already, each once however many entries stand in it
        self._added: list[tuple[object, ...]] = []  # rows that write() writes: of entries, of their names, and of what was said of them
        self._named: list[tuple[str, str, int]] = []
        self._said: list[tuple[int, str, str]] = []
        names = list(dict.fromkeys([sight.identity for sight in sights]))
        addresses = list(dict.fromkeys(sight.canonical_url for sight in sights if sight.canonical_url))
        self._rows: dict[int, _Row] = {}
        self._by_identity = {row["name"]: self._row(row) for row in self._all(_BY_IDENTITY, names)}
        apart = list(dict.fromkeys([sight.apart for sight in sights if sight.identity in self._by_identity]))
        self._by_identity |= {row["name"]: self._row(row) for row in self._all(_BY_IDENTITY, apart)}
        self._by_address: dict[str, list[_Row]] = defaultdict(list)
        for row in self._all(_BY_ADDRESS, addresses):
            self._by_address[row["name"]].append(self._row(row))
        self._shown: dict[tuple[str, str], int] = {}

    def show(self, endpoint: str) -> None:
        """What this endpoint said of the sights before."""
        self._endpoint = endpoint
        shown = self._all(_SHOWN, list(self._by_identity), endpoint)
        self._shown = {(row["name"], row["content_hash"]): int(row["entry"]) for row in shown}

    def _all(self, sql: str, names: Sequence[str], *more: object) -> Iterator[Row]:
        for begin in range(0, len(names), AT_ONCE):
            some = names[begin : begin + AT_ONCE]
            yield from self._session.rows(sql.format(names=", ".join("?" * len(some))), self.source, *more, *some)

    def _row(self, row: Row) -> _Row:
        return self._rows.setdefault(row["number"], _Row(*(row[f.name] for f in fields(_Row))))

    def unchanged(self, sight: _Sight) -> int | None:
        """The entry that the endpoint showed before as it shows it now."""
        if sight.identity not in self._by_identity:
            return None
        return next((self._shown[key] for name in sight.identities if (key := (name, sight.content_hash)) in self._shown), None)

    def known(self, sight: _Sight, taken: set[int]) -> _Row | None:
        """The ledger row of the same entry: by its identity, else by its address when a publisher changed all ids (I-03)."""
        for name in sight.identities if sight.identity in self._by_identity else ():
            row = self._by_identity.get(name)
            if row is not None and row.number not in taken and not _another(row, sight):
                return row
        for row in self._by_address.get(sight.canonical_url or "", ()):
            if row.content_hash == sight.content_hash or (row.number not in taken and _alike(row.title, sight.entry.title)):
                return row
        return None

    def differs(self, row: _Row, sight: _Sight) -> bool:
        """Whether this endpoint showed another text before. What a second endpoint shows for the first time is no change."""
        asked = "SELECT content_hash FROM sightings WHERE entry = ? AND endpoint = ?"
        before = self._session.value(asked, row.number, self._endpoint)
        return before is not None and before != sight.content_hash

    def add(self, sight: _Sight, alerting: bool, now: datetime, raw: str | None, answer: Page | None) -> _Row:
        if not self._added:
            self._next = self._session.value("SELECT coalesce(max(number), 0) + 1 FROM entries")
        number = self._next + len(self._added)
        at = utc_text(now)
        self._added.append(
            (
                number,
                self.source,
                sight.apart if sight.identity in self._by_identity else sight.identity,
                sight.canonical_url,
                sight.entry.title,
                sight.content_hash,
                rows.entry_json(sight.entry),
                at,
                alerting,
                raw,
                self._kept(answer, now),
                EntryState.WAITING.value,
                at,
            )
        )
        row = _Row(number, sight.canonical_url, sight.entry.title, sight.content_hash, EntryState.WAITING, 0)
        if sight.canonical_url:
            self._by_address[sight.canonical_url].append(row)
        return row

    def change(self, row: _Row, sight: _Sight, now: datetime, answer: Page | None) -> None:
        """The new text takes the old one's place in the ledger and is read as a revision; what was read stays where it is."""
        due = utc_text(now if row.changes < EDITS_AT_ONCE else now + EDIT_WAIT)
        if sight.canonical_url and sight.canonical_url != row.canonical_url:
            self._by_address[row.canonical_url or ""] = [other for other in self._by_address[row.canonical_url or ""] if other is not row]
            self._by_address[sight.canonical_url].append(row)
            row.canonical_url = sight.canonical_url
        row.title, row.content_hash, row.changes = sight.entry.title, sight.content_hash, row.changes + 1
        columns = {
            "canonical_url": row.canonical_url,
            "title": row.title,
            "content_hash": row.content_hash,
            "entry": rows.entry_json(sight.entry),
            "alerting": True,
            "raw": None,
            "answer": self._kept(answer, now),
            "changes": row.changes,
        }
        self._session.update("entries", row.number, columns, key="number")
        if row.state != EntryState.WAITING:
            turn(self._session, row.number, EntryState.WAITING, "changed upstream", now, due)

    def _kept(self, answer: Page | None, now: datetime) -> int | None:
        if answer is not None and id(answer) not in self._answers:
            self._answers[id(answer)] = pages.keep(self._session, answer, Purpose.ENDPOINT, now)
        return None if answer is None else self._answers[id(answer)]

    def remember(self, sight: _Sight, row: _Row, *, told: bool) -> None:
        """How the entry is found next time, and what the endpoint says of it, unless it said that already in this look."""
        if sight.identity not in self._by_identity:
            self._name(sight.identity, row)
        elif self._by_identity[sight.identity].number != row.number:
            self._name(sight.apart, row)
        if not told:
            self._said.append((row.number, self._endpoint, sight.content_hash))

    def _name(self, name: str, row: _Row) -> None:
        self._named.append((self.source, name, row.number))
        self._by_identity[name] = row

    def write(self) -> None:
        """What was added and remembered, in the order in which one row needs the other."""
        self._session.run_all(_NEW, self._added)
        self._session.run_all("INSERT OR REPLACE INTO identities VALUES (?, ?, ?)", self._named)
        self._session.run_all("INSERT OR REPLACE INTO sightings VALUES (?, ?, ?)", self._said)


def _another(row: _Row, sight: _Sight) -> bool:
    """An id that comes back with another link and another title names another entry (I-02)."""
    moved = row.canonical_url and sight.canonical_url and row.canonical_url != sight.canonical_url
    return bool(moved) and not _alike(row.title, sight.entry.title)


def _alike(one: str | None, other: str | None) -> bool:
    """Whether two titles may be the same article's; an absent one may be anything."""
    words, others = (set(re.findall(r"\w+", (title or "").casefold())) for title in (one, other))
    return not words or not others or len(words & others) >= LEAST_SHARED_WORDS * min(len(words), len(others))


def turn(session: Session, number: int, state: EntryState, reason: str, now: datetime, next_try: str | None) -> None:
    """The one place where an entry changes its state."""
    columns = {"state": state, "reason": reason, "next_try": next_try, "attempts": 0}
    session.update("entries", number, columns, key="number")
    session.run("INSERT INTO states (entry, at, state, reason) VALUES (?, ?, ?, ?)", number, utc_text(now), state, reason)


def end(session: Session, read: Waiting, state: EntryState, reason: str, now: datetime) -> None:
    """The entry's end; it waits again at once where its text changed while it was read."""
    turn(session, read.number, state, reason, now, None)
    kept = session.value("SELECT entry FROM entries WHERE number = ?", read.number)
    if kept != rows.entry_json(read.entry) and content_hash(rows.entry(kept)) != content_hash(read.entry):
        turn(session, read.number, EntryState.WAITING, "changed upstream while it was read", now, utc_text(now))


def waiting(session: Session, now: datetime, limit: int) -> Sequence[Waiting]:
    found, size = list[Waiting](), 0
    for row in session.each(
        "SELECT * FROM entries WHERE state = 'waiting' AND next_try <= ? ORDER BY alerting DESC, first_seen, number LIMIT ?",
        utc_text(now),
        limit,
    ):
        found.append(rows.waiting(row))
        size += len(row["entry"])
        if size > MOST_TAKEN:
            break
    return found


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
