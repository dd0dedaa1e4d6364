"""Is what we write a WARC file that others read, and that we read again?"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc import ArchiveIterator as FastIterator
from fastwarc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from monitor.fetch.warcs import read_warc
from monitor.fetch.warcwriter import write_warc
from monitor.model import Kept, Page, Purpose

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HEADERS = (
    ("content-type", "text/html; charset=windows-1251"),
    ("content-encoding", "gzip"),
    ("transfer-encoding", "chunked"),
    ("x-odd", "caf\xe9 \xd0\x9f"),
    ("x-odd", "twice"),
    ("x-empty", ""),
)


def kept(number: int, body: bytes, url: str = "", status: int = 200, purpose: Purpose = Purpose.ARTICLE, **more: str) -> Kept:
    url = url or f"https://outlet.test/news/{number}"
    page = Page(url, more.get("final_url", url), status, HEADERS, body, NOW, 0.25, 99, address="2001:db8::1")
    return Kept(page, purpose, NOW, "monitor, a reader", f"{number:064x}", number)


PAGES = [
    kept(1, "<html><p>Солдат бежал</p></html>".encode("cp1251")),
    kept(2, b"<html>\r\n\r\nlines\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n</html>"),
    kept(3, bytes(range(256)) * 400, status=203),
    kept(4, b"<html>moved</html>", url="https://outlet.test/old?a=b c", final_url="https://outlet.test/new#%D0%9F"),
    kept(5, b"<rss>an answer</rss>", url="https://outlet.test/feed", purpose=Purpose.ENDPOINT),
    kept(6, b"<html>odd status</html>", status=299),
]


def written() -> bytes:
    stream = BytesIO()
    assert write_warc(stream, PAGES, NOW) == len(PAGES)
    return stream.getvalue()


def test_warcio_and_fastwarc_read_every_page_with_the_same_digest_and_find_no_fault() -> None:
    wanted = [(one.page.final_url, sha256(one.page.body).hexdigest()) for one in PAGES]
    slow, fast = [], []
    for record in ArchiveIterator(BytesIO(written()), check_digests="raise"):
        if record.rec_type == "response":
            body = record.content_stream().read()
            slow.append((record.rec_headers.get_header("WARC-Target-URI"), sha256(body).hexdigest()))
            assert record.digest_checker.passed
            assert record.rec_headers.get_header("WARC-Payload-Digest") == f"sha256:{slow[-1][1]}"
            assert record.http_headers.get_header("content-length") == str(len(body))
    for record in FastIterator(BytesIO(written()), record_types=WarcRecordType.response, parse_http=True):
        assert record.verify_payload_digest()
        fast.append((record.headers["WARC-Target-URI"], sha256(record.reader.read()).hexdigest()))
    assert slow == fast == wanted
    assert all(record.verify_block_digest() for record in FastIterator(BytesIO(written()), parse_http=False))


def test_the_file_says_what_it_is_and_each_response_has_its_metadata() -> None:
    records = [(record.rec_type, record.rec_headers, record.content_stream().read()) for record in ArchiveIterator(BytesIO(written()))]
    assert [kind for kind, _, _ in records] == ["warcinfo", *(["response", "metadata"] * len(PAGES))]
    assert {headers.protocol for _, headers, _ in records} == {"WARC/1.1"}
    idents = [headers.get_header("WARC-Record-ID") for _, headers, _ in records]
    assert len(set(idents)) == len(idents)
    assert [headers.get_header("WARC-Concurrent-To") for _, headers, _ in records[2::2]] == idents[1::2]
    assert {headers.get_header("WARC-IP-Address") for kind, headers, _ in records if kind == "response"} == {"2001:db8::1"}
    assert b"asked: https://outlet.test/old?a=b c\r\n" in records[8][2]
    assert b"fetchTimeMs: 250\r\n" in records[2][2] and b"item: 1\r\n" in records[2][2]


def test_headers_are_as_they_came_but_those_that_told_of_the_wire() -> None:
    blocks = [record.reader.read() for record in FastIterator(BytesIO(written()), record_types=WarcRecordType.response, parse_http=False)]
    head = blocks[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head == [
        b"HTTP/1.1 200 OK",
        b"content-type: text/html; charset=windows-1251",
        b"x-archive-orig-content-encoding: gzip",
        b"x-archive-orig-transfer-encoding: chunked",
        b"x-odd: caf\xe9 \xd0\x9f",
        b"x-odd: twice",
        b"x-empty: ",
        b"content-length: %d" % len(PAGES[0].page.body),
    ]


def test_the_same_pages_give_the_same_bytes() -> None:
    assert written() == written()


def test_we_read_our_own_pages_again_and_leave_endpoints_out(tmp_path: Path) -> None:
    (tmp_path / "pages.warc.gz").write_bytes(written())
    problems: list[str] = []
    pages = list(read_warc(tmp_path / "pages.warc.gz", problems.append))
    assert problems == []
    wanted = [one.page for one in PAGES if one.purpose is Purpose.ARTICLE]
    assert [(page.body, page.status, page.fetched, page.address) for page in pages] == [
        (page.body, page.status, page.fetched, page.address) for page in wanted
    ]
    assert pages[0].header("content-type") == "text/html; charset=windows-1251"


@pytest.mark.parametrize("value", ["a\r\nx-forged: 1", "a\nb"])
def test_a_header_cannot_forge_another(value: str) -> None:
    page = Page("https://outlet.test/", "https://outlet.test/", 200, (("x-odd", value),), b"body", NOW, 0.1, 4)
    stream = BytesIO()
    write_warc(stream, [Kept(page, Purpose.ARTICLE, NOW, "reader", "0" * 64, None)], NOW)
    for record in FastIterator(BytesIO(stream.getvalue()), record_types=WarcRecordType.response):
        assert sorted(record.http_headers.asdict()) == ["content-length", "x-odd"]
        assert record.reader.read() == b"body"
