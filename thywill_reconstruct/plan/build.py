"""Turn findings into a plan: translate what they ask for into operations, order them, and keep what is selected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from operator import itemgetter

from thywill_reconstruct import __version__
from thywill_reconstruct.database.rows import Snapshot, references_to_users
from thywill_reconstruct.database.schema import FURTHER, Schema
from thywill_reconstruct.findings.codes import CODES, GUARDED
from thywill_reconstruct.findings.finding import Change, Finding, Value
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.plan.operations import Columns, Operation, Plan, Step
from thywill_reconstruct.plan.selection import (
    SELECTION_REASON,
    Selection,
    join_words,
    leaves_out,
    named_codes,
    parse_selection,
    select,
)

# Users before prayers before what hangs on them; deletions after everything that moves rows away from the deleted.
_TABLE_ORDER = {"user": 0, "token": 1, "prayer": 2, "mark": 3, "attribute": 4, "log": 5}
_FURTHER_ORDER = len(_TABLE_ORDER)
_ACTION_ORDER = {"create": 0, "update": 1, "delete": 2}
Fields = tuple[tuple[str, Value], ...]
GUARDED_REASON = "It lets somebody in, so it is moved only when named: --only roles, sessions or approvals."
DELETION_REASON = "Rows are only deleted with --merge-duplicates."


def build_plan(
    findings: Iterable[Finding],
    snapshot: Snapshot,
    archive_fingerprint: str,
    *,
    only: Collection[str] = (),
    merge_duplicates: bool = False,
    notes: tuple[str, ...] = (),
    decisions: Decisions = NO_DECISIONS,
) -> Plan:
    """Build the plan that repairs the findings, as far as they are selected and have a repair.

    The same findings give the same plan, whatever their order. What a selected repair rests on (a missing user it refers
    to, the moves before a deletion) comes with it, and a note says so.

    Args:
        findings: All findings of a comparison.
        snapshot: The database the findings were made from.
        archive_fingerprint: SHA-256 of the archives.
        only: Words of ``--only``; empty for everything.
        merge_duplicates: Whether rows may be deleted.
        notes: Facts to carry into the report.
        decisions: What the findings follow; the plan records how many there are, and their fingerprint.

    Raises:
        UsageError: ``only`` names something unknown.
    """
    selection = parse_selection(only)
    ordered = sorted(findings, key=_finding_order)
    # A deletion that is not asked for must not keep a row from being repaired, so it is left out before anything else.
    named = named_codes(selection)
    chosen = [
        f
        for f in ordered
        if f.changes
        and (f.code not in GUARDED or f.code in named)
        and not (_deletes(f) and (not merge_duplicates or leaves_out(selection, f)))
    ]
    blocked = _still_referred_to(snapshot, chosen)
    stays = {id(f) for f in chosen if f.code == "US002" and f.key in blocked}
    repaired = tuple(f for f in chosen if id(f) not in stays)
    taken = set(map(id, repaired))
    operations = tuple(_operations(repaired, snapshot))
    whole = Plan(
        operations=operations,
        repaired=repaired,
        skipped=tuple(
            _skip(f, selection, blocked[f.key] if id(f) in stays else "") for f in ordered if id(f) not in taken
        ),
        database_fingerprint=snapshot.fingerprint,
        archive_fingerprint=archive_fingerprint,
        tool_version=__version__,
        options=(
            *_decided(decisions),
            ("merge_duplicates", str(merge_duplicates).lower()),
            ("only", join_words(selection.words)),
        ),
        notes=notes,
        steps=_steps(repaired, operations, snapshot.schema),
    )
    return select(whole, selection, people_of(repaired, snapshot) if selection.people else {})


def people_of(findings: Iterable[Finding], snapshot: Snapshot) -> dict[str, str]:
    """Return user key -> name of everybody who has a row, or gets one by these findings."""
    people = {user.key: user.name for user in snapshot.users}
    for change in (change for finding in findings for change in finding.changes):
        if change.action == "create" and change.entity == "user":
            people[change.key] = str(dict(change.row)["name"])
    return people


def _steps(
    repaired: Iterable[Finding], operations: Iterable[Operation], schema: Schema
) -> tuple[tuple[Step, ...], ...]:
    """Return per finding which operations do what it asks."""
    place: dict[tuple[str, Value, str], int] = {(o.table, o.key, o.action): n for n, o in enumerate(operations)}
    action = {"create": "insert", "update": "update", "delete": "delete"}
    return tuple(
        tuple(
            Step(
                place[schema.table(change.entity), change.key, action[change.action]],
                _column(schema, change.entity, change.field) if change.action == "update" else "",
                change.risk,
            )
            for change in finding.changes
            if (schema.table(change.entity), change.key, action[change.action]) in place
        )
        for finding in repaired
    )


def _decided(decisions: Decisions) -> tuple[tuple[str, str], ...]:
    """Return what a plan records of the decisions it follows; nothing if there are none."""
    if not decisions.entries:
        return ()
    return (("decisions", str(len(decisions.entries))), ("decisions_sha256", decisions.fingerprint))


def _finding_order(finding: Finding) -> tuple[str, str, str, str]:
    return finding.identity


def _deletes(finding: Finding) -> bool:
    return any(change.action == "delete" for change in finding.changes)


def _skip(finding: Finding, selection: Selection, blocked: str) -> Finding:
    """Return a finding as it stands among the skipped: without changes, with the reason why."""
    if not finding.changes:
        return finding
    left_out = SELECTION_REASON if leaves_out(selection, finding) else ""
    guarded = GUARDED_REASON if finding.code in GUARDED else ""
    return replace(finding, changes=(), reason=guarded or left_out or blocked or DELETION_REASON)


def _still_referred_to(snapshot: Snapshot, repaired: Collection[Finding]) -> dict[str, str]:
    """Return doubled user -> why its row cannot go: what would still refer to it after all repairs.

    A row that stays may itself refer to another doubled user, so this goes on until nothing more has to stay.
    """
    left: dict[str, dict[str, int]] = {}
    while more := _referred_to(snapshot, [f for f in repaired if f.code != "US002" or f.key not in left]):
        left.update(more)
    return {key: _left_words(tables) for key, tables in left.items()}


def _referred_to(snapshot: Snapshot, repaired: Collection[Finding]) -> dict[str, dict[str, int]]:
    """Return user to be deleted -> table -> how many rows refer to it after these repairs."""
    doomed = {f.key for f in repaired if f.code == "US002"}
    if not doomed:
        return {}
    moved = {(c.entity, c.key, c.field) for f in repaired for c in f.changes if c.action == "update"}
    deleted = {(c.entity, c.key) for f in repaired for c in f.changes if c.action == "delete"}
    left: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entity, name, key, value in references_to_users(snapshot):
        if value in doomed and (entity, key, name) not in moved and (entity, key) not in deleted:
            left[value][snapshot.schema.table(entity)] += 1
    away = Counter(
        (snapshot.schema.table(c.entity), snapshot.schema.column(c.entity, c.field), c.before)
        for finding in repaired
        for c in finding.changes
        if c.entity in FURTHER and c.action == "update"
    )
    for reference in snapshot.references:
        rows = reference.rows - away[reference.table, reference.column, reference.user]
        if reference.user in doomed and rows:
            left[reference.user][reference.table] += rows
    return left


def _left_words(tables: Mapping[str, int]) -> str:
    counted = ", ".join(f"{n} in {table}" for table, n in sorted(tables.items()))
    return f"Rows that no archive line explains still refer to it ({counted}), so it stays."


def _operations(repaired: Iterable[Finding], snapshot: Snapshot) -> list[Operation]:
    """Return the operations in dependency order, the updates of one row joined into one."""
    schema = snapshot.schema
    updates: dict[tuple[str, str], list[tuple[Finding, Change]]] = defaultdict(list)
    operations: list[tuple[tuple[int, int, str], Operation]] = []
    doomed = {(c.entity, c.key) for f in repaired for c in f.changes if c.action == "delete"}
    stored = _stored_rows(snapshot, doomed)
    for finding in repaired:
        for change in finding.changes:
            if change.action == "update":
                if (change.entity, change.key) not in doomed:
                    updates[change.entity, change.key].append((finding, change))
            else:
                operations.append((_order(change), _whole_row(finding, change, schema, stored)))
    for parts in updates.values():
        operations.append((_order(parts[0][1]), _update(parts, schema)))
    return [operation for _, operation in sorted(operations, key=lambda pair: pair[0])]


def _stored_rows(snapshot: Snapshot, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Fields]:
    """Return the rows that are to be deleted, as the snapshot holds them."""
    users = {("user", row.key): row for row in snapshot.users if ("user", row.key) in keys}
    marks = {("mark", row.key): row for row in snapshot.marks if ("mark", row.key) in keys}
    return {key: tuple(row._asdict().items()) for rows in (users, marks) for key, row in rows.items()}


def _order(change: Change) -> tuple[int, int, str]:
    table = _TABLE_ORDER.get(change.entity, _FURTHER_ORDER)
    return (_ACTION_ORDER[change.action], -table if change.action == "delete" else table, change.key)


def _sentence(finding: Finding) -> str:
    return CODES[finding.code].sentence


def _update(parts: list[tuple[Finding, Change]], schema: Schema) -> Operation:
    finding, change = parts[0]
    entity = change.entity
    if len(parts) == 1:
        column = _column(schema, entity, change.field)
        return Operation(
            "update",
            schema.table(entity),
            _column(schema, entity, "key"),
            change.key,
            ((column, change.before),),
            ((column, change.after),),
            change.risk,
            (finding.code,),
            CODES[finding.code].sentence,
        )
    columns = sorted(((_column(schema, entity, c.field), c.before, c.after) for _, c in parts), key=itemgetter(0))
    risks = [c.risk for _, c in parts]
    return Operation(
        action="update",
        table=schema.table(entity),
        key_column=_column(schema, entity, "key"),
        key=change.key,
        before=tuple((name, before) for name, before, _ in columns),
        after=tuple((name, after) for name, _, after in columns),
        risk="relink" if "relink" in risks else "fill",
        codes=tuple(sorted({f.code for f, _ in parts})),
        reason=" ".join(dict.fromkeys(_sentence(f) for f, _ in parts)),
    )


def _whole_row(
    finding: Finding, change: Change, schema: Schema, stored: Mapping[tuple[str, str], Fields]
) -> Operation:
    """Return the insertion or deletion of one row; a deletion names what the snapshot knows of it."""
    entity = change.entity
    row: dict[str, Value] = {}
    for name, value in change.row or stored[entity, change.key]:
        column = schema.column(entity, name)
        if column is not None:
            row[column] = value
    columns: Columns = tuple(row.items())
    creates = change.action == "create"
    return Operation(
        action="insert" if creates else "delete",
        table=schema.table(entity),
        key_column=_column(schema, entity, "key"),
        key=change.key,
        before=() if creates else columns,
        after=columns if creates else (),
        risk=change.risk,
        codes=(finding.code,),
        reason=_sentence(finding),
    )


def _column(schema: Schema, entity: str, name: str) -> str:
    column = schema.column(entity, name)
    if column is None:  # a comparator proposed a change to a field that this database lacks: our own mistake
        raise LookupError(f"{entity}.{name} has no column in this database")
    return column
