"""Another program writes a hundred rows a second all the while: none of its commits is lost, and what it moved is listed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.support import reconstruct, rows
from tests.faults.support import TIME, make_database, moving_plan
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.undo import execute_undo, preview_undo
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.errors import ReconstructError
from thywill_reconstruct.saved_plans import examine

MARKS = 2_000
# Commits one row each hundredth of a second, and tells the number of each row that is committed.
WRITER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
number = 0
while True:
    number += 1
    connection.execute("INSERT INTO prayermark VALUES (?, 'u0', 'p0', '2025-07-01 10:00:00', NULL)", (f"busy{number}",))
    print(number, flush=True)
    time.sleep(0.01)
"""
PACK = """
name = "own"
title = "Own"

[[rule]]
id = "own-marks"
title = "A mark of a user who is not there"
severity = "high"
why = "It belongs to nobody."
kind = "reference"
table = "prayermark"
column = "user_id"
to = "user.id"

[rule.repair]
action = "delete"
"""


@contextmanager
def writer(path: Path, committed: list[int]) -> Iterator[None]:
    """Let another process write for the length of the block; ``committed`` gets how many commits it was told of."""
    told = path.with_name("told")
    with told.open("w") as out, subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=out) as process:
        while not told.stat().st_size:
            assert process.poll() is None
        try:
            yield
        finally:
            os.kill(process.pid, signal.SIGTERM)
            process.wait()
    committed.append(int(told.read_text().split()[-1]))


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_no_commit_of_another_program_is_lost(tmp_path: Path, mode: str) -> None:
    path = make_database(tmp_path / "thywill.db", marks=MARKS, journal_mode=mode)
    committed: list[int] = []
    with writer(path, committed):
        read_database(path)
        execute_plan(path, moving_plan(MARKS), lambda connection: ())
        execute_undo(path, preview_undo(path, ""))
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM prayermark WHERE id LIKE 'busy%'").fetchone()
        (moved,) = connection.execute("SELECT count(*) FROM prayermark WHERE user_id = 'u9'").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    # One more may have been committed and not yet told.
    assert committed[0] <= count <= committed[0] + 1
    assert count > 5
    assert moved == 0


def test_a_saved_plan_is_compared_while_the_application_writes(tmp_path: Path) -> None:
    """In a rollback journal's mode, too, where a reader without locks never sees two moments the same."""
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    plan = moving_plan(MARKS)
    with writer(path, []):
        for _ in range(3):
            standing = examine(plan, path, read_database(path), None, ())
            assert (standing.done, standing.moved) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--pack", "thywill", "--format", "json"],
        ["check", "--infer"],
        ["harden", "--dry-run"],
        ["harden", "--format", "alembic"],
        ["repair", "own-marks", "--pack", "own.toml", "--dry-run"],
    ],
    ids=" ".join,
)
def test_the_engine_of_rules_reads_while_the_application_writes(tmp_path: Path, words: list[str]) -> None:
    """As patiently as the rest: again, and at last with locks."""
    path = make_database(tmp_path / "thywill.db", marks=MARKS)
    (tmp_path / "own.toml").write_text(PACK)
    with writer(path, []):
        for _ in range(3):
            done = reconstruct(tmp_path, *words)
            assert done.code in (0, 1, 2), (done.out, done.err)


def test_rows_that_the_application_moves_are_listed(tmp_path: Path) -> None:
    path = make_database(tmp_path / "thywill.db", marks=40)
    with closing(sqlite3.connect(path, isolation_level=None)) as application:
        application.execute("UPDATE prayermark SET user_id = 'u4' WHERE id IN ('m000007', 'm000008')")
        with pytest.raises(ReconstructError, match=r"2 rows are no longer as the plan saw them: .*m000007.*m000008"):
            execute_plan(path, moving_plan(40), lambda connection: ())
        application.execute("UPDATE prayermark SET user_id = 'u' || (substr(id, 2) % 4)")
        execute_plan(path, moving_plan(40), lambda connection: ())
        application.execute(f"INSERT INTO prayermark VALUES ('new', 'u9', 'p0', '{TIME}', NULL)")
    assert [each.operation.key for each in preview_undo(path, "").refused] == ["u9"]


def test_the_command_line_beside_a_running_application(community: Path) -> None:
    database = community / "thywill.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE guestbook (number INTEGER)")
    with closing(sqlite3.connect(database, isolation_level=None)) as application:
        for number, words in enumerate((["--dry-run"], ["--execute", "--yes"], ["undo", "--yes"], ["runs"])):
            application.execute("INSERT INTO guestbook VALUES (?)", (number,))
            assert reconstruct(community, *words).code == 0
        application.execute("INSERT INTO guestbook VALUES (4)")
    assert rows(database, "SELECT number FROM guestbook") == [(0,), (1,), (2,), (3,), (4,)]
