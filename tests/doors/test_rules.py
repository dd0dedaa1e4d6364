"""A curator's way with the rules: test them, judge what they found, edit a term, see what that changes, save it, run it over the past."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from monitor import wiring
from tests.press import Press

from .conftest import Desk
from .test_daemon import wait_until


@pytest.fixture
def watched(press: Press, desk: Desk) -> Desk:
    press.write_config(desk.config)
    assert desk.run("poll", "--json").returncode == 0
    return desk


def with_a_term_more(desk: Desk, folder: Path) -> Path:
    """A copy of the desk's configuration in which one more thing is called desertion."""
    edited = folder / "edited"
    shutil.copytree(desk.config, edited)
    for name in ("lexicon", "rules"):
        shutil.copytree(wiring.shipped() / name, edited / name)
    lexicon = edited / "lexicon" / "fr.toml"
    text = lexicon.read_text(encoding="utf-8")
    changed = text.replace("\ndesertion = [\n", '\ndesertion = [\n  "pont flottant",\n', 1)
    assert changed != text
    lexicon.write_text(changed, encoding="utf-8")
    return edited


def test_the_daemon_brings_the_past_under_changed_rules_when_it_starts(watched: Desk, tmp_path: Path) -> None:
    before = watched.json("alerts")
    shutil.copytree(with_a_term_more(watched, tmp_path), watched.config, dirs_exist_ok=True)
    daemon = watched.start("run")
    wait_until(watched, "alerts", len(before) + 1)
    daemon.terminate()
    assert daemon.wait(20) == 0
    assert "nobody was told" in daemon.communicate()[1]
    assert [alert["lane"] for alert in watched.json("alerts")[len(before) :]] == ["rematch"]


def test_editing_a_term_shows_what_changes_and_alerts_nobody(watched: Desk, tmp_path: Path) -> None:
    edited = with_a_term_more(watched, tmp_path)
    before = watched.json("alerts")

    shown = watched.run("rules", "diff", "--config", str(edited), "--json")
    changes = json.loads(shown.stdout)
    assert shown.returncode == 0
    assert changes["adds"] == len([one for one in changes["changes"] if one["how"] == "added"]) > 0
    assert all("pont flottant" in one["why"] for one in changes["changes"] if one["how"] == "added")
    assert watched.json("alerts") == before
    plain = watched.run("rules", "diff", "--config", str(edited))
    assert plain.stdout.splitlines()[-1].startswith(f"adds {changes['adds']} (")

    for name in ("lexicon", "rules"):
        shutil.copytree(edited / name, watched.config / name)
    done = watched.json("rematch")
    after = watched.json("alerts")
    assert done["rules"] == changes["rules"]
    assert [alert["lane"] for alert in after[len(before) :]] == ["rematch"] * done["found"] != []
    assert [alert["lane"] for alert in after[: len(before)]] == ["live"] * len(before)
    assert watched.run("alerts").stdout.count("\tnew, rematch\t") == done["found"]
    with sqlite3.connect(watched.data / "monitor.db") as store:
        assert store.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert watched.json("rematch")["judged"] == 0


def test_a_verdict_given_beside_the_daemon_tests_the_rules_from_then_on(watched: Desk) -> None:
    alert = watched.json("alerts")[0]
    daemon = watched.start("run")
    while (watched.data / "monitor.lock").read_text().strip() != str(daemon.pid):
        assert daemon.poll() is None
    said = watched.run("judge", str(alert["item"]), "wrong", "--note", "another war", "--by", "desk")
    daemon.terminate()
    daemon.communicate(timeout=40)
    assert (said.returncode, said.stdout) == (0, f"item {alert['item']}: wrong, class none\n")
    report = watched.json("rules", "test")
    assert report["verdicts"] == 1
    assert report["by_source"][alert["source"]]["alert"]["false"] == 1
    assert [one["cases"] for one in report["false_alarms"] if f"item {alert['item']}" in one["cases"]]
    told = watched.run("judge", "999", "right")
    assert (told.returncode, "no such item" in told.stderr) == (2, True)


def test_rules_are_tested_on_a_corpus_of_ones_own(desk: Desk, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    cases = [
        {"id": "en-1", "text": "Russian soldiers deserted their unit near Bakhmut.", "label": "relevant"},
        {"id": "en-2", "text": "The dessert was served late.", "label": "irrelevant"},
        {"id": "en-3", "text": "They are no longer where they should be.", "label": "relevant"},
    ]
    corpus.write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
    report = desk.json("rules", "test", "--corpus", str(corpus))
    assert (report["cases"], report["all"]["found"]["right"], report["all"]["found"]["missed"]) == (3, 1, 1)
    assert report["misses"][0]["cases"] == ["en-3"]
    plain = desk.run("rules", "test", "--corpus", str(corpus)).stdout
    assert "en found" in plain
    assert "No recall can be estimated yet" in plain


def test_a_draw_waits_to_be_judged(watched: Desk) -> None:
    with sqlite3.connect(watched.data / "monitor.db") as store:
        store.execute("UPDATE items SET first_seen = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')")
    assert watched.json("review") == []
    drawn = watched.json("review", "--draw")
    assert {one["stratum"] for one in drawn} >= {"matched", "unmatched"}
    assert watched.run("judge", str(drawn[0]["item"]), "right").returncode == 0
    assert watched.json("review", "--draw") == drawn[1:]
