"""What must hold before the first write: the brake, complete rows, and rows that are as they were."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from thywill_reconstruct.apply.statements import PLACE, Parameter, row_conditions
from thywill_reconstruct.database.schema import (
    FIELDS,
    INSERT_DEFAULTS,
    SECRET_ENTITIES,
    SECRET_TABLES,
    TABLES,
    Column,
)
from thywill_reconstruct.database.snapshot import decode_anyway, quote_name
from thywill_reconstruct.errors import StalePlanError, UnknownSchemaError, UnsafePlanError
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import SCHEMA_TABLE, Columns, Operation

# A plan that takes more than a quarter of a table's living references (or rows) from where they are is more likely
# to rest on the wrong archives than on that much damage. Small tables reach any share with a few rows.
BRAKE_SHARE = 0.25
BRAKE_ROWS = 20
LISTED = 10


@dataclass(frozen=True, slots=True)
class Excess:
    """More of one kind of change in one table than the brake allows."""

    table: str
    kind: str
    rows: int
    total: int

    def __str__(self) -> str:
        share = 100 * self.rows / self.total if self.total else 100.0
        return (
            f"{self.table}: {self.kind} {share:.1f} % of the rows ({self.rows:,} of {self.total:,}), "
            f"allowed without asking are {100 * BRAKE_SHARE:.0f} %"
        )


def measure_excess(operations: Iterable[Operation], counts: Mapping[str, int]) -> tuple[Excess, ...]:
    """Return where a plan changes more than the brake allows: living values replaced, or rows deleted.

    Filling what is empty or dangling and recreating rows does not count (design: the brake). Neither does a user's inviter
    or time of joining that a tool gave to several people alike, whom the archives tell apart: as the script did that made the
    administrator everybody's inviter, or an import that wrote its own time (archive format spec, section 6.4). Archives of
    others would contradict values that differ.

    Args:
        operations: The plan's operations.
        counts: Rows per table before the run.
    """
    operations = tuple(operations)
    alike = _given_to_several(operations)
    touched: dict[tuple[str, str], set[Value]] = {}
    for operation in operations:
        if operation.action == "delete":
            touched.setdefault((operation.table, "deletes"), set()).add(operation.key)
        elif operation.action == "update" and operation.risk == "relink":
            joining = _joining(operation)
            if joining and alike.issuperset(joining):
                continue
            touched.setdefault((operation.table, "replaces living values in"), set()).add(operation.key)
    found = []
    for (table, kind), keys in sorted(touched.items()):
        total = counts.get(table, 0)
        if len(keys) > BRAKE_ROWS and len(keys) > BRAKE_SHARE * total:
            found.append(Excess(table, kind, len(keys), total))
    return tuple(found)


def _given_to_several(operations: Iterable[Operation]) -> frozenset[tuple[str, Value]]:
    """Return (column, value before) of what was given to several users alike, and differs once it is repaired."""
    after: dict[tuple[str, Value], set[Value]] = {}
    for operation in operations:
        new = dict(operation.after)
        for column, value in _joining(operation) if operation.action == "update" else ():
            after.setdefault((column, value), set()).add(new[column])
    return frozenset(place for place, values in after.items() if len(values) > 1)


def _joining(operation: Operation) -> tuple[tuple[str, Value], ...]:
    """Return (column, value before) of what an update replaces of how a user joined, times to the minute."""
    if operation.table != TABLES["user"]:
        return ()
    times, inviters = FIELDS["user"]["created"], FIELDS["user"]["inviter"]
    return tuple(
        (name, str(value)[:16] if name in times else value)
        for name, value in operation.before
        if name in (*times, *inviters) and value is not None
    )


def require_safe(
    operations: Iterable[Operation], counts: Mapping[str, int], creation: tuple[Excess, ...] = ()
) -> None:
    """Refuse a plan that changes more than the brake allows.

    Args:
        operations: The plan's operations.
        counts: Rows per table before the run.
        creation: What the plan creates out of proportion (``proportion``).

    Raises:
        UnsafePlanError: Says per table the measured and the allowed share.
    """
    excess = (*measure_excess(operations, counts), *creation)
    if excess:
        raise UnsafePlanError("the plan changes too much at once. " + "; ".join(map(str, excess)))


def complete_rows(operations: Iterable[Operation], tables: Mapping[str, tuple[Column, ...]]) -> tuple[Operation, ...]:
    """Return the operations with every inserted row made whole: what the application's own defaults would write.

    Databases made by the ORM have no SQL defaults, so an insert must bring every column that may not be NULL
    (database schema spec, sections 0 and 4.1). Columns with an SQL default are left to SQLite.

    Raises:
        UnknownSchemaError: A table or column is not there, or a needed column has no known default; lists all.
    """
    completed: list[Operation] = []
    problems: set[str] = set()
    for operation in operations:
        if operation.changes_schema:
            completed.append(operation)
            continue
        columns = tables.get(operation.table)
        if columns is None:
            problems.add(f"there is no table {operation.table}")
            continue
        known = {PLACE, *(column.name for column in columns)}
        named = {operation.key_column, *dict(operation.before), *dict(operation.after)}
        problems.update(f"{operation.table} has no column {name}" for name in named - known)
        if operation.action == "insert":
            operation = _complete(operation, columns, problems)
        completed.append(operation)
    if problems:
        raise UnknownSchemaError(f"the plan does not fit this database: {'; '.join(sorted(problems))}")
    return tuple(completed)


def _complete(operation: Operation, columns: tuple[Column, ...], problems: set[str]) -> Operation:
    given = dict(operation.after)
    added: list[tuple[str, Value]] = []
    for column in columns:
        if column.name in given and not (given[column.name] is None and column.not_null):
            continue
        if column.name in given:
            problems.add(f"{operation.table}.{column.name} may not be empty, but the plan leaves it so")
        elif column.name in INSERT_DEFAULTS and column.default is None:
            added.append((column.name, INSERT_DEFAULTS[column.name]))
        elif column.not_null and column.default is None:
            problems.add(f"{operation.table}.{column.name} may not be empty, and no default is known for it")
    return replace(operation, after=(*operation.after, *added)) if added else operation


def complete_for_undo(
    connection: sqlite3.Connection, operations: Iterable[Operation], tables: Mapping[str, tuple[Column, ...]]
) -> tuple[Operation, ...]:
    """Return the operations with all that undo will need to know: every column of what is inserted or deleted.

    A deleted row is taken as it stands now, with its place among the others. What the plan saw of it stays as it was, so a
    row that changed since is still refused. An inserted row gets what SQL defaults would write.
    """
    defaults: dict[str, Columns] = {}
    completed = []
    usual, connection.text_factory = connection.text_factory, decode_anyway
    try:
        for operation in operations:
            if operation.action == "delete" and not operation.changes_schema:
                operation = _whole_deletion(connection, operation)
            elif operation.action == "insert" and not operation.changes_schema:
                operation = _with_defaults(connection, operation, tables[operation.table], defaults)
            completed.append(operation)
    finally:
        connection.text_factory = usual
    return tuple(completed)


def _whole_deletion(connection: sqlite3.Connection, operation: Operation) -> Operation:
    table, key = quote_name(operation.table), quote_name(operation.key_column)
    place = PLACE if has_places(connection, operation.table) else "NULL"
    cursor = connection.execute(f"SELECT *, {place} FROM {table} WHERE {key} IS ?", (operation.key,))
    rows = cursor.fetchall()
    if len(rows) != 1:
        return operation
    seen = {PLACE, *dict(operation.before)}
    names = [column[0] for column in cursor.description[:-1]]
    now = zip(names, rows[0], strict=False)
    before = (
        *(pair for pair in operation.before if pair[0] != PLACE),
        *((name, value) for name, value in now if name not in seen),
    )
    return replace(operation, before=before if place == "NULL" else (*before, (PLACE, rows[0][-1])))


def has_places(connection: sqlite3.Connection, table: str) -> bool:
    """Tell whether a table keeps its rows in an order of their own, apart from every column."""
    columns = connection.execute(f"PRAGMA table_info({quote_name(table)})").fetchall()
    if any(row[1] == PLACE or (row[5] and str(row[2]).upper() == "INTEGER") for row in columns):
        return False
    try:
        connection.execute(f"SELECT {PLACE} FROM {quote_name(table)} LIMIT 0")
    except sqlite3.OperationalError as error:
        if "no such column" not in str(error):
            raise
        return False  # WITHOUT ROWID
    return True


def _with_defaults(
    connection: sqlite3.Connection, operation: Operation, columns: tuple[Column, ...], known: dict[str, Columns]
) -> Operation:
    if operation.table not in known:
        usable = [column for column in columns if not column.primary_key]
        expressions = ", ".join(column.default or "NULL" for column in usable) or "NULL"
        values = connection.execute(f"SELECT {expressions}").fetchone()
        known[operation.table] = tuple(zip((column.name for column in usable), values, strict=False))
    given = dict(operation.after)
    added = tuple(pair for pair in known[operation.table] if pair[0] not in given)
    return replace(operation, after=(*operation.after, *added)) if added else operation


def find_stale(connection: sqlite3.Connection, operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the operations whose row is not as the plan saw it; an insert is stale if its key is taken.

    Of several operations on one row only the first is asked: the others count on what it leaves.
    """
    return tuple(steps[0] for steps in steps_by_row(operations) if not stands_before(connection, steps[0]))


def steps_by_row(operations: Iterable[Operation]) -> tuple[tuple[Operation, ...], ...]:
    """Return the operations grouped by row, each group in its order; a row whose key is changed stays one row."""
    groups: list[list[Operation]] = []
    current: dict[tuple[str, Value], list[Operation]] = {}
    for operation in operations:
        group = current.pop((operation.table, operation.key), None)
        if group is None:
            groups.append(group := [])
        group.append(operation)
        current[operation.table, operation.new_key] = group
    return tuple(map(tuple, groups))


def stands_before(connection: sqlite3.Connection, operation: Operation) -> bool:
    """Tell whether a row is as it was before an operation; for an insert, whether there is none."""
    return _count(connection, operation, *row_conditions(operation)) == (0 if operation.action == "insert" else 1)


def stands_after(connection: sqlite3.Connection, operation: Operation) -> bool:
    """Tell whether a row is as an operation leaves it; for a delete, whether there is none."""
    conditions = row_conditions(operation, after=True)
    return _count(connection, operation, *conditions) == (0 if operation.action == "delete" else 1)


def _count(
    connection: sqlite3.Connection, operation: Operation, conditions: str, parameters: tuple[Parameter, ...]
) -> int:
    query = f"SELECT count(*) FROM {quote_name(operation.table)} WHERE {conditions}"
    ((rows,),) = connection.execute(query, parameters).fetchall()
    return int(rows)


def stale_error(operations: tuple[Operation, ...]) -> StalePlanError:
    """Return the error that lists the rows which changed since the plan was made."""
    listed = ", ".join(row_name(operation.table, operation.key) for operation in operations[:LISTED])
    more = f" and {len(operations) - LISTED:,} more" if len(operations) > LISTED else ""
    rows = "1 row is" if len(operations) == 1 else f"{len(operations):,} rows are"
    return StalePlanError(f"{rows} no longer as the plan saw them: {listed}{more}")


def row_name(table: str, key: Value) -> str:
    """Return what messages call a row; the key of an invite token would let a stranger in, so most of it is left out."""
    if table == SCHEMA_TABLE:
        return str(key)
    return f"{table} {str(key)[:4]}…" if table in SECRET_TABLES | SECRET_ENTITIES else f"{table} {key!s}"
