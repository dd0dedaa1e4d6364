"""A SOCKS5 server on 127.0.0.1 that logs the names it is asked for and leads all of them to one place."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType


@dataclass
class SocksServer:
    leads_to: tuple[str, int]
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> SocksServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    @property
    def url(self) -> str:
        return f"socks5h://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            _, methods = connection.recv(2)
            connection.recv(methods)
            connection.sendall(b"\x05\x00")
            kind = connection.recv(4)[3]
            size = {1: 4, 4: 16}.get(kind) or connection.recv(1)[0]
            address = connection.recv(size)
            connection.recv(2)  # port
            self.names.append(address.decode("latin-1") if kind == 3 else f"address of {size} bytes")
            with socket.create_connection(self.leads_to) as inner:
                connection.sendall(b"\x05\x00\x00\x01" + bytes(6))
                back = threading.Thread(target=_copy, args=(inner, connection), daemon=True)
                back.start()
                _copy(connection, inner)
                back.join(5)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
