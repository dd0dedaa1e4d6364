"""What does a feed list? RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0 and JSON Feed; one broken entry never takes the others with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import quoteattr

from monitor.model import Entry, Outcome, Parsed
from monitor.steps import jsonlists
from monitor.steps.charset import decode
from monitor.steps.claims import CUT_OFF, Answer, Claim, kept, to_entry
from monitor.steps.feeds_quick import read_quickly
from monitor.steps.impostors import judge
from monitor.steps.markup import one_line
from monitor.steps.xmltext import cleaned

LONGEST_TTL = timedelta(days=30)  # a longer wish is none
MOST_PREFIXES = 100  # undeclared ones that are given a meaning

ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[^<>]*>")
FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
ENTRY_TAG = re.compile(r"<(/?)((?:[\w.-]+:)?(?:item|entry))(?=[\s/>])[^<>]*?(/?)>", re.IGNORECASE)
NAME = re.compile(r"(?<=<)[\w:.-]+")
CHANNEL = re.compile(r"<((?:[\w.-]+:)?channel)\b[^<>]*>", re.IGNORECASE)
COMPLETE = re.compile(r"</[^<>]+>|<[^<>]+/>")
ID_ENDS = re.compile(r"</(?:[\w.-]+:)?(?:guid|id)\s*>|\brdf:about\s*=", re.IGNORECASE)
LINK_ENDS = re.compile(r"</(?:[\w.-]+:)?link\s*>|<(?:[\w.-]+:)?link\b[^<>]*/>", re.IGNORECASE)
TITLE_ENDS = re.compile(r"</(?:[\w.-]+:)?title\s*>", re.IGNORECASE)
TEXT_BEGINS = re.compile(r"<(?:[\w.-]+:)?(?:description|summary|content|encoded)\b", re.IGNORECASE)  # title and link stand before it
PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=\s*[\"']")
DECLARED = re.compile(r"\sxmlns:([\w.-]+)\s*=\s*(\"[^\"<]+\"|'[^'<]+')")
KEPT_ATTRIBUTE = re.compile(r"\s(xmlns|xmlns:[\w.-]+|xml:base|xml:lang|version)\s*=\s*(\"[^\"<]+\"|'[^'<]+')")
#: Prefixes whose meaning is known where a feed forgot to declare them.
KNOWN_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
PERIODS = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 30}  # hours
#: Fields of JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1).
JSON_FEED: jsonlists.Fields = {
    "items": "items",
    "id": "id",
    "url": ("url", "external_url"),
    "title": "title",
    "summary": "summary",
    "content": ("content_html", "content_text"),
    "published": "date_published",
    "updated": "date_modified",
    "authors": ("authors.*.name", "author.name"),
    "lang": "language",
}


@dataclass(frozen=True, slots=True)
class _Cut:
    """A feed's text in pieces: what stands before, between the entries, and after them."""

    head: str
    chunks: tuple[str, ...]
    tail: str
    unfinished: str  # an entry that the end of the text cut
    closed: bool  # the root element ends


def read(answer: Answer) -> Parsed:
    """A feed's entries. Each entry stands for itself: ill-formed ones are read alone, and what cannot be read is counted in `why`."""
    decoded = decode(answer.body, answer.content_type)
    if decoded.text.lstrip()[:1] in ("{", "["):
        return jsonlists.read_text(decoded.text, answer, JSON_FEED)
    repaired = ("bytes_replaced", "mojibake_repaired")
    flags = tuple(flag for flag in decoded.flags if flag in repaired)
    if (quick := read_quickly(decoded.text)) is not None:
        entries = tuple(to_entry(_claim(item, quick.version, quick.feed, flags), answer) for item in quick.entries)
        return Parsed(entries, title=one_line(quick.feed["title"]) or None, ttl=_ttl(quick.feed))
    return _read_slowly(decoded.text, flags, answer)


def _read_slowly(raw: str, flags: tuple[str, ...], answer: Answer) -> Parsed:
    """What feedparser reads of a text that was made readable for it."""
    text = cleaned(raw)
    root = ROOT.search(text)
    name = root.group(1).lower() if root else ""
    cut = _cut(text, name)
    if name in ("urlset", "sitemapindex"):
        return Parsed((), Outcome.NOT_A_FEED, "a sitemap: configure this endpoint as kind = sitemap")
    if root is None or (name not in FEED_ROOTS and (name == "html" or not cut.chunks)):
        return judge(raw, answer.url, "a feed")
    return _assembled(cut, root.group(), answer, flags)


def _cut(text: str, root: str) -> _Cut:
    """The pieces of the text. An entry ends at its end tag, at the next entry, or with the feed."""
    tags = list(ENTRY_TAG.finditer(text))
    names = [tag.group(2).lower() for tag in tags if not tag.group(1)]
    ends = re.compile(rf"</(?:[\w.-]+:)?(?:channel|{re.escape(root)})\s*>", re.IGNORECASE) if root else re.compile(r"\Z")
    over = [found.start() for found in ends.finditer(text)]
    closed = bool(re.search(rf"</(?:[\w.-]+:)?{re.escape(root)}\s*>\s*\Z", text, re.IGNORECASE)) if root else False
    if not names:
        return _Cut(text, (), "", "", closed)
    wanted = next((name for name in names if ":" not in name), names[0])
    chunks: list[str] = []
    begin, end = -1, 0
    head = None
    for tag in tags:
        if tag.group(2).lower() != wanted:
            continue
        if tag.group(1):
            if begin >= 0:
                chunks.append(text[begin : tag.end()])
                begin, end = -1, tag.end()
            continue
        head = tag.start() if head is None else head
        if begin >= 0:
            chunks.append(_finished(text[begin : tag.start()]))
        begin = tag.start()
        if tag.group(3):
            chunks.append(tag.group())
            begin, end = -1, tag.end()
    unfinished = ""
    if begin >= 0:
        last = next((place for place in over if place > begin), None)
        end = len(text) if last is None else last
        if last is None:
            unfinished = text[begin:]
        else:
            chunks.append(_finished(text[begin:last]))
    return _Cut(text[:head], tuple(chunks), text[end:], unfinished, closed)


def _finished(chunk: str) -> str:
    """An entry without its end tag, closed."""
    name = NAME.search(chunk)
    return f"{chunk}</{name.group() if name else ''}>"


def _assembled(cut: _Cut, root: str, answer: Answer, flags: tuple[str, ...]) -> Parsed:
    chunks = kept(cut.chunks)
    over = len(cut.chunks) - len(chunks)
    rest = _rescued(cut)
    frame = _Frame(cut, root)
    good = [_well_formed(chunk) for chunk in chunks]
    together = _parsed(frame.around([chunk for chunk, fine in zip(chunks, good, strict=True) if fine]))
    metadata = together if together is not None and together.feed else _parsed(cut.head)
    queue = iter(together.entries) if together is not None and len(together.entries) == sum(good) else None
    found: list[Any] = []
    for chunk, fine in zip(chunks, good, strict=True):
        if fine and queue is not None:
            found.append(next(queue))
        else:
            found.extend(_read_alone(frame, chunk))
    begun = list(_read_alone(frame, rest)) if rest else []
    feed = metadata.feed if metadata is not None else {}
    version = metadata.version if metadata is not None else ""
    entries = tuple(
        to_entry(_claim(item, version or "", feed, given), answer)
        for items, given in ((found, flags), (begun, (*flags, CUT_OFF)))
        for item in items
    )
    return _judged(entries, cut, len(chunks) + bool(rest), over, feed)


def _judged(entries: tuple[Entry, ...], cut: _Cut, wanted: int, over: int, feed: Any) -> Parsed:
    troubles = []
    if not cut.closed:
        troubles.append("the feed is cut off" + (", inside an entry" if cut.unfinished else ""))
    if len(entries) < wanted:
        troubles.append(f"{wanted - len(entries)} of {wanted} entries cannot be read")
    if over:
        troubles.append(f"{over} entries beyond the {len(entries)} that are kept of one answer")
    problem = Outcome.PARSE_PARTIAL if troubles else None
    if troubles and not entries:
        problem = Outcome.PARSE_FAILED
    if not entries and not troubles:
        troubles.append("the feed is well-formed and lists nothing")
    return Parsed(entries, problem, "; ".join(troubles), title=one_line(_said(feed, "title")) or None, ttl=_ttl(feed))


def _rescued(cut: _Cut) -> str:
    """The entry that the end cut, without what is incomplete in it; empty when it lacks what identifies it."""
    ends = [found.end() for found in COMPLETE.finditer(cut.unfinished)] or [cut.unfinished.find(">") + 1]
    begun = cut.unfinished[: ends[-1]]
    if not begun:
        return ""
    model = cut.chunks[0] if cut.chunks else ""
    needed = (ID_ENDS,) if ID_ENDS.search(model) else (ID_ENDS, LINK_ENDS) if model else (ID_ENDS, LINK_ENDS, TEXT_BEGINS)
    blank = not model and not TITLE_ENDS.search(begun)  # all that can be said is that there is one
    return _finished(begun) if blank or any(end.search(begun) for end in needed) else ""


class _Frame:
    """What stands around entries so that they can be read: the feed's own head and tail, or a plain root where those are broken."""

    def __init__(self, cut: _Cut, root: str) -> None:
        text = cut.head + cut.tail
        declared = dict(DECLARED.findall(text))
        used = {name for chunk in (cut.head, *cut.chunks, cut.unfinished) for pair in PREFIX.findall(chunk) for name in pair if name}
        opened = root[:-1].rstrip("/ \n\t")
        name = opened[1:].split(None, 1)[0]
        if not _well_formed(f"{opened}></{name}>"):
            opened = f"<{name}" + "".join(f" {key}={value}" for key, value in dict(KEPT_ATTRIBUTE.findall(opened)).items())
        opened = re.sub(r"\sxmlns:[\w.-]+\s*=\s*(?:\"\"|'')", "", opened)
        here = {prefix for prefix, _ in DECLARED.findall(opened)} | {"xml", "xmlns"}
        for prefix in sorted(used - here)[:MOST_PREFIXES]:
            opened += f" xmlns:{prefix}=" + declared.get(prefix, quoteattr(KNOWN_PREFIXES.get(prefix, f"urn:undeclared:{prefix}")))
        channel = CHANNEL.search(cut.head)
        inside = channel is not None and name.lower().endswith("rss")
        self.plain = (
            opened + ">" + (channel.group() if channel and inside else ""),
            (f"</{channel.group(1)}>" if channel and inside else "") + f"</{name}>",
        )
        own = (cut.head.replace(root, opened + ">", 1), cut.tail)
        self.own = own if root in cut.head and _well_formed(own[0] + own[1]) else self.plain

    def around(self, chunks: Sequence[str]) -> str:
        return self.own[0] + "".join(chunks) + self.own[1]

    def alone(self, chunk: str) -> str:
        return self.plain[0] + chunk + self.plain[1]


def _well_formed(text: str) -> bool:
    """Without regard to namespaces, whose prefixes are declared elsewhere."""
    parser = ParserCreate("utf-8")
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except ExpatError:
        return False
    return True


def _parsed(text: str) -> Any | None:
    """feedparser's answer; None where it raises. Only a stream is given: bytes or text could be taken for a path and opened."""
    import feedparser

    document = f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return feedparser.parse(BytesIO(document), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError, AssertionError, RecursionError):
        return None  # what it has raised on malformed input; the entry is counted as unread


def _read_alone(frame: _Frame, chunk: str) -> Iterator[Any]:
    found = _parsed(frame.alone(chunk))
    if found is not None:
        yield from found.entries[:1]


def _said(fields: Any, key: str) -> Any:
    """A field that is really there: the library answers some keys with others."""
    return dict.get(fields, key)


def _claim(item: Any, version: str, feed: Any, flags: tuple[str, ...]) -> Claim:
    details = [detail for detail in (_said(item, "title_detail"), _said(item, "summary_detail"), *(_said(item, "content") or ())) if detail]
    contents = [content.get("value") for content in _said(item, "content") or ()]
    published = [_said(item, "published"), _said(item, "created")]
    updated = _said(item, "updated")
    if updated and not any(published) and not version.startswith("atom"):
        published, updated = [updated], None  # dc:date is when an RSS item was published
    name = _said(item, "id")
    return Claim(
        id=name,
        links=[link for link in _links(item) if link != name or link.startswith(("http://", "https://", "/"))],
        base=next((detail["base"] for detail in details if detail.get("base")), None) or _base(feed),
        title=_said(item, "title"),
        published=published,
        updated=[updated] if updated else [],
        authors=_authors(item),
        summary=_said(item, "summary"),
        content="\n".join(dict.fromkeys(content for content in contents if content)) or None,
        lang=next((detail["language"] for detail in details if detail.get("language")), None) or _said(feed, "language"),
        flags=flags,
    )


def _links(item: Any) -> list[str]:
    """The article's address first: where FeedBurner's redirect leads, then links that are no attachments and no feeds."""
    links = [_said(item, "feedburner_origlink"), _said(item, "link")]
    rels = {"alternate": 0, "related": 1, "via": 2, "self": 3}
    others = [(rels.get(link.get("rel", "alternate"), 9), link.get("href")) for link in _said(item, "links") or ()]
    links += [href for rank, href in sorted(others, key=lambda pair: pair[0]) if rank < 9]
    return [link for link in dict.fromkeys(links) if link]


def _base(feed: Any) -> str | None:
    detail = _said(feed, "title_detail")
    return detail.get("base") or None if detail else None


def _authors(item: Any) -> list[str]:
    """Names; an address of electronic mail is none."""
    people = [person.get("name") for person in _said(item, "authors") or () if person]
    return [name for name in people or [_said(item, "author")] if name and "@" not in name]


def _ttl(feed: Any) -> timedelta | None:
    """RSS ttl (minutes), or the syndication module's period divided by its frequency."""
    ttl, period = _said(feed, "ttl"), _said(feed, "sy_updateperiod")
    wish = None
    if ttl and re.fullmatch(r"\d{1,6}", ttl.strip()):
        wish = timedelta(minutes=int(ttl))
    elif period and period.strip().lower() in PERIODS:
        often = _said(feed, "sy_updatefrequency") or "1"
        times = int(often) if re.fullmatch(r"\d{1,4}", often.strip()) else 1
        wish = timedelta(hours=PERIODS[period.strip().lower()]) / max(times, 1)
    return wish if wish and timedelta() < wish <= LONGEST_TTL else None
