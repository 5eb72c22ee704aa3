"""Copies, doubled lines and strangers' files in the folder: nothing comes of them, and a run says what it left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.support import Wish, reconstruct, refused, rows, write_archive, write_database
from thywill_reconstruct.archives.render import registration_line, users_header
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.times import human_minute

OURS = [Wish(f"{n:032x}", "Ada" if n % 2 else "Ben") for n in range(8)]
THEIRS = [Wish(f"{n:032x}", "Ada" if n % 2 else "Zoe") for n in range(100, 106)]
MOVED = "July 10 2025"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A healthy community of two people and eight prayers."""
    write_archive(tmp_path / "text_archives", ["Ada", "Ben"], OURS)
    write_database(
        tmp_path / "thywill.db", ["Ada", "Ben"], [(wish, "u0" if wish.author == "Ada" else "u1") for wish in OURS]
    )
    assert reconstruct(tmp_path, "--execute", "--yes", "--only", "paths").code == 0
    return tmp_path


def content(here: Path) -> str:
    return read_database(here / "thywill.db", 5.0).fingerprint


def strangers(here: Path) -> Path:
    """Prayers of others, a month later, beside ours."""
    write_archive(here / "theirs", ["Zoe", "Ada"], THEIRS)
    folder = here / "text_archives/prayers/2025/07"
    folder.mkdir()
    for file in (here / "theirs/prayers/2025/06").iterdir():
        text = file.read_text(encoding="utf-8").replace("June 10 2025", MOVED)
        text = text.replace(
            "Activity:\n",
            f"Activity:\n{MOVED} at 12:00 - Yan prayed this prayer\n{MOVED} at 12:01 - Zoe prayed this prayer\n",
        )
        (folder / file.name.replace("_06_", "_07_")).write_text(text, encoding="utf-8")
    return folder


def test_prayers_of_strangers_are_named_and_left_out(here: Path) -> None:
    strangers(here)
    before = content(here)
    shown = reconstruct(here, "--dry-run")
    assert shown.code == 0, shown.err
    assert "another community" in " ".join(shown.out.split())
    assert reconstruct(here, "--execute", "--yes").code == 0
    assert content(here) == before


def test_what_was_left_out_is_taken_in_by_force(here: Path) -> None:
    strangers(here)
    done = reconstruct(here, "--dry-run", "--json", "--force")
    assert {finding["code"] for finding in done.json["findings"]}.isdisjoint({"AR028"})
    assert any(finding["code"] == "PR003" for finding in done.json["findings"])


def test_a_copied_log_and_a_doubled_one_change_nothing(here: Path) -> None:
    log = here / "text_archives/activity/activity_2025_06.txt"
    shutil.copy(log, log.with_name("activity_2025_06 - Copy.txt"))
    log.write_text(log.read_text(encoding="utf-8") * 2, encoding="utf-8")
    before = content(here)
    done = reconstruct(here, "--dry-run", "--json")
    assert {"AR023", "AR026"} <= {finding["code"] for finding in done.json["findings"]}
    assert reconstruct(here, "--execute", "--yes").code == 0
    assert content(here) == before


def test_no_row_is_pointed_at_a_copy(here: Path) -> None:
    (file, *_) = sorted((here / "text_archives/prayers/2025/06").iterdir())
    file.rename(file.with_name(f"{file.stem} (1).txt"))
    assert reconstruct(here, "--execute", "--yes").code == 0
    assert not rows(here / "thywill.db", "SELECT 1 FROM prayer WHERE text_file_path LIKE '%(1)%'")


def test_many_people_at_once_need_a_word(here: Path) -> None:
    """Thirty people of whom nothing but their registration is known, beside two: even by force they do not come in."""
    at = human_minute("July 01 2025", "08:00") or 0
    lines = "".join(registration_line(at + n, f"Person {n}", "Ada") for n in range(30))
    (here / "text_archives/users/2025_07_users.txt").write_text(users_header(2025, 7) + lines, encoding="utf-8")
    before = content(here)
    assert reconstruct(here, "--execute", "--yes").code == 0
    assert content(here) == before, "they are left out as another community's"
    shown = " ".join(reconstruct(here, "--dry-run", "--force").out.split())
    assert "It will be refused unless --allow-large is added" in shown
    assert "creates people of whom only a registration line tells, as many as 1500.0 % of the rows (30 of 2)" in shown
    done = reconstruct(here, "--execute", "--yes", "--force", "--json")
    refused(done, 19, "--allow-large")
    assert content(here) == before
    assert reconstruct(here, "--execute", "--yes", "--force", "--allow-large").code == 0
    assert rows(here / "thywill.db", "SELECT count(*) FROM user") == [(32,)]
