"""The decisions file on disk: read it, add a decision at its end, take that one out again. What others wrote stays."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from thywill_reconstruct.apply.folder import explain_os_error, publish, stage_private
from thywill_reconstruct.errors import DecisionsError, NotWritableError
from thywill_reconstruct.identity.decision_text import parse_decisions, render_decision
from thywill_reconstruct.identity.decisions import Decision, Decisions

_HEAD = (
    "# Who is who, decided by people. One [[decision]] each; remove its lines to take it back. See docs/names.md.\n"
)
_HINT = "Nothing was changed. Correct the file, or run the command as a user who may write it."


class DecisionsFile:
    """A decisions file that others may edit meanwhile: it is read again before every change, and never overwritten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made = False

    def read(self) -> Decisions:
        """Return the decisions of the file as it is now; none if there is no file.

        Raises:
            DecisionsError: The file says something that cannot be.
            NotWritableError: The file cannot be read.
        """
        return _parse(self._content() or b"")

    def add(self, decision: Decision) -> bytes:
        """Append a decision and return the bytes that were added, for ``take_back``.

        On disk is either all of it or nothing, even after a power cut; a file's mode stays as it was.

        Raises:
            DecisionsError: It contradicts what the file says by now, or the file cannot be read any more.
            DiskFullError, NotWritableError: The file is as it was.
        """
        with self._alone():
            before = self._content()
            added = _appended(before, render_decision(decision).encode("utf-8"))
            _parse((before or b"") + added)
            self._replace(before, (before or b"") + added)
            self._made |= before is None
        return added

    def take_back(self, added: bytes) -> bool:
        """Take out what ``add`` appended; ``False`` if it does not stand there any more as it was written.

        Raises:
            DiskFullError, NotWritableError: The file is as it was.
        """
        with self._alone():
            before = self._content() or b""
            if before.count(added) != 1 and not before.endswith(added):
                return False
            place = before.rindex(added)
            after = before[:place] + before[place + len(added) :]
            if after or not self._made:
                self._replace(before, after)
            else:  # there was no file, and there is nothing in it but what is taken back
                self._place().unlink()
        return True

    def line_of(self, added: bytes) -> int:
        """Return the line of the file on which the header of an added decision stands."""
        content = self._content() or b""
        return content[: content.rindex(added) + added.rindex(b"[[decision]]\n")].count(b"\n") + 1

    def _place(self) -> Path:
        """Return the file itself where the path is a link to it."""
        return self.path.resolve()

    def _content(self) -> bytes | None:
        try:
            return self._place().read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotWritableError(f"{self.path} cannot be read: {error.strerror}", hint=_HINT) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other review write the file meanwhile. Editors ask no lock, so ``_replace`` looks again."""
        try:
            folder = os.open(self._place().parent, os.O_RDONLY)
        except OSError as error:
            raise NotWritableError(f"{self.path} cannot be written: {error.strerror}", hint=_HINT) from error
        try:
            with suppress(OSError):  # file systems without locks
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _replace(self, before: bytes | None, after: bytes) -> None:
        place = self._place()
        staged = stage_private(place, after)
        try:
            if before is not None:
                there = place.stat()
                with suppress(PermissionError):  # another's file in a shared folder becomes ours, readable as before
                    os.chown(staged, there.st_uid, there.st_gid)
                staged.chmod(there.st_mode & 0o7777)
            if self._content() != before:
                raise NotWritableError(
                    f"{self.path} was changed by another program at this very moment", hint="Answer once more."
                )
            publish(staged, place)
        except OSError as error:
            raise explain_os_error(error, self.path) from error
        finally:
            staged.unlink(missing_ok=True)


def _appended(before: bytes | None, block: bytes) -> bytes:
    """Return what is added to a file for a block of its own: an empty line before it, a head if the file is new."""
    if not before:
        return _HEAD.encode("utf-8") + b"\n" + block
    return (b"\n" if before.endswith(b"\n") else b"\n\n") + block


def _parse(content: bytes) -> Decisions:
    try:
        return parse_decisions(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DecisionsError((f"line {line}: not UTF-8",)) from error
