"""A text's citations are found where they stand, and a story's origins are never counted too high."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from monitor.config.sources import load_sources
from monitor.model import Source, SourceKind
from monitor.steps.origins import Telling, attributions, independent_origins

ROOT = Path(__file__).parents[2]
SOURCES = load_sources(ROOT / "config")
GROUPS = {source.id: source.group for source in SOURCES}
SEEDS = ROOT / "tests/data/seeds"


def cited(text: str) -> list[tuple[str, str]]:
    found = attributions(text, SOURCES)
    assert all(text[one.start : one.end] == one.surface for one in found)
    return [(one.source, one.surface) for one in found]


def test_the_first_seed_cites_six_outlets_and_an_organisation() -> None:
    found = {source for source, _ in cited((SEEDS / "000_845060fc55a3d728.txt").read_text(encoding="utf-8"))}
    assert found == {"mediazona", "rferl-en", "reuters", "cnn", "politico-eu", "moscow-times-en", "idite-lesom"}


def test_the_second_seed_cites_a_channel_an_institute_and_three_institutions() -> None:
    found = {source for source, _ in cited((SEEDS / "002_1b07a81e69550a1b.txt").read_text(encoding="utf-8"))}
    assert found == {"astra", "sledcom", "ctd", "isw", "gchq", "ucl-ssees", "mod-russia"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_every_alias_is_found_where_a_text_attributes_to_it(source: Source) -> None:
    for alias in source.aliases:
        name = alias.strip("«»")
        for text in (
            f"По данным издания «{name}», двое бежали.",
            f"Two men fled, according to {name}.",
            f'Selon "{name}", deux hommes ont fui.',
        ):
            assert [GROUPS[found] for found, _ in cited(text)] == [source.group], (alias, text)


CASES = [
    # (text, what is found)
    ("Об этом «Медиазоне» рассказал адвокат.", [("mediazona", "Медиазоне")]),
    ("Журналисты Медиазоны и Медузой опрошенные", [("mediazona", "Медиазоны"), ("meduza", "Медузой")]),
    ("как пишет МЕДУЗА", [("meduza", "МЕДУЗА")]),
    ("в эфире Радио Свободы и на сайте Новой газеты Европа", [("svoboda-ru", "Радио Свободы"), ("novaya-europe", "Новой газеты Европа")]),
    ("корреспонденту «Новой газеты»", [("novaya-gazeta", "Новой газеты")]),
    (
        "повідомляє Радіо Свобода з посиланням на Українську правду",
        [("radiosvoboda-uk", "Радіо Свобода"), ("ukrainska-pravda", "Українську правду")],
    ),
    ("у звіті Інституту вивчення війни", [("isw", "Інституту вивчення війни")]),
    ("в отчёте Института изучения войны (ISW)", [("isw", "Института изучения войны"), ("isw", "ISW")]),
    ("Важным историям рассказали; в «Важных историях»", [("istories", "Важным историям"), ("istories", "Важных историях")]),
    ("в Следственном комитете заявили", [("sledcom", "Следственном комитете")]),
    ("за даними Генерального штабу ЗСУ", [("general-staff-ua", "Генерального штабу ЗСУ")]),
    ("Радио\nСвобода", [("svoboda-ru", "Радио\nСвобода")]),
    ("the Moscow Times’ report", [("moscow-times-en", "Moscow Times")]),
    ("l’ISW et d’après l’AFP", [("isw", "ISW"), ("afp", "AFP")]),
    ("Radio Free Europe/Radio Liberty said", [("rferl-en", "Radio Free Europe/Radio Liberty")]),
    ("Medi\u00adazona reports", [("mediazona", "Medi\u00adazona")]),
    ("laut Ukrinform", [("ukrinform", "Ukrinform")]),
    # a name that is an ordinary word too
    ("Холод пришёл в Москву. Верстка номера закончена.", []),
    ("По данным Холода, их было двое.", [("holod", "Холода")]),
    ("издание Вёрстка выяснило", [("verstka", "Вёрстка")]),
    ("La chaîne russe Telegram CTD a publié une vidéo.", [("ctd", "CTD")]),
    ("Le taux de CTD a baissé.", []),
    ("Агентство Reuters сообщает", [("reuters", "Reuters")]),
    ("Агентство национальной безопасности отказалось", []),
    ("Суспільне життя міста", []),
    ("повідомляє Суспільне.", [("suspilne", "Суспільне")]),
    ("The state of the art (SOTA) of 7x7 matrices, a guardian of AP courses", []),
    # words that only look alike
    ("медуза в аквариуме; реальные истории; astra", []),
    ("le monde entier, partout dans le monde", []),
    ("dans les colonnes du journal Le Monde", [("le-monde", "journal Le Monde")]),
    ("идите лесом, сказал он", []),
    ("Опель Астра столкнулся с автобусом", []),
    ("DWORKIN, ISWAP and CNNIC", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "found"), CASES, ids=[text[:40] for text, _ in CASES])
def test_names_are_found_in_their_forms_and_ordinary_words_are_left_alone(text: str, found: list[tuple[str, str]]) -> None:
    assert cited(text) == found


def test_places_are_in_order_and_none_stands_inside_another() -> None:
    found = attributions("Radio Free Europe/Radio Liberty, Radio Liberty, Русская служба Радио Свобода, BBC News Русская служба", SOURCES)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert [one.source for one in found] == ["rferl-en", "rferl-en", "svoboda-ru", "bbc-russian"]


def test_a_source_without_aliases_is_found_by_its_name() -> None:
    source = Source("press", "Press Gazette", "press", SourceKind.INDEPENDENT, ("en",), ())
    assert [one.surface for one in attributions("The Press Gazette says so", [source])] == ["Press Gazette"]


def test_without_sources_nothing_is_cited() -> None:
    assert attributions("CNN", ()) == ()


ORIGINS = [
    # (tellings, at most so many origins)
    ([], 0),
    ([Telling("meduza")], 1),
    ([Telling("meduza"), Telling("mediazona")], 2),
    ([Telling("rferl-en"), Telling("svoboda-ru"), Telling("current-time")], 1),
    ([Telling("meduza", ("astra",)), Telling("mediazona", ("astra",)), Telling("le-monde", ("astra",))], 1),
    ([Telling("meduza", ("astra",)), Telling("astra")], 1),
    ([Telling("france24", ("afp",)), Telling("le-monde", ("afp",)), Telling("verstka")], 2),
    ([Telling("agentstvo", forwarded_from="astrapress"), Telling("holod", forwarded_from="astrapress")], 1),
    ([Telling("meduza"), Telling("somewhere.example", copy_of=0)], 1),
    ([Telling("meduza"), Telling("somewhere.example")], 2),
    ([Telling("le-monde", ("meduza",)), Telling("rfi", ("mediazona",)), Telling("dw", ("meduza", "mediazona"))], 1),
]


@pytest.mark.parametrize(("tellings", "most"), ORIGINS)
def test_origins_are_counted_by_publisher_citation_forward_and_copy(tellings: list[Telling], most: int) -> None:
    assert independent_origins(tellings, SOURCES) == most
    turned = [
        Telling(t.source, t.cited, t.forwarded_from, None if t.copy_of is None else len(tellings) - 1 - t.copy_of) for t in tellings[::-1]
    ]
    assert independent_origins(turned, SOURCES) == most, "in any order"
