"""Pages as outlets have them, 100 to 150 kB each and the same ones in every run: menus, scripts, JSON-LD, related links, comments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from random import Random

from tests.bench._articles import ORDINARY

LANGUAGES = ("fr", "en", "ru", "uk")
RELEVANT_EVERY = 8
RELEVANT = {
    "fr": "Trois cents soldats russes ont déserté leur unité près de Koursk, selon un tribunal militaire.",
    "en": "Three hundred Russian soldiers deserted their unit near Kursk, a military court heard.",
    "ru": "Триста российских солдат дезертировали из своей части под Курском, сообщил военный суд.",
    "uk": "Триста російських солдатів дезертирували зі своєї частини під Курськом, повідомив військовий суд.",
}


@dataclass(frozen=True)
class Made:
    path: str
    title: str
    html: bytes


def pages(count: int, seed: int = 1) -> list[Made]:
    return [_page(number, Random(f"{seed}:{number}")) for number in range(count)]


def _page(number: int, chance: Random) -> Made:
    lang = LANGUAGES[number % len(LANGUAGES)]
    words = ORDINARY[lang].replace("\n", " ").split()

    def said(least: int, most: int) -> str:
        sentence = " ".join(chance.choices(words, k=chance.randint(least, most))).strip(".,")
        return f"{sentence[0].upper()}{sentence[1:]}."

    title, path = said(6, 12).strip("."), f"/2026/11/{number:04d}"
    paragraphs = [" ".join(said(8, 22) for _ in range(chance.randint(2, 5))) for _ in range(chance.randint(10, 30))]
    if number % RELEVANT_EVERY == 0:
        paragraphs.insert(1, RELEVANT[lang])
    lead = said(12, 24)
    told = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "description": lead}
    told |= {"datePublished": "2026-11-25T08:00:00+01:00", "author": [{"@type": "Person", "name": "A. Reporter"}]}
    menu = "".join(
        f'<li class="menu-item"><a class="menu-link" href="/section/{n}" data-track="nav:{n}"><span>{escape(said(1, 3))}</span></a></li>'
        for n in range(120)
    )
    related = "".join(
        f'<div class="card card--teaser"><div class="card__inner"><a class="card__link" href="/2026/10/{n}">'
        f'<picture><source srcset="/img/{n}-1.webp 1x, /img/{n}-2.webp 2x"><img src="/img/{n}.jpg" alt=""></picture>'
        f'<h3 class="card__title">{escape(said(6, 12))}</h3></a><p class="card__meta"><time>10:{n % 60:02d}</time></p></div></div>'
        for n in range(40)
    )
    comments = "".join(f'<li class="comment"><b>reader{n}</b><p>{escape(said(5, 25))}</p></li>' for n in range(20))
    body = "".join(_block(escape(text), n, escape(said(4, 9))) for n, text in enumerate(paragraphs))
    state = json.dumps({f"key{n}": [chance.random() for _ in range(8)] for n in range(chance.randint(180, 400))})
    style = "".join(f".c{n}{{margin:{n}px;color:#{n:06x};display:block}}" for n in range(300))
    svg = '<svg viewBox="0 0 24 24"><path d="M12 2L2 7l10 5 10-5-10-5z"/><path d="M2 17l10 5 10-5M2 12l10 5 10-5"/></svg>' * 12
    html = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)} – The Bench</title>'
        f'<meta name="description" content="{escape(lead)}"><meta property="og:title" content="{escape(title)}">'
        f'<link rel="canonical" href="https://bench.test{path}"><style>{style}</style>'
        f'<script type="application/ld+json">{json.dumps(told)}</script><script>window.__STATE__={state};</script></head>'
        f'<body><div id="root"><div class="layout"><header>{svg}<nav><ul class="menu">{menu}</ul></nav></header>'
        f'<main class="grid"><div class="grid__main"><article class="article"><header class="article__head"><h1>{escape(title)}</h1>'
        f'<p class="standfirst">{escape(lead)}</p><div class="byline">A. Reporter</div></header>'
        f'<div class="article__body"><div class="article__text">{body}</div></div></article></div>'
        f'<aside class="related">{related}</aside><section id="comments"><ol>{comments}</ol></section></main>'
        f'<footer><ul>{menu[: len(menu) // 3]}</ul></footer></div></div><script src="/app.js"></script></body></html>'
    )
    return Made(path, title, html.encode())


def _block(text: str, number: int, aside: str) -> str:
    """A paragraph as editors leave it: a link in one, a stressed word in another, now and then a picture, a heading, an advert."""
    words = text.split()
    marked = {0: f'<a href="/tag/{number}">{words[1]} {words[2]}</a>', 1: f"<strong>{words[1]} {words[2]}</strong>"}.get(number % 3)
    inside = " ".join([words[0], marked, *words[3:]]) if marked else text
    before = {
        3: f'<figure class="picture"><img src="/p/{number}.jpg" alt=""><figcaption>{aside}</figcaption></figure>',
        5: f"<h2>{aside}</h2>",
        6: f'<div class="ad-slot" id="ad-{number}"><div class="ad-slot__inner"></div></div>',
    }.get(number % 8, "")
    return f'{before}<div class="block block--text"><p class="text">{inside}</p></div>'
