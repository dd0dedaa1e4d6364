"""What is odd about a lexicon? Terms that never matched, that others stand for, that match everywhere, or that say a form twice.

Findings are advice, not errors: a short or common term may be the right one (denials are made of nothing else). Names and abbreviations are
short by nature, so shortness is told of acts alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.steps.frequent import frequent_words
from monitor.steps.lexicon import GAP, Language, Term, forms_of
from monitor.steps.text import word_codes

SHORTEST = 4  # letters; a word of fewer is an abbreviation, a name, or an ending by chance
MOST_NAMED = 4  # forms or terms that a finding names

Form = bytes  # as the search sees it


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str  # shadowed, twice, common, short, never
    term: Term
    says: str


def check(languages: Sequence[Language], acts: Collection[str], matched: Collection[Term] | None = None) -> list[Finding]:
    """Everything odd, language by language in the order of the files. `matched`: the terms that were found in what is stored."""
    found = []
    for language in languages:
        forms = {term: _forms(term, language) for term in language.terms}
        common = {codes: word for word in (*language.stop_words, *frequent_words(language.code)) for codes in word_codes([word])}
        concepts = dict.fromkeys(term.concept for term in language.terms)
        for concept in concepts:
            terms = {term: many for term, many in forms.items() if term.concept == concept}
            found += _told_twice(terms)
            found += [odd for term, many in terms.items() if (odd := _too_common(term, many, common, short=concept in acts))]
        found += [Finding("twice", term, "stands in its concept twice") for term in _repeated(language.terms)]
        if matched is not None:
            found += [Finding("never", term, "never matched in what is stored") for term in forms if term not in matched]
    return found


def _forms(term: Term, language: Language) -> dict[Form, str]:
    """A form that leaves words out is no other's, though the search sees the same words."""
    written = forms_of(term, language)
    codes = word_codes(written)
    return {code + b"~" if GAP in form else code: form for code, form in zip(codes, written, strict=True)}


def _repeated(terms: Sequence[Term]) -> list[Term]:
    seen: set[Term] = set()
    return [term for term in terms if term in seen or seen.add(term)]  # type: ignore[func-returns-value]


def _told_twice(terms: Mapping[Term, Mapping[Form, str]]) -> list[Finding]:
    """Terms all of whose forms others of the concept have, and terms that share some forms."""
    owners: dict[Form, list[Term]] = {}
    for term, forms in terms.items():
        for form in forms:
            owners.setdefault(form, []).append(term)
    found, gone = [], set[Term]()
    for term, forms in terms.items():
        shared = {}
        for form in forms:
            if others := [one for one in owners[form] if one is not term and one not in gone and _as_wide(one, term)]:
                shared[form] = others
        if not shared:
            continue
        named = list(dict.fromkeys(f"“{other.text}”" for others in shared.values() for other in others))
        by = ", ".join(named[:MOST_NAMED]) + (" …" if len(named) > MOST_NAMED else "")
        if len(shared) == len(forms):
            gone.add(term)  # it goes, so nothing can be shadowed by it in turn
            found.append(Finding("shadowed", term, f"every form is also one of {by}"))
        else:
            said = list(dict.fromkeys(forms[form] for form in shared))
            examples = ", ".join(said[:MOST_NAMED]) + (" …" if len(said) > MOST_NAMED else "")
            found.append(Finding("twice", term, f"{len(shared)} of {len(forms)} forms stand in {by} too: {examples}"))
    return found


def _as_wide(other: Term, term: Term) -> bool:
    """Whether `other` holds wherever `term` does, as far as their marks say."""
    marks = (
        other.weak <= term.weak
        and other.case <= term.case
        and other.accents <= term.accents
        and set(other.not_before) <= set(term.not_before)
        and set(other.not_after) <= set(term.not_after)
    )
    return marks and other.name == term.name


def _too_common(term: Term, forms: Mapping[Form, str], common: Mapping[Form, str], *, short: bool) -> Finding | None:
    """A term that is an everyday word, or hardly a word."""
    if term.weak or term.case or term.accents:
        return None
    if every := [written for form, written in forms.items() if form in common]:
        return Finding("common", term, f"{', '.join(every[:MOST_NAMED])} is an everyday word: mark the term weak, or say more")
    if short and (few := [written for form, written in forms.items() if len(form.strip()) < SHORTEST]):
        return Finding("short", term, f"{', '.join(few[:MOST_NAMED])} is very short: mark the term case or weak, or say more")
    return None
