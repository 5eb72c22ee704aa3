"""The private folder ``.reconstruct`` beside the database: who may read it, and how files get into it.

Everything in it can hold prayers, so the folder is 0700 and each file 0600. Per run there is one folder, named after
the run::

    .reconstruct/
        thywill.db.lock                 the lock of the database (see ``apply.lock``)
        20250716T090533Z-1a2b3c/        one run
            backup.db                   the database as it was
            operations.jsonl            every step with its values before and after
            receipt.json                what became of the run
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from thywill_reconstruct.errors import DiskFullError, NotWritableError, ReconstructError

FOLDER_NAME = ".reconstruct"
_RUN_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def prepare_folder(database: Path) -> Path:
    """Create the private folder beside a database, or check that it can be used, and return it.

    Raises:
        NotWritableError: The folder cannot be made or written, or something else has its name.
    """
    folder = database.parent / FOLDER_NAME
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink():
            raise NotWritableError(f"{folder} is a symbolic link; backups with prayers are not written through it")
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError as error:
        raise NotWritableError(f"{folder} is in the way: backups and receipts need a folder of that name") from error
    except OSError as error:
        raise explain_os_error(error, folder) from error
    return folder


def new_run_folder(folder: Path, moment: datetime) -> Path:
    """Create the folder of one run, named by its start (UTC) and a random tail."""
    run = folder / f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        run.mkdir(mode=0o700)
        sync_folder(folder)
    except OSError as error:
        raise explain_os_error(error, run) from error
    return run


def is_run_folder(path: Path) -> bool:
    """Tell whether something in the private folder is the folder of a run."""
    return _RUN_NAME.fullmatch(path.name) is not None and path.is_dir() and not path.is_symlink()


def is_disk_full(error: OSError) -> bool:
    """Tell whether the file system has no room, or allows this user no more."""
    return error.errno in _FULL


def explain_os_error(error: OSError, path: Path) -> ReconstructError:
    """Return the expected failure behind an error of the file system."""
    if is_disk_full(error):
        return DiskFullError(f"{path} could not be written: {error.strerror}")
    return NotWritableError(f"{path} cannot be written: {error.strerror or error}")


def require_space(folder: Path, needed_bytes: int) -> None:
    """Refuse a run that would fill the disk.

    Raises:
        DiskFullError: Fewer than ``needed_bytes`` are free; says both figures.
    """
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise DiskFullError(
            f"the backup and the journal need {_megabytes(needed_bytes)} in {folder}, "
            f"but only {_megabytes(free_bytes)} are free"
        )


def write_private(path: Path, content: bytes) -> None:
    """Write a file so that it holds its old content or its new one, never half, even after a power cut.

    Raises:
        DiskFullError, NotWritableError: The old content is still there.
    """
    publish(stage_private(path, content), path)


def stage_private(path: Path, content: bytes) -> Path:
    """Write a file under a temporary name beside its place, safely on disk; ``publish`` puts it there.

    Raises:
        DiskFullError, NotWritableError: Nothing is left behind.
    """
    staged = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise explain_os_error(error, path) from error
    return staged


def publish(staged: Path, path: Path) -> None:
    """Give a staged file its name. Needs no room on the disk."""
    staged.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB"
