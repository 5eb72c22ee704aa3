"""The promises that a run keeps before it commits, all checked inside its transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from thywill_reconstruct.apply.precheck import row_name
from thywill_reconstruct.database.schema import TABLES
from thywill_reconstruct.database.snapshot import quote_name, read_tables
from thywill_reconstruct.errors import VerificationError
from thywill_reconstruct.findings.codes import GUARDED
from thywill_reconstruct.findings.finding import Finding

_MAX_DEFECTS = 1_000
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Health:
    """What SQLite itself finds wrong: lines of ``integrity_check``, and violated foreign keys, with how often each."""

    defects: Counter[str]
    violations: Counter[tuple[str, object, str, object]]

    def __or__(self, other: Health) -> Health:
        """Return what is found wrong in one or the other."""
        return Health(self.defects | other.defects, self.violations | other.violations)


HEALTHY = Health(Counter(), Counter())


def measure_health(connection: sqlite3.Connection) -> Health:
    """Run ``integrity_check`` and, table by table, ``foreign_key_check``.

    Table by table, because one key that refers to a column which is no key (as rebuilt tables leave it: database
    schema spec, section 4) makes SQLite refuse the whole check; such a table counts as one violation here.
    """
    lines = connection.execute(f"PRAGMA integrity_check({_MAX_DEFECTS})").fetchall()
    violations: Counter[tuple[str, object, str, object]] = Counter()
    for table in read_tables(connection):
        try:
            rows = connection.execute(f"PRAGMA foreign_key_check({quote_name(table)})").fetchall()
        except sqlite3.OperationalError as error:
            if "foreign key mismatch" not in str(error):
                raise
            rows = [(table, None, str(error), None)]
        violations.update((str(child), row, str(parent), key) for child, row, parent, key in rows)
    return Health(Counter(str(line) for (line,) in lines if line != "ok"), violations)


def require_no_new_damage(before: Health, after: Health) -> None:
    """Refuse a result in which SQLite finds anything that it did not find before.

    Raises:
        VerificationError: Names the first new defects.
    """
    defects = after.defects - before.defects
    if defects:
        raise VerificationError(f"the database would be damaged: {_some(sorted(defects))}")
    # A row that referred to nobody and now refers to nobody by another key is the same violation.
    violations = after.violations - before.violations
    if violations:
        listed = sorted(f"{child} row {row} refers to a missing {parent}" for child, row, parent, _ in violations)
        raise VerificationError(f"foreign keys would be violated: {_some(listed)}")


def require_nothing_else_changed(changed: int, planned: int) -> None:
    """Refuse a repair that changed more rows than it has operations: a trigger or a cascade of the database did the rest.

    Raises:
        VerificationError: Says how many rows were changed and how many were planned.
    """
    if changed != planned:
        raise VerificationError(
            f"the repair changed {changed:,} rows where it planned {planned:,}: the database has triggers or cascading "
            "references that change further rows",
            hint="Everything was rolled back. Drop the triggers for the time of the repair, and put them back afterwards.",
        )


def require_repaired(
    repaired: Collection[Finding],
    skipped: Collection[Finding],
    found: Iterable[Finding],
    before: Callable[[], Iterable[Finding]] = tuple,
) -> None:
    """Refuse a result in which a planned repair did not work, or which brought new findings.

    New is a critical or high finding about something that nothing was said about before. A row that was in question may well
    be in question for another reason afterwards (an author who was nobody is, once that person is recreated, perhaps the
    wrong one), and what is left of a partial repair may show as a lesser finding elsewhere. Logins that were left alone are
    counted with those of nobody once nothing tells any more whose they were.

    Args:
        repaired: The findings that the plan repairs: none may be left.
        skipped: The findings that the plan leaves: they may be left.
        found: What the diff finds now.
        before: Finds what there was right before the first change. An application that goes on writing while a plan is
            read brings findings of its own, which the run has not caused. Called only if something is new.

    Raises:
        VerificationError: Names the first findings that are left or new.
    """
    promised = {finding.identity for finding in repaired}
    known = {finding.identity[1:] for finding in (*repaired, *skipped)}
    tables = {TABLES[finding.entity] for finding in skipped if finding.entity in TABLES}
    now = {finding.identity: finding for finding in found}
    unrepaired = sorted(now.keys() & promised)
    if unrepaired:
        raise VerificationError(f"not repaired after all: {_some([_name(each) for each in unrepaired])}")
    new = sorted(
        identity
        for identity, finding in now.items()
        if identity[1:] not in known and finding.info.severity in ("critical", "high")
        if not (finding.entity == "other" and finding.code in GUARDED and finding.key in tables)
    )
    if new:
        there = {finding.identity for finding in before()}
        new = [identity for identity in new if identity not in there]
    if new:
        raise VerificationError(f"the repair would cause new findings: {_some([_name(each) for each in new])}")


def _name(identity: tuple[str, str, str, str]) -> str:
    code, entity, key, field = identity
    return f"{code} {row_name(entity, key)}" + (f" ({field})" if field else "")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return "; ".join(names[:_LISTED]) + more
