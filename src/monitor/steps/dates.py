"""What does a date string mean, and how sure is it? An instant where the zone is known, the day alone where it is not, else nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from monitor.model import When

EARLIEST = date(2014, 1, 1)  # the war's first year: an older date is an archive's, or an error
AHEAD = timedelta(hours=36)  # how far in the future a claimed date may lie
LONGEST_DATE = 100  # characters; a longer string is no date
#: Languages that are tried when an endpoint names none: with all that dateparser knows, one odd string takes a twentieth of a second.
USUAL_LANGUAGES = ("en", "ru", "uk", "fr", "de", "es", "pl", "be", "it", "pt", "tr", "zh", "ja", "ko", "ar")

#: Hours from UTC. Names that mean several zones are left out (IST), unless news use one meaning.
OFFSETS = {
    0: "z ut utc gmt wet",
    1: "west bst cet met mez",
    2: "cest mest mesz eet",
    3: "eest msk мск moscow fet trt idt",
    4: "msd samt",
    5: "yekt",
    6: "omst",
    7: "novt krat",
    8: "irkt hkt",
    9: "yakt jst kst",
    10: "vlat aest",
    11: "magt aedt",
    12: "pett",
    -4: "edt",
    -5: "est cdt",
    -6: "cst mdt",
    -7: "mst pdt",
    -8: "pst",
}
#: Names whose clocks change with the season.
PLACES = {"kyiv": "Europe/Kyiv", "kiev": "Europe/Kyiv", "et": "America/New_York"}
ZONES: dict[str, tzinfo] = {name: timezone(timedelta(hours=hours)) for hours, names in OFFSETS.items() for name in names.split()}
#: How months begin in the languages of the catalogue; the longest beginning that fits wins.
MONTHS = {
    1: "jan янв січ студ sty ene gen jän",
    2: "feb фев лют fév fev lut",
    3: "mar мар бер сак mär mrz",
    4: "apr апр квіт кві крас avr abr kwi",
    5: "may май мая трав тра mai maj mag",
    6: "jun июн черв чер juin cze giu",
    7: "jul июл лип ліп juil lip lug",
    8: "aug авг серп сер жнів août aout ago sie",
    9: "sep сен вер wrz set",
    10: "oct окт жовт жов кастр okt paź paz ott out",
    11: "nov ноя лист лис ліст lis",
    12: "dec дек груд гру снеж déc dez dic gru",
}
BEGINNINGS = sorted(((start, month) for month, starts in MONTHS.items() for start in starts.split()), key=lambda pair: -len(pair[0]))
WORD = re.compile(r"[^\W\d_]+")
#: Words beside a date that say nothing about when.
FILLERS = re.compile(r"г|года?|р|року|рік|о|в|at|à|le|a|las|um|om|am|del?|der|den|the|of|on|uhr|ч|час|і|и|y|et|h|т")
WEEKDAYS = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|нд|пон|вівт|вто|сре|сер|чет|пят|п.ят|суб|вос|нед|lun|mar|mer|jeu|ven|sam|dim"
    r"|mo|di|mi|do|fr|sa|so|dien|mitt|donn|frei|sams|sonn|mié|jue|vie|sáb|dom|pon|wto|wt|śro|śr|czw|pią|pi|sob|nie|nd)[^\W\d_]*\Z"
)

ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:(?:T|t|\s+|_)(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*([A-Za-z]{1,5}|(?:UTC|GMT)?\s*[+-−]\d\d?:?\d{0,2})?)?\s*\Z"
)
SHORT = {"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12}
MAILED = re.compile(rf"(\d\d?) ({'|'.join(SHORT)}) ((?:19|20)\d\d) (\d\d):([0-5]\d):([0-5]\d) ([+-]\d{{4}}|GMT|UTC)\Z", re.ASCII)
NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)\b")
PLAUSIBLE = re.compile(r"(?:19|20)\d\d.*\d|\d.*(?:19|20)\d\d")  # a year and one more number
YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})\b")
TIME = re.compile(r"\b(\d{1,2})\s*(?::|h|:)\s*(\d{1,2})(?:\s*:\s*(\d{1,2})(?:[.,]\d+)?)?(?:\s*([ap])\.?m\b\.?)?", re.IGNORECASE)
OFFSET = re.compile(r"(?:(?:UTC|GMT|Z)\s*)?([+\-−])(\d{1,2}):?(\d\d)?(?!\d)", re.IGNORECASE)
LEADING = re.compile(r"\A[^\W\d_]+\.?,\s*(?=\d)")  # a weekday in whatever language
EPOCH = re.compile(r"\d{10}(?:\d{3}|\d{6})?(?:\.\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Dated:
    """`flags` say why `when` is missing or vague.

    "date_unparsed": no date was recognised; "date_out_of_range": outside EARLIEST .. now + AHEAD; "date_ambiguous": day and month
    cannot be told apart; "tz_unknown": a zone nobody knows, "tz_missing": a time without zone; both leave the day alone.
    """

    when: When | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What was read: a day as written, and a time of day with its offset where they stand beside it."""

    day: date
    clock: tuple[int, int, int] | None = None
    zone: tzinfo | None = None
    flags: tuple[str, ...] = ()


def read_date(raw: str | None, *, languages: Sequence[str] = (), now: datetime, zone: tzinfo | None = None) -> Dated:
    """What `raw` means, with `languages` for the names and the order of days and months.

    `zone` is the curator's word for times that come without one. Nothing is padded or guessed: no date is ever "now", a time
    without a known zone leaves the day as written, and what lies outside EARLIEST .. `now` + AHEAD is None with a flag.
    """
    text = LEADING.sub("", " ".join((raw or "").split()).strip(" ,;."))
    if not text:
        return Dated(None)
    if len(text) > LONGEST_DATE:
        return Dated(None, ("date_unparsed",))
    try:
        if EPOCH.match(text):
            return _sane(When(datetime.fromtimestamp(int(text[:10]), UTC)), (), now)
        parts = _mailed(text) or _iso(text) or _worded(text, languages) or _guessed(text, languages)
        return parts if isinstance(parts, Dated) else _dated(parts, zone, now)
    except (ValueError, OverflowError):  # a day or an hour that no calendar has
        return Dated(None, ("date_unparsed",))


def _dated(parts: _Parts, zone: tzinfo | None, now: datetime) -> Dated:
    if parts.clock is None:
        return _sane(When(parts.day), parts.flags, now)
    at = datetime.combine(parts.day, time(*parts.clock))
    known = parts.zone or (zone if not parts.flags else None)
    if known is None:
        return _sane(When(parts.day), parts.flags or ("tz_missing",), now)
    return _sane(When(at.replace(tzinfo=known).astimezone(UTC)), parts.flags, now)


def _sane(when: When, flags: tuple[str, ...], now: datetime) -> Dated:
    latest = now + AHEAD
    late = when.at > latest if isinstance(when.at, datetime) else when.at > latest.date()
    if late or when.day < EARLIEST:
        return Dated(None, ("date_out_of_range",))
    return Dated(when, flags)


def _mailed(text: str) -> _Parts | None:
    """RFC 822 as feeds are told to write it: what _worded() finds, without a search."""
    match = MAILED.match(text)
    if not match:
        return None
    day, name, year, hour, minute, second, said = match.groups()
    return _timed(date(int(year), SHORT[name], int(day)), (int(hour), int(minute), int(second)), said)


def _iso(text: str) -> _Parts | None:
    """ISO 8601 and RFC 3339 in their loose spellings."""
    match = ISO.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, said = match.groups()
    when = date(int(year), int(month), int(day))
    if hour is None:
        return _Parts(when)
    return _timed(when, (int(hour), int(minute), int(second or 0)), said or "")


def _timed(day: date, clock: tuple[int, int, int], said: str) -> _Parts:
    hour, minute, second = clock
    if (hour, minute, second) == (24, 0, 0):
        day, hour = day + timedelta(days=1), 0
    clock = hour, minute, min(second, 59)  # a leap second
    said = said.strip(" ()")
    if not said:
        return _Parts(day, clock)
    if match := OFFSET.match(said):
        sign = 1 if match.group(1) == "+" else -1
        hours, minutes = int(match.group(2)), int(match.group(3) or 0)
        if hours <= 14 and minutes < 60:
            return _Parts(day, clock, timezone(sign * timedelta(hours=hours, minutes=minutes)))
        return _Parts(day, clock, flags=("tz_unknown",))
    name = said.lower()
    known = ZoneInfo(PLACES[name]) if name in PLACES else ZONES.get(name)
    return _Parts(day, clock, known) if known else _Parts(day, clock, flags=("tz_unknown",))


def _worded(text: str, languages: Sequence[str]) -> _Parts | Dated | None:
    """RFC 822 and what people write: a day, a month by name or number, a year, perhaps a time and a zone, in any order."""
    rest, clock = _take_time(text)
    day, rest = _take_day(rest, languages)
    if day is None or isinstance(day, Dated):
        return day
    said, unknown = "", False
    if match := OFFSET.search(rest):
        said, rest = match.group(), rest[: match.start()] + " " + rest[match.end() :]
    for word in WORD.findall(rest):
        small = word.lower()
        if clock is not None and (small in ZONES or small in PLACES):
            said = said or small
        elif clock is not None and word.isupper() and len(word) in (3, 4, 5) and not said and not WEEKDAYS.match(small):
            unknown = True
        elif not FILLERS.fullmatch(small) and not WEEKDAYS.match(small):
            return None
    if re.search(r"\d", rest):
        return None
    if clock is None:
        return _Parts(day)
    return _Parts(day, clock, flags=("tz_unknown",)) if unknown and not said else _timed(day, clock, said)


def _take_time(text: str) -> tuple[str, tuple[int, int, int] | None]:
    match = TIME.search(text)
    if not match:
        return text, None
    hour, minute, second = int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)
    half = (match.group(4) or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError(text)
    return text[: match.start()] + " " + text[match.end() :], (hour, minute, second)


def _take_day(text: str, languages: Sequence[str]) -> tuple[date | Dated | None, str]:
    """The day, and what stands around it."""
    if match := YEAR_FIRST.search(text):
        year, month, day = map(int, match.groups())
        return date(year, month, day), text[: match.start()] + " " + text[match.end() :]
    if match := NUMERIC.search(text):
        return _numbered(match, languages), text[: match.start()] + " " + text[match.end() :]
    return _named(text)


def _numbered(match: re.Match[str], languages: Sequence[str]) -> date | Dated:
    """21.11.2026: day first, but for slashes where only the language could tell."""
    first, second, year = int(match.group(1)), int(match.group(3)), _year(match.group(4))
    if first <= 12 < second:
        first, second = second, first
    elif match.group(2) == "/" and first != second and second <= 12 and first <= 12 and set(languages) <= {"en"}:
        return Dated(None, ("date_ambiguous",))
    return date(year, second, first)


def _named(text: str) -> tuple[date | None, str]:
    for match in reversed(list(WORD.finditer(text))):  # "mar. 17 nov.", "сер, 5 лис": what names a month may name a weekday before it
        month = _month(match.group().lower())
        if month is None:
            continue
        before, after = text[: match.start()], text[match.end() :]
        year = re.search(r"(?<![\d+\-−:])((?:19|20)\d\d)(?!\d)", after) or re.search(r"(?<![\d+\-−])((?:19|20)\d\d)(?!\d)", before)
        day = re.search(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|-?го|\.|º)?[\s,.-]*(?:de\s+)?\Z", before, re.IGNORECASE)
        if day:
            before = before[: day.start()]
        else:
            day = re.match(r"[\s,.-]*(\d{1,2})(?!\d)(?:st|nd|rd|th)?", after)
            after = after[day.end() :] if day else after
        if year is None and day:  # RFC 822: two digits behind the month
            year = re.match(r"[\s,.-]*(\d\d)(?!\d)", after)
        if not day or not year:
            continue
        rest = (before + " " + after).replace(year.group(1), " ", 1)
        return date(_year(year.group(1)), month, int(day.group(1))), rest
    return None, text


def _month(word: str) -> int | None:
    return next((month for start, month in BEGINNINGS if word.startswith(start) and (len(word) <= 12)), None)


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _guessed(text: str, languages: Sequence[str]) -> _Parts | Dated:
    """Other languages and spellings, through dateparser, which must find day, month and year, and nothing relative to now."""
    if not PLAUSIBLE.search(text):
        return Dated(None, ("date_unparsed",))
    from dateparser.date import DateDataParser

    try:
        parser = DateDataParser(
            languages=[language for language in languages if language != "und"] or list(USUAL_LANGUAGES),
            settings={"DATE_ORDER": "DMY", "PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]},
        )
        found = parser.get_date_data(text).date_obj
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        found = None
    if found is None:
        return Dated(None, ("date_unparsed",))
    clock = (found.hour, found.minute, found.second) if TIME.search(text) else None
    return _Parts(found.date(), clock, found.tzinfo)
