"""What SQLite needs said in its own way.

Constraints cannot be added to a table that is there. Rebuilding it could lose children, checks, collations and comments, so
triggers do the work instead (docs/decisions/0015-triggers-instead-of-rebuilding.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thywill_reconstruct.checks.kinds.objects import refusal
from thywill_reconstruct.checks.model import Promise
from thywill_reconstruct.checks.schema import Schema
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden.model import Step
from thywill_reconstruct.harden.sql import index_step, listed, literal, same_row, sum_of, total_columns

KEY = "INTEGER PRIMARY KEY"


def unique(promise: Promise) -> tuple[Step, ...]:
    """Return the unique index."""
    return (index_step(promise.id, promise.table, listed(promise.columns), unique=True),)


def foreign_key(promise: Promise) -> tuple[Step, ...]:
    """Return triggers: no row may come to refer to nothing, and what is referred to does not simply go.

    Rows that refer to nothing already can still be changed in their other columns.
    """
    given, table = promise.parameters, promise.table
    column, (target, _, key) = given["column"], given["to"].rpartition(".")
    new, there = f"NEW.{quote_name(column)}", f"{quote_name(target)} p WHERE p.{quote_name(key)}"
    wrong = f"{new} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {there} = {new})"
    if given.get("allow"):
        wrong = f"{new} NOT IN ({', '.join(map(literal, given['allow']))}) AND {wrong}"
    stop = f"SELECT RAISE(ABORT, {literal(refusal(table, column, target))});"
    of = f"UPDATE OF {quote_name(column)}"
    steps = [
        _trigger(promise.id, "insert", f"BEFORE INSERT ON {quote_name(table)} WHEN {wrong}", stop, table),
        _trigger(
            promise.id,
            "update",
            f"BEFORE {of} ON {quote_name(table)} WHEN {new} IS NOT OLD.{quote_name(column)} AND {wrong}",
            stop,
            table,
        ),
    ]
    return (*steps, *_parent_triggers(promise, target, key))


def _parent_triggers(promise: Promise, target: str, key: str) -> tuple[Step, ...]:
    given, table, parent = promise.parameters, quote_name(promise.table), quote_name(target)
    mine = f"{table} WHERE {quote_name(given['column'])} = OLD.{quote_name(key)}"
    used = f"EXISTS (SELECT 1 FROM {mine})"
    stop = f"SELECT RAISE(ABORT, {literal(f'rows of {promise.table} refer to this row of {target}')});"
    change = f"BEFORE UPDATE OF {quote_name(key)} ON {parent} WHEN NEW.{quote_name(key)} IS NOT OLD.{quote_name(key)}"
    match given.get("on_delete", "restrict"):
        case "nothing":
            return ()
        case "cascade":
            delete = _trigger(promise.id, "delete", f"AFTER DELETE ON {parent}", f"DELETE FROM {mine};", target)
        case _:
            delete = _trigger(promise.id, "delete", f"BEFORE DELETE ON {parent} WHEN {used}", stop, target)
    return (delete, _trigger(promise.id, "key", f"{change} AND {used}", stop, target))


def check(promise: Promise, schema: Schema) -> tuple[Step, ...]:
    """Return triggers that refuse rows which do not meet a condition."""
    return _refusing(promise, promise.parameters["says"], schema)


def not_null(promise: Promise, schema: Schema) -> tuple[Step, ...]:
    """Return triggers that refuse rows with nothing in the columns."""
    says = " AND ".join(f"{quote_name(name)} IS NOT NULL" for name in promise.columns)
    return _refusing(promise, says, schema)


def _refusing(promise: Promise, says: str, schema: Schema) -> tuple[Step, ...]:
    table = quote_name(promise.table)
    # The condition names columns plainly, so it is asked of a row made of the new values.
    row = ", ".join(f"NEW.{quote_name(name)} AS {quote_name(name)}" for name in schema[promise.table].columns)
    stop = f"SELECT RAISE(ABORT, {literal(f'{promise.id} forbids this')}) FROM (SELECT {row}) WHERE NOT ({says});"
    return tuple(
        _trigger(promise.id, when.lower(), f"BEFORE {when} ON {table}", stop, promise.table)
        for when in ("INSERT", "UPDATE")
    )


def total(promise: Promise, rule: Mapping[str, Any], schema: Schema) -> tuple[Step, ...]:
    """Return triggers that write the total anew whenever a row of the source, or what a total is of, changes."""
    table, source = quote_name(rule["table"]), quote_name(rule["source"])
    fact = schema.get(rule["table"])
    scale = fact.columns[rule["column"]].scale if fact and rule["column"] in fact.columns else None
    amount, _, rest = sum_of(rule, table).partition(" FROM ")
    amount = f"round({amount}, {scale})" if scale is not None else amount
    write = f"UPDATE {table} SET {quote_name(rule['column'])} = (SELECT {amount} FROM {rest}) WHERE "
    old, new = (f"{write}{same_row(rule, each)};" for each in ("OLD", "NEW"))
    own = f"{write}{table}.rowid = NEW.rowid;"
    of = listed(total_columns(rule))
    return (
        _trigger(promise.id, "insert", f"AFTER INSERT ON {source}", new, rule["source"]),
        _trigger(promise.id, "update", f"AFTER UPDATE ON {source}", f"{old} {new}", rule["source"]),
        _trigger(promise.id, "delete", f"AFTER DELETE ON {source}", old, rule["source"]),
        _trigger(promise.id, "own_insert", f"AFTER INSERT ON {table}", own, rule["table"]),
        _trigger(promise.id, "own_update", f"AFTER UPDATE OF {of} ON {table}", own, rule["table"]),
    )


def _trigger(name: str, part: str, head: str, body: str, table: str) -> Step:
    full = f"{name}_{part}"
    create = f"CREATE TRIGGER {quote_name(full)} {head} BEGIN {body} END"
    return Step("trigger", full, table, create, f"DROP TRIGGER {quote_name(full)}")
