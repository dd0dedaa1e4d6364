"""Which articles does an HTML page list? Its links that match the curator's pattern, with the texts and dates beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from monitor.model import Entry, Outcome, Parsed
from monitor.steps.charset import decode
from monitor.steps.claims import Answer, Claim, kept, to_entry
from monitor.steps.impostors import CHALLENGE, LOOKED_AT, is_html, judge
from monitor.steps.markup import document
from monitor.steps.urls import canonical

LONGEST_MATCHED = 2_000  # characters of an address that a pattern sees
NEAR = 3  # levels above a link at which its date is looked for
MOST_NEAR = 200  # elements among which it is looked for
CARDS = frozenset({"article", "li"})  # elements that hold one entry of a listing and all that is said of it
MOST_BESIDE = 3  # links that may share a date's element before it is nobody's

SIMPLE = re.compile(r"([a-z][a-z0-9]*|\*)?((?:[.#][\w-]+|\[[\w-]+(?:[*^$]?=[\"']?[^\]\"']*[\"']?)?\])*)\Z", re.IGNORECASE)
PART = re.compile(r"([.#])([\w-]+)|\[([\w-]+)(?:([*^$]?)=[\"']?([^\]\"']*)[\"']?)?\]")


def read(answer: Answer) -> Parsed:
    """The page's articles in its order. Options: `pattern`, regular expressions one of which the absolute address must match;
    `exclude`, those that it must not; `select` (CSS: tags, classes, ids, attributes, descent) or `xpath`, elements that links are
    taken from (default: the whole page); `base`, what links are relative to.

    A page without one such link is no quiet outlet: it has changed, or is not the page.
    """
    from lxml import etree, html

    text = decode(answer.body, answer.content_type).text
    page = document(text) if is_html(text) or "<a" in text else None
    if page is None:
        return judge(text, answer.url, "a listing")
    path = _xpath(answer)
    try:
        places: Any = page.xpath(path) if path else [page]
    except etree.XPathError as error:
        return Parsed((), Outcome.PARSE_FAILED, f"the option select or xpath cannot be used: {error}")
    elements = [place for place in (places if isinstance(places, list) else ()) if isinstance(place, html.HtmlElement)]
    links = kept([link for place in elements for link in place.iter("a") if link.get("href")])
    base = next((tag.get("href") for tag in page.iter("base") if tag.get("href")), None)
    entries = _entries(links, answer, base)
    if not entries:
        if CHALLENGE.search(text[:LOOKED_AT]):
            return judge(text, answer.url, "a listing")
        found = judge(text, answer.url, "a listing")
        why = f"none of the page's {len(links)} links is an article by the options"
        return Parsed((), found.problem, why if found.problem is Outcome.NOT_A_FEED else found.why, feeds=found.feeds)
    title = page.findtext(".//title")
    return Parsed(tuple(entries), None, "", title=" ".join(title.split()) if title else None)


def _entries(links: Sequence[Any], answer: Answer, base: str | None) -> list[Entry]:
    """One entry an address: the longest text that any of its links shows is the title."""
    patterns = [re.compile(pattern) for pattern in answer.patterns("pattern")]
    refused = [re.compile(pattern) for pattern in answer.patterns("exclude")]
    own = answer.options.get("base")
    found: dict[str, Entry] = {}
    for link in links:
        claim = Claim(links=[link.get("href")], base=own if isinstance(own, str) else base, title=_title(link), published=[_date(link)])
        entry = to_entry(claim, answer)
        seen = (entry.url or "")[:LONGEST_MATCHED]
        if not seen or canonical(seen) == canonical(answer.url):
            continue
        if (patterns and not any(pattern.search(seen) for pattern in patterns)) or any(pattern.search(seen) for pattern in refused):
            continue
        key = canonical(seen)
        found[key] = _better(found[key], entry) if key in found else entry
    return list(found.values())


def _better(one: Entry, other: Entry) -> Entry:
    more = len(other.title or "") > len(one.title or "")
    chosen, left = (other, one) if more else (one, other)
    if chosen.published or not left.published:
        return chosen
    return Entry(url=chosen.url, title=chosen.title, published=left.published, flags=left.flags)


def _title(link: Any) -> str:
    """A heading inside the link, else its text, else what it says of itself."""
    headings = list(link.iter("h1", "h2", "h3", "h4", "h5", "h6"))
    said = " ".join(" ".join((headings[0] if headings else link).itertext()).split())
    images = [image.get("alt") or "" for image in link.iter("img")]
    return said or (link.get("title") or link.get("aria-label") or "".join(images[:1])).strip()


def _date(link: Any) -> str | None:
    """The <time> inside the link, or beside it in what holds few other links: in its own card, never in its neighbour's."""
    place = link
    for _ in range(NEAR + 1):
        inside = list(islice(place.iter(), MOST_NEAR + 1))
        times = [time.get("datetime") or time.text for time in inside if time.tag == "time"]
        if len(inside) > MOST_NEAR or len({other.get("href") for other in inside if other.tag == "a"}) > MOST_BESIDE:
            return None
        if times:
            return times[0] if len(times) == 1 or place is link else None
        place = None if place.tag in CARDS else place.getparent()
        if place is None:
            return None
    return None


def _xpath(answer: Answer) -> str:
    """The option `xpath`, or the option `select` as XPath."""
    given, css = answer.options.get("xpath"), answer.options.get("select")
    if isinstance(given, str) and given:
        return given
    return " | ".join(_from_css(part.strip()) for part in css.split(",")) if isinstance(css, str) and css else ""


def _from_css(css: str) -> str:
    """`main article.card > h2 a[href]` as XPath; an empty path, which XPath refuses, for what is more than that."""
    path, axis = "", "//"
    for word in re.sub(r"\s*>\s*", " > ", css).split():
        if word == ">":
            axis = "/"
            continue
        simple = SIMPLE.match(word)
        if simple is None:
            return ""
        path += axis + (simple.group(1) or "*").lower() + "".join(_condition(part) for part in PART.finditer(simple.group(2)))
        axis = "//"
    return path


def _condition(part: re.Match[str]) -> str:
    mark, name, attribute, how, value = part.groups()
    if mark == "#":
        return f'[@id="{name}"]'
    if mark == ".":
        return f'[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'
    if value is None:
        return f"[@{attribute}]"
    if how == "^":
        return f'[starts-with(@{attribute}, "{value}")]'
    return f'[contains(@{attribute}, "{value}")]' if how in ("*", "$") else f'[@{attribute}="{value}"]'
