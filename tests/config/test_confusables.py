"""What reads like the subject and is not: ten kinds of article in four languages, soldiers and this war near enough to tempt."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.cases import read_cases
from monitor.config.rules import load_rules
from monitor.model import Article, Level
from monitor.steps.bench import Case
from monitor.steps.matching import RuleBook

ROOT = Path(__file__).parents[2]
CONFUSABLE = read_cases(ROOT / "tests" / "data" / "confusables.jsonl")


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_rules(ROOT / "config")


def test_there_are_ten_kinds_in_four_languages() -> None:
    kinds = {case.id.partition("-")[2] for case in CONFUSABLE}
    assert len(kinds) == 10
    assert {case.id for case in CONFUSABLE} == {f"{lang}-{kind}" for lang in ("fr", "en", "ru", "uk") for kind in kinds}


@pytest.mark.parametrize("case", CONFUSABLE, ids=lambda case: case.id)
@pytest.mark.parametrize("war", [False, True], ids=["any source", "a source all about the war"])
def test_a_confusable_article_never_alerts(rules: RuleBook, case: Case, war: bool) -> None:
    told = rules.judge(case.article, war=war)
    assert told.level is not Level.ALERT, "\n".join(hit.why for hit in told.hits)


def test_the_same_articles_with_soldiers_who_deserted_do_alert(rules: RuleBook) -> None:
    """So that silence is no deafness: one plain sentence makes the difference."""
    plain = {
        "fr": "Onze soldats russes ont déserté leur unité près de Pokrovsk.",
        "en": "Eleven Russian soldiers deserted their unit near Pokrovsk.",
        "ru": "Одиннадцать российских солдат дезертировали из своей части под Покровском.",
        "uk": "Одинадцять російських солдатів дезертирували зі своєї частини під Покровськом.",
    }
    silent = []
    for case in CONFUSABLE:
        article = Article(case.article.title, "", f"{case.article.text}\n\n{plain[case.article.lang]}", lang=case.article.lang)
        if rules.judge(article).level is not Level.ALERT:
            silent.append(case.id)
    assert silent == []
