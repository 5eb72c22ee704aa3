from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.support import make_database, moving_plan, run_in_child
from thywill_reconstruct.apply.receipt import Receipt, read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.settle import outcome, settle_killed_runs


def kill_during(path: Path, moment: str) -> None:
    """Run a plan in a child that dies at COMMIT, or right after it."""

    class DyingConnection(sqlite3.Connection):
        def execute(self, sql: str, parameters: object = ()) -> sqlite3.Cursor:
            if sql == "COMMIT" and moment == "before":
                os._exit(9)
            cursor = super().execute(sql, parameters)  # type: ignore[arg-type]
            if sql == "COMMIT":
                os._exit(9)
            return cursor

    def work() -> None:
        execute_plan(
            path,
            moving_plan(40),
            lambda connection: (),
            opener=lambda database, timeout_s: sqlite3.connect(
                database, isolation_level=None, factory=DyingConnection
            ),
        )

    os.waitpid(run_in_child(work), 0)


def settle(path: Path) -> tuple[Receipt, ...]:
    with closing(sqlite3.connect(path)) as connection:
        return settle_killed_runs(connection, path.parent / ".reconstruct", path, datetime.now(UTC))


@pytest.mark.parametrize(("moment", "status"), [("before", "rolled back"), ("after", "committed")])
def test_the_rows_tell_what_became_of_a_killed_run(tmp_path: Path, moment: str, status: str) -> None:
    path = make_database(tmp_path / "thywill.db")
    kill_during(path, moment)
    (run,) = (each.parent for each in tmp_path.glob(".reconstruct/*/receipt.json"))
    assert read_receipt(run).status == "started"
    (settled,) = settle(path)
    assert settled == read_receipt(run)
    assert settled.status == status
    assert settled.reason == "killed"
    assert (run / "backup.db").exists() == bool(settled.backup) == (status == "committed")
    assert settle(path) == ()


def test_runs_of_other_databases_and_broken_receipts_are_left_alone(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    kill_during(path, "after")
    other = make_database(tmp_path / "other.db")
    broken = tmp_path / ".reconstruct" / "broken"
    broken.mkdir()
    (broken / "receipt.json").write_text("{")
    assert settle(other) == ()
    assert len(settle(path)) == 1
    assert (broken / "receipt.json").read_text() == "{"


def test_rows_that_fit_neither_side_leave_it_open(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    operations = moving_plan(40).operations
    with closing(sqlite3.connect(path)) as connection:
        assert outcome(connection, operations) == "rolled back"
        connection.execute("UPDATE prayermark SET user_id = 'u9' WHERE id = 'm000005'")
        assert outcome(connection, operations) == "unknown"
        assert outcome(connection, ()) == "unknown"
