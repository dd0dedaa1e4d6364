"""What does a page say? Bytes or HTML -> an article with title, lead, body, authors, times and a quality."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any

from monitor.model import Article, Entry, Prints, Quality
from monitor.steps.charset import decode
from monitor.steps.embedded import more_complete, text_in_scripts
from monitor.steps.fingerprints import prints
from monitor.steps.htmltree import Sizes, grow
from monitor.steps.impostors import is_html
from monitor.steps.language import language_of
from monitor.steps.lead import find_lead, usable_description
from monitor.steps.lines import clean, key
from monitor.steps.metadata import Claims, read_claims
from monitor.steps.walls import wall
from monitor.steps.zones import join_chunks, prune

LONGEST_TEXT = 500_000  # characters; a longer body is cut, and says so
TOP = 6  # lines of the body among which the lead may be repeated
MOST_PARAGRAPHS = 2_500  # the extractor's time grows with their square (8 s at 30,000)
NOTHING = 80  # characters that are as good as no text
SHORTEST_ARTICLE = 250
LONGEST_HEADLINE = 120  # characters of a post's first line that stand for its missing title

_BLOCKS = frozenset(
    {"p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table"}
    | {"section", "article", "main", "blockquote", "pre", "hr", "body"}
)
_UNSEEN = frozenset({"head", "script", "style", "title", "noscript", "template"})
_FILE = re.compile(r"\s*(?:(?:image|audio|video|font)/|application/(?:pdf|zip|msword|vnd\.))", re.IGNORECASE)
_SCRIPT = re.compile(r"<script[^>]+src=", re.IGNORECASE)


def read_page(body: bytes, content_type: str | None, url: str, languages: tuple[str, ...], now: datetime) -> Article:
    """The article of a page as fetched. `content_type` is its HTTP header. Never raises for what a page holds."""
    decoded = decode(body, content_type)
    if (body.startswith(b"%PDF-") or _FILE.match(content_type or "")) and not is_html(decoded.text):
        return Article("", "", "", quality=Quality.EMPTY, notes=("a file, no page: it is not read",))
    return read_html(decoded.text, url, languages, now)


def read_and_print(body: bytes, content_type: str | None, url: str, languages: tuple[str, ...], now: datetime) -> tuple[Article, Prints]:
    """read_page() and the prints of its article's body, for one way to a worker."""
    article = read_page(body, content_type, url, languages, now)
    return article, prints(article.body)


def read_html(html: str, url: str, languages: Sequence[str], now: datetime) -> Article:
    """The article of a page that is text already. Notes that begin with "low" say why its text may be short of something."""
    grown = grow(html)
    if grown is None:
        return Article("", "", "", quality=Quality.EMPTY, notes=("no HTML in the page",))
    sizes = Sizes(grown.tree)
    claims = read_claims(grown.tree, url, languages, now)
    lead = find_lead(sizes, claims.descriptions, claims.title)
    text, notes = _body(sizes, url, claims)
    text = _without_lead(clean(text, claims.title), lead)
    lead = lead or usable_description(claims.descriptions, claims.title, text)
    kind = _wall(html, claims.title, text)
    if kind:
        text, lead = "", ""
    return Article(
        title=claims.title,
        lead=lead,
        text=text,
        authors=claims.authors,
        published=claims.published,
        published_from=claims.published_from,
        modified=claims.modified,
        lang=language_of(claims.title, text or lead, languages),
        quality=Quality.WALL if kind else Quality.FULL if text or lead else Quality.EMPTY,
        canonical_url=claims.canonical_url,
        notes=(*grown.notes, *notes, *([f"wall: {kind}"] if kind else [])),
    )


def from_entry(entry: Entry, languages: Sequence[str]) -> Article:
    """The article as its feed tells it: quality `feed`, or `full` where the entry is all there is (Telegram posts)."""
    text = entry.content or entry.summary or ""
    lead = entry.summary if entry.content and entry.summary and entry.summary not in entry.content else ""
    title = entry.title or _headline(text)
    quality = Quality.EMPTY if not (title or text) else Quality.FULL if entry.whole else Quality.FEED
    return Article(
        title=title,
        lead=lead or "",
        text=text,
        authors=entry.authors,
        published=entry.published,
        published_from="feed" if entry.published else None,
        modified=entry.updated,
        lang=language_of(title, text, languages),
        quality=quality,
        notes=() if entry.whole else ("stands on the feed's text",),
    )


def _headline(text: str) -> str:
    """The first line of a text, cut at a word."""
    line = text.strip().partition("\n")[0].strip()
    if len(line) <= LONGEST_HEADLINE:
        return line
    return line[:LONGEST_HEADLINE].rpartition(" ")[0] + "…"


def _body(sizes: Sizes, url: str, claims: Claims) -> tuple[str, tuple[str, ...]]:
    """The body's lines as the best reader gives them, and notes on it. Changes the tree."""
    tree = sizes.tree
    prune(sizes)
    join_chunks(sizes)
    paragraphs = sum(1 for _ in tree.iter("p", "br"))
    if paragraphs > MOST_PARAGRAPHS:
        return _plainly(tree), (f"low: {paragraphs:,} paragraphs, read plainly",)
    text = _extracted(tree, url)
    if whole := more_complete(text, claims.linked.body):
        return whole, ("low: taken from the page's JSON-LD",)
    if len(text) < NOTHING and (told := text_in_scripts(tree)):
        return told, ("low: taken from the page's script data",)
    if len(text) < NOTHING and len(told := _plainly(tree)) >= SHORTEST_ARTICLE:
        return told, ("low: the extractor found nothing, read plainly",)
    return text[:LONGEST_TEXT], ((f"low: cut at {LONGEST_TEXT:,} characters",) if len(text) > LONGEST_TEXT else ())


def _extracted(tree: Any, url: str) -> str:
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    options = copy(_options())
    options.url = options.source = url
    document = bare_extraction(tree, options=options)
    return (document.text or "") if isinstance(document, Document) else ""


@cache
def _options() -> Any:
    """The extractor's own ones, but without comments: it would read its configuration for each page."""
    from trafilatura.settings import Extractor

    return Extractor(output_format="python", comments=False)


def _plainly(tree: Any) -> str:
    """All text of a pruned page, a block a line, in one pass: for pages that are too large or too odd for the extractor."""
    from lxml import etree

    parts: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _UNSEEN:
            parts.append((element.tail or "") if event == "end" else "")
            continue
        parts.append("\n" if element.tag in _BLOCKS else "")
        parts.append((element.text if event == "start" else element.tail) or "")
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(dict.fromkeys(line for line in lines if line))[:LONGEST_TEXT]


def _shown(tree: Any) -> str:
    """What a reader without scripts sees."""
    parts = (
        text.strip()
        for body in tree.iter("body")
        for text in body.xpath(".//text()[not(parent::script or parent::style or parent::template)]")
    )
    return "\n".join(part for part in parts if part)


def _wall(html: str, title: str, text: str) -> str:
    """Which wall the page is; "" for an article. Where next to nothing was extracted all of the page counts: a wall may stand in a zone."""
    if len(text.strip()) >= NOTHING:
        return wall(title, text, "")
    grown = grow(html)
    said = _shown(grown.tree) if grown else ""
    if len(said) < NOTHING and _SCRIPT.search(html):
        return wall(title, "", said) or "script shell"
    return wall(title, text, said)


def _without_lead(text: str, lead: str) -> str:
    """The body without the lead that it repeats at its top."""
    told = key(lead)
    lines = text.split("\n")
    return "\n".join([line for line in lines[:TOP] if key(line) not in told] + lines[TOP:]) if told else text
