"""One-off commands that fill the queue from the past: addresses, archives, WARC files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from monitor import wiring
from monitor.cli.options import Moment, folders, json_option, named, print_json, stderr
from monitor.cli.progress import Shown, progress
from monitor.errors import UsageError
from monitor.model import EntryState

if TYPE_CHECKING:
    from monitor.model import Page
    from monitor.ports import World
    from monitor.store.sqlite import SqliteStore

alert_option = click.option("--alert", is_flag=True, help="Alert for what is found (default: the past alerts nobody).")
listed_option = click.option("--listed-only", is_flag=True, help="Leave out outlets that are not in the catalogue (they are counted).")


@click.group()
def backfill() -> None:
    """Read the past: addresses, a source's archives, or WARC files. Can be stopped, resumed and repeated."""


@backfill.command("urls")
@folders
@json_option
@alert_option
@listed_option
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
def from_urls(config: Path | None, data: Path | None, as_json: bool, alert: bool, listed_only: bool, file: TextIO) -> None:
    """Read the articles whose addresses stand in FILE, one a line (- reads stdin; # starts a comment)."""
    from monitor.flows.backfill import queue_urls

    addresses = (line.strip() for line in file if line.strip() and not line.lstrip().startswith("#"))

    async def fill(world: World, shown: Shown) -> bool:
        queue_urls(world, addresses, alerting=alert, listed_only=listed_only, tell=shown.queued)
        return True

    _run(config, data, as_json, fill)


@backfill.command("source")
@folders
@json_option
@alert_option
@click.option("--since", type=Moment(), help="Only articles published since then: 2026-11-20, 30d.")
@click.option("--until", type=Moment(), help="Only articles published until then.")
@click.argument("ident", metavar="ID")
def from_source(
    config: Path | None, data: Path | None, as_json: bool, alert: bool, since: datetime | None, until: datetime | None, ident: str
) -> None:
    """Walk the archives of source ID: sitemaps and the older pages of channels; of a feed or a listing, what it shows now."""
    from monitor.flows.backfill import queue_source

    if since and until and since > until:
        raise UsageError(f"--since {since:%Y-%m-%d} lies after --until {until:%Y-%m-%d}")
    [source] = named(wiring.load_sources(wiring.config_folder(config)), [ident])

    async def fill(world: World, shown: Shown) -> bool:
        return await queue_source(world, source, since=since, until=until, alerting=alert, tell=shown.queued)

    _run(config, data, as_json, fill)


@backfill.command("warc")
@folders
@json_option
@alert_option
@listed_option
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def from_warc(config: Path | None, data: Path | None, as_json: bool, alert: bool, listed_only: bool, files: tuple[Path, ...]) -> None:
    """Read the pages that WARC or ARC files hold; nothing is fetched."""
    from monitor.flows.backfill import queue_pages

    problems: list[str] = []

    def pages() -> Iterator[Page]:
        from monitor.fetch.warcs import read_warc

        for file in files:
            found: list[str] = []
            yield from read_warc(file, on_problem=found.append)
            problems.extend(f"{file}: {problem}" for problem in found)

    async def fill(world: World, shown: Shown) -> bool:
        queue_pages(world, pages(), alerting=alert, listed_only=listed_only, tell=shown.queued)
        for problem in problems:
            stderr(problem)
        return not problems

    _run(config, data, as_json, fill)


def _run(config: Path | None, data: Path | None, as_json: bool, fill: Callable[[World, Shown], Awaitable[bool]]) -> None:
    """Fills the queue and works it off; exit 3 when something was left out, failed or has to be tried again later."""
    configuration = wiring.load(wiring.config_folder(config))
    with wiring.writing(wiring.data_folder(data)) as store, progress() as shown:
        complete = asyncio.run(_fill_and_read(configuration, store, fill, shown))
        waiting = store.ledger()[EntryState.WAITING]
    record = {
        "queued": shown.new,
        "known": shown.known,
        "left_out": shown.left_out,
        "read": sum(count for state, count in shown.states.items() if state is not EntryState.WAITING),
        "items": shown.items,
        "alerts": shown.alerts,
        "waiting": waiting,
        "problems": shown.problems,
    }
    if as_json:
        print_json(record)
    else:
        click.echo(
            f"{shown.new} queued, {shown.known} known before, {shown.left_out} left out; {record['read']} read, {shown.items} new items, "
            f"{shown.alerts} alerts, {waiting} waiting for another attempt"
        )
    if not complete or waiting or shown.problems:
        raise SystemExit(3)


async def _fill_and_read(
    configuration: wiring.Configuration, store: SqliteStore, fill: Callable[[World, Shown], Awaitable[bool]], shown: Shown
) -> bool:
    from monitor.flows.deliver import deliver
    from monitor.flows.read import read

    async with wiring.world(configuration, store) as world:
        complete = await fill(world, shown)
        await read(world, tell=shown.done)
        await deliver(world)
    return complete


COMMANDS = (backfill,)
