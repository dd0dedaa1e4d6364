"""Which articles is a web archive asked to save, and did it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Saving, utc_text
from monitor.store.session import Session

#: Matched articles that were read from their page since then, and that nobody asked for yet.
_WANTED = """INSERT OR IGNORE INTO saves (url, item, next_try) SELECT url, min(items.id), ? FROM items
    WHERE level != 'none' AND quality = 'full' AND read >= ? AND url IS NOT NULL AND state = 'stored' GROUP BY url"""


def due(session: Session, since: datetime, now: datetime, limit: int) -> Sequence[Saving]:
    session.run(_WANTED, utc_text(now), utc_text(since))
    found = session.rows("SELECT * FROM saves WHERE next_try <= ? ORDER BY next_try, url LIMIT ?", utc_text(now), limit)
    return [Saving(row["url"], row["item"], row["attempts"]) for row in found]


def done(session: Session, saving: Saving, saved_as: str | None, why: str, now: datetime, next_try: datetime | None) -> None:
    session.run(
        "UPDATE saves SET attempts = ?, next_try = ?, saved = ?, saved_as = ?, why = ? WHERE url = ?",
        saving.attempts + 1,
        utc_text(next_try) if next_try else None,
        utc_text(now) if saved_as else None,
        saved_as,
        why,
        saving.url,
    )
