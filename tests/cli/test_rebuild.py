"""``rebuild`` through the real command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import Wish, reconstruct, rows, write_archive

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
