"""Is a trouble told exactly once, whatever is killed, and does the daemon tell it too? Real processes and a real webhook."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from monitor.model import TroubleKind
from tests.press import Press
from tests.press.raw import RawServer, reply

from .conftest import Desk

KILLS = 8
SOURCES = ("gazette", "courrier-du-front")


@pytest.fixture
def hook() -> Iterator[RawServer]:
    with RawServer() as running:
        running.say("/hook", reply(204, length=None))
        yield running


@pytest.fixture
def told(press: Press, desk: Desk, hook: RawServer) -> Desk:
    """A desk that has looked once, in vain."""
    press.write_config(desk.config, only=SOURCES)
    settings = desk.config / "monitor.toml"
    text = settings.read_text().replace(f'"{press.address}"', f'"{press.address}", "{hook.address}"')
    settings.write_text(f'{text}[[webhook]]\nurl = "{hook.url("/hook")}"\nsecret_file = "secret"\n')
    (desk.config / "secret").write_text("s3cret")
    for path in ("/gazette/atom.xml", "/courrier/rss.xml"):
        press.fail(path, 404)
    assert desk.run("poll").returncode == 3
    assert hook.log == []
    return desk


def change(desk: Desk, statement: str) -> None:
    with closing(sqlite3.connect(desk.data / "monitor.db")) as connection, connection:
        connection.execute(statement)


def age(desk: Desk) -> None:
    """As if everything had begun a day earlier, and were due."""
    change(desk, "UPDATE visits SET failing_since = '2026-01-01T00:00:00Z', next_look = '2026-01-01T00:00:00Z'")


def messages(hook: RawServer) -> list[dict[str, Any]]:
    """Of troubles, each key once: a repeat after a kill carries the same."""
    taken = {asked.header("Idempotency-Key"): json.loads(asked.body) for asked in hook.asked("/hook")}
    return [message for message in taken.values() if message["kind"] == "sources"]


def test_N14_killed_at_any_moment_a_trouble_is_told_exactly_once(told: Desk, press: Press, hook: RawServer) -> None:
    age(told)
    chance = random.Random(14)
    killed = 0
    for _ in range(KILLS):
        child = told.start("poll", "--all")
        try:
            press.wait_for(len(press.requests) + chance.randint(1, 2), timeout=20)
            child.wait(chance.random() / 10)
        except (TimeoutError, subprocess.TimeoutExpired):  # at work still, or nothing was left to ask: both are moments for a kill
            pass
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            killed += 1
        child.communicate(timeout=60)
        change(told, "UPDATE visits SET next_look = '2026-01-01T00:00:00Z'")
    last = told.run("poll", "--all")
    assert killed >= KILLS // 4
    changes = [one for message in messages(hook) for one in message["changes"]]
    assert sorted((one["source"], one["state"]) for one in changes) == [(ident, "failing") for ident in sorted(SOURCES)], last.stderr
    assert len(hook.asked("/hook")) <= 1 + killed


def test_N14_the_daemon_tells_too_and_in_one_message(told: Desk, press: Press, hook: RawServer) -> None:
    age(told)
    daemon = told.start("run")
    press.mend("/gazette/atom.xml")
    told_of: set[str] = set()
    try:
        for _ in range(200):
            told_of = {one["source"] for message in messages(hook) for one in message["changes"]}
            if told_of:
                break
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"the daemon ended with {daemon.wait(0.2)}")
    finally:
        daemon.send_signal(signal.SIGTERM)
        log = daemon.communicate(timeout=30)[1]
    assert told_of == {"courrier-du-front"}  # the other one reads by now
    assert "courrier-du-front has been failing since 2026-01-01 00:00 UTC (404: not found)" in log
    assert len(messages(hook)) == 1


def test_M04_poll_says_that_nobody_can_be_reached(press: Press, desk: Desk, tmp_path: Path) -> None:
    for number in range(3):
        press.add_feed(f"/extra/{number}.xml", entries=1)
    press.write_config(desk.config, only=["extra-1", "extra-2", "extra-3"])
    press.__exit__(None, None, None)
    done = desk.run("poll", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["network_down"] is True
    assert "our own network seems to be down" in done.stderr
    with closing(sqlite3.connect(desk.data / "monitor.db")) as connection:
        assert connection.execute("SELECT kind FROM troubles").fetchall() == [(TroubleKind.NETWORK,)]
    again = desk.run("poll", "--all")
    assert "our own network" not in again.stderr  # told is told
