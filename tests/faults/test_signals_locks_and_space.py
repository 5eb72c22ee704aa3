"""Interrupted, locked out, out of space, without permission: nothing changed, and the message says why."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import TIME, digests, insert, listing, make_database, moving_plan, plan_of, run_in_child
from thywill_reconstruct.apply.folder import require_space
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.database.connect import open_writable
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.errors import (
    DatabaseLockedError,
    DiskFullError,
    NotWritableError,
    RunLockedError,
)

MARKS = 400


def nothing_found(connection: sqlite3.Connection) -> tuple[()]:
    return ()


def statuses(path: Path) -> list[str]:
    return [read_receipt(each.parent).status for each in path.parent.glob(".reconstruct/*/receipt.json")]


@pytest.fixture
def signals_heard() -> Iterator[None]:
    """Hear SIGINT and SIGHUP also where the tests run in the background or under nohup, which has them ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_heard")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("stage", ["backup", "repair", "verify"])
def test_signals_roll_back(tmp_path: Path, number: signal.Signals, stage: str) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    before, handlers = digests(path), [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    def signal_at(at: str, done: int, total: int) -> None:
        if at == stage and done == total:
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt, match=number.name):
        execute_plan(path, moving_plan(MARKS), nothing_found, progress=signal_at)
    assert digests(path) == before
    assert statuses(path) == ["rolled back"]
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_a_signal_during_the_commit_comes_too_late(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)

    class SignalledConnection(sqlite3.Connection):
        def execute(self, sql: str, parameters: object = ()) -> sqlite3.Cursor:
            if sql == "COMMIT":
                os.kill(os.getpid(), signal.SIGTERM)
            return super().execute(sql, parameters)  # type: ignore[arg-type]

    receipt = execute_plan(
        path,
        moving_plan(MARKS),
        nothing_found,
        opener=lambda database, timeout_s: open_writable(database, timeout_s, SignalledConnection),
    )
    assert receipt.status == "committed"
    assert statuses(path) == ["committed"]


def test_nohup_is_respected(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        receipt = execute_plan(
            path, moving_plan(MARKS), nothing_found, progress=lambda *_: os.kill(os.getpid(), signal.SIGHUP)
        )
    finally:
        signal.signal(signal.SIGHUP, former)
    assert receipt.status == "committed"


def test_a_run_in_another_thread_needs_no_signals(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    found: list[str] = []
    thread = threading.Thread(
        target=lambda: found.append(execute_plan(path, moving_plan(MARKS), nothing_found).status)
    )
    thread.start()
    thread.join()
    assert found == ["committed"]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_writer_is_waited_for_and_then_named(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS, journal_mode=mode)
    before = digests(path)
    ready, go = os.pipe()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            os.write(go, b"x")
            time.sleep(60)

    holder = run_in_child(hold)
    os.read(ready, 1)
    started = time.monotonic()
    try:
        with pytest.raises(DatabaseLockedError, match=r"locked by .*; gave up after 0.5 s") as caught:
            execute_plan(path, moving_plan(MARKS), nothing_found, timeout_s=0.5)
    finally:
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
    assert time.monotonic() - started >= 0.4
    if Path("/proc/locks").exists() and "process" in str(caught.value):
        assert f"(process {holder})" in str(caught.value)
    assert digests(path) == before
    assert statuses(path) == []


def test_a_reader_who_stays_keeps_the_commit_from_happening(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    before = digests(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM user").fetchone()
        with pytest.raises(DatabaseLockedError):
            execute_plan(path, moving_plan(MARKS), nothing_found, timeout_s=0.2)
        reader.execute("ROLLBACK")
    assert digests(path) == before
    assert statuses(path) == ["rolled back"]


def test_a_second_run_is_refused_and_told_who_is_at_work(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    refused: list[str] = []

    def second(connection: sqlite3.Connection) -> tuple[()]:
        with pytest.raises(RunLockedError, match=f"process {os.getpid()}, started 20") as caught:
            execute_plan(path, plan_of([]), nothing_found)
        refused.append(str(caught.value))
        return ()

    assert execute_plan(path, moving_plan(MARKS), second).status == "committed"
    assert len(refused) == 1


def test_the_lock_of_a_dead_run_holds_nobody_up(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)

    def die(connection: sqlite3.Connection) -> tuple[()]:
        os._exit(9)

    os.waitpid(run_in_child(lambda: execute_plan(path, moving_plan(MARKS), die)), 0)
    assert "pid" in (tmp_path / ".reconstruct" / "thywill.db.lock").read_text()
    assert statuses(path) == ["started"]
    assert execute_plan(path, moving_plan(MARKS), nothing_found).status == "committed"
    assert sorted(statuses(path)) == ["committed", "rolled back"]


LIMITED_RUN = """
import resource, sys
from pathlib import Path
from tests.faults.support import moving_plan
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.errors import ReconstructError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    execute_plan(Path(sys.argv[1]), moving_plan(4000), lambda connection: ())
except ReconstructError as error:
    print(type(error).__name__, error)
    sys.exit(error.exit_code)
"""


def test_no_file_may_grow_too_far(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk; from smallest to large enough, one step at a time."""
    codes = []
    for step, limit in enumerate([0, 1_000, 100_000, 500_000, 1_200_000, 10**9]):
        path = make_database(tmp_path / str(step) / "thywill.db", marks=4000)
        before = digests(path)
        done = subprocess.run(
            [sys.executable, "-c", LIMITED_RUN, path, str(limit)], capture_output=True, text=True, check=False
        )
        codes.append(done.returncode)
        if done.returncode:
            assert done.returncode == DiskFullError.exit_code, done.stdout + done.stderr
            assert digests(path) == before
            assert "committed" not in statuses(path)
    assert codes[0] == DiskFullError.exit_code
    assert codes[-1] == 0


def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    before = digests(path)

    class FullConnection(sqlite3.Connection):
        def execute(self, sql: str, parameters: object = ()) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE":
                ((pages,),) = super().execute("PRAGMA page_count").fetchall()
                super().execute(f"PRAGMA max_page_count = {pages}")
            return super().execute(sql, parameters)  # type: ignore[arg-type]

    rows = [
        insert("user", f"n{n}", (("display_name", f"Somebody with a long name {n}"), ("created_at", TIME)))
        for n in range(2000)
    ]
    with pytest.raises(DiskFullError, match="full"):
        execute_plan(
            path,
            plan_of(rows),
            nothing_found,
            opener=lambda database, timeout_s: open_writable(database, timeout_s, FullConnection),
            allow_large=True,
        )
    assert digests(path) == before
    assert statuses(path) == ["rolled back"]


def test_too_little_room_is_seen_before_anything_is_written(tmp_path: Path) -> None:
    free_bytes = shutil.disk_usage(tmp_path).free
    require_space(tmp_path, free_bytes // 2)
    with pytest.raises(DiskFullError, match=r"need .* MB in .*, but only .* MB are free"):
        require_space(tmp_path, free_bytes * 2)


def test_what_is_in_the_way_of_the_private_folder(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db")
    (tmp_path / ".reconstruct").write_text("a file")
    before = listing(tmp_path)
    with pytest.raises(NotWritableError, match="in the way"):
        execute_plan(path, moving_plan(40), nothing_found)
    assert listing(tmp_path) == before
    (tmp_path / ".reconstruct").unlink()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".reconstruct").symlink_to("elsewhere")
    with pytest.raises(NotWritableError, match="symbolic link"):
        execute_plan(path, moving_plan(40), nothing_found)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_who_may_not_write_reads_and_is_told_so(open_folder: Path, mode: str) -> None:
    """Permission bits do not bind the administrator, so the child becomes somebody else where it can."""
    folder = open_folder / "data"
    path = make_database(folder / "thywill.db", journal_mode=mode)
    path.chmod(0o444)
    folder.chmod(0o555)
    before = listing(folder)
    reader, writer = os.pipe()

    def work() -> None:
        if os.getuid() == 0:
            os.setresuid(65534, 65534, 65534)
        assert len(read_database(path).users) == 5
        for attempt in (lambda: execute_plan(path, moving_plan(40), nothing_found), lambda: open_writable(path)):
            try:
                attempt()
            except NotWritableError as error:
                os.write(writer, f"{error}\n".encode())

    _, status = os.waitpid(run_in_child(work), 0)
    os.close(writer)
    said = os.read(reader, 10_000).decode()
    os.close(reader)
    folder.chmod(0o755)
    assert status == 0
    assert said.count("may not be written") == 2
    folder.chmod(0o555)
    assert listing(folder) == before
    folder.chmod(0o755)
