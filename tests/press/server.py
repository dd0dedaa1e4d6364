"""How does an outlet answer? A real HTTP server on 127.0.0.1 that plays the press, with faults on demand."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from . import outlets
from .outlets import Document, Generated

HOST = "127.0.0.1"
IDLE_SECONDS = 30  # a connection kept open by a client that asks for nothing


#: Outlets that the press's articles cite; they are known, so that articles which cite the same one have one origin, but not looked at.
CITED = """
[[source]]
id = "astra"
name = "ASTRA"
group = "astra"
kind = "independent"
languages = ["ru"]
enabled = false
reason = "cited by the others; not played here"

[[source]]
id = "mediazona"
name = "Mediazona"
group = "mediazona"
kind = "independent"
languages = ["ru"]
aliases = ["Mediazone", "Медиазона"]
enabled = false
reason = "cited by the others; not played here"
"""


class Seen(NamedTuple):
    """One request as it came in; header names in lower case."""

    method: str
    path: str  # with its query
    headers: dict[str, str]
    time: datetime


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one path. `times` None is "until mended"."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    seconds: float = 0.0
    times: int | None = None


@dataclass(frozen=True)
class Listed:
    """One source of the configuration that write_config() writes."""

    id: str
    name: str
    kind: str
    languages: tuple[str, ...]
    endpoint: str
    path: str


class Press:
    """`with Press() as press:` serves until the block ends.

    url         "http://127.0.0.1:PORT"
    address     "127.0.0.1:PORT", as fetch.allow wants it
    requests    every request so far, in order of arrival
    """

    def __init__(self, port: int = 0, now: datetime | None = None) -> None:
        self.now = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        self.requests: list[Seen] = []
        self.stopping = threading.Event()
        self._faults: dict[str, Fault] = {}
        self._lock = threading.Condition()
        self._server = _Server(self, port)
        self.port: int = self._server.server_address[1]
        self.address = f"{HOST}:{self.port}"
        self.url = f"http://{self.address}"
        self._documents = outlets.documents(self.url, self.now)
        self.sources = [
            Listed("courrier-du-front", "Courrier du Front", "independent", ("fr",), "feed", "/courrier/rss.xml"),
            Listed("depeches-du-front", "Dépêches du front", "channel", ("fr",), "telegram", f"/s/{outlets.CHANNEL}"),
            Listed("globe-actualites", "Globe Actualités", "aggregator", ("fr",), "sitemap", "/globe/sitemap.xml"),
            Listed("gazette", "La Gazette des Deux Rives", "independent", ("fr", "en", "ru", "uk"), "feed", "/gazette/atom.xml"),
        ]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="press", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    # ── what is published ────────────────────────────────────────────────────────────────────────────────────────────

    def put(self, path: str, text: str, kind: str = outlets.HTML, modified: datetime | None = None) -> str:
        """Publishes or replaces a document; returns its URL. With `modified` it has an ETag and a Last-Modified."""
        self._documents[path] = Document(text, kind, modified)
        return self.url + path

    def remove(self, path: str) -> None:
        """From now on 404."""
        del self._documents[path]

    def add_feed(self, path: str, entries: int) -> Generated:
        """A feed of `entries` generated articles, every third of which alerts; its source is "extra-1", then "extra-2" …"""
        made, documents = outlets.generate(self.url, path, entries, self.now)
        self._documents |= documents
        count = sum(source.id.startswith("extra-") for source in self.sources) + 1
        self.sources.append(Listed(f"extra-{count}", f"Daily Generator {count}", "independent", ("en",), "feed", path))
        return made

    def write_config(self, folder: Path, only: Iterable[str] | None = None) -> Path:
        """A configuration folder with this press's sources (`only` those ids); words and rules are the shipped ones."""
        wanted = None if only is None else set(only)
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        settings = (
            f'timezone = "Europe/Paris"\n\n[fetch]\nallow = ["{self.address}"]\nhost_gap = "0s"\ncontact = "https://press.example/bot"\n'
        )
        (folder / "monitor.toml").write_text(settings, encoding="utf-8")
        tables = "\n".join(self._table(source) for source in self.sources if wanted is None or source.id in wanted)
        (folder / "sources" / "press.toml").write_text(tables, encoding="utf-8")
        (folder / "sources" / "cited.toml").write_text(CITED, encoding="utf-8")
        return folder

    def _table(self, source: Listed) -> str:
        languages = ", ".join(f'"{language}"' for language in source.languages)
        return (
            f'[[source]]\nid = "{source.id}"\nname = "{source.name}"\ngroup = "{source.id}"\n'
            f'kind = "{source.kind}"\nlanguages = [{languages}]\n'
            f'[[source.endpoint]]\nkind = "{source.endpoint}"\nurl = "{self.url}{source.path}"\nevery = "15m"\n'
        )

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────

    def fail(self, path: str, status: int, *, headers: Mapping[str, str] | None = None, times: int | None = None) -> None:
        """Answers `status` with a short HTML page, `times` times or until mend()."""
        self._faults[path] = Fault(status=status, headers=headers or {}, times=times)

    def cut(self, path: str, *, times: int | None = None) -> None:
        """Announces the whole body, sends half of it and hangs up."""
        self._faults[path] = Fault(cut=True, times=times)

    def delay(self, path: str, seconds: float, *, times: int | None = None) -> None:
        """Answers after so many seconds; stopping the press ends the wait."""
        self._faults[path] = Fault(seconds=seconds, times=times)

    def mend(self, path: str) -> None:
        self._faults.pop(path, None)

    # ── what was asked ───────────────────────────────────────────────────────────────────────────────────────────────

    def asked(self, path: str) -> list[Seen]:
        """The requests for a path, whatever their query."""
        return [seen for seen in self.requests if seen.path.split("?")[0] == path]

    def wait_for(self, requests: int, timeout: float = 20.0) -> None:
        """Returns once so many requests have come in altogether. Raises TimeoutError after `timeout` seconds."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self.requests) >= requests, timeout):
                raise TimeoutError(f"{len(self.requests)} of {requests} requests after {timeout} s")

    # ── for the server's threads ─────────────────────────────────────────────────────────────────────────────────────

    def log(self, seen: Seen) -> None:
        with self._lock:
            self.requests.append(seen)
            self._lock.notify_all()

    def document(self, path: str) -> Document | None:
        """With its query where that is published of its own, else without."""
        return self._documents.get(path) or self._documents.get(path.split("?")[0])

    def take_fault(self, path: str) -> Fault:
        """The path's fault; one that happens a number of times is counted down."""
        with self._lock:
            key = path if path in self._faults else path.split("?")[0]
            fault = self._faults.get(key)
            if fault is None:
                return Fault()
            if fault.times is not None:
                if fault.times <= 1:
                    del self._faults[key]
                else:
                    self._faults[key] = Fault(fault.status, fault.headers, fault.cut, fault.seconds, fault.times - 1)
            return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, press: Press, port: int) -> None:
        self.press = press
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "nginx", ""
    timeout = IDLE_SECONDS
    wbufsize = 1 << 16  # headers and body leave together
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        press = self.server.press
        headers = {name.lower(): value for name, value in self.headers.items()}
        press.log(Seen(self.command, self.path, headers, datetime.now(UTC)))
        fault = press.take_fault(self.path)
        if fault.seconds:
            press.stopping.wait(fault.seconds)
        document = press.document(self.path)
        if fault.status is not None:
            self._answer(fault.status, _sorry(fault.status), dict(fault.headers))
        elif document is None:
            self._answer(404, _sorry(404), {})
        else:
            self._serve(document, cut=fault.cut)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _serve(self, document: Document, *, cut: bool) -> None:
        body, headers = document.text.encode(), {"Content-Type": document.kind, "Vary": "Accept-Encoding"}
        if document.modified is not None:
            tag = hashlib.sha256(body).hexdigest()[:16]
            headers |= {"ETag": f'"{tag}"', "Last-Modified": format_datetime(document.modified, usegmt=True), "Cache-Control": "max-age=60"}
            if self._unchanged(tag, document.modified):
                return self._answer(304, None, headers)
        else:
            headers["Cache-Control"] = "no-store"
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        return self._answer(200, body, headers, cut=cut)

    def _unchanged(self, tag: str, modified: datetime) -> bool:
        """RFC 9110 §13.2.2: If-None-Match, and only without it If-Modified-Since."""
        asked, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if asked is not None:
            return asked.strip() == "*" or any(part.strip().removeprefix("W/") == f'"{tag}"' for part in asked.split(","))
        try:
            return since is not None and modified <= parsedate_to_datetime(since)
        except ValueError:
            return False

    def _answer(self, status: int, body: bytes | None, headers: dict[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": outlets.HTML} | headers if body is not None else headers).items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body is not None and self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the library's)
        """The log is press.requests."""


def _sorry(status: int) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1><p>Page indisponible.</p></body></html>".encode()
    )
