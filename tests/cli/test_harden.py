"""`reconstruct harden`, as it is run: what it says, what it returns, and that a dry run changes nothing."""

from __future__ import annotations

from pathlib import Path

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests.cli.support import held, listing, reconstruct, rows, write


def points(folder: Path, *, damaged: bool = False) -> Path:
    path = folder / "points.db"
    make(FIXTURES["points"], f"sqlite:///{path}", damaged=damaged)
    write(path, "DROP INDEX idx_goals_week_end")
    return path


def test_a_dry_run_shows_the_proof_and_changes_nothing(tmp_path: Path) -> None:
    points(tmp_path)
    before = listing(tmp_path)
    for extra in ([], ["--dry-run"], ["--json"], ["--format", "sql"], ["--format", "alembic"]):
        done = reconstruct(tmp_path, "harden", "--pack", "points", "--db", "points.db", *extra)
        assert done.code == 0, done.err
        assert "idx_goals_week_end" in done.out
    assert listing(tmp_path) == before
    said = reconstruct(tmp_path, "harden", "--pack", "points", "--db", "points.db").out
    assert "SEARCH goals USING INDEX idx_goals_week_end" in said
    assert "SCAN goals" in said


def test_an_execution_adds_and_the_next_finds_nothing(tmp_path: Path) -> None:
    path = points(tmp_path)
    words = ("harden", "--pack", "points", "--db", "points.db", "--execute", "--yes", "--json")
    first = reconstruct(tmp_path, *words)
    assert (first.code, first.json["added"]) == (0, ["idx_goals_week_end"])
    second = reconstruct(tmp_path, *words)
    assert (second.code, second.json["added"], second.json["runs"]) == (0, [], [])
    assert rows(path, "SELECT 1 FROM sqlite_master WHERE name = 'idx_goals_week_end'") == [(1,)]
    undone = reconstruct(tmp_path, "undo", first.json["runs"][0], "--db", "points.db", "--yes")
    assert undone.code == 0, undone.err
    assert rows(path, "SELECT 1 FROM sqlite_master WHERE name = 'idx_goals_week_end'") == []


def test_nothing_happens_without_a_yes(tmp_path: Path) -> None:
    points(tmp_path)
    before = listing(tmp_path)
    done = reconstruct(tmp_path, "harden", "--pack", "points", "--db", "points.db", "--execute")
    assert done.code == 24
    assert listing(tmp_path) == before


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    points(tmp_path)
    for extra, said in (
        (["--only", "idx_gaols"], "idx_gaols"),
        (["--format", "yaml"], "yaml"),
        (["--execute", "--dry-run"], "contradict"),
        (["--execute", "--format", "sql"], "contradict"),
        (["--pack", "none.toml"], "none.toml"),
    ):
        done = reconstruct(tmp_path, "harden", "--pack", "points", "--db", "points.db", *extra)
        assert done.code == 64
        assert said in done.err


def test_only_what_is_named_is_added(tmp_path: Path) -> None:
    path = points(tmp_path)
    write(path, "DROP INDEX idx_diary_entry_rating")
    words = ("--pack", "points", "--db", "points.db", "--only", "diary_entry", "--execute", "--yes", "--json")
    assert reconstruct(tmp_path, "harden", *words).json["added"] == ["idx_diary_entry_rating"]


def test_files_that_are_no_databases(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("a shopping list, long enough to be looked at as a database file\n" * 20)
    for name, code in (("missing.db", 10), ("text.db", 11)):
        assert reconstruct(tmp_path, "harden", "--pack", "points", "--db", name).code == code
    done = reconstruct(tmp_path, "harden", "--pack", "points", "--db", "empty.db")
    assert "Traceback" not in done.err
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_a_left_out_promise_shows_in_the_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "organizer.db"
    make(FIXTURES["organizer"], f"sqlite:///{path}", damaged=True)
    done = reconstruct(tmp_path, "harden", "--pack", "organizer", "--db", "organizer.db", "--execute", "--yes")
    assert done.code == 1
    assert "2 rows violate it" in done.out
    assert "reconstruct undo" in done.out


def test_a_locked_database_stays_as_it_was(tmp_path: Path) -> None:
    path = points(tmp_path)
    words = ("harden", "--pack", "points", "--db", "points.db", "--execute", "--yes", "--timeout", "1")
    with held(path, "BEGIN IMMEDIATE"):
        done = reconstruct(tmp_path, *words)
    assert done.code == 13
    assert rows(path, "SELECT 1 FROM sqlite_master WHERE name = 'idx_goals_week_end'") == []


def test_undo_of_an_older_repair_says_that_triggers_are_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "budget.db"
    make(FIXTURES["budget"], f"sqlite:///{path}", damaged=False)
    write(path, "UPDATE goals SET progress = 200 WHERE title = 'Goal 3'")
    common = ("--pack", "budget", "--db", "budget.db", "--execute", "--yes", "--json")
    repair = reconstruct(tmp_path, "repair", "budget-goal-progress", *common).json["repairs"][0]["run"]
    harden = reconstruct(tmp_path, "harden", *common).json["runs"][0]
    undone = reconstruct(tmp_path, "undo", repair, "--db", "budget.db", "--yes")
    assert undone.code == 21
    assert "reconstruct harden" in undone.err
    for run in (harden, repair):
        assert reconstruct(tmp_path, "undo", run, "--db", "budget.db", "--yes").code == 0
    assert rows(path, "SELECT progress FROM goals WHERE title = 'Goal 3'") == [(200,)]
