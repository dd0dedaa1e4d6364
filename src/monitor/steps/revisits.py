"""When is a matched article looked at again, and when is it gone upstream? All policy of later looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Article, Failure, Item, Judgement, Level, NotModified, Outcome, Page, Revisit, Validators, Waiting
from monitor.steps.fingerprints import compare, prints
from monitor.steps.urls import canonical

#: After an article was first read. Most edits come early, most deletions late.
TIMES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30))
#: Before the second look at a page that failed or says that it is not there; two such answers so far apart make it gone.
AGAIN = timedelta(hours=6)
#: Share of words in common below which a page that another address answers is another page.
LEAST_SHARED = 0.1


def next_look(read: datetime, now: datetime) -> datetime | None:
    """The next of TIMES. One that is near is left out after a look made so late that its distance from `read` has not doubled."""
    age = now - read
    return next((read + time for time in TIMES if time > age and time >= 2 * age), None)


def begun(waiting: Waiting, judgement: Judgement, page: Page | None, now: datetime) -> Revisit | None:
    """The first look that an article is due after it was read; None for what did not match, and for what has no page that we fetch."""
    entry = waiting.entry
    if judgement.level is Level.NONE or not entry.url or entry.whole or waiting.raw:
        return None
    first = Revisit(entry.url, now, next_look(now, now))
    return after(first, page, now) if page else first


def after(revisit: Revisit, answer: Page | NotModified | Failure, now: datetime) -> Revisit:
    """What is known after a look. A Page is one that could be read whole: what could not is a Failure, and its validators are dropped.

    A look that failed is made again once, AGAIN later or when the server allows it, then at the next of TIMES.
    """
    due = next_look(revisit.read, now)
    if isinstance(answer, Failure):
        missing = is_missing(answer)
        if revisit.failures == 0 or (missing and revisit.missing_since is None):
            due = now + max(AGAIN, answer.retry_after or AGAIN)
        since = revisit.missing_since or (now if missing else None)
        return replace(revisit, due=due, missing_since=since, failures=revisit.failures + 1, why=answer.why)
    given = answer.validators
    if isinstance(answer, NotModified):
        given = Validators(given.etag or revisit.validators.etag, given.last_modified or revisit.validators.last_modified)
    return replace(revisit, due=due, validators=given, final_url=answer.final_url, missing_since=None, failures=0, why="")


def is_missing(failure: Failure) -> bool:
    return failure.outcome is Outcome.GONE or failure.status == 404


def gone_since(revisit: Revisit, answer: Page | NotModified | Failure, item: Item, now: datetime) -> datetime | None:
    """Since when the page is gone, after this answer: from the first of two that say so, AGAIN apart, until it is there once more."""
    if not isinstance(answer, Failure):
        return None
    first = revisit.missing_since
    return first if item.gone is None and is_missing(answer) and first is not None and now - first >= AGAIN else item.gone


def leads_elsewhere(revisit: Revisit, page: Page, before: Article, now: Article) -> Failure | None:
    """A page that another address answers than last time, and that says something else: a deleted article that leads to the front page."""
    if not revisit.final_url or canonical(page.final_url) == canonical(revisit.final_url):
        return None
    if max(compare(*(prints(article.body).sketch for article in (before, now)))) >= LEAST_SHARED:
        return None
    why = f"its address leads to another page now: {page.final_url}"
    return Failure(page.url, Outcome.GONE, why, page.fetched, status=page.status, final_url=page.final_url)
