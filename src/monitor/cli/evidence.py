"""Proof of what was read: is it all as it was stored?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, print_json, stderr, table
from monitor.cli.progress import bar
from monitor.errors import LockedError, StoreError

if TYPE_CHECKING:
    from monitor.model import Verified


@click.command()
@folders
@json_option
def verify(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Say whether any stored page, record of a fetch, text or manifest was changed, and which (exit 1 then)."""
    folder = wiring.data_folder(data)
    with wiring.reading(folder) as store:
        empty = store.verifiable() == 0
    if not empty:
        _catch_up(folder)
    with wiring.reading(folder) as store, bar("looking at the evidence", store.verifiable()) as advance:
        found = store.verify(advance)
    if as_json:
        newest = dict(zip(("day", "sha256"), found.newest, strict=True)) if found.newest else None
        print_json({"ok": not found.damage, **asdict(found), "newest": newest})
    else:
        _tell(found)
    if found.damage:
        raise SystemExit(1)


def _catch_up(folder: Path) -> None:
    """The manifests that are due, unless the daemon is there to write them."""
    try:
        with wiring.writing(folder) as store:
            store.write_manifests(datetime.now(UTC))
    except LockedError:
        pass
    except StoreError as error:
        stderr(f"no manifests are written: {error}")


def _tell(found: Verified) -> None:
    if found.damage:
        table(("what", "where", "found"), [(one.what, one.where, one.found) for one in found.damage], empty="")
    checked = ", ".join(f"{count:,} {name}" for name, count in found.counts.items())
    click.echo(f"{checked} looked at: {f'{len(found.damage):,} not as stored' if found.damage else 'all as they were stored'}")
    for day, count in found.removed.items():
        click.echo(f"{count:,} pages were removed by retention on {day}; their digests are still here")
    if found.newest:
        click.echo("newest manifest: {} {}".format(*found.newest))


COMMANDS = (verify,)
