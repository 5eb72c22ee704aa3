"""Killed at any moment, the database is as before or as after the run, never between."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.support import digests, journal_mode, make_database, moving_plan, run_in_child
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.settle import settle_killed_runs
from thywill_reconstruct.database.connect import open_writable

MARKS = 12_000
KILLS_PER_MODE = 30
ATTEMPTS = 4 * KILLS_PER_MODE


def open_with_small_cache(path: Path, timeout_s: float) -> sqlite3.Connection:
    """Spill changed pages into the file long before the commit, so that a kill finds a half-written file."""
    connection = open_writable(path, timeout_s)
    connection.execute("PRAGMA cache_size = 5")
    return connection


def execute(path: Path) -> None:
    execute_plan(path, moving_plan(MARKS), lambda connection: (), opener=open_with_small_cache)


def fresh_copy(original: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return Path(shutil.copy(original, folder / "thywill.db"))


def receipts(path: Path) -> list[str]:
    return [read_receipt(each.parent).status for each in path.parent.glob(".reconstruct/*/receipt.json")]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_kills_at_random_moments(tmp_path: Path, mode: str) -> None:
    original = make_database(tmp_path / "original" / "thywill.db", marks=MARKS, journal_mode=mode)
    before = digests(original)
    path = fresh_copy(original, tmp_path / "work")
    started = time.monotonic()
    _, status = os.waitpid(run_in_child(lambda: execute(path)), 0)
    length_s = time.monotonic() - started
    assert status == 0
    after = digests(path)
    assert after != before

    chance = random.Random(20250716)
    killed = 0
    for number in range(ATTEMPTS):
        if killed == KILLS_PER_MODE:
            break
        path = fresh_copy(original, tmp_path / "work")
        child = run_in_child(lambda path=path: execute(path))
        # Spread over the whole run, a third of them near its end where the commit is.
        time.sleep(length_s * (chance.uniform(0.85, 1.05) if number % 3 == 0 else chance.uniform(0.0, 1.0)))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed += 1
        else:  # it was done before the signal came: runs are quicker now than the first one was
            length_s *= 0.9
        claimed = receipts(path)
        found = digests(path)
        assert found in (before, after), f"kill {number}"
        if claimed == ["committed"]:
            assert found == after
        check_settling(path, claimed, committed=found == after)
        assert journal_mode(path) == mode
    assert killed == KILLS_PER_MODE


def check_settling(path: Path, claimed: list[str], *, committed: bool) -> None:
    """The next run finds out what became of the killed one."""
    with closing(open_writable(path)) as connection:
        settle_killed_runs(connection, path.parent / ".reconstruct", path, datetime.now(UTC))
    if claimed == ["started"]:
        assert receipts(path) == ["committed" if committed else "rolled back"]
        assert bool(list(path.parent.glob(".reconstruct/*/backup.db"))) == committed
