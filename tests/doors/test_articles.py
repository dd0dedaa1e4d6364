"""Are one article, and a page that is shown to the service, told whole and harmlessly?"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from monitor import wiring
from tests.press import Press

from .conftest import MONITOR, Desk

GALLERY = "/courrier/l-armee-de-poutine-se-fissure/"
SENTENCE = "According to Mediazona, 12 Russian soldiers deserted from their brigade near Pokrovsk in 2023."
PAGE = f"""<html lang="en"><head><title>A trial</title><meta property="article:published_time" content="2026-11-20T10:00:00Z"></head>
<body><article><h1>A trial in Rostov</h1><p>{SENTENCE} {{odd}}</p><p>{"The court heard them one after the other on Monday. " * 8}</p>
</article></body></html>"""
HOSTILE = "\x1b[2J\x1b]0;gone\x07 \u202egnp.exe \x9b31m"


@pytest.fixture
def watched(press: Press, desk: Desk) -> Desk:
    press.write_config(desk.config)
    assert desk.run("poll").returncode == 0
    return desk


def number(desk: Desk, path: str) -> str:
    return next(str(item["id"]) for item in desk.json("items") if item["url"].endswith(path))


def changed(press: Press, desk: Desk) -> None:
    """The article's page gives another figure, its feed another headline, and the service has looked."""
    for path, old, new in ((GALLERY, "2076 affaires", "3076 affaires"), ("/courrier/rss.xml", "se fissure", "se divise")):
        document = press.document(path)
        assert document and old in document.text
        press.put(path, document.text.replace(old, new), document.kind)
    desk.run("poll", "--all", "courrier-du-front")


# ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_article_is_shown_with_its_marks_their_reasons_and_its_evidence(watched: Desk) -> None:
    ident = number(watched, GALLERY)
    said = watched.run("show", ident).stdout
    assert said.startswith(f"Item {ident} · L'armée de Poutine se fissure")
    assert "*désertion*" in said
    for label, told in (
        ("source", r"Courrier du Front \(courrier-du-front\), independent"),
        ("published", r"\d{4}-\d\d-\d\dT\S+Z, from the page's JSON-LD"),
        ("quality", "full: read whole"),
        ("verdict", r"alert, score [\d.]+, severity \w+"),
        ("side", "Russian forces"),
        ("matches", r"“[^”]+” \(\w+ \d+–\d+\) [\w-]+: .*score"),
        ("versions", r"1 read \S+Z, alert: read whole"),
        ("alerts", r"\d+ of \S+Z, \w+, new"),
        (
            "evidence",
            r"fetch \d+ of \S+Z, 200, http\S+, sha256 [0-9a-f]{64}, [\d,]+ bytes kept in the database; version 1 was read from it",
        ),
    ):
        assert re.search(rf"^{label} +{told}", said, re.MULTILINE), label


def test_show_as_json_holds_all_of_it_and_its_places_are_right(watched: Desk) -> None:
    shown = watched.json("show", number(watched, GALLERY))
    listed = next(item for item in watched.json("items") if item["id"] == shown["id"])
    assert {key: shown[key] for key in listed} == listed
    assert (shown["version"], [one["version"] for one in shown["history"]], shown["gone"]) == (1, [1], None)
    assert [alert["item"] for alert in shown["alerts"]] == [shown["id"]]
    (evidence,) = shown["evidence"]
    assert re.fullmatch("[0-9a-f]{64}", evidence["sha256"])
    assert (evidence["status"], evidence["versions"], evidence["address"]) == (200, [1], "127.0.0.1")
    assert all(shown[match["field"]][match["start"] : match["end"]] and match["why"] for match in shown["matches"])


def test_an_older_version_is_shown_as_it_was_and_what_changed_is_told(press: Press, watched: Desk) -> None:
    ident = number(watched, GALLERY)
    before = watched.json("show", ident)
    changed(press, watched)
    now = watched.run("show", ident).stdout
    assert "3076 affaires" in now and "2076 affaires" not in now
    assert re.search(r"^versions +1 read", now, re.MULTILINE)
    assert "figure changed: 2076 → 3076 criminal cases, in “" in now
    first = watched.run("show", ident, "--version", "1").stdout
    assert "2076 affaires" in first
    assert "shown here" in first
    record = watched.json("show", ident, "--version", "1")
    assert (record["title"], record["text"], record["versions"], record["version"]) == (before["title"], before["text"], 2, 1)
    assert [change["kind"] for change in record["history"][1]["changes"]] == ["figure"]
    assert [one["versions"] for one in record["evidence"]] == [[1], [2]]
    listed = next(item for item in watched.json("items") if item["id"] == record["id"])
    assert [(one["version"], one["changes"][0]["after"]) for one in listed["changes"]] == [(2, "3076 criminal cases")]
    exported = next(record for line in watched.run("export").stdout.splitlines() if (record := json.loads(line))["id"] == int(ident))
    assert exported["versions"][0]["text"] == before["text"]
    assert exported["changes"][0]["changes"][0]["kind"] == "figure"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("999",), "999: no such item; monitor items lists them"),
        (("1", "--version", "9"), "item 1 has one version only, no 9"),
        (("1", "--version", "0"), "0 is not in the range"),
        (("one",), "is not a valid integer"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(watched: Desk, words: tuple[str, ...], told: str) -> None:
    done = watched.run("show", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def on_a_terminal(desk: Desk, *words: str) -> str:
    """What the command prints where it thinks that a person looks."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*MONITOR, *words], cwd=desk.folder, env=desk.environment | {"TERM": "xterm"}, stdout=theirs, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 65536):
                said += chunk
        except OSError:  # the terminal's end
            pass
        assert process.stderr and process.stderr.read() == b""
    os.close(ours)
    return said.decode()


def test_O07_hostile_text_moves_no_terminal_and_marks_are_colours(press: Press, desk: Desk) -> None:
    press.write_config(desk.config)
    page = desk.folder / "page.html"
    page.write_text(PAGE.replace("{odd}", HOSTILE), encoding="utf-8")
    said = on_a_terminal(desk, "explain", str(page))
    assert "\x1b[30;103mdeserted from their brigade\x1b[0m" in said
    said = re.sub(r"\x1b\[[\d;]*m", "", said)  # colours
    assert not re.search(r"[\x07\x1b\x80-\x9f\u202e]", said)
    plain = desk.run("explain", str(page)).stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", plain)
    assert "*deserted from their brigade*" in plain


# ── explain ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_is_explained_from_its_answer_to_its_verdict_and_nothing_is_stored(press: Press, watched: Desk) -> None:
    before = watched.json("ledger")
    database = (watched.data / "monitor.db").read_bytes()
    url = press.url + GALLERY
    said = watched.run("explain", url).stdout
    ident = number(watched, GALLERY)
    for line in (
        r"answer +200 from 127\.0\.0\.1 after [\d.]+ s, [\d,]+ bytes, text/html; charset=utf-8",
        r" +robots\.txt lets us read it",
        r"charset +utf-8",
        r"address +canonical http",
        rf"known +yes: item {ident} of courrier-du-front",
        r"copies +nothing like it was read before",
        r"figures +2,076 criminal cases \(desertion\) in 2023-01/2023-06",
        r"verdict +alert",
    ):
        assert re.search(rf"^{line}", said, re.MULTILINE), line
    record = watched.json("explain", url)
    assert (record["known"], record["duplicate_of"], record["verdict"], record["fetch"]["status"]) == (int(ident), None, "alert", 200)
    assert record["matches"] and record["figures"]
    assert watched.json("ledger") == before
    assert (watched.data / "monitor.db").read_bytes() == database


def test_a_copy_is_told_with_the_item_that_it_copies(press: Press, watched: Desk) -> None:
    page = press.document(GALLERY)
    assert page
    record = watched.json("explain", press.put("/courrier/copie/", page.text.replace(GALLERY, "/courrier/copie/")))
    assert (record["known"], record["duplicate_of"]) == (None, int(number(watched, GALLERY)))
    assert "the same text as item" in record["likeness"]


def test_a_saved_page_and_a_text_are_explained_without_database_and_configuration(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "empty")
    desk.data.rmdir()
    desk.environment = {key: value for key, value in desk.environment.items() if not key.startswith("MONITOR_")}
    desk.config.rmdir()
    page = tmp_path / "page.html"
    page.write_bytes(PAGE.replace("{odd}", "Солдаты").encode("utf-8"))
    done = desk.run("explain", str(page), "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["title"], record["published"], record["published_from"]) == ("A trial in Rostov", "2026-11-20T10:00:00Z", "meta")
    assert (record["verdict"], record["charset"], record["fetch"]) == ("alert", "utf-8", None)
    done = desk.run("explain", "-", "--json", given=SENTENCE)
    record = json.loads(done.stdout)
    assert (record["verdict"], record["text"], record["notes"]) == ("alert", SENTENCE, ["a plain text"])
    assert [(one["value"], one["source"]) for one in record["figures"]] == [(12, "mediazona")]
    assert [one["source"] for one in record["attributions"]] == ["mediazona"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_wall_is_explained_as_one_and_never_matched(press: Press, watched: Desk) -> None:
    wall = (
        "<html><head><title>Just a moment...</title></head><body><p>Enable JavaScript and cookies to continue. deserters</p></body></html>"
    )
    record = watched.json("explain", press.put("/courrier/wall/", wall))
    assert (record["quality"], record["verdict"], record["matches"]) == ("wall", "none", [])
    assert any(note.startswith("wall: ") for note in record["notes"])


def test_what_cannot_be_fetched_is_told_with_its_reason(press: Press, watched: Desk) -> None:
    press.put("/robots.txt", "User-agent: *\nDisallow: /courrier/", "text/plain")
    asked = len(press.asked(GALLERY))
    done = watched.run("explain", press.url + GALLERY)
    assert done.returncode == 1
    assert re.search(r"^answer +refused: .*robots\.txt", done.stdout, re.MULTILINE)
    assert re.search(r"^known +yes", done.stdout, re.MULTILINE)
    assert len(press.asked(GALLERY)) == asked
    done = watched.run("explain", "http://192.168.0.1/", "--json")
    assert (done.returncode, json.loads(done.stdout)["fetch"]["outcome"]) == (1, "refused")
    done = watched.run("explain", "nowhere.html")
    assert done.returncode == 2
    assert "nowhere.html: No such file or directory; give an address" in done.stderr


def test_a_redirect_and_a_vetoed_match_are_told(press: Press, watched: Desk) -> None:
    press.put("/courrier/old/", "x")
    press.fail("/courrier/old/", 301, headers={"Location": GALLERY})
    said = watched.run("explain", press.url + "/courrier/old/").stdout
    assert re.search(rf"^ +leads for good to {re.escape(press.url + GALLERY)}", said, re.MULTILINE)
    denied = "Russian soldiers never deserted from their brigade near Pokrovsk, officials said."
    said = watched.run("explain", "-", given=denied).stdout
    assert re.search(r"^verdict +none", said, re.MULTILINE)
    assert re.search(r"^against +[\w-]+ at “", said, re.MULTILINE)


def test_both_work_beside_a_process_that_holds_the_lock(press: Press, watched: Desk) -> None:
    with wiring.writing(watched.data):
        assert watched.run("poll").returncode == 4
        assert watched.run("show", "1").returncode == 0
        assert watched.run("explain", press.url + GALLERY).returncode == 0
