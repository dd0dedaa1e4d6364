"""Items, alerts and days to tell of, written small."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from monitor.model import (
    Alert,
    Article,
    Change,
    ChangeKind,
    Coverage,
    Edit,
    EntryState,
    Hit,
    Item,
    Judgement,
    Level,
    Notice,
    Quality,
    Side,
    Source,
    SourceKind,
    Story,
    When,
)
from monitor.steps import digest
from monitor.steps.digest import Digest

DAY = date(2026, 11, 25)
ZONE = "Europe/Paris"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXT = "A convoy stood at the bridge. Nine soldiers deserted from the brigade on Monday, and two refused to fight. Rain followed."

SOURCES = {
    "north": Source("north", "Northern Post", "north", SourceKind.INDEPENDENT, ("en",), ()),
    "capital": Source("capital", "Capital Wire", "state-group", SourceKind.STATE, ("ru",), ()),
    "radio": Source("radio", "Radio Valley", "state-group", SourceKind.STATE, ("ru",), ()),
}
ACCOUNTED = {EntryState.STORED: 400, EntryState.DUPLICATE: 12}


def coverage(**changed: object) -> Coverage:
    values = {"sources": 3, "verified": 3, "silent": (), "failing": (), "refused": (), "unseen": (), "polls": 90, "entries_seen": 412}
    return Coverage(**{**values, "by_state": ACCOUNTED, **changed})


def item(
    number: int = 1,
    *words: str,
    source: str = "north",
    title: str = "Soldiers leave the brigade",
    lead: str = "",
    text: str = TEXT,
    url: str | None = "https://north.example.org/news/1?a=1&copy=2",
    level: Level = Level.ALERT,
    topics: tuple[str, ...] = ("desertion",),
    severity: str = "high",
    story: int = 1,
    duplicate_of: int | None = None,
    first_seen: datetime = NOON,
    published: When | None = None,
    lang: str = "en",
    quality: Quality = Quality.FULL,
) -> Item:
    """An item whose hits are `words`, at their first place in title, lead or text."""
    hits = []
    for word in words:
        field, content = next((field, value) for field, value in (("title", title), ("lead", lead), ("text", text)) if word in value)
        hits.append(Hit("act", word, field, content.index(word), content.index(word) + len(word), why="within 5 words of a unit"))
    judgement = Judgement(level, 0.9, topics, Side.RU, tuple(hits), severity)
    state = EntryState.DUPLICATE if duplicate_of else EntryState.STORED
    article = Article(title, lead, text, published=published, lang=lang, quality=quality)
    return Item(number, source, f"entry-{number}", url, article, judgement, first_seen, state, story, duplicate_of)


def alert(number: int, of: Item, *, status: str = "new", lane: str = "live", created: datetime = NOON) -> Alert:
    judgement = of.judgement
    rules = tuple(sorted({hit.rule for hit in judgement.hits}))
    title = of.article.title
    return Alert(
        number, of.id, of.source, of.url, title, judgement.severity, rules, judgement.topics, judgement.side, created, status, lane
    )


def edit(of: Item, *words: str, at: datetime = NOON, told: bool = True, version: int = 2) -> Edit:
    """What a look found changed, in these words."""
    return Edit(of.id, at, version, told, tuple(Change(ChangeKind.FIGURE, said, "12 soldiers", "20 soldiers") for said in words))


def story(number: int, label: str = "Nine leave a brigade", *, origins: int = 1, first_seen: datetime = NOON) -> Story:
    return Story(number, label, 2, 2, origins, first_seen, first_seen + timedelta(hours=1))


def made(
    items: list[Item],
    alerts: list[Alert] | None = None,
    stories: list[Story] | None = None,
    *,
    day: date = DAY,
    edits: Sequence[Edit] = (),
    **changed: object,
) -> Digest:
    """The day's digest. Without `alerts`, every item of level alert has one."""
    if alerts is None:
        alerts = [alert(100 + one.id, one) for one in items if one.judgement.level is Level.ALERT and one.duplicate_of is None]
    return digest.build(day, ZONE, items, alerts, stories or [], coverage(**changed), SOURCES, edits=edits)


def notice(channel: str = "mail", recipient: str = "desk@example.org", **changed: object) -> Notice:
    values: dict[str, object] = {
        "number": 7,
        "channel": channel,
        "recipient": recipient,
        "message_id": "0123456789abcdef@monitor.invalid",
        "subject": "[high] desertion · Russian forces · Northern Post · 1 match",
        "text": "Nine soldiers *deserted*.\n.\nДевять солдат.\n",
        "html": "<p>Nine soldiers <mark>deserted</mark></p>\n",
        "data": {"kind": "alert", "id": "alert:17", "title": "Девять"},
        "created": NOON,
    }
    return Notice(**{**values, **changed})  # type: ignore[arg-type]
