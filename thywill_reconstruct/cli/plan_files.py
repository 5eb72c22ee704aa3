"""Plan files on the disk: private, written whole or not at all, and never over something else."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from thywill_reconstruct.errors import OutputError, PlanFormatError
from thywill_reconstruct.plan.file import PlanFile, decode_plan, encode_plan

_LARGEST_BYTES = 1_000_000_000


def read_plan(path: Path) -> PlanFile:
    """Read a plan file; ``-`` is standard input.

    Raises:
        PlanFormatError: It is not there, cannot be read, or is no plan.
    """
    try:
        if path == Path("-"):
            content = sys.stdin.buffer.read(_LARGEST_BYTES)
        else:
            with path.open("rb") as file:
                content = file.read(_LARGEST_BYTES)
    except OSError as error:
        raise PlanFormatError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return decode_plan(content)
    except PlanFormatError as error:
        raise PlanFormatError(f"{path}: {error}", hint=error.hint) from error


def write_plan(path: Path, file: PlanFile, *, overwrite: bool) -> None:
    """Write a plan file, readable by its owner alone; ``-`` is standard output.

    Raises:
        OutputError: Something is there already (with ``overwrite``: something that is no plan), or it cannot be written.
    """
    content = encode_plan(file)
    if path == Path("-"):
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        _replace(path, content) if _may_replace(path, overwrite=overwrite) else _create(path, content)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def require_free(path: Path, *, overwrite: bool) -> None:
    """Refuse a place that is taken, before minutes of reading.

    Raises:
        OutputError: See ``write_plan``.
    """
    if path != Path("-"):
        _may_replace(path, overwrite=overwrite)
        if not path.parent.is_dir():
            raise OutputError(f"{path} cannot be written: there is no folder {path.parent}")


def _may_replace(path: Path, *, overwrite: bool) -> bool:
    """Return whether there is a plan that may be replaced.

    Raises:
        OutputError: Something is there that may not.
    """
    if not os.path.lexists(path):
        return False
    if not overwrite:
        raise OutputError(
            f"{path} is there already", hint="Nothing was written. Choose another name, or add --overwrite."
        )
    try:
        read_plan(path)
    except PlanFormatError as error:
        raise OutputError(
            f"{path} is there already, and it is no plan, so it is not replaced", hint="Choose another name."
        ) from error
    return True


def _create(path: Path, content: bytes) -> None:
    """Give the new file its name first, so that of two writers one is refused, and then its content in one step."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _replace(path, content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _replace(path: Path, content: bytes) -> None:
    place = path.parent / os.readlink(path) if path.is_symlink() else path
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
