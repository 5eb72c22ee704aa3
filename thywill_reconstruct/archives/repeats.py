"""Blocks of lines that stand twice in one file, because somebody appended a file to itself or merged two states of it.

The application only ever appends, so times go on (archive format spec, section 0). Where they go back, or where a heading comes
again that was there before, another run of lines begins; what such a run has in common with the lines before it, in the same
order, is a repetition and counts once. One line that stands twice within a run is no repetition: somebody prayed twice in that
minute (section 6.2, trap T13).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from itertools import pairwise

from thywill_reconstruct.archives.parsed import line_problem
from thywill_reconstruct.records import Problem
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute

# A line that stands in many places before could begin a repetition at any of them; more are not tried.
MOST_BEGINNINGS = 8
_HOUR = 60
_MORNING = 4 * _HOUR


def find_runs(minutes: Sequence[Minute], lines: Sequence[int], again: Sequence[int] = ()) -> list[int]:
    """Return the positions at which a run begins, the first included: where times go back, or behind a repeated heading.

    Args:
        minutes: The time of each record.
        lines: The line of each record.
        again: Lines of headings that were there before.
    """
    starts = {0, *(bisect_left(lines, line) for line in again)} - {len(lines)}
    if sorted(minutes) != minutes:
        starts.update(
            at
            for at, (before, after) in enumerate(pairwise(minutes), 1)
            if after < before and not _put_back(before, after)
        )
    return sorted(starts)


def _put_back(before: Minute, after: Minute) -> bool:
    """Say whether times go back because clocks were put back, by an hour at most and before four in the morning.

    Then the same people may do the same things at the same times once more.
    """
    return before - after <= _HOUR and before % MINUTES_PER_DAY < _MORNING


def find_repeated(
    keys: Sequence[Hashable], starts: Sequence[int], *, shortest: int = 1, certain: Collection[int] = ()
) -> list[tuple[int, int]]:
    """Return the stretches (first, behind the last) of records that repeat those of runs before, joined where they meet.

    Args:
        keys: What each record says.
        starts: Where runs begin.
        shortest: How many records a run must hold to be a repetition as a whole. In a longer run one record alone is none.
        certain: The starts of runs that repeat something for certain: there one record is enough.
    """
    known: dict[Hashable, list[int]] = defaultdict(list)
    found: list[tuple[int, int]] = []
    for start, end in pairwise([*starts, len(keys)]):
        at = start
        fresh = []
        while at < end:
            length = max((_common(keys, place, at, start, end) for place in known.get(keys[at], ())), default=0)
            if length >= 2 or (length and (start in certain or length == end - start >= shortest)):
                if found and found[-1][1] == at:
                    found[-1] = (found[-1][0], at + length)
                else:
                    found.append((at, at + length))
                at += length
            else:
                fresh.append(at)
                at += 1
        for at in fresh:
            if len(places := known[keys[at]]) < MOST_BEGINNINGS:
                places.append(at)
    return found


def _common(keys: Sequence[Hashable], place: int, at: int, start: int, end: int) -> int:
    """Return how many records from ``at`` on, of a run from ``start`` to ``end``, say what those from ``place`` on say."""
    length = 0
    while at + length < end and place + length < start and keys[place + length] == keys[at + length]:
        length += 1
    return length


def repetition(path: str, lines: Sequence[int], stretch: tuple[int, int]) -> Problem:
    """Return AR026 for a stretch of records that stand at these lines."""
    first, last = lines[stretch[0]], lines[stretch[1] - 1]
    count = stretch[1] - stretch[0]
    what = "This line stands" if count == 1 else f"These {count:,} lines stand"
    return line_problem("AR026", path, first, f"{what} in this file before; what is repeated counts once.", last)


def left(count: int, stretches: Collection[tuple[int, int]]) -> list[int]:
    """Return the positions of the records that are in none of the stretches."""
    out = {at for first, behind in stretches for at in range(first, behind)}
    return [at for at in range(count) if at not in out]
