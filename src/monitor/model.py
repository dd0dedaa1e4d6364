"""The nouns, in the order in which they appear on the way of one article. Frozen; times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

# ── what curators write ──────────────────────────────────────────────────────────────────────────────────────────────


class SourceKind(StrEnum):
    """What a source is, for the curator's weighing of it."""

    INDEPENDENT = "independent"
    WIRE = "wire"
    INTERNATIONAL = "international"
    STATE = "state"
    OFFICIAL = "official"
    THINK_TANK = "think-tank"
    NGO = "ngo"
    CHANNEL = "channel"
    AGGREGATOR = "aggregator"


class EndpointKind(StrEnum):
    """The shape of what an endpoint answers; each has one reader in steps/entries.py."""

    FEED = "feed"
    SITEMAP = "sitemap"
    TELEGRAM = "telegram"
    JSON = "json"
    LISTING = "listing"


class Role(StrEnum):
    """When an endpoint is asked: always (primary, secondary), when the primary fails beyond patience, or by backfill alone."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    FALLBACK = "fallback"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a source. `options` are for the reader of its kind (field paths, selectors, path filters)."""

    kind: EndpointKind
    url: str
    role: Role = Role.PRIMARY
    every: timedelta = timedelta(minutes=30)
    lang: str | None = None
    enabled: bool = True
    reason: str = ""  # why it is disabled, or what is known of it
    options: Mapping[str, str | int | bool | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet, channel or institution. Outlets of one `group` are one voice."""

    id: str
    name: str
    group: str
    kind: SourceKind
    languages: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    aliases: tuple[str, ...] = ()
    enabled: bool = True
    reason: str = ""  # why it is disabled
    country: str = ""
    homepage: str = ""
    terms: str = ""
    designation: str = ""  # legal designation in Russia: sharing may be punishable there
    problems: tuple[str, ...] = ()
    war: bool = False  # everything it publishes is about this war: gives matching its context
    expected_gap: timedelta | None = None  # the curator's own "silent after"; else learned
    proxy: str | None = None  # socks5h://host:port, fails closed
    ca_file: str | None = None  # a certificate authority of its own
    cited_in_seeds: bool = False


def unlisted(host: str) -> Source:
    """An outlet that is not in the catalogue, kept under its host: what backfill brought."""
    return Source(host, host, host, SourceKind.INDEPENDENT, (), (), enabled=False, reason="not in the catalogue")


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """`[fetch]`: how the service shows itself and what it may reach."""

    contact: str = ""  # goes into the User-Agent
    allow: tuple[str, ...] = ()  # "127.0.0.1:8123": exceptions to the private-address guard
    ports: tuple[int, ...] = (80, 443)
    host_gap: timedelta = timedelta(seconds=2)  # between two requests to one host
    deadline: timedelta = timedelta(seconds=30)  # DNS, TLS, redirects and body together
    parallel: int = 16  # requests under way at once, over all hosts


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`[mail]`: where alerts and digests go by e-mail."""

    host: str
    to: tuple[str, ...]
    sender: str
    port: int = 587
    security: str = "starttls"  # starttls, tls, none
    user: str | None = None
    password_file: str | None = None
    alerts: bool = True
    digest: bool = True


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """`[[webhook]]`: a program that is told. The body is signed with HMAC-SHA256 of the secret."""

    url: str
    secret_file: str
    allow: tuple[str, ...] = ()
    alerts: bool = True
    digest: bool = True


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """`[evidence]`: third parties that are asked to bear witness. Off by default: they learn what we read."""

    timestamp_url: str | None = None  # of an RFC 3161 authority: it learns the digest of each day's manifest, nothing else
    wayback: bool = False  # a web archive is asked to save each matched article: it learns its address
    wayback_url: str = "https://web.archive.org/save/"  # the article's address is put behind it


@dataclass(frozen=True, slots=True)
class Settings:
    """`monitor.toml`."""

    timezone: str = "Europe/Paris"  # of the digest day
    digest_at: str = "07:00"
    workers: int = 0  # worker processes; 0 is one a core, two at most
    page_deadline: timedelta = timedelta(seconds=20)  # for reading one page
    attempts: int = 5  # at a page that fails, before its entry stands on the feed's text
    keep_raw: str = "matched"  # matched, all, none
    keep_raw_days: int = 365
    fetch: FetchSettings = FetchSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    mail: MailSettings | None = None
    webhooks: tuple[WebhookSettings, ...] = ()


# ── fetching ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Outcome(StrEnum):
    """How a poll ended: a closed set (the command-line contract)."""

    OK_NEW = "ok_new"
    OK_NOTHING_NEW = "ok_nothing_new"
    NOT_MODIFIED = "not_modified"
    MOVED = "moved"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    CHALLENGE = "challenge"
    AUTH = "auth"
    HTTP_ERROR = "http_error"
    NET_ERROR = "net_error"
    TLS_ERROR = "tls_error"
    TIMEOUT = "timeout"
    TOO_BIG = "too_big"
    NOT_A_FEED = "not_a_feed"
    PARSE_PARTIAL = "parse_partial"
    PARSE_FAILED = "parse_failed"
    SUSPICIOUS = "suspicious"
    REFUSED = "refused"


#: Outcomes that say "we looked, and know what is there".
VERIFIED = frozenset({Outcome.OK_NEW, Outcome.OK_NOTHING_NEW, Outcome.NOT_MODIFIED, Outcome.MOVED})
#: Outcomes that brought entries which are read like any other, though something was wrong.
READABLE = VERIFIED | {Outcome.PARSE_PARTIAL, Outcome.SUSPICIOUS}


#: Outcomes without a status that say all the same that somebody answered.
ANSWERED = frozenset({Outcome.TLS_ERROR, Outcome.TOO_BIG, Outcome.HTTP_ERROR})
#: Outcomes without a status that say that nobody did.
UNREACHED = frozenset({Outcome.NET_ERROR, Outcome.TIMEOUT})


class Purpose(StrEnum):
    """What a request is for: robots.txt is asked for articles alone (feeds are asked for by the user)."""

    ENDPOINT = "endpoint"
    ARTICLE = "article"
    LOOK = "look"  # a curator's own look at one page
    WEBHOOK = "webhook"  # has an allow-list of its own
    WITNESS = "witness"  # a third party that is asked to time-stamp or to save


@dataclass(frozen=True, slots=True)
class Validators:
    """Opaque bytes of a server, echoed exactly (RFC 9110 §8.8); None is "none was given"."""

    etag: bytes | None = None
    last_modified: bytes | None = None


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    purpose: Purpose
    validators: Validators = Validators()  # an endpoint's never go to an article
    proxy: str | None = None
    ca_file: str | None = None
    cap: int | None = None  # bytes after inflation; None is the purpose's default
    body: bytes | None = None  # a POST where given
    headers: tuple[tuple[str, str], ...] = ()  # beside those that every request has


@dataclass(frozen=True, slots=True)
class Page:
    """A complete answer with a body. `body` is inflated; `headers` are as received, names in lower case."""

    url: str  # asked
    final_url: str  # after redirects
    status: int
    headers: tuple[tuple[str, str], ...]  # values decoded as latin-1, so bytes survive
    body: bytes
    fetched: datetime
    seconds: float
    wire_bytes: int
    address: str = ""  # IP address connected to
    validators: Validators = Validators()
    permanent_url: str | None = None  # where a chain of permanent redirects (301, 308) alone led
    certain_end: bool = True  # False: the body ended with the connection, so only a well-formed end proves it whole

    def header(self, name: str) -> str | None:
        """The first value of a header; the name in lower case."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class NotModified:
    """304 to a conditional request. `validators` are what it carried (RFC 9111 §4.3.4)."""

    url: str
    final_url: str
    headers: tuple[tuple[str, str], ...]
    fetched: datetime
    seconds: float
    validators: Validators = Validators()

    status = 304


@dataclass(frozen=True, slots=True)
class Failure:
    """A fetch that brought nothing to read: a value, not an exception. `why` is for a curator."""

    url: str
    outcome: Outcome
    why: str
    at: datetime
    seconds: float = 0.0
    status: int | None = None
    retry_after: timedelta | None = None  # asked by the server, capped
    final_url: str | None = None
    wire_bytes: int = 0


Fetched = Page | NotModified | Failure


# ── entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class When:
    """A date as somebody gave it: with a time of day, or the day alone. Never padded."""

    at: datetime | date

    @property
    def has_time(self) -> bool:
        return isinstance(self.at, datetime)

    @property
    def day(self) -> date:
        return self.at.date() if isinstance(self.at, datetime) else self.at

    def __str__(self) -> str:
        """`2026-11-20T10:00:00Z`, or `2026-11-20`."""
        return utc_text(self.at) if isinstance(self.at, datetime) else self.at.isoformat()

    def __reduce__(self) -> tuple[type[When], tuple[datetime | date]]:
        return When, (self.at,)

    @classmethod
    def parse(cls, text: str | None) -> When | None:
        """The inverse of str(); None for None and for what is no date."""
        if not text:
            return None
        try:
            if len(text) == len("2026-11-20"):
                return cls(date.fromisoformat(text))
            return cls(datetime.fromisoformat(text).astimezone(UTC))
        except ValueError:
            return None


def utc_text(at: datetime) -> str:
    """ISO 8601 in UTC with Z, to the second: the form in which every time is stored and printed."""
    return at.astimezone(UTC).isoformat(timespec="seconds")[: -len("+00:00")] + "Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an endpoint lists: a claim that an article exists. Texts are plain, links absolute http(s) or None."""

    id: str | None = None  # as the publisher gives it
    url: str | None = None
    title: str | None = None
    published: When | None = None
    updated: When | None = None
    authors: tuple[str, ...] = ()
    summary: str | None = None
    content: str | None = None  # full text where the endpoint carries it
    lang: str | None = None
    forwarded_from: str | None = None
    edited: bool | None = None  # Telegram alone tells
    flags: tuple[str, ...] = ()  # what was odd: "date_unparsed", "link_refused", "withheld" …
    whole: bool = False  # content is all there is: no page is fetched (Telegram posts)

    def __reduce__(self) -> tuple[type[Entry], tuple[Any, ...]]:
        """The way between processes; what dataclasses with slots do by themselves takes twice as long as all else on it."""
        return Entry, entry_values(self)


#: The values of an entry's fields, in their order.
entry_values: Callable[[Entry], tuple[Any, ...]] = attrgetter(*(one.name for one in fields(Entry)))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What reading an endpoint's answer gave. `problem` None is a complete parse, the only kind whose validators are saved."""

    entries: tuple[Entry, ...]
    problem: Outcome | None = None  # parse_partial, parse_failed, not_a_feed, challenge, auth, suspicious
    why: str = ""
    title: str | None = None
    channel_id: str | None = None  # Telegram's numeric id, which survives a change of name
    more: tuple[str, ...] = ()  # further addresses of the same endpoint: older pages, child sitemaps
    ttl: timedelta | None = None  # the feed's own wish (RSS ttl, sy:updatePeriod)
    feeds: tuple[str, ...] = ()  # feeds that an HTML page advertises


class EntryState(StrEnum):
    """How an entry ended; every entry ever seen is in exactly one, and they sum to what was seen."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REVISION = "revision"
    FILTERED = "filtered"
    WAITING = "waiting"
    FAILED = "failed"
    OVER_CAP = "over_cap"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ledger row whose entry still has to be read."""

    number: int  # the ledger's key
    source: str
    entry: Entry
    first_seen: datetime
    attempts: int = 0
    alerting: bool = True  # False for what backfill brought
    raw: str | None = None  # SHA-256 of a page that backfill brought along, so nothing is fetched


# ── what the service knows of an endpoint ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything known of one endpoint after its last look. The timetable makes the next one from it."""

    source: str
    url: str
    kind: EndpointKind
    role: Role
    outcome: Outcome | None = None  # None: never looked
    why: str = ""
    status: int | None = None
    first_look: datetime | None = None
    last_look: datetime | None = None
    next_look: datetime | None = None  # None: at once
    validators: Validators = Validators()
    body_hash: str | None = None  # of the last complete parse
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    silent_since: datetime | None = None
    entries: int | None = None  # of the last look that gave any
    usual_entries: float | None = None  # what this endpoint usually gives
    newest: datetime | None = None  # newest entry's time, claimed or first seen
    gap: timedelta | None = None  # learned: beyond it the endpoint is silent
    interval: timedelta | None = None  # learned rhythm
    audited: datetime | None = None  # last unconditional look
    conditional: bool = True  # False after a lying 304
    gone_since: datetime | None = None  # first 410 of those in a row
    gone: bool = False  # confirmed: polling stopped
    moved_to: str | None = None  # proposed address
    moved_since: datetime | None = None
    channel_id: str | None = None


class TroubleKind(StrEnum):
    """What a curator is told of an endpoint, or of our own network."""

    SILENT = "silent"  # nothing new for longer than its own rhythm explains
    FAILING = "failing"  # beyond patience
    BLOCKED = "blocked"  # failing, by law: 451
    GONE = "gone"  # 410, confirmed
    MOVED = "moved"  # a permanent redirect proposes another address
    LYING = "lying"  # it said 304 although it had changed
    NETWORK = "network"  # nobody can be reached: it is us, not them


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one endpoint, and when curators were last told of it. Our own network's has neither source nor url."""

    kind: TroubleKind
    source: str
    url: str
    since: datetime
    detail: str = ""  # why, in words; of a move, the new address
    told: datetime | None = None


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Quality(StrEnum):
    FULL = "full"
    FEED = "feed"  # stands on the feed's own text
    WALL = "wall"  # cookie wall, challenge, paywall, script shell: never matched
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says. `text` is the body alone, the standfirst stands in `lead` only."""

    title: str
    lead: str
    text: str
    authors: tuple[str, ...] = ()
    published: When | None = None
    published_from: str | None = None  # jsonld, meta, feed, url, text
    modified: When | None = None
    lang: str = "und"
    quality: Quality = Quality.FULL
    canonical_url: str | None = None  # as the page itself claims
    notes: tuple[str, ...] = ()  # why the quality is what it is

    @property
    def body(self) -> str:
        """Lead and text: what is compared with other articles."""
        return f"{self.lead}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Prints:
    """Fingerprints of one text: `exact` for the same text, `sketch` for near and cut copies (signed 64-bit, so they fit SQLite)."""

    exact: str
    sketch: tuple[int, ...]
    words: int


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Level(StrEnum):
    """What a text is for the curator: an alert now, a note when there is time, or nothing."""

    ALERT = "alert"
    NOTE = "note"
    NONE = "none"


class Side(StrEnum):
    """Whose soldiers."""

    RU = "ru"
    UA = "ua"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that made a rule fire. start/end count characters of the field as stored."""

    rule: str
    term: str  # the lexicon's term, not the inflected form
    field: str  # title, lead, text
    start: int
    end: int
    concept: str = ""
    why: str = ""  # window, score and what would have vetoed it, in words


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one article."""

    level: Level = Level.NONE
    score: float = 0.0
    topics: tuple[str, ...] = ()
    side: Side = Side.UNKNOWN
    hits: tuple[Hit, ...] = ()
    severity: str = "low"  # low, medium, high
    places: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()  # articles of a criminal code, "ru:337"
    vetoes: tuple[str, ...] = ()  # what was held against it, in words


@dataclass(frozen=True, slots=True)
class Attribution:
    source: str  # catalogue id, or the surface's own slug
    surface: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Figure:
    value: float
    unit: str
    what: str
    period: str | None
    source: str | None
    via: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a text relates to an older one that shares part of its sketch."""

    item: int
    contained: float  # share of this text that stands in the older one, 0..1
    contains: float  # share of the older one that stands in this
    exact: bool
    story: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything the store must do about one article, with its reason in words."""

    state: EntryState
    reason: str
    duplicate_of: int | None = None
    story: int | None = None  # None: a story of its own
    alert: bool = False
    notify: bool = False  # False for a further item of a story that was told already
    retry_at: datetime | None = None
    replaces: bool = True  # False: of a text that was read before, where this one is the same or worse


@dataclass(frozen=True, slots=True)
class Item:
    """A stored article: what `monitor items` prints."""

    id: int
    source: str
    entry_id: str
    url: str | None
    article: Article
    judgement: Judgement
    first_seen: datetime
    state: EntryState
    story: int
    duplicate_of: int | None = None
    forwarded_from: str | None = None  # the channel that a Telegram post was taken over from
    versions: int = 1
    rules_version: str = ""
    reason: str = ""
    gone: datetime | None = None  # since when its page is not there any more
    stored: datetime | None = None  # when it had been read, which may be days after it was first seen; None is at once


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    item: int
    source: str
    url: str | None
    title: str
    severity: str
    rules: tuple[str, ...]
    topics: tuple[str, ...]
    side: Side
    created: datetime
    status: str = "new"  # new, grouped, seen, dismissed
    lane: str = "live"  # live, rematch
    lost: datetime | None = None  # since when changed rules do not alert for its article any more


@dataclass(frozen=True, slots=True)
class Story:
    id: int
    label: str
    items: int
    outlets: int
    origins: int  # at most this many independent ones
    first_seen: datetime
    last_seen: datetime


# ── what becomes of it ───────────────────────────────────────────────────────────────────────────────────────────────


class ChangeKind(StrEnum):
    """What an edit of an article may mean."""

    HEADLINE = "headline"
    LEAD = "lead"
    FIGURE = "figure"
    ATTRIBUTION = "attribution"
    ACT = "act"  # the word for what was done: desertion, absence, mutiny …
    PARAGRAPH = "paragraph"
    PUBLISHED = "published"
    GONE = "gone"  # upstream; our copy stays
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of an article, told in meaning. `before` and `after` are the article's own words."""

    kind: ChangeKind
    words: str  # for a curator: `12 → 20 soldiers`
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What one look found changed in an article."""

    item: int
    at: datetime
    version: int  # that it brought; of a page that is gone or back, the newest one
    told: bool  # whether the article had matched before, so that somebody was told of it
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One text of an article, as it was read."""

    number: int  # 1 is the first
    seen: datetime
    article: Article
    judgement: Judgement
    rules_version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record of one fetch of an article: of its page, or of the answer of its endpoint that it stood in."""

    number: int
    url: str
    final_url: str
    status: int
    fetched: datetime
    address: str  # IP address connected to
    sha256: str  # of the body
    size: int | None  # bytes that are kept; None: they are not kept any more
    removed: datetime | None  # when retention took them
    reader: str  # the programs that read it
    versions: tuple[int, ...]  # texts that were read from it


@dataclass(frozen=True, slots=True)
class Revisit:
    """What is known of a matched article's page between two looks at it."""

    url: str
    read: datetime  # first
    due: datetime | None = None  # the next look; None: there is none any more
    validators: Validators = Validators()  # of the last look that could be read whole
    final_url: str = ""  # where that look was answered; empty: never
    missing_since: datetime | None = None  # first of the answers in a row that say it is not there
    failures: int = 0  # in a row
    why: str = ""  # the last look failed


# ── a curator's say ──────────────────────────────────────────────────────────────────────────────────────────────────


class Says(StrEnum):
    """What a curator says of what the rules said."""

    RIGHT = "right"
    WRONG = "wrong"
    OTHER = "other"  # beside the subject: worth a note, no alert


@dataclass(frozen=True, slots=True)
class Verdict:
    """A curator's word on one article. Never changed: a later one is added, and the newest counts."""

    item: int
    version: int  # of the article's text, from 1
    rules_version: str  # under which it was judged
    says: Says
    topic: str  # the class that the text has; "none"
    note: str
    by: str
    at: datetime


class Stratum(StrEnum):
    """How near an article came to a match: what a week's draw is drawn from."""

    MATCHED = "matched"  # alert or note
    NEAR = "near"  # something fired and was held back, or stayed below a note
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Drawn:
    """An article of a week's random draw, which curators judge."""

    week: str  # ISO 8601: 2026-W47
    item: int
    stratum: Stratum
    population: int  # articles of that stratum in that week


# ── proving it ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was fetched and stored on a day (steps/manifests.py), by its digest."""

    day: date  # in UTC
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that is kept as evidence, with what is known of it beside."""

    page: Page
    purpose: Purpose
    at: datetime  # when it was stored
    reader: str  # the programs that read it
    record: str  # SHA-256 of the record of its fetch
    item: int | None  # whose page it is; None for an endpoint's answer


@dataclass(frozen=True, slots=True)
class Saving:
    """An article that a web archive is asked to save."""

    url: str
    item: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was stored."""

    what: str  # page, fetch, text, manifest, database
    where: str
    found: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at all evidence found."""

    damage: tuple[Damage, ...]
    counts: Mapping[str, int]  # pages, fetches, texts and manifests that were looked at
    removed: Mapping[str, int]  # day -> fetches whose bytes retention took on it
    newest: tuple[str, str] | None  # day and digest of the newest manifest


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one recipient over one channel. Its `message_id` never changes, so a repeat is recognisable."""

    number: int
    channel: str  # mail, webhook
    recipient: str
    message_id: str
    subject: str
    text: str
    html: str | None
    data: Mapping[str, object]  # what a program reads (webhook body)
    created: datetime
    attempts: int = 0


class Delivery(StrEnum):
    SENT = "sent"
    LATER = "later"  # passing refusal
    NEVER = "never"  # permanent refusal


@dataclass(frozen=True, slots=True)
class Delivered:
    result: Delivery
    why: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The digest's first line: what was looked at, so that a quiet day is proven quiet."""

    sources: int  # enabled
    verified: int
    silent: tuple[str, ...]
    failing: tuple[str, ...]
    refused: tuple[str, ...]
    unseen: tuple[str, ...]
    polls: int
    entries_seen: int
    by_state: Mapping[EntryState, int]
