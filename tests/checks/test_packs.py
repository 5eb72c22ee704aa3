"""Every shipped pack finds exactly what its fixture was damaged with, and nothing on the clean twin; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests.checks.conftest import MakeDatabase
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings, check_database
from thywill_reconstruct.checks.model import CheckResults, Pack, Rule
from thywill_reconstruct.checks.packs import find_pack, lint_pack, load_pack, shipped_packs
from thywill_reconstruct.harden.run import inspect

ALL = Settings(now=datetime.now(UTC).replace(tzinfo=None), sample=None)
# What finds nothing in these fixtures, because it only tells figures or what another rule finds as well.
SILENT = {"overview", "foreign_keys", "expected_table", "expected_column"}


def check(name: str, url: str, settings: Settings = ALL) -> CheckResults:
    return check_database(parse_target(url), [load_pack(FIXTURES[name].pack)], settings)


@pytest.mark.parametrize("name", FIXTURES)
def test_finds_exactly_what_was_planted(name: str, empty_database: MakeDatabase) -> None:
    url = empty_database("damaged")
    planted = make(FIXTURES[name], url, damaged=True)
    results = check(name, url)
    found = {(each.rule.id, offence.table, offence.key) for each in results.results for offence in each.offences}
    assert found == set(planted)
    assert len(planted) > 10
    assert [each.reason for each in results.results if each.state == "could not check"] == []
    assert results.exit_code == 2


@pytest.mark.parametrize("name", FIXTURES)
def test_is_silent_on_the_clean_twin(name: str, empty_database: MakeDatabase) -> None:
    url = empty_database("clean")
    assert make(FIXTURES[name], url, damaged=False) == []
    results = check(name, url)
    assert [(each.rule.id, each.state, each.reason) for each in results.results if each.state != "passed"] == []
    assert results.exit_code == 0


@pytest.mark.parametrize("name", FIXTURES)
def test_counts_are_the_same_when_only_a_sample_is_read(name: str, empty_database: MakeDatabase) -> None:
    url = empty_database("damaged")
    make(FIXTURES[name], url, damaged=True)
    whole, part = check(name, url), check(name, url, Settings(now=ALL.now, sample=1))
    assert [(each.rule.id, each.count) for each in part.results] == [
        (each.rule.id, each.count) for each in whole.results
    ]
    assert all(len(each.offences) <= 1 for each in part.results)


@pytest.mark.parametrize("pack", shipped_packs())
def test_every_rule_of_a_pack_is_planted_somewhere(pack: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    planted = set()
    for name, fixture in FIXTURES.items():
        if fixture.pack == pack:
            path = tmp_path_factory.mktemp(name) / "damaged.db"
            planted |= {each.rule for each in make(fixture, f"sqlite:///{path}", damaged=True)}
    telling = [rule for rule in load_pack(pack).rules if not rule.parameters.get("list_only")]
    untouched = {rule.id for rule in telling if rule.kind not in SILENT} - planted
    assert untouched <= {"thywill-lost-inviters", "thywill-lost-inviter-names"}


@pytest.mark.parametrize("pack", shipped_packs())
def test_shipped_packs_are_sound(pack: str) -> None:
    assert lint_pack(find_pack(pack).read_text(encoding="utf-8")) == ()


@pytest.mark.parametrize(
    ("where", "state"),
    [
        ('"emial" IS NOT NULL', "could not check"),
        ("emial IS NOT NULL", "could not check"),
        ("\"name\" = 'nobody'", "passed"),
        ("name = 'nobody' -- who is that?", "passed"),
        ("name = 'nobody' /* who? */", "passed"),
    ],
)
def test_a_typo_is_no_pass_and_a_comment_is_no_typo(where: str, state: str, empty_database: MakeDatabase) -> None:
    url = empty_database("points")
    make(FIXTURES["points"], url, damaged=False)
    rule = Rule("r", "t", "low", "w", "forbidden", {"table": "users", "where": where})
    (result,) = check_database(parse_target(url), [Pack("p", "P", (rule,), "")], ALL).results
    assert (result.state, "emial" in result.reason) == (state, "emial" in where)


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        (("27.213813", "28.221732"), 0),  # twice in a minute: somebody pressed twice
        (("27.213813", "27.213813"), 2),
        (("27.213813", "00.000000"), 2),
        (("27.213813", "28.221732", "29.000001"), 3),
    ],
)
def test_what_was_done_twice_is_not_doubled(
    seconds: tuple[str, ...], found: int, empty_database: MakeDatabase
) -> None:
    url = empty_database("twice")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, who INTEGER, at TIMESTAMP)")
        for number, second in enumerate(seconds):
            connection.exec_driver_sql(f"INSERT INTO t VALUES ({number}, 1, '2025-03-03 22:55:{second}')")
    rule = Rule("r", "t", "low", "w", "unique", {"table": "t", "columns": ["who"], "minutes": ["at"], "twice": True})
    (result,) = check_database(parse_target(url), [Pack("p", "P", (rule,), "")], ALL).results
    assert (result.reason, result.count) == ("", found)


@pytest.mark.parametrize("names", [("diary", "goal", "login"), ("diary_entry", "goal_outcome", "daily bonus")])
def test_a_ledger_may_name_its_sources_otherwise(names: tuple[str, ...], empty_database: MakeDatabase) -> None:
    url = empty_database("points")
    make(FIXTURES["points"], url, damaged=False)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for old, new in zip(("diary_entry", "goal", "login_bonus"), names, strict=True):
            connection.exec_driver_sql(f"UPDATE points_log SET source_type = '{new}' WHERE source_type = '{old}'")
    assert check("points", url).exit_code == 0


LISTED = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(255) UNIQUE);
CREATE TABLE transactions (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), spent_at TIMESTAMP);
CREATE TABLE goals (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
CREATE TABLE daily_plan (id INTEGER PRIMARY KEY, user_id INTEGER, date DATE, category VARCHAR(50));
CREATE TABLE habit_completions (id INTEGER PRIMARY KEY, habit_id INTEGER);
CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, user_id INTEGER);
CREATE TABLE ai_analysis_snapshots (id INTEGER PRIMARY KEY, user_id INTEGER)"""
INDEXES = [
    "CREATE INDEX a ON transactions (user_id, spent_at)",
    "CREATE INDEX b ON daily_plan (user_id, date)",
    "CREATE INDEX c ON goals (user_id)",
]


@pytest.mark.parametrize("made", range(4))
def test_what_nobody_made_is_told_and_what_was_lost_is_found(made: int, empty_database: MakeDatabase) -> None:
    """Budgets whose tables are made as listed have no key of the plans, and no indexes: nothing is wrong with them."""
    url = empty_database("listed")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in (*LISTED.split(";"), *INDEXES[:made]):
            connection.exec_driver_sql(statement)
    rules = [rule for rule in load_pack("budget").rules if rule.id in ("budget-constraints", "budget-indexes")]
    results = check_database(parse_target(url), [Pack("p", "P", tuple(rules), "")], ALL).results
    constraints, indexes = sorted(results, key=lambda each: each.rule.id)
    assert (constraints.state, len(constraints.facts)) == ("passed", 4)
    assert "daily_plan(user_id) has no foreign key to users.id; harden adds it" in constraints.facts
    told, lost = (0, 1) if made == 3 else (4 - made, 0)
    assert (len(indexes.facts), indexes.count) == (told, lost)
    _, outcomes = inspect(parse_target(url), [load_pack("budget")], ALL, ["daily_plan", "unique"], proofs=False)
    missing = {each.promise.id for each in outcomes if each.state == "missing"}
    assert {"fk_daily_plan_user_id", "uq_daily_plan_user_id_date_category"} <= missing


def test_an_organizer_needs_only_the_parts_that_are_there(empty_database: MakeDatabase) -> None:
    url = empty_database("organizer")
    make(FIXTURES["organizer"], url, damaged=False)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for name in FIXTURES["organizer"].tables.tables:
            if name not in ("finance_account", "habit", "alembic_version"):
                connection.exec_driver_sql(f"DROP TABLE {name}")
    assert check("organizer", url).exit_code == 0


def test_a_name_that_is_no_utf_8_blinds_no_rule(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'points.db'}"
    make(FIXTURES["points"], url, damaged=False)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for number, name in ((901, "FF41"), (902, "20FF61"), (903, "C384"), (904, "C3A4")):
            connection.exec_driver_sql(f"INSERT INTO users VALUES ({number}, CAST(X'{name}' AS TEXT))")
    given = {"table": "users", "columns": ["name"], "canonical": "lower trim"}
    rule = Rule("r", "t", "low", "w", "unique", given)
    (result,) = check_database(parse_target(url), [Pack("p", "P", (rule,), "")], ALL).results
    assert [offence.key for offence in result.offences] == ["901", "902", "903", "904"]
