"""Is a matched article looked at again, and is what became of it told? The service against the press, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.flows.digest import of_day
from monitor.flows.recheck import Looked, recheck
from monitor.model import Edit, Item, Level, Quality
from monitor.steps import revisits
from monitor.steps.digest import FORMATS, render
from monitor.wiring import load_sources
from tests.press import Press

from .conftest import Service

FEED = "/extra/feed.xml"
HOURS = [time / timedelta(hours=1) for time in revisits.TIMES]


class Watch:
    """One alerting article of a generated feed, with validators, read at the clock's time."""

    def __init__(self, press: Press, folder: Path) -> None:
        made = press.add_feed(FEED, entries=2)
        self.press, self.path, self.other = press, made.alerting[0], next(path for path in made.pages if path not in made.alerting)
        self.service = Service(press, folder)
        self.put(self.text)
        self.service.poll("extra-1")
        self.began: datetime = self.service.clock.now()
        press.requests.clear()

    @property
    def text(self) -> str:
        document = self.press.document(self.path)
        assert document
        return document.text

    @property
    def paragraphs(self) -> list[str]:
        return [line for line in self.item.article.text.split("\n") if line]

    def put(self, text: str, *, validators: bool = True) -> None:
        self.press.put(self.path, text, modified=self.service.clock.now() if validators else None)

    def edit(self, old: str, new: str) -> None:
        assert old in self.text
        self.put(self.text.replace(old, new))

    def look(self, **after: float) -> list[Looked]:
        """At so long after the article was read."""
        self.service.clock.at = self.began + timedelta(**after)
        return self.service.run(recheck)

    @property
    def item(self) -> Item:
        with self.service.store() as store:
            return next(item for item in store.items() if item.url == self.press.url + self.path)

    @property
    def edits(self) -> list[Edit]:
        with self.service.store() as store:
            return list(store.edits())

    @property
    def words(self) -> list[str]:
        return [change.words for edit in self.edits for change in edit.changes]


@pytest.fixture
def watch(press: Press, tmp_path: Path) -> Iterator[Watch]:
    return Watch(press, tmp_path)


def test_a_matched_article_is_looked_at_six_times_in_thirty_days_and_an_unchanged_one_costs_a_304_each(watch: Watch) -> None:
    for hours in HOURS:
        assert watch.look(hours=hours - 0.01) == []
        assert [look.changes for look in watch.look(hours=hours)] == [()]
        assert watch.look(hours=hours + 0.01) == []
    assert watch.look(days=400) == []
    asked = watch.press.asked(watch.path)
    assert len(asked) == len(HOURS)
    assert all(seen.headers["if-none-match"] and seen.headers["if-modified-since"] for seen in asked)
    assert (watch.item.versions, watch.edits) == (1, [])
    assert watch.press.asked(watch.other) == []
    assert len(watch.press.asked("/robots.txt")) <= len(HOURS)


def test_an_edit_becomes_a_version_and_is_told_in_words(watch: Watch) -> None:
    title = watch.item.article.title
    watch.edit(title, "A court hears of several men")
    (look,) = watch.look(hours=1)
    assert look.version
    assert watch.item.versions == 2
    assert f"headline changed: “{title}” → “A court hears of several men”" in watch.words
    (edit,) = watch.edits
    assert (edit.version, edit.told, edit.at) == (2, True, watch.service.clock.now())
    with watch.service.store() as store:
        first, second = store.versions(watch.item.id)
    assert (first.article.title, second.article.title) == (title, "A court hears of several men")
    assert [look.version for look in watch.look(hours=6)] == [False]
    assert "if-none-match" in watch.press.asked(watch.path)[-1].headers


def test_a_paragraph_that_was_taken_out_is_told(watch: Watch) -> None:
    last = watch.paragraphs[-1]
    watch.edit(last, "")
    watch.look(hours=1)
    assert watch.words == [f"paragraph gone: “{last[:99]}…”"]


def test_noise_keeps_a_version_and_tells_nothing(watch: Watch) -> None:
    last = watch.paragraphs[-1]
    watch.edit(last, f"{last} 1,204 views.")
    watch.look(hours=1)
    assert (watch.item.versions, watch.edits) == (2, [])


def test_a_page_without_validators_that_stays_the_same_makes_no_version(watch: Watch) -> None:
    watch.put(watch.text, validators=False)
    for hours in HOURS[:3]:
        watch.look(hours=hours)
    assert [("if-none-match" in seen.headers) for seen in watch.press.asked(watch.path)] == [True, False, False]
    assert watch.item.versions == 1


@pytest.mark.parametrize("status", [404, 410])
def test_I10_an_article_that_is_gone_twice_is_gone_upstream_and_our_copy_stays(watch: Watch, status: int) -> None:
    before = watch.item
    watch.press.fail(watch.path, status)
    (look,) = watch.look(hours=1)
    assert str(status) in look.why
    assert (watch.item.gone, watch.edits) == (None, [])
    assert watch.look(hours=6.9) == []
    watch.look(hours=7)
    since = watch.began + timedelta(hours=1)
    assert watch.item.gone == since
    assert watch.item.article == before.article
    assert [words.split(";")[0] for words in watch.words] == [f"gone upstream: not there any more since {since:%Y-%m-%dT%H:%M:%SZ}"]
    watch.look(days=1)
    assert len(watch.edits) == 1
    watch.press.mend(watch.path)
    watch.look(days=3)
    assert watch.item.gone is None
    assert watch.words[1].startswith("back upstream")


def test_one_404_between_good_answers_is_no_deletion(watch: Watch) -> None:
    watch.press.fail(watch.path, 404, times=1)
    for hours in (1, 7, 24):
        watch.look(hours=hours)
    assert (watch.item.gone, watch.edits, len(watch.press.asked(watch.path))) == (None, [], 3)


def test_I10_an_address_that_leads_to_the_front_page_is_a_page_that_is_gone(watch: Watch) -> None:
    front = "<html><body><h1>Front page</h1>" + "<p>Bakers and gardeners met at the fair to praise their marrows and loaves.</p>" * 9
    watch.press.put("/extra/", front)
    watch.press.fail(watch.path, 302, headers={"Location": "/extra/"})
    watch.look(hours=1)
    watch.look(hours=7)
    assert watch.item.versions == 1
    assert watch.item.gone == watch.began + timedelta(hours=1)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_page_that_fails_is_tried_once_more_and_never_replaces_what_was_read(watch: Watch, status: int) -> None:
    before = watch.item
    watch.press.fail(watch.path, status)
    assert [bool(look.why) for look in watch.look(hours=1)] == [True]
    assert watch.look(hours=6) == []
    assert len(watch.look(hours=7)) == 1
    assert watch.look(hours=23) == []
    assert len(watch.look(days=1)) == 1
    assert watch.item == before
    watch.press.mend(watch.path)
    watch.edit(before.article.title, "Another headline stands here now")
    watch.look(days=3)
    assert watch.item.versions == 2


def test_X02_a_wall_never_replaces_what_was_read_and_its_validators_are_not_kept(watch: Watch) -> None:
    before, page = watch.item, watch.text
    watch.put("<html><head><title>Just a moment...</title></head><body><p>Enable JavaScript and cookies to continue</p></body></html>")
    (look,) = watch.look(hours=1)
    assert "wall" in look.why
    assert watch.item == before
    watch.put(page.replace(before.article.title, "Another headline stands here now"))
    watch.look(hours=7)
    assert watch.item.versions == 2


def test_an_edit_that_the_feed_told_is_a_look(watch: Watch) -> None:
    feed = watch.press.document(FEED)
    assert feed
    title = watch.item.article.title
    watch.edit(title, "A court hears of several men")
    watch.press.put(FEED, feed.text.replace(title, "A court hears of several men"), feed.kind, watch.service.clock.now())
    watch.service.clock.at = watch.began + timedelta(minutes=50)
    watch.service.poll("extra-1", everything=True)
    assert watch.item.versions == 2
    assert any("headline changed" in words for words in watch.words)
    assert watch.look(hours=1) == []
    assert [look.version for look in watch.look(hours=6)] == [False]
    assert "if-none-match" in watch.press.asked(watch.path)[-1].headers


def test_X02_a_changed_entry_whose_page_fails_leaves_what_was_read_whole(watch: Watch) -> None:
    before, feed = watch.item, watch.press.document(FEED)
    assert feed
    watch.press.fail(watch.path, 403)
    watch.press.put(FEED, feed.text.replace(before.article.title, "Another headline"), feed.kind, watch.service.clock.now())
    watch.service.clock.pass_(minutes=30)
    watch.service.poll("extra-1", everything=True)
    for _ in range(6):
        watch.service.clock.pass_(days=1)
        watch.service.poll("extra-1")
    assert watch.item == before


def test_due_looks_survive_a_restart_and_those_that_were_missed_are_made_up_by_one(watch: Watch) -> None:
    assert len(watch.look(days=2)) == 1  # each look is a service of its own
    assert watch.look(days=3) == []
    assert len(watch.look(days=7)) == 1


def test_robots_that_close_an_article_are_obeyed_and_our_copy_stays(watch: Watch) -> None:
    watch.press.put("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    (look,) = watch.look(hours=1)
    assert "robots.txt" in look.why
    assert watch.press.asked(watch.path) == []
    assert watch.item.versions == 1


@pytest.mark.parametrize("way", ["look", "feed"])
def test_an_edit_that_takes_the_act_away_is_told_and_proved_and_the_article_stays_watched(watch: Watch, way: str) -> None:
    page = watch.text
    for word in ("deserters", "deserted", "desertion", "mutiny", "refused", "soldiers", "Russian"):
        page = page.replace(word, "gardeners")
    watch.put(page)
    if way == "feed":
        feed = watch.press.document(FEED)
        assert feed
        title = watch.item.article.title
        watch.press.put(FEED, feed.text.replace(title, "Another headline"), feed.kind, watch.service.clock.now())
        watch.service.clock.at = watch.began + timedelta(hours=1)
        watch.service.poll("extra-1", everything=True)
    else:
        watch.look(hours=1)
    assert watch.item.judgement.level is Level.NONE
    assert any(words.startswith(("act word", "headline changed")) for words in watch.words)
    with watch.service.store() as store:
        assert [(one.versions, one.size is not None) for one in store.evidence(watch.item.id)] == [((1,), True), ((2,), True)]
    assert len(watch.look(hours=6)) == 1


def test_an_article_that_stood_on_its_feed_text_is_read_whole_later_and_no_edit_is_told(press: Press, tmp_path: Path) -> None:
    made = press.add_feed(FEED, entries=1)
    press.fail(made.pages[0], 451)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    with service.store() as store:
        (item,) = store.items()
    assert (item.article.quality, item.judgement.level) == (Quality.FEED, Level.ALERT)
    press.mend(made.pages[0])
    service.clock.pass_(hours=1)
    service.run(recheck)
    with service.store() as store:
        (item,) = store.items()
        assert store.edits() == []
    assert (item.article.quality, item.versions, item.reason) == (Quality.FULL, 2, "read whole now")


def test_an_unexpected_error_puts_its_article_off_and_costs_the_others_nothing(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.add_feed(FEED, entries=6)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    with service.store() as store:
        first = min(alert.item for alert in store.alerts())
    real = revisits.gone_since

    def broken(revisit: object, answer: object, item: Item, now: datetime) -> datetime | None:
        if item.id == first:
            raise RuntimeError("planted")
        return real(revisit, answer, item, now)  # type: ignore[arg-type]

    monkeypatch.setattr(revisits, "gone_since", broken)
    service.clock.pass_(hours=1)
    looks = service.run(recheck)
    assert sorted(bool(look.why) for look in looks) == [False, True]
    assert service.run(recheck) == []
    monkeypatch.undo()
    service.clock.pass_(hours=6)
    assert first in {look.item for look in service.run(recheck)}


def test_A10_the_digest_of_the_day_tells_what_changed_and_does_so_in_the_same_bytes(watch: Watch) -> None:
    title = watch.item.article.title
    watch.edit(title, "A court hears of several men")
    watch.look(days=1)
    watch.press.fail(watch.path, 404)
    watch.look(days=3)
    watch.look(days=3, hours=6)
    sources = load_sources(watch.service.config)

    def digest(days: int, fmt: str) -> str:
        day = (watch.began + timedelta(days=days)).astimezone(ZoneInfo("Europe/Paris")).date()
        with watch.service.store() as store:
            return render(of_day(store, "Europe/Paris", sources, day), fmt)

    text = digest(1, "text")
    assert text.index("Looked at") < text.index("Changed since they were told") < text.index(f"headline changed: “{title}”")
    assert "gone upstream: not there any more since" in digest(3, "text") + digest(4, "text")
    assert "Changed since" not in digest(0, "text")
    for fmt in FORMATS:
        assert digest(1, fmt) == digest(1, fmt)
