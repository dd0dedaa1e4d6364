"""What does a server's status mean? Statuses and headers -> outcomes of the closed set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.fetch.stop import StoppedError
from monitor.model import Outcome, utc_text

LONGEST_WAIT = timedelta(hours=24)  # of a Retry-After; a longer one is cut, and that is told

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
COMPLETE = frozenset({200, 203})

#: How the usual bot walls show themselves.
CHALLENGE_HEADERS = {
    "cf-mitigated": "challenge",
    "x-vercel-mitigated": "challenge",
    "x-amzn-waf-action": "c",  # challenge, captcha
    "sg-captcha": "challenge",
}
CHALLENGE_BODY = re.compile(
    rb"just a moment\.\.\.|_cf_chl_opt|/cdn-cgi/challenge-platform|attention required! \| cloudflare|ddos-guard|__ddg|captcha-delivery\.com"
    rb"|_incapsula_resource|px-captcha|checking your browser|awswafcookiedomainlist|qrator|smartcaptcha|verify you are (?:a )?human",
    re.IGNORECASE,
)
BODY_LOOKED_AT = 64 * 1024  # bytes of an error page searched for the marks of a bot wall

MEANINGS = {
    204: "no content",
    205: "no content",
    206: "a part, which was not asked for",
    226: "a delta, which was not asked for",
    300: "several choices, none taken",
    402: "payment required",
    404: "not found",
    451: "legal block: the server says it may not show this",
}


def is_challenged(headers: Mapping[str, str]) -> bool:
    """Whether the headers alone say that a bot wall answered."""
    return any(mark in headers[name].lower() for name, mark in CHALLENGE_HEADERS.items() if name in headers)


def stopped_at(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> StoppedError:
    """What an answer means that is neither complete nor a redirect. `headers`: names in lower case."""
    asked_to_wait = "retry-after" in headers
    if is_challenged(headers) or (status in (403, 429, 503) and CHALLENGE_BODY.search(body, 0, BODY_LOOKED_AT)):
        return StoppedError(Outcome.CHALLENGE, f"{status}: a bot wall asks for a browser", status=status)
    if status == 429 or (status == 503 and asked_to_wait):
        wait, why = retry_after(headers.get("retry-after"), now)
        return StoppedError(Outcome.RATE_LIMITED, f"{status}: {why}", status=status, retry_after=wait)
    if status == 410:
        return StoppedError(Outcome.GONE, "410: gone for good, says the server", status=status)
    if status in (401, 407):
        return StoppedError(Outcome.AUTH, f"{status}: a password is asked for", status=status)
    if status == 304:
        return StoppedError(Outcome.HTTP_ERROR, "304 to a question without validators", status=status)
    meaning = MEANINGS.get(status) or (
        "server error" if 500 <= status < 600 else "refused by the server" if 400 <= status < 500 else "no complete answer"
    )
    return StoppedError(Outcome.HTTP_ERROR, f"{status}: {meaning}", status=status)


def retry_after(raw: str | None, now: datetime) -> tuple[timedelta | None, str]:
    """How long a server asks us to wait (RFC 9110 §10.2.3: seconds or a date), capped, and in words.

    None where it says nothing that can be used: the usual back-off decides then.
    """
    if raw is None:
        return None, "too many requests, without saying how long to wait"
    wait = _asked(raw.strip(), now)
    if wait is None or wait < timedelta(0):
        return None, f"asked to wait, for a time that cannot be read ({raw.strip()[:40]!r})"
    if wait > LONGEST_WAIT:
        return LONGEST_WAIT, f"asked to wait until {_until(wait, now)}; cut to {int(LONGEST_WAIT.total_seconds() // 3600)} hours"
    return wait, f"asked to wait {int(wait.total_seconds())} seconds"


def _asked(raw: str, now: datetime) -> timedelta | None:
    try:
        if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", raw):
            return timedelta(seconds=min(float(raw), timedelta(days=36500).total_seconds()))
        at = parsedate_to_datetime(raw)
    except (ValueError, OverflowError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now


def _until(wait: timedelta, now: datetime) -> str:
    try:
        return utc_text(now + wait)
    except OverflowError:
        return "the end of time"
