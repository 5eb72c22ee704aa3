"""How a saved plan stands against the database of today, row by row and column by column."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.support import write
from tests.cli.test_display_name_keys import community_of
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.errors import AlreadyAppliedError, ArchivesMissingError, StalePlanError
from thywill_reconstruct.plan.file import PlanFile, decode_plan, encode_plan, for_view
from thywill_reconstruct.plan.operations import Columns, Operation, Plan
from thywill_reconstruct.saved_plans import Standing, examine, to_file, what_remains
from thywill_reconstruct.workflow import inspect, make_plan


@pytest.fixture
def file(community: Path) -> PlanFile:
    found = inspect(community / "thywill.db", community / "text_archives")
    made = to_file(make_plan(found, merge_duplicates=True), found.archive, found.snapshot, found.analysis)
    return decode_plan(encode_plan(for_view(made)))


def stand(file: PlanFile, community: Path, *statements: tuple[str, object]) -> Standing:
    database = community / "thywill.db"
    with closing(sqlite3.connect(database)) as connection:
        for sql, *values in statements:
            connection.execute(sql, values)
        connection.commit()
    today = inspect(database, community / "text_archives")
    return examine(file.plan, database, today.snapshot, today.archive, today.analysis.findings)


def both(file: PlanFile) -> tuple[object, str, str]:
    """A prayer of which author and path are changed: key, and what is planned."""
    for operation in file.plan.operations:
        after = dict(operation.after)
        if operation.table == "prayer" and after.keys() == {"author_id", "text_file_path"}:
            return operation.key, str(after["author_id"]), str(after["text_file_path"])
    raise AssertionError("no such prayer")


def test_nothing_has_changed(file: PlanFile, community: Path) -> None:
    standing = stand(file, community)
    assert (standing.done, standing.hindered) == (frozenset(), frozenset())
    assert what_remains(standing, skip_stale=False) is standing.plan
    assert len(standing.plan.operations) == len(file.plan.operations)


def test_a_column_that_is_done_leaves_the_other_to_do(file: PlanFile, community: Path) -> None:
    key, author, path = both(file)
    standing = stand(file, community, ("UPDATE prayer SET author_id = ? WHERE id = ?", author, key))  # type: ignore[arg-type]
    assert standing.hindered == frozenset()
    (rest,) = [o for o in what_remains(standing, skip_stale=False).operations if (o.table, o.key) == ("prayer", key)]
    assert rest.after == (("text_file_path", path),)


def test_a_column_that_moved_is_a_row_that_moved(file: PlanFile, community: Path) -> None:
    key, _, _ = both(file)
    standing = stand(file, community, ("UPDATE prayer SET text_file_path = 'elsewhere' WHERE id = ?", key))
    assert [standing.plan.operations[number].key for number in standing.moved] == [key]
    with pytest.raises(StalePlanError, match=f"1 row is no longer as the plan saw them: prayer {key}"):
        what_remains(standing, skip_stale=False)
    left = what_remains(standing, skip_stale=True)
    assert key not in [operation.key for operation in left.operations if operation.table == "prayer"]


def test_a_row_that_is_done_is_left_alone(file: PlanFile, community: Path) -> None:
    mark = next(o for o in file.plan.operations if o.table == "prayermark" and o.action == "update")
    user = dict(mark.after)["user_id"]
    standing = stand(file, community, ("UPDATE prayermark SET user_id = ? WHERE id = ?", user, mark.key))  # type: ignore[arg-type]
    assert [standing.plan.operations[number].key for number in standing.done] == [mark.key]
    assert len(what_remains(standing, skip_stale=False).operations) == len(file.plan.operations) - 1


def test_texts_that_are_nowhere_at_hand_are_named(file: PlanFile, community: Path) -> None:
    today = inspect(community / "thywill.db", community / "text_archives")
    standing = examine(file.plan, community / "thywill.db", today.snapshot, None, ())
    assert standing.closed
    with pytest.raises(ArchivesMissingError, match="not in the archives at hand"):
        what_remains(standing, skip_stale=False)
    left = what_remains(standing, skip_stale=True)
    tables = {operation.table for operation in left.operations if operation.action == "insert"}
    assert "prayer" not in tables
    assert "user" in tables


def test_a_plan_of_rows_that_are_all_done_is_done(file: PlanFile, community: Path) -> None:
    standing = Standing(file.plan, frozenset(range(len(file.plan.operations))), frozenset(), frozenset(), frozenset())
    with pytest.raises(AlreadyAppliedError):
        what_remains(standing, skip_stale=True)


def test_the_other_columns_of_a_renamed_row_are_still_to_do(tmp_path: Path) -> None:
    database = community_of(tmp_path, {}) / "thywill.db"
    before: Columns = (("display_name", "Bert"), ("invited_by_username", None))
    after: Columns = (("display_name", "Berta"), ("invited_by_username", "Anna"))
    step = Operation("update", "user", "display_name", "Bert", before, after, "fill", (), "")
    plan = Plan((step,), (), (), "", "", "")
    for rename, left in (("Bert", step), ("Berta", replace(step, key="Berta", before=before[1:], after=after[1:]))):
        write(database, ("UPDATE user SET display_name = ? WHERE display_name = 'Bert'", (rename,)))
        standing = examine(plan, database, read_database(database), None, ())
        assert (standing.hindered, standing.done) == (frozenset(), frozenset())
        assert standing.plan.operations == (left,)
