"""Do two articles tell of the same event in different words? Weighted words -> which story an article belongs to.

Words are cut to their beginnings (inflected languages then agree), weighted by how rare they are among the articles seen so far, and
compared as vectors (cosine over tf·idf: Salton & Buckley 1988). Names and what stands at the top count more. A story is a group, where one
wrong link joins two groups, so every limit here leans to leaving apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import log, sqrt

from monitor.steps.fingerprints import words

STEM = 5  # letters of a word that count
TOP_WORDS = 60  # the first words of a text, where news say what happened
HEADING_WORDS = 8  # of a text without a title, so many words stand for it
TITLE, TOP, NAME = 2, 2, 2  # weights of a word in the title, among the first words, of a name
PRIOR = 100  # articles that are taken as seen before the first one, so that its common words do not look rare
EVERYWHERE_SHARE, SUBJECT_SHARE = 0.6, 0.3  # of the PRIOR articles

ALIKE = 0.43  # likeness from which two articles tell of one event
ALIKE_TO_ALL = 0.28  # mean likeness to the story's members: what is like one member alone would chain stories together
FEWEST_TERMS = 6  # terms in common, beside the headings', below which likeness says nothing
APART = timedelta(days=3)  # articles further apart tell of two events
NAMED = 2  # names that both must have for having none in common to tell them apart
COMMON_SHARE = 0.1  # terms in more than this share of the articles neither lead to candidates nor tell people apart
HEAVIEST = 40  # terms of an article that lead to it and from it
CLOSEST = 12  # candidates that are compared whole
MEMBERS = 8  # of a story, the latest, that a new article is compared with
KEPT = 8_000  # articles remembered, about 140 MB; the oldest give way
TOLD_TERMS = 3  # terms that a reason names

#: Words that stand in most articles, and words that stand in most articles about this war: counted as seen in such a share of the PRIOR
#: articles, because a small run has not seen enough to know them as common.
_EVERYWHERE = """
a an and are as at be been but by for from had has have he her his in is it its not of on or over said she that the their them they this
to
was we were when which who will with would after about also into more new no one out than there two up what
à au aux avec avoir ce ces cette d dans de des du elle elles en est et été être fait il ils je l la le les leur leurs lui mais même n ne
nous
on ont ou par pas plus pour qu que qui s sa se selon ses son sont sur un une y après avant comme deux entre encore aussi sans sous tout
alors
а без более был была были было быть в вам во все всех вы где год года да для до его ее если есть еще же за и из или им их к как когда
который
которые которых кто ли мы на не него нет ни но о об однако он она они от по под после при про с свой своих себя со так также там тем то
того
только тот у уже чем через что чтобы это этого этом я году было может
або але б бо був була були було бути в вже вони він від все всі де для до є з за зі і із й його їх їхні її коли ми на над не них ні о під
після по при про та так також те ти то у це цього через що щоб як який яка які
aber als am an auch auf aus bei bis das dass dem den der des die ein eine einem einen einer er es für hat haben ich im in ist mit nach
nicht
noch nur oder sei sein seine sich sie sind über um und uns vom von vor war was wenn werden wie wird wurde zu zum zur
a al algunos como con cuando de del desde dos el ella en entre era es esta este esto fue ha han hasta la las le lo los más me muy no nos o
para
pero por que se según ser si sin sobre son su sus también tras un una y ya
che di da della del dei delle e gli ha i il in la le lo nel non per più sono stato una uno
a aby ale był była było być co dla do go i ich jak jako jego jest już ma na nie o od oraz po pod przez są się tak także tego to w we z za
ze że
"""
_SUBJECT = """
russia russian russians ukraine ukrainian ukrainians kyiv moscow putin zelensky war army military soldier soldiers troops forces front
russie russe russes ukraine ukrainien ukrainienne ukrainiens kiev moscou poutine zelensky guerre armée militaire militaires soldat soldats
front
россия россии российский российские российских русский украина украины украинский украинские киев москва москве путин зеленский война
войны
армия армии военный военные военных солдат солдаты фронт фронте военнослужащий военнослужащих
росія росії російський російські україна україни український українські київ москва путін зеленський війна війни армія армії військовий
військові солдат солдати фронт фронті військовослужбовець
krieg armee soldat soldaten russland ukraine guerra ejército soldados rusia ucrania wojna żołnierz rosja ukraina
"""

_NAME = re.compile(r"(?<=[\w,;] )[^\W\d_]\w+")  # a word inside a sentence


@dataclass(frozen=True, slots=True)
class Candidate:
    """What counts of one article for finding its story. `terms`: beginning of a word -> its weight before rarity."""

    terms: Mapping[str, float]
    heading: frozenset[str]  # terms of the title, or of the first words where there is none
    names: frozenset[str]  # terms that stand with a capital inside a sentence
    day: date | None = None


@dataclass(slots=True)
class Frequencies:
    """In how many of the articles seen so far a term stands."""

    articles: int = PRIOR
    of: Counter[str] = field(default_factory=lambda: Counter(_prior()))

    def add(self, candidate: Candidate) -> None:
        self.articles += 1
        self.of.update(candidate.terms.keys())

    def rarity(self, term: str, more: int = 0) -> float:
        return max(0.0, log((self.articles + more + 1) / (self.of[term] + more + 0.5)))

    def common(self, term: str) -> bool:
        return self.of[term] > COMMON_SHARE * self.articles


def _prior() -> dict[str, int]:
    """term -> in how many of the PRIOR articles it is counted as seen."""
    shares = ((_SUBJECT, SUBJECT_SHARE), (_EVERYWHERE, EVERYWHERE_SHARE))
    return {word.replace("ё", "е")[:STEM]: round(PRIOR * share) for listed, share in shares for word in listed.split()}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate weighted by the rarity of its terms at one moment. `vector` has length 1, `heading` sums to 1; common names are out."""

    vector: Mapping[str, float]
    heading: Mapping[str, float]
    names: frozenset[str]
    day: date | None


@dataclass(frozen=True, slots=True)
class Placed:
    """The story of an article, named by its first member's key, and why it belongs there."""

    story: int
    why: str
    likeness: float = 0.0


def candidate(title: str, text: str, day: date | None = None) -> Candidate:
    """What counts of an article. `day`: when it was published, else first seen; None where nobody knows."""
    found = [word[:STEM] for word in words(text)]
    heading = [word[:STEM] for word in words(title)]
    weights: Counter[str] = Counter(found)
    for terms, more in ((found[:TOP_WORDS], TOP - 1), (heading, TITLE)):
        for term in terms:
            weights[term] += more
    names = frozenset(word.casefold().replace("ё", "е")[:STEM] for word in _NAME.findall(text) if word[0].isupper())
    terms_ = {term: (1 + log(weight)) * (NAME if term in names else 1) for term, weight in weights.items()}
    return Candidate(terms_, frozenset(heading or found[:HEADING_WORDS]), names, day)


def weigh(candidate: Candidate, frequencies: Frequencies, seen: int = 0) -> Weighed:
    """`seen`: 1 where the frequencies do not hold the candidate itself yet."""
    rarity = {term: frequencies.rarity(term, seen) for term in candidate.terms}
    weights = {term: weight * rarity[term] for term, weight in candidate.terms.items()}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    whole = sum(rarity[term] for term in candidate.heading) or 1.0
    return Weighed(
        {term: weight / length for term, weight in weights.items()},
        {term: rarity[term] / whole for term in candidate.heading},
        frozenset(name for name in candidate.names if not frequencies.common(name)),
        candidate.day,
    )


def same_story(one: Weighed, other: Weighed) -> tuple[float, str]:
    """(likeness 0..1, the heaviest terms in common). From ALIKE on two articles tell of one event.

    Likeness is the mean of two things: the cosine of the whole texts, and how much of each one's heading the other's text speaks of. The
    second tells the weather of one town from the weather of another; two court reports in the same words about different people are told
    apart by their names.
    """
    if one.day and other.day and abs(one.day - other.day) > APART:
        return 0.0, "days apart"
    if min(len(one.names), len(other.names)) >= NAMED and not (one.names & other.vector.keys() or other.names & one.vector.keys()):
        return 0.0, "other names"
    shared = one.vector.keys() & other.vector.keys()
    if len(shared - one.heading.keys() - other.heading.keys()) < FEWEST_TERMS:
        return 0.0, "too few words in common"
    parts = {term: one.vector[term] * other.vector[term] for term in shared}
    headings = sum(weight for heading in (one.heading, other.heading) for term, weight in heading.items() if term in shared) / 2
    return (sum(parts.values()) + headings) / 2, ", ".join(sorted(parts, key=lambda term: (-parts[term], term))[:TOLD_TERMS])


class Grouping:
    """Places articles one after the other, each with the articles placed before it. Holds the last KEPT of them in memory."""

    def __init__(self) -> None:
        self.frequencies = Frequencies()
        self._kept: deque[int] = deque()
        self._articles: dict[int, Weighed] = {}
        self._story: dict[int, int] = {}
        self._members: defaultdict[int, list[int]] = defaultdict(list)  # of a story, in order
        self._where: defaultdict[str, list[int]] = defaultdict(list)  # term -> articles

    def place(self, key: int, candidate: Candidate, story: int | None = None) -> Placed:
        """The story of the article `key`, found and kept. `story`: where steps/dedup.py has placed it; then nothing is searched."""
        found = self.find(candidate) if story is None else Placed(story, "shares its text", 1.0)
        placed = found or Placed(key, "nothing like it was read before")
        self.keep(key, candidate, placed.story)
        return placed

    def find(self, candidate: Candidate) -> Placed | None:
        """The story that an article tells further; None where nothing like it is kept."""
        article = weigh(candidate, self.frequencies, seen=1)
        best: Placed | None = None
        for other in self._leads(article):
            likeness, shared = same_story(article, self._articles[other])
            if likeness < ALIKE or (best and likeness <= best.likeness):
                continue
            story = self._story[other]
            members = self._members[story][-MEMBERS:]
            if sum(same_story(article, self._articles[member])[0] for member in members) >= ALIKE_TO_ALL * len(members):
                best = Placed(story, f"tells of the same as item {other}: {shared} … (likeness {likeness:.2f})", likeness)
        return best

    def _leads(self, article: Weighed) -> list[int]:
        """Articles that share heavy terms which are not everywhere, the most promising first."""
        sums: defaultdict[int, float] = defaultdict(float)
        for term in _heaviest(article):
            if not self.frequencies.common(term):
                for other in self._where[term]:
                    sums[other] += article.vector[term] * self._articles[other].vector[term]
        return sorted(sums, key=lambda other: (-sums[other], other))[:CLOSEST]

    def keep(self, key: int, candidate: Candidate, story: int) -> None:
        """Remembers an article under its key, as told of this story."""
        self.frequencies.add(candidate)
        article = weigh(candidate, self.frequencies)
        self._articles[key], self._story[key] = article, story
        self._members[story].append(key)
        self._kept.append(key)
        for term in _heaviest(article):
            self._where[term].append(key)
        if len(self._kept) > KEPT:
            self._forget(self._kept.popleft())

    def _forget(self, key: int) -> None:
        article = self._articles.pop(key)
        self._members[self._story.pop(key)].remove(key)
        for term in _heaviest(article):
            self._where[term].remove(key)


def _heaviest(article: Weighed) -> list[str]:
    return sorted(article.vector, key=lambda term: (-article.vector[term], term))[:HEAVIEST]
