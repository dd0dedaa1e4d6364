"""Texts in, judgements out: the way of an article without network and database, copies and stories found within the run."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from monitor.errors import WorkError
from monitor.model import Article, Entry, Likeness, Prints, Source, When, unlisted
from monitor.ports import Executor, Rules
from monitor.steps import decide, dedup, extract, figures, fingerprints, origins, records, stories
from monitor.steps.language import language_of

AHEAD = 16  # pages under way at once
PAGE_DEADLINE = 20.0  # seconds for one page
MOST_LIKE = 20

Emit = Callable[[records.Record], None]


async def analyze(
    lines: Iterable[bytes], rules: Rules, sources: Mapping[str, Source], executor: Executor, now: datetime, emit: Emit
) -> int:
    """Judges each line (see the contract) and emits a record for each, in order. Returns how many could not be read."""
    run = _Run(rules, sources)
    waiting: deque[tuple[dict[str, Any], Awaitable[Article]]] = deque()
    wrong = 0

    async def emit_first() -> int:
        given, article = waiting.popleft()
        try:
            emit(run.judged(given, await article))
        except (WorkError, _UnreadableError) as error:
            emit({"id": given.get("id"), "error": str(error)})
            return 1
        return 0

    for line in lines:
        if not line.strip():
            continue
        given = _given(line)
        waiting.append((given, asyncio.ensure_future(_article(given, sources, executor, now))))
        if len(waiting) >= AHEAD:
            wrong += await emit_first()
    while waiting:
        wrong += await emit_first()
    return wrong


class _UnreadableError(Exception):
    """A line that is no record; the message says what is missing."""


def _given(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        return {"error": f"is not JSON: {error}"}
    return given if isinstance(given, dict) else {"error": "is no JSON object"}


async def _article(given: dict[str, Any], sources: Mapping[str, Source], executor: Executor, now: datetime) -> Article:
    if "error" in given:
        raise _UnreadableError(given["error"])
    texts = {
        key: value for key in ("title", "text", "html", "url", "lang", "published", "source") if isinstance(value := given.get(key), str)
    }
    if not (texts.get("title") or texts.get("text") or texts.get("html")):
        raise _UnreadableError("needs a title, a text or html")
    source = sources.get(texts.get("source", ""))
    languages = (texts["lang"],) if "lang" in texts else source.languages if source else ()
    title = texts.get("title", "")
    if "html" in texts:
        work = partial(extract.read_html, texts["html"], texts.get("url", ""), languages, now)
        article = await executor.run(work, deadline=PAGE_DEADLINE)
    else:
        lang = texts.get("lang") or language_of(title, texts.get("text", ""), languages)
        article = Article(title, "", texts.get("text", ""), lang=lang)
    return decide.completed(article, Entry(title=title or None, published=When.parse(texts.get("published"))))


@dataclass
class _Run:
    """What was read so far in this run, so that copies and stories are found among its own lines."""

    rules: Rules
    sources: Mapping[str, Source]
    names: list[str] = field(default_factory=list)  # ids by position
    told: list[int] = field(default_factory=list)  # position of the story's first item, by position
    prints: list[Prints] = field(default_factory=list)
    grouping: stories.Grouping = field(default_factory=stories.Grouping)
    index: dict[int, list[int]] = field(default_factory=dict)  # sketch value -> positions

    def judged(self, given: dict[str, Any], article: Article) -> records.Record:
        source = self.sources.get(str(given.get("source"))) or unlisted("")
        printed = fingerprints.prints(article.body)
        relation = dedup.relate(printed, self._alike(printed))
        position = len(self.names)
        day = article.published.day if article.published else None
        story = self.grouping.place(position, stories.candidate(article.title, article.body, day), relation.story).story
        self._remember(str(given.get("id")), printed, story)
        said = origins.attributions(article.text, tuple(self.sources.values()))
        return {
            "id": given.get("id"),
            "url": given.get("url"),
            **records.article(article),
            **records.judgement(self.rules.judge(article, war=source.war)),
            "figures": [records.figure(one) for one in figures.figures(article.text, article.lang, said)],
            "attributions": [records.attribution(one) for one in said],
            "duplicate_of": None if relation.duplicate_of is None else self.names[relation.duplicate_of],
            "story": self.names[story],
        }

    def _alike(self, printed: Prints) -> list[Likeness]:
        shared = Counter(position for value in printed.sketch for position in self.index.get(value, ()))
        found = []
        for position, _ in shared.most_common(MOST_LIKE):
            other = self.prints[position]
            contained, contains = fingerprints.compare(printed.sketch, other.sketch)
            found.append(Likeness(position, contained, contains, printed.exact == other.exact, self.told[position]))
        return found

    def _remember(self, name: str, printed: Prints, story: int) -> None:
        position = len(self.names)
        self.names.append(name)
        self.prints.append(printed)
        self.told.append(story)
        for value in printed.sketch:
            self.index.setdefault(value, []).append(position)
