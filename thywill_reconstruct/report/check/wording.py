"""What all formats say alike about findings and states, with private values left out and everything made safe."""

from __future__ import annotations

import re

from thywill_reconstruct.checks.model import CheckResults, Offence, RuleResult
from thywill_reconstruct.findings.codes import SEVERITIES
from thywill_reconstruct.report.safe import brief, mask, shown_value

# The keys of these tables open doors (design: privacy).
_SECRET_KEYS = ("invitetoken", "session")
_SLOT = re.compile(r"\{(\w+)\}")
VERDICTS = {0: "OK", 1: "WARNING", 2: "CRITICAL", 3: "UNKNOWN"}


def key_of(offence: Offence) -> str | None:
    """Return a row's key as it may be shown."""
    if offence.key is None:
        return None
    return mask(offence.key) if offence.table in _SECRET_KEYS else brief(offence.key)


def exact_key_of(offence: Offence) -> str | None:
    """Return a row's key for a program, that it may look the row up: as it is, unless it opens a door."""
    if offence.key is None or offence.table in _SECRET_KEYS:
        return key_of(offence)
    return offence.key.encode("utf-8", "backslashreplace").decode("utf-8")


def message_of(offence: Offence) -> str:
    """Return what is wrong, values filled in."""
    values = dict(offence.values)

    def fill(slot: re.Match[str]) -> str:
        name = slot.group(1)
        return str(shown_value(offence.table, name, values[name])) if name in values else slot.group(0)

    return brief(_SLOT.sub(fill, offence.message))


def subject_of(offence: Offence) -> str:
    """Return the table and key of a finding, for a line of text."""
    key = key_of(offence)
    return brief(offence.table) if key is None else f"{brief(offence.table)} {key}".strip()


def count_of(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def severity_counts(results: CheckResults) -> list[tuple[str, int]]:
    """Return how many findings there are of each severity, worst first."""
    return [
        (severity, sum(each.count for each in results.results if each.rule.severity == severity))
        for severity in SEVERITIES
    ]


def unchecked(results: CheckResults) -> list[RuleResult]:
    """Return the rules that could not run."""
    return [each for each in results.results if each.state == "could not check"]


def summary_of(results: CheckResults) -> str:
    """Return the whole result in one sentence."""
    failed = [each for each in results.results if each.state == "failed"]
    blind = unchecked(results)
    passed = len(results.results) - len(failed) - len(blind)
    if not results.results:
        return "nothing was checked"
    found = ", ".join(f"{number:,} {severity}" for severity, number in severity_counts(results) if number)
    parts = [f"{count_of(results.total, 'finding')} ({found})" if found else "no findings"]
    parts.append(f"{count_of(passed, 'rule')} of {len(results.results):,} passed")
    if blind:
        parts.append(f"{count_of(len(blind), 'rule')} could not be checked")
    return "; ".join(parts)
