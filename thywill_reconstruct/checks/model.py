"""The vocabulary of checks: rules, what breaks them, and the results, all frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from thywill_reconstruct.findings.codes import SEVERITIES, Severity

State = Literal["passed", "failed", "could not check"]
STATES: tuple[State, ...] = ("failed", "could not check", "passed")


class CannotCheckError(Exception):
    """A rule cannot run here; the message is the reason, in plain words, without a full stop."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack.

    Attributes:
        id: Unique in its pack, such as ``budget-duplicate-email``.
        title: What is wrong when the rule is broken, a few words.
        severity: Of every finding of this rule.
        why: Why it matters, one or two sentences.
        kind: A key of ``kinds.KINDS``.
        parameters: What the kind needs to know.
        repair: How it can be mended (``repairs.REPAIRS``), or ``None``.
        verification: How to see by hand that it is mended; empty if running the rule again shows it.
        needs: Tables (``table``) or columns (``table.column``) without which the rule does not apply.
        pack, line: Where it stands; ``line`` is 1-based.
    """

    id: str
    title: str
    severity: Severity
    why: str
    kind: str
    parameters: Mapping[str, Any]
    repair: Mapping[str, Any] | None = None
    verification: str = ""
    needs: tuple[str, ...] = ()
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that the schema must hold.

    Attributes:
        id: Its name in the database, or that of the rule that fills values.
        kind: A key of ``PROMISES``.
        table: The table it belongs to.
        parameters: What the kind needs to know.
        rule: The rule that finds rows in its way; empty if that is to be looked for.
        needs: Tables or columns without which it does not apply.
        query: The question that gains; empty for a plain search.
        line: Where it stands in the pack.
    """

    id: str
    kind: str
    table: str
    parameters: Mapping[str, Any]
    rule: str = ""
    needs: tuple[str, ...] = ()
    query: str = ""
    line: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is about, as spelled in the pack."""
        if self.kind == "table":
            return ()
        given = self.parameters
        return tuple(given.get("columns", ())) or ((str(given["column"]),) if "column" in given else ())

    @property
    def subject(self) -> tuple[object, ...]:
        """What two promises about the same thing have in common."""
        return (self.kind, self.table, self.columns, self.parameters.get("says", ""))


@dataclass(frozen=True, slots=True)
class Migrations:
    """Where the state of migrations is recorded, and per version, oldest first, the promises (or rules) it makes."""

    table: str = ""
    column: str = ""
    promises: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of rules; ``place`` is the file it was read from, ``promises`` are what its schema must hold."""

    name: str
    title: str
    rules: tuple[Rule, ...]
    place: str
    promises: tuple[Promise, ...] = ()
    migrations: Migrations | None = None


@dataclass(frozen=True, slots=True)
class Offence:
    """One row, or one schema object, that breaks a rule.

    Attributes:
        table: The table; empty for what stands in archives.
        key: The row's primary key as text (several columns joined by ", "); ``None`` for schema objects.
        message: What is wrong, with ``{column}`` where a value belongs.
        values: Those values, as text, by column.
        part: Tells apart several offences of one row, such as the month or the schema object.
        places: Archive lines, as ``file:line``.
    """

    table: str
    key: str | None
    message: str
    values: tuple[tuple[str, str], ...] = ()
    part: str = ""
    places: tuple[str, ...] = ()

    def fingerprint(self, rule: str) -> str:
        """Return what makes this the same finding in two runs: 16 hexadecimal digits."""
        parts = "\x1f".join((rule, self.table, "\x00" if self.key is None else self.key, self.part))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What became of one rule.

    Attributes:
        rule: The rule, with the severity in force.
        state: ``failed`` if anything is left after accepted and silenced findings.
        count: Findings that count, sampled or not; 0 if the rule could not run.
        offences: The first of them, in the order of their keys; all of them if asked for.
        accepted: Findings that the baseline accepts.
        silenced: Findings that the operator silenced.
        reason: Why the rule could not run.
        facts: What the rule tells besides (row counts, foreign keys), one plain sentence each.
        apart: Findings to which the operator gave a severity of their own; not among the others.
    """

    rule: Rule
    state: State
    count: int = 0
    offences: tuple[Offence, ...] = ()
    accepted: int = 0
    silenced: int = 0
    reason: str = ""
    facts: tuple[str, ...] = ()
    apart: tuple[tuple[Severity, Offence], ...] = ()

    def by_severity(self) -> tuple[RuleResult, ...]:
        """Return one result for each severity that findings have, so that every format shows them as what they are."""
        if not self.apart:
            return (self,)
        others = {severity: tuple(each for own, each in self.apart if own == severity) for severity, _ in self.apart}
        parts = [
            RuleResult(replace(self.rule, severity=severity), "failed", len(found), found)
            for severity, found in others.items()
        ]
        if self.count:
            return (replace(self, apart=()), *parts)
        first = replace(parts[0], accepted=self.accepted, silenced=self.silenced, facts=self.facts)
        return (first, *parts[1:])


@dataclass(frozen=True, slots=True)
class CheckResults:
    """What a check found, worst first.

    Attributes:
        database: Where, without any password.
        dialect: ``sqlite``, ``postgresql``, ...; empty if the database could not be opened.
        results: One per rule: failed by severity, then what could not be checked, then what passed.
        not_applicable: (rule id, reason) of the rules that do not concern this database.
        notes: What the operator should know besides (expired baseline entries, archives that were not read).
    """

    database: str
    dialect: str
    results: tuple[RuleResult, ...]
    not_applicable: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 sound; 1 worst is low or medium; 2 worst is high or critical; 3 something could not be checked, or nothing was."""
        if not self.results or any(each.state == "could not check" for each in self.results):
            return 3
        failed = {each.rule.severity for each in self.results if each.state == "failed"}
        return 2 if failed & {"critical", "high"} else 1 if failed else 0

    def shortened(self, most: int) -> CheckResults:
        """Return them with at most so many findings of each rule; counts stay."""
        return replace(self, results=tuple(replace(each, offences=each.offences[:most]) for each in self.results))

    @property
    def total(self) -> int:
        """How many findings count."""
        return sum(each.count for each in self.results)


def worst_first(result: RuleResult) -> tuple[int, int, int, str]:
    """Sort key of results."""
    return (STATES.index(result.state), SEVERITIES.index(result.rule.severity), -result.count, result.rule.id)
