"""Does every article come into the digest of exactly one day, whatever the clocks do and however late it was read?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.flows import digest
from monitor.model import EntryState, Source
from monitor.ports import World
from monitor.steps.digest import render
from monitor.store.lock import hold
from monitor.store.sqlite import SqliteStore, open_store
from tests.notify.samples import SOURCES
from tests.press import Press
from tests.store.acts import DESERTED, as_read, entry, item, nobody, poll

from .conftest import Service

ZONES = ("Europe/Paris", "Europe/Kyiv")
#: Weeks in which clocks change.
WEEKS = (datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC))
MAIL = '[mail]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\nsender = "monitor@news.example.org"\nto = ["desk@example.org"]\n'
OUTLET: dict[str, Source] = {"outlet": SOURCES["north"]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with hold(tmp_path), open_store(tmp_path, write=True) as opened:
        yield opened


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("first", WEEKS, ids=["autumn", "spring"])
def test_D08_every_item_is_in_the_digest_of_exactly_one_day(store: SqliteStore, first: datetime, zone: str) -> None:
    moments = [first + n * timedelta(minutes=37) for n in range(110)]
    made = [item(store, n, at, judgement=DESERTED) for n, at in enumerate(moments)]
    told: Counter[int] = Counter()
    for n in range(-1, 5):
        found = digest.of_day(store, zone, OUTLET, first.date() + timedelta(days=n))
        told.update(article.item for lane in found.lanes for story in lane.stories for article in story.articles)
    assert told == Counter(one.id for one in made)


def test_A09_D08_an_article_that_was_read_late_is_in_the_next_digest_and_changes_no_earlier_one(store: SqliteStore) -> None:
    """Its page was down for a night, during which the digest of its day went out."""
    seen, read = datetime(2026, 11, 24, 20, tzinfo=UTC), datetime(2026, 11, 25, 9, tzinfo=UTC)
    poll(store, entry(1), at=seen)
    sent = render(digest.of_day(store, "Europe/Paris", OUTLET, date(2026, 11, 24)), "text")
    (waiting,) = store.waiting(read, 10)
    store.save_read(as_read(waiting, judgement=DESERTED), read, nobody)
    assert store.ledger()[EntryState.STORED] == 1
    assert render(digest.of_day(store, "Europe/Paris", OUTLET, date(2026, 11, 24)), "text") == sent
    found = digest.of_day(store, "Europe/Paris", OUTLET, date(2026, 11, 25))
    assert found.items == 1


def test_C04_A07_A08_each_day_has_one_digest_also_where_clocks_change_and_nothing_happened(press: Press, tmp_path: Path) -> None:
    """Asked every ten minutes over eight days, with a restart in between, at an hour that the night of the change has twice."""
    service = Service(press, tmp_path)
    service.configure('digest_at = "02:30"')
    settings = service.config / "monitor.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + MAIL, encoding="utf-8")
    service.clock.at = datetime(2026, 10, 21, tzinfo=UTC)
    queued: list[date] = []

    async def four_days(world: World) -> None:
        for _ in range(4 * 144):
            queued.extend(digest.queue_due(world))
            service.clock.pass_(minutes=10)

    service.run(four_days)
    service.run(four_days)
    assert queued == [queued[0] + timedelta(days=n) for n in range(len(queued))]
    assert queued[-1] == date(2026, 10, 27)
    with service.store() as store:
        assert len(store.due_notices(service.clock.now(), 100)) == len(queued)


def test_Q15_no_query_of_a_digest_reads_a_table_from_end_to_end(store: SqliteStore) -> None:
    """With a million articles a look through all of them takes seconds; what is found by an index does not grow."""
    for n in range(5):
        item(store, n, judgement=DESERTED)
    asked: list[str] = []
    connection = store._session.conn
    connection.set_trace_callback(asked.append)
    digest.of_day(store, "Europe/Paris", OUTLET, date(2026, 11, 25))
    connection.set_trace_callback(None)
    plans = {sql: [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in asked if sql.startswith("SELECT")}
    assert len(plans) >= 5
    assert {sql: plan for sql, plan in plans.items() if any(step.startswith("SCAN") and "CONSTANT" not in step for step in plan)} == {}
