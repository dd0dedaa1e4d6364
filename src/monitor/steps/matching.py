"""What do the rules say of an article, and why?

    article -> normal form -> terms by concept -> acts with what stands near them -> scores -> level

An act is a place where one of a rule's act concepts is named. The rule looks for its other concepts around that place, and what speaks
against the act is local to it, so a word elsewhere in the text cannot veto it. Every score carries its reasons in words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from operator import itemgetter, or_
from typing import Final, NamedTuple

from monitor.model import Article, Hit, Judgement, Level, Quality, Side
from monitor.steps.lexicon import Found, Language, Lexicon, Places, Term, Terms, concept_bits
from monitor.steps.rules import Adjustment, Near, Reach, Rule, RuleSet, Where
from monitor.steps.text import Around, Normal, Sentences, normalise, written

MOST_HITS = 40  # shown of one article, the best first
MOST_PLACES = 8  # named of one article, the nearest to an act first
MOST_ACTS = 100  # weighed of one rule in one article
WORD = 12  # characters: many words in a row take no more on average
MOST_CLOSE = 200  # forms near an act that are looked through for what they may name
FAR = 1 << 30
TOO_FAR = FAR + 1
START: Final = 0  # what stands where in a lexicon.Found
END: Final = 1
TERM: Final = 2

_GAP = "\n\n"  # between title, lead and text: no sentence spans two of them
_FIELDS = ("title", "lead", "text")
_SEVERITIES = ("low", "medium", "high")
_ORDER = itemgetter(0)  # of what is to be weighed
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
                number,
                rule,
                [bits.near(near, in_sentence=True) for near in rule.near],
                [bits.of(near.any) for near in rule.near if isinstance(near.within, Reach)],
                [bits.of(near.any) for near in rule.near if isinstance(near.within, int)],
                [bits.near(near) for near in rule.unless],
                [_Adjustment(*one) for one in adjustments if not one[0].topics or rule.topic in one[0].topics],
                {},
                {},
            )
            for number, rule in enumerate(rules.rules)
        ]
        #: By the concept of an act and whether its term is weak: the rules that ask for it, with numbers that tell what is weighed first.
        self.acts: defaultdict[tuple[str, bool], list[tuple[int, _Rule]]] = defaultdict(list)
        for order, (concept, asked) in enumerate((concept, one) for one in self.asked for concept in one.told.act):
            for weak in (False, True) if asked.near else (False,):
                self.acts[concept, weak].append((order, asked))
        #: The same, as bits: what must be named within so many words for one of them to hold; 0 where one counts no words.
        self.reach = {
            act: reduce(or_, (rule.close[0] for _, rule in many)) if all(rule.close for _, rule in many) else 0
            for act, many in self.acts.items()
        }
        self.act = bits.near(Near(tuple(dict.fromkeys(concept for concept, _ in self.acts))))
        nears = [near for rule in rules.rules for near in (*rule.near, *rule.unless)] + [one.near for one in rules.adjustments]
        self.widest = max((near.within for near in nears if isinstance(near.within, int)), default=0)  # window, in words
        scale = rules.scale
        self.markers = [(sides, [bits.near(Near(tuple(sides), reach)) for reach in _MARKED]) for sides in (scale.sides, scale.hints)]
        self.war, self.places, self.law = (bits.near(Near(many)) for many in (scale.war, scale.places, (scale.law,)))

    @cached_property
    def lexicon(self) -> Lexicon:
        """Made for the first text that is judged: where texts are judged in workers, the process that hands them out needs none."""
        return Lexicon(self.languages)

    def __reduce__(self) -> tuple[type[RuleBook], tuple[Sequence[Language], RuleSet, str]]:
        return RuleBook, (self.languages, self.rules, self.version)

    def judge(self, article: Article, *, war: bool = False) -> Judgement:
        """Level, topics, side, places, and the hits that made them. `war`: its source is all about the war. A wall is never matched."""
        return Judgement() if article.quality is Quality.WALL else self._reading(article, war).judgement()

    def named(self, article: Article) -> frozenset[Term]:
        """Every term that stands in an article, also where no act does."""
        return frozenset(self._reading(article, False).every_term())

    def why_missed(self, article: Article, topic: str, *, war: bool = False) -> str:
        """See ports.Rules."""
        return self._reading(article, war).why_missed(topic)

    def why_told(self, article: Article, *, war: bool = False) -> str:
        """See ports.Rules."""
        return self._reading(article, war).why_told()

    def _reading(self, article: Article, war: bool) -> _Reading:
        normal = normalise(_GAP.join((article.title, article.lead, article.text)))
        return _Reading(self, article, normal, self.lexicon.search(normal, article.lang), war)


class _Near(NamedTuple):
    """A rule's Near as it is asked of places."""

    told: Near
    any: frozenset[str]
    bits: int  # of these concepts
    most: int  # words away at most; FAR where they are not counted
    spread: int  # sentences on each side of the act's own; -1: the whole text
    sides: Sequence[bool]  # where it is looked for: behind the act (True) and before it (False)
    window: str  # the reach in words: `within 6 words after`, `in the sentence before`


class _Adjustment(NamedTuple):
    told: Adjustment
    near: _Near
    rival: _Near | None


class _Rule(NamedTuple):
    """A rule as it is asked of places."""

    number: int
    told: Rule
    near: Sequence[_Near]
    named: Sequence[int]  # bits of what each of these asks for that counts no words
    close: Sequence[int]  # the same of those that count words
    unless: Sequence[_Near]
    adjustments: Sequence[_Adjustment]  # of its topic
    against: dict[tuple[str, bool], str]  # what is told of both, by an act's concept and whether its term is weak
    adjusting: dict[
        tuple[str, bool, bool], Sequence[tuple[int, bool, _Adjustment]]
    ]  # those for such an act, in a text about the war or not


class _Bits:
    """Concepts as numbers, of which each is a bit."""

    def __init__(self, of: Mapping[str, int]) -> None:
        self._of = of

    def of(self, concepts: Iterable[str]) -> int:
        return reduce(or_, (self._of.get(concept, 0) for concept in concepts), 0)

    def near(self, told: Near, *, in_sentence: bool = False) -> _Near:
        words = told.within if isinstance(told.within, int) else 0
        spread = 0 if told.within is Reach.SENTENCE or (words and in_sentence) else 1 if told.within is Reach.NEXT else -1
        sides = {Where.ANYWHERE: (True, False), Where.AFTER: (True,), Where.BEFORE: (False,)}[told.where]
        return _Near(told, frozenset(told.any), self.of(told.any), words or FAR, spread, sides, _window(told))


class _Spot:
    """A place where an act is named, and what was found out about it."""

    __slots__ = ("around", "close", "first", "found", "last", "next", "spoke")

    def __init__(self, found: Found, first: int, next_: int, last: int, close: int) -> None:
        self.found = found
        self.first, self.last = first, last  # numbers of the forms among which those rules look that count words
        self.next = next_  # number of the first form behind the act
        self.close = close  # bits of the concepts that those forms may name
        self.around: Around | None = None
        self.spoke: dict[str, tuple[Found, int] | None] = {}  # what adjustments found, by their ids


class _Act(NamedTuple):
    """One rule that fired at one place."""

    asked: _Rule
    rule: Rule
    spot: _Spot
    score: float
    near: Sequence[tuple[Found, int]]  # what each near of the rule found, and how many words away
    reasons: Sequence[str]  # for the score


class _Where(dict[int, bytearray]):
    """By bits of concepts: of every form of a text, whether it may name one of them (1 or 0)."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, concepts: int) -> bytearray:
        where = self[concepts] = bytearray(self._places.where(concepts))
        return where


class _Reading:
    """One article under judgement, and the questions that rules ask of its places.

    Where concepts may be named is asked of Places.kinds, and only of what is found there it is asked what it means.
    """

    def __init__(self, book: RuleBook, article: Article, normal: Normal, places: Places, war: bool) -> None:
        self.book, self.rules, self.article = book, book.rules, article
        self.normal, self.places, self.words, self._told_war = normal, places, places.words, war
        self.vetoes: list[str] = []
        self._where = _Where(places)
        self.terms = Terms(normal, places)

    @cached_property
    def sentences(self) -> Sentences:
        return Sentences(self.normal)

    @cached_property
    def starts(self) -> list[int]:
        return [start for _, start, _, _ in self.places.at]

    @cached_property
    def may_be_named(self) -> int:
        return self.places.named()

    @cached_property
    def war(self) -> bool:
        return self._told_war or any(self._found(self.book.war))

    # ── terms ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def every_term(self) -> list[Term]:
        return [term for number in range(len(self.places.at)) for *_, term in self.terms[number]]

    def _found(self, near: _Near, first: int = 0, last: int | None = None) -> Iterator[Found]:
        """Where these concepts are named, in order; by the forms from one number up to another."""
        where, concepts = self._where[near.bits], near.any
        here = where.find(1, first, last)
        while here >= 0:
            for found in self.terms[here]:
                if found[TERM].concept in concepts:
                    yield found
            here = where.find(1, here + 1, last)

    def _number(self, place: int) -> int:
        """Of the first form that begins at a place or behind it."""
        return bisect_left(self.starts, place)

    def _around(self, spot: _Spot) -> Around:
        if spot.around is None:
            spot.around = self.sentences.around(spot.found[START], spot.found[END])
        return spot.around

    def judgement(self) -> Judgement:
        """What the rules say."""
        acts = sorted(self._acts(), key=lambda act: (-act.score, act.spot.found[START]))
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
            hits=self._hits(told),
            severity=max((act.rule.severity for act in told), key=_SEVERITIES.index),
            places=self._places(told),
            legal=tuple(dict.fromkeys(term.name for *_, term in self._found(self.book.law) if term.name)),
            vetoes=tuple(self.vetoes),
        )

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _acts(self) -> list[_Act]:
        asked, in_text = [], self.may_be_named.__and__
        for found in self._found(self.book.act):
            term = found[TERM]
            if rules := self.book.acts.get((term.concept, term.weak)):
                spot, reach = self._spot(found), self.book.reach[term.concept, term.weak]
                if reach and self._where[reach].find(1, spot.first, spot.last) < 0:
                    continue
                if spot.last - spot.first <= MOST_CLOSE:
                    spot.close = self.places.named(spot.first, spot.last)
                close = spot.close.__and__
                asked += [(order, rule, spot) for order, rule in rules if all(map(close, rule.close)) and all(map(in_text, rule.named))]
        asked.sort(key=_ORDER)
        acts, weighed = [], Counter[int]()
        for _, rule, spot in asked:
            weighed[rule.number] += 1
            if weighed[rule.number] <= MOST_ACTS and (act := self._weighed(rule, spot)):
                acts.append(act)
        return acts

    def _spot(self, found: Found) -> _Spot:
        (start, end, _), words, widest = found, self.words, self.book.widest
        first, last = max(start - widest * WORD, 0), end + widest * WORD
        if words.count(b" ", first + 1, start + 1) <= widest:
            first = 0
        if words.count(b" ", end + 1, last + 1) <= widest:
            last = len(words)
        numbers = self._number(first - self.places.spoken.longest), self._number(end), self._number(last + 1)
        return _Spot(found, *numbers, self.may_be_named)

    def _weighed(self, rule: _Rule, spot: _Spot) -> _Act | None:
        """The act with its score and reasons; None where the rule does not hold here, or something stands against it."""
        stands = []
        for near in rule.near:
            if (other := self._nearest(near, spot)) is None:
                return None
            stands.append(other)
        told = rule.told
        for near in rule.unless:
            if (other := self._nearest(near, spot)) is not None:
                self._veto(told, spot, self._stands(near, *other))
                return None
        score = told.score
        reasons = []
        for adjustment in self._may_speak(rule, spot):
            if (why := self._speaks(adjustment, spot)) is not None:
                score = score * adjustment.told.times + adjustment.told.plus
                reasons.append(why)
        if told.war and not self.war:
            score *= self.rules.scale.war_missing
            reasons.append("nothing says that it is about this war")
        if score < self.rules.scale.note <= told.score:
            self._veto(told, spot, "; ".join([*self._all_stand(rule, stands), *reasons]))
        return _Act(rule, told, spot, score, stands, reasons)

    def _may_speak(self, rule: _Rule, spot: _Spot) -> Sequence[_Adjustment]:
        """The adjustments that hold for an act of a rule and whose concept may be named."""
        term = spot.found[TERM]
        key = term.concept, term.weak, self.war
        adjusting = rule.adjusting.get(key)
        if adjusting is None:
            strong = not rule.near and not term.weak
            adjusting = rule.adjusting[key] = [
                (one.near.bits, one.near.most < FAR, one)
                for one in rule.adjustments
                if not (one.told.acts and term.concept not in one.told.acts)
                and not (one.told.spares_strong and strong)
                and not (one.told.without_war and self.war)
            ]
        named, close = self.may_be_named, spot.close
        return [one for bits, counts, one in adjusting if bits & (close if counts else named)]

    def _speaks(self, adjustment: _Adjustment, spot: _Spot) -> str | None:
        """In words, how an adjustment holds for an act; None where it does not."""
        told = adjustment.told
        if told.id not in spot.spoke:
            spot.spoke[told.id] = self._stands_nearest(adjustment, spot)
        if (stands := spot.spoke[told.id]) is None:
            return None
        change = f"×{told.times:g}" if told.times != 1 else f"+{told.plus:g}"
        other, distance = stands
        return f"{told.says}: “{self._words(other)}” {_away(distance)} ({change})"

    def _stands_nearest(self, adjustment: _Adjustment, spot: _Spot) -> tuple[Found, int] | None:
        """What the adjustment asks for, where nothing that outweighs it stands nearer."""
        stands = self._nearest(adjustment.near, spot)
        if stands is not None and adjustment.rival is not None:
            rival = self._nearest(adjustment.rival, spot)
            if rival is not None and rival[1] <= stands[1]:
                return None
        return stands

    def _veto(self, rule: Rule, spot: _Spot, why: str) -> None:
        self.vetoes.append(f"{rule.id} at “{self._words(spot.found)}”: {why}")

    def _words(self, found: Found) -> str:
        """The words of the text that a term found."""
        return " ".join(written(self.normal.codes[found[START] : found[END]]).split())

    def _stands(self, near: _Near, other: Found, distance: int) -> str:
        return f"“{self._words(other)}” ({other[TERM].concept}) {_away(distance)}, {near.window}"

    def _all_stand(self, rule: _Rule, stands: Sequence[tuple[Found, int]]) -> list[str]:
        return [self._stands(near, *found) for near, found in zip(rule.near, stands, strict=True)]

    def _why(self, act: _Act) -> str:
        """What the rule says, what stood near and how near that had to be, the score, and what would have held it back."""
        stood = "; ".join([*self._all_stand(act.asked, act.near), *act.reasons, f"score {act.score:.2f}"])
        return f"{act.rule.says}: {stood}{_against(act.asked, act.spot.found[TERM])}"

    def _nearest(self, near: _Near, spot: _Spot) -> tuple[Found, int] | None:
        """The nearest of these concepts within reach of an act, and how many words away it stands."""
        _, concepts, bits, within, _, sides, _ = near
        where, terms, (start, end, _) = self._where[bits], self.terms, spot.found
        low, high = (spot.first, spot.last) if within < FAR else (0, len(where))
        best, most = None, within
        for behind in sides:
            here = where.find(1, spot.next, high) if behind else where.rfind(1, low, spot.next)
            while here >= 0:
                for other in terms[here]:
                    first, last = (end, other[START]) if behind else (other[END], start)
                    if first <= last and other[TERM].concept in concepts:
                        away = self._away(near, spot, other, first, last)
                        if away <= most:
                            best, most = (other, away), away - 1
                        here = -1
                        break
                else:
                    if not terms[here]:
                        where[here] = 0  # nothing that looks like it is asked twice
                    here = where.find(1, here + 1, high) if behind else where.rfind(1, low, here)
        return best

    def _away(self, near: _Near, spot: _Spot, other: Found, first: int, last: int) -> int:
        """How many words away another term stands from an act, between two places; FAR and more where that is too far for a Near."""
        _, _, _, within, spread, _, _ = near
        away = self.words.count(b" ", first + 1, last + 1) if within < FAR else 0
        if away > within:
            return TOO_FAR
        if spread >= 0:
            begins, ends = spot.around or self._around(spot)
            if other[START] < begins[spread] or other[END] > ends[spread]:
                return TOO_FAR
        return away if within < FAR else self.words.count(b" ", first + 1, last + 1)

    # ── what was missing ─────────────────────────────────────────────────────────────────────────────────────────────

    def why_missed(self, topic: str) -> str:
        """The rule that came nearest to firing, and what it lacked."""
        lacked = [self._lacked(rule, act) for rule in self.book.asked if topic in ("", rule.told.topic) for act in self._spots(rule)]
        return max(lacked, default=(0, "no act is named: the lexicon lacks the words"))[1]

    def _spots(self, rule: _Rule) -> list[_Spot]:
        """Every place where a rule's act is named, by concept."""
        acts = list(self._found(self.book.act))
        return [self._spot(found) for concept in rule.told.act for found in acts if found[TERM].concept == concept]

    def _lacked(self, rule: _Rule, act: _Spot) -> tuple[float, str]:
        """How near a rule came to firing at an act (1: it fired), and what it lacked."""
        told = rule.told
        at = f"{told.id}, at {act.found[TERM].concept}"
        for number, near in enumerate(rule.near):
            if self._nearest(near, act) is None:
                return number / len(rule.near), f"{at}: no {' or '.join(near.told.any)} {near.window}"
        if not rule.near and act.found[TERM].weak:
            return 0, f"{at}: the term is weak"
        if other := next(filter(None, (self._nearest(near, act) for near in rule.unless)), None):
            return 1, f"{at}: held back by {other[0][TERM].concept}"
        lowering = [one.told.id for one in self._may_speak(rule, act) if one.told.times < 1 and self._speaks(one, act) is not None]
        lowering += ["no war is named"] if told.war and not self.war else []
        return 1, f"{at}: lowered by {', '.join(lowering)}" if lowering else f"{at}: worth too little, or its class is switched off"

    def why_told(self) -> str:
        """The best act, and what stands in the text that might have held it back but did not."""
        acts = [
            act
            for rule in self.book.asked
            for spot in [spot for spot in self._spots(rule) if rule.near or not spot.found[TERM].weak][:MOST_ACTS]
            if (act := self._weighed(rule, spot))
        ]
        if not acts:
            return "nothing fired"
        best = max(acts, key=lambda act: act.score)
        at = f"{best.rule.id}, at {best.spot.found[TERM].concept}"
        adjustments = [one for one in self._may_speak(best.asked, best.spot) if one.told.times < 1]
        idle = [one.told.id for one in adjustments if self._speaks(one, best.spot) is None]
        named = {term.concept for term in self.every_term()}
        idle += [concept for near in best.rule.unless for concept in near.any if concept in named]
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
            votes: dict[str, int] = {}
            markers: dict[_Spot, Found | None] = {}
            for act in acts:
                if act.spot not in markers:
                    markers[act.spot] = self._marker(nears, act.spot)
                if marker := markers[act.spot]:
                    side = sides[marker[TERM].concept]
                    votes[side] = votes.get(side, 0) + max(1, round(act.score * 10))
            if votes:
                return Side(max(votes, key=votes.__getitem__))
        codes = [term.name.partition(":")[0] for *_, term in self._found(self.book.law)]
        return Side(codes[0]) if codes and codes[0] in list(Side) else Side.UNKNOWN

    def _marker(self, nears: Sequence[_Near], spot: _Spot) -> Found | None:
        """The nearest of these concepts: in the act's own words, else in its sentence, else beside it, else anywhere."""
        for marker in self._found(nears[0], self._number(spot.found[START]), spot.next):
            if marker[END] <= spot.found[END]:
                return marker
        return next((stands[0] for near in nears if (stands := self._nearest(near, spot))), None)

    def _places(self, acts: Sequence[_Act]) -> tuple[str, ...]:
        """Places named in the sentence of an act or beside it, the best act's first."""
        named: dict[str, None] = {}
        for spot in dict.fromkeys(act.spot for act in acts):
            begins, ends = self._around(spot)
            here = self._found(self.book.places, self._number(begins[1]), self._number(ends[1]))
            nearest = sorted(here, key=lambda place: abs(place[START] - spot.found[START]))
            named.update(dict.fromkeys(place[TERM].shown for place in nearest))
        return tuple(named)[:MOST_PLACES]

    def _hits(self, acts: Sequence[_Act]) -> tuple[Hit, ...]:
        article = self.article
        texts = (article.title, article.lead, article.text)
        starts = (0, len(article.title) + len(_GAP), len(article.title) + len(article.lead) + 2 * len(_GAP))
        hits: dict[tuple[str, int], Hit] = {}
        for act in acts:
            found = act.spot.found
            start, end = self.normal.at(found[START]), self.normal.at(found[END])
            key = act.rule.id, start
            if key not in hits and len(hits) < MOST_HITS:
                number = bisect_right(starts, start) - 1
                begin = starts[number]
                place = start - begin, min(end - begin, len(texts[number]))
                hits[key] = Hit(act.rule.id, found[TERM].shown, _FIELDS[number], *place, found[TERM].concept, self._why(act))
        return tuple(hits.values())


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
