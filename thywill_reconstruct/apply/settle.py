"""What became of a run that was killed: SQLite knows, and its rows tell.

A kill leaves a receipt that says ``started``. SQLite has kept the transaction whole or taken it back whole, so it is
enough to see on which side the rows are. Only where the application has changed every touched row since, or has made
some rows look like the other side, does the question stay open (``unknown``). Of a restoration the digests of whole tables
tell, in the same way.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from thywill_reconstruct.apply.digests import table_digests
from thywill_reconstruct.apply.folder import is_run_folder
from thywill_reconstruct.apply.precheck import stands_after, stands_before, steps_by_row
from thywill_reconstruct.apply.receipt import (
    BACKUP_NAME,
    RECEIPT_NAME,
    RESTORED_NAME,
    Receipt,
    Status,
    read_receipt,
    write_receipt,
)
from thywill_reconstruct.errors import ReconstructError
from thywill_reconstruct.plan.operations import Operation

KILLED = "killed"


def settle_killed_runs(
    connection: sqlite3.Connection, folder: Path, database: Path, moment: datetime
) -> tuple[Receipt, ...]:
    """Give every receipt of this database that still says ``started`` its true end, and return those receipts.

    The caller holds the run lock, so no such run is still alive. Backups of runs that changed nothing are removed, and
    so is what a run left behind that was killed before it had a receipt: it had not touched the database.
    """
    settled = []
    for run in sorted(filter(is_run_folder, folder.glob("*"))):
        with suppress(ReconstructError, sqlite3.Error, OSError):
            if not (run / RECEIPT_NAME).exists():
                shutil.rmtree(run)
                continue
            receipt = read_receipt(run)
            if receipt.status != "started" or not is_of(receipt, database):
                continue
            status = outcome_of(receipt, connection, folder)
            backup = receipt.backup
            if status == "rolled back":
                remove_backup(run)
                backup = ""
            ended = replace(receipt, status=status, finished=moment.isoformat(), backup=backup, reason=KILLED)
            write_receipt(run, ended)
            remove_leftovers(run)
            settled.append(ended)
    return tuple(settled)


def is_of(receipt: Receipt, database: Path) -> bool:
    """Tell whether a receipt beside a database is about it: folders are moved, so its name counts, not its place."""
    return Path(receipt.database).name == database.name


def remove_backup(run: Path) -> None:
    """Remove the backup of a run, and what SQLite may have left beside it."""
    for file in run.glob(f"{BACKUP_NAME}*"):
        file.unlink(missing_ok=True)


def remove_leftovers(run: Path) -> None:
    """Remove what an interrupted run had prepared and not used."""
    for file in (run / f".{RECEIPT_NAME}.new", *run.glob(f"{RESTORED_NAME}*")):
        file.unlink(missing_ok=True)


def outcome_of(receipt: Receipt, connection: sqlite3.Connection, folder: Path) -> Status:
    """Return what became of the run behind a receipt that does not say so.

    Args:
        receipt: The receipt, with its operations.
        connection: On the database.
        folder: The private folder, where the receipts of other runs are.
    """
    if receipt.kind != "restore":
        return outcome(connection, receipt.operations)
    target = read_receipt(folder / receipt.of, with_operations=False).backup_digests
    now, before = table_digests(connection), receipt.backup_digests
    if not before:  # It had not come to the exchange, or there was nothing readable to make a backup of.
        return "committed" if now == dict(target) else "rolled back"
    differing = [table for table in {*target, *before} if target.get(table) != before.get(table)]
    if not differing:
        return "rolled back"
    return _side(
        after=any(now.get(table) == target.get(table) for table in differing),
        before=any(now.get(table) == before.get(table) for table in differing),
    )


def outcome(connection: sqlite3.Connection, operations: Sequence[Operation]) -> Status:
    """Return on which side of the operations the rows stand."""
    rows = steps_by_row(operations)
    after = any(stands_after(connection, steps[-1]) for steps in rows)
    before = any(stands_before(connection, steps[0]) for steps in rows)
    return _side(after=after, before=before)


def _side(*, after: bool, before: bool) -> Status:
    if after == before:
        return "unknown"
    return "committed" if after else "rolled back"
