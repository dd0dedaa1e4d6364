"""Pieces of saving that come together: are they durable together, and does each fail alone?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.flows import gathered as gathered_
from monitor.flows.gathered import Gathered
from monitor.store.sqlite import SqliteStore, open_store

UNTIL = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path, write=True) as store:
        yield store


async def done(store: SqliteStore, *pieces: Callable[[], object]) -> list[object]:
    gathered = Gathered(store)
    return await asyncio.gather(*map(gathered.do, pieces), return_exceptions=True)


def keeps(store: SqliteStore, host: str) -> Callable[[], str]:
    def piece() -> str:
        store.save_host_wait(host, UNTIL)
        return host

    return piece


def test_nothing_is_seen_from_outside_before_all_of_it_is_durable(store: SqliteStore, tmp_path: Path) -> None:
    def seen() -> set[str]:
        with open_store(tmp_path, write=False) as other:
            return set(other.host_waits())

    given = asyncio.run(done(store, keeps(store, "one.example"), seen, lambda: set(store.host_waits()), keeps(store, "two.example")))
    assert given == ["one.example", set(), {"one.example"}, "two.example"]
    assert seen() == {"one.example", "two.example"}


def test_a_piece_that_fails_costs_the_others_nothing(store: SqliteStore) -> None:
    def fails() -> None:
        raise ValueError("this one")

    first, second, third = asyncio.run(done(store, keeps(store, "one.example"), fails, keeps(store, "two.example")))
    assert (first, third) == ("one.example", "two.example")
    assert isinstance(second, ValueError)
    assert set(store.host_waits()) == {"one.example", "two.example"}


def test_whoever_waits_is_told_when_nothing_could_be_saved(store: SqliteStore) -> None:
    def ends_the_transaction() -> None:
        store._session.conn.execute("ROLLBACK")  # as SQLite does when the disk is full

    told = asyncio.run(done(store, keeps(store, "one.example"), ends_the_transaction))
    assert [type(each).__name__ for each in told] == ["OperationalError", "OperationalError"]
    assert not store.host_waits()


def test_a_piece_whose_caller_was_cancelled_is_left_out(store: SqliteStore) -> None:
    async def cancelled() -> str:
        gathered = Gathered(store)
        one, two = (asyncio.create_task(gathered.do(keeps(store, host))) for host in ("one.example", "two.example"))
        await asyncio.sleep(0)
        one.cancel()
        return await two

    assert asyncio.run(cancelled()) == "two.example"
    assert set(store.host_waits()) == {"two.example"}


def test_when_all_that_may_come_wait_nothing_is_waited_for(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered_, "WITHIN", 3600.0)

    async def ended() -> list[str]:
        gathered = Gathered(store)
        slow = asyncio.Event()

        async def brings(host: str) -> str:
            with gathered.coming():
                return await gathered.do(keeps(store, host))

        async def brings_nothing() -> None:
            with gathered.coming():
                await slow.wait()

        with gathered.coming():
            waits = [asyncio.create_task(brings(host)) for host in ("one.example", "two.example")]
            other = asyncio.create_task(brings_nothing())
            await asyncio.sleep(0)
        assert not store.host_waits()
        slow.set()
        await other
        return await asyncio.gather(*waits)

    assert asyncio.run(ended()) == ["one.example", "two.example"]
