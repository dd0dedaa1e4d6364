"""Servers on 127.0.0.1 that take notices: mail as it should be, mail as it should not, and a sink for webhooks."""

from __future__ import annotations

import asyncio
import socketserver
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from queue import Queue
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

# ── mail as it should be ─────────────────────────────────────────────────────────────────────────────────────────────


class Mailbox:
    """What a real SMTP server received."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.greeted_by: str | None = None

    async def handle_EHLO(self, server: Any, session: Any, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = self.greeted_by = hostname
        return responses

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.received.append(envelope)
        return "250 taken"


@contextmanager
def mail_server(*, tls: ssl.SSLContext | None = None, starttls: bool = True, password: str | None = None) -> Iterator[tuple[int, Mailbox]]:
    """A real SMTP server in a thread of its own; its port and mailbox."""

    def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        right = isinstance(login, LoginPassword) and login.password.decode() == password and login.login == b"monitor"
        return AuthResult(success=right, handled=False)  # the server itself answers

    box = Mailbox()
    options: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls and starttls else {}
    if password is not None:
        # Where the whole line is TLS the server does not know of it, and is told not to ask.
        options |= {"authenticator": authenticator, "auth_required": True, "auth_require_tls": starttls}
    port: Queue[int] = Queue()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        made = partial(SMTP, box, hostname="mail.example.org", loop=loop, **options)
        server = await loop.create_server(made, "127.0.0.1", 0, ssl=None if starttls else tls)
        async with server:
            port.put(server.sockets[0].getsockname()[1])
            await over.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield port.get(timeout=10), box
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


# ── mail as it should not be ─────────────────────────────────────────────────────────────────────────────────────────

HANG, DROP, DRIP = "hang", "drop", "drip"


@dataclass
class Script:
    """What a server answers, by the first word of a command; "" is the greeting, "." the end of a message.

    HANG never answers, DROP closes, DRIP sends a byte at a time and never ends a line. A list is worked off, its last entry stays.
    """

    answers: Mapping[str, str | list[str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    def answer(self, word: str) -> str:
        usual = {"": "220 here", "EHLO": "250 here", "DATA": "354 go on", "QUIT": "221 bye"}
        told = self.answers.get(word, usual.get(word, "250 fine"))
        if isinstance(told, list):
            return told.pop(0) if len(told) > 1 else told[0]
        return told


@contextmanager
def scripted_mail(script: Script) -> Iterator[int]:
    """A server that follows the script; its port."""
    over = threading.Event()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, word: str) -> bool:
            said = script.answer(word)
            if said == HANG:
                over.wait()
            while said == DRIP and not over.wait(0.02):
                self.wfile.write(b"2")
            if said in (HANG, DROP, DRIP):
                return False
            self.wfile.write(said.encode() + b"\r\n")
            return True

        def handle(self) -> None:
            try:
                going = self.say("")
                while going and (line := self.rfile.readline()):
                    word = line.split()[0].decode().upper() if line.split() else "?"
                    script.heard.append(line.decode().strip())
                    going = self.say(word)
                    if word == "DATA" and going and self.taking:
                        script.messages.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                        going = self.say(".")
                    going = going and word != "QUIT"
            except OSError:
                return  # the client hung up

        @property
        def taking(self) -> bool:
            usual = script.answers.get("DATA", "354")
            return isinstance(usual, str) and usual.startswith("354")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            over.set()
            server.shutdown()
            thread.join()


# ── webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Sink:
    """What a program behind a webhook received, and what it answers: a status line with headers and body, as bytes; b"" hangs up."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@asynccontextmanager
async def sink(given: Sink) -> AsyncIterator[int]:
    """An HTTP server that hands out the sink's answer; its port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = (await reader.readline()).decode().strip()
        headers: dict[str, str] = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        given.received.append((first, headers, body))
        try:
            writer.write(given.answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            return  # the client read enough

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
