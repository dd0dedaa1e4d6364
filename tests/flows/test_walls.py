"""Is one text under many addresses of a host seen for the wall that it is, and are its articles read once it is gone?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor import wiring
from monitor.flows.recheck import recheck
from monitor.flows.rematch import rematch
from monitor.model import EntryState, Item, Quality
from tests.press import Press

from .conftest import Service

#: Says nothing that a wall says, and enough for a desk to be called: only its repetition gives it away.
BODY = (
    "The newsroom of this paper follows the war day after day, and hundreds of Russian soldiers who deserted from their units near the "
    "front have spoken to its reporters. The full account of today, with maps and voices, stands in the evening edition. "
    "Readers in town find it at the kiosk by the station; those who live further away receive it with the morning post."
)


def wall(title: str) -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title><meta name='description' content='{title}, told in full.'></head>"
        f"<body><article><h1>{title}</h1><p>{BODY}</p></article></body></html>"
    )


@pytest.fixture
def walled(press: Press, tmp_path: Path) -> tuple[Service, list[str], dict[str, str]]:
    """A service, the paths of six articles, and the pages of five of them before a wall took their place."""
    made = press.add_feed("/extra/feed.xml", entries=9)
    quiet = [path for path in made.pages if path not in made.alerting]  # an entry that alerts by itself does not wait for its page
    before = {}
    for number, path in enumerate(quiet[:5]):
        document = press.document(path)
        assert document
        before[path] = document.text
        press.put(path, wall(f"What {number} cooks said"))
    return Service(press, tmp_path), quiet, before


def items(service: Service) -> dict[str, Item]:
    with service.store() as store:
        return {(item.url or "").removeprefix(service.press.url): item for item in store.items()}


def test_X02_one_text_under_many_addresses_is_a_wall_also_where_it_was_taken_for_articles(
    walled: tuple[Service, list[str], dict[str, str]],
) -> None:
    service, paths, _ = walled
    service.poll("extra-1")
    stored = items(service)
    assert [path for path, item in stored.items() if "kiosk" in item.article.body] == []
    mistaken = [stored[path] for path in paths[:5] if path in stored]
    assert len(mistaken) == 2  # the third page gave it away
    for item in mistaken:
        assert (item.article.quality, item.versions, item.duplicate_of, item.state) == (Quality.WALL, 2, None, EntryState.STORED)
        assert item.reason == "a wall, not the article: the same text stands under 3 addresses of 127.0.0.1"
        assert item.article.text
        assert [hit for hit in item.judgement.hits if hit.field == "text" and hit.end > len(item.article.text)] == []
    assert len({item.story for item in mistaken}) == 2
    assert stored[paths[5]].article.quality is Quality.FULL
    with service.store() as store:
        assert store.ledger()[EntryState.WAITING] == 5
        assert store.check() == []
        assert store.verify().damage == ()


def test_X02_articles_behind_a_wall_are_read_once_it_is_gone(walled: tuple[Service, list[str], dict[str, str]], press: Press) -> None:
    service, paths, before = walled
    service.poll("extra-1")
    for path, text in before.items():
        press.put(path, text)
    service.clock.pass_(hours=1)
    service.poll("extra-1")
    stored = items(service)
    assert {stored[path].article.quality for path in paths} == {Quality.FULL}
    assert [path for path, item in stored.items() if "kiosk" in item.article.body] == []


def test_X02_a_wall_that_stays_leaves_its_articles_on_the_feeds_text(walled: tuple[Service, list[str], dict[str, str]]) -> None:
    service, paths, _ = walled
    for _ in range(7):
        service.poll("extra-1")
        service.clock.pass_(hours=13)
    stored = items(service)
    assert {stored[path].article.quality for path in paths[:5]} == {Quality.WALL}
    assert [path for path, item in stored.items() if "kiosk" in item.article.body or not item.article.text] == []
    assert {item.versions for item in stored.values()} <= {1, 2}
    with service.store() as store:
        assert store.ledger()[EntryState.WAITING] == 0


def test_X02_an_article_whose_feed_text_alerts_calls_once_though_a_wall_stands_before_it(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=6)
    login = "<!DOCTYPE html><html><head><title>One step</title></head><body><p>Please log in to continue reading.</p></body></html>"
    before = {}
    for path in made.pages:
        document = press.document(path)
        assert document
        before[path] = document.text
        press.put(path, login)
    service = Service(press, tmp_path)
    service.poll("extra-1")
    stored, alerting = items(service), set(made.alerting)
    assert alerting and set(stored) == alerting
    assert {item.article.quality for item in stored.values()} == {Quality.WALL}
    with service.store() as store:
        assert len(store.alerts()) == len(alerting)
    shutil.copytree(wiring.shipped() / "rules", service.config / "rules")
    (service.config / "rules/later.toml").write_text("# other rules that say the same\n", encoding="utf-8")
    done = service.run(rematch)
    assert (done.judged, done.found, done.lost) == (len(alerting), 0, 0)
    for path, text in before.items():
        press.put(path, text)
    service.clock.pass_(hours=2)
    service.run(recheck)
    assert {items(service)[path].article.quality for path in alerting} == {Quality.FULL}
    with service.store() as store:
        assert len(store.alerts()) == len(alerting)
