"""Which numbers stand in a sentence, in digits or in words, and which took the place of which?

French, English, Russian and Ukrainian number words; "one" is left out, being an article or a pronoun more often than a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.steps.aligned import differing
from monitor.steps.text import normalise

_FORMS = {
    2: "deux two два две двух двум двумя двое двоих дві двох двом двома двоє",
    3: "trois three три трех трем тремя трое троих трьох трьом трьома троє",
    4: "quatre four четыре четырех четырем четверо четверых чотири чотирьох чотирьом четверо",
    5: "cinq five пять пяти пятеро пятерых п'ять п'яти п'ятьох п'ятеро",
    6: "six шесть шести шестеро шестерых шість шести шістьох шестеро",
    7: "sept seven семь семи семеро семерых сім семи сімох семеро",
    8: "huit eight восемь восьми восьмеро вісім восьми вісьмох восьмеро",
    9: "neuf nine девять девяти дев'ять дев'яти дев'ятьох дев'ятеро",
    10: "dix ten десять десяти десятеро десятьох",
    11: "onze eleven одиннадцать одиннадцати одинадцять одинадцяти",
    12: "douze twelve двенадцать двенадцати дванадцять дванадцяти",
    13: "treize thirteen тринадцать тринадцати тринадцять тринадцяти",
    14: "quatorze fourteen четырнадцать четырнадцати чотирнадцять чотирнадцяти",
    15: "quinze fifteen пятнадцать пятнадцати п'ятнадцять п'ятнадцяти",
    16: "seize sixteen шестнадцать шестнадцати шістнадцять шістнадцяти",
    17: "seventeen семнадцать семнадцати сімнадцять сімнадцяти",
    18: "eighteen восемнадцать восемнадцати вісімнадцять вісімнадцяти",
    19: "nineteen девятнадцать девятнадцати дев'ятнадцять дев'ятнадцяти",
    20: "vingt vingts twenty двадцать двадцати двадцять двадцяти",
    30: "trente thirty тридцать тридцати тридцять тридцяти",
    40: "quarante forty сорок сорока",
    50: "cinquante fifty пятьдесят пятидесяти п'ятдесят п'ятдесяти",
    60: "soixante sixty шестьдесят шестидесяти шістдесят шістдесяти",
    70: "seventy семьдесят семидесяти сімдесят сімдесяти",
    80: "eighty восемьдесят восьмидесяти вісімдесят вісімдесяти",
    90: "ninety девяносто девяноста дев'яносто дев'яноста",
    200: "двести двухсот двісті двохсот",
    300: "триста трехсот трьохсот",
    400: "четыреста четырехсот чотириста чотирьохсот",
    500: "пятьсот пятисот п'ятсот п'ятисот",
    600: "шестьсот шестисот шістсот шестисот",
    700: "семьсот семисот сімсот семисот",
    800: "восемьсот восьмисот вісімсот восьмисот",
    900: "девятьсот девятисот дев'ятсот дев'ятисот",
}
_SCALES = {
    12: "dozen dozens douzaine",
    100: "cent cents hundred сто ста",
    1_000: "mille thousand тысяча тысяч тысячи тысячу тыс тисяча тисяч тисячі тисячу тис",
    1_000_000: "million millions миллион миллиона миллионов млн мільйон мільйона мільйонів",
}
_UNITS = {form: value for value, many in _FORMS.items() for form in many.split()}
_TIMES = {form: value for value, many in _SCALES.items() for form in many.split()}

#: A time of day, then a number (its thousands apart or not), then a word.
_TOKEN = re.compile(
    r"(?P<time>\d{1,2}[:h]\d\d(?!\d))|(?P<number>\d{1,3}(?:[ .,']\d{3})+(?!\d)|\d+(?:[.,]\d+)?)(?!\w)|(?P<word>[\w]+(?:'[\w]+)*)"
)
_AFTER = re.compile(r"\s*([^\W\d_][\w’'-]*(?:\s+[^\W\d_][\w’'-]*)?)")


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    surface: str
    start: int
    end: int  # in the sentence as given


def read(sentence: str) -> list[Number]:
    """The numbers of a sentence, in order. Times of day are none."""
    return [token for token in _tokens(sentence) if isinstance(token, Number)]


def value(those: Sequence[str]) -> float | None:
    """What number words say together: `двадцать два` is 22, `deux cents` 200; None for other words."""
    total = current = 0.0
    for word in those:
        if (unit := _UNITS.get(word)) is not None:
            current = current * unit if (current, unit) == (4, 20) else current + unit
        elif (times := _TIMES.get(word)) is not None:
            current = max(current, 1) * times
            if times >= 1_000:
                total, current = total + current, 0.0
        else:
            return None
    return total + current if those else None


def replaced(old: str, new: str) -> Iterator[tuple[Number, Number]]:
    """The numbers of two wordings of one sentence where one took the place of another: (12, 20). `twelve` for 12 is no change."""
    before, after = list(_tokens(old)), list(_tokens(new))
    keys, others = ([f"#{token.value:g}" if isinstance(token, Number) else token for token in tokens] for tokens in (before, after))
    for i, j, k, m in differing(keys, others):
        gone, came = ([token for token in tokens if isinstance(token, Number)] for tokens in (before[i:j], after[k:m]))
        if len(gone) == len(came):
            yield from ((one, other) for one, other in zip(gone, came, strict=True) if one.value != other.value)


def follows(sentence: str, number: Number) -> str:
    """The word or two behind a number: what it counts."""
    after = _AFTER.match(sentence, number.end)
    return after[1] if after else ""


def _tokens(sentence: str) -> Iterator[Number | str]:
    """Numbers, and the words between them; number words that follow each other are one number."""
    normal = normalise(sentence)
    found = list(_TOKEN.finditer(normal.text))
    place = 0
    while place < len(found):
        end, said = place, 0.0
        match = found[place]
        if match["number"]:
            said, end = _digits(match["number"]), place + 1
            while end < len(found) and (times := _TIMES.get(found[end]["word"] or "")) and times >= 1_000:
                said, end = said * times, end + 1
        else:
            while end < len(found) and found[end]["word"] and value((found[end]["word"],)) is not None:
                end += 1
            said = value([one["word"] for one in found[place:end]]) or 0.0
        if end == place:
            yield match.group()
            place += 1
            continue
        first, last = normal.at(found[place].start()), normal.at(found[end - 1].end())
        yield Number(said, sentence[first:last], first, last)
        place = end


def _digits(text: str) -> float:
    """2 076, 2,076 and 2.076 are one number; 2,5 and 2.5 another."""
    if re.fullmatch(r"\d{1,3}(?:[ .,']\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))
