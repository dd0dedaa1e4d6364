"""What tests of the store do again and again, in their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import (
    Alert,
    Article,
    Decision,
    EndpointKind,
    Entry,
    EntryState,
    Hit,
    Item,
    Judgement,
    Level,
    Outcome,
    Page,
    Prints,
    Role,
    Side,
    Visit,
    Waiting,
)
from monitor.ports import NewNotice, Poll, Read, Saved
from monitor.steps.fingerprints import prints
from monitor.steps.urls import canonical
from monitor.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FEED = "https://outlet.test/feed"
DESERTED = Judgement(
    level=Level.ALERT,
    score=3.5,
    topics=("desertion",),
    side=Side.RU,
    hits=(Hit("desertion", "дезертир", "text", 3, 11, "desert", "near: часть"), Hit("desertion", "бежал", "text", 15, 20)),
    severity="high",
    places=("Курск",),
    legal=("ru:338",),
    vetoes=("sport",),
)


def later(**duration: float) -> datetime:
    return NOW + timedelta(**duration)


def entry(number: int = 1, **changes: Any) -> Entry:
    plain = Entry(id=f"id-{number}", url=f"https://outlet.test/news/{number}", title=f"Заголовок номер {number}", summary=f"Текст {number}")
    return replace(plain, **changes)


def visit(source: str = "outlet", url: str = FEED, outcome: Outcome = Outcome.OK_NOTHING_NEW, **more: Any) -> Visit:
    return Visit(source=source, url=url, kind=EndpointKind.FEED, role=Role.PRIMARY, outcome=outcome, **more)


def poll(store: SqliteStore, *entries: Entry, at: datetime = NOW, **of_visit: Any) -> Saved:
    return store.save_poll(Poll(visit(**of_visit), at, 0.5, 1000, entries))


def article(text: str = "Солдат бежал из части под Курском.", **changes: Any) -> Article:
    return replace(Article(title="Солдат бежал", lead="", text=text, lang="ru"), **changes)


def page(body: bytes = b"<html>Hello</html>", url: str = "https://outlet.test/news/1", fetched: datetime = NOW) -> Page:
    return Page(url, url, 200, (("content-type", "text/html"),), body, fetched, 0.25, len(body), address="192.0.2.1")


def as_read(waiting: Waiting, state: EntryState = EntryState.STORED, **changes: Any) -> Read:
    """The entry, read as `article()` and found to be nothing, unless `changes` says otherwise."""
    about: Article = changes.get("article", article())
    plain = Read(
        waiting=waiting,
        article=about,
        judgement=Judgement(),
        prints=changes.pop("prints", None) or prints(about.text),
        decision=Decision(state, "read whole"),
        canonical_url=canonical(waiting.entry.url) if waiting.entry.url else None,
        rules_version="rules-1",
    )
    return replace(plain, **changes)


def nobody(alert: Alert, item: Item) -> Sequence[NewNotice]:
    return ()


def desk(alert: Alert, item: Item) -> Sequence[NewNotice]:
    return [NewNotice(f"alert:{alert.id}:mail:desk", "mail", "desk@outlet.test", item.article.title, "Text", None, {"alert": alert.id})]


def read_all(store: SqliteStore, at: datetime = NOW, **changes: Any) -> list[Item | None]:
    return [store.save_read(as_read(waiting, **changes), at, nobody) for waiting in store.waiting(at, 1000)]


def item(store: SqliteStore, number: int = 1, at: datetime = NOW, source: str = "outlet", **changes: Any) -> Item:
    """An item of one entry, from a poll to its end."""
    url = f"https://{source}.test/news/{number}"
    poll(store, entry(number, url=url), source=source, url=f"https://{source}.test/feed", at=at)
    (waiting,) = store.waiting(at, 10)
    made = store.save_read(as_read(waiting, **changes), at, nobody)
    assert made is not None
    return made


NO_PRINTS = Prints("", (), 0)
