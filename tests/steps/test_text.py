"""The normal form folds what hides a word and leads back to the stored text."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.steps.text import normalise, sentences_around, word_codes, words

FOLDS = [
    ("Дeзepтиp", "дезертир", "Latin letters inside a Russian word"),
    ("Дοнбасс", "донбасс", "Greek omicron inside a Russian word"),
    ("dеsеrtion", "desertion", "Cyrillic letters inside an English word"),
    ("мяте\u0301ж", "мятеж", "stress mark"),
    ("дезер\u00adтир", "дезертир", "soft hyphen"),
    ("дезер\u200bтир", "дезертир", "zero-width space"),
    ("дезер-\nтир", "дезертир", "cut at the end of a line"),
    ("побёг", "побег", "ё"),
    ("бое\u0306ц", "боец", "a breve on a letter that has none"),
    ("Свои\u0306", "свой", "decomposed й keeps its breve"),
    ("ї\u0301жак", "їжак", "ї is a letter of its own"),
    ("п’ятисотий", "п'ятисотий", "curly apostrophe"),
    ("пʼятисотий", "п'ятисотий", "modifier apostrophe"),
    ("de\u0301serteur", "déserteur", "decomposed accent"),
    ("DÉSERTION", "désertion", "capitals"),
    ("ABTOMAT Калашникова", "abtomat калашникова", "a word wholly in one script stays"),
    ("Zорро", "zорро", "a letter without a twin keeps its word as it is"),
]


@pytest.mark.parametrize(("stored", "normal"), [(a, b) for a, b, _ in FOLDS], ids=[why for *_, why in FOLDS])
def test_P15_what_hides_a_word_is_folded(stored: str, normal: str) -> None:
    assert normalise(stored).text == normal


@pytest.mark.parametrize("stored", [a for a, _, _ in FOLDS])
def test_a_place_leads_back_to_the_stored_text(stored: str) -> None:
    text = f"«Так», 🔥 {stored} — ос\u0301ь."
    found = normalise(text)
    start = found.text.index(normalise(stored).text)
    end = start + len(normalise(stored).text)
    assert normalise(text[found.at(start) : found.at(end)]).text == normalise(stored).text
    assert text[found.at(start)] == stored[0]


def test_the_searched_form_has_base_letters_and_single_separators() -> None:
    armee, deserte, hyphen, space, *open_ends = word_codes(["l armee", "DÉSERTÉ", "500-е", "500 Е", "мятежный", "мятежныи"])
    assert normalise("L’armée: déserté!").words == armee[:-1] + b"  " + deserte[1:-1] + b"  "
    assert hyphen == space
    assert open_ends[0] != open_ends[1]
    assert word_codes(["st. 337", " a  b!", "c.", "a b"]) == [b" st  337 ", b" a b ", b" c ", b" a b "]


def test_words_are_letters_and_digits() -> None:
    assert words("Ст. 337: «самоволка» — l’État") == ["ст", "337", "самоволка", "l", "état"]


@given(st.text())
def test_any_text_has_a_normal_form_with_places_inside_it(text: str) -> None:
    normal = normalise(text)
    assert len(normal.text) == len(normal.codes) == len(normal.words) - 2
    places = [normal.at(place) for place in range(len(normal.codes))]
    assert places == sorted(set(places))
    assert all(0 <= place < len(text) for place in places)


@given(st.text(alphabet="абвгдеёжзийклмнёії eéàçabc’\u0301\u00ad"))
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once
    assert normalise(unicodedata.normalize("NFD", text)).text == normalise(text).text


@given(
    st.text("aA. \n'0", max_size=300),
    st.integers(0, 300),
    st.integers(1, 20),
    st.integers(0, 2),
)
def test_sentences_around_a_place_are_those_of_the_list(text: str, start: int, length: int, spread: int) -> None:
    normal = normalise(text)
    begins, end = normal.sentences, start + length
    first = max(bisect_right(begins, start) - 1 - spread, 0)
    last = bisect_left(begins, end) + spread
    around = sentences_around(normal.shape, start, end, spread)
    assert around in (None, (begins[first], begins[last] if last < len(begins) else None))
