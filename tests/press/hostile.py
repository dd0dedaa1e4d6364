"""Outlets that misbehave for days: each on a server of its own, with what may be said of each of its answers, and a desk that is killed.

An outlet publishes a story now and then. What it answers is a function of the request and of the hour; `whole` is what of its stories
it ever handed over undamaged, `allowed` the outcomes that its latest answer may be told as. Time is moved with libfaketime.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from monitor.model import utc_text
from tests.press import outlets
from tests.press.raw import HANG, RESET, Asked, RawServer, Step, reply

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
BEGIN = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KILLED = 0.4  # share of polls; the first is always killed, while it asks its outlets
LONGEST_POLL = 240.0  # seconds
AT_FIRST = 3  # stories of an outlet on its first day

GOOD = frozenset({"ok_new", "ok_nothing_new"})
ODD = GOOD | {"suspicious", "parse_partial"}
WORDS = outlets._vocabulary()


@dataclass
class Outlet:
    """One source. `answer(outlet, asked)` says what its endpoint answers; the tail of `answers` is what it may be told as."""

    name: str
    answer: Callable[[Outlet, Asked], Iterable[Step] | bytes]
    begin: datetime
    now: Callable[[], datetime]
    stories: int
    every: timedelta
    health: frozenset[str] = frozenset({"ok"})  # at the end
    until: timedelta | None = None  # then it falls silent
    server: RawServer = field(default_factory=RawServer)
    allowed: frozenset[str] = GOOD
    whole: set[int] = field(default_factory=set)
    log: list[tuple[datetime, str, bytes | None]] = field(default_factory=list)  # when, path, cookie
    pieces: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pieces = [outlets._generated(WORDS, f"{self.name}:{n}", n, self.begin) for n in range(self.stories)]
        self.server.say("/feed", self._answer)
        self.server.say("/robots.txt", reply(404))
        for number in range(self.stories):
            self.server.say(f"/story/{number}", partial(self._page, number))

    @property
    def age(self) -> timedelta:
        return self.now() - self.begin

    def born(self, number: int) -> datetime:
        return self.begin - HOUR * (AT_FIRST - number) if number < AT_FIRST else self.begin + self.every * (number - AT_FIRST + 1)

    def out(self) -> list[int]:
        """The stories that are out by now, the newest first."""
        latest = min(self.now(), self.begin + self.until) if self.until else self.now()
        return [n for n in reversed(range(self.stories)) if self.born(n) <= latest]

    def url(self, number: int) -> str:
        return self.server.url(f"/story/{number}")

    def rss(
        self,
        *,
        guid: str = "{0}",
        title: Callable[[str], str] = lambda title: title,
        extra: str = "",
        head: str = "<?xml version='1.0' encoding='utf-8'?>",
        moved: timedelta = timedelta(),
    ) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>{guid.format(n)}</guid><title>{escape(title(self.pieces[n].title))}</title>"
            f"<link>{self.url(n)}</link><pubDate>{format_datetime(self.born(n) + moved)}</pubDate>"
            f"<description>{escape(self.pieces[n].lead)}</description></item>\n"
            for n in self.out()
        )
        return f"{head}<rss version='2.0'><channel><title>{self.name}</title>{extra}{items}</channel></rss>".encode()

    def good(self, body: bytes | None = None, allowed: frozenset[str] = GOOD, **how: Any) -> bytes:
        """A complete answer, whose stories have to be kept."""
        self.allowed = allowed
        self.whole.update(self.out())
        headers = {"Content-Type": "application/rss+xml", **how.pop("headers", {})}
        return reply(how.pop("status", 200), self.rss() if body is None else body, headers, **how)

    def bad(self, *allowed: str) -> None:
        self.allowed = frozenset(allowed)

    def _answer(self, asked: Asked) -> Iterable[Step]:
        self.log.append((self.now(), asked.path, asked.header("Cookie")))
        answer = self.answer(self, asked)
        return (answer,) if isinstance(answer, bytes) else answer

    def _page(self, number: int, asked: Asked) -> Iterable[Step]:
        piece = self.pieces[number]
        self.log.append((self.now(), asked.path, asked.header("Cookie")))
        text = "".join(f"<p>{escape(part)}</p>" for part in (piece.lead, *piece.paragraphs))
        head = f"<html><head><title>{escape(piece.title)}</title></head><body><article><h1>{escape(piece.title)}</h1>"
        yield reply(200, f"{head}{text}</article></body></html>".encode(), {"Content-Type": "text/html; charset=utf-8"})


# ── behaviours ───────────────────────────────────────────────────────────────────────────────────────────────────────

Behaviour = Callable[[Outlet, Asked], Iterable[Step] | bytes]
BEHAVIOURS: dict[str, tuple[Behaviour, dict[str, Any]]] = {}
CANARY = RawServer()  # nobody may come here
DEAD = frozenset({"failing", "refused"})
AS_IT_ENDS = frozenset({"ok", "failing"})  # whether its last answer was a good one is left to chance


def outlet(health: frozenset[str] | str = "ok", **more: Any) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour, with the health that its source has to show at the end."""

    def registered(behaviour: Behaviour) -> Behaviour:
        wanted = health if isinstance(health, frozenset) else frozenset({health})
        BEHAVIOURS[behaviour.__name__.replace("_", "-")] = behaviour, {"health": wanted, **more}
        return behaviour

    return registered


def simple(name: str, answer: Callable[[Outlet], bytes], health: frozenset[str] | str = "ok", **more: Any) -> None:
    def behaviour(out: Outlet, asked: Asked) -> bytes:
        return answer(out)

    behaviour.__name__ = name
    outlet(health, **more)(behaviour)


def always(name: str, answer: bytes | tuple[Step, ...], *allowed: str) -> None:
    """An outlet that never answers anything to read."""

    def behaviour(out: Outlet, asked: Asked) -> Iterable[Step] | bytes:
        out.bad(*allowed)
        return answer

    behaviour.__name__ = name
    outlet(DEAD)(behaviour)


def cut(body: bytes) -> bytes:
    return body[: body.index(b"<item>") + 40]


@outlet()
def plain(out: Outlet, asked: Asked) -> bytes:
    return out.good()


@outlet()
def honest_304(out: Outlet, asked: Asked) -> bytes:
    tag = f'W/"{len(out.out())} x,y--gzip"'
    if asked.header("If-None-Match") == tag.encode():
        out.bad("not_modified")
        return reply(304, headers={"ETag": tag})
    return out.good(headers={"ETag": tag, "Last-Modified": "yesterday"})


@outlet()
def cut_then_304(out: Outlet, asked: Asked) -> bytes:
    """The first answer is cut, and would be told unmodified for ever. It says 304 also to a desk killed over what it was handed."""
    if asked.header("If-None-Match"):
        out.bad("not_modified")
        return reply(304) if out.whole >= set(out.out()) else out.good(headers={"ETag": '"e"'})
    if len(out.log) < 3:
        out.bad("net_error")
        return reply(200, cut(out.rss()), {"ETag": '"e"'}, length=len(out.rss()))
    return out.good(headers={"ETag": '"e"'}, allowed=GOOD | {"suspicious"})


@outlet()
def cut_without_length(out: Outlet, asked: Asked) -> bytes:
    if asked.header("If-None-Match"):
        out.bad()  # nothing was complete
        return reply(304)
    if len(out.log) % 2:
        out.bad("parse_partial", "parse_failed", "net_error")
        return reply(200, cut(out.rss()), {"ETag": '"e"'}, length=None)
    return out.good()


@outlet()
def lying_304(out: Outlet, asked: Asked) -> bytes:
    if asked.header("If-None-Match"):
        out.bad("not_modified")
        return reply(304)
    return out.good(headers={"ETag": '"for ever"'}, allowed=GOOD | {"suspicious"})


@outlet()
def both_validators(out: Outlet, asked: Asked) -> bytes:
    """The date stays, the tag changes."""
    tag = f'"{len(out.out())}"'
    if asked.header("If-None-Match") == tag.encode() and asked.header("If-Modified-Since") == b"Mon, 02 Nov 2026 05:00:00 GMT":
        out.bad("not_modified")
        return reply(304)
    return out.good(headers={"ETag": tag, "Last-Modified": "Mon, 02 Nov 2026 05:00:00 GMT"})


@outlet()
def all_ids_change(out: Outlet, asked: Asked) -> bytes:
    return out.good(out.rss(guid="{0}" if out.age < 2 * DAY else "https://new.example/{0}" if out.age < 4 * DAY else "tag:new,2026:{0}"))


@outlet()
def too_many_requests(out: Outlet, asked: Asked) -> bytes:
    if DAY < out.age < 2 * DAY:
        out.bad("rate_limited")
        return reply(429, b"slow down")
    return out.good()


@outlet(AS_IT_ENDS)
def retry_after_seconds(out: Outlet, asked: Asked) -> bytes:
    if len(out.log) % 3 == 0:
        out.bad("rate_limited")
        return reply(429, headers={"Retry-After": "36000"})
    return out.good()


@outlet(AS_IT_ENDS)
def retry_after_date(out: Outlet, asked: Asked) -> bytes:
    if len(out.log) % 3 == 0:
        out.bad("rate_limited")
        return reply(503, headers={"Retry-After": format_datetime(out.now() + 10 * HOUR, usegmt=True)})
    return out.good()


@outlet(AS_IT_ENDS)
def retry_after_nonsense(out: Outlet, asked: Asked) -> bytes:
    odd = ("soon", "-5", "", "1e9", "Wed, 99 Nov 2026 00:00:00 GMT")
    if len(out.log) % 2:
        out.bad("rate_limited")
        return reply(429, headers={"Retry-After": odd[len(out.log) // 2 % len(odd)]})
    return out.good()


@outlet(AS_IT_ENDS)
def retry_after_ten_years(out: Outlet, asked: Asked) -> bytes:
    if out.age < DAY / 8:  # more than one poll, so that the first one may be killed
        return out.good()
    out.bad("rate_limited")
    return reply(429, headers={"Retry-After": "315360000"})


@outlet(DEAD)
def gone(out: Outlet, asked: Asked) -> bytes:
    if out.age < DAY:
        return out.good()
    out.bad("gone")
    return reply(410)


@outlet()
def gone_for_an_hour(out: Outlet, asked: Asked) -> bytes:
    if len(out.log) == 2:
        out.bad("gone")
        return reply(410)
    return out.good()


@outlet()
def missing_for_days(out: Outlet, asked: Asked) -> bytes:
    if DAY < out.age < 4 * DAY:
        out.bad("http_error")
        return reply(404)
    return out.good()


@outlet()
def moved_for_good(out: Outlet, asked: Asked) -> bytes:
    if "to" in asked.path:
        return out.good(allowed=GOOD | {"moved"})
    return reply(301, headers={"Location": "/feed?to=here"})


@outlet()
def moved_for_now(out: Outlet, asked: Asked) -> bytes:
    return out.good() if "to" in asked.path else reply(302, headers={"Location": "/feed?to=here"})


@outlet()
def empty_between(out: Outlet, asked: Asked) -> bytes:
    if len(out.log) % 3 == 0:
        out.bad("suspicious")
        return reply(200, f"<rss version='2.0'><channel><title>{out.name}</title></channel></rss>".encode())
    return out.good()


@outlet(frozenset({"failing", "silent"}), until=DAY)
def empty_for_ever(out: Outlet, asked: Asked) -> bytes:
    if out.age > DAY:
        out.bad("suspicious")
        return reply(200, f"<rss version='2.0'><channel><title>{out.name}</title></channel></rss>".encode())
    return out.good()


@outlet(AS_IT_ENDS)
def challenge_in_between(out: Outlet, asked: Asked) -> bytes:
    if len(out.log) % 3 == 0:
        out.bad("challenge")
        script = b"<script src='/cdn-cgi/challenge-platform/x.js'></script>"
        return reply(200, b"<title>Just a moment...</title>Enable JavaScript and cookies to continue" + script, {"ETag": '"wall"'})
    return out.good()


@outlet()
def cookies(out: Outlet, asked: Asked) -> bytes:
    return out.good(headers={"Set-Cookie": "track=1; Path=/"})


@outlet()
def slow_but_whole(out: Outlet, asked: Asked) -> Iterable[Step]:
    body = out.good()
    return (body[:200], 0.3, body[200:])


@outlet(AS_IT_ENDS)
def reset_at_times(out: Outlet, asked: Asked) -> Iterable[Step]:
    if random.Random(len(out.log)).random() < 0.4:
        out.bad("net_error", "timeout")
        return (b"HTTP/1.1 200 OK\r\nContent-Le", RESET)
    return (out.good(),)


@outlet()
def known_dates_move(out: Outlet, asked: Asked) -> bytes:
    return out.good(out.rss(moved=out.age / 24), allowed=ODD)


@outlet("silent", until=DAY)
def falls_silent(out: Outlet, asked: Asked) -> bytes:
    return out.good()


@outlet(frozenset({"silent", "ok"}), until=DAY)
def only_dates_move(out: Outlet, asked: Asked) -> bytes:
    return out.good(out.rss(moved=out.age), allowed=ODD)


@outlet()
def two_texts_one_id(out: Outlet, asked: Asked) -> bytes:
    return out.good(out.rss(guid="the same"))


@outlet()
def robots_down(out: Outlet, asked: Asked) -> bytes:
    out.server.say("/robots.txt", reply(503))
    return out.good()


@outlet()
def pages_are_walls(out: Outlet, asked: Asked) -> bytes:
    wall = reply(200, b"<html><body><h1>We value your privacy</h1><p>Accept all cookies to go on reading.</p></body></html>")
    for number in range(out.stories):
        out.server.say(f"/story/{number}", wall)
    return out.good()


@outlet()
def pages_come_late(out: Outlet, asked: Asked) -> bytes:
    for number in out.out():
        if out.now() - out.born(number) < 3 * HOUR:
            out.server.say(f"/story/{number}", reply(404))
        else:
            out.server.say(f"/story/{number}", partial(out._page, number))
    return out.good()


@outlet()
def pages_lead_inside(out: Outlet, asked: Asked) -> bytes:
    for number in range(0, out.stories, 2):
        out.server.say(f"/story/{number}", reply(302, headers={"Location": CANARY.url("/latest/meta-data")}))
    return out.good()


XML_1251, XML_UTF8 = {"Content-Type": "text/xml; charset=windows-1251"}, {"Content-Type": "text/xml; charset=utf-8"}
XXE = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x SYSTEM '{}'>]>"


def cyrillic(out: Outlet) -> bytes:
    return out.rss(title=lambda title: f"Дезертир: {title}")


def as_json(out: Outlet) -> bytes:
    items = [{"id": str(n), "url": out.url(n), "title": out.pieces[n].title, "date_published": out.born(n).isoformat()} for n in out.out()]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": out.name, "items": items}).encode()


def as_atom(out: Outlet) -> bytes:
    entries = "".join(
        f"<entry><id>urn:{n}</id><title>{escape(out.pieces[n].title)}</title><link href='{out.url(n)}'/>"
        f"<updated>{out.born(n).isoformat()}</updated></entry>"
        for n in out.out()
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{out.name}</title>{entries}</feed>".encode()


simple("cyrillic_in_cp1251", lambda o: o.good(cyrillic(o).decode().encode("cp1251", "replace"), headers=XML_UTF8))
simple("utf8_called_cp1251", lambda o: o.good(cyrillic(o), headers=XML_1251))
simple("controls", lambda o: o.good(o.rss(title=lambda title: f"\x0b\x1f{title}\x08")))
simple("bad_references", lambda o: o.good(o.rss().replace(b"<title>", b"<title>&#xD800;&#x110000; & "), ODD))
simple("broken_prolog", lambda o: o.good(o.rss(head="\ufeff \n<?xml version='1.0' encoding='utf-8'?>"), ODD))
simple("entities", lambda o: o.good(o.rss(head=XXE.format(CANARY.url("/x")), extra="<description>&x;</description>"), ODD))
simple("never_closed", lambda o: o.good(o.rss().replace(b"</channel></rss>", b""), frozenset({"parse_partial"})))
simple("zipped", lambda o: o.good(gzip.compress(o.rss()), headers={"Content-Encoding": "gzip"}))
simple("called_an_image", lambda o: o.good(headers={"Content-Type": "image/png"}))
simple("ids_in_words", lambda o: o.good(o.rss(guid="story number {0} of «the outlet»")))
simple("cached_for_years", lambda o: o.good(headers={"Cache-Control": "max-age=3155760000"}))
simple("json_feed", lambda o: o.good(as_json(o)))
simple("atom", lambda o: o.good(as_atom(o)))

BOMB = gzip.compress(b"<rss version='2.0'><channel>" + b" " * 64 * 1024**2, 9)
always("challenge_for_ever", reply(403, b"<title>Attention Required! | Cloudflare</title>", {"cf-mitigated": "challenge"}), "challenge")
always("login", reply(200, b"<html><title>Log in</title><form action=/login><input type=password name=p></form></html>"),
       "auth", "not_a_feed", "challenge")  # fmt: skip
always(
    "parked",
    reply(200, b"<html><title>Domain for sale</title><body>Buy this domain</body></html>"),
    "not_a_feed",
    "challenge",
    "suspicious",
)
always("unasked_304", reply(304), "http_error")
always("no_content", reply(204), "http_error")
always("partial_content", reply(206, b"<rss version='2.0'>"), "http_error")
always("password", reply(401), "auth")
always("legal_block", reply(451), "http_error")
always("server_error", reply(500, b"<html>oops</html>"), "http_error")
always("no_body", reply(200, b""), "net_error", "parse_failed")
always("hangs", (HANG,), "timeout")
always("drips", tuple(step for n in range(200) for step in (b"HTTP/1.1 200 OK\r\n\r\n<rss>"[n : n + 1] or b" ", 0.2)), "timeout")
always("bomb", reply(200, BOMB, {"Content-Encoding": "gzip"}), "too_big")
always("half_zipped", reply(200, gzip.compress(b"<rss>" * 1000)[:-12], {"Content-Encoding": "gzip"}), "net_error")
always(
    "many_headers",
    b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(300)) + b"\r\n",
    "http_error",
    "net_error",
)
always("not_http", b"\x16\x03\x01 hello\r\n\r\n", "http_error", "net_error")
always("redirects_round", reply(302, headers={"Location": "/feed"}), "net_error")
always("redirects_inside", reply(302, headers={"Location": CANARY.url("/latest/meta-data")}), "refused")
always("redirects_to_a_file", reply(302, headers={"Location": "file:///etc/passwd"}), "refused")
always("ends_in_its_headers", b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n", "net_error", "http_error")
always("a_page", reply(200, b"<html><body><h1>News</h1><a href=/feed.xml>RSS</a></body></html>"), "not_a_feed")


# ── the days ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Found:
    """What a campaign found: `wrong` is empty when every promise held."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


class Campaign:
    """A desk that watches hostile outlets for some days, and is killed now and then."""

    def __init__(self, folder: Path, seed: int, days: float, names: Sequence[str] = (), stories: int = 12, rest: int = 4) -> None:
        self.chance, self.at, self.end = random.Random(seed), BEGIN, BEGIN + days * DAY
        self.rest = rest
        self.folder, self.config, self.data = folder, folder / "config", folder / "data"
        self.sink = RawServer()
        self.started = time.monotonic()
        self.peak = 0
        self.found = Found()
        every = (days + 2) * DAY / (stories - AT_FIRST)  # as long as anybody looks
        self.outlets = {
            name: Outlet(name, behaviour, BEGIN, self.now, stories, every, **more)
            for name, (behaviour, more) in BEHAVIOURS.items()
            if not names or name in names
        }
        self._configure()

    def now(self) -> datetime:
        """The desk's time, which moves on while it works."""
        return self.at + timedelta(seconds=time.monotonic() - self.started)

    def _configure(self) -> None:
        (self.config / "sources").mkdir(parents=True)
        self.data.mkdir()
        (self.config / "secret").write_text("secret")
        allowed = ", ".join(f'"{each.server.address}"' for each in self.outlets.values())
        (self.config / "monitor.toml").write_text(
            f'[fetch]\nallow = [{allowed}]\ndeadline = "4s"\n[[webhook]]\nurl = "{self.sink.url("/hook")}"\nsecret_file = "secret"\n'
            f'allow = ["{self.sink.address}"]\ndigest = false\n'
        )
        self.sink.say("/hook", self._hook)
        tables = (
            f'[[source]]\nid = "{name}"\nname = "{name}"\ngroup = "{name}"\nkind = "independent"\nlanguages = ["en"]\n[[source.endpoint]]\n'
            f'kind = "feed"\nurl = "{each.server.url("/feed")}"\nevery = "1h"\n'
            for name, each in self.outlets.items()
        )
        (self.config / "sources" / "hostile.toml").write_text("\n".join(tables))

    def _hook(self, asked: Asked) -> Iterable[Step]:
        """At times takes a notice without saying so, at times refuses."""
        kind = self.chance.random()
        if kind < 0.1:
            yield reply(503, headers={"Retry-After": "60"})
        elif kind < 0.15:
            yield RESET
        else:
            yield reply(200, b"ok")

    def run(self) -> Found:
        looks = kills = 0
        while self.at < self.end:
            soon = len(self.outlets) if not looks else 3 * len(self.outlets)
            killed = self._poll(self.chance.randint(1, soon) if not looks or self.chance.random() < KILLED else None)
            looks, kills = looks + 1, kills + killed
            self.at += HOUR * self.chance.uniform(2, 9) if not killed else HOUR / 10
        wanted = self._offered()
        for _ in range(self.rest):  # what was put off is read, and the outlets that failed at times have time to answer
            self._poll(None)
            self.at += 9 * HOUR
            looks += 1
        self._judge(wanted)
        self.found.figures |= {"polls": looks, "killed": kills, "outlets": len(self.outlets), "peak MB": self.peak >> 20}
        return self.found

    # ── the command ──

    def _environment(self) -> dict[str, str]:
        faked = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"@{self.at:%Y-%m-%d %H:%M:%S}", "NO_FAKE_STAT": "1"}
        folders = {"MONITOR_CONFIG": str(self.config), "MONITOR_DATA": str(self.data), "TZ": "UTC"}
        return {**os.environ, **folders, **faked}

    def _start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "monitor", *words, "--json"]
        return subprocess.Popen(command, env=self._environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def listed(self, what: str) -> Any:
        out, err = self._start(what).communicate(timeout=120)
        assert out, err
        return json.loads(out)

    def _asked(self) -> int:
        return sum(len(each.log) for each in self.outlets.values())

    def _poll(self, kill_after: int | None) -> bool:
        """One poll, killed after so many requests if it lives that long; whether it was."""
        self.started, before = time.monotonic(), self._asked()
        child = self._start("poll", "--all")
        done = threading.Event()
        watcher = threading.Thread(target=self._weigh, args=(child.pid, done))
        watcher.start()
        killed = late = False
        try:
            while True:
                try:
                    out, err = child.communicate(timeout=0.05)
                    break
                except subprocess.TimeoutExpired:
                    killed = kill_after is not None and self._asked() - before >= kill_after
                    late = time.monotonic() - self.started > LONGEST_POLL
                    if killed or late:
                        child.send_signal(signal.SIGKILL)
        finally:
            done.set()
            watcher.join()
        self._wrong(late, f"a poll took longer than {LONGEST_POLL:g} seconds")
        if killed or late:
            return True
        self._wrong(child.returncode not in (0, 3), f"poll ended with {child.returncode}: {err[-800:]}")
        self._wrong("Traceback" in err, f"a traceback: {err[-1500:]}")
        for told in json.loads(out)["polls"] if out else ():
            allowed = self.outlets[told["source"]].allowed
            what = f"{told['source']} was told as {told['outcome']} ({told['why']}), allowed: {sorted(allowed)}"
            self._wrong(told["outcome"] not in allowed and told["outcome"] != "rate_limited", what)
        return False

    def _weigh(self, pid: int, done: threading.Event) -> None:
        """The largest memory of the command and its workers together."""
        while not done.wait(0.1):
            pages = 0
            for child in _family(pid):
                try:
                    pages += int(Path(f"/proc/{child}/statm").read_text().split()[1])
                except (OSError, IndexError):
                    continue
            self.peak = max(self.peak, pages * os.sysconf("SC_PAGE_SIZE"))

    # ── what is judged ──

    def _wrong(self, whether: bool, what: str) -> None:
        if whether and what not in self.found.wrong:
            self.found.wrong.append(what)

    def _offered(self) -> dict[str, str]:
        """The stories handed over whole so far: address -> outlet."""
        return {each.url(n): each.name for each in self.outlets.values() for n in each.whole}

    def _judge(self, wanted: Mapping[str, str]) -> None:
        """`wanted`: what was handed over before the desk had its rest; what came later may still wait for its page."""
        items, alerts, sources, ledger = (self.listed(what) for what in ("items", "alerts", "sources", "ledger"))
        stored = Counter(item["url"] for item in items)
        lost = [url for url in wanted if not stored[url]]
        known = {item["url"] for item in items}
        self._wrong(bool(lost), f"{len(lost)} of {len(wanted)} stories lost: {Counter(wanted[url] for url in lost)}")
        doubled = [item for item in items if stored[item["url"]] > 1]
        self._wrong(bool(doubled), f"stored more than once: {Counter(item['source'] for item in doubled)}")
        self._wrong(not known >= set(wanted), "not every story has an item")
        self._wrong(sum(ledger["by_state"].values()) != ledger["seen"], f"the ledger does not sum: {ledger}")
        late = len(self._offered()) - len(wanted)
        self._wrong(ledger["by_state"]["waiting"] > late, f"{ledger['by_state']['waiting']} still wait, {late} came late")
        self._wrong(not ledger["seen"] - late <= len(items) <= ledger["seen"], f"{ledger['seen']} seen, {len(items)} items")
        for source in sources:
            each = self.outlets[source["id"]]
            self._wrong(
                source["health"] not in each.health, f"{each.name} is {source['health']}, not {sorted(each.health)}: {_why(source)}"
            )
        self._judge_alerts(alerts, wanted)
        self._wrong(bool(CANARY.log or CANARY.connections), "the canary was touched")
        for each in self.outlets.values():
            self._wrong(any(cookie for _, _, cookie in each.log), f"{each.name} got a cookie back")
        self.found.figures |= {"stories": len(wanted), "items": len(items), "alerts": len(alerts)}

    def _judge_alerts(self, alerts: Sequence[Mapping[str, Any]], wanted: Mapping[str, str]) -> None:
        read = [each for each in self.outlets.values() if each.name not in ("robots-down", "pages-are-walls", "pages-lead-inside")]
        due = {each.url(n) for each in read for n in each.whole if n % outlets.ALARM_EVERY == 0} & wanted.keys()
        alerted = Counter(alert["url"] for alert in alerts)
        self._wrong(not due <= set(alerted), f"no alert for {len(due - set(alerted))} stories: {sorted(due - set(alerted))[:5]}")
        self._wrong(max(alerted.values(), default=0) > 1, f"alerted twice: {[url for url, n in alerted.items() if n > 1][:5]}")
        told: dict[str, list[int]] = defaultdict(list)
        for asked in self.sink.asked("/hook"):
            body = json.loads(asked.body)
            if body["kind"] in ("alert", "alerts"):
                told[(asked.header("Idempotency-Key") or b"").decode()] = body.get("alerts") or [body["alert"]["id"]]
        times = Counter(ident for idents in told.values() for ident in idents)
        before = utc_text(self.at - 9 * HOUR)  # the last poll's own may still wait for a refused call to be made again
        calling = {alert["id"] for alert in alerts if alert["status"] != "grouped" and alert["created"] < before}
        self._wrong(max(times.values(), default=0) > 1, f"told under two keys: {[i for i, n in times.items() if n > 1][:5]}")
        self._wrong(bool(calling - set(times)), f"{len(calling - set(times))} of {len(calling)} alerts were not told")


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(stat.rpartition(")")[2].split()[1])].append(int(entry.name))
    family = [pid]
    for one in family:
        family += parents[one]
    return family


def _why(source: Mapping[str, Any]) -> str:
    return "; ".join(f"{end['outcome']} {end['why']} newest {end['newest']}" for end in source["endpoints"])
