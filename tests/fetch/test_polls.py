"""Polls over fake days and real HTTP: what the fetcher brings, the timetable's state after it, and what is asked the next time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from monitor.fetch.http import HttpFetcher
from monitor.model import Endpoint, EndpointKind, FetchSettings, Outcome, Page, Source, SourceKind, Trouble, Validators, Visit
from monitor.steps import timetable, troubles
from monitor.steps.entries import identity, parse
from tests.fakes import FakeClock
from tests.fetch.asking import settings_for
from tests.press.raw import Answer, Asked, RawServer, Step, reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rss(*numbers: int, born: datetime, every: timedelta = HOUR, end: bytes = b"</channel></rss>", note: str = "") -> bytes:
    """Item n was published n × `every` after `born`."""
    items = "".join(
        f"<item><guid isPermaLink='false'>story-{n}</guid><title>Story number {n}</title><link>https://news.example.org/{n}</link>"
        f"<pubDate>{format_datetime(born + n * every)}</pubDate></item>"
        for n in sorted(numbers, reverse=True)
    )
    head = f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>News</title><!--{note}-->"
    return head.encode() + items.encode() + end


@dataclass
class Desk:
    """One source with one endpoint, looked at again and again: the collecting flow in small."""

    server: RawServer
    clock: FakeClock
    every: timedelta = HOUR
    settings: FetchSettings | None = None
    visit: Visit | None = None
    seen: set[str] = field(default_factory=set)
    waits: dict[str, datetime] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        endpoint = Endpoint(EndpointKind.FEED, self.server.url("/feed"), every=self.every)
        return Source("news", "News", "news", SourceKind.INDEPENDENT, ("en",), (endpoint,))

    def looks(self, **how: bool) -> tuple[timetable.Look, ...]:
        visits = {} if self.visit is None else {("news", self.visit.url): self.visit}
        return timetable.looks((self.source,), visits, self.clock.now(), **how)

    def poll(self, **how: bool) -> Visit:
        """Waits until the endpoint is due, and looks."""
        if not how and self.visit and self.visit.next_look:
            self.clock.at = max(self.clock.at, self.visit.next_look)
        [look] = self.looks(**how)
        now = self.clock.now()

        async def fetch() -> object:
            settings = self.settings or settings_for(self.server)
            async with HttpFetcher(settings, self.clock, host_waits=self.waits, on_wait=self.waits.__setitem__) as fetcher:
                return await fetcher.fetch(timetable.ask(look, now))

        fetched = asyncio.run(fetch())
        parsed, known = None, None
        if isinstance(fetched, Page) and not timetable.same_body(look.visit, fetched):
            parsed = parse(EndpointKind.FEED, fetched.body, url=fetched.final_url, content_type=fetched.header("content-type"), now=now)
            names = [identity(entry) for entry in parsed.entries]
            known = sum(name in self.seen for name in names)
            self.seen.update(names)
        self.visit = timetable.after(look, fetched, parsed, known, now, 0.0)  # type: ignore[arg-type]
        return self.visit

    def say(self, *answers: Answer) -> None:
        self.server.say("/feed", *answers)

    @property
    def asked(self) -> list[Asked]:
        return self.server.asked("/feed")


@pytest.fixture
def desk(server: RawServer, clock: FakeClock) -> Desk:
    return Desk(server, clock)


@pytest.fixture
def born(clock: FakeClock) -> datetime:
    """When the stories of a test begin: a day ago."""
    return clock.now() - DAY


def test_N04_both_validators_are_kept_and_sent(desk: Desk, born: datetime) -> None:
    date = "Wed, 25 Nov 2026 08:00:00 GMT"
    desk.say(
        reply(body=rss(1, 2, born=born), headers={"ETag": '"1"', "Last-Modified": date}),
        reply(body=rss(1, 2, 3, born=born), headers={"ETag": '"2"', "Last-Modified": date}),
        reply(304),
    )
    for _ in range(3):
        desk.poll()
    third = desk.asked[2]
    assert (third.header("If-None-Match"), third.header("If-Modified-Since")) == (b'"2"', date.encode())


def test_N05_new_validators_of_the_same_body_are_kept(desk: Desk, born: datetime) -> None:
    body = rss(1, 2, born=born)
    desk.say(reply(body=body, headers={"ETag": '"1"'}), reply(body=body, headers={"ETag": '"2"'}), reply(304))
    desk.poll()
    assert desk.poll().outcome is Outcome.OK_NOTHING_NEW
    desk.poll()
    assert desk.asked[2].header("If-None-Match") == b'"2"'


def test_N06_validators_of_a_304_replace_ours(desk: Desk, born: datetime) -> None:
    desk.say(
        reply(body=rss(1, born=born), headers={"ETag": '"1"', "Last-Modified": "a"}), reply(304, headers={"Last-Modified": "b"}), reply(304)
    )
    for _ in range(3):
        desk.poll()
    third = desk.asked[2]
    assert (third.header("If-None-Match"), third.header("If-Modified-Since")) == (b'"1"', b"b")


def test_N07_a_validator_that_is_gone_is_not_sent_for_ever(desk: Desk, born: datetime) -> None:
    desk.say(reply(body=rss(1, born=born), headers={"ETag": '"1"'}), reply(body=rss(1, 2, born=born)))
    for _ in range(3):
        desk.poll()
    assert desk.asked[1].header("If-None-Match") == b'"1"' and desk.asked[2].header("If-None-Match") is None


def until(body: bytes, cut: bool) -> bytes:
    return body[: body.index(b"<item>", body.index(b"<item>") + 1) + 30] if cut else body


@pytest.mark.parametrize("told", ["length", "nothing"])
def test_N08_truncated_body_never_poisons_validators(desk: Desk, born: datetime, told: str) -> None:
    """The server cuts its first answer, and would say 304 to its ETag for ever."""
    whole = rss(*range(1, 11), born=born)

    def script(asked: Asked) -> Iterable[Step]:
        if asked.header("If-None-Match"):
            yield reply(304)
        else:
            first = len(desk.asked) == 1
            yield reply(body=until(whole, first), headers={"ETag": '"1"'}, length=len(whole) if told == "length" else None)

    desk.say(script)
    first = desk.poll()
    assert first.outcome is (Outcome.NET_ERROR if told == "length" else Outcome.PARSE_PARTIAL)
    assert first.validators == Validators()
    assert desk.poll().outcome is Outcome.OK_NOTHING_NEW
    assert len(desk.seen) == 10
    assert desk.poll().outcome is Outcome.NOT_MODIFIED


def test_N08_a_partial_answer_in_between_forgets_the_older_validators(desk: Desk, born: datetime) -> None:
    body = rss(*range(1, 11), born=born)
    desk.say(reply(body=body[:-1], length=None), reply(body=body, headers={"ETag": '"1"'}), reply(body=until(body, True), length=None))
    for _ in range(4):
        desk.poll()
    assert desk.asked[2].header("If-None-Match") == b'"1"' and desk.asked[3].header("If-None-Match") is None


def test_N09_a_server_that_says_304_for_ever_is_found_out(desk: Desk, clock: FakeClock, born: datetime) -> None:
    start = clock.now()

    def lying(asked: Asked) -> Iterable[Step]:
        hours = int((clock.now() - born) / HOUR)
        conditional = asked.header("If-None-Match") is not None
        yield reply(304) if conditional else reply(body=rss(*range(hours - 20, hours), born=born), headers={"ETag": '"always"'})

    desk.say(lying)
    desk.poll()
    audits = []
    while clock.now() < start + 8 * DAY and desk.poll().outcome is Outcome.NOT_MODIFIED:
        audits = [asked for asked in desk.asked if asked.header("If-None-Match") is None]
    assert desk.visit is not None and desk.visit.outcome is Outcome.SUSPICIOUS and "304" in desk.visit.why
    assert clock.now() - start <= 2 * DAY + HOUR and len(audits) == 1
    for _ in range(5):
        desk.poll()
        assert desk.asked[-1].header("If-None-Match") is None  # conditions are off for this server


def test_N09_an_honest_server_is_audited_at_most_daily_and_not_accused(desk: Desk, clock: FakeClock, born: datetime) -> None:
    start, stories = clock.now(), [*range(20)]

    def honest(asked: Asked) -> Iterable[Step]:
        if clock.now() - start > 6 * DAY and len(stories) == 20:
            stories.append(int((clock.now() - born) / HOUR))
        tag = f'"{len(stories)}"'
        same = asked.header("If-None-Match") == tag.encode()
        yield reply(304) if same else reply(body=rss(*stories, born=born), headers={"ETag": tag})

    desk.say(honest)
    outcomes = set()
    while clock.now() < start + 8 * DAY:
        outcomes.add(desk.poll().outcome)
    assert outcomes == {Outcome.NOT_MODIFIED, Outcome.OK_NOTHING_NEW}
    unconditional = [asked for asked in desk.asked if asked.header("If-None-Match") is None]
    assert 2 <= len(unconditional) <= 9


def test_N09_a_story_that_comes_just_before_the_audit_accuses_nobody_whose_tag_never_changes(
    desk: Desk, clock: FakeClock, born: datetime
) -> None:
    start, stories = clock.now(), [*range(20)]

    def honest(asked: Asked) -> Iterable[Step]:
        conditional = asked.header("If-None-Match") is not None
        if not conditional:
            stories.append(int((clock.now() - born) / HOUR))
        yield reply(304) if conditional else reply(body=rss(*stories, born=born), headers={"ETag": '"always"'})

    desk.say(honest)
    outcomes = set()
    while clock.now() < start + 8 * DAY:
        outcomes.add(desk.poll().outcome)
    assert outcomes == {Outcome.NOT_MODIFIED, Outcome.OK_NOTHING_NEW}
    assert len(stories) > 22


def test_N11_retry_after_is_obeyed_across_restarts_and_by_looks_at_everything(desk: Desk, clock: FakeClock, born: datetime) -> None:
    desk.say(reply(429, headers={"Retry-After": "7200"}), reply(body=rss(1, born=born)))
    start = clock.now()
    desk.poll()
    clock.pass_(hours=1.9)
    assert desk.looks() == desk.looks(everything=True) == ()
    desk.poll()
    assert clock.now() - start >= timedelta(hours=2) and len(desk.asked) == 2


def test_N12_too_many_requests_slow_us_down(desk: Desk, clock: FakeClock) -> None:
    desk.say(reply(429))
    times = []
    for _ in range(9):
        desk.poll()
        times.append(clock.now())
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR] and max(waits) <= DAY


def test_N13_gone_is_believed_after_a_day_and_a_second_answer(desk: Desk, clock: FakeClock, born: datetime) -> None:
    desk.say(reply(body=rss(1, born=born), headers={"ETag": '"1"'}), reply(410))
    desk.poll()
    first = desk.poll()
    assert first.outcome is Outcome.GONE and not first.gone and first.validators == Validators()
    clock.pass_(minutes=5)
    assert not desk.poll(everything=True).gone  # a second 410 at once proves nothing
    second = desk.poll()
    assert second.gone and second.why and second.gone_since == first.gone_since
    clock.pass_(days=400)
    assert desk.looks(everything=True) == ()


def test_N13_a_source_that_comes_back_between_two_410s_is_not_gone(desk: Desk, born: datetime) -> None:
    desk.say(reply(410), reply(body=rss(1, born=born)), reply(410), reply(body=rss(1, 2, born=born)))
    for _ in range(4):
        assert not desk.poll().gone
    assert desk.visit is not None and desk.visit.gone_since is None


@pytest.mark.parametrize("dead", [reply(404), reply(403), b"", reply(500)])
def test_N14_a_source_dead_for_60_days_is_read_the_day_it_is_back(desk: Desk, clock: FakeClock, dead: bytes) -> None:
    desk.say(dead)
    start = clock.now()
    while clock.now() < start + 60 * DAY:
        visit = desk.poll()
        assert visit.next_look is not None and visit.next_look - clock.now() <= DAY
        assert visit.failing_since == start
    back = clock.now()
    desk.say(reply(body=rss(1, born=back - HOUR)))
    visit = desk.poll()
    assert clock.now() - back <= DAY and len(desk.seen) == 1
    assert (visit.failures, visit.failing_since) == (0, None)
    assert visit.next_look == clock.now() + HOUR


def test_N15_a_permanent_redirect_elsewhere_is_proposed_after_three_days(desk: Desk, clock: FakeClock, born: datetime) -> None:
    desk.say(reply(301, headers={"Location": "/elsewhere"}))
    desk.server.say("/elsewhere", reply(body=rss(1, born=born)))
    first = desk.poll()
    new = desk.server.url("/elsewhere")
    assert (first.outcome, first.moved_to, timetable.proposed(first, clock.now())) == (Outcome.MOVED, new, None)
    clock.pass_(days=3)
    assert timetable.proposed(desk.poll(), clock.now()) == new
    assert len(desk.asked) == 2  # until a curator says yes, the configured address is asked


def test_N16_a_passing_redirect_proposes_nothing(desk: Desk, clock: FakeClock, born: datetime) -> None:
    desk.say(reply(302, headers={"Location": "/elsewhere"}))
    desk.server.say("/elsewhere", reply(body=rss(1, born=born)))
    desk.poll()
    clock.pass_(days=30)
    visit = desk.poll()
    assert visit.outcome is Outcome.OK_NOTHING_NEW and visit.moved_to is None


def test_N20_a_restart_never_polls_earlier_than_due(desk: Desk, clock: FakeClock, born: datetime) -> None:
    desk.say(reply(body=rss(1, 2, born=born)))
    desk.poll()
    for _ in range(10):  # each is a new process that knows what was saved
        clock.pass_(minutes=5)
        assert desk.looks() == ()
    clock.pass_(minutes=10)
    assert len(desk.looks()) == 1 and len(desk.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Cache-Control": "max-age=7200"}, timedelta(hours=2)),
        ({"Cache-Control": "public, max-age=43200"}, timedelta(hours=4)),  # the ceiling
        ({"Cache-Control": "max-age=3155760000"}, timedelta(hours=4)),
        ({"Cache-Control": "max-age=10800", "Age": "3600"}, timedelta(hours=2)),
        ({"Cache-Control": "s-maxage=9000"}, HOUR),
        ({"Cache-Control": "no-cache, max-age=7200"}, HOUR),
        ({"Cache-Control": "max-age=60"}, HOUR),
        ({"Cache-Control": "max-age=soon"}, HOUR),
        ({"Expires": "Wed, 25 Nov 2026 12:00:00 GMT"}, timedelta(hours=3)),  # the clock says 09:00
        ({"Expires": "Wed, 25 Nov 2020 12:00:00 GMT"}, HOUR),
        ({"Expires": "0"}, HOUR),
        ({"Cache-Control": "max-age=60", "Expires": "Wed, 25 Nov 2026 12:00:00 GMT"}, HOUR),
    ],
)
def test_N21_caching_headers_are_honoured_between_floor_and_ceiling(
    desk: Desk, clock: FakeClock, born: datetime, headers: dict[str, str], wait: timedelta
) -> None:
    desk.say(reply(body=rss(1, 2, born=born), headers=headers))
    assert desk.poll().next_look == clock.now() + wait


def test_N24_an_empty_feed_is_no_quiet_day(desk: Desk, born: datetime) -> None:
    desk.say(
        reply(body=rss(*range(20), born=born), headers={"ETag": '"1"'}),
        reply(body=rss(born=born), headers={"ETag": '"2"'}),
        reply(body=rss(*range(20), born=born), headers={"ETag": '"1"'}),
    )
    desk.poll()
    empty = desk.poll()
    assert empty.outcome is Outcome.SUSPICIOUS and "usually gives 20" in empty.why
    assert desk.poll().outcome is Outcome.OK_NOTHING_NEW
    assert desk.asked[2].header("If-None-Match") is None


def test_N26_without_a_told_length_only_a_well_formed_end_saves_validators(desk: Desk, born: datetime) -> None:
    desk.say(
        reply(body=rss(1, born=born), headers={"ETag": '"1"'}, length=None),
        reply(body=rss(1, 2, born=born, end=b"</channel>"), headers={"ETag": '"2"'}, length=None),
    )
    assert desk.poll().validators == Validators(b'"1"')
    cut = desk.poll()
    assert cut.outcome is Outcome.PARSE_PARTIAL and cut.validators == Validators()


def test_M01_a_source_that_falls_silent_is_told_of_once_a_week(desk: Desk, clock: FakeClock, born: datetime) -> None:
    """Five stories a day, by day, for 30 days; then none, under a server that goes on answering."""
    begin = clock.now()
    dates = [begin + timedelta(days=d, hours=h) for d in range(30) for h in (0, 2, 4, 7, 9)]

    def by_day(asked: Asked) -> Iterable[Step]:
        out = [n for n, at in enumerate(dates) if at <= clock.now()][-20:]
        items = [rss(n, born=dates[n] - n * HOUR).split(b"-->")[1].split(b"</channel>")[0] for n in out]
        yield reply(body=rss(born=born, end=b"".join(items) + b"</channel></rss>", note=str(clock.now())))

    desk.say(by_day)
    while clock.now() < begin + 30 * DAY:
        assert desk.poll().silent_since is None, clock.now()
    told: list[datetime] = []
    holding: tuple[Trouble, ...] = ()
    while clock.now() < begin + 50 * DAY:
        visit = desk.poll()
        watched = troubles.watch(holding, (desk.source,), {("news", visit.url): visit}, clock.now(), clock.now())
        holding = watched.holding
        told += [clock.now() for _ in watched.changes]
    last = dates[-1]
    assert told[0] - last <= 3 * DAY and desk.visit is not None and desk.visit.silent_since == last
    assert [later - earlier < timedelta(days=7, hours=5) for earlier, later in pairwise(told)] == [True] * 2
    dates.append(clock.now() + HOUR)
    clock.pass_(hours=5)
    assert desk.poll().silent_since is None


def test_M02_known_entries_whose_dates_move_are_suspicious(desk: Desk, clock: FakeClock) -> None:
    def moving(asked: Asked) -> Iterable[Step]:
        yield reply(body=rss(*range(10), born=clock.now() - 10 * HOUR))

    start = clock.now()
    desk.say(moving)
    assert desk.poll().outcome is Outcome.OK_NOTHING_NEW
    outcomes = [desk.poll().outcome for _ in range(6)]
    assert outcomes[-1] is Outcome.SUSPICIOUS and desk.visit is not None and "dates move" in desk.visit.why
    assert desk.visit.newest == start - HOUR  # moved dates are no sign of life


def test_M02_one_corrected_date_is_not(desk: Desk, clock: FakeClock, born: datetime) -> None:
    body = rss(*range(10), born=born)
    old, new = (format_datetime(at).encode() for at in (born + 3 * HOUR, clock.now() + timedelta(minutes=30)))
    desk.say(reply(body=body), reply(body=body.replace(old, new)))
    desk.poll()
    assert desk.poll().outcome is Outcome.OK_NOTHING_NEW


def test_M02_a_feed_that_goes_back_in_time_is_suspicious(desk: Desk, clock: FakeClock, born: datetime) -> None:
    past = born - 40 * DAY
    desk.say(reply(body=rss(*range(10), born=born)), reply(body=rss(*range(10), born=past, note="old")))
    desk.poll()
    again = desk.poll()
    assert again.outcome is Outcome.SUSPICIOUS and "newest entry" in again.why
