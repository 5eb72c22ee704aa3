"""Tables with one row per line and pipes between the columns.

Archive format spec, sections 2.4 to 2.17 and 2.21. These kinds repair nothing yet: rows become ``AuxRecord``s. Which
characters are replaced in which column differs from file to file (trap T16); where a pipe can remain, one column of
the table takes all surplus ones.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from thywill_reconstruct.archives.formats.activity_lines import stamp_minute
from thywill_reconstruct.archives.formats.invite_usage import ISO_STAMP
from thywill_reconstruct.archives.parsed import Parsed, Parser, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span
from thywill_reconstruct.times import STAMP, Minute, iso_minute

_STRUCTURE = re.compile(r"Total [a-z ]+: \d+|Active tokens: \d+|ACTIVE TOKENS:|RECENTLY EXPIRED TOKENS:", re.ASCII)
_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\+00:00)?"
_INNER = re.compile(rf"(?<=[^|])(?:{STAMP}|(?<!expires_){_ISO})\|", re.ASCII)
_BEHIND_SESSION = re.compile(rf"\|(?:yes|no)(?={STAMP}\|)", re.ASCII)


# Each export leaves one row that the next login is glued to; a line of very many is no line of the application's.
MOST_GLUED = 1000


class Table(NamedTuple):
    """One kind of table.

    Attributes:
        kind: The kind of its records.
        title: How its title line begins.
        columns: As its ``Format:`` line names them.
        stamp: The column that tells the record's time, -1 if none does.
        surplus: The column that takes pipes beyond the known number.
        runs_on: Whether the last column is typed text that can hold line ends.
        optional_id: Whether rows may have an id in front (sections 2.4 to 2.6).
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    stamp: int = 0
    surplus: int = -1
    runs_on: bool = False
    optional_id: bool = False


def _table(
    kind: str,
    title: str,
    columns: str,
    stamp: int = 0,
    surplus: int = -1,
    *,
    runs_on: bool = False,
    optional_id: bool = False,
) -> Table:
    names = tuple(columns.split("|"))
    return Table(kind, title, names, stamp, surplus % len(names), runs_on, optional_id)


ATTRIBUTES = _table(
    "attribute",
    "Prayer Attributes for ",
    "timestamp|prayer_id|attribute_name|attribute_value|user_id",
    surplus=3,
    optional_id=True,
)
MARKS = _table("mark", "Prayer Marks for ", "timestamp|prayer_id|user_id", optional_id=True)
SKIPS = _table("skip", "Prayer Skips for ", "timestamp|prayer_id|user_id", optional_id=True)
AUTH_REQUESTS = _table(
    "auth-request",
    "Authentication Requests for ",
    "timestamp|user_id|device_info|ip_address|status|details",
    surplus=1,
)
AUTH_APPROVALS = _table(
    "auth-approval",
    "Authentication Approvals for ",
    "timestamp|auth_request_id|approver_user_id|action|details",
    surplus=2,
)
SECURITY_EVENTS = _table(
    "security-event",
    "Security Events for ",
    "timestamp|event_type|user_id|ip_address|user_agent|details",
    surplus=2,
)
SESSION_SNAPSHOT = _table(
    "session-snapshot",
    "Session Snapshot for ",
    "session_id|user_id|created_at|expires_at|device_info|ip_address|is_fully_authenticated",
    stamp=2,
    surplus=4,
)
NOTIFICATIONS = _table(
    "notification",
    "Notification Events for ",
    "timestamp|user_id|auth_request_id|notification_type|action|details",
    surplus=1,
)
ROLE_DEFINITIONS = _table(
    "role",
    "Role Definitions - ",
    "role_name|description|permissions_json|is_system_role|created_by",
    stamp=-1,
    surplus=2,
)
ROLE_ASSIGNMENTS = _table(
    "role-assignment",
    "Role Assignments for ",
    "timestamp|user_id|role_name|action|granted_by|expires_at|details",
    runs_on=True,
)
ROLE_HISTORY = _table(
    "role-change",
    "Role System History",
    "timestamp|change_type|role_name|changed_by|old_value|new_value|details",
)
INVITE_TOKENS = _table(
    "invite-token",
    "Active Invite Tokens - ",
    "token|created_by_user|expires_at|used|used_by_user_id|created_at",
    stamp=2,
    surplus=1,
)
FEATURE_FLAGS = _table(
    "feature-flag",
    "Feature Flag Changes for ",
    "timestamp|flag_name|new_value|changed_by|details",
    surplus=2,
)
SESSIONS = _table(
    "session",
    "Sessions for ",
    "created_at|session_id|username|expires_at|device_info|ip_address|is_fully_authenticated",
    surplus=4,
)


def table_parser(table: Table) -> Parser:
    """Return the parser of one kind of table.

    It emits AR001 (cut last line), AR002 (line that is no row), AR007 (impossible time) and AR009 (glued rows).
    """

    def parse(path: str, text: str) -> Parsed:
        return _TableReader(path, table).parse(text)

    return parse


class _TableReader:
    """One pass over one table file."""

    def __init__(self, path: str, table: Table) -> None:
        self.path = path
        self.table = table
        self.records: list[AuxRecord] = []
        self.problems: list[Problem] = []
        self.understood = 0
        self.previous_was_row = False

    def problem(self, code: str, number: int, detail: str) -> None:
        self.problems.append(line_problem(code, self.path, number, detail))

    def parse(self, text: str) -> Parsed:
        """Read all lines."""
        lines, cut = numbered_lines(text)
        for number, line in enumerate(lines, 1):
            if self._is_structure(line):
                self.understood += 1
                # An empty line may belong to a typed text of several paragraphs.
                self.previous_was_row = self.previous_was_row and line == ""
            elif self.table.kind == "session" and _BEHIND_SESSION.search(line):
                self._glued(number, line)
            else:
                self._row(number, line, cut and number == len(lines))
        return Parsed(self.understood, self.problems, others=self.records)

    def _is_structure(self, line: str) -> bool:
        if line == "" or line.startswith("Format: "):
            return True
        if "|" in line:
            return False
        return line.startswith(self.table.title) or _STRUCTURE.fullmatch(line) is not None

    def _glued(self, number: int, line: str) -> None:
        """Take apart rows that a live append glued to an export without a final LF: no damage, but how it works (T5)."""
        ends = [match.end() for match in islice(_BEHIND_SESSION.finditer(line), MOST_GLUED + 1)]
        if len(ends) > MOST_GLUED:
            self.problem("AR009", number, f"More than {MOST_GLUED} records stand on this line.")
            return
        parts = [line[begin:end] for begin, end in zip([0, *ends], [*ends, len(line)], strict=True)]
        results = [self._record(number, part) for part in parts]
        self.records.extend(result for result in results if isinstance(result, AuxRecord))
        if all(isinstance(result, AuxRecord) for result in results):
            self.understood += 1
        else:
            self.problem("AR009", number, "A second record begins inside this line.")

    def _row(self, number: int, line: str, cut: bool) -> None:
        record = self._record(number, line)
        if isinstance(record, AuxRecord):
            self.records.append(record)
            self.understood += 1
            self.previous_was_row = True
        elif self.table.runs_on and self.previous_was_row and record.code == "AR002":
            self._run_on(number, line)
        elif cut and record.code == "AR002":
            self.problem("AR001", number, "The file ends inside this line.")
        else:
            self.problems.append(record)
            self.previous_was_row = False

    def _run_on(self, number: int, line: str) -> None:
        """Add a line to the typed text that ends the row before, with the empty lines between."""
        last = self.records[-1]
        gap = "\n" * (number - last.span.last)
        column, value = last.fields[-1]
        fields = (*last.fields[:-1], (column, value + gap + line))
        span = last.span._replace(last=number)
        self.records[-1] = AuxRecord(last.kind, span, last.minute, fields)
        self.understood += 1

    def _record(self, number: int, line: str) -> AuxRecord | Problem:
        table = self.table
        columns = table.columns
        first = line.partition("|")[0]
        shift = 0
        if table.optional_id and not _is_stamp(first) and _is_stamp(line.split("|", 2)[1:2]):
            columns, shift = ("id", *columns), 1
        values = _split(line, len(columns), table.surplus + shift)
        if values is None:
            return line_problem("AR002", self.path, number, "No row of this table.")
        minute: Minute | None = None
        if table.stamp >= 0:
            stamp = values[table.stamp + shift]
            if not _is_stamp(stamp):
                return line_problem("AR002", self.path, number, "No row of this table.")
            if table.stamp == 0 and _INNER.search(line, len(stamp)):
                return line_problem("AR009", self.path, number, "A second record begins inside this line.")
            minute = stamp_minute(stamp) if " at " in stamp else iso_minute(stamp)
            if minute is None:
                return line_problem("AR007", self.path, number, "This time does not exist.")
        fields = tuple(zip(columns, values, strict=True))
        return AuxRecord(table.kind, Span(self.path, number, number), minute, fields)


_HUMAN = re.compile(STAMP, re.ASCII)


def _is_stamp(text: str | list[str]) -> bool:
    if isinstance(text, list):
        return bool(text) and _is_stamp(text[0])
    return _HUMAN.fullmatch(text) is not None or ISO_STAMP.fullmatch(text) is not None


def _split(line: str, count: int, surplus: int) -> list[str] | None:
    """Split into ``count`` columns from both ends; the ``surplus`` column keeps the pipes that are too many."""
    pipes = line.count("|")
    if pipes < count - 1:
        return None
    if pipes == count - 1:
        return line.split("|")
    left = line.split("|", surplus)
    rest = left.pop()
    return left + rest.rsplit("|", count - 1 - surplus)
