"""How is the database opened, and what is one transaction?"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from sqlite3 import Row
from typing import Any
from urllib.parse import quote

from monitor.errors import NewerSchemaError, StoreError, UsageError
from monitor.model import Entry
from monitor.store import migrations
from monitor.store.rows import bound

DATABASE = "monitor.db"
BACKUPS = "backups"
BUSY_WAIT = 10.0  # seconds that a write waits for another program's transaction
MAGIC = b"SQLite format 3\0"
ALONE = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
ONE_OF_SEVERAL = ("SAVEPOINT one", "RELEASE one", "ROLLBACK TO one")  # a savepoint that was undone may stay: its name is taken again
MAPPED = 32 * 2**20  # bytes of the file that are read through memory; they count as the process's own


class Session:
    """A connection with our pragmas. Reads as they come; writes inside `writing()`, one transaction each."""

    def __init__(self, conn: sqlite3.Connection, path: Path) -> None:
        conn.row_factory = Row
        self.path = path
        self.conn = conn
        self.last_seen: tuple[tuple[Entry, ...], list[Any]] | None = None  # entries, and what store/entries.py made of them
        self.last_ledger: Any = None  # what store/entries.py was told of them
        with problems_told(path):
            conn.execute("PRAGMA foreign_keys = ON")
            conn.execute("PRAGMA synchronous = FULL")  # validators and outbox survive a loss of power, not only of the process
            conn.execute(f"PRAGMA mmap_size = {MAPPED}")
            conn.execute("PRAGMA temp_store = MEMORY")  # what would undo a savepoint is kept there, not in a file for each
            conn.execute("PRAGMA recursive_triggers = ON")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: everything in it, or nothing. BEGIN IMMEDIATE, for a deferred one fails as soon as two contend (Q-03).

        Inside another it is a savepoint: an error undoes it alone, and the outer one decides when all of it is durable.
        """
        begin, end, undo = ONE_OF_SEVERAL if self.conn.in_transaction else ALONE
        with problems_told(self.path):
            self.conn.execute(begin)
            try:
                yield
                self.conn.execute(end)
            except BaseException:
                if self.conn.in_transaction:  # some errors, such as a full disk, have ended it already
                    self.conn.execute(undo)
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One snapshot for several reads that must agree."""
        with problems_told(self.path):
            self.conn.execute("BEGIN")
            try:
                yield
            finally:
                self.conn.execute("ROLLBACK")

    def rows(self, sql: str, *values: object) -> list[Row]:
        with problems_told(self.path):
            return self.conn.execute(sql, tuple(map(bound, values))).fetchall()

    def each(self, sql: str, *values: object) -> Iterator[Row]:
        """The rows one after the other, for texts of which not all may fit into memory."""
        with problems_told(self.path):
            yield from self.conn.execute(sql, tuple(map(bound, values)))

    def row(self, sql: str, *values: object) -> Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def value(self, sql: str, *values: object) -> Any:
        found = self.row(sql, *values)
        return None if found is None else found[0]

    def run(self, sql: str, *values: object) -> int:
        """A write; returns how many rows it touched."""
        with problems_told(self.path):
            return self.conn.execute(sql, tuple(map(bound, values))).rowcount

    def run_all(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """A write for each of the rows, whose texts are clean already (store/rows.py)."""
        if rows:
            with problems_told(self.path):
                self.conn.executemany(sql, rows)

    def insert(self, table: str, columns: Mapping[str, object]) -> int:
        """A new row; returns its key."""
        with problems_told(self.path):
            number = self.conn.execute(_insertion(table, tuple(columns)), tuple(map(bound, columns.values()))).lastrowid
        assert number is not None
        return number

    def put(self, table: str, columns: Mapping[str, object], key: tuple[str, ...]) -> None:
        """A row that takes the place of the one with the same key."""
        self.run(_replacement(table, tuple(columns), key), *columns.values())

    def update(self, table: str, number: int, columns: Mapping[str, object], key: str = "id") -> None:
        names = ", ".join(f"{name} = ?" for name in columns)
        self.run(f"UPDATE {table} SET {names} WHERE {key} = ?", *columns.values(), number)  # noqa: S608 (names are ours)

    def close(self) -> None:
        self.conn.close()


@lru_cache
def _insertion(table: str, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 (names are ours)


@lru_cache
def _replacement(table: str, names: tuple[str, ...], key: tuple[str, ...]) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"{_insertion(table, names)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


@contextmanager
def problems_told(path: Path) -> Iterator[None]:
    """SQLite's complaints about the file as StoreError, with what to do. What is a mistake of ours stays what it is."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        advice = next((advice for sign, advice in ADVICE if sign in str(error)), None)
        if advice is None:
            raise
        raise StoreError(f"{path}: {error}: {advice.format(folder=path.parent)}") from error


RESTORE = "stop the service, keep this file, and put the newest of {folder}/" + BACKUPS + " in its place"
#: What SQLite says -> what to do about it.
ADVICE = (
    ("disk is full", "make room on the disk of {folder}; nothing was half-written, and work goes on by itself"),
    ("disk I/O error", "look at the disk of {folder} (room, quota, health); nothing was half-written"),
    ("malformed", RESTORE),
    ("not a database", RESTORE),
    ("readonly database", "give this user the right to write in {folder}"),
    ("unable to open", "give this user the right to read and write in {folder}"),
    ("locked", "another program keeps a transaction open; end it"),
)


def open_for_writing(data: Path) -> Session:
    """The database, made or migrated where needed. The caller holds the lock."""
    path = _in_folder(data)
    if not path.exists():
        _make(path)
    version = _checked(path)
    session = Session(_connect(path, "rw"), path)
    try:
        if version < migrations.latest():
            _upgrade(session, version)
        with problems_told(path):
            session.conn.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        session.close()
        raise
    return session


def open_beside(data: Path) -> Session:
    """The database for one short write beside the process that holds the lock: no tables are made or changed, and a write waits for
    the other's transaction to end (BEGIN IMMEDIATE, BUSY_WAIT). The journal is left to that process: before 3.51.3 SQLite may damage a
    database when two connections write its journal back at once."""
    path = _in_folder(data)
    if not path.exists() or _checked(path) < migrations.latest():
        raise StoreError(f"{path} is not there yet, or of an older version: run `monitor poll` once")
    session = Session(_connect(path, "rw"), path)
    session.conn.execute("PRAGMA wal_autocheckpoint = 0")
    return session


def open_for_reading(data: Path) -> Session:
    """The database beside a running service, or an empty one (in memory) where there is none yet."""
    path = _in_folder(data)
    if not path.exists():
        _no_orphan(path)
        session = open_empty()
    else:
        version = _checked(path)
        if version < migrations.latest():
            raise StoreError(f"{path} was made by an older version of monitor: run `monitor poll` once, which brings it up to date")
        session = Session(_connect(path, "ro"), path)
    session.conn.execute("PRAGMA query_only = ON")
    return session


def open_empty() -> Session:
    path = Path(":memory:")
    session = Session(sqlite3.connect(path, isolation_level=None), path)
    migrations.migrate(session.conn)
    return session


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """`mode` is ro or rw. Beside a database in a folder that cannot be written no journal can be made; without one nobody writes."""
    still = mode == "ro" and not os.access(path.parent, os.W_OK) and not _journal(path).exists()
    address = f"file:{quote(str(path.absolute()))}?mode={mode}{'&immutable=1' if still else ''}"
    with problems_told(path):
        return sqlite3.connect(address, uri=True, timeout=BUSY_WAIT, isolation_level=None)


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _in_folder(data: Path) -> Path:
    try:
        there = data.is_dir()
    except PermissionError as error:
        raise StoreError(f"{data} cannot be looked into: give this user the right to") from error
    if not there:
        raise UsageError(f"{data} does not exist: create it with mkdir")
    return data / DATABASE


def _no_orphan(path: Path) -> None:
    """A journal without its database would be played into the new one."""
    journal = _journal(path)
    if journal.exists() and journal.stat().st_size:
        raise StoreError(f"{path} is missing, but its journal {journal.name} is there: bring the database back, or move the journal away")


def _make(path: Path) -> None:
    """A new database appears whole or not at all, so that an empty file is never one of ours (Q-08)."""
    _no_orphan(path)
    unfinished = path.with_name(path.name + ".new")
    with problems_told(path):
        try:
            unfinished.unlink(missing_ok=True)
            _journal(path).unlink(missing_ok=True)
            with closing(Session(sqlite3.connect(unfinished, isolation_level=None), unfinished)) as session:
                session.conn.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
                migrations.migrate(session.conn)
            unfinished.rename(path)
            flush_folder(path.parent)
        except OSError as error:
            raise StoreError(f"{path} cannot be made ({error.strerror}): give this user the right to write in {path.parent}") from error


def flush_folder(folder: Path) -> None:
    """A rename is durable once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked(path: Path) -> int:
    """The version of the tables. Raises StoreError for what is not our database, NewerSchemaError for what we cannot read."""
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}): give this user the right to read it") from error
    restore = RESTORE.format(folder=path.parent)
    if start != MAGIC:
        raise StoreError(f"{path} is {'no SQLite database' if start else 'an empty file'}: {restore}")
    with problems_told(path), closing(_connect(path, "ro")) as conn:
        owner, version = (conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if owner != migrations.APPLICATION_ID:
        raise StoreError(f"{path} is the database of another program: choose another data folder")
    if version > migrations.latest():
        raise NewerSchemaError(
            f"{path} was made by a newer version of monitor: its tables are version {version}, this one knows {migrations.latest()}; "
            "install the newer monitor"
        )
    return int(version)


def _upgrade(session: Session, version: int) -> None:
    """Migrates, after a copy of what was there was put into the backups."""
    folder = session.path.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    copy_to(session, folder / f"before-version-{version + 1}.db")
    with problems_told(session.path):
        migrations.migrate(session.conn)


def copy_to(session: Session, to: Path) -> None:
    """A consistent, checked copy, whole or not at all; a plain copy of the file would lack what stands in the journal (Q-09)."""
    unfinished = to.with_name(to.name + ".new")
    try:
        unfinished.unlink(missing_ok=True)
        with problems_told(to), closing(sqlite3.connect(unfinished)) as copy:
            session.conn.backup(copy)
            told = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if told != "ok":
            raise StoreError(f"{to}: the copy is damaged ({told}): check {session.path} with `monitor doctor`")
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.rename(to)
        flush_folder(to.parent)
    except OSError as error:
        raise StoreError(f"{to} cannot be written ({error.strerror})") from error
