"""Digests of tables: equal digests mean equal rows."""

from __future__ import annotations

import hashlib
import marshal
import sqlite3

from thywill_reconstruct.database.snapshot import quote_name, read_tables
from thywill_reconstruct.plan.operations import SCHEMA_TABLE

_CHUNK = 2_000
_SCHEMA = f"SELECT type, name, tbl_name, sql FROM {SCHEMA_TABLE} ORDER BY type, name"


def table_digests(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the SHA-256 over all rows of every table, in the order in which they were written.

    The schema itself counts as a table, so that indexes, triggers and views are compared too. Reads bytes, not text, so that
    no value is too strange. The caller holds a transaction where that matters.
    """
    usual = connection.text_factory
    try:
        tables = sorted(read_tables(connection))
        connection.text_factory = bytes
        digests = {table: _digest(rows_of_table(connection, table)) for table in tables}
        return {**digests, SCHEMA_TABLE: _digest(connection.execute(_SCHEMA))}
    finally:
        connection.text_factory = usual


def _digest(cursor: sqlite3.Cursor) -> str:
    digest = hashlib.sha256()
    while chunk := cursor.fetchmany(_CHUNK):
        # Version 2 is the last one whose bytes depend on the values alone, not on which objects are shared.
        digest.update(marshal.dumps(chunk, 2))
    return digest.hexdigest()


def rows_of_table(connection: sqlite3.Connection, table: str, *, with_place: bool = True) -> sqlite3.Cursor:
    """Return the rows of a table in the order in which they were written, each after its place unless that is unwanted."""
    name = quote_name(table)
    try:
        return connection.execute(f"SELECT {'rowid, ' if with_place else ''}* FROM {name} ORDER BY rowid")
    except sqlite3.OperationalError as error:
        if "rowid" not in str(error):
            raise
    return connection.execute(f"SELECT * FROM {name} ORDER BY 1")
