from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.errors import NotWritableError, RunLockedError

NOON = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)


def test_a_second_run_learns_who_holds_the_lock(tmp_path: Path) -> None:
    database = tmp_path / "thywill.db"
    lock = tmp_path / "thywill.db.lock"
    with run_lock(tmp_path, database, NOON):
        assert json.loads(lock.read_text()) == {"pid": os.getpid(), "started": "2025-07-16T12:00:00+00:00"}
        assert lock.stat().st_mode & 0o777 == 0o600
        said = f"process {os.getpid()}, started 2025-07-16T12:00:00"
        with pytest.raises(RunLockedError, match=said), run_lock(tmp_path, database, NOON):
            pass
        lock.write_text("{")
        with pytest.raises(RunLockedError, match=r"^another run is"), run_lock(tmp_path, database, NOON):
            pass
        with run_lock(tmp_path, tmp_path / "other.db", NOON):
            pass
    with run_lock(tmp_path, database, NOON):
        pass
    assert lock.read_text() == ""


def test_the_lock_ends_with_an_exception(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), run_lock(tmp_path, tmp_path / "thywill.db", NOON):
            raise ZeroDivisionError


def test_a_lock_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "thywill.db.lock").symlink_to("precious")
    with pytest.raises(NotWritableError), run_lock(tmp_path, tmp_path / "thywill.db", NOON):
        pass
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_lock_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thywill.db.lock").mkdir()
    with pytest.raises(NotWritableError), run_lock(tmp_path, tmp_path / "thywill.db", NOON):
        pass
