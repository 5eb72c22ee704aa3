from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import digests, make_database
from thywill_reconstruct.apply.backup import back_up, require_equal
from thywill_reconstruct.errors import BackupError, DatabaseUnreadableError, NotWritableError


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_backup_holds_what_the_database_holds(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", journal_mode=mode)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM user WHERE id = 'u4'")
        connection.execute("BEGIN IMMEDIATE")
        digest = back_up(path, tmp_path / "backup.db", 1.0)
        connection.execute("ROLLBACK")
    assert digests(tmp_path / "backup.db") == digests(path) == digest
    assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.glob("backup.db*")] == ["backup.db"]


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    (tmp_path / "backup.db").write_text("an older backup")
    with pytest.raises(NotWritableError, match="File exists"):
        back_up(path, tmp_path / "backup.db", 1.0)
    assert (tmp_path / "backup.db").read_text() == "an older backup"


def test_a_backup_that_differs_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    expected = digests(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE prayer SET text = 'x' WHERE id = 'p0'")
        connection.execute("CREATE TABLE more (id TEXT)")
        connection.commit()
    with pytest.raises(BackupError, match=r"differs from the database in: more, prayer, sqlite_master$"):
        require_equal(path, expected)


def test_a_damaged_source_leaves_no_backup(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=4000)
    content = bytearray(path.read_bytes())
    for start in range(10 * 4096, len(content) - 4096, 4096):
        content[start : start + 100] = b"\xff" * 100
    path.write_bytes(content)
    with pytest.raises(DatabaseUnreadableError, match="malformed"):
        back_up(path, tmp_path / "backup.db", 1.0)
    assert not (tmp_path / "backup.db").exists()


def test_tables_without_rowid_are_compared_as_well(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE keyed (a TEXT PRIMARY KEY, b) WITHOUT ROWID")
        connection.execute("INSERT INTO keyed VALUES ('x', 1)")
        connection.commit()
    one = back_up(path, tmp_path / "one.db", 1.0)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE keyed SET b = 2")
        connection.commit()
    two = back_up(path, tmp_path / "two.db", 1.0)
    assert {table for table in one if one[table] != two[table]} == {"keyed"}
