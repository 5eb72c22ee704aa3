"""Which clock each table runs on, learnt from events that stand in archive and database alike.

Archives are local time; some columns are UTC, some local, and the server's zone is recorded nowhere (archive format
spec, section 6.1). So the offset is estimated per table and day, daylight saving included: on the day of a switch both
offsets hold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from thywill_reconstruct.times import MINUTES_PER_DAY, Minute

# Zones differ from UTC by whole hours, at most 14, or by one of these: the zones of 2025 in the tz database.
STEP = 15
FURTHEST = 14 * 60
BROKEN_HOURS = frozenset({150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825})
# Two now() calls can straddle a minute (section 6.1).
SLACK = 1
# Of a day's pairs, this share must agree on an offset: fewer are repeated events matched wrongly.
DAY_SHARE = 0.25
# An offset must account for this share of all pairs to be believed at all.
TABLE_SHARE = 0.02
# Unless it is that of the other season: daylight saving moves clocks by an hour. So many pairs must show it.
SEASON = 60
SEASON_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Clock:
    """The offsets of one table: database time minus archive time, in minutes.

    ``days`` holds the offsets of each archive day that had evidence; other days take those of their neighbours.
    ``pairs`` is the number of events the estimate rests on.
    """

    usual: tuple[int, ...] = (0,)
    days: tuple[tuple[int, tuple[int, ...]], ...] = ()
    pairs: int = 0

    @property
    def fixed(self) -> int | None:
        """The one offset that always holds, ``None`` if there are several."""
        return self.usual[0] if len(self.usual) == 1 and not self.days else None

    def offsets(self, archive_minute: Minute) -> tuple[int, ...]:
        """Return the offsets that may hold at an archive minute; the first is the most likely."""
        if not self.days:
            return self.usual
        day = archive_minute // MINUTES_PER_DAY
        place = bisect_left(self.days, (day,))
        if place < len(self.days) and self.days[place][0] == day:
            return self.days[place][1]
        around = self.days[max(0, place - 1) : place + 1]
        return tuple(dict.fromkeys(offset for _, offsets in around for offset in offsets))

    def archive_minutes(self, database_minute: Minute) -> tuple[Minute, ...]:
        """Return the archive minutes that a database time may mean; the first is the most likely."""
        if not self.days:
            return tuple(database_minute - offset for offset in self.usual)
        guess = self.offsets(database_minute)
        return tuple(database_minute - offset for offset in guess)

    def database_minute(self, archive_minute: Minute) -> Minute:
        """Return the time that the database would show for an archive minute."""
        return archive_minute + self.offsets(archive_minute)[0]

    def describe(self) -> str:
        """Return the offsets in words, for the report: ``2 h behind the archives, in part of the year 1 h``."""
        seen = sorted(
            {offset for _, offsets in self.days for offset in offsets} or set(self.usual), key=abs, reverse=True
        )
        words = [
            f"{abs(o) / 60:g} h {'ahead of' if o > 0 else 'behind'} the archives"
            if o
            else "the same as in the archives"
            for o in seen
        ]
        return ", or ".join(words)


def estimate(pairs: Iterable[tuple[Minute, Minute]]) -> Clock:
    """Learn a table's clock from (archive minute, database minute) pairs of the same event.

    Pairs that no zone explains are ignored. Without any evidence the clock is the archives' own.
    """
    by_day: dict[int, Counter[int]] = defaultdict(Counter)
    total: Counter[int] = Counter()
    differences = Counter((archive // MINUTES_PER_DAY, database - archive) for archive, database in pairs)
    for (day, difference), n in differences.items():
        offset = plausible_offset(difference)
        if offset is not None:
            by_day[day][offset] += n
            total[offset] += n
    count = sum(total.values())
    believed = {offset for offset, n in total.items() if n >= max(2, TABLE_SHARE * count)}
    believed |= {offset for offset in total if _other_season(offset, by_day, believed)}
    if not believed:
        return Clock(usual=(total.most_common(1)[0][0],) if total else (0,), pairs=count)
    usual = tuple(sorted(believed, key=lambda offset: (-total[offset], offset)))
    if len(believed) == 1:
        return Clock(usual=usual, pairs=count)
    return Clock(usual=usual, days=_per_day(by_day, believed), pairs=count)


def _other_season(offset: int, by_day: Mapping[int, Counter[int]], believed: Collection[int]) -> bool:
    """Return whether a rare offset is the other half of the year, of which the archives hold a few days only.

    It lies a season away from one that is believed, and most pairs of the days that show it agree on it.
    """
    if not any(abs(offset - other) == SEASON for other in believed):
        return False
    shown = [counts for counts in by_day.values() if offset in counts]
    agreed = sum(counts[offset] for counts in shown)
    return agreed >= SEASON_PAIRS and 2 * agreed > sum(sum(counts.values()) for counts in shown)


def _per_day(by_day: Mapping[int, Counter[int]], believed: set[int]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return the believed offsets of each day, the strongest first."""
    days = []
    for day, counts in sorted(by_day.items()):
        kept = {o: n for o, n in counts.items() if o in believed and n >= DAY_SHARE * sum(counts.values())}
        if kept:
            days.append((day, tuple(sorted(kept, key=lambda o: (-kept[o], o)))))
    return tuple(days)


def plausible_offset(difference: Minute) -> int | None:
    """Return the zone offset that a difference of clocks shows, or ``None`` if no zone explains it.

    >>> plausible_offset(120), plausible_offset(121), plausible_offset(7), plausible_offset(-510)
    (120, 120, None, None)
    """
    nearest = STEP * round(difference / STEP)
    known = nearest % 60 == 0 or abs(nearest) in BROKEN_HOURS
    return nearest if known and abs(difference - nearest) <= SLACK and abs(nearest) <= FURTHEST else None
