"""What became of a run that was killed: SQLite knows, and its rows tell.

A kill leaves a receipt that says ``started``. SQLite has kept the transaction whole or taken it back whole, so it is
enough to see on which side the rows are. Only where the application has changed every touched row since, or has made
some rows look like the other side, does the question stay open (``unknown``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from thywill_reconstruct.apply.precheck import stands_after, stands_before, steps_by_row
from thywill_reconstruct.apply.receipt import BACKUP_NAME, RECEIPT_NAME, Receipt, Status, read_receipt, write_receipt
from thywill_reconstruct.errors import ReconstructError
from thywill_reconstruct.plan.operations import Operation


def settle_killed_runs(
    connection: sqlite3.Connection, folder: Path, database: Path, moment: datetime
) -> tuple[Receipt, ...]:
    """Give every receipt of this database that still says ``started`` its true end, and return those receipts.

    The caller holds the run lock, so no such run is still alive. Backups of runs that changed nothing are removed.
    """
    settled = []
    for run in sorted(path.parent for path in folder.glob(f"*/{RECEIPT_NAME}")):
        with suppress(ReconstructError, sqlite3.Error):
            receipt = read_receipt(run)
            if receipt.status != "started" or receipt.database != str(database):
                continue
            status = outcome(connection, receipt.operations)
            backup = receipt.backup
            if status == "rolled back":
                (run / BACKUP_NAME).unlink(missing_ok=True)
                backup = ""
            ended = replace(receipt, status=status, finished=moment.isoformat(), backup=backup, reason="killed")
            write_receipt(run, ended)
            settled.append(ended)
    return tuple(settled)


def outcome(connection: sqlite3.Connection, operations: Sequence[Operation]) -> Status:
    """Return on which side of the operations the rows stand."""
    rows = steps_by_row(operations)
    after = any(stands_after(connection, steps[-1]) for steps in rows)
    before = any(stands_before(connection, steps[0]) for steps in rows)
    if after == before:
        return "unknown"
    return "committed" if after else "rolled back"
