"""The runs of a database: what their receipts say, and what the rows say where a receipt does not. Reading changes nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from thywill_reconstruct.apply.folder import FOLDER_NAME, is_run_folder
from thywill_reconstruct.apply.lock import is_run_alive
from thywill_reconstruct.apply.receipt import BACKUP_NAME, RECEIPT_NAME, Receipt, Status, read_receipt
from thywill_reconstruct.apply.settle import KILLED, is_of, outcome_of
from thywill_reconstruct.database.connect import DEFAULT_TIMEOUT_S
from thywill_reconstruct.database.snapshot import read_steadily
from thywill_reconstruct.errors import (
    DatabaseMissingError,
    DatabaseUnreadableError,
    NoSuchRunError,
    NotWritableError,
    ReconstructError,
)

LAST = "last"


@dataclass(frozen=True, slots=True)
class Run:
    """One run folder.

    Attributes:
        folder: The folder.
        receipt: Without its operations (``operations``). The status is what is true now: of a killed run whose receipt was
            left ``started``, what the rows tell.
        unsettled: The receipt on the disk still says ``started``.
        alive: That run is at work right now.
        problem: Why the receipt cannot be read, or why nobody can tell what became of the run; then the status is
            ``unknown``.
    """

    folder: Path
    receipt: Receipt
    unsettled: bool = False
    alive: bool = False
    problem: str = ""

    @property
    def name(self) -> str:
        """The run's name."""
        return self.folder.name

    @property
    def backup(self) -> Path | None:
        """The backup, if it is still there: beside the receipt, wherever the folder has been moved to."""
        place = self.folder / BACKUP_NAME
        return place if self.receipt.backup and place.is_file() else None


def private_folder(database: Path) -> Path:
    """Return where the runs of a database are kept; the database itself need not exist (any more)."""
    return Path(os.path.realpath(database)).parent / FOLDER_NAME


def read_runs(
    database: Path, *, connection: sqlite3.Connection | None = None, timeout_s: float = DEFAULT_TIMEOUT_S
) -> tuple[Run, ...]:
    """Return the runs of a database, oldest first.

    Args:
        database: The database.
        connection: Used to see what became of killed runs; without, the database is opened for reading if need be.
        timeout_s: How long to wait for another program's lock.

    Raises:
        NotWritableError: This user may not look into the folder of the runs.
    """
    folder, real = private_folder(database), Path(os.path.realpath(database))
    found = [_read(run) for run in _folders(folder)]
    found = [run for run in found if run.problem or is_of(run.receipt, real)]
    if any(run.unsettled for run in found):
        alive = is_run_alive(folder, real)

        def settle(connection: sqlite3.Connection) -> list[Run]:
            return [_settled(run, connection, folder, alive=alive) if run.unsettled else run for run in found]

        try:
            found = settle(connection) if connection else read_steadily(real, settle, timeout_s)
        except (ReconstructError, sqlite3.Error) as error:
            found = [_unknown(run, error) if run.unsettled else run for run in found]
    return tuple(sorted(found, key=_place))


def _place(run: Run) -> tuple[int, str, str]:
    return run.receipt.number, run.receipt.started, run.name


def _folders(folder: Path) -> list[Path]:
    """Return the folders of all runs that have a receipt.

    Raises:
        NotWritableError: Another user made the private folder, or a run in it, and this one may not look into it.
    """
    try:
        return [run for run in sorted(filter(is_run_folder, folder.iterdir())) if (run / RECEIPT_NAME).exists()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError as error:
        raise NotWritableError(
            f"{error.filename} may not be read by this user, so nobody can tell which runs there were",
            hint=f"Nothing was changed. Run as the user who made it, or give it to yourself: chown -R $USER {folder}",
        ) from error


def other_databases(database: Path) -> tuple[str, ...]:
    """Return the names of databases whose runs lie in the same private folder: this one may have been called so."""
    folder, real = private_folder(database), Path(os.path.realpath(database))
    found = [_read(run) for run in _folders(folder)]
    names = {Path(run.receipt.database).name for run in found if not run.problem and not is_of(run.receipt, real)}
    return tuple(sorted(names))


def _read(folder: Path) -> Run:
    try:
        receipt = read_receipt(folder, with_operations=False)
    except ReconstructError as error:
        return Run(folder, _unreadable(folder), problem=str(error))
    return Run(folder, receipt, unsettled=receipt.status == "started")


def _unreadable(folder: Path) -> Receipt:
    return Receipt(
        run=folder.name, status="unknown", started="", finished="", tool_version="", user="", host="", pid=0, database="",
        database_fingerprint="", archive_fingerprint="", backup="", backup_digests={}, counts=(), repaired=0, skipped=0,
        operations_sha256="",
    )  # fmt: skip


def _unknown(run: Run, error: Exception) -> Run:
    """Return what can be said of a killed run if the database cannot be read: had a backup been put back, it could."""
    broken = isinstance(error, DatabaseMissingError | DatabaseUnreadableError)
    if run.receipt.kind == "restore" and broken:
        return replace(run, receipt=replace(run.receipt, status="rolled back", reason=KILLED))
    return replace(run, problem=str(error), receipt=replace(run.receipt, status="unknown"))


def _settled(run: Run, connection: sqlite3.Connection, folder: Path, *, alive: bool) -> Run:
    if alive:
        return replace(run, alive=True)
    status: Status = "unknown"
    problem = ""
    try:
        status = outcome_of(read_receipt(run.folder), connection, folder)
    except (ReconstructError, sqlite3.Error) as error:
        problem = str(error)
    return replace(run, receipt=replace(run.receipt, status=status, reason=KILLED), problem=problem)


def find_run(runs: Sequence[Run], word: str) -> Run:
    """Return the run that an operator names: by its name, by the beginning of its name, or as ``last``.

    Raises:
        NoSuchRunError: None or several fit.
    """
    if not runs:
        raise NoSuchRunError("there are no runs yet", hint="Only an execution makes one.")
    if word == LAST:
        return runs[-1]
    exact = [run for run in runs if run.name == word]
    fitting = exact or [run for run in runs if word and run.name.startswith(word)]
    if len(fitting) != 1:
        many = f"{len(fitting)} runs begin with {word}" if fitting else f"there is no run {word}"
        raise NoSuchRunError(many)
    return fitting[0]
