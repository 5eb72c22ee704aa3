"""What a person's own download holds besides copies (archive format spec, section 3.3)."""

from __future__ import annotations

import re

from thywill_reconstruct.archives.formats import registrations
from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span
from thywill_reconstruct.times import MONTHS, Minute, clock, human_day

_OWN_TITLE = "User Registration Information:"
_FALLBACK = ("User: ", "Registered: ")
_MARKS_TITLE = "Prayer Activities for "
_NONE = "No prayer activities found."
_DAY = re.compile(rf"(?:{'|'.join(MONTHS)}) \d{{2}} \d{{4}}", re.ASCII)
_MARK = re.compile(r"(\d{2}:\d{2}) - Prayed for prayer (\S+)", re.ASCII)


def parse_registration(path: str, text: str) -> Parsed:
    """Read ``registration.txt``: registration lines of all whose line holds the name, or a note in three lines.

    Emits what ``registrations.parse`` emits.
    """
    lines, _ = numbered_lines(text)
    if lines[0].startswith(_FALLBACK[0]):
        name = lines[0][len(_FALLBACK[0]) :]
        when = next((line for line in lines if line.startswith(_FALLBACK[1])), "")
        fields = (("username", name), ("registered", when[len(_FALLBACK[1]) :]))
        record = AuxRecord("own-registration", Span(path, 1, len(lines)), None, fields)
        return Parsed(len(lines), others=(record,))
    title = lines[0] == _OWN_TITLE
    if title and len(lines) == 1:
        return Parsed(1)
    return registrations.parse(path, text[len(_OWN_TITLE) :] if title else text)


def parse_marks(path: str, text: str) -> Parsed:
    """Read ``my_prayer_activities.txt``: the marks of one person, taken from the database. Emits AR002 and AR007."""
    lines, _ = numbered_lines(text)
    records: list[AuxRecord] = []
    problems: list[Problem] = []
    name = lines[0].removeprefix(_MARKS_TITLE) if lines[0].startswith(_MARKS_TITLE) else ""
    day: Minute | None = None
    for number, line in enumerate(lines, 1):
        match = _MARK.fullmatch(line)
        if line in ("", _NONE) or (number == 1 and name) or (line and not line.strip("=")):
            continue
        if _DAY.fullmatch(line):
            day = human_day(line)
            if day is None:
                problems.append(line_problem("AR007", path, number, "This day does not exist."))
        elif match is None or not name:
            problems.append(line_problem("AR002", path, number, "No line of a person's prayer activities."))
        elif day is None or (within := clock(match[1])) is None:
            problems.append(line_problem("AR007", path, number, "This time does not exist."))
        else:
            fields = (("prayer_id", match[2]), ("username", name))
            records.append(AuxRecord("mark", Span(path, number, number), day + within, fields))
    return Parsed(len(lines) - len(problems), problems, others=records)
