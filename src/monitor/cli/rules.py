"""Rules as curators work on them: how good they are, what an edit would change, and the past brought under them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, print_json, table
from monitor.cli.progress import bar
from monitor.steps import records

if TYPE_CHECKING:
    from monitor.flows.rematch import Rematched
    from monitor.ports import Rules
    from monitor.steps.bench import Quality
    from monitor.steps.recall import Recall
    from monitor.store.sqlite import SqliteStore

MOST_NAMED = 8  # texts of one cause
MOST_SHOWN = 60  # changes in the plain form; --json has all


@click.group()
def rules() -> None:
    """Test rules, and see what an edit would change before it is saved."""


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
    with wiring.reading(wiring.data_folder(data)) as store, wiring.workers() as engine, _judging(store, edited) as tell:
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


@rules.command()
@folders
@json_option
@click.option("--corpus", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Test on this file, not on the shipped cases.")
def test(config: Path | None, data: Path | None, as_json: bool, corpus: Path | None) -> None:
    """Say how good the rules are, on the shipped cases and on every verdict that curators gave.

    A corpus holds a JSON object a line: id, text, title, lang, source, and class with level (alert, alert+note, note, none), or label
    (relevant, adjacent, other-war, irrelevant).
    """
    from monitor.flows import review
    from monitor.steps.bench import measure

    folder = wiring.config_folder(config, pure=True)
    tested, sources = wiring.load_rules(folder), wiring.load_sources(folder)
    cases = wiring.read_cases(corpus) if corpus else wiring.load_cases(folder)
    verdicts, estimated = [], None
    if data or wiring.DATA.is_dir():
        with wiring.reading(wiring.data_folder(data)) as store:
            verdicts, estimated = review.cases(store, tested, sources), review.estimated_recall(store, tested)
    report = measure([*cases, *verdicts], tested)
    if as_json:
        told = records.recall(estimated) if estimated else None
        print_json({"rules": tested.version, "cases": len(cases), "verdicts": len(verdicts), **records.report(report), "recall": told})
        return
    click.echo(f"{len(cases)} cases and {len(verdicts)} verdicts under rules {tested.version}\n")
    columns = ("", "texts", "precision", "recall", "F1", "false", "missed")
    groups = [("all", report.all), *report.languages.items(), *report.sources.items()]
    table(columns, [_row(f"{n} {w}", one.texts, getattr(one, w)) for n, one in groups for w in ("alert", "found")], empty="")
    click.echo()
    table(columns, [_row(name, one.right + one.false + one.missed, one) for name, one in report.rules.items()], empty="")
    for what, causes in (("False alarms", report.false_alarms), ("Misses", report.misses)):
        click.echo(f"\n{what}, by cause")
        rows = [(len(one.cases), one.what, ", ".join(one.cases[:MOST_NAMED])) for one in causes]
        table(("count", "cause", "texts"), rows, empty="none")
    click.echo("\n" + _recall(estimated))


def _row(name: str, texts: int, one: Quality) -> tuple[object, ...]:
    value, interval = one.f1
    precision, recall = one.precision, one.recall
    shares = (share(precision.value, precision.interval), share(recall.value, recall.interval), share(value, interval))
    return (name, texts, *shares, one.false, one.missed)


def share(value: float | None, interval: tuple[float, float]) -> str:
    """`.93 [.88–.96]`, with the 95 % interval."""
    low, high = (f"{end:.2f}" for end in interval)
    return "–" if value is None else f"{value:.2f} [{low}–{high}]"


def _recall(estimated: Recall | None) -> str:
    if estimated is None:
        return "No recall can be estimated yet: monitor review --draw draws articles for you to judge."
    judged = ", ".join(f"{s.judged} of {s.drawn} {s.stratum} ({s.relevant} relevant, of {s.population})" for s in estimated.samples)
    value = "recall unknown" if estimated.value is None else f"recall {estimated.value:.2f}"
    low, high = estimated.interval
    return f"Estimated from the judged draw: {value} [{low:.2f}–{high:.2f}]; judged {judged}"


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
