"""The daemon: wakes the flows for ever. Truth about what is due is in the store; the scheduler only wakes us."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor import wiring
from monitor.errors import MonitorError
from monitor.flows.collect import collect
from monitor.flows.deliver import deliver
from monitor.flows.digest import queue_due
from monitor.flows.maintain import maintain
from monitor.flows.prove import prove
from monitor.flows.read import read
from monitor.flows.recheck import recheck
from monitor.flows.rematch import rematch
from monitor.flows.watch import watch
from monitor.model import Source
from monitor.ports import Rules, World
from monitor.steps import troubles
from monitor.store.sqlite import SqliteStore

LOOK_EVERY = 15  # seconds between two glances at what is due
READ_EVERY = 5
RECHECK_EVERY = 60
TELL_EVERY = 10
MAINTAIN_EVERY = 6 * 3600
PROVE_EVERY = 1800
RELOAD_EVERY = 5  # a change is used when it is as old as that
GRACE = 5.0  # seconds that work under way has to end after SIGTERM, and once more when it was cancelled
CLOCK_EVERY = 30.0
CLOCK_JUMP = 10.0  # seconds by which the wall's clock may move against the steady one unnoticed
STUCK_AFTER = 900.0  # seconds without a finished glance before the watchdog is no longer fed

log = logging.getLogger(__name__)


def run(folder: Path, data: Path, *, verbose: bool = False) -> None:
    """Runs until SIGTERM or SIGINT; a second signal ends the process at once. `folder`: the configuration's.

    Raises ConfigError where that cannot be used; one that goes wrong later is told and waited for.
    """
    saved = Saved(folder)
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.setLevel(logging.INFO)
    with wiring.writing(data) as store:
        asyncio.run(_serve(saved, store))


class OneLine(logging.Formatter):
    """One record, one line: what came from outside cannot forge another (control characters are shown escaped). A traceback is indented."""

    def format(self, record: logging.LogRecord) -> str:
        said = super().format(record)
        lines = [said] if record.exc_info is None else said.splitlines()
        return "\n    ".join(line.encode("unicode_escape").decode("ascii") for line in lines)


class Saved:
    """The configuration folder, and what was last read there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen = self.used = wiring.state_of(folder)
        self.configuration = wiring.load(folder)

    def change(self) -> wiring.Configuration | None:
        """The new configuration, once: where files were saved, and none since the last call, so that nobody is read in the middle of
        copying them. Raises ConfigError, once too, where they cannot be used."""
        state = wiring.state_of(self.folder)
        settled, self.seen = state == self.seen, state
        if not settled or state == self.used:
            return None
        self.used = state
        return wiring.load(self.folder)


async def _serve(saved: Saved, store: SqliteStore) -> None:
    from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    async with wiring.world(saved.configuration, store) as world:
        stopping = _stop_on_signals()
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
        scheduler.add_listener(lambda event: log.warning("job %s was missed", event.job_id), EVENT_JOB_MISSED)
        scheduler.add_listener(lambda event: log.debug("job %s still runs", event.job_id), EVENT_JOB_MAX_INSTANCES)
        jobs = _Jobs(world, saved, stopping)
        for name, seconds, work in (
            ("look", LOOK_EVERY, jobs.look),
            ("read", READ_EVERY, jobs.read),
            ("recheck", RECHECK_EVERY, jobs.recheck),
            ("tell", TELL_EVERY, jobs.tell),
            ("maintain", MAINTAIN_EVERY, jobs.maintain),
            ("prove", PROVE_EVERY, jobs.prove),
            ("reload", RELOAD_EVERY, jobs.reload),
        ):
            scheduler.add_job(jobs.guarded(name, work), "interval", seconds=seconds, id=name, next_run_time=world.clock.now())
        scheduler.add_job(jobs.guarded("rematch", jobs.rematch), id="rematch")  # once: what changed while nobody watched
        scheduler.start()
        _say_how_many(world.sources)
        _notify("READY=1")
        clock = asyncio.create_task(mind_the_clock(scheduler))
        await stopping.wait()
        clock.cancel()
        _notify("STOPPING=1")
        log.info("stopping")
        scheduler.pause()
        await jobs.end()
        scheduler.shutdown(wait=False)
    log.info("stopped")


def _say_how_many(sources: Mapping[str, Source]) -> None:
    log.info("watching %d of %d sources", sum(source.enabled for source in sources.values()), len(sources))


def _stop_on_signals() -> asyncio.Event:
    stopping = asyncio.Event()

    def stop() -> None:
        if stopping.is_set():
            os._exit(1)  # asked twice
        stopping.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    return stopping


async def mind_the_clock(scheduler: Any, every: float = CLOCK_EVERY) -> None:
    """The scheduler waits for times of the wall's clock: when that was set, or the machine slept, all jobs are due at once.

    Never returns. `every`: seconds between two comparisons with the steady clock.
    """
    while True:
        wall, steady = time.time(), time.monotonic()
        await asyncio.sleep(every)
        jump = (time.time() - wall) - (time.monotonic() - steady)
        if abs(jump) >= CLOCK_JUMP:
            log.warning("the clock jumped by %+.0f s: everything is planned anew", jump)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))


class _Jobs:
    """The jobs, each of which may fail without costing the others anything."""

    def __init__(self, world: World, saved: Saved, stopping: asyncio.Event) -> None:
        self.world, self.saved, self.stopping = world, saved, stopping
        self.under_way: set[asyncio.Task[Any]] = set()
        self.proved = time.monotonic()

    def guarded(self, name: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def job() -> None:
            task = asyncio.current_task()
            assert task is not None
            self.under_way.add(task)
            try:
                await work()
            except asyncio.CancelledError:
                log.info("%s was cut short", name)  # what it had not ended goes on after a restart
            except Exception:
                log.exception("job %s failed; it runs again at its next turn", name)
            finally:
                self.under_way.discard(task)
            if time.monotonic() - self.proved < STUCK_AFTER:
                _notify("WATCHDOG=1")

        return job

    async def look(self) -> None:
        collected = await collect(self.world)
        self.proved = time.monotonic()
        for polled in collected.polls:
            log.info("%s: %s, %d entries, %d new (%s)", polled.source, polled.outcome, polled.entries, polled.new, polled.url)
        for change in watch(self.world).changes:
            log.warning("%s", troubles.line(change, self.world.sources))

    async def reload(self) -> None:
        """What curators saved is used from now on: sources, lexicon, rules. Where it cannot be, all of it waits and the old goes on."""
        try:
            new = self.saved.change()
        except MonitorError as error:
            log.error("%s. Nothing that was saved is used until that is mended: the old configuration goes on", error)
            return
        if new is None:
            return
        log.info("the configuration was saved anew")
        _say_how_many(new.sources)
        if new.settings != self.world.settings:
            log.warning("monitor.toml was changed: restart the daemon to use what it says now")
        rules = self.world.rules
        self.world = replace(self.world, sources=new.sources, rules=new.rules)
        await self._rejudge_after(rules)

    async def _rejudge_after(self, rules: Rules) -> None:
        """Work that was done under rules which were replaced meanwhile is judged again."""
        if rules.version != self.world.rules.version:
            await self.rematch()

    async def read(self) -> None:
        rules = self.world.rules
        alerted: list[bool] = []
        await read(self.world, tell=lambda done: alerted.append(done.alerted), stop=self.stopping.is_set)
        if alerted:
            log.info("read %d, %d alerts", len(alerted), sum(alerted))
        await self._rejudge_after(rules)

    async def rematch(self) -> None:
        done = await rematch(self.world, stop=self.stopping.is_set)
        if done.judged:
            log.info("rules changed: %d judged again, %d found, %d lost; nobody was told", done.judged, done.found, done.lost)

    async def recheck(self) -> None:
        rules = self.world.rules
        looks = await recheck(self.world, stop=self.stopping.is_set)
        if looks:
            log.info("looked at %d articles again, %d changed", len(looks), sum(bool(look.changes) for look in looks))
        await self._rejudge_after(rules)

    async def tell(self) -> None:
        for day in queue_due(self.world):
            log.info("digest of %s queued", day)
        await deliver(self.world)

    async def maintain(self) -> None:
        maintain(self.world)

    async def prove(self) -> None:
        await prove(self.world)

    async def end(self) -> None:
        """Gives work under way its grace, then cancels it: every step is one transaction, so nothing is left half done."""
        if self.under_way:
            _, late = await asyncio.wait(self.under_way, timeout=GRACE)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=GRACE)


def _notify(state: str) -> None:
    """Tells systemd, where it listens (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())
