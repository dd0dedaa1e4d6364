"""The normal form folds what hides a word and leads back to the stored text."""

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.steps.text import Sentences, normalise, word_codes, words

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


def test_accents_heaped_on_one_letter_take_no_time() -> None:
    begun = time.process_time()
    assert normalise("Свои" + "\u0306" * 200_000 + " люди").text == "свой люди"
    assert time.process_time() - begun < 5  # composed again with each it would take minutes


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


@given(st.text("aA. \n'0", max_size=300), st.integers(0, 300), st.integers(1, 20))
def test_sentences_around_a_place_are_those_of_the_list(text: str, start: int, length: int) -> None:
    normal = normalise(text)
    begins, end = normal.sentences, min(start + length, len(text))
    before = [0, *(begin for begin in begins if begin <= start)]
    behind = [*(begin for begin in begins if begin >= end), len(text), len(text)]
    assert Sentences(normal).around(start, end) == ((before[-1], before[-2], 0), (behind[0], behind[1], len(text)))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("He left. She stayed.", ["He left. ", "She stayed."]),
        ("He saw M. Nosov leave.", ["He saw M. Nosov leave."]),
        ("He left: 5 p.m. or so. “Why?” Nobody knew", ["He left: 5 p.m. or so. ", "“Why?” ", "Nobody knew"]),
        ("A title\n\nA lead\ngoes on. ends", ["A title\n\n", "A lead\ngoes on. ends"]),
        ("In the end…  Nobody", ["In the end…  ", "Nobody"]),
    ],
)
def test_a_sentence_ends_with_a_mark_before_a_capital_or_with_a_line(text: str, sentences: list[str]) -> None:
    normal = normalise(text)
    assert [text[begin:end] for begin, end in pairwise([*normal.sentences, len(text)])] == sentences


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_a_text_of_western_letters_alone_is_folded_as_beside_others(text: str) -> None:
    assert normalise(text + " ж").codes[: len(normalise(text).codes)] == normalise(text).codes
