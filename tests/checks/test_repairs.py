"""Repairs of rules bring the damaged fixture to the clean one, find nothing the second time, and can be taken back."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests.checks.conftest import MakeDatabase
from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.mend import Mending, carry_out, find_rule, plan_mending
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.checks.server_run import undo_on_server
from thywill_reconstruct.errors import (
    ReconstructError,
    StalePlanError,
    UnsafePlanError,
    UsageError,
    VerificationError,
)

NOW = Settings(now=datetime.now(UTC).replace(tzinfo=None))
# What only an operator can know.
VALUES = {"budget-missing-income": 3000}
Rows = list[tuple[object, ...]]


def rows(url: str, query: str) -> Rows:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def write(url: str, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def plan(url: str, pack: str, rule: str | list[str]) -> Mending:
    packs = [load_pack(pack)]
    names = [rule] if isinstance(rule, str) else rule
    return plan_mending(parse_target(url), packs, [find_rule(packs, name, VALUES.get(name)) for name in names], NOW)


def mend(url: str, pack: str, rule: str | list[str], home: Path, *, allow_large: bool = True) -> Receipt | None:
    mending = plan(url, pack, rule)
    done = carry_out(mending, NOW, home=home, allow_large=allow_large) if mending.operations else None
    assert plan(url, pack, rule).operations == ()
    return done


def tell(url: str, tables: list[str]) -> dict[str, Rows]:
    return {table: sorted(rows(url, f"SELECT * FROM {table}"), key=str) for table in tables}


def test_the_ledger_is_filled_up_until_no_difference_remains(empty_database: MakeDatabase, tmp_path: Path) -> None:
    clean, damaged = empty_database("clean"), empty_database("damaged")
    make(FIXTURES["points"], clean, damaged=False)
    make(FIXTURES["points"], damaged, damaged=True)
    for rule in load_pack("points").rules:
        if rule.repair:
            mend(damaged, "points", rule.id, tmp_path)
    ledger = "SELECT user_id, date, source_type, source_id, points FROM points_log"
    assert sorted(rows(damaged, ledger), key=str) == sorted(rows(clean, ledger), key=str)
    assert tell(damaged, ["daily_stats"]) == tell(clean, ["daily_stats"])
    assert plan(damaged, "points", "points-diary-without-ledger").before["points-ledger-total"].count == 0


def test_the_backfill_touches_only_empty_values(empty_database: MakeDatabase, tmp_path: Path) -> None:
    clean, damaged = empty_database("clean"), empty_database("damaged")
    make(FIXTURES["organizer"], clean, damaged=False)
    make(FIXTURES["organizer"], damaged, damaged=True)
    write(damaged, "UPDATE finance_account SET normalized_name = 'My Own' WHERE id = 6")
    for rule in ("organizer-normalized-name", "organizer-account-type"):
        mend(damaged, "organizer", rule, tmp_path)
    query = "SELECT id, account_type, normalized_name FROM finance_account ORDER BY id"
    expected = [row if row[0] != 6 else (*row[:2], "My Own") for row in rows(clean, query)]
    assert rows(damaged, query) == expected


BUDGET = (
    ("budget-spent-total", "SELECT id, spent_amount FROM daily_plan WHERE spent_amount = 77"),
    ("budget-goal-progress", "SELECT id FROM goals WHERE progress = 99"),
    ("budget-same-plan", "SELECT date FROM daily_plan GROUP BY user_id, date, category HAVING count(*) > 1"),
    ("budget-updated-users", "SELECT id FROM users WHERE updated_at < created_at"),
    ("budget-transaction-category", "SELECT id FROM transactions WHERE category IS NULL"),
    ("budget-plan-user", "SELECT id FROM daily_plan WHERE user_id NOT IN (SELECT id FROM users)"),
)


@pytest.mark.parametrize(("rule", "wrong"), BUDGET)
def test_a_budget_is_mended(rule: str, wrong: str, empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("damaged")
    make(FIXTURES["budget"], url, damaged=True)
    assert rows(url, wrong)
    receipt = mend(url, "budget", rule, tmp_path)
    assert receipt is not None
    assert receipt.status == "committed"
    assert rows(url, wrong) == []


def test_recomputed_values_are_those_of_the_clean_twin(empty_database: MakeDatabase, tmp_path: Path) -> None:
    clean, damaged = empty_database("clean"), empty_database("damaged")
    make(FIXTURES["budget"], clean, damaged=False)
    make(FIXTURES["budget"], damaged, damaged=True)
    for rule in ("budget-same-plan", "budget-spent-total", "budget-goal-progress"):
        mend(damaged, "budget", rule, tmp_path)
    for query in (
        "SELECT id, spent_amount FROM daily_plan",
        "SELECT id, progress FROM goals WHERE saved_amount = 100 AND title IS NOT NULL",
    ):
        known = {row[0]: row[1] for row in rows(clean, query)}
        found = {row[0]: row[1] for row in rows(damaged, query) if row[0] in known}
        assert found == {key: known[key] for key in found}
        assert len(found) > 15


def test_a_repair_that_would_break_another_rule_is_rolled_back(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("damaged")
    make(FIXTURES["budget"], url, damaged=True)
    before = tell(url, ["goals"])
    with pytest.raises(VerificationError, match="budget-deleted-goal"):
        mend(url, "budget", "budget-goal-user", tmp_path)
    assert tell(url, ["goals"]) == before


def test_rows_that_others_belong_to_are_left(empty_database: MakeDatabase) -> None:
    url = empty_database("damaged")
    make(FIXTURES["budget"], url, damaged=True)
    mending = plan(url, "budget", "budget-habit-user")
    assert mending.operations == ()
    assert [reason for _, reason in mending.left] == ["rows of habit_completions belong to it"]


def test_a_duplicate_that_something_belongs_to_stays_whatever_else_is_repaired(empty_database: MakeDatabase) -> None:
    url = empty_database("damaged")
    make(FIXTURES["budget"], url, damaged=False)
    older, newer = (row[0] for row in rows(url, "SELECT id FROM users ORDER BY id LIMIT 2"))
    email = "email = 'one@example.org'"
    write(url, "DROP INDEX IF EXISTS uq_users_email")
    write(url, f"UPDATE users SET {email}, created_at = '2020-01-01 00:00:00' WHERE id = '{older}'")
    write(url, f"UPDATE users SET {email} WHERE id = '{newer}'")
    for table in (
        "transactions",
        "goals",
        "habits",
        "habit_completions",
        "installments",
    ):  # those with a declared key
        write(url, f"UPDATE {table} SET user_id = '{newer}' WHERE user_id = '{older}'")
    mending = plan(url, "budget", [rule.id for rule in load_pack("budget").rules if rule.repair])
    assert [each for each in mending.operations if each.table == "users"] == []
    assert [place for place, _ in mending.left] == [f"users {older}"]


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        (
            ["49.1", "50.2", "51.3"],
            ["49.1", "50.2", "51.3"],
        ),  # archives may bear out all three: a question, no repair
        (["49.1", "49.1", "50.2", "51.3"], ["49.1", "50.2", "51.3"]),
        (["00.0", "49.1"], ["49.1"]),
        (["00.0", "00.0"], ["00.0"]),
    ],
)
def test_of_marks_of_one_minute_only_what_repeats_a_moment_is_deleted(
    seconds: list[str], kept: list[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'marks.db'}"
    write(url, "CREATE TABLE prayermark (id TEXT PRIMARY KEY, username TEXT, prayer_id TEXT, created_at DATETIME)")
    for number, second in enumerate(seconds):
        write(url, f"INSERT INTO prayermark VALUES ('m{number}', 'Joe', 'rain', '2025-10-03 04:57:{second}')")
    mend(url, "thywill", "thywill-doubled-marks", tmp_path)
    assert [row[0] for row in rows(url, "SELECT substr(created_at, 18) FROM prayermark ORDER BY 1")] == kept


def test_a_row_that_changed_meanwhile_is_refused(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("damaged")
    make(FIXTURES["budget"], url, damaged=True)
    mending = plan(url, "budget", "budget-spent-total")
    write(url, "UPDATE daily_plan SET spent_amount = 78 WHERE spent_amount = 77")
    with pytest.raises(StalePlanError):
        carry_out(mending, NOW, home=tmp_path)
    assert len(rows(url, "SELECT id FROM daily_plan WHERE spent_amount = 78")) == 1


def test_many_deletions_need_to_be_allowed(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("damaged")
    make(FIXTURES["points"], url, damaged=True)
    write(url, "UPDATE points_log SET user_id = NULL WHERE id > 1000")
    with pytest.raises(UnsafePlanError):
        mend(url, "points", "points-empty-ledger", tmp_path, allow_large=False)
    assert rows(url, "SELECT count(*) FROM points_log WHERE user_id IS NULL") > [(1000,)]


def test_a_server_run_is_taken_back_exactly_once(postgres_server: str, tmp_path: Path) -> None:
    from tests import postgres

    url = postgres.new_database(postgres_server, "undo")
    make(FIXTURES["budget"], url, damaged=True)
    tables = ["daily_plan", "goals", "habits", "habit_completions", "transactions", "users"]
    # Rows that a foreign key of the server forbids are not let in again, whoever asks.
    joint: list[str] = [
        rule.id for rule in load_pack("budget").rules if rule.repair and rule.kind not in ("reference", "soft_delete")
    ]
    runs: tuple[str | list[str], ...] = ("budget-same-plan", "budget-spent-total", "budget-transaction-user", joint)
    for rule in runs:
        before = tell(url, tables)
        receipt = mend(url, "budget", rule, tmp_path)
        assert receipt is not None
        assert tell(url, tables) != before
        folder = tmp_path / ".reconstruct"
        assert (folder.stat().st_mode & 0o777, (folder / receipt.run / "receipt.json").stat().st_mode & 0o777) == (
            0o700,
            0o600,
        )
        back = {"home": tmp_path, "timeout_s": 5.0, "statement_timeout_s": 30.0}
        undo_on_server(parse_target(url), receipt.run, **back)  # type: ignore[arg-type]
        assert tell(url, tables) == before
        with pytest.raises(ReconstructError):
            undo_on_server(parse_target(url), receipt.run, **back)  # type: ignore[arg-type]


def test_a_locked_row_ends_the_run_and_changes_nothing(postgres_server: str, tmp_path: Path) -> None:
    from tests import postgres

    url = postgres.new_database(postgres_server, "locked")
    make(FIXTURES["budget"], url, damaged=True)
    mending = plan(url, "budget", "budget-spent-total")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as other:
        other.exec_driver_sql("SELECT 1 FROM daily_plan WHERE spent_amount = 77 FOR UPDATE")
        with pytest.raises(ReconstructError, match="lock"):
            carry_out(mending, replace(NOW, timeout_s=0.2), home=tmp_path)
    (receipt,) = (tmp_path / ".reconstruct").glob("*/receipt.json")
    assert json.loads(receipt.read_text())["status"] == "rolled back"


@pytest.mark.parametrize("rule", ["budget-nosuch", "budget-user-nulls", "budget-missing-income"])
def test_rules_without_a_repair_are_refused(rule: str) -> None:
    with pytest.raises(UsageError):
        find_rule([load_pack("budget")], rule)


def test_the_command_repairs_a_file_and_undo_takes_it_back(tmp_path: Path) -> None:
    path = tmp_path / "points.db"
    make(FIXTURES["points"], f"sqlite:///{path}", damaged=True)
    url, query = f"sqlite:///{path}", "SELECT * FROM points_log ORDER BY id"
    before = rows(url, query)

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "thywill_reconstruct", *words, "--db", "points.db"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    words = ("repair", "points-duplicate-ledger", "--pack", "points")
    assert "delete points_log 900003" in run(*words, "--dry-run")
    assert rows(url, query) == before
    assert not (tmp_path / ".reconstruct").exists()
    run(*words, "--execute", "--yes")
    assert len(rows(url, query)) == len(before) - 1
    run("undo", "--yes")
    assert rows(url, query) == before
