"""How is text from outside shown so that it harms nobody: on a terminal, in Markdown, in HTML, in JSON?

Titles, leads and links are written by strangers. Templates are filled by `fill` alone, which cleans every value for the form
it goes into, so that no template can forget to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from monitor.model import Article, Hit, When, utc_text
from monitor.steps import urls

if TYPE_CHECKING:
    from jinja2 import Environment

AROUND = 240  # characters of a sentence that are shown on each side of a match
MOST_QUOTES = 3  # sentences shown of one article
URL_MOST = 2000  # characters; a longer address is no link
MOST_NAMES = 12  # names that a list tells before it counts

_SPACE = re.compile(r"[^\S\xa0\u202f]+")  # French sets its punctuation off with the two that stay
_CONTROLS = {c: 0x2400 + c for c in range(0x20)} | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
#: Marks that turn or hide text: bidi controls, zero-width space and joiner of words, soft hyphen, BOM, invisible tags.
_UNSEEN = (0x61C, 0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xE0000, 0xE0080))
_BROKEN = dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF], 0xFFFD)  # lone surrogates and what XML has no place for
_PLAIN = {**_CONTROLS, **dict.fromkeys(_UNSEEN), **_BROKEN}
#: What a terminal may act on though JSON needs no escape for it.
_ACTIVE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# Every mark that can open something in CommonMark or in what sites build upon it: tables, mentions, mathematics, bare links.
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&@$^]|^[-+=]|[:.](?=\S)")
_MARKDOWN_NUMBER = re.compile(r"^(\d+)([.)])")
_LINK_SAFE = "/:?#@!$&+,;=%~"

# The end of a sentence: not after a single letter (an initial, "г."), and not before a small letter ("тыс. человек").
_SENTENCE_END = re.compile(r"(?<!\b\w)[.!?…]+(?:\s?»|[\"”’)\]])*\s+(?![a-zà-ÿа-яёіїєґў])|\n+")


def plain(text: str) -> str:
    """One line that a terminal, a log or a mail can show: controls become symbols, bidi and hidden marks go, spaces fold to one.

    The ends are not stripped, so that the parts of a sentence can be cleaned apart.
    """
    return _SPACE.sub(" ", text).translate(_PLAIN)


def markdown(text: str) -> str:
    """`text` as CommonMark that shows exactly it, and begins no list, heading, link, mention or tag."""
    return _MARKDOWN_NUMBER.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\g<0>", plain(text)))


def cut(text: str, most: int) -> str:
    """At most `most` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def names(those: Sequence[str], most: int = MOST_NAMES) -> str:
    """`A, B and 5 more`."""
    more = len(those) - most
    return ", ".join(those) if more <= 0 else f"{', '.join(those[:most])} and {more} more"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 story`, `1,204 entries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Link:
    """An http(s) address that may be clicked, and the host it leads to, in ASCII so that no look-alike letter hides."""

    url: str
    domain: str


def link(url: str | None) -> Link | None:
    """None for what is no web address: `javascript:`, `data:`, no host, user names in it, spaces or controls, too long."""
    if not url or len(url) > URL_MOST or plain(url) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    domain = urls.host(url)
    if parts.scheme not in ("http", "https") or not domain or "@" in parts.netloc or "\\" in parts.netloc:
        return None
    return Link(url, domain)


def _markdown_url(url: str) -> str:
    """An address for `[…](…)`: what could end it, or open markup, goes as percent signs, and `&` begins no entity."""
    return percent(url, safe=_LINK_SAFE).replace("&", "&amp;")


# ── the words in their sentence ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Snippet:
    """A match in its sentence. An ellipsis stands where the sentence was cut."""

    before: str
    match: str
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of one field, with every match in it marked. The parts joined are the sentence."""

    field: str  # title, lead, text
    parts: tuple[Part, ...]


def snippet(text: str, start: int, end: int, around: int = AROUND) -> Snippet:
    """The sentence around text[start:end], with at most `around` characters before and after the match. Not cleaned."""
    here = _sentence(text, start, end, around)
    return Snippet(here.head + text[here.first : start], text[start:end], text[end : here.last] + here.tail)


def quotes(article: Article, hits: Sequence[Hit], most: int = MOST_QUOTES) -> tuple[Quote, ...]:
    """The sentences that made the rules fire: the lead's, then the text's, and the title's where there is no other.

    Sentences that overlap are one; a sentence that stands in lead and text is shown once. Hits outside their field are left out.
    """
    found: list[Quote] = []
    for field in ("lead", "text", "title"):
        if field == "title" and found:
            break
        text = str(getattr(article, field))
        places = sorted({(hit.start, hit.end) for hit in hits if hit.field == field and 0 <= hit.start < hit.end <= len(text)})
        for quoted in _quoted(field, text, places):
            if all(quoted.parts != other.parts for other in found):
                found.append(quoted)
    return tuple(found[:most])


def marked(text: str, places: Sequence[tuple[int, int]]) -> tuple[Part, ...]:
    """The whole of a text, these places in it marked; what lies outside it is left out."""
    inside = sorted({(start, end) for start, end in places if 0 <= start < end <= len(text)})
    return _parts(text, _Sentence(0, len(text)), inside)


def _quoted(field: str, text: str, places: Sequence[tuple[int, int]]) -> Iterator[Quote]:
    """The sentences of `places`, which are in order; those that overlap become one."""
    group: list[tuple[int, int]] = []
    whole: _Sentence | None = None
    for start, end in places:
        here = _sentence(text, start, end, AROUND)
        if whole and here.first < whole.last:
            longer = here if here.last > whole.last else whole
            whole = replace(whole, last=longer.last, tail=longer.tail)
            group.append((start, end))
            continue
        if whole:
            yield Quote(field, _parts(text, whole, group))
        whole, group = here, [(start, end)]
    if whole:
        yield Quote(field, _parts(text, whole, group))


def _parts(text: str, sentence: _Sentence, places: Sequence[tuple[int, int]]) -> tuple[Part, ...]:
    parts = [Part(sentence.head, False)]
    at = sentence.first
    for start, end in places:
        if end > at and start <= at and parts[-1].marked:  # matches that touch or overlap are one mark
            parts[-1] = Part(parts[-1].text + text[at:end], True)
        elif end > at:
            parts += [Part(text[at : max(at, start)], False), Part(text[max(at, start) : end], True)]
        at = max(at, end)
    parts += [Part(text[at : sentence.last] + sentence.tail, False)]
    return tuple(part for part in parts if part.text)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """text[first:last], and the ellipsis on either side where that is not the whole sentence."""

    first: int
    last: int
    head: str = ""
    tail: str = ""


def _sentence(text: str, start: int, end: int, around: int) -> _Sentence:
    """The sentence of text[start:end], or of it what is no further away than `around`, cut between words."""
    floor, roof = max(0, start - around), min(len(text), end + around)
    first, head = floor, "…" if floor else ""
    for ending in _SENTENCE_END.finditer(text, floor, start):
        first, head = ending.end(), ""
    if head and (space := _SPACE.search(text, floor, start)):
        first = space.end()
    if after := _SENTENCE_END.search(text, end, roof):
        return _Sentence(first, after.start() + len(after.group().rstrip()), head)
    if roof == len(text):
        return _Sentence(first, roof, head)
    spaces = [space.start() for space in _SPACE.finditer(text, end, roof)]
    return _Sentence(first, spaces[-1] if spaces else roof, head, " …")


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_json(value: object, indent: int | None = 2) -> str:
    """JSON of nouns, mappings and sequences, in their own order; times in UTC. Lone surrogates become U+FFFD (offsets stay),
    and what a terminal may act on is escaped."""
    return disarmed(json.dumps(_tree(value), ensure_ascii=False, indent=indent))


def disarmed(text: str) -> str:
    """JSON that says the same, without a character that a terminal may act on."""
    return _ACTIVE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def tree(noun: object) -> dict[str, object]:
    """A noun as what JSON knows, its fields in their order."""
    made = _tree(noun)
    assert isinstance(made, dict)
    return made


def _tree(value: object) -> object:
    if isinstance(value, str):
        return str(value).translate(_BROKEN)
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date | When):
        return str(value)
    if is_dataclass(value):
        return {field.name: _tree(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key).translate(_BROKEN): _tree(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_tree(inner) for inner in value]
    return value


def fill(template: str, values: Mapping[str, object]) -> str:
    """A template of monitor/templates, filled. Its ending says how every value is cleaned: .txt, .md or .html."""
    return _environment(template.rsplit(".", 1)[1]).get_template(template).render(values)


@cache
def _environment(form: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    clean: Callable[[str], str] = markdown if form == "md" else plain

    def finalize(value: object) -> object:
        return value if isinstance(value, Markup) else clean("" if value is None else str(value))

    environment = Environment(
        loader=PackageLoader("monitor"),
        autoescape=form == "html",  # noqa: S701 the other two forms are cleaned by finalize
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"names": names, "link": link}
    if form == "md":
        # The one value that is not text: an address that was made safe for its brackets.
        environment.filters["target"] = lambda url: Markup(_markdown_url(url))  # noqa: S704
    return environment
