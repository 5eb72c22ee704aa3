"""The report as JSON, for scripts. Its form is published in ``report/schema/result.schema.json``."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from thywill_reconstruct import __version__
from thywill_reconstruct.database.schema import TABLES
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Columns, Operation
from thywill_reconstruct.report.model import Report
from thywill_reconstruct.report.safe import shown_key, shown_value

SCHEMA_VERSION = 1


def as_json(report: Report, *, receipt: dict[str, Any] | None = None, show_text: bool = False) -> str:
    """Return a report as one line of JSON, keys sorted, everything beyond ASCII escaped.

    Prayer texts are given as their length unless ``show_text``; tokens are always masked.
    """
    subject = report.subject
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": "thywill-reconstruct",
        "tool_version": __version__,
        "mode": report.mode,
        "database": {"path": subject.database, "era": subject.era, "rows": dict(subject.rows)},
        "archives": {
            "path": subject.archives,
            "files": subject.archive_files,
            "prayers": subject.archive_prayers,
            "lines": subject.lines,
            "lines_understood": subject.understood,
        },
        "fingerprints": {"database": report.plan.database_fingerprint, "archives": report.plan.archive_fingerprint},
        "options": dict(report.plan.options),
        "pending": report.pending,
        "counts": {
            "changes": dict(report.changes),
            "repaired": dict(Counter(f.code for f in report.plan.repaired)),
            "skipped": dict(Counter(f.code for f in report.plan.skipped)),
        },
        "operations": [operation_fields(operation, show_text) for operation in report.plan.operations],
        "findings": [
            *(_finding(finding, repaired=True) for finding in report.plan.repaired),
            *(_finding(finding, repaired=False) for finding in report.plan.skipped),
        ],
        "notes": list(report.plan.notes),
        "receipt": receipt,
    }
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def operation_fields(operation: Operation, show_text: bool) -> dict[str, Any]:
    """Return an operation as JSON values, prayers as their length unless ``show_text``, tokens masked."""

    def columns(values: Columns) -> dict[str, Any]:
        return {name: shown_value(operation.table, name, value, show_text=show_text) for name, value in values}

    return {
        "action": operation.action,
        "table": operation.table,
        "key": shown_key(operation.table, operation.key),
        "before": columns(operation.before),
        "after": columns(operation.after),
        "risk": operation.risk,
        "codes": list(operation.codes),
    }


def _finding(finding: Finding, *, repaired: bool) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.info.name,
        "severity": finding.info.severity,
        "entity": finding.entity,
        "key": shown_key(TABLES.get(finding.entity, ""), finding.key),
        "field": finding.field,
        "expected": finding.expected,
        "actual": finding.actual,
        "evidence": list(finding.evidence),
        "repaired": repaired,
        "reason": finding.reason,
    }
