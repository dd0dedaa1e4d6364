"""What is stored, what did a day's looks cover, and what does a search find?"""

from __future__ import annotations

import json
import string
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import Coverage, Decision, EntryState, Outcome, Quality
from monitor.store.listing import AT_ONCE
from monitor.store.sqlite import SqliteStore
from tests.store.acts import DESERTED, NOW, article, as_read, desk, entry, item, later, nobody, page, poll, read_all

DAY = timedelta(days=1)
ENABLED = ("verified", "mixed", "silent", "failing", "refused", "unseen")


# ── lists ──


def test_items_come_by_when_they_were_first_seen_the_end_left_out(store: SqliteStore) -> None:
    for hour, source in ((2, "a"), (0, "b"), (1, "a"), (3, "a")):
        item(store, hour, at=later(hours=hour), source=source)
    told = [(i.first_seen, i.source) for i in store.items()]
    assert told == [(NOW, "b"), (later(hours=1), "a"), (later(hours=2), "a"), (later(hours=3), "a")]
    assert [i.first_seen for i in store.items(since=later(hours=1), until=later(hours=3))] == [later(hours=1), later(hours=2)]
    assert [i.source for i in store.items(source="b")] == ["b"]
    assert store.items(source="nobody") == []


def test_alerts_come_by_when_they_were_made(store: SqliteStore) -> None:
    decision = Decision(EntryState.STORED, "read whole", alert=True, notify=True)
    for hour, source in ((0, "a"), (1, "b")):
        item(store, hour, at=later(hours=hour), source=source, judgement=DESERTED, decision=decision)
    assert [(a.created, a.source) for a in store.alerts()] == [(NOW, "a"), (later(hours=1), "b")]
    assert [a.source for a in store.alerts(until=later(hours=1))] == ["a"]
    assert [a.source for a in store.alerts(since=later(hours=1), source="b")] == ["b"]


def test_a_story_is_told_as_it_stood_at_the_end_of_the_window(store: SqliteStore) -> None:
    first = item(store, 1, source="a", article=article(title="Солдат бежал под Курском"))
    copy = Decision(EntryState.DUPLICATE, "the same text", duplicate_of=first.id)
    item(store, 2, source="b", at=later(hours=1), decision=copy)
    item(store, 3, source="c", at=later(hours=2), decision=Decision(EntryState.STORED, "read whole", story=first.story))
    other = item(store, 4, source="c", at=later(hours=3))
    (now, last) = store.stories()
    assert (now.id, now.label, now.items, now.outlets, now.origins) == (first.story, "Солдат бежал под Курском", 3, 3, 2)
    assert (now.first_seen, now.last_seen, last.id) == (NOW, later(hours=2), other.story)
    (then,) = store.stories(until=later(hours=2))
    assert (then.items, then.outlets, then.origins, then.last_seen) == (2, 2, 1, later(hours=1))
    assert [story.items for story in store.stories(since=later(hours=2), until=later(hours=3))] == [3]
    assert [story.id for story in store.stories(source="b")] == [first.story]


# ── coverage ──


def looks_of_a_day(store: SqliteStore) -> None:
    for source, outcome, more in (
        ("verified", Outcome.OK_NOTHING_NEW, {}),
        ("mixed", Outcome.HTTP_ERROR, {}),
        ("mixed", Outcome.NOT_MODIFIED, {}),
        ("silent", Outcome.NOT_MODIFIED, {"silent_since": later(hours=-9)}),
        ("failing", Outcome.TIMEOUT, {}),
        ("failing", Outcome.REFUSED, {}),
        ("refused", Outcome.REFUSED, {}),
        ("disabled", Outcome.MOVED, {}),
    ):
        poll(store, source=source, outcome=outcome, at=later(hours=1), **more)
    poll(store, source="unseen", at=later(days=1))  # on the next day
    poll(store, source="unseen", at=later(seconds=-1))  # on the day before


def test_every_source_is_covered_in_one_way(store: SqliteStore) -> None:
    looks_of_a_day(store)
    told = store.coverage(NOW, later(days=1), ENABLED)
    assert told == Coverage(
        sources=6,
        verified=3,
        silent=("silent",),
        failing=("failing",),
        refused=("refused",),
        unseen=("unseen",),
        polls=7,
        entries_seen=0,
        by_state=dict.fromkeys(EntryState, 0),
    )
    assert told.verified + len(told.failing) + len(told.refused) + len(told.unseen) == told.sources


def test_what_happens_afterwards_does_not_change_what_a_day_covered(store: SqliteStore) -> None:
    looks_of_a_day(store)
    poll(store, entry(1), entry(2), entry(3), entry(4), at=NOW)
    first, second, third, _ = store.waiting(NOW, 10)
    store.save_read(as_read(first), later(hours=2), nobody)
    store.save_read(as_read(second, EntryState.FILTERED), later(hours=2), nobody)
    store.save_read(as_read(third), later(days=1), nobody)  # after the day's end
    told = store.coverage(NOW, later(days=1), ENABLED)
    assert told.by_state == dict.fromkeys(EntryState, 0) | {EntryState.STORED: 1, EntryState.FILTERED: 1, EntryState.WAITING: 2}
    assert told.entries_seen == 4

    afterwards = later(days=2)
    poll(store, entry(1, summary="Новый текст"), entry(9), at=afterwards)
    read_all(store, at=afterwards)
    for source in ENABLED:
        poll(store, source=source, outcome=Outcome.TIMEOUT, at=afterwards, silent_since=NOW)
    assert store.coverage(NOW, later(days=1), ENABLED) == told
    assert store.coverage(afterwards, afterwards + DAY, ENABLED).failing == ENABLED


def test_an_entry_that_changed_and_waits_is_told_as_waiting(store: SqliteStore) -> None:
    item(store)
    poll(store, entry(1, summary="Новый"), at=later(hours=1))
    assert store.coverage(NOW, later(hours=1), []).by_state[EntryState.STORED] == 1
    assert store.coverage(NOW, later(hours=2), []).by_state[EntryState.WAITING] == 1


def test_the_history_of_looks_is_forgotten_when_it_is_old(store: SqliteStore) -> None:
    looks_of_a_day(store)
    store.prune(later(hours=1))
    assert store._session.value("SELECT min(at) FROM polls") == "2026-11-25T10:00:00Z"
    assert store.coverage(NOW, later(days=1), ENABLED).verified == 3
    store.prune(later(days=9))
    assert store.coverage(NOW, later(days=1), ENABLED).unseen == ENABLED


# ── search ──


def found(store: SqliteStore, query: str) -> set[int]:
    return {hit.id for hit in store.search(query, 10)}


def test_a_word_is_found_in_each_field_by_its_beginning_and_without_its_dots(store: SqliteStore) -> None:
    titled = item(store, 1, article=article("x", title="Дезертиры ушли"))
    led = item(store, 2, article=article("x", title="", lead="Ещё один ушёл"))
    body = item(store, 3, article=article("A déserté hier", title=""))
    assert found(store, "дезертир") == found(store, "ДЕЗЕРТИРЫ") == {titled.id}
    assert found(store, "ушел") == found(store, "ушёл") == {led.id}
    assert found(store, "уш") == {titled.id, led.id}
    assert found(store, "deserte") == found(store, "déserté hier") == {body.id}
    assert found(store, "дезертир hier") == set()
    assert len(store.search("уш", 1)) == 1


HOSTILE = [
    '"',
    '""',
    '"a',
    "NEAR(",
    "a AND",
    "AND",
    "OR",
    "NOT",
    "col:x",
    "title:",
    "*",
    "a*",
    "^a",
    "(",
    ")",
    "{a b}",
    "-",
    "+a",
    "a\x00b",
    "\ud800",
]


@pytest.mark.parametrize("query", ["", " ", *HOSTILE], ids=repr)
def test_Q11_whatever_is_typed_is_words(store: SqliteStore, query: str) -> None:
    made = item(store, article=article(f"before {query} after"))
    assert found(store, f"before {query} after") == {made.id}
    assert found(store, query) <= {made.id}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text() | st.text(alphabet=string.punctuation + "aANDORT x"))
def test_Q11_no_query_is_an_error(store: SqliteStore, query: str) -> None:
    store.search(query, 5)


# ── handing on ──


def test_everything_about_an_item_is_exported_and_fits_json(store: SqliteStore) -> None:
    poll(store, entry(1))
    (waiting,) = store.waiting(NOW, 10)
    decision = Decision(EntryState.STORED, "read whole", alert=True, notify=True)
    store.save_read(as_read(waiting, judgement=DESERTED, decision=decision, page=page()), NOW, desk)
    (record,) = store.export()
    told = json.loads(json.dumps(record))
    assert told["verdict"] == "alert"
    assert told["first_seen"] == "2026-11-25T09:00:00Z"
    assert [alert["rules"] for alert in told["alerts"]] == [["desertion"]]
    assert [hit["term"] for hit in told["hits"]] == ["дезертир", "бежал"]
    assert told["versions"] == []
    assert {"id", "source", "entry_id", "url", "title", "lead", "text", "lang", "quality", "published", "state"} <= told.keys()
    assert {"duplicate_of", "story", "score", "topics", "side"} <= told.keys()


def test_the_lengths_of_a_sources_texts_are_told_the_newest_last(store: SqliteStore) -> None:
    for number, (text, quality) in enumerate((("four", Quality.FULL), ("feed text", Quality.FEED), ("eleven char", Quality.FULL)), 1):
        item(store, number, at=later(hours=number), article=article(text, quality=quality))
    item(store, 9, at=NOW, source="other", article=article("other"))
    assert store.text_lengths(later(hours=1), 75) == {"outlet": [4, 0, 11]}
    assert store.text_lengths(later(days=-1), 2) == {"outlet": [0, 11], "other": [5]}


def test_a_long_export_is_whole_though_it_is_read_in_parts(store: SqliteStore) -> None:
    number = AT_ONCE + 2
    poll(store, *(entry(n) for n in range(number)))
    made = store.export()
    assert list(made) == []
    read_all(store)
    assert [record["id"] for record in store.export()] == list(range(1, number + 1))


def test_notes_are_remembered(store: SqliteStore) -> None:
    assert store.note("last digest") is None
    store.save_note("last digest", "2026-11-24")
    store.save_note("last digest", "2026-11-25")
    assert store.note("last digest") == "2026-11-25"


def test_times_are_utc_whatever_zone_they_were_given_in(store: SqliteStore) -> None:
    paris = datetime.fromisoformat("2026-11-25T10:00:00+01:00")
    made = item(store, at=paris)
    assert made.first_seen == NOW
    assert made.first_seen.tzinfo == NOW.tzinfo
    assert store.items(since=paris, until=paris + DAY) == [made]
    assert store.items(since=paris + timedelta(seconds=1)) == []
    assert replace(made, first_seen=paris) == made
