"""Where does a text use the words of a concept?

A term is written once, with the ways in which it inflects, and becomes forms when a text of its language is first searched; all forms of
a language are searched in one pass. Nothing a person writes is run as a pattern: a form is plain text, so no term can hang the search.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain, islice
from operator import itemgetter, or_
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from monitor.steps.text import Normal, normalise, word_codes

MOST_FORMS = 2_000  # of one term: more is a slip of the pen
FORMS_AT_ONCE = 4_000  # folded together: quicker than one by one, and less memory than all
MOST_BETWEEN = 8  # words that "…" stands for
FARTHEST = 120  # characters that they may take
STOP_WORDS_READ = 1_200  # characters in which a text's language shows itself
FEWEST_STOP_WORDS = 3  # fewer tell no language
CLEAR_SHARE = 0.34  # a language with this share of the clearest one's stop words is spoken too
MOST_KINDS = 256  # of forms; no more fit a byte

_SPACE = b" "
_BEGIN = itemgetter(1)  # of a _Match
_NO_WORD = "*.,;:!?'’-–— "
_PUNCTUATION = re.compile(r"[{},]")
_BRACE = re.compile(r"[{}]")
GAP = " … "  # stands for a few words between the two parts of a term
_STOP = re.compile(rb"[.!?;\n]")
ANY = "any"  # the language of terms that every language uses: names, abbreviations


@dataclass(frozen=True, slots=True)
class Term:
    """One way to name a concept, as the curator wrote it: `refus{e,ent} de {combattre,se battre}`."""

    text: str
    concept: str
    lang: str
    weak: bool = False  # counts only where a rule asks for something near it
    case: bool = False  # capitals as written: СОЧ is not Сочи
    accents: bool = False  # accents as written: déserté is not déserte
    not_before: tuple[str, ...] = ()  # never when one of these follows
    not_after: tuple[str, ...] = ()  # never when one of these stands before
    name: str = ""  # what it stands for (a place's name, a legal article), where that is told

    @property
    def shown(self) -> str:
        """The term without its endings, for a reader."""
        return self.name or self.text


@dataclass(frozen=True, slots=True)
class Language:
    """What one lexicon file says."""

    code: str
    stop_words: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # named endings and named words
    terms: tuple[Term, ...] = ()


#: A term in a text: start, end (places of the normal form), term. A plain tuple, as thousands are made a second.
Found = tuple[int, int, Term]
#: A form in a text: what it means, start, end (places of Normal.words), and its kind, see Spoken.
_Match = tuple["_Senses", int, int, int]


class _Part:
    """The forms of one language, made when a text of it is first searched."""

    def __init__(self, language: Language, bits: Mapping[str, int]) -> None:
        senses: dict[bytes, _Senses] = {}
        for codes, sense in _senses(language):
            senses[codes] = senses[codes] + sense if codes in senses else sense
        self.longest = max(map(len, senses), default=0)  # form, in characters
        self.senses = list(senses.values())
        named: dict[int, int] = {}
        numbers = {  # by identity, as most forms share their senses
            one: named.setdefault(reduce(or_, (bits[term.concept] for term, _ in many)), len(named))
            for one, many in {id(many): many for many in self.senses}.items()
        }
        #: Bits of concepts that a form may name, and the number of such a set by form.
        self.named, self.of = list(named), array("H", map(numbers.__getitem__, map(id, self.senses)))
        self.automaton = BytesAhoCorasick(list(senses) or [b"\0"])


class Spoken:
    """Some languages, and what each form may name in them: as a byte, its kind, so that concepts are looked for as characters in a
    string."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.longest = max((part.longest for part in parts), default=0)  # form, in characters
        often = [named for named, _ in Counter(part.named[number] for part in parts for number in part.of).most_common()]
        kinds = {named: min(number, MOST_KINDS - 1) for number, named in enumerate(often)}
        self.parts = [(part, bytes(map(kinds.__getitem__, part.named))) for part in parts]
        #: Bits of concepts, by kind. Where there are too many kinds, some share the last, which then may name more.
        self.named = [*often[: MOST_KINDS - 1], reduce(or_, often[MOST_KINDS - 1 :], 0)]
        self._naming: dict[int, bytes] = {}

    def naming(self, concepts: int) -> bytes:
        """For bytes.translate: 1 for the kinds that may name one of these concepts, 0 for all others."""
        if concepts not in self._naming:
            self._naming[concepts] = bytes(bool(named & concepts) for named in self.named).ljust(256, b"\0")
        return self._naming[concepts]

    def search(self, words: bytes) -> list[_Match]:
        """Every form of these languages, in order of their beginnings."""
        found: list[_Match] = []
        for part, kinds in self.parts:
            senses, of = part.senses, part.of
            matches = part.automaton.find_matches_as_indexes(words, overlapping=True)
            found += [(senses[form], start, end, kinds[of[form]]) for form, start, end in matches]
        found.sort(key=_BEGIN)
        return found


@dataclass(frozen=True, slots=True)
class Places:
    """Where forms stand in a text, before it is asked whether each term's own conditions hold."""

    words: bytes  # Normal.words
    at: Sequence[_Match]  # in order of their beginnings
    spoken: Spoken  # the text's languages
    kinds: bytes  # of each form

    def where(self, concepts: int) -> bytes:
        """Of each form, whether it may name one of these concepts: 1 or 0."""
        return self.kinds.translate(self.spoken.naming(concepts))

    def named(self, first: int = 0, last: int | None = None) -> int:
        """Bits of the concepts that may be named, by the forms from one number up to another."""
        return reduce(or_, map(self.spoken.named.__getitem__, set(self.kinds[first:last])), 0)


class TermError(ValueError):
    """A term that cannot be read; the message says why, `lang` and `concept` where it stands."""

    def __init__(self, problem: str, lang: str = "", concept: str = "") -> None:
        super().__init__(problem)
        self.lang, self.concept = lang, concept


def forms(term: str, groups: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Every form of a term: `дезертир{,а,у}` has three. Braces nest; `{+name}` stands for a named group. Raises TermError."""
    found, rest = _sequence(term, groups or {}, ())
    if rest:
        raise TermError(f"{term!r} closes a brace that it did not open")
    gaps = [form.split(GAP) for form in found if GAP in form]
    if not all(part.strip(_NO_WORD) for part in chain(found, *gaps)):
        raise TermError(f"{term!r} has an empty form")
    if any(len(parts) > 2 for parts in gaps):
        raise TermError(f"{term!r} leaves words out twice")
    return list(dict.fromkeys(found))


def _sequence(text: str, groups: Mapping[str, Sequence[str]], inside: tuple[str, ...]) -> tuple[list[str], str]:
    """Text up to a comma or brace that belongs to the choice around it, written out; and what is left."""
    found = [""]
    while text:
        stop = _PUNCTUATION.search(text) if inside else _BRACE.search(text)
        end = stop.start() if stop else len(text)
        found, text = [form + text[:end] for form in found], text[end:]
        if not text.startswith("{"):
            break
        options, text = _choice(text[1:], groups, inside)
        if len(found) * len(options) > MOST_FORMS:
            raise TermError(f"a term has {len(found) * len(options)} forms, more than {MOST_FORMS}")
        found = [form + option for form in found for option in options]
    return found, text


def _choice(text: str, groups: Mapping[str, Sequence[str]], inside: tuple[str, ...]) -> tuple[list[str], str]:
    """The options of a choice whose brace is open, and what follows it."""
    plain, closed, rest = text.partition("}")
    if closed and "{" not in plain and "+" not in plain:
        return plain.split(","), rest  # most are no more than that
    options: list[str] = []
    while True:
        if text.startswith("+"):
            end = _PUNCTUATION.search(text)
            name, text = text[1 : end.start() if end else None], text[end.start() :] if end else ""
            options += _members(name, groups, inside)
        else:
            found, text = _sequence(text, groups, (*inside, ""))
            options += found
        mark, text = text[:1], text[1:]
        if mark == "}":
            return options, text
        if mark != ",":
            raise TermError("a term opens a brace that it does not close")


def _members(name: str, groups: Mapping[str, Sequence[str]], inside: tuple[str, ...]) -> list[str]:
    if name not in groups:
        raise TermError(f"the group {name!r} is not known; known here: {', '.join(sorted(groups)) or 'none'}")
    if name in inside:
        raise TermError(f"the group {name!r} contains itself")
    return [form for member in groups[name] for form in _sequence(member, groups, (*inside, name))[0]]


def forms_of(term: Term, language: Language) -> list[str]:
    """The forms of one term. Raises TermError naming language, concept and term."""
    try:
        return forms(term.text, language.groups)
    except TermError as error:
        raise TermError(f"{term.text!r}: {error}", language.code, term.concept) from error


class _Checks(NamedTuple):
    """What must be asked where a form is found."""

    bounded: bool  # a space at both ends: it stands where it was found
    case: bool  # of `exact`
    exact: bytes  # the codes as written, empty where case and accents are free
    rest: tuple[bytes, ...]  # one of these follows, after other words of the same sentence
    not_before: tuple[bytes, ...]
    not_after: tuple[bytes, ...]


class _Sense(NamedTuple):
    """What a form means."""

    term: Term
    checks: _Checks | None  # None: nothing, it stands where it was found


_Senses = tuple[_Sense, ...]


class Lexicon:
    """The forms of every language and concept. A text is searched for all those of its languages at once; what one of them means there is
    asked only where it matters, as that takes longer than finding it."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self._languages = {language.code: language for language in languages}
        self._bits = concept_bits(languages)
        self._parts: dict[str, _Part] = {}
        self._spoken: dict[frozenset[str], Spoken] = {}
        self._all = frozenset(self._languages) | {ANY}
        self._stop_words = _own_words(languages)

    @property
    def forms(self) -> int:
        """How many there are, of all languages."""
        return sum(len(self._part(code).senses) for code in self._languages)

    def search(self, normal: Normal, told: str = "") -> Places:
        """Every form that stands in a text. `told`: the language that it is said to be in."""
        words = normal.words
        spoken = self._read_in(self.spoken(words, told))
        at = spoken.search(words)
        return Places(words, at, spoken, bytes([kind for _, _, _, kind in at]))

    def spoken(self, words: bytes, told: str) -> frozenset[str]:
        """The languages in which a text may be read: by its stop words, and as it is told; all where nothing shows."""
        counts = Counter(filter(None, map(self._stop_words.get, words[:STOP_WORDS_READ].split(_SPACE))))
        most = max(counts.values(), default=0)
        if most < FEWEST_STOP_WORDS:
            return self._all
        return self._all & {told, ANY, *[code for code, count in counts.items() if count >= most * CLEAR_SHARE]}

    def _read_in(self, languages: frozenset[str]) -> Spoken:
        if languages not in self._spoken:
            self._spoken[languages] = Spoken([self._part(code) for code in self._languages if code in languages])
        return self._spoken[languages]

    def _part(self, code: str) -> _Part:
        if code not in self._parts:
            self._parts[code] = _Part(self._languages[code], self._bits)
        return self._parts[code]


class Terms(dict[int, list[Found]]):
    """What the forms in a text mean, by their numbers in Places.at: the terms whose conditions hold there. Made for a form when it is
    first asked for."""

    def __init__(self, normal: Normal, places: Places) -> None:
        super().__init__()
        self._normal, self._words, self._at = normal, places.words, places.at

    def __missing__(self, number: int) -> list[Found]:
        senses, start, end, _ = self._at[number]
        found = self[number] = []
        for term, checks in senses:
            if checks:
                first, last = (start, end) if checks.bounded else _bounds(self._words, start, end)
                if _holds(checks, self._normal, self._words, first, last):
                    found.append((first, last - 2, term))
            else:
                found.append((start, end - 2, term))
        return found


def concept_bits(languages: Sequence[Language]) -> dict[str, int]:
    """Concept -> its bit."""
    concepts = dict.fromkeys(term.concept for language in languages for term in language.terms)
    return {concept: 1 << number for number, concept in enumerate(concepts)}


def _senses(language: Language) -> Iterator[tuple[bytes, tuple[_Sense]]]:
    """Every form of a language as it looks in Normal.words, with the spaces that bound it; `*` at an end leaves that end open."""
    senses = chain.from_iterable(_senses_of(term, language) for term in language.terms)
    while some := list(islice(senses, FORMS_AT_ONCE)):
        for (form, sense), codes in zip(some, word_codes([form.strip("*") for form, _ in some]), strict=True):
            yield codes if "*" not in form else codes[form.startswith("*") : -1 if form.endswith("*") else None], sense


def _senses_of(term: Term, language: Language) -> Iterator[tuple[str, tuple[_Sense]]]:
    """The forms of a term, those that are checked alike with one sense."""
    before, after = tuple(word_codes(term.not_before)), tuple(word_codes(term.not_after))
    senses: dict[tuple[bool, bytes, tuple[bytes, ...]], tuple[_Sense]] = {}
    for form, many in _parts(forms_of(term, language)).items():
        rest, exact = () if "" in many else tuple(word_codes(many)), b""
        if term.case or term.accents:
            normal = normalise(form.strip("*"))
            exact = normal.codes if term.case else normal.text.encode()
        bounded = "*" not in (form[0], form[-1])
        key = bounded, exact, rest
        if key not in senses:
            free = bounded and not (exact or rest or before or after)
            checks = None if free else _Checks(bounded, term.case, exact, rest, before, after)
            senses[key] = (_Sense(term, checks),)
        for written in {form, form.replace("ß", "ss"), form.replace("œ", "oe")} if "ß" in form or "œ" in form else (form,):
            yield written, senses[key]


def _parts(forms: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """First part of a form -> the second ones; an empty one where the form has only one part."""
    if not any(GAP in form for form in forms):
        return dict.fromkeys(forms, ("",))
    seconds: dict[str, list[str]] = {}
    for form in forms:
        first, _, second = form.partition(GAP)
        seconds.setdefault(first, []).append(second)
    return seconds


def _bounds(words: bytes, start: int, end: int) -> tuple[int, int]:
    """The word around a form that leaves an end open, with the spaces around it."""
    first = start if words[start] == 32 else words.rfind(_SPACE, 0, start)
    return first, end if words[end - 1] == 32 else words.find(_SPACE, end) + 1


def _holds(checks: _Checks, normal: Normal, words: bytes, first: int, last: int) -> bool:
    """Whether the term's own conditions allow it here."""
    if checks.exact:
        written = normal.codes[first : last - 2]
        if checks.exact != (written if checks.case else Normal(written).text.encode()):
            return False
    if checks.rest and not _follows(checks.rest, normal, words, last):
        return False
    if checks.not_before and words.startswith(checks.not_before, last - 1):
        return False
    return not (checks.not_after and any(words.endswith(word, 0, first + 1) for word in checks.not_after))


def _follows(rests: Sequence[bytes], normal: Normal, words: bytes, last: int) -> bool:
    """Whether a second part of a term follows its first one, which ends at `last`, a few words on in the same sentence."""
    near = words[last - 1 : last + FARTHEST]
    for rest in rests:
        place = near.find(rest)
        if place >= 0 and near.count(_SPACE, 0, place) <= MOST_BETWEEN and not _STOP.search(normal.codes, last - 2, last - 1 + place):
            return True
    return False


def _own_words(languages: Sequence[Language]) -> dict[bytes, str]:
    """Stop words that only one language has."""
    owners: dict[bytes, set[str]] = {}
    for language in languages:
        for word in word_codes(language.stop_words):
            owners.setdefault(word, set()).add(language.code)
    return {word.strip(_SPACE): codes.pop() for word, codes in owners.items() if len(codes) == 1}
