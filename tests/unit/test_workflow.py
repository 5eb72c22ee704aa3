"""The steps together: inspect, plan, and the check inside the transaction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.errors import ForeignArchivesError
from thywill_reconstruct.workflow import home_of, inspect, make_plan, rediff


def test_a_whole_repair(community: Path) -> None:
    database, archives = community / "thywill.db", community / "text_archives"
    steps: list[str] = []
    inspection = inspect(database, archives, progress=lambda step, done, total: steps.append(step))
    assert list(dict.fromkeys(steps)) == ["Reading archives", "Comparing"]
    plan = make_plan(inspection, merge_duplicates=True)
    assert execute_plan(database, plan, rediff(inspection)).status == "committed"
    assert make_plan(inspect(database, archives), merge_duplicates=True).operations == ()


def test_the_rediff_sees_what_the_connection_sees(community: Path) -> None:
    inspection = inspect(community / "thywill.db", community / "text_archives")
    compare = rediff(inspection)
    with closing(sqlite3.connect(community / "thywill.db", isolation_level=None)) as connection:
        before = {finding.identity for finding in compare(connection)}
        assert before == {finding.identity for finding in inspection.analysis.findings}
        connection.execute("BEGIN")
        connection.execute("UPDATE prayer SET author_id = 'nobody'")
        assert len({finding.identity for finding in compare(connection)} - before) > 100
        connection.execute("ROLLBACK")


def test_strangers_are_refused_unless_forced(community: Path) -> None:
    database, archives = community / "thywill.db", community / "text_archives"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE prayer SET id = 'other-' || id")
        connection.commit()
    with pytest.raises(ForeignArchivesError, match="different communities"):
        inspect(database, archives)
    assert inspect(database, archives, force=True).analysis.shared[0] == 0


def test_home_is_where_the_real_database_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "real.db").touch()
    (tmp_path / "thywill.db").symlink_to("data/real.db")
    assert home_of(tmp_path / "thywill.db") == tmp_path / "data"
