"""The store: each method one transaction, what it does in the file of its table family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType

from monitor.model import (
    Alert,
    Coverage,
    Delivered,
    Drawn,
    Edit,
    Entry,
    EntryState,
    Evidence,
    Item,
    Kept,
    Likeness,
    Manifest,
    Notice,
    Page,
    Prints,
    Purpose,
    Revisit,
    Saving,
    Story,
    Stratum,
    Trouble,
    Verdict,
    Verified,
    Version,
    Visit,
    Waiting,
)
from monitor.ports import NewNotice, Poll, Read, Recheck, Rejudged, Reread, Saved
from monitor.store import entries, items, listing, manifests, outbox, pages, revisits, saves, upkeep, verdicts, verify, visits, walls
from monitor.store.session import Session, open_beside, open_empty, open_for_reading, open_for_writing


def open_store(data: Path, *, write: bool) -> SqliteStore:
    """The store in a data folder. To write, the caller holds the lock (store/lock.py), and tables are made or brought up to date;
    to read, it works beside a running service, and a folder without a database answers as an empty one.

    Raises UsageError when the folder does not exist, StoreError (NewerSchemaError) when its database cannot be used.
    """
    return SqliteStore(open_for_writing(data) if write else open_for_reading(data))


def open_store_beside(data: Path) -> SqliteStore:
    """The store for one short write while another process holds the lock. Raises StoreError when there is no database of this version."""
    return SqliteStore(open_beside(data))


def empty_store() -> SqliteStore:
    """One in memory, that knows nothing and keeps nothing."""
    return SqliteStore(open_empty())


class SqliteStore:
    """Keeps ports.Store; what goes beyond it (search, upkeep) is at the end."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def together(self) -> AbstractContextManager[None]:
        return self._session.writing()

    # looking

    def visits(self) -> Mapping[tuple[str, str], Visit]:
        return visits.all_visits(self._session)

    def save_poll(self, poll: Poll) -> Saved:
        with self._session.writing():
            return visits.save_poll(self._session, poll)

    def known(self, source: str, entries_: Sequence[Entry]) -> int:
        return entries.known(self._session, source, entries_)

    def save_visit(self, visit: Visit) -> None:
        with self._session.writing():
            visits.save_visit(self._session, visit)

    def last_answer(self) -> datetime | None:
        return visits.last_answer(self._session)

    def host_waits(self) -> Mapping[str, datetime]:
        return visits.host_waits(self._session, datetime.now(UTC))

    def save_host_wait(self, host: str, until: datetime) -> None:
        with self._session.writing():
            visits.save_host_wait(self._session, host, until)

    # reading

    def enqueue(
        self, source: str, entries_: Sequence[Entry], *, alerting: bool, now: datetime, raw: Sequence[str | None] | None = None
    ) -> Saved:
        with self._session.writing():
            return entries.take(self._session, source, entries.BACKFILL, entries_, alerting=alerting, now=now, raw=raw, revise=False)

    def waiting(self, now: datetime, limit: int) -> Sequence[Waiting]:
        return entries.waiting(self._session, now, limit)

    def next_waiting(self) -> datetime | None:
        return entries.next_waiting(self._session)

    def item_by_url(self, canonical_url: str) -> Item | None:
        return items.by_url(self._session, canonical_url)

    def item_of_entry(self, number: int) -> Item | None:
        return items.of_entry(self._session, number)

    def likenesses(self, prints: Prints, source: str, limit: int) -> Sequence[Likeness]:
        return items.likenesses(self._session, prints, source, limit)

    def story_told(self, story: int, since: datetime) -> bool:
        return items.story_told(self._session, story, since)

    def save_read(self, read: Read, now: datetime, notices: Callable[[Alert, Item], Sequence[NewNotice]]) -> Item | None:
        with self._session.writing():
            return items.save_read(self._session, read, now, notices)

    def same_body(self, body_print: str, host: str, limit: int) -> Sequence[tuple[Item, Waiting]]:
        return walls.same_body(self._session, body_print, host, limit)

    def is_wall(self, host: str, body_print: str) -> bool:
        return walls.known(self._session, host, body_print)

    def save_wall(self, host: str, body_print: str, put_right: Mapping[int, Reread], again: datetime, now: datetime) -> None:
        with self._session.writing():
            walls.save(self._session, host, body_print, put_right, again, now)

    def put_off(self, waiting: Waiting, until: datetime, why: str) -> None:
        with self._session.writing():
            entries.put_off(self._session, waiting.number, until, why)

    def put_page(self, page: Page, now: datetime) -> str:
        with self._session.writing():
            fetch = pages.keep(self._session, page, Purpose.ARTICLE, now)
            return str(self._session.value("SELECT sha256 FROM fetches WHERE id = ?", fetch))

    def page(self, sha256: str) -> Page | None:
        return pages.page(self._session, sha256)

    # looking again

    def revisits(self, now: datetime, limit: int) -> Mapping[int, Revisit]:
        return revisits.due(self._session, now, limit)

    def revisit(self, item: int) -> Revisit | None:
        return revisits.of_item(self._session, item)

    def save_recheck(self, recheck: Recheck, now: datetime, notices: Callable[[Alert, Item], Sequence[NewNotice]]) -> None:
        with self._session.writing():
            items.save_recheck(self._session, recheck, now, notices)

    # judging again

    def judged_otherwise(self, rules_version: str, after: int, limit: int) -> Sequence[Item]:
        return items.judged_otherwise(self._session, rules_version, after, limit)

    def count_judged_otherwise(self, rules_version: str) -> int:
        counted: int = self._session.value("SELECT count(*) FROM items WHERE rules_version != ?", rules_version)
        return counted

    def save_rejudged(self, rejudged: Sequence[Rejudged], rules_version: str, now: datetime) -> None:
        with self._session.writing():
            items.save_rejudged(self._session, rejudged, rules_version, now)

    def save_verdict(self, verdict: Verdict) -> None:
        with self._session.writing():
            verdicts.save(self._session, verdict)

    def verdicts(self, item: int) -> Sequence[Verdict]:
        return verdicts.of_item(self._session, item)

    def judged(self) -> Iterator[tuple[Verdict, Item]]:
        return verdicts.judged(self._session)

    def strata(self, since: datetime, until: datetime) -> Mapping[Stratum, Sequence[int]]:
        return verdicts.strata(self._session, since, until)

    def save_draw(self, drawn: Sequence[Drawn]) -> None:
        with self._session.writing():
            verdicts.save_draw(self._session, drawn)

    def drawn(self) -> Sequence[Drawn]:
        return verdicts.drawn(self._session)

    # telling

    def queue(self, notices: Sequence[NewNotice], now: datetime) -> int:
        with self._session.writing():
            return outbox.queue(self._session, notices, now)

    def troubles(self) -> Sequence[Trouble]:
        return outbox.troubles(self._session)

    def tell_troubles(self, holding: Sequence[Trouble], forgiven: Sequence[Visit], notices: Sequence[NewNotice], now: datetime) -> None:
        with self._session.writing():
            outbox.tell_troubles(self._session, holding, forgiven, notices, now)

    def due_notices(self, now: datetime, limit: int) -> Sequence[Notice]:
        return outbox.due(self._session, now, limit)

    def due_alerts(self, channel: str, now: datetime) -> Sequence[Notice]:
        return outbox.due_alerts(self._session, channel, now)

    def alerts_sent(self, channel: str, recipient: str, since: datetime) -> Sequence[datetime]:
        return outbox.alerts_sent(self._session, channel, recipient, since)

    def hold(self, notices: Sequence[Notice], until: datetime) -> None:
        with self._session.writing():
            outbox.hold(self._session, notices, until)

    def bundle(self, notices: Sequence[Notice], into: NewNotice, now: datetime) -> None:
        with self._session.writing():
            outbox.bundle(self._session, notices, into, now)

    def delivered(self, notice: Notice, how: Delivered, now: datetime, next_try: datetime | None) -> None:
        with self._session.writing():
            outbox.delivered(self._session, notice, how, now, next_try)

    # listing

    def items(
        self, *, since: datetime | None = None, until: datetime | None = None, source: str | None = None, matched: bool = False
    ) -> Sequence[Item]:
        return listing.items(self._session, since, until, source, matched)

    def alerts(self, *, since: datetime | None = None, until: datetime | None = None, source: str | None = None) -> Sequence[Alert]:
        return listing.alerts(self._session, since, until, source)

    def stories(self, *, since: datetime | None = None, until: datetime | None = None, source: str | None = None) -> Sequence[Story]:
        return listing.stories(self._session, since, until, source)

    def items_of_story(self, story: int, until: datetime | None = None) -> Sequence[Item]:
        return listing.items_of_story(self._session, story, until)

    def coverage(self, since: datetime, until: datetime, enabled: Sequence[str]) -> Coverage:
        with self._session.reading():
            return listing.coverage(self._session, since, until, enabled)

    def ledger(self) -> Mapping[EntryState, int]:
        return entries.ledger(self._session)

    def note(self, key: str) -> str | None:
        found: str | None = self._session.value("SELECT value FROM notes WHERE key = ?", key)
        return found

    def save_note(self, key: str, value: str) -> None:
        with self._session.writing():
            self._session.put("notes", {"key": key, "value": value}, ("key",))

    def item(self, ident: int) -> Item | None:
        return items.by_id(self._session, ident)

    def versions(self, item: int) -> Sequence[Version]:
        with self._session.reading():
            found = items.by_id(self._session, item)
            return revisits.versions(self._session, found) if found else ()

    def evidence(self, item: int) -> Sequence[Evidence]:
        return pages.of_item(self._session, item)

    def alerts_of(self, item: int) -> Sequence[Alert]:
        return listing.alerts_of(self._session, item)

    def edits(self, *, since: datetime | None = None, until: datetime | None = None, item: int | None = None) -> Sequence[Edit]:
        return listing.edits(self._session, since, until, item)

    def prune(self, before: datetime) -> None:
        with self._session.writing():
            upkeep.prune(self._session, before)

    def prune_pages(self, before: datetime, now: datetime) -> int:
        with self._session.writing():
            return pages.prune(self._session, before, now)

    def write_manifests(self, now: datetime) -> Sequence[date]:
        days = manifests.due(self._session, now)
        for day in days:
            with self._session.writing():
                manifests.write(self._session, day)
        return days

    def unstamped(self) -> Manifest | None:
        return manifests.unstamped(self._session)

    def save_timestamp(self, day: date, timestamp: bytes, now: datetime) -> None:
        with self._session.writing():
            manifests.stamp(self._session, day, timestamp, now)

    def savings_due(self, since: datetime, now: datetime, limit: int) -> Sequence[Saving]:
        with self._session.writing():
            return saves.due(self._session, since, now, limit)

    def saving_done(self, saving: Saving, saved_as: str | None, why: str, now: datetime, next_try: datetime | None) -> None:
        with self._session.writing():
            saves.done(self._session, saving, saved_as, why, now, next_try)

    def verify(self, tell: Callable[[int], None] = lambda _: None) -> Verified:
        return verify.verify(self._session, tell)

    def verifiable(self) -> int:
        return verify.things(self._session)

    def check(self) -> list[str]:
        return upkeep.check(self._session)

    def unsent(self, now: datetime) -> tuple[datetime | None, int]:
        return outbox.unsent(self._session, now)

    def export(self) -> Iterator[Mapping[str, object]]:
        return listing.export(self._session)

    # beyond the port

    def text_lengths(self, since: datetime, most: int) -> Mapping[str, Sequence[int]]:
        return listing.text_lengths(self._session, since, most)

    def kept_pages(self) -> Iterator[Kept]:
        return pages.kept(self._session)

    def count_kept_pages(self) -> int:
        return int(self._session.value("SELECT count(*) FROM fetches JOIN pages USING (sha256)"))

    def search(self, query: str, limit: int) -> Sequence[Item]:
        return listing.search(self._session, query, limit)

    def backup(self, to: Path) -> None:
        upkeep.backup(self._session, to)
