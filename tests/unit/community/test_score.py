from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from scripts.community import score_repair
from scripts.community.score_command import main


@pytest.fixture
def repaired(small: Path, tmp_path: Path) -> Path:
    """A copy of the truth: a perfect repair, to be spoilt."""
    return Path(shutil.copy(small / "truth.db", tmp_path / "repaired.db"))


def spoil(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_the_truth_is_a_perfect_repair(small: Path, repaired: Path) -> None:
    score = score_repair(small, repaired)
    assert score.figures() | {"right": 0, "attributes_without_path": 0} == {
        "right": 0, "wrong": 0, "left": 0, "recall": 1.0, "precision": 1.0, "collateral": 0, "extra_users": 0,
        "extra_prayers": 0, "extra_marks": 0, "dangling": 0, "attributes_without_path": 0,
    }  # fmt: skip
    assert score.total("right") > 100
    assert score.faults == []


def test_the_damaged_database_repairs_nothing_and_harms_nothing(small: Path) -> None:
    score = score_repair(small, small / "damaged.db")
    assert (score.total("right"), score.total("wrong"), score.collateral) == (0, 0, 0)
    assert score.recall == 0.0
    assert score.dangling > 0


def first(small: Path, part: str, kind: str) -> dict[str, str]:
    ledger = json.loads((small / "ledger.json").read_text(encoding="utf-8"))
    found: dict[str, str] = next(entry for entry in ledger[part] if entry["kind"] == kind)
    return found


def test_a_mark_given_to_somebody_else_is_wrong(small: Path, repaired: Path) -> None:
    cell = first(small, "cells", "mark-ghost")
    other = f"(SELECT id FROM \"user\" WHERE id <> '{cell['true']}' LIMIT 1)"
    spoil(repaired, f"UPDATE prayermark SET user_id = {other} WHERE id = '{cell['pk']}'")
    assert score_repair(small, repaired).kinds["mark-ghost"].wrong == 1


def test_a_deleted_member_under_another_id_is_right_and_so_is_what_refers_to_it(small: Path, repaired: Path) -> None:
    gone = first(small, "deleted", "user-deleted")["pk"]
    spoil(repaired, f"UPDATE \"user\" SET id = 'new' WHERE id = '{gone}'")
    for table, column in (
        ("prayer", "author_id"), ("prayermark", "user_id"), ("prayer_attributes", "created_by"),
        ("prayer_activity_log", "user_id"), ("user", "invited_by_user_id"), ("invitetoken", "used_by_user_id"),
        ("invitetoken", "created_by_user"),
    ):  # fmt: skip
        spoil(repaired, f"UPDATE \"{table}\" SET {column} = 'new' WHERE {column} = '{gone}'")
    before, score = score_repair(small, small / "truth.db"), score_repair(small, repaired)
    assert score.figures() == before.figures()
    assert score.ids_kept == before.ids_kept - 1


EXTRA_USER = "SELECT 'x', 'Nobody Ever', created_at, NULL, NULL, NULL, NULL, 0, NULL FROM \"user\" LIMIT 1"
EXTRA_PRAYER = "SELECT 'x', author_id, text, NULL, NULL, created_at, 0, NULL, NULL FROM prayer LIMIT 1"
EXTRA_MARK = "SELECT 'x', user_id, prayer_id, '2019-01-01 00:00:00.000000', NULL FROM prayermark LIMIT 1"
FIRST = "(SELECT id FROM prayer ORDER BY rowid LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "figure"),
    [
        (f'INSERT INTO "user" {EXTRA_USER}', "extra_users"),
        (f"INSERT INTO prayer {EXTRA_PRAYER}", "extra_prayers"),
        (f"INSERT INTO prayermark {EXTRA_MARK}", "extra_marks"),
        (f"UPDATE prayer SET project_tag = 'changed' WHERE id = {FIRST}", "collateral"),
    ],
)
def test_what_nobody_asked_for_is_counted(small: Path, repaired: Path, statement: str, figure: str) -> None:
    spoil(repaired, statement)
    assert score_repair(small, repaired).figures()[figure] == 1


def test_both_rows_of_a_doubled_mark_are_left(small: Path, repaired: Path) -> None:
    entry = first(small, "added", "mark-duplicated")
    spoil(
        repaired,
        f"INSERT INTO prayermark SELECT '{entry['pk']}', user_id, prayer_id, created_at, text_file_path "
        f"FROM prayermark WHERE id = '{entry['twin']}'",
    )
    score = score_repair(small, repaired)
    assert score.kinds["mark-duplicated"].left == 1
    assert score.extra_marks == 0


def test_the_command_prints_the_figures(small: Path, repaired: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(small), str(repaired), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recall"] == 1.0
    assert main([str(small), str(repaired)]) == 0
    assert "recall                   1.0" in capsys.readouterr().out


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), str(tmp_path / "none.db")]) == 2
    assert "ledger.json" in capsys.readouterr().err
