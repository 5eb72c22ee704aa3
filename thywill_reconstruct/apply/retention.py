"""How many backups are kept. Receipts are small and stay; the newest backup stays whatever is asked."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from thywill_reconstruct.apply.folder import explain_os_error
from thywill_reconstruct.apply.history import Run, private_folder, read_runs
from thywill_reconstruct.apply.ledger import DONE
from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.apply.receipt import read_receipt, write_receipt
from thywill_reconstruct.apply.run import Clock, utc_now
from thywill_reconstruct.apply.settle import remove_backup
from thywill_reconstruct.database.connect import locate


@dataclass(frozen=True, slots=True)
class OldBackup:
    """A backup that is older than those to be kept."""

    run: Run
    bytes: int


def old_backups(runs: tuple[Run, ...], keep: int) -> tuple[OldBackup, ...]:
    """Return the backups beyond the newest ``keep`` ones, oldest first; at least the newest one is kept.

    Args:
        runs: Oldest first.
        keep: How many to keep.
    """
    with_backup = [run for run in runs if run.backup and run.receipt.status in DONE and not run.unsettled]
    old = with_backup[: -max(keep, 1)]
    return tuple(OldBackup(run, run.backup.stat().st_size) for run in old if run.backup)


def remove_old_backups(path: Path, keep: int, *, clock: Clock = utc_now) -> tuple[OldBackup, ...]:
    """Remove the backups beyond the newest ``keep`` ones, and return which they were. Their receipts say so from then on.

    Raises:
        RunLockedError: A run is at work.
        NotWritableError: A backup cannot be removed.
    """
    database = locate(path)
    folder = private_folder(database)
    if not os.path.isdir(folder):
        return ()
    with run_lock(folder, database, clock()):
        removed = old_backups(read_runs(database), keep)
        for old in removed:
            try:
                remove_backup(old.run.folder)
            except OSError as error:
                raise explain_os_error(error, old.run.folder) from error
            receipt = read_receipt(old.run.folder, with_operations=False)
            write_receipt(old.run.folder, replace(receipt, backup=""))
    return removed
