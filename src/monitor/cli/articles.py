"""One article: what is stored of it, and what the service thinks of a page that it is shown."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import wiring
from monitor.cli.options import config_option, data_option, folders, json_option, named, print_json, stderr
from monitor.errors import UsageError
from monitor.model import Article, Failure, Judgement, Source, unlisted
from monitor.steps import records, sheet
from monitor.steps.display import Part, plain

if TYPE_CHECKING:
    from monitor.store.sqlite import SqliteStore

LABEL = 11  # characters of the widest label and the space behind it
MOST_BYTES = 8 * 1024 * 1024  # of a file that is explained
MATCH = "black on bright_yellow"  # on a terminal


@click.command()
@folders
@json_option
@click.option("--version", "number", type=click.IntRange(1), metavar="N", help="An older text: 1 is the first (default: the newest).")
@click.argument("ident", metavar="ID", type=int)
def show(config: Path | None, data: Path | None, as_json: bool, number: int | None, ident: int) -> None:
    """Show one article: its text with the matches marked, why, its versions and what changed, alerts, evidence."""
    known = wiring.load_sources(wiring.config_folder(config))
    with wiring.reading(wiring.data_folder(data)) as store:
        stored = _stored(store, known, ident, number)
    if as_json:
        print_json(records.stored(stored))
        return
    article = stored.shown.article
    _print_heading(f"Item {stored.item.id} · {article.title or '(without a title)'}")
    _print_block(sheet.about(stored))
    _print_text(article, stored.shown.judgement)
    _print_block(sheet.below(stored))


def _stored(store: SqliteStore, known: dict[str, Source], ident: int, number: int | None) -> sheet.Stored:
    item = store.item(ident)
    if item is None:
        raise UsageError(f"{ident}: no such item; monitor items lists them")
    versions = tuple(store.versions(ident))
    if number is not None and number > len(versions):
        has = f"versions 1 to {len(versions)}" if len(versions) > 1 else "one version only"
        raise UsageError(f"item {ident} has {has}, no {number}")
    return sheet.Stored(
        item,
        known.get(item.source) or unlisted(item.source),
        versions[(number or len(versions)) - 1],
        versions,
        tuple(store.edits(item=ident)),
        tuple(store.alerts_of(ident)),
        tuple(store.evidence(ident)),
        tuple(store.verdicts(ident)),
    )


@click.command()
@config_option
@data_option
@json_option
@click.option("--source", "ident", metavar="ID", help="Read it as an article of this source (default: whose address it is).")
@click.argument("target", metavar="URL|FILE|-")
def explain(config: Path | None, data: Path | None, as_json: bool, ident: str | None, target: str) -> None:
    """Explain what the service thinks of a page, a saved page or a text (- reads stdin), and why. Stores nothing.

    Works without a database, and beside the daemon. Exit code 1: the page could not be fetched; why is told.
    """
    configuration = wiring.load(wiring.config_folder(config, pure=True))
    source = named(configuration.sources, [ident])[0] if ident else None
    said = asyncio.run(_explain(configuration, data or wiring.DATA, target, source))
    if as_json:
        print_json(records.explained(said))
    else:
        _print_heading(f"{target} · {said.article.title or '(without a title)' if said.article else 'not read'}")
        _print_block(sheet.explained(said))
        if said.article:
            _print_text(said.article, said.judgement)
    if isinstance(said.fetched, Failure):
        raise SystemExit(1)


async def _explain(configuration: wiring.Configuration, data: Path, target: str, source: Source | None) -> sheet.Explained:
    from monitor.flows.explain import explain_bytes, explain_url

    is_address = target.lower().startswith(("http://", "https://"))
    body = b"" if is_address else _read_file(target)
    with wiring.reading_or_empty(data, stderr) as store:
        async with wiring.world(configuration, store, looking=True) as world:
            return await (explain_url(world, target, source) if is_address else explain_bytes(world, target, body, source))


def _read_file(name: str) -> bytes:
    try:
        with click.open_file(name, "rb") as file:
            body: bytes = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{name}: {error.strerror}; give an address that begins with http:// or https://, a file, or - for stdin"
        ) from error
    if len(body) > MOST_BYTES:
        raise UsageError(f"{name}: more than {MOST_BYTES} bytes")
    return body


# ── on the screen ────────────────────────────────────────────────────────────────────────────────────────────────────


def _print_text(article: Article, judgement: Judgement) -> None:
    """Title, lead and text, the matches marked: in colour on a terminal, between asterisks elsewhere."""
    click.echo()
    for field in ("title", "lead", "text"):
        for line in sheet.marked_lines(article, judgement, field):
            if any(part.text.strip() for part in line):
                _print_parts(line)
                click.echo()
    _print_block([("matches", sheet.matches(article, judgement) or ["none"])])


def _print_parts(parts: Iterable[Part]) -> None:
    if not sys.stdout.isatty():
        click.echo("".join(f"*{plain(part.text)}*" if part.marked else plain(part.text) for part in parts))
        return
    from rich.console import Console
    from rich.text import Text

    Console().print(Text.assemble(*((plain(part.text), MATCH if part.marked else "") for part in parts)))


def _print_heading(line: str) -> None:
    click.secho(plain(line), bold=True)  # click leaves the style out where there is no terminal


def _print_block(lines: Iterable[tuple[str, list[str]]]) -> None:
    for label, told in lines:
        for number, line in enumerate(told):
            click.echo(f"{'' if number else label:<{LABEL}}{plain(line)}")


COMMANDS = (show, explain)
