"""The marks of a prayer where something is in doubt: the long way, which weighs every row against every event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from thywill_reconstruct.database.rows import MarkRow
from thywill_reconstruct.diff.clicks import near, pair_prayed, whole_minute
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event
from thywill_reconstruct.diff.mark_findings import exported_key, missing_key, place, recreate, relink, unexplained
from thywill_reconstruct.findings.finding import Change, Finding
from thywill_reconstruct.times import show


class DoubtfulPrayer:
    """The comparison of one prayer whose marks do not simply agree."""

    def __init__(self, ctx: Context, prayer_id: str, coverage: Coverage) -> None:
        self.ctx = ctx
        self.prayer_id = prayer_id
        self.prayed = pair_prayed(ctx, prayer_id, coverage)
        self.rows = self.prayed.rows
        self.events = self.prayed.events
        self.minutes = self.prayed.minutes
        self.alignment = self.prayed.alignment

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with this prayer's marks."""
        for number, (event_number, how) in sorted(self.alignment.pairs.items()):
            row, event = self.rows[number], self.events[event_number]
            if row.user != event.who or self.ctx.dangles(row.user):
                yield self._paired(row, event, how)
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
        if event.who.startswith(UNRESOLVED) or event.who == row.user:
            gone = "It refers to somebody who is gone, and so does the line."
            reason = gone if event.who == row.user else ctx.why_unresolved(event.who)
            return Finding("MK001", "mark", row.key, "user", "", ctx.name(row.user), event.places, reason=reason)
        if ctx.dangles(row.user):
            return relink(ctx, "MK001", row, event.who, (*event.places, place(ctx, row), how))
        return relink(ctx, "MK005", row, event.who, (*event.places, place(ctx, row)))

    def _booked_wrongly(self, rows: Sequence[MarkRow], events: Sequence[Event]) -> list[tuple[MarkRow, Event]]:
        """Return rows of a living person at whose minute file and log both name another, one row for one event.

        Not if the log row written together with the mark names the living person, too: then the database has two witnesses.
        """
        found = []
        for row in rows:
            there = [e for e in events if self._near(row, e)]
            if (
                self.ctx.dangles(row.user)
                or len(there) != 1
                or not there[0].both
                or there[0].who.startswith(UNRESOLVED)
            ):
                continue
            witness = self._witness(row)
            if witness and witness != there[0].who:
                continue
            if sum(self._near(other, there[0]) for other in rows) == 1 and not self._is_duplicate(row):
                found.append((row, there[0]))
        return found

    def _witness(self, row: MarkRow) -> str:
        """Return whom the log row names that was written together with a mark, even if it is another person."""
        number = self.rows.index(row)
        joined = self.prayed.joined
        entry = joined.together.get(number, joined.disputed.get(number))
        return "" if entry is None else self.ctx.person_of(self.prayed.log[entry].user)

    def _near(self, row: MarkRow, event: Event) -> bool:
        return near(self.minutes[self.rows.index(row)], event)

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
        be two marks of which the archives lost one, so they are never taken for one; nor is a row of nobody that may be another
        event's.
        """
        person = self.ctx.person_of(row.user)
        if not person and any(self._near(row, self.events[number]) for number in self.alignment.events):
            return None
        for number, (event_number, _) in self.alignment.pairs.items():
            event, other = self.events[event_number], self.rows[number]
            if person:
                same = event.who == person and (
                    row.created == other.created or whole_minute(row) or whole_minute(other)
                )
            else:
                same = row.created == other.created and not whole_minute(row)
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
        if whole_minute(one) and not whole_minute(other):
            return other, one
        return one, other

    def _written(self, event: Event) -> str | None:
        """Return when the log row was written that stands there for a mark without row."""
        number = self.events.index(event)
        rows = [self.prayed.log[entry] for entry, (found, _) in self.prayed.of_log.items() if found == number]
        minutes = [self.ctx.archive_minutes(self.ctx.clocks.prayed_log, row.created) for row in rows]
        return rows[0].created if rows and near(minutes[0], event) else None

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
            yield recreate(self.ctx, self.prayer_id, event, key, self._written(event))
            return
        expected = f"{self.ctx.name(event.who)} prayed on {show(event.minute)}"
        yield Finding("MK002", "mark", key, "", expected, "no row", event.places, reason=reason)
