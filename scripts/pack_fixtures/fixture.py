"""What a fixture is: tables, clean rows, damage, and the ledger of what was damaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy as sa


class Planted(NamedTuple):
    """One finding that the pack must report: the rule, the table, the row's key as text (``None`` for schema objects)."""

    rule: str
    table: str
    key: str | None


class Fixture(NamedTuple):
    """A pack's fixture. Making and filling the tables gives the clean twin; damaging it, the ledger."""

    pack: str
    tables: sa.MetaData
    fill: Callable[[sa.Connection], None]
    damage: Callable[[sa.Connection], list[Planted]]


def make(fixture: Fixture, url: str | sa.URL, *, damaged: bool) -> list[Planted]:
    """Write the fixture into an empty database and return what was planted."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        fixture.tables.create_all(connection)
        fixture.fill(connection)
        planted = fixture.damage(connection) if damaged else []
    engine.dispose()
    return planted


def run(connection: sa.Connection, *statements: str) -> None:
    """Run plain SQL, in which colons are colons."""
    for statement in statements:
        connection.exec_driver_sql(statement)
