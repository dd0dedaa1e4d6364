"""What do the rules say of an article, and why?

    article -> normal form -> terms by concept -> acts with what stands near them -> scores -> level

An act is a place where one of a rule's act concepts is named. The rule looks for its other concepts around that place, and what speaks
against the act is local to it, so a word elsewhere in the text cannot veto it. Every score carries its reasons in words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import chain
from operator import itemgetter, or_
from typing import Final, NamedTuple

from monitor.model import Article, Hit, Judgement, Level, Quality, Side
from monitor.steps.lexicon import Found, Language, Lexicon, Places, Term, concept_bits
from monitor.steps.rules import Adjustment, Near, Reach, Rule, RuleSet, Where
from monitor.steps.text import Normal, normalise, sentences_around

MOST_HITS = 40  # shown of one article, the best first
MOST_PLACES = 8  # named of one article, the nearest to an act first
MOST_ACTS = 100  # weighed of one rule in one article
FEW_PLACES = 12  # of one article around which sentences are looked for one by one
WIDE = 24  # characters of a word and what follows it: few stretches of text have wider ones
FAR = 1 << 30
START: Final = 0  # what stands where in a lexicon.Found
END: Final = 1
TERM: Final = 2

_GAP = "\n\n"  # between title, lead and text: no sentence spans two of them
_FIELDS = ("title", "lead", "text")
_SEVERITIES = ("low", "medium", "high")
_PLACE = itemgetter(0, 1)
_MARKED = (Reach.SENTENCE, Reach.NEXT, Reach.TEXT)  # where whose soldiers they are is looked for, one after the other
_LEVELS = (Level.NONE, Level.NOTE, Level.ALERT)


class RuleBook:
    """Lexicon and rules, ready to judge. `version` changes with either. It travels between processes as its data."""

    def __init__(self, languages: Sequence[Language], rules: RuleSet, version: str) -> None:
        self.languages, self.rules, self.version = tuple(languages), rules, version
        self.topics: Mapping[str, Level] = {topic.id: topic.level for topic in rules.topics}
        self.rule_topics: Mapping[str, str] = {rule.id: rule.topic for rule in rules.rules}
        bits = _Bits(concept_bits(self.languages))
        adjustments = [(one, bits.near(one.near), bits.near(one.rival) if one.rival else None) for one in rules.adjustments]
        self.asked = [
            _Rule(
                rule,
                (bits.of(rule.act), *(bits.of(near.any) for near in rule.near)),
                [bits.near(near, in_sentence=True) for near in rule.near],
                [bits.near(near) for near in rule.unless],
                [_Adjustment(*one) for one in adjustments if not one[0].topics or rule.topic in one[0].topics],
                {},
            )
            for rule in rules.rules
        ]
        scale = rules.scale
        self.markers = [(sides, [bits.near(Near(tuple(sides), reach)) for reach in _MARKED]) for sides in (scale.sides, scale.hints)]
        self.places = bits.near(Near(scale.places))

    @cached_property
    def lexicon(self) -> Lexicon:
        """Made for the first text that is judged: where texts are judged in workers, the process that hands them out needs none."""
        return Lexicon(self.languages)

    def __reduce__(self) -> tuple[type[RuleBook], tuple[Sequence[Language], RuleSet, str]]:
        return RuleBook, (self.languages, self.rules, self.version)

    def judge(self, article: Article, *, war: bool = False) -> Judgement:
        """Level, topics, side, places, and the hits that made them. `war`: its source is all about the war. A wall is never matched."""
        if article.quality is Quality.WALL:
            return Judgement()
        normal = normalise(_GAP.join((article.title, article.lead, article.text)))
        places = self.lexicon.search(normal)
        if rules := self._may_fire(places.concepts):
            return _Reading(self, normal, places, article.lang, war).judgement(article, rules)
        return Judgement()

    def _may_fire(self, named: int) -> list[_Rule]:
        """The rules all of whose concepts are named, by their bits: most texts name few, and nothing else is asked of them."""
        rules = []
        for rule in self.asked:
            for bits in rule.asked:
                if not named & bits:
                    break
            else:
                rules.append(rule)
        return rules

    def named(self, article: Article) -> frozenset[Term]:
        """Every term that stands in an article, also where no act does."""
        return frozenset(term for many in self._reading(article, False).found.values() for *_, term in many)

    def why_missed(self, article: Article, topic: str, *, war: bool = False) -> str:
        """See ports.Rules."""
        return self._reading(article, war).why_missed(topic)

    def why_told(self, article: Article, *, war: bool = False) -> str:
        """See ports.Rules."""
        return self._reading(article, war).why_told()

    def _reading(self, article: Article, war: bool) -> _Reading:
        normal = normalise(_GAP.join((article.title, article.lead, article.text)))
        return _Reading(self, normal, self.lexicon.search(normal), article.lang, war)


class _Near(NamedTuple):
    """A rule's Near as it is asked of places."""

    told: Near
    bits: int  # of its concepts
    words: int  # how many away at most; 0 where they are not counted
    spread: int  # sentences on each side of the act's own; -1: the whole text
    before: bool
    after: bool
    window: str  # the reach in words: `within 6 words after`, `in the sentence before`


class _Adjustment(NamedTuple):
    told: Adjustment
    near: _Near
    rival: _Near | None


class _Rule(NamedTuple):
    """A rule as it is asked of places."""

    told: Rule
    asked: tuple[int, ...]  # concepts of which one must be named, of the act and of each near
    near: Sequence[_Near]
    unless: Sequence[_Near]
    adjustments: Sequence[_Adjustment]  # of its topic
    against: dict[tuple[str, bool], str]  # what is told of both, by an act's concept and whether its term is weak


class _Bits:
    """Concepts as numbers, of which each is a bit."""

    def __init__(self, of: Mapping[str, int]) -> None:
        self._of = of

    def of(self, concepts: Iterable[str]) -> int:
        return reduce(or_, (self._of.get(concept, 0) for concept in concepts), 0)

    def near(self, told: Near, *, in_sentence: bool = False) -> _Near:
        words = told.within if isinstance(told.within, int) else 0
        spread = 0 if told.within is Reach.SENTENCE or (words and in_sentence) else 1 if told.within is Reach.NEXT else -1
        sides = told.where is not Where.AFTER, told.where is not Where.BEFORE
        return _Near(told, self.of(told.any), words, spread, *sides, _window(told))


class _Act(NamedTuple):
    """One rule that fired at one place."""

    asked: _Rule
    rule: Rule
    found: Found
    score: float
    near: Sequence[tuple[Found, int]]  # what each near of the rule found, and how many words away
    reasons: Sequence[str]  # for the score


class _Reading:
    """One article under judgement: its terms by concept, and the questions that rules ask of their places."""

    def __init__(self, book: RuleBook, normal: Normal, places: Places, lang: str, war: bool) -> None:
        self.book, self.rules, self.normal, self.words = book, book.rules, normal, places.words
        self.found = found = book.lexicon.found(normal, places, lang)
        self.named = reduce(or_, map(book.lexicon.bits.__getitem__, found), 0)
        self.vetoes: list[str] = []
        self._lists: dict[int, list[Found]] = {}
        self._around: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._speaking_of: dict[str, Sequence[_Adjustment]] = {}
        self._speaking: dict[tuple[str, int, int], tuple[Found, int] | None] = {}
        self.war = next(
            (found[concept][0][TERM].shown for concept in self.rules.scale.war if concept in found), "its source" if war else ""
        )

    @cached_property
    def shape(self) -> bytes:
        return self.normal.shape

    @cached_property
    def sentences(self) -> list[int]:
        return self.normal.sentences

    def judgement(self, article: Article, rules: Sequence[_Rule]) -> Judgement:
        """What these rules, the only ones that may fire, say."""
        acts = sorted((act for rule in rules for act in self._acts(rule)), key=lambda act: (-act.score, act.found[START]))
        if not acts:
            return Judgement(vetoes=tuple(self.vetoes))
        scores = self._scores(acts)
        levels = {topic.id: self._level(scores[topic.id], topic.level) for topic in self.rules.topics if topic.id in scores}
        topics = sorted((topic for topic, level in levels.items() if level is not Level.NONE), key=lambda topic: -scores[topic])
        told = [act for act in acts if act.rule.topic in topics]
        if not told:
            return Judgement(score=round(max(scores.values()), 2), vetoes=tuple(self.vetoes))
        return Judgement(
            level=max(levels.values(), key=_LEVELS.index),
            score=round(max(scores[topic] for topic in topics), 2),
            topics=tuple(topics),
            side=self._side(told),
            hits=self._hits(told, article),
            severity=max((act.rule.severity for act in told), key=_SEVERITIES.index),
            places=self._places(told),
            legal=tuple(dict.fromkeys(term.name for *_, term in self.found.get(self.rules.scale.law, ()) if term.name)),
            vetoes=tuple(self.vetoes),
        )

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _acts(self, rule: _Rule) -> list[_Act]:
        for bits in rule.asked:
            if not bits & self.named:
                return []
        told = rule.told
        places = [found for concept in told.act for found in self.found.get(concept, ()) if told.near or not found[TERM].weak]
        return [act for found in places[:MOST_ACTS] if (act := self._weighed(rule, found))]

    def _weighed(self, rule: _Rule, act: Found) -> _Act | None:
        """The act with its score and reasons; None where the rule does not hold here, or something stands against it."""
        stands = []
        for near in rule.near:
            other, distance = self._nearest(near, act)
            if other is None:
                return None
            stands.append((other, distance))
        told = rule.told
        for near in rule.unless:
            other, distance = self._nearest(near, act)
            if other is not None:
                self._veto(told, act, self._stands(near, other, distance))
                return None
        score = told.score
        reasons = []
        for adjustment in self._may_speak(rule):
            if (why := self._speaks(adjustment, told, act)) is not None:
                score = score * adjustment.told.times + adjustment.told.plus
                reasons.append(why)
        if told.war and not self.war:
            score *= self.rules.scale.war_missing
            reasons.append("nothing says that it is about this war")
        if score < self.rules.scale.note <= told.score:
            self._veto(told, act, "; ".join([*self._all_stand(rule, stands), *reasons]))
        return _Act(rule, told, act, score, stands, reasons)

    def _may_speak(self, rule: _Rule) -> Sequence[_Adjustment]:
        """The adjustments of a rule whose concept is named."""
        own = self._speaking_of.get(rule.told.id)
        if own is None:
            own = self._speaking_of[rule.told.id] = [one for one in rule.adjustments if one.near.bits & self.named]
        return own

    def _speaks(self, adjustment: _Adjustment, rule: Rule, act: Found) -> str | None:
        """In words, how an adjustment of the rule holds for an act; None where it does not."""
        told, term = adjustment.told, act[TERM]
        if (told.acts and term.concept not in told.acts) or (told.spares_strong and not rule.near and not term.weak):
            return None
        if told.without_war and self.war:
            return None
        key = told.id, act[START], act[END]
        if key not in self._speaking:
            self._speaking[key] = self._stands_nearest(adjustment, act)
        if (stands := self._speaking[key]) is None:
            return None
        change = f"×{told.times:g}" if told.times != 1 else f"+{told.plus:g}"
        other, distance = stands
        return f"{told.says}: “{self._words(other)}” {_away(distance)} ({change})"

    def _stands_nearest(self, adjustment: _Adjustment, act: Found) -> tuple[Found, int] | None:
        """What the adjustment asks for, where nothing that outweighs it stands nearer."""
        other, distance = self._nearest(adjustment.near, act)
        if other is None:
            return None
        if adjustment.rival is not None:
            rival, nearer = self._nearest(adjustment.rival, act)
            if rival is not None and nearer <= distance:
                return None
        return other, distance

    def _veto(self, rule: Rule, act: Found, why: str) -> None:
        self.vetoes.append(f"{rule.id} at “{self._words(act)}”: {why}")

    def _words(self, found: Found) -> str:
        """The words of the text that a term found."""
        return " ".join(Normal(self.normal.codes[found[START] : found[END]]).text.split())

    def _stands(self, near: _Near, other: Found, distance: int) -> str:
        return f"“{self._words(other)}” ({other[TERM].concept}) {_away(distance)}, {near.window}"

    def _all_stand(self, rule: _Rule, stands: Sequence[tuple[Found, int]]) -> list[str]:
        return [self._stands(near, *found) for near, found in zip(rule.near, stands, strict=True)]

    def _why(self, act: _Act) -> str:
        """What the rule says, what stood near and how near that had to be, the score, and what would have held it back."""
        stood = "; ".join([*self._all_stand(act.asked, act.near), *act.reasons, f"score {act.score:.2f}"])
        return f"{act.rule.says}: {stood}{_against(act.asked, act.found[TERM])}"

    def _nearest(self, near: _Near, act: Found) -> tuple[Found | None, int]:
        """The nearest of these concepts within reach of an act, and how many words away it stands."""
        _, bits, within, spread, looks_before, looks_after, _ = near
        if not bits & self.named:
            return None, FAR
        many, (start, end, _) = self._standing(near), act
        best, distance = None, within + 1 if within else FAR
        here = bisect_left(many, (end,))
        if looks_after and here < len(many):
            other = many[here]
            away = self._words_between(end, other[0], distance)
            if away < distance and (spread < 0 or other[1] <= self._sentences_around(start, end, spread)[1]):
                best, distance = other, away
        if looks_before:
            while here and many[here - 1][1] > start:
                here -= 1
            if here:
                other = many[here - 1]
                away = self._words_between(other[1], start, distance)
                if away < distance and (spread < 0 or other[0] >= self._sentences_around(start, end, spread)[0]):
                    best, distance = other, away
        return best, distance

    def _words_between(self, end: int, start: int, limit: int) -> int:
        """How many words away `start` is from `end`; where that is clearly not below `limit`, any number that is not."""
        first = end + 1 + WIDE * limit
        if first < start and (away := self.words.count(b" ", end + 1, first)) >= limit:
            return away
        return self.words.count(b" ", end + 1, start + 1)

    def _standing(self, near: _Near) -> list[Found]:
        """Where any of these concepts is named, in order; asked often, so remembered."""
        many = self._lists.get(near.bits)
        if many is None:
            found = self.found
            many = self._lists[near.bits] = sorted(chain.from_iterable([found[one] for one in near.told.any if one in found]), key=_PLACE)
        return many

    def _sentences_around(self, start: int, end: int, spread: int) -> tuple[int, int]:
        """The sentences at a place and `spread` more on both sides; the first few times by looking around it, then in the list of all."""
        key = start, end, spread
        if (around := self._around.get(key)) is None:
            around = self._around[key] = self._sentences_at(*key)
        return around

    def _sentences_at(self, start: int, end: int, spread: int) -> tuple[int, int]:
        if len(self._around) < FEW_PLACES and (around := sentences_around(self.shape, start, end, spread)):
            low, high = around
            return low, FAR if high is None else high
        first = max(bisect_right(self.sentences, start) - 1 - spread, 0)
        last = bisect_left(self.sentences, end) + spread
        return self.sentences[first], self.sentences[last] if last < len(self.sentences) else FAR

    # ── what was missing ─────────────────────────────────────────────────────────────────────────────────────────────

    def why_missed(self, topic: str) -> str:
        """The rule that came nearest to firing, and what it lacked."""
        lacked = [
            self._lacked(rule, act)
            for rule in self.book.asked
            if topic in ("", rule.told.topic)
            for concept in rule.told.act
            for act in self.found.get(concept, ())
        ]
        return max(lacked, default=(0, "no act is named: the lexicon lacks the words"))[1]

    def _lacked(self, rule: _Rule, act: Found) -> tuple[float, str]:
        """How near a rule came to firing at an act (1: it fired), and what it lacked."""
        told = rule.told
        at = f"{told.id}, at {act[TERM].concept}"
        for number, near in enumerate(rule.near):
            if self._nearest(near, act)[0] is None:
                return number / len(rule.near), f"{at}: no {' or '.join(near.told.any)} {near.window}"
        if not rule.near and act[TERM].weak:
            return 0, f"{at}: the term is weak"
        if not_near := next((other for near in rule.unless if (other := self._nearest(near, act)[0])), None):
            return 1, f"{at}: held back by {not_near[TERM].concept}"
        lowering = [one.told.id for one in self._may_speak(rule) if one.told.times < 1 and self._speaks(one, told, act) is not None]
        lowering += ["no war is named"] if told.war and not self.war else []
        return 1, f"{at}: lowered by {', '.join(lowering)}" if lowering else f"{at}: worth too little, or its class is switched off"

    def why_told(self) -> str:
        """The best act, and what stands in the text that might have held it back but did not."""
        acts = [(rule, act) for rule in self.book.asked for act in self._acts(rule)]
        if not acts:
            return "nothing fired"
        rule, best = max(acts, key=lambda pair: pair[1].score)
        at = f"{best.rule.id}, at {best.found[TERM].concept}"
        idle = [one.told.id for one in self._may_speak(rule) if one.told.times < 1 and self._speaks(one, best.rule, best.found) is None]
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
        for sides, nears in self.book.markers:
            votes: Counter[str] = Counter()
            markers = {act.found[:TERM]: self._marker(nears, act.found) for act in acts} if nears[0].bits & self.named else {}
            for act in acts:
                if marker := markers.get(act.found[:TERM]):
                    votes[sides[marker[TERM].concept]] += max(1, round(act.score * 10))
            if votes:
                return Side(votes.most_common(1)[0][0])
        codes = [term.name.partition(":")[0] for *_, term in self.found.get(self.rules.scale.law, ())]
        return Side(codes[0]) if codes and codes[0] in list(Side) else Side.UNKNOWN

    def _marker(self, nears: Sequence[_Near], act: Found) -> Found | None:
        """The nearest of these concepts: in the act's own words, else in its sentence, else beside it, else anywhere."""
        many = self._standing(nears[0])
        for marker in many[bisect_left(many, (act[START],)) : bisect_left(many, (act[END],))]:
            if marker[END] <= act[END]:
                return marker
        return next((found for near in nears if (found := self._nearest(near, act)[0])), None)

    def _places(self, acts: Sequence[_Act]) -> tuple[str, ...]:
        """Places named in the sentence of an act or beside it, the best act's first."""
        if not self.book.places.bits & self.named:
            return ()
        named: dict[str, None] = {}
        places = self._standing(self.book.places)
        for start, end in dict.fromkeys(act.found[:TERM] for act in acts):
            low, high = self._sentences_around(start, end, 1)
            here = places[bisect_left(places, (low,)) : bisect_left(places, (high,))]
            here.sort(key=lambda place: abs(place[START] - start))
            named.update(dict.fromkeys(place[TERM].shown for place in here))
        return tuple(named)[:MOST_PLACES]

    def _hits(self, acts: Sequence[_Act], article: Article) -> tuple[Hit, ...]:
        texts = (article.title, article.lead, article.text)
        starts = (0, len(article.title) + len(_GAP), len(article.title) + len(article.lead) + 2 * len(_GAP))
        hits: dict[tuple[str, int], Hit] = {}
        for act in acts:
            start, end = self.normal.at(act.found[START]), self.normal.at(act.found[END])
            number = bisect_right(starts, start) - 1
            field, begin = _FIELDS[number], starts[number]
            hit = Hit(
                act.rule.id,
                act.found[TERM].shown,
                field,
                start - begin,
                min(end - begin, len(texts[number])),
                act.found[TERM].concept,
                self._why(act),
            )
            hits.setdefault((act.rule.id, start), hit)
        return tuple(hits.values())[:MOST_HITS]


def _away(words: int) -> str:
    return "1 word away" if words == 1 else f"{words} words away"


def _window(near: Near) -> str:
    reach = {
        Reach.SENTENCE: "in the sentence",
        Reach.NEXT: "in the sentence or beside it",
        Reach.TEXT: "in the text",
    }
    where = "" if near.where is Where.ANYWHERE else f" {near.where}"
    return (f"within {near.within} words" if isinstance(near.within, int) else reach[near.within]) + where


def _against(rule: _Rule, term: Term) -> str:
    """What would hold an act of this rule back, or lower its score, in words."""
    key = term.concept, term.weak
    told = rule.against.get(key)
    if told is None:
        held = [f"{' or '.join(near.told.any)} {near.window}" for near in rule.unless]
        strong = not rule.near and not term.weak
        lowered = [
            one.says
            for one, *_ in rule.adjustments
            if one.times < 1 and not one.without_war and not (one.spares_strong and strong) and (not one.acts or term.concept in one.acts)
        ]
        told = f"; would be held back by {'; '.join(held)}" if held else ""
        told += f"; would be lowered where it is {', '.join(lowered)}" if lowered else ""
        rule.against[key] = told
    return told
