"""What does a JSON list hold? WordPress's wp-json and others, described by the paths of their fields, and JSON Feed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.model import Outcome, Parsed
from monitor.steps.charset import decode
from monitor.steps.claims import Answer, Claim, kept, to_entry
from monitor.steps.impostors import is_html, judge
from monitor.steps.markup import one_line

DEEPEST = 12  # steps of a path
FARTHEST = 200  # characters before the document (a guard against being run as a script)

Fields = Mapping[str, str | int | bool | tuple[str, ...]]

#: WordPress REST API, which most outlets' wp-json is: what an endpoint without options gets.
WORDPRESS: Fields = {
    "items": "",
    "id": ("guid.rendered", "id"),
    "url": "link",
    "title": "title.rendered",
    "published": ("date_gmt", "date"),
    "updated": ("modified_gmt", "modified"),
    "summary": "excerpt.rendered",
    "content": "content.rendered",
    "authors": "_embedded.author.*.name",
    "lang": "lang",
}
FIELDS = ("items", "id", "url", "title", "published", "updated", "summary", "content", "authors", "lang")
START = re.compile(r"[\[{]")
UTC_FIELD = re.compile(r"_(?:gmt|utc)\Z", re.IGNORECASE)
NAIVE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\Z")


def read(answer: Answer) -> Parsed:
    """Entries of a JSON list. Options name paths: `items` ("" is the document itself), `id`, `url`, `title`, `published`, `updated`,
    `summary`, `content`, `authors`, `lang`; a path is keys joined by ".", "*" every element of a list; several are tried in order.
    `base` is what relative addresses are relative to. Without any, the fields of WordPress are used."""
    given = {name: value for name, value in answer.options.items() if name in FIELDS}
    return read_text(decode(answer.body, answer.content_type or "utf-8").text, answer, given or WORDPRESS)


def read_text(text: str, answer: Answer, fields: Fields) -> Parsed:
    """The same of decoded text. A list that is cut gives the entries that are complete."""
    start = START.search(text[:FARTHEST])
    if start is None or is_html(text[: start.start()]):
        return judge(text, answer.url, "a JSON list")
    try:
        document = json.JSONDecoder(strict=False).decode(text[start.start() :].strip().rstrip(";"))
    except (ValueError, RecursionError) as error:
        items = list(_complete(text, _paths(fields, "items")))
        trouble = f"the JSON is broken ({error})" if isinstance(error, ValueError) else "the JSON is nested too deep"
        if not items:
            return Parsed((), Outcome.PARSE_FAILED, trouble)
        return _listed(items, answer, fields, trouble=trouble)
    lists = [found for path in _paths(fields, "items") if (found := _listed_at(document, path)) is not None]
    if not lists:
        told = one_line(str(document.get("message") or document.get("error") or "")[:100]) if isinstance(document, dict) else ""
        return Parsed((), Outcome.NOT_A_FEED, f"no list at “{_paths(fields, 'items')[0]}”" + (f": {told}" if told else ""))
    return _listed(lists[0], answer, fields, title=_text(document, ("title",)) if isinstance(document, dict) else None)


def _listed(items: list[Any], answer: Answer, fields: Fields, *, title: str | None = None, trouble: str = "") -> Parsed:
    chosen = kept(items)
    claims = [_claim(item, fields, answer) for item in chosen if isinstance(item, dict)]
    troubles = [trouble] if trouble else []
    if len(claims) < len(chosen):
        troubles.append(f"{len(chosen) - len(claims)} of {len(chosen)} entries are no objects")
    if len(chosen) < len(items):
        troubles.append(f"{len(items) - len(chosen)} entries beyond the {len(chosen)} that are kept of one answer")
    problem = Outcome.PARSE_PARTIAL if troubles else None
    if items and not claims:
        problem = Outcome.PARSE_FAILED
    why = "; ".join(troubles) or ("" if claims else "the list is valid and empty")
    return Parsed(tuple(to_entry(claim, answer) for claim in claims), problem, why, title=one_line(title) or None)


def _claim(item: Mapping[str, Any], fields: Fields, answer: Answer) -> Claim:
    base = answer.options.get("base")
    return Claim(
        id=_text(item, _paths(fields, "id")),
        links=_texts(item, _paths(fields, "url")),
        base=base if isinstance(base, str) else None,
        title=_text(item, _paths(fields, "title")),
        published=_dates(item, _paths(fields, "published")),
        updated=_dates(item, _paths(fields, "updated")),
        authors=_texts(item, _paths(fields, "authors")),
        summary=_text(item, _paths(fields, "summary")),
        content=_text(item, _paths(fields, "content")),
        lang=_text(item, _paths(fields, "lang")),
    )


def _paths(fields: Fields, name: str) -> tuple[str, ...]:
    value = fields.get(name, () if name != "items" else "")
    return value if isinstance(value, tuple) else (str(value),)


def _listed_at(document: Any, path: str) -> list[Any] | None:
    found = next(_at(document, path), None)
    return found if isinstance(found, list) else None


def _at(value: Any, path: str) -> Iterator[Any]:
    """Everything that stands at a path."""
    steps = path.split(".")[:DEEPEST] if path else []
    found = [value]
    for step in steps:
        if step == "*":
            found = [each for one in found if isinstance(one, list) for each in one]
        else:
            found = [one[step] for one in found if isinstance(one, dict) and step in one]
    yield from found


def _texts(item: Any, paths: tuple[str, ...]) -> list[str]:
    """What stands at the paths and is a text or a number, in their order."""
    found = [value for path in paths for value in _at(item, path)]
    return [str(value) for value in found if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip()]


def _text(item: Any, paths: tuple[str, ...]) -> str | None:
    return next(iter(_texts(item, paths)), None)


def _dates(item: Any, paths: tuple[str, ...]) -> list[str]:
    """Dates as given; a field whose name says so is in UTC."""
    found = []
    for path in paths:
        for raw in _texts(item, (path,)):
            found.append(raw + "Z" if UTC_FIELD.search(path) and NAIVE.match(raw) else raw)
    return found


def _complete(text: str, paths: tuple[str, ...]) -> Iterator[Any]:
    """The elements of a list that can be decoded one after the other, where the whole cannot."""
    key = paths[0].rsplit(".", 1)[-1]
    opened = re.search(rf'"{re.escape(key)}"\s*:\s*\[' if key else r"\[", text)
    decoder = json.JSONDecoder(strict=False)
    position = opened.end() if opened else len(text)
    while match := re.compile(r"[\s,]*(?=\{)").match(text, position):
        try:
            value, position = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            return
        yield value
