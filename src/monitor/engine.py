"""Where does CPU work run? In worker processes that can die or be killed one at a time.

A pool of processes started from a clean server process (forkserver): threads make extraction slower than serial (0.58x), and the standard
ProcessPoolExecutor breaks whole when one worker dies.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import resource
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar, cast

from monitor.errors import WorkerDiedError, WorkTimeoutError

if TYPE_CHECKING:
    from pebble import ProcessPool

T = TypeVar("T")

MOST_WORKERS = 2  # where nobody says how many: each holds about 100 MB
MOST_MEMORY = 3 * 1024**3  # bytes of address space of one worker; beyond it an allocation fails in that worker alone
TASKS_A_WORKER = 500  # then it is replaced, so what leaks does not grow
MOST_TOGETHER = 16  # small works that share one way to a worker …
TOGETHER_WITHIN = 0.02  # … seconds for which the first of them waits for others …
TOGETHER_DEADLINE = 5.0  # … and seconds in which they have to be done
DEADLINE = 60.0  # seconds, where the caller gives none
#: Loaded once by the server, so a new worker starts in milliseconds.
PRELOADED = ("monitor.steps.entries", "monitor.steps.feeds", "monitor.steps.extract", "trafilatura", "langdetect")


class Engine:
    """Keeps the Executor port with a pool of processes. The pool starts with the first work, so commands without any stay quick."""

    def __init__(self, workers: int) -> None:
        """`workers` processes; 0 is one a core, MOST_WORKERS at most."""
        self.workers = workers or min(len(os.sched_getaffinity(0)), MOST_WORKERS)
        self._pool: ProcessPool | None = None
        self._started = False
        self._small: deque[_Small] = deque()
        self._carriers: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[..., T], *args: Any, deadline: float | None = None, small: bool = False) -> T:
        """`work(*args)` in a worker. The deadline (seconds) counts from the moment a worker takes it, not from the queue.

        Raises WorkTimeoutError past the deadline, WorkerDiedError when the worker died or ran out of memory, else what the work raised.
        Cancelling the caller kills the work. Small works wait for a worker together; one that kills it, or takes too long, is tried
        again alone, as are those that were with it.
        """
        if small:
            done = await self._share(work, args)
            if done is not None:
                return _outcome(cast("T | _Raised", done))
        try:
            return await self._once(work, args, deadline or DEADLINE)
        except BrokenProcessPool:  # an idle worker died and took the pool with it: not this work's doing
            return await self._once(work, args, deadline or DEADLINE)

    async def _once(self, work: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
        pool = await self._running()
        try:
            done: T | _Raised = await asyncio.wrap_future(pool.schedule(_attempt, args=(work, *args), timeout=seconds))
        except TimeoutError as error:
            raise WorkTimeoutError(f"passed its deadline of {seconds:g} s and was killed") from error
        except OSError as error:  # pebble's ProcessExpired
            raise WorkerDiedError(f"its process died ({_how(error)})") from error
        return _outcome(done)

    async def _share(self, work: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """What the work gave or raised, done together with others; None when they were not done: it has to be tried alone."""
        waiting = _Small(work, args, asyncio.get_running_loop().create_future())
        self._small.append(waiting)
        if len(self._carriers) < self.workers:
            self._carriers.add(asyncio.create_task(self._carry()))
        return await waiting.done

    async def _carry(self) -> None:
        """Takes small works to a worker, as many at a time as wait, until none does; then it is no carrier at once, so that whoever
        comes next, be it from the work that it has just done, starts another."""
        try:
            while self._small:
                if len(self._small) < MOST_TOGETHER:
                    await asyncio.sleep(TOGETHER_WITHIN)
                load = [self._small.popleft() for _ in range(min(len(self._small), MOST_TOGETHER))]
                if not load:  # another carrier was there before
                    continue
                given: Sequence[Any] = [None] * len(load)
                with suppress(Exception):  # each of them is tried alone, and tells what is wrong with it
                    given = await self._once(_attempt_all, ([(small.work, small.args) for small in load],), TOGETHER_DEADLINE)
                for small, done in zip(load, given, strict=True):
                    if not small.done.done():
                        small.done.set_result(done)
        finally:
            self._carriers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    def close(self) -> None:
        """Stops the workers, those at work too. The next run() starts new ones."""
        pool, self._pool, self._started = self._pool, None, False
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    async def _running(self) -> ProcessPool:
        if self._started and self._pool is not None and not self._pool.active:
            self.close()
        pool = self._pool = self._pool or self._made()
        if not self._started:  # the server loads what is preloaded, and whoever fetches meanwhile goes on
            await asyncio.to_thread(lambda: pool.active)
            self._started = self._pool is pool
        return pool

    def _made(self) -> ProcessPool:
        from pebble import ProcessPool
        from pebble.pool import base_pool, process

        for module in (base_pool, process):
            module.time = _Naps  # type: ignore[attr-defined]
        context = get_context("forkserver")
        context.set_forkserver_preload(list(PRELOADED))
        return ProcessPool(max_workers=self.workers, max_tasks=TASKS_A_WORKER, initializer=_prepare, context=context)


class _Naps:
    """The clock of pebble's own threads. Python's sleep ends by an absolute time and raises where somebody moves the clock under it
    (libfaketime with a true monotonic clock); a thread that dies of that leaves all work waiting for ever."""

    time = staticmethod(time.monotonic)  # deadlines, which a clock that is set must not move

    @staticmethod
    def sleep(seconds: float) -> None:
        select.select((), (), (), seconds)


def _prepare() -> None:
    """In every new worker: a bound on memory, and a death that is at once even inside C code. Ctrl-C is the main process's to handle."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class _Raised:
    """What the work raised, sent as a value: so it is never taken for what the pool raises."""

    error: Exception


@dataclass(frozen=True, slots=True)
class _Small:
    work: Callable[..., Any]
    args: tuple[Any, ...]
    done: asyncio.Future[Any]


def _outcome(done: T | _Raised) -> T:
    if isinstance(done, _Raised):
        raise done.error
    return done


def _attempt_all(works: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]]) -> list[Any]:
    return [_attempt(work, *args) for work, args in works]


def _attempt(work: Callable[..., T], *args: Any) -> T | _Raised:
    try:
        return work(*args)
    except MemoryError:
        return _Raised(WorkerDiedError(f"needed more than {MOST_MEMORY >> 20} MiB of memory"))
    except Exception as error:  # noqa: BLE001 (whatever it is goes back to the caller)
        return _Raised(_portable(error))


def _portable(error: Exception) -> Exception:
    """The error itself where it survives the way between processes: one that does not would break the pool."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    except (pickle.PickleError, TypeError, AttributeError):
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _how(error: OSError) -> str:
    """The exit of a dead worker, for people: `SIGABRT`, `exit 1`."""
    code = getattr(error, "exitcode", None)
    if isinstance(code, int) and code < 0:
        return signal.Signals(-code).name
    return f"exit {code}" if code is not None else str(error)
