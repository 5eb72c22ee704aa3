"""Whole communities: made, damaged, repaired, and scored against the truth."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scripts.community import Options, Score, damage_community, make_community, score_repair
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.identity.decisions import Decision, Decisions
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.workflow import Inspection, inspect, make_plan, rediff

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
IMITATIONS = 20
BERLIN = Options(users=40, prayers=160, months=4, seed=3, renamed=2, twins=3, deleted_users=4, imitations=IMITATIONS)
# Each begins before a clock change of its zone, so that both offsets occur. Kolkata has none, and a half hour.
COMMUNITIES = {
    "berlin": BERLIN,
    "new-york": replace(BERLIN, seed=17, zone="America/New_York", start=date(2025, 2, 20)),
    "kolkata": replace(BERLIN, seed=29, zone="Asia/Kolkata", prayers=160, users=30),
    "no-weather": replace(BERLIN, seed=41, weather=False, start=date(2025, 9, 20), renamed=0),
    "names": replace(BERLIN, seed=61, era="v2"),
    "names-window": replace(BERLIN, seed=67, era="v2", marks="user_id", migration=7, mixed=True, users=30),
    "mild": replace(BERLIN, seed=53, damage="mild", twins=2, deleted_users=2),
}


@pytest.fixture(scope="module", params=sorted(COMMUNITIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One community, made anew. Its databases are copied before they are changed."""
    place: Path = tmp_path_factory.mktemp(request.param) / "community"
    make_community(place, COMMUNITIES[request.param])
    return place


@pytest.fixture(scope="module")
def repaired(folder: Path) -> Path:
    """A repaired copy of the damaged database, beside its archives."""
    return repair(folder)


def answers(folder: Path) -> Decisions:
    """What the operator answers where a user's own row alone was renamed (era v2): it is the same person."""
    renamed = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["renamed"]
    told = (entry for entry in renamed if entry.get("broken"))
    day = date(2025, 7, 1)
    return Decisions(tuple(Decision("user", (entry["old"],), entry["new"], "Ruth", day, "", 1) for entry in told))


def repair(folder: Path) -> Path:
    """Repair a copy of ``damaged.db`` with everything allowed, duplicates included, and questions answered."""
    copy = folder / "repaired.db"
    shutil.copyfile(folder / "damaged.db", copy)
    inspection, plan = look(folder, copy)
    receipt = execute_plan(copy, plan, rediff(inspection), allow_large=True)
    assert receipt.status == "committed"
    return copy


def look(folder: Path, database: Path) -> tuple[Inspection, Plan]:
    """Compare a database with a community's archives, and plan with duplicates merged."""
    inspection = inspect(database, folder / "text_archives", decisions=answers(folder))
    return inspection, make_plan(inspection, merge_duplicates=True)


def harm(score: Score) -> dict[str, int]:
    """What a repair must never do."""
    return {
        "wrong": score.total("wrong"),
        "collateral": score.collateral,
        "extra users": score.extra_users,
        "extra prayers": score.extra_prayers,
        "extra marks": score.extra_marks,
    }


NO_HARM = {"wrong": 0, "collateral": 0, "extra users": 0, "extra prayers": 0, "extra marks": 0}


def test_a_repair_harms_nobody(folder: Path, repaired: Path) -> None:
    score = score_repair(folder, repaired)
    assert harm(score) == NO_HARM, score.faults
    assert score.recall >= 0.97, score.faults


def test_a_second_run_finds_nothing_to_do(folder: Path, repaired: Path) -> None:
    _, plan = look(folder, repaired)
    assert plan.operations == ()


def test_on_an_undamaged_database_only_missing_paths_are_filled(folder: Path) -> None:
    inspection, plan = look(folder, folder / "truth.db")
    assert {finding.code for finding in plan.repaired} <= {"PA001"}
    assert {finding.code for finding in inspection.analysis.findings if finding.changes} <= {"PA001"}
    assert all([name for name, _ in o.after] == ["text_file_path"] for o in plan.operations)
    assert all(value is None for operation in plan.operations for _, value in operation.before)


def test_no_imitation_becomes_a_row(folder: Path, repaired: Path) -> None:
    ledger = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    imitated = {entry["prayer"] for entry in ledger["imitations"]}
    assert len(ledger["imitations"]) == IMITATIONS
    truth, got = (marks_by_prayer(folder / "truth.db"), marks_by_prayer(repaired))
    for prayer in imitated:
        assert got[prayer] <= truth[prayer]
    _, plan = look(folder, folder / "truth.db")
    assert not any(operation.action == "insert" for operation in plan.operations)


def marks_by_prayer(database: Path) -> Counter[str]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return Counter(dict(connection.execute("SELECT prayer_id, count(*) FROM prayermark GROUP BY 1").fetchall()))


PLAN_DIGEST = """
import hashlib, sys
from pathlib import Path
from thywill_reconstruct.workflow import inspect, make_plan
folder = Path(sys.argv[1])
inspection = inspect(folder / "damaged.db", folder / "text_archives")
print(hashlib.sha256(repr(make_plan(inspection, merge_duplicates=True)).encode()).hexdigest())
"""


def test_neither_locale_nor_time_zone_nor_hash_seed_changes_the_plan(folder: Path) -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PLAN_DIGEST, str(folder)],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone, locale in (("1", "UTC", "C"), ("4242", "Pacific/Kiritimati", "C.UTF-8"))
    }
    assert len(digests) == 1


def corpus_communities() -> list[str]:
    """The communities of the shared corpus, where it lies beside the checkout."""
    return [name for name in ("v1-small", "v1-medium") if (CORPUS / name).exists() or packed(name).exists()]


def packed(name: str) -> Path:
    return CORPUS / f"{name}.tar.xz"


def copy_of_corpus(name: str, place: Path) -> Path:
    """A copy of one community of the corpus."""
    if (CORPUS / name).is_dir():
        shutil.copytree(CORPUS / name, place / name)
    else:
        with tarfile.open(packed(name)) as tar:
            # Debian 12's Python knows no filters yet.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(place)
    return place / name


def test_the_corpus_is_repaired_completely(tmp_path: Path) -> None:
    for name in corpus_communities():
        folder = copy_of_corpus(name, tmp_path)
        score = score_repair(folder, repair(folder))
        assert harm(score) == NO_HARM, score.faults
        assert score.recall == 1.0, score.faults
        assert look(folder, folder / "repaired.db")[1].operations == ()


def test_on_the_truth_of_the_corpus_only_missing_paths_are_filled(tmp_path: Path) -> None:
    for name in corpus_communities():
        folder = copy_of_corpus(name, tmp_path)
        assert {finding.code for finding in look(folder, folder / "truth.db")[1].repaired} == {"PA001"}


def test_the_corpus_of_names_is_left_alone_while_healthy_and_repaired_when_damaged(tmp_path: Path) -> None:
    for name in [name for name in ("v2-small",) if (CORPUS / name).exists()]:
        healthy = copy_of_corpus(name, tmp_path)
        inspection = inspect(healthy / "thywill.db", healthy / "text_archives")
        assert make_plan(inspection, merge_duplicates=True).operations == ()
        for seed in range(3):
            folder = tmp_path / f"damaged-{seed}"
            damage_community(healthy, folder, Options(seed=seed, era="v2", renamed=1, twins=2))
            score = score_repair(folder, repair(folder))
            assert harm(score) == NO_HARM, score.faults
            assert score.recall >= 0.985, score.faults
            assert look(folder, folder / "repaired.db")[1].operations == ()


def test_a_user_who_was_renamed_and_then_lost_comes_back_under_the_name_that_all_refers_to(tmp_path: Path) -> None:
    """Where names are keys, the archives know only the old one; nothing that is hers has to move."""
    options = replace(BERLIN, users=30, prayers=80, era="v2", damage="none", weather=False, renamed=3, imitations=0)
    make_community(tmp_path / "made", options)
    ledger = json.loads((tmp_path / "made" / "ledger.json").read_text(encoding="utf-8"))
    assert len(ledger["renamed"]) == 3
    for entry in ledger["renamed"]:
        database = tmp_path / "thywill.db"
        shutil.copyfile(tmp_path / "made" / "truth.db", database)
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("DELETE FROM user WHERE display_name = ?", (entry["new"],))
        (operation,) = make_plan(inspect(database, tmp_path / "made" / "text_archives")).operations
        assert (operation.action, operation.table, operation.key) == ("insert", "user", entry["new"])
