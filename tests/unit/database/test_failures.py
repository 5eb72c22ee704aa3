"""Who holds the lock, and what is damaged."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import make_database, run_in_child
from thywill_reconstruct.database.failures import first_defects, lock_holders


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_holder_of_a_lock_is_named(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "a.db", journal_mode=mode)
    ready, go = os.pipe()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            os.write(go, b"x")
            time.sleep(60)

    holder = run_in_child(hold)
    os.read(ready, 1)
    try:
        locks = Path("/proc/locks")
        seen_by_kernel = locks.exists() and f" {holder} " in locks.read_text(encoding="ascii")
        named = lock_holders(path)
    finally:
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
        os.close(ready)
        os.close(go)
    # Where the system does not tell, nobody is accused.
    assert [f"(process {holder})" in name for name in named] == ([True] if seen_by_kernel else [])
    assert lock_holders(path) == ()


def test_a_missing_file_has_no_holder(tmp_path: Path) -> None:
    assert lock_holders(tmp_path / "gone.db") == ()


def test_only_damage_is_looked_into(tmp_path: Path) -> None:
    with closing(sqlite3.connect(make_database(tmp_path / "a.db"))) as connection:
        busy = sqlite3.OperationalError("database is locked")
        busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
        assert first_defects(connection, busy) == ()
        corrupt = sqlite3.DatabaseError("malformed")
        corrupt.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        assert first_defects(connection, corrupt) == ()
    assert first_defects(connection, corrupt) == ()
