"""Fail at statement 1, 2, 3... until a run completes: each time the database is as before, and nobody says otherwise."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.support import digests, journal_mode, make_database, moving_plan
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.database.connect import open_writable
from thywill_reconstruct.errors import DiskFullError

MARKS = 40


def failing_factory(fail_at: int, exception: BaseException, seen: list[str]) -> type[sqlite3.Connection]:
    """A connection whose n-th statement raises instead of running; ROLLBACK counts like any other."""

    class FailingConnection(sqlite3.Connection):
        def _count(self, sql: str) -> None:
            seen.append(sql)
            if len(seen) == fail_at:
                raise exception

        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            self._count(sql)
            return super().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
            self._count(sql)
            return super().executemany(sql, parameters)

    return FailingConnection


def full_disk() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize(
    ("exception", "raised"),
    [
        (full_disk(), DiskFullError),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
)
def test_failure_at_every_statement(
    tmp_path: Path, mode: str, exception: BaseException, raised: type[BaseException]
) -> None:
    original = make_database(tmp_path / "original" / "thywill.db", marks=MARKS, journal_mode=mode)
    before = digests(original)
    for number in range(1, 200):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = Path(shutil.copy(original, folder / "thywill.db"))
        seen: list[str] = []
        factory = failing_factory(number, exception, seen)
        try:
            execute_plan(
                path,
                moving_plan(MARKS),
                lambda connection: (),
                allow_large=True,
                opener=lambda database, timeout_s, factory=factory: open_writable(database, timeout_s, factory),  # type: ignore[misc]
            )
        except raised:
            check_rolled_back(path, before, seen)
            continue
        assert len(seen) < number, "the run must only succeed when nothing failed"
        assert digests(path) != before
        assert "COMMIT" in seen
        assert journal_mode(path) == mode
        return
    pytest.fail("no run completed")


def check_rolled_back(path: Path, before: dict[str, str], seen: list[str]) -> None:
    assert digests(path) == before, seen[-1]
    runs = [each for each in (path.parent / ".reconstruct").iterdir() if each.is_dir()]
    for run in runs:
        receipt = read_receipt(run)
        assert receipt.status == "rolled back", seen[-1]
        assert receipt.reason
        assert receipt.backup == ""
        assert sorted(file.name for file in run.iterdir()) == ["operations.jsonl", "receipt.json"]


def test_failure_of_the_diff_and_of_the_progress_bar(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    before = digests(path)

    def broken_diff(connection: sqlite3.Connection) -> list[Any]:
        assert connection.execute("SELECT count(*) FROM user").fetchone() == (6,)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        execute_plan(path, moving_plan(MARKS), broken_diff)
    assert digests(path) == before
    for stage in ("backup", "repair", "verify"):

        def broken_bar(at: str, done: int, total: int, stage: str = stage) -> None:
            if at == stage and done == total:
                raise BrokenPipeError

        with pytest.raises(BrokenPipeError):
            execute_plan(path, moving_plan(MARKS), lambda connection: (), progress=broken_bar)
        assert digests(path) == before
