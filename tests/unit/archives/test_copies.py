"""Copies of single files that people and tools leave in the live folder: what repeats counts once, what is new is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.archives.test_load import ID, LOG, MINUTE, PRAYER, USERS, codes, small, write
from tests.unit.archives.test_unite import text
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.archives.registry import find_format
from thywill_reconstruct.records import is_copy

COPIES = [
    (LOG, "activity/activity_2025_07 - Copy.txt"),
    (LOG, "activity/activity_2025_07 (1).txt"),
    (LOG, "activity/activity_2025_07 2.txt"),
    (LOG, "activity/activity_2025_07_old.txt"),
    (LOG, "activity/activity_2025_07.txt~"),
    (LOG, "activity/activity_2025_07.txt.bak"),
    (LOG, "activity/Kopie von activity_2025_07.txt"),
    (LOG, "activity/activity_2025_07 (Anna's conflicted copy 2025-08-01).txt"),
    (LOG, "activity/activity_2025_07.sync-conflict-20250801-101112-ABCDEFG.txt"),
    (LOG, "activity/old/activity_2025_07.txt"),
    (LOG, "backup/text_archives/activity/activity_2025_07.txt"),
    (LOG, "activity_2025_07.txt"),
    (USERS, "users/Copy of 2025_07_users.txt"),
    (USERS, "users/2025_07_users (1).txt"),
    (PRAYER, "prayers/2025/07/2025_07_06_prayer_at_0905 (1).txt"),
    (PRAYER, "prayers/2025/07/2025_07_06_prayer_at_0905_old.txt"),
    (PRAYER, "prayers/2025/07/copies/2025_07_06_prayer_at_0905.txt"),
]


@pytest.mark.parametrize(("live", "copy"), COPIES)
def test_a_copy_adds_nothing_and_is_named(tmp_path: Path, live: str, copy: str) -> None:
    files = small()
    alone = load_archive(write(tmp_path / "alone", files))
    files[copy] = files[live]
    both = load_archive(write(tmp_path / "both", files))
    assert (both.prayers, both.registrations, both.log) == (alone.prayers, alone.registrations, alone.log)
    assert codes(both) == [("AR023", copy)]
    assert both.problems[0].detail == f"It is a copy of {live}. It adds nothing."
    assert is_copy(copy)
    assert not is_copy(live)


def test_two_copies_of_one_file_add_what_is_new_once(tmp_path: Path) -> None:
    files = small()
    new = text(files, LOG) + render.log_line(MINUTE + 5, "Anna", f"prayed for prayer {ID}")
    for name in ("activity/activity_2025_07 (1).txt", "activity/activity_2025_07 (2).txt"):
        files[name] = new
    archive = load_archive(write(tmp_path, files))
    assert [(entry.file, entry.line) for entry in archive.log if entry.kind == "prayed"] == [
        ("activity/activity_2025_07 (1).txt", 6)
    ]
    assert [code for code, _ in codes(archive)] == ["AR024", "AR023"]
    assert archive.problems[0].detail.endswith("It tells what no live file does: line 6.")


@pytest.mark.parametrize("live", [LOG, USERS, PRAYER])
def test_a_copy_takes_the_place_of_a_live_file_that_is_lost(tmp_path: Path, live: str) -> None:
    files = small()
    alone = load_archive(write(tmp_path / "alone", files))
    copy = live.replace(".txt", " - Copy.txt")
    files[copy] = files.pop(live)
    left = load_archive(write(tmp_path / "left", files))
    counts = [len(records) for records in (left.prayers, left.registrations, left.log)]
    assert counts == [len(records) for records in (alone.prayers, alone.registrations, alone.log)]
    assert codes(left) == [("AR025", copy)]


def test_what_macos_leaves_beside_a_file_is_no_archive_file(tmp_path: Path) -> None:
    files = small()
    files["activity/._activity_2025_07.txt"] = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(64)
    archive = load_archive(write(tmp_path, files))
    assert archive.problems == ()
    assert len(archive.log) == 1


def test_only_what_an_interrupted_write_left_is_no_copy() -> None:
    assert find_format("users/2025_07_users.txt.tmp") is None
    assert find_format("users/2025_07_users.txt.zip") is None
