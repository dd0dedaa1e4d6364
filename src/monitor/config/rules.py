"""config/lexicon/*.toml and config/rules/*.toml -> a RuleBook; an error names file, key and what is allowed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from monitor.config.tables import Table, checked, files, read_toml
from monitor.errors import ConfigError
from monitor.model import Level, Side
from monitor.steps.lexicon import Language, Term, TermError, forms_of
from monitor.steps.matching import RuleBook
from monitor.steps.rules import Adjustment, Near, Reach, Rule, RuleSet, Scale, Topic, Where

FURTHEST_WINDOW = 60  # words; beyond it "sentence", "next" and "text" say better what is meant


class _Term(Table):
    term: str
    name: str = ""
    weak: bool = False
    case: bool = False
    accents: bool = False
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()


class _Lexicon(Table):
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    stop_words: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = {}
    concepts: Mapping[str, tuple[str | _Term, ...]]


class _Near(Table):
    any: tuple[str, ...] = Field(min_length=1)
    within: int | Reach = Reach.SENTENCE
    where: Where = Where.ANYWHERE

    @field_validator("within")
    @classmethod
    def _a_window(cls, within: int | Reach) -> int | Reach:
        if isinstance(within, int) and not 1 <= within <= FURTHEST_WINDOW:
            raise ValueError(f"must be 1 to {FURTHEST_WINDOW} words, or one of {', '.join(Reach)}")
        return within


class _Rule(Table):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    topic: str
    says: str
    act: tuple[str, ...] = Field(min_length=1)
    score: float = Field(gt=0, le=1)
    near: tuple[_Near, ...] = ()
    unless: tuple[_Near, ...] = ()
    severity: str = Field("medium", pattern="^(low|medium|high)$")
    war: bool = True


class _Adjustment(Table):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    says: str
    near: _Near
    times: float = Field(1.0, ge=0, le=2)
    plus: float = Field(0.0, ge=-1, le=1)
    nearer_than: tuple[str, ...] = ()
    spares_strong: bool = False
    without_war: bool = False
    topics: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()


class _Topic(Table):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    level: Level
    label: Mapping[str, str] = {}


class _Scale(Table):
    alert: float = Field(gt=0, le=1)
    note: float = Field(gt=0, le=1)
    war: tuple[str, ...]
    war_missing: float = Field(ge=0, le=1)
    further: float = Field(ge=0, le=1)
    further_most: float = Field(ge=0, le=1)
    sides: Mapping[str, Side]
    hints: Mapping[str, Side] = {}
    places: tuple[str, ...]
    law: str

    @model_validator(mode="after")
    def _in_order(self) -> _Scale:
        if self.note > self.alert:
            raise ValueError("note must not be above alert")
        return self


class _Rules(Table):
    scale: _Scale | None = None
    groups: Mapping[str, tuple[str, ...]] = {}
    topic: tuple[_Topic, ...] = ()
    rule: tuple[_Rule, ...] = ()
    adjustment: tuple[_Adjustment, ...] = ()


def load_rules(folder: Path, shipped: Path | None = None) -> RuleBook:
    """The rule book of a config folder; a lexicon or rules that it does not have come from the `shipped` one.

    Raises ConfigError naming file, key and what is allowed.
    """
    own, usual = ([files(there / name, "*.toml") for name in ("lexicon", "rules")] for there in (folder, shipped or folder))
    lexicon, rules = (mine or theirs for mine, theirs in zip(own, usual, strict=True))
    if not lexicon or not rules:
        raise ConfigError(folder, "", "needs lexicon/*.toml and rules/*.toml")
    languages = [_language(path) for path in lexicon]
    rule_set = _rule_set(rules, {term.concept for language in languages for term in language.terms})
    version = hashlib.sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in (*lexicon, *rules))).hexdigest()[:16]
    return RuleBook(languages, rule_set, version)


def _language(path: Path) -> Language:
    table = checked(_Lexicon, read_toml(path), path)
    terms = []
    for concept, many in table.concepts.items():
        for one in many:
            terms.append(_term(_Term(term=one) if isinstance(one, str) else one, concept, table.language))
    language = Language(table.language, table.stop_words, dict(table.groups), tuple(terms))
    for term in terms:
        try:
            forms_of(term, language)
        except TermError as error:
            raise ConfigError(path, f"concepts.{error.concept}", str(error)) from error
    return language


def _term(told: _Term, concept: str, lang: str) -> Term:
    return Term(told.term, concept, lang, told.weak, told.case, told.accents, told.not_before, told.not_after, told.name)


def _rule_set(paths: list[Path], known: set[str]) -> RuleSet:
    tables = [(path, checked(_Rules, read_toml(path), path)) for path in paths]
    groups = {name: members for _, table in tables for name, members in table.groups.items()}
    scales = [(path, table.scale) for path, table in tables if table.scale]
    if len(scales) != 1:
        raise ConfigError(paths[0].parent, "scale", f"one file must hold it, {len(scales)} do")
    topics = [topic for _, table in tables for topic in table.topic]
    resolve = _Resolve(groups, known, {topic.id for topic in topics})
    rules = [resolve.rule(path, rule) for path, table in tables for rule in table.rule]
    adjustments = [resolve.adjustment(path, one) for path, table in tables for one in table.adjustment]
    _once(
        paths[0].parent, [("rule", r.id) for r in rules] + [("topic", t.id) for t in topics] + [("adjustment", a.id) for a in adjustments]
    )
    return RuleSet(resolve.scale(*scales[0]), tuple(Topic(t.id, t.level, dict(t.label)) for t in topics), tuple(rules), tuple(adjustments))


def _once(folder: Path, ids: Iterable[tuple[str, str]]) -> None:
    seen = set()
    for kind, one in ids:
        if (kind, one) in seen:
            raise ConfigError(folder, f"{kind}.id", f"{one!r} is given twice")
        seen.add((kind, one))


class _Resolve:
    """Names in rules -> concepts that the lexicon has."""

    def __init__(self, groups: Mapping[str, tuple[str, ...]], concepts: set[str], topics: set[str]) -> None:
        self.groups, self.concepts, self.topics = groups, concepts, topics

    def scale(self, path: Path, table: _Scale) -> Scale:
        told: dict[str, Any] = dict(table) | {
            "war": self._concepts(path, "scale.war", table.war),
            "sides": dict(table.sides),
            "hints": dict(table.hints),
        }
        self._concepts(path, "scale", (*table.sides, *table.hints, *table.places, table.law))
        return Scale(**told)

    def rule(self, path: Path, table: _Rule) -> Rule:
        key = f"rule.{table.id}"
        self._topic(path, key, (table.topic,))
        near, unless = (tuple(self._near(path, key, one) for one in many) for many in (table.near, table.unless))
        act = self._concepts(path, key, table.act)
        return Rule(table.id, table.topic, table.says, act, table.score, near, unless, table.severity, table.war)

    def adjustment(self, path: Path, table: _Adjustment) -> Adjustment:
        key = f"adjustment.{table.id}"
        self._topic(path, key, table.topics)
        near, than = self._near(path, key, table.near), self._concepts(path, key, table.nearer_than)
        told: dict[str, Any] = dict(table) | {"near": near, "nearer_than": than, "acts": self._concepts(path, key, table.acts)}
        return Adjustment(**told)

    def _near(self, path: Path, key: str, table: _Near) -> Near:
        return Near(self._concepts(path, key, table.any), table.within, table.where)

    def _topic(self, path: Path, key: str, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic not in self.topics:
                raise ConfigError(path, key, f"the topic {topic!r} is not among {', '.join(sorted(self.topics))}")

    def _concepts(self, path: Path, key: str, names: Iterable[str]) -> tuple[str, ...]:
        """Concepts, with groups of them written out."""
        resolved: dict[str, None] = {}
        for name in names:
            for concept in self.groups.get(name, (name,)):
                if concept not in self.concepts:
                    raise ConfigError(path, key, f"no lexicon names the concept {concept!r}")
                resolved[concept] = None
        return tuple(resolved)
