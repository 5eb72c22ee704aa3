"""runs, undo and restore as an operator meets them."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.support import COMMAND, environment, interrupted, listing, reconstruct, refused, rows, write
from tests.cli.test_dry_run import valid
from tests.faults.support import digests


@pytest.fixture
def repaired(community: Path) -> Path:
    """A community after a repair; ``original.db`` is what it was."""
    (community / "original.db").write_bytes((community / "thywill.db").read_bytes())
    assert reconstruct(community, "--execute", "--yes", "--quiet", "--merge-duplicates").code == 0
    return community


def run_names(community: Path) -> list[str]:
    return sorted(path.parent.name for path in community.glob(".reconstruct/*/receipt.json"))


def test_nothing_was_ever_run(community: Path) -> None:
    before = listing(community)
    assert reconstruct(community, "runs").out == "No runs yet: nothing was ever executed on thywill.db.\n"
    assert valid(reconstruct(community, "runs", "--json"), "runs")["runs"] == []
    refused(reconstruct(community, "undo", "--yes"), 31, "there is no run to undo")
    refused(reconstruct(community, "restore", "last"), 31, "no runs yet")
    refused(reconstruct(community, "runs", "show", "x"), 31)
    assert listing(community) == before


def test_a_database_that_was_renamed_is_told_where_its_runs_are(repaired: Path) -> None:
    (repaired / "thywill.db").rename(repaired / "other.db")
    assert "holds runs of thywill.db" in " ".join(reconstruct(repaired, "runs", "--db", "other.db").out.split())


def test_undo_redo_and_the_list_of_runs(repaired: Path) -> None:
    original, after = digests(repaired / "original.db"), digests(repaired / "thywill.db")
    (name,) = run_names(repaired)
    preview = reconstruct(repaired, "undo", "--dry-run")
    assert preview.code == 0
    assert f"reconstruct undo {name}" in preview.out
    assert digests(repaired / "thywill.db") == after

    done = valid(reconstruct(repaired, "undo", "--yes", "--json"), "undo")
    assert digests(repaired / "thywill.db") == original
    assert (done["pending"], done["refused"], done["receipt"]["of"]) == (len(done["operations"]), [], name)
    again = reconstruct(repaired, "undo", "--yes")
    assert again.code == 0
    assert "this run is undone already" in again.out
    assert again.out.rstrip().endswith(f"reconstruct undo {done['receipt']['run']}")

    assert reconstruct(repaired, "undo", done["receipt"]["run"], "--yes").code == 0
    assert digests(repaired / "thywill.db") == after
    listed = valid(reconstruct(repaired, "runs", "--json"), "runs")["runs"]
    assert [(run["kind"], run["status"]) for run in listed] == [("undo", "committed")] * 2 + [("repair", "committed")]
    shown = reconstruct(repaired, "runs").out
    assert shown.count("undo of") == 2
    assert "added" in shown
    assert "changed" in shown
    assert len(valid(reconstruct(repaired, "runs", "show", name, "--json"), "run")["operations"]) == done["pending"]
    assert reconstruct(repaired, "runs", "show", "last").out.count("\n") > done["pending"]


def test_changed_rows_are_refused_listed_and_skipped_when_asked(repaired: Path) -> None:
    database = repaired / "thywill.db"
    changed = valid(reconstruct(repaired, "undo", "--dry-run", "--json"), "undo")["operations"]
    key = next(each["key"] for each in changed if each["table"] == "prayer" and each["action"] == "update")
    author = rows(database, "SELECT id FROM user LIMIT 1")[0][0]
    write(database, ("UPDATE prayer SET author_id = ?, text_file_path = 'moved' WHERE id = ?", (author, key)))
    before = digests(database)
    done = reconstruct(repaired, "undo", "--yes")
    assert done.code == 30
    assert f"1 row cannot be taken back (prayer {key}: it was changed since)" in done.err
    assert "--skip-changed" in done.err
    assert digests(database) == before
    preview = reconstruct(repaired, "undo", "--dry-run")
    assert "Cannot be taken back: 1 row" in preview.out
    assert "--skip-changed" in preview.out
    result = valid(reconstruct(repaired, "undo", "--yes", "--json", "--skip-changed"), "undo")
    assert [each["key"] for each in result["refused"]] == [key]
    assert result["pending"] == len(changed) - 1
    original = digests(repaired / "original.db")
    assert {table for table, digest in digests(database).items() if digest != original[table]} == {"prayer"}


def test_a_part_of_a_run(repaired: Path) -> None:
    result = valid(reconstruct(repaired, "undo", "--yes", "--json", "--only", "attributes,log"), "undo")
    assert {each["table"] for each in result["operations"]} == {"prayer_attributes", "prayer_activity_log"}
    assert result["left_out"] > 0
    nobody = reconstruct(repaired, "undo", "--dry-run", "--only", "nonsense")
    assert nobody.code == 64
    rest = valid(reconstruct(repaired, "undo", "--yes", "--json"), "undo")
    assert rest["already_undone"] == result["pending"]
    assert digests(repaired / "thywill.db") == digests(repaired / "original.db")


def test_restoring_says_what_would_be_lost_and_asks(repaired: Path) -> None:
    database = repaired / "thywill.db"
    (name,) = run_names(repaired)
    before = listing(repaired)
    preview = reconstruct(repaired, "restore", name, "--dry-run")
    assert preview.code == 0
    assert "Would be lost" in preview.out
    lost = valid(reconstruct(repaired, "restore", name, "--dry-run", "--json"), "restore")["tables"]
    assert lost["prayer"]["lost"] > 0
    assert reconstruct(repaired, "restore", name).code == 24
    assert listing(repaired) == before
    done = valid(reconstruct(repaired, "restore", name, "--yes", "--json"), "restore")
    assert done["receipt"]["kind"] == "restore"
    assert digests(database) == digests(repaired / "original.db")
    database.write_bytes(b"")
    done = valid(reconstruct(repaired, "restore", name, "--yes", "--json"), "restore")
    assert done["problem"]
    assert digests(database) == digests(repaired / "original.db")
    database.write_bytes(b"no database")
    words = reconstruct(repaired, "restore", name, "--yes")
    assert words.code == 0
    kept = next(line.split(maxsplit=1)[1] for line in words.out.splitlines() if line.startswith("Damaged"))
    assert Path(kept).read_bytes() == b"no database"
    assert "To go back once more" not in words.out  # there was nothing that a backup could have been made of


def test_old_backups_are_removed_when_asked(repaired: Path) -> None:
    (first,) = run_names(repaired)
    assert reconstruct(repaired, "undo", "--yes").code == 0
    assert reconstruct(repaired, "runs", "prune", "--keep", "1").code == 24
    assert "would be removed" in reconstruct(repaired, "runs", "prune", "--keep", "1", "--dry-run").err
    assert (repaired / ".reconstruct" / first / "backup.db").exists()
    assert reconstruct(repaired, "runs", "prune", "--keep", "1", "--yes").code == 0
    assert not (repaired / ".reconstruct" / first / "backup.db").exists()
    assert reconstruct(repaired, "restore", first, "--yes").code == 31
    assert "no old backups" in reconstruct(repaired, "runs", "prune", "--keep", "1", "--yes").err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["undo", "restore"])
def test_a_signal_rolls_back(repaired: Path, command: str, number: signal.Signals) -> None:
    before = digests(repaired / "thywill.db")
    (name,) = run_names(repaired)
    words = [command, name, "--yes", "--quiet"]
    code, said = interrupted(
        repaired, words, number, lambda: len(list(repaired.glob(".reconstruct/*/operations.jsonl"))) >= 2
    )
    assert "Traceback" not in said
    last = reconstruct(repaired, "runs", "--json").json["runs"][0]
    if code:  # else it was quicker than the signal
        assert code == 130, said
        assert said == "reconstruct: interrupted. The database is as it was.\n"
        assert digests(repaired / "thywill.db") == before
        assert last["kind"] == "repair" or last["status"] == "rolled back"
    else:
        assert last["status"] == "committed"


@pytest.mark.parametrize("words", ["undo --yes", "restore last --yes", "runs", "runs show last", "undo --dry-run"])
@pytest.mark.parametrize("ending", ["| true", ">&-", "> /dev/full"])
def test_nobody_reads_the_output(repaired: Path, words: str, ending: str) -> None:
    database = repaired / "thywill.db"
    original, after = digests(repaired / "original.db"), digests(database)
    line = f"{' '.join(COMMAND)} {words} {ending}"
    done = subprocess.run(line, shell=True, cwd=repaired, env=environment(), capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    assert b"mistake in the tool" not in done.stderr
    found = digests(database)
    assert found in (original, after)
    listed = reconstruct(repaired, "runs", "--json").json["runs"]
    assert (found == original) == (listed[0]["kind"] != "repair" and listed[0]["status"] == "committed")


def test_a_run_that_was_cut_off_is_spoken_of_until_the_next_execution(
    repaired: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A receipt as a kill leaves it."""
    (receipt,) = repaired.glob(".reconstruct/*/receipt.json")
    receipt.write_text(receipt.read_text().replace('"committed"', '"started"'))
    before = listing(repaired)
    plan = tmp_path_factory.mktemp("plan") / "plan.json"
    reconstruct(repaired, "plan", "-o", str(plan))
    for words in (
        ["--dry-run"],
        ["--dry-run", "--json"],
        ["plan", "-o", "-"],
        ["apply", str(plan), "--dry-run"],
        ["harden", "--dry-run"],
        ["runs"],
        ["undo", "--dry-run"],
        ["restore", "last", "--dry-run"],
    ):
        done = reconstruct(repaired, *words)
        assert done.code == 0
        assert "was cut off: all of its changes are in the database." in done.err, words
    assert listing(repaired) == before
    with closing(sqlite3.connect(repaired / "thywill.db")) as connection:
        (repaired / "original.db").replace(repaired / "thywill.db")
        assert connection is not None
    done = reconstruct(repaired, "--dry-run")
    assert "was cut off: none of its changes are in the database." in done.err
    assert reconstruct(repaired, "--execute", "--yes").code == 0
    assert reconstruct(repaired, "runs").err == ""
