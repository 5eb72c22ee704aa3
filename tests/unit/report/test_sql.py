"""SQL literals: every value comes out of SQLite as it went in, in characters that nothing acts on."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from tests.cli.test_hostile_names import FORBIDDEN
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.file import PlanFile
from thywill_reconstruct.plan.operations import Plan, schema_operation
from thywill_reconstruct.report.sql import as_sql, literal

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(),
    st.text(),
    st.sampled_from(["'); DROP TABLE user; --", "a\nb", "\0", "\n", ".shell x", "\x1b[31m", "\u202e"]),
)


@given(VALUES)
def test_a_value_survives_as_sql(value: Value) -> None:
    text = literal(value)
    assert FORBIDDEN.findall(text) == []
    assert "\n" not in text
    with closing(sqlite3.connect(":memory:")) as connection:
        ((found,),) = connection.execute(f"SELECT {text}").fetchall()
    assert found == value
    assert type(found) is type(value)


def script(*operations: object) -> str:
    return as_sql(PlanFile(Plan(tuple(operations), (), (), "d", "a", "0")))  # type: ignore[arg-type]


def test_indexes_are_made_and_removed() -> None:
    sql = "CREATE UNIQUE INDEX ix ON user (id)"
    make = schema_operation("create", "index", "ix", "user", sql, codes=("DB001",), reason="r")
    drop = schema_operation("drop", "index", "ix", "user", sql, codes=("DB001",), reason="r")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE user (id)")
        connection.executescript(script(make).replace(".bail on\n", ""))
        assert connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix'").fetchall() == [(sql,)]
        connection.executescript(script(drop).replace(".bail on\n", ""))
        assert connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix'").fetchall() == []


def test_no_word_of_a_step_gets_out_of_its_comment() -> None:
    step = schema_operation(
        "create", "index", "ix", "user", "CREATE INDEX ix ON user (id)", codes=("a\n.shell b",), reason="c\n.shell d"
    )
    assert [line for line in script(step).splitlines() if line.startswith(".shell")] == []
