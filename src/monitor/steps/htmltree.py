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

_HALF = re.compile(r"[\ud800-\udfff]")  # of a pair: no character
_SPACED = bytes(32 if code < 32 and code not in b"\t\n\r" else code for code in range(256))  # control characters become spaces
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
    fit = _fit(html)
    tree, too_deep = _parse(fit)
    if too_deep:
        tree, _ = _parse(flatten(fit.decode()).encode())
        notes.append(f"low: nested deeper than {DEEPEST} levels, flattened")
    return None if tree is None else Grown(tree, tuple(notes))


def _fit(html: str) -> bytes:
    """UTF-8 without what an XML tree cannot hold. Bytes, because lxml refuses a str with an encoding declaration."""
    try:
        encoded = html.encode()
    except UnicodeEncodeError:
        encoded = _HALF.sub("\ufffd", html).encode()
    return encoded.translate(_SPACED).replace("\ufffe".encode(), b" ").replace("\uffff".encode(), b" ")


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


def _parse(html: bytes) -> tuple[Any, bool]:
    """The tree, and whether libxml2 met its limit of depth."""
    from lxml import etree
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    parser = HTMLParser(collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element that is reached; one class for all is looked up in C, also in copies.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = document_fromstring(html, parser=parser)
    except (etree.LxmlError, ValueError):
        tree = None
    return tree, any("xcessive depth" in error.message for error in parser.error_log)


class Sizes:
    """How many characters stand inside each element of a tree, and how many of them inside links; right also after drop().

    Every element is held as long as this is: lxml makes one anew each time it is reached, unless somebody holds it.
    """

    def __init__(self, tree: Any) -> None:
        """One pass from the last element to the first, so that an element comes after all that it holds."""
        self.tree = tree
        self.length: dict[Any, int] = {}  # of every element
        self.linked: dict[Any, int] = {}  # of those that hold any; a link inside a link counts twice
        length, linked = self.length, self.linked
        for element in reversed(list(tree.iter())):
            inside = length[element] = length.get(element, 0) + len(element.text or "")
            links = linked.get(element, 0) + (inside if element.tag == "a" else 0)
            if links:
                linked[element] = links
            above = element.getparent()
            if above is not None:
                length[above] = length.get(above, 0) + inside + len(element.tail or "")
                if links:
                    linked[above] = linked.get(above, 0) + links

    def said(self, element: Any) -> int:
        """Characters outside links."""
        return self.length[element] - self.linked.get(element, 0)

    def drop(self, element: Any) -> None:
        """Takes an element out of its tree; the text that follows it stays."""
        length, links = self.length[element], self.linked.get(element, 0)
        for above in element.iterancestors():
            self.length[above] -= length
            if above.tag == "a":
                links += length
            if links:
                self.linked[above] -= links
        element.drop_tree()


def said(element: Any) -> str:
    """All text inside, as itertext() gives it, several times as fast."""
    from lxml.etree import tostring

    return str(tostring(element, method="text", encoding="unicode", with_tail=False))
