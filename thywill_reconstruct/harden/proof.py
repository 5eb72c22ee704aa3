"""What an index is good for: how the database would answer a query before and after, tried on a copy, never on the original."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from thywill_reconstruct.checks.connect import Target, make_server_engine
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden.model import Outcome, Proof

COPIED_ROWS = 10_000
_SCRATCH = "harden_scratch"


def prove(
    connection: sa.Connection, target: Target, outcomes: Sequence[Outcome], settings: Settings
) -> tuple[Outcome, ...]:
    """Return the outcomes, those of missing indexes with the proof where there can be one.

    For SQLite a database in memory gets the schema and the statistics; PostgreSQL gets a temporary table with up to 10,000
    rows, and is told to avoid reading whole tables as it would with many rows.
    """
    if connection.dialect.name == "sqlite":
        return _prove_in_memory(connection, outcomes)
    proofs = {each.promise.id: _prove_on_server(target, each, settings) for each in outcomes if _gains(each)}
    return tuple(replace(each, proof=proofs.get(each.promise.id)) for each in outcomes)


def _gains(outcome: Outcome) -> bool:
    return outcome.state in ("missing", "refused") and outcome.promise.kind in ("index", "unique")


def scratch_of(connection: sa.Connection) -> sa.Connection:
    """Return a database in memory with the schema and the statistics of an SQLite database, without its rows."""
    scratch = sa.create_engine("sqlite://", isolation_level="AUTOCOMMIT").connect()
    scratch.exec_driver_sql("PRAGMA writable_schema = OFF")
    made = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'table' DESC, rowid"
    )
    for (sql,) in made.all():
        with suppress(SQLAlchemyError):  # what needs a module or function that is not here
            scratch.exec_driver_sql(sql)
    with suppress(SQLAlchemyError):
        rows = [tuple(row) for row in connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1")]
        scratch.exec_driver_sql("ANALYZE")
        for row in rows:
            scratch.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row)
        scratch.exec_driver_sql("ANALYZE sqlite_schema")
    return scratch


def _prove_in_memory(connection: sa.Connection, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    with scratch_of(connection) as scratch:
        proved = []
        for outcome in outcomes:
            query = _query(outcome) if _gains(outcome) else ""
            before = _explain_sqlite(scratch, query)
            for step in outcome.steps:
                with suppress(SQLAlchemyError):
                    scratch.exec_driver_sql(step.create)
            after = _explain_sqlite(scratch, query)
            proved.append(replace(outcome, proof=Proof(query, before, after)) if before and after else outcome)
        return tuple(proved)


def _explain_sqlite(scratch: sa.Connection, query: str) -> str:
    if not query:
        return ""
    with suppress(SQLAlchemyError):
        rows = scratch.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (None,) * query.count("?"))
        return "; ".join(str(row[3]) for row in rows)
    return ""


def _query(outcome: Outcome, table: str = "") -> str:
    promise = outcome.promise
    if promise.query:
        return promise.query.strip().removesuffix(";")
    given = promise.parameters
    parts = [given["expression"]] if "expression" in given else [quote_name(name) for name in promise.columns]
    asked = " AND ".join(f"{part} = ?" for part in parts)
    return f"SELECT * FROM {quote_name(table or promise.table)} WHERE {asked}"


def _prove_on_server(target: Target, outcome: Outcome, settings: Settings) -> Proof | None:
    """Compare plans on a copy; ``None`` if there is no right to make a temporary table."""
    promise, table = outcome.promise, quote_name(outcome.promise.table)
    on = promise.parameters.get("expression") or ", ".join(map(quote_name, promise.columns))
    with suppress(SQLAlchemyError), make_server_engine(target, settings.timeout_s).connect() as connection:
        run = connection.exec_driver_sql
        run(f"SET LOCAL statement_timeout = {int(settings.statement_timeout_s * 1000)}")
        run(f"SET LOCAL lock_timeout = {max(1, int(settings.timeout_s * 1000))}")
        run(f"CREATE TEMP TABLE {_SCRATCH} (LIKE {table} INCLUDING INDEXES) ON COMMIT DROP")
        run(f"INSERT INTO {_SCRATCH} SELECT * FROM {table} LIMIT {COPIED_ROWS}")
        run(f"ANALYZE {_SCRATCH}")
        run("SET LOCAL enable_seqscan = off")
        run("SET LOCAL plan_cache_mode = force_generic_plan")  # a plan for any value shows none
        asked, count = _numbered(_query(replace(outcome, promise=replace(promise, query="")), _SCRATCH))
        run(f"PREPARE {_SCRATCH} AS {asked}")
        before = _explain_server(connection, count)
        indexed = f"({on})" if "expression" in promise.parameters else on
        run(f"CREATE INDEX {quote_name(promise.id)} ON {_SCRATCH} ({indexed})")
        after = _explain_server(connection, count)
        connection.rollback()
        return Proof(_query(outcome), before, after)
    return None


def _numbered(query: str) -> tuple[str, int]:
    """Return a query with numbers for its question marks, and how many those are."""
    parts = query.split("?")
    numbered = "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], start=1))
    return numbered + parts[-1], len(parts) - 1


def _explain_server(connection: sa.Connection, count: int) -> str:
    values = ", ".join(["NULL"] * count)
    rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) EXECUTE {_SCRATCH}({values})")
    return "; ".join(str(row[0]).strip() for row in rows).replace(f" on {_SCRATCH}", "")
