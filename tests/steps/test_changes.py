"""An edit is told in meaning, in four languages, and what is no edit is told to nobody."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.rules import load_rules
from monitor.config.sources import load_sources
from monitor.model import Article, Change, ChangeKind, Quality, When
from monitor.steps import changes, numbers
from monitor.steps.aligned import differing

CONFIG = Path(__file__).parents[2] / "config"
RULES = load_rules(CONFIG)
SOURCES = load_sources(CONFIG)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

ARTICLES = {
    "fr": Article(
        "Douze soldats russes jugés pour désertion à Rostov",
        "Le tribunal militaire a examiné lundi le cas d'hommes partis du front sans autorisation.",
        "Selon Mediazona, 12 soldats russes ont été condamnés lundi pour désertion par le tribunal de Rostov.\n"
        "Les hommes avaient quitté leur position près de Pokrovsk au mois d'août, d'après l'acte d'accusation.\n"
        "Leur avocat a demandé la relaxe en rappelant que leurs contrats étaient arrivés à échéance avant l'été.\n"
        "Le procureur réclame entre cinq et neuf ans de colonie pénitentiaire pour chacun des accusés.",
        lang="fr",
    ),
    "en": Article(
        "Twelve Russian soldiers tried for desertion in Rostov",
        "A military court heard on Monday the case of men who left the front without permission.",
        "According to Mediazona, 12 Russian soldiers were convicted of desertion by the court in Rostov on Monday.\n"
        "The men had walked away from their position near Pokrovsk in August, the indictment says.\n"
        "Their lawyer asked for an acquittal and recalled that their contracts had run out before the summer.\n"
        "The prosecutor demands between five and nine years in a penal colony for each of the accused.",
        lang="en",
    ),
    "ru": Article(
        "Двенадцать российских солдат судят за дезертирство в Ростове",
        "Военный суд в понедельник рассмотрел дело людей, которые ушли с фронта без разрешения.",
        "По данным Медиазоны, 12 российских солдат осуждены в понедельник за дезертирство военным судом Ростова.\n"
        "Мужчины ушли со своей позиции под Покровском в августе, говорится в обвинительном заключении.\n"
        "Их адвокат попросил об оправдании и напомнил, что контракты его подзащитных истекли ещё до начала лета.\n"
        "Прокурор требует для каждого из обвиняемых от пяти до девяти лет колонии общего режима.",
        lang="ru",
    ),
    "uk": Article(
        "Дванадцять російських солдатів судять за дезертирство в Ростові",
        "Військовий суд у понеділок розглянув справу людей, які пішли з фронту без дозволу.",
        "За даними Медіазони, 12 російських солдатів засуджено в понеділок за дезертирство військовим судом Ростова.\n"
        "Чоловіки пішли зі своєї позиції під Покровськом у серпні, йдеться в обвинувальному акті.\n"
        "Їхній адвокат попросив про виправдання й нагадав, що контракти його підзахисних закінчилися ще до початку літа.\n"
        "Прокурор вимагає для кожного з обвинувачених від п'яти до дев'яти років колонії загального режиму.",
        lang="uk",
    ),
}

#: What is replaced by what in the text, by language.
FIGURE = {
    "fr": ("12 soldats", "20 soldats"),
    "en": ("12 Russian", "20 Russian"),
    "ru": ("12 российских", "20 российских"),
    "uk": ("12 російських", "20 російських"),
}
IN_WORDS = {
    "fr": ("entre cinq et neuf", "entre cinq et quinze"),
    "en": ("five and nine", "five and fifteen"),
    "ru": ("пяти до девяти", "пяти до пятнадцати"),
    "uk": ("п'яти до дев'яти", "п'яти до п'ятнадцяти"),
}
SOURCE = {
    "fr": ("Selon Mediazona, 12", "Lundi matin, 12"),
    "en": ("According to Mediazona, 12", "On that day, 12"),
    "ru": ("По данным Медиазоны, 12", "Стало известно, что 12"),
    "uk": ("За даними Медіазони, 12", "Стало відомо, що 12"),
}
ACT = {  # the headline is given without the word, so that one sentence alone says what was done
    "fr": ("condamnés lundi pour désertion", "condamnés lundi pour absence", "désertion", "absence"),
    "en": ("convicted of desertion", "convicted of absence", "desertion", "absence"),
    "ru": ("за дезертирство", "за отсутствие", "дезертирство", "отсутствие"),
    "uk": ("за дезертирство", "за відсутність", "дезертирство", "відсутність"),
}
SOFTER = {  # the lighter word is an act of its own
    "fr": ("condamnés lundi pour désertion", "condamnés lundi pour absence irrégulière", "désertion"),
    "en": ("convicted of desertion", "convicted of absence without leave", "desertion"),
    "ru": ("за дезертирство", "за самовольное оставление части", "дезертирство"),
    "uk": ("за дезертирство", "за самовільне залишення частини", "дезертирство"),
}
PLAIN_TITLE = {"fr": "Procès à Rostov", "en": "A trial in Rostov", "ru": "Процесс в Ростове", "uk": "Процес у Ростові"}
LANGUAGES = tuple(ARTICLES)


def told(old: Article, new: Article) -> tuple[Change, ...]:
    return changes.changes(old, new, RULES.judge(old).hits, RULES.judge(new).hits, SOURCES)


def said(found: Iterable[Change]) -> list[str]:
    return [change.words for change in found]


def edited(article: Article, old: str, new: str) -> Article:
    assert old in article.text
    return replace(article, text=article.text.replace(old, new))


def without(article: Article, line: int) -> Article:
    kept = article.text.split("\n")
    del kept[line]
    return replace(article, text="\n".join(kept))


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_headline_is_told_with_both(lang: str) -> None:
    old = ARTICLES[lang]
    (change,) = [one for one in told(old, replace(old, title=PLAIN_TITLE[lang])) if one.kind is ChangeKind.HEADLINE]
    assert (change.before, change.after) == (old.title, PLAIN_TITLE[lang])
    assert change.words == f"headline changed: “{old.title}” → “{PLAIN_TITLE[lang]}”"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_is_told_with_what_it_counts(lang: str) -> None:
    (change,) = told(ARTICLES[lang], edited(ARTICLES[lang], *FIGURE[lang]))
    assert change.kind is ChangeKind.FIGURE
    assert change.words.startswith("figure changed: 12 → 20 soldiers, in “")
    assert (change.before, change.after) == ("12 soldiers", "20 soldiers")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_number_in_words_is_a_figure(lang: str) -> None:
    (change,) = told(ARTICLES[lang], edited(ARTICLES[lang], *IN_WORDS[lang]))
    assert change.kind is ChangeKind.FIGURE
    assert change.after.split()[0] in IN_WORDS[lang][1]
    assert change.before.split()[0] in IN_WORDS[lang][0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_attribution_that_went_or_came_is_told(lang: str) -> None:
    old, new = ARTICLES[lang], edited(ARTICLES[lang], *SOURCE[lang])
    assert said(told(old, new)) == ["attribution to Mediazona removed"]
    assert said(told(new, old)) == ["attribution to Mediazona added"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_word_for_the_act_that_gave_way_to_a_softer_one_is_told(lang: str) -> None:
    old = replace(ARTICLES[lang], title=PLAIN_TITLE[lang])
    before, after, word, softer = ACT[lang]
    assert said(told(old, edited(old, before, after))) == [f"act word softened: “{word}” → “{softer}”"]
    assert said(told(edited(old, before, after), old)) == [f"act word hardened: “{softer}” → “{word}”"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_acts_are_weighed_by_their_concepts(lang: str) -> None:
    old = replace(ARTICLES[lang], title=PLAIN_TITLE[lang])
    before, after, word = SOFTER[lang]
    (softened,) = told(old, edited(old, before, after))
    (hardened,) = told(edited(old, before, after), old)
    assert softened.words.startswith(f"act word softened: “{word}” → “")
    assert hardened.words.startswith("act word hardened: “")
    assert (softened.after, hardened.after) == (hardened.before, word)


def test_an_act_that_is_denied_now_still_stands_there() -> None:
    old = Article("Rostov", "", "The Russian soldiers deserted from their brigade near Pokrovsk on Monday, officials said.", lang="en")
    new = edited(old, "soldiers deserted", "soldiers never deserted")
    assert RULES.judge(old).hits and not RULES.judge(new).hits
    assert said(told(old, new)) == ["“deserted from their brigade” still stands there, but no rule matches it any more"]
    assert said(told(new, old)) == ["“deserted from their brigade” stood there before; now it matches"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_paragraph_that_went_or_came_is_told_with_its_opening(lang: str) -> None:
    old, new = ARTICLES[lang], without(ARTICLES[lang], 2)
    opening = old.text.split("\n")[2][:30]
    (went,), (came,) = told(old, new), told(new, old)
    assert went.words.startswith(f"paragraph gone: “{opening}")
    assert came.words.startswith(f"paragraph added: “{opening}")
    assert (went.kind, came.kind) == (ChangeKind.PARAGRAPH, ChangeKind.PARAGRAPH)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_that_went_from_a_paragraph_is_told(lang: str) -> None:
    one, two, three, four = ARTICLES[lang].text.split("\n")
    old = replace(ARTICLES[lang], text="\n".join((one, f"{two} {three}", four)))
    assert said(told(old, replace(old, text="\n".join((one, two, four))))) == [f"sentence gone: “{changes.cut(three, changes.OPENING)}”"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_lead_that_was_written_anew_is_told(lang: str) -> None:
    old = ARTICLES[lang]
    other = {
        "fr": "L'état-major dément toute vague de procès et parle d'un dossier isolé.",
        "en": "The general staff denies any wave of trials and speaks of one isolated file.",
        "ru": "Генштаб отрицает волну процессов и говорит об одном отдельном эпизоде.",
        "uk": "Генштаб заперечує хвилю процесів і говорить про один окремий епізод.",
    }[lang]
    assert said(told(old, replace(old, lead=other))) == [f"lead changed: “{old.lead}” → “{other}”"]


def test_a_page_that_dates_itself_anew_is_told() -> None:
    old = replace(ARTICLES["fr"], published=When(NOON), published_from="jsonld")
    new = replace(old, published=When(NOON.replace(hour=18)))
    assert said(told(old, new)) == ["published time changed: 2026-11-25T12:00:00Z → 2026-11-25T18:00:00Z"]
    assert told(old, replace(new, published_from="feed")) == ()


def test_several_changes_are_told_together_each_once() -> None:
    old = ARTICLES["fr"]
    new = without(edited(replace(old, title=PLAIN_TITLE["fr"]), "12 soldats", "20 soldats"), 3)
    assert [change.kind for change in told(old, new)] == [ChangeKind.HEADLINE, ChangeKind.FIGURE, ChangeKind.PARAGRAPH]


def test_a_figure_that_went_from_its_sentence_is_told() -> None:
    old = replace(ARTICLES["en"], title=PLAIN_TITLE["en"])
    new = edited(old, "12 Russian soldiers", "Russian soldiers")
    assert said(told(old, new)) == ["figure removed: 12 soldiers"]
    assert said(told(new, old)) == ["figure added: 12 soldiers"]


def test_of_very_many_changes_the_rest_is_counted() -> None:
    old = ARTICLES["en"]
    more = "\n".join(
        f"{name} told the court that the whole company had gone hungry for weeks."
        for name in ("Adam", "Boris", "Cyril", "Denis", "Egor", "Fedor", "Gleb", "Ivan")
    )
    found = told(old, replace(old, text=f"{old.text}\n{more}"))
    assert len(found) == changes.MOST_TOLD + 1
    assert found[-1].words == "and 2 more changes of this kind"


def test_what_became_of_the_page_is_said_with_its_time() -> None:
    assert changes.gone(NOON).words == "gone upstream: not there any more since 2026-11-25T12:00:00Z; our copy is kept"
    assert changes.back(NOON).words == "back upstream: it was not there since 2026-11-25T12:00:00Z"


def test_what_stands_in_a_caption_is_not_missing() -> None:
    old = replace(ARTICLES["en"], title=PLAIN_TITLE["en"])
    new = edited(
        old,
        "According to Mediazona, 12 Russian soldiers were convicted of desertion",
        "Several Russian soldiers were convicted of desertion",
    )
    caption = "Mediazona's photo: 12 soldiers accused of desertion"
    assert {change.kind for change in told(old, new)} >= {ChangeKind.ATTRIBUTION, ChangeKind.FIGURE}
    assert {change.kind for change in told(old, line_added(new, caption))} & {ChangeKind.ATTRIBUTION, ChangeKind.FIGURE} == set()


def test_what_stands_behind_a_dash_is_no_outlet_where_it_changes() -> None:
    old = replace(ARTICLES["en"], title="Rostov trial – soldiers convicted of desertion")
    new = replace(old, title="Rostov trial – soldiers acquitted")
    assert [change.kind for change in told(old, new)] == [ChangeKind.HEADLINE]


# ── what is not told ─────────────────────────────────────────────────────────────────────────────────────────────────


def line_added(article: Article, *more: str, at: int = 4) -> Article:
    kept = article.text.split("\n")
    kept[at:at] = more
    return replace(article, text="\n".join(kept))


COUNTERS = {
    "fr": ("1 204 vues · 12 commentaires", "8 977 vues · 340 commentaires"),
    "en": ("Views: 1,204. 12 comments.", "Views: 8,977. 340 comments."),
    "ru": ("Просмотров: 1204. Комментарии: 12.", "Просмотров: 8977. Комментарии: 340."),
    "uk": ("Переглядів: 1204. Коментарі: 12.", "Переглядів: 8977. Коментарі: 340."),
}
STAMPS = {
    "fr": ("Mis à jour le 25 novembre 2026 à 10h32.", "Mis à jour le 26 novembre 2026 à 18h05."),
    "en": ("Last updated 25 November 2026 at 10:32.", "Last updated 26 November 2026 at 18:05."),
    "ru": ("Обновлено 25 ноября 2026 года в 10:32.", "Обновлено 26 ноября 2026 года в 18:05."),
    "uk": ("Оновлено 25 листопада 2026 року о 10:32.", "Оновлено 26 листопада 2026 року о 18:05."),
}
RELATED = {
    "fr": ("Lire aussi : Reuters raconte la mutinerie de 30 soldats russes", "À lire aussi\nASTRA : 40 déserteurs russes arrêtés"),
    "en": ("Read also: Reuters on the mutiny of 30 Russian soldiers", "Related articles\nASTRA: 40 Russian deserters arrested"),
    "ru": ("Читайте также: Reuters о мятеже 30 российских солдат", "По теме\nASTRA: задержаны 40 российских дезертиров"),
    "uk": ("Читайте також: Reuters про заколот 30 російських солдатів", "За темою\nASTRA: затримано 40 російських дезертирів"),
}
SLIP = {
    "fr": ("l'acte d'accusation", "l'acte d'acusation"),
    "en": ("indictment", "indictement"),
    "ru": ("заключении", "заключинии"),
    "uk": ("обвинувальному", "обвинувальномy"),
}
REWORDED = {
    "fr": ("Leur avocat a demandé la relaxe en rappelant", "Leur avocat a réclamé la relaxe et rappelé"),
    "en": ("asked for an acquittal and recalled", "pleaded for an acquittal, recalling"),
    "ru": ("попросил об оправдании и напомнил", "просил оправдать их, напомнив"),
    "uk": ("попросив про виправдання й нагадав", "просив їх виправдати, нагадавши"),
}
TWELVE = {
    "fr": ("12 soldats", "douze soldats"),
    "en": ("12 Russian", "twelve Russian"),
    "ru": ("12 российских", "двенадцать российских"),
    "uk": ("12 російських", "дванадцять російських"),
}
MISTYPED = {
    "fr": ("désertion", "désetion"),
    "en": ("desertion", "desrtion"),
    "ru": ("дезертирство", "дезертиство"),
    "uk": ("дезертирство", "дезертиство"),
}
LIVE = {"fr": "EN DIRECT - ", "en": "LIVE: ", "ru": "Обновлено: ", "uk": "Оновлено: "}
RUBRIC = {"fr": "Vidéo", "en": "Video", "ru": "Видео", "uk": "Відео"}


def _noise(lang: str) -> dict[str, tuple[Article, Article]]:
    base = ARTICLES[lang]
    first, second = base.text.split("\n")[:2]
    return {
        "counters": (line_added(base, COUNTERS[lang][0]), line_added(base, COUNTERS[lang][1])),
        "counters appear": (base, line_added(base, COUNTERS[lang][0], at=1)),
        "a counter in the sentence": (
            edited(base, first, f"{first} {COUNTERS[lang][0]}"),
            edited(base, first, f"{first} {COUNTERS[lang][1]}"),
        ),
        "a stamp": (line_added(base, STAMPS[lang][0]), line_added(base, STAMPS[lang][1])),
        "a stamp appears on top": (base, line_added(base, STAMPS[lang][0], at=0)),
        "a stamp in the paragraph": (edited(base, first, f"{first} {STAMPS[lang][0]}"), edited(base, first, f"{first} {STAMPS[lang][1]}")),
        "a pointer": (base, line_added(base, RELATED[lang][0], at=2)),
        "another pointer": (line_added(base, RELATED[lang][0], at=2), line_added(base, RELATED[lang][1])),
        "related box": (base, line_added(base, RELATED[lang][1], at=3)),
        "spaces": (base, replace(base, text=base.text.replace(" ", "\u00a0").replace("\n", "\n\n \n"), title=f" {base.title}  ")),
        "punctuation": (base, replace(base, text=base.text.replace(",", " –").replace(".\n", " …\n"), title=f"{base.title}.")),
        "quotation marks": (
            edited(base, "Rostov", '"Rostov"') if "Rostov" in base.text else edited(base, "Ростова", '"Ростова"'),
            edited(base, "Rostov", "«\u202fRostov\u202f»") if "Rostov" in base.text else edited(base, "Ростова", "„Ростова“"),
        ),
        "apostrophes": (replace(base, title=f"{base.title}, dit l'avocat"), replace(base, title=f"{base.title}, dit l’avocat")),
        "a slip of the pen": (base, edited(base, *SLIP[lang])),
        "other wording": (base, edited(base, *REWORDED[lang])),
        "the number in words": (base, edited(base, *TWELVE[lang])),
        "capitals": (base, replace(base, title=base.title.upper())),
        "decoration of the headline": (base, replace(base, title=f"{LIVE[lang]}{base.title}")),
        "the outlet behind the headline": (base, replace(base, title=f"{base.title} | Courrier du Front")),
        "paragraphs joined": (base, edited(base, f"{first}\n{second}", f"{first} {second}")),
        "paragraphs moved": (base, replace(base, text="\n".join(reversed(base.text.split("\n"))))),
        "a rubric": (base, line_added(base, RUBRIC[lang], at=1)),
        "soft hyphens and stress marks": (base, replace(base, text=base.text.replace("ro", "r\u00ado").replace("ол", "о\u0301л"))),
        "an act mistyped": (base, edited(base, *MISTYPED[lang])),
        "words around an act": (
            replace(base, title=PLAIN_TITLE[lang]),
            replace(base, title=PLAIN_TITLE[lang], text=base.text.replace(" ", "  ")),
        ),
        "the modified time": (base, replace(base, modified=When(NOON))),
        "an hour for the day": (
            replace(base, published=When(date(2026, 11, 25)), published_from="meta"),
            replace(base, published=When(NOON), published_from="jsonld"),
        ),
        "the author": (base, replace(base, authors=("Anna Orlova",))),
    }


NOISE = [(lang, what) for lang in LANGUAGES for what in _noise(lang)]


@pytest.mark.parametrize(("lang", "what"), NOISE)
def test_noise_is_not_told(lang: str, what: str) -> None:
    old, new = _noise(lang)[what]
    assert old != new
    assert said(told(old, new)) == []
    assert said(told(new, old)) == []


def test_a_whole_page_in_the_place_of_the_feeds_text_is_no_edit() -> None:
    whole = ARTICLES["fr"]
    feed = replace(whole, text=whole.lead, lead="", quality=Quality.FEED)
    assert told(feed, whole) == ()


@given(st.sampled_from(LANGUAGES), st.lists(st.integers(0, 3), max_size=6), st.text(max_size=200))
def test_the_same_article_never_changed(lang: str, order: list[int], odd: str) -> None:
    paragraphs = ARTICLES[lang].text.split("\n")
    article = replace(ARTICLES[lang], text="\n".join([*(paragraphs[n] for n in order), odd]), lead=odd[:50])
    assert told(article, article) == ()


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_two_pages_hold_they_are_compared(old: str, new: str) -> None:
    for change in told(Article(old[:40], old[:90], old), Article(new[:40], new[:90], new)):
        assert change.words


@pytest.mark.parametrize(
    ("line", "times"),
    [("1 ", 10_000), ("@a ", 10_000), ("l'", 10_000), ("5% ", 10_000), ("е\u0301 ", 10_000), ("a", 60_000)],
    ids=["numbers", "names", "apostrophes", "shares", "accents", "letters"],
)
def test_a_line_without_end_is_compared_in_no_time(line: str, times: int) -> None:
    begun = time.process_time()
    told(Article("", "", line * times), Article("", "", line * (times - 50) + " and 5 soldiers left."))
    assert time.process_time() - begun < 8  # by pairs of words, or of letters, it would take minutes


def test_a_figure_that_changed_in_a_sentence_of_many_hundred_words_is_told() -> None:
    many = " ".join(f"name{number}" for number in range(500))
    old, new = (Article("", "", f"The court named {many}, in all {count} soldiers of one brigade.") for count in (12, 20))
    assert [change.words.partition(", in")[0] for change in told(old, new)] == ["figure changed: 12 → 20 soldiers of"]


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8), st.sampled_from([1, 60]))
def test_what_differs_put_in_its_place_makes_the_new_wording(old: list[str], new: list[str], times: int) -> None:
    before, after = old * times, new * times
    made, place = [], 0
    for i, j, k, m in differing(before, after):
        made += [*before[place:i], *after[k:m]]
        place = j
    assert made + before[place:] == after


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("2 076 affaires, 2,5 mille hommes, vingt-deux morts, quatre-vingt-dix-sept blessés", [2076, 2500, 22, 97]),
        ("2,076 cases, two hundred and five men, 10:30, 3.5 million", [2076, 200, 5, 3_500_000]),
        ("двадцать два солдата, двух офицеров, 12,5 тыс. человек, пятьсот дел", [22, 2, 12_500, 500]),
        ("двадцять п'ять солдатів, дев’ятеро з них, 3 тис. справ", [25, 9, 3000]),
        ("un homme, one man, один человек, 47e brigade", []),
    ],
)
def test_numbers_are_read_in_digits_and_in_words(sentence: str, values: list[float]) -> None:
    found = numbers.read(sentence)
    assert [number.value for number in found] == values
    assert all(sentence[number.start : number.end] == number.surface for number in found)
