"""How does a notice reach a program? A signed POST through the one guarded way out.

What is sent is a pure function of the notice and the secret, so a repeat is the same bytes under the same key:

    Idempotency-Key       the notice's message id: the same key is the same notice, to be taken once
    X-Monitor-Timestamp   when the notice was created (not when it was sent), in Unix seconds
    X-Monitor-Signature   hex HMAC-SHA256 of `timestamp.body` under the secret

A receiver that fears replays keeps the keys it has seen; a window around the timestamp would refuse what waited out an outage.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from monitor.model import Delivered, Delivery, Failure, Notice, Purpose, Request, WebhookSettings
from monitor.ports import Fetcher

REPLY_CAP = 64 * 1024  # bytes of an answer that are read; nothing in it is used
WHY_MOST = 200  # characters
PASSING = frozenset({408, 425, 429})  # refusals in 4xx that ask for another try


class WebhookChannel:
    """Tells the program behind one webhook. Keeps the Channel port."""

    name = "webhook"

    def __init__(self, settings: WebhookSettings, fetcher: Fetcher) -> None:
        self._settings, self._fetcher = settings, fetcher

    async def send(self, notice: Notice) -> Delivered:
        try:
            request = signed(notice, self._settings.url, _secret(self._settings))
        except (OSError, ValueError) as error:
            return Delivered(Delivery.LATER, f"not sent, as it cannot be signed: {error}"[:WHY_MOST])
        fetched = await self._fetcher.fetch(request)
        failure = fetched if isinstance(fetched, Failure) else None
        status, why = fetched.status, failure.why if failure else ""
        if status is not None and 200 <= status < 300:  # taken, even where the answer's body was too big or broke off
            return Delivered(Delivery.SENT)
        why = (f"{status} {why}" if status is not None else why).strip()[:WHY_MOST]
        if status is not None and 400 <= status < 500 and status not in PASSING:
            return Delivered(Delivery.NEVER, why)
        return Delivered(Delivery.LATER, why, failure.retry_after if failure else None)


def _secret(settings: WebhookSettings) -> bytes:
    """Read for every notice, so that a new secret needs no restart. Raises OSError, or ValueError where it is empty."""
    secret = Path(settings.secret_file).read_bytes().strip()
    if not secret:
        raise ValueError(f"{settings.secret_file} is empty")
    return secret


def signed(notice: Notice, url: str, secret: bytes) -> Request:
    """The POST of a notice: JSON in UTF-8, keys in order."""
    body = json.dumps(notice.data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")
    timestamp = str(int(notice.created.timestamp()))
    headers = (
        ("Content-Type", "application/json"),
        ("Idempotency-Key", notice.message_id),
        ("X-Monitor-Timestamp", timestamp),
        ("X-Monitor-Signature", hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()),
    )
    return Request(url, Purpose.WEBHOOK, body=body, headers=headers, cap=REPLY_CAP)
