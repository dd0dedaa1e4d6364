"""Who is due, what is asked, and what follows from an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import (
    Endpoint,
    EndpointKind,
    Entry,
    Failure,
    NotModified,
    Outcome,
    Page,
    Parsed,
    Role,
    Source,
    SourceKind,
    Validators,
    Visit,
    When,
)
from monitor.steps import rhythm, timetable
from monitor.steps.timetable import Look

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://news.example.org/feed"


def endpoint(url: str = URL, role: Role = Role.PRIMARY, every: timedelta = HOUR, enabled: bool = True) -> Endpoint:
    return Endpoint(EndpointKind.FEED, url, role, every, enabled=enabled)


def source(*endpoints: Endpoint, name: str = "news", enabled: bool = True, gap: timedelta | None = None) -> Source:
    return Source(name, name, name, SourceKind.INDEPENDENT, ("en",), endpoints or (endpoint(),), enabled=enabled, expected_gap=gap)


def visit(url: str = URL, role: Role = Role.PRIMARY, **known: object) -> Visit:
    return replace(Visit("news", url, EndpointKind.FEED, role), **known)  # type: ignore[arg-type]


def sound(url: str = URL, **known: object) -> Visit:
    """An endpoint that was read an hour ago and gives 20 entries."""
    read = {"outcome": Outcome.OK_NOTHING_NEW, "status": 200, "last_look": NOW - HOUR, "next_look": NOW, "audited": NOW - HOUR}
    return visit(url, **{**read, "entries": 20, "usual_entries": 20.0, "newest": NOW - 2 * HOUR, "gap": 2 * DAY, **known})


def look(state: Visit | None = None, of: Source | None = None) -> Look:
    of = of or source()
    return Look(of, of.endpoints[0], state or visit())


def by_key(*visits: Visit) -> dict[tuple[str, str], Visit]:
    return {(each.source, each.url): each for each in visits}


def page(body: bytes = b"<rss></rss>", url: str = URL, **more: object) -> Page:
    return replace(Page(url, url, 200, (), body, NOW, 0.1, len(body)), **more)  # type: ignore[arg-type]


def entries(count: int, newest: datetime = NOW - MINUTE, every: timedelta = HOUR) -> tuple[Entry, ...]:
    return tuple(Entry(id=str(n), published=When(newest - n * every)) for n in range(count))


def failed(outcome: Outcome = Outcome.TIMEOUT, **more: object) -> Failure:
    return replace(Failure(URL, outcome, "no answer", NOW), **more)  # type: ignore[arg-type]


def after(state: Visit | None, fetched: Page | NotModified | Failure, parsed: Parsed | None = None, known: int | None = None) -> Visit:
    return timetable.after(look(state), fetched, parsed, known, NOW, 0.0)


# ── who is due ───────────────────────────────────────────────────────────────────────────────────────────────────────


def due(sources: Sequence[Source], *visits: Visit, now: datetime = NOW, everything: bool = False, only: Sequence[str] = ()) -> list[str]:
    return [each.endpoint.url for each in timetable.looks(sources, by_key(*visits), now, everything=everything, only=only)]


def test_what_was_never_looked_at_is_due_and_what_is_not_yet_due_is_not() -> None:
    assert due([source()]) == [URL]
    assert due([source()], sound(next_look=NOW + MINUTE)) == []
    assert due([source()], sound(next_look=NOW)) == [URL]
    assert due([source()], sound(next_look=NOW + MINUTE), everything=True) == [URL]


def test_a_server_that_told_us_to_wait_is_waited_for_even_when_everything_is_asked() -> None:
    waiting = sound(outcome=Outcome.RATE_LIMITED, next_look=NOW + MINUTE)
    assert due([source()], waiting, everything=True) == []
    assert due([source()], waiting, now=NOW + MINUTE) == [URL]


def test_C03_what_a_wrong_clock_planned_is_due_at_once() -> None:
    """The machine started in another year; once its clock is right nothing may wait for that year."""
    for ahead, found in ((MINUTE, []), (HOUR, []), (2 * HOUR, [URL]), (4000 * DAY, [URL])):
        assert due([source()], sound(last_look=NOW + ahead, next_look=NOW + ahead + MINUTE)) == found


def test_disabled_gone_and_backfill_endpoints_are_never_due() -> None:
    assert due([source(enabled=False)], everything=True) == []
    assert due([source(endpoint(enabled=False))], everything=True) == []
    assert due([source(endpoint(role=Role.BACKFILL))], everything=True) == []
    assert due([source()], sound(gone=True, next_look=None), everything=True) == []


def test_only_names_sources() -> None:
    two = [source(), source(endpoint("https://b.example.org/"), name="b")]
    assert due(two, only=["b"]) == ["https://b.example.org/"]


def test_a_fallback_is_asked_while_its_primary_fails_beyond_patience() -> None:
    fallback = endpoint("https://t.me/s/news", Role.FALLBACK)
    of = [source(endpoint(), fallback)]
    for state, asked in (
        (sound(), False),
        (sound(outcome=Outcome.TIMEOUT, failing_since=NOW - HOUR, failures=1), False),
        (sound(outcome=Outcome.TIMEOUT, failing_since=NOW - timetable.PATIENCE, failures=5), True),
        (sound(outcome=Outcome.GONE, gone=True), True),
    ):
        assert (fallback.url in due(of, state)) is asked
    assert due([source(fallback)]) == [fallback.url]  # no primary at all
    assert due([source(endpoint(enabled=False), fallback)]) == [fallback.url]


def test_sound_endpoints_come_before_failing_ones_and_the_longest_due_first() -> None:
    urls = [f"https://{name}.example.org/" for name in "abcd"]
    of = [source(*map(endpoint, urls))]
    states = (sound(urls[0], failures=3, next_look=NOW - DAY), sound(urls[1], next_look=NOW - MINUTE), sound(urls[2], next_look=NOW - HOUR))
    assert due(of, *states) == [urls[3], urls[2], urls[1], urls[0]]


def test_N31_one_address_under_two_names_is_asked_once_and_both_get_the_answer() -> None:
    two = [source(endpoint("https://www.example.org/feed/")), source(endpoint("http://example.org/feed"), name="b")]
    [one] = timetable.looks(two, {}, NOW)
    assert (one.source.id, [twin.source.id for twin in one.twins]) == ("news", ["b"])
    early = sound("https://www.example.org/feed/", next_look=NOW + HOUR)
    [again] = timetable.looks(two, by_key(early), NOW)  # due for one is due for both
    assert len(again.twins) == 1
    other = [source(endpoint("https://example.org/feed?a=1")), source(endpoint("https://example.org/feed?a=2"), name="b")]
    assert len(timetable.looks(other, {}, NOW)) == 2
    proxied = [source(), replace(source(name="b"), proxy="socks5h://127.0.0.1:9050")]
    assert len(timetable.looks(proxied, {}, NOW)) == 2


# ── what to ask ──────────────────────────────────────────────────────────────────────────────────────────────────────

KNOWN = Validators(b'"1"', b"yesterday")


def test_a_request_carries_the_sources_own_way_out() -> None:
    of = replace(source(), proxy="socks5h://127.0.0.1:9050", ca_file="/etc/ca.pem")
    request = timetable.ask(look(sound(validators=KNOWN), of), NOW)
    assert (request.url, request.validators, request.proxy, request.ca_file) == (URL, KNOWN, of.proxy, of.ca_file)


@pytest.mark.parametrize(
    ("state", "conditional"),
    [
        (sound(validators=KNOWN), True),
        (sound(validators=KNOWN, conditional=False), False),
        (sound(validators=KNOWN, outcome=Outcome.NOT_MODIFIED, audited=NOW - 2 * DAY, gap=2 * DAY), False),
        (sound(validators=KNOWN, outcome=Outcome.NOT_MODIFIED, audited=NOW - DAY, gap=2 * DAY), True),
        (sound(validators=KNOWN, outcome=Outcome.NOT_MODIFIED, audited=NOW - DAY, gap=None), False),
        (sound(validators=KNOWN, outcome=Outcome.NOT_MODIFIED, audited=NOW - 8 * DAY, gap=30 * DAY), False),
        (sound(validators=KNOWN, outcome=Outcome.TIMEOUT, audited=NOW - 8 * DAY), True),
        (sound(validators=KNOWN, outcome=Outcome.NOT_MODIFIED, newest=NOW - 49 * HOUR, audited=NOW - 2 * HOUR), False),  # nearly silent
        (sound(validators=KNOWN, outcome=Outcome.NOT_MODIFIED, newest=NOW - 60 * HOUR, audited=NOW - 2 * HOUR), True),  # seen to be silent
    ],
)
def test_N09_when_a_request_is_unconditional(state: Visit, conditional: bool) -> None:
    assert (timetable.ask(look(state), NOW).validators == KNOWN) is conditional


def test_N31_twins_with_other_validators_are_asked_without_conditions() -> None:
    fresh_twin = look(visit(), source(name="b"))
    assert timetable.ask(replace(look(sound(validators=KNOWN)), twins=(fresh_twin,)), NOW).validators == Validators()


def test_N15_https_of_the_same_address_is_taken_at_once_and_left_when_it_fails() -> None:
    of = source(endpoint("http://news.example.org/feed"))
    moved = sound("http://news.example.org/feed", moved_to="https://news.example.org/feed", moved_since=NOW - 9 * DAY)
    assert timetable.ask(look(moved, of), NOW).url == "https://news.example.org/feed"
    assert timetable.ask(look(replace(moved, failures=1), of), NOW).url == "http://news.example.org/feed"
    assert timetable.proposed(moved, NOW) is None
    direct = timetable.after(look(moved, of), page(url="https://news.example.org/feed"), Parsed(entries(20)), 20, NOW, 0.0)
    assert (direct.outcome, direct.moved_to) == (Outcome.OK_NOTHING_NEW, "https://news.example.org/feed")


@pytest.mark.parametrize("elsewhere", ["https://other.example.com/feed", "https://news.example.org/other"])
def test_N15_any_other_move_is_a_curators_decision(elsewhere: str) -> None:
    of = source(endpoint("http://news.example.org/feed"))
    moved = sound("http://news.example.org/feed", moved_to=elsewhere, moved_since=NOW - 9 * DAY)
    assert timetable.ask(look(moved, of), NOW).url == "http://news.example.org/feed"
    assert timetable.proposed(moved, NOW) == elsewhere
    assert timetable.proposed(replace(moved, moved_since=NOW - DAY), NOW) is None


# ── what an answer means ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_look_learns_and_keeps_the_curators_rhythm() -> None:
    state = after(None, page(validators=KNOWN), Parsed(entries(20), channel_id="42"), 0)
    assert (state.outcome, state.entries, state.usual_entries, state.newest) == (Outcome.OK_NOTHING_NEW, 20, 20, NOW - MINUTE)
    assert (state.validators, state.next_look, state.channel_id) == (KNOWN, NOW + HOUR, "42")
    assert timetable.same_body(state, page()) and not timetable.same_body(state, page(b"<rss/>"))


def test_an_empty_answer_of_an_endpoint_that_never_gave_any_is_legal() -> None:
    assert after(None, page(), Parsed(()), 0).outcome is Outcome.OK_NOTHING_NEW


def test_a_page_with_a_few_of_its_many_links_is_parked_or_asks_to_log_in() -> None:
    listing = sound(kind=EndpointKind.LISTING)
    for left, known in ((1, 0), (2, 2)):
        parked = after(listing, page(validators=KNOWN), Parsed(entries(left)), known)
        assert (parked.outcome, parked.validators, parked.usual_entries) == (Outcome.SUSPICIOUS, Validators(), 20)
        assert parked.why == f"only {left} links, though it usually gives 20 entries"
        later = after(replace(parked, failing_since=NOW - 2 * DAY), page(), Parsed(entries(left)), left)
        assert timetable.health(source(), by_key(later)) == "failing"
    assert after(listing, page(), Parsed(entries(3)), 0).outcome is Outcome.OK_NOTHING_NEW
    assert after(sound(), page(), Parsed(entries(1)), 0).outcome is Outcome.OK_NOTHING_NEW  # a feed may begin anew


def test_a_list_that_is_empty_for_longer_than_its_rhythm_explains_is_as_good_as_dead() -> None:
    for gap, patience in ((None, 2 * DAY), (DAY, 2 * DAY), (5 * DAY, 5 * DAY)):
        emptied = after(sound(gap=gap), page(), Parsed(()), 0)
        assert (emptied.outcome, emptied.failures, emptied.failing_since) == (Outcome.SUSPICIOUS, 0, NOW)
        for age, health in ((patience - HOUR, "ok"), (patience, "failing")):
            later = after(replace(emptied, failing_since=NOW - age), page(), Parsed(()), 0)
            assert timetable.health(source(), by_key(later)) == health
        assert after(emptied, page(), Parsed(entries(20)), 20).failing_since is None


@pytest.mark.parametrize("problem", [Outcome.PARSE_FAILED, Outcome.NOT_A_FEED, Outcome.CHALLENGE, Outcome.AUTH])
def test_N23_an_answer_without_entries_is_a_failure_and_backs_off(problem: Outcome) -> None:
    state = after(
        sound(validators=KNOWN, failures=1, failing_since=NOW - HOUR), page(validators=KNOWN), Parsed((), problem, "no feed here"), 0
    )
    assert (state.outcome, state.why, state.failures, state.failing_since) == (problem, "no feed here", 2, NOW - HOUR)
    assert (state.next_look, state.validators) == (NOW + 2 * HOUR, Validators())


def test_a_page_that_nobody_could_parse_is_a_failure() -> None:
    assert after(sound(), page(), None).outcome is Outcome.PARSE_FAILED


@pytest.mark.parametrize("problem", [Outcome.PARSE_PARTIAL, Outcome.SUSPICIOUS])
def test_N08_entries_of_a_partial_parse_count_but_its_validators_do_not(problem: Outcome) -> None:
    state = after(sound(body_hash="old", validators=KNOWN), page(validators=KNOWN), Parsed(entries(5), problem, "cut"), 0)
    assert (state.outcome, state.entries, state.validators, state.body_hash, state.failing_since) == (problem, 5, Validators(), "old", None)


def test_an_index_of_sitemaps_is_always_read_again() -> None:
    of = Source("news", "news", "news", SourceKind.STATE, ("en",), (Endpoint(EndpointKind.SITEMAP, URL),))
    state = timetable.after(
        look(None, of), page(validators=KNOWN), Parsed(entries(5), more=("https://news.example.org/1.xml",)), 0, NOW, 0.0
    )
    assert (state.outcome, state.validators, state.body_hash) == (Outcome.OK_NOTHING_NEW, Validators(), None)


def test_a_feed_that_wishes_to_be_left_alone_longer_is_up_to_the_ceiling() -> None:
    for ttl, wait in ((2 * HOUR, 2 * HOUR), (timedelta(days=365), 4 * HOUR), (MINUTE, HOUR), (-HOUR, HOUR)):
        assert after(None, page(), Parsed(entries(9), ttl=ttl), 0).next_look == NOW + wait


def test_the_next_look_follows_overlap() -> None:
    def next_wait(known: int | None) -> timedelta:
        state = after(sound(interval=HOUR), page(), Parsed(entries(20)), known)
        assert state.next_look is not None
        return state.next_look - NOW

    assert next_wait(2) < next_wait(15) == next_wait(None) == HOUR < next_wait(20)
    assert next_wait(0) == HOUR / 2


@given(
    every=st.timedeltas(min_value=timedelta(seconds=10), max_value=timedelta(days=3)),
    interval=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)),
    fresh=st.none() | st.integers(0, 20),
)
def test_an_interval_stays_between_floor_and_ceiling(every: timedelta, interval: timedelta | None, fresh: int | None) -> None:
    of = endpoint(every=every)
    assert rhythm.floor(of) <= rhythm.next_interval(of, interval, fresh=fresh, total=20) <= rhythm.ceiling(of)
    assert rhythm.floor(of) <= every <= rhythm.ceiling(of)


@given(
    failures=st.integers(0, 10_000),
    every=st.timedeltas(min_value=timedelta(seconds=10), max_value=DAY),
    asked=st.none() | st.timedeltas(min_value=timedelta(0), max_value=DAY),
    jitter=st.floats(0, 1),
)
def test_N14_a_failing_endpoint_is_never_given_up_and_never_hurried(
    failures: int, every: timedelta, asked: timedelta | None, jitter: float
) -> None:
    of = source(endpoint(every=every))
    failure = failed(Outcome.RATE_LIMITED, retry_after=asked)
    state = timetable.after(look(sound(failures=failures), of), failure, None, None, NOW, jitter)
    assert state.next_look is not None and state.failures == failures + 1
    wait = state.next_look - NOW
    assert max(every, asked or every) <= wait <= DAY * (1 + timetable.JITTER)
    if asked is None:
        assert wait <= max(DAY, every * (1 + timetable.JITTER))


def test_jitter_only_ever_stretches() -> None:
    first, last = (timetable.after(look(), failed(), None, None, NOW, jitter).next_look for jitter in (0.0, 1.0))
    assert first == NOW + HOUR and last == NOW + 1.1 * HOUR


def test_a_304_keeps_what_is_known() -> None:
    old = sound(validators=KNOWN, body_hash="x", interval=HOUR, failures=3, failing_since=NOW - DAY)
    state = after(old, NotModified(URL, URL, (), NOW, 0.1, Validators(None, b"today")))
    assert (state.outcome, state.validators, state.body_hash) == (Outcome.NOT_MODIFIED, Validators(b'"1"', b"today"), "x")
    assert (state.failures, state.failing_since, state.entries, state.newest) == (0, None, 20, old.newest)


@pytest.mark.parametrize(
    "body",
    [
        b"<rss></rss>",
        b"<feed>..</feed>\n",
        b"<rdf:RDF></rdf:RDF>",
        b"<urlset></urlset >",
        b"<a:sitemapindex></a:sitemapindex>",
        b"<html></HTML>\r\n\r\n",
        b'{"items": []}',
        b"[]\n",
        b"<rss></rss>\n<!-- cached at noon -->\n<!-- by a\nproxy -->",
        "<rss></rss>\n".encode("utf-16"),
        b"<rss></rss>\0\0",
    ],
)
def test_N26_a_whole_end(body: bytes) -> None:
    assert timetable.whole_end(body)


@pytest.mark.parametrize(
    "body", [b"", b"<rss><channel>", b"<rss></rss", b"<rss></channel>", b"<rss></rss> more", b"<rss></rss><!-- cut", b"<rss></rss><item>"]
)
def test_N26_no_whole_end(body: bytes) -> None:
    assert not timetable.whole_end(body)


def test_N26_an_uncertain_end_makes_a_complete_parse_a_partial_one() -> None:
    for body, outcome in ((b"<rss></rss>", Outcome.OK_NOTHING_NEW), (b"<rss></channel>", Outcome.PARSE_PARTIAL)):
        state = after(sound(), page(body, certain_end=False, validators=KNOWN), Parsed(entries(20)), 19)
        assert (state.outcome, state.validators == KNOWN) == (outcome, outcome is Outcome.OK_NOTHING_NEW)
        assert after(sound(), page(body, validators=KNOWN), Parsed(entries(20)), 19).validators == KNOWN


# ── doubt ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_M02_a_second_endpoint_whose_entries_the_first_brought_is_not_suspicious() -> None:
    pair = source(endpoint(), endpoint("https://news.example.org/all", Role.SECONDARY))
    fresh = Parsed(entries(20, every=MINUTE))
    state = timetable.after(look(sound(), pair), page(), fresh, 20, NOW, 0.0)
    assert (state.outcome, state.newest) == (Outcome.OK_NOTHING_NEW, NOW - MINUTE)
    alone = after(sound(), page(), fresh, 20)
    assert (alone.outcome, alone.newest) == (Outcome.SUSPICIOUS, NOW - 2 * HOUR)


def test_M02_dates_in_the_future_prove_nothing() -> None:
    events = tuple(Entry(id=str(n), published=When(NOW + n * HOUR)) for n in range(1, 9))
    assert after(sound(usual_entries=8.0), page(), Parsed(events), 8).outcome is Outcome.OK_NOTHING_NEW


def test_entries_without_dates_are_as_new_as_their_first_sight() -> None:
    undated = tuple(Entry(id=str(n)) for n in range(20))
    assert after(None, page(), Parsed(undated), 0).newest == NOW
    assert after(sound(), page(), Parsed(undated), 19).newest == NOW
    assert after(sound(), page(), Parsed(undated), 20).newest == NOW - 2 * HOUR


# ── silence and health ───────────────────────────────────────────────────────────────────────────────────────────────


def test_M01_silence_is_measured_by_the_endpoints_own_gap_or_the_curators() -> None:
    quiet = sound(newest=NOW - 3 * DAY)
    assert timetable.silent(quiet, source(), NOW)
    assert not timetable.silent(replace(quiet, gap=4 * DAY), source(), NOW)
    assert not timetable.silent(quiet, source(gap=7 * DAY), NOW)
    assert timetable.silent(replace(quiet, gap=30 * DAY), source(gap=DAY), NOW)
    assert not timetable.silent(replace(quiet, gap=None), source(), NOW)  # the rhythm is not known yet
    assert timetable.silent(replace(quiet, gap=None), source(), NOW + 5 * DAY)
    assert not timetable.silent(visit(), source(), NOW)


def test_M01_a_failing_endpoint_is_failing_not_silent() -> None:
    assert after(sound(newest=NOW - 9 * DAY), failed()).silent_since is None
    assert after(sound(newest=NOW - 9 * DAY), NotModified(URL, URL, (), NOW, 0.1)).silent_since == NOW - 9 * DAY


def test_N09_nobody_is_silent_by_the_word_of_a_304() -> None:
    unchanged = NotModified(URL, URL, (), NOW, 0.1)
    assert after(sound(newest=NOW - 49 * HOUR, audited=NOW - 2 * HOUR), unchanged).silent_since is None
    assert after(sound(newest=NOW - 49 * HOUR, audited=NOW), unchanged).silent_since == NOW - 49 * HOUR


@pytest.mark.parametrize(
    ("every", "least", "most"),
    [
        (timedelta(minutes=10), DAY, DAY),  # the floor
        (12 * HOUR, DAY, 3 * DAY),
        (7 * DAY, 14 * DAY, 28 * DAY),
        (60 * DAY, 30 * DAY, 30 * DAY),  # the ceiling
    ],
)
def test_M01_the_gap_is_learned_from_pauses_between_entries(every: timedelta, least: timedelta, most: timedelta) -> None:
    learned = after(None, page(), Parsed(entries(20, every=every)), 0).gap
    assert learned is not None and least <= learned <= most


def test_M01_what_was_not_seen_while_it_failed_is_no_pause() -> None:
    back = Parsed(entries(20))
    assert after(sound(newest=NOW - 14 * DAY), page(), back, 0).gap == 1.5 * (14 * DAY - 19 * HOUR - MINUTE)
    assert after(sound(newest=NOW - 14 * DAY, failures=9, failing_since=NOW - 13 * DAY), page(), back, 0).gap < 2 * DAY


def test_M01_a_part_without_the_newest_entry_says_nothing_of_silence() -> None:
    state = sound(newest=NOW - 3 * DAY)
    for newest, silent_since in ((NOW - 3 * DAY, NOW - 3 * DAY), (NOW - 4 * DAY, None)):
        part = Parsed(entries(20, newest=newest), Outcome.PARSE_PARTIAL, "cut")
        assert after(state, page(), part, 20).silent_since == silent_since


def test_M01_a_long_pause_is_forgotten_slowly() -> None:
    state = after(sound(gap=10 * DAY), page(), Parsed(entries(20)), 10)
    assert state.gap is not None and 9 * DAY < state.gap < 10 * DAY


def test_health_in_one_word() -> None:
    bad = {"outcome": Outcome.TIMEOUT, "failures": 1, "failing_since": NOW}
    fallback = endpoint("https://t.me/s/news", Role.FALLBACK)
    for expected, of, states in (
        ("disabled", source(enabled=False), [sound()]),
        ("disabled", source(endpoint(enabled=False)), [sound()]),
        ("disabled", source(endpoint(role=Role.BACKFILL)), []),
        ("unseen", source(), []),
        ("ok", source(), [sound()]),
        ("ok", source(), [sound(outcome=Outcome.NOT_MODIFIED)]),
        ("silent", source(), [sound(silent_since=NOW - DAY)]),
        ("failing", source(), [sound(**bad)]),
        ("failing", source(), [sound(outcome=Outcome.GONE, gone=True)]),
        ("refused", source(), [sound(outcome=Outcome.REFUSED, failures=1)]),
        ("failing", source(endpoint(), endpoint("https://b.example.org/")), [sound(), sound("https://b.example.org/", **bad)]),
        ("ok", source(endpoint(), fallback), [sound(**bad), sound(fallback.url)]),
        ("silent", source(endpoint(), fallback), [sound(**bad), sound(fallback.url, silent_since=NOW)]),
        ("ok", source(endpoint(), endpoint("https://b.example.org/", Role.SECONDARY)), [sound(), sound("https://b.example.org/", **bad)]),
    ):
        assert timetable.health(of, by_key(*states)) == expected, (expected, states)


# ── entries whose page could not be read ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("failure", "waits"),
    [
        (failed(Outcome.TIMEOUT), [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, None]),
        (failed(Outcome.HTTP_ERROR, status=503), [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, None]),
        (failed(Outcome.RATE_LIMITED, status=429, retry_after=3 * HOUR), [3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, None]),
        (failed(Outcome.HTTP_ERROR, status=404), [6 * HOUR, None]),
        (failed(Outcome.GONE, status=410), [6 * HOUR, None]),
        (failed(Outcome.HTTP_ERROR, status=451), [None]),
        (failed(Outcome.REFUSED), [None]),
        (failed(Outcome.AUTH, status=401), [None]),
        (failed(Outcome.TOO_BIG), [None]),
    ],
)
def test_when_an_entry_is_tried_again(failure: Failure, waits: list[timedelta | None]) -> None:
    for attempts, wait in enumerate(waits, start=1):
        assert timetable.entry_retry(attempts, failure, NOW, 5) == (None if wait is None else NOW + wait)
