"""How does a noun stand in a row? The only place where rows and JSON meet the nouns."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from sqlite3 import Row
from typing import Any

from monitor.model import (
    Alert,
    Article,
    Change,
    ChangeKind,
    Drawn,
    Edit,
    EndpointKind,
    Entry,
    EntryState,
    Evidence,
    Hit,
    Item,
    Judgement,
    Kept,
    Level,
    Notice,
    Outcome,
    Page,
    Prints,
    Purpose,
    Quality,
    Revisit,
    Role,
    Says,
    Side,
    Story,
    Stratum,
    Trouble,
    TroubleKind,
    Validators,
    Verdict,
    Version,
    Visit,
    Waiting,
    When,
    entry_values,
    utc_text,
)
from monitor.ports import NewNotice, Poll
from monitor.steps import records

Columns = dict[str, Any]

ENTRY_FIELDS = tuple(f.name for f in fields(Entry))
LARGEST = 2**63 - 1  # SQLite's INTEGER

#: Control characters, halves of surrogate pairs and non-characters: SQLite, mail and JSON stumble over one or the other.
#: Each becomes one U+FFFD, so that places in a text stay where they are.
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without what cannot be stored; as long as before."""
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text) if _UNSAFE.search(text) else text


def bound(value: Any) -> Any:
    """A value that SQLite takes: one bad character or number never costs a batch (Q-10)."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int):
        return max(-LARGEST - 1, min(LARGEST, value))
    return value


to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _at(text: str | None) -> datetime | None:
    return None if text is None else at(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(when: datetime | When | None) -> str | None:
    return utc_text(when) if isinstance(when, datetime) else None if when is None else str(when)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_VISIT_FIELDS = tuple(f.name for f in fields(Visit))
_VISIT = attrgetter(*_VISIT_FIELDS)
_VISIT_TIMES = ("first_look", "last_look", "next_look", "failing_since", "silent_since", "newest", "audited", "gone_since", "moved_since")
_VISIT_SPANS = ("gap", "interval")


def visit_columns(visit: Visit) -> Columns:
    row: Columns = dict(zip(_VISIT_FIELDS, _VISIT(visit), strict=True))
    validators = row.pop("validators")
    row |= {name: _text(row[name]) for name in _VISIT_TIMES} | {name: _seconds(row[name]) for name in _VISIT_SPANS}
    return row | {"etag": validators.etag, "last_modified": validators.last_modified}


def visit(row: Row) -> Visit:
    plain: Columns = dict(zip(row.keys(), row, strict=True))
    plain |= {name: _at(plain[name]) for name in _VISIT_TIMES} | {name: _span(plain[name]) for name in _VISIT_SPANS}
    plain["validators"] = Validators(plain.pop("etag"), plain.pop("last_modified"))
    return Visit(
        **plain
        | {
            "kind": EndpointKind(plain["kind"]),
            "role": Role(plain["role"]),
            "outcome": Outcome(plain["outcome"]) if plain["outcome"] else None,
            "conditional": bool(plain["conditional"]),
            "gone": bool(plain["gone"]),
        }
    )


def poll_columns(poll: Poll, new: int, changed: int) -> Columns:
    visit = poll.visit
    return {
        "source": visit.source,
        "url": visit.url,
        "at": utc_text(poll.at),
        "outcome": visit.outcome,
        "why": visit.why,
        "status": visit.status,
        "seconds": poll.seconds,
        "bytes": poll.bytes,
        "entries": len(poll.entries),
        "new": new,
        "changed": changed,
        "silent_since": _text(visit.silent_since),
    }


# ── entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def cleaned(entry: Entry) -> Entry:
    """The entry as it can be stored: what is hashed, compared and kept is the same text."""
    values = [value for value in entry_values(entry) if isinstance(value, str)]
    said = "".join((*values, *entry.authors, *entry.flags))
    if said.isprintable() or not _UNSAFE.search(said):
        return entry
    texts: Columns = {name: clean(value) for name in ENTRY_FIELDS if isinstance(value := getattr(entry, name), str)}
    return replace(entry, **texts, authors=tuple(map(clean, entry.authors)), flags=tuple(map(clean, entry.flags)))


def entry_json(entry: Entry) -> str:
    """Without what is absent: most entries have few of the fields."""
    named = zip(ENTRY_FIELDS, entry_values(entry), strict=True)
    values: Columns = {name: value for name, value in named if value is not None and value != ()}
    for name in ("published", "updated"):
        if name in values:
            values[name] = str(values[name])
    if not entry.whole:
        del values["whole"]
    return to_json(values)


def entry(text: str) -> Entry:
    values = json.loads(text)
    values |= {name: When.parse(values.get(name)) for name in ("published", "updated")}
    values |= {name: tuple(values.get(name, ())) for name in ("authors", "flags")}
    return Entry(**values)


def waiting(row: Row) -> Waiting:
    return Waiting(
        number=row["number"],
        source=row["source"],
        entry=entry(row["entry"]),
        first_seen=at(row["first_seen"]),
        attempts=row["attempts"],
        alerting=bool(row["alerting"]),
        raw=row["raw"],
    )


# ── what was read ────────────────────────────────────────────────────────────────────────────────────────────────────


def article_columns(article: Article) -> Columns:
    return {
        "title": article.title,
        "lead": article.lead,
        "text": article.text,
        "authors": to_json(article.authors),
        "published": _text(article.published),
        "published_from": article.published_from,
        "modified": _text(article.modified),
        "lang": article.lang,
        "quality": article.quality,
        "page_url": article.canonical_url,
        "notes": to_json(article.notes),
    }


#: The columns of an article, in their order.
_SAID = ("title", "lead", "text", "authors", "published", "published_from", "modified", "lang", "quality", "page_url", "notes")


def article(row: Row) -> Article:
    return Article(
        title=row["title"],
        lead=row["lead"],
        text=row["text"],
        authors=_strings(row["authors"]),
        published=When.parse(row["published"]),
        published_from=row["published_from"],
        modified=When.parse(row["modified"]),
        lang=row["lang"],
        quality=Quality(row["quality"]),
        canonical_url=row["page_url"],
        notes=_strings(row["notes"]),
    )


def _article(values: Mapping[str, Any]) -> Article:
    """From the JSON in which a version keeps it."""
    times = {name: When.parse(values[name]) for name in ("published", "modified")}
    lists = {name: tuple(values[name]) for name in ("authors", "notes")}
    return Article(**{**values, **times, **lists, "quality": Quality(values["quality"])})


def judgement_columns(judgement: Judgement) -> Columns:
    return {
        "level": judgement.level,
        "score": float(judgement.score),
        "topics": to_json(judgement.topics),
        "side": judgement.side,
        "hits": to_json([asdict(hit) for hit in judgement.hits]),
        "severity": judgement.severity,
        "places": to_json(judgement.places),
        "legal": to_json(judgement.legal),
        "vetoes": to_json(judgement.vetoes),
    }


def judgement(row: Row) -> Judgement:
    return Judgement(
        level=Level(row["level"]),
        score=row["score"],
        topics=_strings(row["topics"]),
        side=Side(row["side"]),
        hits=tuple(Hit(**hit) for hit in json.loads(row["hits"])),
        severity=row["severity"],
        places=_strings(row["places"]),
        legal=_strings(row["legal"]),
        vetoes=_strings(row["vetoes"]),
    )


def _strings(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def prints_columns(prints: Prints) -> Columns:
    return {"exact_print": prints.exact, "sketch": struct.pack(f"<{len(prints.sketch)}q", *prints.sketch), "words": prints.words}


def sketch(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)


def version_columns(row: Row, replaced: datetime) -> Columns:
    """An item's row as the version that is kept when a newer text takes its place."""
    return {
        "item": row["id"],
        "replaced": utc_text(replaced),
        "reason": row["reason"],
        "article": to_json(_plain(asdict(article(row)))),
        "judgement": to_json(_plain(asdict(judgement(row)))),
        **{name: row[name] for name in ("rules_version", "read", "fetch", "digest", "listed")},
    }


def version(number: int, seen: datetime, row: Row) -> Version:
    """The version that version_columns() kept."""
    article, judgement = json.loads(row["article"]), json.loads(row["judgement"])
    texts = {name: tuple(article[name]) for name in ("authors", "notes")}
    times = {name: When.parse(article[name]) for name in ("published", "modified")}
    lists = {name: tuple(judgement[name]) for name in ("topics", "places", "legal", "vetoes")}
    hits = tuple(Hit(**hit) for hit in judgement["hits"])
    return Version(
        number=number,
        seen=seen,
        article=Article(**article | texts | times | {"quality": Quality(article["quality"])}),
        judgement=Judgement(**judgement | lists | {"hits": hits, "level": Level(judgement["level"]), "side": Side(judgement["side"])}),
        rules_version=row["rules_version"],
        reason=row["reason"],
    )


def _plain(values: Mapping[str, Any]) -> Columns:
    return {name: str(When(value["at"])) if isinstance(value, dict) else value for name, value in values.items()}


def item(row: Row) -> Item:
    return Item(
        id=row["id"],
        source=row["source"],
        entry_id=row["entry_id"],
        url=row["url"],
        article=article(row),
        judgement=judgement(row),
        first_seen=at(row["first_seen"]),
        state=EntryState(row["state"]),
        story=row["story"],
        duplicate_of=row["duplicate_of"],
        forwarded_from=row["forwarded_from"],
        versions=row["versions"],
        rules_version=row["rules_version"],
        reason=row["reason"],
        gone=_at(row["gone"]),
        stored=at(row["stored"]),
    )


def alert(row: Row) -> Alert:
    """From alerts joined with its item's source, url and title."""
    return Alert(
        id=row["id"],
        item=row["item"],
        source=row["source"],
        url=row["url"],
        title=row["title"],
        severity=row["severity"],
        rules=_strings(row["rules"]),
        topics=_strings(row["topics"]),
        side=Side(row["side"]),
        created=at(row["created"]),
        status=row["status"],
        lane=row["lane"],
        lost=_at(row["lost"]),
    )


def verdict_columns(verdict: Verdict) -> Columns:
    return asdict(verdict) | {"at": utc_text(verdict.at)}


def verdict(row: Row) -> Verdict:
    return Verdict(
        item=row["item"],
        version=row["version"],
        rules_version=row["rules_version"],
        says=Says(row["says"]),
        topic=row["topic"],
        note=row["note"],
        by=row["by"],
        at=at(row["at"]),
    )


def drawn(row: Row) -> Drawn:
    return Drawn(row["week"], row["item"], Stratum(row["stratum"]), row["population"])


def story(row: Row) -> Story:
    return Story(
        id=row["id"],
        label=row["label"],
        items=row["items"],
        outlets=row["outlets"],
        origins=row["origins"],
        first_seen=at(row["first_seen"]),
        last_seen=at(row["last_seen"]),
    )


# ── what becomes of it ───────────────────────────────────────────────────────────────────────────────────────────────


def revisit_columns(revisit: Revisit, item: int) -> Columns:
    return {
        "item": item,
        "url": revisit.url,
        "read": _text(revisit.read),
        "due": _text(revisit.due),
        "etag": revisit.validators.etag,
        "last_modified": revisit.validators.last_modified,
        "final_url": revisit.final_url,
        "missing_since": _text(revisit.missing_since),
        "failures": revisit.failures,
        "why": revisit.why,
    }


def revisit(row: Row) -> Revisit:
    return Revisit(
        url=row["url"],
        read=at(row["read"]),
        due=_at(row["due"]),
        validators=Validators(row["etag"], row["last_modified"]),
        final_url=row["final_url"],
        missing_since=_at(row["missing_since"]),
        failures=row["failures"],
        why=row["why"],
    )


def changes_json(changes: Sequence[Change]) -> str:
    return to_json([asdict(change) for change in changes])


def edit(row: Row) -> Edit:
    return Edit(
        item=row["item"],
        at=at(row["at"]),
        version=row["version"],
        told=bool(row["told"]),
        changes=tuple(Change(**change | {"kind": ChangeKind(change["kind"])}) for change in json.loads(row["changes"])),
    )


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def fetch_columns(page: Page, body_sha256: str, reader: str, purpose: Purpose, kept: datetime) -> Columns:
    columns = {
        "purpose": purpose,
        "sha256": body_sha256,
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "headers": json.dumps(page.headers),  # escaped: no byte of them is lost to clean()
        "fetched": utc_text(page.fetched),
        "seconds": float(page.seconds),
        "wire_bytes": page.wire_bytes,
        "address": page.address,
        "etag": page.validators.etag,
        "last_modified": page.validators.last_modified,
        "permanent_url": page.permanent_url,
        "certain_end": page.certain_end,
        "reader": reader,
        "kept": utc_text(kept),
    }
    return columns | {"digest": fetch_digest(columns)}


def kept(row: Row, body: bytes) -> Kept:
    return Kept(page(row, body), Purpose(row["purpose"]), at(row["kept"]), row["reader"], row["digest"], row["item"])


#: What the digest of a fetch's record is made over; beside it stand only the row's number and what is learned later.
_SEALED = (
    *("purpose", "sha256", "url", "final_url", "status", "headers", "fetched", "seconds", "wire_bytes", "address", "etag"),
    *("last_modified", "permanent_url", "certain_end", "reader", "kept"),
)


def fetch_digest(columns: Mapping[str, Any] | Row) -> str:
    """SHA-256 of a fetch's record as it stands in its row."""
    values = (bound(columns[name]) for name in _SEALED)
    return _digest([value.hex() if isinstance(value, bytes) else int(value) if isinstance(value, bool) else value for value in values])


def text_digest(item: Row | Columns, version: int, text: Row | Columns, fetch: str | None) -> str:
    """SHA-256 of one version of an item's text. `text` is the item's own row, or that of the version; `fetch` the record's digest."""
    said = text["article"] if "article" in text.keys() else [text[name] for name in _SAID]  # noqa: SIM118
    if isinstance(said, str):
        said = version_said(said)
    return _digest([item["id"], version, item["source"], item["entry_id"], item["url"], said, text["read"], fetch])


def version_said(text: str) -> list[Any]:
    """The columns that an item's row had for the article kept as a version. Raises ValueError for JSON that we did not write so."""
    kept = _article(json.loads(text))
    if to_json(_plain(asdict(kept))) != text:
        raise ValueError("is not as it was written")
    return [bound(value) for value in article_columns(kept).values()]


def _digest(values: object) -> str:
    return sha256(to_json(values).encode()).hexdigest()


def evidence(row: Row, versions: tuple[int, ...]) -> Evidence:
    """From fetches joined with their pages; `removed` is when the body went."""
    return Evidence(
        number=row["id"],
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        fetched=at(row["fetched"]),
        address=row["address"],
        sha256=row["sha256"],
        size=row["size"],
        removed=_at(row["removed"]) if row["size"] is None else None,
        reader=row["reader"],
        versions=versions,
    )


def page(row: Row, body: bytes) -> Page:
    return Page(
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
        body=body,
        fetched=at(row["fetched"]),
        seconds=row["seconds"],
        wire_bytes=row["wire_bytes"],
        address=row["address"],
        validators=Validators(row["etag"], row["last_modified"]),
        permanent_url=row["permanent_url"],
        certain_end=bool(row["certain_end"]),
    )


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def notice_columns(notice: NewNotice, now: datetime) -> Columns:
    return {
        "key": notice.key,
        "channel": notice.channel,
        "recipient": notice.recipient,
        "message_id": message_id(notice.key),
        "subject": notice.subject,
        "text": notice.text,
        "html": notice.html,
        "data": to_json(notice.data),
        "created": utc_text(now),
        "next_try": utc_text(now),
    }


def message_id(key: str) -> str:
    """The same for the same key, for ever: a message sent twice after a crash is recognisable as one (A-01)."""
    return f"{sha256(clean(key).encode()).hexdigest()[:32]}@monitor.invalid"


def notice(row: Row) -> Notice:
    return Notice(
        number=row["number"],
        channel=row["channel"],
        recipient=row["recipient"],
        message_id=row["message_id"],
        subject=row["subject"],
        text=row["text"],
        html=row["html"],
        data=json.loads(row["data"]),
        created=at(row["created"]),
        attempts=row["attempts"],
    )


def trouble_columns(trouble: Trouble) -> Columns:
    return {f.name: _text(value) if isinstance(value := getattr(trouble, f.name), datetime) else value for f in fields(Trouble)}


def trouble(row: Row) -> Trouble:
    return Trouble(TroubleKind(row["kind"]), row["source"], row["url"], at(row["since"]), row["detail"], at(row["told"]))


# ── handing on ───────────────────────────────────────────────────────────────────────────────────────────────────────


def exported(item: Item, alerts: Sequence[Alert], versions: Sequence[Row], edits: Sequence[Edit], verdicts: Sequence[Verdict]) -> Columns:
    """One item with everything that hangs on it, ready for JSON; names as `monitor items --json` prints them."""
    article, judgement = item.article, item.judgement
    return {
        "id": item.id,
        "source": item.source,
        "entry_id": item.entry_id,
        "url": item.url,
        "first_seen": utc_text(item.first_seen),
        "state": item.state.value,
        "reason": item.reason,
        "duplicate_of": item.duplicate_of,
        "story": item.story,
        "gone": _text(item.gone),
        **_plain(asdict(article)),
        "verdict": judgement.level.value,
        **{name: value for name, value in asdict(judgement).items() if name != "level"},
        "rules_version": item.rules_version,
        "versions": [
            {
                "replaced": row["replaced"],
                "reason": row["reason"],
                **json.loads(row["article"]),
                "judgement": json.loads(row["judgement"]),
                "rules_version": row["rules_version"],
            }
            for row in versions
        ],
        "changes": [
            {"at": utc_text(edit.at), "version": edit.version, "changes": [asdict(change) for change in edit.changes]} for edit in edits
        ],
        "alerts": [asdict(alert) | {"created": utc_text(alert.created), "lost": _text(alert.lost)} for alert in alerts],
        "verdicts": [records.verdict(verdict) for verdict in verdicts],
    }
