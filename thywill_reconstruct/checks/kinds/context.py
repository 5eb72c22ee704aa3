"""What every kind of rule is given, and how it speaks of tables and columns whose names differ between eras.

A parameter that names a column may be ``new|old``, what it has been called: the first that the table has is meant. Tables are
selected from as ``(SELECT * FROM table WHERE ...) AS t``, so that a rule's own condition can name columns plainly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from thywill_reconstruct.checks.model import CannotCheckError, Offence, Rule
from thywill_reconstruct.checks.schema import Schema, TableFact

KEY = "key_"
SEPARATOR = ", "
PLACE = "place_of_row"


@dataclass(frozen=True, slots=True)
class Query:
    """A question whose answer is the offending rows.

    Attributes:
        table: The table whose rows offend.
        rows: Its columns ``key_0``, ``key_1``, ... make up the key, ``part`` (if there) tells apart several offences of one
            row; the others fill the message.
        message: With ``{column}`` where a value belongs.
        keyed: False if what offends is a row that is missing, so that no key could be looked up.
    """

    table: str
    rows: sa.Select[Any]
    message: str
    keyed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a kind makes of a rule: questions to ask, what it already knows, and facts to tell."""

    queries: tuple[Query, ...] = ()
    offences: tuple[Offence, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """The database at hand.

    ``now`` is the present in UTC without a zone; ``connection`` is for kinds that must look at a few values first.
    """

    connection: sa.Connection
    schema: Schema
    dialect: str
    now: datetime

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.dialect == "sqlite"

    @property
    def place(self) -> str:
        """What names a row of a table without a primary key, as SQL; empty if nothing does."""
        return {"sqlite": "rowid", "postgresql": "CAST(ctid AS text)"}.get(self.dialect, "")

    def table(self, name: str) -> TableFact:
        """Return a table.

        Raises:
            CannotCheckError: There is none of that name.
        """
        if name not in self.schema:
            raise CannotCheckError(f"there is no table {name}")
        return self.schema[name]

    def column(self, table: str, spelling: str) -> str:
        """Return the name that a column bears in this database.

        Raises:
            CannotCheckError: The table, or the column in any spelling, is not there.
        """
        fact = self.table(table)
        spellings = spelling.split("|")
        for each in spellings:
            if each in fact.columns:
                return each
        raise CannotCheckError(f"{table} has no column {' or '.join(spellings)}")

    def target(self, spelling: str) -> tuple[str, str]:
        """Return the table and column of ``table.column``, the first of several that is there.

        Raises:
            CannotCheckError: None is there.
        """
        spellings = spelling.split("|")
        for each in spellings:
            table, _, column = each.rpartition(".")
            if table in self.schema and column in self.schema[table].columns:
                return table, column
        table = spellings[0].rpartition(".")[0]
        self.table(table)
        raise CannotCheckError(f"there is no column {' or '.join(spellings)}")

    def select_from(self, table: str, where: str = "", alias: str = "t", extra: str = "") -> sa.FromClause:
        """Return the rows of a table that meet a condition, with every column; ``extra`` adds ``expression AS name``."""
        fact = self.table(table)
        columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in fact.columns]
        if extra:
            name, expression = extra.split("=", 1)
            columns.append(sa.literal_column(f"({expression}\n)").label(name))
        if not fact.primary_key and self.place:
            columns.append(sa.literal_column(self.place).label(PLACE))
        query = sa.select(*columns).select_from(sa.table(table))
        if where:
            query = query.where(sa.text(f"({_escape(where)}\n)"))  # a comment may end it
        return query.subquery(alias)

    def key_of(self, table: str, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """Return the primary key's columns, labelled; without a primary key, the place of the row."""
        names = self.table(table).primary_key
        if not names:
            if not self.place:
                raise CannotCheckError(f"{table} has no primary key, so its rows cannot be named")
            return [rows.c[PLACE].label(f"{KEY}0")]
        return [rows.c[name].label(f"{KEY}{number}") for number, name in enumerate(names)]

    def family(self, table: str, column: str) -> str:
        """Return the coarse type of a column."""
        return self.table(table).columns[column].family

    def comparable(
        self, left: tuple[str, str, sa.ColumnElement[Any]], right: tuple[str, str, sa.ColumnElement[Any]]
    ) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        """Return two columns so that a strict server compares them: as texts where their types differ."""
        one, other = self.family(*left[:2]), self.family(*right[:2])
        if self.is_sqlite or one == other:
            return left[2], right[2]
        return sa.cast(left[2], sa.Text), sa.cast(right[2], sa.Text)

    def moment(self, table: str, name: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return a column as a moment that can be compared; NULL for what SQLite cannot read as a time."""
        if self.is_sqlite:
            return sa.func.julianday(column)
        family = self.family(table, name)
        return column if family in ("time", "day") else sa.cast(column, sa.DateTime)

    def moment_of(self, moment: datetime) -> sa.ColumnElement[Any]:
        """Return a moment to compare with."""
        return sa.func.julianday(moment.isoformat(" ")) if self.is_sqlite else sa.literal(moment, sa.DateTime())

    def minute(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return the minute of a time."""
        if self.is_sqlite:
            return sa.func.replace(sa.func.substr(column, 1, 16), "T", " ")
        return sa.func.date_trunc(sa.literal_column("'minute'"), column)

    def second(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return the seconds of a time within its minute; 0 where it has none."""
        if self.is_sqlite:
            return sa.cast(sa.func.substr(column, 18), sa.Float)
        return sa.extract("second", column)

    def day(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return the day of a time."""
        return sa.func.date(column)

    def canonical(self, column: sa.ColumnElement[Any], how: str) -> sa.ColumnElement[Any]:
        """Return the canonical form of a text: any of ``lower`` and ``trim``."""
        if not how:
            return column
        if self.is_sqlite:
            return sa.func.canonical_text(sa.cast(column, sa.LargeBinary), how)
        column = sa.cast(column, sa.Text)
        if "trim" in how:
            column = sa.func.btrim(column, sa.literal_column("E' \\t\\r\\n'"))
        return sa.func.lower(column) if "lower" in how else column


def _escape(sql: str) -> str:
    """Return SQL whose colons are no parameters to SQLAlchemy."""
    return sql.replace(":", "\\:")


Finder = Callable[[Context, Rule], Found]
Shape = Mapping[str, "Parameter"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a kind accepts under one name.

    ``form`` is one of: text, texts, names (a text or several), any (a value), number, flag, sql (an expression or
    condition), query (a whole SELECT), table (texts by name), or entries (tables with the fields given).
    """

    form: str
    help: str
    required: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A built-in kind of rule: what it finds, what it accepts, and how it finds it."""

    name: str
    summary: str
    parameters: Shape
    find: Finder
    repairs: tuple[str, ...] = ()
