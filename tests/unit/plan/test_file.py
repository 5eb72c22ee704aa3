"""Plan files: what is written is read again, and nothing else is taken for a plan."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from tests.unit.plan.test_codec import VALUES
from tests.unit.plan.test_restrict import PLAN
from thywill_reconstruct.errors import PlanFormatError
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.file import PlanFile, Scope, decode_plan, encode_plan, for_view
from thywill_reconstruct.plan.operations import Operation, Plan, SchemaKind, Step, schema_operation
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
    finding = Finding("PR001", "user", "u", "c", "", "", ())
    file = PlanFile(Plan((change,), (finding,), (), "d", "a", "0", steps=((Step(0, "c", "fill"),),)))
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
        (["operations", 2, "key"], 2**63),
        (["operations", 2, "key"], "\ud800"),
        (["archives", "files"], float("inf")),
        (["repaired"], []),
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


def test_what_is_said_twice_is_refused() -> None:
    content = encode_plan(FILE).replace(b'"notes": [', b'"notes": [], "notes": [', 1)
    with pytest.raises(PlanFormatError, match="it says 'notes' twice"):
        decode_plan(content)


INDEX = schema_operation("create", "index", "ix", "user", "CREATE INDEX ix ON user (name)", codes=(), reason="r")


def with_schema_step(operation: Operation) -> bytes:
    return encode_plan(PlanFile(Plan((operation,), (), (), "d", "a", "0")))


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("index", """CREATE INDEX "a;b" ON user (name) -- ; it's"""),
        ("view", "CREATE VIEW ix AS SELECT ';' AS \"it's\", [a;b] /* ; */ FROM user"),
        ("trigger", "CREATE TRIGGER ix AFTER INSERT ON user BEGIN\n  SELECT 1;\n  SELECT 2;\nEND"),
    ],
)
def test_one_statement_about_the_schema_travels_without_a_finding(kind: SchemaKind, sql: str) -> None:
    made = schema_operation("create", kind, "ix", "user", sql, codes=(), reason="r")
    assert decode_plan(with_schema_step(made)).plan.operations == (made,)
    assert decode_plan(with_schema_step(made.inverse())).plan.operations == (made.inverse(),)


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("table", "CREATE TABLE ix (id)"),
        ("table", "CREATE INDEX ix ON user (name)"),
        ("index", "CREATE VIEW ix AS SELECT 1"),
        ("index", "create index ix on user (name)"),
        ("index", "CREATE INDEX ix ON user (name); DROP TABLE user"),
        ("index", "CREATE INDEX ix ON user (name);\n.shell reboot\n"),
        ("index", "CREATE INDEX ix ON user (name) /* "),
        ("view", "CREATE VIEW ix AS SELECT 'a"),
        ("view", "CREATE VIEW ix AS SELECT '\x1b[2J'"),
        ("view", "CREATE VIEW ix AS SELECT 1 -- seen\r, 2"),
        ("trigger", "CREATE TRIGGER ix AFTER INSERT ON user BEGIN SELECT 1; END;\n.shell reboot\n; SELECT 2; END"),
        ("trigger", "CREATE TRIGGER ix AFTER INSERT ON user BEGIN SELECT 1; END /* */;\n.shell reboot\n"),
        ("trigger", "CREATE UNIQUE TRIGGER ix;\n.shell reboot\nEND"),
    ],
)
def test_nothing_else_comes_along_with_a_schema_step(kind: str, sql: str) -> None:
    row = (("type", kind), ("name", "ix"), ("tbl_name", "user"), ("sql", sql))
    made = replace(INDEX, after=row)
    for forged in (made, made.inverse()):
        with pytest.raises(PlanFormatError, match="damaged"):
            decode_plan(with_schema_step(forged))


@pytest.mark.parametrize(
    "change", [{"key": "other"}, {"key_column": "tbl_name"}, {"action": "update", "before": INDEX.after}]
)
def test_a_schema_step_is_about_what_it_names(change: dict[str, Any]) -> None:
    with pytest.raises(PlanFormatError, match="damaged"):
        decode_plan(with_schema_step(replace(INDEX, **change)))
