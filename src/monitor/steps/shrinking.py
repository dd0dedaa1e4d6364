"""Are a source's texts shorter than they used to be? A site that was rebuilt gives its menu or a teaser where its articles were (X-03)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

RECENT = 15  # articles that are weighed …
BEFORE = 60  # … against so many before them …
LEAST_BEFORE = 30  # … and fewer say nothing
USUAL = 600  # characters: a source of short notes cannot shrink
SHRUNK = 0.4  # of the usual length


def shrunk(lengths: Sequence[int]) -> str:
    """What happened to a source's texts, in words; "" where nothing did.

    `lengths`: characters of its articles' bodies, the newest last; 0 for one whose page gave none.
    """
    recent, before = lengths[-RECENT:], lengths[-RECENT - BEFORE : -RECENT]
    if len(before) < LEAST_BEFORE:
        return ""
    now, usual = median(recent), median(before)
    if usual < USUAL or now >= SHRUNK * usual:
        return ""
    return f"its last {RECENT} articles have {now:,.0f} characters, those before had {usual:,.0f}"
