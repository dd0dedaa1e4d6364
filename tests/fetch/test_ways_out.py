"""TLS is always checked (N-29), an https address never becomes http (N-18), and a proxied source has no way round its proxy (E-03)."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from monitor.model import Outcome
from tests.fetch.asking import FEED, Fetch, article, failure, feed, page, settings_for
from tests.fetch.socks import SocksServer
from tests.press.raw import RawServer, reply

AUTHORITY = trustme.CA()


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    return made


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


@pytest.fixture
def secure() -> Iterator[RawServer]:
    with RawServer(tls=context(AUTHORITY.issue_cert("127.0.0.1", "localhost"))) as running:
        yield running


def test_N29_a_ca_of_its_own_is_believed_for_that_source_alone(secure: RawServer, fetch: Fetch, ca_file: str) -> None:
    secure.say("/feed", reply(body=FEED))
    url = secure.url("/feed")
    with_it, without, again = fetch(feed(url, ca_file=ca_file), feed(url), feed(url, ca_file=ca_file), settings=settings_for(secure))
    assert page(with_it).body == page(again).body == FEED
    assert "certificate refused" in failure(without, Outcome.TLS_ERROR).why
    assert len(secure.log) == 2


def expired() -> trustme.LeafCert:
    return AUTHORITY.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC))


def stranger() -> trustme.LeafCert:
    return AUTHORITY.issue_cert("other.example.org")


def unknown_authority() -> trustme.LeafCert:
    return trustme.CA().issue_cert("127.0.0.1")


@pytest.mark.parametrize(
    ("certificate", "told"), [(expired, "expired"), (stranger, "not valid for"), (unknown_authority, "unable to get local issuer")]
)
def test_N29_a_bad_certificate_is_told_with_its_reason(fetch: Fetch, ca_file: str, certificate: Any, told: str) -> None:
    with RawServer(tls=context(certificate())) as secure:
        [answer] = fetch(feed(secure.url("/feed"), ca_file=ca_file), settings=settings_for(secure))
        assert told in failure(answer, Outcome.TLS_ERROR).why
        assert not secure.log


def test_N29_old_tls_is_refused(fetch: Fetch, ca_file: str) -> None:
    old = context(AUTHORITY.issue_cert("127.0.0.1"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with RawServer(tls=old) as ancient:
        [answer] = fetch(feed(ancient.url("/"), ca_file=ca_file), settings=settings_for(ancient))
    failure(answer, Outcome.TLS_ERROR)


def test_N29_a_server_without_tls_is_told(fetch: Fetch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        address = f"127.0.0.1:{plain.getsockname()[1]}"

        def answer_in_plain() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer_in_plain, daemon=True).start()
        [answer] = fetch(feed(f"https://{address}/"), settings=settings_for(allow=(address,)))
    failure(answer, Outcome.TLS_ERROR)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_N29_a_ca_file_that_cannot_be_used_is_told(secure: RawServer, fetch: Fetch, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "broken.pem"
    if text is not None:
        path.write_text(text)
    [answer] = fetch(feed(secure.url("/"), ca_file=str(path)), settings=settings_for(secure))
    assert str(path) in failure(answer, Outcome.TLS_ERROR).why
    assert secure.connections == 0


def test_N18_a_redirect_from_https_to_http_is_refused(secure: RawServer, canary: RawServer, fetch: Fetch, ca_file: str) -> None:
    secure.say("/feed", reply(301, headers={"Location": canary.url("/feed")}))
    [answer] = fetch(feed(secure.url("/feed"), ca_file=ca_file), settings=settings_for(secure, canary))
    assert "down to http" in failure(answer, Outcome.REFUSED).why
    assert canary.connections == 0


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that this machine itself was asked to look up."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        asked.append(str(host))
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_E03_a_proxied_source_leaves_through_its_proxy_names_included(server: RawServer, fetch: Fetch, names: list[str]) -> None:
    server.say("/feed", reply(302, headers={"Location": "http://b.example.org/moved"}))
    server.say("/moved", reply(body=FEED))
    with SocksServer(("127.0.0.1", server.port)) as proxy:
        quick = settings_for(server, host_gap=timedelta(0))
        fed, read = fetch(
            feed("http://a.example.org/feed", proxy=proxy.url), article("http://c.example.org/moved", proxy=proxy.url), settings=quick
        )
        assert proxy.names == ["a.example.org", "b.example.org", "c.example.org", "c.example.org"]
    assert page(fed).body == page(read).body == FEED
    assert page(fed).address == "" and [asked.path for asked in server.log] == ["/feed", "/moved", "/robots.txt", "/moved"]
    assert not [name for name in names if "example" in name]


def test_E03_tls_through_a_proxy_is_checked_against_the_name(fetch: Fetch, ca_file: str) -> None:
    with RawServer(tls=context(AUTHORITY.issue_cert("a.example.org"))) as secure, SocksServer(("127.0.0.1", secure.port)) as proxy:
        secure.say("/feed", reply(body=FEED))
        requests = [feed(f"https://{host}.example.org/feed", proxy=proxy.url, ca_file=ca_file) for host in ("a", "b")]
        right, wrong = fetch(*requests, settings=settings_for(secure, host_gap=timedelta(0)))
    assert page(right).body == FEED
    failure(wrong, Outcome.TLS_ERROR)


def test_E03_when_the_proxy_is_down_so_are_its_sources(server: RawServer, fetch: Fetch, names: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    proxied = [
        feed(server.url("/feed"), proxy=f"socks5h://127.0.0.1:{port}"),
        article("http://a.example.org/", proxy=f"socks5h://127.0.0.1:{port}"),
    ]
    fed, read = fetch(*proxied)
    failure(fed, Outcome.NET_ERROR)
    assert "robots.txt" in failure(read, Outcome.REFUSED).why
    assert server.connections == 0 and "a.example.org" not in names


def test_E03_a_proxy_that_says_nothing_is_left_at_the_deadline(server: RawServer, fetch: Fetch) -> None:
    silent = feed("http://a.example.org/", proxy=f"socks5h://{server.address}")
    [answer] = fetch(silent, settings=settings_for(server, deadline=timedelta(seconds=0.3)))
    failure(answer, Outcome.TIMEOUT)


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:9", "socks4://127.0.0.1:9", "http://127.0.0.1:9", "socks5h://127.0.0.1", "socks5h://h:x", "nonsense", ""]
)
def test_E03_proxies_that_leak_names_are_refused(server: RawServer, fetch: Fetch, proxy: str) -> None:
    [answer] = fetch(feed(server.url("/"), proxy=proxy))
    assert "socks5h" in failure(answer, Outcome.REFUSED).why
    assert server.connections == 0


@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.1", "127.1", "2130706433", "[::1]", "169.254.169.254"])
def test_S01_internal_addresses_are_refused_through_a_proxy_too(server: RawServer, fetch: Fetch, host: str) -> None:
    with SocksServer(("127.0.0.1", server.port)) as proxy:
        [answer] = fetch(feed(f"http://{host}/", proxy=proxy.url))
        failure(answer, Outcome.REFUSED)
        assert proxy.names == []


def test_nothing_is_left_open(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED))
    page(fetch(feed(server.url("/feed")))[0])

    async def tasks() -> int:
        return len(asyncio.all_tasks())

    assert asyncio.run(tasks()) == 1
