"""How do pages leave as a WARC file? WARC 1.1 (ISO 28500:2017), so that archives and other tools read what was kept.

What is kept of a page is its body after inflation. So the response record holds the status and the headers as they came, but those that
told of the body's form on the wire stand under `x-archive-orig-…`, and `content-length` is that of the body. Digests are SHA-256 in hex:
the payload's is the one that manifests list. A metadata record beside it tells the rest: the address that was asked, the time it took,
what read it. The request is not told, for it is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from typing import IO
from uuid import NAMESPACE_URL, uuid5

from monitor import __version__
from monitor.model import Kept, Page, Purpose, utc_text

_BREAK = re.compile(r"[\r\n]+")
PURPOSE = "Monitor-Purpose"  # our own field of a response record: an endpoint's answer is evidence, but no article
#: Headers that speak of the body's form on the wire (RFC 9110 §8.4, RFC 9112 §6).
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})


def write_warc(stream: IO[bytes], pages: Iterable[Kept], now: datetime) -> int:
    """All pages, each a compressed record of its own; returns how many. The same pages at the same time give the same bytes."""
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(stream, gzip=True, warc_version="1.1")
    about = f"software: monitor {__version__}\r\nformat: WARC File Format 1.1\r\nconformsTo: http://bibnum.bnf.fr/WARC/WARC_ISO_28500_version1-1.pdf\r\n"
    _write(writer, "warcinfo", None, "application/warc-fields", about.encode(), utc_text(now), _ident(utc_text(now)))
    written = 0
    for kept in pages:
        page, ident = kept.page, _ident(kept.record)
        headers = {"WARC-Payload-Digest": f"sha256:{sha256(page.body).hexdigest()}"}
        headers |= {"WARC-IP-Address": page.address} if page.address else {}
        headers |= {PURPOSE: kept.purpose.value} if kept.purpose is not Purpose.ARTICLE else {}
        at, block = utc_text(page.fetched), _head(page) + page.body
        _write(writer, "response", page.final_url, "application/http; msgtype=response", block, at, ident, headers)
        concurrent = {"WARC-Concurrent-To": ident}
        _write(
            writer, "metadata", page.final_url, "application/warc-fields", _about(kept), at, _ident(f"{kept.record} metadata"), concurrent
        )
        written += 1
    return written


def _head(page: Page) -> bytes:
    phrase = HTTPStatus(page.status).phrase if page.status in set(HTTPStatus) else ""
    lines = [f"HTTP/1.1 {page.status} {phrase}"]
    lines += [f"{'x-archive-orig-' if name in _OF_THE_WIRE else ''}{name}: {value}" for name, value in page.headers]
    lines += [f"content-length: {len(page.body)}", "", ""]
    return "\r\n".join(_BREAK.sub(" ", line) for line in lines).encode("latin-1", "replace")


def _about(kept: Kept) -> bytes:
    page = kept.page
    fields = {
        "fetchTimeMs": str(round(page.seconds * 1000)),
        "asked": page.url,
        "wireBytes": str(page.wire_bytes),
        "kept": utc_text(kept.at),
        "reader": kept.reader,
        "record": f"sha256:{kept.record}",
        **({"item": str(kept.item)} if kept.item is not None else {}),
    }
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()


def _ident(name: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, name)}>"


def _write(
    writer: object, kind: str, url: str | None, content_type: str, block: bytes, at: str, ident: str, more: dict[str, str] | None = None
) -> None:
    headers = {"WARC-Record-ID": ident, "WARC-Date": at, "WARC-Block-Digest": f"sha256:{sha256(block).hexdigest()}", **(more or {})}
    record = writer.create_warc_record(  # type: ignore[attr-defined]
        url, kind, payload=BytesIO(block), length=len(block), warc_content_type=content_type, warc_headers_dict=headers
    )
    record.http_headers, record.raw_stream, record.length = None, BytesIO(block), len(block)  # else they are written anew, escaped
    writer.write_record(record)  # type: ignore[attr-defined]
