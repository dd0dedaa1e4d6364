"""Whose turn is it? One request at a time per host with a gap between two, and a bound on requests under way over all hosts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HUNG_AFTER = 1.0  # seconds after which a request no longer counts as under way: hung servers do not delay the others
MOST_LANES = 5_000  # hosts remembered at once


class Pace:
    """Turns per host. Whoever waits for its host's turn holds none of the places that all hosts share."""

    def __init__(self, parallel: int) -> None:
        self._places = asyncio.Semaphore(parallel)
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str, gap: float) -> AsyncIterator[None]:
        """The host is ours inside, and for `gap` seconds after it nobody's."""
        lane = self._lane(host)
        async with lane.lock:
            wait = lane.free_at - _seconds()
            if wait > 0:
                await asyncio.sleep(wait)
            async with self._place():
                try:
                    yield
                finally:
                    lane.free_at = _seconds() + gap

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        await self._places.acquire()
        given_back = asyncio.Event()

        def give_back() -> None:
            if not given_back.is_set():
                given_back.set()
                self._places.release()

        timer = asyncio.get_running_loop().call_later(HUNG_AFTER, give_back)
        try:
            yield
        finally:
            timer.cancel()
            give_back()

    def _lane(self, host: str) -> _Lane:
        if len(self._lanes) >= MOST_LANES:
            now = _seconds()
            self._lanes = {name: lane for name, lane in self._lanes.items() if lane.lock.locked() or lane.free_at > now}
        return self._lanes.setdefault(host, _Lane())


class _Lane:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.free_at = 0.0


def _seconds() -> float:
    return asyncio.get_running_loop().time()
