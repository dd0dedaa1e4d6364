"""What did curators say, and what were they asked to judge?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.model import Drawn, Item, Stratum, Verdict, utc_text
from monitor.store import revisits, rows
from monitor.store.session import Session

_NEWEST = "SELECT * FROM verdicts WHERE id IN (SELECT max(id) FROM verdicts GROUP BY item) ORDER BY item"
_STRATA = """SELECT id, CASE WHEN level != 'none' THEN 'matched'
    WHEN score > 0 OR vetoes != '[]' THEN 'near' ELSE 'unmatched' END AS stratum
    FROM items WHERE first_seen >= ? AND first_seen < ? AND state = 'stored' AND quality IN ('full', 'feed') ORDER BY id"""


def save(session: Session, verdict: Verdict) -> None:
    session.insert("verdicts", rows.verdict_columns(verdict))


def of_item(session: Session, item: int) -> Sequence[Verdict]:
    return [rows.verdict(row) for row in session.rows("SELECT * FROM verdicts WHERE item = ? ORDER BY id", item)]


def judged(session: Session) -> Iterator[tuple[Verdict, Item]]:
    for row in session.rows(_NEWEST):
        verdict, item = rows.verdict(row), rows.item(session.rows("SELECT * FROM items WHERE id = ?", row["item"])[0])
        if verdict.version < item.versions:
            item = replace(item, article=revisits.versions(session, item)[verdict.version - 1].article)
        yield verdict, item


def strata(session: Session, since: datetime, until: datetime) -> Mapping[Stratum, Sequence[int]]:
    found: dict[Stratum, list[int]] = {stratum: [] for stratum in Stratum}
    for row in session.rows(_STRATA, utc_text(since), utc_text(until)):
        found[Stratum(row["stratum"])].append(row["id"])
    return found


def save_draw(session: Session, drawn: Sequence[Drawn]) -> None:
    for week in {one.week for one in drawn}:
        if not session.row("SELECT 1 FROM draws WHERE week = ?", week):
            for one in drawn:
                if one.week == week:
                    session.run("INSERT INTO draws VALUES (?, ?, ?, ?)", one.week, one.item, one.stratum, one.population)


def drawn(session: Session) -> Sequence[Drawn]:
    return [rows.drawn(row) for row in session.rows("SELECT * FROM draws ORDER BY week, item")]
