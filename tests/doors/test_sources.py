"""Does `monitor sources` show how things stand, and does looking change nothing?"""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from monitor import wiring
from tests.press import Press

from .conftest import Desk

FEED = "/gazette/atom.xml"


@pytest.fixture
def watched(press: Press, desk: Desk) -> Desk:
    press.write_config(desk.config, only=["gazette", "courrier-du-front"])
    return desk


def rows(desk: Desk) -> list[str]:
    connection = sqlite3.connect(f"file:{desk.data / 'monitor.db'}?mode=ro", uri=True)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_health_stands_at_a_glance_in_colour_on_a_terminal_and_in_plain_lines_elsewhere(watched: Desk, press: Press) -> None:
    press.fail("/courrier/rss.xml", 403)
    assert watched.run("poll").returncode == 3
    seen = watched.on_a_terminal("sources")
    assert "\x1b[32mok" in seen and "\x1b[31mfailing" in seen
    for words in ("an error (403", "────●────", "La Gazette"):
        assert words in seen, words
    assert re.search(r"something new +in 1[4-7] min", seen)
    lines = [line.split("\t") for line in watched.run("sources").stdout.splitlines()]
    assert [(line[0], line[1], line[3]) for line in lines if line[0] != "disabled"] == [
        ("failing", "courrier-du-front", "http_error"),
        ("ok", "gazette", "ok_new"),
    ]
    assert {len(line) for line in lines} == {9}


def test_a_check_explains_what_it_sees_and_changes_nothing(watched: Desk, press: Press) -> None:
    assert watched.run("poll").returncode == 0
    before, files = rows(watched), sorted(path.name for path in watched.data.iterdir() if not path.name.endswith(("-wal", "-shm")))
    press.fail("/courrier/rss.xml", 404)
    with wiring.writing(watched.data):  # as a daemon holds it
        done = watched.run("sources", "check")
    assert done.returncode == 3  # one of two could not be read
    for words in (
        f"gazette · feed, primary · {press.url}{FEED}",
        "outcome     ok_nothing_new",
        "200 from 127.0.0.1",
        "application/atom+xml",
        "would be saved",
        "13, 13 of them dated, 13 known before",
        "The dessert that divided a village fete",
        "lets us read articles",
        "something new, ",
        "between looks",
        "an error (404: not found)",
    ):
        assert words in done.stdout, (words, done.stdout)
    press.fail("/courrier/rss.xml", 429, headers={"Retry-After": "7200"})
    assert "asked to wait 7200 seconds" in watched.run("sources", "check", "courrier-du-front").stdout
    assert rows(watched) == before
    assert sorted(path.name for path in watched.data.iterdir() if not path.name.endswith(("-wal", "-shm"))) == files


def test_a_check_needs_neither_database_nor_data_folder(watched: Desk, press: Press, tmp_path: Path) -> None:
    press.put("/moved.xml", "", "text/html")
    press.fail(FEED, 301, headers={"Location": "/courrier/rss.xml"})
    done = watched.run("sources", "check", "gazette", "--json", "--data", str(tmp_path / "nowhere"))
    assert done.returncode == 0, done.stderr
    [found] = json.loads(done.stdout)
    assert (found["outcome"], found["known"], found["permanent_url"]) == ("moved", None, f"{press.url}/courrier/rss.xml")
    assert found["entries"] == found["dated"] > 0 and found["next_look"] > found["newest"]
    assert not (tmp_path / "nowhere").exists() and list(watched.data.iterdir()) == []
    assert "nowhere" in done.stderr


def test_a_wrong_name_or_folder_is_told_with_what_to_do(watched: Desk) -> None:
    for words, told in (
        (("poll", "gazete"), "did you mean gazette?"),
        (("poll", "nobody-at-all"), "monitor sources lists them"),
        (("sources", "check", "gazete"), "did you mean gazette?"),
        (("poll", "--data", str(watched.config / "monitor.toml")), "is a file"),
        (("sources", "--config", "elsewhere", "check"), "behind the command"),
    ):
        done = watched.run(*words)
        assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    disabled = watched.run("poll", "mediazona")
    assert disabled.returncode == 0 and "mediazona is disabled and is not looked at: " in disabled.stderr


def test_a_proposal_goes_into_the_catalogue_as_it_is(watched: Desk, press: Press) -> None:
    before = sorted(watched.config.rglob("*.toml"))
    done = watched.run("sources", "add", f"{press.url}/globe/sitemap.xml")
    assert done.returncode == 0, done.stderr
    assert sorted(watched.config.rglob("*.toml")) == before and list(watched.data.iterdir()) == []
    (watched.config / "sources" / "new.toml").write_text(done.stdout, encoding="utf-8")
    checked = watched.run("sources", "check", "127-0-0-1")
    assert checked.returncode == 0 and "sitemap, primary" in checked.stdout, checked.stderr
    nothing = watched.run("sources", "add", f"{press.url}/nowhere")
    assert (nothing.returncode, nothing.stdout) == (1, "") and "404: not found" in nothing.stderr


def test_feeds_go_out_as_opml_and_come_back(watched: Desk, tmp_path: Path) -> None:
    exported = watched.run("sources", "export")
    assert exported.returncode == 0 and exported.stdout.count("<outline ") == 2
    known = watched.run("sources", "import", "-", given=exported.stdout)
    assert (known.returncode, known.stdout) == (0, "") and "0 taken, 2 known, 0 refused" in known.stderr
    (tmp_path / "there.opml").write_text(exported.stdout.replace("</body>", '<outline xmlUrl="http://10.0.0.1/feed"/></body>'))
    elsewhere = Desk(tmp_path / "elsewhere")
    (elsewhere.config / "monitor.toml").write_bytes((watched.config / "monitor.toml").read_bytes())
    taken = elsewhere.run("sources", "import", str(tmp_path / "there.opml"))
    assert taken.returncode == 3 and "2 taken, 0 known, 1 refused" in taken.stderr
    assert list(elsewhere.config.rglob("sources/*")) == []
    (elsewhere.config / "sources").mkdir()
    (elsewhere.config / "sources" / "taken.toml").write_text(taken.stdout, encoding="utf-8")
    keys = ("id", "name", "group", "kind", "languages")
    there, here = (
        {tuple(str(one[key]) for key in keys) for one in desk.json("sources") if one["enabled"]} for desk in (elsewhere, watched)
    )
    assert there == here
    assert watched.run("sources", "import", "-", given="no list").returncode == 1
