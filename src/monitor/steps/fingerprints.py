"""How much of one text stands in another? Exact and near prints that can be kept and compared without the texts.

A text is its set of three-word windows, hashed. Up to FULL of them are all kept; of a longer text the smallest ones are (a bottom
sketch: Broder 1997, "On the resemblance and containment of documents"), so that the kept parts of two texts are the same sample of both.
A set counts a repeated block once: the captions that a gallery lists twice weigh no more than other words.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, sha256
from math import sqrt

from monitor.model import Prints

WINDOW = 3  # words of one window
FULL = 256  # windows up to which all are kept: about a page of text
SHARE = 8  # of a text longer than FULL * SHARE windows, one window in so many is kept …
MOST = 2048  # … but never more than this
KNOWN_WORDS = 1 << 16  # words whose hashes are remembered
SPREAD = 4  # square roots of a number of windows within which their number below a hash falls
LAST_BODIES = 16  # a body is printed where it is compared, and again where it is stored

_VANISHING = re.compile("[\u0301\u00ad\u200b-\u200f\u2060\ufeff]")  # stress mark, soft hyphen, zero-width characters
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")  # Chinese and Japanese: every character
#: The label that Russian law puts on everything an outlet called a "foreign agent" publishes: in a short post it is most of the words.
_LABEL = re.compile(
    r"(?:настоящ|данн)\w+ (?:материал|сообщени|информаци)\w*(?: \w+){0,12}? иностранн\w+ (?:агент|средств)\w+"
    r"(?:(?: \w+){0,24}? иностранн\w+ (?:агент|средств)\w+)*(?:(?: \w+){0,6}? 18\b)?"
)
_MASK, _HALF = (1 << 64) - 1, 1 << 63
_SECOND, _THIRD = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F  # odd: multiplication by them loses nothing modulo 2**64


def words(text: str) -> list[str]:
    """The words of a text as copies share them: composed, lower case, ё as е, without legal labels. Any script."""
    plain = _VANISHING.sub("", unicodedata.normalize("NFKC", text)).casefold().replace("ё", "е")
    found = _WORD.findall(plain)
    if "иностранн" in plain:
        found = _LABEL.sub("", " ".join(found)).split()
    return found


def prints(text: str) -> Prints:
    """Fingerprints of a text, the same in every process. `sketch` is sorted; a text without words has an empty one."""
    found = words(text)
    hashes = [_HASHES[word] for word in found]
    hashes += [(0, 0, 0)] * (WINDOW - len(hashes)) if hashes else []
    windows = {one[0] + two[1] + three[2] & _MASK for one, two, three in zip(hashes, hashes[1:], hashes[2:], strict=False)}
    kept = _kept(len(windows))
    return Prints(sha256(" ".join(found).encode()).hexdigest(), tuple([window - _HALF for window in _least(windows, kept)]), len(found))


def _least(windows: set[int], kept: int) -> list[int]:
    """The smallest ones in order. Hashes are spread evenly, so only those are sorted that stand below where enough of them should."""
    if kept < len(windows):
        limit = int((kept + SPREAD * sqrt(kept)) / len(windows) * (_MASK + 1))
        likely = [window for window in windows if window < limit]
        if len(likely) >= kept:
            return sorted(likely)[:kept]
    return sorted(windows)[:kept]


@lru_cache(LAST_BODIES)
def body_print(text: str) -> str | None:
    """A fingerprint of a body as it stands, for pages of one host that say the same; None where nothing is said."""
    plain = " ".join(text.split())
    return sha256(plain.encode("utf-8", "replace")).hexdigest() if plain else None


def compare(mine: Sequence[int], other: Sequence[int]) -> tuple[float, float]:
    """(share of mine in the other, share of the other in mine), 0..1, from two sketches of prints(): sorted, each value once."""
    sampled = [sketch[-1] for sketch in (mine, other) if len(sketch) > FULL]
    least = min(sampled) if sampled else _HALF
    both = _as_set(tuple(mine)).intersection(other)
    shared = sum(value <= least for value in both)
    return shared / max(1, bisect_right(mine, least)), shared / max(1, bisect_right(other, least))


@lru_cache(LAST_BODIES)
def _as_set(sketch: tuple[int, ...]) -> frozenset[int]:
    """A text is compared with several others, one after the other."""
    return frozenset(sketch)


def _kept(windows: int) -> int:
    """A sketch of more than FULL windows is a sample up to its largest window; compare() rests on that."""
    return windows if windows <= FULL else min(max(FULL + 1, windows // SHARE), MOST)


class _Hashes(dict[str, tuple[int, int, int]]):
    """A word's hash, and what it adds to a window as the second and as the third word."""

    def __missing__(self, word: str) -> tuple[int, int, int]:
        if len(self) >= KNOWN_WORDS:
            self.clear()
        first = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
        found = self[word] = first, first * _SECOND & _MASK, first * _THIRD & _MASK
        return found


_HASHES = _Hashes()
