"""What do the rules say of an article, and why?

    article -> normal form -> terms by concept -> acts with what stands near them -> scores -> level

An act is a place where one of a rule's act concepts is named. The rule looks for its other concepts around that place, and what speaks
against the act is local to it, so a word elsewhere in the text cannot veto it. Every score carries its reasons in words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter

from monitor.model import Article, Hit, Judgement, Level, Quality, Side
from monitor.steps.lexicon import Found, Language, Lexicon, Term
from monitor.steps.rules import Adjustment, Near, Reach, Rule, RuleSet, Where
from monitor.steps.text import Normal, normalise

MOST_HITS = 40  # shown of one article, the best first
MOST_PLACES = 8  # named of one article, the nearest to an act first
MOST_ACTS = 100  # weighed of one rule in one article
FAR = 1 << 30

_GAP = "\n\n"  # between title, lead and text: no sentence spans two of them
_FIELDS = ("title", "lead", "text")
_SEVERITIES = ("low", "medium", "high")
_PLACE = itemgetter(0, 1)
_LEVELS = (Level.NONE, Level.NOTE, Level.ALERT)


class RuleBook:
    """Lexicon and rules, ready to judge. `version` changes with either. It travels between processes as its data."""

    def __init__(self, languages: Sequence[Language], rules: RuleSet, version: str) -> None:
        self.languages, self.rules, self.version = tuple(languages), rules, version
        self.topics: Mapping[str, Level] = {topic.id: topic.level for topic in rules.topics}
        self.rule_topics: Mapping[str, str] = {rule.id: rule.topic for rule in rules.rules}
        self.lexicon = Lexicon(self.languages, {concept for rule in rules.rules for concept in rule.act})

    def __reduce__(self) -> tuple[type[RuleBook], tuple[Sequence[Language], RuleSet, str]]:
        return RuleBook, (self.languages, self.rules, self.version)

    def judge(self, article: Article, *, war: bool = False) -> Judgement:
        """Level, topics, side, places, and the hits that made them. `war`: its source is all about the war. A wall is never matched."""
        if article.quality is Quality.WALL:
            return Judgement()
        reading = self._reading(article, war)
        return reading.judgement(article) if reading.found else Judgement()

    def named(self, article: Article) -> frozenset[Term]:
        """Every term that stands in an article, also where no act does."""
        return self.lexicon.named(normalise(_GAP.join((article.title, article.lead, article.text))), article.lang)

    def why_missed(self, article: Article, topic: str, *, war: bool = False) -> str:
        """See ports.Rules."""
        return self._reading(article, war).why_missed(topic)

    def why_told(self, article: Article, *, war: bool = False) -> str:
        """See ports.Rules."""
        return self._reading(article, war).why_told()

    def _reading(self, article: Article, war: bool) -> _Reading:
        normal = normalise(_GAP.join((article.title, article.lead, article.text)))
        return _Reading(self.rules, normal, self.lexicon.find(normal, article.lang), war)


@dataclass(frozen=True, slots=True)
class _Act:
    """One rule that fired at one place."""

    rule: Rule
    found: Found
    score: float
    reasons: tuple[str, ...]


class _Reading:
    """One article under judgement: its terms by concept, and the questions that rules ask of their places."""

    def __init__(self, rules: RuleSet, normal: Normal, found: Mapping[str, Sequence[Found]], war: bool) -> None:
        self.rules, self.normal, self.found = rules, normal, found
        self.words = normal.words
        self.vetoes: list[str] = []
        self._merged: dict[tuple[str, ...], list[Found]] = {}
        self.war = next((found[concept][0].term.shown for concept in rules.scale.war if concept in found), "its source" if war else "")
        self._adjustments = [
            one for one in rules.adjustments if not (one.without_war and self.war) and not found.keys().isdisjoint(one.near.any)
        ]

    @cached_property
    def sentences(self) -> list[int]:
        return self.normal.sentences

    def judgement(self, article: Article) -> Judgement:
        acts = sorted((act for rule in self.rules.rules for act in self._acts(rule)), key=lambda act: (-act.score, act.found.start))
        scores = self._scores(acts)
        levels = {topic.id: self._level(scores[topic.id], topic.level) for topic in self.rules.topics if topic.id in scores}
        topics = sorted((topic for topic, level in levels.items() if level is not Level.NONE), key=lambda topic: -scores[topic])
        told = [act for act in acts if act.rule.topic in topics]
        if not told:
            return Judgement(score=round(max(scores.values(), default=0.0), 2), vetoes=tuple(self.vetoes))
        return Judgement(
            level=max(levels.values(), key=_LEVELS.index),
            score=round(max(scores[topic] for topic in topics), 2),
            topics=tuple(topics),
            side=self._side(told),
            hits=self._hits(told, article),
            severity=max((act.rule.severity for act in told), key=_SEVERITIES.index),
            places=self._places(told),
            legal=tuple(dict.fromkeys(law.term.name for law in self.found.get(self.rules.scale.law, ()) if law.term.name)),
            vetoes=tuple(self.vetoes),
        )

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _acts(self, rule: Rule) -> list[_Act]:
        places = [found for concept in rule.act for found in self.found.get(concept, ()) if rule.near or not found.term.weak]
        return [act for found in places[:MOST_ACTS] if (act := self._weighed(rule, found))]

    def _weighed(self, rule: Rule, act: Found) -> _Act | None:
        """The act with its score and reasons; None where the rule does not hold here, or something stands against it."""
        reasons = []
        for near in rule.near:
            other, distance = self._nearest(near, act, in_sentence=True)
            if other is None:
                return None
            reasons.append(f"“{other.term.shown}” ({other.term.concept}) {_away(distance)}")
        for near in rule.unless:
            other, distance = self._nearest(near, act)
            if other is not None:
                self._veto(rule, act, f"“{other.term.shown}” ({other.term.concept}) {_away(distance)}")
                return None
        score = rule.score
        for adjustment in self._adjustments:
            if (why := self._speaks(adjustment, rule, act)) is not None:
                score = score * adjustment.times + adjustment.plus
                reasons.append(why)
        if rule.war and not self.war:
            score *= self.rules.scale.war_missing
            reasons.append("nothing says that it is about this war")
        if score < self.rules.scale.note <= rule.score:
            self._veto(rule, act, "; ".join(reasons))
        return _Act(rule, act, score, tuple(reasons))

    def _speaks(self, adjustment: Adjustment, rule: Rule, act: Found) -> str | None:
        """In words, how an adjustment holds for an act; None where it does not."""
        if (adjustment.topics and rule.topic not in adjustment.topics) or (adjustment.acts and act.term.concept not in adjustment.acts):
            return None
        if adjustment.spares_strong and not rule.near and not act.term.weak:
            return None
        other, distance = self._nearest(adjustment.near, act)
        if other is None:
            return None
        if adjustment.nearer_than:
            rival, nearer = self._nearest(Near(adjustment.nearer_than, adjustment.near.within), act)
            if rival is not None and nearer <= distance:
                return None
        change = f"×{adjustment.times:g}" if adjustment.times != 1 else f"+{adjustment.plus:g}"
        return f"{adjustment.says}: “{other.term.shown}” {_away(distance)} ({change})"

    def _veto(self, rule: Rule, act: Found, why: str) -> None:
        self.vetoes.append(f"{rule.id} at “{act.term.shown}”: {why}")

    def _nearest(self, near: Near, act: Found, *, in_sentence: bool = False) -> tuple[Found | None, int]:
        """The nearest of these concepts within reach of an act, and how many words away it stands."""
        many = self._named(near.any)
        if not many:
            return None, FAR
        low, high = self._reach(Reach.SENTENCE if in_sentence and isinstance(near.within, int) else near.within, act)
        best, distance = None, near.within + 1 if isinstance(near.within, int) else FAR
        after = bisect_left(many, (act.end,))
        if near.where is not Where.BEFORE and after < len(many) and many[after].end <= high:
            away = self.words.count(b" ", act.end + 1, many[after].start + 1)
            if away < distance:
                best, distance = many[after], away
        if near.where is not Where.AFTER:
            while after and many[after - 1].end > act.start:
                after -= 1
            if after and many[after - 1].start >= low:
                away = self.words.count(b" ", many[after - 1].end + 1, act.start + 1)
                if away < distance:
                    best, distance = many[after - 1], away
        return best, distance

    def _named(self, concepts: tuple[str, ...]) -> Sequence[Found]:
        """Where any of these concepts is named, in order; asked often, so remembered."""
        many = self._merged.get(concepts)
        if many is None:
            many = self._merged[concepts] = sorted(chain.from_iterable(self.found[c] for c in concepts if c in self.found), key=_PLACE)
        return many

    def _reach(self, within: int | Reach, act: Found) -> tuple[int, int]:
        if isinstance(within, int) or within is Reach.TEXT:
            return 0, FAR
        spread = 1 if within is Reach.NEXT else 0
        first = max(bisect_right(self.sentences, act.start) - 1 - spread, 0)
        last = bisect_left(self.sentences, act.end) + spread
        return self.sentences[first], self.sentences[last] if last < len(self.sentences) else FAR

    # ── what was missing ─────────────────────────────────────────────────────────────────────────────────────────────

    def why_missed(self, topic: str) -> str:
        """The rule that came nearest to firing, and what it lacked."""
        lacked = [
            self._lacked(rule, act)
            for rule in self.rules.rules
            if topic in ("", rule.topic)
            for concept in rule.act
            for act in self.found.get(concept, ())
        ]
        return max(lacked, default=(0, "no act is named: the lexicon lacks the words"))[1]

    def _lacked(self, rule: Rule, act: Found) -> tuple[float, str]:
        """How near a rule came to firing at an act (1: it fired), and what it lacked."""
        at = f"{rule.id}, at {act.term.concept}"
        for number, near in enumerate(rule.near):
            if self._nearest(near, act)[0] is None:
                return number / len(rule.near), f"{at}: no {' or '.join(near.any)} {_window(near)}"
        if not rule.near and act.term.weak:
            return 0, f"{at}: the term is weak"
        if not_near := next((other for near in rule.unless if (other := self._nearest(near, act)[0])), None):
            return 1, f"{at}: held back by {not_near.term.concept}"
        lowering = [one.id for one in self._adjustments if one.times < 1 and self._speaks(one, rule, act) is not None]
        lowering += ["no war is named"] if rule.war and not self.war else []
        return 1, f"{at}: lowered by {', '.join(lowering)}" if lowering else f"{at}: worth too little, or its class is switched off"

    def why_told(self) -> str:
        """The best act, and what stands in the text that might have held it back but did not."""
        acts = [act for rule in self.rules.rules for act in self._acts(rule)]
        if not acts:
            return "nothing fired"
        best = max(acts, key=lambda act: act.score)
        at = f"{best.rule.id}, at {best.found.term.concept}"
        idle = [
            one.id
            for one in self._adjustments
            if one.times < 1 and (not one.topics or best.rule.topic in one.topics) and self._speaks(one, best.rule, best.found) is None
        ]
        idle += [concept for near in best.rule.unless for concept in near.any if concept in self.found]
        return f"{at}: {', '.join(idle)} named, but too far away" if idle else f"{at}: nothing is named that would hold it back"

    # ── what follows from them ───────────────────────────────────────────────────────────────────────────────────────

    def _scores(self, acts: Sequence[_Act]) -> dict[str, float]:
        """Topic -> the best act's score and a little for every other rule that fired."""
        scale = self.rules.scale
        best: dict[str, float] = {}
        rules: dict[str, set[str]] = {}
        for act in acts:
            best.setdefault(act.rule.topic, act.score)
            rules.setdefault(act.rule.topic, {act.rule.id})
            if act.score >= scale.note:
                rules[act.rule.topic].add(act.rule.id)
        return {topic: min(1.0, score + min(scale.further * (len(rules[topic]) - 1), scale.further_most)) for topic, score in best.items()}

    def _level(self, score: float, most: Level) -> Level:
        reached = Level.ALERT if score >= self.rules.scale.alert else Level.NOTE if score >= self.rules.scale.note else Level.NONE
        return min(reached, most, key=_LEVELS.index)

    def _side(self, acts: Sequence[_Act]) -> Side:
        """Whose soldiers: what the markers nearest to the acts say, the better act counting more; else the law or a hint."""
        scale = self.rules.scale
        for sides in (scale.sides, scale.hints):
            votes: Counter[str] = Counter()
            for act in acts:
                if marker := self._marker(tuple(sides), act.found):
                    votes[sides[marker.term.concept]] += max(1, round(act.score * 10))
            if votes:
                return Side(votes.most_common(1)[0][0])
        codes = [law.term.name.partition(":")[0] for law in self.found.get(scale.law, ())]
        return Side(codes[0]) if codes and codes[0] in list(Side) else Side.UNKNOWN

    def _marker(self, concepts: tuple[str, ...], act: Found) -> Found | None:
        """The nearest of these concepts: in the act's own words, else in its sentence, else beside it, else anywhere."""
        if own := next((marker for marker in self._named(concepts) if act.start <= marker.start and marker.end <= act.end), None):
            return own
        reaches = (Reach.SENTENCE, Reach.NEXT, Reach.TEXT)
        return next((marker for reach in reaches if (marker := self._nearest(Near(concepts, reach), act)[0])), None)

    def _places(self, acts: Sequence[_Act]) -> tuple[str, ...]:
        """Places named in the sentence of an act or beside it, the best act's first."""
        named: dict[str, None] = {}
        for act in acts:
            low, high = self._reach(Reach.NEXT, act.found)
            here = [place for place in self._named(self.rules.scale.places) if low <= place.start < high]
            here.sort(key=lambda place: abs(place.start - act.found.start))
            named.update(dict.fromkeys(place.term.shown for place in here))
        return tuple(named)[:MOST_PLACES]

    def _hits(self, acts: Sequence[_Act], article: Article) -> tuple[Hit, ...]:
        texts = (article.title, article.lead, article.text)
        starts = (0, len(article.title) + len(_GAP), len(article.title) + len(article.lead) + 2 * len(_GAP))
        hits: dict[tuple[str, int], Hit] = {}
        for act in acts:
            start, end = self.normal.at(act.found.start), self.normal.at(act.found.end)
            number = bisect_right(starts, start) - 1
            field, begin = _FIELDS[number], starts[number]
            hit = Hit(
                act.rule.id,
                act.found.term.shown,
                field,
                start - begin,
                min(end - begin, len(texts[number])),
                act.found.term.concept,
                _why(act),
            )
            hits.setdefault((act.rule.id, start), hit)
        return tuple(hits.values())[:MOST_HITS]


def _away(words: int) -> str:
    return "1 word away" if words == 1 else f"{words} words away"


def _window(near: Near) -> str:
    """`within 6 words after`, `in the sentence before`, …"""
    reach = {
        Reach.SENTENCE: "in the sentence",
        Reach.NEXT: "in the sentence or beside it",
        Reach.TEXT: "in the text",
    }
    where = "" if near.where is Where.ANYWHERE else f" {near.where}"
    return (f"within {near.within} words" if isinstance(near.within, int) else reach[near.within]) + where


def _why(act: _Act) -> str:
    """The rule, what stood near, the score, and what would have held it back."""
    against = ", ".join(concept for near in act.rule.unless for concept in near.any)
    reasons = "; ".join((*act.reasons, f"score {act.score:.2f}"))
    return f"{act.rule.says}: {reasons}" + (f"; would be held back by: {against}" if against else "")
