"""What does a clean feed list? RSS 2.0 and Atom 1.0 as programs write them, read in one pass, with feedparser's answer for exactly those.

Whatever is unusual is left to feedparser, which knows what people meant by it: a quick reader that guesses would be a second opinion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from monitor.steps.xmltext import ENDLESS_TAG, permitted

LONGEST = 2_000_000  # characters of a document
MOST_ENTRIES = 1_000

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
#: Namespaces whose elements are known here, under the prefix that feedparser gives them.
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://webns.net/mvcb/": "admin",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://www.georss.org/georss": "georss",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://backend.userland.com/creativeCommonsRssModule": "creativecommons",
    ATOM: "",
}
#: Namespaces of outlets and platforms, of which nobody reads anything.
STRANGERS = {
    "http://a9.com/-/spec/opensearch/1.1/": "opensearch",
    "http://a9.com/-/spec/opensearchrss/1.0/": "opensearch",
    "http://news.yandex.ru": "yandex",
    "http://schemas.google.com/blogger/2008": "blogger",
    "http://schemas.google.com/g/2005": "gd",
    "http://ogp.me/ns#": "og",
    "http://rdfs.org/sioc/ns#": "sioc",
    "http://turbo.yandex.ru": "turbo",
    "http://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "http://www.youtube.com/xml/schemas/2015": "yt",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "com-wordpress:feed-additions:1": "wordpress",
}
FOREIGN = frozenset(STRANGERS.values())
#: What takes the text of an entry's element -> the name that feedparser gives it.
TEXTS = {
    "guid": "id",
    "id": "id",
    "title": "title",
    "description": "summary",
    "summary": "summary",
    "content": "content",
    "content_encoded": "content",
    "pubdate": "published",
    "published": "published",
    "updated": "updated",
    "dc_date": "updated",
    "dc_creator": "author",
    "author": "author",
    "link": "link",
    "feedburner_origlink": "feedburner_origlink",
}
OF_FEED = {
    "title": "title",
    "language": "language",
    "dc_language": "language",
    "ttl": "ttl",
    "sy_updateperiod": "sy_updateperiod",
    "sy_updatefrequency": "sy_updatefrequency",
}
ADDRESSES = frozenset({"id", "link", "feedburner_origlink"})
MARKED = frozenset({"title", "summary", "content"})  # what Atom gives a type
DATED = frozenset({"published", "updated"})
#: Elements that change nothing of what is read, by prefix: in entries, and in feeds beside them.
IDLE = {
    "": "category comments enclosure source post-id rights",
    "dc": "subject publisher rights identifier format type",
    "geo": "lat long",
    "itunes": "duration explicit subtitle keywords episodetype episode season block",
    "media": "content thumbnail credit group keywords copyright rating",
    "slash": "comments section department",
    "thr": "total in-reply-to",
    "wfw": "comment commentrss",
}
IDLE_IN_FEED = {
    "": "link description subtitle copyright generator docs lastbuilddate pubdate managingeditor webmaster cloud rating skiphours hour"
    " skipdays day updated id logo icon author name uri email",
    "dc": "creator date",
    "feedburner": "info emailserviceid feedburnerhostname feedflare",
    "itunes": "author owner name email summary category image type new-feed-url",
    "sy": "updatebase",
}
IMAGE = frozenset({"title", "link", "url", "width", "height", "description"})

SPELLED = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC|Z)"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
#: Controls, and prefixes that no XML name has, in places where the slow reader looks for prefixes.
ODD = re.compile(r"[\x80-\x9f]|[\s<\/][A-Za-z_](?>[A-Za-z0-9_.-]*)[^\x00-\x7f](?>[\w.-]*):(?>[\w.-]+)(?>\s*)=")
REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{2,5})|(\d{2,6}));|&#")
QUOTES = frozenset({34, 39})


def _keys(*tables: dict[str, str]) -> frozenset[str]:
    return frozenset(_key(prefix, name) for table in tables for prefix, names in table.items() for name in names.split())


def _key(prefix: str, name: str) -> str:
    return f"{prefix}_{name}" if prefix else name


BESIDE, IN_FEED = _keys(IDLE), _keys(IDLE, IDLE_IN_FEED)


@dataclass(slots=True)
class Quick:
    """A feed in the shape that feedparser gives it, as far as it is read here."""

    version: str
    feed: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)


class _UnusualError(Exception):
    """Something that only the slow reader understands."""


def read_quickly(text: str) -> Quick | None:
    """The feed, which then lists at least one entry; None where anything is unusual."""
    text = permitted(text)
    if len(text) > LONGEST or (not text.isascii() and ODD.search(text)) or ENDLESS_TAG.search(text):
        return None
    codes = _referred(text)
    if codes is None:
        return None
    reader = _Reader(quoted=not QUOTES.isdisjoint(codes))
    try:
        reader.parser.Parse(text.lstrip().encode(), True)
    except (ExpatError, _UnusualError, UnicodeEncodeError):
        return None
    found = reader.found
    return found if found is not None and found.entries and "title" in found.feed else None


def _referred(text: str) -> set[int] | None:
    """The characters that are named by number; None where one of them is not read in the same way by everybody."""
    if "&#" not in text:
        return set()
    codes = set()
    for sixteen, ten in set(REFERENCE.findall(text)):
        if not sixteen and not ten:
            return None
        code = int(sixteen, 16) if sixteen else int(ten)
        if not (0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code < 0xFDD0 or 0x1F000 <= code < 0x20000):
            return None
        codes.add(code)
    return codes


class _Reader:
    """One pass of expat, which refuses what is not well-formed; a DOCTYPE is refused here."""

    def __init__(self, *, quoted: bool) -> None:
        self.found: Quick | None = None
        self.quoted = quoted
        self.lang: str | None = None
        self.atom = False
        self.prefixes = {"": ""}  # namespace -> feedparser's prefix
        self.names: dict[str, tuple[str, str]] = {}
        self.path: list[str] = []
        self.entry: dict[str, Any] | None = None
        self.person: dict[str, str] | None = None
        self.wanted = ""  # what the text is for; its element is the innermost
        self.pieces: list[str] = []
        self.permanent = False
        parser = self.parser = ParserCreate("utf-8", namespace_separator="\n")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.refuse
        parser.StartNamespaceDeclHandler = self.declare

    def refuse(self, *_: object) -> None:
        raise _UnusualError

    def declare(self, prefix: str | None, uri: str | None) -> None:
        """Every prefix has its usual meaning, and gets it at the root."""
        if self.path or not uri or not uri.isascii():
            raise _UnusualError
        name = PREFIXES.get(uri)
        if name is None:
            name = STRANGERS.get(uri)
        if name is None or (prefix is None and uri != ATOM) or (prefix in PREFIXES.values() and prefix != name):
            raise _UnusualError
        self.prefixes[uri] = name

    def start(self, name: str, attributes: list[str]) -> None:
        if self.wanted and self.wanted != "author":
            raise _UnusualError
        if attributes:
            attributes = self.plain(attributes)
        prefix, key = self.names.get(name) or self.name(name)
        depth = len(self.path)
        entry = self.entry
        self.path.append(key)
        if entry is not None:
            self.start_in_entry(key, dict(zip(attributes[::2], attributes[1::2], strict=True)) if attributes else {}, entry, depth)
        elif depth == 0:
            self.start_root(name, attributes)
        elif name in ("item", f"{ATOM}\nentry") and not attributes and depth == (1 if self.atom else 2) and self.atom == ("\n" in name):
            assert self.found is not None
            self.entry = {}
            self.found.entries.append(self.entry)
            if len(self.found.entries) > MOST_ENTRIES:
                raise _UnusualError
        elif depth == 1 and not self.atom:
            if name != "channel" or attributes or self.path != ["rss", "channel"] or (self.found and self.found.feed):
                raise _UnusualError
        else:
            self.start_in_feed(key, attributes, prefix, depth)

    def name(self, name: str) -> tuple[str, str]:
        """The prefix of an element, and its name as feedparser has it; they stay the same for all of a document."""
        if not name.isascii():
            raise _UnusualError
        uri, _, local = name.rpartition("\n")
        prefix = self.prefixes[uri]
        self.names[name] = prefix, _key(prefix, local.lower())
        return self.names[name]

    def plain(self, attributes: list[str]) -> list[str]:
        """Names in lower case, as feedparser reads them; what changes the meaning of others is refused."""
        for place in range(0, len(attributes), 2):
            name, value = attributes[place], attributes[place + 1]
            local = name.rpartition("\n")[2].lower()
            if not name.isascii() or ">" in value or (self.quoted and ("'" in value or '"' in value)):
                raise _UnusualError
            if local == "base" or (local == "lang" and (self.path or name != f"{XML}\nlang")):
                raise _UnusualError
            attributes[place] = local if "\n" not in name else name.lower()
        return attributes

    def start_root(self, name: str, attributes: list[str]) -> None:
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self.lang = given.pop(f"{XML}\nlang".lower(), None)
        self.atom = name == f"{ATOM}\nfeed"
        if self.lang == "" or (self.atom and given) or (not self.atom and (name != "rss" or not given.get("version", "").startswith("2."))):
            raise _UnusualError
        if self.lang:
            self.lang = self.lang.replace("_", "-")
        self.found = Quick("atom10" if self.atom else "rss20", {"language": self.lang} if self.lang else {})

    def start_in_feed(self, key: str, attributes: list[str], prefix: str, depth: int) -> None:
        assert self.found is not None
        if self.found.entries or key in ("item", "entry"):
            raise _UnusualError
        inner = 1 if self.atom else 2
        if depth == inner and key in OF_FEED:
            name = OF_FEED[key]
            if name in self.found.feed or (attributes and (name != "title" or not self.typed(attributes))):
                raise _UnusualError
            self.take(name)
        elif depth == inner + 1 and self.path[inner] == "image":
            if key not in IMAGE or attributes:
                raise _UnusualError
        elif prefix not in FOREIGN and key not in IN_FEED and (depth != inner or key != "image" or attributes or self.atom):
            raise _UnusualError
        elif key in ("pubdate", "lastbuilddate", "updated", "dc_date"):
            self.take("date")
        elif self.path[inner] in ("link", "description", "subtitle") and depth > inner:
            raise _UnusualError

    def typed(self, attributes: list[str]) -> bool:
        """Whether the attributes are no more than Atom's type, of texts that need no look inside."""
        return self.atom and attributes[::2] == ["type"] and attributes[1].lower() in ("text", "html")

    def start_in_entry(self, key: str, attributes: dict[str, str], entry: dict[str, Any], depth: int) -> None:
        inner = 2 if self.atom else 3
        if self.wanted == "author":
            self.start_in_author(key, attributes, depth - inner)
            return
        name = TEXTS.get(key)
        if depth > inner or name is None:
            if key not in BESIDE and key.partition("_")[0] not in FOREIGN:
                raise _UnusualError
            return
        if key == "link" and attributes:
            self.linked(attributes, entry)
            return
        if name in entry and name != "author":
            raise _UnusualError
        if key == "guid" and set(attributes) <= {"ispermalink"}:
            self.permanent = attributes.get("ispermalink", "true") == "true"
        elif name == "id" and not attributes:
            self.permanent = True
        elif attributes and not (name in MARKED and self.typed([pair for item in attributes.items() for pair in item])):
            raise _UnusualError
        if name == "link" and "links" in entry:
            raise _UnusualError
        if name == "author":
            self.person = None
        self.take(name)

    def start_in_author(self, key: str, attributes: dict[str, str], depth: int) -> None:
        if not self.atom or attributes or depth != 1 or key not in ("name", "uri", "email"):
            raise _UnusualError
        if "".join(self.pieces).strip():
            raise _UnusualError
        self.person = {} if self.person is None else self.person
        if key in self.person or (key != "name" and "name" not in self.person):
            raise _UnusualError
        self.person[key] = ""
        self.wanted, self.pieces = key, []

    def linked(self, attributes: dict[str, str], entry: dict[str, Any]) -> None:
        """Atom's links: the last one to a page is the entry's."""
        href = attributes.get("href")
        if not href or not self.usual_address(href) or "url" in attributes or "uri" in attributes or ("link" in entry and not self.atom):
            raise _UnusualError
        rel = attributes.get("rel", "alternate").lower()
        kind = attributes.get("type", "application/atom+xml" if rel == "self" else "text/html").lower()
        entry.setdefault("links", []).append({"rel": rel, "href": href})
        if rel == "alternate" and kind in ("text/html", "html", "xhtml", "application/xhtml+xml"):
            entry["link"] = href

    @staticmethod
    def usual_address(text: str) -> bool:
        return ":///" not in text and not ("&" in text and ";" in text)

    def take(self, name: str) -> None:
        self.wanted, self.pieces = name, []

    def characters(self, text: str) -> None:
        if self.wanted:
            self.pieces.append(text)

    def end(self, _: str) -> None:
        key = self.path.pop()
        if not self.wanted:
            if self.entry is not None and key in ("item", "entry"):
                self.finish(self.entry)
                self.entry = None
            return
        name, text = self.wanted, "".join(self.pieces).strip()
        self.wanted, self.pieces = "", []
        if not text.isascii():
            _not_doubled(text)
        if self.entry is None:
            self.end_in_feed(name, text)
        elif key == "author" and name == "author" and self.person is not None:
            if text or "name" not in self.person:
                raise _UnusualError
        elif name in ("name", "uri", "email") and self.person is not None:
            self.end_in_author(name, text, self.entry)
        else:
            self.end_in_entry(name, text, self.entry)

    def end_in_feed(self, name: str, text: str) -> None:
        assert self.found is not None
        if name == "date":
            if not SPELLED.fullmatch(text):
                raise _UnusualError
        else:
            self.found.feed[name] = text

    def end_in_author(self, name: str, text: str, entry: dict[str, Any]) -> None:
        if name == "name":
            self.named(text, entry)
        self.wanted = "author"

    def named(self, text: str, entry: dict[str, Any]) -> None:
        if not text or "@" in text:
            raise _UnusualError
        entry.setdefault("authors", []).append({"name": text})

    def end_in_entry(self, name: str, text: str, entry: dict[str, Any]) -> None:
        if name == "author":
            if self.atom:  # whose authors are elements; feedparser mixes them up with those that are texts
                raise _UnusualError
            self.named(text, entry)
            return
        if (name in DATED and not SPELLED.fullmatch(text)) or (name in ADDRESSES and not self.usual_address(text)):
            raise _UnusualError
        if name == "link":
            entry["links"] = [{"rel": "alternate", "href": text}] if text else []
        entry[name] = [self.detail(text)] if name == "content" else text
        if name in ("title", "summary"):
            entry[name + "_detail"] = self.detail(text)

    def detail(self, text: str) -> dict[str, Any]:
        return {"value": text, "language": self.lang}

    def finish(self, entry: dict[str, Any]) -> None:
        """What one element says in place of another that is not there."""
        if "id" in entry and self.permanent:
            entry.setdefault("link", entry["id"])
        if "content" in entry:
            entry.setdefault("summary", entry["content"][0]["value"])


def _not_doubled(text: str) -> None:
    """UTF-8 that was read as Latin-1: feedparser undoes that."""
    try:
        text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return
    raise _UnusualError
