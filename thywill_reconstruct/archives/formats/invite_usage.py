"""Monthly invite usage files (archive format spec, section 2.18)."""

from __future__ import annotations

import re
from sys import intern

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.records import InviteUse, Problem
from thywill_reconstruct.times import MONTHS, iso_minute

_TITLE = re.compile(rf"Invite Token Usage for (?:{'|'.join(MONTHS)}) \d{{4}}", re.ASCII)
_FORMAT = "Format: timestamp|token|used_by_user|created_by_user|action"
_ACTION = "|token_used"
_INNER = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\|", re.ASCII)
ISO_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)


def parse(path: str, text: str) -> Parsed:
    """Read one invite usage file.

    A row is split from both ends. Names of the first era may hold a pipe: then the user cannot be told from the
    creator, and the row is not read.

    Emits AR001 (cut last line), AR002 (no known form, ambiguous names), AR007 (impossible time), AR009 (glued) and AR026
    (repeated lines).
    """
    lines, cut = numbered_lines(text)
    records: list[InviteUse] = []
    problems: list[Problem] = []
    understood = 0
    for number, line in enumerate(lines, 1):
        if line in ("", _FORMAT) or _TITLE.fullmatch(line):
            understood += 1
            continue
        result = _read(path, number, line)
        if isinstance(result, InviteUse):
            records.append(result)
            understood += 1
        elif cut and number == len(lines):
            problems.append(line_problem("AR001", path, number, "The file ends inside this line."))
        else:
            problems.append(result)
    # A token is used up by one person at one time, so that a line that stands here twice is always a repetition.
    first = {(one.minute, one.token, one.used_by, one.creator): one for one in reversed(records)}
    again = [one for one in records if one is not first[one.minute, one.token, one.used_by, one.creator]]
    if again:
        note = f"{len(again):,} of the lines from here on stand in this file before; what is repeated counts once."
        problems.append(line_problem("AR026", path, again[0].line, note, again[-1].line))
    return Parsed(understood, problems, invite_uses=list(first.values())[::-1] if again else records)


def _read(path: str, number: int, line: str) -> InviteUse | Problem:
    stamp, _, rest = line.partition("|")
    token, pipe, names = rest.partition("|")
    if not ISO_STAMP.fullmatch(stamp) or not token or not pipe:
        return line_problem("AR002", path, number, "No row of an invite usage file.")
    if _INNER.search(rest):
        return line_problem("AR009", path, number, "A second record begins inside this line.")
    if not names.endswith(_ACTION):
        return line_problem("AR002", path, number, "No row of an invite usage file.")
    names = names[: -len(_ACTION)]
    used_by, pipe, creator = names.partition("|")
    if not pipe or "|" in creator:
        return line_problem("AR002", path, number, "The names in this row cannot be told apart.")
    minute = iso_minute(stamp)
    if minute is None:
        return line_problem("AR007", path, number, "This time does not exist.")
    return InviteUse(path, number, minute, intern(token), intern(used_by), intern(creator), stamp)
