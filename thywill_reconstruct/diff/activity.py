"""Attributes and the activity log: whose rows they are.

Only rows that dangle, or that stand on a doubled user, are looked at. Missing rows are not recreated: the archives do not
say what the application logged (archive format spec, section 5.2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from thywill_reconstruct.database.rows import AttributeRow, LogRow
from thywill_reconstruct.diff.align import pair_rows
from thywill_reconstruct.diff.clocks import SLACK, STEP, Clock
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.findings.finding import Change, Entity, Finding
from thywill_reconstruct.times import iso_minute

# Which archive line stands behind an attribute or a logged action (section 5.1).
ATTRIBUTE_KIND = {
    "answered": "answered",
    "answer_date": "answered",
    "answer_testimony": "testimony",
    "archived": "archived",
    "flagged": "flagged",
}
ACTION_KIND = {
    "prayed": "prayed",
    "answered": "answered",
    "set_answered": "answered",
    "set_answer_date": "answered",
    "testimony": "testimony",
    "set_answer_testimony": "testimony",
    "archived": "archived",
    "set_archived": "archived",
    "restored": "restored",
    "remove_archived": "restored",
    "flagged": "flagged",
    "set_flagged": "flagged",
}
# Written with local time; every other action is UTC (section 6.1).
LOCAL_ACTIONS = frozenset({"prayed", "testimony"})

Row = AttributeRow | LogRow


@dataclass(frozen=True, slots=True)
class _Table:
    """One of the two tables, seen alike."""

    entity: Entity
    dangling: str
    on_twin: str
    kind_of: Callable[[Row], str]
    clock_of: Callable[[Row], Clock]


def compare_activity(ctx: Context, coverage: Coverage, marks_repaired: Mapping[str, str]) -> Iterator[Finding]:
    """Yield AT001 to AT004.

    Args:
        ctx: Everything known.
        coverage: The time the activity log covers.
        marks_repaired: mark -> the user it has once repaired. A mark and its `prayed` log row are written together, so
            they say the same.
    """
    clocks = ctx.clocks
    tables = (
        _Table(
            "attribute",
            "AT001",
            "AT003",
            lambda row: ATTRIBUTE_KIND.get(row.name, f"set {row.name}") if isinstance(row, AttributeRow) else "",
            lambda row: clocks.attributes,
        ),
        _Table(
            "log",
            "AT002",
            "AT004",
            lambda row: ACTION_KIND.get(row.action, row.action) if isinstance(row, LogRow) else "",
            lambda row: (
                clocks.prayed_log if isinstance(row, LogRow) and row.action in LOCAL_ACTIONS else clocks.set_log
            ),
        ),
    )
    for prayer_id in sorted({*ctx.attributes, *ctx.log}):
        rows: tuple[Sequence[Row], ...] = (ctx.attributes.get(prayer_id, ()), ctx.log.get(prayer_id, ()))
        if any(_in_question(ctx, row) for table_rows in rows for row in table_rows):
            siblings = _siblings(ctx, prayer_id, marks_repaired)
            for table, table_rows in zip(tables, rows, strict=True):
                yield from _compare(ctx, coverage, table, prayer_id, table_rows, siblings)


def _in_question(ctx: Context, row: Row) -> bool:
    if row.user in ctx.sound:
        return False
    # The column is nullable: an attribute that nobody claims is a normal state.
    return row.user is not None or isinstance(row, LogRow)


def _instant(row: Row) -> str:
    return (row.created or "")[:19]


def _click(row: Row) -> str:
    """Return what the rows of one click share on every clock: the time within a quarter of an hour, with fractions.

    A testimony's log row is local and its attribute rows are UTC (section 6.1); zones differ by quarters of an hour.
    """
    minute = iso_minute(row.created)
    rest = (row.created or "")[17:]
    return "" if minute is None or not rest.strip("0.") else f"{minute % STEP}:{rest}"


def _siblings(ctx: Context, prayer_id: str, marks_repaired: Mapping[str, str]) -> dict[tuple[str, str], set[str]]:
    """Return (what was written, second) -> the living users of the rows written in that second.

    One click writes an attribute and its log row, and a mark and its log row, in one go and for one person.
    """
    together: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in (*ctx.attributes.get(prayer_id, ()), *ctx.log.get(prayer_id, ())):
        if person := ctx.person_of(row.user):
            together[_subject(row), _instant(row)].add(person)
            if _subject(row) != "prayed" and _click(row):
                together["click", _click(row)].add(person)
    for row in ctx.marks.get(prayer_id, ()):
        if person := marks_repaired.get(row.key) or ctx.person_of(row.user):
            together["prayed", (row.created or "")[:19]].add(person)
    return together


def _subject(row: Row) -> str:
    """Return what a row is about: the attribute, or `prayed`."""
    if isinstance(row, AttributeRow):
        return row.name
    return row.action.removeprefix("set_").removeprefix("remove_")


def _compare(
    ctx: Context,
    coverage: Coverage,
    table: _Table,
    prayer_id: str,
    rows: Sequence[Row],
    siblings: dict[tuple[str, str], set[str]],
) -> Iterator[Finding]:
    """Yield the findings of one table's rows of one prayer, one group of (kind, action) after the other."""
    plain = set()
    for row in rows:
        if _in_question(ctx, row) and (finding := _plainly(ctx, table, prayer_id, row, siblings)):
            plain.add(row.key)
            yield finding
    if all(row.key in plain or not _in_question(ctx, row) for row in rows):
        return
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[table.kind_of(row), row.name if isinstance(row, AttributeRow) else row.action].append(row)
    source = ctx.sources.get(prayer_id)
    for (kind, _), group in groups.items():
        if not any(row.key not in plain and _in_question(ctx, row) for row in group):
            continue
        events = prayer_events(source, frozenset({kind}), ctx.who, coverage) if source else []
        found = pair_rows(
            [ctx.person_of(row.user) for row in group],
            [ctx.archive_minutes(table.clock_of(row), row.created) for row in group],
            [row.user for row in group],
            (),
            events,
            lambda number, group=group: _hint(ctx, group[number], siblings),  # type: ignore[misc]
        ).pairs
        for number, row in enumerate(group):
            if row.key not in plain and _in_question(ctx, row):
                event = events[found[number][0]] if number in found else None
                hint = _hint(ctx, row, siblings) or ctx.exported.get((table.entity, row.key), ("", ""))[0]
                if event is None and _speaks_against(ctx, table, row, events, hint):
                    hint = ""
                yield _judge(ctx, table, row, event, hint, siblings)


def _speaks_against(ctx: Context, table: _Table, row: Row, events: Sequence[Event], hint: str) -> bool:
    """Return whether the archives know such events at the time of a row, and all of them are other people's."""
    minutes = ctx.archive_minutes(table.clock_of(row), row.created)
    near = {event.who for event in events if any(abs(event.minute - minute) <= SLACK for minute in minutes)}
    return bool(near) and hint not in near


def _plainly(
    ctx: Context, table: _Table, prayer_id: str, row: Row, siblings: dict[tuple[str, str], set[str]]
) -> Finding | None:
    """Return the finding of a dangling row whose witness the archives confirm to the minute: the quick way for most.

    The witness is a row written in the same moment; the archives must name that person for such an event in that minute.
    """
    source, minutes = ctx.sources.get(prayer_id), ctx.archive_minutes(table.clock_of(row), row.created)
    key = _hint(ctx, row, siblings)
    if not key or source is None or len(minutes) != 1 or ctx.late_names or not ctx.dangles(row.user):
        return None
    kind, key_of = table.kind_of(row), ctx.resolution.key_of
    for entry in source.log:
        if entry.kind == kind and entry.minute == minutes[0] and key_of.get(entry.actor) == key:
            place = f"{entry.file}:{entry.line}"
            return _book(ctx, table, row, key, (place, ctx.place(table.entity, row.key)))
    for file in source.files:
        for line in file.activities:
            if (
                line.kind == kind
                and line.minute == minutes[0]
                and not line.doubtful
                and key_of.get(line.actor) == key
            ):
                place = f"{file.file}:{line.first}"
                return _book(ctx, table, row, key, (place, ctx.place(table.entity, row.key)))
    return None


def _book(ctx: Context, table: _Table, row: Row, key: str, evidence: tuple[str, ...]) -> Finding:
    on_twin = row.user in ctx.resolution.twin_of
    code = table.on_twin if on_twin else table.dangling
    change = Change("update", table.entity, row.key, "relink" if on_twin else "fill", "user", row.user, key)
    return Finding(code, table.entity, row.key, "user", ctx.name(key), ctx.name(row.user), evidence, (change,))


def _hint(ctx: Context, row: Row, siblings: dict[tuple[str, str], set[str]]) -> str:
    """Return whom rows written in the same second name, if they agree; else whose the vanished id was."""
    subject = _subject(row)
    for written in ((subject, _instant(row)), ("click", "" if subject == "prayed" else _click(row))):
        people = siblings.get(written, set())
        if len(people) == 1:
            return next(iter(people))
    own = row.user if row.user in ctx.words else ""
    return ctx.resolution.former.get(row.user or "", "") or own or ""


def _judge(
    ctx: Context, table: _Table, row: Row, event: Event | None, hint: str, siblings: dict[tuple[str, str], set[str]]
) -> Finding:
    """Return the finding of one row: whom it belongs to, or why that stays open."""
    on_twin = row.user in ctx.resolution.twin_of
    code = table.on_twin if on_twin else table.dangling
    here = ctx.place(table.entity, row.key)
    actual = ctx.name(row.user)

    def unrepaired(reason: str, places: tuple[str, ...] = ()) -> Finding:
        return Finding(code, table.entity, row.key, "user", "", actual, (*places, here), reason=reason)

    if event is not None and event.who.startswith(UNRESOLVED):
        return unrepaired(ctx.why_unresolved(event.who), event.places)
    if event is not None:
        key, evidence = event.who, (*event.places, here)
    elif on_twin:
        return unrepaired("No archive line says that this was the person's.")
    elif hint and siblings.get((_subject(row), _instant(row)), siblings.get(("click", _click(row)))) == {hint}:
        key, evidence = hint, (here, "a row written in the same moment is this person's")
    elif hint and ctx.resolution.former.get(row.user or "") == hint:
        key, evidence = hint, (here, f"user id {row.user} was {ctx.name(hint)}'s")
    elif hint and ctx.exported.get((table.entity, row.key), ("", ""))[0] == hint:
        key, evidence = hint, (ctx.exported[table.entity, row.key][1], here)
    else:
        return unrepaired("No archive line fits it, or more than one could.")
    return _book(ctx, table, row, key, evidence)
