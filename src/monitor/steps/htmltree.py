"""How does the text of a page become a tree that is safe to walk?

libxml2 drops everything below 255 levels (2,048 with its huge option) in silence, and trafilatura then finds nothing: such pages are made
flatter first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

LONGEST_HTML = 4_000_000  # characters; the rest of a longer page is cut off
DEEPEST = 200  # levels that stay; libxml2 loses text below 255

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # control characters and halves of pairs
#: Elements that nest and are never closed by what follows.
_CONTAINER = re.compile(
    r"<(/?)(div|span|section|article|main|aside|header|footer|nav|figure|blockquote|form|fieldset|table|tbody|tr|td|ul|ol|dl|center|font"
    r"|b|i|em|strong|u|small|big|a|ins|del|q|sub|sup|label)\b[^<>]*>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Grown:
    """A parsed page (an lxml.html tree), and what had to be done to it, in words."""

    tree: Any
    notes: tuple[str, ...]


def grow(html: str) -> Grown | None:
    """The tree of a page; None where nothing in it is an element."""
    notes = []
    if len(html) > LONGEST_HTML:
        html = html[:LONGEST_HTML]
        notes.append(f"low: only the first {LONGEST_HTML:,} characters were read")
    html = _UNFIT.sub(lambda unfit: "\ufffd" if "\ud800" <= unfit[0] <= "\udfff" else " ", html)
    tree, too_deep = _parse(html)
    if too_deep:
        tree, _ = _parse(flatten(html))
        notes.append(f"low: nested deeper than {DEEPEST} levels, flattened")
    return None if tree is None else Grown(tree, tuple(notes))


def flatten(html: str) -> str:
    """The same text with the tags of containers below DEEPEST levels left out. Linear in the length of the page."""
    depth = 0

    def keep(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[0].endswith("/>"):
            return tag[0]
        depth = max(0, depth + (-1 if tag[1] else 1))
        return tag[0] if depth + bool(tag[1]) <= DEEPEST else " "

    return _CONTAINER.sub(keep, html)


def _parse(html: str) -> tuple[Any, bool]:
    """The tree, and whether libxml2 met its limit of depth. Bytes, because lxml refuses a str with an encoding declaration."""
    from lxml import etree
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    parser = HTMLParser(collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element that is reached; one class for all is looked up in C, also in copies.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = document_fromstring(html.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError):
        tree = None
    return tree, any("xcessive depth" in error.message for error in parser.error_log)
