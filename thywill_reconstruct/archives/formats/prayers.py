"""Prayer files (archive format spec, section 2.1; traps T1 to T4, T7, T10 to T12).

The text, the generated prayer and the testimonies are raw: any of them may hold lines that look like sections and
activities. A reading is certain only if the place of every marker proves it (``Sections``); otherwise the file is
still read, but its text is uncertain and its activities are doubtful.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from sys import intern
from typing import NamedTuple

from thywill_reconstruct.archives.decode import count_lines
from thywill_reconstruct.archives.formats.activity_lines import (
    could_be_cut_stamp,
    opens_free_text,
    parse_section,
    stamp_minute,
    starts_with_stamp,
)
from thywill_reconstruct.archives.parsed import UNREAD, Parsed, line_problem
from thywill_reconstruct.archives.render import CATEGORIZATION_KEYS
from thywill_reconstruct.archives.repeats import find_repeated, find_runs, left, repetition
from thywill_reconstruct.records import Activity, PrayerFile, Problem
from thywill_reconstruct.times import Minute

_ACTIVITY = "\n\nActivity:"
_GENERATED = "\n\nGenerated Prayer:\n"
_NOT_IDS = ("temp", "None")
_CATEGORIZATION = frozenset(CATEGORIZATION_KEYS)

_PLAIN_HEADER = re.compile(
    r"Prayer (\S+) by (.*)\nSubmitted ([^\n]+)(?:\nProject: (.*))?(?:\nAudience: (.*))?", re.ASCII
)

# A text may hold any number of markers; more readings than these tell nobody anything.
MOST_MARKERS = 8
MOST_READINGS = 16
# Characters in all readings of one file together, from the third on: many times what anybody types.
MOST_CHARACTERS = 4_000_000

Reading = tuple[str, str | None]


class Header(NamedTuple):
    """The lines before the first empty line. ``sound`` if the application could have written them."""

    prayer_id: str | None
    author: str
    submitted: Minute | None
    tag: str | None
    audience: str | None
    categorization: tuple[tuple[str, str], ...]
    problems: list[Problem]
    lines: int
    understood: int
    sound: bool


class Sections(NamedTuple):
    """Where the text ends and the activities begin.

    ``activity`` is the offset of the chosen ``Activity:`` marker's empty line, -1 if there is none. ``others`` are the
    offsets of other markers that could be the real one; ``certain`` if there are none and the marker is well formed.
    """

    activity: int
    others: tuple[int, ...]
    certain: bool


def parse(path: str, text: str) -> Parsed:
    """Read one prayer file into at most one ``PrayerFile``.

    Emits AR001 (no ``Activity:`` marker, cut line), AR002 (line in no known form), AR004 (no usable id), AR005
    (section markers inside the text) and what ``parse_section`` emits.
    """
    doubled = _doubled(text)
    if doubled is not None:
        return _parse_once(path, doubled, count_lines(text))
    blank = 0 if text[:1] == "\n" else text.find("\n\n")
    head, gap = (text[:blank], "\n\n") if blank >= 0 else (text, "")
    base = len(head) + 1 if head else 0
    torn = not gap and text[-1:] != "\n"
    header = _header(path, head if gap else head.removesuffix("\n"), torn)
    sections = _sections(text, base)
    if header.prayer_id is None and header.submitted is None and sections.activity < 0 and not header.author:
        total = count_lines(text)
        if torn:
            return Parsed(0, [line_problem("AR001", path, 1, "The file ends inside its header.", total)])
        return Parsed(0, [line_problem("AR002", path, 1, "This is not a prayer file.", total)])
    readings = _readings(text, base, sections)
    return _assemble(path, text, header, sections, readings)


class _Doubled(NamedTuple):
    """A file without what stands in it twice: its text, how many lines were left out before it, and which they are."""

    text: str
    shift: int
    first: int
    last: int


def _doubled(text: str) -> _Doubled | None:
    """Return what is left of a file that was appended to itself, or whose activities were; ``None`` for all others.

    Whoever appends a file to itself, or an older state to a newer one, does so as a whole: the second part begins with the
    header, or the marker, of the first, and one of the two begins with all of the other.
    """
    half = len(text) // 2
    if text[:7] == "Prayer " and len(text) == 2 * half and text[:half] == text[half:]:
        return _Doubled(
            text[:half], 0, text.count("\n", 0, half) + 1, count_lines(text)
        )  # torn, it has no line of its own
    line = text[: text.find("\n") + 1]
    at = text.find(f"\n{line}", len(line)) + 1 if line[:7] == "Prayer " else 0
    if at > 0:
        one, other = text[:at].rstrip("\n"), text[at:].rstrip("\n")
        lines, total = text.count("\n", 0, at), count_lines(text)
        if other.startswith(one):
            return _Doubled(text[at:], lines, 1, lines)
        return _Doubled(text[:at], 0, lines + 1, total) if one.startswith(other) else None
    begin = text.find(_ACTIVITY + "\n") + len(_ACTIVITY) + 1
    again = text.find("\nActivity:\n", begin) + 1 if begin > len(_ACTIVITY) else 0
    if again <= 0:
        return None
    behind = again + len("Activity:\n")
    one, other = text[begin:again].rstrip("\n"), text[behind:].rstrip("\n")
    shorter, longer = sorted((one, other), key=len)
    if (
        not shorter
        or not f"{longer}\n".startswith(f"{shorter}\n")
        or not all(map(starts_with_stamp, longer.split("\n")))
    ):
        return None
    lines = text.count("\n", 0, again)
    if longer == one:
        return _Doubled(text[:again], 0, lines + 1, count_lines(text))
    gap = text.count("\n", begin, behind)
    return _Doubled(text[:begin] + "\n" * gap + text[behind:], 0, text.count("\n", 0, begin) + 1, lines + 1)


def _parse_once(path: str, doubled: _Doubled, total: int) -> Parsed:
    """Read what is left of a doubled file, with the lines at which it stands."""
    parsed = parse(path, doubled.text)
    by = doubled.shift
    problems = [
        problem
        if not by
        else line_problem(problem.code, path, problem.span.first + by, problem.detail, problem.span.last + by)
        for problem in parsed.problems
    ]
    note = "These lines stand in this file twice; what is repeated counts once."
    problems.append(line_problem("AR026", path, doubled.first, note, doubled.last))
    prayers = [
        replace(
            prayer,
            lines=total,
            activities=tuple(a._replace(first=a.first + by, last=a.last + by) for a in prayer.activities),
        )
        for prayer in parsed.prayers
    ]
    return parsed._replace(
        understood=parsed.understood + total - count_lines(doubled.text), problems=problems, prayers=prayers
    )


def _header(path: str, head: str, torn: bool) -> Header:
    """Read the header lines; with ``torn`` the last of them was cut, so that its value is not whole."""
    match = None if torn else _PLAIN_HEADER.fullmatch(head)
    if match:
        prayer_id, author, stamp, tag, audience = match.groups()
        submitted = stamp_minute(stamp)
        if submitted is not None and prayer_id not in _NOT_IDS:
            lines = 2 + (tag is not None) + (audience is not None)
            return Header(prayer_id, author, submitted, tag, audience, (), [], lines, lines, True)
    return _unusual_header(path, head, torn)


def _unusual_header(path: str, head: str, torn: bool) -> Header:
    """Read a header line by line: one with a categorization block, without a usable id, or damaged."""
    lines = head.split("\n")
    problems: list[Problem] = []
    prayer_id, author, named = None, "", False
    first = lines[0]
    if first[:7] == "Prayer ":
        prayer_id, by, author = first[7:].partition(" by ")
        if not by and prayer_id.endswith(" by"):
            prayer_id, by = prayer_id[:-3], " by"
        named = bool(
            by and prayer_id and " " not in prayer_id and "\t" not in prayer_id and not (torn and len(lines) == 1)
        )
    if not named:
        prayer_id, author = None, ""
        problems.append(_unread(path, 1, torn and len(lines) == 1))
    if prayer_id is None or prayer_id in _NOT_IDS:
        problems.append(line_problem("AR004", path, 1, "The first line names no prayer id."))
        prayer_id = None
    submitted = None
    if len(lines) > 1 and lines[1][:10] == "Submitted ":
        submitted = stamp_minute(lines[1][10:])
    pairs: dict[str, str] = {}
    understood = named + (submitted is not None)
    for number, line in enumerate(lines[1:], 2):
        if number == 2 and submitted is not None:
            continue
        key, colon, value = line.partition(": ")
        known = key in ("Project", "Audience") or key in _CATEGORIZATION
        cut = torn and number == len(lines)
        if known and colon and key not in pairs and not cut:
            pairs[key] = value
            understood += 1
        else:
            problems.append(_unread(path, number, cut))
    sound = named and submitted is not None and understood == len(lines)
    tag, audience = pairs.pop("Project", None), pairs.pop("Audience", None)
    categorization = tuple(pairs.items()) if pairs else ()
    return Header(
        prayer_id, author, submitted, tag, audience, categorization, problems, len(lines), understood, sound
    )


def _unread(path: str, number: int, cut: bool) -> Problem:
    if cut:
        return line_problem("AR001", path, number, "The file ends inside its header.")
    return line_problem("AR002", path, number, "No header line of a prayer file.")


def _sections(text: str, base: int) -> Sections:
    """Find the real ``Activity:`` marker among those that text can imitate (trap T1).

    Source: archive format spec, section 6.2, T1. The last marker is real, unless a line that opens free text stands
    between an earlier one and it: then a testimony may have swallowed it, and the earliest such marker is chosen,
    because everything behind it is doubtful anyway.
    """
    last = text.rfind(_ACTIVITY, base)
    if last >= 0 and text.find(_ACTIVITY, base) == last and _is_marker(text, last):
        return Sections(last, (), True)
    markers = _markers(text, base)
    if not markers:
        return Sections(-1, (), False)
    possible = [here for here, there in pairwise(markers) if _may_swallow(text, here, there)]
    chosen = possible[0] if possible else markers[-1]
    others = (*possible[1:], markers[-1]) if possible else ()
    return Sections(chosen, others[-MOST_MARKERS:], not others and _is_marker(text, chosen))


def _markers(text: str, base: int) -> list[int]:
    """Return the offsets of all lines ``Activity:`` behind an empty line of their own."""
    markers: list[int] = []
    at = text.find(_ACTIVITY, base)
    while at >= 0:
        behind = at + len(_ACTIVITY)
        if text[behind : behind + 1] in ("", "\n"):
            markers.append(at)
        at = text.find(_ACTIVITY, behind)
    return markers


def _is_marker(text: str, at: int) -> bool:
    """Say whether the marker line is followed by an activity line (perhaps cut), or by the end of the file."""
    behind = at + len(_ACTIVITY)
    end = len(text)
    if behind == end:
        return True
    if text[behind] != "\n":
        return False
    first = behind + 1
    while first < end and text[first] == "\n":
        first += 1
    if first == end:
        return True
    stop = text.find("\n", first)
    if stop >= 0:
        return starts_with_stamp(text[first:stop])
    return starts_with_stamp(text[first:]) or could_be_cut_stamp(text[first:])


def _may_swallow(text: str, here: int, there: int) -> bool:
    """Say whether a line between two markers opens free text that could hold the second one."""
    return any(opens_free_text(line) for line in text[here + len(_ACTIVITY) : there].split("\n"))


def _readings(text: str, base: int, sections: Sections) -> list[Reading]:
    """Return the ways to split the file into (text, generated prayer), most likely first, without repetition.

    Places are compared, and only then texts cut out: of a long text not every reading is kept, but always two.
    """
    end = sections.activity
    if end < 0:
        end = len(text) - 1 if text[-1:] == "\n" else len(text)
    places = _split(text, base, end)
    for other in sections.others:
        places.extend(_split(text, base, other))
    body, room = base + 1, MOST_CHARACTERS
    readings: list[Reading] = []
    for at, end in dict.fromkeys(places):
        room -= end - body
        if len(readings) == MOST_READINGS or (len(readings) > 1 and room < 0):
            break
        readings.append((text[body:end], None) if at < 0 else (text[body:at], text[at + len(_GENERATED) : end]))
    return readings


def _split(text: str, base: int, end: int) -> list[tuple[int, int]]:
    """Return (marker of the generated prayer or -1, end) of the part before ``Activity:``, for each way to read it (T1)."""
    at = text.find(_GENERATED, base, end + 1)
    if at < 0:
        return [(-1, end)]
    places: list[tuple[int, int]] = []
    while at >= 0 and len(places) < MOST_MARKERS:
        places.append((at, end))
        at = text.find(_GENERATED, at + 1, end + 1)
    if len(places) > 1:
        places.append((-1, end))
    return places


def _assemble(path: str, text: str, header: Header, sections: Sections, readings: list[Reading]) -> Parsed:
    """Read the activities and put the record together; see ``parse`` for the codes emitted."""
    problems = header.problems
    activities: list[Activity] = []
    certain = header.sound and sections.certain and len(readings) == 1
    if sections.activity < 0:
        total = count_lines(text)
        understood = header.understood + _missing_marker(path, total, header)
        certain = False
    else:
        behind = sections.activity + len(_ACTIVITY) + 1
        marker_line = text.count("\n", 0, behind) + (behind > len(text))
        lines = text[behind:].split("\n")
        if not lines[-1]:
            lines.pop()
        total = marker_line + len(lines)
        section = parse_section(path, lines, marker_line + 1, text[-1] != "\n" and bool(lines))
        activities = section.activities
        understood = header.understood + (marker_line - header.lines) + section.understood
        if section.broken or not sections.certain or not header.sound:
            activities = [activity._replace(doubtful=True) for activity in activities]
        if section.problems:
            problems.extend(section.problems)
        certain = certain and not section.foreign
        activities = _once(path, activities, problems)
    if len(readings) > 1 or (sections.activity >= 0 and not sections.certain):
        note = "The text holds lines that could be the beginning of another section."
        problems.append(line_problem("AR005", path, 1, note, total))
    record = PrayerFile(
        path,
        header.prayer_id,
        intern(_author(header)),
        header.submitted,
        header.tag,
        header.audience,
        readings[0][0],
        readings[0][1],
        certain,
        sections.activity >= 0,
        total,
        tuple(activities),
        tuple(readings[1:]) if len(readings) > 1 else (),
        header.categorization,
    )
    return Parsed(understood, problems, (record,))


def _author(header: Header) -> str:
    """Return the author as registered: the rewrite of ``temp`` also changed a name that holds ``Prayer temp by`` (trap T3)."""
    rewritten = f"Prayer {header.prayer_id} by "
    return header.author.replace(rewritten, "Prayer temp by ") if header.prayer_id else header.author


def _once(path: str, activities: list[Activity], problems: list[Problem]) -> list[Activity]:
    """Return the activities without those that a block of lines repeats; one line alone never counts as such (trap T13).

    Marks made offline bear the time of the phone, so that times may go back here (section 6.1).
    """
    minutes, lines = [one.minute for one in activities], [one.first for one in activities]
    runs = find_runs(minutes, lines)
    if len(runs) < 2:
        return activities
    # What people typed may well say the same twice.
    keys = [(one.kind, one.actor, one.minute, one.detail, at * one.doubtful) for at, one in enumerate(activities)]
    repeated = find_repeated(keys, runs, shortest=2)
    problems += [repetition(path, lines, stretch) for stretch in repeated]
    return [activities[at] for at in left(len(activities), repeated)]


def _missing_marker(path: str, total: int, header: Header) -> int:
    """Report a file that ends before its ``Activity:`` line; return how many lines behind the header are sound."""
    behind_header = total - header.lines
    if any(problem.code == "AR001" for problem in header.problems):
        return max(0, behind_header)
    already = any(problem.span.first == total and problem.code in UNREAD for problem in header.problems)
    problem = line_problem("AR001", path, total, "The file ends before its Activity: line.")
    header.problems.append(problem)
    return behind_header - 1 if behind_header > 0 or not already else 0
