"""May this address be asked? One parser for what is checked and what is connected to, and a last look when the socket is made."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from yarl import URL

from monitor.fetch.stop import RefusedError
from monitor.steps.addresses import is_public, literal

LONGEST_URL = 8192  # characters
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: What no host name has; parsers disagree about where a host with one of these ends.
BAD_HOST = re.compile(r"[\s%\\<>\"'`{}|^,;!$&()*+=]")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")


class Guard:
    """Public addresses on the usual ports, and what the operator allows by exact `address:port`."""

    def __init__(self, allow: Iterable[str], ports: Iterable[int]) -> None:
        pairs = (entry.rpartition(":") for entry in allow)
        self._allowed = frozenset((literal(address) or address, int(port)) for address, _, port in pairs)
        self._ports = frozenset(ports)

    def target(self, url: str) -> URL:
        """`url` as it is checked and connected to. Raises RefusedError before anything is asked, names included."""
        if len(url) > LONGEST_URL:
            raise RefusedError(f"an address of more than {LONGEST_URL} characters")
        text = url.strip(" ")
        if CONTROL.search(text):
            raise RefusedError("control characters in an address")
        scheme = SCHEME.match(text)
        if scheme is None or scheme[0].lower() not in ("http", "https"):
            raise RefusedError(f"only http and https are asked, not {scheme[0][:20] if scheme else 'an address without a scheme'}")
        try:
            target = URL(text, encoded=text.isascii() and " " not in text).with_fragment(None)
            host, port = target.host, target.port
        except ValueError as error:
            raise RefusedError(f"not an address that can be asked: {type(error).__name__}") from error
        if not host or port is None or BAD_HOST.search(host) or (":" in host and literal(host) is None):
            raise RefusedError("an address without a usable host")
        if target.user is not None or target.password is not None:
            raise RefusedError("a user name in an address")
        self._check(host, port)
        return target

    def _check(self, host: str, port: int) -> None:
        if port not in self._ports and port not in {allowed for _, allowed in self._allowed}:
            raise RefusedError(f"port {port} is not asked")
        address = literal(host)
        if address is not None and not self.permits(address, port):
            raise RefusedError(f"{address}:{port} is not in the public internet, or its port is not asked")

    def permits(self, address: str, port: int) -> bool:
        """Whether a connection to this address and port may be made."""
        return (address, port) in self._allowed or (port in self._ports and is_public(address))

    def is_allowed(self, target: URL) -> bool:
        """Whether the operator allowed exactly this address and port: a machine of his own."""
        return (literal(target.host or ""), target.port) in self._allowed

    def socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """aiohttp's socket_factory: nothing is connected that was not looked at here, whatever way its address came."""
        family, kind, proto, _, (address, port, *_) = addr_info
        if not self.permits(address, port):
            raise RefusedError(f"{address}:{port} is not in the public internet")
        return socket.socket(family, kind, proto)


async def look_up(guard: Guard, host: str, port: int) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:
    """The addresses of a name that the guard permits. A thread a look-up: a hung getaddrinfo cannot be interrupted."""
    found = await _look_up(host, port)
    addresses = list(dict.fromkeys((kind, str(address[0])) for kind, _, _, _, address in found))
    permitted = [(kind, address) for kind, address in addresses if guard.permits(address, port)]
    if not permitted:
        raise RefusedError(f"{host} leads to {', '.join(a for _, a in addresses[:3])}: not in the public internet")
    return [(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)) for kind, address in permitted]


async def _look_up(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[tuple[Any, ...]]] = loop.create_future()

    def give(found: Sequence[tuple[Any, ...]] | None, error: OSError | None) -> None:
        if answer.done():  # the deadline was earlier
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found or ())

    def look() -> None:
        found, error = None, None
        try:
            found = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        except OSError as failed:
            error = failed
        except UnicodeError:
            error = OSError(f"{host[:100]} is not a host name")
        with suppress(RuntimeError):  # the loop was closed in the meantime
            loop.call_soon_threadsafe(give, found, error)

    threading.Thread(target=look, name="look-up", daemon=True).start()
    return await answer
