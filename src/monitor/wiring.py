"""Where the edges are made and handed to the flows: the one place that knows them all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import monitor
from monitor.errors import LockedError, MonitorError, UsageError
from monitor.model import FetchSettings, Settings, Source
from monitor.ports import Channel, Clock, Fetcher, Rules, World

if TYPE_CHECKING:
    from monitor.engine import Engine
    from monitor.steps.bench import Case
    from monitor.steps.matching import RuleBook
    from monitor.store.sqlite import SqliteStore

CONFIG, DATA = Path("config"), Path("storage")  # where the folders are when nobody says


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Configuration:
    settings: Settings
    sources: dict[str, Source]
    rules: Rules


def shipped() -> Path:
    """The configuration that comes with the package: a folder beside the code once installed, the checkout's otherwise."""
    package = Path(monitor.__file__).parent
    return next(folder for folder in (package / "shipped", package.parents[1] / "config") if folder.is_dir())


def config_folder(given: Path | None, *, pure: bool = False) -> Path:
    """The configuration folder. One that was named must exist; pure commands fall back to the shipped one."""
    folder = given or CONFIG
    if folder.is_dir():
        return folder
    if given is None and pure:
        return shipped()
    raise UsageError(
        f"{folder}: no such configuration folder; name one with --config DIR, or copy the shipped one: cp -r {shipped()} {folder}"
    )


def data_folder(given: Path | None) -> Path:
    folder = given or DATA
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; --data names the folder that holds monitor.db")
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such data folder; create it (mkdir {folder}) or name another with --data DIR")
    return folder


def load_rules(folder: Path) -> RuleBook:
    """The folder's lexicon and rules; what it does not have comes from the shipped configuration."""
    from monitor.config.rules import load_rules as load

    return load(folder, shipped())


def load_cases(folder: Path) -> list[Case]:
    """The folder's cases, or the shipped ones."""
    from monitor.config.cases import load_cases as load

    return load(folder) or load(shipped())


def read_cases(path: Path) -> list[Case]:
    """The cases of one file."""
    from monitor.config.cases import read_cases as read

    return read(path)


def load_sources(folder: Path) -> dict[str, Source]:
    from monitor.config.sources import load_sources as load

    return {source.id: source for source in load(folder)}


def load(folder: Path) -> Configuration:
    """Everything curators wrote. Raises ConfigError naming file, key and what is allowed."""
    from monitor.config.settings import load_settings

    return Configuration(load_settings(folder), load_sources(folder), load_rules(folder))


def state_of(folder: Path) -> frozenset[tuple[str, int, int]]:
    """What changes when something in a configuration folder is saved: each file's path, time and size."""
    from monitor.config.tables import files

    found = set()
    for path in files(folder, "**/*.toml"):
        with suppress(OSError):  # it was replaced in this moment, or leads nowhere, which load() tells
            told = path.stat()
            found.add((str(path), told.st_mtime_ns, told.st_size))
    return frozenset(found)


def refusal(settings: FetchSettings) -> Callable[[str], str]:
    """Why an address may not stand in the catalogue, or an empty text: what the loader and the one way out have against it, asked
    without a network."""
    from monitor.config.values import web_address
    from monitor.fetch.guard import Guard
    from monitor.fetch.stop import RefusedError
    from monitor.steps.addresses import is_private_name

    guard = Guard(settings.allow, settings.ports)

    def why(url: str) -> str:
        try:
            target = guard.target(web_address(url))
        except (ValueError, RefusedError) as error:
            return str(error)
        return f"{target.host} is no name of the public internet" if is_private_name(target.host or "") else ""

    return why


@contextmanager
def reading(data: Path) -> Iterator[SqliteStore]:
    """The store, to look into only: works beside a running daemon."""
    from monitor.store.sqlite import open_store

    store = open_store(data, write=False)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading_or_empty(data: Path, tell: Callable[[str], None]) -> Iterator[SqliteStore]:
    """The store, to look into only; where there is none that can be used, one that knows nothing, and `tell` is told why."""
    from monitor.store.sqlite import empty_store, open_store

    try:
        store = open_store(data, write=False)
    except MonitorError as error:
        tell(f"going on without what was seen before: {error}")
        store = empty_store()
    try:
        yield store
    finally:
        store.close()


@contextmanager
def writing(data: Path) -> Iterator[SqliteStore]:
    """The store, to write: this process holds the lock. Raises LockedError where another does."""
    from monitor.store.lock import hold
    from monitor.store.sqlite import open_store

    with hold(data):
        store = open_store(data, write=True)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def workers() -> Iterator[Engine]:
    """Worker processes, one a core, for a command that needs nothing else of the service."""
    from monitor.engine import Engine

    engine = Engine(os.cpu_count() or 1)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def noting(data: Path) -> Iterator[SqliteStore]:
    """The store for one short write of a curator, which a running daemon must not keep waiting: with the lock where it is free."""
    from monitor.store.sqlite import open_store_beside

    with ExitStack() as stack:
        try:
            store = stack.enter_context(writing(data))
        except LockedError:
            store = stack.enter_context(open_store_beside(data))
        yield store


@asynccontextmanager
async def world(
    configuration: Configuration, store: SqliteStore, clock: Clock | None = None, *, looking: bool = False
) -> AsyncIterator[World]:
    """All edges of the service. Leaving it ends the workers and the connections. `looking`: nothing is written, whatever a server says."""
    from monitor.engine import Engine
    from monitor.fetch.http import HttpFetcher

    settings, clock = configuration.settings, clock or SystemClock()
    engine = Engine(settings.workers)
    on_wait = (lambda host, until: None) if looking else store.save_host_wait
    ways = [
        HttpFetcher(replace(settings.fetch, allow=settings.fetch.allow + more), clock, host_waits=store.host_waits(), on_wait=on_wait)
        for more in ((), *(hook.allow for hook in settings.webhooks))  # what a webhook may reach is open to it alone
    ]
    try:
        async with AsyncExitStack() as stack:
            fetcher, *hooks = [await stack.enter_async_context(way) for way in ways]
            yield World(clock, fetcher, store, engine, _channels(settings, hooks), configuration.sources, configuration.rules, settings)
    finally:
        engine.close()


def _channels(settings: Settings, ways: Sequence[Fetcher]) -> dict[str, Channel]:
    """By the channel's name, or name and recipient where each recipient has its own settings. `ways`: out, one for each webhook."""
    channels: dict[str, Channel] = {}
    if settings.webhooks:
        from monitor.notify.webhook import WebhookChannel

        channels |= {f"webhook:{hook.url}": WebhookChannel(hook, way) for hook, way in zip(settings.webhooks, ways, strict=True)}
    if settings.mail:
        from monitor.notify.mail import MailChannel

        channels["mail"] = MailChannel(settings.mail)
    return channels
