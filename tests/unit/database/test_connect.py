"""Opening a database: what is refused, and with which words."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import listing, make_database
from thywill_reconstruct.database.connect import open_readonly, open_writable
from thywill_reconstruct.database.failures import explain_sqlite_error
from thywill_reconstruct.errors import (
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseUnreadableError,
    DiskFullError,
    NotWritableError,
)


def read_users(path: Path) -> int:
    with open_readonly(path) as connection:
        return int(connection.execute("SELECT count(*) FROM user").fetchone()[0])


@pytest.mark.parametrize("name", ["a?b#c%20d e.db", "é 中.db", "mode=rw&x.db", 'it\'s "quoted".db'])
def test_any_file_name_opens(tmp_path: Path, name: str) -> None:
    path = make_database(tmp_path / name)
    assert read_users(path) == 5
    with closing(open_writable(path)) as connection:
        assert connection.execute("SELECT count(*) FROM user").fetchone() == (5,)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_undecodable_file_name_opens(tmp_path: Path) -> None:
    made = make_database(tmp_path / "plain.db")
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.db"))
    made.rename(path)
    assert read_users(path) == 5


def test_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissingError, match="no database at"), open_readonly(tmp_path / "no.db"):
        pass
    with pytest.raises(DatabaseMissingError), open_readonly(make_database(tmp_path / "a.db") / "below"):
        pass
    with pytest.raises(DatabaseMissingError):
        open_writable(tmp_path / "no.db")
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


def test_dangling_and_circular_links(tmp_path: Path) -> None:
    (tmp_path / "gone.db").symlink_to("nowhere.db")
    with pytest.raises(DatabaseMissingError), open_readonly(tmp_path / "gone.db"):
        pass
    (tmp_path / "loop.db").symlink_to("loop.db")
    with pytest.raises(DatabaseUnreadableError, match="cannot be opened"), open_readonly(tmp_path / "loop.db"):
        pass


def test_a_link_is_followed_to_what_stands_beside_the_real_file(tmp_path: Path) -> None:
    real = make_database(tmp_path / "real" / "a.db", journal_mode="wal")
    link = tmp_path / "link.db"
    link.symlink_to(real)
    with closing(sqlite3.connect(real)) as writer:
        writer.execute("DELETE FROM user WHERE id = 'u4'")
        writer.commit()
        assert read_users(link) == 4


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreadableError, match="is a folder"), open_readonly(tmp_path):
        pass
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatabaseUnreadableError, match="not a regular file"), open_readonly(tmp_path / "pipe"):
        pass


def test_empty_and_foreign_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseUnreadableError, match="0 bytes"), open_readonly(tmp_path / "empty.db"):
        pass
    (tmp_path / "text.db").write_text("Prayer requests\n" * 500)
    before = listing(tmp_path)
    with pytest.raises(DatabaseUnreadableError, match="not a database"), open_readonly(tmp_path / "text.db"):
        pass
    with pytest.raises(DatabaseUnreadableError, match="not a database"):
        open_writable(tmp_path / "text.db")
    assert listing(tmp_path) == before


def test_a_corrupt_page_is_named(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db", marks=4000)
    content = bytearray(path.read_bytes())
    for page in range(10, 100):
        start = page * 4096
        content[start : start + 200] = bytes(byte ^ 0xFF for byte in content[start : start + 200])
    path.write_bytes(content)
    with pytest.raises(DatabaseUnreadableError, match=r"malformed\): Page \d+"), open_readonly(path) as connection:
        connection.execute("SELECT * FROM prayermark").fetchall()


def test_a_bug_in_the_block_is_not_blamed_on_the_database(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with pytest.raises(sqlite3.OperationalError, match="no such table"), open_readonly(path) as connection:
        connection.execute("SELECT * FROM nobody")


def test_reading_cannot_write(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with pytest.raises(NotWritableError), open_readonly(path) as connection:
        connection.execute("DELETE FROM user")


def read_while_another_writes(path: Path) -> None:
    with open_readonly(path), closing(sqlite3.connect(path)) as writer:
        writer.execute("DELETE FROM user")
        writer.commit()


def test_a_change_during_an_unlocked_read_is_noticed(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with pytest.raises(DatabaseLockedError, match="was changed by another program"):
        read_while_another_writes(path)


def test_writable_connections_begin_nothing_by_themselves(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(open_writable(path)) as connection:
        connection.execute("DELETE FROM user WHERE id = 'u0'")
        assert not connection.in_transaction
    assert read_users(path) == 4


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, DatabaseLockedError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseLockedError),
        (sqlite3.SQLITE_FULL, DiskFullError),
        (sqlite3.SQLITE_IOERR_WRITE, DiskFullError),
        (sqlite3.SQLITE_READONLY, NotWritableError),
        (sqlite3.SQLITE_CORRUPT, DatabaseUnreadableError),
        (sqlite3.SQLITE_IOERR_READ, DatabaseUnreadableError),
        (sqlite3.SQLITE_ERROR, type(None)),
    ],
)
def test_every_sqlite_failure_has_its_class(tmp_path: Path, code: int, kind: type) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    assert type(explain_sqlite_error(error, tmp_path / "a.db")) is kind


def test_a_file_without_permissions_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    path.chmod(stat.S_IRUSR)
    if os.access(path, os.W_OK):  # The administrator may write whatever the bits say, and does.
        open_writable(path).close()
    else:
        with pytest.raises(NotWritableError):
            open_writable(path)
