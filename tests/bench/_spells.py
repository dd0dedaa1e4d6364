"""Outlets that live for weeks in a model: what each published when, and under which spell its server stands. Bytes are real.

A spell is one misbehaviour for a while; the calm between two is longer than a back-off. `answer` is a function of the request and of
the hour; beside it the model keeps what a judge needs: requests, wishes, and the pieces that were handed over whole.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from itertools import pairwise

from aiohttp import ClientPayloadError

from monitor.model import Endpoint, EndpointKind, Source, SourceKind, Validators
from tests.press import pages

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LONGEST_WISH = DAY  # of a Retry-After: what is longer is cut, and told
RESURFACED = 5  # old pieces that come up again at a time
WORDS = ("мост", "река", "школа", "театр", "вокзал", "рынок", "музей", "парк", "завод", "порт", "суд", "больница", "снег", "урожай")


@dataclass(frozen=True)
class Answer:
    """What goes over the wire. `whole`: the pieces that it hands over undamaged; None where it is no complete list."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    whole: frozenset[int] | None = None
    framed: bool = True  # its length was told
    wait: timedelta | None = None  # what a Retry-After means, where it can be read


@dataclass(frozen=True)
class Asked:
    at: datetime
    first: bool  # the endpoint's own address: no older page, child or redirect
    sent: Validators


@dataclass(frozen=True)
class Spell:
    kind: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Kind:
    """`answer` says what the server does; `serves`: whoever asks gets what is there; `quiet`: nothing is published."""

    answer: Callable[[Outlet, Validators, datetime], Answer | Exception]
    serves: bool = False
    quiet: bool = False
    days: tuple[float, float] = (0.5, 4)
    feeds_only: bool = False
    dead: bool = False  # never anything to read
    last: bool = False  # nothing comes after it


@dataclass
class Outlet:
    name: str
    dress: str  # rss, atom, json, sitemap, index, telegram
    url: str
    every: timedelta
    window: int  # pieces that its list holds
    manner: str  # etag, date, both, none: the validators that it gives
    born: list[datetime]
    oldest: list[int]  # pieces that its list showed at the beginning
    spells: list[Spell]
    asked: list[Asked] = field(default_factory=list)
    handed: set[int] = field(default_factory=set)  # pieces handed over whole
    wishes: list[tuple[datetime, timedelta]] = field(default_factory=list)  # max-age
    refusals: list[datetime] = field(default_factory=list)  # 410s in a row
    given: Validators = field(default_factory=Validators)  # with the last whole list
    broken: list[str] = field(default_factory=list)  # wishes that were not kept

    @property
    def source(self) -> Source:
        kind = {"sitemap": EndpointKind.SITEMAP, "index": EndpointKind.SITEMAP, "telegram": EndpointKind.TELEGRAM}
        endpoint = Endpoint(kind.get(self.dress, EndpointKind.FEED), self.url, every=self.every)
        return Source(self.name, self.name, self.name, SourceKind.INDEPENDENT, ("ru",), (endpoint,))

    def spell(self, now: datetime) -> Spell | None:
        return next((spell for spell in self.spells if spell.begin <= now < spell.end), None)

    def out(self, now: datetime) -> list[int]:
        """What its list shows, the newest first."""
        return [n for n in reversed(range(len(self.born))) if self.born[n] <= now][: self.window]

    def shown(self, piece: int, end: datetime) -> tuple[datetime, datetime]:
        """From when to when the list holds a piece."""
        last = piece + self.window
        return self.born[piece], min(self.born[last], end) if last < len(self.born) else end

    def longest_pause(self, before: datetime) -> timedelta:
        """Between two pieces published by then."""
        return max(later - earlier for earlier, later in pairwise(at for at in self.born if at <= before))

    # ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, url: str, sent: Validators, now: datetime) -> Answer | Exception:
        first = url == self.url
        self._judge(first, sent, now)
        self.asked.append(Asked(now, first, sent))
        if "before=" in url:
            return self.listed(now, older=int(url.rpartition("=")[2]))
        if url.endswith("/news.xml"):
            return self.listed(now)
        spell = self.spell(now) if first else None
        answer = KINDS[spell.kind].answer(self, sent, now) if spell else plain(self, sent, now)
        self._remember(answer, now)
        return answer

    def _judge(self, first: bool, sent: Validators, now: datetime) -> None:
        """Whether this request keeps what the server wished for."""
        if len(self.refusals) > 1 and self.refusals[-1] - self.refusals[0] >= DAY:
            self.broken.append(f"{self.name} was asked at {now} though it is gone")
        if not first:
            return
        before = next((asked.at for asked in reversed(self.asked) if asked.first), None)
        if before is not None and now - before < self.every / 4:
            self.broken.append(f"{self.name} was asked at {now}, {now - before} after it had been")
        if self.wishes and before == self.wishes[-1][0] and now - before < min(self.wishes[-1][1], 4 * self.every):
            self.broken.append(f"{self.name} was asked at {now}, within its max-age")
        if sent.etag not in (None, self.given.etag) or sent.last_modified not in (None, self.given.last_modified):
            self.broken.append(f"{self.name} was asked at {now} with validators of no whole list")

    def _remember(self, answer: Answer | Exception, now: datetime) -> None:
        if isinstance(answer, Exception) or answer.status != 410:
            self.refusals.clear()
        if isinstance(answer, Exception):
            return
        named = dict(answer.headers)
        if answer.status == 410:
            self.refusals.append(now)
            self.given = Validators()
        elif answer.whole is not None:
            etag, modified = named.get("etag"), named.get("last-modified")
            self.given = Validators(etag.encode() if etag else None, modified.encode() if modified else None)
        if "max-age" in named.get("cache-control", ""):
            self.wishes.append((now, timedelta(seconds=int(named["cache-control"].rpartition("=")[2]))))

    # ── what is listed ───────────────────────────────────────────────────────────────────────────────────────────────

    def listed(
        self,
        now: datetime,
        *,
        older: int | None = None,
        ids: str = "",
        tail: str = "",
        again: int = 0,
        dated: datetime | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """A whole list. `ids`: put into every id; `tail`: behind every title; `again`: so many old pieces come up; `dated`: all dates."""
        numbers = self.out(now) if older is None else list(range(older - 2, -1, -1))[: self.window]
        old = [n for n in self.oldest if n not in numbers] if again else []
        pieces = [self._piece(n, tail, now if n in old else dated) for n in (*old, *numbers)]
        body = self._dressed(pieces, ids, older)
        whole = frozenset((*old, *numbers))
        self.handed |= whole
        return Answer(200, body, (("content-type", self._type()), *headers), whole)

    def _piece(self, number: int, tail: str, dated: datetime | None) -> pages.Piece:
        title, lead = _said(self.name, number)
        return pages.Piece(f"{title} ({number}){tail}", f"story/{number}", "Анна Ли", "ru", "Новости", lead, (), dated or self.born[number])

    def _dressed(self, pieces: list[pages.Piece], ids: str, older: int | None) -> bytes:
        home = "/".join(self.url.split("/")[:3])
        outlet = pages.Outlet(self.name + ids, home, "ru", (), "", "")
        if self.dress == "telegram":
            posts = [pages.Post(int(p.slug[6:]) + 1, f"{p.title}\n{p.lead}", p.published) for p in reversed(pieces)]
            more = posts[0].number if posts[0].number > 1 else None
            return pages.channel(self.name, self.name, int(sha256(self.name.encode()).hexdigest()[:8], 16), posts, more).encode()
        if self.dress == "json":
            items = [
                {
                    "id": f"{outlet.name}-{p.slug}",
                    "url": pages.address(outlet, p),
                    "title": p.title,
                    "date_published": p.published.isoformat(),
                }
                for p in pieces
            ]
            return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": self.name, "items": items}).encode()
        if self.dress in ("sitemap", "index"):
            return pages.news_sitemap(outlet, pieces).encode()
        if self.dress == "atom":
            return pages.atom(outlet, pieces).replace("tag:gazette.example,2026:", f"tag:{self.name}{ids},2026:").encode()
        return pages.rss(outlet, pieces).encode()

    def _type(self) -> str:
        return {"json": "application/feed+json", "telegram": "text/html; charset=utf-8", "rss": "application/rss+xml"}.get(
            self.dress, "application/xml"
        )


@cache
def _said(name: str, number: int) -> tuple[str, str]:
    """Title and lead of a piece."""
    chance = random.Random(f"{name} {number}")
    return " ".join(chance.choices(WORDS, k=7)), " ".join(chance.choices(WORDS, k=9))


class Press:
    """All outlets behind one door, and what belongs to hosts rather than to outlets."""

    def __init__(self, outlets: list[Outlet], dark: tuple[datetime, datetime]) -> None:
        self.outlets, self.dark = outlets, dark  # dark: our own network is down
        self.waits: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)  # host -> Retry-After
        self.broken: list[str] = []
        self._by_url = {out.url: out for out in outlets}
        self._by_host = {host(out.url): out for out in outlets}

    def answer(self, url: str, sent: Validators, now: datetime) -> Answer | Exception:
        if self.dark[0] <= now < self.dark[1]:
            return OSError("network is unreachable")
        at = host(url)
        self.broken += [f"{url} was asked at {now}, before {until}" for begun, until in self.waits[at] if begun < now < until]
        outlet = self._by_url.get(url.partition("?")[0].removesuffix("/elsewhere")) or self._by_host[at]
        answer = outlet.answer(url, sent, now)
        if isinstance(answer, Answer) and answer.wait:
            self.waits[at].append((now, now + answer.wait))
        return answer

    def unserved(self, out: Outlet, kinds: Container[str]) -> list[tuple[datetime, datetime]]:
        """When an outlet could not be had: under spells of these kinds, while its host wished not to be asked, and with our own network."""
        spells = [(spell.begin, spell.end) for spell in out.spells if spell.kind in kinds]
        return sorted([*spells, *self.waits[host(out.url)], self.dark])


def host(url: str) -> str:
    return url.split("/")[2]


# ── what a server does ───────────────────────────────────────────────────────────────────────────────────────────────


def validators(out: Outlet, body: bytes, now: datetime) -> tuple[tuple[str, str], ...]:
    tag = ("etag", f'W/"{sha256(body).hexdigest()[:12]}"')
    date = ("last-modified", format_datetime(out.born[out.out(now)[0]], usegmt=True))
    return {"etag": (tag,), "date": (date,), "both": (tag, date), "none": ()}[out.manner]


def honest(out: Outlet, answer: Answer, sent: Validators, now: datetime) -> Answer:
    """The list under its validators, or 304 where they are those that were sent."""
    given = validators(out, answer.body, now)
    named = dict(given)
    if given and (sent.etag or sent.last_modified):
        same = (
            (sent.etag or b"").decode() == named["etag"]
            if "etag" in named
            else (sent.last_modified or b"").decode() == named["last-modified"]
        )
        if same:
            return Answer(304, headers=given)
    return replace(answer, headers=(*answer.headers, *given))


def plain(out: Outlet, sent: Validators, now: datetime) -> Answer:
    if out.dress == "index":  # the index says nothing of its children
        body = pages.sitemap_index([out.url.replace("/index.xml", "/news.xml")], out.born[0]).encode()
        return Answer(200, body, (("content-type", "application/xml"),), frozenset())
    return honest(out, out.listed(now), sent, now)


def dressed(**how: str | int) -> Callable[[Outlet, Validators, datetime], Answer]:
    return lambda out, sent, now: honest(out, out.listed(now, **how), sent, now)  # type: ignore[arg-type]


def moving_dates(out: Outlet, sent: Validators, now: datetime) -> Answer:
    return out.listed(now, dated=now)


def flapping(out: Outlet, sent: Validators, now: datetime) -> Answer:
    return out.listed(now, headers=(("etag", f'"{now.timestamp()}"'),))


def lying(out: Outlet, sent: Validators, now: datetime) -> Answer:
    return Answer(304) if sent != Validators() else plain(out, sent, now)


def cached(out: Outlet, sent: Validators, now: datetime) -> Answer:
    answer = plain(out, sent, now)
    return replace(answer, headers=(*answer.headers, ("cache-control", f"public, max-age={3600 * (1 + now.hour % 12)}")))


def redirected(status: int) -> Callable[[Outlet, Validators, datetime], Answer]:
    return lambda out, sent, now: Answer(status, headers=(("location", f"{out.url}/elsewhere"),))


def as_cyrillic(label: str, codec: str) -> Callable[[Outlet, Validators, datetime], Answer]:
    """The list in one charset under the name of another."""

    def answer(out: Outlet, sent: Validators, now: datetime) -> Answer:
        listed = out.listed(now)
        body = listed.body.decode().replace("UTF-8", label).replace("utf-8", label).encode(codec, "xmlcharrefreplace")
        return replace(listed, body=body, headers=(("content-type", f"application/xml; charset={label}"),))

    return answer


def now_and_then(bad: Callable[[Outlet, Validators, datetime], Answer | Exception]) -> Callable[..., Answer | Exception]:
    """Bad in every other hour, in no order."""

    def answer(out: Outlet, sent: Validators, now: datetime) -> Answer | Exception:
        return bad(out, sent, now) if random.Random(f"{out.name} {now:%m%d%H}").random() < 0.5 else plain(out, sent, now)

    return answer


def empty(out: Outlet, sent: Validators, now: datetime) -> Answer:
    return Answer(200, f"<rss version='2.0'><channel><title>{out.name}</title></channel></rss>".encode(), (("etag", '"empty"'),))


def third(out: Outlet, now: datetime) -> bytes:
    """The first third of the list, which is not handed over whole."""
    handed = set(out.handed)
    body = out.listed(now).body
    out.handed = handed
    return body[: len(body) // 3]


def cut(out: Outlet, sent: Validators, now: datetime) -> Exception:
    return ClientPayloadError()


def cut_unseen(out: Outlet, sent: Validators, now: datetime) -> Answer:
    return Answer(200, third(out, now), (("content-type", "application/xml"), ("etag", '"whole"')), framed=False)


def cut_then_304(out: Outlet, sent: Validators, now: datetime) -> Answer:
    """The list is cut under an ETag, and whoever comes back with that is told that nothing changed."""
    return Answer(304) if sent.etag == b'"cut"' else Answer(200, third(out, now), (("etag", '"cut"'),), framed=False)


def says(status: int, body: str = "", wait: int | None = None, **headers: str) -> Callable[[Outlet, Validators, datetime], Answer]:
    """`wait`: seconds of a Retry-After."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    if wait is None:
        return lambda out, sent, now: Answer(status, body.encode(), named)
    asked = Answer(status, headers=(("retry-after", str(wait)),), wait=min(wait * SECOND, LONGEST_WISH))
    return lambda out, sent, now: asked


def later(out: Outlet, sent: Validators, now: datetime) -> Answer:
    return Answer(503, headers=(("retry-after", format_datetime(now + 7 * HOUR, usegmt=True)),), wait=7 * HOUR)


def oddly_later(out: Outlet, sent: Validators, now: datetime) -> Answer:
    odd = ("soon", "-5", "Wed, 99 Nov 2026 00:00:00 GMT", "1e9", "")
    return Answer(429, b"", (("retry-after", odd[now.hour % len(odd)]),))


def fails(error: type[Exception]) -> Callable[[Outlet, Validators, datetime], Exception]:
    return lambda out, sent, now: error("nobody there")


WALL = "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'></script></html>"
LOGIN = "<html><title>Вход</title><form><input type='password' name='p'></form></html>"
WEEKS = (7, 16)

KINDS: dict[str, Kind] = {
    # the list is there for whoever asks, in an odd dress
    "all ids change": Kind(dressed(ids=" neu"), serves=True, feeds_only=True),
    "all titles change": Kind(dressed(tail=" *"), serves=True),
    "old pieces come up again": Kind(dressed(again=1), serves=True, feeds_only=True),
    "all dates move": Kind(moving_dates, serves=True, feeds_only=True),
    "ETags flap": Kind(flapping, serves=True),
    "max-age": Kind(cached, serves=True),
    "redirect for good": Kind(redirected(301), serves=True, days=(2, 7)),
    "redirect for now": Kind(redirected(302), serves=True),
    "cp1251 called UTF-8": Kind(as_cyrillic("utf-8", "cp1251"), serves=True, feeds_only=True),
    "UTF-8 called KOI8-R": Kind(as_cyrillic("koi8-r", "utf-8"), serves=True, feeds_only=True),
    "304 whatever changed": Kind(lying, days=(12, 16)),
    # silence, under a server that goes on answering
    "silence": Kind(plain, serves=True, quiet=True),
    "silence under moving dates": Kind(moving_dates, serves=True, quiet=True, feeds_only=True),
    "silence under flapping ETags": Kind(flapping, serves=True, quiet=True),
    # now and then
    "empty now and then": Kind(now_and_then(empty)),
    "cut now and then": Kind(now_and_then(cut)),
    "cut unseen now and then": Kind(now_and_then(cut_unseen)),
    "cut under an ETag, then 304": Kind(now_and_then(cut_then_304)),
    "a bot wall at 200 now and then": Kind(now_and_then(says(200, WALL, etag='"wall"'))),
    "429 for hours now and then": Kind(now_and_then(says(429, wait=18_000))),
    "410 once in a while": Kind(now_and_then(says(410)), days=(0.2, 0.4)),
    # nothing to read
    "dead for weeks": Kind(fails(ConnectionRefusedError), dead=True, days=WEEKS),
    "hung for days": Kind(fails(TimeoutError), dead=True),
    "404 for weeks": Kind(says(404), dead=True, days=WEEKS),
    "500": Kind(says(500), dead=True),
    "429 for a day and more": Kind(says(429, wait=400_000), dead=True),
    "503 until a date": Kind(later, dead=True),
    "429 until no date": Kind(oddly_later, dead=True),
    "451": Kind(says(451), dead=True),
    "401": Kind(says(401), dead=True),
    "a bot wall at 403": Kind(says(403, WALL), dead=True),
    "a bot wall at 200": Kind(says(200, WALL, etag='"wall"'), dead=True),
    "a log-in page": Kind(says(200, LOGIN, content_type="text/html"), dead=True),
    "no XML at all": Kind(says(200, "<rss <<< \x01 &&& ", content_type="application/rss+xml"), dead=True),
    "an empty body": Kind(says(200), dead=True),
    "gone for good": Kind(says(410), dead=True, last=True),
}


# ── their lives ──────────────────────────────────────────────────────────────────────────────────────────────────────

#: (pause between two pieces in hours, rests at night, rests at week-ends, pieces on its list, looked at every so many hours)
RHYTHMS = (
    (4, False, False, 15, 1),
    (8, False, False, 12, 2),
    (3, True, True, 60, 1),
    (12, False, False, 10, 4),
    (2, True, False, 30, 0.5),
    (24, False, False, 20, 4),
    (60, False, False, 15, 4),
    (6, True, True, 25, 2),
)
DRESSES = ("rss", "atom", "telegram", "rss", "json", "sitemap", "rss", "index")
MANNERS = ("etag", "both", "date", "none", "both")


def outlets(count: int, begin: datetime, days: int, seed: str) -> list[Outlet]:
    """So many outlets; all kinds of spells are dealt to them from one deck, so that each comes up about as often."""
    deck = _deck(random.Random(seed))
    return [_outlet(number, begin, begin + days * DAY, random.Random(f"{seed} {number}"), deck) for number in range(count)]


def _deck(chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.sample(list(KINDS), len(KINDS))


def _outlet(number: int, begin: datetime, end: datetime, chance: random.Random, deck: Iterator[str]) -> Outlet:
    pause, night, weekend, window, every = RHYTHMS[number % len(RHYTHMS)]
    dress = DRESSES[(number + number // len(RHYTHMS)) % len(DRESSES)]
    name = f"outlet_{number:02}"
    home = f"https://{name.replace('_', '-')}.example"
    paths = {"telegram": f"https://t.me/s/{name}", "index": f"{home}/index.xml", "sitemap": f"{home}/sitemap.xml"}
    spells = list(_spells(begin, end, pause * HOUR, dress, chance, deck))
    quiet = [spell for spell in spells if KINDS[spell.kind].quiet]
    born = list(_births(begin, end, pause * HOUR, (night, weekend), window, quiet, chance))
    manner = "none" if dress in ("telegram", "index") else MANNERS[number % len(MANNERS)]
    shown = [n for n, at in enumerate(born) if at <= begin][-window:]
    return Outlet(name, dress, paths.get(dress, f"{home}/feed"), every * HOUR, window, manner, born, shown[:RESURFACED], spells)


def _spells(begin: datetime, end: datetime, pause: timedelta, dress: str, chance: random.Random, deck: Iterator[str]) -> Iterator[Spell]:
    at, quiet = begin + chance.uniform(3, 5) * DAY, False
    while at < end:
        kind = KINDS[name := next(deck)]
        if (kind.feeds_only and dress in ("telegram", "sitemap", "index")) or (dress == "index" and kind.answer is lying):
            continue
        if (kind.last and end - at > 12 * DAY) or (kind.quiet and end - at < max(12 * DAY, 10 * pause)):
            continue
        if kind.quiet and quiet:  # a rhythm that paused for so long explains another such pause for weeks
            continue
        quiet = quiet or kind.quiet
        lasts = max(12 * DAY, 10 * pause) if kind.quiet else chance.uniform(*kind.days) * DAY
        until = end if kind.last else min(at + lasts, end)
        yield Spell(name, at, until)
        at = until + chance.uniform(2.5, 5) * DAY


def _births(
    begin: datetime,
    end: datetime,
    pause: timedelta,
    rests: tuple[bool, bool],
    window: int,
    quiet: list[Spell],
    chance: random.Random,
) -> Iterator[datetime]:
    """When pieces are published: from before the beginning, so that the list is full, with pauses of half to one and a half."""
    night, weekend = rests
    at = begin - window * pause * 2
    while at < end:
        at = (at + pause * chance.uniform(0.5, 1.5)).replace(microsecond=0)
        resting = (night and at.hour < 6) or (weekend and at.weekday() > 4)
        if not resting and not any(spell.begin <= at < spell.end for spell in quiet):
            yield at
