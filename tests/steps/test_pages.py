"""What is the article of a page, and what is only around it? Pages that are deep, hidden, endless or not about what they say."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from monitor.model import Article, Quality
from monitor.steps.extract import MOST_PARAGRAPHS, read_html, read_page

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "https://outlet.test/news/brigade"
SENTENCES = (
    "Forty soldiers of the brigade left their positions near the town on Monday and walked home along the railway, witnesses said.",
    "Their commander told the radio that he had learnt of it from the relatives, who had been waiting at the station since the morning.",
    "The court of the garrison will hear the first of the cases in December, and the lawyers expect that most of them will be sent back.",
)
BODY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def page(body: str = BODY, head: str = "", around: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>Soldiers leave</title>{head}</head>"
        f"<body><main><article><h1>Soldiers leave</h1>{body}</article></main>{around}</body></html>"
    )


def read(html: str, url: str = URL) -> Article:
    return read_html(html, url, ("en",), NOW)


@pytest.mark.parametrize("depth", [100, 200, 254, 255, 300, 1000, 20_000])
def test_X01_a_deep_page_is_read_like_a_flat_one(depth: int) -> None:
    found = read(page("<div>" * depth + BODY + "</div>" * depth))
    assert found.quality is Quality.FULL
    assert [sentence for sentence in SENTENCES if sentence not in found.text] == []


def test_X05_comments_and_links_to_other_articles_are_not_the_article() -> None:
    around = (
        "<section class='comments'><h3>Comments</h3><p>My cousin deserted too, and nobody has asked for him since.</p></section>"
        "<aside class='related'><ul><li><a href='/a'>Mutiny in the north: what is known so far</a></li>"
        "<li><a href='/b'>Sergeant refused to fight</a></li></ul></aside>"
        "<footer>Subscribe to our letter on deserters</footer>"
    )
    found = read(page(around=around))
    said = f"{found.title} {found.lead} {found.text}"
    assert [word for word in ("cousin", "Mutiny", "Sergeant", "Subscribe") if word in said] == []
    assert SENTENCES[2] in found.text


ELSEWHERE = "Hundreds of other soldiers mutinied in the north of the country, and nobody on this page is meant to read of it here."


@pytest.mark.parametrize(
    "zone",
    [
        "<div class='kommentare'><p>{}</p></div>",
        "<section class='article__comments'><div class='comment-body'><p>{}</p></div></section>",
        "<ol id='disqus_thread'><li><p>{}</p></li></ol>",
        "<div class='grid'><div class='card'><a href='/x'><h3>{}</h3></a></div><div class='card'><a href='/y'><h3>Fog</h3></a></div></div>",
        "<p>Read also: <a href='/x'>{}</a></p>",
        "<ul class='more-stories'><li><a href='/x'>{}</a></li><li><a href='/y'>Rain is expected until Friday</a></li></ul>",
    ],
)
def test_X05_zones_inside_the_article_are_not_the_article(zone: str) -> None:
    found = read(page(BODY + zone.format(ELSEWHERE) + BODY.replace("Monday", "Tuesday")))
    assert "mutinied" not in f"{found.lead} {found.text}"
    assert SENTENCES[2] in found.text


@pytest.mark.parametrize("count", [3, 40, 3000])
def test_X05_comments_are_none_of_it_however_many_there_are(count: int) -> None:
    comments = "".join(f"<div class='comment'><p>{ELSEWHERE} {number}</p></div>" for number in range(count))
    found = read(page(BODY * 2, around=f"<section class='comments'>{comments}</section>"))
    assert "mutinied" not in f"{found.lead} {found.text}"
    assert SENTENCES[2] in found.text


def test_X05_a_page_that_calls_its_article_comments_is_read() -> None:
    assert SENTENCES[2] in read(f"<html><body><div class='comments'><h1>Soldiers leave</h1>{BODY}</div></body></html>").text


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display:none'>{}</p>",
        "<div style='color: red; visibility : hidden'><p>{}</p></div>",
        "<div hidden><p>{}</p></div>",
        "<p style='font-size:0'>{}</p>",
        "<p style='position:absolute; left:-9999px'>{}</p>",
        "<p class='sr-only'>{}</p>",
        "<template><p>{}</p></template>",
    ],
)
def test_X06_what_readers_do_not_see_is_not_the_article(hidden: str) -> None:
    found = read(page(BODY + hidden.format(ELSEWHERE) + BODY.replace("Monday", "Tuesday")))
    assert "mutinied" not in found.text
    assert SENTENCES[2] in found.text


def test_X06_an_article_that_a_script_shows_is_read() -> None:
    assert SENTENCES[2] in read(f"<html><body><div hidden><h1>Soldiers leave</h1>{BODY * 2}</div><p>Loading …</p></body></html>").text


def test_the_json_ld_of_the_article_is_found_among_others() -> None:
    blocks = (
        '{"@type": "WebSite", "name": "Outlet"}',
        '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Mutiny", "datePublished": "2020-01-01"}]}',
        '{"@type": "NewsArticle", "headline": "Mutiny", "url": "https://outlet.test/x", "datePublished": "2020-01-01T10:00:00Z"}',
        f'{{"@type": "NewsArticle", "headline": "Soldiers leave", "url": "{URL}", "datePublished": "2026-11-20T10:00:00Z", '
        '"comment": [{"@type": "Comment", "text": "Mutiny"}]}',
        '{"@type": "NewsArticle", "headline": "Broken",}',
        "[" * 20_000 + "]" * 20_000,
    )
    found = read(page(head="".join(f"<script type='application/ld+json'>{block}</script>" for block in blocks)))
    assert (found.title, str(found.published)) == ("Soldiers leave", "2026-11-20T10:00:00Z")
    assert "Mutiny" not in f"{found.lead} {found.text}"


@pytest.mark.parametrize(
    ("head", "body", "url", "published", "origin"),
    [
        ("", "", URL, None, None),  # the footer's years are no date
        ("", "", "https://outlet.test/2023/05/01/brigade", "2023-05-01", "url"),
        ("", "<time datetime='2026-11-19'>Thursday</time>", "https://outlet.test/2023/05/01/brigade", "2026-11-19", "text"),
        ('<meta property="article:published_time" content="2026-11-20T10:00:00Z">', "", URL, "2026-11-20T10:00:00Z", "meta"),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-11-20T10:00:00Z"}</script>',
            "",
            "https://outlet.test/2023/05/01/brigade",
            "2026-11-20T10:00:00Z",
            "jsonld",
        ),
    ],
)
def test_D06_a_date_says_where_it_comes_from_and_a_footer_is_none(
    head: str, body: str, url: str, published: str | None, origin: str | None
) -> None:
    found = read(page(body + BODY, head, around="<footer>© 2019-2026 Outlet</footer>"), url)
    assert (str(found.published) if found.published else None, found.published_from) == (published, origin)


def test_Z08_a_page_of_sixty_thousand_paragraphs_is_read_in_linear_time() -> None:
    started = time.process_time()
    found = read(page(BODY + "<p>x" * 60_000))
    assert time.process_time() - started < 10  # a quadratic reader needs minutes
    assert SENTENCES[0] in found.text
    assert any("paragraphs, read plainly" in note for note in found.notes)
    assert MOST_PARAGRAPHS < 60_000


@pytest.mark.parametrize("body", [b"", b"\0" * 1000, b"<", b"<html", b"\xff\xfe<\0h\0", b"<!DOCTYPE html>"])
def test_bytes_that_say_nothing_are_no_article(body: bytes) -> None:
    assert read_page(body, None, URL, ("en",), NOW).quality is Quality.EMPTY


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"%PDF-1.7\n1 0 obj\nstream of words", None), (b"\x89PNG\r\n words", "image/png"), (b"PK\x03\x04 words", "application/zip")],
)
def test_a_file_is_not_read_as_if_it_were_a_page(body: bytes, content_type: str | None) -> None:
    assert read_page(body, content_type, URL, ("en",), NOW).quality is Quality.EMPTY


def test_a_page_under_the_label_of_a_file_is_read() -> None:
    assert SENTENCES[0] in read_page(page().encode(), "application/pdf", URL, ("en",), NOW).text
