"""A page, a file or a text -> everything that would be made of it, for a person. Nothing is stored, and the daemon is not disturbed."""

from __future__ import annotations

from functools import partial

from monitor.flows.backfill import source_of
from monitor.flows.read import MOST_LIKE, alone, judged
from monitor.flows.walls import known_wall
from monitor.model import Article, Failure, Judgement, NotModified, Page, Purpose, Quality, Request, Source, unlisted
from monitor.ports import World
from monitor.steps import dedup, extract, figures, origins, urls
from monitor.steps.charset import Decoded, decode
from monitor.steps.impostors import is_html
from monitor.steps.language import language_of
from monitor.steps.sheet import Explained


async def explain_url(world: World, url: str, source: Source | None = None) -> Explained:
    """Fetches the page as a curator's look: through the guard, at the host's pace, as robots.txt allows it."""
    source = source or source_of(world.sources.values(), url)
    asked = source or unlisted(urls.host(url))
    fetched = await world.fetcher.fetch(Request(url, Purpose.LOOK, proxy=asked.proxy, ca_file=asked.ca_file))
    assert not isinstance(fetched, NotModified)  # the fetcher takes a 304 without a question for an error
    if isinstance(fetched, Failure):
        return _explained(world, url, fetched, Decoded("", ""), source, urls.canonical(url), None)
    decoded = await _decoded(world, fetched.body, fetched.header("content-type"))
    article, _ = await alone(world, fetched, asked)
    return _explained(world, url, fetched, decoded, source, urls.canonical(url), known_wall(world, article, fetched.url))


async def explain_bytes(world: World, name: str, body: bytes, source: Source | None = None) -> Explained:
    """A saved page, or a plain text."""
    languages = source.languages if source else ()
    decoded = await _decoded(world, body, None)
    if is_html(decoded.text):
        work = partial(extract.read_html, decoded.text, "", languages, world.clock.now())
        article = await world.executor.run(work, deadline=world.settings.page_deadline.total_seconds())
    else:
        article = Article("", "", decoded.text, lang=language_of("", decoded.text, languages), notes=("a plain text",))
    return _explained(world, name, None, decoded, source, None, article)


async def _decoded(world: World, body: bytes, content_type: str | None) -> Decoded:
    return await world.executor.run(partial(decode, body, content_type), deadline=world.settings.page_deadline.total_seconds())


def _explained(
    world: World,
    target: str,
    fetched: Page | Failure | None,
    decoded: Decoded,
    source: Source | None,
    address: str | None,
    article: Article | None,
) -> Explained:
    known = world.store.item_by_url(address) if address else None
    judgement, relation = Judgement(), None
    said = origins.attributions(article.text, tuple(world.sources.values())) if article else ()
    if article and article.quality is Quality.FULL:
        judgement, prints = judged(world, article, source or unlisted(""))
        alike = world.store.likenesses(prints, source.id if source else "", MOST_LIKE)
        relation = dedup.relate(prints, [like for like in alike if known is None or like.item != known.id])
    return Explained(
        target=target,
        fetched=fetched,
        charset=decoded.charset,
        charset_flags=decoded.flags,
        source=source,
        address=address,
        known=known,
        article=article,
        judgement=judgement,
        relation=relation,
        figures=figures.figures(article.text, article.lang, said) if article else (),
        attributions=said,
    )
