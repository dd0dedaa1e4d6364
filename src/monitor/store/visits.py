"""What do we know of each endpoint, and what did each look at it find?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from monitor.model import ANSWERED, Outcome, Visit, utc_text
from monitor.ports import Poll, Saved
from monitor.store import entries, rows
from monitor.store.session import Session


def all_visits(session: Session) -> Mapping[tuple[str, str], Visit]:
    return {(row["source"], row["url"]): rows.visit(row) for row in session.rows("SELECT * FROM visits")}


def save_poll(session: Session, poll: Poll) -> Saved:
    visit = poll.visit
    saved = entries.take(session, visit.source, visit.url, poll.entries, alerting=True, now=poll.at, answers=poll.answers)
    if saved.new and visit.outcome is Outcome.OK_NOTHING_NEW:
        poll = replace(poll, visit=replace(visit, outcome=Outcome.OK_NEW))
    save_visit(session, poll.visit)
    session.insert("polls", rows.poll_columns(poll, saved.new, saved.changed))
    return saved


def save_visit(session: Session, visit: Visit) -> None:
    session.put("visits", rows.visit_columns(visit), ("source", "url"))


def last_answer(session: Session) -> datetime | None:
    found = session.value(
        f"SELECT at FROM polls WHERE status IS NOT NULL OR outcome IN ({', '.join('?' * len(ANSWERED))}) ORDER BY at DESC LIMIT 1",  # noqa: S608
        *sorted(ANSWERED),
    )
    return None if found is None else rows.at(found)


def host_waits(session: Session, now: datetime) -> Mapping[str, datetime]:
    found = session.rows("SELECT host, until FROM host_waits WHERE until > ?", utc_text(now))
    return {row["host"]: rows.at(row["until"]) for row in found}


def save_host_wait(session: Session, host: str, until: datetime) -> None:
    session.put("host_waits", {"host": host, "until": utc_text(until)}, ("host",))
