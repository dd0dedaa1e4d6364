"""Does every row of docs/faults.md have the test that it claims?"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent
ROWS = re.findall(r"^\| ([A-Z])-(\d\d) \|", (ROOT.parent / "docs" / "faults.md").read_text("utf-8"), re.MULTILINE)


def test_every_row_of_a_table_has_a_test_of_its_name() -> None:
    names = " ".join(
        name
        for path in ROOT.rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    )
    tested = set(re.findall(r"_([A-Z]\d\d)(?=_)", names))
    assert ROWS
    assert [f"{letter}-{number}" for letter, number in ROWS if letter + number not in tested] == []
