"""Plan files made and used again: what a file records, and whether a plan that was read from one still holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from sqlite3 import Connection

from thywill_reconstruct.apply.folder import FOLDER_NAME
from thywill_reconstruct.apply.precheck import complete_rows, row_name, stands_after, stands_before
from thywill_reconstruct.apply.receipt import RECEIPT_NAME, read_receipt
from thywill_reconstruct.database.connect import DEFAULT_TIMEOUT_S
from thywill_reconstruct.database.rows import Snapshot
from thywill_reconstruct.database.schema import FIELDS, SECRET_ENTITIES, TABLES, USER_FIELDS, Schema
from thywill_reconstruct.database.snapshot import read_steadily
from thywill_reconstruct.diff.analyse import Analysis
from thywill_reconstruct.errors import (
    AlreadyAppliedError,
    ArchivesMissingError,
    ReconstructError,
    StalePlanError,
    UnsafePlanError,
)
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.findings.finding import Finding, Sealed, Value
from thywill_reconstruct.identity.decision_text import render_decision
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.plan.build import build_plan, people_of
from thywill_reconstruct.plan.file import PlanFile, Scope
from thywill_reconstruct.plan.operations import Operation, Plan
from thywill_reconstruct.plan.redact import names_in
from thywill_reconstruct.plan.restrict import references, restrict, without_operations
from thywill_reconstruct.plan.seal import open_plan
from thywill_reconstruct.records import Archive

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f-]{36}")
_LISTED = 10
# Where a row lets somebody in, or gives power; and all that a plan ever recreates or deletes.
_POWER = frozenset(TABLES[entity] for entity in ("session", "role", "grant", "request", "approval"))
_RECREATED = frozenset(TABLES[entity] for entity in ("user", "prayer", "mark"))
_DELETED = frozenset(TABLES[entity] for entity in ("user", "mark"))
# Whatever else a plan would write was put into its file by hand: a token that is good again lets somebody in.
_WRITTEN = frozenset(
    (TABLES[entity], column)
    for entity, fields in FIELDS.items()
    for name in (*USER_FIELDS, "path", "text", "generated")
    for column in fields.get(name, ())
)
SINCE_REASON = "It is not in the plan."
STALE_REASON = "Its row is no longer as the plan saw it, or it rests on one that is not."


def to_file(
    plan: Plan, archive: Archive, snapshot: Snapshot, analysis: Analysis, decisions: Decisions = NO_DECISIONS
) -> PlanFile:
    """Return a fresh plan with all that its file records; every inserted row is whole.

    Raises:
        UnknownSchemaError: A row cannot be made whole (see ``apply.precheck.complete_rows``).
    """
    people = people_of(plan.repaired, snapshot)
    plan = replace(plan, operations=complete_rows(plan.operations, snapshot.schema.tables))
    touched = {key for operation in plan.operations for key in _users(operation)}
    shown = (("marks", "prayermark"), ("prayers", "prayer"), ("users", "user"))
    scope = Scope(
        era=snapshot.schema.era,
        rows=tuple((name, snapshot.counts.get(table, 0)) for name, table in shown),
        archive_files=len(archive.files),
        archive_prayers=analysis.shared[1],
        lines=sum(file.lines for file in archive.files),
        lines_understood=sum(file.understood for file in archive.files),
    )
    return PlanFile(
        plan,
        scope,
        decisions="\n".join(sorted(render_decision(entry._replace(line=0)) for entry in decisions.entries)),
        people=tuple(sorted((key, name) for key, name in people.items() if key in touched)),
        names=names_in(
            plan, {*_names(archive, snapshot, analysis), *(key for key in touched if not _ID.fullmatch(key))}
        ),
    )


def _users(operation: Operation) -> Iterator[str]:
    """Yield the user keys in an operation."""
    if operation.table == "user":
        yield str(operation.key)
    for table, key in references(operation, (*operation.before, *operation.after)):
        if table == "user":
            yield str(key)


def _names(archive: Archive, snapshot: Snapshot, analysis: Analysis) -> Iterator[str]:
    """Yield every name that archives or database know, however it is spelled."""
    yield from (user.name for user in snapshot.users)
    for person in analysis.resolution.persons:
        yield from (person.name, *(spelling for spelling, _ in person.spellings), *person.candidates)
    for file in archive.prayers:
        yield from (file.author, *(activity.actor for activity in file.activities))
    yield from (entry.actor for entry in archive.log)
    yield from (entry.detail for entry in archive.log if entry.kind == "registered" and entry.detail)
    for registration in archive.registrations:
        yield from (name for reading in registration.readings for name in reading if name)
    yield from (name for use in archive.invite_uses for name in (use.used_by, use.creator))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a saved plan stands against the database and archives of today. Numbers are positions in ``plan.operations``.

    Attributes:
        plan: The plan, with everything opened that is at hand.
        done: Rows that are already as the plan wants them.
        moved: Rows that are neither as the plan saw them nor as it wants them.
        unsupported: Steps that archives and database would not ask for today.
        closed: Steps whose text or token is nowhere at hand.
    """

    plan: Plan
    done: frozenset[int]
    moved: frozenset[int]
    unsupported: frozenset[int]
    closed: frozenset[int]

    @property
    def hindered(self) -> frozenset[int]:
        """Every step that cannot be carried out."""
        return self.moved | self.unsupported | self.closed

    def rows(self, numbers: Collection[int]) -> str:
        """Return what rows are called, the first of them, in words."""
        names = []
        for number in sorted(numbers)[:_LISTED]:
            operation = self.plan.operations[number]
            names.append(row_name(operation.table, operation.key))
        more = f" and {len(numbers) - _LISTED:,} more" if len(numbers) > _LISTED else ""
        return ", ".join(names) + more


def values_at_hand(snapshot: Snapshot, archive: Archive | None) -> Iterator[str]:
    """Yield all texts of prayers and all invite tokens that database and archives hold."""
    found: list[str | None] = [token.key for token in snapshot.tokens]
    found += [row.key for row in snapshot.further if row.entity in SECRET_ENTITIES]
    found += [user.token for user in snapshot.users]
    for prayer in snapshot.prayers:
        found += [prayer.text, prayer.generated]
    for file in archive.prayers if archive else ():
        found += [file.text, file.generated]
        found += [text for reading in file.alternatives for text in reading]
    found += [use.token for use in archive.invite_uses] if archive else []
    yield from (value for value in found if value)


def examine(
    plan: Plan,
    database: Path,
    snapshot: Snapshot,
    archive: Archive | None,
    findings: Iterable[Finding],
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Standing:
    """Compare a saved plan, row by row and by content, with the database and archives of today. Changes nothing.

    Args:
        plan: As it was read.
        database: The database.
        snapshot: The same database, read.
        archive: The archives; ``None`` if there are none, then no step can be unsupported.
        findings: What a comparison finds today.
        timeout_s: How long to wait while another program holds the database.

    Raises:
        ArchivesMissingError: A step could let somebody in, and nothing is there to compare it with.
        StalePlanError: Without archives: the plan knows no row of this database.
        UnknownSchemaError: The plan is for a database of another form.
    """
    if archive is None:
        _require_no_power(plan.operations, snapshot.schema)
    plan = open_plan(plan, values_at_hand(snapshot, archive))
    complete_rows(plan.operations, snapshot.schema.tables)  # refuses a plan for a database of another form
    found: dict[str, set[int]] = {"as planned": set(), "done": set(), "moved": set(), "closed": set()}
    operations = list(plan.operations)
    states = read_steadily(database, lambda connection: [_stands(connection, o) for o in operations], timeout_s)
    for number, (operation, state) in enumerate(states):
        operations[number] = operation
        found[state].add(number)
    plan = replace(plan, operations=tuple(operations))
    unsupported: set[int] = set()
    if archive is None:
        _require_acquaintance(operations, found["moved"])
    else:
        unsupported = set(_unsupported(plan, _asked_today(findings, snapshot)))
    unsupported &= found["as planned"]
    return Standing(
        plan=plan,
        done=frozenset(found["done"]),
        moved=frozenset(found["moved"]),
        unsupported=frozenset(unsupported),
        closed=frozenset(found["closed"]),
    )


def _require_no_power(operations: Iterable[Operation], schema: Schema) -> None:
    """Refuse steps that nobody may ask for on a mere file's word.

    Raises:
        ArchivesMissingError: Names them.
    """
    found = [o for o in operations if not o.changes_schema and not _is_repair(o, schema)]
    if found:
        listed = ", ".join(row_name(o.table, o.key) for o in found[:_LISTED])
        raise ArchivesMissingError(
            "without archives no plan may let somebody in, give roles, or write what no repair writes, and this one has "
            f"{len(found):,} such steps: {listed}",
            hint="Nothing was changed. Give the archives with --archives, or choose other rows with --only.",
        )


def _is_repair(operation: Operation, schema: Schema) -> bool:
    """Tell whether a step is of a kind that plans have, and gives nobody any power."""
    if operation.table in _POWER:
        return False
    if operation.action != "update":
        return operation.table in (_RECREATED if operation.action == "insert" else _DELETED)
    renames = (
        {(operation.table, operation.key_column)} if schema.names_are_keys and operation.table == "user" else set()
    )
    return {(operation.table, name) for name, _ in operation.after} <= _WRITTEN | renames


def require_asked_for(plan: Plan) -> None:
    """Refuse deletions in a plan that was made without them: somebody put them into the file.

    Raises:
        UnsafePlanError: Names them.
    """
    deleted = [o for o in plan.operations if o.action == "delete" and not o.changes_schema]
    if deleted and dict(plan.options).get("merge_duplicates") != "true":
        listed = ", ".join(row_name(o.table, o.key) for o in deleted[:_LISTED])
        raise UnsafePlanError(
            f"the plan was made without --merge-duplicates, and yet would delete {len(deleted):,} rows: {listed}",
            hint="Nothing was changed. Find out who changed the file; only if it is right, add --allow-large.",
        )


def _require_acquaintance(operations: Sequence[Operation], moved: Collection[int]) -> None:
    """Refuse a plan that knows no row here: what it recreates are, to all appearance, people of another community.

    Raises:
        StalePlanError: No row that it would change is as it saw it or as it wants it.
    """
    changing = {number for number, operation in enumerate(operations) if operation.action != "insert"}
    if changing and changing <= set(moved):
        raise StalePlanError(
            "no row that the plan would change is as the plan saw it, so it seems to be of another database",
            hint="Nothing was changed. Check --db, or give the archives with --archives.",
        )


def _asked_today(findings: Iterable[Finding], snapshot: Snapshot) -> tuple[Operation, ...]:
    """Return every step that could be asked for today: deletions too, and what is moved only when it is named."""
    asked = build_plan(findings, snapshot, "", only=tuple(CODES), merge_duplicates=True).operations
    return complete_rows(asked, snapshot.schema.tables)


def _stands(connection: Connection, operation: Operation) -> tuple[Operation, str]:
    """Return what is left to do of a step, and how its row stands to that."""
    state = _state(connection, operation)
    rest = _rest(connection, operation) if state == "moved" else None
    return (rest, "as planned") if rest else (operation, state)


def _state(connection: Connection, operation: Operation) -> str:
    """Return how the row of a step stands: as planned, done, moved; or closed, if what it would write is nowhere at hand."""
    closed_before = _closed((operation.key, *(value for _, value in operation.before)))
    closed_after = _closed((operation.key, *(value for _, value in operation.after)))
    if not closed_before and stands_before(connection, operation):
        return "closed" if closed_after else "as planned"
    return "done" if not closed_after and stands_after(connection, operation) else "moved"


def _rest(connection: Connection, operation: Operation) -> Operation | None:
    """Return what is left of an update of which some columns are done, nothing if any column moved."""
    if operation.action != "update" or len(operation.after) < 2:
        return None
    rename = tuple(pair for pair in operation.before if pair[0] == operation.key_column)
    renamed = ((operation.key_column, operation.new_key),)
    if rename and _state(connection, replace(operation, before=rename, after=renamed)) == "done":
        operation = replace(operation, key=operation.new_key)
    before, after = [], []
    for old, new in zip(
        sorted(operation.before, key=itemgetter(0)), sorted(operation.after, key=itemgetter(0)), strict=True
    ):
        state = _state(connection, replace(operation, before=(old,), after=(new,)))
        if state == "as planned":
            before.append(old)
            after.append(new)
        elif state != "done":
            return None
    return replace(operation, before=tuple(before), after=tuple(after)) if after else None


def _closed(values: Iterable[Value]) -> bool:
    """Tell whether one of these values is nowhere at hand."""
    return any(isinstance(value, Sealed) for value in values)


def _unsupported(plan: Plan, fresh: Iterable[Operation]) -> Iterator[int]:
    """Yield the steps that a fresh plan has not, or that would write something else than it."""
    asked: dict[tuple[str, str, Value], Operation] = {(o.action, o.table, o.key): o for o in fresh}
    owned = {step.operation for steps in plan.steps for step in steps}
    for number, operation in enumerate(plan.operations):
        today = asked.get((operation.action, operation.table, operation.key))
        if number not in owned:  # no finding asked for it (a hardening), so findings cannot speak against it
            continue
        if today is None or not set(operation.after) <= set(today.after):
            yield number


def what_remains(standing: Standing, *, skip_stale: bool) -> Plan:
    """Return what of a saved plan is still to be done.

    Args:
        standing: See ``examine``.
        skip_stale: Leave out what cannot be done, and what rests on it, instead of refusing.

    Raises:
        AlreadyAppliedError: Every row is as the plan wants it.
        StalePlanError: Rows moved, or steps are not what the archives say today; lists them.
        ArchivesMissingError: Texts or tokens are nowhere at hand.
    """
    plan = standing.plan
    if plan.operations and len(standing.done) == len(plan.operations):
        raise AlreadyAppliedError("this plan is applied already: every row is as it wants it")
    if standing.hindered and not skip_stale:
        raise _refusal(standing)
    skipped = restrict(plan, without_operations(plan, standing.hindered), lambda finding: STALE_REASON)
    done = {(o.action, o.table, o.key) for n, o in enumerate(plan.operations) if n in standing.done}
    left = tuple(o for o in skipped.operations if (o.action, o.table, o.key) not in done)
    # Rows that are done need no step; their findings are still promised, and checked before the commit. Steps would point
    # to other operations now, and nothing asks for them any more.
    return replace(skipped, operations=left, steps=()) if done else skipped


def _refusal(standing: Standing) -> ReconstructError:
    parts = []
    if standing.moved:
        parts.append(f"{_rows(standing.moved)} no longer as the plan saw them: {standing.rows(standing.moved)}")
    if standing.unsupported:
        steps = f"{len(standing.unsupported):,} step" + ("s are" if len(standing.unsupported) > 1 else " is")
        parts.append(f"{steps} not what the archives say today: {standing.rows(standing.unsupported)}")
    hint = "Nothing was changed. Plan again, or apply the rest with --skip-stale."
    if parts and standing.done:
        parts.append(f"{_rows(standing.done)} already as the plan wants them")
    if parts:
        return StalePlanError("; ".join(parts), hint=hint)
    listed = standing.rows(standing.closed)
    return ArchivesMissingError(
        f"the texts or tokens of {len(standing.closed):,} rows are not in the archives at hand: {listed}",
        hint="Nothing was changed. Give the archives that the plan was made from with --archives, or apply the rest "
        "with --skip-stale.",
    )


def _rows(numbers: Collection[int]) -> str:
    return "1 row is" if len(numbers) == 1 else f"{len(numbers):,} rows are"


def still_known(plan: Plan, findings: Iterable[Finding]) -> Plan:
    """Return a plan whose skipped findings are all that is found today beside what it repairs.

    The check before the commit refuses findings that nothing was said about before; what came up since the plan was made is
    not the plan's doing.
    """
    promised = {finding.identity for finding in plan.repaired}
    said = {finding.identity: finding.reason for finding in plan.skipped}
    left = tuple(
        replace(f, changes=(), reason=f.reason or said.get(f.identity) or SINCE_REASON)
        for f in findings
        if f.identity not in promised
    )
    return replace(plan, skipped=left)


def applied_when(database: Path, plan: Plan) -> str:
    """Return when a committed run did all that a plan asks for, ISO 8601; empty if no receipt tells."""
    wanted = {(o.action, o.table, o.key) for o in plan.operations}
    for path in sorted((database.resolve().parent / FOLDER_NAME).glob(f"*/{RECEIPT_NAME}"), reverse=True):
        with suppress(ReconstructError):
            receipt = read_receipt(path.parent)
            if receipt.status == "committed" and wanted <= {(o.action, o.table, o.key) for o in receipt.operations}:
                return receipt.finished
    return ""
