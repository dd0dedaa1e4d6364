"""What does a published page look like? Pieces -> the HTML, feeds, sitemaps and channel pages that real outlets wrap around them."""

# ruff: noqa: E501 (markup is kept in one line where the real pages have it so)

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

IMAGE = "/static/photo.jpg"
STYLE = "body{font:17px/1.5 Georgia,serif;margin:0}nav ul{list-style:none}.cookie-banner{position:fixed;bottom:0}"
SCRIPT = "window.dataLayer=window.dataLayer||[];dataLayer.push({'event':'pageview','consent':'unknown'});"


@dataclass(frozen=True)
class Outlet:
    """A masthead and where it lives: every address of the outlet starts with `url`."""

    name: str
    url: str
    lang: str
    menu: tuple[str, ...]
    cookies: str
    related: str  # the heading over the related links
    comments: tuple[str, ...] = ()
    partner: tuple[str, str] | None = None  # (headline, address) that another outlet has put into the sidebar


@dataclass(frozen=True)
class Piece:
    """One article as its author wrote it."""

    title: str
    slug: str
    author: str
    lang: str
    section: str
    lead: str
    paragraphs: tuple[str, ...]
    published: datetime


@dataclass(frozen=True)
class Post:
    """One message of a channel. `kind` is text, photo (no text), or service (a pin)."""

    number: int
    text: str
    published: datetime
    kind: str = "text"
    edited: bool = False
    forwarded: str = ""
    link: str = ""


# ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def address(outlet: Outlet, piece: Piece) -> str:
    return f"{outlet.url}/{piece.slug}/"


def article(outlet: Outlet, piece: Piece, others: Sequence[Piece]) -> str:
    """An ordinary page of a daily: standfirst, byline, paragraphs with an advertisement between them."""
    half = len(piece.paragraphs) // 2
    ad = '<div class="ad" aria-hidden="true"><span>Publicité</span></div>'
    body = (
        f'<p class="standfirst">{escape(piece.lead)}</p>{_byline(piece)}<div class="article-body">'
        + _paragraphs(piece.paragraphs[:half])
        + ad
        + _paragraphs(piece.paragraphs[half:])
        + "</div>"
    )
    return _page(outlet, piece, f"<article><h1>{escape(piece.title)}</h1>{body}</article>", others)


def slideshow(outlet: Outlet, piece: Piece, captions: Sequence[str], slides: Sequence[tuple[str, str]], others: Sequence[Piece]) -> str:
    """A gallery page: every caption is listed first, then each stands again over the paragraph of its slide."""
    listed = "".join(f"<li>{escape(caption)}</li>" for caption in captions)
    shown = "".join(
        f'<section class="slide" id="slide-{number}"><figure><img src="{IMAGE}" alt="" loading="lazy"></figure>'
        f'<h2 class="slide-caption">{escape(caption)}</h2><p>{escape(text)}</p></section>'
        for number, (caption, text) in enumerate(slides, 1)
    )
    body = f'<div class="article-body"><ol class="slide-list">{listed}</ol>{shown}</div>'
    return _page(outlet, piece, f"<article><h1>{escape(piece.title)}</h1>{_byline(piece)}{body}</article>", others)


def wordpress(outlet: Outlet, piece: Piece, blocks: Sequence[tuple[str, str]], ending: Sequence[str], others: Sequence[Piece]) -> str:
    """A WordPress page: breadcrumb, bare "par", pictures with captions. `blocks` are ("p" | "caption", text); `ending` are its last headings."""
    crumb = (
        f'<nav class="breadcrumb"><a href="{outlet.url}/">Home</a> » <a href="#">{escape(piece.section)}</a> » {escape(piece.title)}</nav>'
    )
    inner = "".join(
        f"<p>{escape(text)}</p>"
        if kind == "p"
        else f'<figure class="wp-caption"><img src="{IMAGE}" alt="{escape(text)}"><figcaption class="wp-caption-text">{escape(text)}</figcaption></figure>'
        for kind, text in blocks
    )
    tail = "".join(f"<h4>{escape(line)}</h4>" for line in ending)
    links = "".join(f'<li><a href="{address(outlet, other)}" rel="bookmark">{escape(other.title)}</a></li>' for other in others)
    content = (
        f'{crumb}<article class="post type-post status-publish hentry"><header class="entry-header"><h1 class="entry-title">{escape(piece.title)}</h1>'
        f'<div class="entry-meta">par <a class="author vcard" href="#">{escape(piece.author)}</a> {_time(piece)}</div></header>'
        f'<div class="entry-content">{inner}</div></article><div class="related-posts">{tail}<ul>{links}</ul></div>'
    )
    return _page(outlet, piece, content, others)


def front(outlet: Outlet, feed: str, pieces: Sequence[Piece]) -> str:
    """The outlet's front page: headlines, and in its head the address of the feed."""
    headlines = "".join(f'<article><h2><a href="{address(outlet, piece)}">{escape(piece.title)}</a></h2></article>' for piece in pieces)
    return f"""<!DOCTYPE html>
<html lang="{outlet.lang}"><head><meta charset="utf-8"><title>{escape(outlet.name)}</title>
<link rel="alternate" type="application/rss+xml" href="{outlet.url}/{feed}"></head><body><main>{headlines}</main></body></html>
"""


def _page(outlet: Outlet, piece: Piece, content: str, others: Sequence[Piece]) -> str:
    url = address(outlet, piece)
    menu = "".join(f'<li><a href="{outlet.url}/#{number}">{escape(name)}</a></li>' for number, name in enumerate(outlet.menu))
    related = "".join(f'<li><a href="{address(outlet, other)}">{escape(other.title)}</a></li>' for other in others)
    comments = "".join(
        f'<li class="comment"><cite>Lecteur {n}</cite><p>{escape(text)}</p></li>' for n, text in enumerate(outlet.comments, 1)
    )
    return f"""<!DOCTYPE html>
<html lang="{piece.lang}">
<head>
<meta charset="utf-8">
<title>{escape(piece.title)} - {escape(outlet.name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{escape(piece.lead)}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="{escape(outlet.name)}">
<meta property="og:title" content="{escape(piece.title)}">
<meta property="og:description" content="{escape(piece.lead)}">
<meta property="og:url" content="{url}">
<meta property="article:published_time" content="{piece.published.isoformat()}">
<link rel="canonical" href="{url}">
<script type="application/ld+json">{_jsonld(outlet, piece)}</script>
<style>{STYLE}</style>
<script>{SCRIPT}</script>
</head>
<body class="single">
<div id="cookies" class="cookie-banner" role="dialog">{escape(outlet.cookies)}</div>
<header class="site-header"><a class="logo" href="{outlet.url}/">{escape(outlet.name)}</a><nav class="main-menu"><ul>{menu}</ul></nav></header>
<main>{content}</main>
<aside class="sidebar widget-area"><h3>{escape(outlet.related)}</h3><ul>{related}</ul></aside>
<section id="comments" class="comments"><ol>{comments}</ol></section>
<footer class="site-footer"><ul><li><a href="#">Mentions légales</a></li><li><a href="#">Contact</a></li></ul>
<p>© {piece.published.year} {escape(outlet.name)}. Tous droits réservés.</p></footer>
</body>
</html>
"""


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>\n" for text in texts)


def _byline(piece: Piece) -> str:
    return f'<p class="byline">Par <span class="author">{escape(piece.author)}</span> · {_time(piece)}</p>'


def _time(piece: Piece) -> str:
    return f'<time datetime="{piece.published.isoformat()}">{piece.published:%d/%m/%Y %H:%M}</time>'


def _jsonld(outlet: Outlet, piece: Piece) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "description": piece.lead,
        "datePublished": piece.published.isoformat(),
        "dateModified": piece.published.isoformat(),
        "inLanguage": piece.lang,
        "author": [{"@type": "Person", "name": piece.author}],
        "publisher": {"@type": "Organization", "name": outlet.name},
        "mainEntityOfPage": address(outlet, piece),
    }
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


# ── lists of articles ────────────────────────────────────────────────────────────────────────────────────────────────


def rss(outlet: Outlet, pieces: Sequence[Piece]) -> str:
    """RSS 2.0 as a CMS writes it: guid is no address, HTML in CDATA, dc:creator."""
    items = "".join(
        f"""<item><title><![CDATA[{piece.title}]]></title><link>{escape(address(outlet, piece))}</link>
<guid isPermaLink="false">{escape(outlet.name)}-{piece.slug}</guid><pubDate>{format_datetime(piece.published)}</pubDate>
<dc:creator><![CDATA[{piece.author}]]></dc:creator><category>{escape(piece.section)}</category>
<description><![CDATA[<p>{escape(piece.lead)}</p>]]></description></item>
"""
        for piece in pieces
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>{escape(outlet.name)}</title><link>{outlet.url}/</link><description>{escape(outlet.name)}</description><language>{outlet.lang}</language>
<ttl>15</ttl>
{items}</channel></rss>
"""


def atom(outlet: Outlet, pieces: Sequence[Piece]) -> str:
    newest = max(piece.published for piece in pieces).isoformat()
    entries = "".join(
        f"""<entry xml:lang="{piece.lang}"><id>tag:gazette.example,2026:{piece.slug}</id><title type="html">{escape(escape(piece.title, quote=False))}</title>
<link rel="alternate" type="text/html" href="{escape(address(outlet, piece))}"/>
<published>{piece.published.isoformat()}</published><updated>{piece.published.isoformat()}</updated>
<author><name>{escape(piece.author)}</name></author><summary type="html">{escape(escape(piece.lead, quote=False))}</summary></entry>
"""
        for piece in pieces
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.lang}"><id>tag:gazette.example,2026:feed</id><title>{escape(outlet.name)}</title>
<updated>{newest}</updated><link rel="self" href="{outlet.url}/atom.xml"/><link href="{outlet.url}/"/>
{entries}</feed>
"""


def sitemap_index(children: Sequence[str], modified: datetime) -> str:
    rows = "".join(f"<sitemap><loc>{escape(url)}</loc><lastmod>{modified.isoformat()}</lastmod></sitemap>\n" for url in children)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</sitemapindex>\n'


def news_sitemap(outlet: Outlet, pieces: Sequence[Piece]) -> str:
    rows = "".join(
        f"""<url><loc>{escape(address(outlet, piece))}</loc><news:news><news:publication><news:name>{escape(outlet.name)}</news:name>
<news:language>{piece.lang}</news:language></news:publication><news:publication_date>{piece.published.isoformat()}</news:publication_date>
<news:title>{escape(piece.title)}</news:title></news:news></url>
"""
        for piece in pieces
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{rows}</urlset>
"""


# ── a channel's preview page ─────────────────────────────────────────────────────────────────────────────────────────


def channel(name: str, title: str, number: int, posts: Sequence[Post], older: int | None) -> str:
    """The public preview of a channel; `older` is the post before which an older page begins."""
    blocks = "".join(_post(name, title, number, post) for post in posts)
    prev = f'<link rel="prev" href="/s/{name}?before={older}">' if older else ""
    more = (
        f'<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/{name}?before={older}" class="tme_messages_more js-messages_more" data-before="{older}"></a></div>'
        if older
        else ""
    )
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{escape(title)} – Telegram</title>
<meta property="og:title" content="{escape(title)}">
<meta property="og:site_name" content="Telegram">
<meta property="al:android:url" content="tg://resolve?domain={name}">
{prev}
<link rel="canonical" href="/s/{name}?before={posts[-1].number + 1}">
</head>
<body class="widget_frame_base tgme_webpreview emoji_image no_transition">
<header class="tgme_header"><div class="tgme_channel_info_header_title"><span dir="auto">{escape(title)}</span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{name}">@{name}</a></div></header>
<main class="tgme_main" data-url="/{name}"><section class="tgme_channel_history js-message_history">
{more}{blocks}</section></main>
</body>
</html>
"""


def _post(name: str, title: str, number: int, post: Post) -> str:
    view = base64.urlsafe_b64encode(
        json.dumps({"c": -number, "p": post.number, "t": int(post.published.timestamp()), "h": "0"}).encode()
    ).decode()
    service = " service_message" if post.kind == "service" else ""
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap{service} js-widget_message" data-post="{name}/{post.number}" data-view="{view.rstrip("=")}">
<div class="tgme_widget_message_user"><a href="https://t.me/{name}"><i class="tgme_widget_message_user_photo bgcolor3" data-content="D"></i></a></div>
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" href="https://t.me/{name}"><span dir="auto">{escape(title)}</span></a></div>
{_forwarded(post)}{_text(post)}
<div class="media_not_supported_cont"><div class="message_media_not_supported_wrap"><div class="message_media_not_supported"><div class="message_media_not_supported_label">Please open Telegram to view this post</div><a href="https://t.me/{name}/{post.number}" class="message_media_view_in_telegram">VIEW IN TELEGRAM</a></div></div></div>
<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short js-message_info">
{_views(post)}<span class="tgme_widget_message_meta">{"edited &nbsp;" if post.edited else ""}<a class="tgme_widget_message_date" href="https://t.me/{name}/{post.number}"><time datetime="{post.published.isoformat()}" class="time">{post.published:%H:%M}</time></a></span>
</div></div></div></div></div>
"""


def _forwarded(post: Post) -> str:
    if not post.forwarded:
        return ""
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from '
        f'<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/meteo_lignes/77"><span dir="auto">{escape(post.forwarded)}</span></a></div>'
    )


def _text(post: Post) -> str:
    if post.kind == "photo":
        return '<a class="tgme_widget_message_photo_wrap" href="#" style="width:800px;background-image:url(\'/static/photo.jpg\')"></a>'
    lines = escape(post.text, quote=False).replace("\n", "<br/>")
    link = f'<br/><br/><a href="{escape(post.link)}" target="_blank" rel="noopener" onclick="return confirm(\'Open this link?\');">{escape(post.link)}</a>'
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{lines}{link if post.link else ""}</div>'


def _views(post: Post) -> str:
    return "" if post.kind == "service" else '<span class="tgme_widget_message_views">1.2K</span><span class="copyonly"> views</span>'
