"""A server on 127.0.0.1 that says exactly the bytes it is told to: a script per path, and a log of what was asked and when.

    with RawServer() as server:
        server.say("/feed", reply(body=b"<rss>…</rss>", headers={"ETag": '"1"'}), reply(status=304))
        …fetch server.url("/feed")…
        assert server.asked("/feed")[1].header("If-None-Match") == b'"1"'

An answer is bytes, or a function of the request that gives an iterable of steps: bytes are sent as they are, a number is a wait in
seconds (HANG: until the server stops). After the last step the connection is closed; RESET closes it with a TCP reset.
Answers of a path are given in turn, the last one again and again; a path without a script gets 404.
"""

from __future__ import annotations

import math
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

HANG = math.inf
RESET = -1.0
LONGEST_HEAD = 256 * 1024

Step = bytes | float


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire; `at` is time.monotonic()."""

    path: str
    head: bytes  # request line and headers
    body: bytes
    at: float

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode("latin-1")

    def header(self, name: str) -> bytes | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower().encode():
                return value.strip()
        return None


Answer = bytes | Callable[[Asked], Iterable[Step]]


def reply(
    status: int = 200,
    body: bytes = b"",
    headers: Mapping[str, str | bytes] | None = None,
    *,
    length: int | bool | None = True,
    reason: str = "Status",
) -> bytes:
    """An HTTP/1.1 answer. `length`: True tells the right one, None tells none, a number is told as it is."""
    lines = [f"HTTP/1.1 {status} {reason}".encode()]
    for name, value in (headers or {}).items():
        lines.append(name.encode("latin-1") + b": " + (value if isinstance(value, bytes) else value.encode("utf-8")))
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length is True else int(length)}".encode())
    return b"\r\n".join([*lines, b"", body])


def hang(asked: Asked) -> Iterable[Step]:
    """Accepts, and says nothing."""
    yield HANG


@dataclass
class _Script:
    answers: tuple[Answer, ...]
    given: int = 0


@dataclass
class RawServer:
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    log: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.create_server((self.host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._scripts: dict[str, _Script] = {}
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._stopped.set()
        self._socket.close()

    @property
    def address(self) -> str:
        """As `[fetch] allow` wants it."""
        return f"{self.host}:{self.port}"

    def url(self, path: str, host: str | None = None) -> str:
        return f"{'https' if self.tls else 'http'}://{host or self.host}:{self.port}{path}"

    def say(self, path: str, *answers: Answer) -> None:
        """From now on these, in turn; the query is part of the path where a script names it."""
        with self._lock:
            self._scripts[path] = _Script(answers)

    def asked(self, path: str) -> list[Asked]:
        with self._lock:
            return [each for each in self.log if each.path == path]

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                asked = self._read(connection)
                if asked is not None:
                    self._play(connection, asked)
        except OSError:  # the client went away, or refused our certificate
            connection.close()

    def _read(self, connection: socket.socket) -> Asked | None:
        data = b""
        while b"\r\n\r\n" not in data:
            got = connection.recv(65536)
            if not got or len(data) > LONGEST_HEAD:
                return None
            data += got
        head, _, body = data.partition(b"\r\n\r\n")
        asked = Asked(head.split(b" ")[1].decode("latin-1"), head, body, time.monotonic())
        wanted = int(asked.header("Content-Length") or b"0")
        while len(body) < wanted and (got := connection.recv(65536)):
            body += got
        asked = Asked(asked.path, head, body, asked.at)
        with self._lock:
            self.log.append(asked)
        return asked

    def _play(self, connection: socket.socket, asked: Asked) -> None:
        with self._lock:
            script = self._scripts.get(asked.path) or self._scripts.get(asked.path.partition("?")[0])
            answer: Answer = reply(404, b"not here", reason="Not Found")
            if script is not None:
                answer = script.answers[min(script.given, len(script.answers) - 1)]
                script.given += 1
        for step in (answer,) if isinstance(answer, bytes) else answer(asked):
            if isinstance(step, bytes):
                connection.sendall(step)
            elif step == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            elif self._stopped.wait(None if step == HANG else step):
                return
