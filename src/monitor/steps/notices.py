"""What is sent to whom, in which words, and when is it tried again? Alerts, digests and troubles -> notices for every recipient.

A subject travels through other people's machines and shows on locked telephones: it holds topics, side, outlet and count, never a word
of the article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from monitor.model import Alert, Delivered, Delivery, Item, Notice, Settings, Side, Source, TroubleKind, utc_text
from monitor.ports import NewNotice
from monitor.steps import digest as digests
from monitor.steps import display, records, troubles
from monitor.steps.digest import Digest
from monitor.steps.troubles import Change, Turn

MAIL = "mail"  # names of channels, as they stand in the outbox
WEBHOOK = "webhook"
SUBJECT_MOST = 150  # characters
MOST_CHANGES = 100  # changes of sources' states that people are shown in one message; the others are counted
TEXT_MOST = 100_000  # characters of an article's text that a program is told

ALERTS_AN_HOUR = 10  # mails of one alert each to one recipient; what comes beyond them goes out together …
BUNDLE_EVERY = timedelta(minutes=10)  # … at most this often
BUNDLE_MOST = 500  # alerts that a bundle names; it counts the others and says where they are listed
HOUR = timedelta(hours=1)

#: Waits after each failed try: doubling from a minute to six hours, then every six hours until seven days are over.
_DOUBLING = tuple(timedelta(minutes=2**n) for n in range(9))
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=7)
WAITS = _DOUBLING + (LONGEST_WAIT,) * int((GIVE_UP_AFTER - sum(_DOUBLING, timedelta())) / LONGEST_WAIT)
MOST_ASKED = timedelta(days=1)  # the longest wait that a server may ask for


def next_try(attempts: int, delivered: Delivered, now: datetime) -> datetime | None:
    """When a notice is tried again after its `attempts`-th try; None when it was sent, refused for good, or its seven days are over.

    A server's own Retry-After lengthens a wait (RFC 9110 §10.2.3), up to a day, and never shortens it.
    """
    if delivered.result is not Delivery.LATER or attempts > len(WAITS):
        return None
    return now + max(WAITS[max(attempts, 1) - 1], min(delivered.retry_after or timedelta(), MOST_ASKED))


def alert_notices(alert: Alert, item: Item, source: Source, settings: Settings) -> list[NewNotice]:
    """One notice of an alert for each configured recipient and webhook."""
    told = digests.tell(item, alert, source)
    matches = len(item.judgement.hits)
    subject = _subject(
        [
            f"[{told.severity}] {', '.join(told.topics) or 'alert'}",
            digests.SIDES[told.side],
            told.outlet,
            display.counted(matches, "match", "matches"),
        ]
    )
    values = {
        "alert": alert,
        "told": told,
        "created": utc_text(alert.created),
        "legal": item.judgement.legal,
        "places": item.judgement.places,
        "page_title": subject,
        **digests.WORDS,
    }
    text, html = display.fill("alert.txt", values), display.fill("alert.html", values)
    identity = f"alert:{alert.id}"
    data: dict[str, object] = {"id": identity, "kind": "alert", "created": utc_text(alert.created), **_alert_data(alert, item, source)}
    return _for_all(identity, subject, text, html, data, _recipients(settings, "alerts"))


def bundle_at(due: int, sent: Sequence[datetime], now: datetime) -> datetime | None:
    """When `due` alerts go to one recipient in one message; None: each in its own, as the hour has room for them.

    `sent`: when messages with alerts went there in the last HOUR, in order. A day of mutiny brings hundreds: telephones stay usable, and
    nothing is dropped.
    """
    if due <= ALERTS_AN_HOUR - len(sent):
        return None
    return max(now, sent[-1] + BUNDLE_EVERY) if sent else now


def bundled(notices: Sequence[Notice], now: datetime) -> NewNotice:
    """One message for many alerts to one recipient: the gravest first, up to BUNDLE_MOST by name and the others counted.

    The alerts are those of alert_notices(); their own notices stay in the outbox, where each says in which bundle it went.
    """
    alerts = sorted((_Line.of(notice) for notice in notices), key=lambda line: (digests.SEVERITIES.index(line.severity), line.alert))
    first, last = min(line.alert for line in alerts), max(line.alert for line in alerts)
    subject = _subject(
        [
            f"[{alerts[0].severity}] {display.counted(len(alerts), 'alert')}",
            ", ".join(dict.fromkeys(topic for line in alerts for topic in line.topics)),
            display.counted(len({line.outlet for line in alerts}), "outlet"),
        ]
    )
    values = {
        "alerts": alerts[:BUNDLE_MOST],
        "more": len(alerts) - BUNDLE_MOST,
        "all": len(alerts),
        "since": min(line.created for line in alerts),
        "page_title": subject,
        **digests.WORDS,
    }
    text, html = display.fill("alerts.txt", values), display.fill("alerts.html", values)
    one, identity = notices[0], f"alerts:{first}-{last}"
    data: dict[str, object] = {"id": identity, "kind": "alerts", "created": utc_text(now), "alerts": [line.alert for line in alerts]}
    return NewNotice(f"{identity}:{one.channel}:{one.recipient}", one.channel, one.recipient, subject, text, html, data)


@dataclass(frozen=True, slots=True)
class _Line:
    """One alert of a bundle, from what its own notice tells a program."""

    alert: int
    created: str
    severity: str
    topics: tuple[str, ...]
    side: Side
    outlet: str
    title: str
    published: str | None
    url: str | None

    @classmethod
    def of(cls, notice: Notice) -> _Line:
        data: Any = notice.data
        alert, item = data["alert"], data["item"]
        severity = alert["severity"] if alert["severity"] in digests.SEVERITIES else digests.SEVERITIES[-1]
        topics, side = tuple(alert["topics"]), Side(alert["side"])
        return cls(alert["id"], alert["created"], severity, topics, side, item["outlet"], alert["title"], item["published"], alert["url"])


def digest_notices(digest: Digest, settings: Settings) -> list[NewNotice]:
    """One notice of a day's digest for each configured recipient and webhook, also of a day without news."""
    alerted = len(digest.alerts.stories)
    subject = _subject(
        [
            f"Digest {digest.day}",
            f"{display.counted(alerted, 'story', 'stories')} alerted" if alerted else "nothing alerted",
            f"{len(digest.notes.stories)} noted",
            f"{digest.coverage.verified} of {display.counted(digest.coverage.sources, 'source')} looked at",
        ]
    )
    identity = f"digest:{digest.day}"
    data: dict[str, object] = {
        "id": identity,
        "kind": "digest",
        "created": utc_text(digest.until),
        "coverage_line": digests.coverage_line(digest),
        "summary": digests.summary(digest),
        "digest": display.tree(digests.cut(digest)),
    }
    text, html = digests.render(digest, "text"), digests.render(digest, "html")
    return _for_all(identity, subject, text, html, data, _recipients(settings, "digest"))


def trouble_notices(changes: Sequence[Change], sources: Mapping[str, Source], settings: Settings, now: datetime) -> list[NewNotice]:
    """One notice of everything that changed at once, for each recipient and webhook of alerts; none where nothing did."""
    if not changes:
        return []
    told = [_change_data(change, sources.get(change.trouble.source)) for change in changes]
    counts = Counter("back" if change.turn is Turn.ENDED else str(change.trouble.kind) for change in changes)
    subject = _subject(["Sources", *(f"{count} {what}" for what, count in counts.items())])
    if changes[0].trouble.kind is TroubleKind.NETWORK:
        subject = _subject([f"{told[0]['name']} {'is back' if changes[0].turn is Turn.ENDED else 'seems to be down'}"])
    shown = {"told": told[:MOST_CHANGES], "more": len(told[MOST_CHANGES:])}
    values = {**shown, "created": utc_text(now), "page_title": subject, **digests.WORDS}
    text, html = display.fill("troubles.txt", values), display.fill("troubles.html", values)
    data: dict[str, object] = {"kind": "sources", "created": utc_text(now), "changes": [display.tree(change) for change in told]}
    identity = f"sources:{sha256(display.to_json(data).encode()).hexdigest()[:16]}"
    return _for_all(identity, subject, text, html, {"id": identity, **data}, _recipients(settings, "alerts"))


def _change_data(change: Change, source: Source | None) -> dict[str, object]:
    """What is told of one change, to people and to programs."""
    trouble = change.trouble
    return {
        "source": trouble.source or None,
        "name": (source.name if source else troubles.OUR_NETWORK.capitalize()) + troubles.which(trouble, source),
        "url": trouble.url or None,
        "state": trouble.kind.value,
        "turn": change.turn.value,
        "since": utc_text(trouble.since),
        "detail": trouble.detail,
        "told": troubles.sentence(change, source),
    }


def _recipients(settings: Settings, kind: str) -> list[tuple[str, str]]:
    """Channel and recipient of everybody who wants this kind of notice ("alerts" or "digest"), each once."""
    mail = settings.mail
    wanted = [(MAIL, to) for to in mail.to] if mail and getattr(mail, kind) else []
    wanted += [(WEBHOOK, webhook.url) for webhook in settings.webhooks if getattr(webhook, kind)]
    return list(dict.fromkeys(wanted))


def _for_all(
    identity: str, subject: str, text: str, html: str, data: dict[str, object], recipients: list[tuple[str, str]]
) -> list[NewNotice]:
    return [
        NewNotice(f"{identity}:{channel}:{to}", channel, to, subject, text, html if channel == MAIL else None, data)
        for channel, to in recipients
    ]


def _subject(parts: list[str]) -> str:
    return display.cut(display.plain(" · ".join(part for part in parts if part)).strip(), SUBJECT_MOST)


def _alert_data(alert: Alert, item: Item, source: Source) -> dict[str, object]:
    """What a program reads, under the keys of `monitor alerts` and `monitor items`.

    The places of `matches` count characters of title, lead and text as they stand here.
    """
    address = display.link(item.url)
    text = item.article.text
    own = {"outlet": source.name, "group": source.group, "kind": source.kind.value, "url": address.url if address else None}
    cut = {"text": text[:TEXT_MOST], "text_cut": len(text) > TEXT_MOST}
    return {
        "alert": records.alert(alert) | {"url": own["url"]},
        "item": records.item(item) | own | cut,
        "quotes": [display.tree(quote) for quote in display.quotes(item.article, item.judgement.hits)],
    }
