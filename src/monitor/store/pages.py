"""What did a page say when we fetched it? Raw bytes by their SHA-256, and the evidence of each fetch.

Bodies are rows, not files: one transaction puts them beside the item they prove, one file is backed up and checked, and at 29 kB a
page (compressed, measured) SQLite reads them faster than a file system does (sqlite.org/fasterthanfs.html).
"""

from __future__ import annotations

import zlib
from hashlib import sha256

from monitor import __version__
from monitor.model import Page
from monitor.store import rows
from monitor.store.session import Session

LEVEL = 6  # of zlib: 5x smaller; higher costs time and wins little


def put_page(session: Session, page: Page, item: int | None = None) -> str:
    """The body (once, however often it is fetched) and this fetch of it. A page whose body was left out keeps its evidence alone."""
    digest = sha256(page.body).hexdigest()
    if page.body:
        packed = zlib.compress(page.body, LEVEL)
        session.run("INSERT OR IGNORE INTO pages (sha256, size, body) VALUES (?, ?, ?)", digest, len(page.body), packed)
    columns = rows.fetch_columns(page, digest, f"monitor {__version__}")
    fetch = session.row("SELECT id FROM fetches WHERE sha256 = ? AND url = ? AND fetched = ?", digest, columns["url"], columns["fetched"])
    if fetch is None:
        session.insert("fetches", columns | {"item": item})
    elif item is not None:
        session.update("fetches", fetch["id"], {"item": item})
    return digest


def page(session: Session, digest: str) -> Page | None:
    """None when the body was never kept, or its time is over."""
    newest = "SELECT fetches.*, body FROM pages JOIN fetches USING (sha256) WHERE sha256 = ? ORDER BY fetched DESC, id DESC LIMIT 1"
    row = session.row(newest, digest)
    return None if row is None else rows.page(row, zlib.decompress(row["body"]))


def attach(session: Session, digest: str, item: int) -> None:
    """The item that was read from a page which backfill had brought before."""
    session.run("UPDATE fetches SET item = ? WHERE sha256 = ? AND item IS NULL", item, digest)
