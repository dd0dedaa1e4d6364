"""What became of an article that was read?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date

import pytest

from monitor.errors import StoreError
from monitor.model import Alert, Article, Decision, EntryState, Item, Judgement, Level, Likeness, Page, Quality, Side, When
from monitor.ports import NewNotice, Poll
from monitor.steps.fingerprints import prints
from monitor.store.items import MOST_SHARING
from monitor.store.sqlite import SqliteStore
from tests.store.acts import DESERTED, FEED, NO_PRINTS, NOW, article, as_read, desk, entry, item, later, nobody, page, poll, visit

WHOLE = Article(
    title="Заголовок",
    lead="Врез",
    text="Текст",
    authors=("Анна", "Борис"),
    published=When(NOW),
    published_from="jsonld",
    modified=When(date(2026, 11, 24)),
    lang="ru",
    quality=Quality.FEED,
    canonical_url="https://outlet.test/canonical",
    notes=("wall: cookies",),
)
LONG = " ".join(f"слово{n}" for n in range(300))
ALERT = Decision(EntryState.STORED, "read whole", alert=True, notify=True)


# ── its end ──


def test_an_item_comes_back_with_everything_it_was_read_as(store: SqliteStore) -> None:
    assert all(getattr(WHOLE, f.name) != getattr(Article("", "", ""), f.name) for f in fields(Article))
    assert all(getattr(DESERTED, f.name) != getattr(Judgement(), f.name) for f in fields(Judgement))
    made = item(store, article=WHOLE, judgement=DESERTED)
    assert made == Item(
        id=1,
        source="outlet",
        entry_id="id-1",
        url="https://outlet.test/news/1",
        article=WHOLE,
        judgement=DESERTED,
        first_seen=NOW,
        state=EntryState.STORED,
        story=1,
        rules_version="rules-1",
        reason="read whole",
        stored=NOW,
    )
    assert store.items() == [made]
    assert store.item_by_url("https://outlet.test/news/1") == made
    assert store.item_of_entry(1) == made
    assert store.item_by_url("https://outlet.test/news/2") is None
    assert store.item_of_entry(2) is None
    assert (store.item(1), store.item(2)) == (made, None)


def test_C10_an_entry_that_ended_is_not_read_twice(store: SqliteStore) -> None:
    poll(store, entry())
    (waiting,) = store.waiting(NOW, 10)
    read = as_read(waiting, judgement=DESERTED, decision=ALERT)
    made = store.save_read(read, NOW, desk)
    assert store.save_read(read, later(hours=1), desk) == made
    assert (len(store.items()), len(store.alerts()), len(store.due_notices(later(days=1), 10))) == (1, 1, 1)


@pytest.mark.parametrize("state", [EntryState.FAILED, EntryState.FILTERED, EntryState.OVER_CAP])
def test_an_entry_that_came_to_nothing_is_in_the_ledger_alone(store: SqliteStore, state: EntryState) -> None:
    poll(store, entry())
    (waiting,) = store.waiting(NOW, 10)
    assert store.save_read(as_read(waiting, state), NOW, nobody) is None
    assert store.items() == []
    assert store.ledger()[state] == 1
    assert store.next_waiting() is None


def test_a_decision_to_wait_puts_the_entry_off(store: SqliteStore) -> None:
    poll(store, entry())
    (waiting,) = store.waiting(NOW, 10)
    decision = Decision(EntryState.WAITING, "503 from the server", retry_at=later(minutes=5))
    assert store.save_read(as_read(waiting, decision=decision), NOW, nobody) is None
    assert store.waiting(later(minutes=5), 10) == [replace(waiting, attempts=1)]


def test_an_entry_that_the_ledger_does_not_have_is_told(store: SqliteStore) -> None:
    poll(store, entry())
    (waiting,) = store.waiting(NOW, 10)
    with pytest.raises(StoreError, match="entry 99 is not in the ledger"):
        store.save_read(as_read(replace(waiting, number=99)), NOW, nobody)


def test_a_duplicate_is_an_item_of_its_originals_story(store: SqliteStore) -> None:
    original = item(store)
    decision = Decision(EntryState.DUPLICATE, "the same text", duplicate_of=original.id)
    copy = item(store, 2, source="other", decision=decision)
    assert (copy.state, copy.duplicate_of, copy.story) == (EntryState.DUPLICATE, original.id, original.story)
    assert store.ledger()[EntryState.DUPLICATE] == 1


def test_the_original_of_an_address_comes_before_its_copies(store: SqliteStore) -> None:
    original = item(store)
    copy = item(store, 1, source="other", decision=Decision(EntryState.DUPLICATE, "the same address", duplicate_of=original.id))
    assert copy.url != original.url
    store._session.run("UPDATE items SET canonical_url = 'same', duplicate_of = ? WHERE id = ?", copy.id, original.id)
    store._session.run("UPDATE items SET canonical_url = 'same', duplicate_of = NULL WHERE id = ?", copy.id)
    found = store.item_by_url("same")
    assert found is not None
    assert found.id == copy.id


def test_I01_a_revision_keeps_the_text_that_it_replaces(store: SqliteStore) -> None:
    made = item(store, article=WHOLE, judgement=DESERTED)
    poll(store, entry(1, summary="Новый"), at=later(hours=1))
    (waiting,) = store.waiting(later(hours=1), 10)
    changed = replace(WHOLE, text="Новый текст о Брянске")
    decision = Decision(EntryState.REVISION, "changed upstream")
    assert store.save_read(as_read(waiting, article=changed, decision=decision), later(hours=1), nobody) is None
    (now,) = store.items()
    assert (now.id, now.article, now.judgement, now.versions, now.first_seen) == (made.id, changed, Judgement(), 2, NOW)
    assert (now.state, store.ledger()[EntryState.REVISION]) == (EntryState.STORED, 1)
    (exported,) = store.export()
    (before,) = exported["versions"]  # type: ignore[attr-defined]
    assert (before["text"], before["published"], before["replaced"]) == ("Текст", "2026-11-25T09:00:00Z", "2026-11-25T10:00:00Z")
    assert [hit["rule"] for hit in before["judgement"]["hits"]] == ["desertion", "desertion"]
    assert [found.id for found in store.search("брянск", 5)] == [made.id]
    store._session.run("INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)")


def test_a_revision_of_what_made_no_item_makes_one(store: SqliteStore) -> None:
    poll(store, entry())
    (waiting,) = store.waiting(NOW, 10)
    made = store.save_read(as_read(waiting, EntryState.REVISION), NOW, nobody)
    assert made is not None
    assert (made.versions, made.state) == (1, EntryState.STORED)


# ── alerts ──


def test_an_alert_and_its_notices_are_there_together(store: SqliteStore) -> None:
    made = item(store, judgement=DESERTED, decision=Decision(EntryState.STORED, "read whole"))
    assert store.alerts() == []
    poll(store, entry(2))
    (waiting,) = store.waiting(NOW, 10)
    told = store.save_read(as_read(waiting, judgement=DESERTED, decision=ALERT), NOW, desk)
    assert told is not None
    (alert,) = store.alerts()
    assert alert == Alert(
        id=1,
        item=told.id,
        source="outlet",
        url=told.url,
        title=told.article.title,
        severity="high",
        rules=("desertion",),
        topics=("desertion",),
        side=Side.RU,
        created=NOW,
    )
    (notice,) = store.due_notices(NOW, 10)
    assert notice.data == {"alert": 1}
    assert store.story_told(told.story, NOW)
    assert not store.story_told(told.story, later(seconds=1))
    assert not store.story_told(made.story, NOW)


def test_I07_a_further_article_of_a_story_that_was_told_calls_nobody(store: SqliteStore) -> None:
    first = item(store, judgement=DESERTED, decision=ALERT)
    poll(store, entry(2))
    (waiting,) = store.waiting(NOW, 10)
    decision = replace(ALERT, story=first.story, notify=False)
    store.save_read(as_read(waiting, judgement=DESERTED, decision=decision), later(hours=1), desk)
    assert [alert.status for alert in store.alerts()] == ["new", "grouped"]
    assert store.due_notices(later(days=1), 10) == []
    assert not store.story_told(first.story, later(minutes=1))


def test_A01_when_the_notices_cannot_be_made_nothing_is_stored(store: SqliteStore) -> None:
    poll(store, entry())
    (waiting,) = store.waiting(NOW, 10)
    read = as_read(waiting, judgement=DESERTED, decision=ALERT)

    def broken(alert: Alert, item: Item) -> Sequence[NewNotice]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.save_read(read, NOW, broken)
    assert (store.items(), store.alerts(), store.stories()) == ([], [], [])
    assert store.waiting(NOW, 10) == [waiting]
    assert store.save_read(read, NOW, desk) is not None
    assert len(store.due_notices(NOW, 10)) == 1


def test_I01_A10_a_revision_may_alert_with_its_new_text(store: SqliteStore) -> None:
    made = item(store)
    poll(store, entry(1, summary="Новый"))
    (waiting,) = store.waiting(NOW, 10)
    seen: list[tuple[int, Level, int]] = []

    def look(alert: Alert, item: Item) -> Sequence[NewNotice]:
        seen.append((alert.item, item.judgement.level, item.versions))
        return ()

    decision = Decision(EntryState.REVISION, "now alerts", alert=True, notify=True)
    assert store.save_read(as_read(waiting, judgement=DESERTED, decision=decision), NOW, look) is None
    assert seen == [(made.id, Level.ALERT, 2)]


# ── likenesses ──


def likeness(of: Item, contained: float = 1.0, contains: float = 1.0, exact: bool = True) -> Likeness:
    return Likeness(of.id, contained, contains, exact, of.story)


def test_the_same_text_is_found_and_the_outlets_own_comes_first(store: SqliteStore) -> None:
    first, own = item(store, 1, article=article(LONG)), item(store, 2, source="other", article=article(LONG))
    assert store.likenesses(prints(LONG), "outlet", 5) == [likeness(first), likeness(own)]
    assert store.likenesses(prints(LONG), "other", 5) == [likeness(own), likeness(first)]
    assert store.likenesses(prints(LONG), "outlet", 1) == [likeness(first)]


def test_a_cut_copy_is_found_inside_its_original_and_the_other_way_round(store: SqliteStore) -> None:
    cut = " ".join(LONG.split()[:100])
    whole = item(store, 1, article=article(LONG))
    (found,) = store.likenesses(prints(cut), "outlet", 5)
    assert (found.item, found.contained, found.exact) == (whole.id, 1.0, False)
    assert 0.1 < found.contains < 0.6
    short = item(store, 2, article=article(cut))
    assert [(like.item, like.contains) for like in store.likenesses(prints(LONG), "x", 5) if not like.exact] == [(short.id, 1.0)]


def test_a_short_post_is_found_by_each_of_its_words(store: SqliteStore) -> None:
    post = "Под Курском задержан солдат, самовольно оставивший часть с оружием"
    made = item(store, article=article(post))
    assert [like.item for like in store.likenesses(prints(post + " вчера вечером"), "other", 5)] == [made.id]


def test_what_shares_nothing_is_no_likeness(store: SqliteStore) -> None:
    item(store, article=article(LONG))
    assert store.likenesses(prints("совсем другие слова стоят в этом коротком тексте"), "outlet", 5) == []
    assert store.likenesses(NO_PRINTS, "outlet", 5) == []


def test_what_could_not_be_read_has_no_copies(store: SqliteStore) -> None:
    item(store, article=article(LONG, quality=Quality.EMPTY))
    assert store.likenesses(prints(LONG), "outlet", 5) == []


def test_X02_the_feeds_text_of_an_article_behind_a_wall_has_copies(store: SqliteStore) -> None:
    made = item(store, article=article(LONG, quality=Quality.WALL))
    assert [like.item for like in store.likenesses(prints(LONG), "outlet", 5)] == [made.id]


def test_copies_are_found_through_their_original(store: SqliteStore) -> None:
    original = item(store, 1, article=article(LONG))
    for number in range(2, 5):
        item(store, number, article=article(LONG), decision=Decision(EntryState.DUPLICATE, "the same text", duplicate_of=original.id))
    assert store.likenesses(prints(LONG), "outlet", 5) == [likeness(original)]


def test_a_revised_text_is_found_and_the_one_before_no_more(store: SqliteStore) -> None:
    made = item(store, article=article(LONG))
    poll(store, entry(1, summary="Новый"))
    (waiting,) = store.waiting(NOW, 10)
    other = LONG.replace("слово", "дело")
    store.save_read(as_read(waiting, EntryState.REVISION, article=article(other)), NOW, nobody)
    assert store.likenesses(prints(LONG), "outlet", 5) == []
    assert store.likenesses(prints(other), "outlet", 5) == [likeness(made)]


def test_what_stands_in_very_many_articles_tells_nothing(store: SqliteStore) -> None:
    made = item(store, article=article(LONG))
    cut = prints(" ".join(LONG.split()[:100]))
    with store._session.writing():
        columns = ", ".join(c["name"] for c in store._session.rows("SELECT name FROM pragma_table_info('items') WHERE name != 'id'"))
        for _ in range(MOST_SHARING):
            store._session.run(f"INSERT INTO items ({columns}) SELECT {columns} FROM items WHERE id = 1")
        store._session.run("UPDATE items SET exact_print = id WHERE id != ?", made.id)
        assert store._session.run("INSERT OR IGNORE INTO sketches SELECT hash, items.id FROM sketches, items") > MOST_SHARING
    assert store.likenesses(cut, "outlet", 5) == []
    with store._session.writing():  # the planted rows have no entries
        store._session.run("DELETE FROM sketches WHERE item != ?", made.id)
        store._session.run("DELETE FROM items WHERE id != ?", made.id)
    assert [like.item for like in store.likenesses(cut, "outlet", 5)] == [made.id]


# ── evidence ──


def test_a_page_is_kept_with_the_evidence_of_its_fetch(store: SqliteStore) -> None:
    fetched = replace(page("Привет".encode()), final_url=FEED, headers=(("x-odd", "caf\xe9"), ("x-odd", "\x01")), certain_end=False)
    made = item(store, page=fetched)
    digest, kept_for = store._session.rows("SELECT sha256, item FROM fetches")[0]
    assert kept_for == made.id
    assert store.page(digest) == fetched


def test_the_newest_fetch_of_a_body_is_told_and_the_body_kept_once(store: SqliteStore) -> None:
    digests = {store.put_page(page(fetched=at), NOW) for at in (NOW, later(hours=2), later(hours=1))}
    (digest,) = digests
    found = store.page(digest)
    assert found is not None
    assert found.fetched == later(hours=2)
    assert store._session.value("SELECT count(*) FROM pages") == 1
    assert store._session.value("SELECT count(*) FROM fetches") == 3


def test_a_page_that_backfill_brought_becomes_the_evidence_of_its_item(store: SqliteStore) -> None:
    brought = page()
    digest = store.put_page(brought, NOW)
    store.enqueue("outlet", [entry()], alerting=False, now=NOW, raw=[digest])
    (waiting,) = store.waiting(NOW, 10)
    found: Page | None = store.page(waiting.raw or "")
    assert found == brought
    made = store.save_read(as_read(waiting, page=found), later(hours=1), nobody)
    assert made is not None
    assert [tuple(row) for row in store._session.rows("SELECT item, sha256 FROM fetches")] == [(made.id, digest)]


def test_a_body_that_was_left_out_leaves_the_evidence_of_its_fetch(store: SqliteStore) -> None:
    made = item(store, page=page(b""))
    assert store._session.value("SELECT count(*) FROM fetches WHERE item = ?", made.id) == 1
    assert store._session.value("SELECT count(*) FROM pages") == 0
    assert store.page("no such hash") is None


def test_bodies_go_when_their_time_is_over_and_their_hashes_stay(store: SqliteStore) -> None:
    item(store, 1, page=page(b"old"))
    item(store, 2, at=later(days=2), page=page(b"archived long ago", fetched=later(days=-4000)))
    queued = store.put_page(page(b"waits"), NOW)
    store.enqueue("outlet", [entry(3)], alerting=False, now=NOW, raw=[queued])
    assert store.prune_pages(later(days=1), later(days=3)) == 1
    assert {row[0] for row in store._session.rows("SELECT size FROM pages")} == {len(b"archived long ago"), len(b"waits")}
    assert store._session.value("SELECT count(*) FROM fetches") == 3
    assert [tuple(row) for row in store._session.rows("SELECT at, why FROM removals")] == [("2026-11-28T09:00:00Z", "its time was over")]


def test_what_became_nobodys_evidence_goes_without_a_trace(store: SqliteStore) -> None:
    feed = page(b"<rss>of two entries</rss>", url=FEED)
    store.save_poll(Poll(visit(), NOW, 0.5, 1000, (entry(1), entry(2)), (feed, feed)))
    matched, plain = store.waiting(NOW, 10)
    store.save_read(as_read(plain, keeps=False), NOW, nobody)
    assert store.prune_pages(NOW, later(days=2)) == 0  # one entry still waits
    with store._session.writing():
        store._session.run("UPDATE entries SET state = 'failed', reason = '' WHERE number = ?", matched.number)
        store._session.run("INSERT INTO states (entry, at, state, reason) VALUES (?, '', 'failed', '')", matched.number)
    assert store.prune_pages(NOW, later(hours=12)) == 0
    assert store.prune_pages(NOW, later(days=2)) == 1
    assert [store._session.value(f"SELECT count(*) FROM {table}") for table in ("pages", "fetches", "removals")] == [0, 0, 0]


def test_an_entry_that_is_all_there_is_stands_on_its_endpoints_answer(store: SqliteStore) -> None:
    newest, older = page(b"<html>newest page</html>", url=FEED), page(b"<html>older page</html>", url=FEED + "?before=2")
    store.save_poll(Poll(visit(), NOW, 0.5, 1000, (entry(1), entry(2)), (newest, older)))
    made = [store.save_read(as_read(waiting), NOW, nobody) for waiting in store.waiting(NOW, 10)]
    bodies = store._session.rows("SELECT items.id, sha256, fetches.item, purpose FROM items JOIN fetches ON fetch = fetches.id ORDER BY 1")
    assert [(row[0], store.page(row[1]), row[2], row[3]) for row in bodies] == [
        (one.id, answer, None, "endpoint") for one, answer in zip(made, (newest, older), strict=True) if one
    ]
    assert store.prune_pages(later(days=-1), later(days=9)) == 0
