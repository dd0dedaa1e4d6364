"""May a page be read, as its site's robots.txt says (RFC 9309)? Feeds are not asked about: a curator asked for them by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.model import Failure, Fetched, Outcome, Page

AGENT = "monitor"  # our product token in a robots.txt
MOST_BYTES = 500 * 1024  # of a robots.txt that are read (RFC 9309 §2.5)
KEPT = timedelta(hours=24)  # RFC 9309 §2.4
KEPT_UNREACHABLE = timedelta(minutes=30)  # a site that came back is read soon


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site allows. `rules` None: `all_or_nothing` holds for every page."""

    rules: Any  # protego's
    all_or_nothing: bool
    why: str
    kept: timedelta

    def allows(self, url: str) -> bool:
        return self.all_or_nothing if self.rules is None else bool(self.rules.can_fetch(url, AGENT))


def robots(answer: Fetched) -> Robots:
    """RFC 9309 §2.3.1: rules where there are some; 4xx is yes; 5xx, too many requests, and no answer at all are no."""
    from protego import Protego

    if isinstance(answer, Page):
        text = answer.body[:MOST_BYTES].decode("utf-8", "replace")
        return Robots(Protego.parse(text), True, "robots.txt forbids", KEPT)
    status = answer.status
    limited = isinstance(answer, Failure) and answer.outcome is Outcome.RATE_LIMITED
    if status is not None and 400 <= status < 500 and not limited:
        return Robots(None, True, "", KEPT)
    told = answer.why if isinstance(answer, Failure) else f"status {status}"
    return Robots(None, False, f"robots.txt cannot be read ({told}), which forbids for now", KEPT_UNREACHABLE)
