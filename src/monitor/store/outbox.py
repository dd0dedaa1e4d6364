"""Who is still to be told? Notices are queued in the transaction of what they tell, and leave the outbox when they were sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Delivered, Delivery, Notice, Trouble, Visit, utc_text
from monitor.ports import NewNotice
from monitor.store import rows, visits
from monitor.store.session import Session


def queue(session: Session, notices: Sequence[NewNotice], now: datetime) -> int:
    new = [n for n in {notice.key: notice for notice in notices}.values() if not _queued(session, n.key)]
    for notice in new:
        session.insert("outbox", rows.notice_columns(notice, now))
    return len(new)


def _queued(session: Session, key: str) -> bool:
    return session.row("SELECT 1 FROM outbox WHERE key = ?", key) is not None


def troubles(session: Session) -> Sequence[Trouble]:
    return [rows.trouble(row) for row in session.rows("SELECT * FROM troubles ORDER BY source, url, kind")]


def tell_troubles(
    session: Session, holding: Sequence[Trouble], forgiven: Sequence[Visit], notices: Sequence[NewNotice], now: datetime
) -> None:
    session.run("DELETE FROM troubles")
    for trouble in holding:
        session.insert("troubles", rows.trouble_columns(trouble))
    for visit in forgiven:
        visits.save_visit(session, visit)
    queue(session, notices, now)


def due(session: Session, now: datetime, limit: int) -> Sequence[Notice]:
    found = session.rows(
        "SELECT * FROM outbox WHERE state = 'due' AND next_try <= ? ORDER BY next_try, number LIMIT ?", utc_text(now), limit
    )
    return [rows.notice(row) for row in found]


def due_alerts(session: Session, channel: str, now: datetime) -> Sequence[Notice]:
    found = session.rows(
        "SELECT * FROM outbox WHERE state = 'due' AND next_try <= ? AND channel = ? AND key GLOB 'alert:*' ORDER BY number",
        utc_text(now),
        channel,
    )
    return [rows.notice(row) for row in found]


def alerts_sent(session: Session, channel: str, recipient: str, since: datetime) -> Sequence[datetime]:
    found = session.rows(
        """SELECT ended FROM outbox WHERE key GLOB 'alert*' AND state = 'sent' AND channel = ? AND recipient = ? AND ended >= ?
        ORDER BY ended""",
        channel,
        recipient,
        utc_text(since),
    )
    return [rows.at(row["ended"]) for row in found]


def hold(session: Session, notices: Sequence[Notice], until: datetime) -> None:
    for notice in notices:
        session.run("UPDATE outbox SET next_try = ? WHERE number = ? AND state = 'due'", utc_text(until), notice.number)


def bundle(session: Session, notices: Sequence[Notice], into: NewNotice, now: datetime) -> None:
    queue(session, [into], now)
    for notice in notices:
        session.run(
            "UPDATE outbox SET state = 'bundled', why = ?, next_try = NULL, ended = ? WHERE number = ? AND state = 'due'",
            f"told together with others, in {into.key}",
            utc_text(now),
            notice.number,
        )


def unsent(session: Session, now: datetime) -> tuple[datetime | None, int]:
    oldest = session.value("SELECT min(created) FROM outbox WHERE state = 'due' AND created <= ?", utc_text(now))
    dead: int = session.value("SELECT count(*) FROM outbox WHERE state = 'dead'")
    return (None if oldest is None else rows.at(oldest)), dead


def delivered(session: Session, notice: Notice, how: Delivered, now: datetime, next_try: datetime | None) -> None:
    """Only a notice that is still due changes: what was sent stays sent."""
    state = "sent" if how.result is Delivery.SENT else "dead" if next_try is None else "due"
    due_again = state == "due" and next_try is not None
    session.run(
        "UPDATE outbox SET state = ?, attempts = attempts + 1, why = ?, next_try = ?, ended = ? WHERE number = ? AND state = 'due'",
        state,
        how.why,
        utc_text(next_try) if due_again and next_try else None,
        None if due_again else utc_text(now),
        notice.number,
    )
