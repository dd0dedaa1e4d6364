"""What is a text's normal form, and where in the stored text does a place of it stand?

Every character becomes one byte of an alphabet that holds the letters of seven languages, so that folding, searching and counting run in C
and a place in the normal form is the same place in the stored text. Only where characters vanish (soft hyphens, stress marks, decomposed
accents) a list of the vanished ones leads back.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

CYRILLIC_LOWER = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў"
ACCENTS = {"a": "àâäáą", "c": "çć", "e": "éèêëę", "i": "îïí", "l": "ł", "n": "ñń", "o": "ôöó", "s": "ś", "u": "ùûüú", "z": "źż"}
ACCENTED_LOWER = "".join(ACCENTS.values()) + "œ"
MARKS = "’‘ʼ“”„«»–—…№\xa0ß"
FOREIGN = "\uffff"  # stands for a letter or digit of any other alphabet
ODD = b"?"  # what the codec writes for a character outside the alphabet

#: ASCII keeps its own codes (the codec is then ten times as fast); the others take what is free, control characters' codes included.
_ASCII = "\0\t\n\r" + "".join(map(chr, range(0x20, 0x7F)))
_OTHERS = CYRILLIC_LOWER + CYRILLIC_LOWER.upper() + ACCENTED_LOWER + ACCENTED_LOWER.upper() + MARKS + FOREIGN
_FREE = [code for code in range(256) if chr(code) not in _ASCII]
_CODE = {char: ord(char) for char in _ASCII} | dict(zip(_OTHERS, _FREE, strict=False))
_CHAR = {code: char for char, code in _CODE.items()}
_TABLE = "".join(_CHAR.get(code, "\ufffe") for code in range(256))
_ENCODE = codecs.charmap_build(_TABLE)

#: Greek letters that look like Latin ones; from there the script of their word decides.
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανικρτυχε", "ABEZHIKMNOPTYXoavikptyxe", strict=True))
#: Letters that look alike in both scripts.
_LATIN_TWINS, _CYRILLIC_TWINS = "aceopxyikëïABCEHKMOPTXYIËÏ", "асеорхуікёїАВСЕНКМОРТХУІЁЇ"


def _table(change: dict[str, str]) -> bytes:
    """A bytes.translate table that writes the code of change[char] for char and leaves the rest."""
    return bytes(_CODE[change.get(char, char)] if char in _CODE else _CODE[FOREIGN] for char in _TABLE)


def _class_table(classes: dict[str, bytes], other: bytes) -> bytes:
    return b"".join(next((mark for chars, mark in classes.items() if char in chars), other) for char in _TABLE)


_PLAIN_MARKS = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "—": "-", "–": "-", "\xa0": " "}
_LOWER = {c.upper(): c for c in "abcdefghijklmnopqrstuvwxyz" + CYRILLIC_LOWER + ACCENTED_LOWER} | {"ё": "е", "Ё": "е"}
_BASE = {accented: base for base, many in ACCENTS.items() for accented in many}
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789œß" + FOREIGN + CYRILLIC_LOWER

_OF_LATIN_1 = bytes(_CODE.get(chr(code), ODD[0]) for code in range(256))
_TO_TEXT = _table(_PLAIN_MARKS | _LOWER)
_TO_WORDS = _table(
    {c: " " for c in _CODE if c.lower() not in _LETTERS and c.lower() not in _BASE}
    | _LOWER
    | _BASE
    | {b.upper(): v for b, v in _BASE.items()}
)
_TO_FORMS = b"\0" + _TO_WORDS[1:]  # of many, with \0 between them
_TO_SCRIPT = _class_table(
    {CYRILLIC_LOWER + CYRILLIC_LOWER.upper(): b"C", "".join(c for c in _CODE if c.isalpha() and c.lower() not in CYRILLIC_LOWER): b"L"},
    b" ",
)
_TO_CYRILLIC = _table(dict(zip(_LATIN_TWINS, _CYRILLIC_TWINS, strict=True)))
_TO_LATIN = _table(dict(zip(_CYRILLIC_TWINS, _LATIN_TWINS, strict=True)))

_TO_SHAPE = _class_table(
    {
        "".join(c for c in _CODE if c.isupper()): b"A",
        "".join(c for c in _CODE if c.islower()): b"a",
        "0123456789" + FOREIGN: b"0",
        ".!?…": b".",
        "\n": b"\n",
        " \xa0\t\r\0": b" ",
    },
    b"'",
)
_CHANGE = re.compile(rb"LC|CL")  # of script, inside a word
#: A sentence ends with a line before no small letter, or with a mark after two letters or more ("M. Nosov" goes on) before a capital.
#: Two patterns, as each begins with a plain character and is found three times as fast as one of both.
_LINE_END = re.compile(rb"\n[\n ]*(?!a)")
_END = re.compile(rb"\.(?<=[aA0'.][aA0'.]\.)'* +(?='* ?'*A)")
_BROKEN = re.compile(r"(?<=[^\W\d_])-\r?\n(?=[^\W\d_])")  # a word cut at the end of a line
_MAY_BREAK = re.compile(rb"-\r?\n")
MOST_STACKED = 8  # accents on one letter that are composed with it; a thousand of them are no letter of ours
_VANISHING = frozenset({"Mn", "Cf", "Cc"})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in normal form. Places are character offsets; `at` leads back into the stored text."""

    codes: bytes  # one byte a character; case and accents as written
    dropped: tuple[int, ...] = ()  # for every vanished character, the place of the next one that stayed

    @property
    def text(self) -> str:
        """Composed, lower case, ё as е, one apostrophe, one quotation mark, one dash; accents are kept."""
        return written(self.codes)

    @property
    def words(self) -> bytes:
        """What the lexicon is searched in: base letters in lower case, one space for everything else, a space at both ends.

        The byte at i+1 is the character at i.
        """
        return b" " + self.codes.translate(_TO_WORDS) + b" "

    @property
    def shape(self) -> bytes:
        """What kind of character stands where: capital, small letter, digit, end of a sentence, line, space, other."""
        return self.codes.translate(_TO_SHAPE)

    @property
    def sentences(self) -> list[int]:
        """Where sentences begin, the first at 0."""
        shape = self.shape
        return sorted([0, *[end.end() for end in _LINE_END.finditer(shape)], *[end.end() for end in _END.finditer(shape)]])

    def at(self, place: int) -> int:
        """Where the character at `place` stands in the stored text; also where a stretch that ends before `place` ends there."""
        return place + bisect_right(self.dropped, place)


class Around(NamedTuple):
    """Where the sentences at a place begin and end: alone, with one more on both sides, and all there are (so -1 is the whole text)."""

    begins: tuple[int, int, int]
    ends: tuple[int, int, int]


class Sentences:
    """The sentences of a text, to be asked which of them stand around a place."""

    def __init__(self, normal: Normal) -> None:
        self._end = end = len(normal.codes)
        self._begins = [0, *normal.sentences, end, end]

    def around(self, start: int, end: int) -> Around:
        """The sentences at a place of one character or more."""
        begins = self._begins
        first, last = bisect_right(begins, start, 1, len(begins) - 2), bisect_left(begins, end, 1, len(begins) - 2)
        return Around((begins[first - 1], begins[first - 2], 0), (begins[last], begins[last + 1], self._end))


def normalise(text: str) -> Normal:
    """The normal form: stress marks, soft hyphens and zero-width characters gone, look-alike letters in the script of their word."""
    try:
        codes, western = text.encode("latin-1").translate(_OF_LATIN_1), True  # in a third of the time
    except UnicodeEncodeError:
        codes, western = codecs.charmap_encode(text, "replace", _ENCODE)[0], False
    dropped: tuple[int, ...] = ()
    odd = ODD in codes and codes.count(ODD) != text.count("?")
    if odd or _MAY_BREAK.search(codes):
        codes, dropped = _with_odd(text, codes)
    if not western:
        script = codes.translate(_TO_SCRIPT)
        mixed = b"L" in script and b"C" in script
        if mixed and (script.rfind(b"LC") >= 0 or script.rfind(b"CL") >= 0):  # rfind, as `in` takes four times as long
            codes = _one_script(codes, script)
    return Normal(codes, dropped)


def written(codes: bytes) -> str:
    """See Normal.text."""
    return _decode(codes.translate(_TO_TEXT))


def words(text: str) -> list[str]:
    """The words of a text in normal form."""
    return _WORD.findall(normalise(text).text)


def word_codes(texts: Sequence[str]) -> list[bytes]:
    """Lexicon forms as they stand in `Normal.words`, with a space at both ends: the same folding, so the two cannot differ.

    Words are one space apart; two where a full stop is written, since it and the space behind it are two characters of the text.
    """
    if not texts:
        return []
    codes = normalise("\0".join(texts)).codes
    bounded = codes.translate(_TO_FORMS).replace(b"\0", b" \0 ")
    return [
        form if b"  " not in form else b" " + b"  ".join(map(_one_space_apart, written.split(b". "))) + b" "
        for form, written in zip((b" " + bounded + b" ").split(b"\0"), codes.split(b"\0"), strict=True)
    ]


def _one_space_apart(codes: bytes) -> bytes:
    return b" ".join(filter(None, codes.translate(_TO_WORDS).split(b" ")))


def _decode(codes: bytes) -> str:
    return codecs.charmap_decode(codes, "strict", _TABLE)[0]


def _with_odd(text: str, codes: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The codes with every character outside the alphabet decided, and what vanished."""
    kept = bytearray(codes)
    gone = {place for cut in _BROKEN.finditer(text) for place in range(*cut.span())} if "-\n" in text or "-\r\n" in text else set()
    base = place = codes.find(ODD)
    while place >= 0:
        char = text[place]
        if char != "?":
            category = unicodedata.category(char)
            if category == "Mn" and place:
                base = place - 1 if place - 1 not in gone else base
                kept[base] = _code_of(unicodedata.normalize("NFC", text[base : min(place, base + MOST_STACKED) + 1])[0])
            else:
                kept[place] = _code_of(char)
            if category in _VANISHING:
                gone.add(place)
        place = codes.find(ODD, place + 1)
    if not gone:
        return bytes(kept), ()
    dropped = tuple(place - before for before, place in enumerate(sorted(gone)))
    edges = [-1, *sorted(gone), len(kept)]
    return b"".join(kept[before + 1 : place] for before, place in pairwise(edges)), dropped


@lru_cache(maxsize=4096)
def _code_of(char: str) -> int:
    """The code of any character: itself, its look-alike, its base letter, a foreign letter, or a space."""
    char = _GREEK.get(char, char)
    if char in _CODE:
        return _CODE[char]
    base = unicodedata.normalize("NFKD", char)[0]
    if base in _CODE:
        return _CODE[base]
    return _CODE[FOREIGN] if char.isalnum() else _CODE[" "]


def _one_script(codes: bytes, script: bytes) -> bytes:
    """Words of mixed script, written in the script of most of their letters where every other letter has a twin there."""
    kept = bytearray(codes)
    change = _CHANGE.search(script)
    while change:
        start, end = script.rfind(b" ", 0, change.start()) + 1, script.find(b" ", change.start())
        end = len(script) if end < 0 else end
        cyrillic = script.count(b"C", start, end) * 2 >= end - start
        folded = codes[start:end].translate(_TO_CYRILLIC if cyrillic else _TO_LATIN)
        if (b"L" if cyrillic else b"C") not in folded.translate(_TO_SCRIPT):
            kept[start:end] = folded
        change = _CHANGE.search(script, end)
    return bytes(kept)
