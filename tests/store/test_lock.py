"""Who may write?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import LockedError, UsageError
from monitor.store.lock import hold

HOLDER = """
import sys, time
from pathlib import Path
from monitor.store.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(data: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_C08_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(LockedError, match=f"process {process.pid}:") as caught, hold(tmp_path):
            pass
        process.kill()
    assert caught.value.exit_code == 4


def test_C08_the_lock_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with hold(tmp_path):
            assert (tmp_path / "monitor.lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_free_after_its_holder_was_done(tmp_path: Path) -> None:
    for _ in range(2):
        with hold(tmp_path):
            pass


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(LockedError), hold(tmp_path):
        pass


def test_a_forked_worker_that_outlives_its_parent_does_not_keep_the_lock(tmp_path: Path) -> None:
    (ended, end), (started, start) = os.pipe(), os.pipe()
    with hold(tmp_path):
        child = os.fork()
        if child == 0:
            os.close(end)
            os.write(start, b"x")
            os.read(ended, 1)  # until the test is done
            os._exit(0)
        os.read(started, 1)
    try:
        with hold(tmp_path):
            pass
    finally:
        os.close(end)
        os.waitpid(child, 0)
        for handle in (ended, started, start):
            os.close(handle)


def test_a_missing_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere does not exist: create it with mkdir"), hold(tmp_path / "nowhere"):
        pass
