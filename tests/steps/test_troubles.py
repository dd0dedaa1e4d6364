"""When is a state news, and when is it our own network?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import Endpoint, EndpointKind, Outcome, Role, Source, SourceKind, Trouble, TroubleKind, Visit
from monitor.steps import troubles
from monitor.steps.troubles import Turn, Watched

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANSWER = NOW - HOUR


def source(ident: str = "globe", *urls: str, **more: Any) -> Source:
    endpoints = tuple(Endpoint(EndpointKind.FEED, url) for url in urls or (f"https://{ident}.example.org/feed",))
    return Source(ident, ident.title(), ident, SourceKind.INDEPENDENT, ("en",), endpoints, **more)


def visit(of: Source, **state: Any) -> Visit:
    known = {"outcome": Outcome.OK_NOTHING_NEW, "status": 200, "last_look": NOW - MINUTE, "next_look": NOW + HOUR}
    return Visit(of.id, of.endpoints[0].url, EndpointKind.FEED, Role.PRIMARY, **{**known, **state})


def unreached(of: Source, since: datetime = NOW - 10 * MINUTE, **state: Any) -> Visit:
    dead = {"outcome": Outcome.NET_ERROR, "status": None, "failing_since": since, "failures": 1}
    return visit(of, **{**dead, **state})


def watch(told: Sequence[Trouble], sources: Sequence[Source], visits: Sequence[Visit], now: datetime = NOW) -> Watched:
    return troubles.watch(told, sources, {(one.source, one.url): one for one in visits}, ANSWER, now)


def outlets(number: int, host: str = "") -> list[Source]:
    return [source(f"outlet-{n}", f"https://{host or f'outlet-{n}.example.org'}/{n}") for n in range(number)]


# ── our own network ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dead", "fresh", "old", "down"),
    [
        (20, 0, 0, True),
        (3, 0, 0, True),
        (2, 0, 0, False),  # too few to tell
        (20, 0, 50, True),  # those that answered long before the last answer were not asked again: they say nothing
        (20, 3, 0, False),  # more than a tenth answered at about the same time
        (20, 2, 0, True),
    ],
)
def test_M04_our_own_network_is_down_when_nearly_nobody_can_be_reached(dead: int, fresh: int, old: int, down: bool) -> None:
    sources = outlets(dead + fresh + old)
    visits = [
        unreached(one) if n < dead else visit(one, last_look=ANSWER - (5 * MINUTE if n < dead + fresh else 2 * HOUR))
        for n, one in enumerate(sources)
    ]
    watched = watch((), sources, visits)
    assert watched.network_down is down
    assert [change.trouble.kind for change in watched.changes] == [TroubleKind.NETWORK] * down


def test_M04_as_long_as_somebody_answers_now_and_then_it_is_the_others() -> None:
    """Nineteen of twenty cannot be reached, for ever: they are blamed, and no network comes and goes with the twentieth's answers."""
    sources = outlets(20)
    alive = visit(sources[0], last_look=ANSWER, next_look=ANSWER + 2 * HOUR)
    visits = [alive, *(unreached(one) for one in sources[1:])]
    assert not watch((), sources, visits).network_down
    assert watch((), sources, [replace(alive, next_look=ANSWER + 20 * HOUR), *visits[1:]]).network_down


@pytest.mark.parametrize(
    "state",
    [
        {"outcome": Outcome.HTTP_ERROR, "status": 500},  # they answered
        {"outcome": Outcome.RATE_LIMITED},  # nobody was asked
        {"outcome": Outcome.REFUSED},
        {"failing_since": ANSWER - DAY},  # dead before anybody else was
    ],
)
def test_M04_other_failures_say_nothing_of_our_network(state: dict[str, Any]) -> None:
    sources = outlets(10)
    assert not watch((), sources, [unreached(one, **state) for one in sources]).network_down


def test_M04_one_host_that_dies_with_all_its_channels_is_no_network() -> None:
    sources = [*outlets(20, "channels.example.org"), source()]
    visits = [*(unreached(one) for one in sources[:-1]), visit(sources[-1], last_look=ANSWER - MINUTE)]
    assert not watch((), sources, visits).network_down
    assert watch((), sources[:-1], visits[:-1]).network_down  # who watches nothing else cannot tell


def test_E03_a_dead_proxy_is_not_our_network() -> None:
    sources = [replace(one, proxy="socks5h://127.0.0.1:9050") for one in outlets(10)]
    assert not watch((), sources, [unreached(one) for one in sources]).network_down


def test_M04_what_failed_with_us_is_forgiven_and_what_was_dead_before_is_not() -> None:
    with_us, before = outlets(2)
    down = Trouble(TroubleKind.NETWORK, "", "", NOW - 3 * DAY, told=NOW - 3 * DAY)
    visits = {
        (one.source, one.url): one for one in (unreached(with_us, NOW - 3 * DAY), unreached(before, NOW - 9 * DAY, next_look=NOW + DAY))
    }
    watched = troubles.watch((down,), (with_us, before), visits, NOW - MINUTE, NOW)
    assert [(one.source, one.failing_since, one.failures, one.next_look) for one in watched.forgiven] == [("outlet-0", None, 0, NOW)]
    assert [(c.turn, c.trouble.kind, c.trouble.source) for c in watched.changes] == [
        (Turn.ENDED, TroubleKind.NETWORK, ""),
        (Turn.BEGUN, TroubleKind.FAILING, "outlet-1"),
    ]


# ── the sources ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_told_is_not_news_however_often_it_is_watched() -> None:
    globe = source()
    states = [visit(globe, silent_since=NOW - 5 * DAY, moved_to="https://new.example.com/", moved_since=NOW - 9 * DAY, conditional=False)]
    first = watch((), [globe], states)
    assert {change.trouble.kind for change in first.changes} == {TroubleKind.SILENT, TroubleKind.MOVED, TroubleKind.LYING}
    for hours in (0, 1, 24 * 6):
        again = watch(first.holding, [globe], [replace(states[0], next_look=NOW + 30 * DAY)], NOW + hours * HOUR)
        assert (again.holding, again.changes) == (first.holding, ())


def test_another_address_of_a_move_is_news() -> None:
    globe = source()
    moved = visit(globe, moved_to="https://new.example.com/", moved_since=NOW - 9 * DAY)
    told = watch((), [globe], [moved]).holding
    assert [c.trouble.detail for c in watch(told, [globe], [replace(moved, moved_to="https://other.example.com/")]).changes] == [
        "https://other.example.com/"
    ]
    assert watch(told, [globe], [visit(globe)]) == Watched(())  # taken back: nothing is to be done any more


def test_what_was_not_looked_at_when_it_should_have_been_changes_nothing() -> None:
    globe = source()
    told = watch((), [globe], [visit(globe, silent_since=NOW - 5 * DAY)]).holding
    late = visit(globe, next_look=NOW - 7 * HOUR)
    assert watch(told, [globe], [late]) == Watched(told)
    assert watch((), [globe], [replace(late, failing_since=NOW - 30 * DAY)]) == Watched(())


def test_a_recovery_is_told_when_it_reads_and_not_before() -> None:
    globe = source()
    told = watch((), [globe], [unreached(globe, ANSWER - DAY)]).holding
    assert [trouble.kind for trouble in told] == [TroubleKind.FAILING]
    assert watch(told, [globe], [unreached(globe, NOW - MINUTE)]) == Watched(told)
    assert [change.turn for change in watch(told, [globe], [visit(globe)]).changes] == [Turn.ENDED]


def test_a_disabled_source_is_not_told_of() -> None:
    globe = source(enabled=False)
    assert watch((), [globe], [visit(globe, silent_since=NOW - 5 * DAY)]) == Watched(())
