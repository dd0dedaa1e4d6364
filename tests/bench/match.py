"""What does it cost to judge an article against the whole lexicon, evidence included, and how does that grow with the lexicon?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from statistics import mean
from time import process_time_ns
from typing import TypeVar

from monitor.config.rules import load_rules
from monitor.steps.lexicon import Language, Lexicon, Term, Terms, forms_of
from monitor.steps.matching import RuleBook
from monitor.steps.text import normalise

from ._articles import CONFIG, articles

T = TypeVar("T")

ARTICLES, SIZE, ROUNDS = 56, 5_000, 15  # articles, bytes of each, and times each is judged
MOST_MICROSECONDS = 100.0
SMALL, LARGE, MOST_GROWTH = 500, 5_000, 4.0  # terms, and how many times the small lexicon's cost the large one's may be
REGEX_ARTICLES = 7  # an alternation takes so long that few must do


def main() -> bool:
    """Prints the figures; True where one of them does not hold."""
    rules, read = load_rules(CONFIG), articles(ARTICLES, SIZE)
    costs = [cost(rules.judge, article) for article in read]
    print(f"{rules.lexicon.forms} forms of {sum(len(one.terms) for one in rules.languages)} terms, {len(rules.rules.rules)} rules")
    told = f"relevant {mean(costs[::2]):.0f}, not {mean(costs[1::2]):.0f}"
    print(f"judging {SIZE} bytes: {mean(costs):.0f} µs (at most {MOST_MICROSECONDS:.0f}); {told}")
    regex = alternation(rules)
    plain = [
        cost(lambda text: [found.span() for found in regex.finditer(text)], one.text.lower(), rounds=1) for one in read[:REGEX_ARTICLES]
    ]
    print(f"an alternation of the same forms, places alone: {mean(plain):.0f} µs, {mean(plain) / mean(costs):.0f} times as much")
    small, large = (mean(cost(searching(terms), article.text) for article in read) for terms in lexicons(rules))
    growth = large / small
    print(f"searching for {SMALL} terms {small:.0f} µs, for {LARGE} {large:.0f} µs: {growth:.1f} times as much (at most {MOST_GROWTH:.0f})")
    return mean(costs) > MOST_MICROSECONDS or growth > MOST_GROWTH


def cost(work: Callable[[T], object], of: T, rounds: int = ROUNDS) -> float:
    """Microseconds of this process's time, the best of some rounds: what else the machine does counts as little as it can."""
    best = min(_once(work, of) for _ in range(rounds))
    return best / 1000


def _once(work: Callable[[T], object], of: T) -> int:
    started = process_time_ns()
    work(of)
    return process_time_ns() - started


def alternation(rules: RuleBook) -> re.Pattern[str]:
    """The usual way: every form in one expression, with borders of words."""
    forms = {form.strip("*").lower() for language in rules.languages for term in language.terms for form in forms_of(term, language)}
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(forms, key=len, reverse=True))) + r")(?!\w)")


def lexicons(rules: RuleBook) -> tuple[Lexicon, Lexicon]:
    """A small and a large one, of the shipped terms and, where these do not suffice, of invented ones."""
    random = Random(2)
    pairs = [(language, term) for language in rules.languages for term in language.terms]
    random.shuffle(pairs)
    invented = [
        Term("".join(random.choices("abcdefghijklmnoprstuvwz", k=8)) + "{,s,ed}", "invented", "xx") for _ in range(LARGE - len(pairs))
    ]
    return lexicon(pairs[:SMALL], ()), lexicon(pairs[:LARGE], invented)


def lexicon(pairs: Sequence[tuple[Language, Term]], invented: Sequence[Term]) -> Lexicon:
    own = {language.code: language for language, _ in pairs}
    languages = [
        Language(code, language.stop_words, language.groups, tuple(term for of, term in pairs if of is language))
        for code, language in own.items()
    ]
    return Lexicon([*languages, Language("xx", (), {}, tuple(invented))])


def searching(of: Lexicon) -> Callable[[str], object]:
    def search(text: str) -> object:
        normal = normalise(text)
        places = of.search(normal)
        terms = Terms(normal, places)
        return [terms[number] for number in range(len(places.at))]

    return search
