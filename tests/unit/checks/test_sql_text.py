from __future__ import annotations

import pytest

from thywill_reconstruct.checks.sql_text import complaint_about


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select id from a -- ; delete\n",
        "WITH x AS (SELECT 1) SELECT * FROM x;",
        "SELECT ';' , 'it''s', \"delete\", $q$ drop; $q$ FROM a /* ; insert */",
        "SELECT replace(a, 'x', 'y') FROM t",
        "SELECT updated_at FROM t",
    ],
)
def test_one_reading_statement_is_fine(sql: str) -> None:
    assert complaint_about(sql) == ""


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "empty"),
        ("-- nothing", "empty"),
        ("DELETE FROM a", "single SELECT"),
        ("SELECT 1; SELECT 2", "single SELECT"),
        ("WITH x AS (DELETE FROM a RETURNING id) SELECT * FROM x", "DELETE"),
        ("SELECT * INTO b FROM a", "INTO"),
        ("SELECT (1", "unbalanced"),
        ("SELECT 'open", "unbalanced"),
        ("SELECT 1 /* open", "comment"),
        ("SELECT 1) OR (1", "unbalanced"),
    ],
)
def test_anything_else_is_told(sql: str, said: str) -> None:
    assert said in complaint_about(sql)


def test_a_condition_may_not_end_itself() -> None:
    assert complaint_about("a = 1 AND b LIKE 'x%'", part=True) == ""
    assert "semicolon" in complaint_about("a = 1; DROP TABLE b", part=True)
    assert "unbalanced" in complaint_about("a = 1)", part=True)
