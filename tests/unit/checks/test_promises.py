"""Promises of packs: what is wrong with one is told with its line, and rules that expect objects are promises too."""

from __future__ import annotations

from pathlib import Path

import pytest

from thywill_reconstruct.checks.packs import lint_pack, load_pack

HEAD = """name = "small"
title = "Small"

[[rule]]
id = "small-indexes"
title = "Indexes"
severity = "low"
why = "Speed."
kind = "expected_index"
indexes = [{ table = "t", name = "ix_t_a", columns = ["a"] }]

[[rule]]
id = "small-constraints"
title = "Constraints"
severity = "low"
why = "Safety."
kind = "expected_constraint"
constraints = [
    { table = "t", type = "foreign key", columns = ["a"], to = "u.id" },
    { table = "t", type = "not null", columns = ["b"] },
    { table = "t", type = "check", says = "b > 0" },
    { table = "t", type = "unique", columns = ["b", "a"] },
]

"""
LINE = HEAD.count("\n") + 1


def test_rules_that_expect_objects_promise_them(tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    path.write_text(HEAD)
    assert [(each.kind, each.id, each.columns) for each in load_pack(str(path)).promises] == [
        ("unique", "uq_t_b_a", ("b", "a")),
        ("index", "ix_t_a", ("a",)),
        ("not_null", "nn_t_b", ("b",)),
        ("foreign_key", "fk_t_a", ("a",)),
        ("check", "ck_t_8d53f8", ()),
    ]


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ('id = "x"\ntable = "t"', "promise needs kind"),
        ('id = "x"\ntable = "t"\nkind = "wish"', "promise kind wish is none of"),
        ('id = "x"\ntable = "t"\nkind = "index"', "needs either columns or expression"),
        ('id = "x"\ntable = "t"\nkind = "index"\ncolumns = ["a"]\nsize = 1', "promise index knows no size"),
        ('id = "x"\ntable = "t"\nkind = "check"\nsays = "a; DROP TABLE t"', "says"),
        ('id = "x"\ntable = "t"\nkind = "view"\nselect = "DELETE FROM t"', "select"),
        ('id = "x"\ntable = "t"\nkind = "total"', "promise total needs rule"),
        ('id = "x"\ntable = "t"\nkind = "backfill"\nrule = "none"', "promise rule none is no rule"),
        ('id = "x"\ntable = "t"\nkind = "foreign_key"\ncolumn = "a"\nto = "u"', "to must be table.column"),
        (
            'id = "x"\ntable = "t"\nkind = "foreign_key"\ncolumn = "a"\nto = "u.id"\non_delete = "explode"',
            "on_delete is none of",
        ),
    ],
)
def test_what_is_wrong_with_a_promise_is_told_with_its_line(promise: str, said: str) -> None:
    problems = lint_pack(f"{HEAD}[[promise]]\n{promise}\n")
    (line,) = (each.line for each in problems if said in each.message)
    assert LINE <= line <= LINE + len(promise.splitlines())


def test_two_promises_cannot_bear_one_name() -> None:
    promise = '[[promise]]\nid = "x"\nkind = "index"\ntable = "t"\ncolumns = ["a"]\n'
    (problem,) = lint_pack(HEAD + promise + promise)
    assert f"taken by the promise in line {LINE}" in problem.message


@pytest.mark.parametrize(
    ("migrations", "said"),
    [
        ('[migrations]\ntable = "v"', "migrations needs table, column, promises"),
        ('[migrations]\ntable = "v"\ncolumn = "n"\npromises = { a = "x" }', "list of promises or rules"),
        (
            '[migrations]\ntable = "v"\ncolumn = "n"\npromises = { a = ["x"] }',
            "version a promises x, which is unknown",
        ),
    ],
)
def test_what_is_wrong_with_migrations_is_told(migrations: str, said: str) -> None:
    (problem,) = lint_pack(f"{HEAD}{migrations}\n")
    assert said in problem.message
