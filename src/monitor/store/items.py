"""What became of an article that was read: its item, versions, likenesses, story and alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from sqlite3 import Row

from monitor.errors import StoreError
from monitor.model import Alert, EntryState, Item, Judgement, Likeness, Prints, Purpose, Quality, utc_text
from monitor.ports import NewNotice, Read, Recheck, Rejudged, Reread
from monitor.steps.fingerprints import body_print, compare
from monitor.store import entries, outbox, pages, revisits, rows
from monitor.store.session import Session

#: A value of a sketch that more items have is passed over: it stands in boilerplate and tells nothing.
MOST_SHARING = 1000
#: A sketch with more values is looked up by one value in SAMPLE, the same ones for every text: a fifth of the table finds the same copies.
ALL_UP_TO, SAMPLE = 64, 4
LONGEST_LABEL = 200  # characters of a story's label

#: Ends that make an item, or a further version of the item that the entry made before.
KEPT = frozenset({EntryState.STORED, EntryState.DUPLICATE, EntryState.REVISION})
#: Texts that say what the article says: what is stored behind a wall stands on the feed's text.
COMPARABLE = frozenset({Quality.FULL, Quality.FEED, Quality.WALL})

#: Items by how many of these signs they have. CROSS JOIN keeps SQLite from reading the whole table of signs first.
_SHARING = """SELECT item, count(*) AS shared FROM json_each(?) AS sign CROSS JOIN sketches ON hash = sign.value
    WHERE (SELECT count(*) FROM (SELECT 1 FROM sketches AS every WHERE every.hash = sign.value LIMIT ?)) <= ? GROUP BY item"""

_LIKELY = "SELECT id, source, story, sketch, exact_print FROM items WHERE id IN (SELECT value FROM json_each(?))"

NoticesFor = Callable[[Alert, Item], Sequence[NewNotice]]

_ALERT = "SELECT alerts.*, items.source, items.url, items.title FROM alerts JOIN items ON items.id = alerts.item WHERE alerts.id = ?"


def save_read(session: Session, read: Read, now: datetime, notices: NoticesFor) -> Item | None:
    """See ports.Store. A row that does not wait any more was read before: its item comes back, nothing is written."""
    entry = session.row("SELECT * FROM entries WHERE number = ?", read.waiting.number)
    if entry is None:
        raise StoreError(f"{session.path}: entry {read.waiting.number} is not in the ledger")
    if entry["state"] != EntryState.WAITING:
        return of_entry(session, entry["number"])
    decision = read.decision
    if decision.state is EntryState.WAITING:
        entries.put_off(session, entry["number"], decision.retry_at or now, decision.reason)
        return None
    number: int | None = entry["item"]
    made = number is None and decision.state in KEPT
    if decision.state in KEPT:
        fetch = _evidence(session, read, entry, now)
        if number is None:
            number = _add(session, read, entry, fetch, now)
        else:
            told = revisits.has_matched(session, number)
            if decision.replaces:
                revise(session, read, number, fetch, now)
            revisits.tell(session, number, told, read.changes, now)
        session.run("UPDATE entries SET item = ? WHERE number = ?", number, entry["number"])
        if read.page is not None and fetch is not None:
            session.update("fetches", fetch, {"item": number})
        if read.revisit is not None:
            revisits.save(session, number, read.revisit)
    entries.end(session, read.waiting, decision.state, decision.reason, now)
    item = None if number is None else by_id(session, number)
    if decision.alert and item is not None:
        _alert(session, read, item, now, notices)
    return item if made else None


def save_recheck(session: Session, recheck: Recheck, now: datetime, notices: NoticesFor) -> None:
    """See ports.Store."""
    told = revisits.has_matched(session, recheck.item)
    fetch = None if recheck.page is None else pages.keep(session, recheck.page, Purpose.ARTICLE, now)
    if fetch is not None:
        session.update("fetches", fetch, {"item": recheck.item})
    if recheck.reread is not None:
        revise(session, recheck.reread, recheck.item, fetch, now)
    session.run("UPDATE items SET gone = ? WHERE id = ?", utc_text(recheck.gone) if recheck.gone else None, recheck.item)
    revisits.tell(session, recheck.item, told, recheck.changes, now)
    revisits.save(session, recheck.item, recheck.revisit)
    item = by_id(session, recheck.item)
    if recheck.reread is not None and recheck.reread.decision.alert and item is not None:
        _alert(session, recheck.reread, item, now, notices)


def _add(session: Session, read: Read, entry: Row, fetch: int | None, now: datetime) -> int:
    decision = read.decision
    comparable = read.article.quality in COMPARABLE and read.prints.words > 0
    number: int = session.value("SELECT coalesce(max(id), 0) + 1 FROM items")
    session.insert(
        "items",
        _sealed(
            session,
            {
                "id": number,
                "versions": 1,
                "source": entry["source"],
                "entry_id": read.waiting.entry.id or entry["identity"],
                "url": read.waiting.entry.url or (read.page.final_url if read.page else None),
                "canonical_url": read.canonical_url,
                "first_seen": entry["first_seen"],
                "stored": utc_text(now),
                "state": EntryState.DUPLICATE if decision.duplicate_of else EntryState.STORED,
                "reason": decision.reason,
                "story": _story(session, read, entry["first_seen"]),
                "duplicate_of": decision.duplicate_of,
                "forwarded_from": read.waiting.entry.forwarded_from,
                **_as_read(read, comparable, fetch, now),
            },
        ),
    )
    if comparable and decision.duplicate_of is None:  # copies of a copy are found through the original
        _index(session, read.prints, number)
    return number


def revise(session: Session, read: Read | Reread, number: int, fetch: int | None, now: datetime) -> None:
    """The new text becomes the item's; the one it had is kept as a version."""
    before = session.rows("SELECT * FROM items WHERE id = ?", number)[0]
    session.insert("versions", rows.version_columns(before, now))
    comparable = read.article.quality in COMPARABLE and read.prints.words > 0
    now_said = {"versions": before["versions"] + 1, "reason": read.decision.reason, **_as_read(read, comparable, fetch, now)}
    session.update("items", number, _sealed(session, {**dict(before), **now_said}))
    old = _signs_json(rows.sketch(before["sketch"]))
    session.run("DELETE FROM sketches WHERE hash IN (SELECT value FROM json_each(?)) AND item = ?", old, number)
    if comparable and before["duplicate_of"] is None:
        _index(session, read.prints, number)


def stand_alone(session: Session, number: int) -> None:
    """A copy that turned out to be none has a story of its own."""
    row = session.rows("SELECT duplicate_of, title, first_seen FROM items WHERE id = ?", number)[0]
    if row["duplicate_of"] is not None:
        seen = row["first_seen"]
        story = session.insert("stories", {"label": row["title"][:LONGEST_LABEL], "first_seen": seen, "last_seen": seen})
        session.update("items", number, {"duplicate_of": None, "state": EntryState.STORED, "story": story})


def _as_read(read: Read | Reread, comparable: bool, fetch: int | None, now: datetime) -> rows.Columns:
    """What an item says now, and what that rests on."""
    return {
        "rules_version": read.rules_version,
        **rows.article_columns(read.article),
        **rows.judgement_columns(read.judgement),
        **rows.prints_columns(read.prints if comparable else Prints("", (), read.prints.words)),
        "body_print": body_print(read.article.text) if read.article.quality is Quality.FULL else None,
        "read": utc_text(now),
        "fetch": fetch,
        "listed": None,
    }


def _sealed(session: Session, columns: rows.Columns) -> rows.Columns:
    """An item's row with the digest that closes the text in it: whatever is changed afterwards is found."""
    row = {name: rows.bound(value) for name, value in columns.items()}
    fetch = session.value("SELECT digest FROM fetches WHERE id = ?", row["fetch"]) if row["fetch"] is not None else None
    return row | {"digest": rows.text_digest(row, row["versions"], row, fetch)}


def _index(session: Session, prints: Prints, item: int) -> None:
    signs = _signs_json(prints.sketch)
    session.run("INSERT INTO sketches (hash, item) SELECT value, ? FROM json_each(?)", item, signs)


@lru_cache(16)
def _signs_json(sketch: tuple[int, ...]) -> str:
    """The values by which a text is found: it is looked for first, and then indexed."""
    return rows.to_json([value for value in sketch if len(sketch) <= ALL_UP_TO or value % SAMPLE == 0])


def _story(session: Session, read: Read, seen: str) -> int:
    """The story that the article joins: the decision's, else its original's, else one of its own."""
    story = read.decision.story
    if story is None and read.decision.duplicate_of is not None:
        story = session.value("SELECT story FROM items WHERE id = ?", read.decision.duplicate_of)
    if story is None:
        label = (read.article.title or read.article.lead or read.article.text)[:LONGEST_LABEL]
        return session.insert("stories", {"label": label, "first_seen": seen, "last_seen": seen})
    session.run("UPDATE stories SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?) WHERE id = ?", seen, seen, story)
    return int(story)


def _evidence(session: Session, read: Read, entry: Row, now: datetime) -> int | None:
    """The fetch that the text was read from: of its page, else of the answer of its endpoint. None where none is kept."""
    if not read.keeps:
        return None
    answer: int | None = entry["answer"]
    return answer if read.page is None else pages.keep(session, read.page, Purpose.ARTICLE, now)


def _alert(session: Session, read: Read | Reread, item: Item, now: datetime, notices: NoticesFor) -> None:
    """An alert that notifies tells its story; a further one of a story that was told is kept as "grouped"."""
    notify = read.decision.notify
    columns = {"status": "new" if notify else "grouped", "lane": "live", "told": utc_text(now) if notify else None}
    number = session.insert("alerts", _alert_columns(item.id, read.judgement, now) | columns)
    if notify:
        alert = rows.alert(session.rows(_ALERT, number)[0])
        outbox.queue(session, notices(alert, item), now)


def _alert_columns(item: int, judgement: Judgement, now: datetime) -> rows.Columns:
    return {
        "item": item,
        "severity": judgement.severity,
        "rules": rows.to_json(list(dict.fromkeys(hit.rule for hit in judgement.hits))),
        "topics": rows.to_json(judgement.topics),
        "side": judgement.side,
        "created": utc_text(now),
    }


def judged_otherwise(session: Session, rules_version: str, after: int, limit: int) -> Sequence[Item]:
    found = session.rows("SELECT * FROM items WHERE id > ? AND rules_version != ? ORDER BY id LIMIT ?", after, rules_version, limit)
    return [rows.item(row) for row in found]


def save_rejudged(session: Session, rejudged: Sequence[Rejudged], rules_version: str, now: datetime) -> None:
    """See ports.Store."""
    for one in rejudged:
        changes = {"rules_version": rules_version}
        if one.judgement != one.item.judgement:
            changes |= rows.judgement_columns(one.judgement)
        names = ", ".join(f"{name} = ?" for name in changes)
        unread = session.run(
            f"UPDATE items SET {names} WHERE id = ? AND versions = ?",  # noqa: S608 (names are ours)
            *changes.values(),
            one.item.id,
            one.item.versions,
        )
        if not unread:
            continue
        if one.lost:
            session.run("UPDATE alerts SET lost = ? WHERE item = ? AND lost IS NULL", utc_text(now), one.item.id)
        elif one.found and not session.run("UPDATE alerts SET lost = NULL WHERE item = ?", one.item.id):
            session.insert("alerts", _alert_columns(one.item.id, one.judgement, now) | {"status": "new", "lane": "rematch"})


def by_id(session: Session, number: int) -> Item | None:
    row = session.row("SELECT * FROM items WHERE id = ?", number)
    return None if row is None else rows.item(row)


def by_url(session: Session, canonical_url: str) -> Item | None:
    """The original before its copies, the earliest first."""
    row = session.row("SELECT * FROM items WHERE canonical_url = ? ORDER BY duplicate_of IS NOT NULL, id LIMIT 1", canonical_url)
    return None if row is None else rows.item(row)


def of_entry(session: Session, number: int) -> Item | None:
    row = session.row("SELECT items.* FROM entries JOIN items ON items.id = entries.item WHERE entries.number = ?", number)
    return None if row is None else rows.item(row)


def likenesses(session: Session, prints: Prints, source: str, limit: int) -> Sequence[Likeness]:
    """Exact copies first, then by the larger share; among equals the outlet's own, then the older. Never copies, only their originals."""
    if not prints.words:
        return []
    exact = session.rows("SELECT id FROM items WHERE exact_print = ? AND duplicate_of IS NULL ORDER BY id LIMIT ?", prints.exact, limit)
    likely = [row["id"] for row in exact] + [number for number, _ in _sharing(session, prints).most_common(limit)]
    found: list[tuple[Likeness, bool]] = []
    for row in session.rows(_LIKELY, rows.to_json(likely)):
        same = row["exact_print"] == prints.exact
        contained, contains = (1.0, 1.0) if same else compare(prints.sketch, rows.sketch(row["sketch"]))
        found.append((Likeness(row["id"], contained, contains, same, row["story"]), row["source"] == source))
    found.sort(key=lambda pair: (not pair[0].exact, -max(pair[0].contained, pair[0].contains), not pair[1], pair[0].item))
    return [likeness for likeness, _ in found[:limit]]


def _sharing(session: Session, prints: Prints) -> Counter[int]:
    """How many signs each older item has in common with this text."""
    signs = _signs_json(prints.sketch)
    return Counter({row["item"]: row["shared"] for row in session.rows(_SHARING, signs, MOST_SHARING + 1, MOST_SHARING)})


def story_told(session: Session, story: int, since: datetime) -> bool:
    told = session.row(
        "SELECT 1 FROM alerts JOIN items ON items.id = alerts.item WHERE items.story = ? AND alerts.told >= ? LIMIT 1",
        story,
        utc_text(since),
    )
    return told is not None
