"""Commands without network and database: read one endpoint's answer, or judge texts."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from monitor import wiring
from monitor.cli.options import config_option, print_line, stderr, unused_config, unused_data
from monitor.errors import UsageError
from monitor.model import EndpointKind, Outcome
from monitor.steps import records

MOST_BYTES = 64 * 1024 * 1024  # of a file that is parsed


@click.command()
@unused_config
@unused_data
@click.option("--kind", type=click.Choice([kind.value for kind in EndpointKind]), required=True, help="The shape of the answer.")
@click.option("--url", required=True, help="Where it came from: relative links are resolved against it.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="An option for the reader, as in the catalogue.")
@click.argument("file", type=click.File("rb"))
def parse(kind: str, url: str, options: tuple[str, ...], file: BinaryIO) -> None:
    """Print the entries of a saved feed, sitemap, channel page, listing or JSON answer, one a line (FILE - reads stdin)."""
    from monitor.steps import entries

    body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise UsageError(f"{file.name}: more than {MOST_BYTES} bytes")
    pairs = dict(pair.partition("=")[::2] for pair in options)
    parsed = entries.parse(EndpointKind(kind), body, url=url, now=datetime.now(UTC), options=pairs)
    for entry in parsed.entries:
        print_line(records.entry(entry))
    if parsed.problem:
        stderr(f"{parsed.problem}: {parsed.why}")
        raise SystemExit(3 if parsed.entries else 1)
    if parsed.why and not parsed.entries:
        stderr(f"{Outcome.OK_NOTHING_NEW}: {parsed.why}")


@click.command()
@config_option
@unused_data
@click.argument("file", type=click.File("rb"), default="-")
def analyze(config: Path | None, file: BinaryIO) -> None:
    """Judge texts: JSON Lines in, a line each out, in order.

    Each line in has an id and a title with text or html; url, published, source and lang where known.
    """
    from monitor.engine import Engine
    from monitor.flows.analyze import analyze as run

    folder = wiring.config_folder(config, pure=True)
    rules, sources, engine = wiring.load_rules(folder), wiring.load_sources(folder), Engine(os.cpu_count() or 1)
    try:
        wrong = asyncio.run(run(file, rules, sources, engine, datetime.now(UTC), print_line))
    finally:
        engine.close()
    if wrong:
        stderr(f"{wrong} lines could not be read")
        raise SystemExit(3)


COMMANDS = (parse, analyze)
