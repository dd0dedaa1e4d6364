"""Which characters do these bytes mean? Labels lie: what is valid UTF-8 is UTF-8, and Cyrillic is told by how its letters fall."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import log

SAMPLE = 100_000  # bytes that are weighed when labels cannot be trusted
HEAD = 2_048  # bytes in which a prolog or <meta> is looked for
STRAY_SHARE = 0.05  # bad sequences among the good ones up to which a text is UTF-8 with stray bytes
LABEL_TRUST = 1.0  # points by which the label's reading is preferred: less than one well-fitting letter
COMMON_TRUST = 1.5  # points by which cp1251 is preferred to the rarer Cyrillic charsets, for the shortest of words

#: Charsets that feeds and pages are written in; others (punycode, utf-7, unicode_escape …) are labels of mistake or malice.
ALLOWED = re.compile(
    r"utf-(?:8|(?:16|32)(?:-[lb]e)?)|ascii|iso8859-\d+|cp(?:037|437|500|8[567]\d|9\d\d|125\d|1125)|koi8-[rut]|kz1048|ptcp154|tis-620|hz|johab"
    r"|mac-(?:cyrillic|roman|latin2|greek|turkish)|gb2312|gbk|gb18030|big5(?:hkscs)?|euc_(?:jp|kr)|shift_jis(?:_2004)?|iso2022_(?:jp|kr)"
)
#: Labels beside Python's own names, and the superset that is meant by a narrower one (WHATWG Encoding).
MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
SPELLED = (
    ("x-mac-ukrainian", "mac-cyrillic"),
    ("x-sjis", "cp932"),
    ("x-x-big5", "big5"),
    ("unicode", "utf-16"),
    ("win-", "cp"),
    ("x-", ""),
)
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: The first "<" of a document without a byte-order mark (XML 1.0, appendix F).
SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
CYRILLIC = ("cp1251", "koi8-u", "cp866", "mac-cyrillic", "iso8859-5")
ESCAPED = frozenset({"iso2022_jp", "iso2022_kr", "hz"})  # seven-bit charsets: their bytes are valid ASCII

LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
IN_HEAD = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:+-]+)|<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE
)

#: How often letters fall in Russian and Ukrainian prose, from the most to the least.
LETTERS = "оаеинтсрвлкмдпуіязыьбгчйхжшюцїщєэфґёъў"
SHARES = (  # in a thousand letters
    *(95, 80, 78, 64, 63, 58, 50, 46, 44, 42, 34, 31, 31, 27, 28, 25, 22, 17, 16),
    *(17, 17, 16, 15, 11, 10, 9, 7, 6, 5, 5, 4, 4, 3, 3, 2, 4, 1, 1),
)
POINTS = {letter: 1 + log(share / 28) / 1.5 for letter, share in zip(LETTERS, SHARES, strict=True)}
ACCENTED = "éèàçêâîôûùëïüöäñóíáúåøæßœąćęłńśźżčřšžýěůőűțșăãõ"
STRAY = re.compile(r"[\udc80-\udcff]+")
WIDE = re.compile(r"[^\x00-\x7f\udc80-\udcff]")
CYRILLIC_WORD = re.compile(r"[Ѐ-ӿ]{3}")
RARE_HAN = 0xD8  # lead bytes from here on are seldom used characters in the East Asian charsets
PAIRS = (
    (re.compile(r"[а-яёіїєґў][А-ЯЁІЇЄҐЎ]"), -4.0),  # a capital after a small letter: a neighbouring charset
    (re.compile(r"[A-Za-z][Ѐ-ӿ]|[Ѐ-ӿ][A-Za-z]"), -2.0),  # two scripts in one word
    (re.compile(r"(?<=[Ѐ-ӿ])[^\w\s\x00-\x7f’ʼ´…»“”–—-](?=[Ѐ-ӿ])"), -2.0),  # a sign inside a word
    (re.compile(r"[À-ÖØ-öø-ž](?=[À-ÖØ-öø-ž])"), -3.0),  # accented letters side by side
)
_OF_CYRILLIC = r"[\u0080-\u00bf\u0400-\u040f\u0450-\u045f\u0490\u0491\u2010-\u203a\u20ac\u2116\u2122]"
_OF_LATIN = r"[\u0080-\u00bfŒœŠšŸŽžƒˆ˜–-„†-›€™]"
#: UTF-8 that was read as a single-byte charset and written as UTF-8 again. It begins with one set of letters, for a page is searched
#: for those alone five times as fast as for a choice.
DOUBLED_BEGINS = "РСÐÑÃâ"
DOUBLED = re.compile(
    rf"[{DOUBLED_BEGINS}](?:(?<=[РС]){_OF_CYRILLIC}(?:[РС]{_OF_CYRILLIC}){{2}}|(?<=[ÐÑ]){_OF_LATIN}(?:[ÐÑ]{_OF_LATIN}){{2}}"
    r"|(?<=Ã)[\u0080-\u00bf]|(?<=â)€)"
)
SELDOM = 100  # characters between two such letters, on the whole


@dataclass(frozen=True, slots=True)
class Decoded:
    """`flags`: "charset_corrected" (the label was wrong), "mojibake_repaired" (encoded twice), "bytes_replaced" (some are unreadable)."""

    text: str
    charset: str
    flags: tuple[str, ...] = ()


def decode(body: bytes, declared: str | None = None) -> Decoded:
    """`body` as text, without a byte-order mark. `declared` is the Content-Type header, or a charset's label.

    Byte-order mark, then valid UTF-8 that has more than ASCII, then the labels (header, prolog, <meta>) weighed against the Cyrillic
    charsets by letter frequency: cp1251 under a Latin or UTF-8 label would otherwise become accented letters that no keyword finds.
    """
    labels = _labels(body, declared)
    wide = _wide(body)
    if wide:
        charset, offset = wide
        text, flags = _lenient(body[offset:], charset)
        return Decoded(text.removeprefix("\ufeff"), charset, flags)
    if body.isascii() and (escaped := next((label for label in labels if label in ESCAPED), None)):
        text, flags = _lenient(body, escaped)
        return Decoded(text, escaped, flags)
    body = body.removeprefix(codecs.BOM_UTF8)
    valid = _utf8(body)
    if valid is not None:
        wrong = labels and labels[0] != "utf-8" and not valid.isascii()
        fixed = _undoubled(valid)
        flags = (("charset_corrected",) if wrong else ()) + (("mojibake_repaired",) if fixed != valid else ())
        return Decoded(fixed, "utf-8", flags)
    return _weighed(body, labels)


def known(label: str | None) -> str | None:
    """Python's name of the charset that a label means; None for an unknown or refused one."""
    name = (label or "").strip(" \t\r\n\"'").lower()
    for spelling, plain in SPELLED:
        name = plain + name[len(spelling) :] if name.startswith(spelling) else name
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return MEANT.get(found, found) if ALLOWED.fullmatch(found) else None


def _labels(body: bytes, declared: str | None) -> list[str]:
    inside = LABEL.search(declared or "")
    said = [inside.group(1) if inside else declared if declared and "/" not in declared else None]
    said += [(match.group(1) or match.group(2)).decode("ascii", "replace") for match in IN_HEAD.finditer(body[:HEAD])]
    return [name for label in said if (name := known(label))]


def _wide(body: bytes) -> tuple[str, int] | None:
    """A charset that the first bytes prove, and the length of its mark; UTF-8 proves itself elsewhere."""
    for mark, charset in BOMS:
        if body.startswith(mark):
            return None if charset == "utf-8" else (charset, len(mark))
    start = body[:HEAD].lstrip(b" \t\r\n")[:4]
    return next(((charset, 0) for shape, charset in SHAPES if start.startswith(shape)), None)


def _lenient(body: bytes, charset: str) -> tuple[str, tuple[str, ...]]:
    try:
        return body.decode(charset), ()
    except UnicodeError:
        return body.decode(charset, "replace"), ("bytes_replaced",)


def _utf8(body: bytes) -> str | None:
    """Valid UTF-8, also where the end was cut inside a character; else None."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3 and error.reason == "unexpected end of data":
            return body[: error.start].decode("utf-8")
        return None


def _weighed(body: bytes, labels: list[str]) -> Decoded:
    marked = body.decode("utf-8", "surrogateescape")
    strays = len(STRAY.findall(marked))
    good = len(WIDE.findall(marked))
    if strays <= good * STRAY_SHARE:
        return _stray_utf8(marked)
    sample = _telling(body)
    candidates = dict.fromkeys([label for label in labels if not label.startswith("utf-")] + [*CYRILLIC, "cp1252"])
    first = next((label for label in candidates if label in labels), None)
    trust = {"cp1251": COMMON_TRUST} | ({first: LABEL_TRUST} if first else {})
    best = max(candidates, key=lambda charset: _score(sample, charset) + trust.get(charset, 0))
    if best == "cp1252" and "utf-8" in labels and strays <= good:
        return _stray_utf8(marked)
    text, flags = _lenient(body, best)
    if labels and best != labels[0]:
        flags = ("charset_corrected", *flags)
    return Decoded(text, best, flags)


def _stray_utf8(marked: str) -> Decoded:
    """UTF-8 whose stray bytes, marked by surrogates, are read as Windows-1252."""
    text = STRAY.sub(lambda stray: bytes(ord(mark) - 0xDC00 for mark in stray.group()).decode("cp1252", "replace"), marked)
    return Decoded(_undoubled(text), "utf-8", ("bytes_replaced",))


def _telling(body: bytes) -> bytes:
    """The words that have more than ASCII, up to SAMPLE bytes."""
    words = re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", body)
    return b" ".join(words)[:SAMPLE]


def _score(sample: bytes, charset: str) -> float:
    """How much the sample, read so, looks like prose: points a character, minus what no prose has."""
    text = sample.decode(charset, "replace")
    if charset in CYRILLIC and not CYRILLIC_WORD.search(text):
        return -float(len(sample)) * 4  # signs and lone letters prove nothing
    points = -3.0 * text.count("\ufffd") - 1.5 * max(0, text.count("„") - text.count("“") - text.count("”"))
    for char in set(text):
        if char > "\x7f" and char != "\ufffd":
            points += text.count(char) * _points(char, charset)
    return points + sum(cost * len(pair.findall(text)) for pair, cost in PAIRS)


def _points(char: str, charset: str) -> float:
    small = char.lower()
    if small in POINTS:
        return POINTS[small]
    if small in ACCENTED:
        return 1.0
    if "Ѐ" <= char <= "ӿ":
        return -1.0  # Cyrillic of other languages: rare here
    if char in "«»„“”‘’–—…№\xa0·•":
        return 0.3
    if not char.isalpha():
        return -1.5
    if char < "\u1100":
        return 0.7
    return 3.0 if char.encode(charset, "replace")[0] < RARE_HAN else -0.5  # two bytes each


def _undoubled(text: str) -> str:
    """Lines that were encoded twice, decoded once more; the others as they are."""
    if text.isascii() or not _is_doubled(text):
        return text
    from ftfy import fix_encoding

    return "".join(fix_encoding(line) if DOUBLED.search(line) else line for line in text.splitlines(keepends=True))


def _is_doubled(text: str) -> bool:
    """Whether some of it was encoded twice. The letters that this begins with are rare: looking at each is far quicker than a search."""
    places = (place for letter in DOUBLED_BEGINS for place in _places(text, letter))
    looked = any(DOUBLED.match(text, place) for place in islice(places, len(text) // SELDOM))
    return looked or (next(places, None) is not None and DOUBLED.search(text) is not None)


def _places(text: str, letter: str) -> Iterator[int]:
    place = text.find(letter)
    while place >= 0:
        yield place
        place = text.find(letter, place + 1)
