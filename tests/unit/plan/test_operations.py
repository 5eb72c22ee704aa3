"""Operations can be taken back."""

from __future__ import annotations

import pytest

from tests.faults.support import delete, insert, update
from thywill_reconstruct.plan.operations import Operation, recorded_sql, schema_operation


def test_the_inverse_exchanges_before_and_after() -> None:
    step = update("prayer", "rain", (("author_id", "ghost"),), (("author_id", "anna"),))
    back = step.inverse()
    assert (back.action, back.before, back.after) == ("update", step.after, step.before)
    assert (back.table, back.key_column, back.key, back.risk, back.codes) == (
        "prayer",
        "id",
        "rain",
        "fill",
        ("MK001",),
    )
    assert back.reason == "undo: a reason"


def test_an_insertion_is_taken_back_by_deleting_the_whole_row_and_the_other_way_round() -> None:
    row = (("display_name", "Anna"),)
    assert insert("user", "anna", row).inverse().action == "delete"
    assert insert("user", "anna", row).inverse().before == (("id", "anna"), *row)
    assert delete("user", "anna", row).inverse().action == "insert"
    assert delete("user", "anna", row).inverse().after == row


def test_taking_back_what_was_taken_back_is_the_step_itself() -> None:
    for step in (
        update("prayer", "rain", (("author_id", None),), (("author_id", "anna"),)),
        insert("user", "anna", (("display_name", "Anna"),)),
        delete("prayermark", "m1", (("user_id", "anna"),)),
    ):
        assert step.inverse().inverse() == step


def test_a_step_that_changes_the_key_is_taken_back_by_the_new_key() -> None:
    step = Operation("update", "user", "id", "a", (("id", "a"),), (("id", "b"),), "relink", (), "")
    back = step.inverse()
    assert (back.key, back.before, back.after) == ("b", (("id", "b"),), (("id", "a"),))
    assert back.inverse().key == "a"


def test_a_change_of_the_schema_is_a_step_on_the_row_that_sqlite_keeps_about_it() -> None:
    step = schema_operation(
        "create", "index", "ix", "prayer", "create unique index if not exists ix on prayer(id);", codes=(), reason=""
    )
    assert step.changes_schema
    assert dict(step.after) == {
        "type": "index",
        "name": "ix",
        "tbl_name": "prayer",
        "sql": "CREATE UNIQUE INDEX ix on prayer(id)",
    }
    drop = schema_operation(
        "drop", "index", "ix", "prayer", "CREATE UNIQUE INDEX ix on prayer(id)", codes=(), reason="undo: "
    )
    assert (drop.action, drop.before) == (step.inverse().action, step.inverse().before)


@pytest.mark.parametrize(("kind", "sql"), [("index", "DROP TABLE user"), ("view", "CREATE INDEX i ON t (c)")])
def test_a_statement_that_creates_something_else_is_refused(kind: str, sql: str) -> None:
    with pytest.raises(ValueError, match="creates no"):
        recorded_sql(kind, sql)  # type: ignore[arg-type]
