"""Reading the rows: every era, odd values, odd names, and a stable fingerprint."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import MIGRATED_V1, ORM_V1, TIME, make_database
from thywill_reconstruct.database.rows import Reference, Snapshot
from thywill_reconstruct.database.snapshot import read_database, read_schema, read_snapshot
from thywill_reconstruct.errors import DatabaseLockedError, UnknownSchemaError

V2 = """
CREATE TABLE user (display_name VARCHAR NOT NULL, created_at DATETIME NOT NULL, invited_by_username VARCHAR,
    PRIMARY KEY (display_name));
CREATE TABLE prayer (id VARCHAR NOT NULL, author_username VARCHAR NOT NULL, text VARCHAR NOT NULL,
    created_at DATETIME NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE TABLE prayermark (id VARCHAR NOT NULL, user_id VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL,
    created_at DATETIME NOT NULL, PRIMARY KEY (id));
CREATE TABLE invitetoken (token VARCHAR NOT NULL, created_by_user VARCHAR, used BOOLEAN, usage_count INTEGER,
    PRIMARY KEY (token));
CREATE TABLE session (id VARCHAR NOT NULL, username VARCHAR NOT NULL, PRIMARY KEY (id));
"""


def from_sql(path: Path, *statements: str) -> Snapshot:
    with closing(sqlite3.connect(path)) as connection:
        for each in statements:
            connection.executescript(each)
        connection.commit()
    return read_database(path)


def test_rows_of_an_orm_made_database(tmp_path: Path) -> None:
    snapshot = read_database(make_database(tmp_path / "a.db"))
    assert snapshot.schema.era == "v1"
    assert snapshot.users[1] == ("u1", "Person 1", TIME, None, None, None)
    assert snapshot.prayers[0].author == "u0"
    assert snapshot.prayers[0].flagged == 0
    assert [mark.key for mark in snapshot.marks] == [f"m{number:06}" for number in range(40)]
    assert snapshot.tokens[0] == ("t0", "system", "u0", TIME, 1)
    assert snapshot.references == (Reference("role", "created_by", "u0", 2),)
    assert snapshot.counts == {
        "user": 5, "prayer": 10, "prayermark": 40, "prayer_attributes": 0, "prayer_activity_log": 0,
        "invitetoken": 1, "role": 2,
    }  # fmt: skip


def test_rows_of_a_migrated_database(tmp_path: Path) -> None:
    snapshot = from_sql(
        tmp_path / "a.db",
        MIGRATED_V1,
        f"INSERT INTO user (id, display_name, created_at) VALUES ('u', 'Ann', '{TIME}')",
        f"INSERT INTO prayermark VALUES ('m', 'u', 'p', '{TIME}')",
    )
    assert snapshot.users == (("u", "Ann", TIME, None, None, None),)
    assert snapshot.marks == (("m", "u", "p", TIME, None),)
    assert snapshot.log == ()
    assert snapshot.schema.tables["user"][0].not_null is False


def test_rows_of_era_v2_with_mixed_tables(tmp_path: Path) -> None:
    snapshot = from_sql(
        tmp_path / "a.db",
        V2,
        f"INSERT INTO user VALUES ('Ann', '{TIME}', NULL), ('Ben', '{TIME}', 'Ann')",
        f"INSERT INTO prayer VALUES ('p2', 'Ann', 'x', '{TIME}'), ('p1', 'Ben', 'y', '{TIME}')",
        "INSERT INTO session VALUES ('s1', 'Ann'), ('s2', 'Ann'), ('s3', 'Ben')",
        "INSERT INTO invitetoken VALUES ('t', 'Ann', 1, 7)",
    )
    assert snapshot.schema.names_are_keys
    assert snapshot.users[1] == ("Ben", "Ben", TIME, "Ann", None, None)
    # Without rowids there is no order of writing: the key decides.
    assert [prayer.key for prayer in snapshot.prayers] == ["p1", "p2"]
    assert snapshot.references == (
        Reference("session", "username", "Ann", 2),
        Reference("session", "username", "Ben", 1),
    )
    assert snapshot.tokens[0].uses == 7


def test_further_rows_of_users_whose_names_are_written_twice_are_read(tmp_path: Path) -> None:
    """Of two users whose names differ in spaces and case only, and of one whose name others spell otherwise."""
    snapshot = from_sql(
        tmp_path / "a.db",
        V2,
        *(f"INSERT INTO user VALUES ('{name}', '{TIME}', NULL)" for name in ("Ann", " ann", "Ben", "Cleo")),
        f"INSERT INTO prayer VALUES ('p1', 'BEN', 'x', '{TIME}')",
        "INSERT INTO session VALUES ('s1', 'Ann'), ('s2', ' ann'), ('s3', 'Ben'), ('s4', 'Cleo'), ('s5', 'BEN')",
    )
    assert [(row.key, row.user) for row in snapshot.kin] == [("s2", " ann"), ("s1", "Ann"), ("s3", "Ben")]
    assert [row.key for row in snapshot.further] == ["s5"]


def test_odd_values_are_read_as_text(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO user VALUES (CAST(x'61FF62' AS TEXT), 'Bad', 5, NULL, NULL, NULL, NULL, 0, NULL)"
        )
        connection.execute("INSERT INTO prayermark VALUES ('x', x'00FF', 'p0', 2.5, NULL)")
        connection.commit()
    snapshot = read_database(path)
    assert snapshot.users[-1].key == "a\udcffb"
    assert snapshot.users[-1].created == "5"
    assert snapshot.marks[-1].user == "\x00\ufffd"
    assert snapshot.marks[-1].created == "2.5"


def test_the_connection_reads_text_as_before(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE prayer SET text = CAST(x'FF' AS TEXT) WHERE id = 'p0'")
        assert read_snapshot(connection).prayers[0].text == "\udcff"
        assert connection.text_factory is str


def test_repeated_strings_are_kept_once(tmp_path: Path) -> None:
    snapshot = read_database(make_database(tmp_path / "a.db"))
    assert snapshot.marks[0].user is snapshot.users[0].key
    assert snapshot.marks[0].prayer is snapshot.prayers[0].key
    assert snapshot.marks[0].path is snapshot.prayers[0].path


def test_the_fingerprint_follows_the_content_alone(tmp_path: Path) -> None:
    one = read_database(make_database(tmp_path / "one.db"))
    two = read_database(make_database(tmp_path / "two.db", journal_mode="wal"))
    assert one.fingerprint == two.fingerprint
    seen = {one.fingerprint}
    for number, change in enumerate(
        (
            "UPDATE prayermark SET user_id = 'u9' WHERE id = 'm000003'",
            "UPDATE role SET created_by = 'u1' WHERE id = 'r0'",
            "UPDATE user SET text_file_path = '' WHERE id = 'u0'",
        )
    ):
        path = make_database(tmp_path / f"change{number}.db")
        seen.add(from_sql(path, change).fingerprint)
    assert len(seen) == 4


def test_odd_table_and_column_names_do_no_harm(tmp_path: Path) -> None:
    snapshot = from_sql(
        tmp_path / "a.db",
        ORM_V1,
        'CREATE TABLE "it\'s ""odd""; --" ("a "" b" TEXT, "c;d" INTEGER)',
        "CREATE VIEW session AS SELECT id AS user_id FROM user",
        "CREATE VIRTUAL TABLE search USING fts5(words)",
    )
    assert [column.name for column in snapshot.schema.tables['it\'s "odd"; --']] == ['a " b', "c;d"]
    assert "session" not in snapshot.schema.tables
    assert "search" not in snapshot.schema.tables


def test_unknown_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownSchemaError, match="table user"):
        from_sql(tmp_path / "a.db", "CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    with pytest.raises(UnknownSchemaError, match=r"prayer\.author"):
        from_sql(tmp_path / "b.db", ORM_V1.replace("author_id", "writer"))


def test_the_schema_tells_what_sqlite_tells(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        columns = {column.name: column for column in read_schema(connection).tables["user"]}
    assert columns["id"].primary_key
    assert columns["welcome_message_dismissed"].not_null
    assert columns["welcome_message_dismissed"].default is None


def test_a_database_that_stays_locked_is_given_up(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("UPDATE prayer SET text = text || 'x'")
        with pytest.raises(DatabaseLockedError, match="is locked"):
            read_database(path, timeout_s=0.05, attempts=2)
        writer.execute("ROLLBACK")
    assert len(read_database(path).users) == 5


def test_the_merge_log_of_the_application_is_read_if_it_is_there(tmp_path: Path) -> None:
    log = "CREATE TABLE user_merge_log (id VARCHAR PRIMARY KEY, primary_user_id VARCHAR, merged_user_id VARCHAR)"
    rows = "INSERT INTO user_merge_log VALUES ('2', 'kept', 'gone'), ('1', 'kept', 'gone'), ('3', NULL, 'x')"
    with_log = from_sql(tmp_path / "a.db", ORM_V1, log)
    filled = from_sql(tmp_path / "b.db", ORM_V1, log, rows)
    assert with_log.merges == ()
    assert filled.merges == (("gone", "kept"),)
    assert filled.fingerprint != with_log.fingerprint
    odd = from_sql(tmp_path / "c.db", ORM_V1, "CREATE TABLE user_merge_log (note VARCHAR)")
    assert odd.merges == ()
