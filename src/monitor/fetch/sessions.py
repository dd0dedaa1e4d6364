"""How is a connection made? One way out for every fetch: guarded, without cookies, environment proxies or referrers; TLS always checked."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs
from aiohttp_socks import ProxyConnector, ProxyType

from monitor.fetch.guard import Guard, Names
from monitor.fetch.stop import StoppedError
from monitor.model import Outcome

CONNECT = 10.0  # seconds for TCP and TLS of one address; the next one is tried a quarter second after the first
LONGEST_HEADER = 32 * 1024  # bytes of one header line
MOST_HEADERS = 128
READ_AHEAD = 64 * 1024  # bytes taken from the network before we ask for more


class Answer(aiohttp.ClientResponse):
    """A response that remembers which address gave it; aiohttp forgets the connection with the last byte."""

    peer = ""

    async def start(self, connection: Any) -> Answer:
        transport = connection.transport
        name = transport.get_extra_info("peername") if transport else None
        self.peer = str(name[0]) if name else ""
        await super().start(connection)
        return self


class Sessions:
    """A session per proxy, made when first asked for; a TLS context per CA file."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._open: dict[str | None, aiohttp.ClientSession] = {}
        self._tls: dict[str | None, ssl.SSLContext] = {}

    def session(self, proxy: str | None) -> aiohttp.ClientSession:
        """Raises StoppedError (refused) for a proxy that is not socks5h."""
        if proxy not in self._open:
            self._open[proxy] = aiohttp.ClientSession(
                connector=self._direct() if proxy is None else _proxied(proxy),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
                skip_auto_headers=(hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE),
                response_class=Answer,
                read_bufsize=READ_AHEAD,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
                max_headers=MOST_HEADERS,
            )
        return self._open[proxy]

    def tls(self, ca_file: str | None) -> ssl.SSLContext:
        """The usual authorities, or those in `ca_file` alone. Raises StoppedError (tls_error) when the file cannot be used."""
        if ca_file not in self._tls:
            try:
                self._tls[ca_file] = ssl.create_default_context(cafile=ca_file)
            except OSError as error:  # SSLError is one
                raise StoppedError(Outcome.TLS_ERROR, f"the CA file {ca_file} cannot be used: {error.strerror or error}") from error
        return self._tls[ca_file]

    async def close(self) -> None:
        for session in self._open.values():
            await session.close()
        self._open.clear()

    def _direct(self) -> aiohttp.TCPConnector:
        # A connection a request: what was checked at connect is what answers, and nothing is sent twice in silence.
        return aiohttp.TCPConnector(
            resolver=Names(self._guard), socket_factory=self._guard.socket, use_dns_cache=False, force_close=True, limit=0
        )


def _proxied(proxy: str) -> aiohttp.TCPConnector:
    """Names are resolved by the proxy alone, and there is no way round it: when it is down, so are its sources."""
    try:
        parts = urlsplit(proxy)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme != "socks5h" or not parts.hostname or port is None:
        raise StoppedError(Outcome.REFUSED, "only socks5h://host:port is taken as a proxy: other kinds leak the names that are asked for")
    connector: aiohttp.TCPConnector = ProxyConnector(
        host=parts.hostname,
        port=port,
        proxy_type=ProxyType.SOCKS5,
        username=parts.username,
        password=parts.password,
        rdns=True,
        force_close=True,
        limit=0,
    )
    return connector
