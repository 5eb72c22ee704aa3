"""The scripts do what an execution does: plain SQL, and an Alembic migration run by Alembic itself, there and back."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.checks.conftest import MakeDatabase
from tests.harden.support import NOW, PACKS, fixture, objects, run, states
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.harden.files import as_alembic, as_sql
from thywill_reconstruct.harden.run import inspect, versions_of

ENVIRONMENT = """
from alembic import context
import sqlalchemy as sa

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
FIRST = 'revision = "{}"\ndown_revision = None\n\n\ndef upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n'


def prepared(name: str, url: str) -> None:
    fixture(name, url)
    if name == "organizer":
        run(url, "DROP INDEX uq_habit_user_name", "DROP TABLE tag", "UPDATE finance_account SET normalized_name = ''")
    if name == "points":
        run(url, "DROP INDEX idx_goals_user_id", "DROP INDEX idx_diary_entry_rating")


@pytest.mark.parametrize("name", ["budget", "points", "organizer"])
def test_alembic_runs_the_migration_there_and_back(name: str, empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database(name)
    prepared(name, url)
    packs, target = [load_pack(PACKS.get(name, name))], parse_target(url)
    _, outcomes = inspect(target, packs, NOW, proofs=False)
    versions = versions_of(target, packs, NOW)
    assert versions == {"budget": (), "points": ("a1b2c3d4e5f6",), "organizer": ("f00dfeed0001",)}[name]
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENVIRONMENT)
    for version in versions:
        (folder / "versions" / "first.py").write_text(FIRST.format(version))
    (folder / "versions" / "harden.py").write_text(as_alembic(outcomes, packs, versions))
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    before = [row for row in objects(url) if "alembic_version" not in str(row)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        command.upgrade(config, "head")
        assert set(states(url, name).values()) == {"kept"}
        command.downgrade(config, "-1")
    assert [row for row in objects(url) if "alembic_version" not in str(row)] == before


@pytest.mark.parametrize("name", ["budget", "points", "organizer"])
def test_the_sql_script_keeps_every_promise(name: str, empty_database: MakeDatabase) -> None:
    url = empty_database(name)
    prepared(name, url)
    packs = [load_pack(name)]
    dialect, outcomes = inspect(parse_target(url), packs, NOW, proofs=False)
    script = as_sql(outcomes, packs, dialect).replace(".bail on\n", "")
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.executescript(script) if dialect == "sqlite" else raw.execute(script)
    assert set(states(url, name).values()) == {"kept"}


def test_what_is_refused_stands_in_the_script_as_a_comment(empty_database: MakeDatabase) -> None:
    url = empty_database("budget")
    fixture("budget", url, damaged=True)
    packs = [load_pack("budget")]
    dialect, outcomes = inspect(parse_target(url), packs, NOW, proofs=False)
    script = as_sql(outcomes, packs, dialect)
    assert "-- LEFT OUT: unique (user_id, date, category) is missing, and 2 rows violate it" in script
    assert all(line.startswith("--") for line in script.splitlines() if "reconstruct repair" in line)
