"""The only two doors to the database file: strictly reading, and writing.

Reading changes nothing: bytes, times and the folder's listing stay as they were. SQLite alone does not promise
that (a plain read-only connection leaves ``-wal`` and ``-shm`` behind, or touches the ``-shm`` of a running
application), so the files beside the database decide how it is opened:

* nothing, or only an empty ``-wal``: ``immutable=1``; a change by others meanwhile is noticed afterwards;
* ``-wal`` and ``-shm``: ``mode=ro`` with a read-only ``-shm``, which takes locks and sees what is only in the WAL;
* ``-wal`` without ``-shm``: a private copy, because SQLite would have to create the ``-shm``;
* ``-journal``: ``mode=ro``; a private copy if a crashed writer left the journal (a hot journal).

The database is never opened as a plain file while this process has a connection to it: closing such a file drops
the locks that SQLite holds.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from thywill_reconstruct.database.failures import explain_sqlite_error, first_defects
from thywill_reconstruct.errors import (
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseUnreadableError,
    NotWritableError,
)

DEFAULT_TIMEOUT_S = 5.0
DEFAULT_ATTEMPTS = 3

Result = TypeVar("Result")


class ChangedWhileReadError(DatabaseLockedError):
    """Another program wrote during a read without locks; reading again helps."""

    hint = "Nothing was changed by this run. Run the command again."


FileState = tuple[tuple[int, int, int, int] | None, ...]


def locate(path: Path) -> Path:
    """Return the real file behind a path, after making sure that it can hold a database.

    Symbolic links are followed, because SQLite keeps its ``-wal`` and ``-journal`` beside the real file.

    Raises:
        DatabaseMissingError: Nothing is there.
        DatabaseUnreadableError: It is no regular file, is empty, or may not be read.
    """
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise DatabaseMissingError(f"there is no database at {path}") from None
    except (OSError, RuntimeError) as error:
        raise DatabaseUnreadableError(f"{path} cannot be opened: {error}") from error
    if stat.S_ISDIR(status.st_mode):
        raise DatabaseUnreadableError(f"{path} is a folder, not a database file")
    if not stat.S_ISREG(status.st_mode):
        raise DatabaseUnreadableError(f"{path} is not a regular file")
    if status.st_size == 0:
        raise DatabaseUnreadableError(f"{path} is empty (0 bytes): it holds no database")
    if not os.access(real, os.R_OK):
        raise DatabaseUnreadableError(
            f"{path} may not be read by this user", hint="Run as the user who owns the database."
        )
    return real


@contextmanager
def open_readonly(
    path: Path, timeout_s: float = DEFAULT_TIMEOUT_S, *, busy: bool = False
) -> Iterator[sqlite3.Connection]:
    """Open a database for reading and leave no trace; everything read in the block is of one moment.

    Args:
        path: The database file; symbolic links are followed.
        timeout_s: How long to wait for another program's lock.
        busy: Others keep writing, so keep them waiting instead of reading without locks. This process must have no other
            connection to the database.

    Raises:
        DatabaseMissingError: Nothing is there.
        DatabaseUnreadableError: It is not an SQLite database, or is damaged; says what and where.
        DatabaseLockedError: Another program holds it for too long, or changed it while it was read.
    """
    real = locate(path)
    wal, shm, journal = (_sidecar(real, suffix) for suffix in ("-wal", "-shm", "-journal"))
    wal_bytes = wal.stat().st_size if wal.exists() else 0
    if journal.exists():
        with _read_beside_journal(real, timeout_s) as connection:
            yield connection
    elif shm.exists() and wal.exists():
        with _read_locked(real, "mode=ro&readonly_shm=1", timeout_s) as connection:
            yield connection
    elif wal_bytes:
        with _read_copy(real, timeout_s) as connection:
            yield connection
    elif busy and not _is_in_wal_mode(real):
        with _read_locked(real, "mode=ro", timeout_s) as connection:
            yield connection
    else:
        with _read_immutable(real) as connection:
            yield connection


def steadily(read: Callable[[bool], Result], attempts: int = DEFAULT_ATTEMPTS) -> Result:
    """Read something that others may write to meanwhile: try again, and at last with locks.

    Args:
        read: Reads it all; called with what ``open_readonly`` takes as ``busy``.
        attempts: How often at most.

    Raises:
        ChangedWhileReadError: It was written to each time, and could not be locked.
    """
    for _ in range(attempts - 1):
        try:
            return read(False)
        except ChangedWhileReadError:
            continue
    return read(True)


def open_backup(path: Path) -> sqlite3.Connection:
    """Open a database that nobody writes to any more, in autocommit and without a trace. The caller closes the connection.

    Errors come as SQLite raises them, so that they can be told from those of another database that is read beside it.
    """
    return sqlite3.connect(_uri(path, "immutable=1"), uri=True, isolation_level=None)


def _is_in_wal_mode(path: Path) -> bool:
    """Tell whether a locking reader would have to make a ``-shm`` file: the header says so (SQLite file format, 1.3.3)."""
    with path.open("rb") as file:
        return file.read(20)[18:20] != b"\x01\x01"


def open_writable(
    path: Path,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    factory: type[sqlite3.Connection] = sqlite3.Connection,
) -> sqlite3.Connection:
    """Open an existing database for writing, in autocommit: transactions are begun and ended by statement.

    Journal mode and the ``foreign_keys`` pragma stay as they are. The caller closes the connection.

    Raises:
        DatabaseMissingError, DatabaseUnreadableError: As in ``open_readonly``.
        NotWritableError: The file, or the folder that must take the journal, cannot be written.
        DatabaseLockedError: Another program holds the database for longer than ``timeout_s``.
    """
    real = locate(path)
    if not os.access(real, os.W_OK):
        raise NotWritableError(f"{path} may not be written by this user")
    if not os.access(real.parent, os.W_OK | os.X_OK):
        raise NotWritableError(
            f"the folder {real.parent} may not be written, so SQLite cannot keep its journal there"
        )
    connection = sqlite3.connect(
        _uri(real, "mode=rw"), uri=True, timeout=timeout_s, isolation_level=None, factory=factory
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        defects = first_defects(connection, error)
        connection.close()
        raise explain_sqlite_error(error, real, defects, timeout_s) or error from error
    return connection


def _sidecar(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _uri(path: Path, options: str) -> str:
    """Return an SQLite URI; ``?``, ``#``, ``%`` and undecodable bytes in the path are escaped."""
    return f"file:{quote(os.fsencode(path))}?{options}"


def _state(path: Path) -> FileState:
    """Return what tells whether the database or a file beside it was changed."""
    states: list[tuple[int, int, int, int] | None] = []
    for file in (path, *(_sidecar(path, suffix) for suffix in ("-wal", "-shm", "-journal"))):
        try:
            status = file.stat()
        except OSError:
            states.append(None)
        else:
            states.append((status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return tuple(states)


@contextmanager
def _read_locked(path: Path, options: str, timeout_s: float) -> Iterator[sqlite3.Connection]:
    """Read through one transaction of a connection with the given URI options."""
    with closing(
        sqlite3.connect(_uri(path, options), uri=True, timeout=timeout_s, isolation_level=None)
    ) as connection:
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield connection
        except sqlite3.Error as error:
            defects = first_defects(connection, error)
            raise explain_sqlite_error(error, path, defects, timeout_s) or error from error


@contextmanager
def _read_immutable(path: Path) -> Iterator[sqlite3.Connection]:
    """Read without locks, and refuse the result if somebody wrote meanwhile."""
    before = _state(path)
    with _read_locked(path, "immutable=1", 0.0) as connection:
        try:
            yield connection
        except Exception:  # Whatever the reader makes of two moments that do not fit together.
            _refuse_if_changed(path, before)
            raise
    _refuse_if_changed(path, before)


def _refuse_if_changed(path: Path, before: FileState) -> None:
    if _state(path) != before:
        raise ChangedWhileReadError(f"{path} was changed by another program while it was being read")


@contextmanager
def _read_beside_journal(path: Path, timeout_s: float) -> Iterator[sqlite3.Connection]:
    """Read with locks; what a crashed writer left half done is rolled back in a copy, not in place."""
    if _has_hot_journal(path, timeout_s):
        with _read_copy(path, timeout_s) as connection:
            yield connection
    else:
        with _read_locked(path, "mode=ro", timeout_s) as connection:
            yield connection


def _has_hot_journal(path: Path, timeout_s: float) -> bool:
    """Tell whether only a writer could make the database whole again."""
    with closing(sqlite3.connect(_uri(path, "mode=ro"), uri=True, timeout=timeout_s)) as probe:
        try:
            probe.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode in (sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_CANTOPEN)
        except sqlite3.DatabaseError:
            return False  # Damaged: the real reading says how.
    return False


@contextmanager
def _read_copy(path: Path, timeout_s: float) -> Iterator[sqlite3.Connection]:
    """Read a private copy of the database and its journal; errors name the original."""
    before = _state(path)
    with tempfile.TemporaryDirectory(prefix="thywill-reconstruct-") as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal", "-journal"):
            source = _sidecar(path, suffix)
            if source.exists():
                shutil.copyfile(source, _sidecar(copy, suffix))
        _refuse_if_changed(path, before)
        with closing(sqlite3.connect(copy, timeout=timeout_s, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                yield connection
            except sqlite3.Error as error:
                defects = first_defects(connection, error)
                raise explain_sqlite_error(error, path, defects, timeout_s) or error from error
