"""Whoever only uses the tool runs the versions that the tests run, and gets no more than it needs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(name: str) -> dict[str, str]:
    pins = [line.split("==") for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]
    return {_plain(package): version for package, version in pins}


def asked_for(requirements: list[str]) -> set[str]:
    return {_plain(re.split(r"[\[<>=~! ]", requirement)[0]) for requirement in requirements}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_both_lock_files_hold_the_same_versions() -> None:
    assert locked("requirements.lock").items() < locked("requirements-dev.lock").items()


def test_the_tool_needs_no_developers_tools() -> None:
    needed = asked_for(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["build"])
    found = locked("requirements.lock").keys()
    assert needed <= found
    assert not asked_for(PROJECT["dependency-groups"]["dev"]) & found


def test_development_has_all_that_is_asked_for() -> None:
    assert asked_for(PROJECT["dependency-groups"]["dev"]) <= locked("requirements-dev.lock").keys()
