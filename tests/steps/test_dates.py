"""Does a date string mean the right instant, the right day, or nothing?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.steps.dates import AHEAD, SHORT, read_date

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def read(raw: str, *languages: str) -> tuple[str | None, tuple[str, ...]]:
    dated = read_date(raw, languages=languages, now=NOW)
    return (str(dated.when) if dated.when else None), dated.flags


ZONED = [
    ("Fri, 20 Nov 2026 10:00:00 MSK", "2026-11-20T07:00:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 EET", "2026-11-20T08:00:00Z"),
    ("Mon, 20 Jul 2026 10:00:00 EEST", "2026-07-20T07:00:00Z"),
    ("20 Nov 2026 10:00:00 MSD", "2026-11-20T06:00:00Z"),
    ("20 Jul 2026 10:00 Kyiv", "2026-07-20T07:00:00Z"),
    ("20 Nov 2026 10:00 Kyiv", "2026-11-20T08:00:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 +0300", "2026-11-20T07:00:00Z"),
    ("Fri,20 Nov 2026 4:35:5 GMT+9", "2026-11-19T19:35:05Z"),
    ("20 Nov 2026 10:00:00 -0500 (EST)", "2026-11-20T15:00:00Z"),
    ("Fri Nov 20 10:00:00 EST 2026", "2026-11-20T15:00:00Z"),
    ("Nov 20, 2026 10:00 PM EST", "2026-11-21T03:00:00Z"),
    ("Sat, 21 Nov 26 10:00:00 +0000", "2026-11-21T10:00:00Z"),
    ("Wed, 25 Feb 2026 24:00:00 GMT", "2026-02-26T00:00:00Z"),
    ("2026-11-20T10:00:00.123Z", "2026-11-20T10:00:00Z"),
    ("2026-11-20T10:00:00+03", "2026-11-20T07:00:00Z"),
    ("2026-11-20 10:00:00 MSK", "2026-11-20T07:00:00Z"),
    ("20261120T100000Z", "2026-11-20T10:00:00Z"),
    ("2026/11/20 10:00:00 +0000", "2026-11-20T10:00:00Z"),
]


@pytest.mark.parametrize(("raw", "expected"), ZONED)
def test_D01_a_known_zone_gives_the_instant(raw: str, expected: str) -> None:
    assert read(raw) == (expected, ())


@pytest.mark.parametrize("zone", ["XYZT", "IST", "+3000"])
def test_D01_an_unknown_zone_leaves_the_day(zone: str) -> None:
    assert read(f"Fri, 20 Nov 2026 10:00:00 {zone}") == ("2026-11-20", ("tz_unknown",))


def test_D01_a_time_without_zone_is_read_in_the_curator_s_zone_or_not_at_all() -> None:
    assert read("2026-11-20 10:00") == ("2026-11-20", ("tz_missing",))
    dated = read_date("2026-11-20 10:00", now=NOW, zone=ZoneInfo("Europe/Moscow"))
    assert (str(dated.when), dated.flags) == ("2026-11-20T07:00:00Z", ())


NAMED = [
    ("21 ноября 2026, 10:00 МСК", "2026-11-21T07:00:00Z"),
    ("пятница, 20 ноября 2026 10:00:00 +0300", "2026-11-20T07:00:00Z"),
    ("21 листопада 2026 року", "2026-11-21"),
    ("Пт, 20 лис 2026 10:00:00 +0200", "2026-11-20T08:00:00Z"),
    ("сер, 12 серп 2026", "2026-08-12"),
    ("сер, 11 лис 2026", "2026-11-11"),
    ("ven., 20 nov. 2026 10:00:00 +0100", "2026-11-20T09:00:00Z"),
    ("mar. 17 nov. 2026", "2026-11-17"),
    ("1er décembre 2025", "2025-12-01"),
    ("lundi 16 mars 2026", "2026-03-16"),
    ("20 марта 2026 г.", "2026-03-20"),
    ("20 мая 2026", "2026-05-20"),
    ("7 grudnia 2025", "2025-12-07"),
    ("20. Oktober 2026", "2026-10-20"),
    ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T22:42:40Z"),
    ("20 de noviembre de 2026", "2026-11-20"),
    ("November 20, 2026", "2026-11-20"),
    ("21.11.2026", "2026-11-21"),
    ("20-Nov-2026", "2026-11-20"),
]


@pytest.mark.parametrize(("raw", "expected"), NAMED)
def test_D02_months_are_known_in_the_languages_of_the_sources(raw: str, expected: str) -> None:
    assert read(raw) == (expected, ())


def test_D02_a_local_time_keeps_its_day() -> None:
    assert read("21.11.2026 10:00", "ru") == ("2026-11-21", ("tz_missing",))


MONTHS = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "be": "студзеня лютага сакавіка красавіка траўня чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "en": "January February March April May June July August September October November December",
}


@pytest.mark.parametrize("language", MONTHS)
def test_D02_every_month_of_every_language(language: str) -> None:
    assert [read(f"5 {name} 2025", language)[0] for name in MONTHS[language].split()] == [f"2025-{month:02}-05" for month in range(1, 13)]


def test_D02_slashes_are_read_only_where_the_order_is_known() -> None:
    assert read("05/06/2026", "en") == (None, ("date_ambiguous",))
    assert read("05/06/2026", "fr") == ("2026-06-05", ())
    assert read("21/06/2026", "en") == ("2026-06-21", ())


@pytest.mark.parametrize(
    "raw",
    ["99999-01-01", "0000-00-00", "2026-02-30", "31 Nov 2026", "+9999", "2026-11-20T25:00:00Z", "2026-13-01", "2026", "10:00", "5", "now",
     "вчера", "2 hours ago", "hello world", "Ноябрь 2026", "x" * 5000, "9" * 40, "-1", "NaN"],
)  # fmt: skip
def test_D03_nonsense_is_no_date(raw: str) -> None:
    assert read(raw) == (None, ("date_unparsed",))


def test_D03_seconds_and_milliseconds_since_1970_are_dates() -> None:
    assert read("1700000000") == read("1700000000000") == ("2023-11-14T22:13:20Z", ())


@pytest.mark.parametrize("raw", ["2013-12-31T23:00:00Z", "1970-01-01", "2041-01-01", "Sun, 29 Nov 2026 10:00:00 GMT", "0"])
def test_D05_a_date_outside_the_window_is_told(raw: str) -> None:
    assert read(raw)[0] is None and read(raw)[1] in (("date_out_of_range",), ("date_unparsed",))
    assert raw == "0" or read(raw)[1] == ("date_out_of_range",)


def test_D05_the_window_reaches_a_day_and_a_half_ahead() -> None:
    assert read_date((NOW + AHEAD).isoformat(), now=NOW).when is not None
    assert read_date((NOW + AHEAD + timedelta(seconds=1)).isoformat(), now=NOW).when is None


@pytest.mark.parametrize("raw", [None, "", "  \n"])
def test_D04_no_date_is_none_without_a_flag(raw: str | None) -> None:
    assert read_date(raw, now=NOW).when is None
    assert read_date(raw, now=NOW).flags == ()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789-/:.+ TZGMTFrijanмайNov,", max_size=40))
def test_whatever_is_read_lies_in_the_window_or_is_flagged(raw: str) -> None:
    dated = read_date(raw, languages=("ru",), now=NOW)
    if dated.when:
        assert 2014 <= dated.when.day.year <= 2026
    else:
        assert dated.flags or not raw.strip(" ,;.")


@settings(max_examples=300, deadline=None)
@given(*(st.integers(0, most) for most in (32, 12, 25, 61, 61)), st.sampled_from(["+0300", "-0130", "+1500", "-0060", "GMT", "UTC"]))
def test_the_usual_spelling_is_read_as_any_order_of_its_parts(day: int, month: int, hour: int, minute: int, second: int, zone: str) -> None:
    name = ["Nov", *SHORT][month]
    clock = f"{hour:02}:{minute:02}:{second:02} {zone}"
    assert read_date(f"Wed, {day} {name} 2026 {clock}", now=NOW) == read_date(f"{name} {day} 2026 {clock}", now=NOW)


@settings(max_examples=200, deadline=None)
@given(st.datetimes(min_value=datetime(2014, 1, 2), max_value=datetime(2026, 11, 25)), st.integers(-12, 14))  # noqa: DTZ001
def test_an_instant_written_in_any_usual_form_is_read_back(at: datetime, hours: int) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC)
    local = (at + timedelta(hours=hours)).replace(tzinfo=None)
    zone = f"{'+' if hours >= 0 else '-'}{abs(hours):02}00"
    for form in ("%a, %d %b %Y %H:%M:%S ", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S ", "%b %d, %Y %H:%M:%S "):
        dated = read_date(local.strftime(form) + zone, now=NOW)
        assert dated.when is not None and dated.when.at == at, form
