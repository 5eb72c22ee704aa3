"""Plan files: what is written is read again, and nothing else is taken for a plan."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest
from hypothesis import given

from tests.unit.plan.test_codec import VALUES
from tests.unit.plan.test_restrict import PLAN
from thywill_reconstruct.errors import PlanFormatError
from thywill_reconstruct.plan.file import PlanFile, Scope, decode_plan, encode_plan, for_view
from thywill_reconstruct.plan.operations import Operation, Plan
from thywill_reconstruct.plan.seal import seal_plan

SCOPE = Scope("v1", (("marks", 1), ("users", 4)), 3, 2, 40, 39)
FILE = PlanFile(seal_plan(PLAN), SCOPE, people=(("anna", "Anna"),), names=("Anna", "Dora"), decisions="[[decision]]")
SCHEMA = json.loads(resources.files("thywill_reconstruct.report").joinpath("schema/plan.schema.json").read_text())


def test_a_plan_is_read_as_it_was_written() -> None:
    assert decode_plan(encode_plan(FILE)) == FILE
    jsonschema.validate(json.loads(encode_plan(FILE)), SCHEMA)


@given(VALUES, VALUES)
def test_any_value_travels(before: object, after: object) -> None:
    change = Operation("update", "user", "id", "u", (("c", before),), (("c", after),), "fill", (), "")  # type: ignore[arg-type]
    file = PlanFile(Plan((change,), (), (), "d", "a", "0"))
    assert decode_plan(encode_plan(file)) == file
    jsonschema.validate(json.loads(encode_plan(file)), SCHEMA)


def test_what_is_shown_is_sealed_and_may_be_redacted() -> None:
    shown = for_view(FILE, redact=True)
    assert shown.redacted
    assert (shown.names, shown.people, shown.decisions) == ((), (), "")
    content = encode_plan(shown)
    assert b"Dora" not in content
    assert b"Person " in content
    assert for_view(shown, redact=True) == shown
    jsonschema.validate(json.loads(content), SCHEMA)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a plan file"),
        (b'{"format": "thywill-reconstruct plan", "version": 2}', "of version 2"),
        (b'{"format": "thywill-reconstruct plan", "version": 1}', "damaged"),
    ],
)
def test_what_is_no_plan_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(PlanFormatError, match=message):
        decode_plan(content)


def damage(path: list[object], value: object) -> bytes:
    document = json.loads(encode_plan(FILE))
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["operations"], None),
        (["operations", 0, "action"], "replace"),
        (["operations", 0, "risk"], "none"),
        (["operations", 0, "table"], 3),
        (["operations", 0, "after"], []),
        (["operations", 0, "after"], [["id", [1]]]),
        (["operations", 2, "before"], [["other", 1]]),
        (["operations", 2, "key"], {"sealed": {"kind": "x", "digest": "", "characters": 1}}),
        (["operations", 2, "key"], {"bytes": "xyz"}),
        (["repaired", 0, "code"], "XX999"),
        (["repaired", 0, "steps", 0, "operation"], 99),
        (["repaired", 0, "steps", 0, "operation"], "0"),
        (["names"], [3]),
        (["notes"], {"a": 1}.get("b")),
    ],
)
def test_a_damaged_plan_is_refused(path: list[object], value: object) -> None:
    with pytest.raises(PlanFormatError, match="damaged"):
        decode_plan(damage(path, value))
