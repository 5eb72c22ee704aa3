"""Putting a backup back whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import TIME, digests, journal_mode, make_database, moving_plan, run_in_child
from thywill_reconstruct.apply.history import read_runs
from thywill_reconstruct.apply.receipt import Receipt, read_receipt
from thywill_reconstruct.apply.restore import Loss, execute_restore, plan_restore
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.undo import preview_undo
from thywill_reconstruct.errors import BackupError, DatabaseLockedError, NoSuchRunError


def run(path: Path) -> Receipt:
    return execute_plan(path, moving_plan(40), lambda connection: (), allow_large=True)


def restore(path: Path, word: str) -> Receipt:
    return execute_restore(path, plan_restore(path, word), timeout_s=0.3)


def pray(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"INSERT INTO prayermark VALUES ('new', 'u0', 'p0', '{TIME}', NULL)")
        connection.commit()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_there_and_back_again(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", journal_mode=mode)
    path.chmod(0o640)
    before = digests(path)
    done = run(path)
    pray(path)
    after = digests(path)
    back = restore(path, done.run)
    assert digests(path) == before
    assert journal_mode(path) == mode
    assert path.stat().st_mode & 0o777 == 0o640
    assert (back.kind, back.of, back.status) == ("restore", done.run, "committed")
    assert digests(Path(back.backup)) == after
    assert read_receipt(tmp_path / ".reconstruct" / back.run) == back
    restore(path, back.run)
    assert digests(path) == after
    assert sorted(file.name for file in tmp_path.iterdir()) == [".reconstruct", "thywill.db"]


def test_where_the_file_is_gone_it_belongs_to_whoever_owns_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    path = make_database(folder / "thywill.db")
    done = run(path)
    path.unlink()
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    restore(path, done.run)
    owner, found = folder.stat(), path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (owner.st_uid, owner.st_gid, 0o600)


def test_a_backup_that_was_changed_since_the_question_is_not_put_back(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    done = run(path)
    agreed = plan_restore(path, done.run)
    with closing(sqlite3.connect(done.backup)) as connection:
        connection.execute("DELETE FROM prayermark")
        connection.commit()
    after = digests(path)
    with pytest.raises(BackupError):
        execute_restore(path, agreed, timeout_s=0.3)
    assert digests(path) == after
    assert [each.receipt.status for each in read_runs(path)] == ["committed", "rolled back"]


def test_what_would_be_lost_is_counted_per_table(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    done = run(path)
    pray(path)
    plan = plan_restore(path, "last")
    # 39 marks were moved, one deleted, one is new; a user was added.
    assert plan.losses == (Loss("prayermark", 40, 40), Loss("user", 1, 0))
    restore(path, done.run)
    assert plan_restore(path, done.run).losses == ()


def test_a_restored_run_counts_as_undone_and_a_restored_present_as_before(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    done = run(path)
    back = restore(path, done.run)
    plan = preview_undo(path, "")
    assert (plan.run.name, plan.undone, plan.operations) == (done.run, 41, ())
    with pytest.raises(NoSuchRunError, match="cannot be undone row by row"):
        preview_undo(path, back.run)
    restore(path, back.run)
    assert len(preview_undo(path, "").operations) == 41


def test_a_changed_backup_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    done = run(path)
    pray(Path(done.backup))
    with pytest.raises(BackupError, match="was changed after it was made, in: prayermark"):
        plan_restore(path, done.run)
    Path(done.backup).unlink()
    with pytest.raises(NoSuchRunError, match="has no backup") as caught:
        plan_restore(path, done.run)
    assert caught.value.hint.endswith("No run has one any more.")


@pytest.mark.parametrize("damage", ["gone", "empty", "rubbish", "torn"])
def test_a_database_that_is_gone_or_damaged(tmp_path: Path, damage: str) -> None:
    path = make_database(tmp_path / "thywill.db", marks=400)
    before = digests(path)
    done = run(path)
    content = path.read_bytes()
    path.write_bytes({"rubbish": b"x" * 5000, "torn": content[:4096] + b"\xff" * 9000}.get(damage, b""))
    if damage == "gone":
        path.unlink()
    damaged = path.read_bytes() if path.exists() else None
    plan = plan_restore(path, done.run)
    assert plan.problem
    back = execute_restore(path, plan)
    assert digests(path) == before
    assert back.backup == ""
    with pytest.raises(NoSuchRunError, match="has no backup") as caught:
        plan_restore(path, "last")
    assert caught.value.hint.endswith(f"The newest that has one: {done.run}.")
    kept = tmp_path / ".reconstruct" / back.run / "damaged.db"
    assert (kept.read_bytes() if kept.exists() else None) == damaged
    assert [each.receipt.status for each in read_runs(path)] == ["committed", "committed"]


def hold(path: Path, statement: str) -> int:
    ready, go = os.pipe()

    def work() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(statement).fetchall()
            os.write(go, b"x")
            time.sleep(60)

    child = run_in_child(work)
    os.read(ready, 1)
    return child


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "SELECT count(*) FROM user"])
def test_nobody_else_may_have_it_open(tmp_path: Path, mode: str, statement: str) -> None:
    path = make_database(tmp_path / "thywill.db", journal_mode=mode)
    done = run(path)
    after = digests(path)
    plan = plan_restore(path, done.run)
    holder = hold(path, statement)
    try:
        with pytest.raises(DatabaseLockedError, match=f"process {holder}"):
            execute_restore(path, plan, timeout_s=0.2)
    finally:
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
    assert digests(path) == after
    assert len(read_runs(path)) == 1


def test_a_writer_that_cannot_be_seen_is_kept_out_by_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes of other users, or in other containers, do not show in /proc."""
    monkeypatch.setattr("thywill_reconstruct.apply.restore.processes_with_open_files", lambda path: ())
    path = make_database(tmp_path / "thywill.db", journal_mode="wal")
    done = run(path)
    plan = plan_restore(path, done.run)
    for statement in ("BEGIN IMMEDIATE", "SELECT count(*) FROM user"):
        holder = hold(path, statement)
        try:
            with pytest.raises(DatabaseLockedError):
                execute_restore(path, plan, timeout_s=0.2)
        finally:
            os.kill(holder, signal.SIGKILL)
            os.waitpid(holder, 0)
    assert restore(path, done.run).status == "committed"


def test_an_idle_connection_sees_the_restored_rows_and_writes_into_them(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    done = run(path)
    plan = plan_restore(path, done.run)
    with closing(sqlite3.connect(path, isolation_level=None)) as idle:
        assert idle.execute("SELECT count(*) FROM user").fetchone() == (6,)
        execute_restore(path, plan)
        assert idle.execute("SELECT count(*) FROM user").fetchone() == (5,)
        idle.execute("UPDATE user SET display_name = 'Else' WHERE id = 'u0'")
    now = digests(path)
    assert {table for table in now if now[table] != before[table]} == {"user"}
