"""Rules are measured on texts whose class is known, and errors are told by what they have in common."""

from __future__ import annotations

import pytest

from monitor.model import Article, Level
from monitor.steps.bench import ANY_TOPIC, NONE, Case, Quality, Report, Share, measure
from monitor.steps.rules import Adjustment, Near, Where

from .test_matching import book, rule

ALERT, NOTE, NEITHER = frozenset({Level.ALERT}), frozenset({Level.NOTE, Level.NONE}), frozenset({Level.NONE})
RULES = book(
    rule((Near(("who",), 3),), (Near(("sport",), 2),)),
    adjustments=(Adjustment("denied", "denied", Near(("no",), 1, Where.BEFORE), times=0.3),),
)


def case(text: str, allowed: frozenset[Level] = ALERT, topic: str = "desertion", lang: str = "en", source: str = "") -> Case:
    return Case(text, Article("", "", text, lang=lang), topic if Level.ALERT in allowed else NONE, allowed, source)


def measured(*cases: Case) -> Report:
    return measure(cases, RULES)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    assert Share(part, whole).interval == pytest.approx((low, high), abs=1e-4)


def test_nothing_counted_says_nothing() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, (0.0, 1.0))
    assert Quality().f1 == (None, (0.0, 1.0))


def test_f1_lies_in_its_interval_and_is_the_mean_of_precision_and_recall() -> None:
    quality = Quality(right=30, false=10, missed=20)
    value, (low, high) = quality.f1
    precision, recall = 30 / 40, 30 / 50
    assert value == pytest.approx(2 * precision * recall / (precision + recall))
    assert low < value < high


def test_right_false_and_missed_are_counted_by_language_source_and_rule() -> None:
    report = measured(
        case("Russian soldiers deserted", source="a"),
        case("Russians say that men are gone", source="a"),
        case("Russian soldiers deserted a cause", NEITHER, lang="fr", source="b"),
        case("It rained in Russian towns", NEITHER),
    )
    found = report.all.found
    assert (found.right, found.false, found.missed) == (1, 1, 1)
    assert (report.languages["en"].found.false, report.languages["fr"].found.false) == (0, 1)
    assert {name: one.texts for name, one in report.sources.items()} == {"a": 2, "b": 1}
    assert (report.rules["r"].right, report.rules["r"].false, report.rules["r"].missed) == (1, 1, 1)
    assert len(report.wrong) == 2


def test_what_stands_beside_the_subject_counts_against_alerts_alone() -> None:
    report = measured(case("Russian soldiers deserted", NOTE))
    assert (report.all.alert.false, report.all.found.false) == (1, 0)


def test_a_text_of_any_class_is_missed_by_no_rule_in_particular() -> None:
    report = measured(case("They are gone", topic=ANY_TOPIC), case("Russian soldiers deserted", topic=ANY_TOPIC))
    assert (report.all.found.missed, report.rules["r"].missed, report.rules["r"].right) == (1, 0, 1)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Russian men are gone", "no act is named: the lexicon lacks the words"),
        ("Russian men deserted", "r, at act: no who within 3 words"),
        ("A Russian coach deserted the soldiers", "r, at act: held back by sport"),
        ("Russian soldiers not deserters", "r, at act: lowered by denied"),
        ("Soldiers not deserters", "r, at act: lowered by denied, no war is named"),
    ],
)
def test_a_miss_says_what_was_missing(text: str, cause: str) -> None:
    assert [(one.what, one.cases) for one in measured(case(text)).misses] == [(cause, (text,))]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Russian soldiers deserted", "r, at act: nothing is named that would hold it back"),
        ("Russian soldiers deserted. It rained on every coach.", "r, at act: sport named, but too far away"),
        ("Not so: Russian soldiers deserted", "r, at act: denied named, but too far away"),
    ],
)
def test_a_false_alarm_says_what_did_not_hold_it_back(text: str, cause: str) -> None:
    assert [one.what for one in measured(case(text, NEITHER)).false_alarms] == [cause]


def test_the_most_frequent_cause_stands_first() -> None:
    report = measured(case("They are gone"), case("Russian men deserted"), case("A Russian man deserted"))
    assert [len(one.cases) for one in report.misses] == [2, 1]
