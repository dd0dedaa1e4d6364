"""How is the database opened, and what is told when it cannot be?"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import pytest

from monitor.errors import NewerSchemaError, StoreError, UsageError
from monitor.store import migrations
from monitor.store.sqlite import SqliteStore, open_store, open_store_beside
from tests.store.acts import NOW, entry, later, poll, read_all

SCHEMAS = Path(__file__).parent / "schemas"


def made(data: Path) -> Path:
    """A database with one entry that waits."""
    with open_store(data, write=True) as store:
        poll(store, entry())
    return data / "monitor.db"


def schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1, 2").fetchall()


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    made(tmp_path)
    with open_store(tmp_path, write=True) as store:
        assert [w.entry for w in store.waiting(NOW, 10)] == [entry()]


def test_Q14_the_pragmas_that_everything_rests_on_are_set(store: SqliteStore) -> None:
    wanted = {"foreign_keys": 1, "synchronous": 2, "journal_mode": "wal", "recursive_triggers": 1}
    assert {name: store._session.value(f"PRAGMA {name}") for name in wanted} == wanted
    assert store._session.value("PRAGMA application_id") == migrations.APPLICATION_ID
    assert store._session.value("PRAGMA user_version") == migrations.latest()


def test_Q14_a_row_that_points_at_nothing_is_refused(store: SqliteStore) -> None:
    with pytest.raises(sqlite3.IntegrityError), store._session.writing():
        store._session.run("INSERT INTO sketches VALUES (1, 999)")


def test_every_table_is_strict(store: SqliteStore) -> None:
    ours = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"
    assert [row[0] for row in store._session.rows(ours)] == ["_sqlite_migrations"]


@pytest.mark.parametrize("write", [True, False])
def test_a_missing_folder_is_told_with_what_to_do(tmp_path: Path, write: bool) -> None:
    with pytest.raises(UsageError, match="nowhere does not exist: create it with mkdir"):
        open_store(tmp_path / "nowhere", write=write)


def test_a_folder_without_a_database_reads_as_an_empty_one_and_stays_empty(tmp_path: Path) -> None:
    with open_store(tmp_path, write=False) as store:
        assert store.items() == []
        assert sum(store.ledger().values()) == 0
        assert store.coverage(NOW, later(days=1), ["outlet"]).unseen == ("outlet",)
        assert store.check() == []
    assert list(tmp_path.iterdir()) == []


def test_a_reader_works_beside_a_writer_and_sees_what_was_committed(tmp_path: Path) -> None:
    with open_store(tmp_path, write=True) as writer:
        poll(writer, entry(1))
        with open_store(tmp_path, write=False) as reader:
            assert reader.known("outlet", [entry(1), entry(2)]) == 1
            with writer._session.writing():
                writer._session.run("DELETE FROM sightings")
                assert reader._session.value("SELECT count(*) FROM sightings") == 1
            poll(writer, entry(2))
            assert reader.known("outlet", [entry(1), entry(2)]) == 2


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    made(tmp_path)
    with open_store(tmp_path, write=False) as store, pytest.raises(StoreError, match="readonly"):
        store.save_note("key", "value")


def test_Q02_the_journal_is_written_back_by_the_holder_of_the_lock_alone(tmp_path: Path) -> None:
    journal = tmp_path / "monitor.db-wal"
    with open_store(tmp_path, write=True) as holder, open_store(tmp_path, write=False) as reader:
        poll(holder, entry(1))
        with pytest.raises(sqlite3.OperationalError):
            reader._session.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open_store_beside(tmp_path) as beside:
            for number in range(120):  # 12 MB: three times what SQLite would write back by itself
                beside.save_note("key", str(number % 10) * 100_000)
        assert holder.note("key") == "9" * 100_000
        assert journal.stat().st_size > 10_000_000


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is an empty file"),
        (b"no database at all, but long enough for a header", "is no SQLite database"),
        (b"SQLite format 3\0" + b"x" * 200, "not a database"),
    ],
)
def test_Q08_what_is_no_database_is_told_and_left_as_it_is(tmp_path: Path, content: bytes, told: str, write: bool) -> None:
    path = tmp_path / "monitor.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=f"monitor.db.*{told}.*backups"):
        open_store(tmp_path, write=write)
    assert path.read_bytes() == content


def test_Q08_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as other:
        other.execute("CREATE TABLE precious (x)")
    with pytest.raises(StoreError, match="another program"):
        open_store(tmp_path, write=True)


def test_Q08_a_journal_without_its_database_is_not_played_into_a_new_one(tmp_path: Path) -> None:
    with open_store(tmp_path, write=True) as store:
        poll(store, entry())
        shutil.copy(tmp_path / "monitor.db-wal", tmp_path / "kept")
    (tmp_path / "monitor.db").unlink()
    (tmp_path / "kept").rename(tmp_path / "monitor.db-wal")
    for write in (True, False):
        with pytest.raises(StoreError, match="is missing, but its journal"):
            open_store(tmp_path, write=write)


def test_Q08_a_database_that_was_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "monitor.db.new").write_bytes(b"half of a file")
    made(tmp_path)
    assert not (tmp_path / "monitor.db.new").exists()


def test_Q07_damage_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = made(tmp_path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match=r"malformed.*stop the service.*backups"), open_store(tmp_path, write=True) as store:
        store.items()


def test_Q12_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = made(tmp_path)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 999")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(NewerSchemaError, match="made by a newer version of monitor: its tables are version 999") as caught:
            open_store(tmp_path, write=write)
        assert caught.value.exit_code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("script", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
def test_Q12_a_database_of_every_released_version_comes_up_to_date(tmp_path: Path, script: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as conn:
        conn.executescript(script.read_text())
    with open_store(tmp_path, write=True) as store:
        assert [item.article.title for item in store.items()] == ["Солдат бежал"]
        assert [found.id for found in store.search("курск", 5)] == [1]
        assert store.check() == []
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    made(fresh)
    assert schema(tmp_path / "monitor.db") == schema(fresh / "monitor.db")


def test_Q12_every_version_has_its_schema_among_the_tests() -> None:
    assert len(list(SCHEMAS.glob("*.sql"))) == migrations.latest()


def release_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that adds a table, as the next release may."""
    following = {"m_next": ("CREATE TABLE opinions (alert INTEGER) STRICT",)}
    monkeypatch.setattr(migrations, "_SCRIPTS", migrations._SCRIPTS | following)


def test_Q12_an_older_database_is_copied_before_it_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    old = migrations.latest()
    release_another_version(monkeypatch)
    with pytest.raises(StoreError, match="older version"):
        open_store(tmp_path, write=False)
    with open_store(tmp_path, write=True) as store:
        assert store._session.value("PRAGMA user_version") == old + 1
        assert sum(store.ledger().values()) == 1
    with closing(sqlite3.connect(tmp_path / "backups" / f"before-version-{old + 1}.db")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone()[0] == old
        assert copy.execute("SELECT count(*) FROM entries").fetchone()[0] == 1


def test_Q12_a_migration_that_fails_leaves_everything_as_it_was_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = migrations.FIRST
    for count in range(0, len(statements), 5):
        with monkeypatch.context() as broken:
            broken.setattr(migrations, "_SCRIPTS", {"m_first": (*statements[:count], "SELECT no_such_function()")})
            with pytest.raises(sqlite3.OperationalError, match="no_such_function"):
                open_store(tmp_path, write=True)
        assert not (tmp_path / "monitor.db").exists()
    made(tmp_path)


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from monitor.errors import StoreError
from monitor.store.lock import hold
from monitor.store.sqlite import open_store
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
data = Path(sys.argv[1])
for attempt in (lambda: hold(data).__enter__(), lambda: open_store(data, write=True).save_note("a", "b")):
    try:
        attempt()
        print("done")
    except StoreError as error:
        print(error)
with open_store(data, write=False) as store:
    print(len(store.items()))
"""


def test_Q06_a_folder_that_cannot_be_written_is_told_and_can_be_read(tmp_path: Path) -> None:
    with open_store(tmp_path, write=True) as store:
        poll(store, entry())
        read_all(store)
    for folder in takewhile(lambda folder: folder != Path(tempfile.gettempdir()), (tmp_path, *tmp_path.parents)):
        folder.chmod(0o755)
    (tmp_path / "monitor.db").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        run = subprocess.run([sys.executable, "-c", UNPRIVILEGED, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    finally:
        tmp_path.chmod(0o755)
    assert run.returncode == 0, run.stderr
    lock, write, read = run.stdout.splitlines()
    assert "monitor.lock cannot be written" in lock
    assert "give this user the right to" in write
    assert read == "1"
    assert os.access(tmp_path, os.W_OK)
