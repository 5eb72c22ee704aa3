from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.faults.support import digests, make_database
from thywill_reconstruct.apply.digests import table_digests


def test_digests_follow_every_value_of_their_table(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    before = digests(path)
    assert digests(make_database(tmp_path / "b.db", journal_mode="wal")) == before
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE prayer SET flagged = '0x' WHERE id = 'p3'")
        after = table_digests(connection)
        assert connection.text_factory is str
    assert {table for table in before if before[table] != after[table]} == {"prayer"}


def test_text_and_bytes_are_read_whatever_they_hold(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE prayer SET text = CAST(x'FF00' AS TEXT)")
        assert set(table_digests(connection)) == set(digests(path))
