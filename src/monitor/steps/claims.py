"""How does what an endpoint claims become an Entry? One place for plain texts, absolute links, dates with their doubts, and bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.model import Entry, When
from monitor.steps.dates import read_date
from monitor.steps.markup import one_line, plain
from monitor.steps.urls import absolute

MOST_ENTRIES = 5_000  # of one answer
LONGEST_TITLE = 1_000  # characters, as all that follow
LONGEST_SUMMARY = 20_000
LONGEST_CONTENT = 400_000
LONGEST_ID = 1_000
LONGEST_NAME = 200
MOST_AUTHORS = 20

#: The flag of an entry that the end of the answer cut: what stands of it is read, and the rest comes with the next look.
CUT_OFF = "cut_off"

T = TypeVar("T")
Options = Mapping[str, str | int | bool | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered, as its reader gets it."""

    body: bytes
    url: str  # after redirects: links are relative to it
    content_type: str | None
    now: datetime
    languages: Sequence[str] = ()
    options: Options = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo | None:
        """The curator's zone for times that come without one (option `timezone`)."""
        name = self.options.get("timezone")
        try:
            return ZoneInfo(name) if isinstance(name, str) and name else None
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def patterns(self, name: str) -> tuple[str, ...]:
        """An option that is one text or several."""
        value = self.options.get(name, ())
        return value if isinstance(value, tuple) else (str(value),)


@dataclass(frozen=True, slots=True)
class Claim:
    """One entry as the endpoint gives it: texts are markup, links and dates raw, the best first."""

    id: str | None = None
    links: Sequence[str | None] = ()
    base: str | None = None  # what the links are relative to; None is the answer's own address
    title: str | None = None
    published: Sequence[str | None] = ()
    updated: Sequence[str | None] = ()
    authors: Sequence[str | None] = ()
    summary: str | None = None
    content: str | None = None
    lang: str | None = None
    flags: tuple[str, ...] = ()


def to_entry(claim: Claim, answer: Answer) -> Entry:
    """The claim, made safe. What could not be taken over is told by a flag: "link_refused", "no_link", "link_from_id", "undated",
    the flags of read_date(), and "title_cut", "summary_cut", "content_cut"."""
    flags = list(claim.flags)
    name = _name(claim.id)
    url = _link(claim, name, answer, flags)
    published = _date(claim.published, answer, flags)
    updated = _date(claim.updated, answer, flags)
    if not published and not updated and not any([*claim.published, *claim.updated]):
        flags.append("undated")
    content = _cut(plain(claim.content), LONGEST_CONTENT, "content_cut", flags)
    summary = _cut(plain(claim.summary), LONGEST_SUMMARY, "summary_cut", flags)
    if content and content == summary:
        summary = None
    names = dict.fromkeys(one_line(author)[:LONGEST_NAME] for author in claim.authors)
    return Entry(
        id=name,
        url=url,
        title=_cut(one_line(claim.title), LONGEST_TITLE, "title_cut", flags),
        published=published,
        updated=updated,
        authors=tuple(name for name in names if name)[:MOST_AUTHORS],
        summary=summary,
        content=content,
        lang=(claim.lang or "").strip()[:LONGEST_NAME] or None,
        flags=tuple(dict.fromkeys(flags)),
    )


def kept(rows: Sequence[T], most: int = MOST_ENTRIES) -> Sequence[T]:
    """The rows, or the first and the last half of `most`: whichever way they are sorted, the newest are among them."""
    return rows if len(rows) <= most else [*rows[: most - most // 2], *rows[-(most // 2) :]]


def _name(raw: str | None) -> str | None:
    """The publisher's id on one line; an endless one keeps its beginning and a hash of the whole."""
    text = one_line(raw)
    if len(text) > LONGEST_ID:
        text = text[: LONGEST_ID - 65] + "#" + sha256(text.encode("utf-8", "replace")).hexdigest()
    return text or None


def _link(claim: Claim, name: str | None, answer: Answer, flags: list[str]) -> str | None:
    given = [link for link in claim.links if link and link.strip()]
    base = absolute(answer.url, claim.base) or answer.url
    for link in given:
        if found := absolute(base, link):
            return found
    if name and name.lower().startswith(("http://", "https://")) and (found := absolute(base, name)):
        flags.append("link_from_id")
        return found
    flags.append("link_refused" if given else "no_link")
    return None


def _date(given: Sequence[str | None], answer: Answer, flags: list[str]) -> When | None:
    """The first of the dates that can be read; its doubts, or else all of theirs, become flags."""
    doubts: list[str] = []
    for raw in given:
        dated = read_date(raw, languages=answer.languages, now=answer.now, zone=answer.zone)
        if dated.when:
            flags.extend(dated.flags)
            return dated.when
        doubts.extend(dated.flags)
    flags.extend(doubts)
    return None


def _cut(text: str, longest: int, flag: str, flags: list[str]) -> str | None:
    if len(text) > longest:
        flags.append(flag)
        text = text[:longest].rstrip()
    return text or None
