"""Looking into what is stored: items, alerts, stories, the ledger, everything. Works beside a running daemon."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, print_json, print_line, since_option, source_option, table
from monitor.cli.progress import bar
from monitor.errors import MonitorError, UsageError
from monitor.model import Edit
from monitor.steps import records

if TYPE_CHECKING:
    from monitor.model import Alert, Kept
    from monitor.store.sqlite import SqliteStore


@click.command()
@folders
@json_option
@since_option
@source_option
def items(config: Path | None, data: Path | None, as_json: bool, since: datetime | None, source: str | None) -> None:
    """List stored articles, matched or not."""
    with wiring.reading(wiring.data_folder(data)) as store:
        found = store.items(since=since, source=source)
        edits: dict[int, list[Edit]] = {}
        for edit in store.edits() if as_json else ():
            edits.setdefault(edit.item, []).append(edit)
    if as_json:
        print_json([records.item(item, edits.get(item.id, ())) for item in found])
        return
    rows = [(item.id, item.judgement.level, item.source, item.article.lang, item.state, item.article.title) for item in found]
    table(("id", "verdict", "source", "lang", "state", "title"), rows, empty="No items yet: monitor poll brings some.")


@click.command()
@folders
@json_option
@since_option
@source_option
def alerts(config: Path | None, data: Path | None, as_json: bool, since: datetime | None, source: str | None) -> None:
    """List alerts, the newest last."""
    with wiring.reading(wiring.data_folder(data)) as store:
        found = store.alerts(since=since, source=source)
    if as_json:
        print_json([records.alert(alert) for alert in found])
        return
    rows = [
        (a.id, a.severity, a.created.strftime("%Y-%m-%d %H:%M"), a.source, "+".join(a.topics), a.side, _status(a), a.title) for a in found
    ]
    table(("id", "severity", "created", "source", "topics", "side", "status", "title"), rows, empty="No alerts.")


def _status(alert: Alert) -> str:
    """`new`, `new, rematch` for what changed rules found in the past, `new, lost` for what they would not find any more."""
    return ", ".join([alert.status, *([alert.lane] if alert.lane != "live" else []), *(["lost"] if alert.lost else [])])


@click.command()
@folders
@json_option
@since_option
@source_option
def stories(config: Path | None, data: Path | None, as_json: bool, since: datetime | None, source: str | None) -> None:
    """List stories: each event once, with its outlets and at most how many independent origins."""
    from monitor.flows.stories import told

    known = wiring.load_sources(wiring.config_folder(config))
    with wiring.reading(wiring.data_folder(data)) as store:
        found = told(store, known, since=since, source=source)
    if as_json:
        print_json([records.story(story) for story in found])
        return
    table(
        ("id", "items", "outlets", "origins", "label"),
        [(s.id, s.items, s.outlets, s.origins, s.label) for s in found],
        empty="No stories yet.",
    )


@click.command()
@folders
@json_option
def ledger(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Show how every entry ever seen ended; the states sum to what was seen."""
    with wiring.reading(wiring.data_folder(data)) as store:
        states = store.ledger()
    seen = sum(states.values())
    if as_json:
        print_json({"seen": seen, "by_state": {state.value: count for state, count in states.items()}})
        return
    table(("state", "entries"), [*((state.value, count) for state, count in states.items()), ("seen", seen)], empty="")


@click.command()
@folders
@click.option("--jsonl", is_flag=True, help="Items, one JSON object a line, with their alerts and versions (the default).")
@click.option("--warc", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The pages kept, as WARC 1.1 (- is stdout).")
def export(config: Path | None, data: Path | None, jsonl: bool, warc: Path | None) -> None:
    """Print everything stored, an item a line, or write the pages kept as evidence into a WARC file."""
    if jsonl and warc:
        raise UsageError("--jsonl and --warc: one of them")
    with wiring.reading(wiring.data_folder(data)) as store:
        if warc:
            _export_pages(store, warc)
            return
        for record in store.export():
            print_line(record)


def _export_pages(store: SqliteStore, to: Path) -> None:
    """The file appears whole or not at all."""
    from monitor.fetch.warcwriter import write_warc

    def told(pages: Iterable[Kept], advance: Callable[[int], None]) -> Iterator[Kept]:
        for page in pages:
            yield page
            advance(1)

    total = store.count_kept_pages()
    with bar("writing pages", total) as advance:
        if str(to) == "-":
            write_warc(sys.stdout.buffer, told(store.kept_pages(), advance), datetime.now(UTC))
            return
        if to.exists():
            raise UsageError(f"{to} exists already: an export never replaces a file")
        unfinished = to.with_name(to.name + ".unfinished")
        try:
            with unfinished.open("wb") as stream:
                written = write_warc(stream, told(store.kept_pages(), advance), datetime.now(UTC))
            unfinished.rename(to)
        except OSError as error:
            raise MonitorError(f"{to} cannot be written ({error.strerror})") from error
        finally:
            with suppress(OSError):  # there is none where none could be made
                unfinished.unlink()
    click.echo(f"{written:,} pages written to {to}")


COMMANDS = (items, alerts, stories, ledger, export)
