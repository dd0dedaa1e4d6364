"""Nouns -> the JSON objects of the command-line contract: the only place that knows their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.model import (
    Alert,
    Article,
    Attribution,
    Change,
    Drawn,
    Edit,
    Entry,
    Failure,
    Figure,
    Item,
    Judgement,
    Page,
    Source,
    Story,
    Validators,
    Verdict,
    Visit,
    When,
    utc_text,
)
from monitor.ports import Rejudged
from monitor.steps import looks, timetable

if TYPE_CHECKING:
    from monitor.steps import bench
    from monitor.steps.looks import Checked
    from monitor.steps.recall import Recall
    from monitor.steps.sheet import Explained, Stored

Record = dict[str, Any]


def time(at: datetime | When | None) -> str | None:
    return utc_text(at) if isinstance(at, datetime) else str(at) if at else None


def entry(found: Entry) -> Record:
    """A line of `monitor parse`."""
    return {
        "id": found.id,
        "url": found.url,
        "title": found.title,
        "published": time(found.published),
        "updated": time(found.updated),
        "authors": list(found.authors),
        "summary": found.summary,
        "content": found.content,
        "lang": found.lang,
        "forwarded_from": found.forwarded_from,
        "edited": found.edited,
        "flags": list(found.flags),
    }


def judgement(said: Judgement) -> Record:
    return {
        "verdict": said.level.value,
        "score": round(said.score, 3),
        "topics": list(said.topics),
        "side": said.side.value,
        "severity": said.severity,
        "places": list(said.places),
        "legal": list(said.legal),
        "matches": [
            {
                "rule": hit.rule,
                "term": hit.term,
                "field": hit.field,
                "start": hit.start,
                "end": hit.end,
                "concept": hit.concept,
                "why": hit.why,
            }
            for hit in said.hits
        ],
        "vetoes": list(said.vetoes),
    }


def article(read: Article) -> Record:
    return {
        "title": read.title,
        "lead": read.lead,
        "text": read.text,
        "authors": list(read.authors),
        "published": time(read.published),
        "published_from": read.published_from,
        "modified": time(read.modified),
        "lang": read.lang,
        "quality": read.quality.value,
        "notes": list(read.notes),
    }


def figure(said: Figure) -> Record:
    value = int(said.value) if said.value == int(said.value) else said.value
    return {
        "value": value,
        "unit": said.unit,
        "what": said.what,
        "period": said.period,
        "source": said.source,
        "via": list(said.via),
        "start": said.start,
        "end": said.end,
    }


def attribution(said: Attribution) -> Record:
    return {"source": said.source, "surface": said.surface, "start": said.start, "end": said.end}


def item(stored: Item, edits: Sequence[Edit] = ()) -> Record:
    """An element of `monitor items --json`; `edits` are what looks at it found changed."""
    return {
        "id": stored.id,
        "source": stored.source,
        "entry_id": stored.entry_id,
        "url": stored.url,
        **article(stored.article),
        "first_seen": time(stored.first_seen),
        "state": stored.state.value,
        "reason": stored.reason,
        "duplicate_of": stored.duplicate_of,
        "story": stored.story,
        **judgement(stored.judgement),
        "versions": stored.versions,
        "rules_version": stored.rules_version,
        "gone": time(stored.gone),
        "changes": [edit(one) for one in edits],
    }


def edit(found: Edit) -> Record:
    return {"at": time(found.at), "version": found.version, "changes": [change(one) for one in found.changes]}


def change(told: Change) -> Record:
    return {"kind": told.kind.value, "words": told.words, "before": told.before, "after": told.after}


def stored(one: Stored) -> Record:
    """What `monitor show --json` prints: the item as the shown version has it, then everything that hangs on it."""
    shown = replace(one.item, article=one.shown.article, judgement=one.shown.judgement, rules_version=one.shown.rules_version)
    return {
        **item(replace(shown, reason=one.shown.reason), one.edits),
        "version": one.shown.number,
        "history": [
            {
                "version": version.number,
                "seen": time(version.seen),
                "title": version.article.title,
                "quality": version.article.quality.value,
                "verdict": version.judgement.level.value,
                "reason": version.reason,
                "rules_version": version.rules_version,
                "changes": [change(told) for edited in one.edits if edited.version == version.number for told in edited.changes],
            }
            for version in one.versions
        ],
        "alerts": [alert(raised) for raised in one.alerts],
        "evidence": [
            {
                "fetch": kept.number,
                "fetched": time(kept.fetched),
                "url": kept.url,
                "final_url": kept.final_url,
                "status": kept.status,
                "address": kept.address,
                "sha256": kept.sha256,
                "size": kept.size,
                "removed": time(kept.removed),
                "reader": kept.reader,
                "versions": list(kept.versions),
            }
            for kept in one.evidence
        ],
        "verdicts": [verdict(given) for given in one.verdicts],
    }


def explained(said: Explained) -> Record:
    """What `monitor explain --json` prints."""
    fetched = said.fetched
    page = fetched if isinstance(fetched, Page) else None
    return {
        "target": said.target,
        "fetch": {
            "status": fetched.status,
            "outcome": fetched.outcome.value if isinstance(fetched, Failure) else None,
            "why": fetched.why if isinstance(fetched, Failure) else "",
            "final_url": fetched.final_url,
            "permanent_url": page.permanent_url if page else None,
            "address": page.address if page else None,
            "seconds": round(fetched.seconds, 3),
            "bytes": len(page.body) if page else None,
            "content_type": page.header("content-type") if page else None,
            "etag": _latin(page.validators.etag) if page else None,
            "last_modified": _latin(page.validators.last_modified) if page else None,
        }
        if fetched
        else None,
        "charset": said.charset,
        "charset_flags": list(said.charset_flags),
        "source": said.source.id if said.source else None,
        "canonical_url": said.address,
        "page_canonical_url": said.article.canonical_url if said.article else None,
        "known": said.known.id if said.known else None,
        "duplicate_of": said.relation.duplicate_of if said.relation else None,
        "story": said.relation.story if said.relation else None,
        "likeness": said.relation.why if said.relation else "",
        **(article(said.article) | judgement(said.judgement) if said.article else {}),
        "figures": [figure(one) for one in said.figures],
        "attributions": [attribution(one) for one in said.attributions],
    }


def alert(raised: Alert) -> Record:
    """An element of `monitor alerts --json`."""
    return {
        "id": raised.id,
        "item": raised.item,
        "source": raised.source,
        "url": raised.url,
        "title": raised.title,
        "severity": raised.severity,
        "rules": list(raised.rules),
        "topics": list(raised.topics),
        "side": raised.side.value,
        "created": time(raised.created),
        "status": raised.status,
        "lane": raised.lane,
        "lost": time(raised.lost),
    }


def report(said: bench.Report) -> Record:
    """What `monitor rules test --json` prints of the cases."""
    return {
        "texts": said.texts,
        "all": _measured(said.all),
        "by_language": {name: _measured(one) for name, one in said.languages.items()},
        "by_source": {name: _measured(one) for name, one in said.sources.items()},
        "by_rule": {name: _quality(one) for name, one in said.rules.items()},
        "wrong": list(said.wrong),
        "false_alarms": [_cause(one) for one in said.false_alarms],
        "misses": [_cause(one) for one in said.misses],
    }


def _measured(one: bench.Measured) -> Record:
    return {"texts": one.texts, "alert": _quality(one.alert), "found": _quality(one.found)}


def _quality(one: bench.Quality) -> Record:
    precision, recall = one.precision, one.recall
    return {
        "right": one.right,
        "false": one.false,
        "missed": one.missed,
        "precision": _share(precision.value, precision.interval),
        "recall": _share(recall.value, recall.interval),
        "f1": _share(*one.f1),
    }


def _share(value: float | None, interval: tuple[float, float]) -> Record:
    low, high = interval
    return {"value": None if value is None else round(value, 4), "low": round(low, 4), "high": round(high, 4)}


def _cause(one: bench.Cause) -> Record:
    return {"cause": one.what, "count": len(one.cases), "cases": list(one.cases)}


def recall(said: Recall) -> Record:
    """What `monitor rules test --json` prints of the judged draw."""
    strata = {
        one.stratum.value: {"population": one.population, "drawn": one.drawn, "judged": one.judged, "relevant": one.relevant}
        for one in said.samples
    }
    return _share(said.value, said.interval) | {"strata": strata}


def drawn(one: Drawn, of: Item) -> Record:
    """An element of `monitor review --json`."""
    return {
        "week": one.week,
        "item": one.item,
        "stratum": one.stratum.value,
        "population": one.population,
        "source": of.source,
        "url": of.url,
        "title": of.article.title,
        "verdict": of.judgement.level.value,
    }


def difference(judged: int, added: Sequence[Rejudged], lost: Sequence[Rejudged], moved: Sequence[Rejudged]) -> Record:
    """What `monitor rules diff --json` prints."""
    changes = {"added": added, "lost": lost, "moved": moved}
    return {
        "judged": judged,
        "adds": len(added),
        "loses": len(lost),
        "moves": len(moved),
        "changes": [_change(one, how) for how, those in changes.items() for one in those],
    }


def _change(one: Rejudged, how: str) -> Record:
    return {
        "how": how,
        "item": one.item.id,
        "source": one.item.source,
        "url": one.item.url,
        "title": one.item.article.title,
        "before": one.item.judgement.level.value,
        "after": one.judgement.level.value,
        "topics": list(one.judgement.topics),
        "side": one.judgement.side.value,
        "why": cause(one),
    }


def cause(one: Rejudged) -> str:
    """Why other rules say something else: the best match that is new, else what is held against it now, else what is not found now."""
    before, after = one.item.judgement.hits, one.judgement.hits
    known, kept = ({(hit.rule, hit.field, hit.start) for hit in hits} for hits in (before, after))
    if new := next((hit for hit in after if (hit.rule, hit.field, hit.start) not in known), None):
        return f"{new.rule} at “{new.term}”: {new.why}"
    if held := next((veto for veto in one.judgement.vetoes if veto not in one.item.judgement.vetoes), None):
        return held
    gone = [f"{hit.rule} at “{hit.term}”" for hit in before if (hit.rule, hit.field, hit.start) not in kept]
    return "not found now: " + ", ".join(dict.fromkeys(gone)) if gone else "the same matches, weighed otherwise"


def verdict(given: Verdict) -> Record:
    return {
        "item": given.item,
        "version": given.version,
        "rules_version": given.rules_version,
        "verdict": given.says.value,
        "class": given.topic,
        "note": given.note,
        "by": given.by,
        "at": time(given.at),
    }


def story(told: Story) -> Record:
    """An element of `monitor stories --json`."""
    return {
        "id": told.id,
        "label": told.label,
        "items": told.items,
        "outlets": told.outlets,
        "origins": told.origins,
        "first_seen": time(told.first_seen),
        "last_seen": time(told.last_seen),
    }


def source(known: Source, visits: Mapping[tuple[str, str], Visit]) -> Record:
    """An element of `monitor sources --json`."""
    health = timetable.health(known, visits)
    return {
        "id": known.id,
        "name": known.name,
        "group": known.group,
        "kind": known.kind.value,
        "languages": list(known.languages),
        "enabled": known.enabled,
        "reason": known.reason,
        "designation": known.designation,
        "health": health,
        "since": time(looks.since(known, visits, health)),
        "endpoints": [_endpoint(known, visits, position) for position in range(len(known.endpoints))],
    }


def _endpoint(known: Source, visits: Mapping[tuple[str, str], Visit], position: int) -> Record:
    endpoint = known.endpoints[position]
    visit = visits.get((known.id, endpoint.url))
    return {
        "url": endpoint.url,
        "kind": endpoint.kind.value,
        "role": endpoint.role.value,
        "enabled": endpoint.enabled,
        "reason": endpoint.reason,
        "moved_to": visit.moved_to if visit else None,
        "interval": visit.interval.total_seconds() if visit and visit.interval else None,
        "outcome": visit.outcome.value if visit and visit.outcome else None,
        "why": visit.why if visit else "",
        "status": visit.status if visit else None,
        "last_look": time(visit.last_look) if visit else None,
        "next_look": time(visit.next_look) if visit else None,
        "failing_since": time(visit.failing_since) if visit else None,
        "silent_since": time(visit.silent_since) if visit else None,
        "entries": visit.entries if visit else None,
        "newest": time(visit.newest) if visit else None,
    }


def checked(look: Checked) -> Record:
    """An element of `monitor sources check --json`."""
    fetched, after, dated = look.fetched, look.after, look.dated
    page = fetched if isinstance(fetched, Page) else None
    return {
        "source": look.source.id,
        "url": look.endpoint.url,
        "kind": look.endpoint.kind.value,
        "role": look.endpoint.role.value,
        "enabled": look.source.enabled and look.endpoint.enabled,
        "outcome": look.outcome.value,
        "why": after.why,
        "status": fetched.status,
        "address": page.address if page else None,
        "final_url": fetched.final_url,
        "permanent_url": page.permanent_url if page else None,
        "seconds": round(fetched.seconds, 3),
        "wire_bytes": fetched.wire_bytes,
        "bytes": len(page.body) if page else None,
        "content_type": page.header("content-type") if page else None,
        "etag": _latin(page.validators.etag) if page else None,
        "last_modified": _latin(page.validators.last_modified) if page else None,
        "validators_saved": page is not None and after.validators == page.validators != Validators(),
        "entries": len(look.parsed.entries) if look.parsed else None,
        "known": look.known,
        "dated": len(dated),
        "newest": time(dated[0].published) if dated else None,
        "oldest": time(dated[-1].published) if dated else None,
        "latest": [entry(each) for each in dated[: looks.MOST_ENTRIES]],
        "feeds": list(look.parsed.feeds) if look.parsed else [],
        "robots": look.robots,
        "interval": after.interval.total_seconds() if after.interval else None,
        "next_look": time(after.next_look),
        "failing_since": time(after.failing_since),
        "silent_since": time(after.silent_since),
    }


def _latin(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
