"""HTTP manners and lies: rows N of docs/faults.md, over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, MutableMapping
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from monitor.fetch.http import user_agent
from monitor.model import Outcome, Purpose, Request, Validators
from tests.fakes import FakeClock
from tests.fetch.asking import FEED, Fetch, article, failure, feed, page, settings_for, unmodified
from tests.press.raw import RESET, Asked, RawServer, Step, hang, reply

# ── validators ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "etag",
    [b'W/"weak"', b'"two words, one comma"', b"unquoted", b'"' + b"x" * 4096 + b'"', b'"abc--gzip"', b'"' + "é".encode() + b'"'],
    ids=["weak", "spaces", "unquoted", "4k", "gzip suffix", "utf-8"],
)
def test_N01_an_etag_is_echoed_byte_for_byte(server: RawServer, fetch: Fetch, etag: bytes) -> None:
    server.say("/feed", reply(body=FEED, headers={"ETag": etag}), reply(304))
    [first] = fetch(feed(server.url("/feed")))
    assert page(first).validators == Validators(etag)
    [second] = fetch(feed(server.url("/feed"), page(first).validators.etag))
    unmodified(second)
    assert server.asked("/feed")[1].header("If-None-Match") == etag


def test_N02_an_etag_that_cannot_be_sent_is_dropped_not_changed(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED, headers={"ETag": b'W/"caf\xe9"'}))
    [first] = fetch(feed(server.url("/feed")))
    assert page(first).validators.etag == b'W/"caf\xe9"'
    [second] = fetch(feed(server.url("/feed"), page(first).validators.etag))
    page(second)
    assert server.asked("/feed")[1].header("If-None-Match") in (None, b'W/"caf\xe9"')


@pytest.mark.parametrize(
    "modified",
    [b"Sunday, 06-Nov-94 08:49:37 GMT", b"Sun Nov  6 08:49:37 1994", b"yesterday, more or less", b"sun, 06 nov 1994 08:49:37 gmt", b"0"],
)
def test_N03_last_modified_is_echoed_verbatim(server: RawServer, fetch: Fetch, modified: bytes) -> None:
    server.say("/feed", reply(body=FEED, headers={"Last-Modified": modified}), reply(304))
    [first] = fetch(feed(server.url("/feed")))
    [second] = fetch(feed(server.url("/feed"), None, page(first).validators.last_modified))
    unmodified(second)
    assert server.asked("/feed")[1].header("If-Modified-Since") == modified


def test_N06_a_304_tells_its_new_validators(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(304, headers={"Last-Modified": "Wed, 25 Nov 2026 08:00:00 GMT"}))
    [answer] = fetch(feed(server.url("/feed"), b'"1"'))
    assert unmodified(answer).validators == Validators(None, b"Wed, 25 Nov 2026 08:00:00 GMT")


def test_N07_no_validator_is_made_up(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED))
    [answer] = fetch(feed(server.url("/feed")))
    assert page(answer).validators == Validators()
    asked = server.asked("/feed")[0]
    assert asked.header("If-None-Match") is None and asked.header("If-Modified-Since") is None


def test_N10_a_304_that_nobody_asked_for_is_an_error(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(304))
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, Outcome.HTTP_ERROR).status == 304


# ── being told to wait ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "wait", "told"),
    [
        ("120", timedelta(seconds=120), "120 seconds"),
        ("Wed, 25 Nov 2026 10:00:00 GMT", timedelta(hours=1), "3600 seconds"),  # the clock says 09:00
        ("315360000", timedelta(hours=24), "cut to 24 hours"),
        ("9" * 30, timedelta(hours=24), "cut to 24 hours"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=24), "cut to 24 hours"),
        ("-5", None, "cannot be read"),
        ("soon", None, "cannot be read"),
        ("Wed, 25 Nov 2020 10:00:00 GMT", None, "cannot be read"),
    ],
)
def test_N11_retry_after_in_every_form(server: RawServer, fetch: Fetch, status: int, said: str, wait: timedelta | None, told: str) -> None:
    server.say("/feed", reply(status, headers={"Retry-After": said}))
    [answer] = fetch(feed(server.url("/feed")))
    limited = failure(answer, Outcome.RATE_LIMITED)
    assert limited.retry_after == wait and told in limited.why and limited.status == status


def test_N11_a_host_that_asked_to_wait_is_not_asked_for_anything_else(server: RawServer, fetch: Fetch, clock: FakeClock) -> None:
    waits: MutableMapping[str, datetime] = {}
    server.say("/busy", reply(429, headers={"Retry-After": "600"}))
    server.say("/other", reply(body=FEED))
    busy, other = fetch(feed(server.url("/busy")), feed(server.url("/other")), waits=waits)
    assert failure(other, Outcome.RATE_LIMITED).retry_after == timedelta(seconds=600)
    assert failure(other, Outcome.RATE_LIMITED).status is None
    assert waits == {server.address: clock.now() + timedelta(seconds=600)}
    clock.pass_(seconds=300)
    [restarted] = fetch(feed(server.url("/other")), waits=waits)  # another process, which remembers
    failure(restarted, Outcome.RATE_LIMITED)
    assert not server.asked("/other")
    clock.pass_(seconds=301)
    [later] = fetch(feed(server.url("/other")), waits=waits)
    page(later)
    failure(busy, Outcome.RATE_LIMITED)


def test_N11_siblings_on_the_registrable_domain_wait_too(
    server: RawServer, fetch: Fetch, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))])
    server.say("/busy", reply(503, headers={"Retry-After": "60"}))
    server.say("/feed", reply(body=FEED))
    quick = settings_for(server, host_gap=timedelta(0))
    requests = [
        feed(server.url(path, host))
        for path, host in (("/busy", "a.example.co.uk"), ("/feed", "b.example.co.uk"), ("/feed", "other.co.uk"))
    ]
    waits: MutableMapping[str, datetime] = {}
    _, sibling, stranger = fetch(*requests, settings=quick, waits=waits)
    assert "example.co.uk told us to wait" in failure(sibling, Outcome.RATE_LIMITED).why
    page(stranger)
    assert list(waits) == ["example.co.uk"]


def test_N12_too_many_requests_without_a_time(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(429))
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, Outcome.RATE_LIMITED).retry_after is None


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "outcome", "told"),
    [
        (401, Outcome.AUTH, "password"),
        (407, Outcome.AUTH, "password"),
        (403, Outcome.HTTP_ERROR, "refused by the server"),
        (404, Outcome.HTTP_ERROR, "not found"),
        (410, Outcome.GONE, "gone"),
        (451, Outcome.HTTP_ERROR, "legal block"),
        (500, Outcome.HTTP_ERROR, "server error"),
        (503, Outcome.HTTP_ERROR, "server error"),
    ],
)
def test_N13_N14_an_error_keeps_its_status_and_says_why(server: RawServer, fetch: Fetch, status: int, outcome: Outcome, told: str) -> None:
    server.say("/feed", reply(status, b"<html>no</html>"))
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, outcome).status == status and told in failure(answer, outcome).why


@pytest.mark.parametrize("status", [204, 205, 206, 226, 300, 305, 299, 402, 599])
def test_N27_a_status_without_a_complete_answer_is_no_success(server: RawServer, fetch: Fetch, status: int) -> None:
    server.say("/feed", reply(status, b"" if status in (204, 205) else FEED))
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, Outcome.HTTP_ERROR).status == status


def test_N27_interim_answers_are_skipped(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 20 + reply(body=FEED))
    [answer] = fetch(feed(server.url("/feed")))
    assert page(answer).body == FEED


def test_N27_a_flood_of_100_continue_ends_at_the_deadline(server: RawServer, fetch: Fetch) -> None:
    def flood(asked: Asked) -> Iterable[Step]:
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100
            yield 0.01

    server.say("/feed", flood)
    [answer] = fetch(feed(server.url("/feed")), settings=settings_for(server, deadline=timedelta(seconds=0.5)))
    failure(answer, Outcome.TIMEOUT)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, b"<html>hold on</html>"),
        (200, {"cf-mitigated": "challenge"}, b"<html>hold on</html>"),
        (403, {}, b"<html><title>Just a moment...</title></html>"),
        (503, {}, b"<html><script>window._cf_chl_opt={}</script></html>"),
        (429, {"x-vercel-mitigated": "challenge"}, b"<html></html>"),
        (405, {"x-amzn-waf-action": "captcha"}, b""),
        (403, {"server": "ddos-guard"}, b"<html><title>DDOS-GUARD</title></html>"),
    ],
)
def test_N23_a_bot_wall_is_called_one(server: RawServer, fetch: Fetch, status: int, headers: dict[str, str], body: bytes) -> None:
    server.say("/feed", reply(status, body, headers))
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, Outcome.CHALLENGE).status == status


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "image/png", "text/plain; charset=nonsense", "", "x"])
def test_N22_a_content_type_that_lies_changes_nothing(server: RawServer, fetch: Fetch, kind: str) -> None:
    server.say("/feed", reply(body=FEED, headers={"Content-Type": kind}))
    [answer] = fetch(feed(server.url("/feed")))
    assert page(answer).body == FEED and page(answer).header("content-type") == kind


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [301, 308])
def test_N15_a_permanent_redirect_tells_the_new_address(server: RawServer, fetch: Fetch, status: int) -> None:
    server.say("/old", reply(status, headers={"Location": "/new"}))
    server.say("/new", reply(body=FEED))
    [answer] = fetch(feed(server.url("/old")))
    assert page(answer).url == server.url("/old")
    assert page(answer).final_url == page(answer).permanent_url == server.url("/new")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_N16_a_passing_redirect_is_followed_and_the_address_kept(server: RawServer, fetch: Fetch, status: int) -> None:
    server.say("/old", reply(status, headers={"Location": server.url("/new").encode()}))
    server.say("/new", reply(body=FEED))
    [answer] = fetch(feed(server.url("/old")))
    assert page(answer).final_url == server.url("/new") and page(answer).permanent_url is None


def test_N16_only_the_permanent_beginning_of_a_chain_is_permanent(server: RawServer, fetch: Fetch) -> None:
    for path, status, location in (("/a", 301, "/b"), ("/b", 302, "/c"), ("/c", 301, "/d")):
        server.say(path, reply(status, headers={"Location": location}))
    server.say("/d", reply(body=FEED))
    [answer] = fetch(feed(server.url("/a")))
    assert page(answer).permanent_url == server.url("/b") and page(answer).final_url == server.url("/d")


def test_N16_a_location_in_raw_utf8_is_followed(server: RawServer, fetch: Fetch) -> None:
    server.say("/old", reply(302, headers={"Location": "/новости?q=а б"}))
    server.say("/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8", reply(body=FEED))
    [answer] = fetch(feed(server.url("/old")))
    page(answer)


def test_N17_redirects_in_a_circle_end(server: RawServer, fetch: Fetch) -> None:
    server.say("/a", reply(302, headers={"Location": "/b"}))
    server.say("/b", reply(302, headers={"Location": "/a", "Set-Cookie": "seen=1"}))
    [answer] = fetch(feed(server.url("/a")))
    failure(answer, Outcome.NET_ERROR)
    assert len(server.log) == 2


def test_N17_the_sixth_redirect_is_not_followed(server: RawServer, fetch: Fetch) -> None:
    for number in range(30):
        server.say(f"/{number}", reply(302, headers={"Location": f"/{number + 1}"}))
    [answer] = fetch(feed(server.url("/0")))
    failure(answer, Outcome.NET_ERROR)
    assert len(server.log) == 6


def test_N17_a_redirect_to_nowhere(server: RawServer, fetch: Fetch) -> None:
    server.say("/a", reply(302))
    [answer] = fetch(feed(server.url("/a")))
    failure(answer, Outcome.HTTP_ERROR)


def test_N16_validators_go_along_with_a_redirect(server: RawServer, fetch: Fetch) -> None:
    server.say("/old", reply(302, headers={"Location": "/new"}))
    server.say("/new", reply(304))
    [answer] = fetch(feed(server.url("/old"), b'"1"'))
    assert unmodified(answer).final_url == server.url("/new")


# ── who we are ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_N19_a_cookie_is_never_sent_back(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED, headers={"Set-Cookie": "id=1; Path=/"}))
    fetch(feed(server.url("/feed")), feed(server.url("/feed")))
    assert len(server.log) == 2 and all(asked.header("Cookie") is None for asked in server.log)


def test_N33_the_user_agent_is_honest_and_nothing_else_tells_on_us(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED))
    fetch(feed(server.url("/feed")), settings=settings_for(server, contact="https://example.org/bot"))
    [asked] = server.log
    names = sorted(line.split(b":")[0].lower().decode() for line in asked.head.split(b"\r\n")[1:])
    assert names == ["accept", "accept-encoding", "connection", "host", "user-agent"]
    assert asked.header("User-Agent") == b"monitor/0.1.0 (+https://example.org/bot; feed monitor)"
    assert asked.header("Accept-Encoding") == b"gzip, deflate, br"


def test_N33_a_contact_cannot_smuggle_a_header() -> None:
    assert user_agent("") == "monitor/0.1.0 (feed monitor)"
    assert user_agent("a@b\r\nX: ы)") == "monitor/0.1.0 (+a@bX:; feed monitor)"


# ── broken answers ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_N25_an_answer_cut_inside_its_headers(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Le")
    [answer] = fetch(feed(server.url("/feed")))
    failure(answer, Outcome.NET_ERROR)


def test_N25_success_without_a_body_is_none(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(200))
    server.say("/endless", b"HTTP/1.1 200 OK\r\n\r\n")
    for answer in fetch(feed(server.url("/feed")), feed(server.url("/endless"))):
        failure(answer, Outcome.NET_ERROR)


@pytest.mark.parametrize(
    "said",
    [
        reply(body=FEED[:40], length=len(FEED)),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + FEED[:64] + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + FEED[:30],
    ],
    ids=["length", "between chunks", "inside a chunk"],
)
def test_N26_a_cut_answer_is_a_net_error(server: RawServer, fetch: Fetch, said: bytes) -> None:
    server.say("/feed", said)
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, Outcome.NET_ERROR).why == "the answer was cut short"


def test_N26_a_body_longer_than_told_ends_where_told(server: RawServer, fetch: Fetch) -> None:
    server.say("/feed", reply(body=FEED + b"HTTP/1.1 200 OK\r\n\r\nsmuggled", length=len(FEED)))
    [answer] = fetch(feed(server.url("/feed")))
    assert page(answer).body == FEED and page(answer).certain_end


def test_N26_a_body_that_ends_with_the_connection_proves_nothing(server: RawServer, fetch: Fetch) -> None:
    server.say("/cut", reply(body=FEED[:30], length=None))
    server.say("/whole", reply(body=FEED, length=None))
    cut, whole = fetch(feed(server.url("/cut")), feed(server.url("/whole")))
    assert not page(cut).certain_end and not page(whole).certain_end


def reset_after(*said: bytes) -> Callable[[Asked], Iterable[Step]]:
    def play(asked: Asked) -> Iterable[Step]:
        yield from said
        yield 0.02
        yield RESET

    return play


def test_N26_a_reset_connection_is_a_net_error_or_leaves_the_end_uncertain(server: RawServer, fetch: Fetch) -> None:
    server.say("/told", reset_after(reply(body=FEED[:20], length=len(FEED))))
    server.say("/head", reset_after(b"HTTP/1.1 200 OK\r\nContent"))
    server.say("/untold", reset_after(reply(body=FEED[:20], length=None)))
    told, head, untold = fetch(*[feed(server.url(path)) for path in ("/told", "/head", "/untold")])
    failure(told, Outcome.NET_ERROR)
    failure(head, Outcome.NET_ERROR)
    assert not page(untold).certain_end


@pytest.mark.parametrize("headers", [{f"X-{n}": "x" * 1024 for n in range(300)}, {"X-Long": "x" * 1024**2}], ids=["many", "long"])
def test_N28_too_many_headers_cost_that_source_only(server: RawServer, fetch: Fetch, headers: dict[str, str]) -> None:
    server.say("/feed", reply(body=FEED, headers=headers))
    server.say("/good", reply(body=FEED))
    bad, good = fetch(feed(server.url("/feed")), feed(server.url("/good")))
    failure(bad, Outcome.HTTP_ERROR)
    page(good)


@pytest.mark.parametrize(
    "noise", [b"\x00\x01\x02\r\n\r\n", b"220 mail.example.org ESMTP\r\n\r\n", b"<html>no header at all</html>\r\n\r\n", b""]
)
def test_N28_what_is_not_http_is_an_error(server: RawServer, fetch: Fetch, noise: bytes) -> None:
    server.say("/feed", noise)
    [answer] = fetch(feed(server.url("/feed")))
    assert failure(answer, Outcome.HTTP_ERROR if noise else Outcome.NET_ERROR).why.isprintable()


def test_N30_a_dead_first_address_is_passed_over(server: RawServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, server.port)) for address in ("127.0.0.2", "127.0.0.1")],
    )
    server.say("/feed", reply(body=FEED))
    both = settings_for(server, allow=(server.address, f"127.0.0.2:{server.port}"))
    [answer] = fetch(feed(server.url("/feed", "feeds.example.org")), settings=both)
    assert page(answer).address == "127.0.0.1"


# ── robots.txt ───────────────────────────────────────────────────────────────────────────────────────────────────────


def oversized_robots() -> bytes:
    return b"User-agent: *\nDisallow: /early\n" + b"# padding\n" * 60_000 + b"Disallow: /late\n"


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        (reply(404), True),
        (reply(403, b"no"), True),
        (reply(500), False),
        (reply(503, headers={"Retry-After": "soon"}), False),
        (b"", False),
        (reply(200), True),
        (reply(200, b"<html><body>Our new site</body></html>"), True),
        (reply(200, b"User-agent: *\nDisallow: /story"), False),
        (reply(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n\nUser-agent: monitor\nAllow: /"), True),
        (reply(302, headers={"Location": "/elsewhere"}), False),
    ],
    ids=["404", "403", "500", "503", "unreachable", "empty", "html", "forbidden", "us by name", "redirect"],
)
def test_N32_robots_txt_is_asked_before_an_article(server: RawServer, fetch: Fetch, said: bytes, allowed: bool) -> None:
    server.say("/robots.txt", said)
    server.say("/elsewhere", reply(200, b"User-agent: *\nDisallow: /story"))
    server.say("/story", reply(body=b"<html>story</html>"))
    [answer] = fetch(article(server.url("/story")))
    if allowed:
        page(answer)
    else:
        assert "robots.txt" in failure(answer, Outcome.REFUSED).why
        assert not server.asked("/story")


def test_N32_the_first_500_kib_of_a_huge_robots_txt_count(server: RawServer, fetch: Fetch) -> None:
    server.say("/robots.txt", reply(200, oversized_robots()))
    for path in ("/early", "/late"):
        server.say(path, reply(body=b"<html>story</html>"))
    early, late = fetch(article(server.url("/early")), article(server.url("/late")))
    failure(early, Outcome.REFUSED)
    page(late)


def test_N32_robots_txt_is_kept_for_a_day_and_asked_once_by_many(server: RawServer, fetch: Fetch, clock: FakeClock) -> None:
    server.say("/robots.txt", reply(200, b"User-agent: *\nDisallow: /no"))
    server.say("/story", reply(body=b"<html>story</html>"))
    answers = fetch(*[article(server.url(f"/story?{n}")) for n in range(5)], together=True)
    assert all(page(answer) for answer in answers) and len(server.asked("/robots.txt")) == 1


def test_N32_feeds_are_asked_for_by_the_curator_and_robots_txt_is_not(server: RawServer, fetch: Fetch) -> None:
    server.say("/robots.txt", reply(200, b"User-agent: *\nDisallow: /"))
    server.say("/feed", reply(body=FEED))
    [answer] = fetch(feed(server.url("/feed")))
    page(answer)
    assert not server.asked("/robots.txt")


def test_N32_a_redirect_into_forbidden_ground_is_not_followed(server: RawServer, fetch: Fetch) -> None:
    server.say("/robots.txt", reply(200, b"User-agent: *\nDisallow: /private"))
    server.say("/story", reply(302, headers={"Location": "/private/story"}))
    [answer] = fetch(article(server.url("/story")))
    failure(answer, Outcome.REFUSED)
    assert not server.asked("/private/story")


# ── turns ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_N20_a_host_gets_one_request_at_a_time(server: RawServer, fetch: Fetch) -> None:
    def slowly(asked: Asked) -> Iterable[Step]:
        yield 0.02
        yield reply(body=FEED)

    for number in range(6):
        server.say(f"/{number}", slowly)
    answers = fetch(*[feed(server.url(f"/{number}")) for number in range(6)], together=True)
    times = [asked.at for asked in server.log]
    assert all(page(answer) for answer in answers) and len(times) == 6
    assert all(later - earlier >= 0.02 for earlier, later in pairwise(times))  # each came after the answer before it


def test_N20_a_name_is_given_rest_between_two_requests(server: RawServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))])
    server.say("/feed", reply(body=FEED))
    gap = settings_for(server, host_gap=timedelta(seconds=0.2))
    fetch(*[feed(server.url("/feed", "news.example.org"))] * 3, settings=gap, together=True)
    times = [asked.at for asked in server.log]
    assert len(times) == 3 and all(later - earlier >= 0.2 for earlier, later in pairwise(times))


# ── webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def hook(url: str) -> Request:
    return Request(url, Purpose.WEBHOOK, body=b'{"a":1}', headers=(("Content-Type", "application/json"), ("X-Signature", "abc")))


def test_A03_a_webhook_is_posted_as_given(server: RawServer, fetch: Fetch) -> None:
    server.say("/hook", reply(204, length=None))
    [answer] = fetch(hook(server.url("/hook")))
    assert page(answer).status == 204
    [asked] = server.log
    assert (asked.method, asked.body, asked.header("X-Signature")) == ("POST", b'{"a":1}', b"abc")
    assert asked.header("Content-Type") == b"application/json"


def test_A03_a_webhooks_redirect_is_not_followed(server: RawServer, fetch: Fetch) -> None:
    server.say("/hook", reply(307, headers={"Location": "/other"}))
    [answer] = fetch(hook(server.url("/hook")))
    assert failure(answer, Outcome.HTTP_ERROR).status == 307
    assert not server.asked("/other")


def test_A03_a_long_reply_is_not_read_to_its_end(server: RawServer, fetch: Fetch) -> None:
    server.say("/hook", reply(200, b"x" * 10_000_000))
    [answer] = fetch(hook(server.url("/hook")))
    assert len(page(answer).body) <= 64 * 1024


def test_A03_a_slow_receiver_is_left_at_the_deadline(server: RawServer, fetch: Fetch) -> None:
    server.say("/hook", hang)
    [answer] = fetch(hook(server.url("/hook")), settings=settings_for(server, deadline=timedelta(seconds=0.3)))
    failure(answer, Outcome.TIMEOUT)
