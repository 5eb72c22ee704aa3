"""Prayer marks: whose they are, which are missing, and which stand too often."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

from thywill_reconstruct.database.rows import LogRow, MarkRow
from thywill_reconstruct.diff.align import BY_HINT, BY_ORDER, Alignment, pair_rows
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.findings.finding import Change, Finding, Risk, Value
from thywill_reconstruct.times import Minute, as_database_text, iso_minute, show

PRAYED = frozenset({"prayed"})


def compare_marks(ctx: Context, coverage: Coverage, new_prayers: frozenset[str]) -> Iterator[Finding]:
    """Yield MK001 to MK007.

    Args:
        ctx: Everything known.
        coverage: The time the activity log covers.
        new_prayers: Ids of prayers that this plan recreates; their marks count like any other's.
    """
    for prayer_id in sorted({*ctx.marks, *ctx.sources}):
        rows = ctx.marks.get(prayer_id, [])
        source = ctx.sources.get(prayer_id)
        if prayer_id not in ctx.prayers and prayer_id not in new_prayers:
            yield from (_of_no_prayer(ctx, row) for row in rows)
            continue
        if source is None:
            yield from (_unexplained(ctx, row, "No archive tells of this prayer.") for row in rows)
        else:
            plain = _plainly(ctx, prayer_id, rows, source)
            yield from _OnePrayer(ctx, prayer_id, rows, source, coverage).findings() if plain is None else plain


def _plainly(ctx: Context, prayer_id: str, rows: Sequence[MarkRow], source: PrayerSources) -> list[Finding] | None:
    """Return the findings of a prayer where nothing is in question but whose its dangling rows are.

    The quick way past most prayers: file and log agree line for line, there are as many rows, every row that names somebody
    has its event, and the log row written together with a dangling one names a person with an event in that minute. ``None``
    if anything else is the case.
    """
    offset = ctx.clocks.marks.fixed
    if ctx.late_names or offset is None or len(source.files) != 1:
        return None
    file = source.files[0]
    entries = [entry for entry in source.log if entry.kind == "prayed"]
    lines = [activity for activity in file.activities if activity.kind == "prayed"]
    if not len(entries) == len(lines) == len(rows):
        return None
    key_of = ctx.resolution.key_of
    free: dict[tuple[str | None, Minute], list[int]] = {}
    for number, entry in enumerate(entries):
        line = lines[number]
        if entry.actor != line.actor or entry.minute != line.minute:
            return None
        free.setdefault((key_of.get(entry.actor), entry.minute), []).append(number)
    dangling = []
    for row in rows:
        created = iso_minute(row.created)
        if created is None or row.user in ctx.resolution.twin_of:
            return None
        if row.user in ctx.sound:
            waiting = free.get((row.user, created - offset))
            if not waiting:
                return None
            waiting.pop()
        else:
            dangling.append((row, created - offset))
    if not dangling:
        return []
    findings = []
    witnesses = _witnesses(ctx, prayer_id)
    for row, minute in dangling:
        key = witnesses.get(row.created)
        waiting = free.get((key, minute)) if key else None
        if not key or not waiting:
            return None
        number = waiting.pop()
        places = (f"{file.file}:{lines[number].first}", f"{entries[number].file}:{entries[number].line}")
        findings.append(_relink(ctx, "MK001", row, key, (*places, ctx_place(ctx, row), BY_HINT)))
    return findings


def _witnesses(ctx: Context, prayer_id: str) -> dict[str | None, str]:
    """Return instant -> the person whom the `prayed` log row of that instant names, where there is just one."""
    people: dict[str | None, str] = {}
    for entry in ctx.log.get(prayer_id, ()):
        if entry.action == "prayed" and entry.user in ctx.sound:
            user = entry.user or ""
            people[entry.created] = user if people.get(entry.created, user) == user else ""
    return people


def _of_no_prayer(ctx: Context, row: MarkRow) -> Finding:
    reason = "Its prayer stands neither in the database nor, whole, in the archives. Nothing is deleted."
    return Finding("MK007", "mark", row.key, "prayer", "", row.prayer, (ctx.place("mark", row.key),), reason=reason)


def _unexplained(ctx: Context, row: MarkRow, reason: str) -> Finding:
    """Return the finding of a row that no archive event explains."""
    if ctx.dangles(row.user):
        former = ctx.resolution.former.get(row.user or "")
        if former:
            return _relink(ctx, "MK001", row, former, (f"user id {row.user} was {ctx.name(former)}'s",))
        code = "MK001"
    elif row.user in ctx.resolution.twin_of:
        code = "MK005"
    else:
        code = "MK004"
    where = (ctx.place("mark", row.key),)
    return Finding(code, "mark", row.key, "user", "", ctx.name(row.user), where, reason=reason)


def _relink(ctx: Context, code: str, row: MarkRow, key: str, evidence: tuple[str, ...]) -> Finding:
    risk: Risk = "fill" if code == "MK001" else "relink"
    change = Change("update", "mark", row.key, risk, "user", row.user, key)
    return Finding(code, "mark", row.key, "user", ctx.name(key), ctx.name(row.user), evidence, (change,))


class _OnePrayer:
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
        return self.hints.get(row.created or "") or self.ctx.resolution.former.get(row.user or "", "")

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
            for number, (event, how) in found.pairs.items():
                if how != BY_ORDER:
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
        for number, row in sorted(enumerate(self.rows), key=lambda pair: _whole_minute(pair[1])):
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
            evidence = (*event.places, ctx_place(self.ctx, row))
            yield _relink(self.ctx, "MK006", row, event.who, evidence)
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
            reason = f"The archives say {event.who[1:]!r}, and who that is, is not certain."
            return Finding("MK001", "mark", row.key, "user", "", ctx.name(row.user), event.places, reason=reason)
        if ctx.dangles(row.user):
            return _relink(ctx, "MK001", row, event.who, (*event.places, ctx_place(ctx, row), how))
        return _relink(ctx, "MK005", row, event.who, (*event.places, ctx_place(ctx, row)))

    def _booked_wrongly(self, rows: Sequence[MarkRow], events: Sequence[Event]) -> list[tuple[MarkRow, Event]]:
        """Return rows of a living person at whose minute file and log both name another, one row for one event."""
        found = []
        for row in rows:
            near = [e for e in events if self._near(row, e)]
            if self.ctx.dangles(row.user) or len(near) != 1 or not near[0].both or near[0].who.startswith(UNRESOLVED):
                continue
            if sum(self._near(other, near[0]) for other in rows) == 1 and not self._is_duplicate(row):
                found.append((row, near[0]))
        return found

    def _near(self, row: MarkRow, event: Event) -> bool:
        return any(abs(minute - event.minute) <= SLACK for minute in self.minutes[self.rows.index(row)])

    def _is_duplicate(self, row: MarkRow) -> bool:
        """Return whether a row that found no event stands beside a paired one of the same person and minute."""
        return self._sibling(row) is not None

    def _sibling(self, row: MarkRow) -> tuple[MarkRow, Event] | None:
        """Return the paired row that a row repeats: of the same person and minute, or a copy to the microsecond."""
        person = self.ctx.person_of(row.user)
        for number, (event_number, _) in self.alignment.pairs.items():
            event, other = self.events[event_number], self.rows[number]
            same = event.who == person if person else row.created == other.created and not _whole_minute(row)
            if same and self._near(row, event) and event.sure:
                return other, event
        return None

    def _left_over(self, row: MarkRow) -> Finding:
        """Return the finding of a row without event: a duplicate, or unexplained."""
        sibling = self._sibling(row)
        if sibling is None:
            if self.ctx.dangles(row.user):
                return _unexplained(self.ctx, row, "No archive line fits it, or more than one could.")
            return _unexplained(self.ctx, row, "No archive line tells of it. It is left as it is.")
        kept, extra = sibling[0], row
        if row.user == sibling[1].who:  # what is kept must need no repair that only the paired row gets
            kept, extra = self._which_to_keep(kept, extra)
        evidence = (*sibling[1].places, ctx_place(self.ctx, kept), ctx_place(self.ctx, extra))
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
        subject = f"{self.prayer_id}/{event.who.lstrip(UNRESOLVED)}/{show(event.minute)}"
        if event.who.startswith(UNRESOLVED):
            reason = f"The archives say {event.who[1:]!r}, and who that is, is not certain."
        elif not event.sure:
            reason = "Typed text could imitate this line, and neither the activity log nor a row agrees."
            yield Finding("AR010", "archive", event.places[0], "", "", "", event.places, reason=reason)
            return
        elif any(self._near(row, event) for row in left):
            reason = "Rows of that minute are unaccounted for; one of them may be this mark."
        else:
            yield self._recreate(event)
            return
        yield Finding("MK002", "mark", subject, "", show(event.minute), "no row", event.places, reason=reason)

    def _recreate(self, event: Event) -> Finding:
        ctx = self.ctx
        ordinal = sum(
            e.who == event.who and e.minute == event.minute for e in self.events[: self.events.index(event)]
        )
        seed = f"mark\0{self.prayer_id}\0{event.who}\0{event.minute}\0{ordinal}"
        key = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        path = ctx.pathways.of_prayer.get(self.prayer_id)
        row: tuple[tuple[str, Value], ...] = (
            ("key", key),
            ("user", event.who),
            ("prayer", self.prayer_id),
            ("created", self._instant(event)),
            ("path", ctx.pathways.spell(path[0]) if path else None),
        )
        change = Change("create", "mark", key, "recreate", row=row)
        expected = f"{ctx.name(event.who)} prayed on {show(event.minute)}"
        return Finding("MK002", "mark", key, "", expected, "no row", event.places, (change,))

    def _logged(self, entry: LogRow) -> tuple[Minute, ...]:
        return self.ctx.archive_minutes(self.ctx.clocks.prayed_log, entry.created)

    def _instant(self, event: Event) -> str:
        """Return the time of a recreated mark: that of its `prayed` log row if that alone is left, else the minute."""
        taken = {row.created for row in self.rows}
        left = [
            entry.created
            for entry in self.log
            if entry.created not in taken
            and entry.created is not None
            and self.ctx.person_of(entry.user) in ("", event.who)
            and any(abs(m - event.minute) <= SLACK for m in self._logged(entry))
        ]
        if len(left) == 1:
            return left[0]
        return as_database_text(self.ctx.clocks.marks.database_minute(event.minute))


def _whole_minute(row: MarkRow) -> bool:
    return (row.created or "")[16:].rstrip("0") in ("", ":", ":00.")


def ctx_place(ctx: Context, row: MarkRow) -> str:
    """Return a mark row as evidence."""
    return ctx.place("mark", row.key)
