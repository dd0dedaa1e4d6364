"""What may not be reached is not reached: rows S of docs/faults.md. A canary on another loopback port counts connections."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.fetch.guard import Guard
from monitor.fetch.stop import RefusedError
from monitor.model import Outcome, Purpose, Request
from tests.fetch.asking import FEED, Fetch, article, failure, feed, page, settings_for
from tests.press.raw import RawServer, reply

INTERNAL = ["127.0.0.1", "[::1]", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "[fd00:ec2::254]", "100.64.0.1", "0.0.0.0"]
ODD = [
    "0177.0.0.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "127.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "127.0.0.1.",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
]


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[tuple[str, int]]) -> list[str]:
    """Names lead to these addresses, an answer a look-up (the last again and again); the list fills with the names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, p)) for a, p in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.fixture(autouse=True)
def untouched(canary: RawServer) -> Iterator[None]:
    yield
    assert canary.connections == 0


@pytest.mark.parametrize("host", INTERNAL + ODD)
@pytest.mark.parametrize("purpose", list(Purpose))
def test_S01_S05_internal_addresses_are_refused_in_every_spelling(
    server: RawServer, canary: RawServer, fetch: Fetch, host: str, purpose: Purpose
) -> None:
    usual = settings_for(server, ports=(80, 443, canary.port))
    for answer in fetch(Request(f"http://{host}:{canary.port}/", purpose), Request(f"http://{host}/", purpose), settings=usual):
        failure(answer, Outcome.REFUSED)


def test_S01_a_name_that_leads_inside_is_refused(server: RawServer, canary: RawServer, fetch: Fetch) -> None:
    [answer] = fetch(feed(f"http://localhost:{canary.port}/"), settings=settings_for(server, ports=(canary.port,), host_gap=timedelta(0)))
    assert "localhost leads to" in failure(answer, Outcome.REFUSED).why


@pytest.mark.parametrize(
    "location",
    [
        "http://{canary}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "//{canary}/x",
        "file:///etc/passwd",
        "gopher://{canary}/",
        "ftp://{canary}/",
        "data:,x",
    ],
)
@pytest.mark.parametrize("purpose", [Purpose.ENDPOINT, Purpose.ARTICLE])
def test_S02_every_hop_is_checked(server: RawServer, canary: RawServer, fetch: Fetch, location: str, purpose: Purpose) -> None:
    server.say("/go", reply(302, headers={"Location": location.format(canary=canary.address, port=canary.port)}))
    [answer] = fetch(Request(server.url("/go"), purpose))
    failure(answer, Outcome.REFUSED)


def test_S02_a_robots_txt_that_leads_inside_is_not_followed(server: RawServer, canary: RawServer, fetch: Fetch) -> None:
    server.say("/robots.txt", reply(302, headers={"Location": f"http://{canary.address}/robots.txt"}))
    server.say("/story", reply(body=b"<html></html>"))
    [answer] = fetch(article(server.url("/story")))
    failure(answer, Outcome.REFUSED)


def test_S03_the_address_that_was_checked_is_the_one_connected_to(
    server: RawServer, canary: RawServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, [("127.0.0.1", server.port)], [("127.0.0.3", server.port)])
    server.say("/feed", reply(body=FEED))
    url = server.url("/feed", "rebinding.example.org")
    first, second = fetch(feed(url), feed(url), settings=settings_for(server, host_gap=timedelta(0)))
    assert page(first).address == "127.0.0.1"
    failure(second, Outcome.REFUSED)
    assert asked == ["rebinding.example.org"] * 2  # one look-up a request: nothing can change between check and connection


def test_S04_of_mixed_addresses_only_permitted_ones_are_tried(server: RawServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(host="127.0.0.2") as inside:
        resolving(monkeypatch, [("127.0.0.2", inside.port), ("127.0.0.1", server.port), ("::1", server.port)])
        server.say("/feed", reply(body=FEED))
        [answer] = fetch(feed(server.url("/feed", "mixed.example.org")))
        page(answer)
        assert inside.connections == 0


def test_S05_the_socket_itself_is_the_last_gate() -> None:
    guard = Guard(("127.0.0.1:8123",), (80,))
    with guard.socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 8123))):
        pass
    for address, port in (("127.0.0.1", 80), ("127.0.0.1", 8124), ("127.0.0.2", 8123), ("10.0.0.1", 80)):
        with pytest.raises(RefusedError):
            guard.socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)))


@pytest.mark.parametrize(
    "form",
    [
        "http://pub.example.org@{canary}/",
        "http://pub.example.org:secret@{canary}/",
        "http://{canary}#@pub.example.org/",
        "http://{canary}\\@pub.example.org/",
        "http://pub.example.org\\@{canary}/",
        "http://{canary}%00.example.org/",
        "http://{canary}\t/",
        "http://{canary}/\r\nHELO",
        "http://{canary}/\x00",
        "\x00http://{canary}/",
        "http:{canary}/",
        "http:/{canary}/",
        "http:///{canary}/",
        "//{canary}/",
        "{canary}/",
        "http://[{canary}]/",
        "http:// {canary}/",
        "http://{canary} .example.org/",
        "http://host:99999/",
        "http://xn--/",
        "http:///",
        "",
        "http://exa\u2028mple.org/",
        "http://" + "a" * 9000 + "/",
    ],
)
def test_S07_addresses_that_parsers_disagree_about_are_refused(server: RawServer, canary: RawServer, fetch: Fetch, form: str) -> None:
    usual = settings_for(server, ports=(80, canary.port))
    [answer] = fetch(feed(form.format(canary=canary.address)), settings=usual)
    assert "secret" not in failure(answer, Outcome.REFUSED).why


def test_S08_proxies_of_the_environment_are_not_taken(
    server: RawServer, canary: RawServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{canary.address}")
    server.say("/feed", reply(body=FEED))
    [answer] = fetch(feed(server.url("/feed")))
    page(answer)


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_S09_only_the_usual_ports_are_asked(fetch: Fetch, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    asked = resolving(monkeypatch, [("93.184.216.34", port)])
    [answer] = fetch(feed(f"http://example.org:{port}/%0d%0aHELO"))
    assert failure(answer, Outcome.REFUSED).why == f"port {port} is not asked" and asked == []


def test_an_exception_is_exactly_one_address_and_port(server: RawServer, canary: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED))
    by_name = settings_for(server, host_gap=timedelta(0))
    good, other_port, other_address = fetch(
        feed(f"http://localhost:{server.port}/feed"), feed(canary.url("/")), feed(f"http://127.0.0.2:{server.port}/feed"), settings=by_name
    )
    page(good)
    failure(other_port, Outcome.REFUSED)
    failure(other_address, Outcome.REFUSED)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.org/a%2Fb?x=%7e&y=a+b#part", "https://example.org/a%2Fb?x=%7e&y=a+b"),
        ("https://пример.рф/путь", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"),
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("HTTPS://Example.org", "https://Example.org"),
    ],
)
def test_an_address_is_asked_as_its_publisher_wrote_it(url: str, asked: str) -> None:
    assert str(Guard((), (80, 443)).target(url)) == asked
