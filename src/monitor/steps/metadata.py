"""What does a page say of its article outside the text: title, authors, times, address, descriptions?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.model import When
from monitor.steps.dates import read_date
from monitor.steps.jsonld import LinkedData, plain, read_linked_data
from monitor.steps.lines import key
from monitor.steps.urls import absolute

LONGEST_TITLE = 400
MOST_HEADINGS = 3  # h1 elements looked at
LONGEST_NAME = 80
MOST_AUTHORS = 20

#: Names of meta tags, best first.
_TITLES = ("og:title", "twitter:title", "dc.title", "headline")
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description")
_AUTHORS = ("author", "article:author", "og:article:author", "dc.creator", "parsely-author", "sailthru.author", "byl", "authors")
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "datepublished",
    "date.issued",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "last-modified-date",
    "date",
)
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "og:article:modified_time",
    "article:modified",
    "datemodified",
    "dcterms.modified",
    "last-modified",
)

_SEPARATOR = re.compile(r"\s+[|–—•·«»‹›:\-/]\s+|\s*[|]\s*")
_BY = re.compile(r"^(?:by|von|par|por|de|di|автор|автори|текст|written by|reporting by)[:\s]\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[;|/•·]|,|\s(?:and|und|et|y|e|и|і|та|i)\s|\s&\s)\s*")
_NO_NAME = re.compile(r"https?:|www\.|@|\d{3}|[<>{}]")
_URL_DAY = re.compile(r"(?<!\d)(20\d\d)[/\-_.]?(0[1-9]|1[0-2])[/\-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything a page claims of its article; "" , () and None where it claims nothing."""

    title: str
    site: str
    descriptions: tuple[str, ...]  # best first, plain
    authors: tuple[str, ...]
    published: When | None
    published_from: str | None  # jsonld, meta, text, url
    modified: When | None
    canonical_url: str | None
    lang: str
    linked: LinkedData
    kind: str  # og:type


def read_claims(tree: Any, url: str, languages: Sequence[str], now: datetime) -> Claims:
    """The claims of a parsed page (an lxml tree, not changed)."""
    meta = _meta(tree)
    linked = read_linked_data(_scripts(tree), url)
    site = meta.get("og:site_name") or meta.get("application-name", "")
    published, origin = _published(tree, meta, linked, url, languages, now)
    return Claims(
        title=_title(tree, meta, linked, site),
        site=site,
        descriptions=tuple(dict.fromkeys(d for d in (linked.description, *_of(meta, _DESCRIPTIONS)) if d)),
        authors=_authors(tree, meta, linked, site),
        published=published,
        published_from=origin,
        modified=_best_date((linked.modified, *_of(meta, _MODIFIED)), languages, now),
        canonical_url=_canonical(tree, meta, url),
        lang=(tree.get("lang") or meta.get("og:locale") or linked.lang or "").lower()[:2],
        linked=linked,
        kind=meta.get("og:type", "").lower(),
    )


def _meta(tree: Any) -> dict[str, str]:
    """Name, property or itemprop -> content, in lower case; the first one counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").strip().lower()
        content = plain(tag.get("content"))
        if name and content:
            found.setdefault(name, content)
    return found


def _of(meta: dict[str, str], names: Iterable[str]) -> Iterator[str]:
    return (meta[n] for n in names if n in meta)


def _scripts(tree: Any) -> Iterator[str]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield script.text


# ── title ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _title(tree: Any, meta: dict[str, str], linked: LinkedData, site: str) -> str:
    """JSON-LD, heading and og:title are each exact on three pages of four: what two of them say is right more often than any one."""
    headings = [without_site(plain(" ".join(h.itertext())), site) for h in tree.iter("h1")][:MOST_HEADINGS]
    headline, shared = without_site(linked.headline, site), without_site(meta.get("og:title", ""), site)
    said = [{key(headline)}, set(map(key, headings)), {key(shared)}]
    agreed = [title for title in (headline, *headings, shared) if title and sum(key(title) in source for source in said) > 1]
    named = (without_site(plain(" ".join(t.itertext())), site) for t in tree.iter("title"))
    alone = headings if len(headings) == 1 else []
    others = (without_site(title, site) for title in _of(meta, _TITLES))
    return next((title for title in (*agreed, headline, *alone, shared, *others, *headings, *named) if title), "")[:LONGEST_TITLE]


def without_site(title: str, site: str) -> str:
    """The title without the outlet's name at its end or start ("Headline | Outlet")."""
    if not site or site.lower() not in title.lower():
        return title
    parts = _SEPARATOR.split(title)
    kept = [p for p in parts if p.strip().lower() != site.lower()]
    return (
        title
        if len(parts) == 1 or len(kept) == len(parts)
        else title[title.find(kept[0]) : title.rfind(kept[-1]) + len(kept[-1])]
        if kept
        else title
    )


# ── authors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _authors(tree: Any, meta: dict[str, str], linked: LinkedData, site: str) -> tuple[str, ...]:
    for raw in _author_texts(tree, meta, linked):
        names = tuple(dict.fromkeys(n for text in raw for n in _names(text) if n.lower() != site.lower()))
        if names:
            return names[:MOST_AUTHORS]
    return ()


def _author_texts(tree: Any, meta: dict[str, str], linked: LinkedData) -> Iterator[tuple[str, ...]]:
    """What each place says that may name authors, the best place first."""
    yield linked.authors
    yield tuple(_of(meta, _AUTHORS))[:1]
    yield _bylines(tree)


def _bylines(tree: Any) -> tuple[str, ...]:
    marked = tree.xpath("(//*[@rel='author' or @itemprop='author'])[position() <= 5]")
    return tuple(plain(" ".join(m.itertext())) for m in marked)


def _names(text: str) -> Iterator[str]:
    for part in _BETWEEN.split(_BY.sub("", text)):
        name = part.strip(" .,:-–—")
        if 2 < len(name) <= LONGEST_NAME and not _NO_NAME.search(name):
            yield name


# ── times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _published(
    tree: Any, meta: dict[str, str], linked: LinkedData, url: str, languages: Sequence[str], now: datetime
) -> tuple[When | None, str | None]:
    """The first source that gives a time; else the first that gives a day."""
    first: tuple[When, str] | None = None
    for origin, raw in _dates(tree, meta, linked, url):
        when = _best_date(raw, languages, now)
        if when is None:
            continue
        if when.has_time and (first is None or abs((when.day - first[0].day).days) <= 1):
            return when, origin
        first = first or (when, origin)
    return first or (None, None)


def _dates(tree: Any, meta: dict[str, str], linked: LinkedData, url: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Where a date may stand, the best place first, and what stands there."""
    yield "jsonld", (linked.published,)
    yield "meta", _of(meta, _PUBLISHED)
    yield "text", [time.get("datetime") for time in islice((time for time in tree.iter("time") if time.get("datetime") is not None), 3)]
    yield "url", ["-".join(day) for day in _URL_DAY.findall(url)[:1]]


def _best_date(raw: Iterable[str], languages: Sequence[str], now: datetime) -> When | None:
    found = [w for text in raw if text and (w := read_date(text, languages=languages, now=now).when)]
    return next((w for w in found if w.has_time), found[0] if found else None)


def _canonical(tree: Any, meta: dict[str, str], url: str) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return absolute(url, link.get("href"))
    return absolute(url, meta["og:url"]) if "og:url" in meta else None
