"""A run that is cut off between files is finished by the next one: nothing is lost and nothing is told twice."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.community import Options, make_community
from tests.covered import covered
from thywill_reconstruct.errors import NotWritableError
from thywill_reconstruct.heal import write
from thywill_reconstruct.heal.names import can_be_told
from thywill_reconstruct.heal.run import heal
from thywill_reconstruct.heal.unfinished import find_unfinished
from thywill_reconstruct.rebuild.run import rebuild

OPTIONS = Options(users=10, prayers=10, months=2, seed=3, damage="none", weather=False)
KILLED = """
import os, signal, sys
from pathlib import Path
from thywill_reconstruct.heal.run import heal
def die(step, done, total):
    if done == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
heal(Path(sys.argv[1]), Path(sys.argv[2]), execute=True, progress=die)
"""


@pytest.fixture(params=["v1", "v2"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make_community(tmp_path / "made", replace(OPTIONS, era=request.param))
    return (tmp_path / "made" / "truth.db").rename(tmp_path / "thywill.db")


def kill_after(database: Path, archives: Path, files: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(database), str(archives), str(files)], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("deaths", [[1], [2, 3, 1], [8]])
def test_the_next_run_finishes_it(database: Path, tmp_path: Path, deaths: list[int]) -> None:
    era = "v1" if numbers(database, "SELECT count(*) FROM pragma_table_info('user') WHERE name = 'id'") else "v2"
    archives = tmp_path / "text_archives"
    uncertain = {subject.removeprefix("prayer ") for subject in heal(database, archives, execute=False).skipped}
    for files in deaths:
        kill_after(database, archives, files)
    heal(database, archives, execute=True)
    again = heal(database, archives, execute=False)
    assert (again.created, again.appended) == ((), ())
    rebuild([archives], tmp_path / "again.db", era)
    found, wanted = covered(tmp_path / "again.db"), covered(database)
    for table in wanted:
        assert certain(found[table], uncertain) == certain(wanted[table], uncertain), table
    assert not list((tmp_path / ".reconstruct").glob("heal-*"))
    lines = [line for path in archives.glob("prayers/*/*/*.txt") for line in path.read_text().splitlines()]
    assert len([line for line in lines if line.endswith(" prayed this prayer")]) == numbers(
        database, "SELECT count(*) FROM prayermark"
    )


def certain(rows: Counter[tuple[object, ...]], uncertain: set[str]) -> Counter[tuple[object, ...]]:
    return Counter({row: n for row, n in rows.items() if row[0] not in uncertain})


def numbers(database: Path, query: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(query).fetchone()[0])


def test_what_the_application_appended_meanwhile_stays_and_a_restored_file_is_left_alone(
    database: Path, tmp_path: Path
) -> None:
    archives = tmp_path / "text_archives"
    heal(database, archives, execute=True)
    users = sorted((archives / "users").glob("*"))[0]
    users.write_bytes(b"".join(users.read_bytes().splitlines(keepends=True)[:3]))
    for log in (archives / "activity").glob("*"):
        log.unlink()
    kill_after(database, archives, 1)
    before = users.read_bytes()
    with users.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b"March 30 2025 at 10:00 - Somebody New joined directly\n")
    heal(database, archives, execute=True)
    assert users.read_bytes().startswith(before + b"March 30 2025 at 10:00 - Somebody New joined directly\n")
    lines = [line for line in users.read_bytes().splitlines() if line]
    assert len(lines) == len(set(lines))


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\n")
    real, calls = os.write, []

    def short(descriptor: int, content: bytes) -> int:
        calls.append(content)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, content[:3])

    monkeypatch.setattr("thywill_reconstruct.heal.write.os.write", short)
    with pytest.raises(OSError, match="No space"):
        write.append(path, "two and more\n")
    assert path.read_text() == "one\n"


@pytest.mark.parametrize("name", ["A|B", "Max ", "Max\u2028Eve", "أمل", "Ann joined directly", "Eve by Max"])
def test_odd_names_that_read_back_can_be_told(name: str) -> None:
    assert can_be_told(name)


@pytest.mark.parametrize("name", ["", "A\nB", "A\rB", "Unknown User", "June 20 2025 at 18:45 - Max"])
def test_names_that_would_be_read_as_somebody_else_cannot(name: str) -> None:
    assert not can_be_told(name)


def test_a_note_that_belongs_to_another_user_is_no_damaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(place: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(place))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(NotWritableError, match="may not be read by this user"):
        find_unfinished(tmp_path / "thywill.db", tmp_path, ())
