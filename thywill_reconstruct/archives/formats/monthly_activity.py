"""The monthly activity log (archive format spec, section 2.3; traps T4, T14).

The best witness among the archives: it holds no typed text but names and tags. A tag ends its line, so that
``submitted prayer ID`` is taken at its first occurrence and wins over whatever the tag imitates.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from sys import intern

from thywill_reconstruct.archives.parsed import Parsed, line_problem, numbered_lines
from thywill_reconstruct.archives.repeats import find_repeated, find_runs, left, repetition
from thywill_reconstruct.records import LogEntry, Problem
from thywill_reconstruct.times import MINUTES_PER_DAY, MONTHS, Minute, clock, human_day

_PRAYED = " prayed for prayer "
_MONTH = f"(?:{'|'.join(MONTHS)})"
_TITLE = re.compile(rf"Activity for {_MONTH} \d{{4}}", re.ASCII)
_DATE = re.compile(rf"{_MONTH} \d{{2}} \d{{4}}", re.ASCII)
_RECORD = re.compile(r"(\d{2}:\d{2}) - (.+)", re.ASCII | re.DOTALL)
_INNER = re.compile(r"\d{2}:\d{2} - ", re.ASCII)
_SUBMITTED = re.compile(r" submitted prayer ([0-9a-f]{32})(?= \(|\Z)", re.ASCII)
_SUBMITTED_OTHER_ID = re.compile(r" submitted prayer (\S+)(?= \(|\Z)", re.ASCII)
_HEX_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_INVITED = " registered via invitation from "
_DIRECTLY = " registered directly"
_ENDINGS = (
    (" prayed for prayer", "prayed"),
    (" archived prayer", "archived"),
    (" restored prayer", "restored"),
    (" flagged prayer", "flagged"),
    (" added testimony for prayer", "testimony"),
)
_CLOCKS = {f"{within // 60:02}:{within % 60:02}": within for within in range(24 * 60)}

# What stands behind the clock: kind, actor, prayer id, detail. The kind is "" when the action is not known.
Action = tuple[str, str, str, str]
_NO_ACTION: Action = ("", "", "", "")


def parse(path: str, text: str) -> Parsed:
    """Read one monthly activity file; a date line applies to the lines behind it, up to the next.

    Emits AR001 (cut last line), AR002 (line in no known form, or before any date), AR007 (impossible date or time),
    AR009 (glued records), AR012 (a registration that can be read in two ways), AR026 (repeated lines) and AR027 (times that
    run backwards below one date, so that it is not certain of what day the lines are).
    """
    lines, cut = numbered_lines(text)
    reader = _Reader(path, len(lines) if cut else 0)
    append, clocks, new = reader.entries.append, _CLOCKS, tuple.__new__
    day: Minute | None = None
    fast = 0
    number = 0
    for line in lines:
        number += 1
        if line[-51:-32] == _PRAYED:
            within = clocks.get(line[:5])
            actor = line[8:-51]
            if (
                within is not None
                and day is not None
                and not reader.suspect
                and line[5:8] == " - "
                and actor
                and "(" not in actor
                and ":" not in actor
                and " " not in line[-32:]
                and number != reader.cut_line
            ):
                # Not LogEntry(...): that is a call of a Python function, for the most frequent entry of all.
                entry = ("prayed", intern(actor), day + within, intern(line[-32:]), "", path, number)
                append(new(LogEntry, entry))
                fast += 1
                continue
        reader.read(number, line)
        day = reader.day
    entries = reader.entries
    minutes = [entry[2] for entry in entries]
    if reader.again or sorted(minutes) != minutes:
        entries = _once(path, entries, reader)
    return Parsed(fast + reader.understood, reader.problems, log=entries)


def _once(path: str, entries: list[LogEntry], reader: _Reader) -> list[LogEntry]:
    """Return the entries without repetitions, and report these, and times that run backwards.

    Lines below a heading that comes again are repeated if they stood there before, be it one of them.
    """
    lines = [entry.line for entry in entries]
    misplaced = _before_headings(entries, lines, reader)
    reader.problems += [repetition(path, lines, stretch) for stretch in misplaced]
    entries = [entries[at] for at in left(len(entries), misplaced)]
    lines = [entry.line for entry in entries]
    starts = find_runs([entry.minute for entry in entries], lines, [again for _, again in reader.again])
    certain = {bisect_left(lines, again) for _, again in reader.again}
    repeated = find_repeated([entry[:5] for entry in entries], starts, certain=certain)
    reader.problems += [repetition(path, lines, stretch) for stretch in repeated]
    entries = [entries[at] for at in left(len(entries), repeated)]
    ends = [*reader.days[1:], max(lines, default=0) + 1]
    told = 0
    for before, after in pairwise(entries):
        heading = bisect_left(reader.days, after.line) - 1
        if after.minute < before.minute and before.line > reader.days[heading] and after.line > told:
            told = ends[heading] - 1
            note = (
                "Times run backwards from here: below this date stand lines of a later day, or clocks were put back."
            )
            reader.problems.append(line_problem("AR027", path, after.line, note, told))
    return entries


def _before_headings(entries: list[LogEntry], lines: list[int], reader: _Reader) -> list[tuple[int, int]]:
    """Return the stretches before repeated headings that stand before the first of these as well.

    The end of a log that was appended to it may begin in the middle of a day, so that its first lines stand below another.
    """
    found = []
    repeated = {line for _, line in reader.again}
    for first, second in reader.again:
        one, other = bisect_left(lines, first), bisect_left(lines, second)
        above = bisect_left(reader.days, second) - 1
        if above >= 0 and reader.days[above] in repeated:
            continue
        most = min(one, other - bisect_left(lines, reader.days[above])) if above >= 0 else 0
        length = 0
        while length < most and _undated(entries[one - 1 - length]) == _undated(entries[other - 1 - length]):
            length += 1
        if length and first:
            found.append((other - length, other))
    return found


def _undated(entry: LogEntry) -> tuple[object, ...]:
    return entry.kind, entry.actor, entry.minute % MINUTES_PER_DAY, entry.prayer_id, entry.detail


class _Reader:
    """The state of one pass: the day that applies, and whether the line before may run on into this one."""

    def __init__(self, path: str, cut_line: int) -> None:
        self.path = path
        self.cut_line = cut_line
        self.entries: list[LogEntry] = []
        self.problems: list[Problem] = []
        self.understood = 0
        self.day: Minute | None = None
        self.dated = False
        self.suspect = False
        self.days: list[int] = []
        self.first: dict[Minute, int] = {}
        # The lines of headings that come again, each with the line at which it stood first; 0 for the title.
        self.again: list[tuple[int, int]] = []

    def problem(self, code: str, number: int, detail: str) -> None:
        self.problems.append(line_problem(code, self.path, number, detail))

    def read(self, number: int, line: str) -> None:
        """Take one line that is not a plain prayer mark."""
        if line == "" or _TITLE.fullmatch(line):
            self.understood += 1
            self.suspect = False
            if line and self.days:
                self.again.append((0, number))
        elif _DATE.fullmatch(line):
            self._date(number, line)
        else:
            self._record(number, line)

    def _date(self, number: int, line: str) -> None:
        self.day = human_day(line)
        self.dated = True
        self.days.append(number)
        if self.day is not None:
            if self.day in self.first:
                self.again.append((self.first[self.day], number))
            self.first.setdefault(self.day, number)
        if self.day is None:
            self.problem("AR007", number, "This day does not exist.")
        else:
            self.understood += 1

    def _record(self, number: int, line: str) -> None:
        match = _RECORD.fullmatch(line)
        cut = number == self.cut_line
        if match is None:
            code = "AR001" if cut else "AR002"
            self.problem(code, number, "The file ends inside this line." if cut else "No line of an activity log.")
            return
        suspect, self.suspect = self.suspect, False
        action = read_action(match[2])
        kind, actor = action[:2]
        if cut and not _survives_a_cut(action):
            self.problem("AR001", number, "The file ends inside this line.")
        elif _INNER.search(actor or match[2]):
            self.problem("AR009", number, "A second record begins inside this line.")
        elif not kind:
            # A name of the first era may hold a line end: then the next line is the rest of this one.
            self.suspect = True
            self.problem("AR002", number, "No action that the application knows.")
        elif suspect:
            self.problem("AR002", number, "This could be the rest of the name in the line before.")
        else:
            self._accept(number, clock(match[1]), action)

    def _accept(self, number: int, within: Minute | None, action: Action) -> None:
        kind, actor, prayer_id, detail = action
        if within is None or (self.dated and self.day is None):
            self.problem("AR007", number, "This time does not exist.")
        elif self.day is None:
            self.problem("AR002", number, "No date stands above this line.")
        else:
            self.understood += 1
            if kind == "other" and not prayer_id:
                self.problem("AR012", number, "This registration can be read in two ways.")
            if kind == "submitted" and detail[:1] == "(":
                # The tag does not close on its line, so its rest may stand on the next.
                self.suspect = True
                self.problem("AR005", number, "The tag behind the prayer id does not end on its line.")
                detail = ""
            minute = self.day + within
            self.entries.append(LogEntry(kind, intern(actor), minute, intern(prayer_id), detail, self.path, number))


def _survives_a_cut(action: Action) -> bool:
    """Say whether a last line without LF is certainly whole in what it tells (ids have 32 digits)."""
    kind, _, prayer_id, detail = action
    if kind == "registered":
        return not detail
    return kind == "answered" or (kind != "other" and _HEX_ID.fullmatch(prayer_id) is not None)


def read_action(rest: str) -> Action:
    """Read ``NAME action`` (section 2.3) into kind, actor, prayer id and detail; kind ``""`` if it is unknown.

    The tag of a submission is returned without its parentheses; one that does not close keeps its opening one.

    >>> read_action("Anna registered via invitation from Max")
    ('registered', 'Anna', '', 'Max')
    """
    match = _SUBMITTED.search(rest) or _SUBMITTED_OTHER_ID.search(rest)
    if match and match.start() > 0:
        tag = rest[match.end() + 1 :]
        if tag[:1] == "(" and tag[-1:] == ")":
            tag = tag[1:-1]
        return ("submitted", rest[: match.start()], match[1], tag)
    about = _about_prayer(rest)
    if about[0] in ("", "other"):
        return _registered(rest) or about
    # A name may hold " registered via invitation from ", but no name is long enough for a whole id (section 4).
    ambiguous = not _HEX_ID.fullmatch(about[2]) and _registered(rest) is not None
    return ("other", "", "", rest) if ambiguous else about


def _registered(rest: str) -> Action | None:
    direct = rest.endswith(_DIRECTLY) and len(rest) > len(_DIRECTLY)
    invited = rest.find(_INVITED, 1)
    if direct and invited > 0:
        return ("other", "", "", rest)
    if direct:
        return ("registered", rest[: -len(_DIRECTLY)], "", "")
    if invited > 0 and len(rest) > invited + len(_INVITED):
        if rest.find(_INVITED, invited + 1) > 0:
            return ("other", "", "", rest)
        return ("registered", rest[:invited], "", rest[invited + len(_INVITED) :])
    return None


def _about_prayer(rest: str) -> Action:
    head, _, prayer_id = rest.rpartition(" ")
    for ending, kind in _ENDINGS:
        if head.endswith(ending) and len(head) > len(ending) and prayer_id:
            return (kind, head[: -len(ending)], prayer_id, "")
    if rest.endswith(" as answered"):
        head, _, prayer_id = rest[: -len(" as answered")].rpartition(" ")
        if head.endswith(" marked prayer") and len(head) > len(" marked prayer") and prayer_id:
            return ("answered", head[: -len(" marked prayer")], prayer_id, "")
    elif head.endswith(" prayer") and len(head) > len(" prayer") and prayer_id:
        return ("other", "", prayer_id, head[: -len(" prayer")])
    return _NO_ACTION
