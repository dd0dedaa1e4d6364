"""Whom does a text cite, and how many independent origins does a story have at most?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.model import Attribution, Source
from monitor.steps.text import normalise

LOOK_AROUND = 80  # characters beside a name in which the words that attribute to it are looked for

#: Endings of Cyrillic names and what inflection makes of them, Russian and Ukrainian together: a form that does not exist harms nobody.
_ENDINGS = {
    "ая": "ая ой ую ою",
    "яя": "яя ей юю",
    "ое": "ое ого ому ым ом",
    "ие": "ие их им ими ия ию ием ии",
    "ые": "ые ых ым ыми",
    "ый": "ый ого ому ым ом",
    "ий": "ий ого его ому ему им ом ем ім",
    "ия": "ия ии ию ией",
    "ии": "ии ий иям иями иях",
    "ії": "ії ій іям іями іях",
    "ня": "ня ню нням нні ні",
    "мя": "мя мени менем",
    "а": "а ы и і е у ой ою ої ій",
    "я": "я и і ю ей ею є ї",
    "е": "е ого ому им ім",
    "о": "о а у ом ові і е",
    "и": "и ей ям ями ях ам ами ах ",
    "і": "і их им ими",
    "ы": "ы ов ам ами ах",
    "ъ": "ъ а у ом е",
    "ь": "ь я ю ем і ью",
}
_ENDINGS_OF_CONSONANTS = " а у ом ем е і ы и ові ов"
_CONSONANTS = "бвгґджзклмнпрстфхцчшщ"
_SHORTEST_INFLECTED = 4  # letters; shorter words and abbreviations stand still

#: What an outlet is called: "издание Вёрстка", "la chaîne Telegram CTD".
_MEDIUM = (
    r"издани\w+|канал\w*|телеграм\w*|telegram\w*|проект\w*|портал\w*|газет\w+|журнал\w*|медиа|медіа|сми|змі|агентств\w+|видання|проєкт\w*|"
    r"médias?|chaînes?|site|journal|agence|quotidien|organisation|ong|groupe|collectif|"
    r"outlets?|channel|website|site|newspaper|agency|magazine|group|project|organi[sz]ation|ngo|"
    r"medium|portal|kanal|zeitung|agentur|nachrichtenportal|projekt|gruppe"
)
#: What says directly before a name that it is the one who says so.
_CUE = (
    r"по (?:данным|сведениям|информации|подсч[её]там|словам)|как (?:сообщ\w+|пиш\w+|переда[её]т|выяснил\w*)|сообща[её]т|сообщил\w*|пишет|"
    r"выяснил\w*|рассказал\w*|со ссылкой на|цитирует|"
    r"за (?:даними|інформацією|підрахунками|словами)|як (?:повідомля\w+|пиш\w+)|повідомля\w+|повідомил\w*|"
    r"розповіл\w*|розповів|з посиланням на|"
    r"selon|d'après|citant|citée? par|rapporte|affirme|révèle|écrit|précise|via|"
    r"according to|reported by|reports|cited by|citing|told|said|"
    r"laut|nach angaben von|berichtet|schreibt|meldet"
)
_MEDIUM_BEFORE = re.compile(rf"\b(?:{_MEDIUM})[ '\"-]+(?:[\w-]+[ '\"-]+)?\Z")
_CUE_BEFORE = re.compile(rf"\b(?:{_CUE}) (?:l'|le |la |les |the |der |die |das |von )?\"?\Z")
_ENDS_PHRASE = re.compile(r"\"?\s*(?:[.,;:!?)\n-]|\Z)")
_CYRILLIC_WORD = re.compile(r"[а-яёіїєґ]+")
_WORD = re.compile(r"\w+")


def attributions(text: str, sources: Sequence[Source]) -> tuple[Attribution, ...]:
    """The places of `text` that name a source of the catalogue, in order, none inside another; offsets are characters of `text`.

    A name counts wherever it stands, inflected or not, with its capitals. A name that is an ordinary word too stands in «quotation marks»
    among the aliases: it counts in quotation marks, after a word for an outlet, or after a word that attributes.
    """
    names = _names(tuple((source.id, source.name, source.aliases) for source in sources))
    normal = normalise(text)
    lower = normal.text
    found: list[tuple[int, int, int]] = []
    for number, start in names.places(lower):
        name = names.all[number]
        if start and (lower[start - 1].isalnum() or lower[start - 1] == "_"):
            continue
        match = name.pattern.match(lower, start)
        if match is None or (name.ordinary and not _attributed(lower, start, match.end())):
            continue
        if name.has_its_capitals("".join(text[normal.at(place)] for place in range(start, match.end()))):
            found.append((start, -match.end(), number))
    told: list[Attribution] = []
    reached = 0
    for start, minus_end, number in sorted(found):
        if start >= reached:
            reached = -minus_end
            first, last = normal.at(start), normal.at(reached)
            told.append(Attribution(names.all[number].source, text[first:last], first, last))
    return tuple(told)


@dataclass(frozen=True, slots=True)
class Telling:
    """One item of a story, as far as it matters for where the story comes from."""

    source: str  # catalogue id, or a host
    cited: tuple[str, ...] = ()  # catalogue ids of whom it attributes to
    forwarded_from: str | None = None
    copy_of: int | None = None  # its place among the tellings


def independent_origins(tellings: Sequence[Telling], sources: Iterable[Source]) -> int:
    """At most so many independent origins: items that share a publisher, a cited source or a forward, or copy each other, share one.

    Counting too many is the costly error, so one shared citation is enough to make two items one.
    """
    groups: Mapping[str, str] = {source.id: source.group for source in sources}
    parent: dict[str, str] = {}

    def root(of: str) -> str:
        while (above := parent.setdefault(of, of)) != of:
            of = above
        return of

    def voice(source: str) -> str:
        return f"group:{groups.get(source, source)}"

    for telling in tellings:
        ties = [voice(cited) for cited in telling.cited]
        if telling.forwarded_from:
            ties.append(voice(telling.forwarded_from))
        if telling.copy_of is not None:
            ties.append(voice(tellings[telling.copy_of].source))
        for tie in ties:
            parent[root(tie)] = root(voice(telling.source))
    return len({root(voice(telling.source)) for telling in tellings})


@dataclass(frozen=True, slots=True)
class _Name:
    source: str
    alias: str
    pattern: re.Pattern[str]  # in normal form, from the name's first character
    ordinary: bool  # a word like others: it takes quotation marks, a medium or a cue to be a name

    def has_its_capitals(self, surface: str) -> bool:
        """Words in capitals stand in capitals, words with a capital have it: ISW, Le Monde."""
        asked, given = _WORD.findall(self.alias), _WORD.findall(surface)
        return len(asked) == len(given) and all(
            (len(word) < 2 or not word.isupper() or there.isupper()) and (not word[0].isupper() or there[0].isupper())
            for word, there in zip(asked, given, strict=True)
        )


class _Names:
    """Every name of a catalogue, searched in one pass by its beginning."""

    def __init__(self, catalogue: Sequence[tuple[str, str, tuple[str, ...]]]) -> None:
        from ahocorasick_rs import AhoCorasick

        self.all: list[_Name] = []
        beginnings: list[str] = []
        for source, title, aliases in catalogue:
            known = {alias.strip("«»").casefold() for alias in aliases}
            for alias in aliases if title.casefold() in known else (title, *aliases):
                name = alias.strip("«»").strip()
                beginning, pattern = _searched(name)
                if beginning:
                    beginnings.append(beginning)
                    self.all.append(_Name(source, name, re.compile(pattern), alias.startswith("«")))
        self._automaton = AhoCorasick(beginnings)

    def places(self, lower: str) -> Iterable[tuple[int, int]]:
        """(name's number, where it begins); whether it ends well is for its pattern to say."""
        return ((number, start) for number, start, _ in self._automaton.find_matches_as_indexes(lower, overlapping=True))


@lru_cache(maxsize=4)
def _names(catalogue: tuple[tuple[str, str, tuple[str, ...]], ...]) -> _Names:
    return _Names(catalogue)


def _searched(name: str) -> tuple[str, str]:
    """The beginning that every form of a name has, and a pattern of all its forms."""
    beginning, pattern, fixed = "", "", True
    for part in re.findall(r"\w+|\s+|[^\w\s]", name):
        lower = normalise(part).text
        stem, endings = (lower, "") if part.isupper() else _inflected(lower)
        if fixed:
            beginning += stem
            fixed = not endings and not lower.isspace()
        pattern += r"\s+" if lower.isspace() else re.escape(stem) + endings
    return beginning, pattern + r"(?!\w)"


def _inflected(word: str) -> tuple[str, str]:
    """A word's stem and a pattern of its endings; Latin words and short ones stand still."""
    if len(word) < _SHORTEST_INFLECTED or not _CYRILLIC_WORD.fullmatch(word):
        return word, ""
    for length in (2, 1):
        if (endings := _ENDINGS.get(word[-length:])) is not None:
            return word[:-length], "(?:" + "|".join(sorted(endings.split(" "), key=len, reverse=True)) + ")"
    if word[-1] in _CONSONANTS:
        return word, "(?:" + "|".join(sorted(_ENDINGS_OF_CONSONANTS.split(" "), key=len, reverse=True)) + ")"
    return word, ""


def _attributed(lower: str, start: int, end: int) -> bool:
    """Whether an ordinary word at this place is used as a name."""
    before, after = lower[max(0, start - LOOK_AROUND) : start], lower[end : end + LOOK_AROUND]
    if before.rstrip().endswith('"') and after.lstrip().startswith('"'):
        return True
    if _MEDIUM_BEFORE.search(before):
        return True
    return bool(_CUE_BEFORE.search(before) and _ENDS_PHRASE.match(after))
