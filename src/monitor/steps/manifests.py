"""What was fetched and stored on one day? A manifest: JSON Lines, the first of which names the day and the manifest before it.

    {"manifest": "2026-11-24", "before": SHA-256 of the manifest of 2026-11-23, "fetches": 1, "texts": 1, "removed": 0}
    {"fetch": 17, "at": TIME, "body": SHA-256 of the bytes that came, "record": SHA-256 of the record of the fetch}
    {"item": 42, "version": 1, "at": TIME, "fetch": 17, "text": SHA-256 of what was read}
    {"removed": SHA-256 of bytes that retention took, "at": TIME, "why": WORDS}

Whoever holds one manifest can tell whether anything of that day or of any day before was changed later. It holds no address, title or
name, so that it can be given away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class FetchLine:
    fetch: int
    at: str
    body: str
    record: str


@dataclass(frozen=True, slots=True)
class TextLine:
    item: int
    version: int
    at: str
    fetch: int | None
    text: str


@dataclass(frozen=True, slots=True)
class RemovalLine:
    removed: str
    at: str
    why: str


Line = FetchLine | TextLine | RemovalLine
#: By the key that only one kind has, the most telling first: a text names its fetch too.
_KINDS: dict[str, type[Line]] = {"item": TextLine, "fetch": FetchLine, "removed": RemovalLine}


def manifest(
    day: date, before: str | None, fetches: Iterable[FetchLine], texts: Iterable[TextLine], removals: Iterable[RemovalLine]
) -> str:
    """The manifest of a day; the same lines give the same text. `before` is the digest of the day before's, None for the first."""
    fetches, texts, removals = list(fetches), list(texts), list(removals)
    counts = {"fetches": len(fetches), "texts": len(texts), "removed": len(removals)}
    lines: list[Line] = [*fetches, *texts, *removals]
    listed = [{"manifest": day.isoformat(), "before": before, **counts}, *(asdict(line) for line in lines)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in listed)


def digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def before(text: str) -> str | None:
    """The digest of the manifest before this one. Raises ValueError for what is no manifest."""
    values = _read(text.partition("\n")[0])
    if "manifest" not in values or not isinstance(found := values.get("before"), str | None):
        raise ValueError("its first line names no day")
    return found


def lines(text: str) -> Iterator[Line]:
    """What a manifest lists. Raises ValueError for what is no manifest."""
    for line in text.splitlines()[1:]:
        values = _read(line)
        kind = next((kind for key, kind in _KINDS.items() if key in values), None)
        try:
            assert kind is not None
            yield kind(**values)
        except (TypeError, AssertionError) as error:
            raise ValueError(f"no line of a manifest: {line[:80]}") from error


def _read(line: str) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError(f"no line of a manifest: {line[:80]}")
    return values
