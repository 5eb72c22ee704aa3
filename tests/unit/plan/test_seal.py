"""What must not travel is sealed, and opens where its content is at hand."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import pytest

from tests.faults.support import insert, update
from thywill_reconstruct.apply.statements import statement
from thywill_reconstruct.findings.finding import Finding, Sealed
from thywill_reconstruct.plan.operations import Operation, Plan, Step
from thywill_reconstruct.plan.seal import open_plan, privacy_of, seal, seal_plan, sealed_values

TEXT = "Please pray for Ruth\u2028 and \udcff"
TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"


def plan_of(*operations: Operation, entity: str = "token", key: str = TOKEN) -> Plan:
    finding = Finding("IN008", entity, key, "user", "", "", ())  # type: ignore[arg-type]
    return Plan(operations, (finding,), (finding,), "d", "a", "0", steps=((Step(0, "", "fill"),),))


PLAN = plan_of(
    Operation(
        "update",
        "invitetoken",
        "token",
        TOKEN,
        (("used_by_user_id", None),),
        (("used_by_user_id", "u"),),
        "fill",
        (),
        "",
    ),
    insert("prayer", "p", (("id", "p"), ("text", TEXT), ("generated_prayer", None))),
    insert("user", "u", (("id", "u"), ("display_name", "Max"), ("invite_token_used", TOKEN))),
    insert("prayer_attributes", "x", (("id", "x"), ("attribute_value", "He is well again"))),
)


def test_secrets_are_sealed_and_nothing_else() -> None:
    sealed = seal_plan(PLAN)
    assert TOKEN not in repr(sealed)
    assert TEXT not in repr(sealed)
    assert [len(sealed_values(operation)) for operation in sealed.operations] == [1, 1, 1, 1]
    assert sealed.operations[0].after == PLAN.operations[0].after
    assert dict(sealed.operations[2].after)["display_name"] == "Max"
    assert sealed.repaired[0].key.startswith("a1b2…")
    assert seal_plan(sealed) == seal_plan(seal_plan(sealed))


def test_texts_are_shown_if_asked_for_but_never_tokens_and_testimonies() -> None:
    shown = repr(seal_plan(PLAN, texts=False))
    assert repr(TEXT) in shown
    assert TOKEN not in shown
    assert "well again" not in shown


def test_what_is_at_hand_opens() -> None:
    opened = open_plan(seal_plan(PLAN), ["other", TEXT, TOKEN])
    assert opened.operations[:3] == PLAN.operations[:3]
    assert opened.repaired[0].key == TOKEN
    assert sealed_values(opened.operations[3])  # testimonies are not among the values
    assert sealed_values(open_plan(seal_plan(PLAN), [TEXT + " "]).operations[1])


def test_the_digest_is_the_one_of_the_sqlite3_shell() -> None:
    sealed = seal("rain", "prayer")
    assert isinstance(sealed, Sealed)
    assert sealed.digest == hashlib.sha3_256(b"rain").hexdigest()
    assert str(sealed) == "(4 characters)"
    assert seal("abc", "token") == Sealed("token", hashlib.sha3_256(b"abc").hexdigest(), 3)


def test_a_sealed_value_never_reaches_a_database() -> None:
    value = seal("rain", "prayer")
    with pytest.raises(TypeError, match="never written"):
        statement(update("prayer", "p", (("text", "x"),), (("text", value),)))
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT ?", (value,))


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [("prayer", "text", "prayer"), ("prayer_activity_log", "new_value", "private"), ("user", "display_name", "")],
)
def test_what_is_a_secret(table: str, column: str, expected: str) -> None:
    assert privacy_of(table, column) == expected


def test_session_ids_are_tokens_too() -> None:
    key = "5" * 32
    moved = Operation("update", "session", "id", key, (("user_id", "x"),), (("user_id", "u"),), "relink", (), "")
    sealed = seal_plan(plan_of(moved, entity="session", key=key))
    assert key not in repr(sealed)
    assert open_plan(sealed, [key]).operations == (moved,)
    assert open_plan(sealed, [key]).repaired[0].key == key
