"""``heal`` through the real command."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.community import Options, make_community
from tests.cli.support import listing, reconstruct, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A database without archives."""
    make_community(tmp_path / "made", Options(users=8, prayers=6, months=1, era="v2", damage="none", weather=False))
    (tmp_path / "work").mkdir()
    (tmp_path / "made" / "truth.db").rename(tmp_path / "work" / "thywill.db")
    return tmp_path / "work"


def test_what_is_missing_is_shown_written_and_then_nothing_is(folder: Path) -> None:
    before = listing(folder)
    preview = reconstruct(folder, "heal", "--dry-run")
    assert (preview.code, preview.err) == (0, "")
    assert "6  prayers" in preview.out
    assert listing(folder) == before
    done = reconstruct(folder, "heal", "--execute", "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["written"]
    assert len(list((folder / "text_archives" / "prayers").glob("*/*/*.txt"))) == 6
    assert reconstruct(folder, "heal", "--dry-run", "--json").json["created"] == []
    made = reconstruct(folder, "rebuild", "--into", "again.db", "--era", "v2")
    assert made.code == 0, made.err
    assert rows(folder / "again.db", "SELECT id, author_username, text FROM prayer ORDER BY id") == rows(
        folder / "thywill.db", "SELECT id, author_username, replace(text, char(13), '') FROM prayer ORDER BY id"
    )


def test_nobody_at_the_terminal_means_no(folder: Path) -> None:
    before = listing(folder)
    done = reconstruct(folder, "heal", "--execute")
    assert done.code == 24
    assert listing(folder) == before


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--dry-run", "--execute"], 64), (["--archives", "a", "--archives", "b"], 64), (["--archives", "thywill.db"], 64),
     (["--db", "nowhere.db"], 10)],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_line(folder: Path, words: list[str], code: int) -> None:
    done = reconstruct(folder, "heal", *words)
    assert done.code == code, done.err
    assert done.err.count("\n") == 1
