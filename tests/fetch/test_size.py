"""Size, time and compression: rows Z of docs/faults.md."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import brotli
import pytest

from monitor.fetch.http import CAPS
from monitor.fetch.inflate import BrokenError, Inflater, TooBigError
from monitor.model import Outcome, Purpose
from tests.fetch.asking import FEED, Fetch, article, failure, feed, page, settings_for
from tests.press.raw import Asked, RawServer, Step, hang, reply

MIB = 1024**2
BOMB = 300 * MIB


def gzip_bomb() -> bytes:
    """300 MiB of zeros, in 300 kB; the same compressed block again and again, so that making it costs nothing."""
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = block.compress(bytes(MIB)) + block.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + first * (BOMB // MIB) + b"\x03\0" + bytes(8)


def brotli_bomb() -> bytes:
    return brotli.compress(bytes(BOMB), quality=1)


BOMBS = {"gzip": gzip_bomb, "br": brotli_bomb, "gzip, gzip": lambda: gzip.compress(gzip_bomb()), "identity": lambda: bytes(40 * MIB)}

CHILD = """
import asyncio, sys
from datetime import timedelta
from monitor.fetch.http import HttpFetcher
from monitor.model import FetchSettings, Purpose, Request
sys.path.insert(0, ".")
from tests.fakes import FakeClock

def peak():  # of this process alone: ru_maxrss would begin with the parent's, which holds the bombs
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024

async def main(address, *paths):
    async with HttpFetcher(FetchSettings(allow=(address,)), FakeClock(), host_waits={}, on_wait=lambda *_: None) as fetcher:
        await fetcher.fetch(Request(f"http://{address}/small", Purpose.ENDPOINT))
        before = peak()
        for path in paths:
            answer = await fetcher.fetch(Request(f"http://{address}{path}", Purpose.ENDPOINT))
            assert answer.outcome == "too_big", answer
        print(peak() - before)

asyncio.run(main(*sys.argv[1:]))
"""


def test_Z01_bombs_cost_less_than_50_mb(server: RawServer) -> None:
    server.say("/small", reply(body=gzip.compress(FEED, mtime=0), headers={"Content-Encoding": "gzip"}))
    for number, (label, made) in enumerate(BOMBS.items()):
        server.say(f"/{number}", reply(body=made(), headers={"Content-Encoding": label}))
    paths = [f"/{number}" for number in range(len(BOMBS))]
    done = subprocess.run([sys.executable, "-c", CHILD, server.address, *paths], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 50


def test_Z01_a_coding_that_was_not_asked_for_fails_clearly(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=b"\x28\xb5\x2f\xfd" + bytes(60), headers={"Content-Encoding": "zstd"}))
    [answer] = fetch(feed(server.url("/feed")))
    assert "zstd" in failure(answer, Outcome.NET_ERROR).why


@pytest.mark.parametrize(("purpose", "cap"), [(feed, CAPS[Purpose.ENDPOINT]), (article, CAPS[Purpose.ARTICLE])])
def test_Z01_the_cap_itself_still_passes(server: RawServer, fetch: Fetch, purpose: Any, cap: int) -> None:
    server.say("/at", reply(body=b"<" + bytes(cap - 1)))
    server.say("/over", reply(body=b"<" + bytes(cap)))
    at, over = fetch(purpose(server.url("/at")), purpose(server.url("/over")))
    assert len(page(at).body) == cap
    assert str(cap) in failure(over, Outcome.TOO_BIG).why


def test_Z01_a_request_may_have_a_cap_of_its_own(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED))
    [answer] = fetch(feed(server.url("/feed"), cap=10))
    failure(answer, Outcome.TOO_BIG)


def drip(asked: Asked) -> Iterable[Step]:
    yield reply(length=len(FEED))
    for byte in FEED:
        yield bytes([byte])
        yield 0.1


def header_drip(asked: Asked) -> Iterable[Step]:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        yield bytes([byte])
        yield 0.1


def endless(asked: Asked) -> Iterable[Step]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + bytes(65536) + b"\r\n"


def endless_headers(asked: Asked) -> Iterable[Step]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: " + b"y" * 1000 + b"\r\n"


def redirect_drip(asked: Asked) -> Iterable[Step]:
    yield 0.2
    yield reply(302, headers={"Location": f"/slow?{asked.path[6:]}x"})


@pytest.mark.parametrize("script", [drip, header_drip, hang, redirect_drip])
def test_Z02_Z03_Z04_the_deadline_is_of_the_clock_on_the_wall(server: RawServer, fetch: Fetch, script: Any) -> None:
    server.say("/slow", script)
    started = time.monotonic()
    [answer] = fetch(feed(server.url("/slow")), settings=settings_for(server, deadline=timedelta(seconds=0.5)))
    assert failure(answer, Outcome.TIMEOUT).why == "no complete answer within 0.5 seconds"
    assert time.monotonic() - started < 1.5


def test_Z04_a_look_up_that_hangs_ends_at_the_deadline(server: RawServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    started = time.monotonic()
    names = [feed(f"http://hung-{n}.example.org/") for n in range(40)]
    answers = fetch(*names, settings=settings_for(server, deadline=timedelta(seconds=0.5), parallel=50), together=True)
    over.set()
    assert all(failure(answer, Outcome.TIMEOUT) for answer in answers)
    assert time.monotonic() - started < 2


def test_Z04_twenty_hung_sources_do_not_delay_five_good_ones(fetch: Fetch) -> None:
    with ExitStack() as stack:
        hung = [stack.enter_context(RawServer()) for _ in range(20)]
        good = [stack.enter_context(RawServer()) for _ in range(5)]
        for each in hung:
            each.say("/feed", hang)
        for each in good:
            each.say("/feed", reply(body=FEED))
        config = settings_for(*hung, *good, deadline=timedelta(seconds=3))
        started = time.monotonic()
        answers = fetch(*[feed(each.url("/feed")) for each in (*hung, *good)], settings=config, together=True)
        assert all(each.log[0].at - started < 2 for each in good)  # though the 20 fill all 16 places
    assert all(failure(answer, Outcome.TIMEOUT) for answer in answers[:20]) and all(page(answer) for answer in answers[20:])


@pytest.mark.parametrize(("script", "outcome"), [(endless, Outcome.TOO_BIG), (endless_headers, Outcome.HTTP_ERROR)])
def test_Z05_what_never_ends_is_cut_off(server: RawServer, fetch: Fetch, script: Any, outcome: Outcome) -> None:
    server.say("/feed", script)
    [answer] = fetch(feed(server.url("/feed")))
    failure(answer, outcome)


RAW_DEFLATE = (lambda z: z.compress(FEED) + z.flush())(zlib.compressobj(9, zlib.DEFLATED, -15))


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("x-gzip", gzip.compress(FEED, mtime=0)),
        ("GZIP ", gzip.compress(FEED, mtime=0)),
        ("br", brotli.compress(FEED)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", RAW_DEFLATE),
        ("gzip, br", brotli.compress(gzip.compress(FEED, mtime=0))),
        ("gzip, gzip", gzip.compress(gzip.compress(FEED, mtime=0))),
        ("gzip", FEED),
        ("br", FEED),
        ("deflate", FEED),
        ("zstd", FEED),
        ("identity", FEED),
        ("", gzip.compress(FEED, mtime=0)),
        ("br", gzip.compress(FEED, mtime=0)),
        ("gzip", gzip.compress(FEED[:20], mtime=0) + gzip.compress(FEED[20:], mtime=0)),
        ("gzip", gzip.compress(FEED, mtime=0) + b"\0" * 512),
    ],
)
def test_Z07_labels_that_lie_and_labels_that_do_not(server: RawServer, fetch: Fetch, label: str, body: bytes) -> None:
    def in_crumbs(asked: Asked) -> Iterable[Step]:
        yield reply(headers={"Content-Encoding": label}, length=len(body))
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    server.say("/whole", reply(body=body, headers={"Content-Encoding": label}))
    server.say("/crumbs", in_crumbs)
    whole, crumbs = fetch(feed(server.url("/whole")), feed(server.url("/crumbs")))
    assert page(whole).body == page(crumbs).body == FEED
    assert page(whole).wire_bytes == len(body)


@pytest.mark.parametrize(
    "body", [gzip.compress(FEED, mtime=0)[:-12], gzip.compress(FEED * 99, mtime=0)[:50], b"\x1f\x8b\x08" + b"junk" * 9]
)
def test_Z07_a_damaged_body_is_never_taken_for_whole(server: RawServer, fetch: Fetch, body: bytes) -> None:
    server.say("/feed", reply(body=body, headers={"Content-Encoding": "gzip"}))
    [answer] = fetch(feed(server.url("/feed")))
    failure(answer, Outcome.NET_ERROR)


def test_Z07_compression_proves_the_end_of_a_body_without_length(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=gzip.compress(FEED, mtime=0), headers={"Content-Encoding": "gzip"}, length=None))
    [answer] = fetch(feed(server.url("/feed")))
    assert page(answer).certain_end


def inflated(label: str, body: bytes, cap: int, step: int) -> bytes:
    inflater = Inflater(label, cap)
    for start in range(0, len(body), step):
        inflater.feed(body[start : start + step])
    return inflater.finish()


@pytest.mark.parametrize("step", [1, 17, 1000, 10**9])
@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 300_000])
def test_whatever_the_chunks_the_body_comes_out_whole(size: int, step: int) -> None:
    body = bytes(size) if size > 65536 else (FEED * 1000)[:size]
    for label, packed in (
        ("gzip", gzip.compress(body, mtime=0)),
        ("br", brotli.compress(body)),
        ("deflate", zlib.compress(body)),
        ("", body),
    ):
        assert inflated(label, packed, 400_000, step) == body
        if size > 100:
            with pytest.raises(TooBigError):
                inflated(label, packed, size - 1, step)


def test_many_tiny_members_and_layers_are_refused() -> None:
    with pytest.raises(BrokenError):
        inflated("gzip", gzip.compress(b"x", mtime=0) * 2000, 10**6, 65536)
    with pytest.raises(BrokenError):
        Inflater("gzip, gzip, gzip, gzip", 10**6)
