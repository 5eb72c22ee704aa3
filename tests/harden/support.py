"""Fixtures with half of their indexes and constraints dropped, and what their schema holds."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.harden.model import Outcome
from thywill_reconstruct.harden.run import Hardened, execute, inspect

NOW = Settings(now=datetime.now(UTC).replace(tzinfo=None))
PACKS = {"thywill-v1": "thywill", "thywill-v2": "thywill"}


def run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def refused(url: str, statement: str) -> str:
    """Run what the database must refuse, and return what it says; empty if it does not."""
    try:
        run(url, statement)
    except sa.exc.DBAPIError as error:
        return str(error.orig)
    return ""


def fixture(name: str, url: str, *, damaged: bool = False) -> None:
    make(FIXTURES[name], url, damaged=damaged)


def look(url: str, fixture: str, *only: str, proofs: bool = False) -> dict[str, Outcome]:
    packs = [load_pack(PACKS.get(fixture, fixture))]
    _, outcomes = inspect(parse_target(url), packs, NOW, only, proofs=proofs)
    return {each.promise.id: each for each in outcomes}


def harden(url: str, fixture: str, home: Path) -> Hardened:
    packs = [load_pack(PACKS.get(fixture, fixture))]
    target = parse_target(url)
    _, outcomes = inspect(target, packs, NOW, proofs=False)
    return execute(target, packs, outcomes, NOW, home=home)


def states(url: str, fixture: str) -> dict[str, str]:
    return {name: each.state for name, each in look(url, fixture).items()}


def objects(url: str) -> list[tuple[object, ...]]:
    """Everything that a schema consists of, in words that two moments can be compared by."""
    if url.startswith("sqlite"):
        return ask(url, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
    return ask(
        url,
        "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "UNION SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "UNION SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
        "UNION SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public' "
        "UNION SELECT 'column', table_name || '.' || column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY 1, 2, 3",
    )


def drop_half(url: str) -> list[str]:
    """Drop every second index that is no constraint's, and every second foreign key and check where that can be done."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    dropped = []
    with engine.begin() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # indexes on expressions are left alone
        found = sa.inspect(connection)
        tables = found.get_table_names()
        indexes = sorted(
            str(index["name"])
            for table in tables
            for index in found.get_indexes(table)
            if not index.get("duplicates_constraint")
        )
        for name in indexes[::2]:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')
            dropped.append(name)
        if connection.dialect.name == "postgresql":
            keys = [(table, str(key["name"])) for table in tables for key in found.get_foreign_keys(table)]
            for table, name in sorted(keys)[::2]:
                connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
                dropped.append(name)
    return dropped
