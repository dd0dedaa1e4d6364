"""What happens when the power goes, the disk is full, or somebody else writes?"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import StoreError, UsageError
from monitor.model import Decision, EntryState
from monitor.ports import Saved
from monitor.store import session, upkeep
from monitor.store.lock import hold
from monitor.store.sqlite import SqliteStore, open_store
from tests.store.acts import DESERTED, NOW, as_read, desk, entry, item, later, page, poll, read_all

ROOT = Path(__file__).parents[2]
KILLS = 20

#: Polls and reads without end, saying after each commit what is now kept.
WRITER = """
import sys
from pathlib import Path
from monitor.model import Decision, EntryState
from monitor.store.lock import hold
from monitor.store.sqlite import open_store
from tests.store.acts import DESERTED, NOW, as_read, desk, entry, poll
decision = Decision(EntryState.STORED, "read whole", alert=True, notify=True)
with hold(Path(sys.argv[1])), open_store(Path(sys.argv[1]), write=True) as store:
    number = sum(store.ledger().values())
    while True:
        number += 1
        poll(store, entry(number))
        print("seen", number, flush=True)
        for waiting in store.waiting(NOW, 10):
            store.save_read(as_read(waiting, judgement=DESERTED, decision=decision), NOW, desk)
            print("read", waiting.number, flush=True)
"""


def test_Q01_a_killed_writer_loses_nothing_that_it_said_was_kept(tmp_path: Path) -> None:
    chance, seen, read, opened_again = random.Random(20230624), 0, set(), 0
    for _ in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            for line in range(chance.randint(1, 30)):
                what, number = process.stdout.readline().split()
                seen, read = (int(number), read) if what == "seen" else (seen, read | {int(number)})
                opened_again += line == 0
            process.send_signal(signal.SIGKILL)
            for told in process.stdout:  # what it said between the last line and the kill
                if told.endswith("\n"):
                    what, number = told.split()
                    seen, read = (int(number), read) if what == "seen" else (seen, read | {int(number)})
        with open_store(tmp_path, write=False) as store:
            assert sum(store.ledger().values()) >= seen
            assert {number for (number,) in store._session.rows("SELECT number FROM entries WHERE state = 'stored'")} >= read
            assert len(store.items()) == len(store.alerts()) == len(store.due_notices(NOW, 10**6)) == store.ledger()[EntryState.STORED]
            assert store.check() == []
    assert opened_again == KILLS
    assert seen > KILLS


def test_Q03_two_connections_that_read_and_then_write_never_fail(tmp_path: Path) -> None:
    """The lock keeps other processes out; within one, and against a curator's own tools, transactions wait for each other."""
    rounds, problems = 40, []
    open_store(tmp_path, write=True).close()

    def work(source: str) -> None:
        try:
            with open_store(tmp_path, write=True) as store:
                for number in range(rounds):
                    poll(store, entry(number), source=source)
        except StoreError as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(source,)) for source in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with open_store(tmp_path, write=False) as store:
        assert sum(store.ledger().values()) == 2 * rounds


def test_Q03_processes_contend_for_the_lock_and_each_write_is_there(tmp_path: Path) -> None:
    contender = """
import os, sys
from pathlib import Path
from monitor.errors import LockedError
from monitor.store.lock import hold
from monitor.store.sqlite import open_store
from tests.store.acts import entry, poll
done = 0
while done < 10:
    try:
        with hold(Path(sys.argv[1])), open_store(Path(sys.argv[1]), write=True) as store:
            poll(store, entry(done), source=sys.argv[2])
            done += 1
    except LockedError:
        os.sched_yield()
"""
    processes = [subprocess.Popen([sys.executable, "-c", contender, str(tmp_path), name], cwd=ROOT) for name in ("a", "b")]
    assert [process.wait(60) for process in processes] == [0, 0]
    with open_store(tmp_path, write=False) as store:
        assert sum(store.ledger().values()) == 20
        assert store.check() == []


def test_Q04_a_database_that_another_program_keeps_busy_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "BUSY_WAIT", 0.05)
    with open_store(tmp_path, write=True) as store, closing(sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked: another program"):
            poll(store, entry())
        other.execute("ROLLBACK")
        assert poll(store, entry()) == Saved(1, 0, 0)


def test_Q05_a_full_disk_takes_nothing_back_and_work_goes_on_when_there_is_room(store: SqliteStore) -> None:
    poll(store, entry(1))
    full = store._session.value("PRAGMA page_count")
    store._session.rows(f"PRAGMA max_page_count = {full}")
    with pytest.raises(StoreError, match="disk is full: make room"):
        poll(store, *(entry(n, summary="Текст " * 1000) for n in range(2, 50)))
    assert sum(store.ledger().values()) == 1
    (waiting,) = store.waiting(NOW, 10)
    read = as_read(
        waiting,
        judgement=DESERTED,
        decision=Decision(EntryState.STORED, "read", alert=True, notify=True),
        page=page(random.randbytes(99_999)),
    )
    with pytest.raises(StoreError, match="disk is full"):
        store.save_read(read, NOW, desk)
    assert (store.items(), store.alerts(), store.due_notices(NOW, 10)) == ([], [], [])
    store._session.rows(f"PRAGMA max_page_count = {2**30}")
    assert store.save_read(read, NOW, desk) is not None
    assert poll(store, entry(1), entry(2)) == Saved(1, 1, 0)


def test_Q10_one_poisonous_entry_in_ten_costs_nothing(store: SqliteStore) -> None:
    ten = [entry(n) for n in range(9)] + [entry(9, id="\ud800", title="\udfff\x00", summary="\x00" * 10, authors=("\ud83d",))]
    assert poll(store, *ten) == Saved(10, 0, 0)
    assert len(read_all(store)) == 10


def test_Q13_a_name_that_is_sql_is_a_name(store: SqliteStore) -> None:
    tables = store._session.rows("SELECT name FROM sqlite_master")
    name = 'a"; DROP TABLE items;--'
    poll(store, entry(1, id=name, title=name), source=name)
    read_all(store)
    assert [made.entry_id for made in store.items(source=name)] == [name]
    assert store._session.rows("SELECT name FROM sqlite_master") == tables


# ── copies ──


def test_Q09_a_backup_has_everything_though_a_plain_copy_would_not(tmp_path: Path) -> None:
    data, plain, restored = tmp_path / "data", tmp_path / "plain", tmp_path / "restored"
    for folder in (data, plain, restored):
        folder.mkdir()
    with hold(data), open_store(data, write=True) as store:
        made = [item(store, n, page=page(b"body")) for n in range(50)]
        shutil.copy(data / "monitor.db", plain)
        store.backup(restored / "monitor.db")
    with open_store(plain, write=True) as store:
        assert len(store.items()) < 50
    with hold(restored), open_store(restored, write=True) as store:
        assert store.items() == made
        assert store.check() == []
        assert len(store.search("курском", 100)) == 50
        assert poll(store, entry(99)).new == 1


def test_a_backup_can_be_made_beside_the_service(tmp_path: Path) -> None:
    with open_store(tmp_path, write=True) as writer:
        item(writer)
        with open_store(tmp_path, write=False) as reader:
            reader.backup(tmp_path / "copy.db")
        with pytest.raises(UsageError, match="exists already"):
            writer.backup(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM items").fetchone() == (1,)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "monitor.db"]


def test_a_backup_that_cannot_be_written_is_told(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="copy"):
        store.backup(tmp_path / "nowhere" / "copy.db")


# ── soundness ──


def test_Q07_a_check_finds_a_damaged_page(tmp_path: Path) -> None:
    with open_store(tmp_path, write=True) as store:
        for number in range(30):
            item(store, number, page=page(f"{number}".encode() * 2000))
        root = store._session.value("SELECT rootpage FROM sqlite_master WHERE name = 'items_first_seen'")
        assert store.check() == []
    with (tmp_path / "monitor.db").open("r+b") as file:
        file.seek((root - 1) * 4096 + 2048)
        file.write(b"\xff" * 2048)
    with open_store(tmp_path, write=False) as store:
        assert any("damaged" in problem for problem in store.check())


BREAKS = {
    "an entry that ended has no item": "UPDATE entries SET item = NULL",
    "an entry's state is not its last one": "UPDATE entries SET state = 'failed'",
    "a waiting entry is never due": "UPDATE entries SET state = 'waiting', next_try = NULL",
    "an entry has no identity": "DELETE FROM identities",
    "an item has no entry": "UPDATE entries SET item = NULL",
    "an item has lost versions": "UPDATE items SET versions = 2",
    "rows of sketches point at nothing": "UPDATE sketches SET item = 99",
}


@pytest.mark.parametrize("law", BREAKS)
def test_each_law_between_the_tables_is_checked(tmp_path: Path, law: str) -> None:
    assert set(upkeep.LAWS) < set(BREAKS)
    with open_store(tmp_path, write=True) as store:
        item(store)
        store._session.run("PRAGMA foreign_keys = OFF")
        store._session.run(BREAKS[law])
        assert any(law in problem for problem in store.check())


def test_a_large_look_is_saved_in_a_blink(store: SqliteStore) -> None:
    """Not a benchmark: it fails when saving becomes quadratic."""
    started = time.monotonic()
    assert poll(store, *(entry(n) for n in range(3000))).new == 3000
    assert poll(store, *(entry(n, summary="Новый") for n in range(3000)), at=later(hours=1)).changed == 3000
    assert time.monotonic() - started < 10


def test_several_looks_saved_together_are_kept_or_undone_each_for_itself(tmp_path: Path) -> None:
    with open_store(tmp_path, write=True) as store:
        with store.together():
            poll(store, entry(1))
            with pytest.raises(sqlite3.IntegrityError), store._session.writing():
                store._session.run("INSERT INTO sketches VALUES (1, 999)")
            with pytest.raises(ZeroDivisionError), store._session.writing():  # noqa: PT012
                poll(store, entry(2))
                raise ZeroDivisionError
            poll(store, entry(3))
        with pytest.raises(ZeroDivisionError), store.together():  # noqa: PT012
            poll(store, entry(4))
            raise ZeroDivisionError
    with open_store(tmp_path, write=False) as store:
        assert [w.entry for w in store.waiting(NOW, 10)] == [entry(1), entry(3)]
