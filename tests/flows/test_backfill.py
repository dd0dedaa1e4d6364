"""Does the past come in by the same queue, once, and quietly?"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.flows.backfill import FRUITLESS, Queued, queue_source, queue_urls
from monitor.flows.read import read
from monitor.model import EntryState
from monitor.ports import World
from tests.press import Press, outlets, pages
from tests.press.pages import Post

from .conftest import Service


def urls(service: Service, addresses: list[str], *, alert: bool = False, listed_only: bool = False) -> list[Queued]:
    told: list[Queued] = []

    async def work(world: World) -> None:
        queue_urls(world, addresses, alerting=alert, listed_only=listed_only, tell=told.append)
        await read(world)

    service.run(work)
    return told


def test_B01_addresses_are_read_once_and_alert_nobody(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=6)
    service = Service(press, tmp_path)
    addresses = [press.url + path for path in made.pages]
    assert sum(step.new for step in urls(service, addresses)) == 6
    again = urls(service, [*addresses[1:], addresses[0] + "#part"])
    assert (sum(step.new for step in again), sum(step.known for step in again)) == (0, 6)
    with service.store() as store:
        assert len(store.items()) == 6
        assert store.alerts() == []


def test_told_to_alert_the_past_alerts(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=3)
    service = Service(press, tmp_path)
    urls(service, [press.url + made.alerting[0]], alert=True)
    with service.store() as store:
        assert len(store.alerts()) == 1


def test_an_address_that_is_none_is_counted_not_dropped(service: Service) -> None:
    told = urls(service, ["not an address", "ftp://example.org/x"])
    assert [(step.left_out, bool(step.problem)) for step in told] == [(1, True), (1, True)]


def test_unlisted_outlets_are_kept_under_their_host_or_left_out(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=2)
    service = Service(press, tmp_path)
    press.write_config(service.config, only=[])
    left = urls(service, [press.url + made.pages[0]], listed_only=True)
    assert [step.left_out for step in left] == [1]
    urls(service, [press.url + made.pages[0]])
    with service.store() as store:
        assert [item.source for item in store.items()] == ["127.0.0.1"]


def test_a_channel_is_walked_back_to_its_first_page(service: Service, press: Press) -> None:
    told: list[Queued] = []

    async def work(world: World) -> bool:
        source = world.sources["depeches-du-front"]
        complete = await queue_source(world, source, since=None, until=None, alerting=False, tell=told.append)
        await read(world)
        return complete

    assert service.run(work)
    pages = [seen.path for seen in press.asked("/s/depeches_du_front")] or [seen.path for seen in press.requests]
    assert len(pages) >= 2
    assert any("before=" in path for path in pages)
    with service.store() as store:
        states = store.ledger()
    assert sum(states.values()) == sum(step.new for step in told) > 0
    assert states[EntryState.WAITING] == 0


def channel(*numbers: int, before: int | None, now: datetime) -> str:
    posts = [Post(n, f"Пост номер {n}", now) for n in numbers]
    return pages.channel(outlets.CHANNEL, outlets.CHANNEL_TITLE, outlets.CHANNEL_NUMBER, posts, before)


@pytest.mark.parametrize("loop", ["itself", "in a circle", "the same under new addresses for ever", "ids that grow for ever"])
def test_B02_an_archive_without_end_is_left(service: Service, press: Press, loop: str) -> None:
    path, now = f"/s/{outlets.CHANNEL}", service.clock.now()
    befores = {"itself": [500], "in a circle": [500, 400, 500]}.get(loop, range(500, 100, -1))
    press.put(path, channel(501, 502, before=500, now=now))
    for place, before in enumerate(befores):
        following = 500 if loop == "itself" else before - 1 if loop.startswith(("the", "ids")) else befores[(place + 1) % 3]
        numbers = (501, 502) if loop != "ids that grow for ever" else (1001, 1002)
        press.put(f"{path}?before={before}", channel(*numbers, before=following, now=now))

    async def work(world: World) -> bool:
        return await queue_source(world, world.sources["depeches-du-front"], since=None, until=None, alerting=False, tell=lambda _: None)

    service.run(work)
    assert len(press.requests) <= 2 + FRUITLESS
    with service.store() as store:
        assert sum(store.ledger().values()) == (4 if loop == "ids that grow for ever" else 2)


def walk(service: Service, ident: str, *, until: datetime | None = None) -> tuple[bool, int]:
    """Whether a walk through a source's archives came to its end, and how many entries it brought."""
    told: list[Queued] = []

    async def work(world: World) -> bool:
        return await queue_source(world, world.sources[ident], since=None, until=until, alerting=False, tell=told.append)

    return service.run(work), sum(step.new for step in told)


def archive(press: Press, now: datetime, many: int) -> None:
    """A channel's `many` newest pages of two posts each; a page is two days."""
    path = f"/s/{outlets.CHANNEL}"
    for page in range(many):
        first = 500 - 2 * page
        text = channel(first, first + 1, before=first if page < many - 1 else None, now=now - timedelta(days=2 * page))
        press.put(f"{path}?before={first + 2}" if page else path, text)


def test_an_archive_is_walked_past_what_is_known_already(service: Service, press: Press) -> None:
    archive(press, service.clock.now(), 4)
    assert walk(service, "depeches-du-front") == (True, 8)
    archive(press, service.clock.now(), 8)
    assert walk(service, "depeches-du-front") == (True, 8)
    assert walk(service, "depeches-du-front") == (True, 0)


def test_an_archive_is_walked_through_what_is_younger_than_what_is_asked_for(service: Service, press: Press) -> None:
    archive(press, service.clock.now(), 8)
    assert walk(service, "depeches-du-front", until=service.clock.now() - timedelta(days=9)) == (True, 6)


def test_a_part_of_an_archive_that_was_down_is_asked_for_when_the_walk_is_repeated(service: Service, press: Press) -> None:
    now = service.clock.now()
    children = [f"/globe/part-{number}.xml" for number in (1, 2, 3)]
    press.put("/globe/sitemap.xml", pages.sitemap_index([press.url + child for child in children], now), outlets.XML)
    for child in children:
        row = f"<url><loc>{press.url}{child}/article</loc></url>"
        press.put(child, f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{row}</urlset>', outlets.XML)
    press.fail(children[1], 503)
    assert walk(service, "globe-actualites") == (False, 2)
    press.mend(children[1])
    assert walk(service, "globe-actualites") == (True, 1)
    assert [len(press.asked(child)) for child in children] == [1, 2, 1]


def test_B03_the_past_keeps_its_dates_and_is_first_seen_today(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=3)
    page = press.document(made.pages[0])
    assert page
    year = press.now.year
    press.put(made.pages[0], page.text.replace(str(year), str(year - 8)))
    service = Service(press, tmp_path)
    urls(service, [press.url + path for path in made.pages])
    with service.store() as store:
        stored = {(item.url or "").removeprefix(press.url): item for item in store.items()}
    published = stored[made.pages[0]].article.published
    assert published is not None and published.day.year == year - 8
    assert {item.first_seen for item in stored.values()} == {service.clock.now()}


def test_B05_a_list_of_addresses_may_begin_with_a_mark_and_hold_formulas(press: Press, tmp_path: Path) -> None:
    made = press.add_feed("/extra/feed.xml", entries=1)
    told = urls(Service(press, tmp_path), [f"\ufeff{press.url}{made.pages[0]}", "=HYPERLINK(1)", "+cmd|x", '"quoted","cells"'])
    assert sum(step.new for step in told) == 1
    assert sum(step.left_out for step in told) == 3
