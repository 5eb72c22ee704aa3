"""Indexes, triggers and views come and go like rows: all or nothing, on record, and back again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import digests, make_database, plan_of, update
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.errors import ReconstructError, StalePlanError, ValueTakenError, VerificationError
from thywill_reconstruct.plan.operations import Operation, SchemaKind, schema_operation

PARTS: tuple[tuple[SchemaKind, str, str, str], ...] = (
    ("index", "ix_author", "prayer", "CREATE INDEX ix_author ON prayer (author_id)"),
    ("index", "ux_place", "prayermark", "create unique index if not exists ux_place on prayermark (id, user_id) ;"),
    ("view", "authors", "authors", "CREATE VIEW authors AS SELECT author_id FROM prayer"),
    (
        "trigger",
        "keep_users",
        "user",
        "CREATE TRIGGER keep_users BEFORE DELETE ON user BEGIN SELECT RAISE(ABORT, 'no'); END",
    ),
)


def create(kind: SchemaKind, name: str, table: str, sql: str) -> Operation:
    return schema_operation("create", kind, name, table, sql, codes=("SC001",), reason="a reason")


def parts(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type != 'table'")}


def test_all_kinds_are_created_recorded_and_taken_back(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    row = update("prayer", "p0", (("author_id", "u0"),), (("author_id", "u4"),))
    receipt = execute_plan(path, plan_of([*(create(*part) for part in PARTS), row]), lambda connection: ())
    assert parts(path) >= {part[1] for part in PARTS}
    assert read_receipt(Path(receipt.backup).parent).operations == receipt.operations
    execute_plan(path, plan_of([each.inverse() for each in reversed(receipt.operations)]), lambda connection: ())
    assert digests(path) == before


def test_what_is_there_already_is_not_created_again(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    execute_plan(path, plan_of([create(*PARTS[0])]), lambda connection: ())
    after = digests(path)
    with pytest.raises(StalePlanError, match="ix_author"):
        execute_plan(path, plan_of([create(*PARTS[0])]), lambda connection: ())
    assert digests(path) == after


def test_what_was_made_otherwise_is_not_dropped(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE INDEX ix_author ON prayer (author_id, id)")
    after = digests(path)
    with pytest.raises(StalePlanError, match="ix_author"):
        execute_plan(path, plan_of([create(*PARTS[0]).inverse()]), lambda connection: ())
    assert digests(path) == after


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE UNIQUE INDEX ux ON prayermark (user_id)",  # several rows have the same value
        "CREATE INDEX another_name ON prayermark (user_id)",  # recorded otherwise than planned
        "CREATE INDEX ux ON nothing (user_id)",
        "CREATE INDEX ux ON",
    ],
)
def test_what_cannot_be_created_leaves_everything_as_it_was(tmp_path: Path, sql: str) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    row = update("prayer", "p0", (("author_id", "u0"),), (("author_id", "u4"),))
    plan = plan_of([row, create("index", "ux", "prayermark", sql)])
    with pytest.raises((ReconstructError, sqlite3.OperationalError)) as caught:
        execute_plan(path, plan, lambda connection: ())
    assert isinstance(caught.value, VerificationError | ValueTakenError)
    assert digests(path) == before


def test_what_sqlite_records_otherwise_is_rolled_back(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    other = create("index", "ix_author", "user", "CREATE INDEX ix_author ON prayer (author_id)")
    with pytest.raises(VerificationError, match=r"recorded .*ix_author otherwise"):
        execute_plan(path, plan_of([other]), lambda connection: ())
    assert digests(path) == before
