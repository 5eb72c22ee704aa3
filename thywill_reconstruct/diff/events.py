"""Bring together what prayer file and activity log say about one prayer, and decide which events are confirmed.

Text that people typed can imitate an archive line. The activity log holds no typed text but names and tags, so it is the
best witness: an event is confirmed if the log has it too, or if its place in the file is unambiguous and the log does not
cover its time (design: trust; archive format spec, trap T13).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from thywill_reconstruct.diff.clocks import FURTHEST, SLACK
from thywill_reconstruct.diff.sources import PrayerSources, Witness
from thywill_reconstruct.records import Activity, Archive, LogEntry
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, show

# Kinds that the application writes into the activity log when they happen (section 2.3). Testimonies, flags and attribute
# lines have no caller there, so their absence from the log says nothing.
LOGGED_KINDS = frozenset({"prayed", "answered", "archived", "restored"})


class Event(NamedTuple):
    """One thing that happened to a prayer. ``who`` is a user key or an unresolved name's stand-in.

    ``sure`` means confirmed. ``places`` are the lines that tell of it. ``both`` says that file and log agree. ``lane`` and
    ``order`` are the file and line that tell the order of events within a minute, the log's where it has them.
    """

    kind: str
    who: str
    minute: Minute
    detail: str
    sure: bool
    both: bool
    places: tuple[str, ...]
    lane: str
    order: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The time for which the activity log exists: whole months, the newest one up to its last line."""

    months: frozenset[str]
    last: Minute

    def holds(self, minute: Minute) -> bool:
        """Return whether the log would have recorded something that happened then."""
        return minute <= self.last and show(minute)[:7] in self.months


def log_coverage(archive: Archive) -> Coverage:
    """Return the time that the activity log covers."""
    return Coverage(archive.covered_months, max((entry.minute for entry in archive.log), default=-1))


def prayer_events(
    source: PrayerSources, kinds: frozenset[str], who: Callable[[str, Minute], str], coverage: Coverage
) -> list[Event]:
    """Return the events of some kinds on one prayer, in order of time and line.

    File and log lines of one person and kind within a minute are one event (multiset, trap T13). Several files of one prayer
    repeat each other, so their lines are united, not added (trap T7).
    """
    agreed = _agreed(source, kinds, who)
    if agreed is not None:
        return agreed
    written = _united_files(source, kinds, _at_upload(source, kinds, who))
    logged: dict[tuple[str, str], list[LogEntry]] = defaultdict(list)
    for entry in source.log:
        if entry.kind in kinds:
            logged[entry.kind, who(entry.actor, entry.minute)].append(entry)
    events: list[Event] = []
    for kind, key in {**written, **logged}:
        lines = written.get((kind, key), [])
        entries = logged.get((kind, key), [])
        witnesses = [w for w in source.witnesses if w.kind == kind and w.who == key]
        events += _merge(kind, key, lines, entries, coverage, witnesses)
    events.sort(key=lambda event: (event.minute, event.lane, event.order))
    return events


def _at_upload(
    source: PrayerSources, kinds: frozenset[str], who: Callable[[str, Minute], str]
) -> Callable[[str, Minute], str]:
    """Return a ``who`` for file lines: an offline mark's bears the name of its upload, and the time of the mark (section 6.4).

    So a line that the log does not know at its minute is asked about at the next minute at which the log knows a line of that
    name that no file line has.
    """
    written = {(line.actor, line.minute) for file in source.files for line in file.activities if line.kind in kinds}
    uploads: dict[str, list[Minute]] = defaultdict(list)
    logged: set[tuple[str, Minute]] = set()
    for entry in source.log:
        if entry.kind in kinds:
            logged.add((entry.actor, entry.minute))
            if not any((entry.actor, entry.minute + slack) in written for slack in (0, -SLACK, SLACK)):
                uploads[entry.actor].append(entry.minute)

    def who_then(actor: str, minute: Minute) -> str:
        known = any((actor, minute + slack) in logged for slack in (0, -SLACK, SLACK))
        later = [] if known else [when for when in uploads[actor] if when >= minute - FURTHEST]
        return who(actor, min(later, default=minute))

    return who_then


def _agreed(source: PrayerSources, kinds: frozenset[str], who: Callable[[str, Minute], str]) -> list[Event] | None:
    """Return the events if the one file and the log tell them line for line alike: the quick way for most prayers."""
    if len(source.files) != 1 or not kinds <= LOGGED_KINDS:
        return None
    file = source.files[0]
    lines = [activity for activity in file.activities if activity.kind in kinds]
    entries = [entry for entry in source.log if entry.kind in kinds]
    if len(lines) != len(entries):
        return None
    events = []
    for line, entry in zip(lines, entries, strict=True):
        if line.actor != entry.actor or line.minute != entry.minute or line.kind != entry.kind:
            return None
        places = (f"{file.file}:{line.first}", f"{entry.file}:{entry.line}")
        key = who(entry.actor, entry.minute)
        events.append(Event(entry.kind, key, entry.minute, line.detail, True, True, places, entry.file, entry.line))
    return events


def _merge(
    kind: str,
    who: str,
    lines: Sequence[tuple[str, Activity]],
    entries: Sequence[LogEntry],
    coverage: Coverage,
    witnesses: Sequence[Witness],
) -> Iterable[Event]:
    """Pair the file's lines with the log's, both of one person and kind; an export's row confirms a line without one."""
    free = list(entries)
    unheard = list(witnesses)
    alone: list[tuple[str, Activity]] = []
    for slack in (0, SLACK):
        remaining = alone if slack else sorted(lines, key=lambda line: (line[1].doubtful, line[1].minute))
        alone = []
        for file, activity in remaining:
            entry = next((e for e in free if abs(e.minute - activity.minute) <= slack), None)
            if entry is None:
                alone.append((file, activity))
                continue
            free.remove(entry)
            _heard(unheard, activity.minute)
            places = (_line(file, activity), f"{entry.file}:{entry.line}")
            yield Event(kind, who, activity.minute, activity.detail, True, True, places, entry.file, entry.line)
    yield from _by_count(kind, who, alone, free, coverage, unheard, {e.minute for e in entries if e not in free})


def _by_count(
    kind: str,
    who: str,
    alone: Sequence[tuple[str, Activity]],
    free: Sequence[LogEntry],
    coverage: Coverage,
    unheard: list[Witness],
    agreed: Collection[Minute],
) -> Iterable[Event]:
    """Pair file lines and log lines of one person and kind that do not agree to the minute, and tell what is left of both.

    An offline mark bears the phone's time, in UTC, in the file and the server's, of the upload, in the log (section 6.4); a log
    line below a lost day heading is read under another day. The file's line is dated, so its time counts. A line whose place
    does not prove it (trap T1) is a fact if the log has as many lines as the file. Of more lines than the log has, nobody can
    say which are facts; nor of a second log line of a minute for which the file has one: that is confirmed by nothing.

    Args:
        kind, who: The kind and the person.
        alone: File lines without a log line of their minute.
        free: Log lines without a file line of their minute.
        coverage: The time that the log covers.
        unheard: Exported rows that no line has used yet.
        agreed: The minutes for which file and log agree on a line.
    """
    logged = sorted(free, key=lambda entry: entry.minute) if kind in LOGGED_KINDS else []
    certain = [line for line in alone if not line[1].doubtful]
    lines = list(alone) if len(alone) <= len(logged) else certain if len(certain) <= len(logged) else []
    left = list(free)
    told = []
    for file, activity in sorted(lines, key=lambda line: line[1].minute):
        entry = next((e for e in logged if e in left and _same_at_another_time(e.minute - activity.minute)), None)
        if entry is None:
            continue
        left.remove(entry)
        told.append((file, activity))
        _heard(unheard, activity.minute)
        places = (_line(file, activity), f"{entry.file}:{entry.line}")
        yield Event(kind, who, activity.minute, activity.detail, True, True, places, file, activity.first)
    rest = [line for line in alone if line not in told]
    for file, activity in rest:
        covered = kind in LOGGED_KINDS and coverage.holds(activity.minute)
        witness = _heard(unheard, activity.minute)
        sure = witness is not None or (not activity.doubtful and not covered)
        places = (_line(file, activity), *([witness.place] if witness else ()))
        yield Event(kind, who, activity.minute, activity.detail, sure, False, places, file, activity.first)
    used = {*agreed, *(entry.minute for entry in free if entry not in left)}
    open_choice = bool(told) and len({entry.minute for entry in logged}) > 1
    for number, entry in enumerate(left):
        twice = any(abs(entry.minute - minute) <= SLACK for minute in used)
        sure = number >= len(rest) and not open_choice and not twice
        place = (f"{entry.file}:{entry.line}",)
        yield Event(kind, who, entry.minute, entry.detail, sure, False, place, entry.file, entry.line)


def _same_at_another_time(distance: Minute) -> bool:
    """Return whether log and file may tell of one event so far apart: an upload after a mark, or another day's heading.

    No server's clock is further behind the phone's UTC than ``FURTHEST``, and an upload comes after the mark.
    """
    days_apart = distance % MINUTES_PER_DAY
    return distance >= -FURTHEST or min(days_apart, MINUTES_PER_DAY - days_apart) <= SLACK


def _heard(unheard: list[Witness], minute: Minute) -> Witness | None:
    """Return the exported row that tells of an event at that time, and use it up; each tells of one event."""
    for witness in unheard:
        if any(abs(at - minute) <= SLACK for at in witness.minutes):
            unheard.remove(witness)
            return witness
    return None


def _line(file: str, activity: Activity) -> str:
    return (
        f"{file}:{activity.first}" if activity.first == activity.last else f"{file}:{activity.first}-{activity.last}"
    )


def _united_files(
    source: PrayerSources, kinds: frozenset[str], who: Callable[[str, Minute], str]
) -> dict[tuple[str, str], list[tuple[str, Activity]]]:
    """Return (kind, person) -> lines; what a second file of the prayer repeats is left out."""
    united: dict[tuple[str, str], list[tuple[str, Activity]]] = defaultdict(list)
    for number, file in enumerate(source.files):
        fresh: dict[tuple[str, str], list[tuple[str, Activity]]] = defaultdict(list)
        for activity in file.activities:
            if activity.kind in kinds:
                fresh[activity.kind, who(activity.actor, activity.minute)].append((file.file, activity))
        for key, lines in fresh.items():
            if number == 0:
                united[key] = lines
                continue
            free = [activity.minute for _, activity in united[key]]
            for line in lines:
                same = next((m for m in free if abs(m - line[1].minute) <= SLACK), None)
                if same is None:
                    united[key].append(line)
                else:
                    free.remove(same)
    return united
