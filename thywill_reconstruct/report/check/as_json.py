"""The results of a check as JSON. Its form is published in ``report/schema/check.schema.json``."""

from __future__ import annotations

import json

from thywill_reconstruct import __version__
from thywill_reconstruct.checks.model import CheckResults, Offence, RuleResult
from thywill_reconstruct.report.check.wording import VERDICTS, exact_key_of, message_of, severity_counts, summary_of
from thywill_reconstruct.report.safe import brief

SCHEMA_VERSION = 1


def render(results: CheckResults) -> str:
    """Return the results as one line of JSON, keys sorted, everything beyond ASCII escaped."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": "thywill-reconstruct",
        "tool_version": __version__,
        "database": results.database,
        "dialect": results.dialect,
        "verdict": VERDICTS[results.exit_code],
        "exit_code": results.exit_code,
        "summary": summary_of(results),
        "counts": {"findings": results.total, **dict(severity_counts(results))},
        "findings": [],
        "rules": [
            {
                "rule": each.rule.id,
                "pack": each.rule.pack,
                "title": each.rule.title,
                "severity": each.rule.severity,
                "kind": each.rule.kind,
                "state": each.state,
                "count": each.count,
                "shown": len(each.offences),
                "accepted": each.accepted,
                "silenced": each.silenced,
                "reason": brief(each.reason),
                "repair": each.rule.repair["action"] if each.rule.repair else None,
                "facts": [brief(fact) for fact in each.facts],
            }
            for each in results.results
        ],
        "not_applicable": [{"rule": rule, "reason": brief(reason)} for rule, reason in results.not_applicable],
        "notes": [brief(note) for note in results.notes],
    }
    before, findings, after = _dumps(document).partition('"findings":[]')
    # One after the other: as objects, hundreds of thousands would need twice the memory.
    listed = ",".join(_dumps(_finding(each, offence)) for each in results.results for offence in each.offences)
    return f"{before}{findings[:-1]}{listed}]{after}\n"


def _dumps(document: object) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _finding(result: RuleResult, offence: Offence) -> dict[str, object]:
    return {
        "rule": result.rule.id,
        "severity": result.rule.severity,
        "table": offence.table,
        "key": exact_key_of(offence),
        "message": message_of(offence),
        "fingerprint": offence.fingerprint(result.rule.id),
        "places": [brief(place) for place in offence.places],
    }
