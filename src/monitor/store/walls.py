"""Which texts are walls, and which items took one for their article?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model import EntryState, Item, Waiting, utc_text
from monitor.ports import Reread
from monitor.steps.urls import host as host_of
from monitor.store import entries, items, rows
from monitor.store.session import Session

_SAME = """SELECT items.id AS item, number FROM items JOIN entries ON entries.item = items.id
    WHERE body_print = ? AND items.url IS NOT NULL GROUP BY items.id ORDER BY items.id LIMIT ?"""


def same_body(session: Session, body_print: str, host: str, limit: int) -> Sequence[tuple[Item, Waiting]]:
    found = []
    for row in session.rows(_SAME, body_print, limit):
        item = items.by_id(session, row["item"])
        if item and host_of(item.url or "") == host:
            found.append((item, rows.waiting(session.rows("SELECT * FROM entries WHERE number = ?", row["number"])[0])))
    return found


def known(session: Session, host: str, body_print: str) -> bool:
    return session.row("SELECT 1 FROM walls WHERE host = ? AND body_print = ?", host, body_print) is not None


def save(session: Session, host: str, body_print: str, put_right: Mapping[int, Reread], again: datetime, now: datetime) -> None:
    """See ports.Store."""
    session.run("INSERT OR IGNORE INTO walls VALUES (?, ?, ?)", host, body_print, utc_text(now))
    for number, reread in put_right.items():
        items.stand_alone(session, number)
        of_item = session.rows("SELECT number, answer, state FROM entries WHERE item = ?", number)
        answer = next((row["answer"] for row in of_item if row["answer"] is not None), None)
        items.revise(session, reread, number, answer, now)
        for row in of_item:
            if row["state"] != EntryState.WAITING:
                entries.turn(session, row["number"], EntryState.WAITING, reread.decision.reason, now, utc_text(again))
