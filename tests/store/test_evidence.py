"""Is what was read proven, and is every change behind our back found and named?"""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import Verified
from monitor.ports import Poll
from monitor.steps import manifests
from monitor.store.items import _sealed
from monitor.store.sqlite import SqliteStore, open_store
from tests.store.acts import DESERTED, FEED, NOW, article, as_read, entry, item, later, nobody, page, poll, visit

TOMORROW = later(days=1)


def filled(data: Path) -> Path:
    """A database of two days: an article with two versions, a post that stands on its channel's page, a removed body; manifests."""
    with open_store(data, write=True) as store:
        item(store, 1, page=page("<html>Солдат бежал</html>".encode() * 40), judgement=DESERTED)
        poll(store, entry(1, title="Заголовок номер 1, исправлен"), at=later(hours=1))
        (waiting,) = store.waiting(later(hours=1), 10)
        store.save_read(as_read(waiting, article=article("Солдаты бежали."), page=page(b"<p>second</p>")), later(hours=1), nobody)
        channel = page(b"<html>a channel's page</html>", url=FEED)
        store.save_poll(Poll(visit(), NOW, 0.5, 1000, (entry(2),), (channel,)))
        (waiting,) = store.waiting(NOW, 10)
        store.save_read(as_read(waiting), NOW, nobody)
        item(store, 3, source="other", page=page(b"<html>old</html>", url="https://other.test/news/3", fetched=later(hours=-1)))
        with store._session.writing():
            store._session.run("DELETE FROM pages WHERE size = 16")
            store._session.run(
                "INSERT INTO removals (sha256, at, why) SELECT sha256, '2026-11-25T10:00:00Z', 'over' FROM fetches WHERE id = 4"
            )
        assert store.write_manifests(later(days=2)) == [date(2026, 11, 25), date(2026, 11, 26)]
        store._session.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return data / "monitor.db"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return filled(tmp_path)


def verified(data: Path) -> Verified:
    with open_store(data, write=False) as store:
        return store.verify()


def found(data: Path) -> list[str]:
    return [f"{one.what} {one.where}: {one.found}" for one in verified(data).damage]


def run(database: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as conn, conn:
        assert conn.execute(sql, values).rowcount > 0, "nothing was tampered with"


def test_E10_what_nobody_touched_is_as_it_was_stored(database: Path) -> None:
    result = verified(database.parent)
    assert result.damage == ()
    assert result.counts == {"pages": 3, "fetches": 4, "texts": 4, "manifests": 2}
    assert result.newest is not None and result.newest[0] == "2026-11-26"


def test_E10_a_body_that_retention_took_is_told_as_removed_and_not_as_damage(database: Path) -> None:
    assert verified(database.parent).removed == {"2026-11-25": 1}
    run(database, "DELETE FROM removals")
    assert any("missing, and were not removed by retention" in line and "other.test/news/3" in line for line in found(database.parent))


def test_E10_any_byte_of_a_stored_page_that_is_changed_is_found_and_its_page_named(database: Path) -> None:
    with closing(sqlite3.connect(database)) as conn:
        bodies = conn.execute("SELECT sha256, body FROM pages").fetchall()
    for sha256, body in bodies:
        for place in range(len(body)):
            changed = bytes([*body[:place], body[place] ^ 1 << random.Random(place).randrange(8), *body[place + 1 :]])
            run(database, "UPDATE pages SET body = ? WHERE sha256 = ?", changed, sha256)
            (line,) = found(database.parent)
            assert line.startswith(f"page {sha256} (https://outlet.test/"), (place, line)
        run(database, "UPDATE pages SET body = ? WHERE sha256 = ?", body, sha256)
    assert found(database.parent) == []


FETCHES = [
    "purpose",
    "sha256",
    "url",
    "final_url",
    "status",
    "headers",
    "fetched",
    "seconds",
    "wire_bytes",
    "address",
    "certain_end",
    "reader",
    "kept",
    "digest",
]
ITEMS = [
    "title",
    "lead",
    "text",
    "authors",
    "published",
    "lang",
    "quality",
    "page_url",
    "notes",
    "read",
    "digest",
    "url",
    "entry_id",
    "source",
]


@pytest.mark.parametrize(("table", "column"), [*(("fetches", name) for name in FETCHES), *(("items", name) for name in ITEMS)])
def test_E10_a_record_or_text_that_is_changed_is_found_whichever_column_it_was(database: Path, table: str, column: str) -> None:
    change = f"{column} + 1" if column in ("status", "seconds", "wire_bytes", "certain_end") else f"coalesce({column}, '') || ' '"
    run(database, f"UPDATE {table} SET {column} = {change} WHERE id = 1")
    lines = found(database.parent)
    assert any(line.startswith("fetch 1 " if table == "fetches" else "text 1.2 ") for line in lines), lines


@pytest.mark.parametrize(
    "change", ["replace(article, 'бежал', 'бежaл')", "article || ' '", "replace(article, '\"lang\"', '\"lаng\"')", "'{}'"]
)
def test_E10_an_earlier_version_that_is_changed_is_found(database: Path, change: str) -> None:
    run(database, f"UPDATE versions SET article = {change}")
    assert [line.partition(" (")[0] for line in found(database.parent)] == ["text 1.1"]


def test_E10_a_text_replaced_with_its_seal_is_found_by_the_manifest(database: Path) -> None:
    with open_store(database.parent, write=True) as store, store._session.writing():
        row = dict(store._session.rows("SELECT * FROM items WHERE id = 1")[0]) | {"text": "Nobody fled."}
        store._session.update("items", 1, _sealed(store._session, row))
    (line,) = found(database.parent)
    assert line.startswith("manifest 2026-11-25: lists version 2 of item 1 with another digest")


def test_E10_a_record_that_is_taken_away_is_missed_by_the_manifest(database: Path) -> None:
    run(database, "UPDATE items SET fetch = NULL")
    run(database, "UPDATE versions SET fetch = NULL")
    run(database, "DELETE FROM fetches WHERE id = 1")
    assert any("lists fetch 1, which is not in the database any more" in line for line in found(database.parent))


def test_E10_any_byte_of_a_manifest_that_is_changed_is_found(database: Path) -> None:
    file = database.parent / "manifests" / "2026-11-25.jsonl"
    whole = file.read_bytes()
    for place in range(0, len(whole), 29):
        file.write_bytes(bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]]))
        assert found(database.parent) == ["manifest 2026-11-25: its file 2026-11-25.jsonl was changed"]
    file.write_bytes(whole)
    text = whole.decode()
    for place in range(0, len(text), 29):
        run(database, "UPDATE manifests SET text = ? WHERE day = '2026-11-25'", text[:place] + "~" + text[place + 1 :])
        assert found(database.parent) == ["manifest 2026-11-25: its text in the database was changed"]


def test_E10_a_manifest_whose_day_was_changed_is_told(database: Path) -> None:
    run(database, "UPDATE manifests SET day = '2026-11-2x' WHERE day = '2026-11-25'")
    lines = found(database.parent)
    assert "manifest 2026-11-2x: cannot be read: Invalid isoformat string: '2026-11-2x'" in lines
    assert any(line.startswith("manifest 2026-11-26: does not follow") or "2026-11-26: the manifests between" in line for line in lines)
    with open_store(database.parent, write=True) as store, pytest.raises(StoreError, match="monitor verify"):
        store.write_manifests(datetime(2026, 12, 1, tzinfo=UTC))


def test_E10_a_manifest_replaced_whole_breaks_the_chain(database: Path) -> None:
    text = manifests.manifest(date(2026, 11, 25), None, [], [], [])
    run(database, "UPDATE manifests SET text = ?, sha256 = ? WHERE day = '2026-11-25'", text, manifests.digest(text))
    (database.parent / "manifests" / "2026-11-25.jsonl").write_text(text)
    lines = found(database.parent)
    assert any(line.startswith("manifest 2026-11-26: does not follow on the manifest before it (2026-11-25)") for line in lines)


def test_E10_a_manifest_or_its_file_that_is_gone_is_missed(database: Path) -> None:
    (database.parent / "manifests" / "2026-11-26.jsonl").unlink()
    assert found(database.parent) == ["manifest 2026-11-26: its file 2026-11-26.jsonl is missing; the database has its content"]
    run(database, "DELETE FROM manifests WHERE day = '2026-11-25'")
    assert any(line.startswith("manifest 2026-11-25: is missing from the database") for line in found(database.parent))


def test_E10_a_byte_of_the_file_that_is_no_text_any_more_is_found_too(database: Path) -> None:
    whole = database.read_bytes()
    sentence = "Солдаты бежали.".encode()
    places = [place for place in range(len(whole)) if whole.startswith(sentence, place)]
    assert places
    for place in places:
        database.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        lines = found(database.parent)
        assert lines, place


def test_a_manifest_lists_each_thing_once_with_the_day_before_it_and_names_nothing(database: Path) -> None:
    files = sorted((database.parent / "manifests").iterdir())
    assert [file.name for file in files] == ["2026-11-25.jsonl", "2026-11-26.jsonl"]
    first, second = (file.read_text() for file in files)
    kinds = [type(line).__name__ for line in manifests.lines(first)]
    assert kinds == ["FetchLine"] * 4 + ["TextLine"] * 4 + ["RemovalLine"]
    assert manifests.before(first) is None
    assert manifests.before(second) == manifests.digest(first)
    assert list(manifests.lines(second)) == []
    assert "outlet" not in first and "Солдат" not in first


def test_a_day_has_its_manifest_once_and_what_comes_late_stands_in_the_next(database: Path) -> None:
    with open_store(database.parent, write=True) as store:
        assert store.write_manifests(later(days=2)) == []
        made = item(store, 9, source="late", at=NOW, page=page(b"late", url="https://late.test/news/9"))
        assert store.write_manifests(later(days=3)) == [date(2026, 11, 27)]
    lines = (database.parent / "manifests" / "2026-11-27.jsonl").read_text().splitlines()
    assert [json.loads(line).get("item") for line in lines[1:]] == [None, made.id]
    assert found(database.parent) == []


def test_an_empty_database_has_nothing_to_prove(store: SqliteStore) -> None:
    assert store.write_manifests(TOMORROW) == []
    assert store.verify().damage == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "no json", '{"manifest": "2026-11-25", "before": 3}', '{"manifest": "2026-11-25"}\n{"item": 3}']
)
def test_what_is_no_manifest_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        assert [manifests.before(text), *manifests.lines(text)] == []
