"""A store in a folder of its own, and the words in which its tests speak."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.lock import hold
from monitor.store.sqlite import SqliteStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with hold(tmp_path), open_store(tmp_path, write=True) as opened:
        yield opened
        assert opened.check() == []  # whatever a test does, the laws between the tables hold
