"""Where do two wordings differ, word by word?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

MOST_COMPARED = 200 * 200  # pairs of words; of longer wordings all between a common beginning and a common end counts as other words


def differing(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """(i, j, k, m) where new[k:m] stands in the place of old[i:j], in order; one of the two may be empty."""
    if len(old) * len(new) <= MOST_COMPARED:
        opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        yield from ((i, j, k, m) for mark, i, j, k, m in opcodes if mark != "equal")
        return
    first = same_start(old, new)
    last = same_start(old[first:][::-1], new[first:][::-1])
    if first or last:
        inside = differing(old[first : len(old) - last], new[first : len(new) - last])
        yield from ((i + first, j + first, k + first, m + first) for i, j, k, m in inside)
    else:
        yield 0, len(old), 0, len(new)


def same_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words, or letters, they have in common from their beginnings on."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
