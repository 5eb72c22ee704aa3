"""The history keeps what it is given, up to its limit, and is never lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from thywill_reconstruct.errors import DatabaseLockedError, HistoryError
from thywill_reconstruct.monitor import store as module
from thywill_reconstruct.monitor.figures import Figure, RuleName, Run
from thywill_reconstruct.monitor.store import VERSION, open_store

NOW = datetime(2026, 3, 4, 12)
NAME = RuleName("p", "a")


def run(moment: datetime = NOW, found: int = 1, exit_code: int = 2) -> Run:
    return Run(moment, exit_code, "high", "1.0", (Figure(NAME, "high", "failed", found),))


def test_what_is_recorded_is_read_in_the_order_of_the_checks(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    with open_store(path, 1) as store:
        store.record("x", run(found=1))
        store.record("x", run(NOW - timedelta(days=3), found=2))  # the clock went back
        store.record("y", run(found=3))
    with open_store(path, 1, readonly=True) as store:
        assert store.runs("x") == [run(found=1), run(NOW - timedelta(days=3), found=2)]
        assert store.runs("x", NOW) == [run(found=1)]
        assert store.databases() == ["x", "y"]
        assert store.last_moment("x") == NOW - timedelta(days=3)
        assert store.last_moment("z") is None


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    for mode in (None, 0o644):
        if mode:
            path.chmod(mode)
        with open_store(path, 1) as store:
            store.record("x", run())
        assert path.stat().st_mode & 0o777 == 0o600


def test_it_grows_to_a_limit_and_keeps_the_last_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEWEST", 10)
    monkeypatch.setattr(module, "DAYS", 5)
    with open_store(tmp_path / "h.sqlite", 1) as store:
        store.record("y", run())
        store.record("x", run(NOW, exit_code=0))
        for hour in range(1, 24 * 12):
            store.record("x", run(NOW + timedelta(hours=hour), found=hour, exit_code=3))
        kept = store.runs("x")
        assert len(kept) <= 10 + 5 + 1
        assert [each.figures[0].found for each in kept[-10:]] == list(range(278, 288))
        assert len({each.moment.date() for each in kept[1:]}) == 5
        assert store.last_moment("x", successful=True) == NOW
        assert len(store.runs("y")) == 1
        (left,) = store._connection.execute("SELECT count(*) FROM figure").fetchone()
        assert left == len(kept) + 1


def test_a_clock_that_was_far_ahead_for_a_while_costs_no_figures(tmp_path: Path) -> None:
    with open_store(tmp_path / "h.sqlite", 1) as store:
        store.record("x", run())
        store.record("x", run(datetime(2999, 1, 1)))
        store.record("x", run())
        assert len(store.runs("x")) == 3


def test_what_was_told_is_per_channel(tmp_path: Path) -> None:
    figure = run().figures[0]
    with open_store(tmp_path / "h.sqlite", 1) as store:
        store.tell("x", "c", {NAME: figure})
        store.tell("x", "c", {NAME: figure._replace(found=9)})
        assert store.told("x", "c") == {NAME: figure._replace(found=9)}
        assert store.told("x", "d") == store.told("y", "c") == {}


def _other_tables(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE user (id)")
    connection.close()


def _newer(path: Path) -> None:
    with open_store(path, 1):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def _torn(path: Path) -> None:
    with open_store(path, 1) as store:
        for _ in range(300):
            store.record("x", run())
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 5] = os.urandom(4096 * 3)
    path.write_bytes(content)


def _text(path: Path) -> None:
    path.write_text("no database " * 100)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_other_tables, "no history"), (_newer, "newer version"), (_torn, "damaged"), (_text, "damaged")],
)
@pytest.mark.parametrize("readonly", [True, False])
def test_what_cannot_be_used_is_left_as_it_is(tmp_path: Path, spoil: object, said: str, readonly: bool) -> None:
    path = tmp_path / "h.sqlite"
    assert callable(spoil)
    spoil(path)
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(HistoryError, match=said), open_store(path, 1, readonly=readonly):
        pass
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_empty_file_is_a_history_that_was_cut_off_at_its_birth(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    path.touch()
    with open_store(path, 1) as store:
        store.record("x", run())
        assert store.databases() == ["x"]


def test_one_that_another_program_holds_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    with open_store(path, 1):
        pass
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLockedError, match="held the history"), open_store(path, 0):
        pass
    holder.close()


_CUT_OFF = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("PRAGMA cache_spill = 1")
connection.execute("BEGIN")
connection.execute("UPDATE run SET version = hex(randomblob(500))")
os.kill(os.getpid(), 9)
"""


def test_a_write_that_was_cut_off_is_rolled_back_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    with open_store(path, 1) as store:
        for _ in range(200):
            store.record("x", run())
    subprocess.run([sys.executable, "-c", _CUT_OFF, str(path)], check=False)
    assert (tmp_path / "h.sqlite-journal").stat().st_size > 0
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="cut off"), open_store(path, 1, readonly=True) as store:
        store.runs("x")
    assert path.read_bytes() == before
    with open_store(path, 1) as store:
        assert {each.version for each in store.runs("x")} == {"1.0"}
