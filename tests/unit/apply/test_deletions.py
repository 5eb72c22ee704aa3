"""A deletion keeps the whole row, also the columns that no comparison looks at."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from thywill_reconstruct.apply.precheck import complete_for_undo
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.statements import PLACE
from thywill_reconstruct.database.snapshot import read_tables
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
    assert dict(kept.before) == {"id": "u1", "display_name": "Max", "prayer_style": "silent", PLACE: 1}
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT * FROM user").fetchall() == []
    connection.close()


def test_a_row_that_changed_since_is_still_refused(database: Path) -> None:
    with pytest.raises(StalePlanError):
        execute_plan(database, plan(deletion((("display_name", "Maxine"),))), lambda connection: ())
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT display_name FROM user").fetchall() == [("Max",)]
    connection.close()


def test_bytes_that_are_no_text_are_kept_too(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("UPDATE user SET prayer_style = CAST(x'61FF' AS TEXT)")
    (kept,) = complete_for_undo(connection, [deletion(())], read_tables(connection))
    assert dict(kept.before)["prayer_style"] == "a\udcff"
    assert connection.text_factory is str
    connection.close()


@pytest.mark.parametrize(
    "ending", ["(id TEXT PRIMARY KEY) WITHOUT ROWID", "(id INTEGER PRIMARY KEY)", "(id TEXT, _rowid_ TEXT)"]
)
def test_tables_without_places_of_their_own(database: Path, ending: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(f"CREATE TABLE odd {ending}")
    connection.execute("INSERT INTO odd (id) VALUES (1)")
    gone = Operation("delete", "odd", "id", 1, (), (), "delete", (), "")
    (kept,) = complete_for_undo(connection, [gone], read_tables(connection))
    assert str(dict(kept.before)["id"]) == "1"
    assert dict(kept.before).get(PLACE) is None
    connection.close()


def test_what_sql_defaults_write_is_kept_with_an_inserted_row(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE diary (id TEXT PRIMARY KEY, page TEXT, mood TEXT DEFAULT ('calm' || 1))")
    made = Operation("insert", "diary", "id", "d7", (), (("id", "d7"),), "recreate", (), "")
    (kept,) = complete_for_undo(connection, [made], read_tables(connection))
    assert dict(kept.after) == {"id": "d7", "page": None, "mood": "calm1"}
    connection.close()


def test_a_row_that_is_gone_stays_as_the_plan_saw_it(database: Path) -> None:
    gone = Operation("delete", "user", "id", "u2", (("display_name", "Anna"),), (), "delete", ("US002",), "doubled")
    connection = sqlite3.connect(database)
    assert complete_for_undo(connection, [gone], read_tables(connection)) == (gone,)
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
