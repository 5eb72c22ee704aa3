"""What archives say: frozen records, each with the file and the lines it came from.

Shared vocabulary of all layers; imports nothing of ours but ``times``. Paths are relative to the archive root with
forward slashes; lines are 1-based and inclusive. Names are kept exactly as written: deciding who they are is the
business of ``identity``. The records of the two kinds that a community has by the hundred thousand (``Activity``,
``LogEntry``) are tuples, because a frozen dataclass costs four times as much to build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from thywill_reconstruct.times import Minute


class Span(NamedTuple):
    """A place in an archive: path relative to the root, first and last line (1-based, inclusive)."""

    file: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.file}:{self.first}" if self.first == self.last else f"{self.file}:{self.first}-{self.last}"


# Stands between the name of an older archive and the path inside it, when several are read together.
COPY_MARK = "::"
# The only names that the application itself writes, and that rows point to (archive format spec, section 1.1 and section 7).
LIVE_NAMES = {
    "prayer": r"prayers/\d{4}/\d\d/\d{4}_\d\d_\d\d_prayer_at_\d{4}(?:_\d{1,3})?\.txt",
    "registrations": r"users/\d{4}_\d\d_users\.txt",
    "activity": r"activity/activity_\d{4}_\d\d\.txt",
}
_LIVE = re.compile("|".join(LIVE_NAMES.values()), re.ASCII)


def is_copy(file: str) -> bool:
    """Say whether a record's file is a copy, so that no row may point to it.

    Only the exact name is live. All else is of an older archive, a download's, or was left by a person or a tool that copies
    folders: ``activity_2025_06 - Copy.txt``.
    """
    return _LIVE.fullmatch(file) is None


class Activity(NamedTuple):
    """One line below ``Activity:`` in a prayer file (archive format spec, section 2.1).

    ``kind`` is one of ``prayed answered testimony archived restored flagged set removed unknown other``.
    ``detail`` is the testimony (all its lines, joined by LF), ``attr\\0new``, ``attr\\0old\\0new`` (set) or
    ``attr\\0old`` (removed); for ``other`` the whole predicate; otherwise empty.
    ``doubtful`` says that the line's place does not prove it a fact: it stands behind a testimony that could have
    swallowed it, or behind one of several ``Activity:`` markers (design: trust).
    """

    kind: str
    actor: str
    minute: Minute
    first: int
    last: int
    detail: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class PrayerFile:
    """One prayer file. Several files may hold the same prayer (trap T7).

    Attributes:
        prayer_id: ``None`` when the header says ``temp`` or ``None`` (trap T3).
        author: The name as written, ``""`` when the header line is unreadable.
        submitted: ``None`` when the ``Submitted`` line is missing or unreadable.
        text: The prayer request, LF line ends, without the empty lines that frame it.
        generated: The generated prayer, ``None`` when there is no such section.
        text_certain: False when section markers inside the text leave its extent open, or the file ends
            before its ``Activity:`` marker does (``complete`` is False then).
        alternatives: Other readings of (text, generated) when a ``Generated Prayer:`` marker is ambiguous;
            the first reading is ``text``/``generated`` itself.
        categorization: The (key, value) pairs of the categorization block, as written.
    """

    file: str
    prayer_id: str | None
    author: str
    submitted: Minute | None
    tag: str | None
    audience: str | None
    text: str
    generated: str | None
    text_certain: bool
    complete: bool
    lines: int
    activities: tuple[Activity, ...]
    alternatives: tuple[tuple[str, str | None], ...] = ()
    categorization: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """One line of a monthly users file (section 2.2).

    ``readings`` holds every way to split the line into (name, inviter or None), most likely first: names may contain
    `` joined on invitation from `` (trap T4). There is always at least one.
    """

    file: str
    line: int
    minute: Minute
    readings: tuple[tuple[str, str | None], ...]


class LogEntry(NamedTuple):
    """One line of the monthly activity log (section 2.3).

    ``kind``: ``submitted prayed answered archived restored flagged testimony registered other``.
    ``detail``: the tag (submitted), the inviter (registered, empty if direct), the action (other).
    """

    kind: str
    actor: str
    minute: Minute
    prayer_id: str
    detail: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class InviteUse:
    """One line of an invite usage file (section 2.18). ``used_by`` is empty when the token was created.

    ``stamp`` is the time as written: no other live file has the second at which somebody joined.
    """

    file: str
    line: int
    minute: Minute | None
    token: str
    used_by: str
    creator: str
    stamp: str = ""


class StatedIdentity(NamedTuple):
    """A user id and a name that an export pairs with each other: at that time the user bore that name."""

    key: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class AuxRecord:
    """A record of a kind that is understood but repairs nothing yet: sessions, auth, roles, security, membership.

    ``fields`` are (column, value) pairs as written. Values may be credentials: never print them unmasked.
    """

    kind: str
    span: Span
    minute: Minute | None
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an archive that could not be understood, or only with doubt. ``code`` is an AR finding code."""

    code: str
    span: Span
    detail: str


@dataclass(frozen=True, slots=True)
class FileSummary:
    """How one file was read: its kind, its physical lines and how many of them were understood."""

    path: str
    kind: str
    lines: int
    understood: int


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything the archives say, in stable order (by path, then line).

    ``label`` is the path the operator gave. ``location`` is the real folder that holds the files, or ``None`` for a
    ZIP. ``covered_months`` are the months (``2025-07``) for which an activity log file exists. ``fingerprint`` is
    the SHA-256 over all paths and contents. ``identities`` are the pairs of user id and name that exports state.
    """

    label: str
    location: str | None
    prayers: tuple[PrayerFile, ...]
    registrations: tuple[Registration, ...]
    log: tuple[LogEntry, ...]
    invite_uses: tuple[InviteUse, ...]
    others: tuple[AuxRecord, ...]
    files: tuple[FileSummary, ...]
    problems: tuple[Problem, ...]
    covered_months: frozenset[str]
    fingerprint: str
    identities: tuple[StatedIdentity, ...] = ()
