"""Communities of era v2: the same life, names as keys, every variant of the tables, and damage of its own."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.community import Options, make_community, score_repair
from scripts.community.damage_users import rename_references
from scripts.community.eras import Columns
from scripts.community.make_command import main

V2 = Options(users=30, prayers=70, marks_per_prayer=5, months=3, seed=11, renamed=2, twins=2, era="v2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("v2")
    make_community(place, V2)
    return place


def rows(path: Path, statement: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, values).fetchall()


def ledger(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    return loaded


def test_every_reference_of_the_truth_is_a_name(folder: Path) -> None:
    truth = folder / "truth.db"
    names = {name for (name,) in rows(truth, 'SELECT display_name FROM "user"')}
    with closing(sqlite3.connect(truth)) as connection:
        references = Columns(connection).references()
    assert ("prayermark", "username") in references
    for table, column in references:
        found = {value for (value,) in rows(truth, f'SELECT {column} FROM "{table}" WHERE {column} IS NOT NULL')}
        assert found <= names | {"system"}
        assert found


def test_the_ledger_says_what_is_true_and_what_is_damaged(folder: Path) -> None:
    written = ledger(folder)
    with closing(sqlite3.connect(folder / "truth.db")) as connection:
        columns = Columns(connection)
    respelled = {c["true"]: c["damaged"] for c in written["cells"] if c["kind"] == "user-key-variant"}
    for cell in written["cells"]:
        table, column, key = cell["table"], cell["col"], columns.key_of(cell["table"])
        statement = f'SELECT {column} FROM "{table}" WHERE {key} = ?'
        assert rows(folder / "truth.db", statement, cell["pk"]) == [(cell["true"],)]
        where = respelled.get(cell["pk"], cell["pk"]) if table == "user" else cell["pk"]
        assert rows(folder / "damaged.db", statement, where) == [(cell["damaged"],)]


def test_names_are_damaged_in_every_way_that_keys_can_be(folder: Path) -> None:
    written = ledger(folder)
    kinds = {cell["kind"] for cell in written["cells"]}
    assert {"key-variant", "hex-left", "user-key-variant", "broken-rename"} <= kinds
    broken = [entry for entry in written["renamed"] if "broken" in entry]
    assert broken
    for entry in broken:
        assert rows(folder / "damaged.db", 'SELECT count(*) FROM "user" WHERE display_name = ?', entry["old"]) == [
            (0,)
        ]
        marks = "SELECT count(*) FROM prayermark WHERE username = ?"
        assert rows(folder / "damaged.db", marks, entry["new"]) == [(0,)]
        assert rows(folder / "damaged.db", marks, entry["old"]) == rows(folder / "truth.db", marks, entry["new"])


def test_the_truth_scores_as_a_perfect_repair(folder: Path) -> None:
    score = score_repair(folder, folder / "truth.db")
    assert (score.recall, score.total("wrong"), score.collateral, score.dangling) == (1.0, 0, 0, 0)


def test_a_rename_goes_through_every_table(folder: Path, tmp_path: Path) -> None:
    database = tmp_path / "renamed.db"
    database.write_bytes((folder / "truth.db").read_bytes())
    with closing(sqlite3.connect(database)) as connection:
        rename_references(connection, Columns(connection), "Max", "Maxim")
        connection.commit()
    assert "'Max'" not in "".join(line for line in dump(database) if not line.startswith('INSERT INTO "user"'))


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize(
    ("options", "present", "absent"),
    [
        (replace(V2, marks="user_id"), "prayermark.user_id", "prayermark.username"),
        (replace(V2, marks="username-plain"), "prayermark.username", "prayermark.user_id"),
        (replace(V2, migration=6), "prayer.target_audience", "invitetoken.usage_count"),
        (replace(V2, migration=7), "invitetoken.used", "prayer.target_audience"),
        (replace(V2, migration=8), "invitetoken.max_uses", "invitetoken.token_type"),
        (replace(V2, migration=9), "invitetoken.token_type", "user.is_supporter"),
        (replace(V2, migration=10), "user.is_supporter", "prayer.safety_score"),
        (replace(V2, migration=11), "prayer.safety_score", "membership_application.id"),
        (replace(V2, mixed=True), "invitetoken.used", "user.id"),
    ],
)
def test_a_variant_has_the_columns_of_its_migrations(
    tmp_path: Path, options: Options, present: str, absent: str
) -> None:
    make_community(tmp_path, replace(options, users=8, prayers=6, months=1, twins=0, renamed=0))
    with closing(sqlite3.connect(tmp_path / "damaged.db")) as connection:
        columns = Columns(connection)
        assert columns.has(*present.split("."))
        assert not columns.has(*absent.split("."))
        assert connection.execute("SELECT count(*) FROM prayer").fetchone() > (0,)


def test_the_command_makes_either_era(tmp_path: Path) -> None:
    arguments = ["--users", "8", "--prayers", "6", "--months", "1", "--era", "v2", "--migration", "9"]
    assert main([str(tmp_path / "new"), *arguments]) == 0
    assert not rows(tmp_path / "new" / "truth.db", "SELECT 1 FROM pragma_table_info('user') WHERE name = 'id'")


@pytest.mark.parametrize("wrong", [{"era": "v3"}, {"marks": "name"}, {"migration": 5}])
def test_an_unknown_era_is_refused_before_anything_is_written(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="era"):
        make_community(tmp_path / "new", replace(V2, **wrong))
    assert not (tmp_path / "new").exists()


def test_exports_hold_every_row_and_pair_ids_with_names(tmp_path: Path) -> None:
    make_community(tmp_path, replace(V2, exports=True))
    archives = tmp_path / "text_archives"
    users = json.loads((archives / "community_export" / "users.json").read_text(encoding="utf-8"))
    left = {cell["damaged"]: cell["true"] for cell in ledger(tmp_path)["cells"] if cell["kind"] == "hex-left"}
    assert left.items() <= {user["id"]: user["display_name"] for user in users}.items()
    marks = (archives / "prayers" / "prayer_marks.txt").read_text(encoding="utf-8").split("\n")
    assert marks[1:4] == ["Format: id|created_at|prayer_id|username", "", ""]
    assert len(marks[4:]) == rows(tmp_path / "truth.db", "SELECT count(*) FROM prayermark")[0][0]
    assert marks[-1]
