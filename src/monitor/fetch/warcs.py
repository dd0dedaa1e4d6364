"""Which pages does a WARC or ARC file hold? Reading alone; what is broken is skipped and told."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from monitor.fetch.inflate import BrokenError, Inflater, TooBigError
from monitor.fetch.warcwriter import PURPOSE
from monitor.model import Page
from monitor.steps.urls import absolute

LARGEST_PAGE = 8 * 1024**2  # bytes after inflation, as for a page that is fetched
LARGEST_HEAD = 64 * 1024  # bytes of HTTP headers
LONGEST_LINE = 16 * 1024  # bytes of an ARC record's line
MOST_RESUMES = 1_000  # broken places in one file that are skipped before it is given up
SCANNED = 1024**2  # bytes read at a time when looking for the next record
SNIFFED = 1_024  # bytes of a body in which HTML shows itself

_STATUS = re.compile(rb"HTTP\w*/\d[\d.]*\s+(\d{3})")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|article)\b", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_NO_TYPE = ("", "application/octet-stream", "text/plain", "application/unknown", "no-type")
_RECORD_STARTS = {b"\x1f\x8b": re.compile(rb"\x1f\x8b\x08"), b"WA": re.compile(rb"WARC/1\.")}
#: `URL IP-address archive-date …  length`; the URL may hold spaces (ARC 1 and 2, https://archive.org/web/researcher/ArcFileFormat.php).
_ARC_LINE = re.compile(rb"(?P<url>\S.*) (?P<address>\S+) (?P<date>\d{12,14}) (?:.* )?(?P<length>\d{1,12})\s*\Z")


@dataclass(frozen=True, slots=True)
class _Capture:
    """One HTTP answer as the archive holds it: head and body in one block."""

    url: str
    address: str
    date: datetime | None
    block: bytes


def read_warc(path: Path, on_problem: Callable[[str], None] = lambda _: None) -> Iterator[Page]:
    """The HTML pages (status 2xx) of a WARC or ARC file, compressed or not, in their order.

    Revisits, requests, other records and what `monitor export` wrote of endpoints are left out; an address captured twice comes twice.
    `on_problem` is told, in words, what could not be read; the records behind it are still found where the file lets them be. Nothing
    is raised but OSError for a file that cannot be opened.
    """
    with path.open("rb") as stream:
        captures = _arc_captures if _is_arc(stream) else _warc_captures
        for capture in captures(stream, on_problem):
            page = _page(capture, on_problem)
            if page is not None:
                yield page


# ── WARC ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _warc_captures(stream: IO[bytes], on_problem: Callable[[str], None]) -> Iterator[_Capture]:
    """Every response record. After a broken record reading goes on at the next place that looks like a record's start."""
    from fastwarc import ArchiveIterator, WarcRecordType

    start: int | None = 0
    for _ in range(MOST_RESUMES):
        stream.seek(start or 0)
        last = start or 0
        try:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.any_type, parse_http=False):
                last = record.stream_pos
                if record.record_type == WarcRecordType.response and record.headers.get(PURPOSE) is None:
                    block = record.reader.read(LARGEST_PAGE + LARGEST_HEAD + 1)
                    headers = record.headers
                    yield _Capture(headers.get("WARC-Target-URI") or "", headers.get("WARC-IP-Address") or "", record.record_date, block)
        except (OSError, ValueError, RuntimeError, OverflowError) as error:
            on_problem(f"record after byte {last}: {error}")
        else:
            return
        start = _next_start(stream, last + 1)
        if start is None:
            return
    on_problem(f"given up after {MOST_RESUMES} broken records")


def _next_start(stream: IO[bytes], offset: int) -> int | None:
    """Where the next record starts, at or after `offset`; None at the end of the file."""
    stream.seek(0)
    looks = _RECORD_STARTS.get(stream.read(2))
    if looks is None:
        return None
    stream.seek(offset)
    held = b""
    while chunk := stream.read(SCANNED):
        found = looks.search(held + chunk)
        if found:
            return offset - len(held) + found.start()
        offset += len(chunk)
        held = chunk[-8:]
    return None


# ── ARC ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_arc(stream: IO[bytes]) -> bool:
    head = stream.read(SNIFFED)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head, 16)
        except zlib.error:
            return False
    return head.startswith(b"filedesc:")


def _arc_captures(stream: IO[bytes], on_problem: Callable[[str], None]) -> Iterator[_Capture]:
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    lines = cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if packed else stream
    problems = 0
    try:
        while line := lines.readline(LONGEST_LINE):
            told = _ARC_LINE.match(line)
            if told is None:
                if line.strip():
                    problems += 1
                    on_problem(f"no ARC record: {line[:60]!r}")
                if problems >= MOST_RESUMES:
                    on_problem(f"given up after {MOST_RESUMES} broken records")
                    return
                continue
            length = int(told["length"])
            block = lines.read(min(length, LARGEST_PAGE + LARGEST_HEAD + 1))
            _skip(lines, length - len(block))
            if not told["url"].startswith(b"filedesc:"):
                yield _Capture(_text(told["url"]), _text(told["address"]), _archive_date(told["date"]), block)
    except (OSError, EOFError, zlib.error) as error:
        on_problem(f"the file ends in a broken place: {error}")


def _skip(lines: IO[bytes], count: int) -> None:
    while count > 0 and (gone := len(lines.read(min(count, SCANNED)))):
        count -= gone


def _archive_date(digits: bytes) -> datetime | None:
    try:
        return datetime.strptime(digits.decode("ascii").ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


# ── HTTP ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _page(capture: _Capture, on_problem: Callable[[str], None]) -> Page | None:
    """The page of one capture; None for what is no HTML page, told where it should have been one."""
    head, body = _parted(capture.block)
    status = _STATUS.match(head)
    if status is None or not 200 <= int(status[1]) <= 299:
        return None
    headers = _headers(head)
    named = dict(reversed(headers))
    url = absolute(capture.url.strip("<> "), capture.url.strip("<> "))
    if named.get("transfer-encoding", "").strip().lower() == "chunked":
        body = _joined(body)
    try:
        inflater = Inflater(named.get("content-encoding", ""), LARGEST_PAGE)
    except BrokenError as error:
        on_problem(f"{capture.url[:200]}: {error}")
        return None
    try:
        inflater.feed(body)
        body = inflater.finish()
    except TooBigError:
        on_problem(f"{capture.url[:200]}: larger than {LARGEST_PAGE >> 20} MiB, left out")
        return None
    except BrokenError as error:  # what was opened until there is part of the page
        body = inflater.so_far()
        on_problem(f"{capture.url[:200]}: {error}{', read as far as it goes' if body else ''}")
    if not body or not _is_html(named.get("content-type", ""), body):
        return None
    if url is None or capture.date is None:
        on_problem(f"{capture.url[:200]}: {'no http address' if url is None else 'no date'}, left out")
        return None
    return Page(
        url=url,
        final_url=url,
        status=int(status[1]),
        headers=headers,
        body=body,
        fetched=capture.date.astimezone(UTC),
        seconds=0.0,
        wire_bytes=len(capture.block),
        address=capture.address,
    )


def _parted(block: bytes) -> tuple[bytes, bytes]:
    """Head and body of an HTTP message (RFC 9112 §2.1; bare line feeds occur in old archives)."""
    end = re.search(rb"\r?\n\r?\n", block[:LARGEST_HEAD])
    return (block[: end.start()], block[end.end() :]) if end else (block[:LARGEST_HEAD], b"")


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(b":") for line in head.splitlines()[1:])
    return tuple((_text(name).strip().lower(), _text(value).strip()) for name, colon, value in pairs if colon)


def _joined(body: bytes) -> bytes:
    """A chunked body put together (RFC 9112 §7.1); as it is where it only claims to be chunked, or as far as its chunks go."""
    whole, place = bytearray(), 0
    while size := _CHUNK.match(body, place):
        length = int(size[1], 16)
        if length == 0:
            return bytes(whole)
        whole += body[size.end() : size.end() + length]
        place = size.end() + length
        place += 2 if body[place : place + 2] == b"\r\n" else 1
    return bytes(whole) or body


def _is_html(content_type: str, body: bytes) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return "html" in kind or (kind in _NO_TYPE and _HTML.search(body[:SNIFFED]) is not None)


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
