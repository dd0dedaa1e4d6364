"""How is a look told to a person? Outcomes in words, spans of time, and the rhythm as a small bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

from monitor.model import READABLE, Endpoint, Entry, Failure, Outcome, Page, Parsed, Source, Visit, utc_text
from monitor.steps import rhythm, timetable

BAR = 9  # characters
MOST_ENTRIES = 5  # that an explanation shows

WORDS: Mapping[Outcome, str] = {
    Outcome.OK_NEW: "something new",
    Outcome.OK_NOTHING_NEW: "nothing new",
    Outcome.NOT_MODIFIED: "unchanged",
    Outcome.MOVED: "read elsewhere",
    Outcome.GONE: "gone",
    Outcome.RATE_LIMITED: "asked us to wait",
    Outcome.CHALLENGE: "a bot wall",
    Outcome.AUTH: "a login",
    Outcome.HTTP_ERROR: "an error",
    Outcome.NET_ERROR: "not reached",
    Outcome.TLS_ERROR: "not to be trusted",
    Outcome.TIMEOUT: "too slow",
    Outcome.TOO_BIG: "too big",
    Outcome.NOT_A_FEED: "something else came",
    Outcome.PARSE_PARTIAL: "read in part",
    Outcome.PARSE_FAILED: "unreadable",
    Outcome.SUSPICIOUS: "doubtful",
    Outcome.REFUSED: "not asked",
}

#: From this length on, told in this unit.
UNITS = (
    (timedelta(days=2), timedelta(days=1), "d"),
    (timedelta(hours=2), timedelta(hours=1), "h"),
    (timedelta(0), timedelta(minutes=1), "min"),
)


def in_words(outcome: Outcome | None, why: str) -> str:
    """`an error (404: not found)`."""
    if outcome is None:
        return "never looked at"
    return WORDS[outcome] + (f" ({why})" if why else "")


def span(length: timedelta) -> str:
    """`13 min`, `5 h`, `3 d`: rounded, never negative."""
    length = max(length, timedelta(0))
    unit, name = next((unit, name) for least, unit, name in UNITS if length >= least)
    return f"{length / unit:.0f} {name}"


def bar(endpoint: Endpoint, interval: timedelta | None) -> str:
    """`──●──────`: where the learned interval stands between the endpoint's floor and its ceiling, in equal ratios."""
    least, most = rhythm.floor(endpoint), rhythm.ceiling(endpoint)
    held = min(max(interval or endpoint.every, least), most)
    place = round(log(held / least) / log(most / least) * (BAR - 1)) if most > least else 0
    return "─" * place + "●" + "─" * (BAR - 1 - place)


def telling(source: Source, visits: Mapping[tuple[str, str], Visit], health: str) -> tuple[Endpoint, Visit] | None:
    """The endpoint that best shows why the source's health is what it is; None for a source that was never looked at."""
    own = [(endpoint, visit) for endpoint in source.endpoints if (visit := visits.get((source.id, endpoint.url))) and visit.last_look]
    return next((pair for pair in own if _shows(pair[1], health)), own[0] if own else None)


def _shows(visit: Visit, health: str) -> bool:
    if health == "silent":
        return visit.silent_since is not None
    return health not in ("failing", "refused") or visit.failing_since is not None or visit.gone


def since(source: Source, visits: Mapping[tuple[str, str], Visit], health: str) -> datetime | None:
    """Since when a source is in its state: the earliest of its endpoints' own times."""
    field = {"silent": "silent_since", "failing": "failing_since", "refused": "failing_since"}.get(health)
    own = [visit for endpoint in source.endpoints if (visit := visits.get((source.id, endpoint.url)))]
    return min((at for visit in own if field and (at := getattr(visit, field))), default=None)


def note(source: Source, visits: Sequence[Visit], now: datetime) -> str:
    """What else a curator should see at a glance: why it is off, where it moved to, else its name."""
    if not source.enabled:
        return source.reason or "enabled = false"
    moved = next((address for visit in visits if (address := timetable.proposed(visit, now))), None)
    return f"moved to {moved}" if moved else source.name


# ── one look, explained ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Checked:
    """`before` is what was known of the endpoint, `after` what a look by the timetable would make of it now."""

    source: Source
    endpoint: Endpoint
    fetched: Page | Failure
    parsed: Parsed | None
    known: int | None  # of its entries; None where it was never looked at
    before: Visit
    after: Visit
    robots: str  # of the newest article's site; empty where no article is fetched

    @property
    def outcome(self) -> Outcome:
        """As the store would tell it: with something new, or without."""
        assert self.after.outcome
        new = self.parsed is not None and len(self.parsed.entries) > (self.known or 0)
        return Outcome.OK_NEW if self.after.outcome is Outcome.OK_NOTHING_NEW and new else self.after.outcome

    @property
    def dated(self) -> list[Entry]:
        """Entries with a date, the newest first."""
        entries = self.parsed.entries if self.parsed else ()
        return sorted((entry for entry in entries if entry.published), key=lambda entry: _at(entry), reverse=True)


def _at(entry: Entry) -> datetime:
    assert entry.published
    return rhythm.moment(entry.published)


def explained(checked: Checked, now: datetime) -> Iterator[tuple[str, list[str]]]:
    """Everything that was seen, as pairs of a label and lines. Not cleaned."""
    fetched, after = checked.fetched, checked.after
    yield "outcome", [f"{checked.outcome}: {in_words(checked.outcome, after.why)}"]
    if not checked.endpoint.enabled or not checked.source.enabled:
        yield "disabled", [checked.endpoint.reason or checked.source.reason or "enabled = false"]
    yield "answer", [_answer(fetched)]
    if fetched.final_url and fetched.final_url != checked.endpoint.url:
        lasting = isinstance(fetched, Page) and fetched.permanent_url is not None
        yield "redirect", [f"{'for good' if lasting else 'for now'}, to {fetched.final_url}"]
    if isinstance(fetched, Page):
        yield "validators", [_validators(checked)]
    if checked.parsed:
        yield "entries", list(_entries(checked, now))
        if checked.parsed.feeds:
            yield "feeds", [f"this page advertises {url}" for url in checked.parsed.feeds]
    if checked.robots:
        yield "robots", [checked.robots]
    before = checked.before
    if before.last_look:
        yield (
            "before",
            [f"{in_words(before.outcome, before.why)}, {span(now - before.last_look)} ago; next look {_when(before.next_look, now)}"],
        )
    yield "from here", [f"a look now would be followed by one {_when(after.next_look, now)}", *_states(checked)]


def _answer(fetched: Page | Failure) -> str:
    status = str(fetched.status) if fetched.status is not None else "no status"
    size = f"{fetched.wire_bytes:,} bytes over the wire"
    if isinstance(fetched, Failure):
        return f"{status} after {fetched.seconds:.1f} s, {size}"
    kind = fetched.header("content-type") or "no content type"
    via = f" from {fetched.address}" if fetched.address else ""
    return f"{status}{via} after {fetched.seconds:.1f} s, {size}, {len(fetched.body):,} unpacked, {kind}"


def _validators(checked: Checked) -> str:
    given = checked.fetched.validators if isinstance(checked.fetched, Page) else None
    shown = [
        f"{name} {value.decode('latin-1')}"
        for name, value in (("ETag", given and given.etag), ("Last-Modified", given and given.last_modified))
        if value
    ]
    if not shown:
        return "none: every look brings the whole"
    kept = "would be saved" if checked.after.validators == given else "would not be kept, so the next look asks for the whole again"
    return f"{', '.join(shown)}: {kept}"


def _entries(checked: Checked, now: datetime) -> Iterator[str]:
    assert checked.parsed
    entries, dated = checked.parsed.entries, checked.dated
    known = "" if checked.known is None else f", {checked.known} known before"
    yield f"{len(entries)}, {len(dated)} of them dated{known}"
    if dated:
        yield f"newest {_entry_age(dated[0], now)}, oldest {_entry_age(dated[-1], now)}"
    for entry in (dated or entries)[:MOST_ENTRIES]:
        yield f"{entry.published or 'undated'}  {entry.title or (entry.content or '')[:80] or entry.url or '(nothing)'}"


def _entry_age(entry: Entry, now: datetime) -> str:
    return f"{span(now - _at(entry))} old"


def _when(at: datetime | None, now: datetime) -> str:
    return f"in {span(at - now)} ({utc_text(at)})" if at else "never"


def _states(checked: Checked) -> Iterator[str]:
    after = checked.after
    if after.outcome in READABLE:
        yield f"rhythm {bar(checked.endpoint, after.interval)} {span(after.interval or checked.endpoint.every)} between looks"
    if after.failing_since:
        yield f"{f'failing, {after.failures} in a row' if after.failures else 'empty'}, since {utc_text(after.failing_since)}"
    if after.silent_since:
        gap = timetable.expected_gap(after, checked.source)
        yield f"silent since {utc_text(after.silent_since)}: a pause of more than {span(gap)} is unusual here"
