"""Is what can be watched at an address found, looked at, and proposed so that the catalogue takes it? Real HTTP, guarded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor import wiring
from monitor.config.sources import load_sources
from monitor.errors import MonitorError
from monitor.flows.discover import Found, discover
from monitor.model import EndpointKind, FetchSettings, Role, Settings, Source, SourceKind
from monitor.steps import proposals
from monitor.store.sqlite import empty_store
from tests.fakes import FakeClock
from tests.press.raw import RawServer, reply

from .test_watch import rules

CLOCK = FakeClock()
KINDS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as running:
        yield running


def find(server: RawServer, address: str, *catalogue: Source) -> Found:
    settings = Settings(fetch=FetchSettings(allow=(server.address,)), workers=1)
    configuration = wiring.Configuration(settings, {source.id: source for source in catalogue}, rules())

    async def run() -> Found:
        async with wiring.world(configuration, empty_store(), CLOCK, looking=True) as world:
            return await discover(world, address)

    return asyncio.run(run())


def proposed(found: Found, folder: Path) -> Source:
    """What the catalogue's loader makes of the proposal."""
    assert found.source, found.told
    (folder / "sources").mkdir()
    (folder / "sources" / "new.toml").write_text(proposals.toml([found.source], found.remarks), encoding="utf-8")
    [source] = load_sources(folder)
    return source


def rss(*paths: str, title: str = "The Daily Globe") -> bytes:
    items = "".join(
        f"<item><title>Ministers meet again in the capital</title><link>https://globe.example.org{path}</link>"
        f"<pubDate>{format_datetime(CLOCK.now() - timedelta(hours=n))}</pubDate></item>"
        for n, path in enumerate(paths)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


def home(*links: str, kind: str = "rss") -> bytes:
    heads = "".join(f'<link rel="alternate" type="{KINDS[kind]}" href="{link}">' for link in links)
    return f"<!DOCTYPE html><html lang='en-GB'><head><title>Globe</title>{heads}</head><body><p>News</p></body></html>".encode()


def sitemap(*paths: str) -> bytes:
    rows = "".join(
        f"<url><loc>https://globe.example.org{path}</loc><news:news><news:publication_date>{CLOCK.now().isoformat()}</news:publication_date>"
        f"<news:title>Told at {path}</news:title></news:news></url>"
        for path in paths
    )
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='{news}'>{rows}</urlset>".encode()


def test_a_page_leads_to_its_feeds_and_its_news_sitemap(server: RawServer, tmp_path: Path) -> None:
    server.say("/", reply(body=home("/main.xml", "/same.xml", "/comments/feed/", "/dead.xml")))
    server.say("/main.xml", reply(body=rss("/1", "/2", "/3")))
    server.say("/same.xml", reply(body=rss("/3", "/2")))
    server.say("/comments/feed/", reply(body=rss("/1#c1", title="Comments for The Daily Globe")))
    robots = f"User-agent: *\nDisallow:\nSitemap: {server.url('/all.xml')}\nsitemap: {server.url('/news-map.xml')}\n"
    server.say("/robots.txt", reply(body=robots.encode()))
    server.say("/news-map.xml", reply(body=sitemap("/1", "/2", "/3", "/4", "/5")))
    found = find(server, server.url("/"))
    source = proposed(found, tmp_path)
    assert [(e.kind, e.url, e.role) for e in source.endpoints] == [
        (EndpointKind.FEED, server.url("/main.xml"), Role.PRIMARY),
        (EndpointKind.SITEMAP, server.url("/news-map.xml"), Role.SECONDARY),
    ]
    assert (source.name, source.languages, source.kind) == ("The Daily Globe", ("en",), SourceKind.INDEPENDENT)
    assert source.homepage == server.url("/")
    assert source.endpoints[0].every == timedelta(minutes=15)
    told = "\n".join(found.told)
    for words in ("/same.xml: the same articles as", "/comments/feed/: comments of readers", "/dead.xml: an error (404"):
        assert words in told
    assert "3 entries, the newest 0 min old" in found.remarks[server.url("/main.xml")]
    assert not server.asked("/all.xml") and not server.asked("/rss")  # nothing is guessed where something was found


def test_a_page_that_names_nothing_is_searched_in_common_places_where_robots_txt_allows(server: RawServer, tmp_path: Path) -> None:
    server.say("/", reply(body=home()))
    server.say("/robots.txt", reply(body=b"User-agent: *\nDisallow: /rss\n"))
    server.say("/rss.xml", reply(body=rss("/1")))
    server.say("/atom.xml", reply(body=rss("/1", "/2")))
    source = proposed(find(server, server.url("/")), tmp_path)
    assert [e.url for e in source.endpoints] == [server.url("/atom.xml")]
    assert not server.asked("/rss.xml")


@pytest.mark.parametrize("kind", [EndpointKind.FEED, EndpointKind.SITEMAP])
def test_an_address_that_lists_articles_itself_is_taken_as_what_it_is(server: RawServer, tmp_path: Path, kind: EndpointKind) -> None:
    server.say("/list", reply(body=rss("/1", "/2") if kind is EndpointKind.FEED else sitemap("/1", "/2")))
    source = proposed(find(server, server.url("/list")), tmp_path)
    assert [(e.kind, e.url) for e in source.endpoints] == [(kind, server.url("/list"))]
    assert source.homepage == ""


def test_a_channel_preview_is_a_channel(server: RawServer, tmp_path: Path) -> None:
    post = (
        '<div class="tgme_widget_message" data-post="globe_en/7"><div class="tgme_widget_message_bubble">'
        '<div class="tgme_widget_message_text js-message_text">Ministers meet again in the capital today</div>'
        f'<a class="tgme_widget_message_date"><time datetime="{CLOCK.now().isoformat()}"></time></a></div></div>'
    )
    title = '<div class="tgme_channel_info_header_title">Globe, live</div>'
    page = f"<!DOCTYPE html><html><body>{title}<section class='tgme_channel_history'>{post}</section></body></html>"
    server.say("/s/globe_en", reply(body=page.encode()))
    source = proposed(find(server, server.url("/s/globe_en")), tmp_path)
    assert (source.kind, source.name, source.endpoints[0].kind) == (SourceKind.CHANNEL, "Globe, live", EndpointKind.TELEGRAM)


def test_what_stands_in_the_catalogue_is_not_proposed_again(server: RawServer) -> None:
    server.say("/main.xml", reply(body=rss("/1")))
    server.say("/", reply(body=home("/main.xml")))
    known = proposals.import_outlines(
        proposals.Outlines((proposals.Outline(server.url("/main.xml"), "Globe", "", {"id": "globe"}),)), {}, lambda url: ""
    ).sources[0]
    for address in ("/main.xml", "/"):
        found = find(server, server.url(address), known)
        assert found.source is None and any("known, it stands in globe" in line for line in found.told)


@pytest.mark.parametrize("location", ["http://127.0.0.1:1/feed", "http://10.0.0.1/feed", "file:///etc/passwd"])
def test_S02_a_way_inside_is_refused(server: RawServer, location: str) -> None:
    server.say("/", reply(302, headers={"Location": location}))
    for address in (server.url("/"), location):
        with pytest.raises(MonitorError, match="cannot be looked at: not asked"):
            find(server, address)


def test_a_bot_wall_is_called_one_and_nothing_is_guessed_behind_it(server: RawServer) -> None:
    server.say(
        "/", reply(body=b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body id='challenge-platform'></body></html>")
    )
    found = find(server, server.url("/"))
    assert found.source is None and "challenge" in found.told[0]
    assert len(server.log) == 1
