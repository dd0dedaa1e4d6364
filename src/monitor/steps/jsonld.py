"""What does a page say of its article in JSON-LD (schema.org)?

Read are the article types alone, at the top level, in @graph and under mainEntity: what stands deeper (items of lists, parts, live
updates) is another article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

MOST_BYTES = 1_000_000  # of one script; longer ones are no article's metadata
MOST_NODES = 400  # looked at per page
DEEPEST = 6

_ARTICLE = re.compile(r"(Article|BlogPosting|Posting|Report|Reportage|Review)$")
_PAGE = re.compile(r"(WebPage|ItemPage|MediaObject|VideoObject|CreativeWork)$")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)?[\s;]*$"
)
_COMMA = re.compile(r",(\s*[}\]])")
_TAG = re.compile(r"<[^<>]{1,200}>")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class LinkedData:
    """The fields of one article node; texts are plain, dates as written, "" and () where absent."""

    headline: str = ""
    description: str = ""
    body: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    url: str = ""
    lang: str = ""
    free: bool | None = None  # isAccessibleForFree


def plain(value: object) -> str:
    """A text value without markup and entities, spaces collapsed; "" for what is no text."""
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str)), "")
    if isinstance(value, dict):
        value = value.get("@value", "")
    if not isinstance(value, str):
        return ""
    text = unescape(unescape(value)) if "&" in value else value
    return _SPACE.sub(" ", _TAG.sub(" ", text) if "<" in text else text).strip()


def read_linked_data(scripts: Iterator[str], url: str = "") -> LinkedData:
    """The article node of a page's JSON-LD scripts. Where there are several, the one of this address, else the fullest."""
    nodes = [node for script in scripts for node in _nodes(_load(script), DEEPEST)][:MOST_NODES]
    articles = [n for n in nodes if _is(n, _ARTICLE)] or [n for n in nodes if _is(n, _PAGE) and n.get("datePublished")]
    if not articles:
        return LinkedData()
    return max((_read(n) for n in articles), key=lambda a: (bool(url) and _same(a.url, url), bool(a.headline) + bool(a.published)))


def _load(script: str) -> Any:
    """The script's value; None where it is not JSON even after the usual repairs."""
    if len(script) > MOST_BYTES:
        return None
    text = _WRAPPING.sub("", script)
    for attempt in (text, _COMMA.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for part in value[:MOST_NODES]:
            yield from _nodes(part, depth - 1)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph"), depth - 1)
        yield from _nodes(value.get("mainEntity"), depth - 1)


def _is(node: dict[str, Any], kind: re.Pattern[str]) -> bool:
    types = node.get("@type")
    return any(isinstance(t, str) and kind.search(t) for t in (types if isinstance(types, list) else [types]))


def _read(node: dict[str, Any]) -> LinkedData:
    free = node.get("isAccessibleForFree")
    return LinkedData(
        headline=plain(node.get("headline")) or plain(node.get("name")),
        description=plain(node.get("description")),
        body=plain(node.get("articleBody")),
        authors=tuple(dict.fromkeys(_names(node.get("author") or node.get("creator"), DEEPEST))),
        published=plain(node.get("datePublished")) or plain(node.get("dateCreated")),
        modified=plain(node.get("dateModified")),
        url=_address(node),
        lang=plain(node.get("inLanguage")),
        free=None if free is None else str(free).strip().lower() not in ("false", "0", "no", "https://schema.org/false"),
    )


def _address(node: dict[str, Any]) -> str:
    whole = node.get("mainEntityOfPage")
    if isinstance(whole, dict):
        whole = whole.get("@id") or whole.get("url")
    return plain(node.get("url")) or plain(whole) or plain(node.get("@id"))


def _same(one: str, other: str) -> bool:
    return bool(one) and one.split("?")[0].split("#")[0].rstrip("/") == other.split("?")[0].split("#")[0].rstrip("/")


def _names(value: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(value, str):
        yield plain(value)
    elif isinstance(value, list):
        for part in value[:50]:
            yield from _names(part, depth - 1)
    elif isinstance(value, dict):
        yield from _names(value.get("name"), depth - 1)
