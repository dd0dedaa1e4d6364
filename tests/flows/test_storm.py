"""What happens on a day on which everything happens? Hundreds of alerts at once, to a real mail server, and none is dropped."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.flows.deliver import deliver
from monitor.flows.read import read
from monitor.model import EndpointKind, Entry, EntryState, Outcome, Role, Visit, When
from monitor.notify.mail import MailChannel
from monitor.ports import Poll, World
from monitor.steps import notices
from tests.notify.servers import Mailbox, mail_server
from tests.press import Press

from .conftest import Service

TOWNS = [
    *("Aldmoor", "Brenwick", "Calderby", "Dunmere", "Eastrow", "Farleigh"),
    *("Glenhurst", "Harrowby", "Inverley", "Jesmond", "Kelbrook", "Langstone", "Marwood"),
]
WHO = [
    *("Abbott", "Barlow", "Cartwright", "Delaney", "Everett", "Fenwick", "Grantham", "Hollis"),
    *("Ingram", "Jarvis", "Kessler", "Lomax", "Mercer", "Naylor", "Orchard", "Prentice"),
]
SOURCE = "depeches-du-front"
MAIL = '[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "monitor@news.example.org"\nto = ["desk@example.org"]'


def posts(first: int, last: int, published: datetime) -> tuple[Entry, ...]:
    """Posts that are whole, each of another event, all of which alert."""
    return tuple(
        Entry(
            id=f"post-{n}",
            url=f"https://t.me/depeches/{n}",
            content=f"Russian soldiers from {TOWNS[n % 13]} deserted near {WHO[n % 16]}, {n} of them, says {TOWNS[n // 13 % 13]} radio",
            published=When(published),
            whole=True,
        )
        for n in range(first, last)
    )


async def bring(world: World, entries: tuple[Entry, ...]) -> None:
    """The channel posts them; they are read, and what is due is sent."""
    visit = Visit(SOURCE, "https://t.me/s/depeches", EndpointKind.TELEGRAM, Role.PRIMARY, Outcome.OK_NOTHING_NEW)
    world.store.save_poll(Poll(visit, world.clock.now(), 0.1, 1000, entries))
    await read(world)
    await deliver(world)


class Desk:
    """A service with one recipient of mail, whose channel posts what a test says."""

    def __init__(self, service: Service, box: Mailbox, port: int) -> None:
        self.service, self.box = service, box
        path = service.config / "monitor.toml"
        path.write_text(path.read_text(encoding="utf-8") + MAIL.format(port=port), encoding="utf-8")

    def during(self, scenario: Callable[[World], Awaitable[None]]) -> None:
        self.service.run(scenario)

    @property
    def mails(self) -> list[tuple[str, str]]:
        """Subject and text of every mail that arrived."""
        parsed = [email.message_from_bytes(bytes(e.content or b""), policy=email.policy.default) for e in self.box.received]
        return [(str(mail["Subject"]), str(mail.get_body(("plain",)).get_content())) for mail in parsed]  # type: ignore[union-attr]

    @property
    def told(self) -> list[int]:
        """The alerts that mails name, one by one or in a bundle."""
        return [int(number) for _, text in self.mails for number in re.findall(r"[Aa]lert (\d+)", text)]


@pytest.fixture
def desk(press: Press, tmp_path: Path) -> Iterator[Desk]:
    with mail_server() as (port, box):
        yield Desk(Service(press, tmp_path), box, port)


def test_I05_A06_three_hundred_true_alerts_are_one_mail_that_drops_none(desk: Desk) -> None:
    desk.during(lambda world: bring(world, posts(0, 300, world.clock.now())))
    with desk.service.store() as store:
        alerts, ledger = store.alerts(), store.ledger()
        assert store.unsent(desk.service.clock.now()) == (None, 0)
    assert len(alerts) == ledger[EntryState.STORED] == 300
    [(subject, text)] = desk.mails
    assert "300 alerts" in subject
    assert sorted(desk.told) == sorted(alert.id for alert in alerts)
    since = re.search(r"monitor alerts --since (\S+)", text)
    assert since is not None
    with desk.service.store() as store:
        assert len(store.alerts(since=datetime.fromisoformat(since[1]))) == 300


def test_I04_five_hundred_old_entries_are_stored_searchable_and_one_mail_that_shows_their_age(desk: Desk) -> None:
    old = desk.service.clock.now() - timedelta(days=700)
    desk.during(lambda world: bring(world, posts(0, 500, old)))
    with desk.service.store() as store:
        assert store.ledger()[EntryState.STORED] == 500
        assert len(store.search("499", 10)) == 1
    [(subject, text)] = desk.mails
    assert "500 alerts" in subject
    assert len(set(desk.told)) == 500
    assert f"published {old:%Y-%m-%d}" in text


def test_A06_single_alerts_come_at_once_and_a_steady_stream_in_bundles(desk: Desk) -> None:
    """One alert a minute for three hours."""

    async def three_hours(world: World) -> None:
        for minute in range(180):
            await bring(world, posts(minute, minute + 1, world.clock.now()))
            desk.service.clock.pass_(minutes=1)
        desk.service.clock.pass_(minutes=10)
        await deliver(world)

    desk.during(three_hours)
    alone, together = notices.ALERTS_AN_HOUR, int(notices.HOUR / notices.BUNDLE_EVERY)
    assert len(desk.mails) <= 3 * (alone + together)
    assert [subject for subject, _ in desk.mails[:alone] if "alerts" in subject] == []
    assert sorted(desk.told) == list(range(1, 181))


def test_A05_after_three_days_without_us_there_is_one_mail_and_nothing_is_dropped(desk: Desk) -> None:
    before = desk.service.clock.now()
    desk.service.clock.pass_(days=3)
    missed = tuple(entry for hour in range(72) for entry in posts(hour, hour + 1, before + timedelta(hours=hour)))
    desk.during(lambda world: bring(world, missed))
    assert len(desk.mails) == 1
    assert sorted(desk.told) == list(range(1, 73))


def test_A06_when_a_mail_server_was_away_for_a_day_each_alert_is_told_once_and_in_few_mails(desk: Desk) -> None:
    async def two_days(world: World) -> None:
        settings = world.settings.mail
        assert settings
        away = replace(world, channels={"mail": MailChannel(replace(settings, port=9))})
        for hour in range(24):
            await bring(away, posts(hour * 5, hour * 5 + 5, world.clock.now()))
            desk.service.clock.pass_(hours=1)
        assert desk.mails == []
        for _ in range(24 * 6):
            desk.service.clock.pass_(minutes=10)
            await deliver(world)

    desk.during(two_days)
    assert sorted(desk.told) == list(range(1, 121))
    assert len(desk.mails) <= 40
