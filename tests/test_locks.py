"""The hash locks are in step with pyproject.toml: every dependency is pinned within its range, and nothing is without a hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {"requirements.lock": ["build"], "requirements-dev.lock": ["build", "dev"]}


def pins(lock: str) -> dict[str, str]:
    """Name -> version of every pin, after checking that each has a hash."""
    found = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text()):
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", block)
        assert match, block[:80]
        assert "--hash=sha256:" in block, f"{match[1]} has no hash in {lock}"
        found[canonicalize_name(match[1])] = match[2]
    return found


def unmet(requirements: list[str], pinned: dict[str, str]) -> list[str]:
    parsed = [Requirement(text) for text in requirements]
    return [str(r) for r in parsed if not r.specifier.contains(pinned.get(canonicalize_name(r.name), "0.dev0"), prereleases=True)]


@pytest.mark.parametrize("lock", EXTRAS)
def test_every_dependency_is_pinned_within_its_range(lock: str) -> None:
    wanted = PROJECT["dependencies"] + [r for extra in EXTRAS[lock] for r in PROJECT["optional-dependencies"][extra]]
    pinned = pins(lock)
    assert unmet(wanted, pinned) == [], "run ./run lock"
    assert all(canonicalize_name(Requirement(text).name) in pinned for text in wanted), "run ./run lock"


def test_both_locks_agree() -> None:
    development = pins("requirements-dev.lock")
    assert {name: version for name, version in pins("requirements.lock").items() if development.get(name) != version} == {}


def test_a_changed_range_is_noticed() -> None:
    assert unmet(["click>=999"], pins("requirements.lock")) == ["click>=999"]
