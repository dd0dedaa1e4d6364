"""Pieces of work on the store that come at about the same moment, in one transaction, since each transaction has to reach the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from monitor.ports import Store

WITHIN = 0.1  # seconds

T = TypeVar("T")


class Gathered:
    """Nothing is awaited from the first piece of a transaction to its last, and each sees what those before it wrote."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pieces: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._coming = 0

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Around work that may bring a piece: when all such work waits here, nothing is waited for."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1
            self._see()

    async def do(self, piece: Callable[[], T]) -> T:
        """What the piece gives or raises, once all that it wrote is durable. A piece whose caller was cancelled before is left out."""
        loop = asyncio.get_running_loop()
        if self._timer is None:
            self._timer = loop.call_later(WITHIN, self._do_all)
        done: asyncio.Future[T] = loop.create_future()
        self._pieces.append((piece, done))
        self._see()
        return await done

    def _see(self) -> None:
        if self._timer is not None and len(self._pieces) >= self._coming:
            self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(0, self._do_all)

    def _do_all(self) -> None:
        self._timer = None
        pieces, self._pieces = [pair for pair in self._pieces if not pair[1].done()], []
        told: list[tuple[Any, Exception | None]] = []
        try:
            with self._store.together():
                told += [_outcome(piece) for piece, _ in pieces]
        except Exception as error:  # noqa: BLE001 (the disk is full, say: none of them was saved)
            told = [(None, error)] * len(pieces)
        for (_, done), (result, problem) in zip(pieces, told, strict=True):
            if problem is None:
                done.set_result(result)
            else:
                done.set_exception(problem)


def _outcome(piece: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return piece(), None
    except Exception as error:  # noqa: BLE001 (goes to whoever waits for this piece)
        return None, error
