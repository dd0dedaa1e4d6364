"""Pieces of work on the store that come at about the same moment, in one transaction, since each transaction has to reach the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from monitor.ports import Store

WITHIN = 0.05  # seconds

T = TypeVar("T")


class Gathered:
    """Nothing is awaited from the first piece of a transaction to its last, and each sees what those before it wrote."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pieces: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    async def do(self, piece: Callable[[], T]) -> T:
        """What the piece gives or raises, once all that it wrote is durable. A piece whose caller was cancelled before is left out."""
        loop = asyncio.get_running_loop()
        if not self._pieces:
            loop.call_later(WITHIN, self._do_all)
        done: asyncio.Future[T] = loop.create_future()
        self._pieces.append((piece, done))
        return await done

    def _do_all(self) -> None:
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
