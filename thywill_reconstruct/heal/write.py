"""Write into the archives as the application does (archive format spec, section 0.1): locked appends, atomic creation.

An existing line is never touched: files are opened for appending only, and new ones never replace what is there.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from thywill_reconstruct.apply.folder import sync_folder
from thywill_reconstruct.errors import OutputError


def append(path: Path, text: str) -> None:
    """Append whole lines under the application's own lock, in one write, safely on disk.

    Raises:
        OutputError: The file's last line has no line end: another program was stopped while it wrote.
        OSError: The file cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            raise OutputError(f"{path} ends in the middle of a line", hint="Nothing was appended to it.")
        try:
            _write_all(descriptor, text.encode("utf-8", "surrogateescape"))
        except OSError:
            # Half a line would be glued to whatever the application writes next; it writes under this lock, too.
            os.ftruncate(descriptor, size)
            raise
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create(path: Path, text: str) -> None:
    """Create a file with its whole content, or not at all.

    Raises:
        FileExistsError: Something has that name.
        OSError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of our own: a crash of the application may have left its `.txt.tmp` behind, which is not ours to remove.
    staged = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        try:
            _write_all(descriptor, text.encode("utf-8", "surrogateescape"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.link(staged, path)
    finally:
        staged.unlink()
    sync_folder(path.parent)


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def ends_torn(path: Path) -> bool:
    """Tell whether a file's last line has no line end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return False
        file.seek(size - 1)
        return file.read(1) != b"\n"
