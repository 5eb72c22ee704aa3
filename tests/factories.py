"""Tiny communities for the tests of identity, diff and plan, written so that a test reads like the input.

Archive texts are read by the real loader. Three people stand in archive and database alike unless a test says otherwise:
Anna, Bert and Cleo, with the keys ``anna``, ``bert`` and ``cleo``, who joined on 1 June 2025 at 08:00, 08:10 and 08:20.
Everything else happens on 10 June, unless a time says more. Prayer ids are plain words, ``rain`` and the like.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from zlib import crc32

from tests.faults.support import ORM_V1
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.database.rows import (
    AttributeRow,
    LogRow,
    MarkRow,
    PrayerRow,
    Reference,
    Snapshot,
    TokenRow,
    UserRow,
)
from thywill_reconstruct.database.schema import Schema
from thywill_reconstruct.database.snapshot import read_schema
from thywill_reconstruct.diff.analyse import Analysis, analyse
from thywill_reconstruct.findings.finding import Finding, Value
from thywill_reconstruct.plan.build import build_plan
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.records import Archive
from thywill_reconstruct.times import Minute, iso_minute

HOME = "/srv/thywill"
DAY = "June 10 2025"
REGISTERED = """
    June 01 2025 at 08:00 - Anna joined directly
    June 01 2025 at 08:10 - Bert joined on invitation from Anna
    June 01 2025 at 08:20 - Cleo joined on invitation from Anna
"""
USERS_FILE = "text_archives/users/2025_06_users.txt"
TEXT = "Please pray for rain."

# The part of era v2 that the comparison reads (database schema spec, section 4.1).
ORM_V2 = """
CREATE TABLE user (display_name VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, invited_by_username VARCHAR,
    invite_token_used VARCHAR, text_file_path VARCHAR);
CREATE TABLE prayer (id VARCHAR NOT NULL PRIMARY KEY, author_username VARCHAR NOT NULL, text VARCHAR NOT NULL,
    generated_prayer VARCHAR, project_tag VARCHAR, created_at DATETIME NOT NULL, flagged BOOLEAN NOT NULL,
    text_file_path VARCHAR);
CREATE TABLE prayermark (id VARCHAR NOT NULL PRIMARY KEY, username VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL,
    created_at DATETIME NOT NULL, text_file_path VARCHAR);
"""
# A database from before there were archives (same spec, section 2).
PATHLESS = re.sub(r",\s+text_file_path VARCHAR", "", ORM_V1)


def minute(text: str) -> Minute:
    """A minute from ``09:15`` (10 June), ``11 09:15`` (June) or ``2025-06-10 09:15``."""
    found = iso_minute(stamp(text))
    assert found is not None, text
    return found


def stamp(text: str) -> str:
    """A stored time from the same short forms, seconds allowed: ``09:15:30`` or ``09:15:30.5``."""
    if len(text) >= 16 and text[4] == "-":
        day, clock = text[:10], text[11:]
    elif " " in text:
        number, clock = text.split(" ")
        day = f"2025-06-{number}"
    else:
        day, clock = "2025-06-10", text
    whole, _, fraction = clock.partition(".")
    return f"{day} {whole if whole.count(':') == 2 else whole + ':00'}.{fraction:0<6}"


# --- archives -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prayed:
    """The text of one prayer file, and where it lies."""

    prayer: str
    path: str
    text: str


def prayer_file(
    prayer: str = "rain",
    *lines: str,
    by: str = "Anna",
    at: str = "09:00",
    text: str = TEXT,
    generated: str | None = None,
    suffix: str = "",
    tag: str = "",
) -> Prayed:
    """A prayer file as the application writes it; a line that begins with a clock gets the day in front."""
    day = DAY
    if " " in at:
        day, _, at = at.rpartition(" ")
        day = day.removesuffix(" at")
    head = f"Prayer {prayer} by {by}\nSubmitted {day} at {at}\n" + (f"Project: {tag}\n" if tag else "")
    made = f"Generated Prayer:\n{generated}\n\n" if generated is not None else ""
    body = "".join(f"{DAY} at {line}\n" if re.match(r"\d\d:\d\d - ", line) else f"{line}\n" for line in lines)
    name = f"2025_06_{day.split()[1]}_prayer_at_{at.replace(':', '')}"
    path = f"prayers/2025/06/{name}_{_number(suffix or prayer)}.txt"
    return Prayed(prayer, path, f"{head}\n{text}\n\n{made}Activity:\n{body}")


def _number(word: str) -> int:
    """The number behind the minute in the name of a prayer file, always the same for one word."""
    return 2 + crc32(word.encode()) % 998


def path_of(file: Prayed) -> str:
    """The path of a prayer file as the application stores it."""
    return f"text_archives/{file.path}"


def archive(
    *prayers: Prayed,
    registered: str = REGISTERED,
    log: str | None = None,
    invites: str = "",
    files: Mapping[str, str] | None = None,
) -> Archive:
    """An archive from snippets; ``log`` is about 10 June unless it holds date lines. Its place is ``HOME``."""
    contents = {file.path: file.text for file in prayers}
    if registered:
        contents["users/2025_06_users.txt"] = "User Registrations for June 2025\n\n" + _text(registered)
    if log is not None:
        first = "" if re.match(r"\s*June \d\d 2025", log) else f"{DAY}\n"
        contents["activity/activity_2025_06.txt"] = f"Activity for June 2025\n\n\n{first}{_text(log)}"
    if invites:
        head = "Invite Token Usage for June 2025\nFormat: timestamp|token|used_by_user|created_by_user|action\n\n"
        contents["system/2025_06_invite_usage.txt"] = head + _text(invites)
    contents |= files or {}
    with TemporaryDirectory() as folder:
        root = Path(folder, "text_archives")
        for path, content in contents.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode("utf-8"))
        (root / "prayers").mkdir(exist_ok=True, parents=True)
        return replace(load_archive(root), label="text_archives", location=f"{HOME}/text_archives")


def _text(snippet: str) -> str:
    return dedent(snippet).strip("\n") + "\n" if snippet.strip() else ""


# --- database -----------------------------------------------------------------------------------------------------


@cache
def schema(sql: str = ORM_V1) -> Schema:
    """The schema that some SQL makes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql)
        return read_schema(connection)


def user(
    key: str,
    name: str,
    created: str = "01 08:00:07.1",
    inviter: str | None = None,
    token: str | None = None,
    path: str | None = USERS_FILE,
) -> UserRow:
    """A row of ``user``."""
    return UserRow(key, name, stamp(created), inviter, token, path)


PEOPLE = (
    user("anna", "Anna", "01 08:00:07.1"),
    user("bert", "Bert", "01 08:10:07.1", "anna"),
    user("cleo", "Cleo", "01 08:20:07.1", "anna"),
)


def prayer(
    key: str = "rain",
    author: str | None = "anna",
    created: str | None = "09:00:03.1",
    text: str | None = TEXT,
    generated: str | None = None,
    path: str | None = "",
    flagged: int = 0,
) -> PrayerRow:
    """A row of ``prayer``; its path is that of ``prayer_file`` unless given."""
    clock = (created or "09:00")[:5].replace(":", "")
    usual = f"text_archives/prayers/2025/06/2025_06_10_prayer_at_{clock}_{_number(key)}.txt"
    return PrayerRow(
        key,
        author,
        text,
        generated,
        None,
        "all",
        stamp(created) if created else created,
        flagged,
        usual if path == "" else path,
    )


def mark(
    key: str, who: str | None, created: str | None, of: str = "rain", path: str | None = "text_archives/none.txt"
) -> MarkRow:
    """A row of ``prayermark``."""
    return MarkRow(key, who, of, stamp(created) if created else created, path)


def attribute(
    key: str,
    who: str | None,
    created: str | None,
    name: str = "answered",
    value: str = "true",
    of: str = "rain",
    path: str | None = "text_archives/none.txt",
) -> AttributeRow:
    """A row of ``prayer_attributes``."""
    return AttributeRow(key, of, name, value, stamp(created) if created else created, who, path)


def logged(
    key: str,
    who: str | None,
    created: str | None,
    action: str = "prayed",
    new: str | None = "true",
    of: str = "rain",
    path: str | None = "text_archives/none.txt",
) -> LogRow:
    """A row of ``prayer_activity_log``."""
    return LogRow(key, of, who, action, new, stamp(created) if created else created, path)


def token(
    key: str, creator: str | None, who: str | None = None, expires: str = "02 00:00", uses: int | None = 1
) -> TokenRow:
    """A row of ``invitetoken``."""
    return TokenRow(key, creator, who, stamp(expires), uses)


def snapshot(
    users: Iterable[UserRow] = PEOPLE,
    prayers: Iterable[PrayerRow] = (),
    marks: Iterable[MarkRow] = (),
    attributes: Iterable[AttributeRow] = (),
    logs: Iterable[LogRow] = (),
    tokens: Iterable[TokenRow] = (),
    references: Iterable[Reference] = (),
    sql: str = ORM_V1,
) -> Snapshot:
    """A database of these rows."""
    return Snapshot(
        schema=schema(sql),
        users=tuple(users),
        prayers=tuple(prayers),
        marks=tuple(marks),
        attributes=tuple(attributes),
        log=tuple(logs),
        tokens=tuple(tokens),
        references=tuple(references),
        fingerprint="d" * 64,
        counts={},
    )


# --- the comparison -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """A comparison, told in words that a test can hold against its expectation."""

    archive: Archive
    snapshot: Snapshot
    analysis: Analysis

    def of(self, *codes: str) -> list[Finding]:
        """The findings of these codes or families."""
        return [f for f in self.analysis.findings if f.code in codes or f.code[:2] in codes]

    def does(self, *codes: str) -> list[str]:
        """What would be changed, sorted: ``MK001 m1.user ghost -> anna``, ``MK002 + bert rain 2025-06-10 09:15``."""
        return sorted(_words(f) for f in self.of(*codes) if f.changes)

    def leaves(self, *codes: str) -> list[str]:
        """What is reported and left alone, sorted: ``MK001 m1``, ``MK002 Bert prayed on 2025-06-10 09:15``."""
        return sorted(
            f"{f.code} {f.expected if f.code == 'MK002' else f.key}" for f in self.of(*codes) if not f.changes
        )

    def reason(self, code: str) -> str:
        """Why the one finding of a code has no repair."""
        (finding,) = self.of(code)
        assert not finding.changes
        return finding.reason

    def plan(self, *only: str, merge_duplicates: bool = False) -> Plan:
        """The plan of this comparison."""
        findings = self.analysis.findings
        return build_plan(
            findings, self.snapshot, self.archive.fingerprint, only=only, merge_duplicates=merge_duplicates
        )


_SHOWN: dict[str, tuple[str, ...]] = {
    "user": ("name", "created", "inviter"),
    "prayer": ("key", "author", "created"),
    "mark": ("user", "prayer", "created"),
}


def _words(finding: Finding) -> str:
    (change,) = finding.changes
    if change.action == "update":
        return f"{finding.code} {change.key}.{change.field} {_plain(change.before)} -> {_plain(change.after)}"
    if change.action == "delete":
        return f"{finding.code} - {change.key}"
    row = dict(change.row)
    return f"{finding.code} + " + " ".join(
        str(row[name])[:16] if name == "created" else str(row[name]) for name in _SHOWN[change.entity]
    )


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else repr(value)


def compare(told: Archive, stored: Snapshot) -> Result:
    """Compare an archive with a database."""
    return Result(told, stored, analyse(told, stored, HOME))


def compare_one(
    file: Prayed | Sequence[Prayed],
    *,
    registered: str = REGISTERED,
    log: str | None = None,
    invites: str = "",
    **rows: Collection[object],
) -> Result:
    """Compare an archive of one prayer (in one or several files) with a database that has its row, unless given."""
    files = [file] if isinstance(file, Prayed) else file
    rows.setdefault("prayers", (prayer(files[0].prayer, path=path_of(files[0])),))
    make: Callable[..., Snapshot] = snapshot
    return compare(archive(*files, registered=registered, log=log, invites=invites), make(**rows))


# One prayer with two marks, and one with two in the same minute, which the log tells in the other order.
RAIN = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:40 - Cleo prayed this prayer")
RAIN_LOG = """
    09:00 - Anna submitted prayer rain
    09:15 - Bert prayed for prayer rain
    09:40 - Cleo prayed for prayer rain
"""
CROWD = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:15 - Cleo prayed this prayer")
CROWD_LOG = "09:15 - Cleo prayed for prayer rain\n09:15 - Bert prayed for prayer rain"
