"""Which reader reads what an endpoint answered, and when are two of its entries the same? A new kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING

from monitor.model import EndpointKind, Entry, Outcome, Parsed
from monitor.steps.urls import canonical

if TYPE_CHECKING:
    from monitor.steps.claims import Answer, Options

#: Kind -> the file of steps/ whose read() reads it; imported when it is needed.
READERS: Mapping[EndpointKind, str] = {
    EndpointKind.FEED: "feeds",
    EndpointKind.SITEMAP: "sitemaps",
    EndpointKind.TELEGRAM: "telegram",
    EndpointKind.JSON: "jsonlists",
    EndpointKind.LISTING: "listings",
}
NO_OPTIONS: Options = {}


def parse(
    kind: EndpointKind,
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    now: datetime,
    languages: Sequence[str] = (),
    options: Options = NO_OPTIONS,
) -> Parsed:
    """Entries of an answer, whatever its bytes: what is wrong is told in `problem` and `why`, nothing is raised for it.

    `url` is the final one, `content_type` the header, `languages` and `options` the endpoint's. An empty `entries` with
    `problem` None is a valid answer that lists nothing; whether that is usual is not judged here.
    """
    if not body.strip():
        return Parsed((), Outcome.PARSE_FAILED, "an empty answer")
    from monitor.steps.claims import Answer

    read: Callable[[Answer], Parsed] = import_module(f"monitor.steps.{READERS[kind]}").read
    return read(Answer(body, url, content_type, now, languages, options))


def is_blank(entry: Entry) -> bool:
    """Whether an entry says nothing at all: there was one, and that is all that can be known of it."""
    return not any((entry.id, entry.url, entry.title, entry.summary, entry.content))


def identity(entry: Entry) -> str:
    """What an entry is known by inside its source: its id, else its canonical address, else a hash of what it says.

    An id that is an address stays as it is but for its scheme, so that a move to https brings nothing back.
    """
    if entry.id:
        return "https://" + entry.id[7:] if entry.id.startswith("http://") else entry.id
    return canonical(entry.url) if entry.url else "sha256:" + content_hash(entry)


def content_hash(entry: Entry) -> str:
    """Changes when the title or a text changes; white space does not count."""
    said = "\x1f".join([" ".join(text.split()) if text else "" for text in (entry.title, entry.summary, entry.content)])
    return sha256(said.encode("utf-8", "replace")).hexdigest()
