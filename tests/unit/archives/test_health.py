"""The archives' own health: one sound tree, and each thing that can be wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.archives.test_load import ID, LOG, MINUTE, PRAYER, USERS, small, write
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.health import judge_archives
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.times import as_human

OTHER = "1" * 32


def sound() -> dict[str, str]:
    files = {path: content for path, content in small().items() if isinstance(content, str)}
    files[USERS] += render.registration_line(MINUTE, "Anna", "Max")
    files[LOG] += render.log_line(MINUTE + 1, "Anna", f"prayed for prayer {ID}")
    return files


def judged(folder: Path, files: dict[str, str]) -> list[tuple[str, str, str]]:
    findings = judge_archives(load_archive(write(folder, files)))
    return [(one.code, one.key, one.evidence[0]) for one in findings]


def test_a_sound_archive_has_nothing_wrong(tmp_path: Path) -> None:
    assert judged(tmp_path, sound()) == []


def test_what_the_reader_reports_is_part_of_it(tmp_path: Path) -> None:
    files = sound()
    files[USERS] += "hello\n"
    assert judged(tmp_path, files) == [("AR002", f"{USERS}:5", f"{USERS}:5")]


def test_a_doubled_file(tmp_path: Path) -> None:
    files = sound()
    second = PRAYER.replace(".txt", "_2.txt")
    files[second] = files[PRAYER]
    assert judged(tmp_path, files) == [("AR015", second, f"{second}:1")]


@pytest.mark.parametrize(
    ("name", "code"), [("prayers/2025/08/2025_07_06_prayer_at_0905.txt", "AR016"), ("prayers/2025/07/a.txt", "AR024")]
)
def test_a_file_that_lies_elsewhere(tmp_path: Path, name: str, code: str) -> None:
    files = sound()
    files[name] = files.pop(PRAYER)
    ((told, _, place),) = judged(tmp_path, files)
    assert (told, place.partition(":")[0]) == (code, name)


def test_a_file_that_the_log_does_not_know(tmp_path: Path) -> None:
    files = sound()
    name = PRAYER.replace("0905", "0906")
    files[name] = files[PRAYER].replace(ID, OTHER).replace(as_human(MINUTE), as_human(MINUTE + 1), 1)
    assert judged(tmp_path, files) == [("AR016", name, f"{name}:1")]
    before = PRAYER.replace("0905", "0805")  # before the log began
    files[before] = files.pop(name).replace(as_human(MINUTE + 1), as_human(MINUTE - 60), 1)
    assert judged(tmp_path / "early", files) == []


def test_a_lost_file(tmp_path: Path) -> None:
    files = sound()
    files[LOG] += render.log_line(MINUTE + 2, "Max", f"submitted prayer {OTHER}") * 2
    assert judged(tmp_path, files) == [("AR017", OTHER, f"{LOG}:7")]
    name = PRAYER.replace("0905", "0907")
    files[name] = render.prayer_file("temp", "Max", MINUTE + 2, "x", None)
    assert judged(tmp_path, files) == [("AR004", f"{name}:1", f"{name}:1")]


def test_lines_out_of_order(tmp_path: Path) -> None:
    files = sound()
    files[USERS] += render.registration_line(MINUTE - 60, "Bert", None)
    files[PRAYER] += render.activity_line(MINUTE - 60, "Anna", render.PRAYED)
    assert judged(tmp_path, files) == [("AR018", PRAYER, f"{PRAYER}:11"), ("AR018", USERS, f"{USERS}:5")]


def test_people_who_never_joined(tmp_path: Path) -> None:
    files = sound()
    for name in ("Bert", "Unknown User", "None", "a" * 32):
        files[LOG] += render.log_line(MINUTE + 2, name, f"prayed for prayer {ID}")
    assert judged(tmp_path, files) == [("AR019", "Bert", f"{LOG}:7")]


def test_copies_are_not_judged(tmp_path: Path) -> None:
    live, old = write(tmp_path / "live", sound()), sound()
    old[PRAYER] += render.activity_line(MINUTE + 9, "Anna", render.PRAYED)
    archive = load_archive([live, write(tmp_path / "old", old)])
    assert len(archive.prayers) == 2
    assert judge_archives(archive) == ()
