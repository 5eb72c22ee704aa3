"""Bulk exports of the database: tables with pipes (archive format spec, sections 1.2, 1.3, 3.1 and 3.2; traps T6, T16).

They are rows as a database held them once: with ids, to the minute, on the clocks of the columns. Typed text may spill over
several physical lines. In most of its columns a typed pipe is escaped, so that no text can imitate the beginning of a row;
not so in security details, device names and descriptions of roles, which repair nothing. There is no LF behind the last row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from thywill_reconstruct.archives.formats.activity_lines import stamp_minute
from thywill_reconstruct.archives.parsed import Parsed, Parser, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span
from thywill_reconstruct.times import STAMP, Minute

_STAMP_FIRST = re.compile(rf"{STAMP}\|", re.ASCII)
_ID_FIRST = re.compile(rf"[^|\s]+\|{STAMP}\|", re.ASCII)
_PIPE = re.compile(r"(?<!\\)\|")
# Of a row's other times each stands in the last column, so this begins a second row.
_INNER = re.compile(rf"{STAMP}\|", re.ASCII)


# A name has at most a hundred characters; a row with more pipes in it is none, and splitting it would take much memory.
MOST_SURPLUS = 1000


class Table(NamedTuple):
    """One table of one dialect.

    Attributes:
        kind: The kind of its records.
        columns: As its ``Format:`` line names them.
        stamp: The column that tells the record's time; -1 if none does for certain.
        surplus: The unescaped column that takes pipes beyond the known number.
        escaped: The columns in which a pipe is written with a backslash.
        spills: Whether a row may go on in the next line: never (empty), ``within`` it, while it has too few columns, or also
            ``behind`` it, if its last column is typed text.
    """

    kind: str
    columns: tuple[str, ...]
    stamp: int
    surplus: int
    escaped: frozenset[str] = frozenset()
    spills: str = ""


def _table(kind: str, columns: str, stamp: int, surplus: str, escaped: str = "", *, typed: str = "") -> Table:
    """Return a table; ``typed`` names columns of free text that are not escaped."""
    names = tuple(columns.split("|"))
    free = frozenset(escaped.split()) | frozenset(typed.split())
    spills = "behind" if names[-1] in free else "within" if free else ""
    return Table(kind, names, stamp, names.index(surplus), frozenset(escaped.split()), spills)


ATTRIBUTES = (
    _table(
        "attribute",
        "id|created_at|prayer_id|attribute_name|attribute_value|created_by",
        1,
        "created_by",
        "attribute_value",
    ),
)
MARKS = (_table("mark", "id|created_at|prayer_id|username", 1, "username"),)
SKIPS = (_table("skip", "id|created_at|prayer_id|user_id", 1, "user_id"),)
LOGS = (
    _table("log", "id|created_at|prayer_id|user_id|action|old_value|new_value", 1, "user_id", "old_value new_value"),
)
NOTIFICATIONS = (
    _table(
        "notification-state",
        "id|created_at|user_id|auth_request_id|notification_type|is_read|read_at",
        1,
        "user_id",
    ),
)
AUTH_REQUESTS = (
    _table(
        "auth-request",
        "id|created_at|user_id|device_info|ip_address|status|expires_at",
        1,
        "device_info",
        typed="device_info",
    ),
    _table(
        "auth-request",
        "created_at|user_id|device_info|ip_address|status|expires_at",
        0,
        "device_info",
        typed="device_info",
    ),
)
AUTH_APPROVALS = (_table("auth-approval", "created_at|auth_request_id|approver_user_id", 0, "approver_user_id"),)
AUTH_AUDIT = (
    _table(
        "auth-audit",
        "created_at|auth_request_id|action|actor_user_id|actor_type|details|ip_address|user_agent",
        0,
        "actor_user_id",
        "details user_agent",
    ),
)
INVITE_TOKENS = (
    _table(
        "invite-token", "token|created_by_user|usage_count|max_uses|expires_at|used_by_user_id", -1, "created_by_user"
    ),
    _table("invite-token", "token|created_by|usage_count|max_uses|expires_at|used_by_user", -1, "created_by"),
)
INVITE_USAGE = (_table("invite-token-usage", "claimed_at|invite_token_id|user_id|ip_address", 0, "user_id"),)
ROLES = (
    _table(
        "role",
        "id|role_name|description|permissions|created_by|is_system_role",
        -1,
        "description",
        typed="description",
    ),
    _table(
        "role", "role_name|description|permissions|created_by|is_system_role", -1, "description", typed="description"
    ),
)
USER_ROLES = (
    _table("user-role", "id|granted_at|user_id|role_id|granted_by|expires_at", 1, "user_id"),
    _table("user-role", "granted_at|user_id|role_id|granted_by|expires_at", 0, "user_id"),
)
SECURITY_EVENTS = (
    _table("security-event", "timestamp|event_type|user_id|ip_address|details", 0, "details", typed="details"),
)
CHANGELOG = (
    _table(
        "changelog",
        "created_at|commit_id|original_message|friendly_description|change_type|commit_date",
        0,
        "commit_id",
        "original_message friendly_description",
    ),
)


def export_parser(*tables: Table) -> Parser:
    """Return the parser of one exported file; its ``Format:`` line says which of the tables it is.

    It emits AR001 (cut last row), AR002 (line that is no row), AR007 (impossible time) and AR009 (glued rows).
    """

    def parse(path: str, text: str) -> Parsed:
        lines, _ = numbered_lines(text)
        head = 0
        table = tables[0]
        while head < len(lines) and not _begins(table, lines[head]):
            columns = tuple(lines[head].removeprefix("Format: ").split("|"))
            if lines[head].startswith("Format: "):
                table = next((one for one in tables if one.columns == columns), table)
            elif lines[head] and (head or "|" in lines[head]):
                break
            head += 1
        return _read(path, table, lines, head)

    return parse


def _begins(table: Table, line: str) -> bool:
    """Say whether a line begins a row of a table; without a time, only a whole row shows that it is one."""
    if table.stamp >= 0:
        return (_ID_FIRST if table.stamp else _STAMP_FIRST).match(line) is not None
    return line.count("|") >= len(table.columns) - 1 and not line.startswith("Format: ")


def _read(path: str, table: Table, lines: list[str], head: int) -> Parsed:
    """Read the rows behind the head."""
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    last = len(lines)
    while last > head and lines[last - 1] == "":
        last -= 1
    understood = head + len(lines) - last
    for first, parts in _rows(table, lines, head, last):
        end = first + len(parts) - 1
        result = _record(path, table, first, parts, end == last)
        if isinstance(result, AuxRecord):
            records.append(result)
            understood += len(parts)
        elif parts == [""]:
            understood += 1
        else:
            problems.append(result)
    return Parsed(understood, problems, others=records)


def _rows(table: Table, lines: list[str], head: int, last: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's first line number and its physical lines; what belongs to no row comes line by line."""
    parts: list[str] = []
    first = pipes = 0
    for number in range(head + 1, last + 1):
        line = lines[number - 1]
        begins = _begins(table, line)
        if parts and (begins or not (table.spills == "behind" or (table.spills and pipes < len(table.columns) - 1))):
            yield first, parts
            parts = []
        if parts:
            parts.append(line)
            pipes += _pipes(table, line)
        elif begins or _may_begin(table, line):
            parts, first, pipes = [line], number, _pipes(table, line)
        else:
            yield number, [line]
    if parts:
        yield first, parts


def _may_begin(table: Table, line: str) -> bool:
    """Say whether a line could be the first of a row without a time, the text of which goes on in the next line."""
    return table.stamp < 0 and bool(table.spills) and "|" in line


def _pipes(table: Table, line: str) -> int:
    """Count the pipes between columns, without a copy of the line."""
    return line.count("|") - (line.count("\\|") if table.escaped else 0)


def _record(path: str, table: Table, first: int, parts: list[str], at_end: bool) -> AuxRecord | Problem:
    end = first + len(parts) - 1
    row = "\n".join(parts)
    values = _split(table, row) if _begins(table, parts[0]) or _may_begin(table, parts[0]) else None
    if values is None:
        if at_end and (_begins(table, parts[0]) or "|" in parts[0]):
            return line_problem("AR001", path, first, "The file ends inside this row.", end)
        return line_problem("AR002", path, first, "No row of this table.", end)
    minute: Minute | None = None
    if table.stamp >= 0:
        stamp = values[table.stamp]
        if _INNER.search(row, row.index(stamp) + len(stamp)) and _pipes(table, row) >= len(table.columns):
            return line_problem("AR009", path, first, "A second record begins inside this row.", end)
        minute = stamp_minute(stamp)
        if minute is None:
            return line_problem("AR007", path, first, "This time does not exist.", end)
    fields = tuple(
        (column, _unescaped(column, value) if column in table.escaped else value)
        for column, value in zip(table.columns, values, strict=True)
    )
    return AuxRecord(table.kind, Span(path, first, end), minute, fields)


def _split(table: Table, row: str) -> list[str] | None:
    """Split a row at its unescaped pipes; pipes that are too many belong to the one column that can hold them."""
    count, at = len(table.columns), table.surplus
    if not table.escaped or (_pipes(table, row) < count - 1 and row.count("|") == count - 1):
        # From both ends; of an escaped table, where a value that ends with a backslash hides the pipe behind it.
        left = row.split("|", at)
        values = [*left[:-1], *left[-1].rsplit("|", count - 1 - at)]
        return values if len(values) == count else None
    if not count - 1 <= _pipes(table, row) <= count + MOST_SURPLUS:
        return None
    values = _PIPE.split(row)
    extra = len(values) - count
    return [*values[:at], "|".join(values[at : at + extra + 1]), *values[at + extra + 1 :]]


def _unescaped(column: str, value: str) -> str:
    value = value.replace("\\|", "|")
    return value.replace("\\\\n", "\n") if column == "friendly_description" else value


def parse_summary(path: str, text: str) -> Parsed:
    """Read ``export_summary.txt`` (section 3.2): how many rows of what an export wrote. Emits AR002."""
    lines, _ = numbered_lines(text)
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    titles = ("Complete Database Export Summary", "Exported: ", "This export includes ")
    for number, line in enumerate(lines, 1):
        name, colon, count = line.removeprefix("\u2022 ").partition(": ")
        if line == "" or line.startswith(titles):
            continue
        if line.startswith("\u2022 ") and colon and count.endswith(" records"):
            fields = ((name, count.removesuffix(" records")),)
            records.append(AuxRecord("export-count", Span(path, number, number), None, fields))
        else:
            problems.append(line_problem("AR002", path, number, "No line of an export summary."))
    return Parsed(len(lines) - len(problems), problems, others=records)
