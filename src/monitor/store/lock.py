"""Who may write? One process at a time holds the lock of a data folder; the kernel frees it when that process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import LockedError, StoreError, UsageError

LOCK_FILE = "monitor.lock"
LONGEST_HOLDER = 32  # bytes of the lock file that are read: a process id

_held: set[int] = set()


def _leave_to_parent() -> None:
    """A forked worker would keep the lock alive after its parent was killed, so it lets go of its copy."""
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Holds the lock of the data folder.

    Raises LockedError naming the process that holds it, UsageError when the folder does not exist, StoreError when it cannot be written.
    """
    path = data / LOCK_FILE
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{data} does not exist: create it with mkdir") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}): give this user the right to write in {data}") from error
    _held.add(handle)
    try:
        _take(handle, data)
        yield
    finally:
        _held.discard(handle)
        os.close(handle)


def _take(handle: int, data: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, LONGEST_HOLDER, 0).decode("ascii", "replace").strip()
        raise LockedError(f"{data} is in use by process {holder or 'unknown'}: wait until it is done, or stop it") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
