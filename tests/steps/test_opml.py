"""Is a file of outlines read whatever it is made of, and does ours come back as it went?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import wiring
from monitor.config.sources import load_sources
from monitor.model import Endpoint, EndpointKind, FetchSettings, Role, Source, SourceKind
from monitor.steps import opml, proposals
from monitor.steps.proposals import Imported

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
refusal = wiring.refusal(FetchSettings())


def outline(url: str, title: str = "A paper", **more: str) -> str:
    own = "".join(f' {name}="{value}"' for name, value in more.items())
    return f'<outline type="rss" text="{title}" xmlUrl="{url}"{own}/>'


def file(*outlines: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{head}<opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'.encode()


def imported(body: bytes, *catalogue: Source) -> Imported:
    return proposals.import_outlines(opml.read(body), {source.id: source for source in catalogue}, refusal)


def loaded(folder: Path, text: str) -> tuple[Source, ...]:
    """What the loader of the catalogue makes of proposed tables."""
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "proposed.toml").write_text(text, encoding="utf-8")
    return load_sources(folder)


# ── hostile files ────────────────────────────────────────────────────────────────────────────────────────────────────

SECRET = "root:x:0:0"
GOOD = outline("https://a.example.org/feed", "Kept")


def xxe(folder: Path) -> bytes:
    (folder / "secret").write_text(SECRET)
    doctype = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "file://{folder}/secret"><!ENTITY % y SYSTEM "http://127.0.0.1:9/y">%y;]>'
    return file(outline("https://b.example.org/&x;", "&x;"), GOOD, head=doctype)


def bomb(folder: Path) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    flat = f'<!ENTITY big "{"y" * 900}">'
    return file(
        outline("https://b.example.org/feed", "&l9;" + "&big;" * 1_500), GOOD, head=f'<!DOCTYPE o [<!ENTITY l0 "ha">{levels}{flat}]>'
    )


def many(folder: Path) -> bytes:
    return file(GOOD, *(outline(f"https://n{n}.example.org/feed") for n in range(50_000)))


def twice(folder: Path) -> bytes:
    same = (
        "https://a.example.org/feed/",
        "http://www.a.example.org/feed",
        "HTTPS://A.EXAMPLE.ORG/feed#top",
        "https://a.example.org:443/feed",
    )
    return file(GOOD, *(outline(url) for url in same))


def inside(folder: Path) -> bytes:
    return file(GOOD, *(outline(url) for url in INSIDE))


INSIDE = (
    "file:///etc/passwd",
    "ftp://a.example.org/feed",
    "javascript:alert(1)",
    "http://127.0.0.1/feed",
    "http://2130706433/feed",
    "http://[::1]/feed",
    "http://169.254.169.254/latest/meta-data",
    "http://10.1.2.3/feed",
    "http://localhost/feed",
    "http://router.local/feed",
    "https://a.example.org:8443/feed",
    "https://user:word@a.example.org/feed",
    "feed",
)


def cyrillic(folder: Path) -> bytes:
    """Says UTF-8, is Windows-1251."""
    return file(outline("https://b.example.org/feed", "Новости и события за неделю, новая газета"), GOOD).decode().encode("cp1251")


def deep(folder: Path) -> bytes:
    return file('<outline text="x">' * 200_000 + GOOD + "</outline>" * 200_000)


def broken(folder: Path) -> bytes:
    """Ends in the middle; an unclosed quotation mark, a bare ampersand, an attribute given twice."""
    start = outline("https://b.example.org/feed?a=1&b=2", "Q&A") + '<outline text="x text="y" xmlUrl="https://c.example.org/"/>'
    return file(start, '<outline text="a" text="b" xmlUrl="https://d.example.org/feed"/>', GOOD, '<outline text="never closed').rsplit(
        b"never", 1
    )[0]


FILES: dict[str, tuple[Callable[[Path], bytes], int, int]] = {  # what is taken, what is refused or known
    "entities that read files": (xxe, 2, 0),
    "entities that grow": (bomb, 2, 0),
    "50,000 outlines": (many, opml.MOST_OUTLINES, 0),
    "one feed in many spellings": (twice, 1, 4),
    "files and private addresses": (inside, 1, len(INSIDE)),
    "another charset than it says": (cyrillic, 2, 0),
    "200,000 levels": (deep, 1, 0),
    "broken": (broken, 3, 0),
}


@pytest.mark.parametrize("name", FILES)
def test_B04_a_hostile_file_is_read_within_bounds_and_what_is_sound_in_it_is_taken(tmp_path: Path, name: str) -> None:
    make, taken, others = FILES[name]
    body = make(tmp_path)
    begun = time.process_time()
    result = imported(body)
    text = proposals.toml(result.sources)
    assert time.process_time() - begun < 20
    assert (result.count("taken"), result.count("known") + result.count("refused")) == (taken, others), result.report[:20]
    sources = loaded(tmp_path, text)
    assert len(sources) == taken
    assert "https://a.example.org/feed" in {endpoint.url for source in sources for endpoint in source.endpoints}
    assert SECRET not in text and len(text) < 400 * taken + 2_000
    assert all(why for _, _, why in result.report)


def test_B04_what_is_beyond_the_bound_is_counted() -> None:
    outlines = opml.read(many(Path()))
    assert (len(outlines.feeds), outlines.beyond) == (opml.MOST_OUTLINES, 50_001 - opml.MOST_OUTLINES)


def test_B04_a_wrong_charset_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert imported(cyrillic(tmp_path)).sources[0].name.startswith("Новости и события")


@pytest.mark.parametrize("body", [b"", b"<html><body>no</body></html>", b"\x00\xff" * 500, b"<opml><body/></opml>", b"%PDF-1.7"])
def test_B04_what_is_no_list_of_feeds_says_so(body: bytes) -> None:
    assert "OPML" in opml.read(body).problem


SIZE = 4_000_000
ENDLESS = {
    "an unclosed tag": "<outline " + "x" * SIZE,
    "unclosed quotation marks": '<outline x="' * (SIZE // 12),
    "quotation marks without end": "<outline " + '"a" ' * (SIZE // 4),
    "names without values": "<outline " + ("x" * 19_000 + ' ">" ') * (SIZE // 19_000) + ">",
    "spaces": "<outline x" + " " * SIZE,
    "references": "<outline xmlUrl='" + "&amp;" * (SIZE // 5) + "'>",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_B04_a_file_without_end_is_gone_over_once(name: str) -> None:
    begun = time.process_time()
    opml.read(f"<opml>{ENDLESS[name]}".encode())
    assert time.process_time() - begun < 10


# ── there and back ───────────────────────────────────────────────────────────────────────────────────────────────────

SOURCES = (
    Source(
        "globe",
        'The "Globe" & <sons>',
        "globe-group",
        SourceKind.WIRE,
        ("en", "fr"),
        (
            Endpoint(EndpointKind.FEED, "https://globe.example.org/feed?a=1&b=2", every=timedelta(minutes=15), lang="en"),
            Endpoint(EndpointKind.FEED, "https://globe.example.org/fr", role=Role.FALLBACK, every=timedelta(hours=2)),
        ),
        homepage="https://globe.example.org/",
    ),
    Source("вести".encode().hex(), "Вести", "vesti", SourceKind.STATE, (), (Endpoint(EndpointKind.FEED, "https://vesti.example.org/rss"),)),
)


def test_what_was_exported_comes_back_the_same(tmp_path: Path) -> None:
    body = opml.write(SOURCES, NOW).encode()
    result = imported(body)
    assert result.sources == SOURCES
    assert loaded(tmp_path, proposals.toml(result.sources)) == SOURCES
    assert [fate for fate, _, _ in imported(body, *SOURCES).report] == ["known"] * 3


def test_what_is_off_or_no_feed_is_not_exported() -> None:
    channel = Endpoint(EndpointKind.TELEGRAM, "https://t.me/s/globe")
    off = replace(SOURCES[0].endpoints[0], url="https://globe.example.org/off", enabled=False)
    text = opml.write([replace(SOURCES[0], endpoints=(channel, off)), replace(SOURCES[1], enabled=False)], NOW)
    assert "xmlUrl" not in text


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_title_is_the_proposal_loads(tmp_path_factory: pytest.TempPathFactory, title: str, ident: str) -> None:
    outlines = opml.Outlines((opml.Outline("https://a.example.org/feed", title, "", {"id": ident, "group": ident, "kind": title}),))
    result = proposals.import_outlines(outlines, {}, refusal)
    [source] = loaded(tmp_path_factory.mktemp("catalogue"), proposals.toml(result.sources))
    assert source.endpoints[0].url == "https://a.example.org/feed"


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("@some_channel", "some_channel"),
        ("t.me/some_channel", "some_channel"),
        ("https://t.me/s/some_channel", "some_channel"),
        ("https://t.me/some_channel/123?single", "some_channel"),
        ("http://telegram.me/some_channel", "some_channel"),
        ("https://t.me/joinchat/AAAA", None),
        ("https://t.me/share/url?url=x", None),
        ("https://example.org/t.me/some_channel", None),
        ("https://example.org", None),
        ("@x", None),
    ],
)
def test_a_channel_is_known_by_its_names(text: str, channel: str | None) -> None:
    assert proposals.telegram_channel(text) == channel


def test_channels_that_a_page_links_to_are_found_once_and_in_order() -> None:
    page = '<a href="https://t.me/First_one">x</a> <a href="//t.me/s/second1?before=9"> <a href="https://t.me/share/url?u"> <a href="https://t.me/first_one/7">'
    assert proposals.channels_of(page) == ["First_one", "second1"]


def test_an_id_is_never_given_twice() -> None:
    assert proposals.new_id("The Globe!", ()) == "the-globe"
    assert proposals.new_id("globe", {"globe", "globe-2"}) == "globe-3"
    assert proposals.new_id("Вести", ()) == "source"
