"""The published form of a pack, as a JSON schema made from the kinds themselves; editors read it while somebody writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from thywill_reconstruct.checks.kinds import KINDS
from thywill_reconstruct.checks.kinds.context import Parameter
from thywill_reconstruct.checks.promises import MIGRATIONS, PROMISES
from thywill_reconstruct.checks.repair_kinds import REPAIRS
from thywill_reconstruct.findings.codes import SEVERITIES

_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_FORMS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "sql": {"type": "string", "minLength": 1},
    "query": {"type": "string", "minLength": 1},
    "flag": {"type": "boolean"},
    "number": {"type": "number"},
    "table": {"type": "object"},
    "texts": _TEXTS,
    "names": {"anyOf": [{"type": "string"}, _TEXTS]},
    "entries": {"type": "array", "items": {"type": "object"}},
    "any": {},
}


def pack_schema() -> str:
    """Return the schema as text, always the same."""
    text = {"type": "string", "minLength": 1}
    common = {
        "id": {"type": "string", "pattern": "^[\\w.-]+$"},
        "title": text,
        "severity": {"enum": list(SEVERITIES)},
        "why": text,
        "verification": {"type": "string"},
        "needs": _TEXTS,
    }
    rules = [
        _object(
            {**common, "kind": {"const": kind.name}, **_properties(kind.parameters), **_repair(kind.repairs)},
            ["id", "title", "severity", "why", "kind", *_needed(kind.parameters)],
        )
        for kind in KINDS.values()
    ]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A pack of rules for reconstruct check",
        **_object(
            {
                "name": text,
                "title": text,
                "rule": {"type": "array", "minItems": 1, "items": {"oneOf": rules}},
                "promise": {"type": "array", "items": {"oneOf": _promises()}},
                "migrations": _object({name: {} for name in MIGRATIONS}, list(MIGRATIONS)),
            },
            ["name", "title", "rule"],
        ),
    }
    return json.dumps(document, indent=1) + "\n"


def _promises() -> list[dict[str, Any]]:
    text = {"type": "string", "minLength": 1}
    common = {"id": text, "table": text, "rule": text, "needs": _TEXTS, "query": text}
    return [
        _object(
            {**common, "kind": {"const": name}, **_properties(kind.parameters)},
            ["id", "kind", "table", *_needed(kind.parameters)],
        )
        for name, kind in PROMISES.items()
    ]


def _repair(actions: tuple[str, ...]) -> dict[str, Any]:
    forms = [
        _object(
            {"action": {"const": action}, **_properties(REPAIRS[action].parameters)},
            ["action", *_needed(REPAIRS[action].parameters)],
        )
        for action in actions
    ]
    return {"repair": {"oneOf": forms}} if forms else {}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _properties(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    return {name: {**_FORMS[each.form], "description": each.help} for name, each in parameters.items()}


def _needed(parameters: Mapping[str, Parameter]) -> list[str]:
    return [name for name, each in parameters.items() if each.required]
