"""A plan, row by row, as the long formats show it: deletions first, every value fit to be seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from thywill_reconstruct.findings.finding import Finding, Risk, Value
from thywill_reconstruct.plan.file import PlanFile
from thywill_reconstruct.plan.operations import Operation
from thywill_reconstruct.plan.restrict import REFERENCES
from thywill_reconstruct.report.model import Group, Report, Subject, build_report
from thywill_reconstruct.report.safe import brief, shown_key, shown_value

_ACTIONS = {"delete": "Rows deleted", "insert": "Rows recreated", "update": "Rows corrected"}
_RISKS: dict[Risk, str] = {
    "fill": "writes where nothing usable was",
    "relink": "replaces a reference to a living row",
    "recreate": "inserts a row that is missing",
    "delete": "removes a row",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of one row; ``before`` is empty for a new row, ``after`` for a deleted one."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """One step: ``number`` is its place in the order in which the plan is carried out, from 1."""

    number: int
    key: str
    cells: tuple[Cell, ...]
    risk: str
    codes: tuple[str, ...]
    reason: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """All steps of one kind on one table."""

    what: str
    table: str
    action: str
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """The heading."""
        return f"{self.what}: {len(self.rows):,} in {self.table}"


@dataclass(frozen=True, slots=True)
class View:
    """Everything that markdown and HTML show."""

    report: Report
    facts: tuple[tuple[str, str], ...]
    risks: tuple[tuple[str, str, int], ...]
    sections: tuple[Section, ...]
    skipped: tuple[Group, ...]
    notes: tuple[str, ...]
    redacted: bool


def subject_of(file: PlanFile) -> Subject:
    """Return what a saved plan was made from, for the head of a report."""
    scope = file.scope
    return Subject(
        database="as planned",
        era=scope.era,
        rows=_rows_of(file),
        archives="as planned",
        archive_files=scope.archive_files,
        archive_prayers=scope.archive_prayers,
        lines=scope.lines,
        understood=scope.lines_understood,
    )


def _rows_of(file: PlanFile) -> tuple[tuple[str, int], ...]:
    """Return users, prayers, marks, in the order of all other reports."""
    return tuple(sorted(file.scope.rows, reverse=True))


def build_view(file: PlanFile) -> View:
    """Return a plan that was made fit to be seen (``plan.file.for_view``), row by row."""
    plan = file.plan
    report = build_report("dry-run", subject_of(file), plan, "")
    risks = Counter(operation.risk for operation in plan.operations)
    return View(
        report=report,
        facts=facts_of(file),
        risks=tuple((risk, text, risks[risk]) for risk, text in reversed(_RISKS.items()) if risks[risk]),
        sections=tuple(_sections(file)),
        skipped=report.skipped,
        notes=tuple(map(brief, plan.notes)),
        redacted=file.redacted,
    )


def facts_of(file: PlanFile) -> tuple[tuple[str, str], ...]:
    """Return what identifies a plan, as (label, value) pairs for people."""
    plan, scope = file.plan, file.scope
    options = ", ".join(f"{name}={value}" for name, value in plan.options if value and value != "false")
    rows = ", ".join(f"{number:,} {name}" for name, number in _rows_of(file))
    return (
        ("Made by", f"thywill-reconstruct {brief(plan.tool_version)}"),
        ("Options", brief(options) or "none"),
        ("Decisions", f"{file.decisions.count('[[decision]]')} in force" if file.decisions else "none"),
        (
            "Database",
            f"{rows or 'no rows'}; schema {brief(scope.era)}; fingerprint {brief(plan.database_fingerprint[:16])}",
        ),
        (
            "Archives",
            f"{scope.archive_prayers:,} prayers in {scope.archive_files:,} files; "
            f"fingerprint {brief(plan.archive_fingerprint[:16])}",
        ),
    )


def _sections(file: PlanFile) -> Iterable[Section]:
    plan, people = file.plan, dict(file.people)
    why: dict[int, list[Finding]] = defaultdict(list)
    for finding, steps in zip(plan.repaired, plan.steps, strict=True):
        for step in steps:
            why[step.operation].append(finding)
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for number, operation in enumerate(plan.operations):
        grouped[operation.action, operation.table].append(_row(number, operation, why[number], people))
    for action, title in _ACTIONS.items():
        for table in sorted({table for kind, table in grouped if kind == action}):
            rows = tuple(grouped[action, table])
            yield Section(title, brief(table), action, rows)


def _row(number: int, operation: Operation, findings: Iterable[Finding], people: Mapping[str, str]) -> Row:
    before, after = dict(operation.before), dict(operation.after)

    def cell(column: str) -> Cell:
        return Cell(
            brief(column),
            _shown(operation.table, column, before[column], people) if column in before else "",
            _shown(operation.table, column, after[column], people) if column in after else "",
        )

    return Row(
        number + 1,
        brief(str(shown_key(operation.table, operation.key))),
        tuple(cell(column) for column in dict.fromkeys((*before, *after))),
        operation.risk,
        operation.codes,
        brief(operation.reason),
        tuple(f"{finding.code}: {', '.join(map(brief, finding.evidence))}" for finding in findings),
    )


def _shown(table: str, column: str, value: Value, people: Mapping[str, str]) -> str:
    """Return a value for people: a user's key with the name, nothing as a dash."""
    if value is None:
        return "–"
    # What is secret was sealed before; what is left may be shown.
    text = brief(str(shown_value(table, column, value, show_text=True)))
    if REFERENCES.get((table, column)) == "user" and isinstance(value, str) and people.get(value, value) != value:
        return f"{text} ({brief(people[value])})"
    return text or "(empty)"
