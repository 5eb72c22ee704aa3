"""How an operation reads as SQL: the statement and its parameters, with the before-values as conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.findings.finding import Sealed, Value
from thywill_reconstruct.plan.operations import Columns, Operation, column_change

# Where SQLite keeps a row among the others; the order of rows is evidence, so undo puts a deleted row back in its place.
PLACE = "_rowid_"
Parameter = str | int | float | bytes | None
Shape = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement and the values for its question marks."""

    sql: str
    parameters: tuple[Parameter, ...]


def shape_of(operation: Operation) -> Shape:
    """Return what two operations must have in common to share one SQL text."""
    return (
        operation.action,
        operation.table,
        operation.key_column,
        tuple(name for name, _ in operation.before),
        tuple(name for name, _ in operation.after),
    )


def statement(operation: Operation) -> Statement:
    """Return the statement of an operation; it changes exactly one row, or none if the row is no longer as it was.

    ``IS`` compares NULL like any value. REPLACE is never used: it would silently delete what is in the way.
    """
    if operation.changes_schema:
        return _schema_statement(operation)
    if operation.action == "insert":
        return _insert(operation)
    conditions, wanted = row_conditions(operation)
    table = quote_name(operation.table)
    if operation.action == "delete":
        return Statement(f"DELETE FROM {table} WHERE {conditions}", wanted)
    changes = ", ".join(f"{quote_name(name)} = {slot(value)}" for name, value in operation.after)
    return Statement(f"UPDATE {table} SET {changes} WHERE {conditions}", (*parameters_of(operation.after), *wanted))


def row_conditions(operation: Operation, *, after: bool = False) -> tuple[str, tuple[Parameter, ...]]:
    """Return the WHERE clause that finds the row as it was before the operation, or as it is ``after`` it."""
    key = operation.new_key if after else operation.key
    values = operation.after if after else operation.before
    # The place says nothing about the content, and VACUUM changes it.
    columns = ((operation.key_column, key), *(pair for pair in values if pair[0] != PLACE))
    conditions = " AND ".join(f"{quote_name(name)} IS {slot(value)}" for name, value in columns)
    return conditions, parameters_of(columns)


def _insert(operation: Operation) -> Statement:
    names = ", ".join(quote_name(name) for name, _ in operation.after)
    slots = ", ".join(slot(value) for _, value in operation.after)
    table = quote_name(operation.table)
    return Statement(f"INSERT INTO {table} ({names}) VALUES ({slots})", parameters_of(operation.after))


def _schema_statement(operation: Operation) -> Statement:
    row = dict(operation.after or operation.before)
    if operation.action == "update":
        before, after = str(dict(operation.before)["sql"]), str(row["sql"])
        column, table = column_change(before, after), quote_name(str(operation.key))
        if len(after) > len(before):
            return Statement(f"ALTER TABLE {table} ADD COLUMN {column}", ())
        return Statement(f"ALTER TABLE {table} DROP COLUMN {quoted_name(column)}", ())
    if operation.action == "insert":
        return Statement(str(row["sql"]), ())
    return Statement(f"DROP {str(row['type']).upper()} {quote_name(str(operation.key))}", ())


def quoted_name(definition: str) -> str:
    """Return the quoted name at the beginning of a column's definition.

    >>> quoted_name('"size" INTEGER')
    '"size"'
    """
    found = re.match(r'"(?:[^"]|"")*"', definition)
    if found is None:
        raise ValueError(f"this names no column: {definition}")
    return found.group()


def slot(value: Value) -> str:
    """Return the place of a value; text with bad bytes travels as bytes and becomes text again in SQLite."""
    return "CAST(? AS TEXT)" if _has_bad_bytes(value) else "?"


def parameters_of(columns: Columns) -> tuple[Parameter, ...]:
    """Return the values of columns as SQLite takes them; ``slot`` tells where they go."""
    return tuple(_parameter(value) for _, value in columns)


def _parameter(value: Value) -> Parameter:
    if isinstance(value, Sealed):  # our own mistake: plans are opened before they are carried out
        raise TypeError("a sealed value stands for another one; it is never written")
    if isinstance(value, str) and _has_bad_bytes(value):
        return value.encode("utf-8", "surrogateescape")
    return value


def _has_bad_bytes(value: Value) -> bool:
    if not isinstance(value, str) or value.isascii():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False
