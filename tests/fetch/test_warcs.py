"""Are the pages of archives found, whatever shape the file is in?"""

from __future__ import annotations

import gzip
import random
import resource
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.fetch.warcs import LARGEST_PAGE, read_warc

HTML = b"<!doctype html><html><body><p>Three men left the barracks at night.</p></body></html>"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

Answer = tuple[str, str, Sequence[tuple[str, str]], bytes]


def page(url: str = "https://outlet.example/a", body: bytes = HTML, status: str = "200 OK", **headers: str) -> Answer:
    return url, status, [("Content-Type", "text/html; charset=utf-8"), *((k.replace("_", "-"), v) for k, v in headers.items())], body


def warc(*answers: Answer, packed: bool = True) -> bytes:
    """WARC 1.1 (ISO 28500:2017), one gzip member a record."""
    out = b""
    for url, status, headers, body in answers:
        head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), ""))
        block = head.encode("latin-1") + body
        about = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{len(out)}>\r\nWARC-Target-URI: {url}\r\n"
            "WARC-Date: 2026-11-20T09:30:00Z\r\nWARC-IP-Address: 192.0.2.7\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        record = about.encode() + block + b"\r\n\r\n"
        out += gzip.compress(record) if packed else record
    return out


def arc(*records: tuple[str, bytes], version: int = 1) -> bytes:
    about = f"{version} 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n".encode()
    out = b"filedesc://x.arc 0.0.0.0 20261120093000 text/plain %d\n" % len(about) + about + b"\n"
    for url, body in records:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        out += f"{url} 192.0.2.7 20261120093000 text/html {len(block)}\n".encode() + block + b"\n"
    return out


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], tuple[list[str], list[bytes], list[str]]]:
    def reading(data: bytes) -> tuple[list[str], list[bytes], list[str]]:
        file = tmp_path / "archive"
        file.write_bytes(data)
        problems: list[str] = []
        pages = list(read_warc(file, problems.append))
        return [p.url for p in pages], [p.body for p in pages], problems

    return reading


Reading = Callable[[bytes], tuple[list[str], list[bytes], list[str]]]


@pytest.mark.parametrize("packed", [True, False])
def test_pages_come_with_address_date_headers_and_body(tmp_path: Path, packed: bool) -> None:
    file = tmp_path / "a.warc"
    file.write_bytes(warc(page(), packed=packed))
    (found,) = read_warc(file)
    assert (found.url, found.status, found.body, found.fetched, found.address) == ("https://outlet.example/a", 200, HTML, AT, "192.0.2.7")
    assert found.header("content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (page(status="404 Not Found"), False),
        (page(status="301 Moved"), False),
        (page(status="200"), True),  # no status text
        (page(body=b""), False),
        (("https://x.example/i", "200 OK", [("Content-Type", "image/png")], b"\x89PNG"), False),
        (("https://x.example/i", "200 OK", [("Content-Type", "application/json")], b'{"a": "<html>"}'), False),
        (("https://x.example/i", "200 OK", [("Content-Type", "application/xhtml+xml")], HTML), True),
        (("https://x.example/i", "200 OK", [], HTML), True),  # no type: HTML shows itself
        (("https://x.example/i", "200 OK", [], b"plain words"), False),
        (("dns:x.example", "200 OK", [("Content-Type", "text/html")], HTML), False),
        (("https://x.example/with space", "200 OK", [("Content-Type", "text/html")], HTML), True),
    ],
)
def test_only_html_pages_are_given(read: Reading, answer: Answer, found: bool) -> None:
    assert len(read(warc(answer))[0]) == found


def test_bodies_are_unchunked_and_inflated(read: Reading) -> None:
    packed = gzip.compress(HTML)
    chunked = b"%x\r\n%b\r\n%x;ext=1\r\n%b\r\n0\r\n\r\n" % (10, packed[:10], len(packed) - 10, packed[10:])
    answers = [
        page("https://x.example/1", packed, Content_Encoding="gzip"),
        page("https://x.example/2", chunked, Content_Encoding="gzip", Transfer_Encoding="chunked"),
        page("https://x.example/3", HTML, Transfer_Encoding="chunked"),  # says chunked and is not
        page("https://x.example/4", HTML, Content_Encoding="gzip"),  # says gzip and is not
    ]
    assert read(warc(*answers)) == ([f"https://x.example/{n}" for n in (1, 2, 3, 4)], [HTML] * 4, [])


def test_a_compressed_body_that_is_cut_is_read_as_far_as_it_goes(read: Reading) -> None:
    _, bodies, problems = read(warc(page(body=gzip.compress(HTML)[:-4], Content_Encoding="gzip")))
    assert bodies == [HTML]
    assert "too early" in problems[0]


def test_a_bomb_is_left_out_and_told_without_filling_memory(read: Reading) -> None:
    bomb = gzip.compress(bytes(40 * LARGEST_PAGE))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    urls, _, problems = read(warc(page("https://x.example/bomb", bomb, Content_Encoding="gzip"), page("https://x.example/good")))
    assert urls == ["https://x.example/good"]
    assert "larger than" in problems[0]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB


@pytest.mark.parametrize("packed", [True, False])
def test_records_behind_a_broken_one_are_found(read: Reading, packed: bool) -> None:
    first, broken, last = (warc(page(f"https://x.example/{n}"), packed=packed) for n in (1, 2, 3))
    damaged = broken[: len(broken) // 2] + b"\xff" * 40 + broken[len(broken) // 2 + 40 :]
    urls, _, _ = read(first + damaged[:20] + b"\x00" * 30 + damaged[50:] + last)
    assert urls[0] == "https://x.example/1"
    assert urls[-1] == "https://x.example/3"


def test_a_file_that_is_cut_anywhere_gives_what_stands_before(read: Reading) -> None:
    whole = warc(*(page(f"https://x.example/{n}") for n in range(3)))
    for end in range(0, len(whole), 37):
        urls, _, _ = read(whole[:end])
        assert urls == [f"https://x.example/{n}" for n in range(len(urls))]


@pytest.mark.parametrize("packed", [True, False])
def test_arc_files_are_read(read: Reading, packed: bool) -> None:
    data = arc(("http://x.example/1", HTML), ("http://x.example/a b", HTML))
    urls, bodies, problems = read(gzip.compress(data) if packed else data)
    assert (urls, bodies, problems) == (["http://x.example/1", "http://x.example/a%20b"], [HTML, HTML], [])


def test_an_arc_record_with_a_false_length_is_told(read: Reading) -> None:
    good = arc(("http://x.example/1", HTML))
    urls, _, problems = read(good + b"http://x.example/2 192.0.2.7 20261120093000 text/html -1\n" + b"junk\n")
    assert urls == ["http://x.example/1"]
    assert problems


def test_hostile_bytes_never_raise(read: Reading) -> None:
    chance = random.Random(7)
    seeds = [warc(page()), warc(page(), packed=False), arc(("http://x.example/1", HTML)), gzip.compress(arc(("http://x.example/1", HTML)))]
    for seed in seeds:
        for _ in range(60):
            data = bytearray(seed)
            for _ in range(chance.randint(1, 12)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            read(bytes(data))


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"WARC/1.0\r\n", b"WARC/1.0\r\n\r\n" * 50, b"filedesc:", b"\x00" * 5000, b"<html>"])
def test_what_is_no_archive_gives_nothing(read: Reading, data: bytes) -> None:
    assert read(data)[0] == []
