"""What every test of the fetcher needs: a raw server, settings that allow it, and a fetch that is over when it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from datetime import datetime

import pytest

from monitor.fetch.http import HttpFetcher
from monitor.model import Fetched, FetchSettings, Request
from tests.fakes import FakeClock
from tests.fetch.asking import Fetch, settings_for
from tests.press.raw import RawServer


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as running:
        yield running


@pytest.fixture
def canary() -> Iterator[RawServer]:
    """A server that nobody is allowed to reach."""
    with RawServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fetch(server: RawServer, clock: FakeClock) -> Fetch:
    """fetch(*requests, settings=…, waits=…, together=False): through one fetcher, in turn or all at once."""

    def run(
        *requests: Request,
        settings: FetchSettings | None = None,
        waits: MutableMapping[str, datetime] | None = None,
        together: bool = False,
    ) -> list[Fetched]:
        kept: MutableMapping[str, datetime] = {} if waits is None else waits

        async def all_of_them() -> list[Fetched]:
            async with HttpFetcher(settings or settings_for(server), clock, host_waits=kept, on_wait=kept.__setitem__) as fetcher:
                if together:
                    return list(await asyncio.gather(*map(fetcher.fetch, requests)))
                return [await fetcher.fetch(request) for request in requests]

        return asyncio.run(all_of_them())

    return run
