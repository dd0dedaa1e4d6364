"""What does a page say? Bytes or HTML -> an article with title, lead, body, authors, times and a quality."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.model import Article, Entry, Quality
from monitor.steps.charset import decode
from monitor.steps.htmltree import grow
from monitor.steps.language import language_of
from monitor.steps.lead import find_lead, usable_description
from monitor.steps.metadata import read_claims
from monitor.steps.walls import wall
from monitor.steps.zones import clean, join_chunks, key, prune

LONGEST_TEXT = 500_000  # characters; a longer body is cut, and says so
TOP = 6  # lines of the body among which the lead may be repeated
LONGEST_HEADLINE = 120  # characters of a post's first line that stand for its missing title

_BLANK = re.compile(r"[^\S\n]+")


def read_page(body: bytes, content_type: str | None, url: str, languages: tuple[str, ...], now: datetime) -> Article:
    """The article of a page as fetched. `content_type` is its HTTP header. Never raises for what a page holds."""
    decoded = decode(body, content_type)
    return read_html(decoded.text, url, languages, now)


def read_html(html: str, url: str, languages: Sequence[str], now: datetime) -> Article:
    """The article of a page that is text already."""
    grown = grow(html)
    if grown is None:
        return Article("", "", "", quality=Quality.EMPTY, notes=("no HTML in the page",))
    claims = read_claims(grown.tree, url, languages, now)
    lead = find_lead(grown.tree, claims.descriptions, claims.title)
    text, lead = _apart(clean(_body(grown.tree, url), claims.title), lead)
    lead = lead or usable_description(claims.descriptions, claims.title, text)
    kind = wall(claims.title, f"{lead}\n{text}")
    notes = grown.notes
    if kind:
        text, lead, quality, notes = "", "", Quality.WALL, (*notes, f"wall: {kind}")
    else:
        quality = Quality.FULL if text else Quality.EMPTY
    return Article(
        title=claims.title,
        lead=lead,
        text=text,
        authors=claims.authors,
        published=claims.published,
        published_from=claims.published_from,
        modified=claims.modified,
        lang=language_of(claims.title, text or lead, languages),
        quality=quality,
        canonical_url=claims.canonical_url,
        notes=notes,
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


def _body(tree: Any, url: str) -> str:
    """The body's lines. Changes the tree."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    prune(tree)
    join_chunks(tree)
    document = bare_extraction(tree, url=url, include_comments=False)
    return (document.text or "")[:LONGEST_TEXT] if isinstance(document, Document) else ""


def _apart(text: str, lead: str) -> tuple[str, str]:
    """Body and lead, each said once: a lead at the top of the body is taken out of it."""
    if not lead:
        return text, ""
    told = key(lead)
    lines = text.split("\n")
    rest = [line for line in lines[:TOP] if not (own := key(line)) or own not in told] + lines[TOP:]
    return "\n".join(rest), lead
