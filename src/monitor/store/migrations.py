"""Which tables are there? Append-only: a migration that was released is never changed, a new one is added below it."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

#: Stands in the file's header, so that no other program's database is taken for ours ("moni").
APPLICATION_ID = 0x6D6F6E69


def latest() -> int:
    """The schema's version: how many migrations there are. Stands in the file as `user_version`."""
    return len(_SCRIPTS)


def migrate(conn: Connection) -> None:
    """Brings the tables up to date, each migration in a transaction of its own. The caller holds the lock."""
    from sqlite_utils import Database, Migrations  # takes longer to import than a listing takes

    migrations = Migrations("monitor")
    for version, (name, statements) in enumerate(_SCRIPTS.items(), 1):
        migrations(name=name)(_step(version, statements))
    migrations.apply(Database(conn, execute_plugins=False))


FIRST = (
    # ── looking ──
    """CREATE TABLE visits (
        source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL,
        outcome TEXT, why TEXT NOT NULL, status INTEGER, first_look TEXT, last_look TEXT, next_look TEXT, etag BLOB, last_modified BLOB,
        body_hash TEXT,
        failures INTEGER NOT NULL, failing_since TEXT, silent_since TEXT, entries INTEGER, usual_entries REAL,
        newest TEXT, gap REAL, interval REAL, audited TEXT, conditional INTEGER NOT NULL, gone_since TEXT, gone INTEGER NOT NULL,
        moved_to TEXT, moved_since TEXT, channel_id TEXT,
        PRIMARY KEY (source, url)
    ) STRICT""",
    """CREATE TABLE polls (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT, why TEXT NOT NULL, status INTEGER,
        seconds REAL NOT NULL, bytes INTEGER NOT NULL, entries INTEGER NOT NULL, new INTEGER NOT NULL, changed INTEGER NOT NULL,
        silent_since TEXT
    ) STRICT""",
    "CREATE INDEX polls_at ON polls (at)",
    "CREATE TABLE host_waits (host TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT",
    # ── the ledger: every entry ever seen ──
    """CREATE TABLE entries (
        number INTEGER PRIMARY KEY, source TEXT NOT NULL, identity TEXT NOT NULL, canonical_url TEXT, title TEXT,
        content_hash TEXT NOT NULL, entry TEXT NOT NULL, first_seen TEXT NOT NULL, alerting INTEGER NOT NULL, raw TEXT,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, next_try TEXT,
        changes INTEGER NOT NULL DEFAULT 0, item INTEGER REFERENCES items (id), answer INTEGER REFERENCES fetches (id)
    ) STRICT""",
    "CREATE INDEX entries_url ON entries (source, canonical_url)",
    "CREATE INDEX entries_first_seen ON entries (first_seen)",
    "CREATE INDEX entries_state ON entries (state)",
    "CREATE INDEX entries_waiting ON entries (alerting DESC, first_seen, number) WHERE state = 'waiting'",
    "CREATE INDEX entries_next_try ON entries (next_try) WHERE state = 'waiting'",
    # how an entry is recognised: publishers change all identities at once (I-03), and give one to two entries (I-02, I-06)
    """CREATE TABLE identities (
        source TEXT NOT NULL, identity TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entries (number), PRIMARY KEY (source, identity)
    ) STRICT, WITHOUT ROWID""",
    # what each endpoint last said of an entry: two endpoints say different things, and neither is a change
    """CREATE TABLE sightings (
        entry INTEGER NOT NULL REFERENCES entries (number), endpoint TEXT NOT NULL, content_hash TEXT NOT NULL,
        PRIMARY KEY (entry, endpoint)
    ) STRICT, WITHOUT ROWID""",
    # every change of an entry's state, so that the ledger of a past day can be told again
    """CREATE TABLE states (
        id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries (number), at TEXT NOT NULL, state TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX states_entry ON states (entry, id)",
    # ── what was read ──
    """CREATE TABLE stories (
        id INTEGER PRIMARY KEY, label TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE items (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, entry_id TEXT NOT NULL, url TEXT, canonical_url TEXT, first_seen TEXT NOT NULL,
        stored TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, story INTEGER NOT NULL REFERENCES stories (id),
        duplicate_of INTEGER REFERENCES items (id), forwarded_from TEXT, versions INTEGER NOT NULL DEFAULT 1,
        title TEXT NOT NULL, lead TEXT NOT NULL, text TEXT NOT NULL, authors TEXT NOT NULL, published TEXT, published_from TEXT,
        modified TEXT, lang TEXT NOT NULL, quality TEXT NOT NULL, page_url TEXT, notes TEXT NOT NULL,
        level TEXT NOT NULL, score REAL NOT NULL, topics TEXT NOT NULL, side TEXT NOT NULL, hits TEXT NOT NULL, severity TEXT NOT NULL,
        places TEXT NOT NULL, legal TEXT NOT NULL, vetoes TEXT NOT NULL, rules_version TEXT NOT NULL,
        exact_print TEXT, sketch BLOB NOT NULL, words INTEGER NOT NULL, gone TEXT, body_print TEXT,
        read TEXT NOT NULL, fetch INTEGER REFERENCES fetches (id), digest TEXT NOT NULL, listed TEXT
    ) STRICT""",
    "CREATE INDEX items_first_seen ON items (first_seen)",
    "CREATE INDEX items_stored ON items (stored)",
    "CREATE INDEX items_url ON items (canonical_url)",
    "CREATE INDEX items_story ON items (story)",
    "CREATE INDEX items_exact ON items (exact_print) WHERE duplicate_of IS NULL",
    "CREATE INDEX items_body ON items (body_print)",
    "CREATE INDEX items_fetch ON items (fetch)",
    "CREATE INDEX items_unlisted ON items (read) WHERE listed IS NULL",
    """CREATE TABLE versions (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), replaced TEXT NOT NULL, reason TEXT NOT NULL,
        article TEXT NOT NULL, judgement TEXT NOT NULL, rules_version TEXT NOT NULL,
        read TEXT NOT NULL, fetch INTEGER REFERENCES fetches (id), digest TEXT NOT NULL, listed TEXT
    ) STRICT""",
    "CREATE INDEX versions_item ON versions (item)",
    "CREATE INDEX versions_fetch ON versions (fetch)",
    "CREATE INDEX versions_unlisted ON versions (read) WHERE listed IS NULL",
    # bodies that stood under several addresses of a host in an article's place
    "CREATE TABLE walls (host TEXT NOT NULL, body_print TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (host, body_print)) STRICT",
    # what a look found changed, in words, as it was told: a later catalogue or rule changes nothing of it
    """CREATE TABLE edits (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), at TEXT NOT NULL, version INTEGER NOT NULL,
        told INTEGER NOT NULL, changes TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX edits_item ON edits (item)",
    "CREATE INDEX edits_at ON edits (at)",
    """CREATE TABLE revisits (
        item INTEGER PRIMARY KEY REFERENCES items (id), url TEXT NOT NULL, read TEXT NOT NULL, due TEXT, etag BLOB, last_modified BLOB,
        final_url TEXT NOT NULL, missing_since TEXT, failures INTEGER NOT NULL, why TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX revisits_due ON revisits (due) WHERE due IS NOT NULL",
    """CREATE TABLE sketches (
        hash INTEGER NOT NULL, item INTEGER NOT NULL REFERENCES items (id), PRIMARY KEY (hash, item)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE alerts (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), severity TEXT NOT NULL, rules TEXT NOT NULL,
        topics TEXT NOT NULL, side TEXT NOT NULL, created TEXT NOT NULL, status TEXT NOT NULL, lane TEXT NOT NULL, told TEXT, lost TEXT
    ) STRICT""",
    "CREATE INDEX alerts_item ON alerts (item)",
    "CREATE INDEX alerts_created ON alerts (created)",
    # ── what curators say of it ──
    """CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), version INTEGER NOT NULL, rules_version TEXT NOT NULL,
        says TEXT NOT NULL, topic TEXT NOT NULL, note TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX verdicts_item ON verdicts (item, id)",
    "CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts BEGIN SELECT raise(ABORT, 'a verdict is never changed'); END",
    "CREATE TRIGGER verdicts_last BEFORE DELETE ON verdicts BEGIN SELECT raise(ABORT, 'a verdict is never deleted'); END",
    """CREATE TABLE draws (
        week TEXT NOT NULL, item INTEGER NOT NULL REFERENCES items (id), stratum TEXT NOT NULL, population INTEGER NOT NULL,
        PRIMARY KEY (week, item)
    ) STRICT, WITHOUT ROWID""",
    # ── evidence ── (a `digest` seals the row it stands in, `listed` is the day whose manifest lists that)
    "CREATE TABLE pages (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, body BLOB NOT NULL, packed_sha256 TEXT NOT NULL) STRICT",
    # no foreign key to pages: the hash stays as evidence when the body's time is over
    """CREATE TABLE fetches (
        id INTEGER PRIMARY KEY, item INTEGER REFERENCES items (id), purpose TEXT NOT NULL, sha256 TEXT NOT NULL, url TEXT NOT NULL,
        final_url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, fetched TEXT NOT NULL, seconds REAL NOT NULL,
        wire_bytes INTEGER NOT NULL, address TEXT NOT NULL, etag BLOB, last_modified BLOB, permanent_url TEXT,
        certain_end INTEGER NOT NULL, reader TEXT NOT NULL, kept TEXT NOT NULL, digest TEXT NOT NULL, listed TEXT,
        UNIQUE (sha256, url, fetched)
    ) STRICT""",
    "CREATE INDEX fetches_item ON fetches (item)",
    "CREATE INDEX fetches_unlisted ON fetches (kept) WHERE listed IS NULL",
    # bodies that retention took, so that what is missing is told from what was taken away
    """CREATE TABLE removals (
        id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL, listed TEXT
    ) STRICT""",
    "CREATE INDEX removals_body ON removals (sha256)",
    """CREATE TABLE manifests (
        day TEXT PRIMARY KEY, text TEXT NOT NULL, sha256 TEXT NOT NULL, timestamp BLOB, stamped TEXT
    ) STRICT""",
    # articles that a web archive was asked to save
    """CREATE TABLE saves (
        url TEXT PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), attempts INTEGER NOT NULL DEFAULT 0, next_try TEXT,
        saved TEXT, saved_as TEXT, why TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    # ── telling ──
    """CREATE TABLE outbox (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL,
        subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT, data TEXT NOT NULL, created TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'due', next_try TEXT, why TEXT NOT NULL DEFAULT '', ended TEXT
    ) STRICT""",
    "CREATE INDEX outbox_due ON outbox (next_try, number) WHERE state = 'due'",
    # what curators were told of the sources: written with the notice that tells it
    """CREATE TABLE troubles (
        source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL, since TEXT NOT NULL, detail TEXT NOT NULL, told TEXT NOT NULL,
        PRIMARY KEY (source, url, kind)
    ) STRICT""",
    "CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    # ── search ── (FTS5 does not fold ё to е, so the view it indexes does)
    """CREATE VIEW items_folded AS SELECT id,
        replace(replace(title, 'ё', 'е'), 'Ё', 'Е') AS title,
        replace(replace(lead, 'ё', 'е'), 'Ё', 'Е') AS lead,
        replace(replace(text, 'ё', 'е'), 'Ё', 'Е') AS text FROM items""",
    """CREATE VIRTUAL TABLE items_fts USING fts5 (
        title, lead, text, content = 'items_folded', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER items_found AFTER INSERT ON items BEGIN
        INSERT INTO items_fts (rowid, title, lead, text) SELECT id, title, lead, text FROM items_folded WHERE id = new.id;
    END""",
    """CREATE TRIGGER items_changing BEFORE UPDATE OF title, lead, text ON items BEGIN
        INSERT INTO items_fts (items_fts, rowid, title, lead, text)
        SELECT 'delete', id, title, lead, text FROM items_folded WHERE id = old.id;
    END""",
    """CREATE TRIGGER items_changed AFTER UPDATE OF title, lead, text ON items BEGIN
        INSERT INTO items_fts (rowid, title, lead, text) SELECT id, title, lead, text FROM items_folded WHERE id = new.id;
    END""",
)

_SCRIPTS = {"m001_first_tables": FIRST}


def _step(version: int, statements: tuple[str, ...]) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        for statement in statements:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {version}")

    return run
