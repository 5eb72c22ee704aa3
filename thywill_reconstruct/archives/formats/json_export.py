"""JSON exports (archive format spec, sections 3.4 and 3.5): the community export of June 2025, and backups of sessions.

The community export is the only dialect that pairs user ids with names. Rows become records with the columns of the
database, exactly as it held them then. One row is read at a time, so that a cut file still tells what stands before the cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import NamedTuple

from thywill_reconstruct.archives.decode import count_lines
from thywill_reconstruct.archives.parsed import Parsed, line_problem
from thywill_reconstruct.records import AuxRecord, Problem, Span, StatedIdentity
from thywill_reconstruct.times import iso_minute


class _Kind(NamedTuple):
    """The records of one list: their kind, what every row must have, and the column that tells the time."""

    kind: str
    required: tuple[str, ...]
    stamp: str = "created_at"


KINDS = {
    "users": _Kind("user", ("id", "display_name")),
    "prayers": _Kind("prayer", ("id", "text")),
    "prayer_attributes": _Kind("attribute", ("id", "prayer_id", "attribute_name")),
    "prayer_marks": _Kind("mark", ("id", "prayer_id", "user_id")),
    "prayer_skips": _Kind("skip", ("id", "prayer_id", "user_id")),
    "prayer_activity_log": _Kind("log", ("id", "prayer_id", "action")),
    "roles": _Kind("role", ("id", "name")),
    "user_roles": _Kind("user-role", ("id", "user_id", "role_id"), "granted_at"),
    "changelog_entries": _Kind("changelog", ("commit_id",)),
    "sessions": _Kind("session", ("session_id", "username")),
}

# Table, offsets of begin and end, value.
Row = tuple[str, int, int, object]


class _Number(str):
    """A number, as written: no arithmetic is done with it, and it is neither an id nor a name."""

    __slots__ = ()


_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)


class _BrokenError(Exception):
    """The JSON ends or breaks at an offset."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


def parse(path: str, text: str) -> Parsed:
    """Read one exported file: a list of rows named like its file, or an object with a list per table.

    Emits AR001 (the file ends inside its JSON), AR002 (no JSON from here on, or no row of its table).
    """
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    identities: list[StatedIdentity] = []
    total = count_lines(text)
    line, seen = 1, 0
    table = path.rpartition("/")[2].removesuffix(".json")
    try:
        for name, begin, end, row in _rows(text, table):
            line, seen = line + text.count("\n", seen, begin), begin
            span = Span(path, line, line + text.count("\n", begin, end))
            record = _record(name, span, row)
            if record is None:
                problems.append(line_problem("AR002", path, span.first, "No row of an export.", span.last))
                continue
            records.append(record)
            if record.kind == "user":
                told = dict(record.fields)
                identities.append(StatedIdentity(told["id"], told["display_name"], span))
    except _BrokenError as error:
        first = min(total, 1 + text.count("\n", 0, error.offset))
        cut = ("AR001", "The file ends inside its JSON.")
        code, note = cut if _is_cut(text) else ("AR002", "No JSON from here on.")
        problems.append(line_problem(code, path, first, note, total))
    unread = {n for p in problems for n in range(p.span.first, p.span.last + 1)}
    return Parsed(total - len(unread), problems, others=records, identities=identities)


def _is_cut(text: str) -> bool:
    """Say whether broken JSON merely lacks its end."""
    closing = {"[": "]", "{": "}"}.get(text.lstrip()[:1])
    return closing is not None and not text.rstrip().endswith(closing)


def _rows(text: str, table: str) -> Generator[Row, None, None]:
    """Yield the table's name, the offsets and the value of each row, one after the other.

    Raises:
        _BrokenError: The text is not JSON from there on.
    """
    at = _skip(text, 0)
    if text[at : at + 1] == "[":
        at = yield from _list(text, table, at)
    elif text[at : at + 1] == "{":
        at = _skip(text, at + 1)
        while text[at : at + 1] != "}":
            key, at = _value(text, at)
            at = _skip(text, at)
            if not isinstance(key, str) or text[at : at + 1] != ":":
                raise _BrokenError(at)
            at = _skip(text, at + 1)
            if text[at : at + 1] == "[":
                at = yield from _list(text, key, at)
            else:
                _, at = _value(text, at)
            at = _after(text, at, "}")
        at += 1
    else:
        raise _BrokenError(at)
    rest = _skip(text, at)
    if rest < len(text):
        raise _BrokenError(rest)


def _list(text: str, table: str, at: int) -> Generator[Row, None, int]:
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        row, end = _value(text, at)
        yield table, at, end, row
        at = _after(text, end, "]")
    return at + 1


def _after(text: str, at: int, closing: str) -> int:
    """Return the offset behind the comma, or of the closing bracket."""
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] != closing:
        raise _BrokenError(at)
    return at


def _value(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        raise _BrokenError(at) from error


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _record(table: str, span: Span, row: object) -> AuxRecord | None:
    kind = KINDS.get(table)
    if kind is None or not isinstance(row, dict):
        return None
    if not all(type(row.get(column)) is str and row[column] for column in kind.required):
        return None
    fields = tuple((str(column), _text(value)) for column, value in row.items() if value is not None)
    return AuxRecord(kind.kind, span, iso_minute(row.get(kind.stamp)), fields)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
