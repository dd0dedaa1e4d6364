"""Is a source told of whose articles became teasers, and no other?"""

from __future__ import annotations

import pytest

from monitor.steps.shrinking import shrunk

USUAL = [1800, 2400, 3100, 900, 5200] * 12  # sixty articles


@pytest.mark.parametrize(
    ("lengths", "is_shrunk"),
    [
        (USUAL + [240] * 15, True),  # the menu, or a teaser
        (USUAL + [0] * 15, True),  # a page of scripts
        (USUAL + [0] * 8 + [2400] * 7, True),
        (USUAL + [0] * 7 + [2400] * 8, False),
        (USUAL + [1200] * 15, False),
        (USUAL, False),
        (USUAL[:20] + [0] * 15, False),  # too few to say what is usual
        ([300] * 60 + [0] * 15, False),  # short notes
        ([0] * 75, False),  # its pages never could be read
        ([], False),
    ],
)
def test_X03_a_source_is_told_of_when_its_texts_shrink(lengths: list[int], is_shrunk: bool) -> None:
    assert bool(shrunk(lengths)) is is_shrunk


def test_X03_it_is_told_in_numbers() -> None:
    assert shrunk(USUAL + [240] * 15) == "its last 15 articles have 240 characters, those before had 2,400"
