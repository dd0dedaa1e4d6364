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


def test_X06_what_readers_do_not_see_is_not_the_article() -> None:
    hidden = "<p style='display:none'>Hidden words about desertion that nobody is shown on this page, put there for machines alone.</p>"
    assert "Hidden words" not in read(page(BODY + hidden)).text


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
