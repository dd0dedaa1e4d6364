"""Which feeds does an OPML file name, and how is our catalogue told in one? (opml.org/spec2: outlines with type, text, xmlUrl.)

The file is searched for its outlines and never handed to an XML parser: there are no entities to expand, no DOCTYPE to follow and no
nesting to be lost in, and what is broken loses no more than itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from monitor.model import Endpoint, EndpointKind, Source
from monitor.steps.charset import decode
from monitor.steps.display import cut, plain
from monitor.steps.xmltext import cleaned

MOST_BYTES = 10 * 1024 * 1024  # of a file that is read
MOST_OUTLINES = 5_000  # feeds that are taken of one file; the others are counted
LONGEST_VALUE = 4_096  # characters of an attribute that are looked at
LONGEST_TITLE = 200

NAMESPACE = "urn:monitor:sources"  # of attributes beside OPML's own: what a feed reader does not know of a source
#: Possessive, so that a hostile file is gone over once.
OUTLINE = re.compile(r"""<outline\b((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""(?<![\w.:-])([A-Za-z_][\w.:-]*+)\s*+=\s*+(?:"([^"<]*+)"|'([^'<]*+)')""")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed that a file names. `own` are our attributes, by name, where the file came from us."""

    url: str
    title: str
    homepage: str
    own: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outlines:
    """`beyond`: feeds past MOST_OUTLINES, which were left out. `problem`: why there are none, else empty."""

    feeds: tuple[Outline, ...]
    beyond: int = 0
    problem: str = ""


def read(body: bytes) -> Outlines:
    """The feeds of an OPML file in its order, in whatever charset it is. Never raises for what stands in it; a body beyond MOST_BYTES
    is for the caller to refuse."""
    text = cleaned(decode(body).text.replace("<!ENTITY", "<!entity"))  # none is defined, so none can grow
    feeds: list[Outline] = []
    beyond = 0
    for found in OUTLINE.finditer(text):
        attributes = {
            name.lower(): html.unescape((double or single)[:LONGEST_VALUE]).strip()
            for name, double, single in ATTRIBUTE.findall(found.group(1))
        }
        if not attributes.get("xmlurl"):
            continue
        if len(feeds) == MOST_OUTLINES:
            beyond += 1
            continue
        own = {name.partition(":")[2]: value for name, value in attributes.items() if name.startswith("monitor:")}
        title = cut(plain(attributes.get("title") or attributes.get("text") or "").strip(), LONGEST_TITLE)
        feeds.append(Outline(attributes["xmlurl"], title, attributes.get("htmlurl", ""), own))
    if not feeds:
        return Outlines((), 0, "no outline with an xmlUrl stands in it: is it an OPML file?")
    return Outlines(tuple(feeds), beyond)


def write(sources: Iterable[Source], now: datetime) -> str:
    """OPML 2.0 with the enabled feeds of enabled sources; what is no feed, no reader of OPML could use."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:monitor="{NAMESPACE}">',
        f"<head><title>monitor</title><dateCreated>{format_datetime(now)}</dateCreated></head>",
        "<body>",
    ]
    lines += [_outline(source, endpoint) for source in sources for endpoint in feeds(source)]
    return "\n".join([*lines, "</body>", "</opml>", ""])


def feeds(source: Source) -> list[Endpoint]:
    """The endpoints of a source that OPML can tell of."""
    return [endpoint for endpoint in source.endpoints if source.enabled and endpoint.enabled and endpoint.kind is EndpointKind.FEED]


def _outline(source: Source, endpoint: Endpoint) -> str:
    language = endpoint.lang or (source.languages[0] if len(source.languages) == 1 else "")
    attributes = {
        "type": "rss",
        "text": source.name,
        "title": source.name,
        "xmlUrl": endpoint.url,
        "htmlUrl": source.homepage,
        "language": language,
        "monitor:id": source.id,
        "monitor:group": source.group,
        "monitor:kind": source.kind.value,
        "monitor:languages": ",".join(source.languages),
        "monitor:role": endpoint.role.value,
        "monitor:every": str(int(endpoint.every.total_seconds())),
        "monitor:lang": endpoint.lang or "",
    }
    return "<outline " + " ".join(f'{name}="{html.escape(plain(value))}"' for name, value in attributes.items() if value) + "/>"
