"""How much of the archives was understood, by kind of file. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from thywill_reconstruct.archives.parsed import UNREAD
from thywill_reconstruct.records import Archive, Problem


@dataclass(frozen=True, slots=True)
class KindStats:
    """One kind of file. ``records`` counts every fact: a prayer file holds a prayer and its activities."""

    kind: str
    files: int
    records: int
    lines: int
    understood: int


def kind_stats(archive: Archive) -> tuple[KindStats, ...]:
    """Return the figures of every kind that the archives hold, by name."""
    facts = Counter(_files_of_facts(archive))
    totals: dict[str, list[int]] = {}
    for summary in archive.files:
        total = totals.setdefault(summary.kind, [0, 0, 0, 0])
        for place, value in enumerate((1, facts[summary.path], summary.lines, summary.understood)):
            total[place] += value
    return tuple(KindStats(kind, *totals[kind]) for kind in sorted(totals))


def unread(archive: Archive) -> tuple[Problem, ...]:
    """Return the problems that hold the lines which were not understood, by place."""
    return tuple(problem for problem in archive.problems if problem.code in UNREAD)


def left_out(archive: Archive) -> tuple[Problem, ...]:
    """Return the problems of files that were not read at all, so that the figures say nothing of their lines."""
    return tuple(problem for problem in archive.problems if problem.code == "AR006")


def _files_of_facts(archive: Archive) -> Iterator[str]:
    for prayer in archive.prayers:
        yield from [prayer.file] * (1 + len(prayer.activities))
    for records in (archive.registrations, archive.log, archive.invite_uses):
        yield from (record.file for record in records)
    yield from (record.span.file for record in archive.others)
