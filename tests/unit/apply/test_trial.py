"""Steps that change the schema are tried one by one, and nothing of the trial stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import digests, make_database
from thywill_reconstruct.apply.trial import try_each
from thywill_reconstruct.plan.operations import Operation, SchemaKind, schema_operation


def create(kind: SchemaKind, name: str, table: str, sql: str) -> Operation:
    return schema_operation("create", kind, name, table, sql, codes=("SC001",), reason="a reason")


GOOD = create("index", "ix_author", "prayer", "CREATE INDEX ix_author ON prayer (author_id)")
NO_COLUMN = create("index", "ix_mood", "prayer", "CREATE INDEX ix_mood ON prayer (mood)")
NOT_UNIQUE = create("index", "ux_user", "prayermark", "CREATE UNIQUE INDEX ux_user ON prayermark (created_at)")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        yield opened
        if opened.in_transaction:
            opened.execute("COMMIT")
    assert digests(path) == before


def test_every_group_is_judged_for_itself(connection: sqlite3.Connection) -> None:
    reasons = try_each(connection, [[GOOD], [NO_COLUMN], [NOT_UNIQUE], [GOOD, GOOD]])
    assert reasons[0] == ""
    assert "mood" in reasons[1]
    assert "UNIQUE" in reasons[2]
    # The first group's index is still there within the trial: a second one of that name is not what was expected.
    assert reasons[3] == "ix_author is not as it was"
    assert connection.in_transaction


def test_what_a_failing_group_did_before_it_failed_is_taken_back_within_the_trial(
    connection: sqlite3.Connection,
) -> None:
    assert try_each(connection, [[GOOD, NO_COLUMN], [GOOD]])[1] == ""


def test_a_statement_that_sqlite_records_otherwise_is_no_success(connection: sqlite3.Connection) -> None:
    other = create("index", "ix_author", "user", "CREATE INDEX ix_author ON prayer (author_id)")
    assert try_each(connection, [[other]]) == ("SQLite recorded ix_author otherwise",)


def test_what_is_not_about_a_step_is_no_reason_against_it(connection: sqlite3.Connection) -> None:
    connection.set_progress_handler(lambda: 1, 1)
    with pytest.raises(sqlite3.OperationalError):
        try_each(connection, [[GOOD]])
    connection.set_progress_handler(None, 0)
