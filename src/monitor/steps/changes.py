"""What does a new version of an article change in what it says?

Sentences of both are laid side by side; what is told are headlines, leads, numbers, acts, who is cited, paragraphs that went or came, and
the time of publication. Wording, counters, stamps of updating, pointers to other articles and slips of the pen are not told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise

from monitor.model import Article, Attribution, Change, ChangeKind, Figure, Hit, Source, When, utc_text
from monitor.steps import lines, numbers
from monitor.steps.aligned import differing, same_start
from monitor.steps.decide import PAGE_DATES_TRUSTED
from monitor.steps.display import cut
from monitor.steps.figures import figures
from monitor.steps.origins import attributions
from monitor.steps.text import normalise, words

MOST_TOLD = 6  # changes of one kind; the rest is counted
MOST_PAIRED = 150  # sentences of each side that were changed and are laid side by side
ALIKE = 0.5  # share of words in common from which two sentences are one, edited
ELSEWHERE = 0.7  # share of a sentence's pairs of words that stand in the other text: it was moved, split or joined
LEAD_REWRITTEN = 0.7  # leads with more of their words in common are one, edited
PARAGRAPH_WORDS = 8  # a shorter one is a caption or a heading
SENTENCE_WORDS = 12  # of a sentence that went from a paragraph that stayed
LONG_LINE = 20  # words of a line that is prose though no mark ends it
STAMP_WORDS = 15  # a longer sentence is news, whatever it says of updating
MOST_INSTEAD = 5  # words that stand for one act in the place of another
OPENING = 100  # characters of a paragraph that are quoted
QUOTED = 180  # characters of a headline, a lead or a sentence
SAME_TIME = timedelta(minutes=1)

ORDINARY = 1  # gravity of verbs that are acts beside soldiers alone
#: How grave a word for an act is; who turns one into a lighter one has softened it. Concepts of the lexicon.
_GRAVITY = {
    **dict.fromkeys(("leave", "vanish", "not-return", "hide", "conscience", "quit-report", "refuse", "wont-go"), ORDINARY),
    **dict.fromkeys(("awol", "flee", "evasion", "disobedience"), 2),
    **dict.fromkeys(("desertion", "refusal", "surrender"), 3),
    **dict.fromkeys(("mutiny", "turn-on", "seize", "infighting", "barricade"), 4),
}

_NUMBER = r"\d[\d.,\xa0\u202f ]{0,20}(?:\s?(?:k|m|тыс\.?|тис\.?|млн\.?|mille)\b)?"
_COUNTED = (
    r"(?:views?|reads?|shares?|comments?|likes?|followers|subscribers|reposts?|retweets?|reactions?"
    r"|vues?|lectures?|partages?|commentaires?|j[’']aime|abonnés|réactions?"
    r"|просмотр\w*|прочтени\w*|комментари\w*|репост\w*|лайк\w*|подписчик\w*|реакци\w*"
    r"|перегляд\w*|прочитан\w*|коментар\w*|поширен\w*|вподобан\w*|підписник\w*|реакці\w*)"
)
#: What a page counts of itself.
_COUNTER = re.compile(rf"\b{_NUMBER}\s*{_COUNTED}\b|\b{_COUNTED}\s*[:—–-]?\s*{_NUMBER}", re.IGNORECASE)
_UPDATED = re.compile(
    r"\b(?:updated|modified|edited|corrected|published|mise? à jour|actualisée?|modifiée?|publiée?"
    r"|обновл[её]н\w*|обновляется|изменен\w*|дополнен\w*|исправлен\w*|опубликован\w*"
    r"|оновлен\w*|оновлюється|змінен\w*|доповнен\w*|виправлен\w*|опублікован\w*)\b",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.!?…:;)\]»”\"]\s*$")
#: What newsrooms put around a headline while a story is young.
_DECORATION = re.compile(
    r"^\W*(?:en direct|direct|mise à jour|m[àa]j|updated?|live|upd|breaking|exclusi(?:f|ve)|exclu|срочно|обновлено|обновляется|молния"
    r"|эксклюзив|оновлено|оновлюється|терміново|ексклюзив)\b\W+|\W+(?:mise à jour|updated?|upd|обновлено|оновлено|vidéo|video|видео|відео"
    r"|photos?|фото)\W*$",
    re.IGNORECASE,
)
_OUTLET = re.compile(r"\s+[|–—-]\s+[^|–—\d]{2,40}$")  # " | Name of the outlet" behind a headline
#: Articles and prepositions.
_SMALL = frozenset(words("le la les l un une des du de d à a au aux et the an of in on at to and в на у и й з і та во со зі із"))


@dataclass(frozen=True, slots=True)
class _Sentence:
    field: str  # title, lead, text
    start: int  # in the field as stored
    text: str
    paragraph: int
    words: tuple[str, ...]

    def holds(self, hit: Hit) -> bool:
        return hit.field == self.field and self.start <= hit.start < self.start + len(self.text)


@dataclass(frozen=True)
class _Side:
    """One version, without what a page says of itself and of other articles."""

    article: Article
    hits: Sequence[Hit]
    sources: Sequence[Source]

    @cached_property
    def sentences(self) -> list[_Sentence]:
        """Of the lead and of the paragraphs of prose."""
        found: list[_Sentence] = []
        for number, (name, offset, paragraph) in enumerate(_paragraphs(self.article)):
            normal = normalise(paragraph)
            starts = [*map(normal.at, normal.sentences), len(paragraph)]
            for start, end in pairwise(starts):
                text = paragraph[start:end]
                said = words(_COUNTER.sub(" ", text))
                if said and not _is_stamp(text):
                    found.append(_Sentence(name, offset + start, text, number, tuple(said)))
        return found

    @cached_property
    def title(self) -> _Sentence:
        return _Sentence("title", 0, self.article.title, -1, tuple(_headline(self.article.title)))

    @cached_property
    def prose(self) -> str:
        return "\n".join(_COUNTER.sub(" ", sentence.text) for sentence in self.sentences)

    def sentence_at(self, place: int) -> _Sentence:
        """The sentence that holds a place of `prose`."""
        ends = accumulate(len(_COUNTER.sub(" ", sentence.text)) + 1 for sentence in self.sentences)
        return next(sentence for sentence, end in zip(self.sentences, ends, strict=True) if place < end)

    @cached_property
    def whole(self) -> str:
        """Everything on the page: what stands in a caption or a pointer is not missing."""
        return "\n".join((self.article.title, self.article.lead, self.article.text))

    @cached_property
    def words(self) -> list[str]:
        return words(self.whole)

    @cached_property
    def cited(self) -> tuple[Attribution, ...]:
        return attributions(self.prose, self.sources)

    @cached_property
    def named(self) -> frozenset[str]:
        """Who is named anywhere on the page."""
        return frozenset(one.source for one in attributions(self.whole, self.sources))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        return figures(self.prose, self.article.lang, self.cited)

    @cached_property
    def pairs_of_words(self) -> frozenset[tuple[str, str]]:
        return frozenset(pairwise(self.words))

    @cached_property
    def acts(self) -> dict[str, str]:
        """Concept -> its first word, of the acts in what is compared."""
        found: dict[str, str] = {}
        for sentence in (self.title, *self.sentences):
            found = self.acts_of(sentence) | found
        return found

    def acts_of(self, sentence: _Sentence) -> dict[str, str]:
        """The gravest first; of words that overlap ("left" in "left without leave") only the graver act."""
        kept: list[Hit] = []
        found: dict[str, str] = {}
        here = [hit for hit in self.hits if hit.concept and sentence.holds(hit)]
        for hit in sorted(here, key=lambda hit: (-_GRAVITY.get(hit.concept, ORDINARY), hit.start - hit.end, hit.start)):
            if all(hit.end <= other.start or other.end <= hit.start or hit.concept == other.concept for other in kept):
                kept.append(hit)
                found.setdefault(hit.concept, self.surface(hit))
        return found

    def surface(self, hit: Hit) -> str:
        return str(getattr(self.article, hit.field))[hit.start : hit.end]

    def says(self, phrase: str) -> bool:
        """Whether the words stand there, one after the other."""
        return _has(self.words, phrase)


@dataclass(frozen=True)
class _Both:
    """Two versions side by side."""

    old: _Side
    new: _Side
    edited: list[tuple[_Sentence, _Sentence]] = field(default_factory=list)  # sentences that are one, in other words
    gone: list[_Sentence] = field(default_factory=list)
    came: list[_Sentence] = field(default_factory=list)


def changes(old: Article, new: Article, old_hits: Sequence[Hit], new_hits: Sequence[Hit], sources: Sequence[Source]) -> tuple[Change, ...]:
    """What `new` says that `old` did not, and the other way round, each difference in words; empty where only the wording differs.

    The hits are those of one and the same rules. A feed's text beside a whole page is no edit: nothing is told.
    """
    if old.quality is not new.quality:
        return ()
    both = _laid_side_by_side(_Side(old, old_hits, sources), _Side(new, new_hits, sources))
    told = (*_headlines(both), *_acts(both), *_figures(both), *_citations(both), *_leads(both), *_passages(both), *_times(old, new))
    return _at_most(tuple(dict.fromkeys(told)))


def _at_most(told: tuple[Change, ...]) -> tuple[Change, ...]:
    kept: list[Change] = []
    for kind in dict.fromkeys(change.kind for change in told):
        those = [change for change in told if change.kind is kind]
        kept += those[:MOST_TOLD]
        if len(those) > MOST_TOLD:
            kept.append(Change(kind, f"and {len(those) - MOST_TOLD} more changes of this kind"))
    return tuple(kept)


# ── side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _paragraphs(article: Article) -> Iterator[tuple[str, int, str]]:
    """(field, offset in it, paragraph) of what is prose: no captions, headings, bylines, pointers; all lines where hardly any is prose."""
    if article.lead:
        yield "lead", 0, article.lead
    kept = dict.fromkeys(lines.clean(article.text, article.title).split("\n"))
    prose = [line for line in kept if _ENDED.search(line) or len(line.split()) >= LONG_LINE]
    wanted = set(prose if sum(map(len, prose)) * 2 >= sum(map(len, kept)) else kept)
    offset = 0
    for line in article.text.split("\n"):
        if (text := line.strip()) in wanted:
            wanted.remove(text)
            yield "text", offset + line.index(text), text
        offset += len(line) + 1


def _is_stamp(sentence: str) -> bool:
    """Whether a sentence says only when the page was published or updated."""
    return bool(_UPDATED.search(sentence)) and any(c.isdigit() for c in sentence) and len(sentence.split()) <= STAMP_WORDS


def _laid_side_by_side(old: _Side, new: _Side) -> _Both:
    both = _Both(old, new)
    if not _is_one_headline(old.article.title, new.article.title):
        both.edited.append((old.title, new.title))
    gone, came = _unlike(old.sentences, new.sentences), _unlike(new.sentences, old.sentences)
    alike = sorted(
        (-likeness, i, j)
        for i, one in enumerate(gone[:MOST_PAIRED])
        for j, other in enumerate(came[:MOST_PAIRED])
        if (likeness := _likeness(one.words, other.words)) >= ALIKE
    )
    left, right = set(range(len(gone))), set(range(len(came)))
    for _, i, j in alike:
        if i in left and j in right:
            both.edited.append((gone[i], came[j]))
            left.remove(i)
            right.remove(j)
    both.gone.extend(gone[i] for i in sorted(left) if not _stands_in(gone[i], new))
    both.came.extend(came[j] for j in sorted(right) if not _stands_in(came[j], old))
    return both


def _unlike(these: Sequence[_Sentence], those: Sequence[_Sentence]) -> list[_Sentence]:
    """The sentences that do not stand on the other side in the same words."""
    there = Counter(sentence.words for sentence in those)
    left = []
    for sentence in these:
        if there[sentence.words]:
            there[sentence.words] -= 1
        else:
            left.append(sentence)
    return left


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    return sum((Counter(one) & Counter(other)).values()) / max(len(one), len(other), 1)


def _stands_in(sentence: _Sentence, side: _Side) -> bool:
    pairs = list(pairwise(sentence.words))
    return bool(pairs) and sum(pair in side.pairs_of_words for pair in pairs) >= ELSEWHERE * len(pairs)


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _headlines(both: _Both) -> Iterator[Change]:
    old, new = both.old.article.title, both.new.article.title
    if old and new and not _is_one_headline(old, new):
        yield Change(ChangeKind.HEADLINE, f"headline changed: {_quoted(old)} → {_quoted(new)}", old, new)


def _headline(title: str) -> list[str]:
    """The words of a headline without what stands around it for a while."""
    return words(_DECORATION.sub("", title.strip())) or words(title)


def _is_one_headline(old: str, new: str) -> bool:
    """Whether two headlines differ by slips alone, or by the outlet's name behind one of them."""
    pairs = ((old, new), (_OUTLET.sub("", old), new), (old, _OUTLET.sub("", new)))
    return any(_slips(_headline(one), _headline(other)) for one, other in pairs)


def _slips(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether two wordings differ by slips of the pen, articles and prepositions alone."""
    for i, j, k, m in differing(old, new):
        gone, came = ([word for word in those if word not in _SMALL] for those in (old[i:j], new[k:m]))
        if len(gone) != len(came) or not all(map(_slip, gone, came)):
            return False
    return True


def _slip(old: str, new: str) -> bool:
    """One letter more, less, other, or two exchanged; no number is a slip for another."""
    if any(numbers.value((word,)) is not None or any(c.isdigit() for c in word) for word in (old, new)):
        return old == new
    first = same_start(old, new)
    old, new = old[first:], new[first:]
    last = same_start(old[::-1], new[::-1])
    old, new = old[: len(old) - last], new[: len(new) - last]
    return (len(old) <= 1 and len(new) <= 1) or (len(old) == 2 and old == new[::-1])


def _acts(both: _Both) -> Iterator[Change]:
    """Words for what was done that became others, went, or came; a word that stands elsewhere in the text still went from its sentence."""
    settled: set[str] = set()
    for old, new in both.edited:
        went, came = both.old.acts_of(old), both.new.acts_of(new)
        if _slips(old.words, new.words):
            settled |= {*went, *came}
            continue
        fresh = {concept: word for concept, word in came.items() if concept not in went}
        for concept, word in went.items():
            if concept in came or _has(new.words, word):
                continue
            if other := next(iter(fresh), ""):
                settled |= {concept, other}
                yield _act_changed(concept, word, other, fresh.pop(other))
            elif old.field == "title":
                continue  # it is told whole
            elif instead := _instead(old, new, word):
                settled.add(concept)
                yield Change(ChangeKind.ACT, f"act word softened: “{word}” → “{instead}”", word, instead)
            elif concept in both.new.acts:
                yield Change(ChangeKind.ACT, f"act word “{word}” removed from: {_quoted(new.text)}", word)
        for concept, word in fresh.items():
            if old.field != "title" and not _has(old.words, word) and (instead := _instead(new, old, word)):
                settled.add(concept)
                yield Change(ChangeKind.ACT, f"act word hardened: “{instead}” → “{word}”", instead, word)
    yield from _lone_acts(both, settled)


def _lone_acts(both: _Both, settled: Set[str]) -> Iterator[Change]:
    """Acts that one side alone has. A word that stands on both is told where its own sentence was edited."""
    rewritten = [pair for pair in both.edited if not _slips(pair[0].words, pair[1].words)]
    for concept, word in both.old.acts.items():
        if concept in settled or not _is_missed(concept, both.new):
            continue
        if not both.new.says(word):
            yield Change(ChangeKind.ACT, f"act word removed: “{word}”", word)
        elif any(concept in both.old.acts_of(old) for old, _ in rewritten):
            yield Change(ChangeKind.ACT, f"“{word}” still stands there, but no rule matches it any more", word, word)
    for concept, word in both.new.acts.items():
        if concept in settled or not _is_missed(concept, both.old):
            continue
        if not both.old.says(word):
            yield Change(ChangeKind.ACT, f"act word added: “{word}”", "", word)
        elif any(concept in both.new.acts_of(new) for _, new in rewritten):
            yield Change(ChangeKind.ACT, f"“{word}” stood there before; now it matches", word, word)


def _is_missed(concept: str, side: _Side) -> bool:
    """Whether a side lacks an act. An ordinary verb ("left") is missed only where no act stands at all."""
    return concept not in side.acts and (not side.acts or _GRAVITY.get(concept) != ORDINARY)


def _act_changed(old: str, old_word: str, new: str, new_word: str) -> Change:
    before, after = _GRAVITY.get(old), _GRAVITY.get(new)
    how = "changed" if before is None or after is None or before == after else "softened" if after < before else "hardened"
    return Change(ChangeKind.ACT, f"act word {how}: “{old_word}” → “{new_word}”", old_word, new_word)


def _has(those: Sequence[str], phrase: str) -> bool:
    asked = tuple(words(phrase))
    return any(asked == tuple(those[at : at + len(asked)]) for at in range(len(those)))


def _instead(of: _Sentence, there: _Sentence, phrase: str) -> str:
    """The words that stand on the other side in the place of a phrase; empty where nothing does."""
    asked = tuple(words(phrase))
    start = next((at for at in range(len(of.words)) if of.words[at : at + len(asked)] == asked), None)
    if start is None or _likeness(of.words, there.words) < ALIKE:
        return ""
    for i, j, k, m in differing(of.words, there.words):
        if k < m and i < j and i < start + len(asked) and start < j and max(j - i, m - k) <= MOST_INSTEAD:
            return " ".join(there.words[k:m])
    return ""


def _figures(both: _Both) -> Iterator[Change]:
    """Numbers that became others in a sentence that stayed; and figures that went from it or came into it."""
    settled: set[tuple[float, bool]] = set()
    for old, new in both.edited:
        if old.field == "title":
            continue
        for before, after in numbers.replaced(old.text, new.text):
            settled |= {(before.value, False), (after.value, True)}
            what = _unit(both.new, after.value) or _unit(both.old, before.value) or numbers.follows(new.text, after)
            told = f"figure changed: {before.surface} → {after.surface} {what}".rstrip()
            yield Change(
                ChangeKind.FIGURE, f"{told}, in {_quoted(new.text)}", f"{before.surface} {what}".strip(), f"{after.surface} {what}".strip()
            )
    for side, other, is_new, how in ((both.old, both.new, False, "removed"), (both.new, both.old, True, "added")):
        values = {figure.value for figure in other.figures} | {number.value for number in numbers.read(other.whole)}
        apart = both.came if is_new else both.gone
        for figure in side.figures:
            surface = side.prose[figure.start : figure.end]
            if figure.value in values or (figure.value, is_new) in settled or side.sentence_at(figure.start) in apart:
                continue
            said = f"{surface} {figure.unit}"
            yield Change(ChangeKind.FIGURE, f"figure {how}: {said}", "" if is_new else said, said if is_new else "")


def _unit(side: _Side, value: float) -> str:
    return next((figure.unit for figure in side.figures if figure.value == value), "")


def _citations(both: _Both) -> Iterator[Change]:
    names = {source.id: source.name for source in both.new.sources}
    for side, other, how in ((both.old, both.new, "removed"), (both.new, both.old, "added")):
        for source, surface in {one.source: one.surface for one in side.cited if one.source not in other.named}.items():
            told = f"attribution to {names.get(source, surface)} {how}"
            yield Change(ChangeKind.ATTRIBUTION, told, *((surface, "") if side is both.old else ("", surface)))


def _leads(both: _Both) -> Iterator[Change]:
    """A lead that was written anew; one that was moved into the text, or taken from it, was not."""
    old, new = both.old.article.lead, both.new.article.lead
    if not old or not new or _likeness(words(old), words(new)) >= LEAD_REWRITTEN:
        return
    if any(s.field == "lead" for s in both.gone) or any(s.field == "lead" for s in both.came) or _is_rewritten(both):
        yield Change(ChangeKind.LEAD, f"lead changed: {_quoted(old)} → {_quoted(new)}", old, new)


def _is_rewritten(both: _Both) -> bool:
    return any("lead" in (old.field, new.field) and not _slips(old.words, new.words) for old, new in both.edited)


def _passages(both: _Both) -> Iterator[Change]:
    """Paragraphs that went or came, and sentences of others."""
    for side, those, how in ((both.old, both.gone, "gone"), (both.new, both.came, "added")):
        if side.article.lead and both.old.article.lead and both.new.article.lead:
            those = [sentence for sentence in those if sentence.field != "lead"]
        whole = Counter(sentence.paragraph for sentence in side.sentences)
        here = Counter(sentence.paragraph for sentence in those)
        for number, sentences in here.items():
            parts = [sentence for sentence in those if sentence.paragraph == number]
            if sentences == whole[number] and sum(len(part.words) for part in parts) >= PARAGRAPH_WORDS:
                yield _passage("paragraph", how, "".join(part.text for part in parts))
            else:
                yield from (_passage("sentence", how, part.text) for part in parts if len(part.words) >= SENTENCE_WORDS)


def _passage(what: str, how: str, text: str) -> Change:
    text = text.strip()
    words = f"{what} {how}: “{cut(text, OPENING)}”"
    return Change(ChangeKind.PARAGRAPH, words, text if how == "gone" else "", "" if how == "gone" else text)


def _times(old: Article, new: Article) -> Iterator[Change]:
    """A page that was dated anew by itself. An hour where there was a day alone is no change."""
    if (
        old.published
        and new.published
        and {old.published_from, new.published_from} <= set(PAGE_DATES_TRUSTED)
        and _differ(old.published, new.published)
    ):
        words = f"published time changed: {old.published} → {new.published}"
        yield Change(ChangeKind.PUBLISHED, words, str(old.published), str(new.published))


def _differ(one: When, other: When) -> bool:
    if isinstance(one.at, datetime) and isinstance(other.at, datetime):
        return abs(one.at - other.at) > SAME_TIME
    return one.day != other.day


def gone(since: datetime) -> Change:
    return Change(ChangeKind.GONE, f"gone upstream: not there any more since {utc_text(since)}; our copy is kept")


def back(since: datetime) -> Change:
    return Change(ChangeKind.BACK, f"back upstream: it was not there since {utc_text(since)}")


def _quoted(text: str) -> str:
    return f"“{cut(' '.join(text.split()), QUOTED)}”"
