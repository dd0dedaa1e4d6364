"""What did a page say when we fetched it? Raw bytes by their SHA-256, and the record of each fetch.

Bodies are rows, not files: one transaction puts them beside the item they prove, one file is backed up and checked, and at 29 kB a
page (compressed, measured) SQLite reads them faster than a file system does (sqlite.org/fasterthanfs.html).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from sqlite3 import Row

from monitor import __version__
from monitor.errors import StoreError
from monitor.model import Evidence, Kept, Page, Purpose, utc_text
from monitor.store import rows
from monitor.store.session import Session

LEVEL = 4  # of zlib: 5x smaller; 6 takes twice as long for a twentieth less
UNCLAIMED_FOR = timedelta(days=1)  # what no text stands on yet is kept at least so long

#: Fetches that are evidence of nothing: no text was read from them, no item looked at them, no entry that waits came with them.
_UNCLAIMED = """FROM fetches WHERE listed IS NULL AND item IS NULL AND kept < ?
    AND NOT EXISTS (SELECT 1 FROM items WHERE fetch = fetches.id) AND NOT EXISTS (SELECT 1 FROM versions WHERE fetch = fetches.id)
    AND id NOT IN (SELECT answer FROM entries WHERE state = 'waiting' AND answer IS NOT NULL)
    AND sha256 NOT IN (SELECT raw FROM entries WHERE state = 'waiting' AND raw IS NOT NULL)"""


_OF_ITEM = """SELECT fetches.*, pages.size, (SELECT max(at) FROM removals WHERE removals.sha256 = fetches.sha256) AS removed
    FROM fetches LEFT JOIN pages USING (sha256)
    WHERE item = ? OR id IN (SELECT fetch FROM items WHERE id = ?) OR id IN (SELECT fetch FROM versions WHERE item = ?)
    ORDER BY fetched, id"""


def keep(session: Session, page: Page, purpose: Purpose, now: datetime) -> int:
    """The body (once, however often it is fetched) and this fetch of it; the fetch's number. An empty body leaves the record alone."""
    digest = sha256(page.body).hexdigest()
    if page.body and session.row("SELECT 1 FROM pages WHERE sha256 = ?", digest) is None:
        packed = zlib.compress(page.body, LEVEL)
        columns = {"sha256": digest, "size": len(page.body), "body": packed, "packed_sha256": sha256(packed).hexdigest()}
        session.insert("pages", columns)
    known = "SELECT id FROM fetches WHERE sha256 = ? AND url = ? AND fetched = ?"
    number: int | None = session.value(known, digest, page.url, utc_text(page.fetched))
    return session.insert("fetches", rows.fetch_columns(page, digest, _reader(), purpose, now)) if number is None else number


@cache
def _reader() -> str:
    """Which programs read what is kept now."""
    from importlib.metadata import version

    return f"monitor {__version__}, trafilatura {version('trafilatura')}"


def page(session: Session, digest: str) -> Page | None:
    """None when the body was never kept, or its time is over."""
    newest = "SELECT fetches.*, body FROM pages JOIN fetches USING (sha256) WHERE sha256 = ? ORDER BY fetched DESC, id DESC LIMIT 1"
    row = session.row(newest, digest)
    return None if row is None else rows.page(row, _opened(session, row))


def of_item(session: Session, item: int) -> Sequence[Evidence]:
    """See ports.Store.evidence. Versions are numbered as revisits.versions does it."""
    read = [row["fetch"] for row in session.rows("SELECT fetch FROM versions WHERE item = ? ORDER BY id", item)]
    read.append(session.value("SELECT fetch FROM items WHERE id = ?", item))
    return [
        rows.evidence(row, tuple(number for number, fetch in enumerate(read, 1) if fetch == row["id"]))
        for row in session.rows(_OF_ITEM, item, item, item)
    ]


def _opened(session: Session, row: Row) -> bytes:
    try:
        return zlib.decompress(row["body"])
    except zlib.error as error:
        raise StoreError(f"{session.path}: the page {row['url']} is damaged: `monitor verify` tells what else is") from error


def kept(session: Session) -> Iterator[Kept]:
    """Every fetch whose body is still there, the first one first."""
    last = 0
    while row := session.row("SELECT fetches.*, body FROM fetches JOIN pages USING (sha256) WHERE id > ? ORDER BY id LIMIT 1", last):
        last = row["id"]
        yield rows.kept(row, _opened(session, row))


def prune(session: Session, before: datetime, now: datetime) -> int:
    """See ports.Store.prune_pages."""
    session.run(f"UPDATE entries SET answer = NULL WHERE answer IN (SELECT id {_UNCLAIMED})", utc_text(now - UNCLAIMED_FOR))  # noqa: S608
    session.run(f"DELETE {_UNCLAIMED}", utc_text(now - UNCLAIMED_FOR))
    gone = session.run("DELETE FROM pages WHERE sha256 NOT IN (SELECT sha256 FROM fetches)")
    over = """sha256 NOT IN (SELECT sha256 FROM fetches WHERE kept >= ?)
        AND sha256 NOT IN (SELECT raw FROM entries WHERE state = 'waiting' AND raw IS NOT NULL)"""
    why = "its time was over"
    session.run(f"INSERT INTO removals (sha256, at, why) SELECT sha256, ?, ? FROM pages WHERE {over}", utc_text(now), why, utc_text(before))  # noqa: S608
    return gone + session.run(f"DELETE FROM pages WHERE {over}", utc_text(before))  # noqa: S608
