"""The whole service in one process: the real fetcher, workers, store and rules, and a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from monitor import wiring
from monitor.config.settings import load_settings
from monitor.flows.collect import Collected, collect
from monitor.flows.read import Done, read
from monitor.ports import Rules, World
from monitor.store.sqlite import SqliteStore
from tests.fakes import FakeClock
from tests.press import Press

T = TypeVar("T")


@dataclass(frozen=True)
class Polled:
    collected: Collected
    done: list[Done]

    @property
    def outcomes(self) -> dict[str, str]:
        return {poll.source: poll.outcome.value for poll in self.collected.polls}

    @property
    def new(self) -> int:
        return sum(poll.new for poll in self.collected.polls)


@cache
def _shipped_rules() -> Rules:
    return wiring.load_rules(wiring.shipped())


def _configuration(folder: Path) -> wiring.Configuration:
    """As wiring.load does it; the shipped rules, which take a second to load, are loaded once for all tests."""
    if (folder / "rules").is_dir() or (folder / "lexicon").is_dir():
        return wiring.load(folder)
    return wiring.Configuration(load_settings(folder), wiring.load_sources(folder), _shipped_rules())


class Service:
    """One installation that watches a press; each call is a service of its own, as after a restart."""

    def __init__(self, press: Press, folder: Path) -> None:
        self.press, self.clock = press, FakeClock(press.now)
        self.config, self.data = folder / "config", folder / "data"
        self.data.mkdir()
        press.write_config(self.config)

    def run(self, work: Callable[[World], Awaitable[T]]) -> T:
        configuration = _configuration(self.config)

        async def inside(store: SqliteStore) -> T:
            async with wiring.world(configuration, store, self.clock) as world:
                return await work(world)

        with wiring.writing(self.data) as store:
            return asyncio.run(inside(store))

    def poll(self, *only: str, everything: bool = False) -> Polled:
        async def once(world: World) -> Polled:
            done: list[Done] = []
            collected = await collect(world, only=only, everything=everything)
            await read(world, tell=done.append)
            return Polled(collected, done)

        return self.run(once)

    def store(self) -> AbstractContextManager[SqliteStore]:
        """To look into."""
        return wiring.reading(self.data)

    def configure(self, text: str) -> None:
        """Puts further settings at the top of monitor.toml."""
        path = self.config / "monitor.toml"
        path.write_text(text + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as running:
        yield running


@pytest.fixture
def service(press: Press, tmp_path: Path) -> Service:
    return Service(press, tmp_path)
