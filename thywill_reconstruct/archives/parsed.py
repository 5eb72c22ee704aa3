"""What a format module returns for one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from thywill_reconstruct.records import (
    AuxRecord,
    InviteUse,
    LogEntry,
    PrayerFile,
    Problem,
    Registration,
    Span,
    StatedIdentity,
)


class Parsed(NamedTuple):
    """Records, problems and the number of physical lines understood.

    Every physical line is either counted in ``understood`` (it is part of a record or of known structure) or lies
    in the span of a problem whose code is in ``UNREAD``; never both, never neither.
    """

    understood: int
    problems: Sequence[Problem] = ()
    prayers: Sequence[PrayerFile] = ()
    registrations: Sequence[Registration] = ()
    log: Sequence[LogEntry] = ()
    invite_uses: Sequence[InviteUse] = ()
    others: Sequence[AuxRecord] = ()
    identities: Sequence[StatedIdentity] = ()


# Parser of one file: path relative to the root, and decoded text.
Parser = Callable[[str, str], Parsed]

# Problems of these codes hold lines that were not understood; all others are remarks on lines that were.
UNREAD = frozenset({"AR001", "AR002", "AR007", "AR009"})


def line_problem(code: str, path: str, line: int, detail: str, last: int | None = None) -> Problem:
    """Return a problem of one line, or of the lines up to ``last``."""
    return Problem(code, Span(path, line, line if last is None else last), detail)


def numbered_lines(text: str) -> tuple[list[str], bool]:
    """Split at LF only; also say whether the last line lacks its LF (it may have been cut while written)."""
    lines = text.split("\n")
    if lines[-1]:
        return lines, True
    lines.pop()
    return lines, False
