"""One run per database at a time.

The lock is the kernel's (``flock``), so it ends with its process, however that ends: a lock file that a dead run left
behind holds nobody up. What stands in the file only tells people who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from thywill_reconstruct.apply.folder import explain_os_error
from thywill_reconstruct.errors import DiskFullError, NotWritableError, RunLockedError

_ATTEMPTS = 5
_PAUSE_S = 0.02


@contextmanager
def run_lock(folder: Path, database: Path, started: datetime) -> Iterator[None]:
    """Hold the lock of a database's runs for the length of the block.

    Args:
        folder: The private folder beside the database.
        database: The real path of the database.
        started: Start of this run, UTC, for the message that a second run prints.

    Raises:
        RunLockedError: Another run holds it; names its process and start.
        NotWritableError, DiskFullError: The lock file cannot be written.
    """
    path = folder / f"{database.name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise explain_os_error(error, path) from error
    try:
        if not _take(descriptor):
            raise RunLockedError(f"{_holder(path)} is working on {database}")
        _write(descriptor, json.dumps({"pid": os.getpid(), "started": started.isoformat()}), path)
        # The file itself stays: removing it would let two later runs lock two different files of one name.
        yield
        with suppress(NotWritableError, DiskFullError):  # The run is over, and what it did is on record.
            _write(descriptor, "", path)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Take the lock; who only asks whether it is held (``is_run_alive``) holds it for a moment and is waited for."""
    for attempt in range(_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if attempt + 1 < _ATTEMPTS:
                time.sleep(_PAUSE_S)
        else:
            return True
    return False


def is_run_alive(folder: Path, database: Path) -> bool:
    """Tell whether a run is at work on a database right now. Writes nothing."""
    try:
        descriptor = os.open(folder / f"{database.name}.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _write(descriptor: int, text: str, path: Path) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)
    except OSError as error:
        raise explain_os_error(error, path) from error


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"another run (process {held['pid']}, started {held['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
