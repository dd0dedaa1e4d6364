"""How often does an endpoint bring something? Intervals between looks, wishes of servers, and the gap beyond which it is silent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

from monitor.model import Endpoint, Entry, Visit, When

SHORTEST = timedelta(minutes=5)  # between two looks, unless the curator's own rhythm is shorter
SOONER, LATER = 4, 4  # a rhythm learned moves at most to a quarter, and to four times the curator's
LONGEST = timedelta(hours=24)
FEW_KNOWN = 0.5  # share of known entries below which some may have been missed in between
STEP_LATER = 1.25  # after a look without anything new

SHORTEST_GAP, LONGEST_GAP = timedelta(days=1), timedelta(days=30)
DEFAULT_GAP = timedelta(days=7)  # of an endpoint whose rhythm is not known
LEAST_DATED = 5  # entries with a date from which a gap is learned
QUANTILE, TIMES_QUANTILE, TIMES_LONGEST = 0.9, 3.0, 1.5
FORGOTTEN = timedelta(days=21)  # in which a long pause once seen (week-end, holidays) fades


def base(endpoint: Endpoint) -> timedelta:
    return endpoint.every


def floor(endpoint: Endpoint) -> timedelta:
    """The shortest interval that learning may lead to."""
    return min(endpoint.every, max(SHORTEST, endpoint.every / SOONER))


def ceiling(endpoint: Endpoint) -> timedelta:
    """The longest interval that learning, caching headers and ttl may lead to."""
    return max(endpoint.every, min(LONGEST, endpoint.every * LATER))


def next_interval(endpoint: Endpoint, interval: timedelta | None, *, fresh: int | None, total: int) -> timedelta:
    """The interval after a look at `total` entries of which `fresh` were new (None: not known, as at the first look).

    Few known ones came back: some may have been missed, so sooner. All known: a little later. Between floor and ceiling.
    """
    held = interval or endpoint.every
    if fresh is None:
        wanted = held
    elif fresh == 0:
        wanted = held * STEP_LATER
    elif total - fresh < FEW_KNOWN * total:
        wanted = min(held, endpoint.every) / 2
    else:
        wanted = min(held, endpoint.every)
    return min(max(wanted, floor(endpoint)), ceiling(endpoint))


def wished(headers: Iterable[tuple[str, str]], ttl: timedelta | None, now: datetime) -> timedelta:
    """How long the server's caching headers (RFC 9111 §4.2) or the feed's ttl ask to wait; zero when neither does."""
    named = dict(reversed(tuple(headers)))
    fresh = _fresh_for(named, now)
    return max(fresh, ttl or timedelta(0), timedelta(0))


def _fresh_for(named: dict[str, str], now: datetime) -> timedelta:
    control = named.get("cache-control", "").lower()
    age = re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,10})", control)
    if "no-cache" in control or "no-store" in control:
        return timedelta(0)
    if age:
        spent = re.fullmatch(r"\s*(\d{1,9})\s*", named.get("age", "0"))
        return timedelta(seconds=int(age[1]) - (int(spent[1]) if spent else 0))
    try:
        expires = parsedate_to_datetime(named.get("expires", ""))
        return (expires if expires.tzinfo else expires.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):  # `Expires: 0` is in the past (RFC 9111 §5.3)
        return timedelta(0)


def moment(when: When) -> datetime:
    """A day alone counts from its beginning, in UTC."""
    return when.at if isinstance(when.at, datetime) else datetime.combine(when.at, time(), tzinfo=UTC)


def newest_of(entries: Iterable[Entry], now: datetime) -> datetime | None:
    """The latest time that entries claim, never later than now; None when none has a date."""
    return max((min(moment(entry.published), now) for entry in entries if entry.published), default=None)


def learned_gap(
    entries: Sequence[Entry], visit: Visit, newest: datetime | None, now: datetime, last_page: datetime | None
) -> timedelta | None:
    """The pause beyond which the endpoint is silent, from the pauses between its entries, and from the one that just ended.

    `visit` knows the gap and the newest entry until now; `newest` is with these. What was published while it failed was not seen, and
    is no pause. A shorter gap is learned slowly, over FORGOTTEN.
    """
    gap, before = visit.gap, visit.newest
    times = sorted({min(moment(entry.published), now) for entry in entries if entry.published})
    pauses = sorted(later - earlier for earlier, later in pairwise(times))
    seen = []
    if len(pauses) + 1 >= LEAST_DATED:
        seen += [pauses[int(QUANTILE * (len(pauses) - 1))] * TIMES_QUANTILE, pauses[-1] * TIMES_LONGEST]
    if before is not None and newest is not None and newest > before:
        until = min(visit.failing_since or now, *(at for at in (*times, newest) if at > before))
        seen.append((until - before) * TIMES_LONGEST)
    if not seen:
        return gap
    learned = min(max(*seen, SHORTEST_GAP), LONGEST_GAP)
    if gap is None or learned >= gap:
        return learned
    return gap - (gap - learned) * min((now - (last_page or now)) / FORGOTTEN, 1.0)
