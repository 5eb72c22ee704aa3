"""The findings and repairs of prayer marks, one function each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from thywill_reconstruct.database.rows import MarkRow
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.events import Event
from thywill_reconstruct.findings.finding import Change, Finding, Risk, Value
from thywill_reconstruct.times import as_database_text, show


def place(ctx: Context, row: MarkRow) -> str:
    """Return a mark row as evidence."""
    return ctx.place("mark", row.key)


def relink(ctx: Context, code: str, row: MarkRow, key: str, evidence: tuple[str, ...]) -> Finding:
    """Return the finding of a mark that is booked on a person: MK001 if it dangled, MK005 or MK006 if it did not."""
    risk: Risk = "fill" if code == "MK001" else "relink"
    change = Change("update", "mark", row.key, risk, "user", row.user, key)
    return Finding(code, "mark", row.key, "user", ctx.name(key), ctx.name(row.user), evidence, (change,))


def unexplained(ctx: Context, row: MarkRow, reason: str, *, then: Collection[str] = ()) -> Finding:
    """Return the finding of a row that no archive event explains.

    A vanished id speaks for its former owner, but not against the archives: where ``then``, the people of whom they tell at
    that time, are all others, the row stays as it is.
    """
    if ctx.dangles(row.user):
        former = ctx.resolution.former.get(row.user or "")
        if former and (not then or former in then):
            return relink(ctx, "MK001", row, former, (f"user id {row.user} was {ctx.name(former)}'s",))
        owner, where_told = ctx.exported.get(("mark", row.key), ("", ""))
        if owner and not then:
            return relink(ctx, "MK001", row, owner, (where_told, ctx.place("mark", row.key)))
        code = "MK001"
    elif row.user in ctx.resolution.twin_of:
        code = "MK005"
    else:
        code = "MK004"
    where = (ctx.place("mark", row.key),)
    return Finding(code, "mark", row.key, "user", "", ctx.name(row.user), where, reason=reason)


def missing_key(prayer_id: str, event: Event, before: Iterable[Event]) -> str:
    """Return the id of a mark that has no row, the same on every machine.

    Args:
        prayer_id: The prayer.
        event: What the archives tell.
        before: The events before it: a person may mark a prayer twice within a minute (trap T13).
    """
    ordinal = sum(other.who == event.who and other.minute == event.minute for other in before)
    seed = f"mark\0{prayer_id}\0{event.who}\0{event.minute}\0{ordinal}"
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def exported_key(ctx: Context, prayer_id: str, event: Event, events: Iterable[Event]) -> str:
    """Return the id that a mark without row had, if an export knows it for certain; else ``""``."""
    source = ctx.sources.get(prayer_id)
    told = [w for w in source.witnesses if w.who == event.who and w.kind == "prayed"] if source else []
    near = [w for w in told if any(abs(at - event.minute) <= SLACK for at in w.minutes)]
    rivals = sum(other.who == event.who and abs(other.minute - event.minute) <= 2 * SLACK for other in events)
    return near[0].key if len(near) == 1 and rivals == 1 else ""


def recreate(ctx: Context, prayer_id: str, event: Event, key: str, written: str | None) -> Finding:
    """Return the finding of a mark that has no row, with the row it gets.

    Args:
        ctx: Everything known.
        prayer_id: The prayer.
        event: What the archives tell.
        key: The id that the row gets.
        written: When the log row was written that was written together with it, if there is one left: else the minute counts.
    """
    path = ctx.pathways.of_prayer.get(prayer_id)
    row: tuple[tuple[str, Value], ...] = (
        ("key", key),
        ("user", event.who),
        ("prayer", prayer_id),
        ("created", written or as_database_text(ctx.clocks.marks.database_minute(event.minute))),
        ("path", ctx.pathways.spell(path[0]) if path else None),
    )
    change = Change("create", "mark", key, "recreate", row=row)
    expected = f"{ctx.name(event.who)} prayed on {show(event.minute)}"
    return Finding("MK002", "mark", key, "", expected, "no row", event.places, (change,))
