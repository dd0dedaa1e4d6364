"""Have we read this before? Prints and likenesses -> a copy, another telling of a known story, or something new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.model import Likeness, Prints

#: A copy adds next to nothing: so much of it stands in the older text …
COPIED = 0.75
#: … or, when both are of about one length (so much in common, measured over both together), this much.
COPIED_OF_ALIKE, ALIKE = 0.6, 0.5
#: In a short text a name and a figure are the news: court reports in the same words about two soldiers have three quarters in common.
COPIED_SHORT, SHORT_WORDS = 0.85, 80
#: So much of one stands in the other: one story, told with more or less.
SHARED = 0.75
#: Words in common below which likeness says nothing: "see all photos", a channel's signature, the frame of a weather report.
COPY_WORDS, SHARED_WORDS = 12, 30


@dataclass(frozen=True, slots=True)
class Relation:
    """`duplicate_of`: the item that this text is a copy of. `story`: where it belongs; None is a story of its own. `why`: for a curator."""

    duplicate_of: int | None
    story: int | None
    why: str


def relate(prints: Prints, likenesses: Sequence[Likeness]) -> Relation:
    """What a text is to the older ones that share words with it; the earliest original wins.

    A longer text around an older short one is no copy, it says more; one that holds texts of several stories is a round-up and belongs to
    none of them. Titles are not looked at: two stories may have the same one ("Main events of the day").
    """
    copies = [like for like in likenesses if _is_copy(prints, like)]
    if copies:
        first = min(copies, key=lambda like: like.item)
        how = "the same text as" if first.exact else f"a near copy of ({first.contained:.0%} of it stands there)"
        return Relation(first.item, first.story, f"{how} item {first.item}")
    akin = [like for like in likenesses if _is_akin(prints, like)]
    if not akin:
        return Relation(None, None, "nothing like it was read before")
    stories = {like.story for like in akin}
    if len(stories) > 1 and all(like.contained < SHARED for like in akin):
        return Relation(None, None, f"a round-up: it holds texts of {len(stories)} stories")
    best = max(akin, key=lambda like: (max(like.contained, like.contains), -like.item))
    if best.contained >= best.contains:
        return Relation(None, best.story, f"one story with item {best.item}: {best.contained:.0%} of this text stands there")
    return Relation(None, best.story, f"one story with item {best.item}: {best.contains:.0%} of that text stands here")


def _is_copy(prints: Prints, like: Likeness) -> bool:
    if _words_shared(prints, like) < COPY_WORDS:
        return False
    if like.exact or prints.words < SHORT_WORDS:
        return like.exact or like.contained >= COPIED_SHORT
    return like.contained >= COPIED or (like.contained >= COPIED_OF_ALIKE and _resemblance(like) >= ALIKE)


def _is_akin(prints: Prints, like: Likeness) -> bool:
    return _words_shared(prints, like) >= SHARED_WORDS and max(like.contained, like.contains) >= SHARED


def _words_shared(prints: Prints, like: Likeness) -> float:
    return prints.words if like.exact else prints.words * like.contained


def _resemblance(like: Likeness) -> float:
    """What both have in common over what either has (Jaccard), from the two shares."""
    return 0.0 if not like.contained or not like.contains else 1 / (1 / like.contained + 1 / like.contains - 1)
