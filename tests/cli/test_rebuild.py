"""``rebuild`` through the real command."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.cli.support import Wish, reconstruct, refused, rows, write_archive

KEY = "a" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_archive(tmp_path / "text_archives", ["Anna", "أمل"], [Wish(KEY, "أمل")])
    return tmp_path


@pytest.mark.parametrize("era", ["v1", "v2"])
def test_a_database_is_made_and_a_repair_finds_nothing_to_do(folder: Path, era: str) -> None:
    done = reconstruct(folder, "rebuild", "--into", "thywill.db", "--era", era)
    assert (done.code, done.err) == (0, "")
    assert "What archives cannot give back" in done.out
    assert rows(folder / "thywill.db", 'SELECT display_name FROM "user" ORDER BY 1') == [("Anna",), ("أمل",)]
    assert rows(folder / "thywill.db", "SELECT id FROM prayer") == [(KEY,)]
    assert reconstruct(folder, "--dry-run", "--exit-code").code == 0


def test_json_tells_what_was_made_and_what_was_not(folder: Path) -> None:
    told = reconstruct(folder, "rebuild", "--into", "new.db", "--era", "v2", "--dry-run", "--json").json
    assert (told["made"], told["rows"]["prayer"]) == (False, 1)
    assert not (folder / "new.db").exists()
    told = reconstruct(folder, "rebuild", "--into", "new.db", "--era", "v2", "--json").json
    assert told["made"]
    assert {loss["table"] for loss in told["not_recovered"]} >= {"session", "role", "authapproval"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--era", "v3"], 64),
        (["--era", "v2", "--include", "passwords"], 64),
        (["--era", "v2", "--archives", "nowhere"], 16),
        (["--era", "v2", "--into", "text_archives"], 29),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(folder: Path, words: list[str], code: int) -> None:
    done = reconstruct(folder, "rebuild", "--into", "new.db", *words)
    assert done.code == code, done.err
    assert done.err.count("\n") == 1
    assert not (folder / "new.db").exists()


@pytest.mark.parametrize("most_bytes", [20_000, 150_000])
def test_a_full_disk_leaves_nothing_behind(folder: Path, most_bytes: int) -> None:
    """Full while the tables are made, and while the rows are written."""
    before = sorted(path.name for path in folder.iterdir())
    crowd = [f"Person {n:04} {'x' * 60}" for n in range(1500)]
    write_archive(folder / "text_archives", crowd, [Wish(KEY, crowd[0])])

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    done = reconstruct(folder, "rebuild", "--into", "new.db", "--era", "v1", "--json", preexec=small)
    # Whoever measures coverage in this process has no room for it either, and says so behind our own line.
    assert (done.code, done.out) == (15, ""), done.err
    assert done.err.startswith("reconstruct: new.db could not be written")
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_registration_line_that_only_rows_make_clear(folder: Path) -> None:
    """The line of the third one reads as Ann's, too, until all three have rows."""
    names = ["Bob", "Ann", "Ann joined on invitation from Bob"]
    write_archive(folder / "text_archives", names, [Wish(KEY, names[2])])
    done = reconstruct(folder, "rebuild", "--into", "new.db", "--era", "v1")
    assert done.code == 0, done.err
    assert rows(folder / "new.db", 'SELECT count(*) FROM "user" WHERE text_file_path IS NOT NULL') == [(3,)]


def test_a_backup_of_another_community_is_refused(folder: Path) -> None:
    for name, first in (("text_archives", 0), ("backup", 100)):
        write_archive(folder / name, ["Anna"], [Wish(f"{n:032x}", "Anna") for n in range(first, first + 8)])
    words = ["rebuild", "--into", "new.db", "--era", "v2", "--archives", "text_archives", "--archives", "backup"]
    refused(reconstruct(folder, *words), 18, "backup", "different communities")
    assert reconstruct(folder, *words, "--force").code == 0


def test_a_testimony_that_may_go_on_is_named(folder: Path) -> None:
    """A line that typed text could imitate gives no mark; that the testimony may hold it must not go unsaid."""
    (file,) = (folder / "text_archives" / "prayers").glob("*/*/*.txt")
    with file.open("a", encoding="utf-8") as lines:
        lines.write(
            "June 11 2025 at 09:00 - Anna added testimony: Thanks\nJune 11 2025 at 09:01 - أمل prayed this prayer\n"
        )
    told = reconstruct(folder, "rebuild", "--into", "new.db", "--era", "v2", "--json").json
    assert "prayermark" not in told["rows"]
    assert "AR010" in {doubt["code"] for doubt in told["doubts"]}


def test_a_prayer_whose_text_may_end_elsewhere_is_made_and_named(folder: Path) -> None:
    """Its id, author and time stand in the header: only where the text ends is open (trap T1)."""
    typed = "Please pray.\n\nGenerated Prayer:\nfor rain\n\nGenerated Prayer:\nfor sun"
    write_archive(folder / "text_archives", ["Anna", "أمل"], [Wish(KEY, "أمل", typed)])
    done = reconstruct(folder, "rebuild", "--into", "new.db", "--era", "v1")
    assert done.code == 0, done.err
    assert f"{KEY}  prayers/2025/06/2025_06_10_prayer_at_0900.txt" in done.out
    assert rows(folder / "new.db", "SELECT id, text, generated_prayer FROM prayer") == [
        (KEY, "Please pray.", "for rain\n\nGenerated Prayer:\nfor sun")
    ]
    told = reconstruct(folder, "rebuild", "--into", "other.db", "--era", "v2", "--dry-run", "--json").json
    assert told["divided_by_rule"] == [
        {"prayer": KEY, "file": "prayers/2025/06/2025_06_10_prayer_at_0900.txt", "readings": 3}
    ]
