"""Put a backup back whole, for the day when everything else fails.

The backup is compared with the digests in its receipt, and the present database is kept as a backup of its own first. Then
SQLite writes the one over the other in a single transaction, while nobody else can use the database: a kill in between rolls
back, and a program that has the database open, but idle, goes on with the restored rows instead of a file that is no more.
Only where SQLite cannot open the present file at all, or there is none, does a copy of the backup take its name, in one step;
the damaged files are kept as they are.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from thywill_reconstruct.apply.backup import back_up_from, flush, require_equal
from thywill_reconstruct.apply.digests import rows_of_table, table_digests
from thywill_reconstruct.apply.folder import (
    explain_os_error,
    is_disk_full,
    new_run_folder,
    prepare_folder,
    publish,
    require_space,
    stage_private,
    sync_folder,
)
from thywill_reconstruct.apply.history import Run, find_run, read_runs
from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.apply.receipt import (
    BACKUP_NAME,
    RECEIPT_NAME,
    RESTORED_NAME,
    Receipt,
    encode_receipt,
    new_receipt,
    reason_of,
    write_operations,
    write_receipt,
)
from thywill_reconstruct.apply.run import WAIT_S, Clock, Progress, size_with_wal, utc_now
from thywill_reconstruct.apply.settle import remove_backup, remove_leftovers, settle_killed_runs
from thywill_reconstruct.apply.signals import Interruption, interruptible
from thywill_reconstruct.database.connect import open_readonly, open_writable
from thywill_reconstruct.database.failures import explain_sqlite_error, processes_with_open_files
from thywill_reconstruct.database.snapshot import read_steadily, read_tables
from thywill_reconstruct.errors import (
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseUnreadableError,
    NoSuchRunError,
    ReconstructError,
    RestoreError,
)

_SIDECARS = ("-wal", "-shm", "-journal")
DAMAGED_NAME = "damaged.db"
_SPARE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Loss:
    """What restoring changes in one table: rows of today that would be gone, and rows of the backup that would be back.

    A row that was changed counts in both.
    """

    table: str
    gone: int
    back: int


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What restoring a backup would do.

    Attributes:
        run: The run whose backup is restored.
        losses: The tables that would change; empty if nothing would.
        problem: Why the present database cannot be compared; empty if it could.
    """

    run: Run
    losses: tuple[Loss, ...]
    problem: str = ""


def plan_restore(database: Path, word: str, *, timeout_s: float = WAIT_S) -> RestorePlan:
    """Verify the backup of a run, and find out what would be lost by putting it back. Reads only.

    Args:
        database: The database; it may be missing or damaged.
        word: The run.
        timeout_s: How long to wait for another program's lock.

    Raises:
        NoSuchRunError: There is no such run, or it has no backup (any more).
        BackupError: The backup is not what it was.
    """
    runs = read_runs(database, timeout_s=timeout_s)
    run = find_run(runs, word)
    if run.backup is None:
        others = [other.name for other in runs if other.backup]
        newest = f"The newest that has one: {others[-1]}." if others else "No run has one any more."
        raise NoSuchRunError(f"run {run.name} has no backup", hint=f"Nothing was changed. {newest}")
    require_equal(run.backup, dict(run.receipt.backup_digests), "was changed after it was made, in")
    try:
        now = read_steadily(database, _row_counts, timeout_s)
    except (DatabaseMissingError, DatabaseUnreadableError) as error:
        return RestorePlan(run, (), str(error))
    then = read_steadily(run.backup, _row_counts, timeout_s)
    losses = []
    for table in sorted(now.keys() | then.keys()):
        present, former = now.get(table, Counter()), then.get(table, Counter())
        if present != former:
            losses.append(Loss(table, (present - former).total(), (former - present).total()))
    return RestorePlan(run, tuple(losses))


def _row_counts(connection: sqlite3.Connection) -> dict[str, Counter[bytes]]:
    """Return per table a digest of each row, wherever it stands, with how often it is there."""
    tables = read_tables(connection)
    connection.text_factory = bytes
    return {
        table: Counter(
            hashlib.blake2b(marshal.dumps(row, 2), digest_size=16).digest()
            for row in rows_of_table(connection, table, with_place=False)
        )
        for table in tables
    }


def execute_restore(
    path: Path,
    agreed: RestorePlan,
    *,
    progress: Progress | None = None,
    timeout_s: float = WAIT_S,
    clock: Clock = utc_now,
) -> Receipt:
    """Put the backup of a run in the place of the database.

    Args:
        path: The database; it may be missing or damaged.
        agreed: What ``plan_restore`` found.
        progress: Called with the stage (``backup``, ``restore``), steps done and steps in all.
        timeout_s: How long to wait for other programs.
        clock: The present in UTC.

    Returns:
        The receipt, status ``committed``; its backup is the database as it was.

    Raises:
        DatabaseLockedError: Another process uses the database. Nothing was changed.
        BackupError, DiskFullError, NotWritableError, RunLockedError, RestoreError: The database is as it was.
    """
    database = Path(os.path.realpath(path))
    folder = prepare_folder(database)
    started = clock()
    try:
        with interruptible() as interruption, run_lock(folder, database, started):
            assert agreed.run.backup is not None
            require_space(folder, agreed.run.backup.stat().st_size + size_with_wal(database) + _SPARE_BYTES)
            with _exclusively(database, timeout_s) as present:
                if present is not None:
                    settle_killed_runs(present, folder, database, started)
                run_folder = new_run_folder(folder, started)
                receipt = new_receipt(
                    run_folder, database, started, "restore", agreed.run.name, write_operations(run_folder, ())
                )
                show = progress or _silent
                step = _Restore(
                    database, agreed.run.backup, agreed.run, present, run_folder, receipt, interruption, show, clock
                )
                return step.carry_out()
    except sqlite3.Error as error:
        raise explain_sqlite_error(error, database, timeout_s=timeout_s) or error from error
    except OSError as error:
        if is_disk_full(error):
            raise explain_os_error(error, database) from error
        raise RestoreError(f"the backup cannot be put in the place of {path}: {error.strerror}") from error


def _silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


@contextmanager
def _exclusively(database: Path, timeout_s: float) -> Iterator[sqlite3.Connection | None]:
    """Keep everybody else out of a database for the length of the block; ``None`` if it cannot be opened any more."""
    users = processes_with_open_files(database)
    if users:
        raise DatabaseLockedError(
            f"{database} is open in {', '.join(users)}", hint="Nothing was changed. Stop the application first."
        )
    try:
        connection = open_writable(database, timeout_s)
    except (DatabaseMissingError, DatabaseUnreadableError):
        yield None
        return
    with closing(connection):
        try:
            # In this mode the lock outlives the transaction, and in WAL mode nobody else can even have it open.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            known = explain_sqlite_error(error, database, timeout_s=timeout_s)
            if not isinstance(known, DatabaseUnreadableError):
                raise known or error from error
            connection.close()
            yield None
            return
        yield connection


@dataclass(slots=True)
class _Restore:
    """One restoration under its locks; ``present`` is ``None`` if SQLite cannot open the database."""

    database: Path
    source: Path
    of: Run
    present: sqlite3.Connection | None
    run_folder: Path
    receipt: Receipt
    interruption: Interruption
    progress: Progress
    clock: Clock
    exchanged: bool = False
    stripped: bool = False

    def carry_out(self) -> Receipt:
        """Keep what is there, then exchange it; on any exception before that leave everything as it was."""
        try:
            write_receipt(self.run_folder, self.receipt)
            self.progress("backup", 0, 1)
            self._keep_present()
            self.progress("backup", 1, 1)
            self.progress("restore", 0, 1)
            restored = self._copy() if self.present is None else None
            done = replace(self.receipt, status="committed", finished=self.clock().isoformat())
            place = self.run_folder / RECEIPT_NAME
            staged = stage_private(place, encode_receipt(done))
            with self.interruption.held_off():
                if self.present is not None:
                    self._write_over(self.present)
                elif restored is not None:
                    self._replace_file(restored)
                self.exchanged = True
                with suppress(OSError):
                    publish(staged, place)
        except BaseException as error:
            with self.interruption.held_off():
                self._give_up(error)
            raise
        return done

    def _keep_present(self) -> None:
        """Make a backup of the present database; of one that cannot be read, a copy of its files."""
        if self.present is not None:
            backup = self.run_folder / BACKUP_NAME
            try:
                digests = back_up_from(self.present, backup)
            except DatabaseUnreadableError:
                # Before its file is opened as a file: closing that would drop the locks of this connection unseen.
                self.present.close()
                self.present = None
            else:
                self.receipt = replace(self.receipt, backup=str(backup), backup_digests=digests)
                write_receipt(self.run_folder, self.receipt)
                return
        for suffix in ("", *_SIDECARS):
            if (file := Path(f"{self.database}{suffix}")).is_file():
                copy = self.run_folder / f"{DAMAGED_NAME}{suffix}"
                shutil.copyfile(file, copy)
                copy.chmod(0o600)
                flush(copy)

    def _write_over(self, present: sqlite3.Connection) -> None:
        # Again, although it was compared before the question: minutes may lie between.
        require_equal(self.source, dict(self.of.receipt.backup_digests))
        with open_readonly(self.source) as backup:
            backup.rollback()  # a transaction of its own would keep it from being copied
            backup.backup(present)
        if table_digests(present) != dict(self.of.receipt.backup_digests):
            raise RestoreError(
                f"{self.database} is not what the backup holds after all",
                hint=f"The database as it was is {self.receipt.backup}.",
            )

    def _copy(self) -> Path:
        """Copy the backup beside the receipt, with the rights of the present file, and compare the copy."""
        restored = self.run_folder / RESTORED_NAME
        shutil.copyfile(self.source, restored)
        restored.chmod(0o600)
        # Where there is no file any more, the application that is to open it is whoever owns the folder.
        there = self.database.exists()
        rights = (self.database if there else self.database.parent).stat()
        if there:
            restored.chmod(rights.st_mode & 0o7777)
        if os.geteuid() == 0:
            os.chown(restored, rights.st_uid, rights.st_gid)
        flush(restored)
        require_equal(restored, dict(self.of.receipt.backup_digests))
        return restored

    def _replace_file(self, restored: Path) -> None:
        self.stripped = True
        for suffix in _SIDECARS:
            # They are kept in the run folder. Left here, SQLite would take them for parts of the restored database.
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        restored.replace(self.database)
        sync_folder(self.database.parent)

    def _give_up(self, error: BaseException) -> None:
        """Say in the receipt that nothing happened; where that is not certain, leave it to the next command to find out."""
        kept = dict(self.receipt.backup_digests)
        with suppress(OSError, ReconstructError, sqlite3.Error):
            if self.exchanged or (self.present is not None and kept and table_digests(self.present) != kept):
                return
            if not self.stripped:
                for file in self.run_folder.glob(f"{DAMAGED_NAME}*"):
                    file.unlink()
            remove_backup(self.run_folder)
            remove_leftovers(self.run_folder)
            ended = replace(
                self.receipt,
                status="rolled back",
                finished=self.clock().isoformat(),
                backup="",
                reason=reason_of(error),
            )
            write_receipt(self.run_folder, ended)
