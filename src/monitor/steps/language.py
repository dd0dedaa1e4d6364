"""Which language is a text in?

Cyrillic letters that only one language has decide first, then the script alone where the outlet's languages leave no choice, then
langdetect (seeded) on the title and the start of the text. Never raises; "und" where too little stands to tell.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from struct import Struct
from typing import Any

MOST_LETTERS = 500  # characters of the text looked at, beside the title
FEWEST_LETTERS = 40  # below it langdetect guesses («Дезертир» comes out Bulgarian)
SEED = 0
TRIALS = 3  # rounds of n-grams drawn at random, instead of langdetect's 7: as right, in half the time
PRIOR = 10.0  # weight of a configured language against any other
LONGEST_GRAM = 3  # letters of langdetect's n-grams
SURE = 0.5  # probability below which a guess is no answer

CYRILLIC = frozenset({"ru", "uk", "be", "bg", "mk", "sr", "kk"})

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_SHARE = Struct("<Bf")  # a language's number, and an n-gram's share of its text
_LETTER = re.compile(r"[^\W\d_]")
_SPACES = re.compile(" +")


def language_of(title: str, text: str, languages: Sequence[str] = ()) -> str:
    """ISO 639-1 code, or "und". `languages` are the outlet's own: a prior, never a verdict against the letters."""
    sample = f"{title}\n{text[:MOST_LETTERS]}".lower()
    letters = len(_LETTER.findall(sample))
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if cyrillic * 2 > letters:
        return (
            _by_letter(Counter(_CYRILLIC.findall(sample))) or _by_script(CYRILLIC, languages, letters) or _guess(sample, languages, letters)
        )
    if latin * 2 > letters:
        others = [code for code in languages if code not in CYRILLIC]
        return others[0] if letters < FEWEST_LETTERS and len(others) == 1 == len(languages) else _guess(sample, languages, letters)
    return _guess(sample, languages, letters)


def _by_letter(count: Counter[str]) -> str:
    """The language that the deciding letters name; "" where there are none. A quotation does not outweigh the text around it."""

    def of(letters: str) -> int:
        return sum(count[c] for c in letters)

    if of("әқңғүұһө"):
        return "kk" if of("қғұ") else "und"
    if of("ђћ"):
        return "sr"
    if of("љњџјѓќѕ"):
        return "mk"
    if of("ў") and count["и"] <= count["і"]:
        return "be"
    russian, ukrainian = of("ыэё"), of("їєґі")
    if russian or ukrainian:
        return "ru" if russian > ukrainian else "uk"
    return ""


def _by_script(script: frozenset[str], languages: Sequence[str], letters: int) -> str:
    """A short text of an outlet that writes one language of this script; "" elsewhere."""
    own = [code for code in languages if code in script]
    return own[0] if len(own) == 1 and letters < FEWEST_LETTERS else ""


def _guess(sample: str, languages: Sequence[str], letters: int) -> str:
    if letters < FEWEST_LETTERS:
        return "und"
    from langdetect.lang_detect_exception import LangDetectException

    detector = _factory().create()
    known, detector.n_trial = detector.langlist, TRIALS
    detector.set_prior_map({code: PRIOR if code[:2] in languages else 1.0 for code in known})
    detector.append(sample)
    detector._extract_ngrams = partial(_grams, detector)
    detector._update_lang_prob = partial(_weigh, detector)
    try:
        best = detector.get_probabilities()
    except LangDetectException:
        return "und"
    return best[0].lang[:2] if best and best[0].prob >= SURE else "und"


def _grams(detector: Any) -> list[str]:
    """The known one to three letters in a row of a detector's text, in the order of langdetect, whose own loop takes five times as long.

    It leaves out words in capitals, of which a text in small letters has none.
    """
    text = _SPACES.sub(" ", " " + "".join(map(_usual, detector.text)))
    known = detector.word_lang_prob_map
    found = []
    for end in range(2, len(text) + 1):
        last, before = text[end - 1], text[end - 2]
        if last != " " and last in known:
            found.append(last)
        if before + last in known:
            found.append(before + last)
        if before != " " and end > 2 and (three := text[end - 3 : end]) in known:
            found.append(three)
    return found


@lru_cache(1 << 12)
def _usual(letter: str) -> str:
    from langdetect.utils.ngram import NGram

    return str(NGram.normalize(letter))


def _weigh(detector: Any, chances: list[float], gram: str, alpha: float) -> None:
    """What an n-gram says of each language, as langdetect counts it, in half the time."""
    least = alpha / detector.BASE_FREQ
    chances[:] = [chance * (least + share) for chance, share in zip(chances, _shares(gram), strict=True)]


@lru_cache(1 << 13)
def _shares(gram: str) -> array[float]:
    """A known n-gram's share of each language's text."""
    factory = _factory()
    shares = array("f", bytes(4 * len(factory.langlist)))
    for number, share in _SHARE.iter_unpack(factory.word_lang_prob_map[gram]):
        shares[number] = share
    return shares


@cache
def _factory() -> Any:
    """langdetect's profiles, loaded once a process (0.1 s), in an order that no file system decides.

    An n-gram keeps only the languages that have it, a few of 55: a third of the memory and of the time to load.
    """
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory, shares = DetectorFactory(), dict[str, bytes]()
    profiles = sorted(profile for profile in Path(PROFILES_DIRECTORY).iterdir() if profile.is_file())
    for number, profile in enumerate(profiles):
        told = json.loads(profile.read_bytes())
        factory.langlist.append(told["name"])
        for gram, times in told["freq"].items():
            if len(gram) <= LONGEST_GRAM:
                shares[gram] = shares.get(gram, b"") + _SHARE.pack(number, times / told["n_words"][len(gram) - 1])
    factory.word_lang_prob_map = shares
    factory.set_seed(SEED)
    return factory
