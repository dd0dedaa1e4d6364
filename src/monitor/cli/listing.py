"""Looking into what is stored: items, alerts, stories, the ledger, everything. Works beside a running daemon."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, print_json, print_line, since_option, source_option, table
from monitor.steps import records


@click.command()
@folders
@json_option
@since_option
@source_option
def items(config: Path | None, data: Path | None, as_json: bool, since: datetime | None, source: str | None) -> None:
    """List stored articles, matched or not."""
    with wiring.reading(wiring.data_folder(data)) as store:
        found = store.items(since=since, source=source)
    if as_json:
        print_json([records.item(item) for item in found])
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
        (a.id, a.severity, a.created.strftime("%Y-%m-%d %H:%M"), a.source, "+".join(a.topics), a.side, a.status, a.title) for a in found
    ]
    table(("id", "severity", "created", "source", "topics", "side", "status", "title"), rows, empty="No alerts.")


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
@click.option("--jsonl", is_flag=True, help="One JSON object a line (the only form so far, and the default).")
def export(config: Path | None, data: Path | None, jsonl: bool) -> None:
    """Print everything stored, an item a line, with its alerts and versions."""
    with wiring.reading(wiring.data_folder(data)) as store:
        for record in store.export():
            print_line(record)


COMMANDS = (items, alerts, stories, ledger, export)
