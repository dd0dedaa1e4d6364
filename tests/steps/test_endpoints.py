"""Is every kind of endpoint read as it is? A document of each shape (tests/data/endpoints), and what it lists."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import EndpointKind, Outcome, Parsed
from monitor.steps.entries import parse

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent / "data" / "endpoints"
SITE, CHANNEL = "https://listok.example/x", "https://t.me/s/listok"
RECORDS = {
    "items": "data.records",
    "id": "slug",
    "url": "slug",
    "title": "body.title",
    "summary": "body.lead",
    "published": "ts",
    "authors": "people.*.n",
    "base": "https://listok.example/r/",
}

FEED, SITEMAP, TELEGRAM, JSON, LISTING = EndpointKind
ROTA = "https://listok.example/2026/11/20/rota/?utm_source=rss&utm_medium=feed"
MINISTRY = "https://ministry.example/news/answer-1"
#: file, kind, options -> id, address, title, published of each entry
EXPECTED: list[tuple[str, EndpointKind, Mapping[str, object], list[tuple[str | None, ...]]]] = [
    (
        "wordpress.rss",
        FEED,
        {},
        [
            ("https://listok.example/?p=4711", ROTA, "Рота отказалась возвращаться & записала видео", "2026-11-20T07:00:00Z"),
            (
                "https://listok.example/2026/11/19/guid/",
                "https://listok.example/2026/11/19/guid/",
                "Без ссылки, зато с адресом в guid",
                "2026-11-19T06:00:00Z",
            ),
            (None, "https://listok.example/relative/path", None, None),
        ],
    ),
    ("netscape.rss", FEED, {}, [(None, "http://plain.example/1", "One", None), (None, "http://plain.example/2", "Two", None)]),
    (
        "wire.rdf",
        FEED,
        {},
        [
            ("https://wire.example/a-1", "https://wire.example/a-1", "Platoon walks home", "2026-11-20T08:30:00Z"),
            ("https://wire.example/a-2", "https://wire.example/a-2", "Court hears three cases", "2026-11-19T06:30:00Z"),
        ],
    ),
    ("ministry.atom", FEED, {}, [("tag:ministry.example,2026:1", MINISTRY, "Answer on absence figures", "2026-11-18T10:00:00Z")]),
    ("old.atom", FEED, {}, [("tag:old.example,2015:1", "http://old.example/1", "Note of 2015", "2015-03-01T10:00:00Z")]),
    (
        "feed.json",
        FEED,
        {},
        [
            ("17", "https://listok.example/a/17", "Суд над втікачами", "2026-11-20T10:00:00Z"),
            ("18", "https://other.example/18", None, None),
        ],
    ),
    (
        "news-sitemap.xml",
        SITEMAP,
        {"days": 30, "languages": ("en",), "exclude": "/video/"},
        [(None, "https://daily.example/world/unit-leaves-post", "Unit leaves its post & goes home", "2026-11-20T10:00:00Z")],
    ),
    (
        "wp-posts.json",
        JSON,
        {},
        [
            (
                "https://tank.example/?p=901",
                "https://tank.example/research/assessment-november-20-2026/",
                "Assessment, November 20 – units",
                "2026-11-20T10:00:00Z",
            ),
            ("900", "https://tank.example/research/assessment-november-19-2026/", "Assessment, November 19", "2026-11-19"),
        ],
    ),
    (
        "records.json",
        JSON,
        RECORDS,
        [
            ("rota", "https://listok.example/r/rota", "Рота ушла", "2026-11-20T10:00:00Z"),
            ("sud", "https://listok.example/r/sud", "Суд", "2026-11-20T09:00:00Z"),
        ],
    ),
    (
        "listing.html",
        LISTING,
        {"pattern": r"/news/\d{4}/", "select": "main a"},
        [
            (None, "https://listok.example/news/2026/11/20/rota?from=main", "Рота ушла домой", "2026-11-20T07:00:00Z"),
            (None, "https://www.listok.example/news/2026/11/19/sud/", "Суд над тремя", None),
        ],
    ),
]


def read(name: str, kind: EndpointKind, options: Mapping[str, object] | None = None) -> Parsed:
    url = CHANNEL if kind is TELEGRAM else SITE
    return parse(kind, (SAMPLES / name).read_bytes(), url=url, now=NOW, options=options or {})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "kind", "options", "expected"), EXPECTED, ids=[f"{name} {kind}" for name, kind, *_ in EXPECTED])
def test_P10_every_shape_is_read(
    name: str, kind: EndpointKind, options: Mapping[str, object], expected: list[tuple[str | None, ...]]
) -> None:
    found = [(e.id, e.url, e.title, str(e.published) if e.published else None) for e in read(name, kind, options).entries]
    assert found == expected


def test_P10_a_sitemap_index_names_its_children_the_newest_first() -> None:
    parsed = read("sitemap-index.xml", SITEMAP, {"days": 400})
    assert (parsed.entries, parsed.problem) == ((), None)
    assert parsed.more == ("https://tank.example/post-sitemap2.xml", "https://tank.example/page-sitemap.xml")
    assert "2 of them wanted" in parsed.why


def test_P10_a_gzipped_sitemap_is_read_and_a_cut_one_told() -> None:
    packed = gzip.compress((SAMPLES / "news-sitemap.xml").read_bytes())
    whole, cut = (parse(SITEMAP, body, url=SITE, now=NOW) for body in (packed, packed[: len(packed) * 2 // 3]))
    assert (len(whole.entries), whole.problem) == (4, None)
    assert len(cut.entries) < 4
    assert cut.problem in (Outcome.PARSE_PARTIAL, Outcome.PARSE_FAILED)


def test_P10_a_channel_preview_gives_its_posts_and_tells_what_is_whose() -> None:
    parsed = read("channel.html", TELEGRAM)
    posts = {entry.id: entry for entry in parsed.entries}
    assert list(posts) == [f"listok/{number}" for number in (301, 302, 303, 304, 305, 307, 308)]  # 306 is a service post
    assert posts["listok/301"].content == "⚡️Рота ушла с позиций\nПодробности: читать"
    assert posts["listok/302"].flags == ("media_only",) and posts["listok/307"].flags == ("withheld",)
    assert posts["listok/303"].forwarded_from == "Другой канал (Ред.) https://t.me/drugoy/77"
    assert posts["listok/305"].edited is True and posts["listok/305"].content == "Уточнение: вернулись двое"
    assert all(entry.whole for entry in posts.values())
    assert (parsed.channel_id, parsed.more) == ("-1001234567890", ("https://t.me/s/listok?before=301",))


@pytest.mark.parametrize("kind", list(EndpointKind))
@pytest.mark.parametrize("name", ["no-preview.html", "challenge.html", "login.html"])
def test_P10_what_an_outlet_shows_instead_is_said_and_never_an_empty_list(name: str, kind: EndpointKind) -> None:
    parsed = read(name, kind, {"pattern": "/news/"})
    expected = {"challenge.html": Outcome.CHALLENGE, "login.html": Outcome.AUTH}.get(name, Outcome.NOT_A_FEED)
    assert (parsed.entries, parsed.problem) == ((), expected)
    assert parsed.why


def test_D06_a_date_beside_another_article_is_not_taken_for_ones_own() -> None:
    cards = "".join(
        f"<article><a href='/news/{n}'>Title of story {n}</a>{time}</article>" for n, time in ((1, ""), (2, "<time>20 Nov 2026</time>"))
    )
    body = f"<!DOCTYPE html><html><body><main>{cards}</main></body></html>".encode()
    found = parse(LISTING, body, url=SITE, now=NOW, options={"pattern": "/news/"}).entries
    assert [str(entry.published) if entry.published else None for entry in found] == [None, "2026-11-20"]
