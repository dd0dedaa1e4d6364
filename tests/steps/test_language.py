"""Which language is a text in? Letters first, the outlet's languages next, a guess last, and never an error."""

from __future__ import annotations

from random import Random

import pytest

from monitor.steps import language
from monitor.steps.language import language_of

LONG = {
    "ru": "Солдаты ушли с позиций и записали видео, в котором объяснили, почему не вернутся в часть.",
    "uk": "Бійці залишили позиції та записали відео, у якому пояснили, чому не повернуться до частини.",
    "fr": "Les soldats ont quitté leurs positions et enregistré une vidéo dans laquelle ils expliquent leur refus.",
    "en": "The soldiers left their positions and recorded a video in which they explain why they refuse to return.",
    "de": "Die Soldaten haben ihre Stellungen verlassen und in einem Video erklärt, warum sie nicht zurückkehren.",
}


@pytest.mark.parametrize("code", LONG)
@pytest.mark.parametrize("languages", [(), ("fr",), ("ru", "en")])
def test_X07_a_text_is_in_its_own_language_whatever_the_outlet_says(code: str, languages: tuple[str, ...]) -> None:
    assert {language_of("", LONG[code], languages) for _ in range(5)} == {code}


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("Дезертир", ("ru",), "ru"),  # a guesser says Bulgarian
        ("СЗЧ", ("uk",), "uk"),
        ("500-е", ("ru", "en"), "ru"),
        ("Дезертир", (), "und"),
        ("", ("ru",), "und"),
        ("123", (), "und"),
        ("!!! 😀", ("fr",), "und"),
    ],
)
def test_X07_a_word_or_two_are_told_by_the_outlet_or_not_at_all(text: str, languages: tuple[str, ...], expected: str) -> None:
    assert language_of(text, "", languages) == expected


def test_what_is_counted_of_a_text_is_what_the_library_counts() -> None:
    """Its own loops are replaced by quicker ones: texts put together from many scripts at random give the same n-grams and chances."""
    chance = Random(7)
    signs = "abcdefghijß àéüłąśžçñţșț ệạ日本語かなカナㄅ한국 \u200b.,;12ыяїґқӘİıŒΑΒαβأبیي" + "".join(LONG.values()).lower()
    for _ in range(200):
        detector, library = language._factory().create(), language._factory().create()
        text = "".join(chance.choices(signs, k=chance.randint(1, 300))).lower()
        for each in (detector, library):
            each.append(text)
            each.cleaning_text()
        grams = language._grams(detector)
        assert grams == library._extract_ngrams(), text
        library.word_lang_prob_map = {gram: language._shares(gram) for gram in grams}
        chances, expected = [1.0] * len(library.langlist), [1.0] * len(library.langlist)
        for gram in grams[:20]:
            language._weigh(detector, chances, gram, 0.5)
            library._update_lang_prob(expected, gram, 0.5)
        assert chances == expected
