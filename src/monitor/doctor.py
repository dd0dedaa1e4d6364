"""What is wrong with this installation, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor import wiring
from monitor.errors import LockedError, MonitorError, StoreError
from monitor.model import EndpointKind, Source
from monitor.steps import timetable
from monitor.steps.shrinking import BEFORE, RECENT, shrunk
from monitor.store.sqlite import SqliteStore

LEAST_DISK = 500 * 1024 * 1024  # bytes free below which storing is in danger
UNSENT_TOO_LONG = timedelta(hours=1)
LENGTHS_OF = timedelta(days=60)  # articles by whose length a source is judged


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    what: str
    found: str
    do: str = ""  # where it is not ok


def examine(config: Path | None, data: Path | None, now: datetime) -> list[Finding]:
    """Looks at everything that can be wrong before a source is blamed; never raises for what it finds."""
    return list(_examine(config, data, now))


def _examine(config: Path | None, data: Path | None, now: datetime) -> Iterator[Finding]:
    configuration = None
    try:
        configuration = wiring.load(wiring.config_folder(config))
    except MonitorError as error:
        yield Finding(False, "configuration", str(error), "correct the file and key it names")
    if configuration:
        enabled = sum(source.enabled for source in configuration.sources.values())
        yield Finding(
            enabled > 0,
            "configuration",
            f"{enabled} of {len(configuration.sources)} sources enabled",
            "enable some in config/sources/",
        )
        told = bool(configuration.settings.mail or configuration.settings.webhooks)
        yield Finding(told, "alerts go to", "mail or webhook" if told else "nobody", "add [mail] or [[webhook]] to monitor.toml")
    try:
        folder = wiring.data_folder(data)
    except MonitorError as error:
        yield Finding(False, "data folder", str(error), "create it")
        return
    yield from _disk(folder)
    yield from _process(folder)
    try:
        with wiring.reading(folder) as store:
            yield from _database(store, now)
            if configuration:
                yield from _sources(store, configuration.sources, now)
    except MonitorError as error:
        yield Finding(False, "database", str(error), "see docs/operations.md: restoring a backup")


def _disk(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    yield Finding(free >= LEAST_DISK, "disk", f"{free // 2**20} MiB free", "make room: nothing can be stored soon")
    writable = os.access(folder, os.W_OK)
    yield Finding(writable, "data folder", str(folder), "give this user the right to write there")


def _process(folder: Path) -> Iterator[Finding]:
    from monitor.store.lock import hold

    try:
        with hold(folder):
            yield Finding(True, "daemon", "not running: nothing is looked at unless monitor poll is called")
    except LockedError as error:
        yield Finding(True, "daemon", str(error))
    except StoreError as error:
        yield Finding(False, "lock", str(error), "nothing can be stored until then")


def _database(store: SqliteStore, now: datetime) -> Iterator[Finding]:
    yield Finding(True, "SQLite", sqlite3.sqlite_version)
    problems = store.check()
    yield Finding(not problems, "database", "; ".join(problems) or "sound", "stop the service and restore the last backup")
    oldest, dead = store.unsent(now)
    late = oldest is not None and now - oldest > UNSENT_TOO_LONG
    waits = f"oldest unsent notice: {oldest:%Y-%m-%d %H:%M}" if oldest else "nothing unsent"
    yield Finding(not late and not dead, "outbox", f"{waits}, {dead} refused for good", "check [mail] and [[webhook]]")


def _sources(store: SqliteStore, sources: dict[str, Source], now: datetime) -> Iterator[Finding]:
    visits = store.visits()
    by_health: dict[str, list[str]] = {}
    for source in sources.values():
        by_health.setdefault(timetable.health(source, visits), []).append(source.id)
    for health in ("failing", "refused", "silent"):
        names = by_health.get(health, [])
        yield Finding(not names, f"{health} sources", ", ".join(names) or "none", f"monitor sources check {' '.join(names[:3])}")
    yield _shrunk(store, sources, now)


def _shrunk(store: SqliteStore, sources: dict[str, Source], now: datetime) -> Finding:
    """Channels are left out: their posts are of any length."""
    read = {source.id for source in sources.values() if any(end.kind is not EndpointKind.TELEGRAM for end in source.endpoints)}
    lengths = store.text_lengths(now - LENGTHS_OF, RECENT + BEFORE)
    found = [f"{ident}: {why}" for ident in sorted(read & lengths.keys()) if (why := shrunk(lengths[ident]))]
    return Finding(
        not found, "texts that shrank", "; ".join(found) or "none", "open an article of it: was the site rebuilt, or closed by a wall?"
    )
