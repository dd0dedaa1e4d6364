"""What is sent to whom, in which words, and when is it tried again?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import (
    Delivered,
    Delivery,
    Hit,
    Item,
    MailSettings,
    Notice,
    Settings,
    Source,
    SourceKind,
    Trouble,
    TroubleKind,
    WebhookSettings,
    When,
)
from monitor.ports import NewNotice
from monitor.steps import digest, notices
from monitor.steps.troubles import Change, Turn
from tests.notify.samples import DAY, NOON, SOURCES, TEXT, alert, item, made, notice

MAIL = MailSettings("mail.example.org", ("desk@example.org", "night@example.org"), "monitor@example.org")
HOOKS = (WebhookSettings("https://a.example.org/in", "a.secret"), WebhookSettings("https://b.example.org/in", "b.secret"))
ALL = Settings(mail=MAIL, webhooks=HOOKS)
NAMED = "Ivan Nameless"  # a person's name, in everything that is somebody else's text


def _alert(one: Item, settings: Settings = ALL, source: Source = SOURCES["north"]) -> list[NewNotice]:
    return notices.alert_notices(alert(17, one), one, source, settings)


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_recipient_and_webhook_is_told_under_a_key_of_its_own() -> None:
    ends = ["mail:desk@example.org", "mail:night@example.org", "webhook:https://a.example.org/in", "webhook:https://b.example.org/in"]
    assert [notice.key for notice in _alert(item(1, "deserted"))] == [f"alert:17:{end}" for end in ends]
    made_of_day = notices.digest_notices(made([]), ALL)
    assert [notice.key for notice in made_of_day] == [f"digest:2026-11-25:{end}" for end in ends]
    assert [f"{notice.channel}:{notice.recipient}" for notice in made_of_day] == ends


def test_the_same_alert_and_the_same_day_give_the_same_notices() -> None:
    assert _alert(item(1, "deserted")) == _alert(item(1, "deserted"))
    assert notices.digest_notices(made([item(1, "deserted")]), ALL) == notices.digest_notices(made([item(1, "deserted")]), ALL)


@pytest.mark.parametrize(("alerts", "digests", "told"), [(True, True, "ad"), (True, False, "a"), (False, True, "d"), (False, False, "")])
def test_who_wants_no_alerts_or_no_digests_gets_none(alerts: bool, digests: bool, told: str) -> None:
    mail = replace(MAIL, to=("desk@example.org", "desk@example.org"), alerts=alerts, digest=digests)
    chosen = Settings(mail=mail, webhooks=(replace(HOOKS[0], alerts=alerts, digest=digests),))
    assert len(_alert(item(1, "deserted"), chosen)) == (2 if "a" in told else 0)
    assert len(notices.digest_notices(made([]), chosen)) == (2 if "d" in told else 0)


def test_nobody_is_told_where_nobody_is_configured() -> None:
    assert _alert(item(1, "deserted"), Settings()) == [] == notices.digest_notices(made([]), Settings())


def _trouble(kind: TroubleKind = TroubleKind.FAILING, detail: str = "404: not found", source: str = "north") -> Change:
    return Change(Turn.BEGUN, Trouble(kind, source, "https://north.example.org/feed", NOON, detail, NOON))


def test_troubles_go_to_those_who_get_alerts_all_in_one_message_under_a_key_of_its_own() -> None:
    both = [_trouble(), _trouble(TroubleKind.SILENT, source="capital")]
    told = notices.trouble_notices(both, SOURCES, ALL, NOON)
    assert len(told) == 4 and len({notice.key for notice in told}) == 4
    assert (
        told == notices.trouble_notices(both, SOURCES, ALL, NOON) != notices.trouble_notices(both, SOURCES, ALL, NOON + timedelta(hours=1))
    )
    assert told[0].subject == "Sources · 1 failing · 1 silent"
    assert "Northern Post has been failing since 2026-11-25 12:00 UTC (404: not found)" in told[0].text
    assert [change["source"] for change in told[-1].data["changes"]] == ["north", "capital"]  # type: ignore[attr-defined]
    assert notices.trouble_notices(both, SOURCES, Settings(mail=replace(MAIL, alerts=False)), NOON) == []
    assert notices.trouble_notices([], SOURCES, ALL, NOON) == []


def test_what_a_server_says_of_its_trouble_harms_no_reader() -> None:
    hostile = "a bot wall: “\x1b[2J<script>alert(1)</script>\u202e”"
    [mail, *_] = notices.trouble_notices([_trouble(detail=hostile)], SOURCES, ALL, NOON)
    assert mail.html and "<script>" not in mail.html and "&lt;script&gt;" in mail.html
    assert "\x1b" not in mail.text + mail.html and "\u202e" not in mail.text + mail.html


# ── in which words ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_says_what_where_why_and_the_words_in_their_sentence() -> None:
    one = item(1, "deserted", "refused to fight", published=When(DAY), source="capital")
    notice = _alert(one, source=SOURCES["capital"])[0]
    assert notice.subject == "[high] desertion · Russian forces · Capital Wire · 2 matches"
    for words in (
        "Soldiers leave the brigade\nCapital Wire (state media), published 2026-11-25\n",
        "Nine soldiers *deserted* from the brigade on Monday, and two *refused to fight*.",
        "Why: rule act, for deserted, refused to fight\n",
        "    within 5 words of a unit\n",
        "Read (north.example.org): https://north.example.org/news/1?a=1&copy=2\n",
    ):
        assert words in notice.text
    assert (
        notice.html
        and "within 5 words of a unit" in notice.html
        and "<mark>deserted</mark>" in notice.html
        and ">north.example.org</a>" in notice.html
    )


def test_E05_a_subject_holds_no_word_of_the_article() -> None:
    one = item(1, "Nameless", title=f"{NAMED} deserted", lead=NAMED, text=NAMED, url=f"https://x.example/{NAMED.replace(' ', '-')}")
    subjects = [notice.subject for notice in (*_alert(one), *notices.digest_notices(made([one]), ALL))]
    assert len(subjects) == 8
    assert not [subject for subject in subjects if "Nameless" in subject or "Ivan" in subject]


@settings(max_examples=80)
@given(st.text(st.characters(), max_size=300), st.text(st.characters(), max_size=60))
def test_whatever_an_outlet_or_topic_is_called_the_subject_is_one_clean_line(name: str, topic: str) -> None:
    source = Source("x", name, "x", SourceKind.CHANNEL, (), ())
    (notice,) = notices.alert_notices(
        alert(1, one := item(1, topics=(topic,))), one, source, Settings(mail=replace(MAIL, to=("desk@example.org",)))
    )
    notice.subject.encode()
    assert len(notice.subject.splitlines()) == 1 and len(notice.subject) <= notices.SUBJECT_MOST
    assert not any(c in notice.subject for c in "\r\n\x00\x0b\x0c\x1b\x1c\x1d\x1e\x85\u2028\u2029\u202e")


@pytest.mark.parametrize("end", ["\r", "\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\ud800", "\x00"])
def test_O05_a_title_that_breaks_lines_is_told_like_any_other(end: str) -> None:
    notice = _alert(item(1, "deserted", title=f"A{end}B{end}Bcc: x@evil.example"))[0]
    assert len(notice.text.split("\n")[0]) > len("Bcc: x@evil.example") and notice.text.split("\n")[1].startswith("Northern Post")
    notice.text.encode()
    assert notice.html
    notice.html.encode()


# ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_program_reads_the_item_and_every_hit_with_its_place() -> None:
    one = item(1, "deserted", "leave", published=When(NOON))
    data = json.loads(json.dumps(_alert(one)[2].data))
    assert (data["id"], data["kind"], data["created"]) == ("alert:17", "alert", "2026-11-25T12:00:00Z")
    assert data["alert"]["rules"] == ["act"] and data["item"]["published"] == "2026-11-25T12:00:00Z"
    assert [data["item"][hit["field"]][hit["start"] : hit["end"]] for hit in data["item"]["matches"]] == ["deserted", "leave"]
    assert data["item"]["text"] == TEXT and data["item"]["text_cut"] is False


def test_a_program_gets_no_link_that_is_none_and_no_more_text_than_the_limit() -> None:
    data = json.loads(json.dumps(_alert(item(1, text="x" * (notices.TEXT_MOST + 1), url="javascript:alert(1)"))[2].data))
    assert data["item"]["url"] is None and data["alert"]["url"] is None
    assert (len(data["item"]["text"]), data["item"]["text_cut"]) == (notices.TEXT_MOST, True)


def test_a_program_gets_the_days_digest_whose_time_is_the_end_of_the_day() -> None:
    data = json.loads(json.dumps(notices.digest_notices(made([item(1, "deserted")]), ALL)[2].data))
    assert (data["id"], data["kind"], data["created"]) == ("digest:2026-11-25", "digest", "2026-11-25T23:00:00Z")
    assert data["coverage_line"].startswith("Looked at all 3 sources;")
    assert data["digest"]["alerts"]["stories"][0]["articles"][0]["item"] == 1


def test_hits_that_no_longer_fit_their_text_do_not_stop_the_alert() -> None:
    one = item(1, "deserted")
    torn = replace(one, judgement=replace(one.judgement, hits=(Hit("act", "x", "text", 500, 900), Hit("act", "x", "nowhere", 0, 1))))
    assert "Why: rule act, for x" in _alert(torn)[0].text


def test_A08_a_digest_is_sent_also_when_nothing_happened() -> None:
    (first, *_) = notices.digest_notices(made([], verified=2, failing=("radio",)), ALL)
    assert first.subject == "Digest 2026-11-25 · nothing alerted · 0 noted · 2 of 3 sources looked at"
    assert first.text == digest.render(made([], verified=2, failing=("radio",)), "text")
    assert first.html and first.html.startswith("<!doctype html>")


# ── when again ───────────────────────────────────────────────────────────────────────────────────────────────────────

LATER = Delivered(Delivery.LATER, "down")


def test_A02_waits_grow_to_six_hours_and_end_within_seven_days() -> None:
    now, waits = NOON, []
    while (again := notices.next_try(len(waits) + 1, LATER, now)) is not None:
        waits.append(again - now)
        now = again
    assert waits[0] == timedelta(minutes=1) and max(waits) == waits[-1] == timedelta(hours=6)
    assert waits == sorted(waits)
    assert timedelta(days=6, hours=12) < now - NOON <= timedelta(days=7)


@pytest.mark.parametrize("result", [Delivery.SENT, Delivery.NEVER])
def test_what_was_sent_or_refused_for_good_is_not_tried_again(result: Delivery) -> None:
    assert notices.next_try(1, Delivered(result), NOON) is None


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (timedelta(seconds=5), timedelta(minutes=1)),  # never sooner than our own patience
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=400), timedelta(days=1)),
        (timedelta(seconds=-5), timedelta(minutes=1)),
    ],
)
def test_a_server_that_asks_for_time_gets_it_within_reason(asked: timedelta, wait: timedelta) -> None:
    assert notices.next_try(1, replace(LATER, retry_after=asked), NOON) == NOON + wait


# ── when there are very many ─────────────────────────────────────────────────────────────────────────────────────────

SENT_JUST_NOW = [NOON - timedelta(minutes=2)] * notices.ALERTS_AN_HOUR


@pytest.mark.parametrize(
    ("due", "sent", "at"),
    [
        (1, [], None),  # room for each
        (notices.ALERTS_AN_HOUR, [], None),
        (notices.ALERTS_AN_HOUR + 1, [], NOON),  # more than an hour's share: together, at once
        (1, SENT_JUST_NOW, NOON + timedelta(minutes=8)),  # the share is used up: wait for others
        (1, SENT_JUST_NOW[:-1], None),
        (40, SENT_JUST_NOW[:1], NOON + timedelta(minutes=8)),  # one went out just now: the next wait for one another
        (40, [NOON - timedelta(minutes=30)], NOON),
    ],
)
def test_A06_when_alerts_go_out_together(due: int, sent: list[datetime], at: datetime | None) -> None:
    assert notices.bundle_at(due, sent, NOON) == at


def _queued(number: int, of: Item) -> Notice:
    made_of_it = notices.alert_notices(alert(number, of), of, SOURCES["north"], Settings(mail=replace(MAIL, to=("desk@example.org",))))
    return notice(number=number, data=json.loads(json.dumps(dict(made_of_it[0].data))))


def test_A06_a_bundle_names_the_gravest_first_and_counts_the_rest() -> None:
    graves = [_queued(n, item(n, "deserted", severity="high" if n == 700 else "low", title=f"{NAMED} {n}")) for n in range(1, 701)]
    told = notices.bundled(graves, NOON)
    assert told.key == "alerts:1-700:mail:desk@example.org"
    assert told.subject == "[high] 700 alerts · desertion · 1 outlet"
    assert told.text.index("alert 700") < told.text.index("alert 1")
    assert f"and {700 - notices.BUNDLE_MOST} more" in told.text and "monitor alerts --since 2026-11-25T12:00:00Z" in told.text
    assert told.html is not None and f"and {700 - notices.BUNDLE_MOST} more" in told.html
    assert told == notices.bundled(graves, NOON)


def test_A06_hostile_titles_stay_text_in_a_bundle() -> None:
    hostile = "<script>alert(1)</script>\n\x1b[2J\u202e=cmd"
    told = notices.bundled([_queued(n, item(n, "deserted", title=hostile, url="javascript:alert(1)")) for n in (1, 2)], NOON)
    assert told.html is not None and "<script" not in told.html and "javascript:" not in told.html
    assert not set("\x1b\u202e") & set(told.text + told.html)
