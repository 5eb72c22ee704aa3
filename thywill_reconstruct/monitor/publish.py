"""Files that other programs read at any moment."""

from __future__ import annotations

import os
from pathlib import Path

from thywill_reconstruct.errors import OutputError

PUBLIC, PRIVATE = 0o644, 0o600


def write_whole(path: Path, text: str, mode: int) -> None:
    """Write a file so that a reader sees the old text or the new one, never a part: write, fsync, rename.

    The name in between begins with a dot and does not end like the file's own: a textfile collector takes every ``*.prom``.

    Args:
        path: The file; a symbolic link is followed and stays one.
        text: Its whole content.
        mode: ``PUBLIC`` for figures, ``PRIVATE`` for reports that quote rows.

    Raises:
        OutputError: It cannot be written; the old text is still there.
    """
    place = Path(os.path.realpath(path))
    staged = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        if place.exists() and not place.is_file():
            raise OutputError(f"{path} is no file", hint="Give the name of a file.")
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            with open(descriptor, "wb") as file:
                os.fchmod(descriptor, mode)
                file.write(text.encode("utf-8", "backslashreplace"))
                file.flush()
                os.fsync(descriptor)
            staged.replace(place)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror}", hint="The figures are kept in the history."
        ) from error
