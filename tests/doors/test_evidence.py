"""Can what was read be proven from the command line, and be handed on?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.store.lock import hold
from tests.press import Press

from .conftest import Desk

SAID = ("title", "lead", "text", "lang", "quality", "verdict", "topics", "side", "published")


@pytest.fixture
def watched(press: Press, desk: Desk) -> Desk:
    press.add_feed("/extra/feed.xml", entries=6)
    press.write_config(desk.config)
    path = desk.config / "monitor.toml"
    path.write_text('keep_raw = "all"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert desk.run("poll", "extra-1").returncode == 0
    return desk


def said(desk: Desk) -> dict[str, dict[str, Any]]:
    return {item["url"]: {name: item[name] for name in SAID} for item in desk.json("items")}


def test_pages_that_are_exported_are_read_again_as_the_same_items(watched: Desk, tmp_path: Path) -> None:
    file = tmp_path / "pages.warc.gz"
    assert watched.run("export", "--warc", str(file)).stdout.startswith("7 pages written")  # six articles, and the feed
    other = Desk(tmp_path / "other")
    for path in watched.config.rglob("*.toml"):
        copy = other.config / path.relative_to(watched.config)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    told = other.json("backfill", "warc", str(file))
    assert (told["items"], told["problems"]) == (6, [])
    assert said(other) == said(watched)
    assert other.json("verify")["ok"]
    again = watched.run("export", "--warc", str(file))
    assert again.returncode == 2 and "exists already" in again.stderr
    nowhere = watched.run("export", "--warc", str(tmp_path / "no such folder" / "pages.warc.gz"))
    assert nowhere.returncode == 1 and "No such file or directory" in nowhere.stderr and "Traceback" not in nowhere.stderr


def test_a_warc_goes_to_stdout_as_well(watched: Desk, tmp_path: Path) -> None:
    file = tmp_path / "stdout.warc.gz"
    with file.open("wb") as stream, watched.start("export", "--warc", "-", stdout=stream) as process:
        process.communicate()
    with file.open("rb") as stream:
        assert [record.rec_type for record in ArchiveIterator(stream)].count("response") == 7


def test_verify_says_what_was_changed_and_ends_with_1(watched: Desk) -> None:
    sound = watched.run("verify")
    assert (sound.returncode, sound.stderr) == (0, "")
    assert "7 pages, 7 fetches, 6 texts" in sound.stdout and "all as they were stored" in sound.stdout
    with closing(sqlite3.connect(watched.data / "monitor.db")) as conn, conn:
        conn.execute("UPDATE items SET text = replace(text, 'the', 'a') WHERE id = 3")
        conn.execute("UPDATE pages SET body = x'00' WHERE rowid = 2")
    tampered = watched.run("verify")
    assert tampered.returncode == 1
    assert "its stored bytes were changed" in tampered.stdout and "3.1 (http" in tampered.stdout and "2 not as stored" in tampered.stdout
    record = watched.run("verify", "--json")
    assert record.returncode == 1 and '"ok": false' in record.stdout
    failed = watched.run("export", "--warc", str(watched.folder / "pages.warc"))
    assert failed.returncode == 1 and "is damaged: `monitor verify` tells what else is" in failed.stderr
    assert list(watched.folder.glob("pages.warc*")) == []


def test_verify_beside_a_running_service_leaves_the_manifests_to_it(watched: Desk) -> None:
    with hold(watched.data):
        assert watched.json("verify")["ok"]


def test_an_empty_folder_is_proven_empty_and_stays_so(desk: Desk) -> None:
    assert desk.json("verify")["counts"] == {"pages": 0, "fetches": 0, "texts": 0, "manifests": 0}
    assert list(desk.data.iterdir()) == []
