"""Cases are read as they are written, and a line that is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.config.cases import load_cases, read_cases
from monitor.errors import ConfigError
from monitor.model import Judgement, Level, Side
from monitor.steps.bench import wrong

CASE = '{"id": "ru-1", "class": "desertion", "level": "alert", "title": "", "text": "Дезертир."}'


def written(folder: Path, *lines: str) -> Path:
    path = folder / "cases" / "ru.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_case_says_what_its_text_must_get(tmp_path: Path) -> None:
    written(tmp_path, CASE)
    (case,) = load_cases(tmp_path)
    assert (case.id, case.article.lang, case.article.text, case.topic, case.allowed) == (
        "ru-1",
        "ru",
        "Дезертир.",
        "desertion",
        {Level.ALERT},
    )
    assert case.relevant


def test_a_case_may_say_whose_soldiers_they_are(tmp_path: Path) -> None:
    (case,) = read_cases(written(tmp_path, CASE.replace('"title"', '"side": "ru", "title"')))
    told = Judgement(level=Level.ALERT, topics=("desertion",), score=0.9, side=Side.UA)
    assert "is alert desertion (0.9) of side ua, not ru" in (wrong(case, told) or "")
    assert wrong(case, replace(told, side=Side.RU)) is None


def test_a_labelled_corpus_is_a_file_of_cases_too(tmp_path: Path) -> None:
    labels = ("relevant", "adjacent", "other-war", "irrelevant")
    path = written(tmp_path, *(f'{{"id": "{label}", "lang": "fr", "label": "{label}", "text": "x", "note": "y"}}' for label in labels))
    cases = read_cases(path)
    assert [(case.relevant, Level.NOTE in case.allowed) for case in cases] == [(True, True), (False, True), (False, True), (False, False)]
    assert {case.article.lang for case in cases} == {"fr"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (CASE, "line 2: the id 'ru-1' is given twice"),
        ("{", "line 2: is no JSON"),
        (CASE.replace('"alert"', '"alarm"'), "line 2.level: Input should be 'alert', 'alert+note', 'note' or 'none'"),
        (CASE.replace('"text"', '"txt"'), "line 2.text: Field required"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_cases(written(tmp_path, CASE, line))
    assert problem in str(error.value)
