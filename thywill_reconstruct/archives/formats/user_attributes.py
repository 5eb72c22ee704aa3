"""``users/user_attributes.txt`` (archive format spec, section 3.2; trap T18): blocks of ``key: value`` lines.

Operators edit it by hand to grant the supporter status, so stray spaces are no damage.
"""

from __future__ import annotations

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.records import AuxRecord, Problem, Span

_TITLE = "User Attributes"
_KEYS = frozenset({"is_supporter", "supporter_since", "supporter_type", "welcome_message_dismissed"})


def parse(path: str, text: str) -> Parsed:
    """Read one ``user-attributes`` record per block.

    A person may stand in it twice (trap T18): all blocks become records, in order, and the application takes the last one.
    Emits AR002 (line in no known form) and AR014 (blocks of one person that disagree).
    """
    lines, _ = numbered_lines(text)
    blocks: list[tuple[int, list[tuple[str, str]], int]] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not line.strip() or line.strip() == _TITLE:
            continue
        if colon and key == "username" and value:
            blocks.append((number, [("username", value)], number))
        elif colon and key in _KEYS and blocks:
            first, fields, _ = blocks.pop()
            blocks.append((first, [*fields, (key, value)], number))
        else:
            problems.append(line_problem("AR002", path, number, "No line of a user attributes file."))
    records = [AuxRecord("user-attributes", Span(path, a, b), None, tuple(fields)) for a, fields, b in blocks]
    last: dict[str, AuxRecord] = {}
    for record in records:
        name = record.fields[0][1]
        if name in last and set(last[name].fields) != set(record.fields):
            note = (
                f"Line {last[name].span.first} says otherwise of the same person. The application takes the last one."
            )
            problems.append(line_problem("AR014", path, record.span.first, note, record.span.last))
        last[name] = record
    unread = sum(problem.code == "AR002" for problem in problems)
    return Parsed(len(lines) - unread, problems, others=records)
