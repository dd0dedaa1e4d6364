"""Rules see acts with what stands near them, and say why."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from monitor.config.cases import read_cases
from monitor.config.rules import load_rules
from monitor.model import Article, Judgement, Level, Quality, Side
from monitor.steps import matching
from monitor.steps.lexicon import Language, Places, Term
from monitor.steps.matching import RuleBook
from monitor.steps.rules import Adjustment, Near, Reach, Rule, RuleSet, Scale, Topic, Where

WORDS = {
    "act": ["desert{er,ers,ed}"],
    "leave": ["left"],
    "who": ["soldier{,s}"],
    "post": ["post{,s}"],
    "sport": ["coach"],
    "no": ["not"],
    "ru": ["russian{,s}"],
    "ua": ["ukrainian{,s}"],
}
SCALE = Scale(0.75, 0.5, ("ru", "ua"), 0.5, 0.05, 0.1, {"ru": "ru", "ua": "ua"}, {}, ("place",), "law")
EXTRA = (
    Term("fled", "act", "en", weak=True),
    Term("{donetsk,donezk}", "place", "en", name="Donetsk"),
    Term("article 337", "law", "en", name="ru:337"),
)


@pytest.fixture(scope="module")
def shipped() -> RuleBook:
    return load_rules(Path(__file__).parents[2] / "config")


def book(*rules: Rule, adjustments: tuple[Adjustment, ...] = (), most: Level = Level.ALERT) -> RuleBook:
    terms = tuple(Term(text, concept, "en") for concept, many in WORDS.items() for text in many) + EXTRA
    rule_set = RuleSet(SCALE, (Topic("desertion", most),), rules, adjustments)
    return RuleBook([Language("en", (), {}, terms)], rule_set, "v1")


def judge(rules: RuleBook, text: str, title: str = "", lead: str = "", *, war: bool = False) -> Judgement:
    return rules.judge(Article(title, lead, text, lang="en"), war=war)


def rule(near: tuple[Near, ...] = (), unless: tuple[Near, ...] = (), score: float = 0.8, act: str = "act") -> Rule:
    return Rule("r", "desertion", "somebody left", (act,), score, near, unless)


@pytest.mark.parametrize(
    ("near", "text", "holds"),
    [
        (Near(("who",), 2), "The soldier deserted, Russians say", True),
        (Near(("who",), 2), "The soldier of the brigade deserted, Russians say", False),
        (Near(("who",), 5, Where.AFTER), "The soldier deserted, Russians say", False),
        (Near(("who",), 5, Where.BEFORE), "The soldier deserted, Russians say", True),
        (Near(("who",), 9), "He deserted. The soldier is Russian.", False),
        (Near(("who",), Reach.SENTENCE), "He deserted. The soldier is Russian.", False),
        (Near(("who",), Reach.NEXT), "He deserted. The soldier is Russian.", True),
        (Near(("who",), Reach.NEXT), "He deserted. It rained. The soldier is Russian.", False),
        (Near(("who",), Reach.TEXT), "He deserted. It rained. The soldier is Russian.", True),
        (Near(("post", "who"), 3), "The soldier deserted, Russians say", True),
        (Near(("act",), 3), "The Russian deserted", False),
        (Near(("act",), 3), "The Russian deserter deserted", True),
    ],
)
def test_a_rule_holds_where_its_concepts_stand_near(near: Near, text: str, holds: bool) -> None:
    assert (judge(book(rule((near,))), text).level is Level.ALERT) is holds


def test_a_weak_term_counts_only_where_a_rule_asks_for_something_near_it() -> None:
    assert judge(book(rule()), "A Russian fled").level is Level.NONE
    assert judge(book(rule((Near(("ru",), 3),))), "A Russian fled").level is Level.ALERT


def test_what_speaks_against_an_act_is_local_to_it() -> None:
    strict = book(rule((Near(("who",), 4),), (Near(("sport",), 3),)))
    assert judge(strict, "The coach deserted the soldiers, a Russian said").level is Level.NONE
    told = judge(strict, "The coach deserted the soldiers. Far from there, on the same day, Russian soldiers deserted.")
    assert told.level is Level.ALERT
    assert "“coach”" in told.vetoes[0]


def test_what_speaks_against_an_act_may_stand_beyond_its_sentence() -> None:
    assert judge(book(rule((), (Near(("sport",), 4),))), "A Russian deserter. The coach laughed.").level is Level.NONE


def test_an_adjustment_holds_only_where_nothing_better_stands_nearer_and_spares_strong_terms() -> None:
    sport = Adjustment("sport", "of a club", Near(("sport",), 9), times=0.1, nearer_than=("who",))
    assert judge(book(rule(), adjustments=(sport,)), "The coach is a Russian deserter").level is Level.NONE
    assert judge(book(rule(), adjustments=(sport,)), "The soldier deserted, says the Russian coach").level is Level.ALERT
    sparing = Adjustment("sport", "of a club", Near(("sport",), 9), times=0.1, spares_strong=True)
    assert judge(book(rule(), adjustments=(sparing,)), "The coach is a Russian deserter").level is Level.ALERT


def test_X09_a_denial_lowers_and_a_place_without_the_war_does_too() -> None:
    denied = Adjustment("no", "denied", Near(("no",), 1, Where.BEFORE), times=0.3)
    assert judge(book(rule(), adjustments=(denied,)), "A Russian who had not deserted").level is Level.NONE
    assert judge(book(rule(score=1.0)), "He deserted").level is Level.NOTE
    assert judge(book(rule(score=1.0)), "He deserted", war=True).level is Level.ALERT
    assert judge(book(rule(score=0.8)), "He deserted").level is Level.NONE


def test_why_an_alert_was_given_names_what_might_have_held_it_back_and_nothing_else() -> None:
    denied = Adjustment("denied", "denied", Near(("no",), 1, Where.BEFORE), times=0.3)
    leaving = Adjustment("leaving", "of a club", Near(("sport",), 1), times=0.3, acts=("leave",))
    unnamed = Adjustment("unnamed", "of a post", Near(("post",), 1), times=0.3)
    rules = book(rule(), adjustments=(denied, leaving, unnamed))
    told = rules.why_told(Article("", "", "A Russian deserter, says the coach, is not asleep", lang="en"))
    assert told == "r, at act: denied named, but too far away"


def test_the_switch_of_a_class_caps_its_level() -> None:
    assert judge(book(rule(), most=Level.NOTE), "A Russian deserter").level is Level.NOTE
    assert judge(book(rule(), most=Level.NONE), "A Russian deserter").level is Level.NONE


def test_every_hit_points_into_its_field_as_stored() -> None:
    told = judge(book(rule()), "Two dеsеrters, said Russians", title="Russian de\u00adserter held", lead="A deserter")
    places = {(hit.field, hit.start, hit.end) for hit in told.hits}
    assert places == {("title", 8, 17), ("lead", 2, 10), ("text", 4, 13)}


def test_a_hit_says_why_in_words() -> None:
    hit = judge(book(rule((Near(("who",), 4),), (Near(("sport",), 3),))), "Russian soldiers deserted").hits[0]
    assert hit.term == "desert{er,ers,ed}"
    assert hit.concept == "act"
    assert hit.why == "somebody left: “soldiers” (who) 1 word away, within 4 words; score 0.80; would be held back by sport within 3 words"


def test_side_places_and_law_come_from_around_the_act() -> None:
    told = judge(book(rule()), "Ukrainians say that a Russian deserter near Donezk is charged under article 337.")
    assert (told.side, told.places, told.legal) == (Side.RU, ("Donetsk",), ("ru:337",))


def test_a_side_named_by_the_act_itself_comes_before_one_beside_it() -> None:
    rules = RuleBook(
        [Language("en", (), {}, (Term("wagner mutiny", "act", "en"), Term("wagner", "ru", "en"), Term("kyiv", "ua", "en")))],
        RuleSet(SCALE, (Topic("desertion", Level.ALERT),), (rule(),), ()),
        "v1",
    )
    assert judge(rules, "Kyiv on the Wagner mutiny").side is Side.RU


def test_X02_a_wall_is_never_matched() -> None:
    assert book(rule()).judge(Article("Russian deserter", "", "", quality=Quality.WALL)) == Judgement()


def test_a_rule_book_travels_between_processes() -> None:
    rules = pickle.loads(pickle.dumps(book(rule())))
    assert rules.version == "v1"
    assert judge(rules, "A Russian deserter").level is Level.ALERT


@pytest.mark.parametrize("piece", ["deserter ", "soldier deserted. ", "аaаa ", "?‌", "e\u0301", "\u00ad-\n", "Ω"])
def test_no_text_makes_judging_hang(piece: str) -> None:
    rules, text = book(rule((Near(("who",), Reach.NEXT), Near(("post",), Reach.TEXT)))), piece * (400_000 // len(piece))
    started = time.perf_counter()
    judge(rules, text)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "config" / "cases").glob("*.jsonl")), ids=lambda path: path.stem)
def test_what_is_left_out_for_speed_changes_no_judgement(shipped: RuleBook, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules whose concepts are not named are passed over, and words are counted no further than rules may see."""
    cases = [case.article for case in read_cases(path)]
    texts = [*cases, *(Article("", "", "\n".join(case.text for case in cases[first : first + 40])) for first in range(0, len(cases), 40))]
    quick = [shipped.judge(text) for text in texts]
    monkeypatch.setattr(Places, "named", lambda *_: -1)
    monkeypatch.setattr(matching, "WORD", 10_000)
    monkeypatch.setattr(shipped, "reach", dict.fromkeys(shipped.reach, 0))
    assert [shipped.judge(text) for text in texts] == quick
