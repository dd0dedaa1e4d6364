"""Which lines of a page are its standfirst?

Extractors drop the standfirst on 43 % of the pages that have one, just where the keywords stand. It is the block that its class names so,
or that says what the page's own description says; where neither stands on the page, the description itself, if it is a sentence about
this article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from monitor.steps.htmltree import Sizes, said
from monitor.steps.lines import key

SHORTEST = 30  # characters of a standfirst
LONGEST = 1_000
MOST_BLOCKS = 600  # looked at, from the top of the page
SAME = 40  # characters of two texts' words that make them the same text, from their start
SHARED = 0.3  # share of a description's longer words that must stand in the article: a slogan of the site has none

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|leadtext|leadin|leads|standfirst|sub-?title|sub-?head(?:line|ing)?|subheader|dek|deck|chapo|chapeau|intro\w*|summary|excerpt"
    r"|abstract|vorspann|anriss|ingress|bajada|entradilla|subtitulo|subt[ií]tulo|catenaccio|occhiello|sommario|sapo|zajawka|lid|anons|preamble|spot)"
    r"(?:$|[\s_-])|(?:article|story|post|news|page)[\w-]*(?:description|teaser|synopsis)",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|__+|:+|/+")
_BLOCKS = ("p", "h2", "h3", "div", "span", "strong", "section", "b")
_INSIDE = frozenset(
    {"p", "h1", "h2", "h3", "h4", "div", "ul", "ol", "table", "section", "figure", "article", "form", "video", "script", "style"}
)
_CUT = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\])\s*$")
_MORE = re.compile(
    r"\s*(?:read more|continue reading|weiterlesen|lire la suite|читать далее|подробнее|детальніше|leer más)\W*$", re.IGNORECASE
)
_LONG_WORD = re.compile(r"\w{5,}")


def find_lead(sizes: Sizes, descriptions: Sequence[str], title: str) -> str:
    """The standfirst as a block of the page, before anything is pruned; "" where none stands out."""
    wanted = [k[:SAME] for d in descriptions if len(k := key(_CUT.sub("", d))) >= SHORTEST]
    name = key(title)
    named = ""
    for element, text in _blocks(sizes):
        own = key(text)
        if len(own) < SHORTEST or own == name:
            continue
        if any(own.startswith(w) or w.startswith(own) for w in wanted) and _stands_out(element):
            return text
        if not named and _is_named(element):
            named = text
    return named


def usable_description(descriptions: Sequence[str], title: str, text: str) -> str:
    """The first description that is a whole sentence about this article, and says what the text does not begin with."""
    words = set(_LONG_WORD.findall(f"{title}\n{text}".lower()))
    body, name = key(text), key(title)
    for raw in descriptions:
        told = _MORE.sub("", raw)
        own = key(_CUT.sub("", told))
        long_words = set(_LONG_WORD.findall(told.lower()))
        if not SHORTEST <= len(told) <= LONGEST or own == name or own[:SAME] in body or (_CUT.search(told) and own[: SAME // 2] in body):
            continue
        if not long_words or len(long_words & words) >= SHARED * len(long_words):
            return told
    return ""


def _blocks(sizes: Sizes) -> Iterator[tuple[Any, str]]:
    """Elements that hold text and no other block, with their text, from the top."""
    count = 0
    for element in sizes.tree.iter(*_BLOCKS):
        if sizes.length[element] < SHORTEST or any(child.tag in _INSIDE for child in element):
            continue
        text = " ".join(said(element).split())
        if SHORTEST <= len(text) <= LONGEST:
            count += 1
            if count > MOST_BLOCKS:
                return
            yield element, text


def _is_named(element: Any) -> bool:
    """Its class, or that of the one or two elements around it, says that it is a standfirst."""
    for near in (element, element.getparent(), element.getparent().getparent() if element.getparent() is not None else None):
        if near is None:
            return False
        name = f"{near.get('class', '')} {near.get('itemprop', '')} {near.get('data-testid', '')}"
        if len(name) > 2 and _NAMED.search(_CAMEL.sub("-", name)):
            return near is element or len("".join(near.itertext())) <= LONGEST
    return False


def _stands_out(element: Any) -> bool:
    """Not simply the first of the body's paragraphs: another tag, class or parent than the paragraphs that follow."""
    if element.tag != "p" or _is_named(element):
        return True
    following = element.getnext()
    return following is None or following.tag != "p" or following.get("class") != element.get("class")
