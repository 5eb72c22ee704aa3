"""What a schema lost comes back, twice is once, nothing is dropped, and what rows violate is refused with the count."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.conftest import MakeDatabase
from tests.harden.support import NOW, ask, drop_half, fixture, harden, look, objects, refused, run, states
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import check_database
from thywill_reconstruct.checks.model import Pack
from thywill_reconstruct.checks.packs import load_pack

NAMES = ("budget", "points", "organizer", "thywill-v1", "thywill-v2")


def lasting(url: str) -> set[tuple[object, ...]]:
    """What has a name: statements of tables change when a column is added."""
    return {row[:2] for row in objects(url)}


def whole_again(name: str, url: str, home: Path) -> None:
    """Drop half of what a whole schema holds, and restore it, twice."""
    before = lasting(url)
    drop_half(url)
    kept = lasting(url)
    assert kept < before
    done = harden(url, name, home)
    assert done.failed == []
    assert set(states(url, name).values()) == {"kept"}
    assert kept <= lasting(url)
    promised = set(look(url, name))
    assert {row for row in before - lasting(url) if row[1] in promised} == set()
    once = objects(url)
    again = harden(url, name, home)
    assert (again.done, again.receipts) == ([], [])
    assert objects(url) == once


@pytest.mark.parametrize("name", ["budget", "points", "organizer"])
def test_half_a_schema_is_restored_and_twice_is_once(name: str, empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("half")
    fixture(name, url)
    whole_again(name, url, tmp_path)


@pytest.mark.parametrize("name", ["thywill-v1", "thywill-v2"])
def test_half_of_what_thywill_needs_is_restored(name: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'thywill'}.db"
    fixture(name, url)
    assert harden(url, name, tmp_path).failed == []
    whole_again(name, url, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_on_a_damaged_database_all_is_added_but_what_rows_violate(name: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'damaged'}.db"
    fixture(name, url, damaged=True)
    before, rows = lasting(url), {}
    tables = [str(row[1]) for row in objects(url) if row[0] == "table"]
    rows = {table: ask(url, f'SELECT count(*) FROM "{table}"') for table in tables}
    refused_before = {each for each, state in states(url, name).items() if state == "refused"}
    assert bool(refused_before) == (name != "points")
    assert harden(url, name, tmp_path).failed == []
    assert {each: state for each, state in states(url, name).items() if state != "kept"} == dict.fromkeys(
        refused_before, "refused"
    )
    assert before <= lasting(url)
    assert {table: ask(url, f'SELECT count(*) FROM "{table}"') for table in tables} == rows


def test_all_eleven_indexes_of_the_points_are_made_anew(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("points")
    fixture("points", url)
    names = sorted(str(row[1]) for row in objects(url) if str(row[1]).startswith("idx_"))
    assert len(names) == 11
    run(url, *(f"DROP INDEX {name}" for name in names))
    assert sorted(harden(url, "points", tmp_path).done) == names
    assert sorted(str(row[1]) for row in objects(url) if str(row[1]).startswith("idx_")) == names


def test_without_a_recorded_migration_nothing_that_it_promises_is_wanted(empty_database: MakeDatabase) -> None:
    url = empty_database("points")
    fixture("points", url)
    run(url, "DROP INDEX idx_goals_user_id", "DELETE FROM alembic_version")
    assert "idx_goals_user_id" not in look(url, "points")
    run(url, "INSERT INTO alembic_version VALUES ('ffffffffffff')")  # newer than the pack knows
    assert look(url, "points")["idx_goals_user_id"].state == "missing"


def test_violations_are_counted_and_their_rule_is_named(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("budget")
    fixture("budget", url, damaged=True)
    before = objects(url)
    found = look(url, "budget")
    twins = found["uq_daily_plan_user_id_date_category"]
    (groups,) = ask(
        url,
        "SELECT sum(n) FROM (SELECT count(*) n FROM daily_plan GROUP BY user_id, date, category HAVING count(*) > 1) g",
    )
    assert (twins.state, twins.violations) == ("refused", int(str(groups[0])))
    assert "reconstruct repair budget-same-plan --pack budget" in twins.remedy
    if url.startswith("sqlite"):
        assert found["ck_goals_saved"].violations == 1
    harden(url, "budget", tmp_path)
    after = lasting_names(url)
    assert not any("uq_daily_plan_user_id" in name for name in after)
    assert {str(row[1]) for row in before} <= after
    again = look(url, "budget")
    assert again["ck_goals_target"].state == "kept"
    assert again["ck_goals_saved"].state == "refused"


def lasting_names(url: str) -> set[str]:
    return {str(row[1]) for row in objects(url)}


def test_an_organizer_in_parts_becomes_whole(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("organizer")
    fixture("organizer", url, damaged=True)
    run(url, "UPDATE finance_account SET normalized_name = 'My Own' WHERE id = 6")
    found = look(url, "organizer")
    assert found["tag"].state == "missing"
    assert (found["uq_person_user_name"].state, found["uq_person_user_name"].violations) == ("refused", 2)
    harden(url, "organizer", tmp_path)
    again = states(url, "organizer")
    assert {name for name, state in again.items() if state != "kept"} == {
        f"uq_{each}_user_name" for each in ("habit", "skill", "person")
    }
    assert ask(url, "SELECT normalized_name FROM finance_account ORDER BY id") == [
        *((f"name {n}",) for n in range(1, 6)),
        ("My Own",),
    ]
    run(url, "INSERT INTO tag (user_id, name) VALUES (1, 'red')")
    assert ask(url, "SELECT id, name FROM tag") == [(1, "red")]


def test_a_total_stays_in_step(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("budget")
    fixture("budget", url)
    harden(url, "budget", tmp_path)
    ((plan, user),) = ask(
        url, "SELECT id, user_id FROM daily_plan WHERE spent_amount = 0 AND date = '2025-03-09' LIMIT 1"
    )
    key = "00000000-0000-0000-0000-00000000abcd"

    def spent() -> float:
        ((amount,),) = ask(url, f"SELECT spent_amount FROM daily_plan WHERE id = '{plan}'")
        return float(str(amount))

    at = "'2025-03-09 10:00:00'"
    start = spent()
    run(
        url,
        "INSERT INTO transactions (id, user_id, category, amount, spent_at, created_at, updated_at) "
        f"VALUES ('{key}', '{user}', 'food', 12.5, {at}, {at}, {at})",
    )
    assert spent() == pytest.approx(start + 12.5)
    run(url, f"UPDATE transactions SET amount = 3 WHERE id = '{key}'")
    assert spent() == pytest.approx(start + 3)
    run(url, f"UPDATE transactions SET deleted_at = {at} WHERE id = '{key}'")
    assert spent() == pytest.approx(start)
    run(
        url,
        f"UPDATE transactions SET deleted_at = NULL WHERE id = '{key}'",
        f"DELETE FROM transactions WHERE id = '{key}'",
    )
    assert spent() == pytest.approx(start)


def test_references_and_checks_of_a_budget_are_watched_over(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("budget")
    fixture("budget", url)
    if url.startswith("sqlite"):  # without the declared key, as it was found
        run(
            url,
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = replace(sql, 'CONSTRAINT fk_plan_user FOREIGN KEY(user_id) REFERENCES users (id)',"
            " 'CHECK (1)') WHERE name = 'daily_plan'",
            "PRAGMA writable_schema = OFF",
        )
    else:
        run(url, "ALTER TABLE daily_plan DROP CONSTRAINT fk_plan_user")
    harden(url, "budget", tmp_path)
    (rule,) = (each for each in load_pack("budget").rules if each.id == "budget-constraints")
    checked = check_database(parse_target(url), [Pack("budget", "", (rule,), "")], NOW)
    assert [each.state for each in checked.results] == ["passed"]  # triggers count as the keys they stand for
    nobody = "00000000-0000-0000-0000-00000000dead"
    ((user,),) = ask(url, "SELECT user_id FROM daily_plan LIMIT 1")
    assert refused(url, f"UPDATE daily_plan SET user_id = '{nobody}' WHERE user_id = '{user}'")
    assert refused(url, "UPDATE goals SET progress = 101")
    assert refused(url, "UPDATE transactions SET amount = -1")
    assert refused(url, "UPDATE transactions SET amount = -1, category = 'Refund'") == ""
    for table in ("transactions", "goals", "habit_completions", "habits", "installments"):
        run(url, f"DELETE FROM {table}")
    for table in ("subscriptions", "ai_analysis_snapshots"):
        run(url, f"DELETE FROM {table}")
    run(url, f"DELETE FROM users WHERE id = '{user}'")
    assert ask(url, f"SELECT count(*) FROM daily_plan WHERE user_id = '{user}'") == [(0,)]


def test_the_application_of_thywill_can_go_on(tmp_path: Path) -> None:
    for era, column in (("thywill-v1", "author_id"), ("thywill-v2", "author_username")):
        url = f"sqlite:///{tmp_path / era}.db"
        fixture(era, url)
        harden(url, era, tmp_path)
        assert refused(
            url, f"INSERT INTO prayer (id, {column}, text, created_at) VALUES ('p', 'Nobody', 't', '2025-07-01')"
        )
        assert refused(url, f"UPDATE prayer SET {column} = 'Nobody'")
        run(
            url,
            "INSERT INTO invitetoken (token, created_by_user, expires_at) VALUES ('t', 'system', '2025-07-01')",
            "DELETE FROM invitetoken WHERE token = 't'",
            'UPDATE "user" SET invited_by_user' + ("_id" if era.endswith("1") else "name") + " = NULL",
            "DELETE FROM \"user\" WHERE display_name = 'Person Number 11'",
            "UPDATE prayer SET text = 'another'",
        )


def test_a_name_twice_is_refused_and_references_to_nobody_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'v1'}.db"
    fixture("thywill-v1", url, damaged=True)
    run(url, """INSERT INTO "user" (id, display_name) VALUES ('again', 'Person Number 3')""")
    found = look(url, "thywill-v1")
    assert found["idx_user_display_name_unique"].state == "refused"
    assert found["ref_prayer_author"].state == "refused"
    assert "reconstruct --dry-run" in found["ref_prayer_author"].remedy
    assert found["idx_user_display_name_canonical"].state == "missing"


def test_the_proof_shows_the_plan_before_and_after(empty_database: MakeDatabase) -> None:
    url = empty_database("points")
    fixture("points", url)
    run(url, "DROP INDEX idx_diary_entry_rating")
    before = objects(url)
    proof = look(url, "points", proofs=True)["idx_diary_entry_rating"].proof
    assert proof is not None
    assert "rating" in proof.query
    assert "idx" not in proof.before.lower()
    assert "index" in proof.after.lower()
    assert objects(url) == before


def test_the_proof_shows_no_values(empty_database: MakeDatabase) -> None:
    url = empty_database("budget")
    fixture("budget", url)
    run(url, "DROP INDEX uq_users_email")
    proof = look(url, "budget", proofs=True)["uq_users_email"].proof
    assert proof is not None
    assert "example.org" not in str(proof)
    assert "uq_users_email" in proof.after


def test_rows_that_a_repair_only_marked_as_deleted_are_for_the_operator(empty_database: MakeDatabase) -> None:
    url = empty_database("marked")
    run(
        url,
        "CREATE TABLE users (id INTEGER PRIMARY KEY)",
        "CREATE TABLE installments (id INTEGER PRIMARY KEY, user_id INTEGER, deleted_at TIMESTAMP)",
        "INSERT INTO installments VALUES (1, 7, '2025-01-01 00:00:00')",
    )
    found = look(url, "budget", "installments")["fk_installments_user_id"]
    assert (found.state, found.violations) == ("refused", 1)
    assert "budget-installment-user finds none of them" in found.remedy
