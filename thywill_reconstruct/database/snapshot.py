"""Read everything the repair needs, in bulk, into frozen rows.

Text fields are text whatever is stored: a number that a script left in a time column is read as its digits, and text that
is not UTF-8 with its bad bytes as lone surrogates. Strings that repeat (user keys, prayer ids, paths) are kept once.
"""

from __future__ import annotations

import gc
import hashlib
import marshal
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from thywill_reconstruct.database.connect import (
    DEFAULT_ATTEMPTS,
    DEFAULT_TIMEOUT_S,
    Result,
    open_readonly,
    steadily,
)
from thywill_reconstruct.database.rows import (
    AttributeRow,
    FurtherRow,
    LogRow,
    Loose,
    MarkRow,
    MergeRow,
    PrayerRow,
    Reference,
    Snapshot,
    TokenRow,
    UsageRow,
    UserRow,
)
from thywill_reconstruct.database.schema import (
    FURTHER,
    OTHER_REFERENCES,
    TABLES,
    USER_FIELDS,
    Column,
    Schema,
    recognise,
)

# Fields whose values repeat over and over, and are worth keeping once.
_REPEATED = frozenset({"user", "author", "inviter", "prayer", "creator", "path", "tag", "audience", "name", "action"})
# Fields that are numbers; all others are text, also where a script left a number or bytes in them.
_NUMBERS = frozenset({"flagged", "uses"})
_TEXT = frozenset({str, type(None)})
# SQLite takes at least so many values in one statement.
_MOST_VARIABLES = 999
_CHUNK = 2_000  # Fits the processor cache. The fingerprint depends on it: a change makes old plans stale.


def quote_name(name: str) -> str:
    """Return a table or column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _as_text(value: Any) -> str | None:
    """Return a cell of a text column as text: DATETIME columns keep a number as a number, and anything may hold bytes."""
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def read_database(path: Path, timeout_s: float = DEFAULT_TIMEOUT_S, attempts: int = DEFAULT_ATTEMPTS) -> Snapshot:
    """Read a database file without a trace; try again if another program wrote meanwhile.

    Args:
        path: The database.
        timeout_s: How long to wait for another program's lock.
        attempts: How often to read a database that somebody keeps changing.

    Raises:
        UnknownSchemaError: The tables are of no known era.
        DatabaseMissingError, DatabaseUnreadableError, DatabaseLockedError: See ``open_readonly``.
    """
    return read_steadily(path, read_snapshot, timeout_s, attempts)


def read_steadily(
    path: Path,
    read: Callable[[sqlite3.Connection], Result],
    timeout_s: float = DEFAULT_TIMEOUT_S,
    attempts: int = DEFAULT_ATTEMPTS,
) -> Result:
    """Read something from a database without a trace; try again if another program wrote meanwhile, at last with locks.

    Raises:
        DatabaseMissingError, DatabaseUnreadableError, DatabaseLockedError: See ``open_readonly``.
    """

    def attempt(busy: bool) -> Result:
        with open_readonly(path, timeout_s, busy=busy) as connection:
            return read(connection)

    return steadily(attempt, attempts)


def read_tables(connection: sqlite3.Connection) -> dict[str, tuple[Column, ...]]:
    """Return every real table with its columns; views and tables of unknown extensions are left out."""
    names = [
        str(name)
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        )
    ]
    return {
        table: tuple(
            Column(name, declared or "", bool(not_null), default, bool(key))
            for _, name, declared, not_null, default, key in connection.execute(
                f"PRAGMA table_info({quote_name(table)})"
            )
        )
        for table in names
    }


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Recognise the schema of an open database.

    Raises:
        UnknownSchemaError: The tables are of no known era.
    """
    return recognise(read_tables(connection))


def read_snapshot(connection: sqlite3.Connection) -> Snapshot:
    """Read all rows that archives can say something about, in rowid order.

    The caller holds a transaction, so that all tables are of one moment (``open_readonly`` does).

    Raises:
        UnknownSchemaError: The tables are of no known era.
    """
    with _tolerant_of_bad_text(connection), _no_garbage_collection():
        try:
            return _read(connection)
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" not in str(error):
                raise
        connection.text_factory = decode_anyway
        return _read(connection)


def decode_anyway(value: bytes) -> str:
    """Return stored text, bad bytes as lone surrogates: a ``text_factory``."""
    return value.decode("utf-8", "surrogateescape")


@contextmanager
def _tolerant_of_bad_text(connection: sqlite3.Connection) -> Iterator[None]:
    """Put the connection's way of reading text back afterwards."""
    usual = connection.text_factory
    try:
        yield
    finally:
        connection.text_factory = usual


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Rows are not garbage: looking for some between them would double the time of a large read."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(connection: sqlite3.Connection) -> Snapshot:
    schema = read_schema(connection)
    reader = _Reader(connection, schema)
    users = reader.rows("user", UserRow)
    prayers = reader.rows("prayer", PrayerRow)
    marks = reader.rows("mark", MarkRow)
    attributes = reader.rows("attribute", AttributeRow)
    log = reader.rows("log", LogRow)
    tokens = reader.rows("token", TokenRow)
    usages = reader.usages()
    references = reader.references()
    further, loose = reader.further(), reader.loose()
    merges = reader.merges()
    read = {"user": users, "prayer": prayers, "mark": marks, "attribute": attributes, "log": log, "token": tokens}
    counted = {TABLES[entity]: len(rows) for entity, rows in read.items() if entity in schema.present}
    others = [table for table in schema.tables if table not in counted]
    snapshot = Snapshot(
        schema=schema,
        users=users,
        prayers=prayers,
        marks=marks,
        attributes=attributes,
        log=log,
        tokens=tokens,
        references=references,
        fingerprint="",
        counts=counted | count_rows(connection, others),
        further=further,
        loose=loose,
        merges=merges,
        usages=usages,
    )
    kin = reader.kin(_written_twice(snapshot))
    return replace(snapshot, kin=kin, fingerprint=reader.digest.hexdigest())


def _written_twice(snapshot: Snapshot) -> list[str]:
    """Return the users whose name has the letters and digits of another user's or, in era v2, of a vanished one's."""
    names = {user.key: _letters(user.name) for user in snapshot.users if isinstance(user.name, str)}
    times = Counter(names.values())
    if snapshot.schema.names_are_keys:
        named = snapshot.count_references().keys() | {row.user for row in snapshot.references}
        times.update(_letters(key) for key in named - names.keys() if isinstance(key, str))
    return sorted(key for key, name in names.items() if times[name] > 1)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))


def count_rows(connection: sqlite3.Connection, tables: Iterable[str]) -> dict[str, int]:
    """Return the number of rows per table."""
    counts = {}
    for table in tables:
        ((counts[table],),) = connection.execute(f"SELECT count(*) FROM {quote_name(table)}")
    return counts


class _Reader:
    """Reads table after table, and keeps the digest and the repeated strings."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema) -> None:
        self.connection = connection
        self.schema = schema
        self.digest = hashlib.sha256()
        self.pool: dict[Any, Any] = {}

    def rows(self, entity: str, kind: type[Any]) -> tuple[Any, ...]:
        """Return all rows of an entity as named tuples of the given kind."""
        if entity not in self.schema.present:
            return ()
        fields: tuple[str, ...] = kind._fields
        selected = [self.schema.column(entity, name) for name in fields]
        columns = ", ".join("NULL" if column is None else quote_name(column) for column in selected)
        # The columns are digested with the rows, so that a renamed column is another database.
        self._add_to_digest((TABLES[entity], columns))
        repeated = [index for index, name in enumerate(fields) if name in _REPEATED or (entity, name) in _KEYS]
        textual = [index for index, name in enumerate(fields) if name not in _NUMBERS]
        keep = self.pool.setdefault
        make = partial(tuple.__new__, kind)  # What kind._make does, without a Python call per row.
        found: list[Any] = []
        cursor = self._select(columns, entity)
        while chunk := cursor.fetchmany(_CHUNK):
            self._add_to_digest(chunk)
            values: list[Any] = list(zip(*chunk, strict=True))
            for index in textual:
                if not _TEXT.issuperset(map(type, values[index])):
                    values[index] = tuple(map(_as_text, values[index]))
            for index in repeated:
                values[index] = map(keep, values[index], values[index])
            found.extend(map(make, zip(*values, strict=True)))
        return tuple(found)

    def usages(self) -> tuple[UsageRow, ...]:
        """Return who claimed which invite token when, empty where the table does not say all of it."""
        if any(self.schema.column("usage", name) is None for name in UsageRow._fields):
            return ()
        rows: tuple[UsageRow, ...] = self.rows("usage", UsageRow)
        return rows

    def _select(self, columns: str, entity: str) -> sqlite3.Cursor:
        table = quote_name(TABLES[entity])
        try:
            return self.connection.execute(f"SELECT {columns} FROM {table} ORDER BY rowid")
        except sqlite3.OperationalError as error:
            if "rowid" not in str(error):
                raise
        key = quote_name(self.schema.columns[entity, "key"])
        return self.connection.execute(f"SELECT {columns} FROM {table} ORDER BY {key}")

    def references(self) -> tuple[Reference, ...]:
        """Return how often each table that is not repaired refers to each user."""
        found: list[Reference] = []
        for table, column in OTHER_REFERENCES:
            if not any(known.name == column for known in self.schema.tables.get(table, ())):
                continue
            name, source = quote_name(column), quote_name(table)
            rows = self.connection.execute(
                f"SELECT {name}, count(*) FROM {source} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 1"
            ).fetchall()
            found.extend(Reference(table, column, user, count) for user, count in rows)
        self._add_to_digest([tuple(reference) for reference in found])
        return tuple(found)

    def further(self) -> tuple[FurtherRow, ...]:
        """Return the rows of further tables that refer to nobody, in rowid order per column."""
        users, user_key = quote_name(TABLES["user"]), quote_name(self.schema.columns["user", "key"])
        found = tuple(self._further_rows(f"NOT IN (SELECT {user_key} FROM {users})"))
        self._add_to_digest([tuple(row) for row in found])
        return found

    def kin(self, users: Sequence[str]) -> tuple[FurtherRow, ...]:
        """Return the rows of further tables that refer to these users."""
        chunks = (users[start : start + _MOST_VARIABLES] for start in range(0, len(users), _MOST_VARIABLES))
        found = tuple(
            row for some in chunks for row in self._further_rows(f"IN ({', '.join('?' * len(some))})", *some)
        )
        if found:
            self._add_to_digest([tuple(row) for row in found])
        return found

    def _further_rows(self, condition: str, *values: str) -> Iterator[FurtherRow]:
        for entity in FURTHER:
            key = self.schema.column(entity, "key")
            token = self.schema.column(entity, "token")
            for name in USER_FIELDS:
                column = self.schema.column(entity, name)
                if key is None or column is None:
                    continue
                quoted = quote_name(column)
                third = "''" if token is None else quote_name(token)
                rows = self.connection.execute(
                    f"SELECT {quote_name(key)}, {quoted}, {third} FROM {quote_name(TABLES[entity])} "
                    f"WHERE {quoted} IS NOT NULL AND {quoted} {condition} ORDER BY 2, 1",
                    values,
                )
                for row, user, about in rows:
                    yield FurtherRow(entity, name, str(_as_text(row)), str(_as_text(user)), _as_text(about) or "")

    def loose(self) -> tuple[Loose, ...]:
        """Return how many rows of each column lead to no prayer, request, role or token."""
        found: list[Loose] = []
        for (entity, name), column in self.schema.columns.items():
            target = _TARGETS.get((entity, name)) or _TARGETS.get(("", name))
            if target is None or target == entity or target not in self.schema.present:
                continue
            quoted, table = quote_name(column), TABLES[entity]
            key = quote_name(self.schema.columns[target, "key"])
            ((rows,),) = self.connection.execute(
                f"SELECT count(*) FROM {quote_name(table)} WHERE {quoted} IS NOT NULL AND {quoted} <> '' "
                f"AND {quoted} NOT IN (SELECT {key} FROM {quote_name(TABLES[target])})"
            )
            if rows:
                found.append(Loose(table, column, TABLES[target], rows))
        return tuple(sorted(found))

    def merges(self) -> tuple[MergeRow, ...]:
        """Return the application's own log of merged users, empty where there is none (database schema spec, section 1)."""
        columns = {column.name for column in self.schema.tables.get("user_merge_log", ())}
        if not {"primary_user_id", "merged_user_id"} <= columns:
            return ()
        rows = self.connection.execute(
            "SELECT DISTINCT merged_user_id, primary_user_id FROM user_merge_log "
            "WHERE merged_user_id IS NOT NULL AND primary_user_id IS NOT NULL ORDER BY 1, 2"
        ).fetchall()
        found = tuple(MergeRow(_as_text(merged) or "", _as_text(kept) or "") for merged, kept in rows)
        self._add_to_digest([tuple(row) for row in found])
        return found

    def _add_to_digest(self, value: Any) -> None:
        # Version 2 is the last one whose bytes depend on the values alone, not on which objects are shared.
        self.digest.update(marshal.dumps(value, 2))


# Where a field leads that is no user: (entity, field), or a field of any entity. Marks of no prayer have a finding each.
_TARGETS = {
    ("skip", "prayer"): "prayer",
    ("attribute", "prayer"): "prayer",
    ("log", "prayer"): "prayer",
    ("", "request"): "request",
    ("", "role"): "role",
    ("usage", "token"): "token",
}
# Keys that other tables refer to.
_KEYS = frozenset({("user", "key"), ("prayer", "key")})
