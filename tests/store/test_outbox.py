"""Who is still to be told?"""

from __future__ import annotations

from datetime import timedelta

from monitor.model import Delivered, Delivery, Notice
from monitor.ports import NewNotice
from monitor.store.sqlite import SqliteStore
from tests.store.acts import NOW, later

FIRST = NewNotice("alert:1:mail:desk", "mail", "desk@outlet.test", "Тема", "Текст", "<p>Текст</p>", {"alert": 1, "rules": ["a"]})
SECOND = NewNotice("alert:2:mail:desk", "mail", "desk@outlet.test", "Тема", "Текст", None, {})


def test_a_notice_comes_back_as_it_was_queued(store: SqliteStore) -> None:
    assert store.queue([FIRST, SECOND], NOW) == 2
    one, other = store.due_notices(NOW, 10)
    assert one == Notice(
        number=1,
        channel="mail",
        recipient="desk@outlet.test",
        message_id=one.message_id,
        subject="Тема",
        text="Текст",
        html="<p>Текст</p>",
        data={"alert": 1, "rules": ["a"]},
        created=NOW,
    )
    assert other.html is None
    assert one.message_id != other.message_id


def test_A01_the_same_key_is_queued_once_for_ever(store: SqliteStore) -> None:
    assert store.queue([FIRST, FIRST], NOW) == 1
    (notice,) = store.due_notices(NOW, 10)
    store.delivered(notice, Delivered(Delivery.SENT), NOW, None)
    assert store.queue([FIRST, SECOND], later(days=9)) == 1
    assert [n.number for n in store.due_notices(later(days=9), 10)] == [2]


def test_A01_a_message_keeps_its_id_in_every_database(store: SqliteStore) -> None:
    store.queue([FIRST], NOW)
    (notice,) = store.due_notices(NOW, 10)
    assert notice.message_id == "586b4d3702ba56dbd1e4bb6b360b458c@monitor.invalid"


def test_what_was_refused_for_now_comes_again_with_its_attempts(store: SqliteStore) -> None:
    store.queue([FIRST, SECOND], NOW)
    first, _ = store.due_notices(NOW, 10)
    store.delivered(first, Delivered(Delivery.LATER, "421", timedelta(minutes=5)), NOW, later(minutes=5))
    assert [n.number for n in store.due_notices(later(minutes=4), 10)] == [2]
    assert [(n.number, n.attempts, n.message_id) for n in store.due_notices(later(minutes=5), 10)] == [
        (2, 0, store.due_notices(NOW, 10)[0].message_id),
        (1, 1, first.message_id),
    ]
    assert len(store.due_notices(later(minutes=5), 1)) == 1


def test_what_was_refused_for_good_is_kept_and_counted(store: SqliteStore) -> None:
    assert store.unsent(NOW) == (None, 0)
    store.queue([FIRST], NOW)
    store.queue([SECOND], later(hours=1))
    assert store.unsent(later(hours=2)) == (NOW, 0)
    first, _ = store.due_notices(later(hours=2), 10)
    store.delivered(first, Delivered(Delivery.NEVER, "550 no such user"), later(hours=2), None)
    assert store.unsent(later(hours=2)) == (later(hours=1), 1)
    assert [n.number for n in store.due_notices(later(days=9), 10)] == [2]


def test_what_was_sent_stays_sent(store: SqliteStore) -> None:
    store.queue([FIRST], NOW)
    (notice,) = store.due_notices(NOW, 10)
    store.delivered(notice, Delivered(Delivery.SENT), NOW, None)
    store.delivered(notice, Delivered(Delivery.LATER, "an echo"), NOW, later(minutes=5))
    assert store.due_notices(later(days=1), 10) == []
    assert store.unsent(later(days=1)) == (None, 0)


def test_A06_notices_that_wait_for_one_another_count_no_attempt(store: SqliteStore) -> None:
    store.queue([FIRST, SECOND], NOW)
    store.hold(store.due_alerts("mail", NOW), later(minutes=10))
    assert store.due_notices(later(minutes=9), 10) == []
    assert [(n.number, n.attempts) for n in store.due_notices(later(minutes=10), 10)] == [(1, 0), (2, 0)]


def test_A06_a_bundle_takes_the_place_of_its_notices_and_they_are_kept(store: SqliteStore) -> None:
    store.queue([FIRST, SECOND], NOW)
    bundle = NewNotice("alerts:1-2:mail:desk", "mail", "desk@outlet.test", "Two", "Text", None, {})
    store.bundle(store.due_alerts("mail", NOW), bundle, NOW)
    (only,) = store.due_notices(NOW, 10)
    assert only.subject == "Two"
    assert store.due_alerts("mail", NOW) == []
    assert store.queue([FIRST, SECOND], NOW) == 0
    store.delivered(only, Delivered(Delivery.SENT), NOW, None)
    assert store.alerts_sent("mail", "desk@outlet.test", NOW) == [NOW]
    assert store.alerts_sent("mail", "desk@outlet.test", later(seconds=1)) == store.alerts_sent("mail", "other@outlet.test", NOW) == []
