"""Whatever fails, at whatever moment, and whatever fails on the way back: all or nothing, and the next command knows which.

The n-th action fails, for n = 1, 2, 3... until a run completes without having met the fault: every statement of every
connection, the copying of a backup, every open, write, rename, fsync and removal of a file.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.injection import Faults
from tests.faults.support import digests, make_database, moving_plan
from thywill_reconstruct.apply.history import read_runs
from thywill_reconstruct.apply.restore import execute_restore, plan_restore
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.settle import settle_killed_runs
from thywill_reconstruct.apply.undo import execute_undo, preview_undo
from thywill_reconstruct.errors import ReconstructError

MARKS = 6
MOST = 400


def execute(path: Path) -> None:
    execute_plan(path, moving_plan(MARKS), lambda connection: (), allow_large=True)


def undo(path: Path) -> None:
    execute_undo(path, preview_undo(path, ""))


def restore(path: Path) -> None:
    execute_restore(path, plan_restore(path, read_runs(path)[0].name))


WAYS: dict[str, Callable[[int], Faults]] = {
    "once": lambda n: Faults(at=(n,)),
    "and the next": lambda n: Faults(at=(n, n + 1)),
    "and the next but one": lambda n: Faults(at=(n, n + 2)),
    "and everything after it": lambda n: Faults(ever_after=n),
}
COMMANDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "execute": (execute, "repair"),
    "undo": (undo, "undo"),
    "restore": (restore, "restore"),
}


@pytest.mark.parametrize(("mode", "way"), [*(("delete", way) for way in WAYS), ("wal", "once")])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_fault(tmp_path: Path, command: str, mode: str, way: str) -> None:
    work, kind = COMMANDS[command]
    original = tmp_path / "original"
    path = make_database(original / "thywill.db", marks=MARKS, journal_mode=mode)
    if command != "execute":
        execute(path)
    before = digests(path)
    folder = tmp_path / "work"
    for number in range(1, MOST):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(original, folder)
        path = folder / "thywill.db"
        faults = WAYS[way](number)
        succeeded = True
        with faults.injected():
            try:
                work(path)
            except (ReconstructError, OSError, sqlite3.Error):
                succeeded = False
        found = digests(path)
        runs = [run for run in read_runs(path) if run.receipt.kind == kind]
        status = runs[-1].receipt.status if runs else "none"
        met = f"{faults.seen[number - 1 :][:3]}, {status}, succeeded: {succeeded}"
        if succeeded:
            assert found != before, met
        assert status == ("committed" if found != before else status), met
        assert (found == before) == (status in ("none", "rolled back")), met
        settle(path)
        assert [run.receipt.status for run in read_runs(path) if run.receipt.kind == kind][-1:] in ([status], []), met
        assert digests(path) == found
        if len(faults.seen) < number:
            assert succeeded
            assert number > 60
            return
        check_again(path, work, done=found != before)
    pytest.fail("no run completed")


def settle(path: Path) -> None:
    folder = path.parent / ".reconstruct"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        settle_killed_runs(connection, folder, path, datetime.now(UTC))


def check_again(path: Path, work: Callable[[Path], None], *, done: bool) -> None:
    """After a fault the same command works."""
    if not done:
        work(path)
        assert [run.receipt.status for run in read_runs(path)][-1] == "committed"
