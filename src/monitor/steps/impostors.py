"""What is this page that came where a feed was asked for? A challenge, a login, or a page that advertises feeds."""

from __future__ import annotations

import html
import re

from monitor.model import Outcome, Parsed
from monitor.steps.markup import one_line
from monitor.steps.urls import absolute

LOOKED_AT = 300_000  # characters of a page that are searched
MOST_FEEDS = 20  # advertised feeds that are told
SHORT = 60  # characters of a strange body that are quoted

#: Marks of bot walls in the page itself; each is the wall's own machinery or the sentence that it shows.
CHALLENGE = re.compile(
    r"cf[-_]chl|challenge-platform|__cf_chl|cf-browser-verification|just a moment\s*\.\.\.|attention required! \| cloudflare|ddos-guard"
    r"|captcha-delivery|datadome|_incapsula_resource|incapsula incident|px-captcha|perimeterx|akamai-bm|sucuri_cloudproxy|aws-waf-token"
    r"|awswafintegration|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|unusual traffic"
    r"|enable javascript and cookies"
    r"|smartcaptcha|/showcaptcha|servicepipe|qrator|проверка браузера|подтвердите, что вы не робот|вы не робот|перевірка браузера",
    re.IGNORECASE,
)
PASSWORD = re.compile(r"<input\b[^<>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)
TITLE = re.compile(r"<title[^<>]*>([^<]{0,500})", re.IGNORECASE)
LOGIN = re.compile(
    r"log ?in|sign ?in|вход|войти|увійти|вхід|connexion|anmelden|iniciar sesi|zaloguj|authori[sz]ation|авторизац", re.IGNORECASE
)
LINK = re.compile(r"<(?:link|a)\b[^<>]*>", re.IGNORECASE)
FEED_TYPE = re.compile(r"type\s*=\s*[\"']?application/(?:rss|atom|rdf|feed)\+(?:xml|json)", re.IGNORECASE)
HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<meta\s|<script[\s>]", re.IGNORECASE)
START = 3_000  # characters in which HTML shows itself


def is_html(text: str) -> bool:
    return bool(HTML.search(text[:START]))


def judge(text: str, url: str, wanted: str) -> Parsed:
    """No entries, and why: `wanted` is what was asked for ("a feed"). Feeds that the page advertises are told, none is followed."""
    page = text[:LOOKED_AT]
    if not page.strip():
        return Parsed((), Outcome.PARSE_FAILED, f"an empty answer where {wanted} was expected")
    title = TITLE.search(page)
    name = one_line(title.group(1))[:SHORT] if title else ""
    if CHALLENGE.search(page):
        return Parsed((), Outcome.CHALLENGE, f"a bot challenge instead of {wanted}" + (f": “{name}”" if name else ""))
    if PASSWORD.search(page) and (not title or LOGIN.search(title.group(1)) or len(page) < LOOKED_AT // 20):
        return Parsed((), Outcome.AUTH, f"a login page instead of {wanted}" + (f": “{name}”" if name else ""))
    if not is_html(page):
        return Parsed((), Outcome.NOT_A_FEED, f"no {wanted.split(' ', 1)[-1]}: {len(text)} characters, “{one_line(page[:SHORT])}”")
    feeds = _advertised(page, url)
    told = f"; it advertises {len(feeds)} feed{'s' if len(feeds) > 1 else ''}, first {feeds[0]}" if feeds else ""
    return Parsed((), Outcome.NOT_A_FEED, f"an HTML page instead of {wanted}" + (f": “{name}”" if name else "") + told, feeds=feeds)


def _advertised(page: str, url: str) -> tuple[str, ...]:
    """Autodiscovery: <link rel="alternate" type="application/rss+xml" href="…">."""
    found: dict[str, None] = {}
    for tag in LINK.finditer(page):
        if FEED_TYPE.search(tag.group()) and (href := HREF.search(tag.group())):
            link = absolute(url, html.unescape(next(value for value in href.groups() if value is not None)))
            if link:
                found[link] = None
    return tuple(found)[:MOST_FEEDS]
