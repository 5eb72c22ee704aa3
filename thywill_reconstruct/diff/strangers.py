"""Whether archives are of the community that they are read for: strangers share no prayers. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from thywill_reconstruct.archives.registry import REPEATED
from thywill_reconstruct.records import COPY_MARK, Archive

# Archives of another community share no prayer ids at all; a long damaged one still shares most. Below this share of the
# smaller side, and with enough prayers to judge, the two are taken for strangers.
SHARED_AT_LEAST = 0.1
JUDGED_FROM = 5


class Stranger(NamedTuple):
    """An archive that seems to be another community's.

    ``copy`` is the name before its files' paths, empty for the live one. The numbers are prayers: in it, in all that was known
    before it, in both.
    """

    copy: str
    held: int
    known: int
    both: int


def find_stranger(archive: Archive, prayers: Iterable[str]) -> Stranger | None:
    """Return the first archive, in the order given, that has almost nothing in common with what stands before it.

    Each is held against the database and the archives before it: one stranger among several archives must not hide behind
    the others.

    Args:
        archive: One archive, or several united.
        prayers: Ids of the database's prayers; none if there is no database, then the live archive is the measure.
    """
    known = set(prayers)
    held = _held(archive)
    for copy, repeated in _repeated_files(archive, list(held)).items():
        both = repeated + len(held[copy] & known)
        total = repeated + len(held[copy])
        smaller = min(total, len(known))
        if smaller >= JUDGED_FROM and both < SHARED_AT_LEAST * smaller:
            return Stranger(copy, total, len(known), both)
        known |= held[copy]
    return None


def _copy(file: str) -> str:
    return file.rpartition(COPY_MARK)[0]


def _held(archive: Archive) -> dict[str, set[str]]:
    """Return copy -> ids of the prayers of which its records tell, the live archive first."""
    found: dict[str, set[str]] = defaultdict(set)
    for summary in archive.files:
        found[_copy(summary.path)] = set()
    for prayer in archive.prayers:
        found[_copy(prayer.file)].add(prayer.prayer_id or "")
    for entry in archive.log:
        found[_copy(entry.file)].add(entry.prayer_id)
    for record in archive.others:
        told = dict(record.fields)
        found[_copy(record.span.file)].add(told.get("id" if record.kind == "prayer" else "prayer_id", ""))
    for ids in found.values():
        ids.discard("")
    return found


def _repeated_files(archive: Archive, copies: Iterable[str]) -> dict[str, int]:
    """Return copy -> number of its prayer files that only repeat an archive before it: they left no record."""
    files = Counter(
        _copy(s.path)
        for s in archive.files
        if s.understood and (s.kind == "prayer" or (s.kind == REPEATED and "prayers/" in s.path))
    )
    kept = Counter(_copy(prayer.file) for prayer in archive.prayers)
    return {copy: max(0, files[copy] - kept[copy]) for copy in copies}
