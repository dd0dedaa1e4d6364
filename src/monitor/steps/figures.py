"""Which numbers does a text give, of what, for when, and who says so?

Only numbers in digits that stand directly before what they count, in a sentence that names the act; a number about which any of this is in
doubt is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.model import Attribution, Figure
from monitor.steps.text import normalise

MOST_BETWEEN = 3  # words between a number and what it counts: "12 young Russian soldiers"
FARTHEST_ACT = 140  # characters between a number and the act that it is about
FARTHEST_LOSS = 40  # a number so near to the dead and wounded counts them
MOST_DIGITS = 9
LOOK_BACK = 20  # characters before a number that tell a year or a law's article
LATEST_YEAR = 2035  # a bare 2024 may be a year, a bare 2076 hardly

_DIGITS = r"(?P<digits>\d{1,3}(?:[ ,.']\d{3})+(?!\d)|\d+(?:[.,]\d+)?)"
_TIMES = {
    r"тысяч\w*|тыс\.?|тисяч\w*|тис\.?|thousand|mille|tausend": 1_000,
    r"млн\.?|миллион\w*|мільйон\w*|million\w*": 1_000_000,
}
_ARTICLE_BEFORE = re.compile(
    r"(?:\barticles?|\bart\.|\bстать\w*|\bстатт\w*|\bст\.|№|§|°) ?\Z"
)  # the number of a law's article counts nothing

# What is counted. The first name of each is what a figure's unit is called.
_UNITS = {
    "criminal cases": {
        "fr": r"(?:affaires?|procédures?|enquêtes?|poursuites?) (?:pénales?|criminelles?)",
        "en": r"criminal (?:cases|proceedings|investigations|prosecutions|charges)",
        "ru": r"уголовн\w+ (?:дел\w*|производств\w*)",
        "uk": r"кримінальн\w+ (?:проваджен\w*|справ\w*)|проваджен\w+",
        "de": r"strafverfahren|strafsachen|ermittlungsverfahren",
    },
    "verdicts": {
        "fr": r"condamnations?|verdicts?",
        "en": r"convictions|verdicts",
        "ru": r"(?:обвинительн\w+ )?приговор\w*",
        "uk": r"(?:обвинувальн\w+ )?вирок\w*",
        "de": r"urteile?n?|verurteilungen",
    },
    "requests for help": {
        "fr": r"demandes? d'(?:aide|assistance)|appels? à l'aide",
        "en": r"requests? for (?:help|assistance)|appeals? for help|calls? for help|help requests",
        "ru": r"(?:обращени\w+|просьб\w*|запрос\w*)(?: (?:за|о) помощ\w+)?",
        "uk": r"(?:звернен\w+|запит\w*)(?: (?:по|про) допомог\w+)?",
        "de": r"hilferufe?n?|hilfsanfragen|bitten um hilfe",
    },
    "deserters": {
        "fr": r"déserteurs?",
        "en": r"deserters?",
        "ru": r"дезертир(?:а|ов|ы|ам)?\b",
        "uk": r"дезертир(?:а|ів|и|ам)?\b",
        "de": r"deserteure?n?|fahnenflüchtige\w?",
    },
    "desertions": {"fr": r"désertions?", "en": r"desertions?", "de": r"desertionen|fahnenfluchten"},
    "refusers": {
        "fr": r"réfractaires?|refuzniks?",
        "en": r"refuseniks?",
        "ru": r"отказник\w*",
        "uk": r"відмовник\w*",
        "de": r"befehlsverweigerer\w?|kriegsdienstverweigerer\w?",
    },
    "mutineers": {"fr": r"mutins?", "en": r"mutineers?", "ru": r"мятежник\w*|бунтовщик\w*", "uk": r"заколотник\w*", "de": r"meuterer\w?"},
    "cases": {
        "fr": r"cas|affaires",
        "en": r"cases|incidents",
        "ru": r"случа\w+|дел[ао]?\b",
        "uk": r"випадк\w+|справ\w?\b",
        "de": r"fälle?n?",
    },
    "soldiers": {
        "fr": r"soldats?|militaires?|mobilisés?|conscrits?|combattants?|recrues?",
        "en": r"soldiers?|troops|servicemen|service members|conscripts?|recruits?|fighters?|mobili[sz]ed men",
        "ru": r"солдат\w*|военнослужащ\w+|военных|мобилизованн\w+|бойц\w+|контрактник\w*|срочник\w*",
        "uk": r"солдат\w*|військовослужбовц\w+|військових|мобілізован\w+|бійц\w+|контрактник\w*|строковик\w*",
        "de": r"soldaten?|wehrpflichtige\w?|rekruten|kämpfer\w?",
    },
    "people": {
        "fr": r"personnes?|hommes",
        "en": r"people|men",
        "ru": r"человека?\b|мужчин\w*",
        "uk": r"осіб|людей|чоловік\w*",
        "de": r"menschen|männer\w?",
    },
}
#: Units that say by themselves what it is about.
_ACT_OF_UNIT = {"deserters": "desertion", "desertions": "desertion", "refusers": "refusal", "mutineers": "mutiny"}
_PERSONS = frozenset({"soldiers", "people"})

_ACTS = {
    "desertion": {
        "fr": r"d[ée]sert(?:ions?|eurs?|er|é|és|ée|ées|ent|ait|aient|ant|èrent)\b",
        "en": r"desert(?:ions?|ers?|ed|ing)\b",
        "ru": r"дезертир\w*",
        "uk": r"дезерт(?:ир|у)\w*",
        "de": r"desert(?:ion|eur|ier)\w*|fahnenfl[uü]ch\w*",
    },
    "absence": {
        "fr": r"absences? (?:non autorisée|illégale|sans (?:autorisation|permission))s?|"
        r"abandon\w* (?:de |du |d'|leurs? |son )(?:poste|unité)s?",
        "en": r"awol|absen(?:t|ce) without (?:official )?leave|unauthori[sz]ed (?:absence|abandonment|leave)|"
        r"abandon\w* (?:of )?(?:their|his|a) (?:unit|post)s?",
        "ru": r"самовольн\w+ оставлен\w+|самовольно (?:оставил|покинул)\w*|самоволк\w*|\bсоч\b",
        "uk": r"самовільн\w+ (?:залишен|покин)\w+|самовільно (?:залишил|покинул)\w*|\bсзч\b",
        "de": r"unerlaubte\w* (?:entfernung|abwesenheit)|eigenmächtige\w* abwesenheit",
    },
    "refusal": {
        "fr": r"refus\w* (?:de |d')(?:se battre|combattre|obéir|participer|retourner|repartir|partir|aller|exécuter|monter)|"
        r"n\w* (?:veu|voulai)\w* (?:pas|plus) (?:se battre|combattre|participer)",
        "en": r"refus\w+ (?:to )?(?:continue )?(?:fight|obey|return|deploy|go|follow|carry|advance|participate)\w*|"
        r"(?:not|n't) want to (?:fight|participate|go)",
        "ru": r"отка[зж]\w* (?:\w+ )?(?:воевать|идти|ехать|выполн\w+|исполн\w+|участв\w+|возвращ\w+|вернуться|от участия)|"
        r"не хот\w+ (?:воевать|участвовать|идти)",
        "uk": r"відмов\w+ (?:\w+ )?(?:воювати|йти|їхати|викон\w+|брати участь|поверта\w+|від участі)|не хо\w+ (?:воювати|брати участь|йти)",
        "de": r"befehlsverweiger\w+|kampfverweiger\w+|(?:weiger|verweiger)\w+ (?:\w+ ){0,5}?(?:kämpfen|befehl\w*|kampf|einsatz)",
    },
    "mutiny": {
        "fr": r"mutin(?:erie|er|é|s)\w*",
        "en": r"mutin(?:y|ies|ous|eer|ied)\w*",
        "ru": r"мятеж\w*|бунт\w*|взбунтова\w*",
        "uk": r"заколот\w*|бунт\w*|збунтува\w*",
        "de": r"meuter\w+",
    },
}
_LOSSES = {
    "fr": r"tué\w*|tuant|mort\w*|bless\w+|captur\w+|prisonni\w+|perdu\w*|perte\w*",
    "en": r"kill\w+|dead|died|wounded|injur\w+|captur\w+|prisoner\w*|los(?:t|ses)",
    "ru": r"погиб\w*|уби\w+|ранен\w*|пленн?\w*|потер\w+|раненых",
    "uk": r"загин\w*|загибл\w*|вбит\w*|поранен\w*|полон\w*|втрат\w*",
    "de": r"getötet\w*|gefallen\w*|tote?n?\b|verwundet\w*|verletzt\w*|gefangen\w*|verl(?:or|ust)\w*",
}
#: Words that do not stand between a number and what it counts.
_NOT_BETWEEN = {
    "fr": "à au aux dans de des du en et le la les par pour sur un une que qui dont ont sont ans jours mois heures km kilomètres fois",
    "en": "a an and at by for from in of on that the to which who with years days months hours weeks km miles times",
    "ru": "а в для за и из к на о от по с у что лет года дней дня месяцев часов км раз раза",
    "uk": "а в від для до з за і й на по про та у що років роки днів дні місяців годин км разів рази",
    "de": "am an auf aus bei das der die ein eine für im in mit und von zu dass wie jahre jahren tage tagen monate wochen stunden km mal",
}

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "january february march april may june july august september october november december",
    "ru": "январ[ьяе] феврал[ьяе] март[ае]? апрел[ьяе] ма[йяе] июн[ьяе] июл[ьяе] август[ае]? "
    "сентябр[ьяе] октябр[ьяе] ноябр[ьяе] декабр[ьяе]",
    "uk": "січ(?:ень|ня|ні) лют(?:ий|ого|ому) берез(?:ень|ня|ні) квіт(?:ень|ня|ні) трав(?:ень|ня|ні) черв(?:ень|ня|ні) лип(?:ень|ня|ні) "
    "серп(?:ень|ня|ні) верес(?:ень|ня|ні) жовт(?:ень|ня|ні) листопада?і? груд(?:ень|ня|ні)",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
}
_NUMBER_WORDS = {
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze",
    "en": "one two three four five six seven eight nine ten eleven",
    "ru": "один два три четыре пять шесть семь восемь девять десять одиннадцать",
    "uk": "один два три чотири п'ять шість сім вісім дев'ять десять одинадцять",
    "de": "ein zwei drei vier fünf sechs sieben acht neun zehn elf",
}
#: Stretches of a year: {n} is a number of months, {y} the year.
_FIRST_MONTHS = {
    "fr": r"{n} premiers mois (?:de )?(?:l'année )?{y}",
    "en": r"first {n} months of {y}",
    "ru": r"перв\w+ {n} месяц\w+ {y}",
    "uk": r"перш\w+ {n} місяц\w+ {y}",
    "de": r"ersten {n} monate\w* (?:des jahres )?{y}",
}
_HALVES = {
    "fr": (r"(?:premier|1er) semestre (?:de )?{y}", r"(?:second|deuxième|2e) semestre (?:de )?{y}"),
    "en": (r"first half of {y}", r"second half of {y}"),
    "ru": (r"перв\w+ полугоди\w+ {y}", r"втор\w+ полугоди\w+ {y}"),
    "uk": (r"перш\w+ півріч\w+ {y}", r"друг\w+ півріч\w+ {y}"),
    "de": (r"ersten? halbjahr {y}", r"zweiten? halbjahr {y}"),
}
#: A time that takes the day of writing to be known, or that another number is compared with.
_RELATIVE = {
    "fr": r"l'an(?:née)? (?:dernier|dernière|passée?)|cette année|le mois dernier",
    "en": r"(?:last|this) (?:year|month|week)",
    "ru": r"(?:в )?(?:прошло|это)\w+ год\w*|(?:в )?(?:прошло|это)\w+ месяц\w*",
    "uk": r"торік|минул\w+ рок\w+|ць\w+ рок\w+|минул\w+ місяц\w+",
    "de": r"(?:letzte|vergangene|diese)\w+ (?:jahr|monat)\w*",
}
_COMPARED = re.compile(
    r"\b(?:contre|qu'en|par rapport|comparé|than|compared|versus|against|up from|"
    r"чем|против|по сравнению|ніж|проти|порівняно|als|gegenüber)\b"
)
_FROM_TO = {
    "fr": (r"(?:de |d'|entre )", r" (?:à|et) "),
    "en": (r"(?:from |between )?", r"(?: to | and |-| through )"),
    "ru": (r"(?:с |со |в )?", r"(?: по |-| до )"),
    "uk": (r"(?:з |із |у |в )?", r"(?: по |-| до )"),
    "de": (r"(?:von |zwischen )?", r"(?: bis | und |-)"),
}
_YEAR_BEFORE = re.compile(
    rf"\b(?:in|since|of|en|depuis|im|seit|в|с|у|з|за|від|год\w*|році|року|рік|{'|'.join(_MONTHS.values()).replace(' ', '|')}) \Z"
)
_YEAR = r"(?P<year>(?:19\d|20[0-3])\d)(?!\d)"
#: How stretches of time begin that are read before others: a bare year is what is left.
_LONGEST_FIRST = ("fi", "H1", "H2", "sp", "mo", "ye", "re")


@dataclass(frozen=True, slots=True)
class _Words:
    """What is looked for in one language, or in all."""

    counted: re.Pattern[str]
    units: tuple[str, ...]
    acts: tuple[tuple[str, re.Pattern[str]], ...]
    losses: re.Pattern[str]
    periods: tuple[tuple[re.Pattern[str], str], ...]  # the second says how to read it, as in "span fr"


def figures(text: str, lang: str, attributions: Sequence[Attribution]) -> tuple[Figure, ...]:
    """The numbers of `text` about desertion, absence, refusal or mutiny, in order; each fact once.

    `lang` other than fr, en, ru, uk, de: all five are looked for. The nearest attribution of the sentence is the source, the others
    are `via`. start and end are the number's place in `text`; a period is `2023`, `2023-10`, `2023-01/2023-06`, or None.
    """
    words = _words(lang if lang in _LOSSES else "")
    normal = normalise(text)
    lower = normal.text
    begins = normal.sentences
    found: dict[tuple[object, ...], Figure] = {}
    for start, end in zip(begins, [*begins[1:], len(lower)], strict=True):
        sentence = lower[start:end]
        if not any(char.isdigit() for char in sentence):
            continue
        cited = [(one.source, one.start, one.end) for one in attributions if normal.at(start) <= one.start < normal.at(end)]
        for value, unit, place, ends in _counted(sentence, words):
            if not (what := _act(sentence, place, ends, unit, words)):
                continue
            first, last = normal.at(start + place), normal.at(start + ends)
            source, via = _said_by(first, last, cited)
            figure = Figure(value, unit, what, _period(sentence, place, ends, words), source, via, first, last)
            found.setdefault((value, unit, what, figure.period, source), figure)
    return tuple(found.values())


def _counted(sentence: str, words: _Words) -> Iterator[tuple[float, str, int, int]]:
    """(value, unit, start, end of the number) of every number that stands before what it counts."""
    for match in words.counted.finditer(sentence):
        unit = next(name for number, name in enumerate(words.units) if match[f"u{number}"])
        value = _value(match["digits"], match["times"])
        before = sentence[max(0, match.start() - LOOK_BACK) : match.start()]
        like_year = match["digits"].isdigit() and 1900 <= (value or 0) <= LATEST_YEAR and not match["times"]
        if value is None or _ARTICLE_BEFORE.search(before) or (like_year and _YEAR_BEFORE.search(before)):
            continue
        yield value, unit, match.start(), match.end("times") if match["times"] else match.end("digits")


def _value(digits: str, times: str | None) -> float | None:
    """2 076, 2,076, 2.076 and 2076 are one number; 2,5 is one with "thousand" after it alone."""
    factor = next((value for pattern, value in _TIMES.items() if times and re.fullmatch(pattern, times)), 1)
    if re.fullmatch(r"\d{1,3}(?:[ ,.']\d{3})+", digits):
        digits = re.sub(r"\D", "", digits)
    if len(digits) > MOST_DIGITS or (not digits.isdigit() and factor == 1):
        return None
    return float(digits.replace(",", ".")) * factor


def _act(sentence: str, start: int, end: int, unit: str, words: _Words) -> str | None:
    """What the number is about: what its unit says, else the nearest act of the sentence, else None."""
    if unit in _ACT_OF_UNIT:
        return _ACT_OF_UNIT[unit]
    near = [(_distance(match, start, end), act) for act, pattern in words.acts for match in pattern.finditer(sentence)]
    if not near or min(near)[0] > FARTHEST_ACT:
        return None
    if unit in _PERSONS:
        losses = [_distance(match, start, end) for match in words.losses.finditer(sentence)]
        if losses and (min(losses) <= FARTHEST_LOSS or min(losses) < min(near)[0]):
            return None
    return min(near)[1]


def _said_by(start: int, end: int, cited: Sequence[tuple[str, int, int]]) -> tuple[str | None, tuple[str, ...]]:
    if not cited:
        return None, ()
    source = min(cited, key=lambda one: max(one[1] - end, start - one[2]))[0]
    return source, tuple(dict.fromkeys(other for other, _, _ in cited if other != source))


def _period(sentence: str, start: int, end: int, words: _Words) -> str | None:
    """The nearest stretch of time that is written with its year; a longer reading of the same words wins."""
    best: tuple[int, str | None] | None = None
    years: set[int] = set()
    for pattern, kind in words.periods:
        for match in pattern.finditer(sentence):
            if match.end("year") in years or _COMPARED.search(sentence, end, match.start()):
                continue
            years.add(match.end("year"))
            if best is None or _distance(match, start, end) < best[0]:
                best = (_distance(match, start, end), _read_period(match, kind))
    return best[1] if best else None


def _read_period(match: re.Match[str], kind: str) -> str | None:
    year = match["year"]
    kind, _, lang = kind.partition(" ")
    if kind == "year":
        return year
    if kind == "relative":
        return None
    if kind in ("H1", "H2"):
        return f"{year}-01/{year}-06" if kind == "H1" else f"{year}-07/{year}-12"
    if kind == "first":
        months = _number(match["n"], lang)
        return f"{year}-01/{year}-{months:02}" if months and months <= 12 else None
    first = _month(match["month"], lang)
    if kind == "month":
        return f"{year}-{first:02}"
    last = _month(match["last"], lang)
    began = match["earlier"] or (year if first <= last else str(int(year) - 1))
    return f"{began}-{first:02}/{year}-{last:02}"


def _number(word: str, lang: str) -> int:
    return int(word) if word.isdigit() else _NUMBER_WORDS[lang].split(" ").index(word) + 1


def _month(word: str, lang: str) -> int:
    return next(number for number, pattern in enumerate(_MONTHS[lang].split(" "), 1) if re.fullmatch(pattern, word))


def _distance(match: re.Match[str], start: int, end: int) -> int:
    """Characters between a match and a place; 0 where they touch or overlap."""
    return max(match.start() - end, start - match.end(), 0)


@lru_cache(maxsize=8)
def _words(lang: str) -> _Words:
    """The patterns of one language; of all where it is ''."""
    langs = [lang] if lang else list(_LOSSES)

    def either(by_language: dict[str, str]) -> str:
        return "|".join(by_language[one] for one in langs if one in by_language) or r"(?!)"

    not_between = "|".join(word for one in langs for word in _NOT_BETWEEN[one].split(" "))
    times = "|".join(_TIMES)
    units = "|".join(f"(?P<u{number}>{either(words)})" for number, words in enumerate(_UNITS.values()))
    between = rf"(?:(?!(?:{not_between})\b)(?:d')?[^\W\d][\w-]* ){{0,{MOST_BETWEEN}}}?"
    counted = rf"(?<![\w.,:/%$€№#-]){_DIGITS}(?: ?(?P<times>{times}))?(?![\w%-]) (?:de |d'|of )?{between}(?:{units})(?!\w)"
    return _Words(
        counted=re.compile(counted),
        units=tuple(_UNITS),
        acts=tuple((act, re.compile(rf"(?<!\w)(?:{either(words)})")) for act, words in _ACTS.items()),
        losses=re.compile(rf"(?<!\w)(?:{either(_LOSSES)})"),
        periods=tuple(
            (re.compile(rf"(?<!\w){pattern}"), kind)
            for pattern, kind in sorted(
                (found for one in langs for found in _periods(one)), key=lambda found: _LONGEST_FIRST.index(found[1][:2])
            )
        ),
    )


def _periods(lang: str) -> Iterator[tuple[str, str]]:
    """Patterns of stretches of time, and how to read each."""
    year, number = _YEAR, rf"(?P<n>\d\d?|{_NUMBER_WORDS[lang].replace(' ', '|')})"
    months = _MONTHS[lang].replace(" ", "|")
    yield _FIRST_MONTHS[lang].format(n=number, y=year), f"first {lang}"
    for half, pattern in enumerate(_HALVES[lang], 1):
        yield pattern.format(y=year), f"H{half}"
    begin, middle = _FROM_TO[lang]
    earlier = r"(?: (?P<earlier>(?:19\d|20[0-3])\d)(?: года?| року)?)?"
    yield rf"{begin}(?P<month>{months}){earlier}{middle}(?P<last>{months}) (?:de )?{year}", f"span {lang}"
    yield rf"(?P<month>{months}) (?:of )?{year}", f"month {lang}"
    yield year, "year"
    yield rf"(?P<year>{_RELATIVE[lang]})", "relative"
