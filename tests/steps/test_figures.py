"""Numbers are given with what they count, for when and who says so, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.sources import load_sources
from monitor.model import Figure
from monitor.steps.figures import figures
from monitor.steps.origins import attributions

ROOT = Path(__file__).parents[2]
SOURCES = load_sources(ROOT / "config")
SEEDS = ROOT / "tests/data/seeds"


def read(text: str, lang: str) -> tuple[Figure, ...]:
    return figures(text, lang, attributions(text, SOURCES))


def shown(figure: Figure) -> tuple[float, str, str, str | None, str | None]:
    return (figure.value, figure.unit, figure.what, figure.period, figure.source)


@pytest.mark.parametrize("lang", ["fr", "und"])
def test_the_first_seed_gives_its_criminal_cases_and_its_requests_for_help(lang: str) -> None:
    text = (SEEDS / "000_845060fc55a3d728.txt").read_text(encoding="utf-8")
    found = read(text, lang)
    assert [shown(one) for one in found] == [
        (2076, "criminal cases", "desertion", "2023-01/2023-06", "mediazona"),
        (577, "requests for help", "refusal", "2023-09/2023-11", "idite-lesom"),
    ]
    assert [one.via for one in found] == [(), ("moscow-times-en",)]
    assert [text[one.start : one.end] for one in found] == ["2076", "577"]


@pytest.mark.parametrize("lang", ["fr", "und"])
def test_the_second_seed_gives_the_soldiers_who_are_locked_up(lang: str) -> None:
    text = (SEEDS / "002_1b07a81e69550a1b.txt").read_text(encoding="utf-8")
    assert [shown(one) for one in read(text, lang)] == [(12, "soldiers", "refusal", None, "astra")]


CASES = [
    # (language, text, value, unit, what, period, source, the number as written)
    ("fr", "Selon Meduza, 2 076 affaires pénales pour désertion en 2023.", 2076, "criminal cases", "desertion", "2023", "meduza", "2 076"),
    ("fr", "Près de 18 000 soldats ont déserté au premier semestre 2024.",
     18000, "soldiers", "desertion", "2024-01/2024-06", None, "18 000"),
    ("fr", "On compte 30 mille déserteurs, affirme l'AFP.", 30000, "deserters", "desertion", None, "afp", "30 mille"),
    ("fr", "En octobre 2024, 45 jeunes militaires ont refusé de combattre.", 45, "soldiers", "refusal", "2024-10", None, "45"),
    ("en", "Mediazona counted 2,076 criminal cases of desertion in the first six months of 2023.",
     2076, "criminal cases", "desertion", "2023-01/2023-06", "mediazona", "2,076"),
    ("en", "More than 50 thousand Russian servicemen deserted from January to March 2024.",
     50000, "soldiers", "desertion", "2024-01/2024-03", None, "50 thousand"),
    ("en", "Between November 2023 and February 2024, 120 soldiers refused to return to the front, ASTRA said.",
     120, "soldiers", "refusal", "2023-11/2024-02", "astra", "120"),
    ("en", "Courts handed down 700 convictions for going AWOL in October 2025.", 700, "verdicts", "absence", "2025-10", None, "700"),
    ("ru", "«Медиазона» насчитала 2 076 уголовных дел о дезертирстве за первое полугодие 2023 года.",
     2076, "criminal cases", "desertion", "2023-01/2023-06", "mediazona", "2 076"),
    ("ru", "Дезертировали не менее 30 тыс. российских военнослужащих, пишет «Вёрстка».",
     30000, "soldiers", "desertion", None, "verstka", "30 тыс."),
    ("ru", "С сентября по ноябрь 2023 года проект получил 577 обращений о помощи от тех, кто отказался воевать.",
     577, "requests for help", "refusal", "2023-09/2023-11", None, "577"),
    ("ru", "По данным ASTRA, в подвале держат 14 мобилизованных за отказ идти на штурм.", 14, "soldiers", "refusal", None, "astra", "14"),
    ("ru", "2,5 тыс. дел о самовольном оставлении части в 2024 году", 2500, "cases", "absence", "2024", None, "2,5 тыс."),
    ("uk", "За даними Української правди, відкрито 15 000 кримінальних проваджень про дезертирство у 2024 році.",
     15000, "criminal cases", "desertion", "2024", "ukrainska-pravda", "15 000"),
    ("uk", "За перше півріччя 2025 року зареєстровано 120 тисяч випадків СЗЧ.",
     120000, "cases", "absence", "2025-01/2025-06", None, "120 тисяч"),
    ("uk", "У жовтні 2024 року 100 військовослужбовців відмовилися виконувати наказ.", 100, "soldiers", "refusal", "2024-10", None, "100"),
    ("de", "Laut Meduza gab es 2.076 Strafverfahren wegen Fahnenflucht im ersten Halbjahr 2023.",
     2076, "criminal cases", "desertion", "2023-01/2023-06", "meduza", "2.076"),
    ("de", "Im Oktober 2024 desertierten 300 russische Soldaten.", 300, "soldiers", "desertion", "2024-10", None, "300"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "text", "value", "unit", "what", "period", "source", "written"), CASES, ids=[case[1][:45] for case in CASES]
)
def test_a_number_comes_with_what_when_and_who(
    lang: str, text: str, value: float, unit: str, what: str, period: str | None, source: str | None, written: str
) -> None:
    for asked in (lang, "und"):
        (found,) = read(text, asked)
        assert shown(found) == (value, unit, what, period, source)
        assert text[found.start : found.end] == written


NONE = [
    ("fr", "Nous avons décidé d'abandonner. Nous étions 14."),
    ("fr", "Le taux de désertion a augmenté de 89 %."),
    ("fr", "Des drones ont tué 3 militaires alors que les désertions augmentent."),
    ("fr", "En 2023 soldats et officiers ont déserté."),
    ("fr", "Le désert s'étend sur 500 hectares et abrite 300 personnes."),
    ("en", "The army lost 500 soldiers while desertion grew."),
    ("en", "In 2024 deserters were shot."),
    ("en", "Article 338 cases of desertion"),
    ("en", "He deserted after 12 days. Then 40 soldiers had lunch."),
    ("en", "Between 10-15 soldiers deserted"),
    ("en", "3.5 soldiers deserted"),
    ("en", "The 12-year sentence for desertion"),
    ("ru", "500-й батальон, 3 солдата и ничего о том, о чём мы пишем."),
    ("ru", "Погибли 40 военнослужащих, 5 человек ранены, есть дезертиры."),
    ("uk", "У 2024 році зросла кількість дезертирів."),
    ("en", ""),
]


@pytest.mark.parametrize(("lang", "text"), NONE, ids=[text[:45] for _, text in NONE])
def test_a_number_in_doubt_is_left_out(lang: str, text: str) -> None:
    assert read(text, lang) == ()


def test_a_fact_told_twice_is_one_figure() -> None:
    assert len(read("12 soldiers deserted. As we said, 12 soldiers deserted.", "en")) == 1


def test_the_nearest_period_and_source_win() -> None:
    text = "Meduza wrote in 2025 that Mediazona had found 900 cases of desertion in 2024, more than in 2022."
    (found,) = read(text, "en")
    assert (found.period, found.source, found.via) == ("2024", "mediazona", ("meduza",))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("fr", "L'an dernier, 1 127 cas de désertion, contre 2 706 en 2011."),
        ("en", "Last year 1,127 cases of desertion were counted, up from 900 in 2021."),
        ("ru", "В прошлом году насчитали 1127 случаев дезертирства, больше, чем в 2021."),
        ("uk", "Торік нарахували 1127 випадків дезертирства, більше, ніж у 2021."),
        ("de", "Im letzten Jahr gab es 1127 Fälle von Fahnenflucht, mehr als 2021."),
    ],
)
def test_a_year_of_comparison_or_one_that_must_be_reckoned_is_no_period(lang: str, text: str) -> None:
    assert {(one.value, one.period) for one in read(text, lang) if one.value == 1127} == {(1127, None)}


def test_a_long_text_of_digits_is_read_quickly() -> None:
    text = "12 34 567 890 " * 5_000 + "soldiers " * 5_000
    assert read(text, "en") == ()
