"""All repairs and hardening together bring a damaged fixture to its clean twin, but for what no database can know."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.budget import key
from scripts.pack_fixtures.fixture import make
from tests.checks.conftest import MakeDatabase
from tests.checks.test_packs import check
from tests.checks.test_repairs import NOW, plan
from tests.harden.support import harden
from thywill_reconstruct.checks.mend import carry_out
from thywill_reconstruct.checks.packs import load_pack

Cell = tuple[str, str, str]  # table, key, column; a * stands for all


class Unknown(NamedTuple):
    """What was lost for good: the cells that may differ, and the rules that still find something, or whose finding did it."""

    cells: set[Cell]
    still_failing: set[str]


# Ledger entries that are written anew get ids of their own; this is what tells them apart.
BOOKED = ["user_id", "date", "source_type", "source_id"]
UNKNOWN = {
    "budget": Unknown(
        {
            ("users", key("users", 5), "password_hash"),  # user-nulls: nobody but the user knows it
            ("users", key("users", 2), "updated_at"),  # updated-users: some moment after the row was made
            ("users", key("users", 3), "created_at"),  # future-user: some moment that has come
            ("users", key("users", 3), "updated_at"),
            ("goals", key("goals", 9), "title"),  # goal-nulls: a title that says there was none
            ("habits", key("habits", 15), "title"),
            ("users", key("users", 10), "created_at"),  # user-created: some moment before her last change
            ("transactions", key("t2-5", 0), "created_at"),
            (
                "goals",
                key("goals", 10),
                "saved_amount",
            ),  # goal-limits: no more than the target, how much less nobody knows
            ("goals", key("goals", 10), "progress"),
            ("transactions", key("t1-11", 0), "updated_at"),  # future-transaction-update and the like: the same
            ("transactions", key("t1-11", 1), "created_at"),
            ("transactions", key("t1-11", 1), "updated_at"),
            ("goals", key("goals", 13), "created_at"),
            ("goals", key("goals", 14), "completed_at"),
            ("daily_plan", key("d14", 10), "created_at"),
            ("habit_completions", key("done", 13), "completed_at"),  # future-completion: some moment that has come
            ("daily_plan", key("d14", 8), "planned_amount"),  # plan-planned: 0, until somebody says what was planned
            ("daily_plan", key("d15", 40), "*"),  # calendar: what was planned for a day that is gone
        },
        # Types are never altered; the calendar and the password are for people.
        {
            "budget-user-nulls",
            "budget-calendar",
            "budget-precision-spending",
            "budget-precision-goals",
        },
    ),
    # Which of two recorded versions is true only Alembic's files say.
    "points": Unknown({("alembic_version", "0badc0ffee00", "*")}, {"points-migration-state"}),
    "organizer": Unknown(
        {
            ("tag", "*", "*"),  # a table that was dropped comes back empty
            ("finance_account", "*", "account_subtype"),  # and so does a column
            ("alembic_version", "f00dfeed0002", "*"),
        },
        {"organizer-migration-state"},
    ),
}


def living_cells(url: str, tables: sa.MetaData) -> dict[Cell, object]:
    """Every value of every row that is not marked as deleted."""
    cells: dict[Cell, object] = {}
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        for name, table in tables.tables.items():
            places = BOOKED if name == "points_log" else [each.name for each in table.primary_key]
            for row in connection.execute(sa.select(table)).mappings():
                if row.get("deleted_at") is None:
                    values = {
                        column: value for column, value in row.items() if (name, column) != ("points_log", "id")
                    }
                    place = ", ".join(str(row[each]) for each in places)
                    assert (name, place, next(iter(values))) not in cells
                    cells |= {(name, place, column): value for column, value in values.items()}
    return cells


def is_known(cell: Cell, unknown: set[Cell]) -> bool:
    table, place, column = cell
    return not unknown & {(table, p, c) for p in (place, "*") for c in (column, "*")}


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
@pytest.mark.parametrize("name", UNKNOWN)
def test_repaired_and_hardened_it_is_its_clean_twin(
    name: str, backwards: bool, empty_database: MakeDatabase, tmp_path: Path
) -> None:
    clean, damaged = empty_database("clean"), empty_database("damaged")
    make(FIXTURES[name], clean, damaged=False)
    make(FIXTURES[name], damaged, damaged=True)
    rules = [rule.id for rule in load_pack(name).rules if rule.repair]
    mending = plan(damaged, name, rules[::-1] if backwards else rules)
    assert mending.left == ()
    carry_out(mending, NOW, home=tmp_path, allow_large=True)
    assert plan(damaged, name, rules).operations == ()
    harden(damaged, name, tmp_path)
    unknown = UNKNOWN[name]
    expected, found = (living_cells(url, FIXTURES[name].tables) for url in (clean, damaged))
    assert {cell: value for cell, value in found.items() if is_known(cell, unknown.cells)} == {
        cell: value for cell, value in expected.items() if is_known(cell, unknown.cells)
    }
    failing = {each.rule.id for each in check(name, damaged).results if each.state != "passed"}
    assert failing == unknown.still_failing
