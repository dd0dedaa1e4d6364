-- The tables of version 1, with one article. Never changed once version 1 was released.
PRAGMA application_id = 1836019305;
PRAGMA user_version = 1;
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE visits (
        source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL,
        outcome TEXT, why TEXT NOT NULL, status INTEGER, first_look TEXT, last_look TEXT, next_look TEXT, etag BLOB, last_modified BLOB,
        body_hash TEXT,
        failures INTEGER NOT NULL, failing_since TEXT, silent_since TEXT, entries INTEGER, usual_entries REAL,
        newest TEXT, gap REAL, interval REAL, audited TEXT, conditional INTEGER NOT NULL, gone_since TEXT, gone INTEGER NOT NULL,
        moved_to TEXT, moved_since TEXT, channel_id TEXT,
        PRIMARY KEY (source, url)
    ) STRICT;
CREATE TABLE polls (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT, why TEXT NOT NULL, status INTEGER,
        seconds REAL NOT NULL, bytes INTEGER NOT NULL, entries INTEGER NOT NULL, new INTEGER NOT NULL, changed INTEGER NOT NULL,
        silent_since TEXT
    ) STRICT;
CREATE INDEX polls_at ON polls (at);
CREATE TABLE host_waits (host TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT;
CREATE TABLE entries (
        number INTEGER PRIMARY KEY, source TEXT NOT NULL, identity TEXT NOT NULL, canonical_url TEXT, title TEXT,
        content_hash TEXT NOT NULL, entry TEXT NOT NULL, first_seen TEXT NOT NULL, alerting INTEGER NOT NULL, raw TEXT,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, next_try TEXT,
        changes INTEGER NOT NULL DEFAULT 0, item INTEGER REFERENCES items (id), answer INTEGER REFERENCES fetches (id)
    ) STRICT;
CREATE INDEX entries_url ON entries (source, canonical_url);
CREATE INDEX entries_first_seen ON entries (first_seen);
CREATE INDEX entries_state ON entries (state);
CREATE INDEX entries_waiting ON entries (alerting DESC, first_seen, number) WHERE state = 'waiting';
CREATE INDEX entries_next_try ON entries (next_try) WHERE state = 'waiting';
CREATE TABLE identities (
        source TEXT NOT NULL, identity TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entries (number), PRIMARY KEY (source, identity)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE sightings (
        entry INTEGER NOT NULL REFERENCES entries (number), endpoint TEXT NOT NULL, content_hash TEXT NOT NULL,
        PRIMARY KEY (entry, endpoint)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE states (
        id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries (number), at TEXT NOT NULL, state TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT;
CREATE INDEX states_entry ON states (entry, id);
CREATE TABLE stories (
        id INTEGER PRIMARY KEY, label TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
    ) STRICT;
CREATE TABLE items (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, entry_id TEXT NOT NULL, url TEXT, canonical_url TEXT, first_seen TEXT NOT NULL,
        stored TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, story INTEGER NOT NULL REFERENCES stories (id),
        duplicate_of INTEGER REFERENCES items (id), forwarded_from TEXT, versions INTEGER NOT NULL DEFAULT 1,
        title TEXT NOT NULL, lead TEXT NOT NULL, text TEXT NOT NULL, authors TEXT NOT NULL, published TEXT, published_from TEXT,
        modified TEXT, lang TEXT NOT NULL, quality TEXT NOT NULL, page_url TEXT, notes TEXT NOT NULL,
        level TEXT NOT NULL, score REAL NOT NULL, topics TEXT NOT NULL, side TEXT NOT NULL, hits TEXT NOT NULL, severity TEXT NOT NULL,
        places TEXT NOT NULL, legal TEXT NOT NULL, vetoes TEXT NOT NULL, rules_version TEXT NOT NULL,
        exact_print TEXT, sketch BLOB NOT NULL, words INTEGER NOT NULL, gone TEXT, body_print TEXT,
        read TEXT NOT NULL, fetch INTEGER REFERENCES fetches (id), digest TEXT NOT NULL, listed TEXT
    ) STRICT;
CREATE INDEX items_first_seen ON items (first_seen);
CREATE INDEX items_stored ON items (stored);
CREATE INDEX items_url ON items (canonical_url);
CREATE INDEX items_story ON items (story);
CREATE INDEX items_exact ON items (exact_print) WHERE duplicate_of IS NULL;
CREATE INDEX items_body ON items (body_print);
CREATE INDEX items_fetch ON items (fetch);
CREATE INDEX items_unlisted ON items (read) WHERE listed IS NULL;
CREATE TABLE versions (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), replaced TEXT NOT NULL, reason TEXT NOT NULL,
        article TEXT NOT NULL, judgement TEXT NOT NULL, rules_version TEXT NOT NULL,
        read TEXT NOT NULL, fetch INTEGER REFERENCES fetches (id), digest TEXT NOT NULL, listed TEXT
    ) STRICT;
CREATE INDEX versions_item ON versions (item);
CREATE INDEX versions_fetch ON versions (fetch);
CREATE INDEX versions_unlisted ON versions (read) WHERE listed IS NULL;
CREATE TABLE walls (host TEXT NOT NULL, body_print TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (host, body_print)) STRICT;
CREATE TABLE edits (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), at TEXT NOT NULL, version INTEGER NOT NULL,
        told INTEGER NOT NULL, changes TEXT NOT NULL
    ) STRICT;
CREATE INDEX edits_item ON edits (item);
CREATE INDEX edits_at ON edits (at);
CREATE TABLE revisits (
        item INTEGER PRIMARY KEY REFERENCES items (id), url TEXT NOT NULL, read TEXT NOT NULL, due TEXT, etag BLOB, last_modified BLOB,
        final_url TEXT NOT NULL, missing_since TEXT, failures INTEGER NOT NULL, why TEXT NOT NULL
    ) STRICT;
CREATE INDEX revisits_due ON revisits (due) WHERE due IS NOT NULL;
CREATE TABLE sketches (
        hash INTEGER NOT NULL, item INTEGER NOT NULL REFERENCES items (id), PRIMARY KEY (hash, item)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), severity TEXT NOT NULL, rules TEXT NOT NULL,
        topics TEXT NOT NULL, side TEXT NOT NULL, created TEXT NOT NULL, status TEXT NOT NULL, lane TEXT NOT NULL, told TEXT, lost TEXT
    ) STRICT;
CREATE INDEX alerts_item ON alerts (item);
CREATE INDEX alerts_created ON alerts (created);
CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), version INTEGER NOT NULL, rules_version TEXT NOT NULL,
        says TEXT NOT NULL, topic TEXT NOT NULL, note TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT;
CREATE INDEX verdicts_item ON verdicts (item, id);
CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts BEGIN SELECT raise(ABORT, 'a verdict is never changed'); END;
CREATE TRIGGER verdicts_last BEFORE DELETE ON verdicts BEGIN SELECT raise(ABORT, 'a verdict is never deleted'); END;
CREATE TABLE draws (
        week TEXT NOT NULL, item INTEGER NOT NULL REFERENCES items (id), stratum TEXT NOT NULL, population INTEGER NOT NULL,
        PRIMARY KEY (week, item)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE pages (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, body BLOB NOT NULL, packed_sha256 TEXT NOT NULL) STRICT;
CREATE TABLE fetches (
        id INTEGER PRIMARY KEY, item INTEGER REFERENCES items (id), purpose TEXT NOT NULL, sha256 TEXT NOT NULL, url TEXT NOT NULL,
        final_url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, fetched TEXT NOT NULL, seconds REAL NOT NULL,
        wire_bytes INTEGER NOT NULL, address TEXT NOT NULL, etag BLOB, last_modified BLOB, permanent_url TEXT,
        certain_end INTEGER NOT NULL, reader TEXT NOT NULL, kept TEXT NOT NULL, digest TEXT NOT NULL, listed TEXT,
        UNIQUE (sha256, url, fetched)
    ) STRICT;
CREATE INDEX fetches_item ON fetches (item);
CREATE INDEX fetches_unlisted ON fetches (kept) WHERE listed IS NULL;
CREATE TABLE removals (
        id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL, listed TEXT
    ) STRICT;
CREATE INDEX removals_body ON removals (sha256);
CREATE TABLE manifests (
        day TEXT PRIMARY KEY, text TEXT NOT NULL, sha256 TEXT NOT NULL, timestamp BLOB, stamped TEXT
    ) STRICT;
CREATE TABLE saves (
        url TEXT PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id), attempts INTEGER NOT NULL DEFAULT 0, next_try TEXT,
        saved TEXT, saved_as TEXT, why TEXT NOT NULL DEFAULT ''
    ) STRICT;
CREATE TABLE outbox (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL,
        subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT, data TEXT NOT NULL, created TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'due', next_try TEXT, why TEXT NOT NULL DEFAULT '', ended TEXT
    ) STRICT;
CREATE INDEX outbox_due ON outbox (next_try, number) WHERE state = 'due';
CREATE TABLE troubles (
        source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL, since TEXT NOT NULL, detail TEXT NOT NULL, told TEXT NOT NULL,
        PRIMARY KEY (source, url, kind)
    ) STRICT;
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE VIEW items_folded AS SELECT id,
        replace(replace(title, 'ё', 'е'), 'Ё', 'Е') AS title,
        replace(replace(lead, 'ё', 'е'), 'Ё', 'Е') AS lead,
        replace(replace(text, 'ё', 'е'), 'Ё', 'Е') AS text FROM items;
CREATE VIRTUAL TABLE items_fts USING fts5 (
        title, lead, text, content = 'items_folded', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
    );
CREATE TRIGGER items_found AFTER INSERT ON items BEGIN
        INSERT INTO items_fts (rowid, title, lead, text) SELECT id, title, lead, text FROM items_folded WHERE id = new.id;
    END;
CREATE TRIGGER items_changing BEFORE UPDATE OF title, lead, text ON items BEGIN
        INSERT INTO items_fts (items_fts, rowid, title, lead, text)
        SELECT 'delete', id, title, lead, text FROM items_folded WHERE id = old.id;
    END;
CREATE TRIGGER items_changed AFTER UPDATE OF title, lead, text ON items BEGIN
        INSERT INTO items_fts (rowid, title, lead, text) SELECT id, title, lead, text FROM items_folded WHERE id = new.id;
    END;
INSERT INTO _sqlite_migrations VALUES (1, 'monitor', 'm001_first_tables', '2026-11-25 09:00:00+00:00');
INSERT INTO visits VALUES ('outlet', 'https://outlet.test/feed', 'feed', 'primary', 'ok_new', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, 0, NULL, NULL, NULL);
INSERT INTO polls VALUES (1, 'outlet', 'https://outlet.test/feed', '2026-11-25T09:00:00Z', 'ok_new', '', NULL, 0.5, 1000, 2, 2, 0, NULL);
INSERT INTO host_waits VALUES ('outlet.test', '2026-11-25T10:00:00Z');
INSERT INTO entries VALUES (1, 'outlet', 'id-1', 'https://outlet.test/news/1', 'Заголовок номер 1', '9bf3a0dfe34d9571badc6888db48f45c6238aa499fd1a84f23853cb09b80e066', '{"id":"id-1","url":"https://outlet.test/news/1","title":"Заголовок номер 1","summary":"Текст 1"}', '2026-11-25T09:00:00Z', 1, NULL, 'stored', 'read whole', 0, NULL, 0, 1, NULL);
INSERT INTO entries VALUES (2, 'outlet', 'id-2', 'https://outlet.test/news/2', 'Заголовок номер 2', '51c55d554d1a6fbeb85235c6f199941764134c33042fefa6f6784e04230214cc', '{"id":"id-2","url":"https://outlet.test/news/2","title":"Заголовок номер 2","summary":"Текст 2"}', '2026-11-25T09:00:00Z', 1, NULL, 'waiting', '', 0, '2026-11-25T09:00:00Z', 0, NULL, NULL);
INSERT INTO identities VALUES ('outlet', 'id-1', 1);
INSERT INTO identities VALUES ('outlet', 'id-2', 2);
INSERT INTO sightings VALUES (1, 'https://outlet.test/feed', '9bf3a0dfe34d9571badc6888db48f45c6238aa499fd1a84f23853cb09b80e066');
INSERT INTO sightings VALUES (2, 'https://outlet.test/feed', '51c55d554d1a6fbeb85235c6f199941764134c33042fefa6f6784e04230214cc');
INSERT INTO states VALUES (1, 1, '2026-11-25T09:00:00Z', 'stored', 'read whole');
INSERT INTO stories VALUES (1, 'Солдат бежал', '2026-11-25T09:00:00Z', '2026-11-25T09:00:00Z');
INSERT INTO items VALUES (1, 'outlet', 'id-1', 'https://outlet.test/news/1', 'https://outlet.test/news/1', '2026-11-25T09:00:00Z', '2026-11-25T09:00:00Z', 'stored', 'read whole', 1, NULL, NULL, 1, 'Солдат бежал', '', 'Солдат бежал из части под Курском.', '[]', NULL, NULL, NULL, 'ru', 'full', NULL, '[]', 'alert', 3.5, '["desertion"]', 'ru', '[{"rule":"desertion","term":"дезертир","field":"text","start":3,"end":11,"concept":"desert","why":"near: часть"},{"rule":"desertion","term":"бежал","field":"text","start":15,"end":20,"concept":"","why":""}]', 'high', '["Курск"]', '["ru:338"]', '["sport"]', 'rules-1', 'a9b6fa48fc93d8ab58fcd97374463d8662b2cecfaae9ebf009c5e1eb4fb2f0c2', X'619CA3221CC29BAA74F3ED5DC0F176BA5100137708390A3E4C3B5795F1902168', 6, NULL, NULL, '2026-11-25T09:00:00Z', 1, '6fedb13633b5c9dce5c8a5a9b02c54e10f4732aa2a72b45d4277a79feda59a73', NULL);
INSERT INTO sketches VALUES (-6153111039775630239, 1);
INSERT INTO sketches VALUES (-5010551726891207820, 1);
INSERT INTO sketches VALUES (4470448288638894161, 1);
INSERT INTO sketches VALUES (7503437821442997068, 1);
INSERT INTO revisits VALUES (1, 'https://outlet.test/news/1', '2026-11-25T09:00:00Z', '2026-11-25T10:00:00Z', NULL, NULL, 'https://outlet.test/news/1', NULL, 0, '');
INSERT INTO alerts VALUES (1, 1, 'high', '["desertion"]', '["desertion"]', 'ru', '2026-11-25T09:00:00Z', 'new', 'live', '2026-11-25T09:00:00Z', NULL);
INSERT INTO verdicts VALUES (1, 1, 1, 'rules-1', 'right', 'desertion', '', 'desk', '2026-11-25T10:00:00Z');
INSERT INTO draws VALUES ('2026-W47', 1, 'matched', 1);
INSERT INTO pages VALUES ('2b200d8c3cd569d3017aba0bf0ab12b54786f0f89c55c41202d93d5a4971333e', 18, X'789CB3C928C9CDB1F348CDC9C9B7D107B3013E090682', '80732b955abee734766a7de2dd8a135e6b95f20da4c7e89cf92ed2becd40cd90');
INSERT INTO fetches VALUES (1, 1, 'article', '2b200d8c3cd569d3017aba0bf0ab12b54786f0f89c55c41202d93d5a4971333e', 'https://outlet.test/news/1', 'https://outlet.test/news/1', 200, '[["content-type","text/html"]]', '2026-11-25T09:00:00Z', 0.25, 18, '192.0.2.1', NULL, NULL, NULL, 1, 'monitor 0.1.0', '2026-11-25T09:00:00Z', 'f0b7a37554cacb595b37436cf4abdcae887e16409184387d91f58f9dc5b9cbad', NULL);
INSERT INTO outbox VALUES (1, 'alert:1:mail:desk', 'mail', 'desk@outlet.test', '586b4d3702ba56dbd1e4bb6b360b458c@monitor.invalid', 'Солдат бежал', 'Text', NULL, '{"alert":1}', '2026-11-25T09:00:00Z', 0, 'due', '2026-11-25T09:00:00Z', '', NULL);
INSERT INTO notes VALUES ('last digest', '2026-11-24');
COMMIT;
