"""How good are the rules? Texts whose class is known -> how well rules, languages and sources do, and what their errors have in common."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Article, Judgement, Level

NONE = "none"  # the class of a text that is about none of them
ANY_TOPIC = ""  # the class of a text that is about one of them, whichever


@dataclass(frozen=True, slots=True)
class Case:
    """A text and what it must get."""

    id: str
    article: Article
    topic: str  # the class it must get; NONE, ANY_TOPIC
    allowed: frozenset[Level]  # any of these is right
    source: str = ""
    war: bool = False  # its source is all about the war
    why: str = ""

    @property
    def relevant(self) -> bool:
        """Whether it should be found. What is allowed a note but no alert stands beside the subject: adjacent, another war."""
        return Level.ALERT in self.allowed


def wrong(case: Case, told: Judgement) -> str | None:
    """In words, what a judgement got wrong; None where the case is right."""
    asked = case.topic in (NONE, ANY_TOPIC) or told.level is Level.NONE or case.topic in told.topics
    if told.level in case.allowed and asked:
        return None
    allowed = " or ".join(level for level in Level if level in case.allowed)
    got = f"{told.level} {'+'.join(told.topics)} ({told.score:g})"
    return f"{case.id} must be {allowed} {case.topic}, is {got}: {(case.article.title or case.article.text)[:90]}"
