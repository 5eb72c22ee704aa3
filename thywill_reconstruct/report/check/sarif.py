"""The results of a check as SARIF 2.1.0, which code hosts and editors show; findings of archives point at their lines."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from thywill_reconstruct import __version__
from thywill_reconstruct.checks.model import CheckResults, Offence, RuleResult
from thywill_reconstruct.report.check.wording import message_of, subject_of, unchecked
from thywill_reconstruct.report.safe import brief

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}


def render(results: CheckResults) -> str:
    """Return the results as one line of SARIF."""
    blind = [
        {
            "level": "error",
            "message": {"text": f"could not check: {brief(each.reason)}"},
            "associatedRule": {"id": each.rule.id},
        }
        for each in unchecked(results)
    ]
    run = {
        "tool": {
            "driver": {
                "name": "thywill-reconstruct",
                "version": __version__,
                "rules": [_rule(each) for each in results.results],
            }
        },
        "invocations": [
            {
                "executionSuccessful": results.exit_code != 3,
                "exitCode": results.exit_code,
                "toolExecutionNotifications": blind,
            }
        ],
        "results": [
            _result(each, number, offence) for number, each in enumerate(results.results) for offence in each.offences
        ],
        "columnKind": "unicodeCodePoints",
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":")) + "\n"


def _rule(result: RuleResult) -> dict[str, Any]:
    rule = result.rule
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "pack": rule.pack, "state": result.state, "count": result.count},
    }


def _result(result: RuleResult, index: int, offence: Offence) -> dict[str, Any]:
    document: dict[str, Any] = {
        "ruleId": result.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[result.rule.severity],
        "message": {"text": f"{subject_of(offence)}: {message_of(offence)}"},
        "partialFingerprints": {"finding/v1": offence.fingerprint(result.rule.id)},
        "locations": [_row(offence)],
    }
    places = [place for place in map(_place, offence.places) if place is not None]
    if places:
        document["locations"] = [{**places[0], **_row(offence)}]
        document["relatedLocations"] = [{"id": number, **place} for number, place in enumerate(places[1:], start=1)]
    return document


def _row(offence: Offence) -> dict[str, Any]:
    name = subject_of(offence) or "archives"
    return {"logicalLocations": [{"fullyQualifiedName": name, "kind": "row" if offence.key is not None else "table"}]}


def _place(text: str) -> dict[str, Any] | None:
    """Return ``file:line`` as a location; ``None`` for evidence that is no place in a file."""
    file, _, line = text.rpartition(":")
    if not file or not line.isdigit() or int(line) < 1:
        return None
    uri = quote(file.encode("utf-8", "surrogateescape"))
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": int(line)}}}
