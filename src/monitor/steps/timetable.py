"""When is a source due, what do we ask it, and what follows from its answer: all policy of looks.

The order of a look: `looks` (who is due) → `ask` (the request) → the fetch → `same_body` (need it be parsed?) → the parse and the
store's count of known entries → `after` (the endpoint's new state, next look included). Everything here is a function of its
arguments; chance comes in as `jitter`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from monitor.model import (
    READABLE,
    Endpoint,
    EndpointKind,
    Failure,
    Fetched,
    NotModified,
    Outcome,
    Page,
    Parsed,
    Purpose,
    Request,
    Role,
    Source,
    Validators,
    Visit,
)
from monitor.steps.rhythm import DEFAULT_GAP, base, ceiling, learned_gap, moment, newest_of, next_interval, wished
from monitor.steps.urls import site

LONGEST_BACK_OFF = timedelta(hours=21)  # nobody is given up: a dead source is probed for ever, with jitter once a day
JITTER = 0.1  # share by which a wait is stretched at most, so that sources do not march in step
CLOCK_WRONG = timedelta(hours=1)  # a last look this far in the future was dated by a wrong clock: what was planned by it is void
PATIENCE = timedelta(hours=6)  # of a failing primary, before its fallbacks are asked
EMPTIED_PATIENCE = timedelta(days=2)  # of a list that is empty though it usually is not, or its own rhythm where that is slower
GONE_CONFIRMED = timedelta(days=1)  # between two 410s
AUDIT_EVERY = timedelta(days=1)  # a server that says only 304 is asked without conditions at most so often …
AUDIT_LATEST = timedelta(days=7)  # … and at least so often
MOVE_CONFIRMED = timedelta(days=3)  # a permanent redirect stands so long before it is proposed
LIE_MARGIN = timedelta(hours=1)  # an entry dated so long before the last 304 was there when it was said
BACK_IN_TIME = timedelta(days=3)  # the newest entry never gets older by more
MOVING_DATES = 0.5  # share of known entries whose dates moved that makes a feed suspicious
FEW_OF_LINKS = 0.1  # share of what a page of links usually has that is as good as nothing
SMOOTHING = 0.2  # weight of the latest count in `usual_entries`

ENTRY_RETRIES = tuple(timedelta(minutes=m) for m in (5, 30, 120, 360, 720))  # before attempts 2, 3, …
ONCE_MORE = timedelta(hours=6)  # before the second look at a page that says it is not there

LONG_AGO = datetime.min.replace(tzinfo=UTC)
POLLED = (Role.PRIMARY, Role.SECONDARY)


@dataclass(frozen=True, slots=True)
class Look:
    """One endpoint that is due. `twins` are the same address under other names: asked once, and each gets the answer."""

    source: Source
    endpoint: Endpoint
    visit: Visit
    twins: tuple[Look, ...] = ()


# ── who is due ───────────────────────────────────────────────────────────────────────────────────────────────────────


def looks(
    sources: Sequence[Source], visits: Mapping[tuple[str, str], Visit], now: datetime, *, everything: bool = False, only: Sequence[str] = ()
) -> tuple[Look, ...]:
    """What is due, sound endpoints before failing ones, the longest due first.

    `only`: source ids, none is every one. `everything`: also what is not due yet, except where a server told us to wait. Disabled,
    gone and backfill endpoints never are; fallbacks only while a primary of their source has failed beyond PATIENCE.
    """
    alike: dict[tuple[object, ...], list[Look]] = {}
    for source in sources:
        if not source.enabled or (only and source.id not in only):
            continue
        for endpoint in asked(source, visits, now):
            visit = visits.get((source.id, endpoint.url)) or Visit(source.id, endpoint.url, endpoint.kind, endpoint.role)
            if not visit.gone:
                same = (_address(endpoint.url), endpoint.kind, source.proxy, source.ca_file)
                alike.setdefault(same, []).append(Look(source, endpoint, visit))
    due = [
        replace(first, twins=tuple(twins))
        for first, *twins in alike.values()
        if any(_is_due(look.visit, now, everything) for look in (first, *twins))
    ]
    return tuple(sorted(due, key=lambda look: (look.visit.failures > 0, look.visit.next_look or LONG_AGO)))


def asked(source: Source, visits: Mapping[tuple[str, str], Visit], now: datetime) -> tuple[Endpoint, ...]:
    """The endpoints of a source that its looks are made of at present."""
    enabled = [endpoint for endpoint in source.endpoints if endpoint.enabled]
    primaries = [endpoint for endpoint in enabled if endpoint.role is Role.PRIMARY]
    states = [visits.get((source.id, endpoint.url)) for endpoint in primaries]
    helped = not primaries or any(state is not None and is_beyond_patience(state, now) for state in states)
    return tuple(e for e in enabled if e.role in POLLED or (e.role is Role.FALLBACK and helped))


def is_beyond_patience(visit: Visit, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that others take over, and that a curator is told."""
    patience = PATIENCE if visit.failures else max(EMPTIED_PATIENCE, visit.gap or EMPTIED_PATIENCE)
    return visit.gone or (visit.failing_since is not None and now - visit.failing_since >= patience)


def _is_due(visit: Visit, now: datetime, everything: bool) -> bool:
    ahead = visit.last_look is not None and visit.last_look > now + CLOCK_WRONG
    early = visit.next_look is not None and visit.next_look > now and not ahead
    return not early or (everything and visit.outcome is not Outcome.RATE_LIMITED)


def _address(url: str) -> str:
    """Spellings of one feed's address meet: scheme, www and a trailing slash make no other feed."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"


# ── what to ask ──────────────────────────────────────────────────────────────────────────────────────────────────────


def ask(look: Look, now: datetime) -> Request:
    """Conditional where that is safe: validators of a complete parse, the same for all twins, and no audit due."""
    visit, source = look.visit, look.source
    alike = all(twin.visit.validators == visit.validators for twin in look.twins)
    conditional = visit.conditional and alike and not is_audit_due(look, now)
    return Request(
        _asked_address(look),
        Purpose.ENDPOINT,
        validators=visit.validators if conditional else Validators(),
        proxy=source.proxy,
        ca_file=source.ca_file,
    )


def is_audit_due(look: Look, now: datetime) -> bool:
    """Whether an endpoint has said nothing but 304 for longer than its own rhythm explains: then it is asked without conditions.

    So is one that these 304s would make silent: nobody is silent by the word of a server that may lie.
    """
    visit = look.visit
    if visit.outcome is not Outcome.NOT_MODIFIED or visit.audited is None:
        return False
    if silent(visit, look.source, now) and not silent(visit, look.source, visit.audited):
        return True
    return now - visit.audited >= min(max(visit.gap or AUDIT_EVERY, AUDIT_EVERY), AUDIT_LATEST)


def _asked_address(look: Look) -> str:
    """The configured address, or where it moved to when that is only https of the same; anything else a curator decides."""
    visit = look.visit
    if visit.moved_to and not visit.failures and _is_same_secured(look.endpoint.url, visit.moved_to):
        return visit.moved_to
    return look.endpoint.url


def _is_same_secured(old: str, new: str) -> bool:
    return old.startswith("http://") and new.startswith("https://") and site(old) == site(new) and _address(old) == _address(new)


def proposed(visit: Visit, now: datetime) -> str | None:
    """The address that a permanent redirect has named long enough to be proposed to a curator; None otherwise."""
    lasting = visit.moved_since is not None and now - visit.moved_since >= MOVE_CONFIRMED
    return visit.moved_to if lasting and visit.moved_to and not _is_same_secured(visit.url, visit.moved_to) else None


# ── what an answer means ─────────────────────────────────────────────────────────────────────────────────────────────


def same_body(visit: Visit, page: Page) -> bool:
    """Whether this body was parsed completely before: then it need not be parsed again (`parsed` and `known` are None in `after`)."""
    return visit.body_hash is not None and visit.body_hash == body_hash(page.body)


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


#: Closing marks of what we read, with the comments that caches leave behind them.
WHOLE_END = re.compile(
    rb"(?:</\s*(?:[\w.-]+:)?(?:rss|feed|rdf|urlset|sitemapindex|html)\s*>|[}\]])(?:\s|<!--.*?-->)*\Z", re.IGNORECASE | re.DOTALL
)
TAIL = 4096  # bytes looked at


def whole_end(body: bytes) -> bool:
    """Whether a body whose length nobody told ends as complete ones do."""
    return WHOLE_END.search(body[-TAIL:].replace(b"\0", b"").rstrip()) is not None


def after(look: Look, fetched: Fetched, parsed: Parsed | None, known: int | None, now: datetime, jitter: float) -> Visit:
    """The endpoint's state after a look; the store has not saved its entries yet.

    `parsed` is None for what is no Page, and for a Page whose body is known (`same_body`). `known`: how many of the entries the
    store knew before, None when unknown. `jitter`: chance in [0, 1]. The outcome is never OK_NEW: that the store tells.
    """
    if isinstance(fetched, Failure):
        visit = _failed(look, fetched, now, jitter)
    elif isinstance(fetched, NotModified):
        visit = _unmodified(look, fetched, now, jitter)
    else:
        visit = _answered(look, fetched, parsed, known, now, jitter)
    if visit.first_look is None:
        visit = replace(visit, first_look=now)
    since = _silent_since(look, visit, parsed, now) if visit.outcome in READABLE else visit.silent_since
    return visit if since == visit.silent_since else replace(visit, silent_since=since)


def _failed(look: Look, failure: Failure, now: datetime, jitter: float) -> Visit:
    old = look.visit
    failures = old.failures + 1
    wait = _back_off(look.endpoint, failures)
    if failure.retry_after is not None:
        wait = max(wait, failure.retry_after)
    visit = replace(
        old,
        outcome=failure.outcome,
        why=failure.why,
        status=failure.status,
        last_look=now,
        next_look=now + _stretched(wait, jitter),
        failures=failures,
        failing_since=old.failing_since or now,
        gone_since=None,
    )
    if failure.outcome is not Outcome.GONE:
        return visit
    since = old.gone_since or now
    confirmed = now - since >= GONE_CONFIRMED
    return replace(
        visit,
        gone_since=since,
        gone=confirmed,
        next_look=None if confirmed else since + GONE_CONFIRMED,
        validators=Validators(),
        body_hash=None,
    )


def _back_off(endpoint: Endpoint, failures: int) -> timedelta:
    """Doubles from the base rhythm to LONGEST_BACK_OFF, and stays there."""
    return max(base(endpoint), min(base(endpoint) * 2.0 ** min(failures - 1, 16), LONGEST_BACK_OFF))


def _stretched(wait: timedelta, jitter: float) -> timedelta:
    """Never sooner than asked for."""
    return wait * (1 + JITTER * jitter)


def _unmodified(look: Look, answer: NotModified, now: datetime, jitter: float) -> Visit:
    old, given = look.visit, answer.validators
    interval = next_interval(look.endpoint, old.interval, fresh=0, total=old.entries or 0)
    return _sound(
        replace(
            old,
            outcome=Outcome.NOT_MODIFIED,
            why="",
            status=304,
            validators=Validators(given.etag or old.validators.etag, given.last_modified or old.validators.last_modified),
        ),
        _waited(look.endpoint, interval, answer, None, now),
        interval,
        now,
        jitter,
    )


def _waited(endpoint: Endpoint, interval: timedelta, answer: Page | NotModified, ttl: timedelta | None, now: datetime) -> timedelta:
    """The interval, or longer where the server's caching or the feed's ttl wish so, up to the ceiling."""
    return max(interval, min(wished(answer.headers, ttl, now), ceiling(endpoint)))


def _sound(visit: Visit, wait: timedelta, interval: timedelta, now: datetime, jitter: float) -> Visit:
    """What every look has in common that brought something to go by."""
    return replace(
        visit, last_look=now, next_look=now + _stretched(wait, jitter), interval=interval, failures=0, failing_since=None, gone_since=None
    )


def _answered(look: Look, page: Page, parsed: Parsed | None, known: int | None, now: datetime, jitter: float) -> Visit:
    if parsed is None and not same_body(look.visit, page):
        parsed = Parsed((), Outcome.PARSE_FAILED, "the answer could not be read")
    if parsed is not None and parsed.problem is None and not page.certain_end and not whole_end(page.body):
        parsed = replace(parsed, problem=Outcome.PARSE_PARTIAL, why="the connection ended before the document did")
    if parsed is not None and parsed.problem is not None and parsed.problem not in READABLE:
        failure = Failure(page.url, parsed.problem, parsed.why, now, status=page.status)
        return replace(_failed(look, failure, now, jitter), validators=Validators(), audited=now)
    old = _moved(look, page, now)
    total = len(parsed.entries) if parsed else old.entries or 0
    fresh = 0 if parsed is None else None if known is None else total - known
    interval = next_interval(look.endpoint, old.interval, fresh=None if old.usual_entries is None else fresh, total=total)
    outcome, why = _judged(look, page, parsed, known, now)
    complete = parsed is None or (parsed.problem is None and outcome is not Outcome.SUSPICIOUS and not _has_children(look, parsed))
    visit = replace(
        old,
        outcome=outcome,
        why=why,
        status=page.status,
        validators=page.validators if complete else Validators(),
        body_hash=body_hash(page.body) if complete else old.body_hash,
        audited=now,
        conditional=old.conditional and not _is_stale_304(look, page, parsed, known, now),
    )
    if parsed is not None:
        visit = _learned(look, visit, parsed, fresh, now)
    visit = _sound(visit, _waited(look.endpoint, interval, page, parsed.ttl if parsed else None, now), interval, now, jitter)
    return replace(visit, failing_since=old.failing_since or now) if _is_emptied(old, parsed) else visit


def _has_children(look: Look, parsed: Parsed) -> bool:
    """Whether this is an index whose children change on their own: nothing it says of itself spares asking them."""
    return look.endpoint.kind is EndpointKind.SITEMAP and bool(parsed.more)


def _moved(look: Look, page: Page, now: datetime) -> Visit:
    """The visit with what permanent redirects say of its address."""
    old = look.visit
    if page.url != look.endpoint.url:  # the moved address itself answered
        return old
    since = old.moved_since if page.permanent_url and page.permanent_url == old.moved_to else now if page.permanent_url else None
    return replace(old, moved_to=page.permanent_url, moved_since=since)


def _judged(look: Look, page: Page, parsed: Parsed | None, known: int | None, now: datetime) -> tuple[Outcome, str]:
    """How a readable look ended, and why in words where something is odd."""
    if parsed is not None and parsed.problem is not None:
        return parsed.problem, parsed.why
    doubt = parsed and (_is_stale_304(look, page, parsed, known, now) or _doubt(look, parsed, known, now))
    if doubt:
        return Outcome.SUSPICIOUS, doubt
    if page.permanent_url and page.url == look.endpoint.url:
        return Outcome.MOVED, f"moved for good to {page.permanent_url}"
    return Outcome.OK_NOTHING_NEW, ""


def _is_emptied(old: Visit, parsed: Parsed | None) -> bool:
    """Whether a list is empty that usually is not: once that is odd, for long it is as good as dead. On a page of links, which may be
    parked or ask to log in and still have a link of that form, a few of many are as good as none.
    """
    usual = old.usual_entries or 0
    few = usual * FEW_OF_LINKS if old.kind is EndpointKind.LISTING else 0
    return parsed is not None and parsed.problem is None and usual >= 1 and len(parsed.entries) <= few


def _doubt(look: Look, parsed: Parsed, known: int | None, now: datetime) -> str:
    """Why a complete answer is not believed; empty when it is."""
    visit, total = look.visit, len(parsed.entries)
    if _is_emptied(visit, parsed):
        return f"{f'only {total} links' if total else 'empty'}, though it usually gives {visit.usual_entries:.0f} entries"
    newest = newest_of(parsed.entries, now)
    if newest is None or visit.newest is None:
        return ""
    if newest < visit.newest - max(visit.gap or BACK_IN_TIME, BACK_IN_TIME):
        return f"its newest entry is of {newest:%Y-%m-%d}, though one of {visit.newest:%Y-%m-%d} was seen"
    moved = sum(1 for entry in parsed.entries if entry.published and visit.newest < moment(entry.published) <= now)
    if known == total and _is_alone(look) and moved >= MOVING_DATES * total:
        return "only known entries, though their dates move"
    return ""


def _is_stale_304(look: Look, page: Page, parsed: Parsed | None, known: int | None, now: datetime) -> str:
    """Why an audit caught the server lying: it said 304 when what it shows now was there already. Empty when it did not, or was no audit.

    Told by its own words: new entries dated before the last 304, or, where they have no dates, under the validators for which it was
    said. A tag that never changes proves nothing where entries are dated: an honest server may answer by another measure. More entries
    that claim to be newer than any seen before than are new: their dates move, and prove nothing either.
    """
    old, asked_at = look.visit, now - timedelta(seconds=page.seconds)
    if not is_audit_due(look, asked_at) or old.last_look is None or parsed is None or known is None or known >= len(parsed.entries):
        return ""
    dates = [moment(entry.published) for entry in parsed.entries if entry.published]
    newer = [date for date in dates if old.newest and date > old.newest]
    missed = len(newer) <= len(parsed.entries) - known and any(date < old.last_look - LIE_MARGIN for date in newer)
    unchanged = not dates and page.validators != Validators() and page.validators == old.validators
    return "the server said 304 although there were new entries" if missed or unchanged else ""


def _is_alone(look: Look) -> bool:
    """Whether its source has no other endpoint that could have brought the entries before this one."""
    return sum(endpoint.enabled and endpoint.role is not Role.BACKFILL for endpoint in look.source.endpoints) == 1


def _learned(look: Look, visit: Visit, parsed: Parsed, fresh: int | None, now: datetime) -> Visit:
    """The visit with what these entries teach about the endpoint. A known entry under a new date is no sign of life."""
    total = len(parsed.entries)
    if not total or _is_emptied(look.visit, parsed):
        return replace(visit, entries=total, channel_id=parsed.channel_id or visit.channel_id)
    usual = total if visit.usual_entries is None else (1 - SMOOTHING) * visit.usual_entries + SMOOTHING * total
    newest = visit.newest
    if newest is None or fresh != 0 or not _is_alone(look):
        claimed = newest_of(parsed.entries, now)
        if claimed is None and (fresh or newest is None):
            claimed = now  # nobody dates them: first seen is what we know
        newest = max((at for at in (claimed, newest) if at is not None), default=None)
    gap = learned_gap(parsed.entries, visit, newest, now, look.visit.audited)
    return replace(visit, entries=total, usual_entries=usual, newest=newest, gap=gap, channel_id=parsed.channel_id or visit.channel_id)


# ── silence and health ───────────────────────────────────────────────────────────────────────────────────────────────


def _silent_since(look: Look, visit: Visit, parsed: Parsed | None, now: datetime) -> datetime | None:
    """Since when the endpoint is silent after a readable look; None where it is not. Only what its list showed counts: 304s show
    nothing, and a part of a list without the newest entry that was seen does not show the end at which it grows.
    """
    shown = now
    if visit.outcome is Outcome.NOT_MODIFIED:
        shown = visit.audited or now
    elif visit.outcome is Outcome.PARSE_PARTIAL and parsed and look.visit.newest:
        newest = newest_of(parsed.entries, now)
        if newest and newest < look.visit.newest:
            return look.visit.silent_since
    return _newest_sign(visit) if silent(visit, look.source, shown) else None


def silent(visit: Visit, source: Source, now: datetime) -> bool:
    """Whether the endpoint has brought nothing for longer than its own rhythm explains (or the curator's `expected_gap`)."""
    last = _newest_sign(visit)
    return last is not None and now - last > expected_gap(visit, source)


def expected_gap(visit: Visit, source: Source) -> timedelta:
    """The longest pause between two entries that is nothing unusual: the curator's word, else what was learned."""
    return source.expected_gap or visit.gap or DEFAULT_GAP


def _newest_sign(visit: Visit) -> datetime | None:
    """Its newest entry's time; of an endpoint that never had one, the first look at it."""
    return visit.newest or visit.first_look


def health(source: Source, visits: Mapping[tuple[str, str], Visit]) -> str:
    """One word for a source: ok, silent, failing, refused, disabled or unseen.

    Its primaries decide (all endpoints where it has none); a fallback that reads covers for a primary that fails.
    """
    enabled = [endpoint for endpoint in source.endpoints if endpoint.enabled and endpoint.role is not Role.BACKFILL]
    if not source.enabled or not enabled:
        return "disabled"
    deciding = [endpoint for endpoint in enabled if endpoint.role is Role.PRIMARY] or enabled
    states = [visits.get((source.id, endpoint.url)) for endpoint in deciding]
    seen = [visit for visit in states if visit is not None and visit.last_look is not None]
    if not seen:
        return "unseen"
    helpers = [visits.get((source.id, endpoint.url)) for endpoint in enabled if endpoint.role is Role.FALLBACK]
    covering = [visit for visit in helpers if visit is not None and _reads(visit)]
    failing = [visit for visit in seen if not _reads(visit)]
    if failing and not covering:
        return "refused" if all(visit.outcome is Outcome.REFUSED for visit in failing) else "failing"
    reading = [visit for visit in (*seen, *covering) if _reads(visit)]
    return "silent" if all(visit.silent_since is not None for visit in reading) else "ok"


def _reads(visit: Visit) -> bool:
    return visit.outcome in READABLE and not is_beyond_patience(visit, visit.last_look or LONG_AGO)


# ── entries whose page could not be read ─────────────────────────────────────────────────────────────────────────────


def entry_retry(attempts: int, failure: Failure, now: datetime, limit: int) -> datetime | None:
    """When to try an entry's page again; None: its entry stands on what the feed said.

    `attempts`: made so far, the failed one included. `limit`: most attempts. A page that is forbidden, locked or too big is not
    tried again; one that is not there once more, since feeds run ahead of caches.
    """
    permanent = failure.outcome in (Outcome.REFUSED, Outcome.AUTH, Outcome.TOO_BIG) or failure.status == 451
    missing = failure.outcome is Outcome.GONE or failure.status == 404
    if permanent or attempts >= limit or (missing and attempts >= 2):
        return None
    if missing:
        return now + ONCE_MORE
    wait = ENTRY_RETRIES[min(max(attempts, 1), len(ENTRY_RETRIES)) - 1]
    return now + max(wait, failure.retry_after or wait)
