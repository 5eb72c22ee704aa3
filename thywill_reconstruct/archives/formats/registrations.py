"""Monthly registration files (archive format spec, section 2.2; trap T4)."""

from __future__ import annotations

import re
from sys import intern

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.archives.repeats import find_repeated, find_runs, left, repetition
from thywill_reconstruct.records import Problem, Registration
from thywill_reconstruct.times import MONTHS, STAMP, human_minute

# A line can be split at every repetition of the phrase; a name holds it once at most, so more readings are noise.
MOST_READINGS = 8

_DIRECTLY = " joined directly"
_INVITED = " joined on invitation from "
_LINE = re.compile(STAMP + r" - (.*)", re.ASCII | re.DOTALL)
_INNER = re.compile(STAMP + r" - ", re.ASCII)
_TITLE = re.compile(rf"User Registrations for (?:{'|'.join(MONTHS)}) \d{{4}}", re.ASCII)

Reading = tuple[str, str | None]


def parse(path: str, text: str) -> Parsed:
    """Read one monthly users file.

    A line that directly follows a stamped line without a known ending is not read: a name of the first era may hold a
    line end, and the rest of it could imitate a registration.

    Emits AR001 (cut last line), AR002 (line in no known form), AR007 (impossible time), AR009 (glued records), AR012
    (several readings) and AR026 (repeated lines).
    """
    lines, cut = numbered_lines(text)
    records: list[Registration] = []
    problems: list[Problem] = []
    titles: list[int] = []
    understood = 0
    suspect = False
    for number, line in enumerate(lines, 1):
        if line == "" or _TITLE.fullmatch(line):
            understood += 1
            suspect = False
            if line:
                titles.append(number)
            continue
        result = _read(path, number, line, cut and number == len(lines), suspect)
        if isinstance(result, Registration):
            records.append(result)
            understood += 1
            suspect = False
            if len(result.readings) > 1:
                note = f"This line can be split in {len(result.readings)} ways."
                problems.append(line_problem("AR012", path, number, note))
        else:
            problems.append(result)
            suspect = result.code == "AR002" and _LINE.match(line) is not None and not suspect
    if cut and records and records[-1].line == len(lines):
        records, problems, understood = _cut_inviter(path, lines[-1], records, problems, understood)
    minutes, places = [record.minute for record in records], [record.line for record in records]
    runs = find_runs(minutes, places, titles[1:])
    if len(runs) > 1:
        repeated = find_repeated([(record.minute, record.readings) for record in records], runs, certain=runs[1:])
        problems = [*problems, *(repetition(path, places, stretch) for stretch in repeated)]
        records = [records[at] for at in left(len(records), repeated)]
    return Parsed(understood, problems, registrations=records)


def _read(path: str, number: int, line: str, cut: bool, suspect: bool) -> Registration | Problem:
    match = _LINE.match(line)
    readings = split_registration(match[3]) if match else ()
    if match is None or not readings:
        if cut:
            return line_problem("AR001", path, number, "The file ends inside this line.")
        if match is not None and _INNER.search(match[3]):
            return line_problem("AR009", path, number, "A second record begins inside this line.")
        return line_problem("AR002", path, number, "No registration line.")
    if suspect:
        return line_problem("AR002", path, number, "This could be the rest of the name in the line before.")
    if _INNER.search(match[3]):
        return line_problem("AR009", path, number, "A second record begins inside this line.")
    minute = human_minute(match[1], match[2])
    if minute is None:
        return line_problem("AR007", path, number, "This time does not exist.")
    return Registration(path, number, minute, readings)


def split_registration(rest: str) -> tuple[Reading, ...]:
    """Return every way to read ``NAME joined ...`` as (name, inviter or None), most likely first (trap T4).

    >>> split_registration("Anna joined on invitation from Max")
    (('Anna', 'Max'),)
    """
    readings: list[Reading] = []
    if rest.endswith(_DIRECTLY) and len(rest) > len(_DIRECTLY):
        readings.append((intern(rest[: -len(_DIRECTLY)]), None))
    at = rest.find(_INVITED, 1)
    while at > 0 and len(readings) < MOST_READINGS:
        inviter = rest[at + len(_INVITED) :]
        if inviter:
            readings.append((intern(rest[:at]), intern(inviter)))
        at = rest.find(_INVITED, at + 1)
    return tuple(readings)


def _cut_inviter(
    path: str, line: str, records: list[Registration], problems: list[Problem], understood: int
) -> tuple[list[Registration], list[Problem], int]:
    """Drop the inviter of a last line without LF: ``il`` may be what a cut write left of ``ilyag``."""
    last = records[-1]
    if line.endswith(_DIRECTLY):
        return records, problems, understood
    names = dict.fromkeys((name, None) for name, _ in last.readings)
    kept = Registration(last.file, last.line, last.minute, tuple(names))
    problem = line_problem("AR001", path, last.line, "The file ends inside the inviter's name.")
    return [*records[:-1], kept], [*problems, problem], understood - 1
