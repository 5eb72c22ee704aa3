"""The lines below ``Activity:`` in a prayer file (archive format spec, sections 2.1 and 6.2).

Names and testimonies are typed by people, so a line is read in this order: the stamp at its start; a keyword that
opens free text (testimony, set, removed) at its first occurrence; a predicate at its very end (traps T4, T11).
Whatever stands behind free text could be a part of it and is marked doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from sys import intern
from typing import NamedTuple

from thywill_reconstruct.archives.parsed import line_problem
from thywill_reconstruct.records import Activity, Problem
from thywill_reconstruct.times import MINUTES_PER_DAY, MONTHS, STAMP, Minute, human_minute

_PRAYED = " prayed this prayer"
_PREDICATES = (
    (_PRAYED, "prayed"),
    (" marked this prayer as answered", "answered"),
    (" archived this prayer", "archived"),
    (" restored this prayer", "restored"),
    (" flagged this prayer", "flagged"),
    (" unknown", "unknown"),
)
_ENDINGS = tuple(ending.lstrip() for ending, _ in _PREDICATES)
_TESTIMONY = " added testimony: "
# Values of these attributes are never typed by people; with such a value the line cannot run on.
_PLAIN_ATTRIBUTES = frozenset({"answered", "answer_date", "archived", "flagged", "daily_priority"})
_OPEN_KINDS = frozenset({"testimony", "set", "removed", "other"})

_LINE = re.compile(STAMP + r" - (.*)", re.ASCII | re.DOTALL)
_INNER = re.compile(STAMP + r" - ", re.ASCII)
_SET = re.compile(r" set (\w+) (?=(?:to|from) ')", re.ASCII)
_REMOVED = re.compile(r" removed (\w+) (?=\(was ')", re.ASCII)
_PLAIN_VALUE = re.compile(r"true|false|None|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", re.ASCII)

# The two halves of a stamp, so that a known day costs two look-ups and no pattern.
_CLOCKS = {f" at {within // 60:02}:{within % 60:02}": within for within in range(24 * 60)}
_days: dict[str, Minute] = {}
_NO_PROBLEMS: tuple[Problem, ...] = ()


class Section(NamedTuple):
    """What stands in one activity section.

    ``broken`` if a line of it is cut or not the application's: then it may be no section at all. ``foreign`` if that
    line is not even the beginning of an activity line: then the text may go on behind the marker.
    """

    activities: list[Activity]
    problems: Sequence[Problem]
    understood: int
    broken: bool
    foreign: bool


class Shape(NamedTuple):
    """How the part of a line behind its stamp reads.

    ``opens`` if following lines could belong to it; ``unsure`` if a name of the first era could hold the keyword.
    """

    kind: str
    actor: str
    attribute: str
    value: str
    opens: bool
    unsure: bool = False


class _Pending:
    """A line that waits for its continuation lines: a record, or a problem if ``code`` is set."""

    __slots__ = ("code", "counted", "doubtful", "first", "lines", "minute", "note", "shape")

    def __init__(self, shape: Shape, minute: Minute, first: int, doubtful: bool) -> None:
        self.shape, self.minute, self.first, self.doubtful = shape, minute, first, doubtful
        self.lines = [shape.value]
        self.code = self.note = ""
        self.counted = 0  # lines that a problem already accounts for


def stamp_minute(text: str) -> Minute | None:
    """Return the minute of a plain stamp ``July 06 2025 at 09:05`` that fills the whole text, else ``None``."""
    day = _days.get(text[:-9])
    within = _CLOCKS.get(text[-9:])
    if day is not None and within is not None:
        return day + within
    match = re.fullmatch(STAMP, text, re.ASCII)
    return human_minute(match[1], match[2]) if match else None


def starts_with_stamp(text: str) -> bool:
    """Say whether a line has the form ``TSH - ...`` of an activity line, possible time or not."""
    return _LINE.match(text) is not None


def could_be_cut_stamp(text: str) -> bool:
    """Say whether a text is the beginning of ``TSH - ``: what a cut write leaves of an activity line."""
    shape = re.sub(r"[0-9]", "0", text[:40])
    return len(text) < 40 and any(f"{month} 00 0000 at 00:00 - ".startswith(shape) for month in MONTHS)


def opens_free_text(line: str) -> bool:
    """Say whether a line is an activity line that could have swallowed the lines behind it."""
    match = _LINE.match(line)
    return match is not None and read_shape(match[3]).opens


def read_shape(rest: str) -> Shape:
    """Read the part of an activity line behind ``TSH - `` (section 2.1, table of predicates)."""
    if ":" in rest or "'" in rest:
        free = _free_text(rest)
        if free is not None:
            return free
    for ending, kind in _PREDICATES:
        if rest.endswith(ending) and len(rest) > len(ending):
            return Shape(kind, rest[: -len(ending)], "", "", False)
    return Shape("other", "", "", rest, True)


def _free_text(rest: str) -> Shape | None:
    """Return the testimony, set or removed reading whose keyword comes first, if there is one."""
    said = rest.find(_TESTIMONY)
    if said < 0 and rest.endswith(_TESTIMONY[:-1]):
        said = len(rest) - len(_TESTIMONY) + 1
    shapes: list[tuple[int, Shape]] = []
    if said > 0:
        value = rest[said + len(_TESTIMONY) :]
        # A name with a colon in it, in front of another predicate, would read the same.
        unsure = _TESTIMONY in value or value.endswith(_ENDINGS)
        shapes.append((said, Shape("testimony", rest[:said], "", value, True, unsure)))
    for kind, pattern in (("set", _SET), ("removed", _REMOVED)):
        match = pattern.search(rest)
        if match and match.start() > 0:
            value = rest[match.end() :]
            opens = not _is_plain(kind, match[1], value)
            shapes.append((match.start(), Shape(kind, rest[: match.start()], match[1], value, opens)))
    return min(shapes)[1] if shapes else None


def _is_plain(kind: str, attribute: str, value: str) -> bool:
    detail = _quoted(kind, attribute, value)
    if detail is None or attribute not in _PLAIN_ATTRIBUTES:
        return False
    return all(_PLAIN_VALUE.fullmatch(part) for part in detail.split("\0")[1:])


def _quoted(kind: str, attribute: str, value: str) -> str | None:
    """Return the detail of a set or removed line, or ``None`` if its quotes do not close in one way only."""
    value = value.rstrip("\n")
    if "\0" in value:
        return None
    if kind == "removed":
        closed = value.endswith("')") and len(value) >= len("(was '')")
        return f"{attribute}\0{value[6:-2]}" if closed else None
    if value.startswith("to '"):
        return f"{attribute}\0{value[4:-1]}" if value.endswith("'") and len(value) >= len("to ''") else None
    parts = value[6:-1].split("' to '", 2)
    if len(parts) != 2 or not value.endswith("'"):
        return None
    return f"{attribute}\0{parts[0]}\0{parts[1]}"


def parse_section(path: str, lines: list[str], start: int, cut: bool) -> Section:
    """Read the lines behind an ``Activity:`` marker.

    Args:
        path: The file, for spans.
        lines: The physical lines behind the marker.
        start: The line number of the first of them.
        cut: Whether the last line lacks its LF.

    Emits AR001 (cut last line), AR002 (line that belongs to nothing), AR007 (impossible time), AR008 (``X unknown``)
    and AR009 (glued records).
    """
    activities: list[Activity] = []
    reader: _Reader | None = None
    doubt = False
    days, clocks, append, new = _days, _CLOCKS, activities.append, tuple.__new__
    number = start - 1
    for line in lines:
        number += 1
        if line[-19:] == _PRAYED:
            stamp, _, rest = line.partition(" - ")
            day = days.get(stamp[:-9])
            within = clocks.get(stamp[-9:])
            actor = rest[:-19]
            if (
                day is not None
                and within is not None
                and actor
                and ":" not in actor
                and ("'" not in actor or (" '" not in actor and "('" not in actor))
            ):
                if reader is not None and reader.pending is not None:
                    reader.close(number - 1)
                    doubt = reader.doubt
                mark = ("prayed", intern(actor), day + within, number, number, "", doubt)
                # Not Activity(...): that is a call of a Python function, for the most frequent record of all.
                append(new(Activity, mark))
                continue
        if reader is None:
            reader = _Reader(path, activities, start + len(lines) - 1 if cut else 0)
        reader.read(number, line)
        doubt = reader.doubt
    if reader is None:
        return Section(activities, _NO_PROBLEMS, len(lines), False, False)
    if reader.pending is not None:
        reader.close(number)
    understood = len(lines) - reader.seen + reader.understood
    return Section(activities, reader.problems, understood, reader.broken, reader.foreign)


class _Reader:
    """The state of one pass over a section: what is open, and whether doubt has begun."""

    def __init__(self, path: str, activities: list[Activity], cut_line: int) -> None:
        self.path = path
        self.cut_line = cut_line
        self.activities = activities
        self.problems: list[Problem] = []
        self.seen = 0
        self.understood = 0
        self.broken = self.foreign = False
        self.doubt = False
        self.pending: _Pending | None = None

    def problem(self, code: str, line: int, detail: str, last: int | None = None) -> None:
        self.problems.append(line_problem(code, self.path, line, detail, last))

    def read(self, number: int, line: str) -> None:
        """Take one line that is not a plain prayer mark."""
        self.seen += 1
        match = _LINE.match(line)
        if match is None:
            self._continuation(number, line)
            return
        if self.pending is not None:
            self.close(number - 1)
        day, clock, rest = match.groups()
        minute = human_minute(day, clock)
        if minute is not None:
            _days[day] = minute - minute % MINUTES_PER_DAY
        self._stamped(number, minute, read_shape(rest))

    def _continuation(self, number: int, line: str) -> None:
        if self.pending is not None:
            self.pending.lines.append(line)
        elif line == "":
            self.understood += 1
        else:
            self.broken = True
            if number == self.cut_line:
                self.foreign = self.foreign or not could_be_cut_stamp(line)
                self.problem("AR001", number, "The file ends inside this line.")
            else:
                self.foreign = True
                self.problem("AR002", number, "No activity line, and not behind a testimony.")

    def _stamped(self, number: int, minute: Minute | None, shape: Shape) -> None:
        if shape.kind == "other" and number == self.cut_line:
            self.broken = True
            self.problem("AR001", number, "The file ends inside this line.")
            return
        names = shape.actor or shape.value
        stamps = list(islice(_INNER.finditer(names), 2)) if ":" in names else []
        if stamps:
            self._glued(number, shape, stamps)
        elif minute is None:
            self._hold(shape, 0, number, "AR007", "This time does not exist.")
        elif shape.opens or shape.attribute:
            self._hold(shape, minute, number, "", "")
        else:
            self.understood += 1
            self._append(shape, minute, number)

    def _append(self, shape: Shape, minute: Minute, number: int) -> None:
        if shape.kind == "unknown":
            self.problem("AR008", number, "The healing script did not know what happened here.")
        actor = intern(shape.actor)
        self.activities.append(Activity(shape.kind, actor, minute, number, number, "", self.doubt))

    def _hold(self, shape: Shape, minute: Minute, number: int, code: str, note: str) -> None:
        """Keep a line open for continuation lines; everything behind free text is doubtful from here on."""
        self.pending = _Pending(shape, minute, number, self.doubt or shape.unsure)
        self.pending.code, self.pending.note = code, note
        if shape.opens:
            self.doubt = True

    def _glued(self, number: int, shape: Shape, stamps: list[re.Match[str]]) -> None:
        """Recover what stands behind the only inner stamp, in doubt: a name may hold a stamp (traps T4, T5)."""
        inner = stamps[0]
        minute = human_minute(inner[1], inner[2])
        actor = shape.actor[inner.end() :]
        note = "A second record begins inside this line."
        if len(stamps) > 1 or minute is None or not actor or shape.kind in ("other", "unknown"):
            self._hold(shape, 0, number, "AR009", note)
            return
        self.problem("AR009", number, note)
        if shape.opens or shape.attribute:
            self.pending = held = _Pending(shape._replace(actor=actor), minute, number, True)
            held.counted = 1
            self.doubt = True
        else:
            self.activities.append(Activity(shape.kind, intern(actor), minute, number, number, "", True))

    def close(self, last: int) -> None:
        """Turn the open line and its continuation lines into a record or a problem."""
        held, self.pending = self.pending, None
        assert held is not None
        shape = held.shape
        if held.code:
            self.problem(held.code, held.first, held.note, last)
            return
        detail: str | None = "\n".join(held.lines)
        if shape.attribute:
            detail = _quoted(shape.kind, shape.attribute, detail or "")
        if detail is None:
            code = "AR001" if last == self.cut_line else "AR002"
            self.broken = self.foreign = self.doubt = True
            self.problem(code, held.first, "The quotes of this value do not close.", last)
            return
        self.understood += last - held.first + 1 - held.counted
        doubtful = held.doubtful
        if last == self.cut_line and shape.kind in ("testimony", "other"):
            if not (held.counted and last == held.first):
                self.understood -= 1
            self.problem("AR001", last, "The file ends inside this text.")
            doubtful = True
        actor = intern(shape.actor)
        self.activities.append(Activity(shape.kind, actor, held.minute, held.first, last, detail, doubtful))
