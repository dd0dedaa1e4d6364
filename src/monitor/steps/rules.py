"""What does a rule ask of a text? Concepts near each other, what speaks against it, and what it is worth.

Rules are independent of language: the lexicon says how each language names a concept. All of it is data, which curators write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model import Level


class Reach(StrEnum):
    """How far "near" is where it is not a number of words."""

    SENTENCE = "sentence"
    NEXT = "next"  # the sentence, the one before and the one after
    TEXT = "text"


class Where(StrEnum):
    ANYWHERE = "anywhere"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Near:
    """One of the concepts stands this near to the rule's act."""

    any: tuple[str, ...]
    #: A number counts words (a punctuation mark counts as one), of the same sentence where a rule asks for it.
    within: int | Reach = Reach.SENTENCE
    where: Where = Where.ANYWHERE


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What raises or lowers the score of an act: `times` multiplies it, `plus` is added."""

    id: str
    says: str  # in words a curator reads
    near: Near
    times: float = 1.0
    plus: float = 0.0
    nearer_than: tuple[str, ...] = ()  # holds only where no such concept stands nearer to the act
    spares_strong: bool = False  # says nothing against a strong term
    without_war: bool = False  # holds only where nothing says that the text is about this war
    topics: tuple[str, ...] = ()  # of these topics only; all where empty
    acts: tuple[str, ...] = ()  # of these acts (concepts) only; all where empty
    rival: Near | None = field(init=False, default=None)  # what `nearer_than` asks for

    def __post_init__(self) -> None:
        if self.nearer_than:
            object.__setattr__(self, "rival", Near(self.nearer_than, self.near.within))


@dataclass(frozen=True, slots=True)
class Rule:
    """An act, what must stand near it, what must not, and what the two are worth together."""

    id: str
    topic: str
    says: str
    act: tuple[str, ...]
    score: float
    near: tuple[Near, ...] = ()
    unless: tuple[Near, ...] = ()
    severity: str = "medium"
    war: bool = True  # counts fully only in a text or a source about this war


@dataclass(frozen=True, slots=True)
class Topic:
    """A class of what is looked for, with its switch: the highest level it may reach."""

    id: str
    level: Level
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scale:
    """What a score means, and which concepts tell a text's surroundings."""

    alert: float
    note: float
    war: tuple[str, ...]  # concepts any of which says that a text is about this war
    war_missing: float  # the score is multiplied by this where nothing says so
    further: float  # added for each further rule that fired
    further_most: float
    sides: Mapping[str, str]  # concept -> ru, ua, other
    hints: Mapping[str, str]  # the same, asked where none of those is named
    places: tuple[str, ...]  # the concepts whose terms name places
    law: str  # the concept whose terms name articles of a criminal code ("ru:337")


@dataclass(frozen=True, slots=True)
class RuleSet:
    scale: Scale
    topics: tuple[Topic, ...]
    rules: tuple[Rule, ...]
    adjustments: tuple[Adjustment, ...] = ()
