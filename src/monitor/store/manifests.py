"""What does each finished day's manifest say, and where does it stand? In the database, and as a file that can be given away."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from monitor.errors import StoreError
from monitor.model import Manifest, utc_text
from monitor.steps import manifests
from monitor.steps.manifests import FetchLine, RemovalLine, TextLine
from monitor.store import rows
from monitor.store.session import Session, flush_folder

FOLDER = "manifests"
MOST_CAUGHT_UP = 400  # days written at a time after an outage; the next turn goes on

#: Fetches that a text was read from, or that looked at an item again: the others are nobody's evidence and may still go.
_FETCHES = """SELECT id, kept, sha256, digest FROM fetches WHERE listed IS NULL AND kept < ? AND (item IS NOT NULL
    OR EXISTS (SELECT 1 FROM items WHERE fetch = fetches.id) OR EXISTS (SELECT 1 FROM versions WHERE fetch = fetches.id)) ORDER BY id"""
_TEXTS = """SELECT id AS item, versions AS version, read, fetch, digest FROM items WHERE listed IS NULL AND read < ?
    UNION ALL SELECT item, (SELECT count(*) FROM versions AS older WHERE older.item = versions.item AND older.id <= versions.id),
        read, fetch, digest FROM versions WHERE listed IS NULL AND read < ? ORDER BY 1, 2"""
_REMOVALS = "SELECT sha256, at, why FROM removals WHERE listed IS NULL AND at < ? ORDER BY id"
_FIRST = "SELECT min(at) FROM (SELECT min(read) AS at FROM items UNION ALL SELECT min(read) FROM versions)"


def due(session: Session, now: datetime) -> list[date]:
    """The finished days (in UTC) that have no manifest yet, the oldest first. Raises StoreError where the newest one's day was changed."""
    newest = session.value("SELECT max(day) FROM manifests")
    try:
        first = date.fromisoformat(newest) + timedelta(days=1) if newest else None
    except ValueError as error:
        raise StoreError(f"{session.path}: {newest!r} is no day of a manifest: `monitor verify` tells what else was changed") from error
    if first is None:
        begun = session.value(_FIRST)
        first = rows.at(begun).date() if begun else now.date()
    return [first + timedelta(days=n) for n in range(min((now.date() - first).days, MOST_CAUGHT_UP))]


def write(session: Session, day: date) -> None:
    """The manifest of a day, with everything up to its end that stands in none yet. The file first: what is in the database has one."""
    end = (day + timedelta(days=1)).isoformat()
    fetches = [FetchLine(row["id"], row["kept"], row["sha256"], row["digest"]) for row in session.rows(_FETCHES, end)]
    texts = [TextLine(row["item"], row["version"], row["read"], row["fetch"], row["digest"]) for row in session.rows(_TEXTS, end, end)]
    removals = [RemovalLine(row["sha256"], row["at"], row["why"]) for row in session.rows(_REMOVALS, end)]
    before = session.value("SELECT sha256 FROM manifests ORDER BY day DESC LIMIT 1")
    text = manifests.manifest(day, before, fetches, texts, removals)
    put_file(file_of(session, day), text.encode())
    session.insert("manifests", {"day": day.isoformat(), "text": text, "sha256": manifests.digest(text)})
    for line in fetches:
        session.run("UPDATE fetches SET listed = ? WHERE id = ?", day.isoformat(), line.fetch)
    for table, moment in (("items", "read"), ("versions", "read"), ("removals", "at")):
        session.run(f"UPDATE {table} SET listed = ? WHERE listed IS NULL AND {moment} < ?", day.isoformat(), end)  # noqa: S608 (names are ours)


def file_of(session: Session, day: date, ending: str = "jsonl") -> Path:
    return session.path.parent / FOLDER / f"{day.isoformat()}.{ending}"


def put_file(path: Path, content: bytes) -> None:
    """The file appears whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        flush_folder(path.parent)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}): give this user room and the right to write there") from error


def unstamped(session: Session) -> Manifest | None:
    """The newest manifest, where it has no timestamp yet: it stands for all before it."""
    row = session.row("SELECT * FROM manifests ORDER BY day DESC LIMIT 1")
    return None if row is None or row["timestamp"] is not None else Manifest(date.fromisoformat(row["day"]), row["sha256"])


def stamp(session: Session, day: date, timestamp: bytes, now: datetime) -> None:
    put_file(file_of(session, day, "tsr"), timestamp)
    session.run("UPDATE manifests SET timestamp = ?, stamped = ? WHERE day = ?", timestamp, utc_text(now), day.isoformat())
