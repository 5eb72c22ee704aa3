"""Attributes and the activity log: whose rows they are.

Only rows that dangle, or that stand on a doubled user, are looked at. Missing rows are not recreated: the archives do not
say what the application logged (archive format spec, section 5.2).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from thywill_reconstruct.database.rows import AttributeRow, LogRow
from thywill_reconstruct.diff.align import pair_rows
from thywill_reconstruct.diff.clicks import MOMENT, Prayed, formerly, near, pair_prayed
from thywill_reconstruct.diff.clocks import SLACK, STEP, Clock
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.elsewhere import Elsewhere, booked_elsewhere, clicks_elsewhere
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.findings.finding import Change, Entity, Finding
from thywill_reconstruct.times import iso_microsecond, iso_minute

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
# The rows that are paired together with the marks.
PRAYED = ("log", "prayed")
# Written with local time; every other action is UTC (section 6.1).
LOCAL_ACTIONS = frozenset({"prayed", "testimony"})

Row = AttributeRow | LogRow


@dataclass(frozen=True, slots=True)
class _Table:
    """One of the two tables, seen alike."""

    entity: Entity
    dangling: str
    on_twin: str
    clock_of: Callable[[Row], Clock]


def compare_activity(ctx: Context, coverage: Coverage, marks_repaired: Mapping[str, str]) -> Iterator[Finding]:
    """Yield AT001 to AT006.

    Args:
        ctx: Everything known.
        coverage: The time the activity log covers.
        marks_repaired: mark -> the user it has once repaired. A mark and its `prayed` log row are written together, so
            they say the same.
    """
    clocks = ctx.clocks
    attributes = _Table("attribute", "AT001", "AT003", lambda row: clocks.attributes)
    log = _Table(
        "log",
        "AT002",
        "AT004",
        lambda row: clocks.prayed_log if isinstance(row, LogRow) and row.action in LOCAL_ACTIONS else clocks.set_log,
    )
    elsewhere: list[Elsewhere] = []
    for prayer_id in sorted({*ctx.attributes, *ctx.log}):
        rows = [*ctx.attributes.get(prayer_id, ()), *ctx.log.get(prayer_id, ())]
        strange, logged = _strange(ctx, prayer_id, rows), _logged(rows)
        if not strange and not any(_in_question(ctx, row, logged) for row in rows):
            continue
        groups = _groups(rows)
        for kind, group in groups.items():
            if kind not in strange and not any(_in_question(ctx, row, logged) for row in group):
                continue
            if kind == PRAYED:
                prayed = pair_prayed(ctx, prayer_id, coverage)
                yield from _prayed(ctx, log, prayed, marks_repaired)
                elsewhere += clicks_elsewhere(ctx, prayed) if kind in strange else ()
            else:
                table = attributes if isinstance(group[0], AttributeRow) else log
                told = _told_by_others(ctx, groups, kind)
                for number, event, events in _paired(ctx, coverage, table, prayer_id, group, told):
                    if _in_question(ctx, group[number], logged):
                        yield _judge(ctx, table, group[number], event, events, told.get(group[number].key, ""))
                if kind in strange:
                    elsewhere += _lines_elsewhere(ctx, coverage, table, prayer_id, group)
    yield from booked_elsewhere(ctx, elsewhere)


def _strange(ctx: Context, prayer_id: str, rows: Iterable[Row]) -> frozenset[tuple[str, str]]:
    """Return the (table, attribute or action) of which a living person has more rows than lines: the quick look."""
    source = ctx.sources.get(prayer_id)
    if source is None:
        return frozenset()
    having = Counter(((_group(row), _kind(row)), row.user) for row in rows if row.user in ctx.sound)
    if not having:
        return frozenset()
    who = ctx.who
    written = Counter((a.kind, who(a.actor, a.minute)) for file in source.files[:1] for a in file.activities)
    logged = Counter((entry.kind, who(entry.actor, entry.minute)) for entry in source.log)
    return frozenset(
        group
        for ((group, kind), user), n in having.items()
        if n > max(written[kind, user or ""], logged[kind, user or ""])
    )


def _in_question(ctx: Context, row: Row, logged: Collection[str]) -> bool:
    """Return whether a row has to be asked whose it is: its user is nobody.

    The column of attributes is nullable, and an attribute that nobody claims is a normal state: the application's importer
    leaves it so. But where it logs a setting it writes who set it in both rows.
    """
    if row.user in ctx.sound:
        return False
    return row.user is not None or isinstance(row, LogRow) or row.key in logged


def _logged(rows: Iterable[Row]) -> frozenset[str]:
    """Return the attributes of nobody whose setting the application logged in the same click, by their keys."""
    nameless = [row for row in rows if isinstance(row, AttributeRow) and row.user is None]
    if not nameless:
        return frozenset()
    instants: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        instant = iso_microsecond(row.created)
        if isinstance(row, LogRow) and instant is not None:
            instants[row.action].append(instant)
    return frozenset(
        row.key
        for row in nameless
        if (set_at := iso_microsecond(row.created)) is not None
        and any(abs(set_at - instant) <= MOMENT for instant in instants[f"set_{row.name}"])
    )


def _groups(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return (table, attribute or action) -> the rows of one prayer: one click writes at most one of each."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[_group(row)].append(row)
    return groups


def _group(row: Row) -> tuple[str, str]:
    return ("attribute", row.name) if isinstance(row, AttributeRow) else ("log", row.action)


def _kind(row: Row) -> str:
    """Return the kind of archive line that stands behind a row."""
    if isinstance(row, AttributeRow):
        return ATTRIBUTE_KIND.get(row.name, f"set {row.name}")
    return ACTION_KIND.get(row.action, row.action)


def _moments(row: Row) -> tuple[tuple[str, str], ...]:
    """Return what rows of one click share: subject and second, or the time within a quarter of an hour, with fractions.

    The latter on every clock: a testimony's log row is local and its attribute rows are UTC (section 6.1); zones differ by
    quarters of an hour.
    """
    minute, rest = iso_minute(row.created), (row.created or "")[17:]
    second = (_subject(row), (row.created or "")[:19])
    if _subject(row) == "prayed" or minute is None or not rest.strip("0."):
        return (second,)
    return (second, ("click", f"{minute % STEP}:{rest}"))


def _subject(row: Row) -> str:
    """Return what a row is about: the attribute, or `prayed`."""
    if isinstance(row, AttributeRow):
        return row.name
    return row.action.removeprefix("set_").removeprefix("remove_")


def _told_by_others(
    ctx: Context, groups: Mapping[tuple[str, str], Sequence[Row]], kind: tuple[str, str]
) -> dict[str, str]:
    """Return row -> whom rows of other kinds name that were written in one click with it, for the rows in question.

    Each of them is witness for one row of this kind only: as many are used up as rows of this kind name the person in that
    moment already. Of several rows that want one witness none gets it, unless they are alike.
    """
    named: dict[tuple[str, str], dict[str, Counter[tuple[str, str]]]] = defaultdict(lambda: defaultdict(Counter))
    for other, group in groups.items():
        for row in group:
            if person := ctx.person_of(row.user):
                for moment in _moments(row):
                    named[moment][person][other] += 1
    asking: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in groups[kind]:
        if not ctx.person_of(row.user):
            for moment in _moments(row):
                asking[moment].append(row)
    told: dict[str, str] = {}
    for index in (0, 1):
        for moment, rows in asking.items():
            if (moment[0] == "click") != bool(index):
                continue
            free = {
                person: max((n for other, n in counts.items() if other != kind), default=0) - counts[kind]
                for person, counts in named[moment].items()
            }
            people = [person for person, n in free.items() if n > 0]
            waiting = [row for row in rows if row.key not in told]
            if len(people) == 1 and (len(waiting) <= free[people[0]] or len({row.created for row in waiting}) == 1):
                told.update((row.key, people[0]) for row in waiting[: free[people[0]]])
    return told


def _paired(
    ctx: Context, coverage: Coverage, table: _Table, prayer_id: str, group: Sequence[Row], told: Mapping[str, str]
) -> Iterator[tuple[int, Event | None, Sequence[Event]]]:
    """Yield the number of each row of one kind of one prayer, the event that it is, and all events of that kind."""
    source = ctx.sources.get(prayer_id)
    events = prayer_events(source, frozenset({_kind(group[0])}), ctx.who, coverage) if source else []

    minutes = [ctx.archive_minutes(table.clock_of(row), row.created) for row in group]

    def hint(number: int) -> str:
        row = group[number]
        # A twin's row names a person; who else is named beside it tells whether it is that person's.
        return told.get(row.key, "") or formerly(ctx, row.user, minutes[number], events)

    found = pair_rows(
        [ctx.person_of(row.user) for row in group],
        minutes,
        [row.user for row in group],
        (),
        events,
        hint,
    ).pairs
    for number in range(len(group)):
        yield number, events[found[number][0]] if number in found else None, events


def _prayed(ctx: Context, table: _Table, prayed: Prayed, marks_repaired: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the findings of the `prayed` log rows of one prayer: each is of the event of the mark written with it."""
    for number, row in enumerate(prayed.log):
        if _in_question(ctx, row, ()):
            event = prayed.events[prayed.of_log[number][0]] if number in prayed.of_log else None
            mark = prayed.mark_of(number)
            told = (marks_repaired.get(mark.key) or ctx.person_of(mark.user)) if mark else ""
            yield _judge(ctx, table, row, event, prayed.events, told)


def _lines_elsewhere(
    ctx: Context, coverage: Coverage, table: _Table, prayer_id: str, group: Sequence[Row]
) -> Iterator[Elsewhere]:
    """Yield the rows of living people at whose minute the archives tell of one such event, of somebody else.

    File and log must agree on it; of a testimony, which no log has, on the answer that was given with it. The bearer has no
    line of this kind that is still without row, at whatever time.
    """
    source = ctx.sources[prayer_id]
    events = prayer_events(source, frozenset({_kind(group[0])}), ctx.who, coverage)
    answers = prayer_events(source, frozenset({"answered"}), ctx.who, coverage)
    minutes = [ctx.archive_minutes(table.clock_of(row), row.created) for row in group]
    found = pair_rows(
        [ctx.person_of(row.user) for row in group],
        minutes,
        [row.user for row in group],
        (),
        events,
        lambda number: "",
    )
    free = [events[number] for number in found.events]
    alone = [number for number in found.rows if ctx.person_of(group[number].user)]
    for number in alone:
        row, there = group[number], [event for event in free if near(minutes[number], event)]
        if len(there) != 1 or row.user not in ctx.sound or any(event.who == row.user for event in free):
            continue
        (event,) = there
        certain = event.both or (
            event.kind == "testimony"
            and (event.sure or event.detail == (row.value if isinstance(row, AttributeRow) else row.new))
            and any(a.both and a.who == event.who and abs(a.minute - event.minute) <= SLACK for a in answers)
        )
        rivals = sum(near(minutes[other], event) for other in alone)
        if certain and rivals == 1 and not event.who.startswith(UNRESOLVED):
            yield Elsewhere(table.entity, row.key, row.user or "", event, False)


def _speaks_against(ctx: Context, table: _Table, row: Row, events: Sequence[Event], hint: str) -> bool:
    """Return whether the archives know such events at the time of a row, and all of them are other people's."""
    minutes = ctx.archive_minutes(table.clock_of(row), row.created)
    then = {event.who for event in events if near(minutes, event)}
    return bool(then) and hint not in then


def _book(ctx: Context, table: _Table, row: Row, key: str, evidence: tuple[str, ...]) -> Finding:
    on_twin = row.user in ctx.resolution.twin_of
    code = table.on_twin if on_twin else table.dangling
    change = Change("update", table.entity, row.key, "relink" if on_twin else "fill", "user", row.user, key)
    return Finding(code, table.entity, row.key, "user", ctx.name(key), ctx.name(row.user), evidence, (change,))


def _judge(ctx: Context, table: _Table, row: Row, event: Event | None, events: Sequence[Event], told: str) -> Finding:
    """Return the finding of one row: whom it belongs to, or why that stays open.

    Args:
        ctx: Everything known.
        table: The row's table.
        row: A row that dangles, or stands on a twin.
        event: The event that it is, if that is known.
        events: The events of its kind.
        told: Whom rows written together with it name.
    """
    on_twin = row.user in ctx.resolution.twin_of
    code = table.on_twin if on_twin else table.dangling
    here = ctx.place(table.entity, row.key)
    former = ctx.resolution.former.get(row.user or "", "")
    exported, place = ctx.exported.get((table.entity, row.key), ("", ""))

    def unrepaired(reason: str, places: tuple[str, ...] = ()) -> Finding:
        return Finding(code, table.entity, row.key, "user", "", ctx.name(row.user), (*places, here), reason=reason)

    if event is not None and event.who.startswith(UNRESOLVED):
        return unrepaired(ctx.why_unresolved(event.who), event.places)
    if event is not None and event.who == row.user:
        return unrepaired("It refers to somebody who is gone, and so does the line.", event.places)
    if event is not None:
        return _book(ctx, table, row, event.who, (*event.places, here))
    if on_twin:
        return unrepaired("No archive line says that this was the person's.")
    key = told or former or exported
    if not key or _speaks_against(ctx, table, row, events, key):
        return unrepaired("No archive line fits it, or more than one could.")
    if told:
        return _book(ctx, table, row, told, (here, "a row written in the same moment is this person's"))
    if former:
        return _book(ctx, table, row, former, (here, f"user id {row.user} was {ctx.name(former)}'s"))
    return _book(ctx, table, row, exported, (place, here))
