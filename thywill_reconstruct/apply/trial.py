"""Trying steps that change the schema, each for itself, so that one that fails does not keep the others from being done."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from thywill_reconstruct.apply.precheck import stands_after, stands_before
from thywill_reconstruct.apply.statements import statement
from thywill_reconstruct.plan.operations import Operation


def try_each(connection: sqlite3.Connection, groups: Sequence[Sequence[Operation]]) -> tuple[str, ...]:
    """Carry out every group as a whole, look whether it did what it should, and take everything back.

    Args:
        connection: Inside a write transaction; as it was afterwards.
        groups: Operations on the schema that belong together, in order.

    Returns:
        Per group why it fails, in plain words; empty if it works.

    Raises:
        sqlite3.OperationalError: Not about a step: locked, interrupted, a full disk.
    """
    connection.execute("SAVEPOINT harden_trial")
    try:
        return tuple(_try(connection, group) for group in groups)
    finally:
        if connection.in_transaction:  # SQLite ends a transaction by itself when the disk is full
            connection.execute("ROLLBACK TO harden_trial")
            connection.execute("RELEASE harden_trial")


def _try(connection: sqlite3.Connection, group: Sequence[Operation]) -> str:
    connection.execute("SAVEPOINT harden_step")
    reason = ""
    try:
        for operation in group:
            if not stands_before(connection, operation):
                reason = f"{operation.key!s} is not as it was"
            else:
                connection.execute(statement(operation).sql)
                reason = "" if stands_after(connection, operation) else f"SQLite recorded {operation.key!s} otherwise"
            if reason:
                break
    except (sqlite3.OperationalError, sqlite3.IntegrityError) as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT):
            raise
        reason = str(error)
    if reason:
        connection.execute("ROLLBACK TO harden_step")
    connection.execute("RELEASE harden_step")
    return reason
