"""When is an article looked at again, which texts did it have, and what did each change?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import Alert, Change, ChangeKind, Decision, EntryState, Item, Judgement, Level, Revisit, Validators
from monitor.ports import NewNotice, Recheck, Reread
from monitor.steps.fingerprints import prints
from monitor.store.sqlite import SqliteStore
from tests.store.acts import DESERTED, NOW, article, as_read, desk, entry, item, later, nobody, page, poll

HEADLINE = Change(ChangeKind.HEADLINE, "headline changed: “А” → “Б”", "А", "Б")
REVISIT = Revisit(
    "https://outlet.test/news/1",
    NOW,
    later(hours=1),
    Validators(b'"caf\xe9"', b"Wed, 25 Nov 2026 09:00:00 GMT"),
    "https://outlet.test/news/1/",
    later(minutes=5),
    2,
    "404",
)


def reread(text: str, judgement: Judgement = DESERTED, alert: bool = False) -> Reread:
    return Reread(article(text), judgement, prints(text), Decision(EntryState.REVISION, "changed", alert=alert, notify=alert), "rules-2")


def watched(store: SqliteStore, number: int = 1, due: timedelta | None = timedelta(hours=1)) -> Item:
    return item(store, number, judgement=DESERTED, revisit=replace(REVISIT, due=None if due is None else NOW + due))


def test_what_is_known_of_a_page_comes_back_as_it_was_saved(store: SqliteStore) -> None:
    made = watched(store)
    assert store.revisit(made.id) == REVISIT
    assert store.revisit(made.id + 1) is None
    bare = Revisit(REVISIT.url, NOW)
    store.save_recheck(Recheck(made.id, bare, None), NOW, nobody)
    assert store.revisit(made.id) == bare


def test_what_is_due_is_told_the_longest_due_first(store: SqliteStore) -> None:
    later_one, first, never = (
        watched(store, number, due).id for number, due in ((1, timedelta(hours=2)), (2, timedelta(hours=1)), (3, None))
    )
    assert store.revisits(later(minutes=59), 10) == {}
    assert list(store.revisits(later(hours=1), 10)) == [first]
    assert list(store.revisits(later(days=9), 10)) == [first, later_one]
    assert list(store.revisits(later(days=9), 1)) == [first]
    assert store.revisit(never) is not None


def test_a_new_text_is_stored_with_its_change_and_the_one_before_is_kept(store: SqliteStore) -> None:
    made = watched(store)
    recheck = Recheck(made.id, replace(REVISIT, due=later(hours=6)), None, (HEADLINE,), reread("Новый текст"), page(b"new"))
    store.save_recheck(recheck, later(hours=1), nobody)
    now = store.item(made.id)
    assert now is not None
    assert (now.article.text, now.versions, now.rules_version) == ("Новый текст", 2, "rules-2")
    (edit,) = store.edits()
    assert (edit.item, edit.at, edit.version, edit.told, edit.changes) == (made.id, later(hours=1), 2, True, (HEADLINE,))
    first, second = store.versions(made.id)
    assert (first.number, first.seen, first.article, first.judgement, first.reason) == (1, NOW, made.article, DESERTED, "read whole")
    assert (second.number, second.seen, second.article.text, second.reason) == (2, later(hours=1), "Новый текст", "changed")
    assert store._session.value("SELECT count(*) FROM fetches WHERE item = ?", made.id) == 1
    (exported,) = store.export()
    assert exported["changes"] == [
        {
            "at": "2026-11-25T10:00:00Z",
            "version": 2,
            "changes": [{"kind": "headline", "words": HEADLINE.words, "before": "А", "after": "Б"}],
        }
    ]
    assert store.check() == []


def test_a_look_that_found_the_same_adds_no_version(store: SqliteStore) -> None:
    made = watched(store)
    store.save_recheck(Recheck(made.id, replace(REVISIT, due=None), None), later(hours=1), nobody)
    now = store.item(made.id)
    assert now == made
    assert (len(store.versions(made.id)), store.edits(), store.revisits(later(days=99), 9)) == (1, [], {})


def test_I10_a_page_that_is_gone_marks_its_item_and_takes_nothing_from_it(store: SqliteStore) -> None:
    made = watched(store)
    gone = Change(ChangeKind.GONE, "gone upstream")
    store.save_recheck(Recheck(made.id, REVISIT, later(hours=1), (gone,)), later(hours=7), nobody)
    now = store.item(made.id)
    assert now is not None
    assert (now.gone, now.article, now.versions) == (later(hours=1), made.article, 1)
    assert [(edit.version, edit.changes) for edit in store.edits()] == [(1, (gone,))]
    store.save_recheck(Recheck(made.id, REVISIT, None), later(days=1), nobody)
    assert store.item(made.id) == made


def test_edits_are_told_by_time_and_item(store: SqliteStore) -> None:
    one, two = watched(store, 1), watched(store, 2)
    for number, hours in ((one.id, 3), (two.id, 1), (one.id, 2)):
        store.save_recheck(Recheck(number, REVISIT, None, (HEADLINE,)), later(hours=hours), nobody)
    assert [(edit.item, edit.at) for edit in store.edits()] == [
        (two.id, later(hours=1)),
        (one.id, later(hours=2)),
        (one.id, later(hours=3)),
    ]
    assert [edit.item for edit in store.edits(since=later(hours=2), until=later(hours=3))] == [one.id]
    assert [edit.item for edit in store.edits(item=two.id)] == [two.id]


def test_an_edit_of_what_never_matched_was_told_to_nobody(store: SqliteStore) -> None:
    item(store)
    poll(store, entry(1, summary="Новый"), at=later(hours=1))
    (waiting,) = store.waiting(later(hours=1), 10)
    changed = as_read(waiting, EntryState.REVISION, article=article("Другой"), judgement=DESERTED, changes=(HEADLINE,), revisit=REVISIT)
    store.save_read(changed, later(hours=1), nobody)
    assert [(edit.version, edit.told) for edit in store.edits()] == [(2, False)]
    store.save_recheck(Recheck(1, REVISIT, None, (HEADLINE,), reread("Ещё один", Judgement())), later(hours=2), nobody)
    store.save_recheck(Recheck(1, REVISIT, None, (HEADLINE,), reread("И ещё", Judgement())), later(hours=3), nobody)
    assert [edit.told for edit in store.edits()] == [False, True, True]


def test_a_revision_that_replaces_nothing_leaves_the_text_and_ends_its_entry(store: SqliteStore) -> None:
    made = item(store)
    poll(store, entry(1, summary="Новый"), at=later(hours=1))
    (waiting,) = store.waiting(later(hours=1), 10)
    decision = Decision(EntryState.REVISION, "the page fails now", replaces=False)
    store.save_read(as_read(waiting, article=article("Хуже"), decision=decision), later(hours=1), nobody)
    assert store.item(made.id) == made
    assert store.ledger()[EntryState.REVISION] == 1
    assert store.check() == []


def test_A01_a_new_text_and_its_alert_are_there_together_or_not_at_all(store: SqliteStore) -> None:
    made = item(store, revisit=REVISIT)
    alerting = Recheck(made.id, REVISIT, None, (), reread("Тревога", alert=True))

    def broken(alert: Alert, item: Item) -> Sequence[NewNotice]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.save_recheck(alerting, later(hours=1), broken)
    assert (store.item(made.id), store.alerts()) == (made, [])
    store.save_recheck(alerting, later(hours=1), desk)
    assert [(alert.item, alert.severity) for alert in store.alerts()] == [(made.id, "high")]
    assert [notice.subject for notice in store.due_notices(later(hours=1), 10)] == ["Солдат бежал"]
    now = store.item(made.id)
    assert now is not None
    assert now.judgement.level is Level.ALERT
