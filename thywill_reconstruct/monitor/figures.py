"""The vocabulary of monitoring: rule ids, states and counts. Nothing that stands in a row of the database gets in here."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from thywill_reconstruct.checks.model import CheckResults, State
from thywill_reconstruct.findings.codes import SEVERITIES, Severity


class RuleName(NamedTuple):
    """Which rule: rule ids are unique in their pack."""

    pack: str
    rule: str


class Figure(NamedTuple):
    """What one check said about one rule; ``found`` is ``None`` where it could not be checked."""

    name: RuleName
    severity: Severity
    state: State
    found: int | None


class Run(NamedTuple):
    """One check that was recorded.

    Attributes:
        moment: When, UTC, without a zone, whole seconds.
        exit_code: 0 to 3, as ``check`` ends.
        worst: Severity of the worst finding; empty if there was none.
        version: Of the tool.
        figures: One per rule.
    """

    moment: datetime
    exit_code: int
    worst: Severity | None
    version: str
    figures: tuple[Figure, ...]


def run_of(results: CheckResults, moment: datetime, version: str) -> Run:
    """Return the figures of a check."""
    figures = tuple(
        Figure(
            RuleName(each.rule.pack, each.rule.id),
            each.rule.severity,
            each.state,
            None if each.state == "could not check" else each.count,
        )
        for each in results.results
    )
    found = {each.severity for each in figures if each.found}
    worst = next((severity for severity in SEVERITIES if severity in found), None)
    return Run(moment.replace(microsecond=0), results.exit_code, worst, version, figures)
