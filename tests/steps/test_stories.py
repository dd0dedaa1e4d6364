"""Different words about one event meet; the same frame around another event does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.steps import stories
from monitor.steps.stories import ALIKE, Candidate, Frequencies, Grouping, candidate, same_story, weigh
from tests.press import outlets

DAY = date(2026, 11, 24)

PETROV = (
    "Солдата из Казани приговорили к шести годам колонии",
    "Казанский гарнизонный военный суд приговорил рядового Ивана Петрова к шести годам колонии за самовольное оставление части. "
    "По версии следствия, в марте он не вернулся из отпуска и жил у родственников, пока его не задержала военная полиция. "
    "Вину подсудимый признал и попросил отправить его на фронт.",
)
PETROV_AGAIN = (
    "В Казани рядовой Петров получил шесть лет за уход из части",
    "Шесть лет колонии получил рядовой Иван Петров, который весной не вернулся в свою часть из отпуска, сообщили в военном суде Казани. "
    "Мобилизованный прятался у родных, пока не пришла военная полиция. Вину он признал и просил отправить его на фронт, но суд отказал.",
)
GALIEV = (
    "Военнослужащего осудили на пять лет за самоволку",
    "Казанский гарнизонный военный суд приговорил ефрейтора Рустама Галиева к пяти годам колонии за самовольное оставление части. "
    "По версии следствия, в мае он ушёл из госпиталя и жил у знакомых, пока его не задержала военная полиция. "
    "Вину подсудимый признал частично.",
)
BRIDGE = (
    "Kyiv reopens the Paton bridge after two years of repairs",
    "The Paton bridge in Kyiv reopened to lorries on Monday after two years of repairs that cost the city some forty million euros. "
    "Engineers replaced the deck and welded new girders under the tram lines. The mayor, Vitali Klitschko, drove across first.",
)
BRIDGE_AGAIN = (
    "Lorries are back on Kyiv's Paton bridge",
    "After repairs lasting two years, lorries may again cross the Dnipro in Kyiv over the Paton bridge. The city paid forty million euros "
    "for a new deck and girders, Vitali Klitschko said, and engineers expect the trams to follow by the summer.",
)
STRIKE = (
    "Bus drivers in Kyiv begin a strike over pay",
    "Bus drivers in Kyiv walked out on Monday after talks on pay with the city failed. Their union says that a third of the fleet stands "
    "still for want of drivers. Commuters queued for the metro from six in the morning, and taxis doubled their fares.",
)


def frequencies() -> Frequencies:
    """As if the press's ordinary articles had been read before."""
    known = Frequencies()
    for folder in ("gazette", "courrier", "globe"):
        for path in sorted((outlets.FILES / folder).glob("*.txt")):
            for head, body in outlets._parts(path):
                known.add(candidate(head["Title"], body))
    return known


def likeness(one: tuple[str, str], other: tuple[str, str], apart: int = 0) -> float:
    known = frequencies()
    first, second = candidate(*one, DAY), candidate(*other, DAY.replace(day=DAY.day + apart))
    known.add(first)
    known.add(second)
    return same_story(weigh(first, known), weigh(second, known))[0]


@pytest.mark.parametrize(("one", "other"), [(PETROV, PETROV_AGAIN), (BRIDGE, BRIDGE_AGAIN)])
def test_one_event_in_other_words_is_one_story(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert likeness(one, other) >= ALIKE


@pytest.mark.parametrize(("one", "other"), [(PETROV, GALIEV), (PETROV_AGAIN, GALIEV), (BRIDGE, STRIKE), (BRIDGE, PETROV)])
def test_another_event_is_another_story(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert likeness(one, other) < ALIKE


def test_days_apart_the_same_words_are_another_event() -> None:
    assert likeness(BRIDGE, BRIDGE_AGAIN, apart=3) >= ALIKE
    assert likeness(BRIDGE, BRIDGE_AGAIN, apart=4) == 0.0


def test_I09_a_common_headline_joins_nothing() -> None:
    one = ("Главное за день", "Штурм под Торецком отбит, в Одессе повреждён порт, цены на хлеб выросли, метро работает до полуночи.")
    other = ("Главное за день", "Парламент принял бюджет, сборная вышла в финал, из плена вернулись сорок человек, в Карпатах снег.")
    assert likeness(one, other) < ALIKE


def test_grouping_names_a_story_by_its_first_article() -> None:
    grouping = Grouping()
    texts = [PETROV, BRIDGE, GALIEV, PETROV_AGAIN, STRIKE, BRIDGE_AGAIN]
    placed = [grouping.place(number, candidate(*text, DAY)) for number, text in enumerate(texts, 10)]
    assert [one.story for one in placed] == [10, 11, 12, 10, 14, 11]
    assert "item 10" in placed[3].why and placed[3].likeness >= ALIKE


def test_a_known_story_is_taken_as_it_is() -> None:
    grouping = Grouping()
    grouping.place(1, candidate(*PETROV, DAY))
    assert grouping.place(2, candidate(*STRIKE, DAY), story=1).story == 1


def test_one_member_alone_does_not_draw_an_article_into_a_story() -> None:
    """A story with a foreign member does not go on growing around that one."""
    grouping = Grouping()
    for key, text in enumerate([PETROV, PETROV_AGAIN, PETROV, PETROV_AGAIN], 1):
        grouping.place(key, candidate(*text, DAY), story=1)
    grouping.place(5, candidate(*BRIDGE, DAY), story=1)
    assert grouping.place(6, candidate(*BRIDGE_AGAIN, DAY)).story == 6


def test_the_oldest_articles_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "KEPT", 2)
    grouping = Grouping()
    for key, text in enumerate([BRIDGE, PETROV, STRIKE], 1):
        grouping.place(key, candidate(*text, DAY))
    assert grouping.place(4, candidate(*BRIDGE_AGAIN, DAY)).story == 4
    assert grouping.place(5, candidate(*BRIDGE, DAY)).story == 4


def test_the_two_seeds_are_two_stories_and_their_copies_join_them() -> None:
    gallery, blog = outlets.first_seed(), outlets.second_seed()
    slides = "\n".join(text for slide in gallery.slides for text in slide)
    grouping = Grouping()
    placed = [
        grouping.place(key, candidate(title, text)).story
        for key, (title, text) in enumerate(
            [(gallery.title, slides), (blog.title, "\n".join(blog.paragraphs)), ("", slides[:2500]), ("", "\n".join(blog.paragraphs[:6]))]
        )
    ]
    assert placed == [0, 1, 0, 1]


@given(st.text(), st.text(), st.text(), st.text())
def test_likeness_is_symmetric_and_a_share(title: str, text: str, other_title: str, other_text: str) -> None:
    known = Frequencies()
    one, other = weigh(candidate(title, text), known), weigh(candidate(other_title, other_text), known)
    assert same_story(one, other)[0] == pytest.approx(same_story(other, one)[0])
    assert 0.0 <= same_story(one, other)[0] <= 1.0 + 1e-9


def test_an_article_without_words_is_a_story_of_its_own() -> None:
    grouping = Grouping()
    empty: Candidate = candidate("", "")
    assert [grouping.place(key, empty).story for key in (1, 2)] == [1, 2]
