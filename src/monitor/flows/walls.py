"""One text under several addresses of a host -> a wall, though no single page shows it; what was taken for articles is put right."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.model import Article, Decision, EntryState, Item, Quality, Source, Waiting, unlisted
from monitor.ports import Reread, World
from monitor.steps import decide, extract, fingerprints, urls, walls

MOST_SAME = 50  # older items with one body that are looked at
TRIED_AGAIN = timedelta(minutes=30)  # after it was recognised

log = logging.getLogger(__name__)


def unmasked(world: World, article: Article, url: str, told: str) -> Article:
    """The article, or the wall that it turns out to be. `told` is the title that its entry had: a wall stands under many.

    Synchronous, so that of three pages read at one moment the third sees the other two.
    """
    host, body = urls.host(url), fingerprints.body_print(article.text)
    article = known_wall(world, article, url)
    if article.quality is not Quality.FULL or body is None or not host:
        return article
    same = world.store.same_body(body, host, MOST_SAME)
    claims = [walls.Claim(urls.canonical(url) or url, told or article.title, article.canonical_url), *(_claim(*pair) for pair in same)]
    why = walls.shared(claims)
    if not why:
        return article
    log.warning("%s: %s: a wall, not an article", host, why)
    now = world.clock.now()
    world.store.save_wall(host, body, _put_right(world, same, f"a wall, not the article: {why} of {host}"), now + TRIED_AGAIN, now)
    return _wall(article, f"{why} of {host}")


def known_wall(world: World, article: Article, url: str) -> Article:
    """The article, or the wall that its text was found to be before."""
    host, body = urls.host(url), fingerprints.body_print(article.text)
    if article.quality is Quality.FULL and body is not None and host and world.store.is_wall(host, body):
        return _wall(article, f"the text that stands under many addresses of {host}")
    return article


def _claim(item: Item, waiting: Waiting) -> walls.Claim:
    return walls.Claim(urls.canonical(item.url or "") or "", waiting.entry.title or item.article.title, item.article.canonical_url)


def _wall(article: Article, why: str) -> Article:
    return replace(article, text="", lead="", quality=Quality.WALL, notes=(*article.notes, f"wall: {why}"))


def _put_right(world: World, same: Sequence[tuple[Item, Waiting]], why: str) -> dict[int, Reread]:
    """By item: the feed's own text, marked, which takes the place of the wall's."""
    found = {}
    for item, waiting in same:
        source: Source = world.sources.get(item.source) or unlisted(item.source)
        article = decide.completed(replace(extract.from_entry(waiting.entry, source.languages), quality=Quality.WALL), waiting.entry)
        judgement = world.rules.judge(decide.matched(article), war=source.war)
        decision = Decision(EntryState.REVISION, why, story=item.story)
        found[item.id] = Reread(article, judgement, fingerprints.prints(""), decision, world.rules.version)
    return found
