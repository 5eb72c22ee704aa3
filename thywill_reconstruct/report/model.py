"""What a report shows, whatever its format: counted, grouped and sorted once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from thywill_reconstruct.findings.codes import CODES, FAMILIES, SEVERITIES, Code
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Plan


@dataclass(frozen=True, slots=True)
class Subject:
    """What was compared: paths as given, era, row counts, and how much of the archives was understood."""

    database: str
    era: str
    rows: tuple[tuple[str, int], ...]
    archives: str
    archive_files: int
    archive_prayers: int
    lines: int
    understood: int


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one code (and, if skipped, of one reason), most telling first."""

    code: Code
    findings: tuple[Finding, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A plan, ready to be shown.

    ``repaired`` and ``skipped`` are grouped by family in the order of ``FAMILIES``; ``changes`` counts operations by
    action, ``tables`` by table and action.
    """

    mode: str
    subject: Subject
    plan: Plan
    repaired: tuple[Group, ...]
    skipped: tuple[Group, ...]
    changes: tuple[tuple[str, int], ...]
    tables: tuple[tuple[str, str, int], ...]
    next_step: str

    @property
    def pending(self) -> int:
        """How many operations the plan holds."""
        return len(self.plan.operations)


def build_report(mode: str, subject: Subject, plan: Plan, next_step: str) -> Report:
    """Group and count a plan."""
    actions = Counter(operation.action for operation in plan.operations)
    tables = Counter((operation.table, operation.action) for operation in plan.operations)
    return Report(
        mode=mode,
        subject=subject,
        plan=plan,
        repaired=_groups(plan.repaired, by_reason=False),
        skipped=_groups(plan.skipped, by_reason=True),
        changes=tuple((action, actions.get(action, 0)) for action in ("delete", "insert", "update")),
        tables=tuple((table, action, n) for (table, action), n in sorted(tables.items())),
        next_step=next_step,
    )


def _groups(findings: Iterable[Finding], *, by_reason: bool) -> tuple[Group, ...]:
    grouped: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        grouped[finding.code, _kind_of(finding.reason) if by_reason else ""].append(finding)
    families = list(FAMILIES)
    order = sorted(
        grouped,
        key=lambda key: (
            SEVERITIES.index(CODES[key[0]].severity) if by_reason else families.index(CODES[key[0]].family),
            key,
        ),
    )
    return tuple(Group(CODES[code], tuple(grouped[code, kind]), kind) for code, kind in order)


def _kind_of(reason: str) -> str:
    """Return what reasons have in common: names in quotes are left out, so that a thousand like cases are one line."""
    parts = reason.split("'")
    return "…".join(parts[::2]) if len(parts) > 2 else reason
