"""The brake on creation: how much a plan makes of archive lines alone, in proportion to what is there.

Recreating what is lost is the tool's purpose, so most of it never counts: people to whom rows refer or on
whom something is booked, people and prayers that the activity log names, marks of people who have none on that prayer. A
restored backup passes. What counts is what no second source supports and what a wrong file would bring by the dozen: people of
whom only a registration line tells, prayers that only their own file knows, and one more mark for people who have one on the
same prayer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from thywill_reconstruct.apply.precheck import BRAKE_ROWS, BRAKE_SHARE, Excess, measure_excess
from thywill_reconstruct.database.rows import Snapshot, references_to_users
from thywill_reconstruct.database.schema import Schema
from thywill_reconstruct.database.snapshot import count_rows, quote_name, read_schema
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import Operation, Plan

Pair = tuple[Value, Value]

_LOG = "activity/activity_"
_MADE = frozenset({"US001", "PR003", "MK002"})
# Where the rows say that somebody did something.
_ACTS = (("prayer", "author"), ("mark", "user"), ("attribute", "user"), ("log", "user"))
_ENTITIES = frozenset(entity for entity, _ in _ACTS)


def measure_creation(
    plan: Plan, schema: Schema, counts: Mapping[str, int], marks: frozenset[Pair], referred: Collection[Value] = ()
) -> tuple[Excess, ...]:
    """Return where a plan creates out of proportion: more than ``BRAKE_ROWS`` and than ``BRAKE_SHARE`` of a table's rows.

    In the communities that the tool is measured with, a tenth of the users and up to two thirds of the prayers were deleted.
    Of what comes back none counts but marks, 24 of 7,977 at most: far below a quarter. A doubled log was at 180 of 260
    marks, and one users file of another community at 74 people beside 24.

    Args:
        plan: What would be done.
        schema: The tables' names.
        counts: Rows per table before the run.
        marks: (user, prayer) of every mark before the run.
        referred: Keys to which rows refer before the run.
    """
    heard = {f.key for f in plan.repaired if any(_LOG in str(place) for place in f.evidence)}
    acting = _acting(plan.operations, schema) | set(referred)
    made = dict.fromkeys(_MADE, 0)
    user, prayer = (schema.column("mark", name) or "" for name in ("user", "prayer"))
    for operation in plan.operations:
        if operation.action != "insert":
            continue
        if "US001" in operation.codes and operation.key not in acting | heard:
            made["US001"] += 1
        elif "PR003" in operation.codes and operation.key not in heard:
            made["PR003"] += 1
        elif "MK002" in operation.codes:
            row = dict(operation.after)
            made["MK002"] += (row.get(user), row.get(prayer)) in marks
    kinds = {
        "US001": ("user", "creates people of whom only a registration line tells, as many as"),
        "PR003": ("prayer", "creates prayers of which only their own file tells, as many as"),
        "MK002": ("mark", "creates one more mark for people who have one on that prayer, as many as"),
    }
    found = []
    for code, (entity, kind) in kinds.items():
        table = schema.table(entity)
        total = counts.get(table, 0)
        if made[code] > BRAKE_ROWS and made[code] > BRAKE_SHARE * total:
            found.append(Excess(table, kind, made[code], total))
    return tuple(found)


def _acting(operations: Iterable[Operation], schema: Schema) -> set[Value]:
    """Return the keys of users on whom anything but an invitation is booked."""
    columns = {(schema.table(entity), schema.column(entity, name)) for entity, name in _ACTS}
    return {value for o in operations for name, value in o.after if (o.table, name) in columns}


def measure_here(connection: sqlite3.Connection, plan: Plan) -> tuple[Excess, ...]:
    """Return where a plan creates out of proportion to an open database; see ``measure_creation``."""
    made = {
        operation.key
        for operation in plan.operations
        if operation.action == "insert" and set(operation.codes) & _MADE
    }
    if len(made) <= BRAKE_ROWS:
        return ()
    schema = read_schema(connection)
    counts = count_rows(connection, {schema.table(entity) for entity in ("user", "prayer", "mark")})
    user, prayer = (quote_name(schema.column("mark", name) or "") for name in ("user", "prayer"))
    marks = frozenset(connection.execute(f"SELECT {user}, {prayer} FROM {quote_name(schema.table('mark'))}"))
    referred: set[Value] = set()
    for entity, name in _ACTS:
        column = schema.column(entity, name)
        if column is not None:
            rows = connection.execute(f"SELECT DISTINCT {quote_name(column)} FROM {quote_name(schema.table(entity))}")
            referred.update(value for (value,) in rows if value in made)
    return measure_creation(plan, schema, counts, marks, referred)


def foresee(plan: Plan, snapshot: Snapshot) -> tuple[Excess, ...]:
    """Return where the brake will hold a plan if the database stays as it is: what a dry run says beforehand."""
    marks = frozenset((mark.user, mark.prayer) for mark in snapshot.marks)
    made = {operation.key for operation in plan.operations if operation.action == "insert"}
    referred = {user for entity, _, _, user in references_to_users(snapshot) if entity in _ENTITIES and user in made}
    creation = measure_creation(plan, snapshot.schema, snapshot.counts, marks, referred)
    return (*measure_excess(plan.operations, snapshot.counts), *creation)
