"""An archive in a folder. Symbolic links are never followed; only plain files are opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from thywill_reconstruct.archives.source import (
    DEEPEST,
    LARGEST_FILE,
    ROOT_FOLDERS,
    Source,
    find_roots,
    printable_path,
    unusable,
)
from thywill_reconstruct.errors import ArchiveReadError, ArchivesMissingError
from thywill_reconstruct.records import Problem

_FIRST_READ = 16 * 1024
_OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
# A FIFO that takes a file's place between listing and opening must not block us.
_OPEN_FILE = _OPEN | getattr(os, "O_NONBLOCK", 0)
_OPEN_FOLDER = _OPEN | getattr(os, "O_DIRECTORY", 0)
# Reading shall leave no trace, access times included; the kernel grants this to the owner only.
_NO_TRACE = getattr(os, "O_NOATIME", 0)


@contextmanager
def open_folder(folder: str, only: str = "") -> Iterator[Source]:
    """Open the archive in or at most two levels below a folder, or ``only`` the one file of it.

    Raises:
        ArchivesMissingError: There is no archive, or there are several.
        ArchiveReadError: The folder cannot be listed.
    """
    try:
        start = os.path.realpath(folder)
        names = [] if only else _likely_names(start)
    except OSError as error:
        raise ArchiveReadError(
            f"The archive folder {folder} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    roots = [""] if only else find_roots(names)
    if not roots:
        raise ArchivesMissingError(
            f"There is no archive in {folder}: no folder prayers, users or activity, no export."
        )
    if len(roots) > 1:
        listed = ", ".join(printable_path(root.rstrip("/")) for root in roots[:5])
        raise ArchivesMissingError(f"There are several archives in {folder}: {listed}.", hint="Name one of them.")
    root = os.path.join(start, roots[0]).rstrip("/") or "/"
    paths, problems = ([only], []) if only else _walk(root)
    handle = os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        yield Source(tuple(paths), _Reader(handle).read, None if only else root, tuple(problems))
    finally:
        os.close(handle)


def _likely_names(start: str) -> list[str]:
    """Return directories (with a slash) and JSON files down to three levels, relative to the start; no links."""
    found: list[str] = []
    level = [""]
    for _ in range(3):
        deeper: list[str] = []
        for prefix in level:
            try:
                with os.scandir(os.path.join(start, prefix)) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            deeper.append(f"{prefix}{entry.name}/")
                        elif entry.name.endswith(".json") and entry.is_file(follow_symlinks=False):
                            found.append(prefix + entry.name)
            except PermissionError:
                if not prefix:
                    raise
                continue
        found.extend(deeper)
        if any(name.split("/")[-2] in ROOT_FOLDERS for name in deeper):
            break
        level = deeper
    return found


def _walk(root: str) -> tuple[list[str], list[Problem]]:
    """List all plain files below the root, sorted; everything else is a problem."""
    paths: list[str] = []
    problems: list[Problem] = []
    stack = [""]
    while stack:
        prefix = stack.pop()
        if prefix.count("/") > DEEPEST:
            problems.append(unusable(prefix, "This folder lies too deep for an archive; it was not searched."))
            continue
        try:
            with os.scandir(os.path.join(root, prefix)) as entries:
                for entry in entries:
                    path = prefix + entry.name
                    if entry.is_file(follow_symlinks=False):
                        paths.append(path)
                    elif entry.is_dir(follow_symlinks=False):
                        stack.append(path + "/")
                    elif entry.is_symlink():
                        problems.append(unusable(path, "This is a symbolic link; links are not followed."))
                    else:
                        problems.append(unusable(path, "This is not a plain file; it was not opened."))
        except OSError as error:
            problems.append(unusable(prefix, f"This folder cannot be read: {error.strerror}."))
    kept = [path for path in paths if path.isascii() or path == printable_path(path)]
    if len(kept) < len(paths):
        odd = sorted(set(paths) - set(kept))
        problems.extend(unusable(path, "The name is not UTF-8; the file was not read.") for path in odd)
    kept.sort()
    return kept, problems


class _Reader:
    """Reads files below an open folder."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.flags = _OPEN_FILE | _NO_TRACE

    def read(self, path: str) -> bytes | str:
        """Return the bytes of a file, or why there are none."""
        try:
            return self._read(path)
        except PermissionError as error:
            if not self.flags & _NO_TRACE:
                return f"The file cannot be read: {error.strerror}."
        except OSError as error:
            return f"The file cannot be read: {error.strerror}."
        plain, self.flags = self.flags, self.flags & ~_NO_TRACE
        again = self.read(path)
        if isinstance(again, str):
            # It was not the flag: keep asking for untraced reading.
            self.flags = plain
        return again

    def _read(self, path: str) -> bytes | str:
        handle = os.open(path, self.flags, dir_fd=self.handle)
        try:
            data = os.read(handle, _FIRST_READ)
            if len(data) < _FIRST_READ:
                return data
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return "This is not a plain file; it was not read."
            if status.st_size > LARGEST_FILE:
                return f"The file has {status.st_size:,} bytes, too many for an archive file; it was not read."
            return data + _rest(handle)
        finally:
            os.close(handle)


def _rest(handle: int) -> bytes:
    """Read up to the end, or up to the largest size if the file grows meanwhile."""
    pieces: list[bytes] = []
    missing = LARGEST_FILE
    while missing > 0:
        piece = os.read(handle, min(missing, 1024 * 1024))
        if not piece:
            break
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
