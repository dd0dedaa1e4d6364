"""Is a curator told of every change of a source's state, once, and of nothing else? Real fetches, SQLite and a real webhook."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitor import wiring
from monitor.config.settings import load_settings
from monitor.flows.collect import collect
from monitor.flows.deliver import deliver
from monitor.flows.watch import watch
from monitor.ports import Rules
from monitor.steps import notices
from tests.fakes import FakeClock
from tests.press.raw import Answer, RawServer, reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@cache
def rules() -> Rules:
    return wiring.load_rules(wiring.shipped())


class Newsroom:
    """A service with a source for each path of some servers, and a webhook that hears what curators hear."""

    def __init__(self, folder: Path, hook: RawServer, *servers: RawServer) -> None:
        self.config, self.data, self.hook, self.servers = folder / "config", folder / "data", hook, servers
        self.clock = FakeClock()
        self.tables: list[str] = []
        self.data.mkdir()
        (self.config / "sources").mkdir(parents=True)
        (self.config / "secret").write_text("s3cret")
        hook.say("/hook", reply(204, length=None))
        allow = json.dumps([server.address for server in servers])
        (self.config / "monitor.toml").write_text(
            f'[fetch]\nallow = {allow}\ndeadline = "2s"\n'
            f'[[webhook]]\nurl = "{hook.url("/hook")}"\nsecret_file = "secret"\nallow = ["{hook.address}"]\n'
        )

    def source(self, ident: str, *urls: str, every: str = "1h") -> None:
        """The first address is the primary, the others are its fallbacks."""
        self.tables.append(f'[[source]]\nid = "{ident}"\nname = "The {ident.title()}"\nkind = "independent"\n')
        for number, url in enumerate(urls):
            role = "fallback" if number else "primary"
            self.tables.append(f'[[source.endpoint]]\nkind = "feed"\nurl = "{url}"\nrole = "{role}"\nevery = "{every}"\n')
        (self.config / "sources" / "all.toml").write_text("\n".join(self.tables))

    def tick(self, times: int = 1, hours: float = 0.0) -> None:
        """A process of its own, as after a restart, that looks, tells and delivers so many times, each so much later."""
        configuration = wiring.Configuration(load_settings(self.config), wiring.load_sources(self.config), rules())

        async def run() -> None:
            with wiring.writing(self.data) as store:
                async with wiring.world(configuration, store, self.clock) as world:
                    for _ in range(times):
                        self.clock.pass_(hours=hours)
                        await collect(world)
                        watch(world)
                        assert watch(world).changes == ()  # told is told
                        await deliver(world)

        asyncio.run(run())

    def days(self, days: float, step: float = 1.0) -> None:
        """Ticks every `step` hours, and is started anew in the middle."""
        times = int(days * 24 / step)
        self.tick(times // 2, step)
        self.tick(times - times // 2, step)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the webhook took, each key once."""
        taken = {asked.header("Idempotency-Key"): json.loads(asked.body) for asked in self.hook.asked("/hook")}
        assert len(taken) == len(self.hook.asked("/hook")), "a notice was sent twice"
        return list(taken.values())

    @property
    def told(self) -> list[tuple[str | None, str, str]]:
        return [(change["source"], change["state"], change["turn"]) for message in self.messages for change in message["changes"]]

    def rss(self, *ages: float) -> bytes:
        """Entries so many hours old."""
        items = "".join(
            f"<item><guid isPermaLink='false'>{at:%d%H%M}</guid><title>Told at {at:%d %H:%M}</title>"
            f"<link>https://news.example.org/{at:%m%d%H%M}</link><pubDate>{format_datetime(at)}</pubDate></item>"
            for at in (self.clock.now() - age * HOUR for age in ages)
        )
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()

    def live(self) -> Answer:
        """A feed with an entry every four hours, whenever it is asked."""
        return lambda asked: [reply(body=self.rss(*(4 * n + self.clock.now().hour % 4 for n in range(12))))]


@pytest.fixture
def hook() -> Iterator[RawServer]:
    with RawServer() as running:
        yield running


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as running:
        yield running


@pytest.fixture
def room(tmp_path: Path, hook: RawServer, server: RawServer) -> Newsroom:
    return Newsroom(tmp_path, hook, server)


def test_M01_silence_is_told_once_then_weekly_and_so_is_the_end_of_it(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"))
    room.source("wire", server.url("/wire"))
    server.say("/wire", room.live())
    server.say("/globe", room.live())
    room.tick()
    server.say("/globe", reply(body=room.rss(*range(0, 48, 4))))
    last = room.clock.now()
    room.days(17, step=6)
    assert room.told == [("globe", "silent", "begun"), ("globe", "silent", "reminded"), ("globe", "silent", "reminded")]
    first = room.messages[0]["changes"][0]
    assert "nothing new since 2026-11-25 09:00" in first["told"] and first["since"] == "2026-11-25T09:00:00Z"
    assert room.clock.now() - last > 16 * DAY
    server.say("/globe", room.live())
    room.days(1, step=6)
    assert room.told[3:] == [("globe", "silent", "ended")]


def test_M01_an_endpoint_that_never_listed_anything_is_silent_too(room: Newsroom, server: RawServer) -> None:
    room.source("blank", server.url("/blank"))
    server.say("/blank", reply(body=room.rss()))
    room.tick()
    room.days(6, step=12)
    assert room.told == []
    room.days(2, step=12)
    assert room.told == [("blank", "silent", "begun")]


def test_M04_when_nobody_can_be_reached_that_alone_is_told_and_nobody_is_blamed(tmp_path: Path, hook: RawServer) -> None:
    with RawServer() as one, RawServer("127.0.0.2") as two:
        room = Newsroom(tmp_path, hook, one, two)
        for number in range(8):
            server = (one, two)[number % 2]
            room.source(f"outlet-{number}", server.url(f"/{number}"))
            server.say(f"/{number}", room.live())
        room.days(1, step=1)
        assert room.told == []
        for server in (one, two):
            for number in range(8):
                server.say(f"/{number}", b"")  # the connection is closed at once, as by a dead uplink's gateway
        room.days(3, step=1)
        assert room.told == [(None, "network", "begun")]
        assert "seems to be down" in room.messages[0]["changes"][0]["told"]
        for server in (one, two):
            for number in range(8):
                server.say(f"/{number}", room.live())
        asked = len(one.log) + len(two.log)
        room.days(1, step=1)
        assert room.told[1:] == [(None, "network", "ended")]
        after = Counter(each.path for each in (one.log + two.log)[asked:])
        assert min(after.values()) >= 10, "looked at again as before, no back-off left over"


def test_M04_one_dead_host_is_not_our_network(tmp_path: Path, hook: RawServer) -> None:
    with RawServer() as one, RawServer("127.0.0.2") as two:
        room = Newsroom(tmp_path, hook, one, two)
        room.source("lone", two.url("/lone"))
        two.say("/lone", room.live())
        for number in range(12):
            room.source(f"channel-{number}", one.url(f"/{number}"))
            one.say(f"/{number}", room.live())
        room.tick()
        for number in range(12):
            one.say(f"/{number}", b"")
        room.days(0.5, step=1)
        assert {state for _, state, _ in room.told} == {"failing"}
        assert len(room.told) == 12 and len(room.messages) == 1  # one message for all of them


def test_N14_a_source_first_seen_dead_is_told_after_patience_and_again_when_it_reads(room: Newsroom, server: RawServer) -> None:
    room.source("dead", server.url("/dead"))
    server.say("/dead", reply(404))
    room.tick()
    room.days(0.2, step=1)
    assert room.told == []  # not yet beyond patience
    room.days(60, step=12)
    assert room.told == [("dead", "failing", "begun")]
    assert "404: not found" in room.messages[0]["changes"][0]["told"]
    server.say("/dead", room.live())
    room.days(1, step=12)
    assert room.told[1:] == [("dead", "failing", "ended")]


def test_N14_what_comes_back_with_nothing_new_is_silent_not_alive(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"))
    server.say("/globe", reply(500))
    room.tick()
    room.days(1, step=6)
    server.say("/globe", reply(body=room.rss(*range(1000, 1048, 4))))
    room.days(1, step=6)
    assert room.told == [("globe", "failing", "begun"), ("globe", "silent", "begun")]


def test_N14_a_fallback_that_takes_over_is_told_and_its_own_failure_too(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"), server.url("/spare"))
    server.say("/globe", room.live())
    server.say("/spare", room.live())
    room.tick()
    server.say("/globe", reply(403))
    room.days(1, step=1)
    assert room.told == [("globe", "failing", "begun")]
    assert room.messages[0]["changes"][0]["name"] == "The Globe (primary feed)"
    assert f"in its place {server.url('/spare')} is asked" in room.messages[0]["changes"][0]["told"]
    assert server.asked("/spare")
    server.say("/spare", reply(500))
    room.days(1, step=1)
    assert room.told[1:] == [("globe", "failing", "begun")] and room.messages[1]["changes"][0]["url"] == server.url("/spare")
    server.say("/globe", room.live())
    room.days(2, step=1)
    assert room.told[2:] == [("globe", "failing", "ended")]  # of a fallback that is needed no more nothing is told


def test_N13_gone_is_told_when_it_is_confirmed(room: Newsroom, server: RawServer) -> None:
    room.source("old", server.url("/old"))
    server.say("/old", room.live())
    room.tick()
    server.say("/old", reply(410))
    room.days(5, step=3)
    assert room.told == [("old", "failing", "begun"), ("old", "gone", "begun")]
    asked = len(server.asked("/old"))
    room.days(5, step=12)
    assert len(server.asked("/old")) == asked and len(room.told) == 2


def test_N15_a_lasting_move_is_proposed_once(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"))
    server.say("/globe", reply(301, headers={"Location": "/new"}))
    server.say("/new", room.live())
    room.tick()
    room.days(8, step=6)
    assert room.told == [("globe", "moved", "begun")]
    change = room.messages[0]["changes"][0]
    assert change["detail"] == server.url("/new") and server.url("/new") in change["told"]


def test_N09_a_server_caught_lying_is_told_once(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"))
    server.say(
        "/globe",
        lambda asked: [
            reply(304)
            if asked.header("If-None-Match")
            else reply(body=room.rss(*(4 * n + room.clock.now().hour % 4 for n in range(12))), headers={"ETag": '"always"'})
        ],
    )
    room.tick()
    room.days(6, step=3)
    assert room.told == [("globe", "lying", "begun")]


def test_a_list_that_stays_empty_is_told_as_failing_and_one_empty_answer_is_not(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"))
    server.say("/globe", reply(body=room.rss(1, 20, 50)))  # too few to learn a rhythm from
    room.tick()
    server.say("/globe", reply(body=room.rss()), reply(body=room.rss(1, 20, 50)), reply(body=room.rss()))
    room.days(1.5, step=3)
    assert room.told == []
    room.days(1, step=3)
    assert room.told == [("globe", "failing", "begun")]
    assert "empty, though it usually gives 3 entries" in room.messages[0]["changes"][0]["told"]
    server.say("/globe", room.live())
    room.days(1, step=3)
    assert room.told[1:] == [("globe", "failing", "ended")]


def test_N27_a_legal_block_is_called_so(room: Newsroom, server: RawServer) -> None:
    room.source("globe", server.url("/globe"))
    server.say("/globe", reply(451))
    room.tick()
    room.days(1, step=3)
    server.say("/globe", reply(403))
    room.days(1, step=3)
    assert room.told == [("globe", "blocked", "begun")]
    assert "blocked by law" in room.messages[0]["changes"][0]["told"]


def test_M04_a_source_that_leaves_the_catalogue_is_forgotten_without_a_word(room: Newsroom, server: RawServer) -> None:
    for name in ("globe", "wire"):
        room.source(name, server.url(f"/{name}"))
    server.say("/globe", reply(404))
    server.say("/wire", room.live())
    room.tick()
    room.days(1, step=3)
    room.tables = []
    room.source("wire", server.url("/wire"))
    room.days(1, step=3)
    assert room.told == [("globe", "failing", "begun")]
    with wiring.reading(room.data) as store:
        assert store.troubles() == []


def test_S12_what_a_webhook_may_reach_no_source_may(room: Newsroom, server: RawServer, hook: RawServer) -> None:
    room.source("insider", hook.url("/inside"))
    room.source("globe", server.url("/globe"))
    server.say("/globe", room.live())
    room.tick()
    room.days(1, step=3)
    assert room.told == [("insider", "failing", "begun")]
    assert f"port {hook.port} is not asked" in room.messages[0]["changes"][0]["told"] and not hook.asked("/inside")


def test_many_changes_are_one_message_that_counts_what_it_does_not_show(room: Newsroom, server: RawServer) -> None:
    for number in range(notices.MOST_CHANGES + 20):
        room.source(f"outlet-{number:03}", server.url(f"/{number}"))
    room.tick()
    room.tick(hours=7)
    assert len(room.messages) == 1 and len(room.told) == notices.MOST_CHANGES + 20  # programs are told of all
    with wiring.reading(room.data) as store:
        [text] = [row["text"] for row in store._session.rows("SELECT text FROM outbox")]
    assert text.count("has been failing since") == notices.MOST_CHANGES and "and 20 more" in text
