"""The command as a person or a script starts it: a process of its own, judged by what it prints and by its exit code."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

import monitor
from tests.press import Press

MONITOR = [sys.executable, "-m", "monitor"]


class Desk:
    """An installation in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config, self.data = folder, folder / "config", folder / "data"
        self.data.mkdir(parents=True)
        self.config.mkdir()
        code = str(Path(monitor.__file__).parents[1])  # what is tested here is what the commands run
        self.environment = {**os.environ, "PYTHONPATH": code, "MONITOR_CONFIG": str(self.config), "MONITOR_DATA": str(self.data)}

    def start(self, *words: str, stdout: int | IO[bytes] = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen([*MONITOR, *words], cwd=self.folder, env=self.environment, text=True, stdout=stdout, stderr=subprocess.PIPE)

    def run(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MONITOR, *words], cwd=self.folder, env=self.environment, input=given, text=True, capture_output=True, timeout=120
        )

    def json(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode in (0, 3), done.stderr
        return json.loads(done.stdout)

    def on_a_terminal(self, *words: str, columns: int = 160) -> str:
        """What a person sees."""
        ours, theirs = pty.openpty()
        environment = {**self.environment, "COLUMNS": str(columns), "TERM": "xterm-256color"}
        child = subprocess.Popen([*MONITOR, *words], cwd=self.folder, env=environment, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert child.wait(60) == 0, seen
        return seen.decode()


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")
