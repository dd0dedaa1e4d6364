"""Is this page a wall (consent, challenge, paywall, script shell …) in place of the article?"""

from __future__ import annotations

import re

LONGEST_WALL = 2_500  # characters of text; a page that says more is an article with a notice in it
SHORTEST_ARTICLE = 250  # characters; below it one sentence of a wall is enough

#: What each kind of wall says to the reader, in the languages we read. Each pattern is an address to the reader, not a subject of news.
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        (
            "challenge",
            r"checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|complete the security check|just a moment",
        ),
        (
            "script shell",
            r"(?:enable|activate|turn on|requires?|need to enable) javascript|javascript (?:is|must be|to be) (?:disabled|enabled|required)",
        ),
        ("telegram", r"view in telegram|open (?:in )?telegram to view|please open telegram|you can view (?:and join )?@?\w+ right away"),
        ("paywall", r"subscribe (?:now )?to (?:continue|keep|read)|to (?:continue|keep) reading|abonnez-vous pour|réservé aux abonnés"),
        ("consent", r"(?:accept|reject|manage) (?:all )?cookies|we (?:and our (?:\d+ )?partners )?use cookies|before you continue"),
    )
)


def wall(title: str, text: str) -> str:
    """Which kind of wall the page is, "" for an article."""
    if len(text) > LONGEST_WALL:
        return ""
    for kind, words in KINDS:
        if words.search(text) and len(text) < SHORTEST_ARTICLE * 2:
            return kind
    return ""
