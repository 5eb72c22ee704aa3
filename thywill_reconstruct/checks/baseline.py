"""The baseline: known findings that are accepted one by one, each until a day if one is given.

A TOML file with one ``[[accepted]]`` per finding. The fingerprint decides; rule, table and key are there to be read.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from thywill_reconstruct.checks.model import Offence
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.toml_lines import tables_with_lines


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted finding; it counts again after the day ``until``."""

    rule: str
    fingerprint: str
    until: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Baseline:
    """All accepted findings, by fingerprint."""

    entries: dict[str, Accepted] = field(default_factory=dict)

    def concerns(self, rule: str) -> bool:
        """Return whether any finding of a rule is accepted."""
        return any(entry.rule == rule for entry in self.entries.values())

    def accepts(self, rule: str, offence: Offence, now: datetime) -> bool:
        """Return whether a finding is accepted today."""
        entry = self.entries.get(offence.fingerprint(rule)) if self.entries else None
        return entry is not None and (entry.until is None or now.date() <= entry.until)

    def expired(self, now: datetime) -> int:
        """Return how many entries no longer hold."""
        return sum(entry.until is not None and now.date() > entry.until for entry in self.entries.values())


def parse_baseline(text: str, place: str) -> Baseline:
    """Read a baseline.

    Raises:
        UsageError: It is wrong; says in which lines.
    """
    try:
        entries = tables_with_lines(text, "accepted")
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise UsageError(f"{place} is no baseline: {error}", hint="Write it anew with --write-baseline.") from error
    accepted, wrong = {}, []
    for line, entry in entries:
        rule, fingerprint, until = entry.get("rule"), entry.get("fingerprint"), entry.get("until")
        until = until.date() if isinstance(until, datetime) else until
        if not isinstance(rule, str) or not isinstance(fingerprint, str):
            wrong.append(f"line {line}: needs rule and fingerprint")
        elif until is not None and not isinstance(until, date):
            wrong.append(f"line {line}: until must be a day, such as 2030-01-31, without quotation marks")
        else:
            accepted[fingerprint] = Accepted(rule, fingerprint, until, line)
    if wrong:
        raise UsageError(f"{place} is no sound baseline: {'; '.join(wrong[:5])}")
    return Baseline(accepted)


def render_baseline(found: Iterable[tuple[str, Offence, str | None]], until: date | None) -> str:
    """Return a baseline that accepts some findings: (rule id, offence, key as it may be shown)."""
    lines = [
        "# Known findings that `reconstruct check --baseline` accepts. Remove an entry, and it is reported again."
    ]
    for rule, offence, shown in found:
        lines += ["", "[[accepted]]", f"rule = {_quoted(rule)}", f"table = {_quoted(offence.table)}"]
        lines += [f"key = {_quoted(shown)}"] if shown is not None else []
        lines += [f"part = {_quoted(offence.part)}"] if offence.part else []
        lines.append(f"fingerprint = {_quoted(offence.fingerprint(rule))}")
        lines += [f"until = {until.isoformat()}"] if until else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are among TOML's."""
    return json.dumps(text).replace("\x7f", "\\u007f")
