"""Is the database sound, where is its copy, and what is old enough to go?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from monitor.errors import UsageError
from monitor.model import utc_text
from monitor.store.session import Session, copy_to

MOST_TOLD = 5  # problems of one kind

#: What must hold between tables -> a query that finds where it does not.
LAWS = {
    "an entry that ended has no item": "SELECT number FROM entries WHERE state IN ('stored', 'duplicate', 'revision') AND item IS NULL",
    "an entry's state is not its last one": (
        "SELECT number FROM entries WHERE state != "
        "coalesce((SELECT state FROM states WHERE entry = number ORDER BY id DESC LIMIT 1), 'waiting')"
    ),
    "a waiting entry is never due": "SELECT number FROM entries WHERE state = 'waiting' AND next_try IS NULL",
    "an entry has no identity": "SELECT number FROM entries WHERE number NOT IN (SELECT entry FROM identities)",
    "an item has no entry": "SELECT id FROM items WHERE id NOT IN (SELECT item FROM entries WHERE item IS NOT NULL)",
    "an item has lost versions": "SELECT id FROM items WHERE versions != 1 + (SELECT count(*) FROM versions WHERE item = items.id)",
}


def backup(session: Session, to: Path) -> None:
    """A consistent, checked copy, made beside whatever else is going on. Raises UsageError when `to` exists."""
    if to.exists():
        raise UsageError(f"{to} exists already: a backup never replaces a file")
    copy_to(session, to)


def check(session: Session) -> list[str]:
    """What is wrong, in words; empty when all is well. Reads the whole file."""
    problems = [f"the file is damaged: {row[0]}" for row in session.rows(f"PRAGMA quick_check({MOST_TOLD})") if row[0] != "ok"]
    if problems:
        return problems
    for table, count in session.rows('SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1'):
        problems.append(f"{count} rows of {table} point at nothing")
    for law, query in LAWS.items():
        problems.extend(f"{law}: {row[0]}" for row in session.rows(f"{query} LIMIT {MOST_TOLD}"))
    return problems


def prune(session: Session, before: datetime) -> None:
    """Forgets looks; a coverage of the time before then can no longer be told."""
    session.run("DELETE FROM polls WHERE at < ?", utc_text(before))
