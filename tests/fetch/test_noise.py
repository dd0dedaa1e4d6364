"""Old habits of honest servers are read, and whatever noise a server makes, a value comes back."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest

from monitor.fetch.http import HttpFetcher
from monitor.model import Failure, NotModified, Page, Purpose, Request, Validators
from tests.fakes import FakeClock
from tests.fetch.asking import FEED, Fetch, feed, page, settings_for
from tests.press.raw import RawServer, reply

LENGTH = b"Content-Length: %d\r\n" % len(FEED)
CHUNK = b"%x" % len(FEED)

HABITS = {
    "line feeds alone": b"HTTP/1.1 200 OK\n" + LENGTH.replace(b"\r", b"") + b"\n" + FEED,
    "no reason": b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + FEED,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + FEED,
    "folded header": b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n" + LENGTH + b"\r\n" + FEED,
    "cp1251 header": b"HTTP/1.1 200 OK\r\nX-A: \xf0\xe5\xe4\r\n" + LENGTH + b"\r\n" + FEED,
    "control character": b"HTTP/1.1 200 OK\r\nX-A: b\x01c\r\n" + LENGTH + b"\r\n" + FEED,
    "long policy": b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * 20_000 + b"\r\n" + LENGTH + b"\r\n" + FEED,
    "an upgrade offered": b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\n" + LENGTH + b"\r\n" + FEED,
    "chunk with extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n00"
    + CHUNK
    + b";a=b\r\n"
    + FEED
    + b"\r\n0\r\nX: trailer\r\n\r\n",
    "blank lines first": b"\r\n\r\nHTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + FEED,
}


@pytest.mark.parametrize("habit", HABITS)
def test_old_habits_of_honest_servers_are_read(server: RawServer, fetch: Fetch, habit: str) -> None:
    server.say("/feed", HABITS[habit])
    [answer] = fetch(feed(server.url("/feed")))
    assert page(answer).body == FEED


SAID = [
    reply(body=FEED, headers={"ETag": '"1"'}),
    reply(302, headers={"Location": "/a/../b?x=é#f"}),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    reply(429, headers={"Retry-After": "120"}),
    reply(304),
]
NOISE = [
    b"\r\n", b"\0", b"\xff", b":", b" ", b"\r", b"\n", b"HTTP/1.1 ", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n",
    b"Location: //[::1\r\n", b"Location: http://[\r\n", b"Location: \\\\x\r\n",
    b"Location: \xff://\xfe\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Content-Encoding: br, deflate\r\n", b"Set-Cookie: \xff=\x01;;;=\r\n", b"Upgrade: h2c\r\nConnection: upgrade\r\n",
    b"Retry-After: \xd9\xa1\r\n", b"Content-Type: ;;;=\r\n",
]  # fmt: skip


def noisy(said: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(0, 3)):
        place = chance.randint(0, len(said))
        said = chance.choice(
            [
                said[:place] + chance.choice(NOISE) + said[place:],
                said.replace(b"\r\n", b"\r\n" + chance.choice(NOISE), 1),
                said[:place] + said[place + chance.randint(1, 9) :],
            ]
        )
    return said


def test_whatever_a_server_says_a_value_comes_back(server: RawServer) -> None:
    chance, kinds = random.Random(5), Counter[type]()

    async def ask_on() -> None:
        for _ in range(300):
            config = settings_for(server, deadline=timedelta(seconds=0.5))
            async with HttpFetcher(config, FakeClock(), host_waits={}, on_wait=lambda *_: None) as fetcher:
                server.say("/any", noisy(chance.choice(SAID), chance))
                server.say("/robots.txt", noisy(reply(body=b"User-agent: *\nDisallow: /b"), chance))
                validators = chance.choice([Validators(), Validators(b'"1"', b"\xff")])
                answer = await fetcher.fetch(Request(server.url("/any"), chance.choice(list(Purpose)), validators))
                kinds[type(answer)] += 1

    asyncio.run(ask_on())
    assert set(kinds) == {Page, NotModified, Failure}
