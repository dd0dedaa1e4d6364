"""The catalogue: its health at a glance, a look now, and what a new source would be. Nothing here changes a file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from click.core import ParameterSource

from monitor import wiring
from monitor.cli.options import config_option, folders, json_option, named, print_json, source_option, stderr, table, unused_data
from monitor.errors import MonitorError, UsageError
from monitor.model import READABLE, Endpoint, Source, Visit
from monitor.steps import looks, records, timetable
from monitor.steps.display import counted, cut, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.flows.discover import Found
    from monitor.steps.looks import Checked


@click.group(invoke_without_command=True)
@folders
@json_option
@source_option
@click.pass_context
def sources(context: click.Context, config: Path | None, data: Path | None, as_json: bool, source: str | None) -> None:
    """List the catalogue with the health of each source; look at a source now; find, import and export sources."""
    if context.invoked_subcommand:
        given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given:
            raise UsageError(f"options go behind the command: monitor sources {context.invoked_subcommand} --…")
        return
    known = wiring.load_sources(wiring.config_folder(config))
    with wiring.reading(wiring.data_folder(data)) as store:
        visits = store.visits()
    found = list(known.values()) if source is None else named(known, [source])
    if as_json:
        print_json([records.source(one, visits) for one in found])
        return
    row, columns = (_row, COLUMNS) if sys.stdout.isatty() else (_plain_row, ())
    table(columns, [row(one, visits, datetime.now(UTC)) for one in found], empty="The catalogue is empty: see config/sources/.")


COLUMNS = ("health", "id", "last look", "next", "since", "rhythm", "note")


def _row(source: Source, visits: Mapping[tuple[str, str], Visit], now: datetime) -> Sequence[str]:
    """For the eye."""
    health = timetable.health(source, visits)
    shown = looks.telling(source, visits, health)
    note = looks.note(source, [visit for visit in visits.values() if visit.source == source.id], now)
    if shown is None:
        return health, source.id, looks.in_words(None, ""), "", "", "", note
    endpoint, visit = shown
    assert visit.last_look
    last = f"{looks.span(now - visit.last_look)} ago: {looks.in_words(visit.outcome, visit.why)}"
    upcoming = f"in {looks.span(visit.next_look - now)}" if visit.next_look and source.enabled and not visit.gone else ""
    since = looks.since(source, visits, health)
    rhythm = f"{looks.bar(endpoint, visit.interval)} {looks.span(visit.interval or endpoint.every)}" if source.enabled else ""
    return health, source.id, last, upcoming, looks.span(now - since) if since else "", rhythm, note


def _plain_row(source: Source, visits: Mapping[tuple[str, str], Visit], now: datetime) -> Sequence[str]:
    """For programs that cut lines at tabs: health, id, last look, outcome, why, next look, since, seconds between looks, note."""
    health = timetable.health(source, visits)
    shown = looks.telling(source, visits, health)
    visit = shown[1] if shown else None
    since = looks.since(source, visits, health)
    note = looks.note(source, [visit for visit in visits.values() if visit.source == source.id], now)
    last, upcoming, begun = (records.time(at) or "" for at in (*((visit.last_look, visit.next_look) if visit else (None, None)), since))
    interval = f"{visit.interval.total_seconds():.0f}" if visit and visit.interval else ""
    outcome, why = (visit.outcome or "", visit.why) if visit else ("", "")
    return health, source.id, last, outcome, why, upcoming, begun, interval, note


# ── check ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@sources.command()
@folders
@json_option
@click.argument("idents", metavar="[ID]...", nargs=-1)
def check(config: Path | None, data: Path | None, as_json: bool, idents: tuple[str, ...]) -> None:
    """Look now (at all enabled sources, or at these) and explain what was seen. Saves nothing; works beside the daemon.

    A source that is named is looked at with all its endpoints, also where it is disabled. Exit code 3: some could not be read.
    """
    import asyncio

    configuration = wiring.load(wiring.config_folder(config))
    chosen = named(configuration.sources, idents) or [source for source in configuration.sources.values() if source.enabled]
    wanted = [(source, endpoint) for source in chosen for endpoint in source.endpoints if idents or endpoint.enabled]
    done = asyncio.run(_check(configuration, data or wiring.DATA, wanted, as_json))
    if as_json:
        print_json([records.checked(checked) for checked in done])
    if any(checked.outcome not in READABLE for checked in done):
        raise SystemExit(3)


async def _check(configuration: wiring.Configuration, data: Path, wanted: Sequence[tuple[Source, Endpoint]], quiet: bool) -> list[Checked]:
    """Each is explained as soon as it and those before it are there."""
    from asyncio import create_task

    from monitor.flows.check import check

    done = []
    with wiring.reading_or_empty(data, stderr) as store:
        async with wiring.world(configuration, store, looking=True) as world:
            for under_way in [create_task(check(world, *pair)) for pair in wanted]:
                done.append(await under_way)
                if not quiet:
                    _explain(done[-1])
    return done


def _explain(checked: Checked) -> None:
    """A block of lines about one endpoint."""
    endpoint = checked.endpoint
    click.echo(plain(f"{checked.source.id} · {endpoint.kind}, {endpoint.role} · {endpoint.url}"))
    for label, told in looks.explained(checked, datetime.now(UTC)):
        for number, line in enumerate(told):
            click.echo(f"  {'' if number else label:<11} {plain(line)}")
    click.echo()


# ── new sources ──────────────────────────────────────────────────────────────────────────────────────────────────────


@sources.command()
@folders
@click.argument("address", metavar="URL")
def add(config: Path | None, data: Path | None, address: str) -> None:
    """Find what can be watched at URL (a page, a feed, @channel, t.me/channel) and print a catalogue entry for it. Changes nothing."""
    import asyncio

    from monitor.steps.proposals import toml

    configuration = wiring.load(wiring.config_folder(config))
    found = asyncio.run(_discover(configuration, data or wiring.DATA, address))
    for line in found.told:
        stderr(line)
    if found.source is None:
        if any(": known, " in line for line in found.told):
            stderr("Everything that was found stands in the catalogue already.")
            return
        raise MonitorError(f"{address}: nothing to watch was found; if you know the address of its feed or news sitemap, give that")
    click.echo(
        f"# Proposed for {plain(address)}. Put it into a file of {wiring.config_folder(config) / 'sources'}/, correct what is wrong,"
    )
    click.echo(f"# add aliases, and look: monitor sources check {found.source.id}\n")
    click.echo(toml([found.source], found.remarks), nl=False)


async def _discover(configuration: wiring.Configuration, data: Path, address: str) -> Found:
    from monitor.flows.discover import discover

    with wiring.reading_or_empty(data, lambda why: None) as store:
        async with wiring.world(configuration, store, looking=True) as world:
            return await discover(world, address)


@sources.command()
@config_option
@unused_data
def export(config: Path | None) -> None:
    """Print the enabled feeds as OPML, for a feed reader or another installation."""
    from monitor.steps import opml

    known = wiring.load_sources(wiring.config_folder(config)).values()
    click.echo(opml.write(known, datetime.now(UTC)), nl=False)
    told = sum(len(opml.feeds(source)) for source in known)
    others = sum(endpoint.enabled for source in known if source.enabled for endpoint in source.endpoints) - told
    stderr(f"{counted(told, 'feed')}; OPML has no words for Telegram, sitemaps and listings: {counted(others, 'endpoint')} left out")


@sources.command("import")
@config_option
@unused_data
@click.argument("file", type=click.File("rb"))
def import_(config: Path | None, file: BinaryIO) -> None:
    """Print catalogue entries for the feeds of an OPML FILE (- reads stdin), and on stderr what became of each. Changes nothing.

    Exit code 3: some were refused or left out.
    """
    from monitor.config.settings import load_settings
    from monitor.steps import opml, proposals

    folder = wiring.config_folder(config)
    body = file.read(opml.MOST_BYTES + 1)
    if len(body) > opml.MOST_BYTES:
        raise UsageError(f"{file.name}: more than {opml.MOST_BYTES // 2**20} MiB; split it")
    outlines = opml.read(body)
    if outlines.problem:
        raise MonitorError(f"{file.name}: {outlines.problem}")
    imported = proposals.import_outlines(outlines, wiring.load_sources(folder), wiring.refusal(load_settings(folder).fetch))
    for fate, url, why in imported.report:
        stderr(f"{fate}: {cut(url, 200)}: {why}")
    beyond = f", {outlines.beyond} beyond the first {opml.MOST_OUTLINES} left out" if outlines.beyond else ""
    stderr(", ".join(f"{imported.count(fate)} {fate}" for fate in ("taken", "known", "refused")) + beyond)
    if imported.sources:
        stderr(f"Nothing was changed: put what you want of it into a file of {folder / 'sources'}/, and look: monitor sources check")
        click.echo(proposals.toml(imported.sources), nl=False)
    if beyond or imported.count("refused"):
        raise SystemExit(3)


COMMANDS = (sources,)
