"""Membership applications (archive format spec, section 2.22): one file each, with a typed essay in the middle."""

from __future__ import annotations

import re

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span
from thywill_reconstruct.times import iso_minute

_TITLE = ("MEMBERSHIP APPLICATION", "=" * 21)
_HEAD = {
    "Application ID": "id",
    "Submitted": "submitted_at",
    "IP Address": "ip_address",
    "USERNAME": "username",
}
_TAIL = {
    "CONTACT INFO": "contact_info",
    "STATUS": "status",
    "Invite token": "invite_token",
}
_ESSAY = "ESSAY/MOTIVATION:"
_CONTACT = "CONTACT INFO: "
_DECISION = re.compile(r"(APPROVED|REJECTED) by (.*) at (\d{4}-\d\d-\d\dT[0-9:.]+)", re.ASCII | re.DOTALL)

Fields = list[tuple[str, str]]


def parse(path: str, text: str) -> Parsed:
    """Read one application into one record.

    The head ends at the first ``ESSAY/MOTIVATION:``, the tail begins at the last ``CONTACT INFO: ``; what stands
    between is the essay, whatever it imitates. Emits AR001 (the file ends before its tail) and AR002.
    """
    lines, _ = numbered_lines(text)
    essay = lines.index(_ESSAY) if _ESSAY in lines else len(lines)
    fields, problems, understood = _head(path, lines[:essay])
    contact = max((at for at, line in enumerate(lines) if at > essay and line.startswith(_CONTACT)), default=-1)
    if contact < 0:
        rest = max(0, len(lines) - essay - 1)
        already = rest == 0 and essay == len(lines) and bool(problems) and problems[-1].span.last == len(lines)
        if not already:
            problems.append(line_problem("AR001", path, len(lines), "The file ends before its contact line."))
            understood -= 1
        understood += rest + (essay < len(lines))
        return Parsed(max(0, understood), problems)
    paragraphs = lines[essay + 1 : contact]
    if paragraphs and paragraphs[-1] == "":
        paragraphs = paragraphs[:-1]
    fields.append(("essay", "\n".join(paragraphs)))
    tail, tail_problems, tail_understood = _tail(path, lines[contact:], contact + 1)
    fields.extend(tail)
    minute = iso_minute(dict(fields).get("submitted_at"))
    record = AuxRecord("membership-application", Span(path, 1, len(lines)), minute, tuple(fields))
    understood += contact - essay + tail_understood
    return Parsed(understood, problems + tail_problems, others=(record,))


def _head(path: str, lines: list[str]) -> tuple[Fields, list[Problem], int]:
    fields: Fields = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        key, colon, value = line.partition(": ")
        if line == "" or line in _TITLE:
            continue
        if colon and key in _HEAD:
            fields.append((_HEAD[key], value))
        else:
            problems.append(line_problem("AR002", path, number, "No line of a membership application."))
    return fields, problems, len(lines) - len(problems)


def _tail(path: str, lines: list[str], start: int) -> tuple[Fields, list[Problem], int]:
    fields: Fields = []
    problems: list[Problem] = []
    for at, line in enumerate(lines):
        key, colon, value = line.partition(": ")
        decision = _DECISION.fullmatch(line)
        if line == "":
            continue
        if decision:
            fields.append(("decision", decision[1].lower()))
            fields.append(("decided_by", decision[2]))
            fields.append(("decided_at", decision[3]))
        elif colon and key == "Reason":
            # The reason is typed and ends the file, so that every further line belongs to it.
            fields.append(("reason", "\n".join([value, *lines[at + 1 :]])))
            break
        elif colon and key in _TAIL:
            fields.append((_TAIL[key], value))
        else:
            problems.append(line_problem("AR002", path, start + at, "No line of a membership application."))
    return fields, problems, len(lines) - len(problems)
