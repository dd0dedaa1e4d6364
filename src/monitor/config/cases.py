"""cases/*.jsonl -> texts with the class that the rules must give them; an error names file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.config.tables import checked, files
from monitor.errors import ConfigError
from monitor.model import Article, Level, Side
from monitor.steps.bench import ANY_TOPIC, NONE, Case

#: What a case says of its level -> what is right.
ALLOWED = {
    "alert": frozenset({Level.ALERT}),
    "alert+note": frozenset({Level.ALERT, Level.NOTE}),
    "note": frozenset({Level.NOTE, Level.NONE}),
    "none": frozenset({Level.NONE}),
}
#: The labels of a corpus that knows no levels.
LABELS = {"relevant": "alert+note", "adjacent": "note", "other-war": "note", "irrelevant": "none"}


class _Case(BaseModel):
    """A line. What else stands in it is passed over: a corpus may carry notes of its own."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    text: str
    topic: str = Field(alias="class")
    level: Literal["alert", "alert+note", "note", "none"]
    title: str = ""
    lang: str = ""
    source: str = ""
    why: str = ""
    side: Side = Side.UNKNOWN

    @model_validator(mode="before")
    @classmethod
    def _labelled(cls, told: Any) -> Any:
        if isinstance(told, dict) and told.get("label") in LABELS and "level" not in told:
            level = LABELS[told["label"]]
            topic = (told.get("topic") or ANY_TOPIC) if level == "alert+note" else NONE
            return {"class": topic} | told | {"level": level, "side": Side.UNKNOWN}
        return told


def load_cases(folder: Path) -> list[Case]:
    """The cases of a configuration folder, file by file. Raises ConfigError naming file and line."""
    return [case for path in files(folder / "cases", "*.jsonl") for case in read_cases(path)]


def read_cases(path: Path) -> list[Case]:
    """One file: a JSON object a line with `id`, `text`, `class` and `level`, or `label` in place of the two.

    A case without `lang` has it at the head of its id, as in `ru-017`. Raises ConfigError naming the line and what is allowed.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, "", f"cannot be read ({error})") from error
    cases = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            case = _case(path, f"line {number}", line)
            if case.id in cases:
                raise ConfigError(path, f"line {number}", f"the id {case.id!r} is given twice")
            cases[case.id] = case
    return list(cases.values())


def _case(path: Path, key: str, line: str) -> Case:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(path, key, f"is no JSON: {error}") from error
    case = checked(_Case, told, path, key)
    article = Article(case.title, "", case.text, lang=case.lang or case.id.partition("-")[0])
    return Case(case.id, article, case.topic, ALLOWED[case.level], case.source, why=case.why, side=case.side)
