"""A deletion keeps the whole row, also the columns that no comparison looks at."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from thywill_reconstruct.apply.precheck import complete_deletions
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.errors import StalePlanError, VerificationError
from thywill_reconstruct.plan.operations import Columns, Operation, Plan


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "thywill.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE user (id TEXT PRIMARY KEY, display_name TEXT NOT NULL, prayer_style TEXT)")
        connection.execute("INSERT INTO user VALUES ('u1', 'Max', 'silent')")
    connection.close()
    return path


def deletion(before: Columns) -> Operation:
    return Operation("delete", "user", "id", "u1", before, (), "delete", ("US002",), "doubled")


def plan(operation: Operation) -> Plan:
    return Plan((operation,), (), (), "", "", "0")


def test_every_column_is_kept_for_undo(database: Path) -> None:
    receipt = execute_plan(database, plan(deletion((("display_name", "Max"),))), lambda connection: ())
    (kept,) = read_receipt(Path(receipt.backup).parent).operations
    assert dict(kept.before) == {"id": "u1", "display_name": "Max", "prayer_style": "silent"}
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT * FROM user").fetchall() == []
    connection.close()


def test_a_row_that_changed_since_is_still_refused(database: Path) -> None:
    with pytest.raises(StalePlanError):
        execute_plan(database, plan(deletion((("display_name", "Maxine"),))), lambda connection: ())
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT display_name FROM user").fetchall() == [("Max",)]
    connection.close()


def test_a_row_that_is_gone_stays_as_the_plan_saw_it(database: Path) -> None:
    gone = Operation("delete", "user", "id", "u2", (("display_name", "Anna"),), (), "delete", ("US002",), "doubled")
    connection = sqlite3.connect(database)
    assert complete_deletions(connection, [gone]) == (gone,)
    connection.close()


def test_a_trigger_that_changes_further_rows_stops_the_repair(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("INSERT INTO user VALUES ('u2', 'Anna', 'aloud')")
    connection.execute(
        "CREATE TRIGGER meddle AFTER UPDATE OF display_name ON user "
        "BEGIN UPDATE user SET prayer_style = 'none' WHERE id != NEW.id; END"
    )
    connection.commit()
    before = connection.execute("SELECT * FROM user").fetchall()
    renamed = Operation(
        "update", "user", "id", "u1", (("display_name", "Max"),), (("display_name", "Maxi"),), "fill", ("X",), ""
    )
    with pytest.raises(VerificationError, match="triggers"):
        execute_plan(database, plan(renamed), lambda connection: ())
    assert connection.execute("SELECT * FROM user").fetchall() == before
    connection.close()
