"""A real PostgreSQL server: what is locked, lost or forbidden is never a pass, and nothing is ever written by a check."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import psycopg
import pytest
import sqlalchemy as sa

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests import postgres
from tests.checks.test_packs import ALL
from tests.cli.support import reconstruct
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings, check_database
from thywill_reconstruct.checks.infer import infer_rules
from thywill_reconstruct.checks.model import Pack, Rule
from thywill_reconstruct.checks.packs import find_pack, load_pack, shipped_packs

QUICK = Settings(now=ALL.now, timeout_s=0.3, statement_timeout_s=1.0)


@pytest.fixture
def points(postgres_server: str) -> str:
    url = postgres.new_database(postgres_server, "points")
    make(FIXTURES["points"], url, damaged=False)
    return url


def ask(url: str, *statements: str) -> dict[str, tuple[str, str]]:
    rules = tuple(
        Rule(f"r{n}", "t", "low", "w", "sql", {"table": "users", "sql": sql}) for n, sql in enumerate(statements)
    )
    results = check_database(parse_target(url), [Pack("p", "P", rules, "")], QUICK).results
    return {each.rule.id: (each.state, each.reason) for each in results}


def test_one_bad_rule_harms_no_other(points: str) -> None:
    found = ask(
        points, "SELECT emial AS id FROM users", "SELECT id FROM users WHERE false", "SELECT pg_sleep(9) AS id"
    )
    assert found["r0"][0] == "could not check"
    assert "emial" in found["r0"][1]
    assert found["r1"] == ("passed", "")
    assert found["r2"] == ("could not check", "it took longer than 1 s")


def test_a_server_is_monitored(points: str, tmp_path: Path) -> None:
    words = ("monitor", "--pack", "points", "--db", points, "--store", "h.sqlite")
    assert reconstruct(tmp_path, *words).code == 0
    with psycopg.connect(points.replace("+psycopg", "")) as connection:
        connection.execute("INSERT INTO points_log VALUES (900100, 4, '2025-03-03', 'gift', 7, 0)")
    done = reconstruct(tmp_path, *words)
    assert "NEW  points-ledger-source (medium): 1 found" in done.out
    assert done.code == 1


def test_a_rule_cannot_write(points: str) -> None:
    found = ask(
        points, "WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone", "SELECT nextval('s') AS id"
    )
    assert {state for state, _ in found.values()} == {"could not check"}
    with psycopg.connect(points.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (24,)


def test_a_locked_table_is_no_pass(points: str) -> None:
    with psycopg.connect(points.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE goals IN ACCESS EXCLUSIVE MODE")
        results = check_database(parse_target(points), [load_pack("points")], QUICK)
    states = {each.rule.id: each for each in results.results}
    assert states["points-week-order"].state == "could not check"
    assert "lock" in states["points-week-order"].reason
    assert results.exit_code == 3
    seeing = {name for name, each in states.items() if each.state == "passed"}
    assert {"points-duplicate-stats", "points-duplicate-ledger", "points-tables"} <= seeing
    assert not seeing & {"points-goal-without-ledger", "points-indexes", "points-columns", "points-overview"}


def test_a_database_that_vanishes_in_the_middle_is_no_pass(points: str) -> None:
    """The connection of the check ends itself after the first rule, as if the server had gone."""
    found = ask(
        points,
        "SELECT id FROM users WHERE false",
        "SELECT 1 AS id WHERE pg_terminate_backend(pg_backend_pid())",
        "SELECT id FROM users WHERE false",
    )
    assert found["r0"][0] == "passed"
    assert [found[name][0] for name in ("r1", "r2")] == ["could not check"] * 2
    assert all(found[name][1] for name in ("r1", "r2"))


def test_references_are_inferred_on_a_server_too(points: str) -> None:
    proposed = infer_rules(parse_target(points), 5.0, 30.0)
    tables = {(each["table"], each["column"], each["to"]) for each in tomllib.loads(proposed)["rule"]}
    assert {("diary_entry", "user_id", "users.id"), ("goals", "user_id", "users.id")} <= tables
    assert not any(column == "points" for _, column, _ in tables)


def test_keys_of_different_types_are_compared_as_texts(points: str) -> None:
    engine = sa.create_engine(points, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE note (id int PRIMARY KEY, whose varchar(20))")
        connection.exec_driver_sql("INSERT INTO note VALUES (1, '5'), (2, '500')")
    rule = Rule("note", "t", "low", "w", "reference", {"table": "note", "column": "whose", "to": "users.id"})
    (result,) = check_database(parse_target(points), [Pack("p", "P", (rule,), "")], ALL).results
    assert [offence.key for offence in result.offences] == ["2"]


@pytest.mark.parametrize("name", shipped_packs())
def test_packs_have_the_published_form(name: str) -> None:
    schema = json.loads((Path(find_pack(name)).parent / "pack.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = tomllib.loads(find_pack(name).read_text())
    jsonschema.validate(document, schema)
    document["rule"][0]["wat"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)
