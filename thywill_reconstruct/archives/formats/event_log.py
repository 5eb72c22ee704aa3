"""Event logs of the system folder (archive format spec, section 2.20)."""

from __future__ import annotations

import re

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span
from thywill_reconstruct.times import iso_minute

_LINE = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00) - "
    r"((?:Session|Admin role|Invite token|Auth request) .+)",
    re.ASCII | re.DOTALL,
)
_INNER = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00 - ", re.ASCII)


def parse(path: str, text: str) -> Parsed:
    """Read one event log: no header, one event per line, aware UTC stamps.

    Emits AR001 (cut last line), AR002 (no event line), AR007 (impossible time) and AR009 (glued records).
    """
    lines, cut = numbered_lines(text)
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    understood = 0
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if line == "":
            understood += 1
        elif cut and number == len(lines):
            # The name that ends every event may be cut, so that a last line without LF is never whole.
            problems.append(line_problem("AR001", path, number, "The file ends inside this line."))
        elif match is None:
            problems.append(line_problem("AR002", path, number, "No line of an event log."))
        elif _INNER.search(match[2]):
            problems.append(line_problem("AR009", path, number, "A second record begins inside this line."))
        elif (minute := iso_minute(match[1])) is None:
            problems.append(line_problem("AR007", path, number, "This time does not exist."))
        else:
            fields = (("time", match[1]), ("event", match[2]))
            records.append(AuxRecord("event", Span(path, number, number), minute, fields))
            understood += 1
    return Parsed(understood, problems, others=records)
