"""Which outlets does the press play, and what does each publish?

| path                 | shape                              | publishes                                                            |
|----------------------|------------------------------------|----------------------------------------------------------------------|
| /courrier/rss.xml    | RSS, a gallery site                | the first seed, two ordinary articles                                |
| /s/depeches_du_front | a Telegram preview                 | ordinary posts, the second seed's opening with a link to its page    |
| /globe/sitemap.xml   | index -> news sitemap, WordPress   | the second seed, one ordinary article                                |
| /gazette/atom.xml    | Atom, a daily in several languages | ordinary news and news that only sounds like the subject: none alerts |
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.parser import Parser
from pathlib import Path

from . import pages
from .pages import Outlet, Piece, Post

FILES = Path(__file__).parent / "files"
SEEDS = Path(__file__).parent.parent / "data" / "seeds"
CHANNEL, CHANNEL_TITLE, CHANNEL_NUMBER = "depeches_du_front", "Dépêches du front", 1422080417
GALLERY, POST = "l-armee-de-poutine-se-fissure", "poutine-se-prepare-a-une-mutinerie"  # where the seeds stand in their outlets
PAGE_OF_POSTS = 8  # posts on the newest page of the channel; older ones stand on the page before it
OPENING = 2  # paragraphs of the second seed that the channel copies
CAPTION_WORDS = 4  # a line of the second seed this short, without a full stop, is a picture's caption
SENTENCES = 26  # of a generated article: about 2 kB
ALARM_EVERY = 3  # every third generated article alerts

HTML, XML_FEED, ATOM, XML = (
    "text/html; charset=utf-8",
    "application/rss+xml; charset=UTF-8",
    "application/atom+xml; charset=utf-8",
    "text/xml; charset=UTF-8",
)


@dataclass(frozen=True)
class Document:
    """What the server answers for one path. Without `modified` it has no validators, like an article or a channel page."""

    text: str
    kind: str = HTML
    modified: datetime | None = None


Documents = dict[str, Document]

COURRIER = Outlet(
    "Courrier du Front",
    "/courrier",
    "fr",
    ("À la une", "Monde", "Économie", "Territoires", "Vidéos"),
    "Nous et nos 843 partenaires utilisons des cookies pour mesurer l'audience. Accepter · Refuser · Paramétrer",
    "Et aussi",
    ("Merci pour cet article très complet.", "On attend la suite avec impatience !"),
)
GLOBE = Outlet(
    "Globe Actualités",
    "/globe",
    "fr",
    ("Home", "MONDE", "SANTÉ", "SPORT", "DIVERTISSEMENT"),
    "",  # the second seed's own notice
    "Articles récents",
    ("Source ?",),
)
GAZETTE = Outlet(
    "La Gazette des Deux Rives",
    "/gazette",
    "fr",
    ("Accueil", "Ukraine", "Histoire", "Sport", "Désertification"),
    "La Gazette utilise des cookies. En poursuivant, vous acceptez leur dépôt.",
    "Les plus lus",
    ("Beau reportage.", "Une mutinerie de plus au club, rien de neuf."),
)


def documents(root: str, now: datetime) -> Documents:
    """Every path of the press with its document; `root` is the server's own address, `now` the hour of going to press."""
    return {
        "/robots.txt": Document("User-agent: *\nDisallow: /admin/\nAllow: /\n", "text/plain; charset=utf-8"),
        "/": Document("<!DOCTYPE html><html lang='fr'><head><title>Presse</title></head><body><p>Quatre titres.</p></body></html>"),
        **_courrier(replace(COURRIER, url=root + COURRIER.url), now),
        **_globe(replace(GLOBE, url=root + GLOBE.url), now),
        **_gazette(replace(GAZETTE, url=root + GAZETTE.url, partner=(first_seed().title, f"{root}/courrier/{GALLERY}/")), now),
        **_channel(root, now),
    }


# ── the two seeds ────────────────────────────────────────────────────────────────────────────────────────────────────


def seed_text(start: str) -> str:
    """The seed whose file name starts so, as it was received."""
    return next(SEEDS.glob(f"{start}*.txt")).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Gallery:
    """The first seed taken apart: every caption once more in front, then (caption, paragraph) slides, then a heading of links."""

    title: str
    captions: tuple[str, ...]
    slides: tuple[tuple[str, str], ...]
    ending: str


def first_seed() -> Gallery:
    title, listed, *blocks = _blocks(seed_text("000"))
    *captions, opening = listed.splitlines()
    *blocks, ending = [opening, *blocks]
    return Gallery(title, tuple(captions), tuple(zip(blocks[::2], blocks[1::2], strict=True)), ending)


@dataclass(frozen=True)
class Blog:
    """The second seed taken apart: breadcrumb, title, blocks ("p" | "caption", text), last headings, cookie notice."""

    crumb: str
    title: str
    blocks: tuple[tuple[str, str], ...]
    ending: tuple[str, ...]
    cookies: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(text for kind, text in self.blocks if kind == "p")


def second_seed() -> Blog:
    crumb, title, by, *blocks = _blocks(seed_text("002"))
    assert by == "par", by
    *blocks, more, related, cookies = blocks
    kinds = tuple(("p" if text.endswith((".", "”", '"')) or len(text.split()) > CAPTION_WORDS else "caption", text) for text in blocks)
    return Blog(crumb, title, kinds, (more, related), cookies)


def _blocks(text: str) -> list[str]:
    return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]


# ── the outlets ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _courrier(outlet: Outlet, now: datetime) -> Documents:
    seed = first_seed()
    piece = Piece(
        seed.title,
        GALLERY,
        "La rédaction",
        "fr",
        "Monde",
        seed.slides[0][1].split(". ")[0] + ".",
        tuple(text for slide in seed.slides for text in slide),
        now - timedelta(hours=5),
    )
    others = _pieces("courrier", now)
    pieces = [piece, *others]
    show = pages.slideshow(replace(outlet, related=seed.ending), piece, seed.captions, seed.slides, others)
    feed = Document(pages.rss(outlet, pieces), XML_FEED, piece.published)
    home = Document(pages.front(outlet, "rss.xml", pieces))
    return {"/courrier/": home, "/courrier/rss.xml": feed, _path(outlet, piece): Document(show)} | _articles(outlet, others, pieces)


def _globe(outlet: Outlet, now: datetime) -> Documents:
    seed = second_seed()
    outlet = replace(outlet, cookies=seed.cookies)
    piece = Piece(
        seed.title,
        POST,
        "admin",
        "fr",
        "MONDE",
        seed.paragraphs[0],
        seed.paragraphs,
        now - timedelta(hours=4),
    )
    others = _pieces("globe", now)
    pieces = [*others, piece]
    return {
        "/globe/sitemap.xml": Document(pages.sitemap_index([outlet.url + "/news-sitemap.xml"], piece.published), XML, piece.published),
        "/globe/news-sitemap.xml": Document(pages.news_sitemap(outlet, pieces), XML, piece.published),
        _path(outlet, piece): Document(pages.wordpress(outlet, piece, seed.blocks, seed.ending, others)),
    } | _articles(outlet, others, pieces)


def _gazette(outlet: Outlet, now: datetime) -> Documents:
    pieces = _pieces("gazette", now)
    home = Document(pages.front(outlet, "atom.xml", pieces))
    return {"/gazette/": home, "/gazette/atom.xml": Document(pages.atom(outlet, pieces), ATOM, pieces[0].published)} | _articles(
        outlet, pieces, pieces
    )


def _channel(root: str, now: datetime) -> Documents:
    seed = second_seed()
    link = f"{root}/globe/{POST}/"
    posts = sorted((_post(head, text, now) for head, text in _parts(FILES / "depeches.txt")), key=lambda post: post.number)
    posts = [
        replace(post, kind="text", text="\n\n".join(seed.paragraphs[:OPENING]), link=link) if post.kind == "seed" else post
        for post in posts
    ]
    older, newest = posts[:-PAGE_OF_POSTS], posts[-PAGE_OF_POSTS:]
    path, begin = f"/s/{CHANNEL}", newest[0].number
    return {
        path: Document(pages.channel(CHANNEL, CHANNEL_TITLE, CHANNEL_NUMBER, newest, begin)),
        f"{path}?before={begin}": Document(pages.channel(CHANNEL, CHANNEL_TITLE, CHANNEL_NUMBER, older, None)),
    }


def _articles(outlet: Outlet, pieces: Sequence[Piece], all_pieces: Sequence[Piece]) -> Documents:
    return {_path(outlet, piece): Document(pages.article(outlet, piece, [p for p in all_pieces if p is not piece][:4])) for piece in pieces}


def _path(outlet: Outlet, piece: Piece) -> str:
    """The piece's path on the server: its address without scheme and host."""
    return "/" + pages.address(outlet, piece).split("/", 3)[3]


# ── files -> pieces and posts ────────────────────────────────────────────────────────────────────────────────────────


def _parts(path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """(headers, body) of each part of a file; parts are divided by lines of ===, headers from the body by an empty line."""
    for part in path.read_text(encoding="utf-8").split("\n===\n"):
        message = Parser().parsestr(part)
        yield dict(message.items()), str(message.get_payload()).strip()


def _pieces(folder: str, now: datetime) -> list[Piece]:
    """The folder's articles, the newest first."""
    found = [_piece(head, body, now) for path in sorted((FILES / folder).glob("*.txt")) for head, body in _parts(path)]
    return sorted(found, key=lambda piece: piece.published, reverse=True)


def _piece(head: dict[str, str], body: str, now: datetime) -> Piece:
    published = now - timedelta(hours=int(head["Hours"]))
    return Piece(head["Title"], head["Slug"], head["Author"], head["Lang"], head["Section"], head["Lead"], tuple(_blocks(body)), published)


def _post(head: dict[str, str], text: str, now: datetime) -> Post:
    published = now - timedelta(hours=int(head["Hours"]))
    return Post(int(head["Id"]), text, published, head.get("Kind", "text"), "Edited" in head, head.get("Forwarded", ""))


# ── generated outlets, of any size ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Generated:
    """A feed made to measure: its path, the paths of its pages in the feed's order, and those of them that alert."""

    path: str
    pages: tuple[str, ...]
    alerting: tuple[str, ...]


def generate(root: str, path: str, entries: int, now: datetime) -> tuple[Generated, Documents]:
    """An RSS feed of `entries` articles, each of other sentences, and its pages; the same ones for the same path."""
    outlet = Outlet("The Daily Generator", root + path.rsplit(".", 1)[0], "en", ("Home", "World"), "We use cookies.", "Most read")
    words = _vocabulary()
    pieces = [_generated(words, f"{path}:{number}", number, now) for number in range(entries)]
    made = _articles(outlet, pieces, pieces[:3])
    paths = tuple(_path(outlet, piece) for piece in pieces)
    feed = Document(pages.rss(outlet, pieces), XML_FEED, now)
    return Generated(path, paths, paths[::ALARM_EVERY]), {path: feed} | made


def _vocabulary() -> dict[str, list[str]]:
    """generated.txt: lists of words on one line each, then two lists of sentence frames, a frame a line."""
    lists: dict[str, list[str]] = {}
    name = ""
    for line in (FILES / "generated.txt").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"(\w+):(.*)", line):
            name = match[1]
            lists[name] = match[2].split()
        else:
            lists[name].append(line)
    return lists


def _generated(words: dict[str, list[str]], seed: str, number: int, now: datetime) -> Piece:
    chance = random.Random(seed)

    def fill(frame: str) -> str:
        picked = {slot: chance.choice(words[plural]) for slot, plural in SLOTS.items()}
        sentence = frame.format(number=chance.randint(11, 9999), year=chance.randint(1901, 2025), **picked)
        return sentence[0].upper() + sentence[1:]

    alarming = number % ALARM_EVERY == 0
    sentences = [fill(chance.choice(words["frames"])) for _ in range(SENTENCES)]
    if alarming:
        sentences[1:1] = [fill(frame) for frame in chance.sample(words["alarms"], 2)]
    title = fill("{town} court hears of {number} Russian deserters" if alarming else "{town}: {makers} and {qualities} {things} of {year}")
    paragraphs = tuple(" ".join(sentences[at : at + 4]) for at in range(1, len(sentences), 4))
    return Piece(
        f"{title} ({number})", f"{number:04d}", fill("{name}"), "en", "World", sentences[0], paragraphs, now - timedelta(minutes=number)
    )


#: slot of a frame -> the list its word is taken from
SLOTS = {
    "town": "towns",
    "name": "names",
    "day": "days",
    "qualities": "qualities",
    "things": "things",
    "makers": "makers",
    "other": "makers",
    "deeds": "deeds",
    "moment": "moments",
}
