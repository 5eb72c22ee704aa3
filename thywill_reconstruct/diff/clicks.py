"""Clicks: which mark and which `prayed` row of the activity log were written together, and which event a click is.

The application writes both rows in one go and for one person (archive format spec, section 5.1): in era v2 with one time,
in era v1 with two calls of the clock that lie microseconds apart. So a row is witness for one row of the other table only, and
a click for one event only. Marks and log rows of one prayer are assigned together; each archive line is used up once, and what
one part of a plan repairs is what the other parts assume.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from thywill_reconstruct.database.rows import LogRow, MarkRow
from thywill_reconstruct.diff.align import Alignment, pair_rows
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.times import Minute, iso_microsecond

PRAYED = frozenset({"prayed"})
# Both rows of a click are written within this time, in microseconds: a thousand times what it takes an idle server.
MOMENT = 250_000
SECOND = 1_000_000
MINUTE = 60 * SECOND


class Stamped(NamedTuple):
    """A row as joining sees it. ``who`` is the person whom it names or whose its vanished id was, ``""`` if nobody;
    ``named`` says that it names a living person."""

    instant: int | None
    who: str
    named: bool


@dataclass(slots=True)
class Joined:
    """``together``: mark number -> number of its log row. ``disputed``: the same, but the two name different people.
    ``entries`` are the log rows of ``together``."""

    together: dict[int, int] = field(default_factory=dict)
    disputed: dict[int, int] = field(default_factory=dict)
    entries: set[int] = field(default_factory=set)

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Join (mark, log row) pairs."""
        for mark, entry in pairs:
            self.together[mark] = entry
            self.entries.add(entry)


def join(marks: Sequence[Stamped], log: Sequence[Stamped]) -> Joined:
    """Join marks with the log rows written together with them, the nearest first; each row is used once.

    Rows of one instant that do not say who belongs to whom are joined if their numbers agree. Else those that name somebody
    are, if the rows of which there are more are all alike, so that it does not matter which are taken. Everything else stays
    by itself: a time of a whole minute is no moment, and where it stands two people's rows may stand; and a click's own time
    is hardly ever one of a whole second, so such a time has no neighbours.
    """
    joined = Joined()
    instants: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((marks, log)):
        for number, row in enumerate(rows):
            if row.instant is not None and row.instant % MINUTE:
                instants[row.instant][side].append(number)
    left: list[tuple[int, int, int]] = []
    for instant, (here, there) in instants.items():
        _of_one_instant(joined, marks, log, here, there)
        left += [(instant, 0, n) for n in here if n not in joined.together]
        left += [(instant, 1, n) for n in there if n not in joined.entries]
    for mark, entry in _neighbours(sorted(left)):
        if mark in joined.together or entry in joined.entries:
            continue
        one, other = marks[mark], log[entry]
        if one.named and other.named and one.who != other.who:
            joined.disputed.setdefault(mark, entry)
        else:
            joined.add([(mark, entry)])
    joined.disputed = {
        mark: entry
        for mark, entry in joined.disputed.items()
        if mark not in joined.together and entry not in joined.entries
    }
    return joined


def _of_one_instant(
    joined: Joined, marks: Sequence[Stamped], log: Sequence[Stamped], here: Sequence[int], there: Sequence[int]
) -> None:
    """Join the marks and the log rows of one instant."""
    if not here or not there:
        return
    waiting: dict[str, list[int]] = defaultdict(list)
    for entry in reversed(there):
        if log[entry].who:
            waiting[log[entry].who].append(entry)
    for mark in here:
        if marks[mark].who and waiting[marks[mark].who]:
            joined.add([(mark, waiting[marks[mark].who].pop())])
    left = [mark for mark in here if mark not in joined.together]
    entries = [entry for entry in there if entry not in joined.entries]
    named = [mark for mark in left if marks[mark].named]
    nameless = [mark for mark in left if not marks[mark].named]
    telling = [entry for entry in entries if log[entry].named]
    silent = [entry for entry in entries if not log[entry].named]
    if len(left) != len(entries):
        rows = [marks[mark] for mark in left] if len(left) > len(entries) else [log[entry] for entry in entries]
        if len({row.who for row in rows}) > 1:
            return
    else:
        joined.add(zip(nameless[len(telling) :], silent[len(named) :], strict=False))
        joined.disputed.update(zip(named[len(silent) :], telling[len(nameless) :], strict=False))
    joined.add(zip(named, silent, strict=False))
    joined.add(zip(nameless, telling, strict=False))


def _neighbours(rows: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield (mark, log row) of the rows that stand next to each other in time and within a moment, the nearest first."""
    found = []
    for one, other in pairwise(rows):
        distance = other[0] - one[0]
        exact = one[0] % SECOND and other[0] % SECOND
        if one[1] != other[1] and exact and 0 < distance <= MOMENT:
            mark, entry = (one, other) if one[1] == 0 else (other, one)
            found.append((distance, mark[2], entry[2]))
    for _, number, entry_number in sorted(found):
        yield number, entry_number


@dataclass(slots=True)
class Prayed:
    """The marks and `prayed` log rows of one prayer and the events that they are.

    Attributes:
        rows, log, events: What is paired.
        minutes, people: Per mark, the archive minutes that its time may mean, and the person whom it names.
        joined: Which mark and which log row are one click.
        alignment: Marks and events.
        of_log: Log row number -> (event number, how it was found).
    """

    rows: Sequence[MarkRow]
    log: Sequence[LogRow]
    events: Sequence[Event]
    minutes: Sequence[tuple[Minute, ...]]
    people: Sequence[str]
    joined: Joined
    alignment: Alignment
    of_log: dict[int, tuple[int, str]]

    def mark_of(self, entry: int) -> MarkRow | None:
        """Return the mark that was written together with a log row."""
        return next((self.rows[mark] for mark, number in self.joined.together.items() if number == entry), None)


def pair_prayed(ctx: Context, prayer_id: str, coverage: Coverage) -> Prayed:
    """Pair all marks and `prayed` log rows of a prayer with its events.

    Whom a row is found to be of is what it names in the next pass, until nothing more is found: so that a second run, which
    reads the repaired rows, finds nothing that the first did not.
    """
    source = ctx.sources.get(prayer_id)
    rows = ctx.marks.get(prayer_id, [])
    log = [row for row in ctx.log.get(prayer_id, ()) if row.action == "prayed"]
    events = prayer_events(source, PRAYED, ctx.who, coverage) if source else []
    minutes = [ctx.archive_minutes(ctx.clocks.marks, row.created) for row in rows]
    people = [ctx.person_of(row.user) for row in rows]
    gone = [row.user if row.user and row.user in ctx.gone else "" for row in rows]
    holders = [person or key for person, key in zip(people, gone, strict=True)]
    events, agreeing = accept(ctx, events, holders, minutes)
    named = [holders[number] if number in agreeing else person for number, person in enumerate(people)]
    logged = [ctx.person_of(row.user) for row in log]
    first: dict[int, str] = {}
    while True:
        prayed = _Pass(ctx, rows, log, events, minutes, named, logged).paired()
        pairs = prayed.alignment.pairs
        first = {number: how for number, (_, how) in pairs.items()} | first
        found = _named(pairs, events, named), _named(prayed.of_log, events, logged)
        if found == (named, logged) or all((*found[0], *found[1])):
            pairs.update((number, (event, first[number])) for number, (event, _) in pairs.items())
            return replace(prayed, people=people)
        named, logged = found


def accept(
    ctx: Context, events: Sequence[Event], holders: Sequence[str], minutes: Sequence[tuple[Minute, ...]]
) -> tuple[list[Event], frozenset[int]]:
    """Return events in which those of an open name are the holder's of a row that agrees, and the numbers of those rows.

    A row agrees if the name may be its holder's, living or gone, and the time is right: nothing speaks against it. Each row
    agrees with one event.
    """
    certain = Counter((event.who, event.minute) for event in events)
    free = []
    for number, holder in enumerate(holders):
        theirs = next(((holder, minute) for minute in minutes[number] if certain[holder, minute]), None)
        if theirs is None:
            free.append(number)
        else:
            certain[theirs] -= 1
    told = frozenset(free)
    accepted = []
    for event in events:
        bearers = ctx.may_be(event.who, event.minute) if event.who.startswith(UNRESOLVED) else frozenset[str]()
        row = next((n for n in free if holders[n] in bearers and near(minutes[n], event)), None) if bearers else None
        if row is not None:
            free.remove(row)
            event = event._replace(who=holders[row])
        accepted.append(event)
    return accepted, told.difference(free)


def _named(pairs: Mapping[int, tuple[int, str]], events: Sequence[Event], people: Sequence[str]) -> list[str]:
    """Return per row the person whom it names, or whose it was found to be."""
    found = list(people)
    for number, (event, _) in pairs.items():
        if not found[number] and not events[event].who.startswith(UNRESOLVED):
            found[number] = events[event].who
    return found


class _Pass:
    """One pass: marks come first, each with what its log row says; the log rows beside no paired mark get what is left.

    So a click without mark finds its event too, and one of which neither row says enough may be told by the numbers of both.
    """

    def __init__(
        self,
        ctx: Context,
        rows: Sequence[MarkRow],
        log: Sequence[LogRow],
        events: Sequence[Event],
        minutes: Sequence[tuple[Minute, ...]],
        people: Sequence[str],
        logged: Sequence[str],
    ) -> None:
        self.ctx = ctx
        self.rows, self.log, self.events, self.minutes = rows, log, events, minutes
        self.people, self.logged = people, logged
        self.joined = join(
            [
                self._stamped(row, who, self._of_mark(n))
                for n, (row, who) in enumerate(zip(rows, people, strict=True))
            ],
            [self._stamped(row, who, self._of_log(n)) for n, (row, who) in enumerate(zip(log, logged, strict=True))],
        )

    def paired(self) -> Prayed:
        """Return what this pass finds."""
        users = [
            row.user if self.ctx.person_of(row.user) else who for row, who in zip(self.rows, self.people, strict=True)
        ]
        copies = find_copies(self.rows, self.people, self.minutes)
        alignment = pair_rows(self.people, self.minutes, users, copies, self.events, self._hint)
        of_log = self._pair_log(alignment)
        return Prayed(self.rows, self.log, self.events, self.minutes, self.people, self.joined, alignment, of_log)

    @staticmethod
    def _stamped(row: MarkRow | LogRow, who: str, formerly: str) -> Stamped:
        return Stamped(iso_microsecond(row.created), who or formerly, bool(who))

    def _of_mark(self, number: int) -> str:
        """Return whose a mark's vanished id was, or the member called None if a line tells of them then."""
        return formerly(self.ctx, self.rows[number].user, self.minutes[number], self.events)

    def _of_log(self, number: int) -> str:
        """Return the same for a log row."""
        row = self.log[number]
        minutes = self.ctx.archive_minutes(self.ctx.clocks.prayed_log, row.created)
        return formerly(self.ctx, row.user, minutes, self.events)

    def _hint(self, number: int) -> str:
        """Return whom the log row of a mark names, or whose the vanished id of one of them was, or whom an export names."""
        entry = self.joined.together.get(number)
        told = self.logged[entry] if entry is not None else ""
        formerly = self._of_mark(number) or (self._of_log(entry) if entry is not None else "")
        return told or formerly or self._exported(number)

    def _exported(self, number: int) -> str:
        """Return whom an export names for a mark, if live lines tell of that person then: it must not speak against them."""
        owner = self.ctx.exported.get(("mark", self.rows[number].key), ("", ""))[0]
        return owner if any(event.who == owner and near(self.minutes[number], event) for event in self.events) else ""

    def _pair_log(self, alignment: Alignment) -> dict[int, tuple[int, str]]:
        """Pair the log rows: those of paired marks with the mark's event, the others with what is left."""
        pairs = alignment.pairs
        mark_of = {entry: mark for mark, entry in self.joined.together.items()}
        found = {entry: pairs[mark] for entry, mark in mark_of.items() if mark in pairs}
        single = [number for number in range(len(self.log)) if number not in found]
        used = {event for event, _ in found.values()}
        marked = {event for event, _ in pairs.values()}
        free = [number for number in range(len(self.events)) if number not in used]

        def hint(position: int) -> str:
            number = single[position]
            mark = mark_of.get(number)
            beside = self.people[mark] or self._of_mark(mark) if mark is not None else ""
            return beside or self._of_log(number)

        left = pair_rows(
            [self.logged[number] for number in single],
            [self.ctx.archive_minutes(self.ctx.clocks.prayed_log, self.log[number].created) for number in single],
            [self.log[n].user if self.ctx.person_of(self.log[n].user) else self.logged[n] for n in single],
            (),
            [self.events[number] for number in free],
            hint,
        )
        for position, (event, how) in left.pairs.items():
            number, event_number = single[position], free[event]
            mark = mark_of.get(number)
            if mark is not None:
                if event_number in marked or self.logged[number]:
                    continue
                pairs[mark] = (event_number, how)
                alignment.rows.remove(mark)
                alignment.events.remove(event_number)
            found[number] = (event_number, how)
        return found


def formerly(ctx: Context, user: str | None, minutes: Sequence[Minute], events: Sequence[Event]) -> str:
    """Return whose a vanished id was; the member called None only if a line tells of them then, as tools wrote that, too."""
    if user in ctx.words and not any(event.who == user and near(minutes, event) for event in events):
        return ""
    return ctx.formerly(user)


def near(minutes: Sequence[Minute], event: Event) -> bool:
    """Return whether one of the minutes that a time may mean is an event's."""
    return any(abs(minute - event.minute) <= SLACK for minute in minutes)


def find_copies(
    rows: Sequence[MarkRow], people: Sequence[str], minutes: Sequence[tuple[Minute, ...]]
) -> frozenset[int]:
    """Return the rows that repeat an instant of the same person, or its minute without the seconds: re-imports do."""
    if len({row.created for row in rows}) == len(rows) and not any(map(whole_minute, rows)):
        return frozenset()
    instants: set[tuple[str, str | None]] = set()
    exact: set[tuple[str, Minute]] = set()
    copies = set()
    originals_first = sorted(
        enumerate(rows), key=lambda pair: (whole_minute(pair[1]), people[pair[0]] != pair[1].user)
    )
    for number, row in originals_first:
        who = people[number]
        here = {(who, minute) for minute in minutes[number]}
        if (who, row.created) in instants or (whole_minute(row) and not exact.isdisjoint(here)):
            copies.add(number)
        instants.add((who, row.created))
        exact |= here
    return frozenset(copies)


def whole_minute(row: MarkRow) -> bool:
    """Return whether a row has its time without seconds, as imports write it."""
    return (row.created or "")[16:].rstrip("0") in ("", ":", ":00.")
