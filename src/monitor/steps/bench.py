"""How good are the rules? Texts whose class is known -> how well rules, languages and sources do, and what their errors have in common.

Two measures: `alert` asks whether what alerts is relevant and what is relevant alerts; `found` asks the same of alert or note. A text
that stands beside the subject (draft evasion, another war) may be a note: it counts against alerts alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from monitor.model import Article, Judgement, Level, Side
from monitor.ports import Rules

NONE = "none"  # the class of a text that is about none of them
ANY_TOPIC = ""  # the class of a text that is about one of them, whichever
Z95 = 1.96  # standard deviations that hold 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Case:
    """A text and what it must get."""

    id: str
    article: Article
    topic: str  # the class it must get; NONE, ANY_TOPIC
    allowed: frozenset[Level]  # any of these is right
    source: str = ""
    war: bool = False  # its source is all about the war
    why: str = ""
    side: Side = Side.UNKNOWN  # whose soldiers it must say they are; UNKNOWN where it need not

    @property
    def relevant(self) -> bool:
        """Whether it should be found."""
        return Level.ALERT in self.allowed

    @property
    def beside(self) -> bool:
        """Whether it stands beside the subject: a note is no error, an alert is one."""
        return not self.relevant and Level.NOTE in self.allowed


def wrong(case: Case, told: Judgement) -> str | None:
    """In words, what a judgement got wrong; None where the case is right."""
    asked = case.topic in (NONE, ANY_TOPIC) or told.level is Level.NONE or case.topic in told.topics
    sided = case.side in (Side.UNKNOWN, told.side) or told.level is Level.NONE
    if told.level in case.allowed and asked and sided:
        return None
    allowed = " or ".join(level for level in Level if level in case.allowed)
    got = f"{told.level} {'+'.join(told.topics)} ({told.score:g})" + ("" if sided else f" of side {told.side}, not {case.side}")
    return f"{case.id} must be {allowed} {case.topic}, is {got}: {(case.article.title or case.article.text)[:90]}"


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, with the interval in which the true share lies with 95 % confidence: Wilson's score interval
    (E. B. Wilson, Probable inference, JASA 22, 1927), which holds for few texts and for shares near 0 and 1 too."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        if not self.whole:
            return 0.0, 1.0
        share, n, z2 = self.part / self.whole, self.whole, Z95 * Z95
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(slots=True)
class Quality:
    """How often something was right, wrong, and missing."""

    right: int = 0
    false: int = 0
    missed: int = 0

    def count(self, told: bool, wanted: bool) -> None:
        self.right += told and wanted
        self.false += told and not wanted
        self.missed += wanted and not told

    @property
    def precision(self) -> Share:
        return Share(self.right, self.right + self.false)

    @property
    def recall(self) -> Share:
        return Share(self.right, self.right + self.missed)

    @property
    def f1(self) -> tuple[float | None, tuple[float, float]]:
        """F1 = 2J / (1 + J), where J is the share of the right among all that was told or wanted: so J's interval gives F1's."""
        both = Share(self.right, self.right + self.false + self.missed)
        low, high = (2 * end / (1 + end) for end in both.interval)
        return (None if both.value is None else 2 * both.value / (1 + both.value)), (low, high)


@dataclass(frozen=True, slots=True)
class Measured:
    """The two measures of one group of texts."""

    texts: int
    alert: Quality
    found: Quality


@dataclass(frozen=True, slots=True)
class Cause:
    """What errors have in common, in words, and the texts in which it happened."""

    what: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    texts: int
    all: Measured
    languages: Mapping[str, Measured]
    sources: Mapping[str, Measured]  # of those texts that have one
    rules: Mapping[str, Quality]  # of the texts on which each fired, and of its class's texts
    wrong: tuple[str, ...]
    false_alarms: tuple[Cause, ...]  # the most frequent first
    misses: tuple[Cause, ...]


def measure(cases: Sequence[Case], rules: Rules) -> Report:
    """Judges every case and says how good the rules are."""
    told = [(case, rules.judge(case.article, war=case.war)) for case in cases]
    false = [(case, said) for case, said in told if not case.relevant and said.level not in case.allowed]
    missed = [case for case, said in told if case.relevant and said.level is Level.NONE]
    return Report(
        texts=len(told),
        all=_measured(told),
        languages=_groups(told, lambda case: case.article.lang),
        sources=_groups([(case, said) for case, said in told if case.source], lambda case: case.source),
        rules=_rules(told, rules.rule_topics),
        wrong=tuple(problem for case, said in told if (problem := wrong(case, said))),
        false_alarms=_causes((rules.why_told(case.article, war=case.war), case.id) for case, _ in false),
        misses=_causes((rules.why_missed(case.article, case.topic, war=case.war), case.id) for case in missed),
    )


Told = Sequence[tuple[Case, Judgement]]


def _measured(told: Told) -> Measured:
    alert, found = Quality(), Quality()
    for case, said in told:
        alert.count(said.level is Level.ALERT, case.relevant)
        if not case.beside:
            found.count(said.level is not Level.NONE, case.relevant)
    return Measured(len(told), alert, found)


def _groups(told: Told, key: Callable[[Case], str]) -> dict[str, Measured]:
    names = sorted({key(case) for case, _ in told})
    return {name: _measured([(case, said) for case, said in told if key(case) == name]) for name in names}


def _rules(told: Told, topics: Mapping[str, str]) -> dict[str, Quality]:
    """A rule is right on a text of its class, false on one that should not be told at all; relevant texts of other classes, and notes
    on what stands beside the subject, count neither way."""
    qualities = {rule: Quality() for rule in topics}
    for case, said in told:
        fired = {hit.rule for hit in said.hits}
        for rule, topic in topics.items():
            of_its_class = case.relevant and case.topic in (topic, ANY_TOPIC)
            if of_its_class or (not case.relevant and not (case.beside and said.level is Level.NOTE)):
                qualities[rule].count(rule in fired, of_its_class and (rule in fired or case.topic == topic))
    return qualities


def _causes(found: Iterable[tuple[str, str]]) -> tuple[Cause, ...]:
    by_cause: dict[str, list[str]] = {}
    for what, ident in found:
        by_cause.setdefault(what, []).append(ident)
    order = Counter({what: len(those) for what, those in by_cause.items()})
    return tuple(Cause(what, tuple(by_cause[what])) for what, _ in order.most_common())
