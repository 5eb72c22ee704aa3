"""Make a plan smaller without breaking it: what a step needs stays with it, what rests on a dropped step goes with it.

Used by selections (``plan.selection``), which keep some findings and what they need, and by ``apply --skip-stale``, which
drops some findings and what rests on them. Works on any plan, also on one that was read from a file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from thywill_reconstruct.database.schema import FIELDS, TABLES
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.findings.finding import Finding, Risk, Value
from thywill_reconstruct.plan.operations import Columns, Operation, Plan, Step

_TARGETS = {"author": "user", "user": "user", "inviter": "user", "creator": "user", "prayer": "prayer"}
# (table, column) -> the table whose key stands in it, in every era.
REFERENCES = {
    (TABLES[entity], column): TABLES[_TARGETS[name]]
    for entity, fields in FIELDS.items()
    for name, columns in fields.items()
    if name in _TARGETS
    for column in columns
}


def references(operation: Operation, columns: Columns) -> Iterator[tuple[str, Value]]:
    """Yield (table, key) of every row that these columns of an operation's row refer to."""
    for name, value in columns:
        target = REFERENCES.get((operation.table, name))
        if target is not None and value is not None:
            yield target, value


def needs(plan: Plan) -> list[frozenset[int]]:
    """Return, per repaired finding, the other findings (positions in ``plan.repaired``) whose repair it rests on.

    A row that refers to a recreated or renamed one needs that; a deletion or another key needs every repair that takes a
    reference away from the row.
    """
    inserted: dict[tuple[str, Value], int] = {}
    leaving: dict[tuple[str, Value], set[int]] = defaultdict(set)
    for number, operation, before, after in _parts(plan):
        if operation.action == "insert":
            inserted[operation.table, operation.key] = number
        elif operation.action == "update" and operation.key_column in dict(after):
            inserted[operation.table, dict(after)[operation.key_column]] = number
        for target in references(operation, before):
            leaving[target].add(number)
    found: list[set[int]] = [set() for _ in plan.repaired]
    for number, operation, before, after in _parts(plan):
        found[number].update(inserted[target] for target in references(operation, after) if target in inserted)
        if operation.action == "delete" or operation.key_column in dict(before):
            found[number].update(leaving.get((operation.table, operation.key), ()))
    return [frozenset(needed - {number}) for number, needed in enumerate(found)]


def _parts(plan: Plan) -> Iterator[tuple[int, Operation, Columns, Columns]]:
    """Yield (finding, operation, values before, values after) of what each finding alone asks for."""
    for number, steps in enumerate(plan.steps):
        for step in steps:
            operation = plan.operations[step.operation]
            before, after = operation.before, operation.after
            if step.column:
                before = tuple(pair for pair in before if pair[0] == step.column)
                after = tuple(pair for pair in after if pair[0] == step.column)
            yield number, operation, before, after


def with_needed(plan: Plan, chosen: Iterable[int]) -> frozenset[int]:
    """Return the chosen findings (positions in ``plan.repaired``) and those whose repair they rest on."""
    return _closure(chosen, needs(plan))


def without_operations(plan: Plan, operations: Iterable[int]) -> frozenset[int]:
    """Return the findings that can still be repaired when these operations (positions) cannot be carried out."""
    resting: list[set[int]] = [set() for _ in plan.repaired]
    for number, needed in enumerate(needs(plan)):
        for other in needed:
            resting[other].add(number)
    dropped = frozenset(operations)
    # A finding without steps is repaired by the deletion of its row; whether that is done is then no longer certain.
    hit = [n for n, steps in enumerate(plan.steps) if not steps or any(s.operation in dropped for s in steps)]
    return frozenset(range(len(plan.repaired))) - _closure(hit, resting)


def _closure(start: Iterable[int], edges: Sequence[Collection[int]]) -> frozenset[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(edges[number])
    return frozenset(found)


def restrict(plan: Plan, kept: Collection[int], reason: Callable[[Finding], str]) -> Plan:
    """Return the plan that repairs only these findings.

    Args:
        plan: Any plan.
        kept: Positions in ``plan.repaired``; with all that they rest on.
        reason: Why a finding that is left out is not repaired.
    """
    if len(kept) == len(plan.repaired):
        return plan
    asked: dict[int, list[tuple[Finding, Step]]] = defaultdict(list)
    for number in sorted(kept):
        for step in plan.steps[number]:
            asked[step.operation].append((plan.repaired[number], step))
    position = {old: new for new, old in enumerate(sorted(asked))}
    left_out = [
        replace(finding, changes=(), reason=reason(finding))
        for number, finding in enumerate(plan.repaired)
        if number not in kept
    ]
    return replace(
        plan,
        operations=tuple(_only_asked(plan.operations[old], asked[old]) for old in position),
        repaired=tuple(plan.repaired[number] for number in sorted(kept)),
        skipped=tuple(sorted([*plan.skipped, *left_out], key=attrgetter("identity"))),
        steps=tuple(
            tuple(step._replace(operation=position[step.operation]) for step in plan.steps[number])
            for number in sorted(kept)
        ),
    )


def _only_asked(operation: Operation, parts: list[tuple[Finding, Step]]) -> Operation:
    """Return an operation with only the columns that the findings left ask for."""
    columns = {step.column for _, step in parts}
    codes = tuple(sorted({finding.code for finding, _ in parts}))
    if "" in columns or columns.issuperset(name for name, _ in operation.after):
        return operation
    risks: set[Risk] = {step.risk for _, step in parts}
    return replace(
        operation,
        before=tuple(pair for pair in operation.before if pair[0] in columns),
        after=tuple(pair for pair in operation.after if pair[0] in columns),
        risk="relink" if "relink" in risks else "fill",
        codes=codes,
        reason=" ".join(dict.fromkeys(CODES[finding.code].sentence for finding, _ in parts)),
    )
