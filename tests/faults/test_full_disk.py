"""A disk that is full, for the backup, the journal or WAL, the receipt and the report: nothing is changed, nothing is claimed.

A small RAM disk where mounting one is allowed, step by step from too small for anything to large enough. Elsewhere a limit
on the size of files, which fails in the same places.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from tests.cli.support import reconstruct
from tests.faults.support import digests, make_database, moving_plan, run_in_child
from thywill_reconstruct.apply import restore as restoring
from thywill_reconstruct.apply import run
from thywill_reconstruct.apply.history import read_runs
from thywill_reconstruct.apply.restore import execute_restore, plan_restore
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.undo import execute_undo, preview_undo
from thywill_reconstruct.errors import DiskFullError, ReconstructError

MARKS = 1_000
FULL, DONE, FAILED = 3, 0, 1


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[bool]:
    """Mount a RAM disk for the length of the block; False if that is not allowed here."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def execute(path: Path) -> None:
    execute_plan(path, moving_plan(MARKS), lambda connection: ())


def undo(path: Path) -> None:
    execute_undo(path, preview_undo(path, ""))


def restore(path: Path) -> None:
    execute_restore(path, plan_restore(path, read_runs(path)[0].name))


def let_it_start() -> None:
    """Let the check for room before the start pass, so that the disk is full in the middle."""
    for module in (run, restoring):
        mock.patch.object(module, "require_space", return_value=None).start()


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize(("command", "kind"), [(execute, "repair"), (undo, "undo"), (restore, "restore")])
def test_a_disk_that_is_full_at_any_size(
    tmp_path: Path, command: Callable[[Path], None], kind: str, mode: str
) -> None:
    original = tmp_path / "original"
    path = make_database(original / "thywill.db", marks=MARKS, journal_mode=mode)
    if command is not execute:
        execute(path)
    before = digests(path)
    used = sum(file.stat().st_size for file in original.rglob("*") if file.is_file()) // 1024 + 40
    outcomes = []
    for step in range(40):
        room = step * 40 if step < 39 else 20_000
        place = tmp_path / f"disk{step}"
        with small_disk(place, used + room) as mounted:
            shutil.copytree(original, place, dirs_exist_ok=True)
            path = place / "thywill.db"
            limit = None if mounted else room * 1024

            def work(path: Path = path, limit: int | None = limit) -> None:
                if limit is not None:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
                let_it_start()
                try:
                    command(path)
                except DiskFullError:
                    os._exit(FULL)
                except ReconstructError as error:
                    os.write(2, str(error).encode())
                    os._exit(FAILED)

            _, status = os.waitpid(run_in_child(work), 0)
            outcomes.append(os.waitstatus_to_exitcode(status))
            found = digests(path)
            newest = [each for each in read_runs(path) if each.receipt.kind == kind]
            claimed = newest[-1].receipt.status if newest else "rolled back"
            assert (found != before) == (outcomes[-1] == DONE) == (claimed == "committed"), (room, outcomes, claimed)
        shutil.rmtree(place, ignore_errors=True)
        if outcomes[-1] == DONE:
            break
    assert set(outcomes) == {FULL, DONE}
    assert outcomes.count(FULL) > 2


@pytest.mark.parametrize("command", [execute, undo, restore], ids=["execute", "undo", "restore"])
def test_the_lack_of_room_is_seen_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[[Path], None]
) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    if command is not execute:
        execute(path)
    before, runs = digests(path), len(read_runs(path))
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=5_000))
    with pytest.raises(DiskFullError, match=r"only 0\.0 MB are free"):
        command(path)
    assert digests(path) == before
    assert len(read_runs(path)) == runs


def test_a_report_that_cannot_be_written_does_not_hide_what_was_done(community: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = reconstruct(community, "undo", "--dry-run", stdout=full)
        assert done.code != 0
        preview = reconstruct(community, "--execute", "--yes", stdout=full)
    assert "Traceback" not in preview.err
    status = [run["status"] for run in reconstruct(community, "runs", "--json").json["runs"]]
    assert (preview.code == 0) == (status == ["committed"])
