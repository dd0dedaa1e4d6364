"""Can words from outside harm the person at the terminal, and does the command work where there hardly is one?"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace

import pytest

from monitor.store.lock import hold
from monitor.store.sqlite import open_store
from tests.press import Press
from tests.store.acts import DESERTED, NOW, article, as_read, entry, nobody, poll

from .conftest import MONITOR, Desk

#: Clears the screen, sets the window's title, hides a link, rings, turns the line round, breaks it, begins a formula.
TITLE = "\x1b[2J\x1b]0;owned\x07\x1b]8;;https://evil.test\x07дезертир\x1b]8;;\x07\u202egnitirw\u2066\n=HYPERLINK()\x9b31m\x00"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ACTIVE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def watched(press: Press, desk: Desk) -> Desk:
    """An installation that holds one hostile article, which alerted."""
    press.write_config(desk.config, only=["gazette"])
    with hold(desk.data), open_store(desk.data, write=True) as store:
        poll(store, entry(1, title=TITLE), source="gazette")
        (waiting,) = store.waiting(NOW, 10)
        read = as_read(waiting, article=article(title=TITLE, lead=TITLE), judgement=DESERTED)
        alerting = replace(read, decision=replace(read.decision, alert=True, notify=True))
        assert store.save_read(alerting, NOW, nobody)
    return desk


@pytest.mark.parametrize("columns", [160, 20])
@pytest.mark.parametrize(
    "words",
    [("items",), ("alerts",), ("stories",), ("digest", "2026-11-25"), ("sources",), ("items", "--json"), ("export",)],
    ids=lambda words: words[0],
)
def test_O07_no_text_from_outside_moves_a_terminal(watched: Desk, words: tuple[str, ...], columns: int) -> None:
    seen = watched.on_a_terminal(*words, columns=columns)
    assert "дезертир"[:4] in seen or words[0] == "sources" or columns < 40
    assert ACTIVE.findall(COLOURS.sub("", seen).replace("\r\n", "\n")) == []


def test_O07_elsewhere_a_line_is_a_line(watched: Desk) -> None:
    for words in (("items",), ("alerts",), ("stories",)):
        [line] = watched.run(*words).stdout.splitlines()
        assert ACTIVE.findall(line.replace("\t", "")) == []
    [exported] = watched.run("export", "--jsonl").stdout.splitlines()
    assert "дезертир" in json.loads(exported)["title"]


@pytest.mark.parametrize("words", [("items",), ("items", "--json"), ("digest", "2026-11-25"), ("ledger", "--json"), ("sources", "--json")])
def test_B07_without_locale_home_and_terminal_the_same_is_printed(watched: Desk, words: tuple[str, ...]) -> None:
    usual = watched.run(*words)
    bare = {"PATH": os.defpath, "LANG": "C", "LC_ALL": "C", "MONITOR_CONFIG": str(watched.config), "MONITOR_DATA": str(watched.data)}
    bare |= {"PYTHONPATH": watched.environment["PYTHONPATH"]} if "PYTHONPATH" in watched.environment else {}
    done = subprocess.run([*MONITOR, *words], cwd=watched.folder, env=bare, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout.decode("utf-8")) == (usual.returncode, usual.stdout)
    assert "Traceback" not in done.stderr.decode("utf-8")


def test_B07_a_closed_standard_output_is_no_traceback(watched: Desk) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(MONITOR)} items >&-"],
        cwd=watched.folder,
        env=watched.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr


def test_O11_nothing_that_was_written_is_named_by_strangers(watched: Desk) -> None:
    """The data folder holds a database and what belongs to it, whatever articles, feeds and hosts are called."""
    assert {path.name.split("-")[0] for path in watched.data.iterdir()} <= {"monitor.db", "monitor.lock"}
