"""Which entries have we seen? The ledger, and when two entries are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import Decision, EndpointKind, Entry, EntryState, When
from monitor.ports import Poll, Saved
from monitor.steps.entries import content_hash, identity, parse
from monitor.store import rows
from monitor.store.entries import EDIT_WAIT, EDITS_AT_ONCE, MOST_TAKEN
from monitor.store.sqlite import SqliteStore
from tests.store.acts import NOW, article, as_read, entry, later, nobody, poll, read_all, visit

OTHER = "https://outlet.test/other-feed"


def waiting(store: SqliteStore) -> list[Entry]:
    return [w.entry for w in store.waiting(later(days=1), 1000)]


# ── round trips ──


def test_an_entry_comes_back_as_it_was(store: SqliteStore) -> None:
    whole = Entry(
        id="t/1",
        url="https://outlet.test/1",
        title="Название",
        published=When(NOW),
        updated=When(date(2026, 11, 24)),
        authors=("Анна", "Борис"),
        summary="Коротко",
        content="Длинно",
        lang="ru",
        forwarded_from="Канал",
        edited=False,
        flags=("date_unparsed",),
        whole=True,
    )
    poll(store, whole, Entry(id="bare"))
    assert waiting(store) == [whole, Entry(id="bare")]


NASTY = ["\x00", "\x10", "\x85", "\x9f", "\ud83d", "\udfff", "\ufffe", "\u2028", "\uffff"]


@pytest.mark.parametrize("char", NASTY, ids=lambda char: f"{ord(char):04x}")
def test_P06_one_bad_character_costs_nothing_but_itself(store: SqliteStore, char: str) -> None:
    bad = entry(1, id=f"a{char}b", title=f"x{char}y", summary=f"s{char}s", authors=(f"n{char}",), flags=(f"f{char}",))
    assert poll(store, entry(2), bad, entry(3)) == Saved(3, 0, 0)
    assert poll(store, entry(2), bad, entry(3)) == Saved(0, 3, 0)
    (kept,) = (found for found in waiting(store) if found.url == bad.url)
    assert kept.title is not None
    assert (len(kept.title), kept.title[0], kept.title[2]) == (3, "x", "y")
    assert len(read_all(store, article=article(f"Текст{char}после", title=char))) == 3
    assert all(len(item.article.text) == len("Текст.после") for item in store.items())


# ── when two entries are one ──


def test_an_entry_seen_again_is_known(store: SqliteStore) -> None:
    assert poll(store, entry(1), entry(2)) == Saved(2, 0, 0)
    assert poll(store, entry(2), entry(3), entry(1)) == Saved(1, 2, 0)


def test_the_same_entry_twice_in_one_look_is_one(store: SqliteStore) -> None:
    assert poll(store, entry(1), entry(1), entry(1, id="another-id")) == Saved(1, 1, 0)
    assert len(waiting(store)) == 1


def test_one_id_in_two_sources_is_two_entries(store: SqliteStore) -> None:
    assert poll(store, entry(1)) == Saved(1, 0, 0)
    assert poll(store, entry(1), source="other") == Saved(1, 0, 0)


def test_I01_a_changed_text_waits_again_as_a_revision(store: SqliteStore) -> None:
    poll(store, entry(1))
    (made,) = read_all(store)
    assert poll(store, entry(1, summary="Новый текст"), at=later(hours=1)) == Saved(0, 0, 1)
    (again,) = store.waiting(later(hours=1), 10)
    assert again.entry.summary == "Новый текст"
    assert store.item_of_entry(again.number) == made
    assert store.ledger()[EntryState.WAITING] == 1
    store.save_read(as_read(again, EntryState.REVISION), later(hours=1), nobody)
    assert store.ledger()[EntryState.REVISION] == 1
    assert sum(store.ledger().values()) == 1


def test_I01_a_text_that_changes_while_it_is_read_is_read_again(store: SqliteStore) -> None:
    poll(store, entry(1))
    (before,) = store.waiting(NOW, 10)
    poll(store, entry(1, summary="Новый текст"))
    made = store.save_read(as_read(before), NOW, nobody)
    (again,) = store.waiting(NOW, 10)
    assert again.entry.summary == "Новый текст"
    assert store.item_of_entry(again.number) == made


def test_I01_a_page_that_changes_at_every_look_is_read_less_often(store: SqliteStore) -> None:
    for version in range(EDITS_AT_ONCE + 1):
        poll(store, entry(1, summary=f"Версия {version}"))
        assert store.next_waiting() == NOW
        read_all(store)
    poll(store, entry(1, summary="Одна версия слишком много"))
    assert store.next_waiting() == NOW + EDIT_WAIT


def test_I02_an_id_that_comes_back_with_another_link_and_title_is_another_entry(store: SqliteStore) -> None:
    first = entry(1, title="Суд приговорил солдата к пяти годам")
    second = entry(1, url="https://outlet.test/news/99", title="Погода на завтра в столице")
    assert poll(store, first) == Saved(1, 0, 0)
    assert poll(store, second) == Saved(1, 0, 0)
    assert poll(store, first, second) == Saved(0, 2, 0)
    edited = replace(second, summary="Дождь")
    assert poll(store, edited) == Saved(0, 0, 1)
    assert poll(store, edited, first) == Saved(0, 2, 0)
    assert waiting(store) == [first, edited]


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("Суд приговорил солдата к шести годам", "https://outlet.test/moved/1"),  # another link, a title like it
        ("Погода на завтра в столице", "https://outlet.test/news/1"),  # the same link
        ("Погода на завтра в столице", None),  # no link
        (None, "https://outlet.test/moved/1"),  # no title
    ],
)
def test_I02_an_id_names_the_same_entry_as_long_as_link_or_title_agree(store: SqliteStore, title: str | None, url: str | None) -> None:
    poll(store, entry(1, title="Суд приговорил солдата к пяти годам"))
    assert poll(store, entry(1, title=title, url=url)).new == 0


@pytest.mark.parametrize(
    "renamed",
    [
        lambda e, n: replace(e, id=f"https://outlet.test/?p={n}"),
        lambda e, n: replace(e, id=None),
        lambda e, n: replace(e, id=f"new-{n}", url=f"http://www.outlet.test/news/{n}/?utm_source=rss"),
    ],
)
def test_I03_when_all_ids_change_nothing_is_new(store: SqliteStore, renamed: Callable[[Entry, int], Entry]) -> None:
    before = [entry(n) for n in range(100)]
    after = [renamed(e, n) for n, e in enumerate(before)]
    poll(store, *before)
    assert poll(store, *after) == Saved(0, 100, 0)
    assert poll(store, *after, *before).new == 0
    assert len(waiting(store)) == 100


RSS = """<rss version="2.0"><channel><title>N</title>{}</channel></rss>"""
RSS_ITEM = """<item><guid isPermaLink="false">post-{0}</guid><title>Рота номер {0}</title><link>http://www.outlet.test/news/{0}/?utm_source=rss</link>
<description>Текст {0}</description></item>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>{}</feed>"""
ATOM_ENTRY = """<entry><id>tag:outlet.test,2026:{0}</id><title>Рота номер {0}</title><link href="https://outlet.test/news/{0}"/>
<summary>Текст {0}</summary></entry>"""


def test_P18_a_feed_that_changes_its_format_and_ids_brings_nothing_twice(store: SqliteStore) -> None:
    def read(frame: str, item: str) -> tuple[Entry, ...]:
        body = frame.format("".join(item.format(n) for n in range(20))).encode()
        return parse(EndpointKind.FEED, body, url="https://outlet.test/feed", now=NOW).entries

    assert poll(store, *read(RSS, RSS_ITEM)) == Saved(20, 0, 0)
    assert poll(store, *read(ATOM, ATOM_ENTRY)) == Saved(0, 20, 0)
    assert poll(store, *read(RSS, RSS_ITEM)) == Saved(0, 20, 0)


def test_D05_D07_a_date_that_passes_or_moves_is_no_edit(store: SqliteStore) -> None:
    ahead = entry(1, published=When(later(hours=30)), updated=When(later(hours=30)))
    poll(store, ahead)
    read_all(store)
    assert poll(store, ahead, at=later(days=2)) == Saved(0, 1, 0)
    assert poll(store, replace(ahead, published=When(later(days=2)), updated=When(later(days=3))), at=later(days=3)) == Saved(0, 1, 0)
    assert store.waiting(later(days=3), 10) == []


def test_I06_two_texts_under_one_id_in_one_look_are_both_kept(store: SqliteStore) -> None:
    one, other = entry(1, summary="Первый текст"), entry(1, summary="Второй текст")
    assert poll(store, one, other) == Saved(2, 0, 0)
    assert poll(store, other, one) == Saved(0, 2, 0)
    assert waiting(store) == [one, other]


def test_I06_an_edit_of_one_of_two_under_one_id_leaves_the_other_alone(store: SqliteStore) -> None:
    one, other = entry(1, summary="Первый текст"), entry(1, summary="Второй текст")
    poll(store, one, other)
    edited = replace(one, summary="Первый текст, исправленный")
    assert poll(store, edited, other) == Saved(0, 1, 1)
    assert waiting(store) == [edited, other]


def test_posts_of_one_address_with_ids_of_their_own_are_kept_apart(store: SqliteStore) -> None:
    posts = [entry(n, url=f"https://outlet.test/live#{n}", title=f"{word} сообщает") for n, word in enumerate(("Киев", "Курск", "Минск"))]
    assert poll(store, *posts) == Saved(3, 0, 0)
    assert poll(store, *reversed(posts)) == Saved(0, 3, 0)


def test_two_endpoints_that_tell_different_parts_of_one_article_do_not_change_it(store: SqliteStore) -> None:
    feed, sitemap = entry(1), Entry(url="https://outlet.test/news/1", title=None)
    poll(store, feed)
    for _ in range(3):
        assert poll(store, sitemap, url=OTHER) == Saved(0, 1, 0)
        assert poll(store, feed) == Saved(0, 1, 0)
    assert poll(store, replace(feed, summary="Новый текст")) == Saved(0, 0, 1)
    assert waiting(store) == [replace(feed, summary="Новый текст")]


def test_I12_addresses_that_differ_in_case_alone_are_two(store: SqliteStore) -> None:
    one, other = Entry(url="https://outlet.test/aB", title="Одно"), Entry(url="https://outlet.test/Ab", title="Одно")
    assert poll(store, one, other) == Saved(2, 0, 0)


def test_I11_nothing_is_forgotten(store: SqliteStore) -> None:
    poll(store, *(entry(n) for n in range(5000)))
    assert poll(store, entry(0), entry(4999)) == Saved(0, 2, 0)


def test_known_counts_what_the_ledger_has_and_writes_nothing(store: SqliteStore) -> None:
    poll(store, entry(1), entry(2))
    assert store.known("outlet", [entry(1), entry(2, id="renamed"), entry(3), entry(3)]) == 2
    assert store.known("other", [entry(1)]) == 0
    assert sum(store.ledger().values()) == 2


# ── the queue ──


def test_what_another_way_brings_after_the_count_is_not_taken_twice(store: SqliteStore) -> None:
    found = (entry(1), entry(2), entry(3))
    assert store.known("outlet", found) == 0
    store.enqueue("outlet", found[:2], alerting=False, now=NOW)
    assert store.save_poll(Poll(visit(), NOW, 0.1, 0, found)) == Saved(1, 2, 0)


def test_what_was_undone_after_the_count_is_taken_the_next_time(store: SqliteStore) -> None:
    found = (entry(1), entry(2))
    store.known("outlet", found)
    with suppress(ZeroDivisionError), store.together():
        store.save_poll(Poll(visit(), NOW, 0.1, 0, found))
        raise ZeroDivisionError
    assert store.known("outlet", found) == 0
    assert store.save_poll(Poll(visit(), NOW, 0.1, 0, found)) == Saved(2, 0, 0)
    assert waiting(store) == list(found)


def test_what_waits_comes_oldest_first_and_live_before_backfilled(store: SqliteStore) -> None:
    store.enqueue("outlet", [entry(1)], alerting=False, now=later(hours=-9))
    poll(store, entry(2), entry(3), at=later(minutes=5))
    poll(store, entry(4))
    order = store.waiting(later(hours=1), 10)
    assert [(w.entry.id, w.alerting) for w in order] == [("id-4", True), ("id-2", True), ("id-3", True), ("id-1", False)]
    assert [w.entry.id for w in store.waiting(later(hours=1), 2)] == ["id-4", "id-2"]


def test_Z06_of_long_entries_fewer_are_handed_out_at_a_time(store: SqliteStore) -> None:
    poll(store, *(replace(entry(number), content="a book " * (MOST_TAKEN // 20)) for number in range(9)))
    assert [w.entry.id for w in store.waiting(NOW, 10)] == ["id-0", "id-1", "id-2"]
    assert len(read_all(store, NOW)) == 3
    assert [w.entry.id for w in store.waiting(NOW, 10)] == ["id-3", "id-4", "id-5"]


def test_what_is_put_off_waits_until_then_and_its_attempts_are_counted(store: SqliteStore) -> None:
    assert store.next_waiting() is None
    poll(store, entry(1))
    (first,) = store.waiting(NOW, 10)
    store.put_off(first, later(minutes=10), "503 from the server")
    assert store.waiting(later(minutes=9), 10) == []
    assert store.next_waiting() == later(minutes=10)
    assert store.waiting(later(minutes=10), 10) == [replace(first, attempts=1)]


def test_what_ended_is_not_put_off(store: SqliteStore) -> None:
    poll(store, entry(1))
    (first,) = store.waiting(NOW, 10)
    read_all(store)
    store.put_off(first, later(minutes=10), "too late")
    assert store.next_waiting() is None


def test_backfill_leaves_what_is_known_as_it_is(store: SqliteStore) -> None:
    poll(store, entry(1))
    found = [entry(1, summary="Из архива"), entry(2)]
    assert store.enqueue("outlet", found, alerting=False, now=later(hours=1), raw=["ab", "cd"]) == Saved(1, 1, 0)
    assert store.enqueue("outlet", found, alerting=False, now=later(hours=2), raw=["ab", "cd"]) == Saved(0, 2, 0)
    assert [(w.entry, w.raw, w.alerting) for w in store.waiting(later(days=1), 10)] == [(entry(1), None, True), (entry(2), "cd", False)]


# ── it sums ──

ENTRIES = st.builds(
    Entry,
    id=st.sampled_from([None, "a", "b", "\ud800"]),
    url=st.sampled_from([None, "https://outlet.test/1", "https://www.outlet.test/1?utm_source=x", "https://outlet.test/2"]),
    title=st.sampled_from([None, "Солдат бежал из части", "Солдат ушёл из части", "Погода на завтра"]),
    summary=st.sampled_from([None, "один", "два"]),
)
LOOKS = st.lists(st.tuples(st.sampled_from(["feed", "sitemap"]), st.lists(ENTRIES, max_size=6)), min_size=1, max_size=6)
ENDS = st.sampled_from(list(EntryState))


EXAMPLES = count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=LOOKS, ends=st.lists(ENDS, min_size=1, max_size=20), chance=st.randoms(use_true_random=False))
def test_whatever_comes_and_however_it_ends_the_ledger_sums(
    store: SqliteStore, looks: Sequence[tuple[str, list[Entry]]], ends: list[EntryState], chance: Random
) -> None:
    source, seen = f"source-{next(EXAMPLES)}", sum(store.ledger().values())
    for minute, (endpoint, found) in enumerate(looks):
        at, url, texts = later(minutes=minute), f"https://outlet.test/{endpoint}", len({_key(e) for e in found})
        saved = poll(store, *found, source=source, url=url, at=at)
        assert saved.new + saved.known + saved.changed == texts
        seen += saved.new
        assert sum(store.ledger().values()) == seen
        again = chance.sample(found, len(found))
        assert poll(store, *again, source=source, url=url, at=at) == Saved(0, texts, 0)
        for w in [w for w in store.waiting(at, 1000) if w.source == source][:3]:
            decision = Decision(chance.choice(ends), "so it ended", retry_at=at)
            store.save_read(as_read(w, decision=decision), at, nobody)
    assert sum(store.ledger().values()) == seen


def _key(found: Entry) -> tuple[str, str]:
    clean = rows.cleaned(found)
    return identity(clean), content_hash(clean)
