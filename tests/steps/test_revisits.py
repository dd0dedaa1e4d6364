"""A matched article is looked at again at six times, and two answers make it gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import (
    Article,
    Entry,
    EntryState,
    Failure,
    Item,
    Judgement,
    Level,
    NotModified,
    Outcome,
    Page,
    Revisit,
    Validators,
    Waiting,
)
from monitor.steps import revisits

READ = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
URL = "https://outlet.test/news/1"
TAGGED = Validators(b'"one"', b"Wed, 25 Nov 2026 09:00:00 GMT")
WAITING = Waiting(1, "outlet", Entry(url=URL), READ)
NOTED = Judgement(Level.NOTE)
ITEM = Item(1, "outlet", "1", URL, Article("", "", ""), NOTED, READ, EntryState.STORED, 1)


def at(**after: float) -> datetime:
    return READ + timedelta(**after)


def page(now: datetime, final: str = URL, validators: Validators = TAGGED) -> Page:
    return Page(URL, final, 200, (), b"x", now, 0.1, 1, validators=validators)


def failure(now: datetime, status: int, outcome: Outcome = Outcome.HTTP_ERROR, wait: timedelta | None = None) -> Failure:
    return Failure(URL, outcome, str(status), now, status=status, retry_after=wait)


@pytest.mark.parametrize(
    ("age", "due"),
    [
        ({"hours": 0}, {"hours": 1}),
        ({"minutes": 30}, {"hours": 1}),
        ({"minutes": 31}, {"hours": 6}),
        ({"hours": 1}, {"hours": 6}),
        ({"hours": 6}, {"days": 1}),
        ({"days": 1}, {"days": 3}),
        ({"days": 2}, {"days": 7}),
        ({"days": 3, "hours": 1}, {"days": 7}),
        ({"days": 7}, {"days": 30}),
        ({"days": 16}, None),
        ({"days": 31}, None),
    ],
)
def test_the_next_look_is_the_next_time_that_is_not_near(age: dict[str, float], due: dict[str, float] | None) -> None:
    assert revisits.next_look(READ, at(**age)) == (at(**due) if due else None)


def test_an_article_that_matched_and_has_a_page_is_looked_at_again() -> None:
    assert revisits.begun(WAITING, NOTED, page(READ), READ) == Revisit(URL, READ, at(hours=1), TAGGED, URL)
    assert revisits.begun(WAITING, NOTED, None, READ) == Revisit(URL, READ, at(hours=1))


@pytest.mark.parametrize(
    ("waiting", "judgement"),
    [
        (WAITING, Judgement()),
        (replace(WAITING, entry=Entry(content="A post")), NOTED),
        (replace(WAITING, entry=Entry(url=URL, content="A post", whole=True)), NOTED),
        (replace(WAITING, raw="from an archive"), NOTED),
    ],
)
def test_what_did_not_match_or_has_no_page_of_ours_is_not(waiting: Waiting, judgement: Judgement) -> None:
    assert revisits.begun(waiting, judgement, None, READ) is None


def test_a_page_brings_its_validators_and_a_304_renews_them() -> None:
    known = revisits.after(
        Revisit(URL, READ, failures=1, why="500", missing_since=READ), page(at(hours=1), "https://outlet.test/a"), at(hours=1)
    )
    assert known == Revisit(URL, READ, at(hours=6), TAGGED, "https://outlet.test/a")
    renewed = revisits.after(known, NotModified(URL, URL, (), at(hours=6), 0.1, Validators(b'"two"')), at(hours=6))
    assert renewed.validators == Validators(b'"two"', TAGGED.last_modified)
    assert revisits.after(known, page(at(hours=6), validators=Validators()), at(hours=6)).validators == Validators()


def test_a_failed_look_is_made_once_more_then_at_the_next_time() -> None:
    once = revisits.after(Revisit(URL, READ, validators=TAGGED), failure(at(hours=1), 500), at(hours=1))
    assert (once.due, once.failures, once.why, once.validators) == (at(hours=7), 1, "500", TAGGED)
    twice = revisits.after(once, failure(at(hours=7), 500), at(hours=7))
    assert (twice.due, twice.failures, twice.missing_since) == (at(days=1), 2, None)


def test_a_server_that_asks_for_longer_gets_it() -> None:
    slow = failure(at(hours=1), 429, Outcome.RATE_LIMITED, timedelta(hours=20))
    assert revisits.after(Revisit(URL, READ), slow, at(hours=1)).due == at(hours=21)


@pytest.mark.parametrize("answer", [failure(READ, 404), failure(READ, 410, Outcome.GONE)])
def test_I10_two_answers_six_hours_apart_make_a_page_gone_since_the_first(answer: Failure) -> None:
    first = revisits.after(Revisit(URL, READ), answer, at(hours=1))
    assert (first.missing_since, first.due) == (at(hours=1), at(hours=7))
    assert revisits.gone_since(first, answer, ITEM, at(hours=1)) is None
    second = revisits.after(first, answer, at(hours=7))
    assert revisits.gone_since(second, answer, ITEM, at(hours=7)) == at(hours=1)


def test_a_page_that_fails_otherwise_stays_what_it_was() -> None:
    broken = failure(at(hours=9), 500)
    missed = Revisit(URL, READ, missing_since=at(hours=1))
    assert revisits.gone_since(missed, broken, ITEM, at(hours=9)) is None
    assert revisits.gone_since(missed, broken, replace(ITEM, gone=at(hours=1)), at(hours=9)) == at(hours=1)
    assert revisits.gone_since(missed, page(at(hours=9)), replace(ITEM, gone=at(hours=1)), at(hours=9)) is None


def test_a_404_after_another_failure_is_asked_about_once_more() -> None:
    failed = revisits.after(Revisit(URL, READ), failure(at(hours=1), 500), at(hours=1))
    missing = revisits.after(failed, failure(at(hours=7), 404), at(hours=7))
    assert (missing.missing_since, missing.due) == (at(hours=7), at(hours=13))


def test_another_page_at_another_address_is_told_from_a_moved_article() -> None:
    text = "Nine soldiers left their brigade near the river on Monday night, and the court wants to hear every one of them in turn."
    other = "Gardeners praised the marrows at the fair while bakers compared loaves and a brass band played in the rain for hours."
    known = Revisit(URL, READ, final_url=URL)
    elsewhere = page(at(hours=1), "https://outlet.test/")
    old, new = Article("A", "", text), Article("B", "", other)
    found = revisits.leads_elsewhere(known, elsewhere, old, new)
    assert found is not None
    assert revisits.is_missing(found)
    assert found.why == "its address leads to another page now: https://outlet.test/"
    assert revisits.leads_elsewhere(known, elsewhere, old, replace(old, text=f"{text} {other}")) is None
    assert revisits.leads_elsewhere(known, page(at(hours=1), URL + "?utm_source=x"), old, new) is None
    assert revisits.leads_elsewhere(Revisit(URL, READ), elsewhere, old, new) is None
