"""What happened to prayers as database rows tell it, and which of it no archive records (archive format spec, section 5.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from thywill_reconstruct.archives import render
from thywill_reconstruct.database.rows import LogRow
from thywill_reconstruct.diff.clocks import SLACK, Clock, estimate
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.diff.history import KINDS
from thywill_reconstruct.times import Minute, iso_minute

# Attributes and actions that have a line of their own.
_OWN = {
    "set_answered": "answered",
    "set_archived": "archived",
    "remove_archived": "restored",
    "set_flagged": "flagged",
    "testimony": "testimony",
}
# Rows that another row's line stands for.
_IMPLIED = frozenset({"prayed", "unknown", "set_answer_date", "set_answer_testimony", "remove_answer_date"})
# Testimonies and flags have a line in the log, too, although the application's own code never calls for it: behind a testimony
# in the prayer file they would else be lines that typed text could imitate.
_IN_LOG = {
    "flagged": "flagged prayer {}",
    "testimony": "added testimony for prayer {}",
    "prayed": "prayed for prayer {}",
    "answered": "marked prayer {} as answered",
    "archived": "archived prayer {}",
    "restored": "restored prayer {}",
}
_PREDICATES = {
    "prayed": render.PRAYED,
    "answered": render.ANSWERED,
    "archived": render.ARCHIVED,
    "restored": render.RESTORED,
    "flagged": render.FLAGGED,
}


class Happening(NamedTuple):
    """One line that the archives of a prayer should hold: who did what when, on the archives' clock.

    ``order`` keeps what one click wrote together in the order in which the application writes it.
    """

    minute: Minute
    order: int
    prayer: str
    who: str
    kind: str
    detail: str
    key: str

    @property
    def predicate(self) -> str:
        """What follows the name in the prayer file (section 2.1)."""
        if self.kind == "testimony":
            return render.testimony(self.detail)
        if self.kind in ("set", "removed"):
            name, _, rest = self.detail.partition("\0")
            old, _, new = rest.rpartition("\0")
            return (
                render.attribute_removed(name, new)
                if self.kind == "removed"
                else render.attribute_set(name, new, old or None)
            )
        return _PREDICATES[self.kind]

    @property
    def log_action(self) -> str | None:
        """What follows the name in the monthly activity log; ``None`` for what the application never writes there."""
        pattern = _IN_LOG.get(self.kind)
        return pattern.format(self.prayer) if pattern else None


def happenings(ctx: Context) -> dict[str, list[Happening]]:
    """Return prayer -> everything that its rows tell, in the order of time. Rows of nobody known are left out."""
    found: dict[str, list[Happening]] = defaultdict(list)
    universal = _universal(ctx)
    for mark in ctx.snapshot.marks:
        minute = _on_archive_clock(ctx, ctx.clocks.marks, mark.created)
        if mark.user in ctx.sound and minute is not None:
            found[mark.prayer].append(Happening(minute, 0, mark.prayer, mark.user or "", "prayed", "", mark.key))
    for prayer, rows in ctx.log.items():
        answered = _answer_dates(rows)
        for number, row in enumerate(rows):
            if row.user in ctx.sound and row.action not in _IMPLIED:
                found[prayer] += _of_log(ctx, row, number, answered, universal)
    for prayer, lines in _attributes_without_log(ctx, universal):
        found[prayer] += lines
    return {prayer: sorted(lines) for prayer, lines in found.items()}


def _universal(ctx: Context) -> Clock:
    """Return the clock of attribute changes: as pairs with the archives show it, else as the answer dates do.

    The value of an answer date is local, its row is UTC (section 6.1).
    """
    if ctx.clocks.set_log.pairs:
        return ctx.clocks.set_log
    pairs = []
    for row in ctx.snapshot.log:
        if row.action == "set_answer_date":
            local, stored = iso_minute((row.new or "").replace("T", " ")), iso_minute(row.created)
            if local is not None and stored is not None:
                pairs.append((local, stored))
    return estimate(pairs)


def _on_archive_clock(ctx: Context, clock: Clock, created: str | None) -> Minute | None:
    minutes = ctx.archive_minutes(clock, created)
    return minutes[0] if minutes else None


def _answer_dates(rows: Iterable[LogRow]) -> dict[tuple[str | None, str], Minute]:
    """Return (user, second) -> the local minute of an answer, as the answer date written with it says."""
    found = {}
    for row in rows:
        minute = iso_minute((row.new or "").replace("T", " ")) if row.action == "set_answer_date" else None
        if minute is not None:
            found[row.user, (row.created or "")[:19]] = minute
    return found


def _of_log(
    ctx: Context, row: LogRow, number: int, answered: dict[tuple[str | None, str], Minute], universal: Clock
) -> Iterator[Happening]:
    kind = _OWN.get(row.action, "")
    minute = answered.get((row.user, (row.created or "")[:19])) if kind == "answered" else None
    if minute is None:
        clock = ctx.clocks.prayed_log if kind == "testimony" else universal
        minute = _on_archive_clock(ctx, clock, row.created)
    if minute is None or not row.user:
        return
    order = 1 + 2 * number
    if kind:
        detail = (row.new or "") if kind == "testimony" else ""
        yield Happening(minute, order, row.prayer, row.user, kind, detail, row.key)
    elif row.action.startswith("set_"):
        detail = f"{row.action[4:]}\0{row.new}"
        yield Happening(minute, order, row.prayer, row.user, "set", detail, row.key)
    elif row.action.startswith("remove_"):
        yield Happening(minute, order, row.prayer, row.user, "removed", f"{row.action[7:]}\0", row.key)


def _attributes_without_log(ctx: Context, universal: Clock) -> Iterator[tuple[str, list[Happening]]]:
    """Yield lines for attributes that no log row set: imports bring such rows."""
    own = {"answered": "answered", "archived": "archived", "flagged": "flagged", "answer_testimony": "testimony"}
    for prayer, rows in ctx.attributes.items():
        logged = {row.action for row in ctx.log.get(prayer, ())}
        for number, row in enumerate(rows):
            minute = _on_archive_clock(ctx, universal, row.created)
            told = f"set_{row.name}" in logged or (row.name == "answer_testimony" and "testimony" in logged)
            if told or row.name == "answer_date" or row.user not in ctx.sound or minute is None:
                continue
            kind = own.get(row.name, "set")
            detail = row.value or "" if kind == "testimony" else "" if kind != "set" else f"{row.name}\0{row.value}"
            yield prayer, [Happening(minute, 2 + 2 * number, prayer, row.user or "", kind, detail, row.key)]


def unrecorded(
    ctx: Context, prayer: str, lines: list[Happening], coverage: Coverage, exported: frozenset[str]
) -> list[Happening]:
    """Return what no dialect records, neither a live file nor an export; in doubt it counts as recorded.

    A line of the same person and kind within a minute is the same event. What is left on both sides may be the same event under
    another clock, so as many rows are left out as there are archive lines of that person and kind without a row.

    Args:
        ctx: Archives and database side by side.
        prayer: The prayer.
        lines: Everything that its rows tell.
        coverage: The time that the activity log covers.
        exported: Ids of rows that exports hold.
    """
    source = ctx.sources.get(prayer)
    if source is None:
        return [line for line in lines if line.key not in exported]
    events: dict[tuple[str, str], list[Event]] = defaultdict(list)
    strangers = 0
    for event in prayer_events(source, KINDS, ctx.who, coverage):
        strangers += event.who.startswith(UNRESOLVED)
        events[event.kind, event.who].append(event)
    missing = []
    by_person: dict[tuple[str, str], list[Happening]] = defaultdict(list)
    for line in lines:
        by_person[line.kind, line.who].append(line)
    for key, group in by_person.items():
        free = list(events.get(key, ()))
        alone = []
        for line in sorted(group, key=lambda line: (line.key not in exported, line)):
            same = next((event for event in free if abs(event.minute - line.minute) <= SLACK), None)
            if same is not None:
                free.remove(same)
            elif line.key not in exported:
                alone.append(line)
        missing += alone[len(free) :]
    return [] if strangers else sorted(missing)


def exported_ids(ctx: Context) -> frozenset[str]:
    """Return the ids of all rows that exports hold."""
    kinds = ("mark", "attribute", "log")
    return frozenset(
        value
        for record in ctx.archive.others
        if record.kind in kinds
        for name, value in record.fields
        if name == "id"
    )
