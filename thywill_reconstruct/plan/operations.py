"""Operations: the reversible steps of a plan, in the column names of the database at hand.

An operation is data. ``apply.execute`` is the only place that turns one into SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from thywill_reconstruct.findings.finding import Finding, Risk, Value

Columns = tuple[tuple[str, Value], ...]
UNDO = "undo: "
# SQLite's own table of what the schema is made of. An operation "on" it creates or drops an
# index, a trigger, a view or a table, or adds a column to a table.
SCHEMA_TABLE = "sqlite_master"
SchemaKind = Literal["index", "trigger", "view", "table"]
_NAMED = ("type", "name", "tbl_name", "sql")
_CREATE = re.compile(
    r"\s*CREATE\s+(?P<unique>UNIQUE\s+)?(?P<kind>INDEX|TRIGGER|VIEW|TABLE)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<rest>.*)",
    re.I | re.S,
)
# What may hold a semicolon that ends nothing, and what is left over where one of these is not closed.
_OPAQUE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/""", re.S)
_OPEN = re.compile(r"""['"`\[]|/\*""")
_SEVERAL: Mapping[str, re.Pattern[str]] = {
    "index": re.compile(";"),
    "trigger": re.compile(r";\s*END\s*;", re.I),
    "view": re.compile(";"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One step on one row.

    Attributes:
        action: ``insert``, ``update`` or ``delete``.
        table, key_column, key: The row.
        before: update: the replaced values; delete: the whole row; insert: empty.
        after: update: the new values of the same columns; insert: the whole row; delete: empty.
        risk: See ``findings.finding.Change``.
        codes: The finding codes that asked for it, sorted.
        reason: What the step rests on, one plain sentence; never prayer text.
    """

    action: Literal["insert", "update", "delete"]
    table: str
    key_column: str
    key: Value
    before: Columns
    after: Columns
    risk: Risk
    codes: tuple[str, ...]
    reason: str

    @property
    def new_key(self) -> Value:
        """The row's key after the step: another one if the step changes the key column."""
        return dict(self.after).get(self.key_column, self.key) if self.action == "update" else self.key

    @property
    def changes_schema(self) -> bool:
        """Whether the step creates or drops a part of the schema instead of changing a row."""
        return self.table == SCHEMA_TABLE

    def inverse(self) -> Operation:
        """Return the operation that takes this one back: before and after exchanged. Its own inverse is this one again."""
        turned: dict[str, Literal["insert", "update", "delete"]] = {
            "insert": "delete",
            "update": "update",
            "delete": "insert",
        }
        return Operation(
            action=turned[self.action],
            table=self.table,
            key_column=self.key_column,
            key=self.new_key,
            before=self.after,
            after=self.before,
            risk=self.risk,
            codes=self.codes,
            reason=self.reason.removeprefix(UNDO) if self.reason.startswith(UNDO) else UNDO + self.reason,
        )


def schema_operation(
    action: Literal["create", "drop"],
    kind: SchemaKind,
    name: str,
    table: str,
    sql: str,
    *,
    codes: tuple[str, ...],
    reason: str,
) -> Operation:
    """Return the step that creates or drops an index (unique or not), a trigger, a view or a table.

    It is an operation like any other, on the row that SQLite keeps about it: before it is absent or recorded with exactly
    this text, afterwards the other way round. So it is planned, checked, recorded, shown and undone like a changed row.

    Args:
        action: ``create`` or ``drop``.
        kind: What it is.
        name: Its name.
        table: The table it belongs to; of a view its own name.
        sql: The statement that creates it.
        codes: The finding codes that ask for it, sorted.
        reason: One plain sentence.

    Raises:
        ValueError: ``sql`` creates something else.
    """
    recorded = recorded_sql(kind, sql)
    row: Columns = (("type", kind), ("name", name), ("tbl_name", table), ("sql", recorded))
    return Operation(
        action="insert" if action == "create" else "delete",
        table=SCHEMA_TABLE,
        key_column="name",
        key=name,
        before=() if action == "create" else row,
        after=row if action == "create" else (),
        risk="fill" if action == "create" else "delete",
        codes=codes,
        reason=reason,
    )


def column_operation(table: str, before: str, after: str, *, codes: tuple[str, ...], reason: str) -> Operation:
    """Return the step that adds a column: the statement recorded about the table becomes another one.

    Args:
        table: The table.
        before, after: What SQLite records about it without and with the column, whose name is quoted.
        codes, reason: See ``Operation``.
    """
    return Operation(
        "update", SCHEMA_TABLE, "name", table, (("sql", before),), (("sql", after),), "fill", codes, reason
    )


def column_change(before: str, after: str) -> str:
    """Return the definition of the column that only one of two recorded statements has.

    >>> column_change("CREATE TABLE t (id INTEGER)", 'CREATE TABLE t (id INTEGER, "size" INTEGER DEFAULT 1)')
    '"size" INTEGER DEFAULT 1'
    """
    short, long = sorted((before, after), key=len)
    start = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return long[start : start + len(long) - len(short)].strip(", \n\t")


def recorded_sql(kind: SchemaKind, sql: str) -> str:
    """Return a CREATE statement as SQLite records it.

    >>> recorded_sql("index", "create index if not exists ix on prayer (author_id);")
    'CREATE INDEX ix on prayer (author_id)'

    Raises:
        ValueError: The statement creates something else.
    """
    parts = _CREATE.fullmatch(sql)
    if parts is None or parts["kind"].lower() != kind or (parts["unique"] and kind != "index"):
        raise ValueError(f"this creates no {kind}: {sql}")
    unique = "UNIQUE " if parts["unique"] else ""
    return f"CREATE {unique}{kind.upper()} {parts['rest'].strip().removesuffix(';').rstrip()}"


def require_schema_step(operation: Operation) -> None:
    """Refuse a schema step that is anything but one index, trigger or view created or dropped by its own statement.

    A plan file may come from anywhere, and the statement in it is carried out, and shown, as it stands: it must not drop a
    table, nor bring a second statement or a command of the sqlite3 shell with it.

    Raises:
        ValueError: Says what is wrong.
    """
    row = dict(operation.after if operation.action == "insert" else operation.before)
    if operation.action == "update" or operation.key_column != "name" or tuple(sorted(row)) != tuple(sorted(_NAMED)):
        raise ValueError("a schema step creates or drops, and says what")
    kind, sql = row["type"], row["sql"]
    if not isinstance(kind, str) or kind not in _SEVERAL or not isinstance(sql, str) or row["name"] != operation.key:
        raise ValueError("a schema step is about an index, a trigger or a view")
    if recorded_sql(kind, sql) != sql:  # type: ignore[arg-type]
        raise ValueError("a schema step holds its statement as SQLite records it")
    bare = _OPAQUE.sub(" ", sql)
    if not all(each.isprintable() or each in "\t\n" for each in sql.replace("\r\n", "\n")):
        raise ValueError("a schema step holds characters that nobody sees")
    if _OPEN.search(bare) or _SEVERAL[kind].search(bare):
        raise ValueError("a schema step is one whole statement")


class Step(NamedTuple):
    """What one finding asks of one operation: the column it changes, ``""`` for a whole row.

    ``operation`` is the position in ``Plan.operations``.
    """

    operation: int
    column: str
    risk: Risk


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, in the order it would be done, and what would not.

    Attributes:
        operations: In dependency order: inserts of users before what refers to them, deletions last.
        repaired: The findings that the operations repair.
        skipped: Findings without repair in this plan, each with its ``reason``.
        database_fingerprint, archive_fingerprint: SHA-256 of the content the plan was made from.
        tool_version: Version of this tool.
        options: The selection in force, as (name, value) pairs.
        notes: Facts the report shows beside the findings (clock offsets, renames), plain sentences.
        steps: Per repaired finding, in the same order, what it asks of which operations.
    """

    operations: tuple[Operation, ...]
    repaired: tuple[Finding, ...]
    skipped: tuple[Finding, ...]
    database_fingerprint: str
    archive_fingerprint: str
    tool_version: str
    options: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[tuple[Step, ...], ...] = ()
