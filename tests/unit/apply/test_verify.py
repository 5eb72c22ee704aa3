from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import TIME, digests, finding, make_database, moving_plan, plan_of
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.verify import Health, measure_health, require_no_new_damage, require_repaired
from thywill_reconstruct.errors import VerificationError
from thywill_reconstruct.findings.finding import Finding


def health_after(path: Path, *statements: str) -> tuple[Health, Health]:
    with closing(sqlite3.connect(path)) as connection:
        before = measure_health(connection)
        for statement in statements:
            connection.execute(statement)
        return before, measure_health(connection)


def test_a_new_orphan_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    row = f"INSERT INTO prayer_attributes VALUES ('a', 'nowhere', 'answered', 'true', '{TIME}', 'u0', NULL)"
    before, after = health_after(path, row)
    with pytest.raises(VerificationError, match="prayer_attributes row 1 refers to a missing prayer"):
        require_no_new_damage(before, after)


def test_old_orphans_may_stay_or_go(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    row = f"INSERT INTO prayer_attributes VALUES ('a', 'nowhere', 'answered', 'true', '{TIME}', 'nobody', NULL)"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(row)
        connection.commit()
    before, after = health_after(path, "UPDATE prayer_attributes SET created_by = 'u0'")
    assert before.violations.total() == 2
    assert after.violations.total() == 1
    require_no_new_damage(before, after)


def test_a_key_that_refers_to_no_key_does_not_stop_the_check(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE rebuilt (id TEXT, user TEXT REFERENCES role (name))")
        connection.commit()
    before, after = health_after(path, f"INSERT INTO prayer_activity_log VALUES ('l','x','y','a','','','{TIME}','')")
    assert any("mismatch" in str(parent) for _, _, parent, _ in before.violations)
    with pytest.raises(VerificationError, match="prayer_activity_log"):
        require_no_new_damage(before, after)


def test_new_damage_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "a.db")
    before, after = health_after(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'text_file_path VARCHAR', 'text_file_path VARCHAR NOT NULL') "
        "WHERE name = 'user'",
        "PRAGMA writable_schema = RESET",
    )
    with pytest.raises(VerificationError, match=r"would be damaged: NULL value in user\.text_file_path"):
        require_no_new_damage(before, after)


def test_repaired_findings_must_be_gone_and_no_new_ones_there() -> None:
    mended, left = finding("m1"), finding("m2")
    require_repaired([mended], [left], [])
    require_repaired([mended], [left], [left])
    with pytest.raises(VerificationError, match=r"not repaired after all: MK001 mark m1 \(user\)"):
        require_repaired([mended], [left], [left, mended])
    with pytest.raises(VerificationError, match=r"new findings: .*m10.*m14 \(user\) and 2 more"):
        require_repaired([mended], [left], [finding(f"m1{number}") for number in range(7)])


@pytest.mark.parametrize("found", ["m1", "m7"])
def test_a_run_that_does_not_keep_its_promise_is_rolled_back(tmp_path: Path, found: str) -> None:
    path = make_database(tmp_path / "a.db")
    before = digests(path)
    plan = plan_of(moving_plan(40).operations, (finding("m1"),), (finding("m2"),))

    def compare(connection: sqlite3.Connection) -> list[Finding]:
        done = connection.execute("SELECT 1 FROM user WHERE id = 'u9'").fetchone()
        return [finding("m2"), *([finding(found)] if done else [])]

    with pytest.raises(VerificationError):
        execute_plan(path, plan, compare)
    assert digests(path) == before
    (run,) = (each.parent for each in tmp_path.glob(".reconstruct/*/receipt.json"))
    assert read_receipt(run).status == "rolled back"
    assert found in read_receipt(run).reason


def test_what_the_application_wrote_meanwhile_is_not_the_runs_doing(tmp_path: Path) -> None:
    """Minutes lie between a plan and its execution; whoever books a mark on a doubled user meanwhile must stop nobody."""

    def compare(connection: sqlite3.Connection) -> list[Finding]:
        query = "SELECT id FROM prayermark WHERE user_id = 'u4' OR prayer_id = 'p1' AND user_id = 'u9'"
        return [finding(key) for (key,) in connection.execute(query)]

    path = make_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as application:
        application.execute("INSERT INTO prayermark VALUES ('new', 'u4', 'p0', '2025-07-01 10:00:00', NULL)")
        application.commit()
    before = digests(path)
    with pytest.raises(VerificationError, match=r"new findings: (MK001 mark m0000\d\d \(user\)(; )?)+$"):
        execute_plan(path, moving_plan(40), compare)  # the marks of p1 are its own doing
    assert digests(path) == before
    execute_plan(
        path, moving_plan(40), lambda connection: [each for each in compare(connection) if each.key == "new"]
    )
    assert digests(path) != before


def test_logins_that_were_left_alone_may_be_counted_with_those_of_nobody() -> None:
    """Once every other row of a former id is repaired, nothing tells any more whose its logins were."""
    mended = Finding("MK001", "mark", "m1", "user", "Mary", "nobody", ())
    login = Finding("DB004", "session", "s1", "user", "Mary", "nobody", ())
    counted = Finding("DB004", "other", "session", "user_id", "", "1 row refers to nobody", ())
    require_repaired([mended], [login], [counted])
    with pytest.raises(VerificationError):
        require_repaired([mended], [], [counted])
