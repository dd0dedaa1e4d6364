"""The service itself: look once, run for ever, the digest, and what is wrong."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, named, print_json, stderr, table
from monitor.cli.progress import Shown, progress
from monitor.model import READABLE, EntryState
from monitor.steps import troubles

if TYPE_CHECKING:
    from monitor.flows.collect import Collected
    from monitor.steps.troubles import Watched
    from monitor.store.sqlite import SqliteStore


@click.command()
@folders
@json_option
@click.option("--all", "everything", is_flag=True, help="Look at everything that no server has told to wait, due or not.")
@click.argument("only", metavar="[SOURCE]...", nargs=-1)
def poll(config: Path | None, data: Path | None, as_json: bool, everything: bool, only: tuple[str, ...]) -> None:
    """Look at what is due, read what waits, look again at what matched, store it, alert."""
    configuration = wiring.load(wiring.config_folder(config))
    for source in named(configuration.sources, only):
        if not source.enabled:
            stderr(f"{source.id} is disabled and is not looked at: {source.reason or 'enabled = false'}")
    with wiring.writing(wiring.data_folder(data)) as store, progress() as shown:
        collected, watched = asyncio.run(_poll(configuration, store, only, everything, shown))
        record = _record(collected, watched, shown, store)
    for change in watched.changes:
        stderr(troubles.line(change, configuration.sources))
    if as_json:
        print_json(record)
    else:
        _tell(record)
    if any(look.outcome not in READABLE for look in collected.polls):
        raise SystemExit(3)


async def _poll(
    configuration: wiring.Configuration, store: SqliteStore, only: tuple[str, ...], everything: bool, shown: Shown
) -> tuple[Collected, Watched]:
    from monitor.flows.collect import collect
    from monitor.flows.deliver import deliver
    from monitor.flows.prove import prove
    from monitor.flows.read import read
    from monitor.flows.recheck import recheck
    from monitor.flows.watch import watch

    async with wiring.world(configuration, store) as world:
        collected = await collect(world, only=only, everything=everything, tell=shown.polled)
        watched = watch(world)
        await read(world, tell=shown.done)
        await recheck(world, tell=shown.looked)
        await deliver(world)
        await prove(world)
    return collected, watched


def _record(collected: Collected, watched: Watched, shown: Shown, store: SqliteStore) -> dict[str, Any]:
    """The contract's answer of a poll."""
    states = store.ledger()
    return {
        "polls": [
            {"source": p.source, "url": p.url, "outcome": p.outcome, "status": p.status, "entries": p.entries, "new": p.new, "why": p.why}
            for p in collected.polls
        ],
        "read": sum(count for state, count in shown.states.items() if state is not EntryState.WAITING),
        "waiting": states[EntryState.WAITING],
        "failed": states[EntryState.FAILED],
        "items": shown.items,
        "alerts": shown.alerts,
        "rechecked": shown.rechecked,
        "changed": shown.changed,
        "network_down": watched.network_down,
    }


def _tell(record: dict[str, Any]) -> None:
    rows = [(p["outcome"], p["source"], p["entries"], p["new"], p["why"]) for p in record["polls"]]
    nothing = "Nothing was due: monitor sources shows when each is; --all looks now."
    table(("outcome", "source", "entries", "new", "why"), rows, empty=nothing)
    click.echo(", ".join(f"{record[name]} {name}" for name in ("read", "items", "alerts", "waiting", "failed", "rechecked", "changed")))
    if record["network_down"]:
        click.echo("No host could be reached: is this machine's own network down?")


@click.command()
@folders
@click.option("--verbose", is_flag=True, help="Log each look and each article.")
def run(config: Path | None, data: Path | None, verbose: bool) -> None:
    """Run as a daemon: look, read, alert, digest, for ever. SIGTERM or Ctrl-C ends it clean."""
    from monitor import daemon

    daemon.run(wiring.config_folder(config), wiring.data_folder(data), verbose=verbose)


class Day(click.ParamType[str]):
    """A day of the digest's timezone."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if text in ("today", "yesterday"):
            return text
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            self.fail(f"{text!r} is no day; allowed: 2026-11-20, today, yesterday", param, ctx)


@click.command()
@folders
@click.option("--format", "fmt", type=click.Choice(["text", "markdown", "html", "json"]), default="text", show_default=True)
@click.argument("day", type=Day(), default="yesterday")
def digest(config: Path | None, data: Path | None, fmt: str, day: str) -> None:
    """Print the digest of a day (default: yesterday). The same day gives the same bytes."""
    from monitor.flows.digest import of_day
    from monitor.steps.digest import render

    configuration = wiring.load(wiring.config_folder(config))
    today = datetime.now(ZoneInfo(configuration.settings.timezone)).date()
    chosen = {"today": today, "yesterday": today - timedelta(days=1)}.get(day) or date.fromisoformat(day)
    with wiring.reading(wiring.data_folder(data)) as store:
        made = of_day(store, configuration.settings.timezone, configuration.sources, chosen)
    click.echo(render(made, fmt), nl=False)


@click.command()
@folders
@json_option
def doctor(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Say what is wrong, and what to do about it."""
    from monitor.doctor import examine

    findings = examine(config, data, datetime.now(UTC))
    wrong = [finding for finding in findings if not finding.ok]
    if as_json:
        print_json({"ok": not wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        rows = [("ok", f.what, f.found, "") if f.ok else ("WRONG", f.what, f.found, f.do) for f in findings]
        table(("", "what", "found", "what to do"), rows, empty="")
    if wrong:
        raise SystemExit(1)


@click.command()
@folders
@click.argument("file", type=click.Path(path_type=Path))
def backup(config: Path | None, data: Path | None, file: Path) -> None:
    """Write a consistent, checked copy of the database to FILE; works beside a running daemon, and never replaces a file."""
    with wiring.reading(wiring.data_folder(data)) as store:
        store.backup(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes, checked; to restore it see docs/operations.md")


COMMANDS = (backup, poll, run, digest, doctor)
