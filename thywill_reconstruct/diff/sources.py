"""Everything the archives say about one prayer, brought together from its files and the monthly activity log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from thywill_reconstruct.database.rows import PrayerRow
from thywill_reconstruct.diff.clocks import SLACK, Clock, estimate
from thywill_reconstruct.diff.texts import is_leftover, same_text
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.records import Archive, LogEntry, PrayerFile, is_copy
from thywill_reconstruct.times import Minute, iso_minute


class Witness(NamedTuple):
    """An exported row that agrees with one event: see ``exports``. ``key`` is its id if no row has it today."""

    kind: str
    who: str
    minutes: tuple[Minute, ...]
    place: str
    key: str


@dataclass(slots=True)
class PrayerSources:
    """The archive sources of one prayer, in path and line order. Several files may hold one prayer (trap T7)."""

    files: list[PrayerFile] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)

    @property
    def submissions(self) -> list[LogEntry]:
        """The log lines that say who submitted the prayer."""
        return [entry for entry in self.log if entry.kind == "submitted"]


@dataclass(frozen=True, slots=True)
class Sources:
    """All prayers that the archives know, by id, and the clock of the prayer table."""

    prayers: Mapping[str, PrayerSources]
    clock: Clock
    findings: tuple[Finding, ...]


def gather(archive: Archive, rows: Iterable[PrayerRow]) -> Sources:
    """Bring together files and log lines by prayer id.

    Files without an id (trap T3) are attached to the one prayer of that minute that has no file of its own and the same
    text or, by the log, the same author. Emits AR013 for those that match none or several.
    """
    prayers: dict[str, PrayerSources] = defaultdict(PrayerSources)
    without_id = []
    for file in archive.prayers:
        if file.prayer_id is None:
            without_id.append(file)
        else:
            prayers[file.prayer_id].files.append(file)
    for entry in archive.log:
        if entry.prayer_id:
            prayers[entry.prayer_id].log.append(entry)
    by_id = {row.key: row for row in rows}
    clock = estimate(_submission_pairs(prayers, by_id))
    findings = _attach(without_id, prayers, by_id, clock) if without_id else ()
    for source in prayers.values():
        if len(source.files) > 1:
            source.files.sort(key=lambda file: (is_copy(file.file), len(file.file), file.file))
    return Sources(dict(prayers), clock, findings)


def _submission_pairs(
    prayers: Mapping[str, PrayerSources], rows: Mapping[str, PrayerRow]
) -> Iterable[tuple[Minute, Minute]]:
    for prayer_id, source in prayers.items():
        row = rows.get(prayer_id)
        if row is not None and source.files and source.files[0].submitted is not None:
            created = iso_minute(row.created)
            if created is not None:
                yield source.files[0].submitted, created


def _attach(
    files: Iterable[PrayerFile],
    prayers: dict[str, PrayerSources],
    rows: Mapping[str, PrayerRow],
    clock: Clock,
) -> tuple[Finding, ...]:
    """Attach files without id to the prayers that are without file."""
    by_minute: dict[Minute, set[str]] = defaultdict(set)
    for prayer_id, row in rows.items():
        created = iso_minute(row.created)
        if created is not None and not (prayer_id in prayers and prayers[prayer_id].files):
            for minute in clock.archive_minutes(created):
                by_minute[minute].add(prayer_id)
    for prayer_id, source in prayers.items():
        if not source.files:
            for entry in source.submissions:
                by_minute[entry.minute].add(prayer_id)
    matches: dict[str, list[PrayerFile]] = defaultdict(list)
    open_files = []
    for file in files:
        fitting = set()
        for minute in range(file.submitted - SLACK, file.submitted + SLACK + 1) if file.submitted else ():
            fitting |= {i for i in by_minute.get(minute, ()) if _fits(file, prayers.get(i), rows.get(i))}
        if len(fitting) == 1:
            matches[fitting.pop()].append(file)
        else:
            open_files.append((file, sorted(fitting)))
    for prayer_id, found in matches.items():
        if len(found) == 1:
            prayers[prayer_id].files.append(found[0])
        else:
            open_files += [(file, [prayer_id]) for file in found]
    return tuple(_unmatched(file, fitting) for file, fitting in sorted(open_files, key=lambda pair: pair[0].file))


def _fits(file: PrayerFile, source: PrayerSources | None, row: PrayerRow | None) -> bool:
    """Return whether a file without id can be this prayer: the row's text, and the log's author, must not disagree."""
    submissions = source.submissions if source is not None else []
    readings = [file.text, *(text for text, _ in file.alternatives)]
    if row is not None and not any(same_text(text, row.text) for text in readings):
        cut = is_leftover(row.text, file.text) and any(entry.actor == file.author for entry in submissions)
        if not cut:
            return False
    if submissions and all(folded(entry.actor) != folded(file.author) for entry in submissions):
        return False
    return row is not None or bool(submissions)


def _unmatched(file: PrayerFile, fitting: list[str]) -> Finding:
    what = (
        f"it could be any of {len(fitting)} prayers"
        if fitting
        else "no prayer without a file has its minute and text"
    )
    return Finding(
        "AR013", "archive", file.file, "", "", "", (f"{file.file}:1",), reason=f"The header has no id, and {what}."
    )
