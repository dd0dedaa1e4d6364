"""Does a notice reach a program, signed, once under its key, and through the guarded way out alone?"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.http import HttpFetcher
from monitor.model import Delivered, Delivery, FetchSettings, Notice, Purpose, WebhookSettings
from monitor.notify.webhook import REPLY_CAP, WebhookChannel, signed
from tests.fakes import FakeClock
from tests.notify.samples import NOON, notice
from tests.notify.servers import Sink, sink

SECRET = b"a long secret"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_bytes(SECRET + b"\n")
    return file


def _send(program: Sink, secret: Path, *notices: Notice, allowed: bool = True) -> list[Delivered]:
    """Sends through the real fetcher to the program."""

    async def run() -> list[Delivered]:
        async with sink(program) as port:
            settings = FetchSettings(allow=(f"127.0.0.1:{port}",) if allowed else (), deadline=timedelta(seconds=5))
            async with HttpFetcher(settings, FakeClock(), host_waits={}, on_wait=lambda host, until: None) as fetcher:
                channel = WebhookChannel(WebhookSettings(f"http://127.0.0.1:{port}/in?token=x", str(secret)), fetcher)
                return [await channel.send(one) for one in notices or (notice("webhook"),)]

    return asyncio.run(run())


def _answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]).encode() + body


def test_a_program_gets_signed_json_and_can_check_it(secret: Path) -> None:
    program = Sink()
    assert _send(program, secret) == [Delivered(Delivery.SENT)]
    ((first, headers, body),) = program.received
    assert first == "POST /in?token=x HTTP/1.1"
    assert json.loads(body) == {"kind": "alert", "id": "alert:17", "title": "Девять"}
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == "0123456789abcdef@monitor.invalid"
    assert headers["x-monitor-timestamp"] == str(int(NOON.timestamp()))
    expected = hmac.new(SECRET, headers["x-monitor-timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-monitor-signature"] == expected


def test_a_repeat_is_the_same_bytes_under_the_same_key(secret: Path) -> None:
    program = Sink()
    data = {"kind": "alert", "id": "alert:17", "title": "Девять"}
    _send(program, secret, notice("webhook"), notice("webhook", data=dict(reversed(data.items())), attempts=3))
    (_, headers, body), (_, again, same) = program.received
    assert body == same
    assert {name: headers[name] for name in headers if name != "host"} == {name: again[name] for name in again if name != "host"}


def test_another_body_time_or_secret_has_another_signature() -> None:
    one = notice("webhook")
    requests = [
        signed(one, "https://x.example/", SECRET),
        signed(replace(one, data={"kind": "alert"}), "https://x.example/", SECRET),
        signed(replace(one, created=NOON + timedelta(seconds=1)), "https://x.example/", SECRET),
        signed(one, "https://x.example/", b"other"),
    ]
    assert len({dict(request.headers)["X-Monitor-Signature"] for request in requests}) == 4
    assert {(request.purpose, request.cap) for request in requests} == {(Purpose.WEBHOOK, REPLY_CAP)}


@given(st.dictionaries(st.text(st.characters(), max_size=5), st.text(st.characters(), max_size=30), max_size=3))
def test_O06_any_content_becomes_a_body_of_utf8_json(data: dict[str, str]) -> None:
    body = signed(notice("webhook", data=data), "https://x.example/", SECRET).body
    assert body is not None
    json.loads(body.decode("utf-8"))


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (_answer("200 OK", body=b"thanks"), Delivery.SENT),
        (_answer("201 Created"), Delivery.SENT),
        (_answer("202 Accepted"), Delivery.SENT),
        (_answer("200 OK", body=b"x" * 10_000_000), Delivery.SENT),  # nobody reads it
        (_answer("301 Moved", "Location: https://evil.example/"), Delivery.LATER),
        (_answer("307 Moved", "Location: http://169.254.169.254/"), Delivery.LATER),
        (_answer("400 Bad"), Delivery.NEVER),
        (_answer("401 Who"), Delivery.NEVER),
        (_answer("404 Gone"), Delivery.NEVER),
        (_answer("410 Gone"), Delivery.NEVER),
        (_answer("408 Slow"), Delivery.LATER),
        (_answer("429 Slow down"), Delivery.LATER),
        (_answer("500 Oh"), Delivery.LATER),
        (_answer("503 Oh"), Delivery.LATER),
        (b"", Delivery.LATER),
        (b"gibberish\r\n\r\n", Delivery.LATER),
    ],
)
def test_A03_what_a_program_answers_decides_whether_it_is_told_again(answer: bytes, result: Delivery, secret: Path) -> None:
    program = Sink(answer)
    (how,) = _send(program, secret)
    assert how.result is result
    assert bool(how.why) is (result is not Delivery.SENT) and len(how.why) <= 200
    assert len(program.received) == 1  # no redirect is followed


def test_a_program_that_asks_for_time_is_heard(secret: Path) -> None:
    (how,) = _send(Sink(_answer("503 Oh", "Retry-After: 1800")), secret)
    assert (how.result, how.retry_after) == (Delivery.LATER, timedelta(minutes=30))


def test_A03_a_program_that_asks_for_time_for_one_message_is_sent_the_others(secret: Path) -> None:
    program = Sink(_answer("503 Busy", "Retry-After: 60"))
    assert [how.result for how in _send(program, secret, notice("webhook"), notice("webhook"))] == [Delivery.LATER] * 2
    assert len(program.received) == 2


def test_S12_a_private_address_that_is_not_allowed_is_never_reached(secret: Path) -> None:
    program = Sink()
    (how,) = _send(program, secret, allowed=False)
    assert how.result is Delivery.LATER and how.why
    assert program.received == []


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_without_a_secret_nothing_is_sent(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    program = Sink()
    (how,) = _send(program, file)
    assert how.result is Delivery.LATER and "signed" in how.why
    assert program.received == []
