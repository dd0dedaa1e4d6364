"""Prints are the same everywhere, small, and say how much of one text stands in another."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.steps.fingerprints import FULL, MOST, SHARE, compare, prints, words
from tests.press import outlets

LABEL_OF_AGENT = (
    "НАСТОЯЩИЙ МАТЕРИАЛ (ИНФОРМАЦИЯ) ПРОИЗВЕДЕН, РАСПРОСТРАНЕН И (ИЛИ) НАПРАВЛЕН ИНОСТРАННЫМ АГЕНТОМ «ПРИМЕР», "
    "ЛИБО КАСАЕТСЯ ДЕЯТЕЛЬНОСТИ ИНОСТРАННОГО АГЕНТА «ПРИМЕР». 18+"
)
LABEL_OF_MEDIUM = (
    "ДАННОЕ СООБЩЕНИЕ (МАТЕРИАЛ) СОЗДАНО И (ИЛИ) РАСПРОСТРАНЕНО ИНОСТРАННЫМ СРЕДСТВОМ МАССОВОЙ ИНФОРМАЦИИ, "
    "ВЫПОЛНЯЮЩИМ ФУНКЦИИ ИНОСТРАННОГО АГЕНТА."
)


def some_text(count: int, seed: int = 1) -> str:
    chance = random.Random(seed)
    return " ".join(f"w{chance.randrange(5000)}" for _ in range(count))


def test_prints_are_the_same_in_every_process() -> None:
    text = outlets.seed_text("002")[:3000]
    program = "import sys; from monitor.steps.fingerprints import prints; print(prints(sys.stdin.read()))"
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, encoding="utf-8", check=True, env=environment)
    assert told.stdout.strip() == str(prints(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Солдат ушёл из части", "солдат ушел  из части!"),
        ("бронено\u0301сце стоял у причала", "броненосце стоял у причала"),
        ("за\xadмок на горе стоит", "замок на горе стоит"),
        ("L’armée — « en crise » — recule", "l'armée en crise recule"),
        ("１２ soldats sont partis", "12 soldats sont partis"),
    ],
)
def test_the_same_words_have_the_same_prints(one: str, other: str) -> None:
    assert prints(one) == prints(other)


def test_other_words_have_other_prints() -> None:
    one, other = prints("12 soldats ont quitté la caserne"), prints("13 soldats ont quitté la caserne")
    assert one.exact != other.exact and one.sketch != other.sketch


@pytest.mark.parametrize("label", [LABEL_OF_AGENT, LABEL_OF_MEDIUM])
def test_a_legal_label_is_no_part_of_the_text(label: str) -> None:
    post = "Солдат ушёл из части под Казанью, его ищут второй день"
    assert words(f"{label} {post}") == words(post)


def test_a_text_about_foreign_agents_keeps_its_words() -> None:
    text = "Суд признал издание иностранным агентом, редакция подаст жалобу"
    assert len(words(text)) == 8


def test_scripts_without_spaces_are_read_by_character() -> None:
    assert prints("第一次世界大战中的兵变").words == 11
    shared, _ = compare(prints("第一次世界大战中的兵变").sketch, prints("他写了第一次世界大战中的兵变的书").sketch)
    assert shared == 1.0


@pytest.mark.parametrize("text", ["", " \n", "…", "—!"])
def test_a_text_without_words_has_no_sketch(text: str) -> None:
    assert (prints(text).sketch, prints(text).words) == ((), 0)
    assert compare(prints(text).sketch, prints("one two three").sketch) == (0.0, 0.0)


@pytest.mark.parametrize("text", ["one", "one two", "one two three"])
def test_the_shortest_texts_have_one_window(text: str) -> None:
    assert len(prints(text).sketch) == 1


@pytest.mark.parametrize("count", [300, 3000, 100_000])
def test_a_sketch_is_sorted_signed_and_bounded(count: int) -> None:
    sketch = prints(some_text(count)).sketch
    assert list(sketch) == sorted(set(sketch))
    assert all(-(2**63) <= window < 2**63 for window in sketch)
    assert FULL < len(sketch) <= min(MOST, max(FULL + 1, count // SHARE))


def test_captions_listed_twice_weigh_no_more_than_once() -> None:
    """The first seed lists every caption in front of the slides: without that list it is nearly the same text."""
    gallery = outlets.first_seed()
    slides = "\n".join(text for slide in gallery.slides for text in slide)
    listed = "\n".join(gallery.captions) + "\n" + slides
    mine, theirs = compare(prints(listed).sketch, prints(slides).sketch)
    assert len(listed) > 1.1 * len(slides)
    assert theirs == 1.0 and mine > 0.9


def test_the_opening_of_an_article_is_contained_in_it() -> None:
    blog = outlets.second_seed()
    opening, whole = prints("\n".join(blog.paragraphs[:2])), prints("\n".join(blog.paragraphs))
    assert compare(opening.sketch, whole.sketch)[0] == 1.0
    assert 0.02 < compare(opening.sketch, whole.sketch)[1] < 0.2
    assert compare(prints(outlets.seed_text("000")).sketch, whole.sketch)[0] < 0.02


@pytest.mark.parametrize(("small", "large"), [(100, 1000), (200, 5000), (1500, 20_000)])
def test_containment_is_estimated_from_samples(small: int, large: int) -> None:
    text = some_text(large)
    inside = " ".join(text.split()[:small])
    half = inside + " " + some_text(small, seed=2)
    assert compare(prints(inside).sketch, prints(text).sketch)[0] > 0.9
    assert compare(prints(half).sketch, prints(text).sketch)[0] == pytest.approx(0.5, abs=0.2)


@given(st.text(), st.text())
def test_comparing_is_symmetric_and_a_text_stands_in_itself(one: str, other: str) -> None:
    a, b = prints(one).sketch, prints(other).sketch
    assert compare(a, b) == compare(b, a)[::-1]
    assert compare(a, a) == ((1.0, 1.0) if a else (0.0, 0.0))
    assert all(0.0 <= share <= 1.0 for share in compare(a, b))


@given(st.lists(st.text(alphabet="abcde ", min_size=1), min_size=1, max_size=40))
def test_what_is_added_to_a_text_takes_nothing_away(parts: list[str]) -> None:
    short, long = " ".join(parts[: len(parts) // 2]), " ".join(parts)
    if prints(short).words >= 3:
        assert compare(prints(short).sketch, prints(long).sketch)[0] == 1.0
