"""The promises a flow relies on. The edges (fetch/, store/, notify/, engine.py) keep them; wiring.py hands them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from monitor.model import (
    Alert,
    Article,
    Change,
    Coverage,
    Decision,
    Delivered,
    Drawn,
    Edit,
    Entry,
    EntryState,
    Evidence,
    Fetched,
    Item,
    Judgement,
    Level,
    Likeness,
    Manifest,
    Notice,
    Page,
    Prints,
    Request,
    Revisit,
    Saving,
    Settings,
    Source,
    Story,
    Stratum,
    Trouble,
    Verdict,
    Version,
    Visit,
    Waiting,
)

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class Fetcher(Protocol):
    """HTTP with manners: guarded, paced, bounded. Never raises for what a server or a network does."""

    async def fetch(self, request: Request) -> Fetched: ...


class Executor(Protocol):
    """Where CPU work runs. The work is a module-level pure function; it is killed at the deadline."""

    async def run(self, work: Callable[..., T], *args: Any, deadline: float | None = None, small: bool = False) -> T:
        """Raises WorkTimeoutError past the deadline (seconds), WorkerDiedError when its process died, else what the work raised.

        `small`: usually done in milliseconds, so that several may share one way to a worker.
        """
        ...


class Rules(Protocol):
    """Lexicon and rules, loaded: steps/matching.py keeps this."""

    version: str
    topics: Mapping[str, Level]  # each class, and the highest level it may reach
    rule_topics: Mapping[str, str]  # each rule, and its class

    def judge(self, article: Article, *, war: bool = False) -> Judgement: ...

    def why_missed(self, article: Article, topic: str, *, war: bool = False) -> str:
        """What kept a text from being told as of this class (any class where empty), in words that texts of one cause share."""
        ...

    def why_told(self, article: Article, *, war: bool = False) -> str:
        """What made a text be told, and what of its surroundings did not hold it back, in the same kind of words."""
        ...


class Channel(Protocol):
    """One way to tell somebody. `name` stands in the outbox; send() never raises for what a server does."""

    name: str

    async def send(self, notice: Notice) -> Delivered: ...


@dataclass(frozen=True, slots=True)
class Poll:
    """What one look cost and found, kept as history beside the new state of its endpoint."""

    visit: Visit  # after the look
    at: datetime
    seconds: float
    bytes: int
    entries: tuple[Entry, ...]
    answers: tuple[Page, ...] = ()  # the answer that each entry stood in; empty where none is to be kept


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a poll's entries."""

    new: int
    known: int
    changed: int  # known, with new text: they wait again, as revisions


@dataclass(frozen=True, slots=True)
class Read:
    """One article, read and judged, ready to be stored with everything that follows from it."""

    waiting: Waiting
    article: Article
    judgement: Judgement
    prints: Prints
    decision: Decision
    canonical_url: str | None
    rules_version: str
    page: Page | None = None  # that it was read from; None: from what its endpoint said
    keeps: bool = True  # whether what it was read from is kept as evidence
    changes: tuple[Change, ...] = ()  # of a revision: what it changed
    revisit: Revisit | None = None  # of an article that is looked at again


@dataclass(frozen=True, slots=True)
class Reread:
    """The new text of an article, found by a later look at its page."""

    article: Article
    judgement: Judgement
    prints: Prints
    decision: Decision
    rules_version: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """One later look at an article, ready to be stored with everything that follows from it."""

    item: int
    revisit: Revisit  # after the look
    gone: datetime | None
    changes: tuple[Change, ...] = ()
    reread: Reread | None = None  # takes the place of the text before, which is kept as a version
    page: Page | None = None  # evidence


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A stored item and what other rules say of it."""

    item: Item  # as stored: with the judgement that it had
    judgement: Judgement
    found: bool  # it alerts now and did not before
    lost: bool  # it does not alert any more


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A message to be put into the outbox. `key` is unique for ever: the same key is never queued twice."""

    key: str  # "alert:17:mail:desk@example.org", "digest:2026-11-25:mail:…"
    channel: str
    recipient: str
    subject: str
    text: str
    html: str | None
    data: Mapping[str, object]


class Store(Protocol):
    """What the service remembers. Every write is one transaction; the caller holds the lock (store/lock.py)."""

    def together(self) -> AbstractContextManager[None]:
        """One transaction around several writes: each still is undone alone when it fails, and all are durable at the end."""
        ...

    # looking
    def visits(self) -> Mapping[tuple[str, str], Visit]:
        """By (source id, endpoint URL), in no order; endpoints never looked at are absent."""
        ...

    def save_poll(self, poll: Poll) -> Saved:
        """The endpoint's new state, the poll's history row and its new entries (which then wait), together or not at all.

        Identity of an entry inside its source: its id, else its canonical URL, else a hash of its content (steps/urls.py,
        steps/entries.py: identity()). A known entry whose title or text changed waits again. An id that comes back with another
        link and another title (I-02), or twice in one feed with different texts (I-06), is another entry.
        Entry counts as new: outcome OK_NOTHING_NEW becomes OK_NEW here, in the stored visit and poll.
        """
        ...

    def known(self, source: str, entries: Sequence[Entry]) -> int:
        """How many of these entries the ledger has already."""
        ...

    def save_visit(self, visit: Visit) -> None:
        """A change of state without a look."""
        ...

    def last_answer(self) -> datetime | None:
        """When the newest look ended that any server answered, in whatever way; None when none was."""
        ...

    def host_waits(self) -> Mapping[str, datetime]:
        """Hosts that told us to wait, until when (Retry-After survives restarts)."""
        ...

    def save_host_wait(self, host: str, until: datetime) -> None: ...

    # reading
    def enqueue(
        self, source: str, entries: Sequence[Entry], *, alerting: bool, now: datetime, raw: Sequence[str | None] | None = None
    ) -> Saved:
        """Backfill's door to the same queue; known entries are left as they are."""
        ...

    def waiting(self, now: datetime, limit: int) -> Sequence[Waiting]:
        """What is due to be read, oldest first, live before backfilled: `limit` at most, and fewer where their texts are long."""
        ...

    def next_waiting(self) -> datetime | None:
        """When the earliest waiting entry is due; None when nothing waits."""
        ...

    def item_by_url(self, canonical_url: str) -> Item | None:
        """The article that has this address already, from whatever source."""
        ...

    def item_of_entry(self, number: int) -> Item | None:
        """The item that a ledger row became, for revisions."""
        ...

    def likenesses(self, prints: Prints, source: str, limit: int) -> Sequence[Likeness]:
        """Older items that share part of the sketch, the likest first."""
        ...

    def story_told(self, story: int, since: datetime) -> bool:
        """Whether a notice about this story was queued since then."""
        ...

    def save_read(self, read: Read, now: datetime, notices: Callable[[Alert, Item], Sequence[NewNotice]]) -> Item | None:
        """The ledger row's end, its item (with fingerprints, hits and evidence), its alert and the notices about it, in one transaction.

        None when the decision made no item of its own (a revision adds a version to its item; a duplicate is an item too).
        """
        ...

    def same_body(self, body_print: str, host: str, limit: int) -> Sequence[tuple[Item, Waiting]]:
        """Items of the host that say the same, each with the entry that it came from; the oldest first."""
        ...

    def is_wall(self, host: str, body_print: str) -> bool: ...

    def save_wall(self, host: str, body_print: str, put_right: Mapping[int, Reread], again: datetime, now: datetime) -> None:
        """Remembers the text as a wall's. The items get what is put in its place, are nobody's copies, and wait to be tried again."""
        ...

    def put_off(self, waiting: Waiting, until: datetime, why: str) -> None:
        """Another attempt later; counts the attempt."""
        ...

    # looking again
    def revisits(self, now: datetime, limit: int) -> Mapping[int, Revisit]:
        """By item: the articles that are due to be looked at again, the longest due first."""
        ...

    def revisit(self, item: int) -> Revisit | None:
        """None for an article that is not looked at again."""
        ...

    def save_recheck(self, recheck: Recheck, now: datetime, notices: Callable[[Alert, Item], Sequence[NewNotice]]) -> None:
        """When the article is looked at next, what changed, its new text, alert and notices, and the evidence, in one transaction."""
        ...

    def put_page(self, page: Page, now: datetime) -> str:
        """Keeps a page's raw bytes, content-addressed, and the record of its fetch; returns the body's SHA-256.

        Both go again (prune_pages) unless a text that was read from it is stored, or an entry that waits names it.
        """
        ...

    def page(self, sha256: str) -> Page | None:
        """The page as its newest fetch brought it."""
        ...

    # judging again
    def judged_otherwise(self, rules_version: str, after: int, limit: int) -> Sequence[Item]:
        """Items that were last judged under other rules than these, by their number, those after `after`."""
        ...

    def count_judged_otherwise(self, rules_version: str) -> int: ...

    def save_rejudged(self, rejudged: Sequence[Rejudged], rules_version: str, now: datetime) -> None:
        """The new judgements, an alert in the lane `rematch` for each that was found, a mark on the alerts of each that was lost, in
        one transaction. Nobody is told. An item whose text changed meanwhile was judged again with it and stays as it is.
        """
        ...

    def save_verdict(self, verdict: Verdict) -> None: ...

    def verdicts(self, item: int) -> Sequence[Verdict]:
        """All that was said of an item, oldest first."""
        ...

    def judged(self) -> Iterator[tuple[Verdict, Item]]:
        """The newest verdict on each item, with the article as it was when it was given."""
        ...

    def strata(self, since: datetime, until: datetime) -> Mapping[Stratum, Sequence[int]]:
        """Items first seen in [since, until) that are no copies and have a text, by how near they came to a match."""
        ...

    def save_draw(self, drawn: Sequence[Drawn]) -> None:
        """A week's draw; one that was made stays as it is."""
        ...

    def drawn(self) -> Sequence[Drawn]:
        """All draws, the oldest week first."""
        ...

    # telling
    def queue(self, notices: Sequence[NewNotice], now: datetime) -> int:
        """Puts notices into the outbox; those whose key is known are left out. Returns how many were new."""
        ...

    def troubles(self) -> Sequence[Trouble]:
        """What curators were last told to be wrong, by source, url and kind."""
        ...

    def tell_troubles(self, holding: Sequence[Trouble], forgiven: Sequence[Visit], notices: Sequence[NewNotice], now: datetime) -> None:
        """What curators are told to be wrong now (the whole of it), the visits that change with it and the notices, together."""
        ...

    def due_notices(self, now: datetime, limit: int) -> Sequence[Notice]: ...

    def due_alerts(self, channel: str, now: datetime) -> Sequence[Notice]:
        """All alerts that are due over this channel, in the order in which they were queued."""
        ...

    def alerts_sent(self, channel: str, recipient: str, since: datetime) -> Sequence[datetime]:
        """When messages with alerts, one or many each, went to this recipient since then, in order."""
        ...

    def hold(self, notices: Sequence[Notice], until: datetime) -> None:
        """Lets notices wait; no attempt is counted."""
        ...

    def bundle(self, notices: Sequence[Notice], into: NewNotice, now: datetime) -> None:
        """Puts one notice into the outbox in the place of several, together or not at all."""
        ...

    def delivered(self, notice: Notice, how: Delivered, now: datetime, next_try: datetime | None) -> None:
        """next_try None and not SENT is a dead letter, kept and shown by doctor."""
        ...

    # listing
    def items(
        self, *, since: datetime | None = None, until: datetime | None = None, source: str | None = None, matched: bool = False
    ) -> Sequence[Item]:
        """Those stored in [since, until), by first_seen, oldest first. `matched`: only those that are an alert or a note."""
        ...

    def alerts(self, *, since: datetime | None = None, until: datetime | None = None, source: str | None = None) -> Sequence[Alert]: ...

    def stories(self, *, since: datetime | None = None, until: datetime | None = None, source: str | None = None) -> Sequence[Story]:
        """With an item stored in [since, until), as they stood at `until`."""
        ...

    def items_of_story(self, story: int, until: datetime | None = None) -> Sequence[Item]:
        """Those first seen before `until`, oldest first."""
        ...

    def coverage(self, since: datetime, until: datetime, enabled: Sequence[str]) -> Coverage:
        """Of the polls and entries in [since, until): the same answer whenever it is asked after `until`."""
        ...

    def ledger(self) -> Mapping[EntryState, int]:
        """Every state, also those with 0; they sum to what was ever seen."""
        ...

    def note(self, key: str) -> str | None:
        """A small thing remembered between runs (a backfill's place, the last digest)."""
        ...

    def save_note(self, key: str, value: str) -> None: ...

    def item(self, ident: int) -> Item | None: ...

    def versions(self, item: int) -> Sequence[Version]:
        """Every text that an article had, the first one first; the last is the item's own."""
        ...

    def evidence(self, item: int) -> Sequence[Evidence]:
        """The fetches that the article's texts were read from, and those that looked at it, in order of time."""
        ...

    def alerts_of(self, item: int) -> Sequence[Alert]: ...

    def edits(self, *, since: datetime | None = None, until: datetime | None = None, item: int | None = None) -> Sequence[Edit]:
        """What looks in [since, until) found changed, in order."""
        ...

    def prune(self, before: datetime) -> None:
        """Forgets the history of looks older than that; entries, items and alerts stay."""
        ...

    def prune_pages(self, before: datetime, now: datetime) -> int:
        """Forgets the bytes of pages last kept before; the record of their fetch stays, with its hash, and that they were removed.
        What was kept until its entries were read, and became nobody's evidence, goes without a trace. Returns how many bodies went."""
        ...

    def write_manifests(self, now: datetime) -> Sequence[date]:
        """The manifests of finished days that have none yet (steps/manifests.py), each a row and a file; returns the days."""
        ...

    def unstamped(self) -> Manifest | None:
        """The newest manifest, where nobody has time-stamped it yet."""
        ...

    def save_timestamp(self, day: date, timestamp: bytes, now: datetime) -> None: ...

    def savings_due(self, since: datetime, now: datetime, limit: int) -> Sequence[Saving]:
        """Matched articles read since then that a web archive was not asked to save yet, or has to be asked again."""
        ...

    def saving_done(self, saving: Saving, saved_as: str | None, why: str, now: datetime, next_try: datetime | None) -> None:
        """`saved_as` is the copy's address; None with no next try is the end of trying."""
        ...

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty when it is sound."""
        ...

    def unsent(self, now: datetime) -> tuple[datetime | None, int]:
        """When the oldest notice that still has to be sent was made, and how many were refused for good."""
        ...

    def export(self) -> Iterator[Mapping[str, object]]: ...


@dataclass(frozen=True, slots=True)
class World:
    """Everything a flow may touch, made in wiring.py."""

    clock: Clock
    fetcher: Fetcher
    store: Store
    executor: Executor
    channels: Mapping[str, Channel]
    sources: Mapping[str, Source]
    rules: Rules
    settings: Settings
