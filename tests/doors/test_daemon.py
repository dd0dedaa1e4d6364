"""Does the daemon run, stop clean and go on where it was? The real process, stopped by real signals."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer

import pytest
import time_machine
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import daemon
from monitor.wiring import shipped
from tests.press import Press

from .conftest import Desk

PATIENCE = 40.0  # seconds


def wait_until(desk: Desk, what: str, enough: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if len(desk.json(what)) >= enough:
            return
    raise TimeoutError(f"fewer than {enough} {what} after {PATIENCE} s")


def test_C08_the_daemon_reads_and_ends_clean_and_goes_on_after_a_restart(press: Press, tmp_path: Path) -> None:
    press.add_feed("/extra/feed.xml", entries=9)
    desk = Desk(tmp_path / "desk")
    press.write_config(desk.config, only=["extra-1"])
    daemon = desk.start("run")
    wait_until(desk, "items", 9)
    second = desk.run("run")
    assert second.returncode == 4
    begun = time.monotonic()
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == 0
    assert time.monotonic() - begun < 20
    assert "Traceback" not in daemon.communicate()[1]
    asked = len(press.requests)
    press.add_feed("/other/feed.xml", entries=3)
    press.write_config(desk.config, only=["extra-1", "extra-2"])
    again = desk.start("run")
    wait_until(desk, "items", 12)
    again.send_signal(signal.SIGTERM)
    assert again.wait(20) == 0
    again.communicate()
    assert [seen.path for seen in press.requests[asked:] if seen.path.startswith("/extra/")] == []  # not due yet, and nothing is read twice
    assert len(desk.json("items")) == 12


def due_now(desk: Desk) -> None:
    """As if the hour since the articles were read were over."""
    with closing(sqlite3.connect(desk.data / "monitor.db")) as database, database:
        assert database.execute("UPDATE revisits SET due = '2026-01-01T00:00:00Z'").rowcount == 1


def polled(desk: Desk) -> tuple[int, int, int]:
    record = desk.json("poll")
    return record["items"], record["rechecked"], record["changed"]


def test_a_due_article_is_looked_at_again_by_a_poll_and_by_the_daemon_after_a_restart(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=1)
    page = press.document(made.pages[0])
    assert page
    press.put(made.pages[0], page.text, modified=press.now)
    desk = Desk(tmp_path / "desk")
    press.write_config(desk.config, only=["extra-1"])
    assert polled(desk) == (1, 0, 0)
    due_now(desk)
    press.put(made.pages[0], page.text.replace("<h1", "<h1 class='new'").replace("deserters", "fugitives"), modified=press.now)
    assert polled(desk) == (0, 1, 1)
    due_now(desk)
    asked = len(press.asked(made.pages[0]))
    daemon = desk.start("run")
    end = time.monotonic() + PATIENCE
    while len(press.asked(made.pages[0])) == asked and time.monotonic() < end:
        press.stopping.wait(0.05)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == 0
    assert "Traceback" not in daemon.communicate()[1]
    assert "if-none-match" in press.asked(made.pages[0])[-1].headers
    assert len(press.asked(made.pages[0])) == asked + 1
    (item,) = desk.json("items")
    assert (item["versions"], len(item["changes"])) == (2, 1)


def test_C13_what_curators_save_is_used_at_once_and_a_mistake_keeps_the_old(press: Press, tmp_path: Path) -> None:
    press.add_feed("/extra/feed.xml", entries=2)
    press.add_feed("/other/feed.xml", entries=3)
    desk = Desk(tmp_path / "desk")
    press.write_config(desk.config, only=["extra-1"])
    daemon = desk.start("run")
    assert daemon.stderr
    deadline = Timer(3 * PATIENCE, daemon.kill)  # ends the lines that are waited for
    deadline.start()
    wait_until(desk, "alerts", 1)
    alerts = len(desk.json("alerts"))

    slip = desk.config / "sources" / "slip.toml"
    slip.write_text('[[source]]\nid = "slip"\nnmae = "Slip"\n')
    press.write_config(desk.config)
    assert next(line for line in daemon.stderr if "slip.toml" in line and "nmae" in line and "the old configuration goes on" in line)
    assert len(desk.json("items")) == 2

    for name in ("lexicon", "rules"):
        shutil.copytree(shipped() / name, desk.config / name)
    for path in (desk.config / "rules").iterdir():
        path.write_text(re.sub('level = "(alert|note)"', 'level = "none"', path.read_text()))
    slip.unlink()
    assert next(line for line in daemon.stderr if "judged again" in line and "nobody was told" in line)
    wait_until(desk, "items", 5)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == 0
    daemon.communicate()
    deadline.cancel()
    assert {item["verdict"] for item in desk.json("items")} == {"none"}
    assert [bool(alert["lost"]) for alert in desk.json("alerts")] == [True] * alerts


def test_C07_sigterm_during_hung_fetches_ends_within_twenty_seconds(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=6)
    for path in made.pages:
        press.delay(path, 60)
    desk = Desk(tmp_path / "desk")
    press.write_config(desk.config, only=["extra-1"])
    daemon = desk.start("run")
    press.wait_for(2)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == 0
    said = daemon.communicate()[1]
    assert "was cut short" in said and "Traceback" not in said
    ledger = desk.json("ledger")
    assert ledger["by_state"]["waiting"] == ledger["seen"] == 6


def test_O10_nothing_from_outside_forges_a_line_of_the_log() -> None:
    form = daemon.OneLine("%(levelname)s %(message)s")
    title = "quiet\nERROR forged\x1b[2J\u2028ERROR forged"
    plain = form.format(logging.LogRecord("x", logging.INFO, "", 0, "title: %s", (title,), None))
    try:
        raise ValueError(title)
    except ValueError:
        told = form.format(logging.LogRecord("x", logging.ERROR, "", 0, title, (), sys.exc_info()))
    assert len(plain.splitlines()) == 1
    assert "ValueError" in told and [line for line in told.splitlines()[1:] if not line.startswith("    ")] == []
    assert "\x1b" not in plain + told


@pytest.mark.parametrize("hours", [-1, 6])
def test_C02_C03_when_the_clock_jumps_every_job_is_due_at_once(hours: int) -> None:
    """The real scheduler; without the watch a clock set back by an hour stops everything for an hour."""

    async def two_turns() -> None:
        turns: asyncio.Queue[datetime] = asyncio.Queue()

        async def job() -> None:
            turns.put_nowait(datetime.now(UTC))

        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(job, "interval", hours=2, next_run_time=datetime.now(UTC), misfire_grace_time=None)
        scheduler.start()
        await turns.get()
        watching = asyncio.create_task(daemon.mind_the_clock(scheduler, every=0.01))
        await asyncio.sleep(0)  # lets it read both clocks
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
            await asyncio.wait_for(turns.get(), PATIENCE)
        watching.cancel()
        scheduler.shutdown(wait=False)

    asyncio.run(two_turns())
