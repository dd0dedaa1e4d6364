"""What is odd about a lexicon is told, term by term."""

from __future__ import annotations

import pytest

from monitor.steps.lexcheck import check
from monitor.steps.lexicon import Language, Term


def term(text: str, concept: str = "act", **marks: object) -> Term:
    return Term(text, concept, "en", **marks)  # type: ignore[arg-type]


def odd(*terms: Term, matched: set[Term] | None = None) -> list[tuple[str, str]]:
    found = check([Language("en", ("the", "and"), {}, terms)], {"act"}, matched)
    return [(finding.kind, finding.term.text) for finding in found]


def test_a_good_lexicon_has_nothing_odd() -> None:
    assert odd(term("desert{er,ers}"), term("mutin{y,ies}"), term("soldier{,s}", "who")) == []


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ((term("deserter"), term("desert{er,ers}")), [("shadowed", "deserter")]),
        ((term("Deserter"), term("déserter")), [("shadowed", "Deserter")]),
        ((term("desert{er,ers}"), term("desert{er,ed}")), [("twice", "desert{er,ers}"), ("twice", "desert{er,ed}")]),
        ((term("deserter"), term("deserter")), [("twice", "deserter")]),
        ((term("deserter"), term("deserter", "who")), []),
        ((term("AWOL"), term("AWOL", case=True)), [("shadowed", "AWOL")]),
        ((term("desert", weak=True), term("desert")), [("shadowed", "desert")]),
        ((term("went … home"), term("went home")), []),
    ],
)
def test_terms_that_others_stand_for_or_share_forms_with(terms: tuple[Term, ...], found: list[tuple[str, str]]) -> None:
    assert odd(*terms) == found


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (term("the{,m}"), "common"),
        (term("time"), "common"),
        (term("time", "who"), "common"),
        (term("time", weak=True), None),
        (term("run"), "short"),
        (term("run", "who"), None),
        (term("RUN", case=True), None),
        (term("in time"), None),
    ],
)
def test_everyday_words_and_very_short_ones(one: Term, kind: str | None) -> None:
    assert odd(one) == ([(kind, one.text)] if kind else [])


def test_terms_that_never_matched_are_told_where_it_is_known() -> None:
    seen, unseen = term("deserter"), term("soldier", "who")
    assert odd(seen, unseen, matched={seen}) == [("never", "soldier")]
    assert odd(seen, unseen) == []
