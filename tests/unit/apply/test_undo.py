"""Taking back what a run did, and nothing of what happened since."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import TIME, delete, digests, insert, make_database, moving_plan, plan_of, update
from thywill_reconstruct.apply.receipt import Receipt, read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.undo import UndoPlan, execute_undo, preview_undo
from thywill_reconstruct.errors import NoSuchRunError, UndoConflictError
from thywill_reconstruct.plan.operations import Operation

PERSON = (("display_name", "Person 9"), ("created_at", TIME))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_database(tmp_path / "thywill.db")


def run(path: Path, operations: Iterable[Operation]) -> Receipt:
    return execute_plan(path, plan_of(operations), lambda connection: (), allow_large=True)


def undo(path: Path, word: str = "") -> Receipt:
    return execute_undo(path, preview_undo(path, word))


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def reasons(plan: UndoPlan) -> dict[str, str]:
    return {str(each.operation.key): each.reason for each in plan.refused}


def mark(number: int, before: str, after: str) -> Operation:
    return update("prayermark", f"m{number:06}", (("user_id", before),), (("user_id", after),))


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_undo_and_redo_are_exact(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "other" / "thywill.db", journal_mode=mode)
    before = digests(path)
    done = run(path, moving_plan(40).operations)
    after = digests(path)
    undone = undo(path)
    assert digests(path) == before
    assert (undone.kind, undone.of, undone.status) == ("undo", done.run, "committed")
    assert read_receipt(Path(undone.backup).parent) == undone
    assert digests(Path(undone.backup)) == after
    again = undo(path, undone.run)
    assert digests(path) == after
    undo(path, again.run)
    assert digests(path) == before


def test_undo_twice_does_nothing_and_redo_makes_it_possible_again(path: Path) -> None:
    before = digests(path)
    done = run(path, moving_plan(40).operations)
    undone = undo(path)
    plan = preview_undo(path, "")
    assert (plan.run.name, plan.operations, plan.refused, plan.undone) == (done.run, (), (), 41)
    redone = undo(path, undone.run)
    assert preview_undo(path, undone.run).undone == 41
    assert len(preview_undo(path, redone.run).operations) == 41
    undo(path)
    assert digests(path) == before
    assert preview_undo(path, redone.run).undone == 41


def test_rows_that_changed_since_are_refused_and_the_others_offered(path: Path) -> None:
    run(path, [mark(1, "u1", "u4"), mark(2, "u2", "u4"), delete("prayermark", "m000003", (("user_id", "u3"),))])
    change(
        path,
        "UPDATE prayermark SET user_id = 'u0' WHERE id = 'm000001'",
        "UPDATE prayermark SET text_file_path = 'moved' WHERE id = 'm000002'",  # not a column that the run changed
        f"INSERT INTO prayermark VALUES ('m000003', 'u0', 'p0', '{TIME}', NULL)",
    )
    plan = preview_undo(path, "")
    assert reasons(plan) == {"m000001": "it was changed since", "m000003": "it was changed since"}
    assert [each.key for each in plan.operations] == ["m000002"]
    execute_undo(path, plan)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT user_id FROM prayermark WHERE id <= 'm000003'").fetchall()
    assert sorted(found) == [("u0",), ("u0",), ("u0",), ("u2",)]


def test_a_person_whom_new_rows_refer_to_stays(path: Path) -> None:
    run(path, [insert("user", "u9", PERSON), mark(1, "u1", "u9")])
    change(path, "UPDATE prayer SET author_id = 'u9' WHERE id = 'p5'", "UPDATE role SET created_by = 'u9'")
    plan = preview_undo(path, "")
    assert reasons(plan) == {"u9": "rows have come to refer to it since (1 in prayer, 2 in role)"}
    assert [each.key for each in plan.operations] == ["m000001"]


def test_rows_that_referred_to_nobody_before_refer_to_nobody_again(path: Path) -> None:
    change(path, "UPDATE prayermark SET user_id = 'u9' WHERE id = 'm000001'")
    before = digests(path)
    done = run(path, [insert("user", "u9", PERSON)])
    undone = undo(path)
    assert digests(path) == before
    # Without a backup that can be trusted nobody knows which rows are new.
    undo(path, undone.run)
    change(Path(done.backup), "UPDATE role SET name = 'x'")
    assert reasons(preview_undo(path, done.run)) == {"u9": "rows have come to refer to it since (1 in prayermark)"}
    Path(done.backup).unlink()
    assert reasons(preview_undo(path, done.run)) == {"u9": "rows have come to refer to it since (1 in prayermark)"}


def test_a_violated_foreign_key_may_come_back_with_the_rows(path: Path) -> None:
    change(path, f"INSERT INTO prayer_attributes VALUES ('a', 'p0', 'answered', NULL, '{TIME}', 'ghost', NULL)")
    before = digests(path)
    run(path, [update("prayer_attributes", "a", (("created_by", "ghost"),), (("created_by", "u1"),))])
    undo(path)
    assert digests(path) == before


def test_a_row_that_left_in_between_takes_back_what_would_refer_to_it(path: Path) -> None:
    run(path, [mark(5, "u1", "u2"), mark(6, "u2", "u3")])
    change(path, "DELETE FROM user WHERE id = 'u1'")
    plan = preview_undo(path, "")
    assert reasons(plan) == {"m000005": "the user that it referred to is gone"}
    assert [each.key for each in plan.operations] == ["m000006"]


def test_a_name_that_somebody_else_took_blocks_its_bearer_and_what_would_go_back_to_her(path: Path) -> None:
    done = run(path, [mark(1, "u1", "u2"), delete("user", "u1", (("display_name", "Person 1"),))])
    change(path, f"INSERT INTO user VALUES ('new', 'Person 1', '{TIME}', NULL, NULL, NULL, NULL, 0, NULL)")
    plan = preview_undo(path, done.run)
    assert reasons(plan) == {
        "u1": "another row has the same display_name now",
        "m000001": "the user that it referred to is gone",
    }
    assert plan.operations == ()


def test_an_older_run_leaves_what_a_newer_one_touched(path: Path) -> None:
    first = run(path, [mark(1, "u1", "u4"), mark(2, "u2", "u4")])
    second = run(path, [mark(1, "u4", "u0")])
    plan = preview_undo(path, first.run)
    assert reasons(plan) == {"m000001": f"run {second.run} changed it again"}
    assert [each.key for each in plan.operations] == ["m000002"]
    undo(path, second.run)
    assert reasons(preview_undo(path, first.run)) == {}


def test_an_older_run_leaves_what_a_newer_one_brought_to_the_same_value(path: Path) -> None:
    first = run(path, [mark(1, "u1", "u4")])
    undo(path)
    run(path, [mark(1, "u1", "u4")])
    assert (preview_undo(path, first.run).operations, preview_undo(path, first.run).undone) == ((), 1)
    assert len(preview_undo(path, "").operations) == 1


def test_several_steps_on_one_row_go_back_in_one(path: Path) -> None:
    before = digests(path)
    run(
        path,
        [
            mark(1, "u1", "u2"),
            mark(1, "u2", "u3"),
            update("user", "u4", (("id", "u4"),), (("id", "u44"),)),
            update("user", "u44", (("display_name", "Person 4"),), (("display_name", "Four"),)),
        ],
    )
    undo(path)
    assert digests(path) == before


def test_a_place_that_is_taken_is_left_to_its_new_holder(path: Path) -> None:
    run(path, [delete("prayermark", "m000039", (("user_id", "u3"),))])
    change(path, f"INSERT INTO prayermark VALUES ('new', 'u0', 'p0', '{TIME}', NULL)")
    undo(path)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT id FROM prayermark ORDER BY rowid DESC LIMIT 2").fetchall()
    assert found == [("m000039",), ("new",)]


def test_vacuum_does_not_count_as_a_change(path: Path) -> None:
    done = run(path, [delete("prayermark", "m000001", ())])
    undone = undo(path)
    change(path, "DELETE FROM prayermark WHERE id = 'm000000'")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
    assert len(preview_undo(path, undone.run).operations) == 1
    assert preview_undo(path, done.run).undone == 1


def test_dropped_tables_and_columns_are_named(path: Path) -> None:
    run(path, [update("role", "r0", (("name", "admin"),), (("name", "x"),)), mark(1, "u1", "u2")])
    change(path, "DROP TABLE role")
    assert reasons(preview_undo(path, "")) == {"r0": "there is no table role any more"}


def test_columns_added_since(path: Path) -> None:
    done = run(
        path,
        [insert("user", "u8", (("display_name", "Person 8"), ("created_at", TIME))), insert("user", "u9", PERSON)],
    )
    change(
        path, "ALTER TABLE user ADD COLUMN mood TEXT DEFAULT 'calm'", "UPDATE user SET mood = 'glad' WHERE id = 'u9'"
    )
    plan = preview_undo(path, done.run)
    assert reasons(plan) == {"u9": "it has a value in a column that was added since (mood)"}
    execute_undo(path, plan)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM user WHERE id = 'u8'").fetchone() == (0,)


def test_a_selection_takes_whole_rows(path: Path) -> None:
    run(path, [insert("user", "u9", PERSON), mark(1, "u1", "u9"), mark(2, "u2", "u9")])
    plan = preview_undo(path, "", lambda operation: operation.codes == ("US001",))
    assert reasons(plan) == {"u9": "rows have come to refer to it since (2 in prayermark)"}
    plan = preview_undo(path, "", lambda operation: operation.codes == ("MK001",))
    assert (len(plan.operations), plan.left_out) == (2, 1)


def test_what_was_agreed_is_what_is_done_or_nothing(path: Path) -> None:
    run(path, [mark(1, "u1", "u4"), mark(2, "u2", "u4")])
    plan = preview_undo(path, "")
    change(path, "UPDATE prayermark SET user_id = 'u0' WHERE id = 'm000001'")
    before = digests(path)
    with pytest.raises(UndoConflictError, match="since the preview"):
        execute_undo(path, plan)
    assert digests(path) == before


def test_runs_that_cannot_be_undone(path: Path) -> None:
    with pytest.raises(NoSuchRunError, match="no run to undo"):
        preview_undo(path, "")
    with pytest.raises(ZeroDivisionError):
        execute_plan(path, moving_plan(40), lambda connection: [1 / 0])  # type: ignore[list-item]
    with pytest.raises(NoSuchRunError, match="rolled back"):
        preview_undo(path, "last")
    with pytest.raises(NoSuchRunError, match="there is no run 1999"):
        preview_undo(path, "1999")
    run(path, [mark(1, "u1", "u4")])
    with pytest.raises(NoSuchRunError, match="2 runs begin with 20"):
        preview_undo(path, "20")
