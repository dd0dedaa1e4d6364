"""What is wrong with the sources, and what of it must a curator be told now? Each change once, a lasting silence again every week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model import ANSWERED, READABLE, UNREACHED, Endpoint, Role, Source, Trouble, TroubleKind, Visit
from monitor.steps import timetable
from monitor.steps.urls import host

REMIND_SILENT = timedelta(days=7)
OVERDUE = timedelta(hours=6)  # past its time for a look, what is known of an endpoint says nothing of today

LEAST_UNREACHED = 3  # fewer failed looks say nothing of our own network
SHARE_UNREACHED = 0.9  # of all that were looked at since shortly before the last answer
SHORTLY = timedelta(minutes=15)

#: States of an endpoint of which one holds at a time.
STATES = frozenset({TroubleKind.SILENT, TroubleKind.FAILING, TroubleKind.BLOCKED, TroubleKind.GONE})
LEGAL_BLOCK = 451

Visits = Mapping[tuple[str, str], Visit]


class Turn(StrEnum):
    BEGUN = "begun"
    REMINDED = "reminded"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Change:
    """What a curator is told."""

    turn: Turn
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Watched:
    """`holding` takes the place of what was told before; `changes` are told; `forgiven` are visits whose failures were ours."""

    holding: tuple[Trouble, ...]
    changes: tuple[Change, ...] = ()
    forgiven: tuple[Visit, ...] = ()

    @property
    def network_down(self) -> bool:
        return any(trouble.kind is TroubleKind.NETWORK for trouble in self.holding)


def watch(told: Sequence[Trouble], sources: Sequence[Source], visits: Visits, last_answer: datetime | None, now: datetime) -> Watched:
    """`told`: what curators were told to hold. `last_answer`: when any server last answered a look.

    While our own network is down, that alone is told. When it is back, looks that failed with it are forgotten and made again at once.
    """
    network = next((trouble for trouble in told if trouble.kind is TroubleKind.NETWORK), None)
    if network is None:
        since = network_down(sources, visits, last_answer)
        if since is not None:
            network = Trouble(TroubleKind.NETWORK, "", "", since, told=now)
            return Watched((*told, network), (Change(Turn.BEGUN, network),))
        return _watch_sources(told, sources, visits, now)
    if last_answer is None or last_answer <= network.since:
        return Watched(tuple(told))
    forgiven = tuple(_forgiven(visit, now) for visit in visits.values() if _failed_with_us(visit, network.since))
    mended = {**visits, **{(visit.source, visit.url): visit for visit in forgiven}}
    watched = _watch_sources([trouble for trouble in told if trouble is not network], sources, mended, now)
    return replace(watched, changes=(Change(Turn.ENDED, network), *watched.changes), forgiven=forgiven)


# ── our own network ──────────────────────────────────────────────────────────────────────────────────────────────────


def network_down(sources: Sequence[Source], visits: Visits, last_answer: datetime | None) -> datetime | None:
    """Since when nobody can be reached: it is our own network then, and no source is to blame. None where somebody can be.

    Counted are endpoints that began to fail after anybody's last answer; against them stand those that answered shortly before it and
    were not asked again. Who answered last must have been asked again, unless that takes too long: as long as somebody answers now and
    then, it is the others. What was dead before says nothing, what leaves through a proxy neither, and one host may be down itself.
    """
    asked = [(source.id, endpoint.url) for source in sources if source.enabled and not source.proxy for endpoint in source.endpoints]
    looked = [visits[key] for key in asked if key in visits]
    unreached = [visit for visit in looked if _is_unreached(visit) and (last_answer is None or _began(visit) > last_answer)]
    answered = [visit for visit in looked if _has_answered(visit) and last_answer and _looked(visit) >= last_answer - SHORTLY]
    hosts, others = ({host(visit.url) for visit in those} for those in (unreached, answered))
    one_host = len(hosts) == 1 and bool(others - hosts)
    if any(_looked(visit) == last_answer and _soon_again(visit) for visit in answered):
        return None
    if len(unreached) < LEAST_UNREACHED or len(unreached) < SHARE_UNREACHED * (len(unreached) + len(answered)) or one_host:
        return None
    return min(map(_began, unreached))


def _is_unreached(visit: Visit) -> bool:
    return visit.outcome in UNREACHED and visit.status is None and visit.failing_since is not None


def _has_answered(visit: Visit) -> bool:
    return visit.last_look is not None and (visit.status is not None or visit.outcome in ANSWERED)


def _soon_again(visit: Visit) -> bool:
    return visit.next_look is not None and visit.next_look - _looked(visit) <= timetable.PATIENCE


def _looked(visit: Visit) -> datetime:
    assert visit.last_look is not None
    return visit.last_look


def _began(visit: Visit) -> datetime:
    assert visit.failing_since is not None
    return visit.failing_since


def _failed_with_us(visit: Visit, since: datetime) -> bool:
    return _is_unreached(visit) and _began(visit) >= since


def _forgiven(visit: Visit, now: datetime) -> Visit:
    return replace(visit, failures=0, failing_since=None, next_look=now)


# ── the sources ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _watch_sources(told: Sequence[Trouble], sources: Sequence[Source], visits: Visits, now: datetime) -> Watched:
    before = {(trouble.source, trouble.url, trouble.kind): trouble for trouble in told}
    holding: list[Trouble] = []
    changes: list[Change] = []
    for source in sources:
        for endpoint in timetable.asked(source, visits, now) if source.enabled else ():
            old = [trouble for kind in TroubleKind if (trouble := before.get((source.id, endpoint.url, kind)))]
            visit = visits.get((source.id, endpoint.url))
            if visit is None or visit.last_look is None or _is_overdue(visit, now):
                holding += old  # nothing new is known
                continue
            kept, told_now = _compare(old, _troubles(source, endpoint, visit, now), visit, now)
            holding += kept
            changes += told_now
    return Watched(tuple(holding), tuple(changes))


def _is_overdue(visit: Visit, now: datetime) -> bool:
    """A fallback that nobody asks while its primary reads, or a service that stood still."""
    return visit.next_look is not None and now - visit.next_look > OVERDUE


def _troubles(source: Source, endpoint: Endpoint, visit: Visit, now: datetime) -> Iterator[Trouble]:
    """What is wrong with an endpoint by its last look."""
    key = (visit.source, visit.url)
    if visit.gone:
        yield Trouble(TroubleKind.GONE, *key, visit.gone_since or now, visit.why)
    elif visit.failing_since and timetable.is_beyond_patience(visit, now):
        kind = TroubleKind.BLOCKED if visit.status == LEGAL_BLOCK else TroubleKind.FAILING
        yield Trouble(kind, *key, visit.failing_since, visit.why)
    elif visit.silent_since:
        gap = timetable.expected_gap(visit, source)
        yield Trouble(TroubleKind.SILENT, *key, visit.silent_since, f"a pause of more than {_days(gap)} is unusual here")
    if address := timetable.proposed(visit, now):
        yield Trouble(TroubleKind.MOVED, *key, visit.moved_since or now, address)
    if not visit.conditional:
        yield Trouble(TroubleKind.LYING, *key, now)


def _compare(old: Sequence[Trouble], now_wrong: Iterator[Trouble], visit: Visit, now: datetime) -> tuple[list[Trouble], list[Change]]:
    """An endpoint's troubles as they are kept, and what of them is news."""
    known = {trouble.kind: trouble for trouble in old}
    kept: list[Trouble] = []
    changes: list[Change] = []
    for trouble in now_wrong:
        same = known.get(trouble.kind)
        if trouble.kind is TroubleKind.FAILING and TroubleKind.BLOCKED in known:
            same = known[TroubleKind.BLOCKED]  # what was blocked and fails in another way now is still not read
        if same is None or (same.kind is TroubleKind.MOVED and same.detail != trouble.detail):
            kept.append(replace(trouble, told=now))
            changes.append(Change(Turn.BEGUN, kept[-1]))
        elif same.kind is TroubleKind.SILENT and same.told and now - same.told >= REMIND_SILENT:
            kept.append(replace(trouble, told=now))
            changes.append(Change(Turn.REMINDED, kept[-1]))
        else:
            kept.append(same)
    if not any(trouble.kind in STATES for trouble in kept):
        over = [trouble for trouble in old if trouble.kind in STATES]
        if visit.outcome in READABLE and not visit.failing_since:
            changes += [Change(Turn.ENDED, trouble) for trouble in over]
        else:
            kept += over  # it fails again, and it is not yet known for how long
    return kept, changes


# ── in words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

OUR_NETWORK = "our own network"


def line(change: Change, sources: Mapping[str, Source]) -> str:
    """A change in one line, for a log or a terminal. Not cleaned."""
    source = sources.get(change.trouble.source)
    return f"{change.trouble.source or OUR_NETWORK}{which(change.trouble, source)} {sentence(change, source)}"


def which(trouble: Trouble, source: Source | None) -> str:
    """` (secondary feed)`: of which endpoint a source's trouble is, where it has several; else nothing."""
    endpoint = _endpoint(trouble, source)
    return f" ({endpoint.role} {endpoint.kind})" if source and endpoint and len(source.endpoints) > 1 else ""


def sentence(change: Change, source: Source | None) -> str:
    """What is told of a change, after the source's name. Not cleaned."""
    trouble = change.trouble
    since = f"{trouble.since:%Y-%m-%d %H:%M} UTC"
    if change.turn is Turn.ENDED:
        return {
            TroubleKind.SILENT: f"is alive again: it was silent since {since}",
            TroubleKind.NETWORK: f"is back: nobody could be reached since {since}; every source is looked at again now",
        }.get(trouble.kind, f"reads again: it was {trouble.kind} since {since}")
    helper = _helpers(source, trouble)
    return {
        TroubleKind.SILENT: f"is {'still ' if change.turn is Turn.REMINDED else ''}silent: nothing new since {since}, and {trouble.detail}",
        TroubleKind.FAILING: f"has been failing since {since} ({trouble.detail}){helper}",
        TroubleKind.BLOCKED: f"is blocked by law since {since} ({trouble.detail}){helper}",
        TroubleKind.GONE: f"is gone: 410 since {since}, confirmed after a day. It is not asked any more: correct its address{helper}",
        TroubleKind.MOVED: f"has moved for good to {trouble.detail}, says its server (since {since}): if that is the same publisher, "
        "write the new address into the catalogue",
        TroubleKind.LYING: "says 304 (unchanged) although it has changed: from now on it is asked without conditions",
        TroubleKind.NETWORK: f"seems to be down: nobody could be reached since {since}. No source is blamed for it",
    }[trouble.kind]


def _helpers(source: Source | None, trouble: Trouble) -> str:
    """Who takes over from an endpoint that fails."""
    failing = _endpoint(trouble, source)
    if source is None or failing is None or failing.role is not Role.PRIMARY:
        return ""
    others = [endpoint.url for endpoint in source.endpoints if endpoint.enabled and endpoint.role is Role.FALLBACK]
    return f"; in its place {' and '.join(others)} {'are' if len(others) > 1 else 'is'} asked" if others else ""


def _endpoint(trouble: Trouble, source: Source | None) -> Endpoint | None:
    return next((endpoint for endpoint in source.endpoints if endpoint.url == trouble.url), None) if source else None


def _days(gap: timedelta) -> str:
    days = gap / timedelta(days=1)
    return f"{days:.0f} days" if days >= 2 else f"{gap / timedelta(hours=1):.0f} hours"
