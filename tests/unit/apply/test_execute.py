from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import TIME, delete, digests, insert, make_database, update
from thywill_reconstruct.apply.execute import BATCH, execute_operations
from thywill_reconstruct.apply.precheck import complete_rows
from thywill_reconstruct.database.snapshot import read_tables
from thywill_reconstruct.errors import StalePlanError, ValueTakenError, VerificationError
from thywill_reconstruct.plan.operations import Operation

PERSON = (("display_name", "Person 9"), ("created_at", TIME), ("welcome_message_dismissed", 0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_database(tmp_path / "thywill.db")


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        yield opened


def keep(connection: sqlite3.Connection) -> None:
    """Commit what the test has prepared, because a failure rolls back, and go on."""
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")


def mark(number: int, before: str, after: str) -> Operation:
    return update("prayermark", f"m{number:06}", (("user_id", before),), (("user_id", after),))


def test_operations_change_their_rows_and_no_others(connection: sqlite3.Connection) -> None:
    done: list[int] = []
    execute_operations(
        connection,
        [
            insert("user", "u9", PERSON),
            mark(1, "u1", "u9"),
            mark(2, "u2", "u9"),
            update("prayer", "p0", (("project_tag", None), ("flagged", 0)), (("project_tag", "x"), ("flagged", 1))),
            delete("prayermark", "m000003", (("user_id", "u3"), ("text_file_path", "prayers/3.txt"))),
        ],
        done.append,
    )
    assert done == [1, 3, 4, 5]
    assert connection.total_changes == 5
    assert connection.execute("SELECT count(*) FROM prayermark WHERE user_id = 'u9'").fetchone() == (2,)
    assert connection.execute("SELECT project_tag, flagged FROM prayer WHERE id = 'p0'").fetchone() == ("x", 1)
    assert connection.execute("SELECT count(*) FROM prayermark").fetchone() == (39,)


def test_every_stale_row_is_listed_and_nothing_is_changed(connection: sqlite3.Connection, path: Path) -> None:
    with pytest.raises(StalePlanError) as caught:
        execute_operations(
            connection,
            [
                insert("user", "u0", PERSON),
                mark(1, "u1", "u9"),
                mark(2, "u1", "u9"),
                mark(3, "u3", "u9"),
                delete("prayermark", "m000099", (("user_id", "u3"),)),
            ],
        )
    assert str(caught.value) == (
        "3 rows are no longer as the plan saw them: user u0, prayermark m000002, prayermark m000099"
    )
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM prayermark WHERE user_id = 'u9'").fetchone() == (0,)


def test_many_stale_rows_are_counted(connection: sqlite3.Connection) -> None:
    with pytest.raises(StalePlanError, match=r"^30 rows are .*m000009 and 20 more$"):
        execute_operations(connection, [mark(number, "nobody", "u9") for number in range(30)])


def test_null_is_a_value_like_any_other(connection: sqlite3.Connection) -> None:
    execute_operations(connection, [update("prayer", "p0", (("project_tag", None),), (("project_tag", "a"),))])
    keep(connection)
    with pytest.raises(StalePlanError, match="1 row is"):
        execute_operations(connection, [update("prayer", "p0", (("project_tag", None),), (("project_tag", "b"),))])


def test_a_unique_value_in_another_row_is_not_replaced(connection: sqlite3.Connection, path: Path) -> None:
    before = digests(path)
    with pytest.raises(ValueTakenError, match=r"must be unique .*user\.display_name"):
        execute_operations(connection, [insert("user", "u9", (("display_name", "Person 0"), *PERSON[1:]))])
    assert digests(path) == before


def test_other_constraints_are_named(connection: sqlite3.Connection) -> None:
    with pytest.raises(VerificationError, match=r"NOT NULL constraint failed: user\.created_at"):
        execute_operations(connection, [insert("user", "u9", PERSON[:1])])


def test_contradicting_steps_are_no_success(connection: sqlite3.Connection) -> None:
    with pytest.raises(StalePlanError, match="contradict"):
        execute_operations(connection, [mark(1, "u1", "u2"), mark(1, "u1", "u3")])


def test_steps_that_build_on_each_other(connection: sqlite3.Connection) -> None:
    execute_operations(connection, [mark(1, "u1", "u2"), mark(1, "u2", "u3")])
    assert connection.execute("SELECT user_id FROM prayermark WHERE id = 'm000001'").fetchone() == ("u3",)


def test_a_key_that_is_not_unique_is_watched_row_by_row(connection: sqlite3.Connection) -> None:
    """Two rows changed by one step and none by the other add up to two: the sum alone proves nothing."""
    connection.execute("CREATE TABLE odd (id TEXT, value TEXT)")
    connection.execute("INSERT INTO odd VALUES ('a', 'x'), ('a', 'x'), ('b', 'y')")
    keep(connection)
    with pytest.raises(StalePlanError):
        execute_operations(
            connection,
            [update("odd", key, (("value", "x"),), (("value", "z"),)) for key in ("a", "b")],
        )


def test_a_primary_key_that_is_null_is_found(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE odd (id VARCHAR PRIMARY KEY, value TEXT)")
    connection.execute("INSERT INTO odd VALUES (NULL, 'x'), ('b', 'x')")
    execute_operations(connection, [update("odd", key, (("value", "x"),), (("value", "z"),)) for key in (None, "b")])
    assert connection.execute("SELECT count(*) FROM odd WHERE value = 'z'").fetchone() == (2,)


def test_unique_and_partial_indexes_tell_whether_a_column_is_a_key(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE odd (id TEXT, value TEXT)")
    connection.execute("CREATE UNIQUE INDEX part ON odd (id) WHERE value = 'q'")
    connection.execute("INSERT INTO odd VALUES ('a', 'x'), ('a', 'x')")
    keep(connection)
    both = [update("odd", key, (("value", "x"),), (("value", "z"),)) for key in ("a", "none")]
    with pytest.raises(StalePlanError):
        execute_operations(connection, both)


def test_bad_bytes_are_matched_and_written_as_they_are(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE prayer SET text = CAST(x'61FF' AS TEXT) WHERE id IN ('p0', 'p1')")
    execute_operations(
        connection,
        [
            update("prayer", "p0", (("text", "a\udcff"),), (("text", "b\udcfe"),)),
            update("prayer", "p1", (("text", "a\udcff"),), (("text", "plain"),)),
        ],
    )
    found = connection.execute("SELECT hex(text), typeof(text) FROM prayer WHERE id IN ('p0', 'p1')").fetchall()
    assert found == [("62FE", "text"), ("706C61696E", "text")]


def test_batches_report_their_progress(tmp_path: Path) -> None:
    path = make_database(tmp_path / "large.db", marks=2 * BATCH + 10)
    done: list[int] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        execute_operations(
            connection, [mark(number, f"u{number % 4}", "u9") for number in range(2 * BATCH + 10)], done.append
        )
    assert done == [BATCH, 2 * BATCH, 2 * BATCH + 10]


def test_what_the_inverse_leaves_is_what_was(connection: sqlite3.Connection, path: Path) -> None:
    before = digests(path)
    whole = (("user_id", "u3"), ("prayer_id", "p3"), ("created_at", TIME), ("text_file_path", "prayers/3.txt"))
    operations = complete_rows(
        [
            insert("user", "u9", PERSON),
            mark(1, "u1", "u9"),
            Operation(
                "delete", "prayermark", "id", "m000039", (("id", "m000039"), *whole[:1], ("prayer_id", "p9"), whole[2],
                ("text_file_path", "prayers/9.txt")), (), "delete", (), "r",
            ),
        ],
        read_tables(connection),
    )  # fmt: skip
    execute_operations(connection, operations)
    execute_operations(connection, [operation.inverse() for operation in reversed(operations)])
    connection.execute("COMMIT")
    assert digests(path) == before
