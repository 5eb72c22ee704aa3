"""The archives' own health, without any database: what is doubled, orphaned, lost, out of order or never registered. Pure.

These are remarks on the tree as a whole; what a single file has wrong is a ``Problem`` of the reader.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.records import Archive, PrayerFile, is_copy
from thywill_reconstruct.times import Minute, as_datetime, show

_NAMED = re.compile(r"(\d{4})_(\d\d)_(\d\d)_prayer_at_(\d\d)(\d\d)(?:_\d+)?\.txt", re.ASCII)
_HEX_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
# What stands where a name should be, and is nobody's (archive format spec, section 6.2, trap T10).
_NOBODY = frozenset({"", "None", "Unknown", "Unknown User", "system", "anonymous", "unknown"})


def judge_archives(archive: Archive) -> tuple[Finding, ...]:
    """Return everything that is wrong with the archives, in the order of codes and places.

    Emits the codes of the reader's problems, and AR015 (doubled prayer file), AR016 (orphaned prayer file), AR017 (lost
    prayer file), AR018 (lines out of order) and AR019 (person without registration). Copies in older archives are not judged.
    """
    findings = [
        Finding(p.code, "archive", str(p.span), "", "", "", (str(p.span),), reason=p.detail) for p in archive.problems
    ]
    files = [prayer for prayer in archive.prayers if not is_copy(prayer.file)]
    findings += _doubled(files)
    findings += _orphaned(archive, files)
    findings += _lost(archive)
    findings += _out_of_order(archive, files)
    findings += _unregistered(archive)
    return tuple(sorted(findings, key=lambda finding: (finding.code, finding.key)))


def _doubled(files: Sequence[PrayerFile]) -> Iterator[Finding]:
    of_prayer: dict[str, list[str]] = defaultdict(list)
    for prayer in files:
        if prayer.prayer_id is not None:
            of_prayer[prayer.prayer_id].append(prayer.file)
    for paths in of_prayer.values():
        first, *rest = sorted(paths, key=lambda path: (len(path), path))
        for path in rest:
            places = (f"{path}:1", f"{first}:1")
            yield Finding("AR015", "archive", path, "", "", "", places, reason=f"{first} holds the same prayer.")


def _orphaned(archive: Archive, files: Sequence[PrayerFile]) -> Iterator[Finding]:
    known = {entry.prayer_id for entry in archive.log if entry.kind == "submitted"}
    minutes = [entry.minute for entry in archive.log]
    begin, end = min(minutes, default=1), max(minutes, default=0)
    for prayer in files:
        reason = _misplaced(prayer)
        covered = (
            prayer.submitted is not None
            and begin <= prayer.submitted <= end
            and show(prayer.submitted)[:7] in archive.covered_months
        )
        if prayer.prayer_id is not None and covered and prayer.prayer_id not in known:
            reason = "The activity log covers that time and does not know this prayer."
        if reason:
            yield Finding("AR016", "archive", prayer.file, "", "", "", (f"{prayer.file}:1",), reason=reason)


def _misplaced(prayer: PrayerFile) -> str:
    """Return why a file cannot have been written where it lies; empty if it can."""
    folder, _, name = prayer.file.rpartition("/")
    match = _NAMED.fullmatch(name)
    if prayer.submitted is None:
        return ""
    if match is None:
        return "The application gives no file such a name."
    when = as_datetime(prayer.submitted)
    told = f"{when.year:04}_{when.month:02}_{when.day:02}_prayer_at_{when.hour:02}{when.minute:02}"
    if not name.startswith(told) or folder != f"prayers/{when.year}/{when.month:02}":
        return f"Its header says {show(prayer.submitted)}, which is not where it lies."
    return ""


def _lost(archive: Archive) -> Iterator[Finding]:
    held = {prayer.prayer_id for prayer in archive.prayers}
    without_id = {(p.author, p.submitted) for p in archive.prayers if p.prayer_id is None and p.submitted is not None}
    for entry in archive.log:
        here = any((entry.actor, entry.minute - earlier) in without_id for earlier in (0, 1))
        if entry.kind == "submitted" and entry.prayer_id not in held and not here:
            held.add(entry.prayer_id)
            reason = "The activity log tells of this prayer, and no file holds it."
            place = f"{entry.file}:{entry.line}"
            yield Finding("AR017", "archive", entry.prayer_id, "", "", "", (place,), reason=reason)


def _out_of_order(archive: Archive, files: Sequence[PrayerFile]) -> Iterator[Finding]:
    """Yield one finding per file whose lines go back in time."""
    lines: dict[str, list[tuple[int, Minute]]] = defaultdict(list)
    for prayer in files:
        lines[prayer.file] = [(activity.first, activity.minute) for activity in prayer.activities]
    for registration in archive.registrations:
        lines[registration.file].append((registration.line, registration.minute))
    for entry in archive.log:
        lines[entry.file].append((entry.line, entry.minute))
    for path, told in lines.items():
        back = [after for before, after in pairwise(told) if after[1] < before[1]]
        if back and not is_copy(path):
            count = "One line tells" if len(back) == 1 else f"{len(back):,} lines tell"
            reason = f"{count} of an earlier time than the line before."
            yield Finding("AR018", "archive", path, "", "", "", (f"{path}:{back[0][0]}",), reason=reason)


def _unregistered(archive: Archive) -> Iterator[Finding]:
    """Yield the people who do something and of whom no line says that they joined."""
    registered = {name for record in archive.registrations for name, _ in record.readings}
    registered |= {entry.actor for entry in archive.log if entry.kind == "registered"}
    seen: dict[str, str] = {}
    for prayer in archive.prayers:
        seen.setdefault(prayer.author, f"{prayer.file}:1")
    for entry in archive.log:
        seen.setdefault(entry.actor, f"{entry.file}:{entry.line}")
    for name, place in seen.items():
        if name not in registered and name not in _NOBODY and not _HEX_ID.fullmatch(name):
            reason = "No registration line and no log line says that this person joined."
            yield Finding("AR019", "archive", name, "", "", "", (place,), reason=reason)
