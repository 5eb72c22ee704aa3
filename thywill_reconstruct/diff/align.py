"""Pair the rows of one prayer with the archive's events: which row is which event, and so whose.

Within one minute archive lines stand as a rule in the order of the rows, and a mark and its log row are written together
(design: clocks). Nothing here knows what a row is; the comparators hand in minutes and keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from thywill_reconstruct.diff.clocks import FURTHEST, SLACK, plausible_offset
from thywill_reconstruct.diff.events import Event
from thywill_reconstruct.times import Minute


class RowItem(NamedTuple):
    """A row to be paired. ``minutes`` are the archive minutes its time may mean; ``who`` the living user it names
    (a twin's row counts for its person), empty if it dangles; ``hint`` whom a row written with it names; ``copy`` that it
    looks like a copy of another row, so that dangling rows come before it."""

    number: int
    minutes: tuple[Minute, ...]
    who: str
    hint: str
    twin: bool = False
    copy: bool = False


class EventItem(NamedTuple):
    """An archive event. ``who`` is never empty; an unresolved name has a key of its own. ``sure``: confirmed.
    ``lane`` and ``order``: the file and line that tell the order within a minute."""

    number: int
    minute: Minute
    who: str
    sure: bool
    lane: str
    order: int


SAME_PERSON = "same person and minute"
BY_HINT = "written together with a row of this person"
# How a pair was found where only the order of lines within a minute speaks for it.
BY_ORDER = "order of the lines in that minute"


def event_item(number: int, event: Event) -> EventItem:
    """Return an event as it takes part in pairing."""
    return EventItem(number, event.minute, event.who, event.sure, event.lane, event.order)


@dataclass(slots=True)
class Alignment:
    """``pairs``: row number -> (event number, how it was found). The rest are the numbers left over."""

    pairs: dict[int, tuple[int, str]]
    rows: list[int]
    events: list[int]


def pair_rows(
    people: Sequence[str],
    minutes: Sequence[tuple[Minute, ...]],
    users: Sequence[str | None],
    copies: Container[int],
    events: Sequence[Event],
    hint: Callable[[int], str],
) -> Alignment:
    """Pair rows with events: first, and quickly, those that are equal, then with ``align`` what is left.

    Args:
        people, minutes, users, copies, events: See ``pair_equal``.
        hint: Asked per row number for what ``RowItem.hint`` means, and only where it matters.
    """
    equal = pair_equal(people, minutes, users, copies, events)
    used = set(equal.values())
    left = [number for number in range(len(people)) if number not in equal]
    hinted: dict[int, int] = {}
    if left and not any(people[number] for number in left):
        hinted = _pair_hinted(
            left, minutes, [number for number in range(len(events)) if number not in used], events, hint
        )
        used |= set(hinted.values())
        left = [number for number in left if number not in hinted]
    free = [event_item(number, event) for number, event in enumerate(events) if number not in used]
    if not left:
        rest = Alignment({}, [], [event.number for event in free])
    else:
        items = [
            RowItem(
                number,
                minutes[number],
                people[number],
                "" if people[number] else hint(number),
                people[number] != users[number],
                number in copies,
            )
            for number in left
        ]
        paired = {number: event_item(event, events[event]) for number, event in (equal | hinted).items()}
        rest = align(items, free, {(people[number], m) for number in equal for m in minutes[number]}, paired)
    rest.pairs.update((number, (event, SAME_PERSON)) for number, event in equal.items())
    rest.pairs.update((number, (event, BY_HINT)) for number, event in hinted.items())
    return rest


def _pair_hinted(
    rows: Sequence[int],
    minutes: Sequence[tuple[Minute, ...]],
    free: Sequence[int],
    events: Sequence[Event],
    hint: Callable[[int], str],
) -> dict[int, int]:
    """Return row number -> event number of dangling rows whose hint names an event's person at its very minute.

    Only where nothing but dangling rows is left: then this is what ``align`` would do first, at a fraction of the cost.
    """
    waiting: dict[tuple[str, Minute], list[int]] = {}
    for number in reversed(free):
        waiting.setdefault((events[number].who, events[number].minute), []).append(number)
    pairs = {}
    for number in rows:
        found = waiting.get((hint(number), minutes[number][0])) if minutes[number] else None
        if found:
            pairs[number] = found.pop()
    return pairs


def pair_equal(
    people: Sequence[str],
    minutes: Sequence[tuple[Minute, ...]],
    users: Sequence[str | None],
    copies: Container[int],
    events: Sequence[Event],
) -> dict[int, int]:
    """Return row number -> event number of the rows that name an event's person at its very minute.

    What ``align`` would do first, at a fraction of the cost. The person's own rows come before a twin's; copies wait.

    Args:
        people: Per row, the person whom it names, empty if it dangles.
        minutes: Per row, the archive minutes its time may mean.
        users: Per row, the user it refers to, which is not the person's own where it is a twin.
        copies: Numbers of the rows that look like copies of others.
        events: The archive's events.
    """
    free: dict[tuple[str, Minute], list[int]] = {}
    for number in range(len(events) - 1, -1, -1):
        event = events[number]
        free.setdefault((event.who, event.minute), []).append(number)
    pairs = {}
    twins = []
    for number, person in enumerate(people):
        if person and len(minutes[number]) == 1 and number not in copies:
            waiting = free.get((person, minutes[number][0]))
            if person != users[number]:
                twins.append((number, waiting))
            elif waiting:
                pairs[number] = waiting.pop()
    for number, waiting in twins:
        if waiting:
            pairs[number] = waiting.pop()
    return pairs


def align(
    rows: Sequence[RowItem],
    events: Sequence[EventItem],
    taken: Iterable[tuple[str, Minute]] = (),
    paired: Mapping[int, EventItem] | None = None,
) -> Alignment:
    """Pair rows with events, the surest pairs first.

    A row that names somebody only pairs with an event of that person. A dangling row pairs with an event if a row written
    together with it names the person; or if nothing else comes into question; or if as many rows as events are left in one
    minute, in their order. Everything else is left over: in doubt nothing is paired.

    Args:
        rows: The rows to pair.
        events: The events to pair them with.
        taken: (person, minute) of rows that are paired already.
        paired: Row number -> event of rows that are paired already.
    """
    work = _Work(list(rows), list(events), paired or {})
    work.taken.update(taken)
    for slack in (0, SLACK):
        work.same_person(slack, copies=False)
    for slack in (0, SLACK):
        work.by_hint(slack)
    for sure in (True, False):
        work.by_minute(sure)
        work.only_choice(sure)
    for slack in (0, SLACK):
        work.same_person(slack, copies=True)
    work.same_person_on_another_clock()
    return Alignment(work.pairs, [row.number for row in work.rows], [event.number for event in work.events])


class _Work:
    """The state of one alignment."""

    def __init__(self, rows: list[RowItem], events: list[EventItem], paired: Mapping[int, EventItem]) -> None:
        self.rows = sorted(rows, key=lambda row: (row.minutes[:1], row.number))
        self.events = sorted(events, key=lambda event: (event.minute, event.lane, event.order))
        self.pairs: dict[int, tuple[int, str]] = {}
        self.taken: set[tuple[str, Minute]] = set()
        self.paired: dict[Minute, list[tuple[int, EventItem]]] = defaultdict(list)
        for number, event in paired.items():
            self.paired[event.minute].append((number, event))

    def _pair(self, found: Iterable[tuple[RowItem, EventItem]], how: str) -> None:
        done = list(found)
        for row, event in done:
            self.pairs[row.number] = (event.number, how)
            self.paired[event.minute].append((row.number, event))
            self.taken.update((event.who, minute) for minute in row.minutes)
        rows = {row.number for row, _ in done}
        events = {event.number for _, event in done}
        self.rows = [row for row in self.rows if row.number not in rows]
        self.events = [event for event in self.events if event.number not in events]

    def _by_name(self, rows: Iterable[tuple[RowItem, str]], slack: int, how: str) -> None:
        free: dict[tuple[str, Minute], list[EventItem]] = defaultdict(list)
        for event in self.events:
            free[event.who, event.minute].append(event)
        found = []
        for row, who in rows:
            for minute in row.minutes:
                near = (minute,) if slack == 0 else (minute - slack, minute + slack)
                waiting = next((free[who, m] for m in near if free.get((who, m))), None)
                if waiting:
                    found.append((row, waiting.pop(0)))
                    break
        self._pair(found, how)

    def same_person(self, slack: int, *, copies: bool) -> None:
        """Pair rows with events of the person they name; the person's own row before a twin's."""
        named = sorted((row for row in self.rows if row.who and row.copy == copies), key=lambda row: row.twin)
        self._by_name([(row, row.who) for row in named], slack, SAME_PERSON)

    def same_person_on_another_clock(self) -> None:
        """Pair what is left of a person with her events at a distance that a time zone explains.

        Rows made by imports and model defaults are UTC in tables that are otherwise local (section 6.1). A row beside an
        equal one that is paired already is a duplicate, not an event of another hour.
        """
        found = []
        free = list(self.events)
        for row in self.rows:
            if not row.who or not self.taken.isdisjoint((row.who, minute) for minute in row.minutes):
                continue
            for event in free:
                distance = abs(row.minutes[0] - event.minute) if row.minutes else FURTHEST + STRAY
                if event.who == row.who and distance <= FURTHEST and plausible_offset(distance) is not None:
                    found.append((row, event))
                    free.remove(event)
                    break
        self._pair(found, "same person, on another clock")

    def by_hint(self, slack: int) -> None:
        """Pair dangling rows with events of the person whom a row written together with them names."""
        hinted = [(row, row.hint) for row in self.rows if not row.who and row.hint]
        self._by_name(hinted, slack, BY_HINT)

    def by_minute(self, sure: bool) -> None:
        """Pair dangling rows and events of one minute, if all events are one person's or their numbers agree."""
        events: dict[Minute, list[EventItem]] = defaultdict(list)
        rows: dict[Minute, list[RowItem]] = defaultdict(list)
        for event in self.events:
            events[event.minute].append(event)
        for row in self.rows:
            if not row.who and row.minutes:
                rows[next((m for m in row.minutes if m in events), row.minutes[0])].append(row)
        for minute, here in rows.items():
            if any(event.sure != sure for event in events.get(minute, ())) and sure:
                continue  # a line that text could imitate stands among them: decide only once nothing surer is left
            there = events.get(minute, [])
            if len({event.who for event in there}) == 1 and len(here) <= len(there):
                found, how = list(zip(here, there, strict=False)), "the only person at that minute"
            else:
                found, how = self._in_order(minute, here, there), BY_ORDER
            if not any(_contradicts(row, event) for row, event in found):
                self._pair(found, how)

    def _in_order(
        self, minute: Minute, here: Sequence[RowItem], there: Sequence[EventItem]
    ) -> list[tuple[RowItem, EventItem]]:
        """Pair what is left of one minute as all its rows and lines stand, if those that name somebody stand so, too.

        Of several lines of one person it does not matter which of them a row is said to be.
        """
        paired = self.paired.get(minute, ())
        if len(here) != len(there) or len({event.lane for event in (*there, *(e for _, e in paired))}) != 1:
            return []
        lines = sorted((*there, *(event for _, event in paired)), key=lambda event: event.order)
        named = {number: event.who for number, event in paired}
        waiting = {row.number: row for row in here}
        left = list(there)
        found = []
        for number, line in zip(sorted((*named, *waiting)), lines, strict=True):
            if number in named:
                if named[number] != line.who:
                    return []
                continue
            event = next(event for event in left if event.who == line.who)
            left.remove(event)
            found.append((waiting[number], event))
        return found

    def only_choice(self, sure: bool) -> None:
        """Pair a dangling row with the one event within a minute of it that no other dangling row could claim."""
        while True:
            reach = {
                row.number: [e for e in self.events if any(abs(m - e.minute) <= SLACK for m in row.minutes)]
                for row in self.rows
                if not row.who
            }
            claims: dict[int, int] = defaultdict(int)
            for near in reach.values():
                for event in near:
                    claims[event.number] += 1
            found = next(
                (
                    (row, near[0])
                    for row in self.rows
                    if len(near := reach.get(row.number, [])) == 1
                    and claims[near[0].number] == 1
                    and (near[0].sure or not sure)
                    and not _contradicts(row, near[0])
                ),
                None,
            )
            if found is None:
                return
            self._pair([found], "the only event within a minute")


def _contradicts(row: RowItem, event: EventItem) -> bool:
    """Return whether a row written together with this one names another person than the event does."""
    return bool(row.hint) and row.hint != event.who


# Beyond any zone: a row without a readable time is never "on another clock".
STRAY = 1
