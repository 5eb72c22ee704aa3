"""Findings of the archives as results of rules: every finding code is a rule of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.model import Offence, Rule, RuleResult, State
from thywill_reconstruct.database.schema import TABLES
from thywill_reconstruct.findings.codes import CODES, FAMILIES, Code, Severity
from thywill_reconstruct.findings.finding import Finding

PACK = "archives"


def archive_results(
    findings: Iterable[Finding] | None, settings: Settings, reason: str = ""
) -> tuple[RuleResult, ...]:
    """Return one result per finding code.

    Args:
        findings: What archives and database show side by side, or ``None`` if they could not be compared.
        settings: Sample, silence, severities and baseline in force.
        reason: Why they could not be compared.
    """
    severities = dict(settings.severities)
    grouped: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings or ():
        grouped[finding.code].append(finding)
    results = []
    for code in CODES.values():
        if code.code in settings.silenced:
            continue
        rule = _rule(code, severities.get(code.code, code.severity))
        if findings is None:
            results.append(RuleResult(rule, "could not check", reason=reason))
        else:
            results += _result(rule, grouped.get(code.code, []), settings).by_severity()
    return tuple(results)


def _rule(code: Code, severity: Severity) -> Rule:
    return Rule(
        id=code.code,
        title=code.sentence.removesuffix("."),
        severity=severity,
        why=f"{FAMILIES[code.family].capitalize()}: `reconstruct explain {code.code}` says more.",
        kind="archives",
        parameters={},
        pack=PACK,
    )


def _result(rule: Rule, findings: list[Finding], settings: Settings) -> RuleResult:
    kept: list[Offence] = []
    apart: list[tuple[Severity, Offence]] = []
    count = accepted = silenced = 0
    for offence in map(_offence, findings):
        if f"{rule.id}:{offence.key}" in settings.silenced:
            silenced += 1
        elif settings.baseline.accepts(rule.id, offence, settings.now):
            accepted += 1
        elif severity := settings.severity_of(rule.id, offence):
            apart.append((severity, offence))
        else:
            count += 1
            if settings.sample is None or len(kept) < settings.sample:
                kept.append(offence)
    state: State = "failed" if count else "passed"
    return RuleResult(rule, state, count, tuple(kept), accepted, silenced, apart=tuple(apart))


def _offence(finding: Finding) -> Offence:
    table = "" if finding.entity == "archive" else TABLES.get(finding.entity, finding.entity)
    if finding.expected and finding.actual:
        message = "is {actual}; the archives say: {expected}"
    else:
        message = "{actual}" if finding.actual else "{expected}" if finding.expected else rule_words(finding)
    places = (finding.key, *finding.evidence) if finding.entity == "archive" else finding.evidence
    values = (("actual", finding.actual), ("expected", finding.expected))
    return Offence(table, finding.key, message, values, part=finding.field, places=tuple(dict.fromkeys(places)))


def rule_words(finding: Finding) -> str:
    """Return the sentence of a finding that has nothing more to say."""
    return finding.info.sentence.removesuffix(".")
