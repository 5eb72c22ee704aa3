"""The only place where an operation becomes a change.

Runs inside the caller's transaction. Operations of one shape that follow each other go through ``executemany``; every
statement carries its before-values as conditions, and the number of changed rows must be the number of operations.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice

from thywill_reconstruct.apply.precheck import find_stale, row_name, stale_error, stands_after, stands_before
from thywill_reconstruct.apply.statements import shape_of, statement
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.errors import StalePlanError, ValueTakenError, VerificationError
from thywill_reconstruct.plan.operations import Operation

# Between two batches a signal is noticed and the progress bar moves.
BATCH = 2_000


def execute_operations(
    connection: sqlite3.Connection,
    operations: Sequence[Operation],
    on_done: Callable[[int], None] = lambda done: None,
) -> None:
    """Carry out operations in their order, each on exactly one row.

    Args:
        connection: Inside a write transaction. On failure the transaction is rolled back here, so that the message
            can list every row that is not as the plan saw it, not only the first.
        operations: With complete rows (``precheck.complete_rows``).
        on_done: Called with the number of operations done so far.

    Raises:
        StalePlanError: Rows are not as the plan saw them, or a row to be inserted is there already; lists them.
        ValueTakenError: Every row is as the plan saw it, but a UNIQUE index or constraint forbids a step.
        VerificationError: Another constraint of the database forbids a step.
        sqlite3.Error: Anything else that SQLite refuses.
    """
    done = 0
    unique: dict[tuple[str, str], bool] = {}
    for batch in _batches(operations):
        try:
            if batch[0].changes_schema:
                changed = _change_schema(connection, batch)
            else:
                place = (batch[0].table, batch[0].key_column)
                if place not in unique:
                    unique[place] = _is_unique(connection, *place)
                together = unique[place] and all(operation.key is not None for operation in batch)
                changed = _run(connection, batch, together=together)
        except sqlite3.IntegrityError as error:
            raise _explain_failure(connection, operations, error) from error
        if changed != len(batch):
            raise _explain_failure(connection, operations, None)
        done += len(batch)
        on_done(done)


def _batches(operations: Sequence[Operation]) -> Iterator[tuple[Operation, ...]]:
    for _, group in groupby(operations, key=shape_of):
        while batch := tuple(islice(group, BATCH)):
            yield batch


def _run(connection: sqlite3.Connection, batch: tuple[Operation, ...], *, together: bool) -> int:
    """Return how many rows were changed, or -1 if one operation changed none or several."""
    statements = [statement(operation) for operation in batch]
    if together and len({each.sql for each in statements}) == 1:
        return connection.executemany(statements[0].sql, [each.parameters for each in statements]).rowcount
    for each in statements:
        if connection.execute(each.sql, each.parameters).rowcount != 1:
            return -1
    return len(batch)


def _change_schema(connection: sqlite3.Connection, batch: tuple[Operation, ...]) -> int:
    """Create or drop what the operations say, and return how many were as expected before.

    Raises:
        VerificationError: SQLite refuses a statement, or recorded something else than was planned, so that undo could not
            find it.
    """
    for done, operation in enumerate(batch):
        if not stands_before(connection, operation):
            return done
        name = row_name(operation.table, operation.key)
        try:
            connection.execute(statement(operation).sql)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            raise VerificationError(f"SQLite refuses to create or drop {name} ({error})") from error
        if not stands_after(connection, operation):
            raise VerificationError(f"SQLite recorded {name} otherwise than the plan says")
    return len(batch)


def _is_unique(connection: sqlite3.Connection, table: str, column: str) -> bool:
    """Tell whether two rows can never share a value of a column, so that a sum of changed rows proves each."""
    keys = [row[1] for row in connection.execute(f"PRAGMA table_info({quote_name(table)})") if row[5]]
    if keys == [column]:
        return True
    for _, index, is_unique, _, is_partial in connection.execute(
        f"PRAGMA index_list({quote_name(table)})"
    ).fetchall():
        covered = [row[2] for row in connection.execute(f"PRAGMA index_info({quote_name(index)})")]
        if is_unique and not is_partial and covered == [column]:
            return True
    return False


def _explain_failure(
    connection: sqlite3.Connection, operations: Sequence[Operation], error: sqlite3.IntegrityError | None
) -> StalePlanError | ValueTakenError | VerificationError:
    """Roll back, and say which rows were not as the plan saw them, or which constraint stood in the way."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    stale = find_stale(connection, operations)
    if stale:
        return stale_error(stale)
    if error is None:
        return StalePlanError("two steps of the plan contradict each other: a row was not as an earlier step left it")
    if error.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return ValueTakenError(f"another row already has a value that must be unique ({error})")
    if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return VerificationError(
            f"a trigger of the database forbids a step of the plan ({error})",
            hint="Everything was rolled back. If `reconstruct harden` added the trigger, take that run back first "
            "(`reconstruct runs` names it), and harden again afterwards.",
        )
    return VerificationError(f"the database forbids a step of the plan ({error})")
