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

from monitor.model import Prints

WINDOW = 3  # words of one window
FULL = 256  # windows up to which all are kept: about a page of text
SHARE = 8  # of a text longer than FULL * SHARE windows, one window in so many is kept …
MOST = 2048  # … but never more than this
KNOWN_WORDS = 1 << 16  # words whose hash is remembered
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
    hashes = [_hash(word) for word in found]
    hashes += [0] * (WINDOW - len(hashes)) if hashes else []
    windows = {
        ((one + two * _SECOND + three * _THIRD) & _MASK) - _HALF for one, two, three in zip(hashes, hashes[1:], hashes[2:], strict=False)
    }
    return Prints(sha256(" ".join(found).encode()).hexdigest(), tuple(sorted(windows)[: _kept(len(windows))]), len(found))


@lru_cache(LAST_BODIES)
def body_print(text: str) -> str | None:
    """A fingerprint of a body as it stands, for pages of one host that say the same; None where nothing is said."""
    plain = " ".join(text.split())
    return sha256(plain.encode("utf-8", "replace")).hexdigest() if plain else None


def compare(mine: Sequence[int], other: Sequence[int]) -> tuple[float, float]:
    """(share of mine in the other, share of the other in mine), 0..1, from two sketches of prints(): sorted, each value once."""
    sampled = [sketch[-1] for sketch in (mine, other) if len(sketch) > FULL]
    if sampled:
        mine, other = (sketch[: bisect_right(sketch, min(sampled))] for sketch in (mine, other))
    shared = len(set(mine).intersection(other))
    return shared / max(1, len(mine)), shared / max(1, len(other))


def _kept(windows: int) -> int:
    """A sketch of more than FULL windows is a sample up to its largest window; compare() rests on that."""
    return windows if windows <= FULL else min(max(FULL + 1, windows // SHARE), MOST)


@lru_cache(KNOWN_WORDS)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
