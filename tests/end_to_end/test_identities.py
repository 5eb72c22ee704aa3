"""Communities in which many are renamed, doubled and deleted: nobody is made twice, and no second row loses anything."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scripts.community import Options, make_community, score_repair
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decision, Decisions
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.workflow import Inspection, inspect, make_plan, rediff

RENAMED, DOUBLED, DELETED = 8, 13, 29
IDS = Options(
    users=120,
    prayers=300,
    months=4,
    seed=211,
    zone="America/St_Johns",
    renamed=RENAMED,
    twins=DOUBLED,
    deleted_users=DELETED,
)
COMMUNITIES = {"ids": IDS, "names": replace(IDS, seed=223, zone="Australia/Lord_Howe", era="v2")}


@pytest.fixture(scope="module", params=sorted(COMMUNITIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp(request.param) / "community"
    make_community(place, COMMUNITIES[request.param])
    return place


def look(folder: Path, database: Path, decisions: Decisions = NO_DECISIONS) -> tuple[Inspection, Plan]:
    """Compare; that a row renamed alone (era v2) is the same person is what the operator answers."""
    renamed = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["renamed"]
    told = (entry for entry in renamed if entry.get("broken"))
    answers = (Decision("user", (entry["old"],), entry["new"], "Ruth", date(2025, 7, 1), "", 1) for entry in told)
    decisions = Decisions((*decisions.entries, *answers))
    inspection = inspect(database, folder / "text_archives", decisions=decisions)
    return inspection, make_plan(inspection, merge_duplicates=True)


def repaired(folder: Path, name: str, decisions: Decisions = NO_DECISIONS) -> Path:
    copy = folder / name
    shutil.copyfile(folder / "damaged.db", copy)
    inspection, plan = look(folder, copy, decisions)
    assert execute_plan(copy, plan, rediff(inspection), allow_large=True).status == "committed"
    return copy


def users(database: Path) -> set[str]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return {name for (name,) in connection.execute("SELECT display_name FROM user")}


def test_no_rename_becomes_a_new_user_and_no_twin_loses_a_row(folder: Path) -> None:
    ledger = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    assert len(ledger["renamed"]) >= RENAMED, "where names are keys some are half done, besides"
    assert sum(entry["kind"] == "user-twin" for entry in ledger["added"]) == DOUBLED
    assert sum(entry["kind"] == "user-deleted" for entry in ledger["deleted"]) == DELETED
    database = repaired(folder, "repaired.db")
    score = score_repair(folder, database)
    assert (score.total("wrong"), score.collateral, score.extra_users, score.dangling) == (0, 0, 0, 0), score.faults
    assert (score.kinds["twin-ref"].wrong, score.kinds["twin-ref"].left) == (0, 0), score.faults
    assert score.kinds["user-twin-merged"].right == DOUBLED
    assert score.kinds["user-deleted"].right == DELETED
    assert users(database) == users(folder / "truth.db")
    assert not users(database) & {entry["old"] for entry in ledger["renamed"]}
    assert look(folder, database)[1].operations == ()


def test_whoever_is_ignored_stays_away_and_all_others_come_back(folder: Path) -> None:
    ledger = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    gone = sorted(entry["name"] for entry in ledger["deleted"] if entry["kind"] == "user-deleted")[:3]
    ignore = Decisions((Decision("ignore", tuple(gone), "", "Ruth", date(2025, 7, 1), "", 1),))
    database = repaired(folder, "ignoring.db", ignore)
    assert users(database) == users(folder / "truth.db") - set(gone)
    inspection, plan = look(folder, database, ignore)
    assert plan.operations == ()
    told = {f.key for f in inspection.analysis.findings if f.code == "US009"}
    assert told == {f"name {name}" for name in gone}
    inspection, plan = look(folder, database)
    assert {f.expected.split(",")[0] for f in plan.repaired if f.code == "US001"} == set(gone), "undone"
