"""The marks of a prayer where something is in doubt: the long way, which weighs every row against every event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from thywill_reconstruct.database.rows import LogRow, MarkRow
from thywill_reconstruct.diff.align import Alignment, pair_rows
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.diff.mark_findings import exported_key, missing_key, place, recreate, relink, unexplained
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.findings.finding import Change, Finding
from thywill_reconstruct.times import Minute, show

PRAYED = frozenset({"prayed"})


class DoubtfulPrayer:
    """The comparison of one prayer whose marks do not simply agree."""

    def __init__(
        self, ctx: Context, prayer_id: str, rows: Sequence[MarkRow], source: PrayerSources, coverage: Coverage
    ) -> None:
        self.ctx = ctx
        self.prayer_id = prayer_id
        self.rows = rows
        self.log = [row for row in ctx.log.get(prayer_id, ()) if row.action == "prayed"]
        self.events = prayer_events(source, PRAYED, ctx.who, coverage)
        self.minutes = [ctx.archive_minutes(ctx.clocks.marks, row.created) for row in rows]
        self.people = [ctx.person_of(row.user) for row in rows]
        self.hints: dict[str, str] | None = None
        self.alignment = self._align()

    def _align(self) -> Alignment:
        """Pair rows with events; a dangling row's hint is whom the log row of the same instant names."""
        users = [row.user for row in self.rows]
        return pair_rows(self.people, self.minutes, users, self._copies(), self.events, self._hint)

    def _hint(self, number: int) -> str:
        row = self.rows[number]
        if self.hints is None:
            self.hints = self._hints()
        former = self.ctx.resolution.former.get(row.user or "", "")
        own = row.user if row.user in self.ctx.words else ""
        return self.hints.get(row.created or "") or former or self._exported(row) or own or ""

    def _exported(self, row: MarkRow) -> str:
        """Return whom an export names for a row, if live lines tell of that person then: it must not speak against them."""
        owner = self.ctx.exported.get(("mark", row.key), ("", ""))[0]
        return owner if any(event.who == owner and self._near(row, event) for event in self.events) else ""

    def _hints(self) -> dict[str, str]:
        """Return instant -> whom the `prayed` log row of that instant names: a mark and its log row are written together.

        Log rows may dangle themselves, so they are paired with the events too, with the marks of the instant as hints.
        """
        told = [(entry.created, self.ctx.person_of(entry.user)) for entry in self.log]
        if not all(person for _, person in told):
            marks = self._instants(
                [(row.created, person) for row, person in zip(self.rows, self.people, strict=True)]
            )
            former = self.ctx.resolution.former
            found = pair_rows(
                [person for _, person in told],
                [self._logged(entry) for entry in self.log],
                [entry.user for entry in self.log],
                (),
                self.events,
                lambda n: marks.get(self.log[n].created or "") or former.get(self.log[n].user or "", ""),
            )
            for number, (event, _) in found.pairs.items():
                told[number] = (told[number][0], self.events[event].who)
        return self._instants(told)

    @staticmethod
    def _instants(told: Sequence[tuple[str | None, str]]) -> dict[str, str]:
        """Return instant -> the one person whom all rows of that instant name."""
        people: dict[str, set[str]] = defaultdict(set)
        for created, person in told:
            if created and person:
                people[created].add(person)
        return {created: next(iter(found)) for created, found in people.items() if len(found) == 1}

    def _copies(self) -> set[int]:
        """Return the rows that repeat an instant of the same person, or its minute without the seconds: re-imports do."""
        if len({row.created for row in self.rows}) == len(self.rows) and not any(map(_whole_minute, self.rows)):
            return set()
        instants: set[tuple[str, str | None]] = set()
        exact: set[tuple[str, Minute]] = set()
        copies = set()
        originals_first = sorted(
            enumerate(self.rows), key=lambda pair: (_whole_minute(pair[1]), self.people[pair[0]] != pair[1].user)
        )
        for number, row in originals_first:
            who = self.people[number]
            minutes = {(who, minute) for minute in self.minutes[number]}
            if (who, row.created) in instants or (_whole_minute(row) and not exact.isdisjoint(minutes)):
                copies.add(number)
            instants.add((who, row.created))
            exact |= minutes
        return copies

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with this prayer's marks."""
        for number, (event_number, how) in sorted(self.alignment.pairs.items()):
            if self.rows[number].user != self.events[event_number].who:
                yield self._paired(self.rows[number], self.events[event_number], how)
        if not self.alignment.rows and not self.alignment.events:
            return
        left = [self.rows[number] for number in self.alignment.rows]
        events = [self.events[number] for number in self.alignment.events]
        wrong = self._booked_wrongly(left, events)
        for row, event in wrong:
            evidence = (*event.places, place(self.ctx, row))
            yield relink(self.ctx, "MK006", row, event.who, evidence)
        left = [row for row in left if row not in [pair[0] for pair in wrong]]
        events = [event for event in events if event not in [pair[1] for pair in wrong]]
        for row in left:
            yield self._left_over(row)
        unaccounted = [row for row in left if not self._is_duplicate(row)]
        for event in events:
            yield from self._without_row(event, unaccounted)

    def _paired(self, row: MarkRow, event: Event, how: str) -> Finding:
        """Return the finding of a row whose event is another person's than the row says."""
        ctx = self.ctx
        if event.who.startswith(UNRESOLVED):
            reason = ctx.why_unresolved(event.who)
            return Finding("MK001", "mark", row.key, "user", "", ctx.name(row.user), event.places, reason=reason)
        if ctx.dangles(row.user):
            return relink(ctx, "MK001", row, event.who, (*event.places, place(ctx, row), how))
        return relink(ctx, "MK005", row, event.who, (*event.places, place(ctx, row)))

    def _booked_wrongly(self, rows: Sequence[MarkRow], events: Sequence[Event]) -> list[tuple[MarkRow, Event]]:
        """Return rows of a living person at whose minute file and log both name another, one row for one event.

        Not if the log row written together with the mark names the living person, too: then the database has two witnesses.
        """
        hints = self._hints() if rows and events else {}
        found = []
        for row in rows:
            near = [e for e in events if self._near(row, e)]
            if self.ctx.dangles(row.user) or len(near) != 1 or not near[0].both or near[0].who.startswith(UNRESOLVED):
                continue
            if hints.get(row.created or "", near[0].who) != near[0].who:
                continue
            if sum(self._near(other, near[0]) for other in rows) == 1 and not self._is_duplicate(row):
                found.append((row, near[0]))
        return found

    def _near(self, row: MarkRow, event: Event) -> bool:
        return any(abs(minute - event.minute) <= SLACK for minute in self.minutes[self.rows.index(row)])

    def _could_be(self, row: MarkRow, event: Event) -> bool:
        """Return whether an unexplained row may be an event's: near it, of the same person, or without a readable time."""
        minutes = self.minutes[self.rows.index(row)]
        return not minutes or self._near(row, event) or self.ctx.person_of(row.user) == event.who

    def _is_duplicate(self, row: MarkRow) -> bool:
        """Return whether a row that found no event stands beside a paired one of the same person and minute."""
        return self._sibling(row) is not None

    def _sibling(self, row: MarkRow) -> tuple[MarkRow, Event] | None:
        """Return the paired row that a row repeats.

        A copy has the same instant; an import wrote the archive's minute without seconds. Two rows with different seconds may
        be two marks of which the archives lost one, so they are never taken for one.
        """
        person = self.ctx.person_of(row.user)
        for number, (event_number, _) in self.alignment.pairs.items():
            event, other = self.events[event_number], self.rows[number]
            if person:
                same = event.who == person and (
                    row.created == other.created or _whole_minute(row) or _whole_minute(other)
                )
            else:
                same = row.created == other.created and not _whole_minute(row)
            if same and self._near(row, event) and event.sure:
                return other, event
        return None

    def _left_over(self, row: MarkRow) -> Finding:
        """Return the finding of a row without event: a duplicate, or unexplained."""
        sibling = self._sibling(row)
        if sibling is None:
            if self.ctx.dangles(row.user):
                then = {event.who for event in self.events if self._near(row, event)}
                return unexplained(self.ctx, row, "No archive line fits it, or more than one could.", then=then)
            return unexplained(self.ctx, row, "No archive line tells of it. It is left as it is.")
        kept, extra = sibling[0], row
        if row.user == sibling[1].who:  # what is kept must need no repair that only the paired row gets
            kept, extra = self._which_to_keep(kept, extra)
        evidence = (*sibling[1].places, place(self.ctx, kept), place(self.ctx, extra))
        expected = f"once, on {show(sibling[1].minute)}"
        change = Change("delete", "mark", extra.key, "delete")
        name = self.ctx.name(row.user)
        return Finding("MK003", "mark", extra.key, "", expected, f"another row of {name}", evidence, (change,))

    @staticmethod
    def _which_to_keep(one: MarkRow, other: MarkRow) -> tuple[MarkRow, MarkRow]:
        """Return (kept, extra): imports wrote whole minutes, so the row with real seconds is the original."""
        if _whole_minute(one) and not _whole_minute(other):
            return other, one
        return one, other

    def _without_row(self, event: Event, left: Sequence[MarkRow]) -> Iterator[Finding]:
        """Yield the finding of an event that has no row."""
        key = exported_key(self.ctx, self.prayer_id, event, self.events)
        key = key or missing_key(self.prayer_id, event, self.events[: self.events.index(event)])
        if event.who.startswith(UNRESOLVED):
            reason = self.ctx.why_unresolved(event.who)
        elif not event.sure:
            reason = "Typed text could imitate this line, and neither the activity log nor a row agrees."
            yield Finding("AR010", "archive", event.places[0], "", "", "", event.places, reason=reason)
            return
        elif any(self._could_be(row, event) for row in left):
            reason = "Rows that no line explains are there; one of them may be this mark."
        else:
            yield recreate(self.ctx, self.prayer_id, event, key, self.rows)
            return
        expected = f"{self.ctx.name(event.who)} prayed on {show(event.minute)}"
        yield Finding("MK002", "mark", key, "", expected, "no row", event.places, reason=reason)

    def _logged(self, entry: LogRow) -> tuple[Minute, ...]:
        return self.ctx.archive_minutes(self.ctx.clocks.prayed_log, entry.created)


def _whole_minute(row: MarkRow) -> bool:
    return (row.created or "")[16:].rstrip("0") in ("", ":", ":00.")
