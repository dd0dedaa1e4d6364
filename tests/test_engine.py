"""Does CPU work run, fail, die and end one piece at a time?"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.engine import MOST_MEMORY, Engine
from monitor.errors import WorkerDiedError, WorkTimeoutError
from monitor.model import Entry, When


def square(number: int) -> int:
    return number * number


def spin(_: object = None) -> None:
    while True:
        pass


def abort(_: object = None) -> None:
    os.abort()


def complain(text: str) -> None:
    raise ValueError(text)


def time_out(text: str) -> None:
    raise TimeoutError(text)


def hoard(_: object = None) -> int:
    return len(bytearray(MOST_MEMORY + 1))


def complain_oddly(_: object = None) -> None:
    raise OddError("one", "two")


class OddError(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def own_id(_: object = None) -> int:
    return os.getpid()


def interrupt_me(_: object = None) -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "still here"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(2)
    yield engine
    engine.close()


def test_work_comes_back_in_order_of_asking(engine: Engine) -> None:
    async def many() -> list[int]:
        return list(await asyncio.gather(*(engine.run(square, n) for n in range(200))))

    assert asyncio.run(many()) == [n * n for n in range(200)]


def test_an_entry_that_travels_comes_back_as_it_was(engine: Engine) -> None:
    day, moment = When(date(2026, 11, 24)), When(datetime(2026, 11, 25, 9, tzinfo=UTC))
    entry = Entry("t/1", "https://a.test/1", "T", moment, day, ("A", "B"), "S", "C", "ru", "F", False, ("undated",), True)
    assert asyncio.run(engine.run(replace, entry)) == entry
    assert asyncio.run(engine.run(replace, Entry())) == Entry()


def test_what_the_work_raises_is_raised_here(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no such page"):
        asyncio.run(engine.run(complain, "no such page"))


def test_an_error_that_cannot_travel_is_told_in_words(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="OddError: onetwo"):
        asyncio.run(engine.run(complain_oddly))


def test_a_timeout_of_the_work_itself_is_no_deadline(engine: Engine) -> None:
    with pytest.raises(TimeoutError, match="its own") as caught:
        asyncio.run(engine.run(time_out, "its own"))
    assert not isinstance(caught.value, WorkTimeoutError)


def test_Z08_a_loop_is_killed_at_its_deadline_and_its_neighbours_live(engine: Engine) -> None:
    async def mixed() -> tuple[object, ...]:
        return tuple(
            await asyncio.gather(engine.run(spin, deadline=0.5), *(engine.run(square, n) for n in range(20)), return_exceptions=True)
        )

    start = time.monotonic()
    first, *others = asyncio.run(mixed())
    assert isinstance(first, WorkTimeoutError)
    assert others == [n * n for n in range(20)]
    assert time.monotonic() - start < 10


def test_C11_a_dead_worker_is_told_and_the_pool_goes_on(engine: Engine) -> None:
    async def mixed() -> tuple[object, ...]:
        return tuple(await asyncio.gather(engine.run(abort), *(engine.run(square, n) for n in range(20)), return_exceptions=True))

    first, *others = asyncio.run(mixed())
    assert isinstance(first, WorkerDiedError)
    assert "SIGABRT" in str(first)
    assert others == [n * n for n in range(20)]


def test_Z08_work_that_needs_too_much_memory_fails_alone(engine: Engine) -> None:
    with pytest.raises(WorkerDiedError, match="memory"):
        asyncio.run(engine.run(hoard))
    assert asyncio.run(engine.run(square, 3)) == 9


def test_an_idle_worker_that_is_killed_does_not_stop_the_engine() -> None:
    engine = Engine(1)
    try:
        os.kill(asyncio.run(engine.run(own_id)), signal.SIGKILL)
        assert asyncio.run(engine.run(square, 4)) == 16
    finally:
        engine.close()


def test_cancelling_the_caller_kills_the_work() -> None:
    engine = Engine(1)

    async def give_up() -> int:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(engine.run(spin), 0.5)
        return await engine.run(square, 5)

    try:
        assert asyncio.run(give_up()) == 25
    finally:
        engine.close()


def test_workers_leave_ctrl_c_to_the_main_process(engine: Engine) -> None:
    assert asyncio.run(engine.run(interrupt_me)) == "still here"


def small(engine: Engine, *works: Callable[..., Any]) -> list[Any]:
    """What small works, asked for at the same moment, gave or raised."""

    async def together() -> list[Any]:
        asked = (engine.run(work, n, deadline=0.3, small=True) for n, work in enumerate(works))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    return asyncio.run(together())


def test_small_works_go_to_a_worker_together(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = []
    once = engine._once
    monkeypatch.setattr(engine, "_once", lambda *given: ways.append(given) or once(*given))
    assert small(engine, *[square] * 100) == [n * n for n in range(100)]
    assert len(ways) < 20


@pytest.mark.parametrize(("hostile", "error"), [(abort, WorkerDiedError), (spin, WorkTimeoutError), (complain_oddly, RuntimeError)])
def test_a_hostile_small_work_costs_its_neighbours_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, hostile: Callable[..., Any], error: type[Exception]
) -> None:
    monkeypatch.setattr("monitor.engine.TOGETHER_DEADLINE", 0.3)
    found = small(engine, square, square, hostile, square, square)
    assert [done for done in found if isinstance(done, int)] == [0, 1, 9, 16] and isinstance(found[2], error)


def test_small_works_one_after_the_other_are_all_done() -> None:
    """Each is asked for the moment the one before is done, with a single worker: the next child of a sitemap index."""
    engine = Engine(1)

    async def in_turn() -> list[int]:
        return [await engine.run(square, number, small=True) for number in range(20)]

    try:
        assert asyncio.run(asyncio.wait_for(in_turn(), 60)) == [number * number for number in range(20)]
    finally:
        engine.close()


def test_an_engine_without_work_starts_no_process() -> None:
    engine = Engine(2)
    assert engine._pool is None
    engine.close()


def test_a_closed_engine_starts_again() -> None:
    engine = Engine(1)
    try:
        first = asyncio.run(engine.run(own_id))
        engine.close()
        assert asyncio.run(engine.run(own_id)) != first
    finally:
        engine.close()


ORPHANS = """
import asyncio, os, sys
from monitor.engine import Engine
from tests.test_engine import own_id
if __name__ == "__main__":
    print(asyncio.run(Engine(1).run(own_id)), flush=True)
    sys.stdin.read()
"""


def test_workers_end_with_a_main_process_that_is_killed() -> None:
    main = subprocess.Popen([sys.executable, "-c", ORPHANS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert main.stdout is not None
    worker = int(main.stdout.readline())
    watch = os.pidfd_open(worker)
    main.kill()
    main.communicate()
    try:
        assert select.select([watch], [], [], 10)[0], "the worker outlived its main process"
    finally:
        os.close(watch)
