"""Run the real command in a process of its own, and see what it said and what it changed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from thywill_reconstruct.archives.render import (
    activity_header,
    date_header,
    log_line,
    prayer_file,
    prayer_file_stem,
    registration_line,
    users_header,
)
from thywill_reconstruct.database.models_v1 import create_tables
from thywill_reconstruct.times import Minute, as_database_text, iso_minute

COMMAND = [sys.executable, "-m", "thywill_reconstruct"]
PATIENCE_S = 60
# What would change the result on one machine and not on another.
_SETTINGS = (
    "DATABASE_PATH",
    "RECONSTRUCT_NOTIFY",
    "TEXT_ARCHIVE_BASE_DIR",
    "COLUMNS",
    "NO_COLOR",
    "FORCE_COLOR",
    "PYTHONUNBUFFERED",
    "RECONSTRUCT_DEBUG",
)


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: ours without what steers the tool, plus what a test sets."""
    inherited = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
    return {**inherited, **(settings or {})}


def unmeasured(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command that gets a signal: one that meets coverage at work lets it wait for itself forever."""
    return {name: value for name, value in environment(settings).items() if not name.startswith("COVERAGE_")}


def interrupted(
    folder: Path, words: Sequence[str], number: signal.Signals, begun: Callable[[], bool]
) -> tuple[int, str]:
    """Run a command, send it a signal as soon as it has begun, and return its exit code and what it said.

    The code is 0 if it was quicker than the signal.
    """
    with subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=unmeasured(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as process:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while process.poll() is None and not begun():
                assert time.monotonic() < deadline
                time.sleep(0.0005)
            process.send_signal(number)
            _, said = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    return process.returncode, said


def reconstruct(
    folder: Path,
    *words: str | Path,
    settings: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    preexec: Any = None,
) -> Done:
    """Run ``reconstruct`` in a folder, with nobody at the keyboard."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=folder,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=PATIENCE_S,
        preexec_fn=preexec,
        check=False,
    )
    return Done(done.returncode, (done.stdout or b"").decode("utf-8"), done.stderr.decode("utf-8"))


Listing = dict[str, tuple[int, int, int, bytes]]


def listing(folder: Path) -> Listing:
    """Inode, time of change, mode and content of everything in a folder, itself included, at any depth."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() and status.st_size < 10**8 else b""
        found[str(path.relative_to(folder))] = (status.st_ino, status.st_mtime_ns, status.st_mode, content)
    return found


def without_private_folder(found: Listing) -> Listing:
    """A listing without ``.reconstruct/``, and without the time of the folder that it was made in."""
    return {name: value for name, value in found.items() if name != "." and not name.startswith(".reconstruct")}


def rows(database: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a query finds."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def write(database: Path, *statements: str | tuple[str, Sequence[object]]) -> None:
    """Run statements and commit."""
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            sql, values = (statement, ()) if isinstance(statement, str) else statement
            connection.execute(sql, values)
        connection.commit()


_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(database: Path, *statements: str) -> Iterator[subprocess.Popen[str]]:
    """Let another process run statements and keep its connection open for the length of the block.

    Another process, because one that opens and closes the file drops its own locks.
    """
    command = [sys.executable, "-c", _HOLD, str(database), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        try:
            yield holder
        finally:
            holder.kill()


def refused(done: Done, code: int, *words: str) -> None:
    """Assert that a command ended with this code, one plain message and nothing else."""
    assert done.code == code, done.err or done.out
    assert done.out == ""
    assert done.err.startswith("reconstruct: ")
    assert done.err.count("\n") == 1, done.err
    assert "Traceback" not in done.err
    assert done.err.rstrip().endswith((".", "?")) or done.err.rstrip().endswith("--help")
    for word in words:
        assert word in done.err, (word, done.err)


def minute(text: str) -> Minute:
    """A minute from ``2025-06-01 08:00``."""
    found = iso_minute(text)
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class Wish:
    """One prayer of a tiny community."""

    key: str
    author: str
    text: str = "Please pray for rain."


JOINED = "2025-06-01 08:00"
PRAYED = "2025-06-10 09:00"


def write_archive(folder: Path, names: Iterable[str], prayers: Iterable[Wish]) -> None:
    """Write the archives of people who joined one after the other and of prayers submitted one after the other."""
    names, prayers = list(names), list(prayers)
    for name in ("users", "activity", "prayers/2025/06"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    joined, prayed = minute(JOINED), minute(PRAYED)
    log = activity_header(2025, 6) + date_header(joined)
    log += "".join(log_line(joined + n, name, "registered directly") for n, name in enumerate(names))
    log += date_header(prayed)
    for n, prayer in enumerate(prayers):
        log += log_line(prayed + n, prayer.author, f"submitted prayer {prayer.key}")
        place = folder / "prayers/2025/06" / f"{prayer_file_stem(prayed + n)}.txt"
        content = prayer_file(prayer.key, prayer.author, prayed + n, prayer.text, None)
        place.write_text(content, encoding="utf-8", newline="")
    registrations = "".join(registration_line(joined + n, name, None) for n, name in enumerate(names))
    for path, content in (
        ("users/2025_06_users.txt", users_header(2025, 6) + registrations),
        ("activity/activity_2025_06.txt", log),
    ):
        (folder / path).write_text(content, encoding="utf-8", newline="")


def write_database(path: Path, names: Sequence[str], prayers: Sequence[tuple[Wish, str]]) -> None:
    """Write a v1 database: people ``u0``, ``u1``, ... and prayers with the author ids given."""
    create_tables(f"sqlite:///{path}")
    joined, prayed = minute(JOINED), minute(PRAYED)
    person = "INSERT INTO user (id, display_name, created_at, welcome_message_dismissed) VALUES (?, ?, ?, 0)"
    prayer = "INSERT INTO prayer (id, author_id, text, created_at, flagged, text_file_path) VALUES (?, ?, ?, ?, 0, ?)"
    write(
        path,
        *((person, (f"u{n}", name, as_database_text(joined + n))) for n, name in enumerate(names)),
        *(
            (
                prayer,
                (
                    each.key,
                    author,
                    each.text,
                    as_database_text(prayed + n),
                    f"text_archives/prayers/2025/06/{prayer_file_stem(prayed + n)}.txt",
                ),
            )
            for n, (each, author) in enumerate(prayers)
        ),
    )
