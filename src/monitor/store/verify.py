"""Was anything changed behind our back? Every stored page, fetch record, text and manifest against what seals it."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from sqlite3 import Row

from monitor.model import Damage, Verified
from monitor.steps import manifests, timestamps
from monitor.steps.manifests import FetchLine, Line, TextLine
from monitor.store import rows, upkeep
from monitor.store.manifests import FOLDER, file_of
from monitor.store.session import Session

AT_ONCE = 200  # rows read at a time
NOTHING = sha256(b"").hexdigest()

Tell = Callable[[int], None]  # how many things were looked at since it was told last


def things(session: Session) -> int:
    """How many things verify() looks at."""
    counts = [session.value(f"SELECT count(*) FROM {table}") for table in ("pages", "fetches", "items", "versions", "manifests")]  # noqa: S608
    return sum(counts)


def verify(session: Session, tell: Tell) -> Verified:
    """Looks at everything; damage is told, each with its place, never raised. Reads the whole database."""
    session.conn.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a changed byte may be no UTF-8 any more
    check = _Check(session, tell)
    with session.reading():
        damage = [
            *(Damage("database", str(session.path), found) for found in upkeep.check(session)),
            *check.pages(),
            *check.fetches(),
            *check.items(),
            *check.manifests(),
        ]
        newest = session.row("SELECT day, sha256 FROM manifests ORDER BY day DESC LIMIT 1")
    return Verified(tuple(damage), check.counts, dict(sorted(check.removed.items())), (newest["day"], newest["sha256"]) if newest else None)


class _Check:
    def __init__(self, session: Session, tell: Tell) -> None:
        self.session, self.tell = session, tell
        self.counts = dict.fromkeys(("pages", "fetches", "texts", "manifests"), 0)
        self.removed: Counter[str] = Counter()

    def _rows(self, table: str, key: str) -> Iterator[Row]:
        last = -1
        while found := self.session.rows(
            f"SELECT {key} AS place, * FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT ?",  # noqa: S608 (names are ours)
            last,
            AT_ONCE,
        ):
            yield from found
            last = found[-1]["place"]
            self.tell(len(found))

    # ── pages ──

    def pages(self) -> Iterator[Damage]:
        for row in self._rows("pages", "rowid"):
            self.counts["pages"] += 1
            if problem := _page_problem(row):
                yield Damage("page", self._named(row["sha256"]), problem)

    def _named(self, body_sha256: str) -> str:
        row = self.session.row("SELECT id, item, url, fetched FROM fetches WHERE sha256 = ? ORDER BY id LIMIT 1", body_sha256)
        if row is None:
            return f"{body_sha256} (no fetch names it)"
        return f"{body_sha256} ({row['url']}, fetched {row['fetched']}, fetch {row['id']}{_of_item(row['item'])})"

    # ── fetches ──

    def fetches(self) -> Iterator[Damage]:
        for row in self._rows("fetches", "id"):
            self.counts["fetches"] += 1
            where = f"{row['id']} ({row['url']}, {row['fetched']}{_of_item(row['item'])})"
            if rows.fetch_digest(row) != row["digest"]:
                yield Damage("fetch", where, "its record was changed")
            elif row["sha256"] != NOTHING and not self.session.row("SELECT 1 FROM pages WHERE sha256 = ?", row["sha256"]):
                if at := self.session.value("SELECT max(at) FROM removals WHERE sha256 = ?", row["sha256"]):
                    self.removed[at[: len("2026-11-25")]] += 1
                else:
                    yield Damage(
                        "fetch", where, f"the bytes that it brought ({row['sha256']}) are missing, and were not removed by retention"
                    )

    # ── texts ──

    def items(self) -> Iterator[Damage]:
        for item in self._rows("items", "id"):
            older = self.session.rows("SELECT * FROM versions WHERE item = ? ORDER BY id", item["id"])
            self.tell(len(older))
            for number, text in enumerate((*older, item), start=1):
                self.counts["texts"] += 1
                fetch = self.session.value("SELECT digest FROM fetches WHERE id = ?", text["fetch"])
                try:
                    sound = rows.text_digest(item, number, text, fetch) == text["digest"]
                except (ValueError, TypeError, KeyError):
                    sound = False
                if not sound:
                    yield Damage("text", f"{item['id']}.{number} ({item['url']})", "this version of the item's text was changed")

    # ── manifests ──

    def manifests(self) -> Iterator[Damage]:
        before: Row | None = None
        listed = {
            table: dict(map(tuple, self.session.rows(f"SELECT listed, count(*) FROM {table} WHERE listed IS NOT NULL GROUP BY listed")))  # noqa: S608
            for table in ("fetches", "items", "versions", "removals")
        }
        for row in self.session.rows("SELECT * FROM manifests ORDER BY day"):
            self.counts["manifests"] += 1
            yield from (Damage("manifest", row["day"], found) for found in self._manifest_problems(row, before, listed))
            before = row
            self.tell(1)
        known = {row["day"] for row in self.session.rows("SELECT day FROM manifests")}
        claimed = {day for days in listed.values() for day in days}
        yield from (Damage("manifest", day, "is missing from the database") for day in sorted(claimed - known))
        for path in sorted((self.session.path.parent / FOLDER).glob("*.jsonl")):
            if path.stem not in known:
                yield Damage("manifest", path.name, "a file of which the database knows nothing")

    def _manifest_problems(self, row: Row, before: Row | None, listed: dict[str, dict[str, int]]) -> Iterator[str]:
        day = row["day"]
        if manifests.digest(row["text"]) != row["sha256"]:
            yield "its text in the database was changed"
            return
        try:
            said_before, lines = manifests.before(row["text"]), list(manifests.lines(row["text"]))
            eve = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        except (ValueError, KeyError) as error:
            yield f"cannot be read: {error}"
            return
        if said_before != (before["sha256"] if before else None):
            yield f"does not follow on the manifest before it ({before['day'] if before else 'there is none'}): one of the two was replaced"
        if before and before["day"] != eve:
            yield f"the manifests between {before['day']} and {day} are missing"
        yield from self._file_problems(row)
        yield from filter(None, map(self._line_problem, lines))
        if len(lines) != sum(days.get(day, 0) for days in listed.values()):
            yield f"lists {len(lines)} things, but {sum(days.get(day, 0) for days in listed.values())} say that it lists them"

    def _file_problems(self, row: Row) -> Iterator[str]:
        day = date.fromisoformat(row["day"])
        for ending, kept in (("jsonl", row["text"].encode()), ("tsr", row["timestamp"])):
            path = file_of(self.session, day, ending)
            if kept is not None:
                if not path.exists():
                    yield f"its file {path.name} is missing; the database has its content"
                elif path.read_bytes() != kept:
                    yield f"its file {path.name} was changed"
        if row["timestamp"] is not None and (found := timestamps.problem(row["timestamp"], row["sha256"])):
            yield f"its timestamp: {found}"

    def _line_problem(self, line: Line) -> str:
        if isinstance(line, FetchLine):
            row = self.session.row("SELECT digest FROM fetches WHERE id = ?", line.fetch)
            what, digest = f"fetch {line.fetch}", line.record
        elif isinstance(line, TextLine):
            what, digest = f"version {line.version} of item {line.item}", line.text
            row = self.session.row("SELECT digest FROM items WHERE id = ? AND versions = ?", line.item, line.version)
            older = "SELECT digest FROM versions WHERE item = ? ORDER BY id LIMIT 1 OFFSET ?"
            row = row or self.session.row(older, line.item, line.version - 1)
        else:
            row = self.session.row("SELECT sha256 AS digest FROM removals WHERE sha256 = ? AND at = ?", line.removed, line.at)
            what, digest = f"the removal of {line.removed}", line.removed
        if row is None:
            return f"lists {what}, which is not in the database any more"
        return "" if row["digest"] == digest else f"lists {what} with another digest: it was replaced since"


def _page_problem(row: Row) -> str:
    if sha256(row["body"]).hexdigest() != row["packed_sha256"]:
        return "its stored bytes were changed"
    try:
        body = zlib.decompressobj().decompress(row["body"], row["size"] + 1)
    except zlib.error:
        return "its stored bytes cannot be opened"
    if len(body) != row["size"]:
        return f"it has not the {row['size']:,} bytes that are told of it"
    return "" if sha256(body).hexdigest() == row["sha256"] else "its bytes are not those that were fetched"


def _of_item(item: int | None) -> str:
    return "" if item is None else f", item {item}"
