"""What did a day bring? Items and alerts -> digest -> text, Markdown, HTML, JSON.

No time but the day's own goes in, and every list has its order, so the same day and database give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.errors import UsageError
from monitor.model import (
    Alert,
    Attribution,
    Change,
    Coverage,
    Edit,
    EntryState,
    Item,
    Level,
    Quality,
    Side,
    Source,
    Story,
    unlisted,
    utc_text,
)
from monitor.steps import display

FORMATS = {"text": "digest.txt", "markdown": "digest.md", "html": "digest.html", "json": ""}
TITLE_MOST = 300  # characters

SEVERITIES = ("high", "medium", "low")  # the gravest first
SIDES = {Side.RU: "Russian forces", Side.UA: "Ukrainian forces", Side.OTHER: "other forces", Side.UNKNOWN: "side unknown"}
#: Whose pages a reader should think twice about opening, or weigh apart: told beside the outlet.
KINDS_TOLD = {"state": "state media", "official": "official", "channel": "channel", "aggregator": "aggregator"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that fired, the lexicon's terms that it stood on, and why its best match counts, in words."""

    rule: str
    terms: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Copy:
    """An outlet that carries another's text."""

    outlet: str
    group: str


@dataclass(frozen=True, slots=True)
class Told:
    """One article as a curator is told of it. Texts are as stored, not cleaned."""

    item: int
    alert: int | None
    source: str
    outlet: str
    group: str
    kind: str
    title: str
    url: str | None
    published: str | None
    first_seen: datetime | None  # None: the item is of an earlier day and was not given
    late: bool  # published on an earlier day
    lang: str
    quality: str
    severity: str
    topics: tuple[str, ...]
    side: Side
    reasons: tuple[Reason, ...]
    quotes: tuple[display.Quote, ...]
    cites: tuple[str, ...] = ()  # whom it names as its sources
    copies: tuple[Copy, ...] = ()  # the same text elsewhere, one for each item
    copy_of: int | None = None  # an article of an earlier day


@dataclass(frozen=True, slots=True)
class StoryTold:
    id: int | None  # None: known by its alert alone
    label: str
    severity: str
    topics: tuple[str, ...]
    sides: tuple[Side, ...]
    outlets: tuple[str, ...]
    groups: tuple[str, ...]  # publishers: outlets of one group are one voice
    origins: int | None  # at most this many independent ones, over all days
    since: datetime | None  # first seen on an earlier day
    copies: int
    articles: tuple[Told, ...]
    more: int = 0  # articles left out here


@dataclass(frozen=True, slots=True)
class Lane:
    """Stories of one kind, the gravest first."""

    name: str
    stories: tuple[StoryTold, ...]
    more: int = 0  # stories left out here


@dataclass(frozen=True, slots=True)
class Changed:
    """An article that was told before, and what its publisher has changed in it on this day."""

    item: int
    source: str
    outlet: str
    kind: str
    title: str
    url: str | None
    version: int  # the newest of the day
    at: datetime  # of the latest look that found something
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    day: date
    timezone: str
    since: datetime
    until: datetime
    coverage: Coverage
    names: Mapping[str, str]  # of the sources that the coverage names
    items: int  # stored on this day, copies and unmatched ones included
    unread: int  # alerts that no curator has looked at
    dismissed: int  # alerts that a curator set aside; they are counted only
    alerts: Lane
    notes: Lane
    found: Lane  # of the past: brought by backfill, or by changed rules; nobody was called
    changed: tuple[Changed, ...] = ()
    changed_more: int = 0  # articles left out here

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return (self.alerts, self.notes, self.found)


#: What readers see of each lane: stories, and articles of each story. The rest is counted; JSON has everything.
MOST_SHOWN = {"alerts": (60, 6), "notes": (40, 2), "found": (20, 2)}
MOST_CHANGED = 40  # articles


def day_window(day: date, timezone: str) -> tuple[datetime, datetime]:
    """UTC bounds of a local day: [first instant, first instant of the next day), 23 or 25 h long where the clock changes.

    Consecutive windows touch without gap or overlap, as each ends where the next begins. Raises UsageError for an unknown timezone or a
    day beyond the calendar.
    """
    try:
        zone = ZoneInfo(timezone)
        first, last = (datetime.combine(which, time(), zone).astimezone(UTC) for which in (day, day + timedelta(days=1)))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"timezone {timezone!r} is not known; use a name such as Europe/Paris") from error
    except OverflowError as error:
        raise UsageError(f"{day} is too far away for a digest") from error
    return first, last


# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def build(
    day: date,
    timezone: str,
    items: Sequence[Item],
    alerts: Sequence[Alert],
    stories: Sequence[Story],
    coverage: Coverage,
    sources: Mapping[str, Source],
    attributions: Mapping[int, Sequence[Attribution]] | None = None,
    edits: Sequence[Edit] = (),
) -> Digest:
    """The digest of one local day.

    Items count on the day on which they were stored (a page that was down for a night is told the day after), alerts when they were made
    on it; an item outside it serves to describe an alert made on it (a revision, a changed rule). `stories` give labels and independent
    origins, `attributions` (by item id) whom an article cites. An alert that a curator dismissed is counted, not shown. `edits` are told of
    articles that were told before: in an earlier digest, or by an alert.
    """
    since, until = day_window(day, timezone)
    known = {item.id: item for item in items}
    today = sorted(
        (item for item in items if since <= (item.stored or item.first_seen) < until), key=lambda item: (item.first_seen, item.id)
    )
    made = sorted((alert for alert in alerts if since <= alert.created < until), key=lambda alert: alert.id)
    shown = [alert for alert in made if alert.status != "dismissed"]
    aside = {alert.item for alert in made if alert.status == "dismissed"}
    copies = _copies(today, sources)
    late = {item.id for item in today if _is_late(item, day, since)}
    cites = {number: _cited(of, sources) for number, of in (attributions or {}).items()}

    def whole(told: Told) -> Told:
        return replace(told, late=told.item in late, copies=copies.get(told.item, ()), cites=cites.get(told.item, ()))

    articles: dict[str, list[tuple[int, Told]]] = {"alerts": [], "notes": [], "found": []}
    for alert in shown:
        item = known.get(alert.item)
        told = tell(item, alert, sources.get(alert.source) or unlisted(alert.source))
        story = item.story if item else -alert.item  # without its item its story is not known: it stands alone
        articles["found" if alert.lane == "rematch" else "alerts"].append((story, told))
    alerted = {alert.item for alert in shown} | aside
    for item in today:
        counted = item.duplicate_of is not None and item.duplicate_of in copies
        if item.id not in alerted and not counted and item.judgement.level is not Level.NONE:
            told = tell(item, None, sources.get(item.source) or unlisted(item.source))
            past = item.judgement.level is Level.ALERT and item.duplicate_of is None
            articles["found" if past else "notes"].append((item.story, told))

    lanes = _lanes(
        {name: [(story, whole(told)) for story, told in those] for name, those in articles.items()},
        {story.id: story for story in stories},
        since,
    )
    return Digest(
        day=day,
        timezone=timezone,
        since=since,
        until=until,
        coverage=_ordered(coverage),
        names={name: sources[name].name for name in sorted(_named(coverage)) if name in sources},
        items=len(today),
        unread=sum(alert.status == "new" for alert in shown),
        dismissed=len(aside),
        alerts=lanes["alerts"],
        notes=lanes["notes"],
        found=lanes["found"],
        changed=_changed([edit for edit in edits if since <= edit.at < until], known, made, since, sources),
    )


def _changed(
    edits: Sequence[Edit], items: Mapping[int, Item], alerts: Sequence[Alert], since: datetime, sources: Mapping[str, Source]
) -> tuple[Changed, ...]:
    """What was changed in articles after they were told, an article once, in order of time."""
    found: dict[int, Changed] = {}
    for edit in sorted(edits, key=lambda edit: (edit.at, edit.item)):
        item = items.get(edit.item)
        if item is None or not edit.told:
            continue
        alerted = any(alert.item == item.id and alert.created < edit.at for alert in alerts)
        if not alerted and (item.stored or item.first_seen) >= since:
            continue
        source, before = sources.get(item.source) or unlisted(item.source), found.get(item.id)
        found[item.id] = Changed(
            item=item.id,
            source=source.id,
            outlet=source.name,
            kind=source.kind.value,
            title=item.article.title,
            url=item.url,
            version=edit.version,
            at=edit.at,
            changes=(*(before.changes if before else ()), *edit.changes),
        )
    return tuple(found.values())


def tell(item: Item | None, alert: Alert | None, source: Source) -> Told:
    """One article, from its item, its alert or both. What a digest alone knows (late, copies, cites) is left out."""
    assert item or alert
    if item is None:
        assert alert
        return Told(
            item=alert.item,
            alert=alert.id,
            source=source.id,
            outlet=source.name,
            group=source.group,
            kind=source.kind.value,
            title=alert.title,
            url=alert.url,
            published=None,
            first_seen=None,
            late=False,
            lang="und",
            quality=Quality.FULL.value,
            severity=_severity(alert.severity),
            topics=tuple(sorted(alert.topics)),
            side=alert.side,
            reasons=tuple(Reason(rule, ()) for rule in sorted(alert.rules)),
            quotes=(),
        )
    article, judgement = item.article, item.judgement
    return Told(
        item=item.id,
        alert=alert.id if alert else None,
        source=source.id,
        outlet=source.name,
        group=source.group,
        kind=source.kind.value,
        title=article.title,
        url=item.url,
        published=str(article.published) if article.published else None,
        first_seen=item.first_seen,
        late=False,
        lang=article.lang,
        quality=article.quality.value,
        severity=_severity(alert.severity if alert else judgement.severity),
        topics=tuple(sorted(alert.topics if alert else judgement.topics)),
        side=alert.side if alert else judgement.side,
        reasons=_reasons(item, alert),
        quotes=display.quotes(article, judgement.hits),
        copy_of=item.duplicate_of,
    )


def _is_late(item: Item, day: date, since: datetime) -> bool:
    """Whether the article claims a time before the digest's day began; a date without a time is compared with the day itself."""
    published = item.article.published
    if published is None:
        return False
    return published.at < since if isinstance(published.at, datetime) else published.at < day


def _reasons(item: Item, alert: Alert | None) -> tuple[Reason, ...]:
    terms: dict[str, set[str]] = {rule: set() for rule in (alert.rules if alert else ())}
    why: dict[str, str] = {}
    for hit in item.judgement.hits:  # the best first
        terms.setdefault(hit.rule, set()).add(hit.term)
        why.setdefault(hit.rule, hit.why)
    return tuple(Reason(rule, tuple(sorted(those)), why.get(rule, "")) for rule, those in sorted(terms.items()))


def _severity(given: str) -> str:
    return given if given in SEVERITIES else SEVERITIES[-1]


def _copies(today: Sequence[Item], sources: Mapping[str, Source]) -> dict[int, tuple[Copy, ...]]:
    """Who copied each original of this day, by the original's item id; an original without copies has none."""
    copies: dict[int, list[Copy]] = {item.id: [] for item in today if item.duplicate_of is None}
    for item in today:
        if item.duplicate_of in copies:
            source = sources.get(item.source) or unlisted(item.source)
            copies[item.duplicate_of].append(Copy(source.name, source.group))
    return {original: tuple(sorted(those)) for original, those in copies.items()}


def _cited(those: Iterable[Attribution], sources: Mapping[str, Source]) -> tuple[str, ...]:
    return tuple(sorted({sources[one.source].name if one.source in sources else one.surface for one in those}))


def _lanes(articles: Mapping[str, Sequence[tuple[int, Told]]], stories: Mapping[int, Story], since: datetime) -> dict[str, Lane]:
    """Articles grouped by story; a story stands whole in the first of its lanes."""
    grouped: dict[int, tuple[str, list[Told]]] = {}
    for name, those in articles.items():
        for story, told in those:
            grouped.setdefault(story, (name, []))[1].append(told)
    lanes: dict[str, list[StoryTold]] = defaultdict(list)
    for number, (name, told_of) in grouped.items():
        lanes[name].append(_story(number, told_of, stories.get(number), since))
    return {name: Lane(name, tuple(sorted(lanes[name], key=_gravest_first))) for name in articles}


def _story(number: int, those: Sequence[Told], story: Story | None, since: datetime) -> StoryTold:
    articles = tuple(sorted(those, key=lambda told: (told.alert is None, SEVERITIES.index(told.severity), told.item)))
    copies = [copy for told in articles for copy in told.copies]
    carriers = {(told.outlet, told.group) for told in articles} | {(copy.outlet, copy.group) for copy in copies}
    return StoryTold(
        id=number if number > 0 else None,
        label=story.label if story and story.label.strip() else articles[0].title,
        severity=min((told.severity for told in articles), key=SEVERITIES.index),
        topics=tuple(sorted({topic for told in articles for topic in told.topics})),
        sides=tuple(side for side in Side if any(told.side is side for told in articles)),
        outlets=tuple(sorted({outlet for outlet, _ in carriers})),
        groups=tuple(sorted({group for _, group in carriers})),
        origins=story.origins if story else None,
        since=story.first_seen if story and story.first_seen < since else None,
        copies=len(copies),
        articles=articles,
    )


def _gravest_first(story: StoryTold) -> tuple[int, int, int, int]:
    return SEVERITIES.index(story.severity), -len(story.outlets), story.id or 0, story.articles[0].item


def _named(coverage: Coverage) -> set[str]:
    return {*coverage.silent, *coverage.failing, *coverage.refused, *coverage.unseen}


def _ordered(coverage: Coverage) -> Coverage:
    return replace(
        coverage,
        silent=tuple(sorted(coverage.silent)),
        failing=tuple(sorted(coverage.failing)),
        refused=tuple(sorted(coverage.refused)),
        unseen=tuple(sorted(coverage.unseen)),
        by_state={state: coverage.by_state.get(state, 0) for state in EntryState},
    )


# ── in words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def coverage_line(digest: Digest) -> str:
    """The first line of every digest: what was looked at, so that a quiet day is proven quiet."""
    coverage = digest.coverage
    if not coverage.sources:
        looked = "No source is enabled"
    elif coverage.verified >= coverage.sources:
        looked = f"Looked at all {coverage.sources} sources" if coverage.sources > 1 else "Looked at the one source"
    else:
        looked = f"Looked at {coverage.verified} of {display.counted(coverage.sources, 'source')}"
    troubles = [
        f"{len(those)} {what} ({display.names([digest.names.get(name, name) for name in those])})"
        for what, those in (
            ("failing", coverage.failing),
            ("silent", coverage.silent),
            ("refused", coverage.refused),
            ("not looked at", coverage.unseen),
        )
        if those
    ]
    return f"{looked}{': ' if troubles else ''}{', '.join(troubles)}; {_accounts(coverage)}."


def _accounts(coverage: Coverage) -> str:
    """Where the entries of the day ended: they are accounted for when the states sum to what was seen."""
    total = sum(coverage.by_state.values())
    seen = f"{display.counted(coverage.entries_seen, 'entry', 'entries')} seen"
    if total != coverage.entries_seen:
        return f"{seen}, but {total:,} accounted for"
    open_ends = [
        f"{coverage.by_state[state]:,} {state.value}" for state in (EntryState.WAITING, EntryState.FAILED) if coverage.by_state[state]
    ]
    return f"{seen}, all accounted for" + (f" ({', '.join(open_ends)})" if open_ends else "")


def day_words(day: date) -> str:
    """`Wednesday 25 November 2026`, in no machine's locale."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def summary(digest: Digest) -> str:
    """One line: what the day brought."""
    unread = f", {digest.unread} not looked at yet" if digest.unread else ""
    parts = [
        f"{display.counted(_all_stories(digest.alerts), 'story', 'stories')} alerted{unread}",
        f"{_all_stories(digest.notes)} noted",
        *([f"{_all_stories(digest.found)} found in the past"] if _all_stories(digest.found) else []),
        *([f"{len(digest.changed)} changed since"] if digest.changed else []),
        *([f"{display.counted(digest.dismissed, 'alert')} dismissed"] if digest.dismissed else []),
        f"{display.counted(digest.items, 'article')} read",
    ]
    return "; ".join(parts) + "."


def quiet(digest: Digest) -> str:
    """What is said of a day without a story, else nothing. Quiet is claimed only where everything was looked at and read."""
    if any(lane.stories for lane in digest.lanes) or digest.changed:
        return ""
    coverage = digest.coverage
    if coverage.sources and coverage.verified >= coverage.sources and not coverage.by_state[EntryState.WAITING]:
        return "A quiet day: every source was looked at, and nothing matched."
    return "Nothing matched in what was read; as not everything could be, that does not prove a quiet day."


def about(story: StoryTold) -> str:
    """`high · desertion, mutiny · Russian forces · 3 outlets of 2 publishers · at most 2 origins · 4 copies · since 2026-11-23`."""
    voices = display.counted(len(story.outlets), "outlet")
    if len(story.groups) < len(story.outlets):
        voices += f" of {display.counted(len(story.groups), 'publisher')}"
    parts = [
        story.severity,
        ", ".join(story.topics),
        ", ".join(SIDES[side] for side in story.sides),
        voices,
        f"at most {display.counted(story.origins, 'origin')}" if story.origins is not None else "",
        display.counted(story.copies, "copy", "copies") if story.copies else "",
        f"since {utc_text(story.since)[:10]}" if story.since else "",
    ]
    return " · ".join(part for part in parts if part)


def changed_at(changed: Changed) -> str:
    """`state media, item 17, version 3, seen 2026-11-25T14:05:00Z`."""
    parts = (KINDS_TOLD.get(changed.kind, ""), f"item {changed.item}", f"version {changed.version}", f"seen {utc_text(changed.at)}")
    return ", ".join(part for part in parts if part)


def marks(told: Told) -> str:
    """What a reader should know of one article before opening it: `state media, late: published 2026-11-23`."""
    parts = [
        KINDS_TOLD.get(told.kind, ""),
        f"late: published {told.published[:10]}" if told.late and told.published else "",
        f"a copy of item {told.copy_of}" if told.copy_of is not None else "",
        {"feed": "the feed's text only", "wall": "behind a wall", "empty": "without text"}.get(told.quality, ""),
    ]
    return ", ".join(part for part in parts if part)


# ── rendering ────────────────────────────────────────────────────────────────────────────────────────────────────────

_LANE_TITLES = {"alerts": "Alerts", "notes": "Notes", "found": "Found in the past; nobody was called"}


def cut(digest: Digest) -> Digest:
    """The digest as people are shown it: no lane longer than MOST_SHOWN, what is left out counted."""
    return replace(
        digest,
        alerts=_cut_lane(digest.alerts),
        notes=_cut_lane(digest.notes),
        found=_cut_lane(digest.found),
        changed=digest.changed[:MOST_CHANGED],
        changed_more=len(digest.changed[MOST_CHANGED:]),
    )


def _cut_lane(lane: Lane) -> Lane:
    stories, articles = MOST_SHOWN[lane.name]
    kept = [replace(story, articles=story.articles[:articles], more=len(story.articles[articles:])) for story in lane.stories[:stories]]
    return replace(lane, stories=tuple(kept), more=len(lane.stories[stories:]))


def _all_stories(lane: Lane) -> int:
    return len(lane.stories) + lane.more


def render(digest: Digest, fmt: str) -> str:
    """The digest as `text`, `markdown`, `html` (one file, nothing remote) or `json` (never cut). Raises UsageError for another format.

    The same digest gives the same text. Encode it as UTF-8.
    """
    if fmt not in FORMATS:
        raise UsageError(f"format {fmt!r} is not known; use one of {', '.join(FORMATS)}")
    if fmt == "json":
        return display.to_json({"coverage_line": coverage_line(digest), "summary": summary(digest), **display.tree(digest)}) + "\n"
    shown = cut(digest)
    values = {
        "digest": shown,
        "coverage_line": coverage_line(digest),
        "summary": summary(digest),
        "quiet": quiet(digest),
        "day": day_words(digest.day),
        "lane_titles": _LANE_TITLES,
        **WORDS,
    }
    return display.fill(FORMATS[fmt], values)


def heading(text: str) -> str:
    """A title, label or outlet as it is shown: on one line, not too long, never nothing."""
    return display.cut(display.plain(text).strip(), TITLE_MOST) or "(unnamed)"


def own_title(told: Told, story: StoryTold) -> str:
    """The article's title where it says more than its story's label; else nothing, as the label stands above it."""
    return "" if told.title == story.label else heading(told.title)


#: What templates call for a story and an article.
WORDS = {"about": about, "marks": marks, "heading": heading, "own_title": own_title, "changed_at": changed_at, "sides": SIDES}
