"""A dry read leaves bytes, times and directory entries as they were, whatever stands beside the database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import journal_mode, listing, make_database, run_in_child
from thywill_reconstruct.database.snapshot import read_database


def crash(path: Path, *statements: str) -> None:
    """Run statements in a process that dies without closing the database."""

    def work() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        os._exit(0)

    os.waitpid(run_in_child(work), 0)


def clean_delete(path: Path) -> None:
    make_database(path)


def clean_wal(path: Path) -> None:
    make_database(path, journal_mode="wal")


def crashed_wal(path: Path) -> None:
    clean_wal(path)
    crash(path, "DELETE FROM user WHERE id = 'u4'")


def wal_without_index(path: Path) -> None:
    crashed_wal(path)
    path.with_name(path.name + "-shm").unlink()


def empty_wal(path: Path) -> None:
    crashed_wal(path)
    crash(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    path.with_name(path.name + "-shm").unlink()
    assert path.with_name(path.name + "-wal").stat().st_size == 0


def hot_journal(path: Path) -> None:
    make_database(path, marks=2000)
    crash(
        path, "PRAGMA cache_size = 1", "BEGIN", "DELETE FROM user", "UPDATE prayermark SET user_id = user_id || 'x'"
    )
    assert path.with_name(path.name + "-journal").stat().st_size > 0


def persistent_journal(path: Path) -> None:
    make_database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = PERSIST")
        connection.execute("DELETE FROM user WHERE id = 'u4'")


@pytest.mark.parametrize(
    ("prepare", "users"),
    [
        (clean_delete, 5),
        (clean_wal, 5),
        (crashed_wal, 4),
        (wal_without_index, 4),
        (empty_wal, 4),
        (hot_journal, 5),
        (persistent_journal, 4),
    ],
)
def test_nothing_changes(tmp_path: Path, prepare: Callable[[Path], None], users: int) -> None:
    path = tmp_path / "thywill.db"
    prepare(path)
    before, folder_time = listing(tmp_path), tmp_path.stat().st_mtime_ns
    snapshot = read_database(path)
    assert listing(tmp_path) == before
    assert tmp_path.stat().st_mtime_ns == folder_time
    # And it was the truth: what is only in the WAL is seen, what a crashed writer left half done is not.
    assert len(snapshot.users) == users
    assert not any(str(mark.user).endswith("x") for mark in snapshot.marks)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_nothing_changes_beside_a_running_application(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", journal_mode=mode)
    with closing(sqlite3.connect(path, isolation_level=None)) as application:
        application.execute("DELETE FROM user WHERE id = 'u4'")
        application.execute("BEGIN IMMEDIATE")
        application.execute("DELETE FROM user WHERE id = 'u3'")
        names = sorted(file.name for file in tmp_path.iterdir())
        times = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
        # No file is opened here: closing one would drop the locks of the application, which is this process.
        assert len(read_database(path).users) == 4
        assert sorted(file.name for file in tmp_path.iterdir()) == names
        assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == times
        application.execute("COMMIT")
    assert len(read_database(path).users) == 3
    assert journal_mode(path) == mode
