"""What do we know of each endpoint?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from monitor.model import EndpointKind, Outcome, Role, Validators, Visit
from monitor.store.sqlite import SqliteStore
from tests.store.acts import NOW, entry, later, poll, visit

FULL = Visit(
    source="outlet",
    url="https://outlet.test/feed",
    kind=EndpointKind.SITEMAP,
    role=Role.SECONDARY,
    outcome=Outcome.HTTP_ERROR,
    why="503 from the server",
    status=503,
    first_look=later(days=-40),
    last_look=NOW,
    next_look=later(minutes=30),
    validators=Validators(b'W/"\xff\x00"', b"Wed, 25 Nov 2026 09:00:00 GMT"),
    body_hash="abc",
    failures=3,
    failing_since=later(hours=-1),
    silent_since=later(hours=-2),
    entries=20,
    usual_entries=19.5,
    newest=later(hours=-4),
    gap=timedelta(hours=12),
    interval=timedelta(minutes=15, seconds=0.5),
    audited=later(days=-1),
    conditional=False,
    gone_since=later(days=-2),
    gone=True,
    moved_to="https://outlet.test/new",
    moved_since=later(days=-3),
    channel_id="1234567890123",
)


def test_everything_known_of_an_endpoint_comes_back(store: SqliteStore) -> None:
    untouched = Visit("other", "https://other.test/feed", EndpointKind.FEED, Role.PRIMARY)
    assert all(getattr(FULL, f.name) != getattr(untouched, f.name) for f in fields(Visit)), "every field has a value of its own here"
    store.save_visit(FULL)
    store.save_visit(untouched)
    assert store.visits() == {("outlet", FULL.url): FULL, ("other", "https://other.test/feed"): untouched}


def test_a_later_visit_takes_the_place_of_the_earlier_one(store: SqliteStore) -> None:
    store.save_visit(FULL)
    store.save_visit(replace(FULL, failures=4, silent_since=None, validators=Validators()))
    (kept,) = store.visits().values()
    assert (kept.failures, kept.silent_since, kept.validators) == (4, None, Validators())


def test_a_look_that_brought_something_new_is_told_so(store: SqliteStore) -> None:
    poll(store, entry())
    assert [v.outcome for v in store.visits().values()] == [Outcome.OK_NEW]
    assert [row[0] for row in store._session.rows("SELECT outcome FROM polls")] == ["ok_new"]
    poll(store, entry())
    assert [v.outcome for v in store.visits().values()] == [Outcome.OK_NOTHING_NEW]


def test_a_look_with_something_wrong_keeps_its_outcome_though_it_brought_something(store: SqliteStore) -> None:
    poll(store, entry(), outcome=Outcome.PARSE_PARTIAL)
    assert [v.outcome for v in store.visits().values()] == [Outcome.PARSE_PARTIAL]


def test_hosts_that_told_us_to_wait_are_remembered_until_then(store: SqliteStore) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    store.save_host_wait("a.test", now + timedelta(hours=1))
    store.save_host_wait("a.test", now + timedelta(hours=2))
    store.save_host_wait("b.test", now - timedelta(hours=1))
    assert store.host_waits() == {"a.test": now + timedelta(hours=2)}


def test_Q10_a_number_beyond_sqlite_costs_nothing_but_itself(store: SqliteStore) -> None:
    store.save_visit(visit(entries=2**70, failures=-(2**70)))
    (kept,) = store.visits().values()
    assert (kept.entries, kept.failures) == (2**63 - 1, -(2**63))
