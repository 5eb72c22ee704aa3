"""What is known of the runs of a database, also of those that ended without a word."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.support import digests, listing, make_database, moving_plan, plan_of, run_in_child, update
from tests.unit.apply.test_settle import kill_during
from thywill_reconstruct.apply.history import Run, find_run, read_runs
from thywill_reconstruct.apply.lock import is_run_alive
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.retention import old_backups, remove_old_backups
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.undo import choose_run, execute_undo, preview_undo
from thywill_reconstruct.cli.runs import tell_unsettled
from thywill_reconstruct.errors import NoSuchRunError, NotWritableError, RunLockedError


def nothing(connection: sqlite3.Connection) -> tuple[()]:
    return ()


def names(path: Path, before: str, after: str) -> str:
    step = update("prayermark", "m000001", (("user_id", before),), (("user_id", after),))
    return execute_plan(path, plan_of([step]), nothing).run


def test_no_runs(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    assert read_runs(path) == ()
    assert remove_old_backups(path, 1) == ()
    assert not (tmp_path / ".reconstruct").exists()
    with pytest.raises(NoSuchRunError, match="no runs yet"):
        find_run((), "last")


@pytest.mark.parametrize(("moment", "status"), [("before", "rolled back"), ("after", "committed")])
def test_a_killed_run_is_known_without_a_trace_and_can_be_undone(tmp_path: Path, moment: str, status: str) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    kill_during(path, moment)
    digests(path)  # Rolls back what was half written, as any other program would.
    (folder,) = tmp_path.glob(".reconstruct/2*")
    traces = listing(tmp_path), listing(folder)
    (run,) = read_runs(path)
    assert (run.receipt.status, run.unsettled, run.alive) == (status, True, False)
    assert (listing(tmp_path), listing(folder)) == traces
    if status == "committed":
        execute_undo(path, preview_undo(path, ""))
        assert read_receipt(folder).status == "committed"
        assert digests(path) == before
    else:
        with pytest.raises(NoSuchRunError):
            preview_undo(path, "")


@pytest.mark.parametrize("content", [None, b"no database at all" * 400])
def test_what_became_of_a_killed_run_is_unknown_where_the_database_cannot_be_read(
    tmp_path: Path, content: bytes | None
) -> None:
    path = make_database(tmp_path / "thywill.db")
    kill_during(path, "after")
    path.unlink()
    for left in tmp_path.glob("thywill.db-*"):
        left.unlink()
    if content is not None:
        path.write_bytes(content)
    (run,) = read_runs(path)
    assert (run.receipt.status, run.unsettled) == ("unknown", True)
    assert run.problem


def test_a_killed_restoration_of_a_database_that_is_still_gone_did_not_happen(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    kill_during(path, "after")
    (receipt,) = tmp_path.glob(".reconstruct/*/receipt.json")
    receipt.write_text(receipt.read_text().replace('"kind": "repair"', '"kind": "restore"'))
    for left in tmp_path.glob("thywill.db*"):
        left.unlink()
    (run,) = read_runs(path)
    assert (run.receipt.kind, run.receipt.status, run.problem) == ("restore", "rolled back", "")


def test_what_became_of_a_killed_run_is_unknown_where_its_operations_are_gone(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    kill_during(path, "after")
    (operations,) = tmp_path.glob(".reconstruct/*/operations.jsonl")
    operations.write_text("not what was written")
    (run,) = read_runs(path)
    assert run.receipt.status == "unknown"
    assert "changed after it was written" in run.problem


def test_a_run_at_work_is_no_killed_run(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    seen: list[Run] = []

    def look(connection: sqlite3.Connection) -> tuple[()]:
        seen.extend(read_runs(path, connection=connection))
        with pytest.raises(RunLockedError):
            remove_old_backups(path, 1)
        with pytest.raises(NoSuchRunError, match="at work right now"):
            choose_run(seen, seen[0].name)
        return ()

    execute_plan(path, moving_plan(40), look)
    assert [(run.alive, run.unsettled) for run in seen] == [(True, True)]
    assert not is_run_alive(tmp_path / ".reconstruct", path)
    assert [(run.alive, run.receipt.status) for run in read_runs(path)] == [(False, "committed")]


def test_what_was_killed_before_it_had_a_receipt_is_removed_by_the_next_run(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    names(path, "u1", "u2")
    left = tmp_path / ".reconstruct" / "20250101T000000Z-abcdef"
    left.mkdir()
    (left / "operations.jsonl").write_text("{}")
    notes = tmp_path / ".reconstruct" / "notes"
    notes.mkdir()
    assert len(read_runs(path)) == 1
    names(path, "u2", "u3")
    assert not left.exists()
    assert notes.exists()


def test_a_folder_that_was_moved_keeps_its_runs(tmp_path: Path) -> None:
    path = make_database(tmp_path / "old" / "thywill.db")
    before = digests(path)
    execute_plan(path, moving_plan(40), nothing)
    (tmp_path / "old").rename(tmp_path / "new")
    path = tmp_path / "new" / "thywill.db"
    (run,) = read_runs(path)
    assert run.backup == tmp_path / "new" / ".reconstruct" / run.name / "backup.db"
    execute_undo(path, preview_undo(path, ""))
    assert digests(path) == before


def test_a_receipt_that_cannot_be_read_is_listed_as_such(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    name = names(path, "u1", "u2")
    receipt = tmp_path / ".reconstruct" / name / "receipt.json"
    for broken in ("{", '{"format": 1}', '{"format": 9}'):
        receipt.write_text(broken)
        (run,) = read_runs(path)
        assert run.problem
        assert (run.receipt.status, run.backup) == ("unknown", None)


def test_the_newest_backups_are_kept(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    runs = [names(path, f"u{n}", f"u{n + 1}") for n in range(1, 4)]
    with pytest.raises(ZeroDivisionError):
        execute_plan(path, plan_of([]), lambda connection: [1 / 0])  # type: ignore[list-item]
    assert [old.run.name for old in old_backups(read_runs(path), 2)] == runs[:1]
    assert [old.run.name for old in remove_old_backups(path, 0)] == runs[:2]
    assert [bool(run.backup) for run in read_runs(path)] == [False, False, True, False]
    assert [read_receipt(tmp_path / ".reconstruct" / name).backup != "" for name in runs] == [False, False, True]
    # Rows can still be taken back.
    execute_undo(path, preview_undo(path, runs[2]))
    execute_undo(path, preview_undo(path, runs[1]))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT user_id FROM prayermark WHERE id = 'm000001'").fetchone() == ("u2",)


def test_runs_stay_in_order_when_the_clock_is_set_back(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    before = digests(path)
    step = update("prayermark", "m000001", (("user_id", "u1"),), (("user_id", "u2"),))
    first = execute_plan(path, plan_of([step]), nothing, clock=lambda: datetime(2025, 7, 16, tzinfo=UTC)).run
    back = execute_undo(path, preview_undo(path, ""), clock=lambda: datetime(2000, 1, 1, tzinfo=UTC)).run
    assert digests(path) == before
    assert [run.name for run in read_runs(path)] == [first, back]
    undone = preview_undo(path, first)
    assert (undone.undone, undone.refused) == (1, ())
    execute_undo(path, preview_undo(path, "last"))
    assert digests(path) != before
    assert [old.run.name for old in old_backups(read_runs(path), 1)] == [first, back]


@pytest.mark.parametrize("method", ["iterdir", "exists"])
def test_runs_of_another_user_are_no_mistake_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    """Once as root, then as the application's user: that is how administrators work."""

    def refuse(place: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(place))

    path = make_database(tmp_path / "thywill.db")
    names(path, "u1", "u2")
    monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(NotWritableError, match=r"\.reconstruct\S* may not be read by this user"):
        read_runs(path)
    tell_unsettled(path, 1.0)  # what only reads goes on
    assert "may not be read by this user" in capsys.readouterr().err


def test_our_own_code_never_drops_the_lock_while_it_holds_the_transaction(tmp_path: Path) -> None:
    """Closing any descriptor of a file drops all of a process's locks on it. So nobody else may get in at any moment."""
    path = make_database(tmp_path / "thywill.db", marks=400)
    tried: list[str] = []

    def intrude() -> None:
        def work() -> None:
            with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
                other.execute("UPDATE role SET name = 'intruder'")

        _, status = os.waitpid(run_in_child(work), 0)
        assert status != 0, "another process could write"

    def look(*step: object) -> None:
        tried.append(str(step[0]))
        intrude()

    def verify(connection: sqlite3.Connection) -> tuple[()]:
        look("diff")
        return ()

    done = execute_plan(path, moving_plan(400), verify, progress=look)
    assert {"backup", "repair", "verify", "diff"} <= set(tried)
    execute_undo(path, preview_undo(path, done.run), progress=look)
    assert len(tried) > 15
