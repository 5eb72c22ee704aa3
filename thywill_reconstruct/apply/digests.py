"""Digests of tables: equal digests mean equal rows."""

from __future__ import annotations

import hashlib
import marshal
import sqlite3

from thywill_reconstruct.database.snapshot import quote_name, read_tables

_CHUNK = 2_000


def table_digests(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the SHA-256 over all rows of every table, in the order in which they were written.

    Reads bytes, not text, so that no value is too strange. The caller holds a transaction where that matters.
    """
    usual = connection.text_factory
    try:
        tables = sorted(read_tables(connection))
        connection.text_factory = bytes
        return {table: _digest(connection, table) for table in tables}
    finally:
        connection.text_factory = usual


def _digest(connection: sqlite3.Connection, table: str) -> str:
    digest = hashlib.sha256()
    cursor = _rows(connection, table)
    while chunk := cursor.fetchmany(_CHUNK):
        # Version 2 is the last one whose bytes depend on the values alone, not on which objects are shared.
        digest.update(marshal.dumps(chunk, 2))
    return digest.hexdigest()


def _rows(connection: sqlite3.Connection, table: str) -> sqlite3.Cursor:
    name = quote_name(table)
    try:
        return connection.execute(f"SELECT rowid, * FROM {name} ORDER BY rowid")
    except sqlite3.OperationalError as error:
        if "rowid" not in str(error):
            raise
    return connection.execute(f"SELECT * FROM {name} ORDER BY 1")
