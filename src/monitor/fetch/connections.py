"""How is a connection made? One way out for every fetch: guarded, without cookies, environment proxies or referrers; TLS always checked.

A connection a request: what was checked at connect is what answers, and nothing is sent twice in silence. aiohttp's protocol reads what
comes; its sessions, which keep what no request here needs, cost as much again.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aiohappyeyeballs import pop_addr_infos_interleave, start_connection
from aiohttp import ServerDisconnectedError
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import StreamReader
from multidict import CIMultiDictProxy
from yarl import URL

from monitor.fetch.guard import Guard, look_up
from monitor.fetch.stop import RefusedError, StoppedError, short
from monitor.model import Outcome
from monitor.steps.addresses import literal

CONNECT = 10.0  # seconds for TCP and TLS of one address
NEXT_ADDRESS = 0.25  # seconds after which the next address of a name is tried beside the first
LONGEST_HEADER = 32 * 1024  # bytes of one header line
MOST_HEADERS = 128
READ_AHEAD = 64 * 1024  # bytes taken from the network before we ask for more

Address = tuple[int, int, int, str, tuple[Any, ...]]  # as getaddrinfo gives it


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, with its body still to come."""

    status: int
    raw_headers: tuple[tuple[bytes, bytes], ...]
    headers: CIMultiDictProxy[str]
    content: StreamReader
    peer: str  # the address that gave it; empty behind a proxy


class Connections:
    """Makes connections; keeps a TLS context per CA file."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._tls: dict[str | None, ssl.SSLContext] = {}

    @asynccontextmanager
    async def ask(
        self, target: URL, headers: Sequence[tuple[str, str]], body: bytes | None, *, proxy: str | None, tls: ssl.SSLContext | None
    ) -> AsyncIterator[Answer]:
        """GET, or POST where there is a body. `tls` is for https. What a server or a network does is raised (stop.FAULTS, StoppedError)."""
        message = _message(target, headers, body)
        handler = await (self._direct(target, tls) if proxy is None else _proxied(target, tls, proxy))
        try:
            transport = handler.transport
            if transport is None:
                raise ServerDisconnectedError
            name = transport.get_extra_info("peername") if proxy is None else None
            handler.set_response_params(
                read_until_eof=True,
                auto_decompress=False,
                read_bufsize=READ_AHEAD,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
                max_headers=MOST_HEADERS,
            )
            transport.write(message)
            head, content = await handler.read()
            while 100 <= head.code < 200 and head.code != 101:  # interim answers (RFC 9110 §15.2)
                head, content = await handler.read()
            yield Answer(head.code, head.raw_headers, head.headers, content, str(name[0]) if name else "")
        finally:
            handler.abort()

    def tls(self, ca_file: str | None) -> ssl.SSLContext:
        """The usual authorities, or those in `ca_file` alone. Raises StoppedError (tls_error) when the file cannot be used."""
        if ca_file not in self._tls:
            try:
                self._tls[ca_file] = ssl.create_default_context(cafile=ca_file)
            except OSError as error:  # SSLError is one
                raise StoppedError(Outcome.TLS_ERROR, f"the CA file {ca_file} cannot be used: {error.strerror or error}") from error
        return self._tls[ca_file]

    async def _direct(self, target: URL, tls: ssl.SSLContext | None) -> ResponseHandler:
        """One of the name's permitted addresses; each has its own time, and one that fails, TLS included, gives way to the others."""
        addresses, problem = await self._addresses(target), None
        while addresses:
            try:
                async with asyncio.timeout(CONNECT):
                    sock = await start_connection(
                        addresses,
                        happy_eyeballs_delay=NEXT_ADDRESS,
                        socket_factory=self._guard.socket,
                    )
                    return await _handler(sock, target, tls)
            except OSError as error:  # TimeoutError is one
                problem = error
                pop_addr_infos_interleave(addresses)
        assert problem
        raise problem

    async def _addresses(self, target: URL) -> list[Address]:
        host, port = target.raw_host or "", target.port or 0
        address = literal(host)
        if address is not None:
            kind = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]
        try:
            return await look_up(self._guard, host, port)
        except RefusedError:
            raise
        except OSError as error:
            raise StoppedError(Outcome.NET_ERROR, f"the name {host} was not found") from error


async def _proxied(target: URL, tls: ssl.SSLContext | None, proxy: str) -> ResponseHandler:
    """Names are resolved by the proxy alone, and there is no way round it: when it is down, so are its sources."""
    from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
    from python_socks.async_.asyncio import Proxy

    try:
        parts = urlsplit(proxy)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme != "socks5h" or not parts.hostname or port is None:
        raise StoppedError(Outcome.REFUSED, "only socks5h://host:port is taken as a proxy: other kinds leak the names that are asked for")
    way = Proxy(ProxyType.SOCKS5, parts.hostname, port, parts.username, parts.password, rdns=True)
    try:
        async with asyncio.timeout(CONNECT):
            return await _handler(await way.connect(target.raw_host or "", target.port or 0, timeout=CONNECT), target, tls)
    except ProxyTimeoutError as error:
        raise TimeoutError from error
    except (ProxyConnectionError, ProxyError) as error:
        raise StoppedError(Outcome.NET_ERROR, f"through its proxy: {short(str(error))}") from error


async def _handler(sock: socket.socket, target: URL, tls: ssl.SSLContext | None) -> ResponseHandler:
    loop = asyncio.get_running_loop()
    name = (target.raw_host or "").rstrip(".") if tls else None  # certificates hold names without the last dot
    _, handler = await loop.create_connection(partial(ResponseHandler, loop), sock=sock, ssl=tls, server_hostname=name)
    return handler


def _message(target: URL, headers: Sequence[tuple[str, str]], body: bytes | None) -> bytes:
    """A request of HTTP/1.1 (RFC 9112). Raises ValueError for a header that would end where it must not."""
    lines = [f"{'GET' if body is None else 'POST'} {target.raw_path_qs} HTTP/1.1", f"Host: {target.host_port_subcomponent}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += ["Connection: close"] if body is None else [f"Content-Length: {len(body)}", "Connection: close"]
    if any(sign in line for line in lines for sign in "\r\n\0"):
        raise ValueError("a header with a line break")
    return "\r\n".join((*lines, "", "")).encode() + (body or b"")
