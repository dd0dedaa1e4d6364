"""What is stored? Items, alerts, stories, what a day's looks covered, and the search in all texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from monitor.model import VERIFIED, Alert, Coverage, Edit, EntryState, Item, Outcome, Story, utc_text
from monitor.store import rows, verdicts
from monitor.store.session import Session

AT_ONCE = 500  # items that an export reads at a time
MOST_WORDS = 16  # of a search; the rest is passed over

EVER = ("", "~")  # a window that every stored time is in

_ITEMS = """SELECT * FROM items WHERE stored >= ? AND stored < ? AND (? IS NULL OR source = ?) AND (level != 'none' OR NOT ?)
    ORDER BY first_seen, id"""
_ALERTS = """SELECT alerts.*, items.source, items.url, items.title FROM alerts JOIN items ON items.id = alerts.item
    WHERE created >= ? AND created < ? AND (? IS NULL OR items.source = ?) ORDER BY created, alerts.id"""
_ALERTS_OF = """SELECT alerts.*, items.source, items.url, items.title FROM alerts JOIN items ON items.id = alerts.item
    WHERE alerts.item = ? ORDER BY alerts.id"""
_EDITS = "SELECT * FROM edits WHERE at >= ? AND at < ? AND (? IS NULL OR item = ?) ORDER BY at, id"
_STORIES = """SELECT stories.id, label, count(*) AS items, count(DISTINCT items.source) AS outlets,
        count(DISTINCT CASE WHEN duplicate_of IS NULL THEN items.source END) AS origins,
        min(items.first_seen) AS first_seen, max(items.first_seen) AS last_seen
    FROM stories JOIN items ON items.story = stories.id
    WHERE stories.id IN (SELECT story FROM items WHERE stored >= ? AND stored < ? AND (? IS NULL OR source = ?))
        AND items.stored < ?
    GROUP BY stories.id ORDER BY min(items.first_seen), stories.id"""


_LENGTHS = """SELECT source, length FROM (
        SELECT id, source, CASE quality WHEN 'full' THEN length(text) ELSE 0 END AS length,
            row_number() OVER (PARTITION BY source ORDER BY id DESC) AS place
        FROM items WHERE first_seen >= ? AND duplicate_of IS NULL)
    WHERE place <= ? ORDER BY id"""


def _window(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    return utc_text(since) if since else EVER[0], utc_text(until) if until else EVER[1]


def items(session: Session, since: datetime | None, until: datetime | None, source: str | None, matched: bool) -> Sequence[Item]:
    return [rows.item(row) for row in session.rows(_ITEMS, *_window(since, until), source, source, matched)]


def items_of_story(session: Session, story: int, until: datetime | None) -> Sequence[Item]:
    _, end = _window(None, until)
    return [
        rows.item(row) for row in session.rows("SELECT * FROM items WHERE story = ? AND stored < ? ORDER BY first_seen, id", story, end)
    ]


def alerts(session: Session, since: datetime | None, until: datetime | None, source: str | None) -> Sequence[Alert]:
    return [rows.alert(row) for row in session.rows(_ALERTS, *_window(since, until), source, source)]


def stories(session: Session, since: datetime | None, until: datetime | None, source: str | None) -> Sequence[Story]:
    """As they stood at `until`: what joined later is not counted. `origins` are outlets whose articles are no copies of another's."""
    start, end = _window(since, until)
    return [rows.story(row) for row in session.rows(_STORIES, start, end, source, source, end)]


def alerts_of(session: Session, item: int) -> Sequence[Alert]:
    return [rows.alert(row) for row in session.rows(_ALERTS_OF, item)]


def edits(session: Session, since: datetime | None, until: datetime | None, item: int | None) -> Sequence[Edit]:
    return [rows.edit(row) for row in session.rows(_EDITS, *_window(since, until), item, item)]


def text_lengths(session: Session, since: datetime, most: int) -> Mapping[str, Sequence[int]]:
    """By source the characters of its newest articles' bodies, the newest last; 0 for one that could not be read from its page."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in session.rows(_LENGTHS, utc_text(since), most):
        found[row["source"]].append(row["length"])
    return found


def coverage(session: Session, since: datetime, until: datetime, enabled: Sequence[str]) -> Coverage:
    """From the history of looks and of the ledger's states, never from how things stand now: so it can be told again.

    Every enabled source is verified, failing, refused or unseen; it may be silent besides: an endpoint of it was, at its last look.
    `polls` are of the enabled sources; `entries_seen` are all that were first seen then, also those that backfill brought, each
    counted in the state in which it was at `until`.
    """
    window = (utc_text(since), utc_text(until))
    looks: dict[str, list[Outcome]] = defaultdict(list)
    silence: dict[tuple[str, str], str | None] = {}
    for row in session.rows("SELECT source, url, outcome, silent_since FROM polls WHERE at >= ? AND at < ? ORDER BY id", *window):
        looks[row["source"]].append(row["outcome"])
        silence[row["source"], row["url"]] = row["silent_since"]
    silent = {source for (source, _), at in silence.items() if at is not None and at < window[1]}
    verified = {source for source, outcomes in looks.items() if VERIFIED.intersection(outcomes)}
    refused = {source for source, outcomes in looks.items() if set(outcomes) == {Outcome.REFUSED}}
    states = session.rows(
        """SELECT coalesce((SELECT state FROM states WHERE entry = number AND at < ? ORDER BY id DESC LIMIT 1), 'waiting'), count(*)
        FROM entries WHERE first_seen >= ? AND first_seen < ? GROUP BY 1""",
        window[1],
        *window,
    )
    counted = {row[0]: row[1] for row in states}
    return Coverage(
        sources=len(enabled),
        verified=sum(source in verified for source in enabled),
        silent=tuple(source for source in enabled if source in silent),
        failing=tuple(source for source in enabled if source in looks and source not in verified | refused),
        refused=tuple(source for source in enabled if source in refused),
        unseen=tuple(source for source in enabled if source not in looks),
        polls=sum(len(looks[source]) for source in enabled),
        entries_seen=sum(counted.values()),
        by_state={state: counted.get(state, 0) for state in EntryState},
    )


def search(session: Session, query: str, limit: int) -> Sequence[Item]:
    """Items that have every word of the query, or a longer word that begins with it; the best match first.

    Whatever is typed is words: quotes, brackets and operators of FTS5 have no meaning (Q-11). ё and е are one letter.
    """
    words = re.findall(r"\w+", rows.clean(query).replace("ё", "е").replace("Ё", "Е"))[:MOST_WORDS]
    if not words:
        return []
    found = session.rows(
        "SELECT items.* FROM items_fts JOIN items ON items.id = items_fts.rowid WHERE items_fts MATCH ? ORDER BY rank, items.id LIMIT ?",
        " ".join(f'"{word}"*' for word in words),
        limit,
    )
    return [rows.item(row) for row in found]


def export(session: Session) -> Iterator[Mapping[str, object]]:
    """Every item by its number, with its alerts and earlier versions, ready for JSON. Holds AT_ONCE items at a time."""
    last = 0
    while found := session.rows("SELECT * FROM items WHERE id > ? ORDER BY id LIMIT ?", last, AT_ONCE):
        for row in found:
            last = row["id"]
            versions = session.rows("SELECT * FROM versions WHERE item = ? ORDER BY id", last)
            edited = edits(session, None, None, last)
            said = verdicts.of_item(session, last)
            yield rows.exported(rows.item(row), alerts_of(session, last), versions, edited, said)
