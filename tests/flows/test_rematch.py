"""Changed rules over what is stored: what they find and lose, told to nobody, once however often it is run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from monitor import wiring
from monitor.engine import Engine
from monitor.flows import rematch as flow
from monitor.flows.rematch import Difference, Rematched, difference, rematch
from monitor.model import Alert, Level

from .conftest import Service

LEXICON = """
language = "fr"
[concepts]
act = ["bibliothèque{,s}"]
war = ["mairie", "ville"]
place = [{ term = "Paris", name = "Paris" }]
law = [{ term = "article 337", name = "ru:337" }]
"""
RULES = """
[scale]
alert = 0.75
note = 0.5
war = ["war"]
war_missing = 1.0
further = 0.05
further_most = 0.1
sides = { war = "ru" }
places = ["place"]
law = "law"
[[topic]]
id = "desertion"
level = "alert"
[[rule]]
id = "library"
topic = "desertion"
says = "a library is named"
act = ["act"]
score = 0.8
"""


@dataclass
class Past:
    """What a service stored under the shipped rules, and the rules it is judged under next."""

    service: Service

    def other_rules(self) -> None:
        for name, text in (("lexicon/fr.toml", LEXICON), ("rules/all.toml", RULES)):
            path = self.service.config / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def shipped_rules(self) -> None:
        for path in [*self.service.config.glob("lexicon/*"), *self.service.config.glob("rules/*")]:
            path.unlink()

    def rematch(self, stop_after: int | None = None) -> Rematched:
        judged = 0

        def tell(count: int) -> None:
            nonlocal judged
            judged += count

        return self.service.run(lambda world: rematch(world, tell=tell, stop=lambda: stop_after is not None and judged >= stop_after))

    def alerts(self) -> list[Alert]:
        with self.service.store() as store:
            return list(store.alerts())

    def outbox(self) -> int:
        with self.service.store() as store:
            count: int = store._session.value("SELECT count(*) FROM outbox")
            return count


@pytest.fixture
def past(service: Service) -> Past:
    service.configure('mail = { host = "127.0.0.1", to = ["desk@outlet.test"], sender = "monitor@outlet.test" }')
    service.poll()
    return Past(service)


def test_X10_what_changed_rules_find_goes_to_its_own_lane_and_alerts_nobody(past: Past) -> None:
    before, told = past.alerts(), past.outbox()
    assert {alert.lane for alert in before} == {"live"}
    past.other_rules()
    done = past.rematch()
    found = [alert for alert in past.alerts() if alert.lane == "rematch"]
    assert done.found == len(found) > 0
    assert {alert.rules for alert in found} == {("library",)}
    assert past.outbox() == told > 0


def test_lost_matches_keep_their_alert_with_a_mark_that_goes_when_they_match_again(past: Past) -> None:
    past.other_rules()
    live, changed = past.alerts(), past.rematch()
    assert [(alert.lane, alert.lost is None) for alert in past.alerts()] == [("live", False)] * len(live) + [
        ("rematch", True)
    ] * changed.found
    past.shipped_rules()
    again = past.rematch()
    assert (again.found, again.lost) == (changed.lost, changed.found)
    assert [(alert.lane, alert.lost is None) for alert in past.alerts()] == [("live", True)] * len(live) + [("rematch", False)] * again.lost


def test_twice_is_once(past: Past) -> None:
    past.other_rules()
    first, alerts = past.rematch(), past.alerts()
    assert first.judged > 5
    assert past.rematch() == Rematched()
    assert past.alerts() == alerts


def test_it_goes_on_where_it_was_stopped(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "CHUNK", 2)
    past.other_rules()
    first = past.rematch(stop_after=1)
    rest = past.rematch()
    with past.service.store() as store:
        items = store.items()
    assert 0 < first.judged < len(items)
    assert first.judged + rest.judged == len(items)
    assert len([alert for alert in past.alerts() if alert.lane == "rematch"]) == first.found + rest.found > 0


def test_a_difference_is_shown_before_anything_is_saved(past: Past) -> None:
    past.other_rules()
    rules = wiring.load_rules(past.service.config)

    async def preview() -> Difference:
        engine = Engine(1)
        try:
            with past.service.store() as store:
                return await difference(store, engine, rules, wiring.load_sources(past.service.config))
        finally:
            engine.close()

    shown = asyncio.run(preview())
    alerts = past.alerts()
    done = past.rematch()
    assert {alert.lane for alert in alerts} == {"live"}
    assert (sum(one.found for one in shown.added), sum(one.lost for one in shown.lost)) == (done.found, done.lost)
    assert shown.says.startswith(f"adds {len(shown.added)} ({done.found} alert")
    assert all(one.judgement.level is Level.NONE for one in shown.lost)
