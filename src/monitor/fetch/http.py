"""How is something fetched? HTTP with manners: one way out, guarded, paced, bounded; whatever a server does comes back as a value."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Final

import aiohttp
from yarl import URL

from monitor import __version__
from monitor.fetch.answers import COMPLETE, PERMANENT, REDIRECTS, is_challenged, stopped_at
from monitor.fetch.connections import Answer, Connections
from monitor.fetch.guard import Guard
from monitor.fetch.inflate import ACCEPTED, BrokenError, Inflater, TooBigError
from monitor.fetch.pace import Pace
from monitor.fetch.stop import FAULTS, RefusedError, StoppedError, stopped_by
from monitor.model import Failure, Fetched, FetchSettings, NotModified, Outcome, Page, Purpose, Request, Validators, utc_text
from monitor.ports import Clock
from monitor.steps.addresses import literal
from monitor.steps.robots import MOST_BYTES, Robots, robots
from monitor.steps.urls import site

#: Bytes after inflation. A reply to what we tell is not read further, the others are too_big.
CAPS: Final = {
    Purpose.ENDPOINT: 15 * 1024**2,
    Purpose.ARTICLE: 8 * 1024**2,
    Purpose.LOOK: 8 * 1024**2,
    Purpose.WEBHOOK: 64 * 1024,
    Purpose.WITNESS: 64 * 1024,
}
TOLD: Final = frozenset({Purpose.WEBHOOK, Purpose.WITNESS})  # what we tell: any 2xx will do
ERROR_PAGE = 64 * 1024  # bytes read of an answer that is an error anyway
MOST_HOPS = 5  # redirects in a row
CHUNK = 64 * 1024
MOST_ROBOTS = 2_000  # sites whose robots.txt is remembered


@dataclass(slots=True)
class _Trip:
    """One fetch under way, over all its redirects."""

    request: Request
    cap: int
    cut: bool = False  # past the cap: cut rather than refuse
    seconds: float = 0.0  # spent on requests, waiting for a turn not counted
    wire: int = 0
    hops: list[URL] = field(default_factory=list)
    permanent: str | None = None
    only_permanent: bool = True

    @property
    def here(self) -> str:
        return str(self.hops[-1]) if self.hops else self.request.url

    @property
    def conditional(self) -> bool:
        return self.request.validators != Validators()


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    address: str
    certain_end: bool

    def named(self) -> dict[str, str]:
        """The first value of each header."""
        return dict(reversed(self.headers))


class HttpFetcher:
    """Keeps the Fetcher port. `host_waits`: who told us to wait until when, by `on_wait`'s names; `on_wait` is told of new ones."""

    def __init__(
        self, settings: FetchSettings, clock: Clock, *, host_waits: Mapping[str, datetime], on_wait: Callable[[str, datetime], None]
    ) -> None:
        self._settings, self._clock, self._on_wait = settings, clock, on_wait
        self._waits = dict(host_waits)
        self._guard = Guard(settings.allow, settings.ports)
        self._connections = Connections(self._guard)
        self._pace = Pace(settings.parallel)
        self._robots: dict[tuple[str, str | None], tuple[datetime, asyncio.Task[Robots]]] = {}
        self._agent = user_agent(settings.contact)

    async def __aenter__(self) -> HttpFetcher:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asked = [task for _, task in self._robots.values() if not task.done()]
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    async def fetch(self, request: Request) -> Fetched:
        """Asks, follows redirects, reads the whole. Never raises for what a server or a network does."""
        return await self._fetch(_Trip(request, request.cap or CAPS[request.purpose], cut=request.purpose in TOLD))

    async def _fetch(self, trip: _Trip, *, obey_robots: bool = True) -> Fetched:
        try:
            return await self._travel(trip, obey_robots)
        except RefusedError as refused:
            return self._failure(trip, StoppedError(Outcome.REFUSED, str(refused)))
        except StoppedError as stop:  # kept no longer than this block: its traceback holds what was read
            return self._failure(trip, stop)

    def _failure(self, trip: _Trip, stop: StoppedError) -> Failure:
        return Failure(
            trip.request.url,
            stop.outcome,
            stop.why,
            self._clock.now(),
            seconds=trip.seconds,
            status=stop.status,
            retry_after=stop.retry_after,
            final_url=trip.here,
            wire_bytes=trip.wire,
        )

    async def _travel(self, trip: _Trip, obey_robots: bool) -> Fetched:
        here = self._guard.target(trip.request.url)
        while True:
            trip.hops.append(here)
            if obey_robots and trip.request.purpose in (Purpose.ARTICLE, Purpose.LOOK):
                await self._obey_robots(trip, here)
            reply = await self._ask(trip, here)
            if reply.status not in REDIRECTS or trip.request.body is not None:
                return self._told(trip, reply)
            here = self._next(trip, here, reply)

    # ── one question ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _ask(self, trip: _Trip, target: URL) -> _Reply:
        tls = self._connections.tls(trip.request.ca_file) if target.scheme == "https" else None
        gap = 0.0 if self._guard.is_allowed(target) else self._settings.host_gap.total_seconds()
        async with self._pace.turn(_lane(target), gap):
            self._keep_away(trip, target)
            started = time.monotonic()
            try:
                async with asyncio.timeout(self._settings.deadline.total_seconds() - trip.seconds) as deadline:
                    return await self._exchange(trip, target, tls)
            except FAULTS as error:
                if deadline.expired():
                    seconds = self._settings.deadline.total_seconds()
                    raise StoppedError(Outcome.TIMEOUT, f"no complete answer within {seconds:g} seconds") from error
                raise stopped_by(error) from error
            except TooBigError:
                raise StoppedError(Outcome.TOO_BIG, f"more than {trip.cap} bytes") from None
            except BrokenError as broken:
                raise StoppedError(Outcome.NET_ERROR, str(broken)) from broken
            finally:
                trip.seconds += time.monotonic() - started

    async def _exchange(self, trip: _Trip, target: URL, tls: ssl.SSLContext | None) -> _Reply:
        request = trip.request
        async with self._connections.ask(target, self._headers(trip, target), request.body, proxy=request.proxy, tls=tls) as response:
            headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.raw_headers)
            body, sealed = await self._body(trip, response)
            framed = "Content-Length" in response.headers or "chunked" in response.headers.get("Transfer-Encoding", "").lower()
            return _Reply(response.status, headers, body, response.peer, framed or sealed)

    async def _body(self, trip: _Trip, response: Answer) -> tuple[bytes, bool]:
        """The body, and whether its compression proves that it is whole. Of an error page, what could be read of its start."""
        status = response.status
        if status in REDIRECTS or status == 304:
            return b"", False
        wanted = status in COMPLETE or trip.request.purpose in TOLD
        label = ",".join(response.headers.getall("Content-Encoding", ()))
        try:
            return await self._inflated(trip, response, label, trip.cap if wanted else ERROR_PAGE, trip.cut or not wanted)
        except (aiohttp.ClientError, BrokenError):
            if wanted:
                raise
            return b"", False

    async def _inflated(self, trip: _Trip, response: Answer, label: str, cap: int, cut: bool) -> tuple[bytes, bool]:
        inflater = Inflater(label, cap)
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                trip.wire += len(chunk)
                inflater.feed(chunk)
            return inflater.finish(), inflater.proves_end
        except TooBigError:
            if not cut:
                raise
            return inflater.so_far(), True

    def _headers(self, trip: _Trip, target: URL) -> list[tuple[str, str]]:
        request = trip.request
        headers = [("User-Agent", self._agent), ("Accept", "*/*"), ("Accept-Encoding", ACCEPTED)]
        if target.origin() == trip.hops[0].origin():
            headers += request.headers
        for name, value in (("If-None-Match", request.validators.etag), ("If-Modified-Since", request.validators.last_modified)):
            echoed = _echo(value)
            if echoed is not None:
                headers.append((name, echoed))
        return headers

    # ── what an answer leads to ─────────────────────────────────────────────────────────────────────────────────────

    def _next(self, trip: _Trip, here: URL, reply: _Reply) -> URL:
        location = next((value for name, value in reply.headers if name == "location"), "")
        if not location.strip():
            raise StoppedError(Outcome.HTTP_ERROR, f"{reply.status}: a redirect to nowhere", status=reply.status)
        with suppress(UnicodeDecodeError):  # bytes of another charset are percent-encoded as latin-1
            location = location.encode("latin-1").decode("utf-8")
        target = self._guard.target(_joined(here, location))
        if here.scheme == "https" and target.scheme != "https":
            raise StoppedError(Outcome.REFUSED, "a redirect from https down to http", status=reply.status)
        if target in trip.hops:
            raise StoppedError(Outcome.NET_ERROR, "redirects that run in a circle", status=reply.status)
        if len(trip.hops) > MOST_HOPS:
            raise StoppedError(Outcome.NET_ERROR, f"more than {MOST_HOPS} redirects", status=reply.status)
        trip.only_permanent = trip.only_permanent and reply.status in PERMANENT
        if trip.only_permanent:
            trip.permanent = str(target)
        return target

    def _told(self, trip: _Trip, reply: _Reply) -> Fetched:
        headers, now = reply.named(), self._clock.now()
        if reply.status == 304 and trip.conditional:
            return NotModified(trip.request.url, trip.here, reply.headers, now, trip.seconds, _validators(headers))
        told = trip.request.purpose in TOLD
        if (told and 200 <= reply.status < 300) or (reply.status in COMPLETE and not is_challenged(headers)):
            if not reply.body and not trip.cut:
                raise StoppedError(Outcome.NET_ERROR, f"{reply.status} without a body", status=reply.status)
            return Page(
                trip.request.url,
                trip.here,
                reply.status,
                reply.headers,
                reply.body,
                now,
                trip.seconds,
                trip.wire,
                address=reply.address,
                validators=_validators(headers),
                permanent_url=trip.permanent,
                certain_end=reply.certain_end,
            )
        stop = stopped_at(reply.status, headers, reply.body, now)
        if stop.outcome is Outcome.RATE_LIMITED and stop.retry_after and trip.request.purpose is not Purpose.WEBHOOK:
            self._wait(trip.hops[-1], now + stop.retry_after)
        raise stop

    # ── manners ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _wait(self, target: URL, until: datetime) -> None:
        name = _place(target)
        self._waits[name] = until
        self._on_wait(name, until)

    def _keep_away(self, trip: _Trip, target: URL) -> None:
        """Nobody is asked who told us to wait, nor its siblings on the same registrable domain.

        A webhook is no outlet: it asks for time for one message, which the outbox gives it, and the others must not lose their turn.
        """
        if trip.request.purpose is Purpose.WEBHOOK:
            return
        name, now = _place(target), self._clock.now()
        until = self._waits.get(name)
        if until is not None and until > now:
            why = f"{name} told us to wait until {utc_text(until)}"
            raise StoppedError(Outcome.RATE_LIMITED, why, retry_after=until - now)

    async def _obey_robots(self, trip: _Trip, target: URL) -> None:
        self._keep_away(trip, target)
        known = (str(target.origin()), trip.request.proxy)
        kept = self._robots.get(known)
        if kept is None or self._is_stale(*kept):
            while len(self._robots) >= MOST_ROBOTS:
                del self._robots[next(iter(self._robots))]  # the oldest
            kept = self._clock.now(), asyncio.create_task(self._ask_robots(trip.request, target))
            self._robots[known] = kept
        rules = await asyncio.shield(kept[1])
        if not rules.allows(str(target)):
            raise StoppedError(Outcome.REFUSED, rules.why)

    def _is_stale(self, asked: datetime, task: asyncio.Task[Robots]) -> bool:
        return task.done() and (task.cancelled() or self._clock.now() - asked > task.result().kept)

    async def _ask_robots(self, request: Request, target: URL) -> Robots:
        asked = Request(str(target.origin() / "robots.txt"), request.purpose, proxy=request.proxy, ca_file=request.ca_file)
        return robots(await self._fetch(_Trip(asked, MOST_BYTES, cut=True), obey_robots=False))


def user_agent(contact: str) -> str:
    """`monitor/0.1.0 (+https://example.org/bot; feed monitor)`: honest, no browser's dress."""
    shown = "".join(c for c in contact if c.isascii() and c.isprintable() and c not in "();").strip()
    return f"monitor/{__version__} ({f'+{shown}; ' if shown else ''}feed monitor)"


def _echo(validator: bytes | None) -> str | None:
    """The header value whose bytes are exactly the validator's; None for one that cannot be sent so: it is left out, never changed."""
    if validator is None:
        return None
    try:
        text = validator.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if any(c in text for c in "\r\n\0") else text


def _validators(headers: Mapping[str, str]) -> Validators:
    etag, modified = headers.get("etag"), headers.get("last-modified")
    return Validators(etag.encode("latin-1") if etag else None, modified.encode("latin-1") if modified else None)


def _lane(target: URL) -> str:
    """Whose turn counts: a host has one, whatever the port; addresses in digits are told apart by port."""
    host = (target.host or "").rstrip(".")
    return f"{host}:{target.port}" if literal(host) else host


def _place(target: URL) -> str:
    """The name under which a wish to wait is kept: the registrable domain, so that siblings wait too."""
    host = target.host or ""
    return f"{host}:{target.port}" if literal(host) or "." not in host else site(str(target))


def _joined(here: URL, location: str) -> str:
    from urllib.parse import urljoin

    try:
        return urljoin(str(here), location.strip())
    except ValueError as error:
        raise RefusedError("a redirect to what is no address") from error
