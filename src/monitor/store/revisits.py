"""When is an article looked at again, which texts did it have, and what did each change?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model import Change, Item, Revisit, Version, utc_text
from monitor.store import rows
from monitor.store.session import Session

_DUE = "SELECT * FROM revisits WHERE due <= ? ORDER BY due, item LIMIT ?"
_HAS_MATCHED = "SELECT level != 'none' OR id IN (SELECT item FROM alerts) OR id IN (SELECT item FROM revisits) FROM items WHERE id = ?"


def due(session: Session, now: datetime, limit: int) -> Mapping[int, Revisit]:
    return {row["item"]: rows.revisit(row) for row in session.rows(_DUE, utc_text(now), limit)}


def of_item(session: Session, item: int) -> Revisit | None:
    row = session.row("SELECT * FROM revisits WHERE item = ?", item)
    return None if row is None else rows.revisit(row)


def save(session: Session, item: int, revisit: Revisit) -> None:
    session.put("revisits", rows.revisit_columns(revisit, item), ("item",))


def has_matched(session: Session, item: int) -> bool:
    """Whether the article matched when it was read, or ever before."""
    return bool(session.value(_HAS_MATCHED, item))


def tell(session: Session, item: int, told: bool, changes: Sequence[Change], now: datetime) -> None:
    """Keeps what a look found changed, beside the newest version."""
    if changes:
        version = session.value("SELECT versions FROM items WHERE id = ?", item)
        columns = {"item": item, "at": utc_text(now), "version": version, "told": told, "changes": rows.changes_json(changes)}
        session.insert("edits", columns)


def versions(session: Session, item: Item) -> Sequence[Version]:
    seen, found = item.first_seen, []
    for number, row in enumerate(session.rows("SELECT * FROM versions WHERE item = ? ORDER BY id", item.id), 1):
        found.append(rows.version(number, seen, row))
        seen = rows.at(row["replaced"])
    return [*found, Version(len(found) + 1, seen, item.article, item.judgement, item.rules_version, item.reason)]
