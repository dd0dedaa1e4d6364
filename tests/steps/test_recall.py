"""What is missed is estimated from a random draw, with an interval that says how little a few judgements tell."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from monitor.model import Drawn, Stratum
from monitor.steps.bench import NONE
from monitor.steps.recall import SIZES, Sample, draw, estimate, last_week, samples, window

MATCHED, NEAR, UNMATCHED = Stratum
STRATA = {MATCHED: range(5), NEAR: range(100, 200), UNMATCHED: range(1000, 9000)}


def strata(*of: tuple[Stratum, int, int, int]) -> tuple[Sample, ...]:
    return tuple(Sample(stratum, population, judged, judged, relevant) for stratum, population, judged, relevant in of)


def test_a_week_is_drawn_when_it_is_over() -> None:
    assert last_week(datetime(2026, 11, 25, 9, tzinfo=UTC)) == "2026-W47"
    assert last_week(datetime(2027, 1, 4, tzinfo=UTC)) == "2026-W53"
    assert window("2026-W53") == (datetime(2026, 12, 28, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))


def test_the_same_week_gives_the_same_draw_and_another_week_another() -> None:
    first = draw("2026-W47", STRATA)
    assert draw("2026-W47", {stratum: list(reversed(items)) for stratum, items in STRATA.items()}) == first
    assert {one.item for one in draw("2026-W48", STRATA)} != {one.item for one in first}
    assert (
        len({one.item for one in first} & {one.item for one in draw("2026-W47", STRATA | {UNMATCHED: range(1000, 9001)})}) >= len(first) - 1
    )


def test_a_stratum_smaller_than_its_share_is_drawn_whole_and_each_knows_its_population() -> None:
    drawn = draw("2026-W47", STRATA)
    counts = {stratum: sum(one.stratum is stratum for one in drawn) for stratum in Stratum}
    assert counts == {MATCHED: 5, NEAR: SIZES[NEAR], UNMATCHED: SIZES[UNMATCHED]}
    assert {one.population for one in drawn if one.stratum is UNMATCHED} == {8000}


def test_only_weeks_of_which_something_is_judged_count() -> None:
    drawn = [Drawn("2026-W46", 1, MATCHED, 10), Drawn("2026-W47", 2, MATCHED, 30), Drawn("2026-W47", 3, NEAR, 40)]
    matched, near, unmatched = samples(drawn, {2: "desertion", 3: NONE})
    assert (matched.population, matched.judged, matched.relevant) == (30, 1, 1)
    assert (near.population, near.judged, near.relevant, unmatched.population) == (40, 1, 0, 0)


def test_recall_is_the_matched_part_of_what_is_relevant_scaled_by_stratum() -> None:
    told = estimate(strata((MATCHED, 100, 10, 9), (NEAR, 200, 20, 1), (UNMATCHED, 1000, 20, 0)))
    assert told.value == pytest.approx(90 / (90 + 10))
    assert told == estimate(strata((MATCHED, 100, 10, 9), (NEAR, 200, 20, 1), (UNMATCHED, 1000, 20, 0)))
    low, high = told.interval
    assert low < 0.7, "twenty of a thousand tell little"
    assert high >= told.value


def test_what_is_judged_whole_leaves_no_doubt() -> None:
    told = estimate(strata((MATCHED, 8, 8, 6), (NEAR, 4, 4, 2), (UNMATCHED, 0, 0, 0)))
    assert told.interval == (0.75, 0.75) == (told.value, told.value)


def test_without_a_relevant_article_there_is_no_estimate() -> None:
    assert estimate(strata((MATCHED, 0, 0, 0), (NEAR, 20, 20, 0), (UNMATCHED, 900, 20, 0))).value is None


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random, held, rounds = Random(3), 0, 60
    shares = {MATCHED: (300, 0.8), NEAR: (400, 0.15), UNMATCHED: (3000, 0.02)}
    truth = 300 * 0.8 / (300 * 0.8 + 400 * 0.15 + 3000 * 0.02)
    for _ in range(rounds):
        of = [(s, size, n := 6 * SIZES[s], sum(random.random() < share for _ in range(n))) for s, (size, share) in shares.items()]
        low, high = estimate(strata(*of)).interval
        held += low <= truth <= high
    assert held >= 0.88 * rounds
