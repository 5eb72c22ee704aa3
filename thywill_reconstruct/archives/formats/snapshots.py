"""Snapshots of the current state and of the settings (archive format spec, sections 2.16 and 2.19)."""

from __future__ import annotations

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span
from thywill_reconstruct.times import iso_minute

_BLOCKS = ("Session ", "Admin User ", "Token ", "Auth Request ")
_CREATED = ("Created", "Joined")


def parse_state(path: str, text: str) -> Parsed:
    """Read a current-state file: comment lines, then blocks of a head line and indented ``Key: value`` lines.

    Emits AR002 for lines outside of that form. The last line has no LF by design, so a cut cannot be told.
    """
    lines, _ = numbered_lines(text)
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    fields: list[tuple[str, str]] = []
    first = 0
    for number, line in enumerate([*lines, ""], 1):
        key, colon, value = line.partition(": ")
        if line.startswith("  ") and fields and colon:
            fields.append((key[2:], value))
            continue
        if line.startswith(_BLOCKS) and line.endswith(":"):
            _finish(path, first, number - 1, fields, records)
            fields, first = [("block", line[:-1])], number
        elif line == "":
            _finish(path, first, number - 1, fields, records)
            fields = []
        elif not line.startswith("# "):
            problems.append(line_problem("AR002", path, number, "No line of a snapshot."))
    return Parsed(len(lines) - len(problems), problems, others=records)


def _finish(path: str, first: int, last: int, fields: list[tuple[str, str]], records: list[AuxRecord]) -> None:
    if fields:
        times = [value for key, value in fields if key in _CREATED]
        minute = iso_minute(times[0]) if times else None
        records.append(AuxRecord("snapshot", Span(path, first, last), minute, tuple(fields)))


def parse_settings(path: str, text: str) -> Parsed:
    """Read the settings file: title, format line, sorted ``key=value`` lines, a count. Emits AR002."""
    lines, _ = numbered_lines(text)
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    titles = ("System Configuration - Snapshot ", "Format: ", "Configuration items: ")
    for number, line in enumerate(lines, 1):
        key, sign, value = line.partition("=")
        if line == "" or line.startswith(titles):
            continue
        if sign and key:
            records.append(AuxRecord("setting", Span(path, number, number), None, ((key, value),)))
        else:
            problems.append(line_problem("AR002", path, number, "No line of a settings file."))
    return Parsed(len(lines) - len(problems), problems, others=records)
