"""An address -> what there is to watch at it: feeds that a page advertises, news sitemaps, Telegram channels, each looked at."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from monitor.errors import MonitorError
from monitor.flows.collect import follow, parse
from monitor.model import (
    READABLE,
    Endpoint,
    EndpointKind,
    Failure,
    Outcome,
    Page,
    Parsed,
    Purpose,
    Request,
    Source,
    SourceKind,
    Visit,
    unlisted,
)
from monitor.ports import World
from monitor.steps import language, looks, proposals, rhythm, timetable
from monitor.steps.charset import decode
from monitor.steps.urls import canonical, host

#: Where sites keep their feed without saying so.
COMMON_PLACES = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
COMMENTS = re.compile(r"/comments?(?:/|\b)|\bcomments?\b (?:on|for)\b", re.IGNORECASE)
SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
MOST_SITEMAPS, MOST_CHANNELS, MOST_FEEDS = 3, 3, 10  # of each that are looked at
SAME = 0.9  # share of entries known from a better endpoint that makes another one useless
ITSELF = "the address itself"
PAGE_LOOKED_AT = 500_000  # characters
TITLES = 20  # from which a language is told


@dataclass(frozen=True, slots=True)
class Found:
    """`source` None: nothing can be proposed. `told`: what was looked at, and what became of it."""

    source: Source | None
    remarks: dict[str, str]  # of each endpoint, by its address
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    kind: EndpointKind
    url: str
    how: str
    guessed: bool = False  # nobody named it, so robots.txt is asked


@dataclass(frozen=True, slots=True)
class _Seen:
    endpoint: Endpoint
    parsed: Parsed
    how: str


async def discover(world: World, text: str) -> Found:
    """`text` is an address, `@channel` or `t.me/channel`. Raises MonitorError where it cannot be looked at at all."""
    search = _Search(world)
    channel = proposals.telegram_channel(text)
    url = proposals.preview(channel) if channel else text if "://" in text else f"https://{text}"
    if channel:
        await search.look(_Candidate(EndpointKind.TELEGRAM, url, "its public preview"))
        return search.result(url, "")
    page = await search.fetch(url, Purpose.ENDPOINT)
    if not isinstance(page, Page):
        raise MonitorError(f"{url} cannot be looked at: {looks.in_words(page.outcome, page.why)}")
    advertised = await search.read(page)
    if not search.seen and not search.told:
        await search.around(page, advertised)
    return search.result(page.final_url, decode(page.body, page.header("content-type")).text)


class _Search:
    """One search: what was seen so far, and what was told of the rest."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known = {canonical(e.url): source.id for source in world.sources.values() for e in source.endpoints}
        self.seen: list[_Seen] = []
        self.told: list[str] = []
        self.met: set[str] = set()

    async def fetch(self, url: str, purpose: Purpose) -> Page | Failure:
        fetched = await self.world.fetcher.fetch(Request(url, purpose))
        assert isinstance(fetched, Page | Failure)  # nothing was asked conditionally
        return fetched

    async def read(self, page: Page) -> tuple[str, ...]:
        """Takes the page itself where it lists articles; else returns the feeds that it advertises."""
        parsed = {}
        for kind in (EndpointKind.FEED, EndpointKind.SITEMAP, EndpointKind.TELEGRAM):  # a sitemap's reader takes feeds as well
            endpoint = Endpoint(kind, page.permanent_url or page.url)
            parsed[kind] = await self._entries(endpoint, page)
            if _reads(parsed[kind]):
                self._take(endpoint, parsed[kind], ITSELF)
                return ()
        as_feed = parsed[EndpointKind.FEED]
        if as_feed.problem is not Outcome.NOT_A_FEED:
            self.told.append(f"{page.url}: {as_feed.why}")
        return as_feed.feeds

    async def around(self, page: Page, advertised: tuple[str, ...]) -> None:
        """What belongs to a page that lists nothing itself."""
        for url in advertised[:MOST_FEEDS]:
            await self.look(_Candidate(EndpointKind.FEED, url, "the page advertises it"))
        if not self.seen:
            for place in COMMON_PLACES:
                if not self.seen:
                    await self.look(_Candidate(EndpointKind.FEED, urljoin(page.final_url, place), "a common place", guessed=True))
        for url in await self._news_sitemaps(page.final_url):
            await self.look(_Candidate(EndpointKind.SITEMAP, url, "robots.txt names it"))
        text = decode(page.body, page.header("content-type")).text[:PAGE_LOOKED_AT]
        for channel in proposals.channels_of(text)[:MOST_CHANNELS]:
            await self.look(_Candidate(EndpointKind.TELEGRAM, proposals.preview(channel), "the page links to it"))

    async def _news_sitemaps(self, url: str) -> list[str]:
        robots = await self.fetch(urljoin(url, "/robots.txt"), Purpose.ENDPOINT)
        if not isinstance(robots, Page):
            return []
        named = SITEMAP_LINE.findall(robots.body.decode("utf-8", "replace"))
        return [urljoin(url, address) for address in dict.fromkeys(named) if "news" in address.lower()][:MOST_SITEMAPS]

    async def look(self, candidate: _Candidate) -> None:
        key = canonical(candidate.url)
        if key in self.met:
            return
        self.met.add(key)
        if key in self.known:
            self.told.append(f"{candidate.url}: known, it stands in {self.known[key]}")
            return
        page = await self.fetch(candidate.url, Purpose.LOOK if candidate.guessed else Purpose.ENDPOINT)
        if not isinstance(page, Page):
            self.told.append(f"{candidate.url}: {looks.in_words(page.outcome, page.why)}")
            return
        endpoint = Endpoint(candidate.kind, page.permanent_url or candidate.url)
        parsed = await self._entries(endpoint, page)
        if _reads(parsed):
            self._take(endpoint, parsed, candidate.how)
        else:
            self.told.append(f"{candidate.url}: {parsed.why or 'it lists nothing'}")

    async def _entries(self, endpoint: Endpoint, page: Page) -> Parsed:
        source = unlisted(host(page.final_url))
        look = timetable.Look(source, endpoint, Visit(source.id, endpoint.url, endpoint.kind, endpoint.role))
        first = await parse(self.world, source, endpoint, page)
        parsed, _ = await follow(self.world, look, page, first)
        return replace(parsed, feeds=first.feeds)

    def _take(self, endpoint: Endpoint, parsed: Parsed, how: str) -> None:
        key = canonical(endpoint.url)
        if key in self.known:
            self.told.append(f"{endpoint.url}: known, it stands in {self.known[key]}")
            return
        if COMMENTS.search(f"{urlsplit(endpoint.url).path} {parsed.title or ''}"):
            self.told.append(f"{endpoint.url}: comments of readers")
            return
        articles = _articles(parsed)
        for other in self.seen:
            if articles and len(articles & _articles(other.parsed)) >= SAME * len(articles):
                self.told.append(f"{endpoint.url}: the same articles as {other.endpoint.url}")
                return
        self.seen.append(_Seen(endpoint, parsed, how))

    def result(self, url: str, page: str) -> Found:
        if not self.seen:
            return Found(None, {}, tuple(self.told))
        now = self.world.clock.now()
        ident = proposals.new_id(proposals.id_of_address(url), self.world.sources)
        is_channel = all(seen.endpoint.kind is EndpointKind.TELEGRAM for seen in self.seen)
        endpoints = [replace(seen.endpoint, every=proposals.rhythm_for(seen.parsed.entries)) for seen in self.seen]
        title = re.search(r"<title[^<>]*>([^<]{1,300})", page, re.IGNORECASE)
        source = Source(
            ident,
            proposals.name_of([*(seen.parsed.title for seen in self.seen), title and title.group(1)], url),
            ident,
            SourceKind.CHANNEL if is_channel else SourceKind.INDEPENDENT,
            self._languages(page),
            proposals.by_roles(endpoints),
            homepage=url if page and self.seen[0].how != ITSELF else "",
        )
        remarks = {}
        for seen in self.seen:
            newest = max((rhythm.moment(e.published) for e in seen.parsed.entries if e.published), default=None)
            age = f", the newest {looks.span(now - newest)} old" if newest else ", without dates"
            remarks[seen.endpoint.url] = f"{seen.how}: {len(seen.parsed.entries)} entries{age}"
        return Found(source, remarks, tuple(self.told))

    def _languages(self, page: str) -> tuple[str, ...]:
        """What the entries say of themselves, else what their titles are written in, else the page's own word."""
        entries = [entry for seen in self.seen for entry in seen.parsed.entries]
        said = Counter(entry.lang[:2].lower() for entry in entries if entry.lang and entry.lang[:2].isalpha())
        titles = ". ".join(title for entry in entries[:TITLES] if (title := entry.title or entry.content))
        guess = language.language_of(titles, "")
        attribute = re.search(r"<html\b[^<>]*\blang\s*=\s*[\"']?([a-z]{2})", page, re.IGNORECASE)
        words = [
            *(code for code, _ in said.most_common(1)),
            *([guess] if guess != "und" else []),
            *(attribute.groups() if attribute else ()),
        ]
        return tuple(word.lower() for word in words[:1])


def _reads(parsed: Parsed) -> bool:
    return bool(parsed.entries) and (parsed.problem is None or parsed.problem in READABLE)


def _articles(parsed: Parsed) -> set[str]:
    return {canonical(entry.url) if entry.url else entry.id or entry.title or "" for entry in parsed.entries}
