"""What does a sitemap list? News sitemaps, plain ones and indexes (sitemaps.org, Google News), gzipped or not, cut or not."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from typing import Any

from monitor.model import Entry, Outcome, Parsed, When
from monitor.steps.charset import decode
from monitor.steps.claims import Answer, Claim, kept, to_entry
from monitor.steps.impostors import judge
from monitor.steps.urls import absolute
from monitor.steps.xmltext import cleaned

MOST_BYTES = 60_000_000  # of an inflated sitemap: the protocol allows 50 MB
MOST_ROWS = 50_000  # of a sitemap or an index, as the protocol has it

ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[^<>]*>")
PLAIN_LINE = re.compile(r"https?://\S+\Z")


def read(answer: Answer) -> Parsed:
    """Addresses with their titles and dates; the children of an index go to `more`, newest first.

    Options: `include` and `exclude` are regular expressions that an address must, or must not, match; `languages` keeps entries
    that say another language out; `days` keeps out what says that it is older (children of an index too). What they leave out
    is counted in `why`.
    """
    body, whole = _inflated(answer.body)
    decoded = decode(body, answer.content_type)
    text = cleaned(decoded.text)
    root = ROOT.search(text)
    name = root.group(1).lower() if root else ""
    if name in ("rss", "rdf", "feed"):
        from monitor.steps import feeds

        return feeds.read(answer)
    if name not in ("urlset", "sitemapindex"):
        return _plain_list(decoded.text, answer) or judge(decoded.text, answer.url, "a sitemap")
    closed = whole and bool(re.search(rf"</(?:[\w.-]+:)?{name}\s*>\s*\Z", text, re.IGNORECASE))
    rows = _rows(text, "url" if name == "urlset" else "sitemap", closed)
    return _index(rows, answer, closed) if name == "sitemapindex" else _urls(rows, answer, closed)


def _inflated(body: bytes) -> tuple[bytes, bool]:
    """The body without its gzip coat, up to MOST_BYTES, and whether it was whole."""
    if not body.startswith(b"\x1f\x8b"):
        return body, True
    inflate = zlib.decompressobj(wbits=31)
    try:
        plain = inflate.decompress(body, MOST_BYTES)
    except zlib.error:
        return b"", False
    return plain, inflate.eof


def _rows(text: str, name: str, closed: bool) -> list[dict[str, str]]:
    """Each row's fields by local name; broken markup is recovered, and a row that the end cut is left out."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, ns_clean=True)
    tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    rows = [] if tree is None else [_row(child) for child in tree.iter() if _local(child) == name]
    if not closed and rows and not re.search(rf"</(?:[\w.-]+:)?{name}\s*>\s*\Z", text):
        rows.pop()
    return rows


def _local(element: Any) -> str:
    return element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(element.tag, str) else ""


def _row(element: Any) -> dict[str, str]:
    """The first of each field; image and video captions do not pass for the article's own."""
    fields: dict[str, str] = {}
    for child in element.iter():
        name, above = _local(child), _local(child.getparent()) if child is not element else ""
        if above not in ("image", "video") and child.text and child.text.strip():
            fields.setdefault(name, child.text.strip())
    return fields


def _urls(rows: list[dict[str, str]], answer: Answer, closed: bool) -> Parsed:
    chosen = kept(rows, MOST_ROWS)
    entries = [to_entry(_claim(row), answer) for row in chosen]
    wanted = [entry for entry in entries if _wanted(entry.url or "", answer) and _spoken(entry, answer) and _young(entry, answer)]
    troubles = ["the sitemap is cut off"] if not closed else []
    if len(chosen) < len(rows):
        troubles.append(f"{len(rows) - len(chosen)} addresses beyond the {MOST_ROWS} that are kept of one answer")
    problem = (Outcome.PARSE_PARTIAL if wanted else Outcome.PARSE_FAILED) if troubles else None
    if len(wanted) < len(entries):
        troubles.append(f"{len(entries) - len(wanted)} of {len(entries)} addresses left out by the options")
    if not entries and not troubles:
        troubles.append("the sitemap is well-formed and lists nothing")
    return Parsed(tuple(wanted), problem, "; ".join(troubles))


def _claim(row: dict[str, str]) -> Claim:
    return Claim(
        links=[row.get("loc")],
        title=row.get("title"),
        published=[row.get("publication_date")],
        updated=[row.get("lastmod")],
        lang=row.get("language"),
    )


def _index(rows: list[dict[str, str]], answer: Answer, closed: bool) -> Parsed:
    """Children, newest first; those without a date keep the document's order behind the dated ones."""
    children = []
    for row in rows:
        child = to_entry(Claim(links=[row.get("loc")], updated=[row.get("lastmod")]), answer)
        if child.url and _wanted(child.url, answer, "children") and _young(child, answer):
            children.append((str(child.updated or ""), child.url))
    more = tuple(dict.fromkeys(url for _, url in sorted(children, key=lambda pair: pair[0], reverse=True)))[:MOST_ROWS]
    why = f"an index of {len(rows)} sitemaps" + (f", {len(more)} of them wanted" if len(more) < len(rows) else "")
    if not closed:
        return Parsed((), Outcome.PARSE_PARTIAL if more else Outcome.PARSE_FAILED, why + ", cut off", more=more)
    return Parsed((), None, why, more=more)


def _wanted(url: str, answer: Answer, include: str = "include") -> bool:
    needed, refused = answer.patterns(include), answer.patterns("exclude") if include == "include" else ()
    return (not needed or any(re.search(pattern, url) for pattern in needed)) and not any(re.search(pattern, url) for pattern in refused)


def _spoken(entry: Entry, answer: Answer) -> bool:
    """An entry that does not say its language is kept."""
    wanted = answer.patterns("languages")
    return not wanted or not entry.lang or entry.lang.lower().split("-")[0] in wanted


def _young(entry: Entry, answer: Answer) -> bool:
    """Younger than the option `days`; what is undated is kept, what is older than all news ("date_out_of_range") is not."""
    days = answer.options.get("days")
    if not isinstance(days, int):
        return True
    said: When | None = entry.published or entry.updated
    if said is None:
        return "date_out_of_range" not in entry.flags
    return said.day >= (answer.now - timedelta(days=days)).date()


def _plain_list(text: str, answer: Answer) -> Parsed | None:
    """A text sitemap: one address a line, and nothing else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(PLAIN_LINE.match(line) and absolute(answer.url, line) for line in lines[:MOST_ROWS]):
        return None
    return _urls([{"loc": line} for line in lines], answer, True)
