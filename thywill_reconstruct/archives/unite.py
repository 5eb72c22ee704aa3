"""Copies, told as one with what they are copies of: older archives given beside the live one, and copies of single files in it.

What a copy repeats is counted once; what only it says is added, with the place it came from. Lines are compared
as multisets, because the same thing can happen twice within a minute (archive format spec, section 6.2, trap T13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from thywill_reconstruct.archives.parsed import line_problem
from thywill_reconstruct.records import (
    COPY_MARK,
    AuxRecord,
    InviteUse,
    LogEntry,
    PrayerFile,
    Problem,
    Registration,
)

Record = TypeVar("Record", Registration, LogEntry, InviteUse, AuxRecord)


def inner_path(path: str) -> str:
    """Return the path inside its own archive: without the older archive's name in front."""
    return path.rpartition(COPY_MARK)[2]


class Known:
    """What has been read before a copy is. Grows by what each copy adds, so that a second copy of the same adds nothing.

    An event stands as often as the one source that tells of it most often: sources are united, not added.
    """

    def __init__(
        self,
        prayers: Iterable[PrayerFile],
        registrations: Iterable[Registration],
        log: Iterable[LogEntry],
        invite_uses: Iterable[InviteUse],
        others: Iterable[AuxRecord],
    ) -> None:
        self.prayers: dict[Hashable, list[PrayerFile]] = {}
        for prayer in prayers:
            self.prayers.setdefault(_prayed(prayer), []).append(prayer)
        self.known: Counter[Hashable] = Counter()
        for records, key in ((registrations, _joined), (log, _happened), (invite_uses, _used), (others, _said)):
            self.known.update(map(key, records))  # type: ignore[arg-type]
        self.told: Counter[Hashable] = Counter()

    def begin(self) -> None:
        """Go on to the next source, whose lines are counted anew."""
        self.told = Counter()

    def new_registrations(self, records: Iterable[Registration]) -> list[Registration]:
        """Return the registrations that this source tells more often than any before it."""
        return self._new(records, _joined)

    def new_log(self, records: Iterable[LogEntry]) -> list[LogEntry]:
        """Return the log lines that this source tells more often than any before it."""
        return self._new(records, _happened)

    def new_invite_uses(self, records: Iterable[InviteUse]) -> list[InviteUse]:
        """Return the token uses that this source tells more often than any before it."""
        return self._new(records, _used)

    def new_others(self, records: Iterable[AuxRecord]) -> list[AuxRecord]:
        """Return the other records that this source tells more often than any before it."""
        return self._new(records, _said)

    def _new(self, records: Iterable[Record], key: Callable[[Record], Hashable]) -> list[Record]:
        fresh = []
        for record in records:
            said = key(record)
            self.told[said] += 1
            if self.told[said] > self.known[said]:
                self.known[said] = self.told[said]
                fresh.append(record)
        return fresh

    def new_prayers(self, prayers: Sequence[PrayerFile]) -> tuple[list[PrayerFile], list[Problem]]:
        """Return the prayer files that add something, and AR014 for those that tell another text of a prayer.

        The live file's text wins (it comes first wherever sources are weighed); a difference is reported, because one of
        the two was edited.
        """
        fresh: list[PrayerFile] = []
        problems: list[Problem] = []
        for prayer in prayers:
            earlier = self.prayers.setdefault(_prayed(prayer), [])
            if any(_repeats(prayer, one) for one in earlier):
                continue
            fresh.append(prayer)
            whole = [one for one in earlier if one.complete and one.text_certain]
            if whole and prayer.complete and prayer.text_certain and all(_differ(prayer, one) for one in whole):
                note = f"This copy and {whole[0].file} tell different texts of one prayer. The live file counts."
                problems.append(line_problem("AR014", prayer.file, 1, note, max(1, prayer.lines)))
            earlier.append(prayer)
        return fresh, problems


def _repeats(copy: PrayerFile, live: PrayerFile) -> bool:
    """Say whether a copy adds nothing to what another file of the prayer says."""
    if (copy.author, copy.submitted) != (live.author, live.submitted) or (
        copy.text_certain and (_differ(copy, live) or not live.text_certain)
    ):
        return False
    told = Counter(activity[:3] + activity[5:6] for activity in live.activities)
    return not Counter(activity[:3] + activity[5:6] for activity in copy.activities) - told


def _differ(one: PrayerFile, other: PrayerFile) -> bool:
    return (one.text.strip(), (one.generated or "").strip()) != (other.text.strip(), (other.generated or "").strip())


def _prayed(record: PrayerFile) -> Hashable:
    return record.prayer_id if record.prayer_id is not None else (record.author, record.submitted)


def _joined(record: Registration) -> Hashable:
    return record.minute, record.readings


def _happened(record: LogEntry) -> Hashable:
    return record[:5]


def _used(record: InviteUse) -> Hashable:
    return record.minute, record.token, record.used_by, record.creator


def _said(record: AuxRecord) -> Hashable:
    return record.kind, record.fields
