"""TOML files -> checked tables: the one place where a wrong key becomes an error that names it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.errors import ConfigError

MOST_TOLD = 5  # errors of one file that are told at once


def files(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder by name, without hidden ones: editors keep locks and copies there."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


class Table(BaseModel):
    """A TOML table: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigError naming the file, and the line where TOML is broken."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ConfigError(path, "", f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, "", f"is not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, "", f"is not TOML: {error}") from error


def checked(model: type[M], data: dict[str, Any], path: Path, at: str = "") -> M:
    """`data`, which stands in the file under the key `at`, as `model`. Raises ConfigError naming file, key and what is allowed."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        told = [(_key(data, e["loc"], at), e) for e in error.errors(include_url=False)[:MOST_TOLD]]
        first, *others = [(key, _problem(e["type"], e["msg"], model, e["loc"])) for key, e in told]
        more = "".join(f"\n{path}: {key}: {problem}" for key, problem in others)
        raise ConfigError(path, first[0], first[1] + more) from error


def _key(data: Any, place: tuple[int | str, ...], at: str) -> str:
    """`source.meduza.endpoint.0.url`: a table of a list is called by its id where it has one, else by its number from 0."""
    steps = [at] if at else []
    for step in place:
        try:
            data = data[step]
        except (LookupError, TypeError):
            data = None
        name = data.get("id") if isinstance(step, int) and isinstance(data, dict) else None
        steps.append(name if isinstance(name, str) and name.isprintable() and name else str(step))
    return ".".join(steps)


def _problem(kind: str, message: str, model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    if kind != "extra_forbidden":
        return message.removeprefix("Value error, ")
    known = _fields(model, place[:-1])
    return "unknown key" + (f"; allowed here: {', '.join(sorted(known))}" if known else "")


def _fields(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys that the table at `place` may have; empty where that cannot be told."""
    for step in (p for p in place if isinstance(p, str)):
        field = model.model_fields.get(step) or next((f for f in model.model_fields.values() if f.alias == step), None)
        inner = _table_in(field.annotation) if field else None
        if inner is None:
            return []
        model = inner
    return [f.alias or name for name, f in model.model_fields.items()]


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _table_in(part))), None)
