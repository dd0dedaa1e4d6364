"""Rules as curators work on them: how good they are, what an edit would change, and the past brought under them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, print_json, table
from monitor.cli.progress import bar
from monitor.steps import records

if TYPE_CHECKING:
    from monitor.engine import Engine
    from monitor.flows.rematch import Rematched
    from monitor.ports import Rules
    from monitor.store.sqlite import SqliteStore

MOST_SHOWN = 60  # changes in the plain form; --json has all


@click.group()
def rules() -> None:
    """Test rules, and see what an edit would change before it is saved."""


@contextmanager
def _workers() -> Iterator[Engine]:
    from monitor.engine import Engine

    engine = Engine(os.cpu_count() or 1)
    try:
        yield engine
    finally:
        engine.close()


def _judging(store: SqliteStore, under: Rules) -> AbstractContextManager[Callable[[int], None]]:
    return bar("judging what is stored", store.count_judged_otherwise(under.version))


@rules.command()
@folders
@json_option
def diff(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Show what the rules of a configuration folder add and lose over everything stored, before they are used.

    \b
      cp -r config /tmp/new            then edit a term in /tmp/new/lexicon
      monitor rules diff --config /tmp/new
    """
    from monitor.flows.rematch import difference

    folder = wiring.config_folder(config)
    edited, sources = wiring.load_rules(folder), wiring.load_sources(folder)
    with wiring.reading(wiring.data_folder(data)) as store, _workers() as engine, _judging(store, edited) as tell:
        found = asyncio.run(difference(store, engine, edited, sources, tell=tell))
    if as_json:
        print_json({"rules": edited.version, **records.difference(found.judged, found.added, found.lost, found.moved)})
        return
    changes = [(sign, one) for sign, those in (("+", found.added), ("-", found.lost), ("~", found.moved)) for one in those]
    rows = [
        (
            sign,
            f"{one.item.judgement.level} → {one.judgement.level}",
            one.item.id,
            one.item.source,
            one.item.article.title,
            records.cause(one),
        )
        for sign, one in changes[:MOST_SHOWN]
    ]
    table(("", "change", "item", "source", "title", "why"), rows, empty="Nothing changes.")
    if len(changes) > MOST_SHOWN:
        click.echo(f"… and {len(changes) - MOST_SHOWN} more (--json lists all)")
    moved = f", moves {len(found.moved)} to other classes or sides" if found.moved else ""
    click.echo(f"{found.says}{moved}; {found.judged} items were judged under other rules than these ({edited.version})")


@click.command()
@folders
@json_option
def rematch(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Judge everything stored under the rules as they are now. What is found goes to the lane "rematch" and alerts nobody.

    Can be stopped and repeated. A daemon does the same when it starts.
    """
    configuration = wiring.load(wiring.config_folder(config))
    with wiring.writing(wiring.data_folder(data)) as store, _judging(store, configuration.rules) as tell:
        done = asyncio.run(_rematch(configuration, store, tell))
    if as_json:
        print_json(
            {"rules": configuration.rules.version, "judged": done.judged, "changed": done.changed, "found": done.found, "lost": done.lost}
        )
        return
    click.echo(f"{done.judged} judged, {done.changed} changed: {done.found} alerts found (lane rematch, nobody was told), {done.lost} lost")


async def _rematch(configuration: wiring.Configuration, store: SqliteStore, tell: Callable[[int], None]) -> Rematched:
    from monitor.flows.rematch import rematch as run

    async with wiring.world(configuration, store) as world:
        return await run(world, tell=tell)


COMMANDS = (rules, rematch)
