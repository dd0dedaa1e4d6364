"""Patterns propose the forms that a word has, in the lexicon's own notation."""

from __future__ import annotations

import pytest

from monitor.steps.inflection import PATTERNS, languages_of, propose
from monitor.steps.lexicon import forms


@pytest.mark.parametrize(
    ("word", "lang", "wanted"),
    [
        ("дезертир", "ru", "дезертир дезертира дезертиру дезертиром дезертиры дезертиров дезертирами"),
        ("мятеж", "ru", "мятеж мятежа мятежом мятежей мятежами"),
        ("часть", "ru", "часть части частью частей частями"),
        ("самоволка", "ru", "самоволка самоволки самоволке самоволку самоволкой самоволок"),
        ("дезертировать", "ru", "дезертировать дезертирует дезертируют дезертировал дезертировали дезертировавший дезертировавших"),
        ("сбежать", "ru", "сбежать сбегу сбежит сбегут сбежал сбежала сбежали сбежавшего"),
        ("отказаться", "ru", "отказаться отказался отказалась отказались отказавшийся отказавшихся"),
        ("покинуть", "ru", "покинуть покинет покинул покинули покинувших"),
        ("самовольный", "ru", "самовольный самовольного самовольное самовольные самовольных самовольным"),
        ("дезертирувати", "uk", "дезертирувати дезертирує дезертирують дезертирував дезертирували"),
        ("відмовлятися", "uk", "відмовлятися відмовляється відмовляються відмовлявся відмовлялися"),
        ("залишення", "uk", "залишення залишенню залишенням"),
        ("військовий", "uk", "військовий військового військових військовими"),
        ("dezerter", "pl", "dezerter dezertera dezerterem dezerterzy dezerterów dezerterami"),
        ("dezerterować", "pl", "dezerterować dezerteruje dezerterują dezerterował dezerterowali"),
        ("dezercja", "pl", "dezercja dezercji dezercję dezercją"),
        ("déserter", "fr", "déserter déserte désertent déserté désertés désertaient désertèrent désertant"),
        ("déserteur", "fr", "déserteur déserteurs déserteuse déserteuses"),
        ("obéir", "fr", "obéir obéit obéissent obéi obéissant"),
        ("mutin", "fr", "mutin mutins mutine mutines"),
        ("refuse", "en", "refuse refuses refused refusing"),
        ("desert", "en", "desert deserts deserted deserting deserter deserters"),
        ("mutiny", "en", "mutiny mutinies mutinied mutinying"),
        ("mobilise", "en", "mobilise mobilised mobilize mobilized"),
        ("desertieren", "de", "desertieren desertiert desertierte desertierten desertierende"),
        ("Verweigerung", "de", "Verweigerung Verweigerungen"),
        ("Deserteur", "de", "Deserteur Deserteure Deserteuren Deserteurs"),
        ("desertar", "es", "desertar deserta desertan desertó desertaron desertando"),
        ("deserción", "es", "deserción deserciones"),
        ("desertor", "es", "desertor desertora desertores"),
    ],
)
def test_a_word_has_the_forms_that_its_pattern_proposes(word: str, lang: str, wanted: str) -> None:
    proposed = {form for proposal in propose(word, lang) for form in proposal.forms}
    assert set(wanted.split()) - proposed == set()


@pytest.mark.parametrize("lang", PATTERNS)
def test_every_pattern_can_be_read_by_the_lexicon_and_gives_back_the_word_it_began_with(lang: str) -> None:
    for pattern in PATTERNS[lang]:
        found = forms(f"xy{{{pattern.endings}}}")
        assert "xy" + pattern.ending in found or pattern.kind.startswith("who does it"), pattern.kind


def test_a_proposal_is_a_term_with_exactly_its_forms() -> None:
    for word, lang in (("отказаться", "ru"), ("soldier", "en"), ("мятеж", "ru")):
        for proposal in propose(word, lang):
            assert tuple(forms(proposal.term)) == proposal.forms


def test_the_letters_of_a_word_tell_its_languages() -> None:
    assert languages_of("мятеж") == ("ru", "uk")
    assert languages_of("побег с фронта ы") == ("ru",)
    assert languages_of("втікач") == ("uk",)
    assert "fr" in languages_of("déserteur")
    assert "ru" not in languages_of("déserteur")


def test_where_no_pattern_fits_nothing_is_proposed() -> None:
    assert propose("э", "ru") == []
