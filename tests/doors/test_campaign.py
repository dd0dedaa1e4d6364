"""A few hours among outlets that misbehave, with kills: a small campaign under a known seed. The long one is a bench."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.press.hostile import FAKETIME, Campaign

OUTLETS = (
    *("plain", "honest-304", "cut-then-304", "cut-without-length", "all-ids-change", "retry-after-seconds", "cookies"),
    *("two-texts-one-id", "cyrillic-in-cp1251", "challenge-in-between", "empty-between", "redirects-inside", "bomb"),
)


@pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime moves the time here; Debian has it as faketime")
def test_nothing_is_lost_doubled_or_blamed_among_hostile_outlets(tmp_path: Path) -> None:
    found = Campaign(tmp_path, seed=20230624, days=0.2, names=OUTLETS, stories=5, rest=2).run()
    assert found.wrong == []
    assert found.figures["killed"] and found.figures["alerts"]
