"""How far long work has come: bars on a terminal, plain lines elsewhere, both on stderr."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from monitor.cli.options import stderr
from monitor.model import READABLE, EntryState

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from monitor.flows.backfill import Queued
    from monitor.flows.collect import Polled
    from monitor.flows.read import Done
    from monitor.flows.recheck import Looked


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Something to tell how many of `total` are done: a bar with the time that is left on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda count: bars.advance(task, count)


class Shown:
    """Counts what the flows tell, and shows it."""

    def __init__(self, bars: Progress | None) -> None:
        self.bars = bars
        self.looks: TaskID | None = bars.add_task("looking", total=None) if bars else None
        self.reads: TaskID | None = bars.add_task("reading", total=None) if bars else None
        self.states: Counter[EntryState] = Counter()
        self.new = self.known = self.left_out = self.alerts = self.items = self.rechecked = self.changed = 0
        self.problems: list[str] = []

    def polled(self, look: Polled) -> None:
        self.new += look.new
        if look.outcome not in READABLE:
            self._problem(f"{look.source}: {look.outcome}: {look.why} ({look.url})")
        elif not self.bars:
            stderr(f"{look.source}: {look.outcome}, {look.entries} entries, {look.new} new ({look.url})")
        self._advance(self.looks, f"looking: {self.new} new")

    def queued(self, step: Queued) -> None:
        self.new, self.known, self.left_out = self.new + step.new, self.known + step.known, self.left_out + step.left_out
        if step.problem:
            self._problem(f"{step.what}: {step.problem}")
        elif not self.bars:
            stderr(f"{step.what}: {step.new} queued, {step.known} known" + (f", {step.left_out} left out" if step.left_out else ""))
        self._advance(self.looks, f"queueing: {self.new} new, {self.known} known")

    def done(self, read: Done) -> None:
        self.states[read.state] += 1
        self.items += read.item is not None and read.state is not EntryState.REVISION
        self.alerts += read.alerted
        if not self.bars and read.state in (EntryState.WAITING, EntryState.FAILED):
            stderr(f"{read.waiting.source}: {read.state}: {read.reason} ({read.waiting.entry.url})")
        counts = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        self._advance(self.reads, f"reading: {counts}")

    def looked(self, look: Looked) -> None:
        self.rechecked += 1
        self.changed += bool(look.changes)
        if not self.bars:
            told = "; ".join(change.words for change in look.changes) or look.why
            stderr(f"item {look.item}: looked at again: {told or 'nothing changed'} ({look.url})")
        self._advance(self.reads, f"looking again: {self.rechecked}, {self.changed} changed")

    def _problem(self, line: str) -> None:
        self.problems.append(line)
        if self.bars:
            from rich.text import Text

            self.bars.console.print(Text(line, style="red"))
        else:
            stderr(line)

    def _advance(self, task: TaskID | None, description: str) -> None:
        if self.bars and task is not None:
            self.bars.update(task, advance=1, description=description)


@contextmanager
def progress() -> Iterator[Shown]:
    """Something to tell the flows' progress to, for as long as the work takes."""
    if not sys.stderr.isatty():
        yield Shown(None)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        yield Shown(bars)
