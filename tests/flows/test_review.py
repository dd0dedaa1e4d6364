"""Verdicts are kept, test the rules from then on, and say what was missed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.flows import review
from monitor.model import EntryState, Judgement, Level, Says, Stratum
from monitor.steps.bench import NONE
from monitor.steps.matching import RuleBook
from monitor.store.lock import hold
from monitor.store.sqlite import SqliteStore, open_store
from tests.steps.test_matching import book, rule
from tests.store.acts import DESERTED, NOW, article, as_read, entry, item, later, nobody, poll

NEARLY = Judgement(score=0.3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with hold(tmp_path), open_store(tmp_path, write=True) as opened:
        yield opened
        assert opened.check() == []


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return book(rule())


@pytest.mark.parametrize(
    ("judgement", "says", "topic", "klass"),
    [
        (DESERTED, Says.RIGHT, "", "desertion"),
        (DESERTED, Says.WRONG, "", NONE),
        (DESERTED, Says.OTHER, "", NONE),
        (Judgement(), Says.RIGHT, "", NONE),
        (Judgement(), Says.WRONG, "desertion", "desertion"),
    ],
)
def test_a_verdict_says_what_class_a_text_has(
    store: SqliteStore, rules: RuleBook, judgement: Judgement, says: Says, topic: str, klass: str
) -> None:
    made = item(store, judgement=judgement)
    given = review.judge(store, rules, made.id, says, later(hours=1), topic=topic, note="seen", by="desk")
    assert list(store.verdicts(made.id)) == [given]
    assert (given.topic, given.version, given.rules_version, given.note, given.by) == (klass, 1, "rules-1", "seen", "desk")


@pytest.mark.parametrize(
    ("ident", "says", "topic", "problem"),
    [
        (9, Says.RIGHT, "", "9: no such item"),
        (1, Says.WRONG, "", "say what it is with --class"),
        (1, Says.WRONG, "x", "one of desertion, none"),
    ],
)
def test_a_verdict_that_says_nothing_is_refused(
    store: SqliteStore, rules: RuleBook, ident: int, says: Says, topic: str, problem: str
) -> None:
    item(store)
    with pytest.raises(UsageError, match=problem):
        review.judge(store, rules, ident, says, NOW, topic=topic)
    assert list(store.judged()) == []


def test_a_verdict_is_never_changed_and_the_newest_counts(store: SqliteStore, rules: RuleBook) -> None:
    made = item(store, judgement=DESERTED)
    review.judge(store, rules, made.id, Says.RIGHT, NOW)
    review.judge(store, rules, made.id, Says.WRONG, NOW)
    assert len(store.verdicts(made.id)) == 2
    assert [(case.relevant, case.allowed) for case in review.cases(store, rules, {})] == [(False, {Level.NONE})]
    for change in ("UPDATE verdicts SET topic = 'none'", "DELETE FROM verdicts"):
        with pytest.raises(sqlite3.IntegrityError), store._session.writing():
            store._session.run(change)


def test_a_verdict_tests_the_rules_on_the_text_that_was_judged(store: SqliteStore, rules: RuleBook) -> None:
    made = item(store, judgement=DESERTED)
    review.judge(store, rules, made.id, Says.RIGHT, NOW)
    poll(store, entry(1, url="https://outlet.test/news/1", summary="anders"), at=later(hours=1))
    (waiting,) = store.waiting(later(hours=1), 10)
    store.save_read(as_read(waiting, EntryState.REVISION, article=article("Другой текст.")), later(hours=1), nobody)
    (case,) = review.cases(store, rules, {})
    assert (case.article.text, case.topic, case.source) == (article().text, "desertion", "outlet")
    revised = store.item(made.id)
    assert revised is not None
    assert revised.article.text == "Другой текст."


def test_a_draw_is_made_once_a_week_from_matched_near_and_unmatched_and_waits_to_be_judged(store: SqliteStore, rules: RuleBook) -> None:
    for number, judgement in enumerate((DESERTED, NEARLY, Judgement(), Judgement(vetoes=("x",))), 1):
        item(store, number, at=NOW, judgement=judgement, article=article(f"Текст номер {number}."))
    week = review.make_draw(store, later(days=7))
    assert [one.stratum for one in store.drawn()] == [Stratum.MATCHED, Stratum.NEAR, Stratum.UNMATCHED, Stratum.NEAR]
    item(store, 5, at=later(hours=1), judgement=DESERTED, article=article("Ещё один."))
    assert review.make_draw(store, later(days=8)) == week
    assert len(store.drawn()) == 4
    assert review.estimated_recall(store, rules) is None
    review.judge(store, rules, 1, Says.RIGHT, NOW)
    review.judge(store, rules, 4, Says.WRONG, NOW, topic="desertion")
    assert [waiting.id for _, waiting in review.to_judge(store)] == [2, 3]
    told = review.estimated_recall(store, rules)
    assert told is not None
    assert told.value == pytest.approx(1 / (1 + 2))


def test_export_has_the_verdicts(store: SqliteStore, rules: RuleBook) -> None:
    made = item(store, judgement=DESERTED)
    review.judge(store, rules, made.id, Says.RIGHT, NOW, by="desk")
    (exported,) = store.export()
    assert exported["verdicts"] == [
        {"item": made.id, "version": 1, "rules_version": "rules-1", "verdict": "right", "class": "desertion", "note": "", "by": "desk"}
        | {"at": "2026-11-25T09:00:00Z"}
    ]
