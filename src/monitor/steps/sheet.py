"""What is known of one article, and what would be made of a page: for a person, as pairs of a label and lines.

Nothing here is cleaned: whoever prints it does that (steps/display.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.model import (
    Alert,
    Article,
    Attribution,
    Edit,
    Evidence,
    Failure,
    Figure,
    Item,
    Judgement,
    Page,
    Quality,
    Source,
    Verdict,
    Version,
    utc_text,
)
from monitor.steps.dedup import Relation
from monitor.steps.digest import SIDES
from monitor.steps.display import Part, marked

Lines = Iterator[tuple[str, list[str]]]

#: Where a time of publication was taken from, in words.
ORIGINS = {
    "jsonld": "from the page's JSON-LD",
    "meta": "from the page's meta tags",
    "feed": "from the feed",
    "url": "guessed from the address",
    "text": "guessed from the page's text",
}
QUALITIES = {
    Quality.FULL: "read whole",
    Quality.FEED: "the feed's text only",
    Quality.WALL: "a wall: never matched",
    Quality.EMPTY: "without text",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One article with everything that hangs on it; item and judgement are those of the version that is shown."""

    item: Item
    source: Source
    shown: Version
    versions: tuple[Version, ...]
    edits: tuple[Edit, ...]
    alerts: tuple[Alert, ...]
    evidence: tuple[Evidence, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything the service thinks of a page, a file or a text that it was shown; nothing of it is stored."""

    target: str
    fetched: Page | Failure | None  # None: a file
    charset: str
    charset_flags: tuple[str, ...]
    source: Source | None
    address: str | None  # canonical
    known: Item | None  # that has this address already
    article: Article | None  # None: nothing could be fetched
    judgement: Judgement
    relation: Relation | None
    figures: tuple[Figure, ...]
    attributions: tuple[Attribution, ...]


# ── a stored article ─────────────────────────────────────────────────────────────────────────────────────────────────


def about(stored: Stored) -> Lines:
    """What stands above the text."""
    item, source = stored.item, stored.source
    yield "source", [f"{source.name} ({source.id}), {source.kind}"]
    yield "address", [item.url or "none", *_canonical(stored.shown.article, item.url)]
    yield from _read(stored.shown.article)
    yield "first seen", [utc_text(item.first_seen)]
    if item.gone:
        yield "gone", [f"gone upstream: not there any more since {utc_text(item.gone)}; our copy is kept"]
    yield from judged(stored.shown.judgement)
    copy = f", a copy of item {item.duplicate_of}" if item.duplicate_of is not None else ""
    yield "state", [f"{item.state}{copy}, story {item.story}: {stored.shown.reason}"]
    if stored.verdicts:
        yield "curators", [_verdict(verdict) for verdict in stored.verdicts]


def below(stored: Stored) -> Lines:
    """What stands below it: versions and what each changed, alerts, evidence."""
    yield "versions", [line for version in stored.versions for line in _version(version, stored)]
    yield "alerts", [_alert(alert) for alert in stored.alerts] or ["none"]
    yield "evidence", [_evidence(one) for one in stored.evidence] or ["nothing of it was kept"]


def _version(version: Version, stored: Stored) -> Iterator[str]:
    shown = ", shown here" if version.number == stored.shown.number and len(stored.versions) > 1 else ""
    yield f"{version.number} read {utc_text(version.seen)}, {version.judgement.level}{shown}: {version.reason}"
    edits = [edit for edit in stored.edits if edit.version == version.number]
    for edit in edits:
        yield from (f"· {utc_text(edit.at)} {change.words}" for change in edit.changes)
    if not edits and version.number > 1:
        yield "· nothing that changes what it says"


def _alert(alert: Alert) -> str:
    lane = "" if alert.lane == "live" else f", {alert.lane}"
    return f"{alert.id} of {utc_text(alert.created)}, {alert.severity}, {alert.status}{lane}: {', '.join(alert.rules)}"


def _evidence(one: Evidence) -> str:
    read = f"version {', '.join(map(str, one.versions))}" if one.versions else "no version"
    here = f"{one.size:,} bytes kept in the database" if one.size is not None else "its bytes are not kept"
    if one.removed:
        here += f" since {utc_text(one.removed)}"
    led = f" → {one.final_url}" if one.final_url != one.url else ""
    return (
        f"fetch {one.number} of {utc_text(one.fetched)}, {one.status}, {one.url}{led}, sha256 {one.sha256}, {here}; {read} was read from it"
    )


def _verdict(verdict: Verdict) -> str:
    note = f": {verdict.note}" if verdict.note else ""
    return f"{verdict.says}, {verdict.topic}, by {verdict.by} on version {verdict.version} at {utc_text(verdict.at)}{note}"


# ── a page that is explained ─────────────────────────────────────────────────────────────────────────────────────────


def explained(said: Explained) -> Lines:
    """What stands above the text of a page that is explained."""
    if said.fetched is not None:
        yield "answer", list(_answer(said.fetched))
    if said.charset:
        yield "charset", [", ".join((said.charset, *said.charset_flags))]
    yield "source", [f"{said.source.name} ({said.source.id}), {said.source.kind}" if said.source else "not in the catalogue"]
    if said.address:
        yield "address", [f"canonical {said.address}", *(_canonical(said.article, said.address) if said.article else ())]
        known = said.known
        yield "known", [f"yes: item {known.id} of {known.source}, first seen {utc_text(known.first_seen)}" if known else "no"]
    if said.article is None:
        return
    yield from _read(said.article)
    if said.relation:
        yield "copies", [f"{'would be a duplicate: ' if said.relation.duplicate_of is not None else ''}{said.relation.why}"]
    yield from judged(said.judgement)
    if said.figures:
        yield "figures", [_figure(figure) for figure in said.figures]
    if said.attributions:
        yield "cites", list(dict.fromkeys(f"{one.source}, as “{one.surface}”" for one in said.attributions))


def _answer(fetched: Page | Failure) -> Iterator[str]:
    status = fetched.status if fetched.status is not None else "no status"
    if isinstance(fetched, Failure):
        yield f"{fetched.outcome}: {fetched.why} ({status} after {fetched.seconds:.1f} s)"
    else:
        kind = fetched.header("content-type") or "no content type"
        yield f"{status} from {fetched.address or 'its proxy'} after {fetched.seconds:.1f} s, {len(fetched.body):,} bytes, {kind}"
        yield "robots.txt lets us read it"
        if fetched.validators.etag or fetched.validators.last_modified:
            given = (value.decode("latin-1") for value in (fetched.validators.etag, fetched.validators.last_modified) if value)
            yield f"can be asked whether it changed: {', '.join(given)}"
    if fetched.final_url and fetched.final_url != fetched.url:
        lasting = isinstance(fetched, Page) and fetched.permanent_url
        yield f"leads {'for good' if lasting else 'for now'} to {fetched.final_url}"


def _figure(figure: Figure) -> str:
    period = f" in {figure.period}" if figure.period else ""
    source = f", according to {figure.source}" if figure.source else ", nobody is named as its source"
    return f"{figure.value:,.10g} {figure.unit} ({figure.what}){period}{source}"


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def judged(said: Judgement) -> Lines:
    yield "verdict", [f"{said.level}, score {said.score:.2f}" + (f", severity {said.severity}" if said.hits else "")]
    if said.topics:
        yield "topics", [", ".join(said.topics)]
        yield "side", [SIDES[said.side]]
    if said.places:
        yield "places", [", ".join(said.places)]
    if said.legal:
        yield "law", [", ".join(said.legal)]
    if said.vetoes:
        yield "against", list(said.vetoes)


def matches(article: Article, said: Judgement) -> list[str]:
    """Each match with its word, its place and why it counts."""
    fields = {"title": article.title, "lead": article.lead, "text": article.text}
    return [f"“{fields[hit.field][hit.start : hit.end]}” ({hit.field} {hit.start}–{hit.end}) {hit.rule}: {hit.why}" for hit in said.hits]


def marked_lines(article: Article, said: Judgement, field: str) -> list[list[Part]]:
    """A field of the article, line by line, its matches marked."""
    text = str(getattr(article, field))
    lines: list[list[Part]] = [[]]
    for part in marked(text, [(hit.start, hit.end) for hit in said.hits if hit.field == field]):
        first, *more = part.text.split("\n")
        lines[-1].append(Part(first, part.marked))
        lines += [[Part(line, part.marked)] for line in more]
    return lines


def _read(article: Article) -> Lines:
    if article.published:
        yield "published", [f"{article.published}, {ORIGINS.get(article.published_from or '', 'origin unknown')}"]
    else:
        yield "published", ["not known"]
    if article.modified:
        yield "modified", [str(article.modified)]
    if article.authors:
        yield "authors", [", ".join(article.authors)]
    yield "language", [article.lang]
    yield "quality", [f"{article.quality}: {QUALITIES[article.quality]}", *article.notes]


def _canonical(article: Article, url: str | None) -> Sequence[str]:
    return [f"the page calls itself {article.canonical_url}"] if article.canonical_url and article.canonical_url != url else []
