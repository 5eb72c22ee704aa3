"""A backup that has been opened and compared before the first write.

Size and checksum of a copied file prove nothing about a database in WAL mode, so the copy is made by SQLite's own
online backup, and every table of it is compared with the original, while the run already holds the write lock: what
is backed up is exactly what is changed. A rolled-back run deletes its backup, because the database still is what
the backup holds, and prayers should not lie around twice; a committed run keeps it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from thywill_reconstruct.apply.digests import table_digests
from thywill_reconstruct.apply.folder import explain_os_error, sync_folder
from thywill_reconstruct.database.connect import open_readonly, open_writable
from thywill_reconstruct.database.failures import explain_sqlite_error
from thywill_reconstruct.errors import BackupError, ReconstructError


def back_up(database: Path, target: Path, timeout_s: float) -> dict[str, str]:
    """Copy a database to a new file; see ``back_up_from``, which this calls on a connection of its own."""
    with closing(open_writable(database, timeout_s)) as source:
        return back_up_from(source, target)


def back_up_from(source: sqlite3.Connection, target: Path) -> dict[str, str]:
    """Copy a database to a new file, verify the copy, and return its digest per table.

    The caller holds the write lock of the database, on another connection or by the exclusive locking mode, and has written
    nothing yet, so nothing can change in between.

    Raises:
        BackupError: The copy is not what the database is, or SQLite could not make it.
        DiskFullError, NotWritableError: There is no room, or no permission. The target is gone again.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise explain_os_error(error, target) from error
    try:
        _copy(source, target)
        expected = table_digests(source)
        flush(target)
        require_equal(target, expected)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise _explain(error, target) from error
    except OSError as error:
        target.unlink(missing_ok=True)
        raise explain_os_error(error, target) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return expected


def _copy(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        # One flush at the end is enough: until then the file is worth nothing anyway.
        copy.execute("PRAGMA synchronous = OFF")
        source.backup(copy)


def flush(target: Path) -> None:
    """Make a file, and its name, survive a power cut."""
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(target.parent)


def require_equal(target: Path, expected: dict[str, str], fault: str = "differs from the database in") -> None:
    """Open a backup and compare every table with the digests of the original.

    Args:
        target: The backup.
        expected: Digest per table.
        fault: What is wrong with it if they differ, followed by the tables.

    Raises:
        BackupError: Names the tables that differ, are missing, or should not be there.
    """
    with open_readonly(target) as copy:
        found = table_digests(copy)
    different = sorted(table for table in expected.keys() | found.keys() if expected.get(table) != found.get(table))
    if different:
        raise BackupError(f"the backup {target} {fault}: {', '.join(different)}")


def _explain(error: sqlite3.Error, target: Path) -> ReconstructError:
    known = explain_sqlite_error(error, target)
    return known or BackupError(f"the backup {target} could not be made: {error}")
