"""Attributes and log rows that are booked on another living person than the archives name: what a script does to a column.

A living person is only replaced where the archives are certain and the database agrees: the mark of the same click names who
prayed, or the rows of one bearer are contradicted again and again, by lines of different people. What the lines of one other
person contradict may be one person under two names, so it proves nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from thywill_reconstruct.database.rows import AttributeRow, LogRow
from thywill_reconstruct.diff.clicks import MINUTE, Prayed, near
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Event
from thywill_reconstruct.findings.finding import Change, Entity, Finding, Risk
from thywill_reconstruct.times import iso_microsecond

# A script's name on a column is shown by rows of so many different people on one.
_DIFFERENT = 3
# A name is worthless in a table where this share of the rows that bear it is another's.
_WORTHLESS = 0.5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A row that bears a living person, and the event of another that it is. ``witness``: the click's mark says so, too."""

    entity: Entity
    key: str
    bearer: str
    event: Event
    witness: bool


def clicks_elsewhere(ctx: Context, prayed: Prayed) -> Iterator[Elsewhere]:
    """Yield the `prayed` log rows beside whose mark stands another person, of whom file and log tell then.

    The bearer has no line there without log row. Where times have no seconds, rows of one minute are alike, so that it does
    not matter which is whose, if there are as many as marks without log row.
    """
    log, events = prayed.log, prayed.events
    taken = {event for event, _ in prayed.of_log.values()}
    free = [number for number in range(len(events)) if number not in taken]
    waiting = {events[number].who for number in free}
    marked = {event: mark for mark, (event, _) in prayed.alignment.pairs.items()}

    def fits(event: int, row: LogRow) -> bool:
        who = events[event].who
        return events[event].both and not who.startswith(UNRESOLVED) and who != row.user

    beside = {entry: mark for mark, entry in prayed.joined.disputed.items()}
    alike: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for number, row in enumerate(log):
        if (
            number in prayed.of_log
            or number in prayed.joined.entries
            or row.user not in ctx.sound
            or row.user in waiting
        ):
            continue
        pair = prayed.alignment.pairs.get(beside.get(number, -1))
        if pair is not None and pair[0] in free and fits(pair[0], row):
            yield Elsewhere("log", row.key, row.user or "", events[pair[0]], True)
        elif (iso_microsecond(row.created) or 1) % MINUTE == 0:
            alike[row.user, row.created].append(number)
    for (_, created), numbers in alike.items():
        minutes = ctx.archive_minutes(ctx.clocks.prayed_log, created)
        there = [
            event
            for event in free
            if event in marked and prayed.rows[marked[event]].created == created and near(minutes, events[event])
        ]
        if len(there) == len(numbers) and all(fits(event, log[numbers[0]]) for event in there):
            for number, event in zip(numbers, there, strict=True):
                yield Elsewhere("log", log[number].key, log[number].user or "", events[event], True)


def booked_elsewhere(ctx: Context, found: Sequence[Elsewhere]) -> Iterator[Finding]:
    """Yield AT005 and AT006: what is certain enough to replace a living person.

    Whoever bears mostly rows of others in a table tells nothing there: what replaces them fills, as where nobody stands.
    """
    people: dict[str, set[str]] = defaultdict(set)
    for one in found:
        people[one.bearer].add(one.event.who)
    rows: dict[Entity, Iterable[AttributeRow | LogRow]] = {
        "attribute": ctx.snapshot.attributes,
        "log": ctx.snapshot.log,
    }
    borne = Counter((entity, row.user) for entity in {one.entity for one in found} for row in rows[entity])
    wrong = Counter((one.entity, one.bearer) for one in found)
    for one in found:
        worthless = wrong[one.entity, one.bearer] > _WORTHLESS * borne[one.entity, one.bearer]
        many = len(people[one.bearer]) >= _DIFFERENT
        if one.witness or (many and worthless):
            yield _finding(ctx, one, "fill" if many and worthless else "relink")


def _finding(ctx: Context, one: Elsewhere, risk: Risk) -> Finding:
    code = "AT005" if one.entity == "attribute" else "AT006"
    change = Change("update", one.entity, one.key, risk, "user", one.bearer, one.event.who)
    evidence = (*one.event.places, ctx.place(one.entity, one.key))
    return Finding(
        code, one.entity, one.key, "user", ctx.name(one.event.who), ctx.name(one.bearer), evidence, (change,)
    )
