"""What did a day bring, and does telling of it harm nobody?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from monitor.errors import UsageError
from monitor.model import Attribution, EntryState, Level, MailSettings, Quality, Settings, When
from monitor.steps import digest, notices
from tests.notify.samples import DAY, NOON, SOURCES, ZONE, alert, coverage, edit, item, made, story

# ── the day ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "timezone", "since", "hours"),
    [
        (date(2026, 11, 25), "Europe/Paris", "2026-11-24T23:00", 24),
        (date(2026, 10, 25), "Europe/Paris", "2026-10-24T22:00", 25),
        (date(2027, 3, 28), "Europe/Paris", "2027-03-27T23:00", 23),
        (date(2026, 3, 29), "Europe/Kyiv", "2026-03-28T22:00", 23),
        (date(2026, 11, 25), "Pacific/Kiritimati", "2026-11-24T10:00", 24),
        (date(2026, 4, 24), "Africa/Cairo", "2026-04-23T22:00", 23),  # midnight itself is skipped
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00", 0),  # a day that never was
    ],
)
def test_D08_a_window_holds_the_local_day(day: date, timezone: str, since: str, hours: int) -> None:
    first, last = digest.day_window(day, timezone)
    assert first == datetime.fromisoformat(since).replace(tzinfo=UTC)
    assert last - first == timedelta(hours=hours)


@pytest.mark.parametrize("timezone", ["Europe/Paris", "Europe/Kyiv", "Africa/Cairo", "America/Havana", "Pacific/Apia", "UTC"])
def test_D08_consecutive_windows_touch_without_gap_or_overlap(timezone: str) -> None:
    windows = [digest.day_window(date(2011, 12, 20) + timedelta(days=n), timezone) for n in range(6000)]
    assert all(first[1] == second[0] for first, second in pairwise(windows))
    assert all(since <= until for since, until in windows)


@given(st.sampled_from([datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)]), st.integers(-2000, 2000))
def test_D08_every_moment_around_a_change_of_clocks_is_in_exactly_its_own_local_day(change: datetime, minutes: int) -> None:
    at = change + timedelta(minutes=minutes)
    local = at.astimezone(ZoneInfo(ZONE)).date()
    for day in (local - timedelta(days=1), local, local + timedelta(days=1)):
        found = made([item(1, "deserted", first_seen=at)], day=day)
        since, until = digest.day_window(day, ZONE)
        assert (since <= at < until) == (day == local) == (found.items == 1)


def test_the_first_moment_of_a_day_is_in_it_and_the_first_of_the_next_is_not() -> None:
    since, until = digest.day_window(DAY, ZONE)
    for first_seen, items in ((since, 1), (until, 0)):
        one = item(1, "deserted", first_seen=first_seen)
        found = made([one], [alert(1, one, created=first_seen)])
        assert (found.items, len(found.alerts.stories)) == (items, items)


@pytest.mark.parametrize("timezone", ["Europe/Atlantis", "", "/etc/passwd", "../UTC", "a\0b"])
def test_an_unknown_timezone_is_refused_with_advice(timezone: str) -> None:
    with pytest.raises(UsageError, match="Europe/Paris"):
        digest.day_window(DAY, timezone)


def test_a_day_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match="9999-12-31"):
        digest.day_window(date.max, ZONE)


# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _items(lane: digest.Lane) -> list[list[int]]:
    return [[told.item for told in one.articles] for one in lane.stories]


def test_articles_of_a_story_stand_together_the_gravest_story_first() -> None:
    low, high = item(1, "deserted", severity="low", story=1), item(2, "deserted", story=2, severity="medium")
    also = item(3, "refused to fight", story=1, severity="low", source="capital", topics=("refusal",))
    found = made([low, high, also], stories=[story(2, origins=2), story(1, "Label", first_seen=NOON - timedelta(days=3))])
    assert _items(found.alerts) == [[2], [1, 3]]
    later = found.alerts.stories[1]
    assert (later.label, later.topics, later.outlets) == ("Label", ("desertion", "refusal"), ("Capital Wire", "Northern Post"))
    assert digest.about(later) == "low · desertion, refusal · Russian forces · 2 outlets · at most 1 origin · since 2026-11-22"


def test_copies_are_counted_with_their_outlets_and_publishers_once() -> None:
    carriers = ("capital", "radio", "elsewhere.org")
    items = [item(1, "deserted"), *(item(n, "deserted", source=source, duplicate_of=1) for n, source in enumerate(carriers, 2))]
    (only,) = made(items).alerts.stories
    assert [copy.outlet for copy in only.articles[0].copies] == ["Capital Wire", "Radio Valley", "elsewhere.org"]
    assert (only.copies, len(only.articles)) == (3, 1)
    assert "4 outlets of 3 publishers · 3 copies" in digest.about(only)


def test_a_copy_of_an_earlier_days_article_is_noted_as_one() -> None:
    found = made([item(9, "deserted", duplicate_of=1)], [])
    assert _items(found.notes) == [[9]] and "a copy of item 1" in digest.marks(found.notes.stories[0].articles[0])


def test_notes_stand_below_alerts_unless_their_story_alerted() -> None:
    items = [item(1, "deserted"), item(2, "deserted", level=Level.NOTE), item(3, "deserted", level=Level.NOTE, story=3)]
    found = made(items)
    assert (_items(found.alerts), _items(found.notes)) == ([[1, 2]], [[3]])
    text = digest.render(found, "text")
    assert text.index("== Alerts ==") < text.index("== Notes ==")


def test_what_did_not_match_is_counted_alone() -> None:
    found = made([item(1, level=Level.NONE)])
    assert found.items == 1 and not any(lane.stories for lane in found.lanes)


def test_what_backfill_or_changed_rules_found_has_its_own_lane() -> None:
    backfilled, old = item(1, "deserted"), item(2, "deserted", story=2, first_seen=NOON - timedelta(days=90))
    found = made([backfilled], [alert(5, old, lane="rematch")])
    assert _items(found.found) == [[2], [1]] and not found.alerts.stories


def test_a_revision_that_alerts_is_told_on_the_day_of_its_alert_though_its_item_is_older() -> None:
    old = item(4, "deserted", first_seen=NOON - timedelta(days=1))
    for given_items in ([old], []):
        found = made(given_items, [alert(5, old)])
        assert _items(found.alerts) == [[4]] and found.items == 0
        assert "Soldiers leave the brigade" in digest.render(found, "text")
    assert made([old], [alert(5, old)], day=DAY - timedelta(days=1)).alerts.stories == ()


def test_A11_a_dismissed_alert_is_counted_and_not_shown() -> None:
    one, two = item(1, "deserted"), item(2, "deserted", story=2)
    found = made([one, two], [alert(1, one, status="dismissed"), alert(2, two, status="seen")])
    assert (found.dismissed, found.unread, _items(found.alerts), _items(found.found)) == (1, 0, [[2]], [])
    assert "1 alert dismissed" in digest.summary(found)


@pytest.mark.parametrize(
    ("published", "late"),
    [
        (None, False),
        (When(DAY), False),
        (When(date(2026, 11, 24)), True),
        (When(datetime(2026, 11, 24, 23, 0, tzinfo=UTC)), False),  # midnight in Paris
        (When(datetime(2026, 11, 24, 22, 59, tzinfo=UTC)), True),
        (When(datetime(2026, 12, 24, tzinfo=UTC)), False),
    ],
)
def test_A09_what_was_published_on_an_earlier_day_is_marked_late(published: When | None, late: bool) -> None:
    (only,) = made([item(1, "deserted", published=published)]).alerts.stories
    assert only.articles[0].late is late
    assert ("late: published 2026-11-24" in digest.marks(only.articles[0])) is late


def test_an_article_says_whom_it_cites_when_that_is_known() -> None:
    cited = {1: [Attribution("capital", "the Wire", 0, 3), Attribution("a-village-paper", "A Village Paper", 4, 9)]}
    one = item(1, "deserted")
    found = digest.build(DAY, ZONE, [one], [alert(1, one)], [], coverage(), SOURCES, cited)
    assert "cites A Village Paper, Capital Wire\n" in digest.render(found, "text")


# ── the first line ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, "Looked at all 3 sources; 412 entries seen, all accounted for."),
        ({"sources": 1, "verified": 1}, "Looked at the one source; 412 entries seen, all accounted for."),
        (
            {"sources": 61, "verified": 58, "failing": ("radio", "capital"), "silent": ("north",), "unseen": ("x",)},
            "Looked at 58 of 61 sources: 2 failing (Capital Wire, Radio Valley), 1 silent (Northern Post), 1 not looked at (x);"
            " 412 entries seen, all accounted for.",
        ),
        ({"sources": 0, "verified": 0, "entries_seen": 0, "by_state": {}}, "No source is enabled; 0 entries seen, all accounted for."),
        ({"entries_seen": 413}, "Looked at all 3 sources; 413 entries seen, but 412 accounted for."),
        (
            {"by_state": {EntryState.STORED: 1400, EntryState.WAITING: 2, EntryState.FAILED: 1}, "entries_seen": 1403},
            "Looked at all 3 sources; 1,403 entries seen, all accounted for (2 waiting, 1 failed).",
        ),
    ],
)
def test_the_first_line_is_coverage(changed: dict[str, object], line: str) -> None:
    found = made([], **changed)
    assert digest.render(found, "text").splitlines()[0] == line
    assert digest.render(found, "markdown").splitlines()[0].replace("\\", "") == line
    assert json.loads(digest.render(found, "json"))["coverage_line"] == line
    body = digest.render(found, "html").partition("<main>\n")[2]
    assert body.startswith(f'<p class="coverage">{line}</p>')


def test_quiet_is_claimed_only_where_everything_was_looked_at_and_read() -> None:
    assert "A quiet day" in digest.render(made([]), "text")
    for changed in ({"verified": 2, "failing": ("north",)}, {"by_state": {EntryState.WAITING: 412}}, {"sources": 0, "verified": 0}):
        text = digest.render(made([], **changed), "text")
        assert "quiet day" in text and "does not prove a quiet day" in text and "A quiet day" not in text
    assert "quiet" not in digest.render(made([item(1, "deserted")]), "text")


# ── changed since ────────────────────────────────────────────────────────────────────────────────────────────────────

YESTERDAY = NOON - timedelta(days=1)


def _changed(found: digest.Digest) -> list[tuple[int, list[str]]]:
    return [(one.item, [change.words for change in one.changes]) for one in found.changed]


def test_A10_what_was_changed_after_it_was_told_is_told_an_article_once() -> None:
    one, two = item(1, "deserted", first_seen=YESTERDAY), item(2, "deserted", first_seen=YESTERDAY, source="capital")
    late = NOON + timedelta(hours=3)
    found = made([one, two], [], edits=[edit(one, "12 → 20", at=late, version=3), edit(two, "gone"), edit(one, "a", "b")])
    assert _changed(found) == [(1, ["a", "b", "12 → 20"]), (2, ["gone"])]
    assert (found.changed[0].version, found.changed[0].at) == (3, late)
    assert "0 noted; 2 changed since; 0 articles read." in digest.summary(found)
    for fmt in ("text", "markdown", "html"):
        said = digest.render(found, fmt)
        assert said.index("Looked at all 3 sources") < said.index("Changed since they were told") < said.index("12 → 20")
        assert "quiet" not in said
        assert "state media, item 2, version 2" in said
    told = json.loads(digest.render(found, "json"))["changed"]
    assert [(one["item"], [c["after"] for c in one["changes"]]) for one in told] == [(1, ["20 soldiers"] * 3), (2, ["20 soldiers"])]


def test_A10_an_article_of_the_day_is_told_as_changed_only_after_its_alert() -> None:
    one = item(1, "deserted", first_seen=NOON)
    before, after = (edit(one, "12 → 20", at=NOON + timedelta(hours=hours)) for hours in (0, 1))
    assert _changed(made([one], edits=[after])) == [(1, ["12 → 20"])]
    assert _changed(made([one], edits=[before])) == []
    assert _changed(made([one], [], edits=[after])) == []


def test_A10_an_edit_of_another_day_or_of_what_nobody_was_told_is_not_told() -> None:
    one = item(1, "deserted", first_seen=YESTERDAY - timedelta(days=1))
    assert _changed(made([one], [], edits=[edit(one, "old", at=YESTERDAY), edit(one, "unmatched", told=False)])) == []
    assert "Changed since" not in digest.render(made([one], []), "text")


def test_the_changes_stand_behind_the_alerts_and_before_the_notes() -> None:
    older = item(3, "deserted", first_seen=YESTERDAY)
    found = made(
        [item(1, "deserted"), item(2, "deserted", level=Level.NOTE, story=2), older],
        [alert(1, item(1, "deserted"))],
        edits=[edit(older, "12 → 20")],
    )
    said = digest.render(found, "text")
    assert said.index("== Alerts ==") < said.index("== Changed since they were told ==") < said.index("== Notes ==")


def test_O09_very_many_changed_articles_are_cut_with_a_count() -> None:
    items = [item(n, "deserted", first_seen=YESTERDAY) for n in range(1, 101)]
    found = made(items, [], edits=[edit(one, "12 → 20") for one in items])
    assert f"… and {100 - digest.MOST_CHANGED} more articles" in digest.render(found, "text")
    assert len(json.loads(digest.render(found, "json"))["changed"]) == 100


# ── rendering ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fmt", list(digest.FORMATS))
def test_A07_the_same_day_gives_the_same_bytes_whatever_the_order_it_comes_in(fmt: str) -> None:
    days = ((1, "north", "low"), (2, "radio", "high"), (3, "capital", "low"))
    items = [item(n, "deserted", story=n % 3, source=source, severity=severity) for n, source, severity in days]
    older = [item(n, "deserted", first_seen=YESTERDAY) for n in (7, 8)]
    edits = [edit(one, "12 → 20", at=at) for one in older for at in (NOON, NOON + timedelta(hours=1))]
    items += [*older, item(4, "deserted", duplicate_of=1, source="radio"), item(5, "refused to fight", level=Level.NOTE, story=9)]
    alerts, stories = [alert(n, items[n]) for n in range(3)], [story(n) for n in range(3)]
    states = {EntryState.STORED: 400, EntryState.DUPLICATE: 12}
    once = digest.render(made(items, alerts, stories, edits=edits, by_state=states, failing=("north", "radio")), fmt)
    backwards = dict(reversed(states.items()))
    again = digest.render(
        made(items[::-1], alerts[::-1], stories[::-1], edits=edits[::-1], by_state=backwards, failing=("radio", "north")), fmt
    )
    assert once.encode() == again.encode()


def test_a_format_nobody_knows_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="text, markdown, html, json"):
        digest.render(made([]), "pdf")


def test_words_that_matched_are_marked_in_their_sentence() -> None:
    found = made([item(1, "deserted", "refused to fight")])
    assert "> Nine soldiers *deserted* from the brigade on Monday, and two *refused to fight*.\n" in digest.render(found, "text")
    assert "Nine soldiers <mark>deserted</mark> from" in digest.render(found, "html")
    assert "> Nine soldiers **deserted** from" in digest.render(found, "markdown")


def test_O09_a_large_day_is_cut_with_a_count_for_people_and_whole_for_programs() -> None:
    items = [item(n, "deserted", story=n % 1000 if n < 2000 else 0, level=Level.ALERT if n < 2000 else Level.NOTE) for n in range(1, 3001)]
    found = made(items)
    most_stories, most_articles = digest.MOST_SHOWN["alerts"]
    for fmt in ("text", "markdown", "html"):
        said = digest.render(found, fmt)
        assert len(said.encode()) < 400_000
        assert f"and {1000 - most_stories} more stories" in said.replace("\\", "")
        assert f"… and {1001 + 1 - most_articles} more of this story" in said
    told = json.loads(digest.render(found, "json"))
    assert sum(len(one["articles"]) for one in told["alerts"]["stories"]) == 3000
    (mail,) = notices.digest_notices(found, Settings(mail=MailSettings("mail.example.org", ("desk@example.org",), "m@example.org")))
    assert mail.subject == "Digest 2026-11-25 · 1,000 stories alerted · 0 noted · 3 of 3 sources looked at"
    assert len(json.dumps(mail.data)) < 1_000_000


# ── hostile content ──────────────────────────────────────────────────────────────────────────────────────────────────

PAYLOADS = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><link rel=stylesheet href=//evil.example/x.css>",
    "<!--", "-->", "]]>", "<![CDATA[", "<?php",
    "{{ 7*7 }}", "{% include '/etc/passwd' %}", "${7*7}",
    "&lt;script&gt;", "&#60;script&#62;", "&amp;lt;b&amp;gt;",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "[x](javascript:alert(1))", "![x](https://evil.example/pixel.png)", "<https://evil.example>", "[ref]: https://evil.example",
    "@here <!channel> *bold* _it_ ~~x~~ `c`",
    "# heading\n\n- list\n\n```\ncode", "| a | b |\n|---|---|", "1. one", "---", "===", "    code", "> quote",
    "\x1b[2J\x1b]0;title\x07\x1b]8;;http://evil.example\x1b\\", "\x9b31m", "\x00\x08\x7f", "\u202egnp.exe", "\u2066\u2069",
    "bro\ud800ken", "\udfff", "line\r\nBcc: x@evil.example\u2028\x0b\x0c\x1c\x85", "\ufffe\uffff", "",
]  # fmt: skip
URLS = [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://evil.example/"onmouseover="alert(1)',
    "https://evil.example/'><script>alert(1)</script>",
    "https://evil.example/) [x](javascript:alert(1)",
    "https://evil.example/a`b`c_d_*e*&copy=1&lt;",
    "https://evil.example/\\) <b>",
    "vbscript:x",
    " https://evil.example/ ",
    "\x01javascript:alert(1)",
]

ELEMENTS = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "http-equiv", "content", "name"},
    "title": set(),
    "style": set(),
    "body": set(),
    "main": set(),
    "section": {"class"},
    "h1": set(),
    "h2": set(),
    "h3": {"dir"},
    "p": {"class"},
    "ul": set(),
    "li": set(),
    "strong": set(),
    "span": {"class", "lang", "dir"},
    "blockquote": {"lang", "dir"},
    "mark": set(),
    "code": set(),
    "a": {"href", "rel", "referrerpolicy"},
}


class _Page(HTMLParser):
    """What a browser would see: elements with their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.oddities = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.oddities += 1

    def handle_pi(self, data: str) -> None:
        self.oddities += 1

    def unknown_decl(self, data: str) -> None:
        self.oddities += 1


def _is_harmless(page: str) -> _Page:
    page.encode()
    seen = _Page(page)
    assert not seen.oddities
    for tag, attributes in seen.elements:
        assert attributes.keys() <= ELEMENTS[tag], (tag, attributes)
        if tag == "a":
            assert re.match(r"https?://[a-z0-9.-]+/", attributes["href"] or "")
            assert attributes["rel"] == "noopener noreferrer nofollow" and attributes["referrerpolicy"] == "no-referrer"
    policies = [a["content"] for tag, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style and "url(" not in style[1] and "@import" not in style[1]
    return seen


def _hostile(text: str, url: str | None = None) -> Iterator[digest.Digest]:
    """A day on which everything from outside is `text`."""
    body = f"Before. {text} deserted {text}"
    one = item(1, "deserted", title=text, lead=text, text=body, url=url, lang=text, topics=(text,), source=text, severity=text)
    stories = [replace(story(1), label=text)]
    cited = {1: [Attribution(text, text, 0, 1)]}
    copy = item(2, "deserted", title=text, source=text + "2", duplicate_of=1)
    state = coverage(sources=4, failing=(text,))
    yield digest.build(DAY, ZONE, [one, copy], [alert(1, one)], stories, state, SOURCES, cited)
    yield digest.build(DAY, ZONE, [replace(one, judgement=replace(one.judgement, level=Level.NOTE))], [], stories, state, SOURCES)
    older = replace(one, first_seen=YESTERDAY)
    yield digest.build(DAY, ZONE, [older], [], stories, state, SOURCES, edits=[edit(older, f"headline changed: “{text}”", text)])


@pytest.mark.parametrize("text", PAYLOADS)
def test_O01_hostile_text_stays_text_in_html(text: str) -> None:
    for found in _hostile(text):
        _is_harmless(digest.render(found, "html"))


@pytest.mark.parametrize("url", URLS)
def test_O02_hostile_links_are_no_links_or_lead_where_they_say(url: str) -> None:
    for found in _hostile("a title", url):
        links = [attributes for tag, attributes in _is_harmless(digest.render(found, "html")).elements if tag == "a"]
        assert [attributes["href"] for attributes in links] == ([url] if url.startswith("https://") and " " not in url else [])
        shown = [child for token in _markdown(found) for child in token.children or () if child.type == "link_open"]
        assert len(shown) == len(links)
        for link in shown:
            assert unquote(str(link.attrs["href"])) == unquote(url)
        assert "javascript:" not in digest.render(found, "text").replace(url if links else "", "")


def _markdown(found: digest.Digest) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(digest.render(found, "markdown"))


MARKDOWN_BLOCKS = {"paragraph", "heading", "bullet_list", "list_item", "blockquote", "inline"}
MARKDOWN_INLINE = {"text", "text_special", "strong_open", "strong_close", "code_inline", "softbreak"}


@pytest.mark.parametrize("text", PAYLOADS)
def test_O08_hostile_text_stays_text_in_markdown(text: str) -> None:
    usual = [token.type for token in _markdown(next(_hostile("word")))]
    for n, found in enumerate(_hostile(text)):
        tokens = _markdown(found)
        assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= MARKDOWN_BLOCKS
        assert {child.type for token in tokens for child in token.children or ()} <= MARKDOWN_INLINE
        if text.strip() and n == 0:
            assert [token.type for token in tokens if token.type.startswith("heading")] == [t for t in usual if t.startswith("heading")]


@pytest.mark.parametrize("text", PAYLOADS)
def test_O07_hostile_text_moves_no_terminal_and_fakes_no_line(text: str) -> None:
    def shape(found: digest.Digest) -> list[str]:
        starts = ("== ", "* ", "  - ", "    ", "  ")
        return [next((start for start in starts if line.startswith(start)), "") for line in digest.render(found, "text").splitlines()]

    for found, usual in zip(_hostile(text), _hostile("word"), strict=True):
        said = digest.render(found, "text")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", said)
        if text.strip():
            assert shape(found) == shape(usual)
        told = json.loads(digest.render(found, "json"))
        assert told["day"] == "2026-11-25"


@settings(max_examples=60)
@given(st.text(st.characters(), max_size=40))
def test_any_title_is_told_in_every_format(title: str) -> None:
    found = next(_hostile(title, f"https://north.example.org/{title}"))
    _is_harmless(digest.render(found, "html"))
    for fmt in ("text", "markdown", "json"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", digest.render(found, fmt).encode().decode())


def test_E01_an_article_behind_a_wall_or_of_state_media_says_so() -> None:
    (only,) = made([item(1, "deserted", source="capital", quality=Quality.FEED)]).alerts.stories
    assert digest.marks(only.articles[0]) == "state media, the feed's text only"


def test_E02_O03_what_is_sent_asks_no_server_for_anything() -> None:
    """No picture, font, style or script from elsewhere, no prefetch, no referrer: opening a mail tells nobody."""
    one = item(1, "deserted", title="<img src=https://evil.test/x.gif>", lead="<link rel=prefetch href=https://evil.test/>")
    mail = notices.alert_notices(
        alert(17, one), one, SOURCES["north"], Settings(mail=MailSettings("mail.example.org", ("desk@example.org",), "monitor@example.org"))
    )[0].html
    for html in (digest.render(made([one]), "html"), mail or ""):
        tags = re.findall(r"<([a-z0-9]+)", html)
        assert not {"img", "link", "script", "iframe", "object", "video", "audio", "form", "base"} & set(tags)
        assert "url(" not in html and "@import" not in html
        assert "default-src 'none'" in html
        assert all(
            'rel="noopener noreferrer nofollow"' in a and 'referrerpolicy="no-referrer"' in a for a in re.findall(r"<a [^>]*>", html)
        )
