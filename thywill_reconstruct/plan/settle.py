"""Make a plan hold: what only shows once the rest is repaired is planned, or said, beforehand.

Repairs are evidence. Once a vanished person is back and holds her prayers again, a name that could have been either of two
people may be certain. So the comparison runs on the database as it will be (``plan.outcome``), until nothing new comes of
it. Only where something stays in doubt can that be; a plan that leaves nothing in doubt costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from thywill_reconstruct.database.rows import Snapshot
from thywill_reconstruct.diff.prayers import LOST_FOR_GOOD
from thywill_reconstruct.findings.codes import GUARDED
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.plan.outcome import after_repairs

# How often what follows from repairs may have consequences of its own. Two are common, more have not been seen.
ROUNDS = 5
LATER = "It shows only once the rest is repaired. The next run decides it."
UNSTEADY = "The repair would not last: with everything else repaired, the archives say something else."
# Doubts that repairs can resolve. Doubled rows that stay because nothing may be deleted, or paths, are none.
_OPEN = frozenset(
    {"US001", "US004", "US007", "PR001", "PR002", "PR003", "MK001", "MK002", "MK004"}
    | {"AT001", "AT002", "IN001", "IN002", "IN009", "IN010"}
)

# What books a living person's row on another.
_FROM_THE_LIVING = frozenset({"PR002", "MK006", "AT005", "AT006"})

Compare = Callable[[Snapshot], Collection[Finding]]
Build = Callable[[Sequence[Finding]], Plan]


class Settled(NamedTuple):
    """Findings of which the repair holds, and the plan of that repair."""

    findings: tuple[Finding, ...]
    plan: Plan


def settle(findings: Iterable[Finding], snapshot: Snapshot, compare: Compare, build: Build) -> Settled:
    """Return the findings with those that follow from their repair, without the repairs that would not last; and their plan.

    Args:
        findings: What the comparison finds today.
        snapshot: The database today.
        compare: The comparison, for another snapshot of the same database.
        build: Makes the plan of findings, as it was asked for.
    """
    known = list(findings)
    plan = build(known)
    if not may_follow(plan):
        return Settled(tuple(known), plan)
    offered = {finding.identity for finding in known if finding.changes}
    for _ in range(ROUNDS):
        found = {finding.identity: finding for finding in compare(after_repairs(snapshot, plan.repaired))}
        failed = {finding.identity for finding in plan.repaired if finding.identity in found}
        more = [finding for finding in found.values() if finding.changes and finding.identity not in offered]
        fitting = _fitting(more, plan)
        if not failed and not fitting:
            break
        offered |= {finding.identity for finding in fitting}
        subjects = {finding.identity[1:] for finding in fitting}
        known = [
            replace(finding, changes=(), reason=UNSTEADY) if finding.identity in failed else finding
            for finding in known
            if finding.changes or finding.identity[1:] not in subjects
        ]
        known += fitting
        plan = build(known)
    else:
        found = {finding.identity: finding for finding in compare(after_repairs(snapshot, plan.repaired))}
    left = _left_behind(known, plan, found.values())
    return Settled((*known, *left), build([*known, *left]) if left else plan)


def may_follow(plan: Plan) -> bool:
    """Return whether repairs of a plan could settle what it leaves open."""
    weighty = any(not finding.code.startswith("PA") for finding in plan.repaired)
    return weighty and any(f.code in _OPEN and f.reason not in LOST_FOR_GOOD for f in plan.skipped)


def _fitting(findings: Iterable[Finding], plan: Plan) -> list[Finding]:
    """Return the findings that change nothing that the plan changes already, let nobody in, and take nothing from anybody.

    That somebody came back is no evidence that what a living person holds is theirs.
    """
    changes = [change for each in plan.repaired for change in each.changes]
    cells = {(change.entity, change.key, change.field) for change in changes if change.action == "update"}
    rows = {(change.entity, change.key) for change in changes if change.action != "update"}
    return [
        finding
        for finding in findings
        if finding.code not in GUARDED | _FROM_THE_LIVING
        and not any(
            (change.entity, change.key) in rows or (change.entity, change.key, change.field) in cells
            for change in finding.changes
        )
    ]


def _left_behind(known: Iterable[Finding], plan: Plan, found: Iterable[Finding]) -> list[Finding]:
    """Return what would be found about things that nothing is said about, to be told beforehand."""
    told = {finding.identity[1:] for finding in (*known, *plan.repaired)}
    new = [replace(f, changes=(), reason=LATER if f.changes else f.reason) for f in found]
    return sorted((f for f in new if f.identity[1:] not in told), key=attrgetter("identity"))
