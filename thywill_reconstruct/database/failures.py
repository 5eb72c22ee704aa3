"""What an SQLite error means for the operator, and who holds the lock."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from thywill_reconstruct.errors import (
    DatabaseLockedError,
    DatabaseUnreadableError,
    DiskFullError,
    NotWritableError,
    ReconstructError,
)

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_WRITE_FAILURES = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
)


def explain_sqlite_error(
    error: sqlite3.Error, path: Path, defects: tuple[str, ...] = (), timeout_s: float = 0.0
) -> ReconstructError | None:
    """Return the expected failure behind an SQLite error, or ``None`` if the error is a bug of ours.

    Args:
        error: As raised by the ``sqlite3`` module.
        path: The database, for the message.
        defects: What ``first_defects`` found.
        timeout_s: How long was waited for a lock.
    """
    extended = getattr(error, "sqlite_errorcode", 0) or 0
    code = extended & 0xFF
    text = str(error)
    if code in _BUSY:
        holders = lock_holders(path)
        who = f" by {', '.join(holders)}" if holders else " by another program"
        return DatabaseLockedError(f"{path} is locked{who}; gave up after {timeout_s:g} s")
    if code in _DAMAGED or "malformed" in text:
        what = f": {'; '.join(defects)}" if defects else ""
        return DatabaseUnreadableError(f"{path} cannot be read as an SQLite database ({text}){what}")
    if code == sqlite3.SQLITE_FULL or extended in _WRITE_FAILURES:
        return DiskFullError(f"{path} could not be written ({text}): the disk is full or failing")
    if code == sqlite3.SQLITE_READONLY:
        return NotWritableError(f"{path} cannot be written ({text})")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return DatabaseUnreadableError(f"{path} cannot be read ({text})")
    return None


def first_defects(connection: sqlite3.Connection, error: sqlite3.Error, limit: int = 3) -> tuple[str, ...]:
    """Return the first damages that SQLite's own check names, if the error speaks of damage at all."""
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code != sqlite3.SQLITE_CORRUPT:
        return ()
    try:
        rows = connection.execute(f"PRAGMA quick_check({limit})").fetchall()
    except sqlite3.Error:
        return ()
    lines = [line for (text,) in rows for line in str(text).splitlines() if not line.startswith("***")]
    return tuple(line for line in lines if line != "ok")[:limit]


def lock_holders(path: Path) -> tuple[str, ...]:
    """Return the programs that hold a lock on the database, as ``name (process 123)``; empty where unknown.

    Reads ``/proc``, so it knows something on Linux only, and only about processes this user may see.
    """
    inodes = set()
    for suffix in ("", "-shm"):
        try:
            status = os.stat(f"{path}{suffix}")
        except OSError:
            continue
        inodes.add(f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}")
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ()
    pids = set()
    for line in lines:
        fields = line.split()
        if "->" not in fields and len(fields) >= 6 and fields[5] in inodes and fields[4].isdigit():
            pids.add(int(fields[4]))
    return tuple(f"{_program(pid)} (process {pid})" for pid in sorted(pids - {0, os.getpid()}))


def processes_with_open_files(path: Path) -> tuple[str, ...]:
    """Return the other programs that have a database open, locked or not, as ``name (process 123)``.

    Reads ``/proc``, so it knows something on Linux only, and only about processes this user may see.
    """
    places = set()
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            status = os.stat(f"{path}{suffix}")
            places.add((status.st_dev, status.st_ino))
    pids = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    status = descriptor.stat()
                    if (status.st_dev, status.st_ino) in places:
                        pids.add(int(process.name))
    return tuple(f"{_program(pid)} (process {pid})" for pid in sorted(pids - {os.getpid()}))


def _program(pid: int) -> str:
    try:
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a program"
    return "".join(letter for letter in name if letter.isprintable()) or "a program"
