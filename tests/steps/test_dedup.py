"""What is a copy, what another telling, what a round-up, and what only looks alike."""

from __future__ import annotations

import pytest

from monitor.model import Likeness, Prints
from monitor.steps.dedup import Relation, relate
from monitor.steps.fingerprints import compare, prints
from tests.press import outlets


def of(words: int) -> Prints:
    return Prints("x", tuple(range(words)), words)


def like(item: int, contained: float, contains: float, *, story: int | None = None, exact: bool = False) -> Likeness:
    return Likeness(item, contained, contains, exact, item if story is None else story)


def against(mine: str, *older: str) -> Relation:
    """Relates a text to older ones, numbered from 1, each its own story."""
    own = prints(mine)
    alike = [Likeness(n, *compare(own.sketch, p.sketch), own.exact == p.exact, n) for n, p in enumerate(map(prints, older), 1)]
    return relate(own, alike)


@pytest.mark.parametrize(
    ("words", "alike", "copy", "story"),
    [
        (200, [], None, None),
        (200, [like(7, 1.0, 1.0, exact=True)], 7, 7),
        (200, [like(7, 0.95, 0.4)], 7, 7),  # cut from a longer one
        (200, [like(7, 0.7, 0.7)], 7, 7),  # of one length, edited here and there
        (200, [like(7, 0.7, 0.3)], None, None),  # a third is new
        (70, [like(7, 0.8, 0.3)], None, 7),  # most of a short one
        (200, [like(7, 0.3, 1.0)], None, 7),  # a longer text around an older short one
        (200, [like(7, 0.5, 0.5)], None, None),  # half in common: a template
        (200, [like(7, 0.9, 0.9), like(3, 0.8, 0.9)], 3, 3),  # the earliest
        (200, [like(9, 0.9, 0.9, story=4)], 9, 4),
        (200, [like(7, 0.2, 1.0), like(8, 0.2, 1.0)], None, None),  # a round-up of two stories
        (200, [like(7, 0.2, 1.0, story=5), like(8, 0.2, 1.0, story=5)], None, 5),  # two texts of one story
        (60, [like(7, 0.8, 0.8)], None, 7),  # short: a name and a figure are the news
        (60, [like(7, 0.9, 0.9)], 7, 7),
        (20, [like(7, 0.7, 0.7)], None, None),  # too little in common to say anything
        (9, [like(7, 1.0, 1.0, exact=True)], None, None),  # "see all photos"
        (0, [like(7, 0.0, 0.0, exact=True)], None, None),
    ],
)
def test_relations(words: int, alike: list[Likeness], copy: int | None, story: int | None) -> None:
    relation = relate(of(words), alike)
    assert (relation.duplicate_of, relation.story) == (copy, story)
    assert relation.why


def test_a_channel_post_cut_from_an_article_is_its_copy() -> None:
    blog = outlets.second_seed()
    assert against("\n".join(blog.paragraphs[:2]), "\n".join(blog.paragraphs)).duplicate_of == 1


def test_an_article_around_an_older_post_is_no_copy_but_its_story() -> None:
    blog = outlets.second_seed()
    relation = against("\n".join(blog.paragraphs), "\n".join(blog.paragraphs[:2]))
    assert (relation.duplicate_of, relation.story) == (None, 1)
    assert "item 1" in relation.why


def test_the_two_seeds_are_two_stories() -> None:
    assert against(outlets.seed_text("002"), outlets.seed_text("000")) == Relation(None, None, "nothing like it was read before")


def test_I07_an_edited_copy_is_found() -> None:
    blog = outlets.second_seed()
    copied = ["Notre rédaction reprend cette dépêche.", *blog.paragraphs[:4], *blog.paragraphs[5:], "Suivez-nous sur les réseaux sociaux."]
    assert against("\n".join(copied), "\n".join(blog.paragraphs)).duplicate_of == 1


COURT = (
    "Гарнизонный военный суд приговорил {who} к {years} годам колонии общего режима за самовольное оставление части в период мобилизации. "
    "По данным следствия, {when} он не вернулся к месту службы из отпуска и {lived}, пока его не задержала военная полиция. "
    "Подсудимый признал вину и попросил не лишать его свободы, сославшись на {why}. Приговор в законную силу не вступил."
)


def test_two_court_reports_in_the_same_words_are_two_stories() -> None:
    one = COURT.format(
        who="рядового Ивана Петрова", years="шести", when="в начале марта", lived="жил у сестры в Самаре", why="больную мать и троих детей"
    )
    other = COURT.format(
        who="ефрейтора Рустама Галиева", years="пяти", when="летом", lived="скрывался на даче", why="ранение, полученное под Авдеевкой"
    )
    assert against(one, other) == Relation(None, None, "nothing like it was read before")


def test_I09_the_same_headline_joins_nothing() -> None:
    one = "Главное за день. Штурм под Торецком отбит, в Одессе повреждён порт, цены на хлеб выросли, метро снова работает до полуночи."
    other = (
        "Главное за день. Парламент принял бюджет, сборная вышла в финал, из плена вернулись сорок человек, в Карпатах выпал первый снег."
    )
    assert against(one, other).story is None


def test_posts_with_the_same_signature_are_two_stories() -> None:
    signature = " Подписывайтесь на наш канал, присылайте новости боту редакции и читайте нас на сайте без блокировок по ссылке в описании."
    one = "В Белгороде утром объявили ракетную опасность, транспорт остановлен." + signature
    other = "Губернатор Курской области назначил нового министра дорог." + signature
    assert against(one, other).story is None
