"""A run that goes well, and what it leaves behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.support import digests, finding, make_database, moving_plan, plan_of, update
from thywill_reconstruct import __version__
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.errors import DatabaseMissingError, StalePlanError, UnknownSchemaError, UnsafePlanError

NOON = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)


def nothing_found(connection: sqlite3.Connection) -> tuple[()]:
    return ()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_run_and_its_receipt(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", journal_mode=mode)
    before = digests(path)
    plan = plan_of(moving_plan(40).operations, (finding("m1"),), (finding("m2"), finding("m3")))
    receipt = execute_plan(path, plan, nothing_found, clock=lambda: NOON)
    assert receipt.status == "committed"
    assert receipt.started == receipt.finished == "2025-07-16T12:00:00+00:00"
    assert receipt.tool_version == __version__
    assert receipt.database == str(path)
    assert receipt.counts == (("delete prayermark", 1), ("insert user", 1), ("update prayermark", 39))
    assert (receipt.repaired, receipt.skipped) == (1, 2)
    assert receipt.run.startswith("20250716T120000Z-")
    run = tmp_path / ".reconstruct" / receipt.run
    assert read_receipt(run) == receipt
    # The inserted row is on record as it was written, with the defaults.
    assert dict(receipt.operations[0].after)["welcome_message_dismissed"] == 0
    assert digests(path) != before
    assert digests(Path(receipt.backup)) == before == dict(receipt.backup_digests)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_what_is_left_behind_is_private(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", journal_mode=mode)
    receipt = execute_plan(path, moving_plan(40), nothing_found)
    folder = tmp_path / ".reconstruct"
    assert sorted(file.name for file in tmp_path.iterdir()) == [".reconstruct", "thywill.db"]
    assert sorted(file.name for file in folder.iterdir()) == sorted([receipt.run, "thywill.db.lock"])
    assert sorted(file.name for file in (folder / receipt.run).iterdir()) == [
        "backup.db",
        "operations.jsonl",
        "receipt.json",
    ]
    for place in (folder, *folder.rglob("*")):
        assert place.stat().st_mode & 0o777 == (0o700 if place.is_dir() else 0o600), place


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    (tmp_path / ".reconstruct").mkdir(mode=0o755)
    execute_plan(path, moving_plan(40), nothing_found)
    assert (tmp_path / ".reconstruct").stat().st_mode & 0o777 == 0o700


def test_the_stages_are_announced(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    stages: list[tuple[str, int, int]] = []
    execute_plan(path, moving_plan(40), nothing_found, progress=lambda *step: stages.append(step))
    assert [stage for stage, done, total in stages if done == total] == ["backup", "repair", "verify"]
    assert stages[0] == ("backup", 0, 1)


def test_the_diff_sees_the_repaired_rows_before_the_commit(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")

    def look(connection: sqlite3.Connection) -> tuple[()]:
        assert connection.in_transaction
        assert connection.execute("SELECT count(*) FROM prayermark WHERE user_id = 'u9'").fetchone() == (39,)
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM prayermark WHERE user_id = 'u9'").fetchone() == (0,)
        return ()

    assert execute_plan(path, moving_plan(40), look).status == "committed"


def test_a_second_run_of_the_same_plan_is_refused_as_stale(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    execute_plan(path, moving_plan(40), nothing_found)
    after = digests(path)
    with pytest.raises(StalePlanError, match="41 rows are no longer"):
        execute_plan(path, moving_plan(40), nothing_found)
    assert digests(path) == after


def test_the_brake_holds_before_anything_is_kept(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    plan = plan_of(
        update("prayermark", f"m{n:06}", (("user_id", f"u{n % 4}"),), (("user_id", "u4"),), "relink")
        for n in range(40)
    )
    with pytest.raises(UnsafePlanError, match=r"100\.0 % of the rows \(40 of 40\)"):
        execute_plan(path, plan, nothing_found)
    assert digests(path) == before
    assert [file.name for file in (tmp_path / ".reconstruct").iterdir()] == ["thywill.db.lock"]
    assert execute_plan(path, plan, nothing_found, allow_large=True).status == "committed"


def test_a_plan_for_another_database_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    with pytest.raises(UnknownSchemaError, match="does not fit"):
        execute_plan(path, plan_of([update("diary", "d", (), (("mood", 1),))]), nothing_found)
    with pytest.raises(DatabaseMissingError):
        execute_plan(tmp_path / "no.db", moving_plan(40), nothing_found)


def test_a_link_leads_to_the_folder_beside_the_real_file(tmp_path: Path) -> None:
    path = make_database(tmp_path / "real" / "thywill.db")
    (tmp_path / "link.db").symlink_to(path)
    receipt = execute_plan(tmp_path / "link.db", moving_plan(40), nothing_found)
    assert receipt.database == str(path)
    assert (tmp_path / "real" / ".reconstruct").is_dir()
    assert not (tmp_path / ".reconstruct").exists()
