"""Databases for the tests of rules: SQLite files, and a PostgreSQL server that is started once per test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import postgres

MakeDatabase = Callable[[str], str]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> MakeDatabase:
    """Makes an empty database of a name and returns its URL."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.db"
    server = str(request.getfixturevalue("postgres_server"))
    return lambda name: postgres.new_database(server, name)
