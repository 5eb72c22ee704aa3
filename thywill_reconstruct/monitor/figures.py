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
    """Return the figures of a check; of a rule whose findings differ in severity, the worst."""
    figures: dict[RuleName, Figure] = {}
    for each in results.results:  # worst first
        name = RuleName(each.rule.pack, each.rule.id)
        found = None if each.state == "could not check" else each.count
        if name in figures:
            figures[name] = figures[name]._replace(found=(figures[name].found or 0) + (found or 0))
        else:
            figures[name] = Figure(name, each.rule.severity, each.state, found)
    grave = {each.severity for each in figures.values() if each.found}
    worst = next((severity for severity in SEVERITIES if severity in grave), None)
    return Run(moment.replace(microsecond=0), results.exit_code, worst, version, tuple(figures.values()))
