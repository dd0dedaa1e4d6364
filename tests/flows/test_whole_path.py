"""Does every article find its way, from an outlet's server to an alert? The service against the press."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor import wiring
from monitor.flows import stories
from monitor.flows.recheck import recheck
from monitor.model import EntryState, Item, Level, Quality
from monitor.steps import extract
from monitor.store import entries
from tests.press import Press, outlets

from .conftest import Service

GALLERY, BLOG = "/courrier/l-armee-de-poutine-se-fissure/", "/globe/poutine-se-prepare-a-une-mutinerie/"


def items(service: Service) -> dict[str, Item]:
    with service.store() as store:
        return {(item.url or "").removeprefix(service.press.url): item for item in store.items()}


def words(item: Item) -> list[str]:
    fields = {"title": item.article.title, "lead": item.article.lead, "text": item.article.text}
    return [fields[hit.field][hit.start : hit.end] for hit in item.judgement.hits]


def test_both_seeds_alert_and_no_ordinary_or_confusable_article_does(service: Service) -> None:
    service.poll()
    stored = items(service)
    with service.store() as store:
        alerts = store.alerts()
    assert {stored[GALLERY].judgement.level, stored[BLOG].judgement.level} == {Level.ALERT}
    assert {alert.item for alert in alerts} >= {stored[GALLERY].id, stored[BLOG].id} or stored[BLOG].duplicate_of
    stories = {stored[GALLERY].story, stored[BLOG].story}
    assert len(stories) == 2
    assert [item.article.title for item in stored.values() if item.judgement.level is Level.ALERT and item.story not in stories] == []
    assert [
        item.article.title for path, item in stored.items() if path.startswith("/gazette") and item.judgement.level is not Level.NONE
    ] == []


def test_the_seeds_match_where_deserters_and_mutineers_stand(service: Service) -> None:
    service.poll()
    stored = items(service)
    found = [word.casefold() for path in (GALLERY, BLOG) for word in words(stored[path])]
    assert any("désert" in word for word in found)
    assert any("mutin" in word for word in found)
    assert [word for word in found if re.search(r"munition|désert\b", word)] == []
    assert {stored[path].article.lang for path in (GALLERY, BLOG)} == {"fr"}


def test_the_seeds_pages_are_read_without_what_stands_around_them(service: Service) -> None:
    service.poll()
    gallery, blog = (items(service)[path].article for path in (GALLERY, BLOG))
    assert gallery.quality is blog.quality is Quality.FULL
    seed = outlets.first_seed()
    assert [caption for caption, _ in seed.slides if gallery.text.splitlines().count(caption) != 1] == []
    assert [paragraph for _, paragraph in seed.slides if paragraph not in f"{gallery.lead}\n{gallery.text}"] == []
    assert [
        line for line in ("Et aussi", "LIRE LA SUITE", "cookies", "Related Articles", "Home »") if line in gallery.text + blog.text
    ] == []


def test_a_second_poll_brings_nothing_and_fetches_no_article_again(service: Service, press: Press) -> None:
    service.poll()
    before = len(press.requests)
    pages = {seen.path for seen in press.requests if seen.path.endswith("/")}
    service.clock.pass_(hours=2)
    again = service.poll(everything=True)
    assert again.new == 0
    assert again.done == []
    assert {seen.path for seen in press.requests[before:]} & pages == set()
    assert set(again.outcomes.values()) <= {"not_modified", "ok_nothing_new"}


def test_a_feeds_validators_never_go_to_an_article(service: Service, press: Press) -> None:
    service.poll()
    service.clock.pass_(hours=2)
    service.poll(everything=True)
    conditional = {seen.path for seen in press.requests if "if-none-match" in seen.headers or "if-modified-since" in seen.headers}
    assert conditional
    assert conditional <= {"/courrier/rss.xml", "/globe/sitemap.xml", "/gazette/atom.xml", "/globe/news-sitemap.xml"}


def test_a_feed_of_sixty_entries_gives_sixty_items(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=60)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    stored = items(service)
    assert len(stored) == 60
    assert {path for path, item in stored.items() if item.judgement.level is Level.ALERT} == set(made.alerting)
    with service.store() as store:
        assert store.ledger()[EntryState.STORED] == 60
        assert len(store.alerts()) == 20


def test_X04_an_article_that_answers_404_costs_only_itself_and_stands_on_its_feed_text(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=10)
    press.fail(made.pages[4], 404)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    assert len([path for path in items(service) if path != made.pages[4]]) == 9
    for _ in range(6):
        service.clock.pass_(days=1)
        service.poll("extra-1")
    stored = items(service)
    assert len(stored) == 10
    assert stored[made.pages[4]].article.quality is Quality.FEED
    assert stored[made.pages[4]].article.text
    with service.store() as store:
        assert store.ledger()[EntryState.WAITING] == 0


def test_N08_an_entry_that_was_cut_before_its_link_is_taken_when_it_comes_whole(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=2)
    service = Service(press, tmp_path)
    listed = "".join(
        f"<item><guid>story-{n}</guid><title>Story {n}</title><link>{press.url}{page}</link></item>" for n, page in enumerate(made.pages)
    )
    whole = f"<rss version='2.0'><channel><title>News</title>{listed}</channel></rss>"
    press.put("/extra/feed.xml", whole[: whole.rindex("<link>") + 10])
    assert service.poll("extra-1").outcomes == {"extra-1": "parse_partial"}
    press.put("/extra/feed.xml", whole)
    service.clock.pass_(days=1)
    service.poll("extra-1")
    assert set(items(service)) == set(made.pages)


def test_X04_an_article_that_was_down_is_read_later(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=3)
    press.fail(made.pages[1], 503)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    press.mend(made.pages[1])
    service.clock.pass_(hours=12)
    service.poll("extra-1")
    assert items(service)[made.pages[1]].article.quality is Quality.FULL


def test_a_source_on_a_private_address_is_refused_without_a_connection(service: Service, press: Press) -> None:
    path = service.config / "monitor.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(press.address, "127.0.0.1:1"), encoding="utf-8")
    polled = service.poll()
    assert set(polled.outcomes.values()) == {"refused"}
    assert press.requests == []


def test_a_changed_entry_becomes_a_version_of_its_item(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=3)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    page = press.document(made.pages[1])
    feed = press.document("/extra/feed.xml")
    assert page and feed
    title = items(service)[made.pages[1]].article.title
    press.put("/extra/feed.xml", feed.text.replace(title, f"Correction: {title}"), feed.kind, service.clock.now())
    press.put(made.pages[1], page.text.replace(title, f"Correction: {title}"), page.kind)
    service.clock.pass_(hours=3)
    service.poll("extra-1", everything=True)
    stored = items(service)
    assert len(stored) == 3
    assert stored[made.pages[1]].versions == 2
    assert stored[made.pages[1]].article.title.startswith("Correction")


@pytest.mark.parametrize("fault", ["cut", "fail"])
def test_a_source_that_fails_takes_nothing_from_the_others(service: Service, press: Press, fault: str) -> None:
    getattr(press, fault)("/gazette/atom.xml", *([500] if fault == "fail" else []))
    polled = service.poll()
    assert polled.outcomes["gazette"] in {"http_error", "net_error"}
    assert polled.outcomes["courrier-du-front"] == "ok_new"
    press.mend("/gazette/atom.xml")
    service.clock.pass_(hours=24)
    assert service.poll().outcomes["gazette"] == "ok_new"


def test_every_entry_is_in_the_ledger(service: Service) -> None:
    polled = service.poll()
    with service.store() as store:
        states = store.ledger()
    assert sum(states.values()) == polled.new > 0
    assert states[EntryState.WAITING] == states[EntryState.FAILED] == 0


EVENT = (
    "A court in Kazan jails private Ivan Petrov for six years for desertion",
    "A military court in Kazan sentenced private Ivan Petrov to six years in a penal colony for desertion, prosecutors said on Tuesday. "
    "The Russian soldier did not come back from leave in March and lived with relatives near Zelenodolsk until military police found him. "
    "Petrov pleaded guilty and asked to be sent back to the front in Ukraine.",
)
AGAIN = (
    "Six years for Kazan soldier Petrov, who hid with relatives",
    "Ivan Petrov, a private from Kazan, got six years for desertion. In March he stayed with his relatives in Zelenodolsk instead of going "
    "back to his unit in Ukraine after leave, the prosecutors told the military court. Police found the Russian soldier in a cellar; he "
    "pleaded guilty and asked for the front.",
)


def test_one_event_in_the_words_of_two_outlets_is_one_story_and_both_call(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=2)
    for path, (title, text) in zip(made.pages, (EVENT, AGAIN), strict=True):
        press.put(path, f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>")
    service = Service(press, tmp_path)
    service.poll("extra-1")
    one, other = items(service).values()
    assert one.story == other.story and one.duplicate_of is other.duplicate_of is None
    assert "tells of the same" in other.reason
    with service.store() as store:
        assert [alert.status for alert in store.alerts()] == ["new", "new"]


def test_outlets_that_cite_the_same_one_are_one_origin(service: Service) -> None:
    service.poll()
    sources = wiring.load_sources(service.config)
    with service.store() as store:
        shared = [story for story in stories.told(store, sources) if story.outlets > 1]
        blog = next(item for item in store.items() if item.source == "globe-actualites" and item.judgement.level is Level.ALERT)
    assert [(story.items, story.outlets, story.origins) for story in shared] == [(2, 2, 1)]
    assert {one.source for one in stories.cited(blog, sources)} == {"astra"}


def test_Z08_a_page_that_would_take_minutes_costs_the_others_nothing(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=11)
    bomb = made.pages[0]
    page = press.document(bomb)
    assert page
    press.put(bomb, page.text.replace("</body>", "<p>x" * 60_000 + "</body>"))
    service = Service(press, tmp_path)
    service.poll("extra-1")
    stored = items(service)
    assert set(stored) == set(made.pages)
    assert {stored[path].article.quality for path in made.pages[1:]} == {Quality.FULL}
    assert stored[bomb].judgement.level is Level.ALERT


def test_Z09_a_pattern_that_never_ends_costs_its_own_endpoint_alone(press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one place where curators write regular expressions is the catalogue; they are used in a worker that is killed."""
    monkeypatch.setattr("monitor.flows.collect.PARSE_DEADLINE", 2.0)
    links = "".join(f"<a href='/news/{'a' * 200}-{n}!'>An article with a long title {n}</a>" for n in range(3))
    press.put("/listing/", f"<!DOCTYPE html><html><body>{links}</body></html>")
    service = Service(press, tmp_path)
    sources = service.config / "sources" / "press.toml"
    listing = f'kind = "listing"\nurl = "{press.url}/listing/"\noptions = {{ pattern = "(a+)+$" }}'
    outlet = 'id = "evil"\nname = "Evil"\ngroup = "evil"\nkind = "independent"\nlanguages = ["en"]'
    sources.write_text(sources.read_text(encoding="utf-8") + f"\n[[source]]\n{outlet}\n[[source.endpoint]]\n{listing}\n", encoding="utf-8")
    polled = service.poll()
    assert polled.outcomes["evil"] == "parse_failed"
    assert {outcome for source, outcome in polled.outcomes.items() if source != "evil"} == {"ok_new"}


def test_P11_an_entry_that_says_nothing_is_counted_and_not_stored(press: Press, tmp_path: Path) -> None:
    press.add_feed("/extra/feed.xml", entries=1)
    feed = press.document("/extra/feed.xml")
    assert feed
    press.put("/extra/feed.xml", feed.text.replace("<item>", "<item/><item><title> </title></item><item>", 1), feed.kind)
    service = Service(press, tmp_path)
    [poll] = service.poll("extra-1").collected.polls
    assert (poll.outcome, poll.entries, poll.new) == ("ok_new", 1, 1)
    with service.store() as store:
        assert sum(store.ledger().values()) == 1


def test_X04_an_article_whose_feed_text_alerts_calls_at_once_though_its_page_is_down(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=6)
    for path in made.pages:
        press.fail(path, 503)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    alerting = set(made.alerting)
    assert alerting and set(items(service)) == alerting
    assert {item.article.quality for item in items(service).values()} == {Quality.FEED}
    with service.store() as store:
        assert len(store.alerts()) == len(alerting)
        assert store.ledger()[EntryState.WAITING] == 6 - len(alerting)
    for path in made.pages:
        press.mend(path)
    service.clock.pass_(hours=2)
    service.run(recheck)
    assert {items(service)[path].article.quality for path in alerting} == {Quality.FULL}
    with service.store() as store:
        assert len(store.alerts()) == len(alerting)


def test_Z06_a_backlog_of_long_texts_is_read_piece_by_piece_and_to_its_end(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MOST_TAKEN", 1)
    made = press.add_feed("/extra/feed.xml", entries=9)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    assert set(items(service)) == set(made.pages)


def stumble(*_: object) -> None:
    raise ValueError("stumbled")


def test_a_page_at_which_the_reader_stumbles_ends_on_what_its_feed_says(
    press: Press, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.add_feed("/extra/feed.xml", entries=2)
    press.write_config(service.config, only=["extra-1"])
    monkeypatch.setattr(extract, "read_and_print", stumble)  # in the worker too: it is told where to find what it runs
    assert all("the page could not be read: ValueError('stumbled')" in done.reason for done in service.poll().done)
    for _ in range(5):
        service.clock.pass_(hours=13)
        service.poll()
    with service.store() as store:
        assert store.ledger()[EntryState.WAITING] == 0 and len(store.items()) == 2
