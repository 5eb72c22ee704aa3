from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.faults.support import make_database
from thywill_reconstruct.apply.references import Reference, find_references, key_column, referring_rows
from thywill_reconstruct.apply.statements import PLACE
from thywill_reconstruct.database.schema import Column
from thywill_reconstruct.database.snapshot import read_tables


def test_known_and_declared_references_are_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(make_database(tmp_path / "thywill.db"))) as connection:
        connection.execute("CREATE TABLE diary (page TEXT, of TEXT REFERENCES role (id))")
        tables = read_tables(connection)
        found = set(find_references(connection, tables))
        assert found >= {
            Reference("prayer", "author_id", "user", "id"),
            Reference("prayermark", "prayer_id", "prayer", "id"),
            Reference("user", "invited_by_user_id", "user", "id"),
            Reference("role", "created_by", "user", "id"),
            Reference("diary", "of", "role", "id"),
        }
        connection.execute("INSERT INTO diary VALUES ('x', 'r1'), ('y', 'r1'), ('z', NULL)")
        assert referring_rows(connection, tables, Reference("diary", "of", "role", "id"), {"r1", "r0"}) == {
            "r1": {1, 2}
        }
        assert referring_rows(connection, tables, Reference("gone", "of", "role", "id"), {"r1"}) == {}


def test_rows_without_a_single_key_go_by_their_place() -> None:
    key, other = Column("id", "", False, None, True), Column("x", "", False, None, True)
    assert key_column([key]) == "id"
    assert key_column([key, other]) == key_column([]) == PLACE
