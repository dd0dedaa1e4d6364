"""Is anything lost or doubled when the service is killed? A real process, a real SIGKILL, at moments spread over a whole poll."""

from __future__ import annotations

import random
import signal
from pathlib import Path

from tests.press import Press

from .conftest import Desk

ENTRIES = 24
KILLS = 20


def test_C10_killed_at_twenty_moments_of_a_poll_nothing_is_lost_or_doubled(press: Press, tmp_path: Path) -> None:
    """Each kill comes after another number of requests that the press has seen, so they fall into every part of the poll."""
    made = press.add_feed("/extra/feed.xml", entries=ENTRIES)
    desk = Desk(tmp_path / "desk")
    press.write_config(desk.config, only=["extra-1"])
    chance = random.Random(20230624)
    killed = 0
    for _ in range(KILLS):
        child = desk.start("poll", "--all")
        try:
            press.wait_for(len(press.requests) + chance.randint(1, 3), timeout=15)
        except TimeoutError:
            child.wait(60)  # there was nothing left to ask for
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            killed += 1
        child.communicate(timeout=60)
    assert killed >= KILLS // 2
    last = desk.json("poll", "--all")
    ledger, items, alerts = desk.json("ledger"), desk.json("items"), desk.json("alerts")
    assert last["waiting"] == last["failed"] == 0
    assert ledger["by_state"]["stored"] == ledger["seen"] == ENTRIES
    assert sorted(item["url"] for item in items) == sorted(press.url + path for path in made.pages)
    assert sorted(alert["url"] for alert in alerts) == sorted(press.url + path for path in made.alerting)
