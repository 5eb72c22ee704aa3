"""Who refers to a row: by the references that the application knows, and by those that the database declares."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from thywill_reconstruct.apply.statements import PLACE
from thywill_reconstruct.database.schema import FIELDS, TABLES, USER_FIELDS, Column, recognise
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.findings.finding import Value

# Fields whose value is the key of another entity's row.
_TARGETS = {
    **dict.fromkeys(USER_FIELDS, "user"),
    "prayer": "prayer",
    "token": "token",
    "request": "request",
    "role": "role",
}


class Reference(NamedTuple):
    """A column whose values are keys of another table (or of its own)."""

    table: str
    column: str
    target: str
    target_column: str


Tables = Mapping[str, tuple[Column, ...]]


def find_references(connection: sqlite3.Connection, tables: Tables) -> tuple[Reference, ...]:
    """Return every known reference of a database.

    Raises:
        UnknownSchemaError: The tables are of no known era.
    """
    # Rules repair other applications' databases too; those have only what they declare.
    found = _of_the_application(tables) if TABLES["prayer"] in tables else set()
    for table in tables:
        for _, _, target, column, target_column, *_ in connection.execute(
            f"PRAGMA foreign_key_list({quote_name(table)})"
        ):
            if target_column is not None and any(each.name == target_column for each in tables.get(target, ())):
                found.add(Reference(table, str(column), str(target), str(target_column)))
    return tuple(sorted(found))


def _of_the_application(tables: Tables) -> set[Reference]:
    schema = recognise(tables)
    found: set[Reference] = set()
    for entity, fields in FIELDS.items():
        for name, target in _TARGETS.items():
            key = schema.column(target, "key")
            if name not in fields or key is None:
                continue
            # Each spelling that is there: a half-migrated table can have two.
            there = {column.name for column in tables.get(TABLES[entity], ())}.intersection(fields[name])
            found.update(Reference(TABLES[entity], column, TABLES[target], key) for column in there)
    return found


def key_column(columns: Collection[Column]) -> str:
    """Return the column that names the rows of a table: its primary key, or else their place in it."""
    keys = [column.name for column in columns if column.primary_key]
    return keys[0] if len(keys) == 1 else PLACE


def referring_rows(
    connection: sqlite3.Connection, tables: Tables, reference: Reference, values: Collection[Value]
) -> dict[Value, set[Value]]:
    """Return per value the keys of the rows that hold it in a reference, in one pass over the table.

    A table or column that is not there refers to nothing.
    """
    columns = tables.get(reference.table, ())
    if not values or not any(column.name == reference.column for column in columns):
        return {}
    key = key_column(columns)
    name = PLACE if key == PLACE else quote_name(key)
    column, table = quote_name(reference.column), quote_name(reference.table)
    found: dict[Value, set[Value]] = defaultdict(set)
    for value, row in connection.execute(f"SELECT {column}, {name} FROM {table} WHERE {column} IS NOT NULL"):
        if value in values:
            found[value].add(row)
    return found
