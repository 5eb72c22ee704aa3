"""From a promise to SQL, where SQLite and PostgreSQL agree; what they do not share is in ``sqlite`` and ``postgresql``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thywill_reconstruct.checks.model import Promise
from thywill_reconstruct.checks.schema import Schema
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden import postgresql, sqlite
from thywill_reconstruct.harden.model import Step
from thywill_reconstruct.harden.sql import index_step, listed


def steps_of(promise: Promise, schema: Schema, dialect: str, total: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """Return the statements that add what is promised, in order; empty if that cannot be said in this database.

    Args:
        promise: With the columns' names in this database.
        schema: What is there.
        dialect: ``sqlite`` or ``postgresql``.
        total: The parameters of the rule behind a stored total.
    """
    on_file = dialect == "sqlite"
    match promise.kind:
        case "table":
            return _table(promise, sqlite.KEY if on_file else postgresql.KEY)
        case "column":
            return _column(promise)
        case "index":
            return _index(promise)
        case "view":
            view = quote_name(promise.id)
            select = promise.parameters["select"].strip().removesuffix(";")
            return (Step("view", promise.id, promise.id, f"CREATE VIEW {view} AS {select}", f"DROP VIEW {view}"),)
        case "unique":
            return sqlite.unique(promise) if on_file else postgresql.unique(promise)
        case "foreign_key":
            return sqlite.foreign_key(promise) if on_file else postgresql.foreign_key(promise)
        case "check":
            return sqlite.check(promise, schema) if on_file else postgresql.check(promise, schema)
        case "not_null":
            return sqlite.not_null(promise, schema) if on_file else postgresql.not_null(promise, schema)
        case "total" if total is not None:
            return sqlite.total(promise, total, schema) if on_file else postgresql.total(promise, total, schema)
        case _:
            return ()


def _table(promise: Promise, key: str) -> tuple[Step, ...]:
    columns = promise.parameters["columns"]
    if not columns:
        return ()
    listed = ", ".join(f"{quote_name(name)} {key if kind == 'key' else kind}" for name, kind in columns.items())
    table = quote_name(promise.table)
    held = f"SELECT count(*) FROM {table}"
    return (
        Step("table", promise.table, promise.table, f"CREATE TABLE {table} ({listed})", f"DROP TABLE {table}", held),
    )


def _column(promise: Promise) -> tuple[Step, ...]:
    given = promise.parameters
    if not given["type"]:
        return ()
    table, column, default = quote_name(promise.table), quote_name(given["column"]), given.get("default", "")
    ruled = f" NOT NULL DEFAULT {default}" if default else ""
    held = f"SELECT count(*) FROM {table} WHERE {column} IS DISTINCT FROM ({default or 'NULL'})"
    create = f"ALTER TABLE {table} ADD COLUMN {column} {given['type']}{ruled}"
    return (
        Step("column", given["column"], promise.table, create, f"ALTER TABLE {table} DROP COLUMN {column}", held),
    )


def _index(promise: Promise) -> tuple[Step, ...]:
    given = promise.parameters
    on = f"({given['expression']})" if "expression" in given else listed(given["columns"])
    return (index_step(promise.id, promise.table, on, unique=bool(given.get("unique"))),)
