"""Carrying out operations on a database server: one transaction, rows locked before they change, receipt, undo.

The sibling of ``apply.run``, which does the same for an SQLite file. There is no backup of a server here: the receipt holds
every value before and after, and lies in ``.reconstruct/`` of the working directory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from thywill_reconstruct.apply.folder import new_run_folder, prepare_folder, publish, stage_private
from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.apply.precheck import require_safe, stale_error, steps_by_row
from thywill_reconstruct.apply.receipt import (
    RECEIPT_NAME,
    Kind,
    Receipt,
    count_operations,
    encode_receipt,
    new_receipt,
    read_receipt,
    reason_of,
    write_operations,
    write_receipt,
)
from thywill_reconstruct.apply.signals import Interruption, interruptible
from thywill_reconstruct.checks.connect import Target, explain_failure, make_server_engine
from thywill_reconstruct.errors import DatabaseLockedError, NoSuchRunError, ReconstructError, VerificationError
from thywill_reconstruct.plan.operations import Columns, Operation

Verify = Callable[[sa.Connection], None]
Rehearsal = tuple[sa.Connection, Callable[[Sequence[Operation]], None]]


def execute_on_server(
    target: Target,
    operations: Sequence[Operation],
    verify: Verify,
    *,
    home: Path,
    timeout_s: float,
    statement_timeout_s: float,
    allow_large: bool = False,
    kind: Kind = "repair",
    of: str = "",
) -> Receipt:
    """Carry out operations completely, or leave the database as it was.

    Args:
        target: The server.
        operations: What to do; every value as the server writes it as text.
        verify: Called inside the transaction after the last change; raises if the result is not what it should be.
        home: Folder whose ``.reconstruct`` takes the receipt.
        timeout_s, statement_timeout_s: How long to wait for locks, and for one statement.
        allow_large: Release the brake on deletions.
        kind, of: See ``apply.receipt.Receipt``.

    Returns:
        The receipt, status ``committed``.

    Raises:
        StalePlanError: Rows are not as the operations expect them.
        UnsafePlanError, VerificationError, RunLockedError, NotWritableError, DatabaseLockedError: As for a file.
    """
    # What stands for the file: the lock and the receipt are per database.
    name = Path(f"server-{hashlib.sha256(target.shown.encode()).hexdigest()[:12]}")
    folder = prepare_folder(home / name)
    started = datetime.now(UTC)
    with interruptible() as interruption, run_lock(folder, name, started):
        run_folder = new_run_folder(folder, started)
        receipt = new_receipt(run_folder, Path(name), started, kind, of, write_operations(run_folder, operations))
        receipt = replace(
            receipt, database=target.shown, counts=count_operations(operations), operations=tuple(operations)
        )
        write_receipt(run_folder, receipt)
        try:
            return _transaction(
                target, receipt, verify, run_folder, interruption, timeout_s, statement_timeout_s, allow_large
            )
        except BaseException as error:
            write_receipt(
                run_folder, replace(receipt, status="rolled back", finished=_now(), reason=reason_of(error))
            )
            if isinstance(error, SQLAlchemyError):
                reason = explain_failure(error, target, timeout_s, statement_timeout_s)
                raise _failure(error, reason) from error
            raise


def _failure(error: SQLAlchemyError, reason: str) -> ReconstructError:
    if isinstance(error, IntegrityError):
        return VerificationError(f"the database forbids a step of the plan ({reason})")
    return DatabaseLockedError(f"the repair was rolled back: {reason}", hint="Nothing was changed.")


def _transaction(
    target: Target,
    receipt: Receipt,
    verify: Verify,
    run_folder: Path,
    interruption: Interruption,
    timeout_s: float,
    statement_timeout_s: float,
    allow_large: bool,
) -> Receipt:
    with _open_for_writing(target, timeout_s, statement_timeout_s) as connection:
        if not allow_large:
            require_safe(receipt.operations, _row_counts(connection, receipt.operations))
        types = _Types(connection)
        stale = [rows[0] for rows in steps_by_row(receipt.operations) if not _lock(connection, rows[0], types)]
        if stale:
            raise stale_error(tuple(stale))
        for operation in receipt.operations:
            _execute(connection, operation, types)
        _count_on(connection, receipt.operations)
        verify(connection)
        final = replace(receipt, status="committed", finished=_now())
        staged = stage_private(run_folder / RECEIPT_NAME, encode_receipt(final))
        with interruption.held_off():
            connection.commit()
            publish(staged, run_folder / RECEIPT_NAME)
    return final


@contextmanager
def _open_for_writing(target: Target, timeout_s: float, statement_timeout_s: float) -> Iterator[sa.Connection]:
    """Open a transaction that is rolled back unless it is committed."""
    with make_server_engine(target, timeout_s).connect() as connection:
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {max(1, int(timeout_s * 1000))}"))
        connection.execute(sa.text(f"SET LOCAL statement_timeout = {int(statement_timeout_s * 1000)}"))
        connection.execute(sa.text("SET LOCAL TimeZone = 'UTC'"))
        yield connection


@contextmanager
def rehearsal_on_server(target: Target, timeout_s: float, statement_timeout_s: float) -> Iterator[Rehearsal]:
    """Open a transaction in which steps are tried one after the other, and which always ends as if it had never been.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The server refuses a step.
    """
    with _open_for_writing(target, timeout_s, statement_timeout_s) as connection:
        types = _Types(connection)

        def carry_out(operations: Sequence[Operation]) -> None:
            for operation in operations:
                _execute(connection, operation, types)

        yield connection, carry_out
        connection.rollback()


def _row_counts(connection: sa.Connection, operations: Sequence[Operation]) -> dict[str, int]:
    tables = sorted({operation.table for operation in operations if not operation.changes_schema})
    count = sa.func.count()
    return {
        name: int(connection.execute(sa.select(count).select_from(sa.table(name))).scalar_one()) for name in tables
    }


class _Types:
    """The columns' types as the server writes them, asked once per table."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known: dict[str, dict[str, str]] = {}

    def of(self, table: str, column: str) -> str:
        """Return a type."""
        if table not in self._known:
            rows = self._connection.execute(
                sa.text(
                    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                    "WHERE attrelid = CAST(quote_ident(:table) AS regclass) AND attnum > 0 AND NOT attisdropped"
                ),
                {"table": table},
            )
            self._known[table] = {str(name): str(kind) for name, kind in rows}
        return self._known[table][column]


def _lock(connection: sa.Connection, operation: Operation, types: _Types) -> bool:
    """Lock the row of an operation and return whether it is as expected; for an insert, whether its key is free."""
    if operation.changes_schema:
        return _schema_stands(connection, operation)
    conditions, values = _conditions(operation, () if operation.action == "insert" else operation.before, types)
    query = f"SELECT 1 FROM {_name(operation.table)} WHERE {conditions} FOR UPDATE"
    found = len(connection.execute(sa.text(query), values).all())
    return found == (0 if operation.action == "insert" else 1)


def _schema_stands(connection: sa.Connection, operation: Operation) -> bool:
    """Return whether what an operation on the schema drops holds nothing; the server itself refuses what is not there."""
    if operation.action == "insert":
        return True
    held = str(dict(operation.before).get("held") or "")
    return not held or int(connection.exec_driver_sql(held).scalar_one()) == 0


def _execute(connection: sa.Connection, operation: Operation, types: _Types) -> None:
    if operation.changes_schema:
        row = dict(operation.after or operation.before)
        statement = str(row["sql" if operation.action == "insert" else "drop"])
        connection.execute(sa.text(statement.replace(":", "\\:")))
        return
    table = _name(operation.table)
    conditions, values = _conditions(operation, operation.before, types)
    written = {f"new_{number}": value for number, (_, value) in enumerate(operation.after)}
    slots = [
        f"CAST(:new_{number} AS {types.of(operation.table, name)})"
        for number, (name, _) in enumerate(operation.after)
    ]
    names = [_name(name) for name, _ in operation.after]
    match operation.action:
        case "insert":
            # The key is given, also where the server would number the rows itself.
            listed, given = ", ".join(names), ", ".join(slots)
            sql, values = f"INSERT INTO {table} ({listed}) OVERRIDING SYSTEM VALUE VALUES ({given})", {}
        case "delete":
            sql = f"DELETE FROM {table} WHERE {conditions}"
        case _:
            pairs = ", ".join(f"{name} = {slot}" for name, slot in zip(names, slots, strict=True))
            sql = f"UPDATE {table} SET {pairs} WHERE {conditions}"
    changed = connection.execute(sa.text(sql), {**values, **written}).rowcount
    if changed != 1:
        raise stale_error((operation,))


def _count_on(connection: sa.Connection, operations: Sequence[Operation]) -> None:
    """Let the server number the next rows behind those that were inserted with a key, or its next key would be taken."""
    inserted = {
        (each.table, each.key_column) for each in operations if each.action == "insert" and not each.changes_schema
    }
    for table, column in sorted(inserted):
        asked = {"table": table, "column": column}
        query = sa.text("SELECT pg_get_serial_sequence(quote_ident(:table), :column)")
        sequence = connection.execute(query, asked).scalar()
        if sequence:
            highest = f"(SELECT max({_name(column)}) FROM {_name(table)})"
            last = f"(SELECT last_value FROM {sequence})".replace(":", "\\:")
            renumber = f"SELECT setval(CAST(:sequence AS regclass), {highest}) WHERE {highest} > {last}"
            connection.execute(sa.text(renumber), {"sequence": sequence})


def _conditions(operation: Operation, columns: Columns, types: _Types) -> tuple[str, dict[str, object]]:
    """Return the WHERE clause that finds the row as it was, and its values; values are compared as texts."""
    kind = types.of(operation.table, operation.key_column)
    parts = [f"{_name(operation.key_column)} = CAST(:row_key AS {kind})"]
    values: dict[str, object] = {"row_key": operation.key}
    for number, (name, value) in enumerate(columns):
        parts.append(f"CAST({_name(name)} AS text) IS NOT DISTINCT FROM CAST(:old_{number} AS text)")
        values[f"old_{number}"] = value
    return " AND ".join(parts), values


def _name(name: str) -> str:
    return '"' + name.replace('"', '""').replace(":", "\\:") + '"'


def _now() -> str:
    return datetime.now(UTC).isoformat()


def undo_on_server(target: Target, run: str, *, home: Path, timeout_s: float, statement_timeout_s: float) -> Receipt:
    """Take a run back, all of it; refused if one of its rows was changed since.

    Raises:
        NoSuchRunError: There is no such run of this database, or it changed nothing.
        ReconstructError: See ``execute_on_server``.
    """
    folder = prepare_folder(home / "server")
    found = sorted(path for path in folder.glob(f"{run}*") if path.is_dir()) if run else []
    if len(found) != 1:
        raise NoSuchRunError(f"{folder} holds no run, or several, called {run}")
    receipt = read_receipt(found[0])
    if receipt.database != target.shown or receipt.status != "committed":
        raise NoSuchRunError(f"run {receipt.run} changed nothing in {target.shown}")
    inverse = tuple(each.inverse() for each in reversed(receipt.operations))
    return execute_on_server(
        target,
        inverse,
        lambda connection: None,
        home=home,
        timeout_s=timeout_s,
        statement_timeout_s=statement_timeout_s,
        allow_large=True,
        kind="undo",
        of=receipt.run,
    )
