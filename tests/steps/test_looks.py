"""Is a look told in words that a person reads?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import Endpoint, EndpointKind, Outcome
from monitor.steps import looks, rhythm

ENDPOINT = Endpoint(EndpointKind.FEED, "https://a.example.org/", every=timedelta(minutes=20))


def test_every_outcome_has_its_words() -> None:
    assert set(looks.WORDS) == set(Outcome)


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=13, seconds=20), "13 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_spans_are_short(length: timedelta, told: str) -> None:
    assert looks.span(length) == told


def test_the_bar_shows_where_the_rhythm_stands_between_its_bounds() -> None:
    least, most = rhythm.floor(ENDPOINT), rhythm.ceiling(ENDPOINT)
    assert looks.bar(ENDPOINT, least) == "●────────"
    assert looks.bar(ENDPOINT, None) == looks.bar(ENDPOINT, ENDPOINT.every) == "────●────"
    assert looks.bar(ENDPOINT, most) == looks.bar(ENDPOINT, most * 9) == "────────●"
    daily = Endpoint(EndpointKind.FEED, "https://a.example.org/", every=timedelta(days=30))
    assert looks.bar(daily, None).count("●") == 1
