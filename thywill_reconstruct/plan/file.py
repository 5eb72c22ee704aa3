"""The plan file: a plan with all that is needed to read it elsewhere, and to apply exactly it tomorrow.

Canonical: the same plan is the same bytes, whatever the locale, time zone, hash seed, file order and working directory, so
nothing of this machine (paths, times, users) stands in it. The form is published in ``report/schema/plan.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

from thywill_reconstruct.errors import PlanFormatError
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.findings.finding import Entity, Finding, Risk
from thywill_reconstruct.plan.codec import decode_operation, encode_operation
from thywill_reconstruct.plan.operations import Operation, Plan, Step, require_schema_step
from thywill_reconstruct.plan.redact import redact_plan
from thywill_reconstruct.plan.seal import seal_plan

FORMAT = "thywill-reconstruct plan"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan was made from, in figures: rows per table shown, files, prayers and lines of the archives."""

    era: str = ""
    rows: tuple[tuple[str, int], ...] = ()
    archive_files: int = 0
    archive_prayers: int = 0
    lines: int = 0
    lines_understood: int = 0


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it travels.

    Attributes:
        plan: The plan; its findings hold no ``changes``, ``steps`` says what they ask for.
        scope: What it was made from.
        people: (user key, name) of everybody whom a step is about, for ``--only person:``.
        names: Every name that occurs in the plan, for ``--redact``; the names themselves, so as private as the plan.
        decisions: The operator's decisions about names that were in force, as a decisions file; empty for none.
        redacted: Whether names were replaced; such a plan is for reading only.
    """

    plan: Plan
    scope: Scope = Scope()
    people: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    decisions: str = ""
    redacted: bool = False


def for_view(file: PlanFile, *, redact: bool = False, show_text: bool = False) -> PlanFile:
    """Return what may be shown of a plan: sealed unless texts are asked for (tokens always), names replaced if asked for."""
    plan = seal_plan(file.plan, texts=not show_text)
    if not redact or file.redacted:
        return replace(file, plan=plan)
    return replace(file, plan=redact_plan(plan, file.names), people=(), names=(), decisions="", redacted=True)


def encode_plan(file: PlanFile) -> bytes:
    """Return the content of a plan file: JSON in ASCII, keys sorted, ending with a line end."""
    return (json.dumps(_document(file), indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n").encode()


def _document(file: PlanFile) -> dict[str, object]:
    plan, scope = file.plan, file.scope
    return {
        "format": FORMAT,
        "version": VERSION,
        "tool_version": plan.tool_version,
        "redacted": file.redacted,
        "database": {"fingerprint": plan.database_fingerprint, "era": scope.era, "rows": dict(scope.rows)},
        "archives": {
            "fingerprint": plan.archive_fingerprint,
            "files": scope.archive_files,
            "prayers": scope.archive_prayers,
            "lines": scope.lines,
            "lines_understood": scope.lines_understood,
        },
        "options": dict(plan.options),
        "decisions": file.decisions,
        "operations": [encode_operation(operation) for operation in plan.operations],
        "repaired": [
            _encode_finding(finding) | {"steps": [step._asdict() for step in steps]}
            for finding, steps in zip(plan.repaired, plan.steps, strict=True)
        ],
        "skipped": [_encode_finding(finding) for finding in plan.skipped],
        "notes": list(plan.notes),
        "people": [list(pair) for pair in file.people],
        "names": list(file.names),
    }


def _encode_finding(finding: Finding) -> dict[str, object]:
    values = {name: value for name, value in asdict(finding).items() if name != "changes"}
    return values | {"evidence": list(finding.evidence), "severity": finding.info.severity}


def decode_plan(content: bytes) -> PlanFile:
    """Return the plan that ``encode_plan`` encoded.

    Raises:
        PlanFormatError: It is no plan file, one of another version, or damaged.
    """
    try:
        document = json.loads(content, object_pairs_hook=_without_repetition)
    except _RepeatedError as error:
        raise PlanFormatError(f"this plan file is damaged: it says {error} twice") from error
    except (ValueError, RecursionError) as error:
        raise PlanFormatError("this is not a plan file: it is not JSON") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise PlanFormatError("this is not a plan file")
    if document.get("version") != VERSION:
        raise PlanFormatError(
            f"this plan file is of version {document.get('version')!r}, and this tool reads version {VERSION}",
            hint="Use the version of the tool that wrote it, or plan afresh.",
        )
    try:
        return _decode(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise PlanFormatError(f"this plan file is damaged ({type(error).__name__}: {error})") from error


class _RepeatedError(ValueError):
    """A JSON object names the same thing twice; readers differ in which of the two they show."""


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedError(next(repr(name) for n, (name, _) in enumerate(pairs) if name in dict(pairs[:n])))
    return found


def _decode(document: Mapping[str, Any]) -> PlanFile:
    database, archives = document["database"], document["archives"]
    operations = tuple(map(_decode_checked, document["operations"]))
    plan = Plan(
        operations=operations,
        repaired=tuple(map(_decode_finding, document["repaired"])),
        skipped=tuple(map(_decode_finding, document["skipped"])),
        database_fingerprint=_text(database["fingerprint"]),
        archive_fingerprint=_text(archives["fingerprint"]),
        tool_version=_text(document["tool_version"]),
        options=tuple((_text(name), _text(value)) for name, value in document["options"].items()),
        notes=tuple(map(_text, document["notes"])),
        steps=tuple(
            tuple(_decode_step(step, operations) for step in finding["steps"]) for finding in document["repaired"]
        ),
    )
    asked_for = {step.operation for steps in plan.steps for step in steps}
    if any(n not in asked_for and not operation.changes_schema for n, operation in enumerate(operations)):
        raise ValueError("a step that no finding asks for")
    scope = Scope(
        era=_text(database["era"]),
        rows=tuple((_text(name), int(number)) for name, number in database["rows"].items()),
        archive_files=int(archives["files"]),
        archive_prayers=int(archives["prayers"]),
        lines=int(archives["lines"]),
        lines_understood=int(archives["lines_understood"]),
    )
    return PlanFile(
        plan,
        scope,
        people=tuple((_text(key), _text(name)) for key, name in document["people"]),
        names=tuple(map(_text, document["names"])),
        decisions=_text(document["decisions"]),
        redacted=document["redacted"] is not False,
    )


def _decode_checked(values: Mapping[str, Any]) -> Operation:
    """Return an operation of which every part is of its kind: the file may come from anywhere."""
    operation = decode_operation(values)
    _one_of(operation.action, ("insert", "update", "delete"))
    _one_of(operation.risk, get_args(Risk))
    names = [operation.table, operation.key_column, *operation.codes]
    names += [name for name, _ in (*operation.before, *operation.after)]
    for name in (*names, operation.reason):
        _text(name)
    if not all(map(str.isprintable, names)):
        raise ValueError("a name with characters that nobody sees")
    if operation.action == "update" and {n for n, _ in operation.before} != {n for n, _ in operation.after}:
        raise ValueError("an update must name the same columns before and after")
    if (operation.action != "insert" and not operation.before) or (
        operation.action != "delete" and not operation.after
    ):
        raise ValueError("a step without values")
    if operation.changes_schema:
        require_schema_step(operation)
    return operation


def _decode_finding(values: Mapping[str, Any]) -> Finding:
    return Finding(
        code=_one_of(values["code"], CODES),
        entity=_one_of(values["entity"], get_args(Entity)),
        key=_text(values["key"]),
        field=_text(values["field"]),
        expected=_text(values["expected"]),
        actual=_text(values["actual"]),
        evidence=tuple(map(_text, values["evidence"])),
        reason=_text(values["reason"]),
    )


def _decode_step(values: Mapping[str, Any], operations: tuple[Operation, ...]) -> Step:
    step = Step(values["operation"], _text(values["column"]), _one_of(values["risk"], get_args(Risk)))
    if not isinstance(step.operation, int) or not 0 <= step.operation < len(operations):
        raise ValueError("a finding asks for a step that is not there")
    return step


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text is missing where there is {type(value).__name__}")
    return value


def _one_of(value: Any, known: Any) -> Any:
    if not isinstance(value, str) or value not in known:
        raise ValueError("a word that this version does not know")
    return value
