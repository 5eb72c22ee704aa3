"""The schema that is there, read once per check: tables, columns, keys, indexes, constraints."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SAWarning

from thywill_reconstruct.checks.model import CannotCheckError

# PostgreSQL's code for a lock that was not to be had in time.
LOCKED = "55P03"


@dataclass(frozen=True, slots=True)
class ColumnFact:
    """A column; ``precision`` and ``scale`` only where the type declares them, ``family`` is one coarse word."""

    name: str
    type: str
    nullable: bool
    family: str
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class IndexFact:
    """An index; ``columns`` is empty for what is not a list of plain columns."""

    name: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class ForeignKeyFact:
    """A declared reference."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableFact:
    """A table; ``triggers`` are the statements of those that SQLite has on it, where triggers stand for constraints."""

    name: str
    columns: Mapping[str, ColumnFact]
    primary_key: tuple[str, ...]
    indexes: tuple[IndexFact, ...]
    uniques: tuple[tuple[str, ...], ...]
    checks: tuple[tuple[str, str], ...]
    foreign_keys: tuple[ForeignKeyFact, ...]
    triggers: tuple[str, ...] = ()


Schema = Mapping[str, TableFact]


class _PartlyLocked(Schema):
    """A schema of which some tables are known by name only, because another program holds them locked."""

    def __init__(self, tables: Mapping[str, TableFact | None]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> TableFact:
        fact = self._tables[name]
        if fact is None:
            raise CannotCheckError(f"another program holds a lock on the table {name}")
        return fact

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def read_free_schema(connection: sa.Connection) -> Schema:
    """Read the tables of the default schema; one that is locked on PostgreSQL hides only itself.

    Asking for such a table raises ``CannotCheckError``; whether there is one of its name can be asked.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database cannot be read.
    """
    if connection.dialect.name != "postgresql":
        return read_schema(connection)
    free: dict[str, TableFact] = {}
    tables: dict[str, TableFact | None] = {}
    for name in sorted(sa.inspect(connection).get_table_names()):
        try:
            with connection.begin_nested(), warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)
                tables[name] = free[name] = _table(connection, sa.inspect(connection), name)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != LOCKED:
                raise
            tables[name] = None
    return free if len(free) == len(tables) else _PartlyLocked(tables)


def read_schema(connection: sa.Connection) -> Schema:
    """Read the tables of the default schema.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database cannot be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # types and expression indexes that SQLAlchemy does not know
        inspector = sa.inspect(connection)
        return {name: _table(connection, inspector, name) for name in sorted(inspector.get_table_names())}


def _table(connection: sa.Connection, inspector: Any, name: str) -> TableFact:
    sqlite = connection.dialect.name == "sqlite"
    indexes = {
        each["name"]: IndexFact(
            str(each["name"]),
            tuple(column for column in each["column_names"] if column)
            if None not in each["column_names"] and not _is_partial(each)
            else (),
            bool(each["unique"]),
        )
        for each in inspector.get_indexes(name)
    }
    if sqlite:
        for index, unique in _sqlite_index_names(connection, name):
            indexes.setdefault(index, IndexFact(index, (), unique))
    return TableFact(
        name=name,
        columns={each["name"]: _column(each) for each in inspector.get_columns(name)},
        primary_key=tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
        indexes=tuple(indexes[each] for each in sorted(indexes)),
        uniques=_sqlite_uniques(connection, name)
        if sqlite
        else tuple(tuple(each["column_names"]) for each in inspector.get_unique_constraints(name)),
        checks=tuple((str(each["name"] or ""), str(each["sqltext"])) for each in _checks(inspector, name)),
        foreign_keys=tuple(
            ForeignKeyFact(
                tuple(each["constrained_columns"]),
                each["referred_table"],
                tuple(each["referred_columns"] or ()),
            )
            for each in inspector.get_foreign_keys(name)
        ),
        triggers=_sqlite_triggers(connection, name) if sqlite else (),
    )


def _is_partial(index: Any) -> bool:
    return any("where" in option for option in index.get("dialect_options", {}))


def _checks(inspector: Any, name: str) -> Any:
    try:
        return inspector.get_check_constraints(name)
    except NotImplementedError:
        return ()


def _sqlite_index_names(connection: sa.Connection, table: str) -> list[tuple[str, bool]]:
    """Return every index of a table, those on expressions too, which SQLAlchemy leaves out."""
    rows = connection.execute(
        sa.text("SELECT name, \"unique\" FROM pragma_index_list(:table) WHERE origin = 'c'"), {"table": table}
    )
    return [(str(name), bool(unique)) for name, unique in rows]


def _sqlite_uniques(connection: sa.Connection, table: str) -> tuple[tuple[str, ...], ...]:
    """Return the columns of every unique constraint; SQLAlchemy misses most that stand behind a column's type."""
    query = (
        "SELECT list.name, info.name FROM pragma_index_list(:table) list, pragma_index_info(list.name) info"
        " WHERE list.origin = 'u' ORDER BY list.name, info.seqno"
    )
    columns: dict[str, list[str]] = {}
    for index, column in connection.execute(sa.text(query), {"table": table}):
        columns.setdefault(str(index), []).append(str(column))
    return tuple(tuple(each) for each in columns.values())


def _sqlite_triggers(connection: sa.Connection, table: str) -> tuple[str, ...]:
    query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY name"
    return tuple(str(sql) for (sql,) in connection.execute(sa.text(query), {"table": table}))


def _column(fact: Any) -> ColumnFact:
    kind = fact["type"]
    return ColumnFact(
        name=fact["name"],
        type=str(kind),
        nullable=bool(fact["nullable"]),
        family=_family(kind),
        precision=getattr(kind, "precision", None) if isinstance(kind, sa.Numeric) else None,
        scale=getattr(kind, "scale", None) if isinstance(kind, sa.Numeric) else None,
    )


def _family(kind: Any) -> str:
    families: tuple[tuple[type[Any], str], ...] = (
        (sa.Uuid, "uuid"),
        (sa.DateTime, "time"),
        (sa.Date, "day"),
        (sa.Boolean, "boolean"),
        (sa.Float, "float"),
        (sa.Integer, "integer"),
        (sa.Numeric, "decimal"),
        (sa.String, "text"),
    )
    return next((word for each, word in families if isinstance(kind, each)), "other")
