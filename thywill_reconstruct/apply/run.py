"""Carry out a job: lock, backup, one transaction, verification, receipt.

The order is what makes it safe. The write lock of the database is taken first, so that nobody can write between the
backup and the first change. Everything is verified before the commit. The final receipt is on the disk, under another
name, before the commit, so that a full disk cannot keep a committed run without its receipt.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from thywill_reconstruct.apply.backup import back_up
from thywill_reconstruct.apply.execute import execute_operations
from thywill_reconstruct.apply.folder import (
    explain_os_error,
    is_disk_full,
    new_run_folder,
    prepare_folder,
    publish,
    require_space,
    stage_private,
)
from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.apply.precheck import complete_for_undo, complete_rows, require_safe
from thywill_reconstruct.apply.proportion import measure_here
from thywill_reconstruct.apply.receipt import (
    BACKUP_NAME,
    RECEIPT_NAME,
    Kind,
    Receipt,
    Status,
    count_operations,
    encode_receipt,
    new_receipt,
    reason_of,
    write_operations,
    write_receipt,
)
from thywill_reconstruct.apply.settle import outcome, settle_killed_runs
from thywill_reconstruct.apply.signals import Interruption, interruptible
from thywill_reconstruct.apply.verify import (
    HEALTHY,
    Health,
    measure_health,
    require_no_new_damage,
    require_nothing_else_changed,
    require_repaired,
)
from thywill_reconstruct.database.connect import locate, open_readonly, open_writable
from thywill_reconstruct.database.failures import explain_sqlite_error
from thywill_reconstruct.database.snapshot import count_rows, read_tables
from thywill_reconstruct.errors import NotWritableError, ReconstructError
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Operation, Plan

Rediff = Callable[[sqlite3.Connection], Iterable[Finding]]
Progress = Callable[[str, int, int], None]
Opener = Callable[[Path, float], sqlite3.Connection]
Clock = Callable[[], datetime]

WAIT_S = 10.0
_PAGES_PER_OPERATION = 4
_BYTES_PER_OPERATION = 1_000
_SPARE_BYTES = 1_000_000


def utc_now() -> datetime:
    """Return the present in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do, and what must hold before and after.

    Attributes:
        plan: What to do.
        choose: Called inside the transaction before anything is written: returns the operations as they are to be carried
            out, or raises.
        verify: Called inside the transaction after the last change, with the backup of how it was before the first: raises if
            the result is not what it should be.
        known: Damage that may be there afterwards although it is not there now.
        kind, of: See ``receipt.Receipt``.
    """

    plan: Plan
    choose: Callable[[sqlite3.Connection], tuple[Operation, ...]]
    verify: Callable[[sqlite3.Connection, Path], None]
    known: Health = HEALTHY
    kind: Kind = "repair"
    of: str = ""


def execute_plan(
    path: Path,
    plan: Plan,
    rediff: Rediff,
    *,
    allow_large: bool = False,
    progress: Progress | None = None,
    timeout_s: float = WAIT_S,
    clock: Clock = utc_now,
    opener: Opener = open_writable,
) -> Receipt:
    """Carry out a plan completely, or leave the database as it was.

    Args:
        path: The database.
        plan: What to do.
        rediff: Runs the whole diff again on the connection, inside the transaction.
        allow_large: Release the brake (``precheck.require_safe``).
        progress, timeout_s, clock, opener: See ``execute_job``.

    Returns:
        The receipt, status ``committed``.

    Raises:
        UnsafePlanError: The brake holds. The database is as it was.
        ReconstructError: See ``execute_job``.
    """

    def choose(connection: sqlite3.Connection) -> tuple[Operation, ...]:
        operations = whole_operations(connection, plan.operations)
        if not allow_large:
            touched = sorted({operation.table for operation in operations})
            require_safe(operations, count_rows(connection, touched), measure_here(connection, plan))
        return operations

    def verify(connection: sqlite3.Connection, backup: Path) -> None:
        def before() -> tuple[Finding, ...]:
            with open_readonly(backup, timeout_s) as former:
                return tuple(rediff(former))

        require_repaired(plan.repaired, plan.skipped, rediff(connection), before)

    return execute_job(
        path, Job(plan, choose, verify), progress=progress, timeout_s=timeout_s, clock=clock, opener=opener
    )


def whole_operations(connection: sqlite3.Connection, operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return operations that fit the database and hold all that undo will need.

    Raises:
        UnknownSchemaError: A table or column is not there.
    """
    tables = read_tables(connection)
    return complete_for_undo(connection, complete_rows(operations, tables), tables)


def execute_job(
    path: Path,
    job: Job,
    *,
    progress: Progress | None = None,
    timeout_s: float = WAIT_S,
    clock: Clock = utc_now,
    opener: Opener = open_writable,
) -> Receipt:
    """Carry out a job completely, or leave the database as it was.

    Writes the database, and ``.reconstruct/`` beside it: a backup that was opened and compared, the operations, and
    the receipt. SIGINT, SIGTERM and SIGHUP roll back and raise ``KeyboardInterrupt``; one that comes while the
    transaction is being committed comes too late and is ignored.

    Args:
        path: The database.
        job: What to do.
        progress: Called with the stage (``backup``, ``repair``, ``verify``), steps done and steps in all.
        timeout_s: How long to wait for other writers.
        clock: The present in UTC.
        opener: Opens the database for writing.

    Returns:
        The receipt, status ``committed``.

    Raises:
        DatabaseMissingError, DatabaseUnreadableError, DatabaseLockedError, NotWritableError, DiskFullError,
        RunLockedError, UnknownSchemaError, StalePlanError, ValueTakenError, BackupError, VerificationError: The database
            is as it was.
    """
    database = locate(path)
    if not os.access(database, os.W_OK):
        raise NotWritableError(f"{path} may not be written by this user")
    folder = prepare_folder(database)
    started = clock()
    try:
        with interruptible() as interruption, run_lock(folder, database, started):
            require_space(folder, _needed_bytes(database, len(job.plan.operations)))
            with closing(opener(database, timeout_s)) as connection:
                settle_killed_runs(connection, folder, database, started)
                run = _Run(connection, database, folder, job, interruption, progress or _silent, timeout_s, clock)
                return run.carry_out(started)
    except sqlite3.Error as error:
        raise explain_sqlite_error(error, database, timeout_s=timeout_s) or error from error
    except OSError as error:
        if is_disk_full(error):
            raise explain_os_error(error, database) from error
        raise


def _silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


def _needed_bytes(database: Path, operations: int) -> int:
    """Return the room for the backup, the journal at its worst, and the operations with their values."""
    size = size_with_wal(database)
    journal = min(size, operations * _PAGES_PER_OPERATION * 4096)
    return size + journal + operations * _BYTES_PER_OPERATION + _SPARE_BYTES


def size_with_wal(database: Path) -> int:
    """Return the bytes of a database and of what stands in its write-ahead log."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


@dataclass(slots=True)
class _Run:
    """One run under its lock; ``receipt`` and ``run_folder`` are set as soon as they are on the disk."""

    connection: sqlite3.Connection
    database: Path
    folder: Path
    job: Job
    interruption: Interruption
    progress: Progress
    timeout_s: float
    clock: Clock
    run_folder: Path | None = None
    receipt: Receipt | None = None
    committing: bool = False

    def carry_out(self, started: datetime) -> Receipt:
        """Do everything between the first lock and the final receipt; on any exception, undo it all."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            operations = self.job.choose(self.connection)
            health = measure_health(self.connection)
            receipt = self._prepare(operations, started)
            self.progress("repair", 0, len(operations))
            changed = self.connection.total_changes
            execute_operations(
                self.connection, operations, lambda done: self.progress("repair", done, len(operations))
            )
            rows = sum(not operation.changes_schema for operation in operations)
            require_nothing_else_changed(self.connection.total_changes - changed, rows)
            self.progress("verify", 0, 2)
            require_no_new_damage(health | self.job.known, measure_health(self.connection))
            self.progress("verify", 1, 2)
            self.job.verify(self.connection, Path(receipt.backup))
            self.progress("verify", 2, 2)
            return self._commit(receipt)
        except BaseException as error:
            with self.interruption.held_off():
                self._roll_back(error)
            raise

    def _prepare(self, operations: tuple[Operation, ...], started: datetime) -> Receipt:
        """Put the operations, the receipt and the backup on the disk, before the first change."""
        run_folder = self.run_folder = new_run_folder(self.folder, started)
        backup = run_folder / BACKUP_NAME
        plan = self.job.plan
        receipt = new_receipt(
            run_folder, self.database, started, self.job.kind, self.job.of, write_operations(run_folder, operations)
        )
        self.receipt = replace(
            receipt,
            database_fingerprint=plan.database_fingerprint,
            archive_fingerprint=plan.archive_fingerprint,
            counts=count_operations(operations),
            repaired=len(plan.repaired),
            skipped=len(plan.skipped),
            operations=operations,
        )
        write_receipt(run_folder, self.receipt)
        self.progress("backup", 0, 1)
        digests = back_up(self.database, backup, self.timeout_s)
        self.receipt = replace(self.receipt, backup=str(backup), backup_digests=digests)
        write_receipt(run_folder, self.receipt)
        self.progress("backup", 1, 1)
        return self.receipt

    def _commit(self, receipt: Receipt) -> Receipt:
        assert self.run_folder is not None
        final = replace(receipt, status="committed", finished=self.clock().isoformat())
        place = self.run_folder / RECEIPT_NAME
        staged = stage_private(place, encode_receipt(final))
        with self.interruption.held_off():
            self.committing = True
            self.connection.execute("COMMIT")
            # From here on the repair is done and nothing may claim otherwise: should only the renaming fail, the
            # next run settles the receipt.
            with suppress(OSError):
                publish(staged, place)
        return final

    def _roll_back(self, error: BaseException) -> None:
        """Take everything back, and say so in the receipt; never raises an expected failure of its own."""
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        # Whatever SQLite said to that: closing ends the transaction.
        self.connection.close()
        if self.run_folder is None:
            return
        with suppress(OSError, ReconstructError, sqlite3.Error):
            status: Status = self._outcome() if self.committing else "rolled back"
            if status == "rolled back":
                (self.run_folder / BACKUP_NAME).unlink(missing_ok=True)
            self._end_receipt(self.run_folder, status, error)

    def _end_receipt(self, run_folder: Path, status: Status, error: BaseException) -> None:
        if self.receipt is None:
            shutil.rmtree(run_folder)  # Nothing had begun that anybody could want to read about.
            return
        (run_folder / f".{RECEIPT_NAME}.new").unlink(missing_ok=True)
        self.receipt = replace(
            self.receipt,
            status=status,
            finished=self.clock().isoformat(),
            backup="" if status == "rolled back" else self.receipt.backup,
            reason=reason_of(error),
        )
        write_receipt(run_folder, self.receipt)

    def _outcome(self) -> Status:
        """Ask the rows: a COMMIT that reports an error may still have happened."""
        with closing(open_writable(self.database, self.timeout_s)) as connection:
            return outcome(connection, self.receipt.operations if self.receipt else ())
