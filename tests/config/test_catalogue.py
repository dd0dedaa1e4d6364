"""The shipped catalogue holds what it promises, for every source in it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config.settings import load_settings
from monitor.config.sources import load_sources
from monitor.model import Endpoint, EndpointKind, Role, Settings, Source
from monitor.steps.entries import parse

CONFIG = Path(__file__).parents[2] / "config"
SOURCES = load_sources(CONFIG)
BY_ID = {source.id: source for source in SOURCES}
ENDPOINTS = [(source, endpoint) for source in SOURCES for endpoint in source.endpoints]

#: What the seed articles cite, and where each stands in the catalogue.
CITED = {
    "Mediazone": ["mediazona"],
    "Radio Free Europe": ["rferl-en", "svoboda-ru", "radiosvoboda-uk"],
    "Reuters": ["reuters"],
    "CNN": ["cnn"],
    "Politico": ["politico-eu", "politico-us"],
    "The Moscow Times": ["moscow-times-en", "moscow-times-ru"],
    "Idite Lesom": ["idite-lesom"],
    "ASTRA": ["astra"],
    "Comité d'enquête de Russie": ["sledcom"],
    "CTD": ["ctd"],
    "ISW": ["isw"],
    "GCHQ": ["gchq"],
    "UCL": ["ucl-ssees"],
    "ministère russe de la Défense": ["mod-russia"],
    "la présidence": ["president-ua"],
}


def name(value: object) -> str:
    return value.id if isinstance(value, Source) else value.url if isinstance(value, Endpoint) else str(value)


def test_the_catalogue_is_large() -> None:
    assert len(SOURCES) >= 70
    assert sum(len(source.endpoints) for source in SOURCES) >= 167


def test_files_are_named_after_a_region_or_family_and_none_is_empty() -> None:
    for path in (CONFIG / "sources").iterdir():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.toml", path.name), path.name
        assert tomllib.loads(path.read_text(encoding="utf-8"))["source"], path.name
        assert path.read_text(encoding="utf-8").startswith("# "), f"{path.name} says what stands in it"


@pytest.mark.parametrize("cited", CITED)
def test_every_cited_outlet_has_an_enabled_endpoint_or_a_reason(cited: str) -> None:
    for source in map(BY_ID.__getitem__, CITED[cited]):
        assert source.cited_in_seeds
        assert source.reason if not source.enabled else any(endpoint.enabled for endpoint in source.endpoints)


def test_what_the_seeds_cite_is_marked_so_and_nothing_else() -> None:
    assert {source.id for source in SOURCES if source.cited_in_seeds} == set().union(*CITED.values())


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_every_source_is_described(source: Source) -> None:
    assert source.languages and source.name
    assert source.homepage or not source.endpoints
    assert source.enabled or len(source.reason) > 20, "a disabled source says why"
    assert len(set(source.aliases)) == len(source.aliases) >= 3


@pytest.mark.parametrize(("source", "endpoint"), ENDPOINTS, ids=name)
def test_every_endpoint_is_described(source: Source, endpoint: Endpoint) -> None:
    assert endpoint.enabled or len(endpoint.reason) > 10, "a disabled endpoint says why"
    assert endpoint.lang is None or endpoint.lang in source.languages or not endpoint.enabled
    if endpoint.kind is EndpointKind.TELEGRAM:
        assert re.fullmatch(r"https://t\.me/s/\w+", endpoint.url)
    if endpoint.kind is EndpointKind.LISTING and endpoint.enabled:
        assert endpoint.options.get("pattern"), "without the form of an article's address a listing lists anything"
    if endpoint.kind is EndpointKind.JSON and endpoint.enabled:
        assert {"url", "title", "published"} <= endpoint.options.keys()
    if endpoint.enabled and "t.me" not in endpoint.url:
        assert not re.search("[A-Z]{4}-[A-Z]{2}", endpoint.url), "an address with a place-holder"


@pytest.mark.parametrize("source", [source for source in SOURCES if source.enabled], ids=name)
def test_every_enabled_source_has_an_enabled_primary(source: Source) -> None:
    assert any(endpoint.enabled and endpoint.role is Role.PRIMARY for endpoint in source.endpoints)


def test_no_two_enabled_endpoints_have_the_same_address() -> None:
    asked = Counter(endpoint.url for source, endpoint in ENDPOINTS if endpoint.enabled)
    assert [url for url, times in asked.items() if times > 1] == []


def test_no_alias_is_shared_by_two_groups() -> None:
    groups: dict[str, set[str]] = {}
    for source in SOURCES:
        for alias in source.aliases:
            groups.setdefault(alias.casefold().strip("«»"), set()).add(source.group)
    assert {alias: found for alias, found in groups.items() if len(found) > 1} == {}


@pytest.mark.parametrize("group", sorted({source.group for source in SOURCES if source.kind != "aggregator"}))
def test_every_group_has_names_in_latin_and_cyrillic_letters(group: str) -> None:
    names = " ".join(alias for source in SOURCES if source.group == group for alias in source.aliases)
    assert re.search("[A-Za-z]{2}", names) and re.search("[а-яА-ЯіїєґёІЇЄҐЁ]", names)


def test_sites_of_one_publisher_are_one_group() -> None:
    for ids in (
        ["rferl-en", "svoboda-ru", "radiosvoboda-uk", "current-time", "rferl-realii"],
        ["moscow-times-en", "moscow-times-ru"],
        ["rfi", "france24"],
        ["bbc-russian", "bbc-war"],
        ["politico-eu", "politico-us"],
    ):
        assert len({BY_ID[outlet].group for outlet in ids}) == 1


def test_reuters_is_off_with_its_reason() -> None:
    assert not BY_ID["reuters"].enabled and "robots.txt" in BY_ID["reuters"].reason
    assert not any(endpoint.enabled for endpoint in BY_ID["reuters"].endpoints)


def test_a_short_feed_is_looked_at_often() -> None:
    feed = BY_ID["politico-eu"].endpoints[0]
    assert feed.every.total_seconds() <= 3600


def test_the_shipped_settings_are_the_defaults_written_out() -> None:
    written = tomllib.loads((CONFIG / "monitor.toml").read_text(encoding="utf-8"))
    assert {"timezone", "digest_at", "workers", "page_deadline", "attempts", "keep_raw", "keep_raw_days", "fetch"} <= written.keys()
    assert load_settings(CONFIG) == Settings()


ARTICLES = {
    # listing: (an address of the form that its outlet gives to articles, one that is none)
    "https://zona.media/news": ("https://zona.media/news/2026/10/01/sud", "https://zona.media/news/tags"),
    "https://en.zona.media/": ("https://en.zona.media/article/2026/10/01/court", "https://en.zona.media/about"),
    "https://astra.press/ru/news/": ("https://astra.press/ru/news/2026/10/01/sud/", "https://astra.press/ru/"),
    "https://istories.media/news/": ("https://istories.media/news/2026/10/01/sud/", "https://istories.media/donate/"),
    "https://www.svoboda.org/severrealii": ("https://www.svoboda.org/a/sud/31234567.html", "https://www.svoboda.org/z/123"),
    "https://www.svoboda.org/sibreal": ("https://www.svoboda.org/a/31234567.html", "https://www.svoboda.org/sibreal"),
    "https://www.svoboda.org/idel": ("https://www.svoboda.org/a/sud/31234567.html", "https://www.svoboda.org/p/7.html"),
    "https://actualitesmondiales.com/": (
        "https://actualitesmondiales.com/un-titre-long-de-plus-de-six-mots/",
        "https://actualitesmondiales.com/monde/",
    ),
    "https://sledcom.ru/news/": ("https://sledcom.ru/news/item/123456/", "https://sledcom.ru/news/?page=2"),
    "https://gur.gov.ua/en/content/list-of-news/791.html": ("https://gur.gov.ua/en/content/a-report", "https://gur.gov.ua/en/contacts"),
    "https://understandingwar.org/research/russia-ukraine/": (
        "https://understandingwar.org/research/russia-ukraine/russian-offensive-campaign-assessment-october-1-2026/",
        "https://understandingwar.org/research/china-taiwan/an-update/",
    ),
    "https://notes.citeam.org/": ("https://notes.citeam.org/dispatch-oct-1-4-2026", "https://notes.citeam.org/"),
}


@pytest.mark.parametrize("endpoint", [e for _, e in ENDPOINTS if e.kind is EndpointKind.LISTING and e.enabled], ids=name)
def test_a_listings_pattern_finds_articles_and_leaves_the_rest(endpoint: Endpoint) -> None:
    article, other = ARTICLES[endpoint.url]
    page = f'<html><head><title>t</title></head><body><a href="{article}">An article</a> <a href="{other}">Other</a></body></html>'
    found = parse(endpoint.kind, page.encode(), url=endpoint.url, now=datetime(2026, 11, 25, tzinfo=UTC), options=endpoint.options)
    assert [entry.url for entry in found.entries] == [article]


def test_the_patterns_of_sitemaps_leave_out_what_is_no_article() -> None:
    news = next(e for e in BY_ID["cnn"].endpoints if e.enabled)
    rows = ["2026/11/25/world/a-story", "2026/11/25/politics/video/a-clip", "europe/live-news/a-day", "cnn-underscored/a-bargain"]
    body = "".join(f"<url><loc>https://edition.cnn.com/{row}</loc></url>" for row in rows)
    sitemap = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'
    found = parse(news.kind, sitemap.encode(), url=news.url, now=datetime(2026, 11, 25, tzinfo=UTC), options=news.options)
    assert [entry.url for entry in found.entries] == ["https://edition.cnn.com/2026/11/25/world/a-story"]


def test_the_json_endpoint_of_isw_is_read_by_its_paths() -> None:
    assessments = BY_ID["isw"].endpoints[0]
    post = {"id": 7, "date": "2026-11-24T20:00:00", "link": "https://understandingwar.org/a/", "title": {"rendered": "T"}}
    post["excerpt"] = {"rendered": "<p>E</p>"}
    body = json.dumps([post]).encode()
    found = parse(assessments.kind, body, url=assessments.url, now=datetime(2026, 11, 25, tzinfo=UTC), options=assessments.options)
    (entry,) = found.entries
    assert (entry.id, entry.url, entry.title, entry.summary) == ("7", "https://understandingwar.org/a/", "T", "E")
    assert entry.published is not None
