"""Terms become forms, and forms are found where they stand as words."""

from __future__ import annotations

from itertools import chain

import pytest

from monitor.steps import lexicon as lexicon_module
from monitor.steps.lexicon import Found, Language, Lexicon, Term, TermError, Terms, concept_bits, forms
from monitor.steps.text import normalise


def found(text: str, *terms: Term, lang: str = "xx", told: str = "", **groups: tuple[str, ...]) -> list[str]:
    """The stretches of text that the terms find."""
    normal = normalise(text)
    many = find(Lexicon([Language(lang, (), groups, terms)]), text, told).values()
    return [text[normal.at(start) : normal.at(end)] for places in many for start, end, _ in places]


def find(lexicon: Lexicon, text: str, told: str = "") -> dict[str, list[Found]]:
    normal = normalise(text)
    places = lexicon.search(normal, told)
    terms = Terms(normal, places)
    found: dict[str, list[Found]] = {}
    for one in chain.from_iterable(terms[number] for number in range(len(places.at))):
        found.setdefault(one[2].concept, []).append(one)
    return found


def term(text: str, **more: object) -> Term:
    return Term(text, "act", "xx", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("дезертир{,а,у}", ["дезертир", "дезертира", "дезертиру"]),
        ("{a,b} {c,d}", ["a c", "a d", "b c", "b d"]),
        ("{a {b,c},d} e", ["a b e", "a c e", "d e"]),
        ("самовол{+ka}", ["самоволка", "самоволки"]),
        ("{+ka}", ["ка", "ки"]),
        ("{+both,x}", ["ка", "ки", "x"]),
        ("plain", ["plain"]),
    ],
)
def test_a_term_becomes_its_forms(written: str, expected: list[str]) -> None:
    assert forms(written, {"ka": ("ка", "ки"), "both": ("{+ka}",)}) == expected


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("a{b", "does not close"),
        ("a}b", "did not open"),
        ("a{+none}", "'none' is not known; known here: ka"),
        ("{+self}", "contains itself"),
        ("{a,}", "empty form"),
        ("", "empty form"),
        ("a … {b,}", "empty form"),
        ("a … b … c", "leaves words out twice"),
        ("{+ten}{+ten}{+ten}{+ten}", "more than 2000"),
    ],
)
def test_a_term_that_cannot_be_read_says_why(written: str, problem: str) -> None:
    groups = {"ka": ("ка",), "ten": tuple("abcdefghij"), "self": ("{+self}",)}
    with pytest.raises(TermError) as error:
        forms(written, groups if "none" not in written else {"ka": ("ка",)})
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("Les soldats désertent.", "désert{ent}", ["désertent"]),
        ("LES SOLDATS DESERTENT", "désert{ent}", ["DESERTENT"]),
        ("le dessert, la desserte", "desert", []),
        ("l’armée d'Assad", "armée", ["armée"]),
        ("«Дeзepтиp»", "дезертир", ["Дeзepтиp"]),
        ("дезерти\u0301р", "дезертир", ["дезерти\u0301р"]),
        ("500-е ушли", "500 е", ["500-е"]),
        ("ч. 5 ст. 337 УК", "ст. 337", ["ст. 337"]),
        ("ст.337, ст 337", "ст{,.} 337", ["ст.337", "ст 337"]),
        ("п’ятисотий", "п'ятисотий", ["п’ятисотий"]),
        ("Fahnenfluchtige", "Fahnenflucht", []),
        ("Wehrmachtsdeserteure", "*deserteur*", ["Wehrmachtsdeserteure"]),
        ("дезертировали", "дезертир*", ["дезертировали"]),
        ("задезертир", "дезертир*", []),
        ("manœuvre manoeuvre", "manœuvre", ["manœuvre", "manoeuvre"]),
        ("Strasse Straße", "straße", ["Strasse", "Straße"]),
        ("abandon\nde poste", "abandon de poste", ["abandon\nde poste"]),
        ("Sie machten sich nachts davon.", "machte{,n} sich … {davon,fort}", ["machten sich"]),
        ("Sie machten sich davon.", "machte{,n} sich … {davon,fort}", ["machten sich"]),
        ("Sie machten sich Sorgen. Er lief davon.", "machte{,n} sich … {davon,fort}", []),
        ("Sie machten sich eins zwei drei vier fünf sechs sieben acht neun davon.", "machte{,n} sich … {davon,fort}", []),
    ],
)
def test_X08_a_term_is_found_where_it_stands_as_a_word(text: str, written: str, expected: list[str]) -> None:
    assert found(text, term(written)) == expected


def test_capitals_and_accents_count_where_a_term_says_so() -> None:
    assert found("СОЧ в Сочи, соч.", term("СОЧ", case=True)) == ["СОЧ"]
    assert found("Il a déserté la rue déserte, DÉSERTÉ", term("déserté", accents=True)) == ["déserté", "DÉSERTÉ"]


def test_what_stands_beside_a_term_can_forbid_it() -> None:
    coupled = term("соч", not_before=("и", "тип акта"), not_after=("город",))
    assert found("соч и море; город соч; соч тип акта; соч, как все", coupled) == ["соч"]


def test_overlapping_terms_are_all_found() -> None:
    assert sorted(found("refusé de combattre hier", term("refusé de combattre"), term("combattre"), term("refusé"))) == [
        "combattre",
        "refusé",
        "refusé de combattre",
    ]


def test_a_search_tells_which_concepts_may_be_named_and_where() -> None:
    languages = [Language("xx", (), {}, (term("desert"), Term("soldier", "who", "xx")))]
    lexicon, bits = Lexicon(languages), concept_bits(languages)
    told = [lexicon.search(normalise(text)) for text in ("it rained", "a soldier slept", "a soldier will desert a soldier")]
    assert [places.named() for places in told] == [0, bits["who"], bits["act"] | bits["who"]]
    assert list(told[2].where(bits["who"])) == [1, 0, 1]


def test_concepts_that_share_a_kind_are_found_for_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon_module, "MOST_KINDS", 2)
    languages = [Language("xx", (), {}, tuple(Term(word, word, "xx") for word in ("one", "two", "three")))]
    lexicon, bits = Lexicon(languages), concept_bits(languages)
    places = lexicon.search(normalise("three, two, one"))
    assert sum(places.where(bits["three"])) == 2, "it may be either"
    assert list(find(lexicon, "three, two, one")) == ["three", "two", "one"]


def test_a_term_of_one_language_is_not_found_in_another() -> None:
    french = Language("fr", ("le", "les", "des", "est"), {}, (Term("mutin", "act", "fr"),))
    german = Language("de", ("der", "die", "und", "ist"), {}, (Term("Meuterei", "act", "de"),))
    lexicon = Lexicon([french, german])
    assert find(lexicon, "der Mutin und die Meuterei ist")["act"][0][2].lang == "de"
    assert len(find(lexicon, "der Mutin und die Meuterei ist")["act"]) == 1
    assert find(lexicon, "le mutin est des les")
    assert find(lexicon, "Mutin"), "a text too short to show its language is searched in all of them"
    assert find(lexicon, "der Mutin und die ist", "fr"), "what it is said to be is believed too"


@pytest.mark.parametrize("written", ["(а+)+$", "[а-я]+", "дезертир|мятеж", "а{1}"])
def test_Z09_a_term_is_no_regular_expression(written: str) -> None:
    """What looks like one is words and signs, found as they stand, in time that grows with the text alone."""
    text = "а" * 100_000 + "! дезертир"
    assert found(text, term(written)) in ([], ["а"])


def test_Z09_a_term_of_nothing_but_openness_is_refused() -> None:
    with pytest.raises(TermError, match="empty form"):
        found("дезертир", term(".*"))
