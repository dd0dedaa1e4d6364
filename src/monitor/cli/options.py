"""What all commands share: the two folders, times on the command line, and how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor.errors import UsageError
from monitor.model import Source
from monitor.steps.display import disarmed, plain

F = TypeVar("F", bound=Callable[..., Any])

config_option = click.option(
    "--config", type=click.Path(path_type=Path), envvar="MONITOR_CONFIG", help="Folder of what curators write (default: config/)."
)
data_option = click.option(
    "--data", type=click.Path(path_type=Path), envvar="MONITOR_DATA", help="Folder of what the service writes (default: storage/)."
)
#: Every command takes both, so that a script can give them to any; these are for those that have no need of one.
unused_config, unused_data = (click.option(name, type=click.Path(), expose_value=False, hidden=True) for name in ("--config", "--data"))
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def folders(command: F) -> F:
    return config_option(data_option(command))


class Moment(click.ParamType[datetime]):
    """A day, a time, or how long ago: 2026-11-20, 2026-11-20T10:00Z, 7d, 12h."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}.get(text[-1:])
        try:
            if unit and text[:-1].isdecimal():
                return datetime.now(UTC) - timedelta(**{unit: int(text[:-1])})
            at = datetime.fromisoformat(text)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is no time; allowed: 2026-11-20, 2026-11-20T10:00Z, 7d, 12h, 30m", param, ctx)


source_option = click.option("--source", metavar="ID", help="Only this source.")


def named(sources: Mapping[str, Source], idents: Sequence[str]) -> list[Source]:
    """The sources of these ids, in this order. Raises UsageError for an id that is not in the catalogue."""
    for ident in idents:
        if ident not in sources:
            like = get_close_matches(ident, sources, n=3)
            hint = f"did you mean {' or '.join(like)}?" if like else "monitor sources lists them"
            raise UsageError(f"{ident}: no such source; {hint}")
    return [sources[ident] for ident in dict.fromkeys(idents)]


def since_option(command: F) -> F:
    return click.option("--since", type=Moment(), help="Only what came in since then: 2026-11-20, 7d, 12h.")(command)


def print_json(document: object, indent: int | None = 1) -> None:
    """On a terminal what that may act on is escaped, which is the same JSON."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    click.echo(disarmed(text) if sys.stdout.isatty() else text)


def print_line(document: Mapping[str, object]) -> None:
    print_json(document, None)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table on a terminal, tab-separated lines elsewhere; hostile text is made harmless in both."""
    lines = [[plain(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in lines:
            click.echo("\t".join(line))
        return
    if not lines:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for line in lines:
        shown.add_row(*(Text(cell, style=STYLES.get(cell, ""), overflow="ellipsis", no_wrap=True) for cell in line))
    Console().print(shown)


STYLES = {
    "ok": "green",
    "silent": "yellow",
    "failing": "red",
    "refused": "red",
    "disabled": "dim",
    "unseen": "dim",
    "alert": "bold red",
    "note": "yellow",
    "none": "dim",
    "high": "bold red",
    "medium": "yellow",
}


def stderr(message: str) -> None:
    click.echo(plain(message), err=True)
