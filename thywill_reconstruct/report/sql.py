"""A plan as a script for the sqlite3 shell, with the same result as ``apply``, for those who want to see or run SQL.

Everything is one transaction, and after every statement a guard asks whether exactly one row was changed: a row that is no
longer as the plan saw it stops the script, and nothing is changed. What ``apply`` adds is missing: backup, receipt, undo
and the comparison with the archives before the commit.

Tokens stay masked: rows are found by the digest of the token, which the shell's ``sha3`` computes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from thywill_reconstruct.apply.statements import PLACE
from thywill_reconstruct.database.schema import TABLES
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.findings.finding import Sealed, Value
from thywill_reconstruct.plan.file import PlanFile
from thywill_reconstruct.plan.operations import Columns, Operation
from thywill_reconstruct.plan.restrict import restrict, without_operations
from thywill_reconstruct.report.safe import brief, safe
from thywill_reconstruct.report.view import facts_of

_GUARD = 'temp."plan guard"'
_TOKENS = quote_name(TABLES["token"])
LEFT_OUT = "Its text is not in this plan."


def as_sql(file: PlanFile) -> str:
    """Return a plan that was made fit to be seen (``plan.file.for_view``) as an SQL script."""
    whole = file.plan
    closed = [n for n, operation in enumerate(whole.operations) if _is_closed(operation)]
    plan = restrict(whole, without_operations(whole, closed), lambda finding: LEFT_OUT) if closed else whole
    left_out = len(whole.operations) - len(plan.operations)
    lines = [".bail on", *_head(file, plan.operations, left_out), *_body(plan.operations, readonly=file.redacted)]
    return "\n".join(lines) + "\n"


def _is_closed(operation: Operation) -> bool:
    """Tell whether a step writes a text that the plan does not hold."""
    return any(isinstance(value, Sealed) and value.kind == "text" for _, value in operation.after)


def _head(file: PlanFile, operations: tuple[Operation, ...], left_out: int) -> Iterator[str]:
    deletions = sum(operation.action == "delete" for operation in operations)
    yield f"-- Repair plan: {deletions:,} rows deleted, {len(operations) - deletions:,} recreated or corrected."
    yield from (f"-- {label}: {safe(value)}" for label, value in facts_of(file))
    yield "--"
    yield "-- Stop the application, make a backup, then:  sqlite3 thywill.db < plan.sql"
    yield "-- If any row is no longer as the plan saw it, the script stops and nothing is changed."
    if left_out:
        yield "--"
        yield f"-- LEFT OUT: {left_out:,} rows whose prayer texts are not shown here, and what rests on them."
        yield "-- `reconstruct apply` repairs them as well; so does this script from a plan and a view with --show-text."
    if file.redacted:
        yield "--"
        yield "-- FOR READING ONLY: names are replaced by pseudonyms. The script stops at once."


def _body(operations: tuple[Operation, ...], *, readonly: bool) -> Iterator[str]:
    yield "BEGIN IMMEDIATE;"
    yield f'CREATE TABLE {_GUARD} (step INTEGER, rows INTEGER CONSTRAINT "a row is not as the plan saw it" CHECK (rows = 1));'
    if readonly:
        yield _guard(0, "0")
    for number, operation in enumerate(operations, 1):
        yield ""
        yield f"-- {number}: {safe(', '.join(operation.codes))} {brief(operation.reason)}"
        if operation.changes_schema:
            yield from _schema_step(number, operation)
        else:
            yield from _step(number, operation)
    yield ""
    yield f"DROP TABLE {_GUARD};"
    yield "COMMIT;"


def _step(number: int, operation: Operation) -> Iterator[str]:
    for _, value in operation.after:
        if isinstance(value, Sealed):  # a token that the database does not hold must not silently become nothing
            yield _guard(number, f"(SELECT count(*) FROM {_TOKENS} WHERE {_condition('token', value)})")
    table = quote_name(operation.table)
    if operation.action == "insert":
        names = ", ".join(quote_name(name) for name, _ in operation.after)
        yield f"INSERT INTO {table} ({names}) VALUES ({', '.join(literal(value) for _, value in operation.after)});"
    elif operation.action == "delete":
        yield f"DELETE FROM {table} WHERE {_conditions(operation, operation.before)};"
    else:
        changes = ", ".join(f"{quote_name(name)} = {literal(value)}" for name, value in operation.after)
        yield f"UPDATE {table} SET {changes} WHERE {_conditions(operation, operation.before)};"
    yield _guard(number, "changes()")


def _schema_step(number: int, operation: Operation) -> Iterator[str]:
    """Yield the creation or removal of an index, trigger or view; SQLite counts no changed rows for those."""
    row = dict(operation.after or operation.before)
    recorded = _guard(
        number,
        f"(SELECT count(*) FROM sqlite_master WHERE {_conditions(operation, operation.after or operation.before)})",
    )
    if operation.action == "insert":
        yield f"{row['sql']!s};"
        yield recorded
    else:
        yield recorded
        yield f"DROP {str(row['type']).upper()} {quote_name(str(operation.key))};"


def _guard(number: int, rows: str) -> str:
    return f"INSERT INTO {_GUARD} VALUES ({number}, {rows});"


def _conditions(operation: Operation, columns: Columns) -> str:
    pairs = ((operation.key_column, operation.key), *(pair for pair in columns if pair[0] != PLACE))
    return " AND ".join(_condition(name, value) for name, value in pairs)


def _condition(name: str, value: Value) -> str:
    if isinstance(value, Sealed):
        return f"sha3({quote_name(name)}, 256) IS X'{value.digest}'"
    return f"{quote_name(name)} IS {literal(value)}"


def literal(value: Value) -> str:
    """Return a value as SQL, in characters that no terminal and no shell acts on."""
    if value is None:
        return "NULL"
    if isinstance(value, Sealed):
        return f"(SELECT token FROM {_TOKENS} WHERE {_condition('token', value)})"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ("9e999" if value > 0 else "-9e999")
    if isinstance(value, int):
        return str(value)
    return " || char(10) || ".join(map(_text, value.split("\n")))


def _text(line: str) -> str:
    if safe(line) == line:
        return "'" + line.replace("'", "''") + "'"
    return f"CAST(X'{line.encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"
