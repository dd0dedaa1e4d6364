"""Ten days among outlets of every misbehaviour, killed at random, under an unknown seed: is anything lost, doubled, or blamed?"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.press.hostile import FAKETIME, Campaign

DAYS = 10
MOST_MB = 400  # of the command and its workers together


def main() -> int:
    if not FAKETIME.exists():
        print("hostile: libfaketime moves the time here; install Debian's faketime", file=sys.stderr)
        return 1
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = Campaign(Path(folder), seed, float(os.environ.get("DAYS") or DAYS)).run()
    figures = ", ".join(f"{value} {name}" for name, value in found.figures.items())
    print(f"hostile: seed {seed}, {figures}, {time.monotonic() - begun:.0f} s")
    if found.figures["peak MB"] > MOST_MB:
        found.wrong.append(f"more than {MOST_MB} MB at the peak")
    for wrong in found.wrong:
        print(f"  WRONG {wrong}")
    return 1 if found.wrong else 0
