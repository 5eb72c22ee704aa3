"""What the operator hears when the archives cannot be used, and what does not disturb a run."""

from __future__ import annotations

import os
import shutil
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.support import Wish, listing, reconstruct, refused, write_archive

ARCHIVES = "text_archives"


def nothing(folder: Path) -> None:
    shutil.rmtree(folder / ARCHIVES)


def empty_folder(folder: Path) -> None:
    nothing(folder)
    (folder / ARCHIVES).mkdir()


def empty_folders(folder: Path) -> None:
    empty_folder(folder)
    for name in ("prayers", "users", "activity"):
        (folder / ARCHIVES / name).mkdir()


def files_without_records(folder: Path) -> None:
    empty_folders(folder)
    (folder / ARCHIVES / "prayers" / "notes.txt").write_text("We meet on Sunday.\n")
    (folder / ARCHIVES / "users" / "2025_06_users.txt").write_text("User Registrations for June 2025\n\n")


def a_pipe(folder: Path) -> None:
    nothing(folder)
    os.mkfifo(folder / ARCHIVES)


def a_broken_zip(folder: Path) -> None:
    nothing(folder)
    with zipfile.ZipFile(folder / ARCHIVES, "w") as container:
        container.writestr("prayers/2025/06/2025_06_10_prayer_at_0900.txt", "Prayer 1 by Max\n" * 100)
    content = (folder / ARCHIVES).read_bytes()
    (folder / ARCHIVES).write_bytes(content[: len(content) // 2])


def a_zip_without_archives(folder: Path) -> None:
    nothing(folder)
    with zipfile.ZipFile(folder / ARCHIVES, "w") as container:
        container.writestr("letters/to_max.txt", "Dear Max\n")


def two_archives(folder: Path) -> None:
    shutil.move(folder / ARCHIVES, folder / "moved")
    for name in ("old", "new"):
        shutil.copytree(folder / "moved" / "users", folder / ARCHIVES / name / "users")


@pytest.mark.parametrize("mode", ["--dry-run", "--execute"])
@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (nothing, 16, ("text_archives", "--archives")),
        (empty_folder, 16, ("no archive", "--archives")),
        (empty_folders, 16, ("not one record", "--archives")),
        (files_without_records, 16, ("not one record", "--archives")),
        (a_pipe, 17, ("neither a folder nor a ZIP",)),
        (a_broken_zip, 17, ("not a readable ZIP",)),
        (a_zip_without_archives, 16, ("no archive",)),
        (two_archives, 16, ("several archives", "new", "old")),
    ],
)
def test_archives_that_cannot_be_used(
    community: Path, damage: Callable[[Path], None], code: int, words: tuple[str, ...], mode: str
) -> None:
    damage(community)
    before = listing(community)
    refused(reconstruct(community, mode, *(["--yes"] if mode == "--execute" else [])), code, *words)
    if mode == "--dry-run":
        refused(reconstruct(community, "tree"), code, *words)
    assert listing(community) == before


def test_archives_of_another_community(community: Path) -> None:
    nothing(community)
    write_archive(community / ARCHIVES, ["Ada", "Ben"], [Wish(f"{n:032x}", "Ada") for n in range(8)])
    before = listing(community)
    for words in (["--dry-run"], ["--execute", "--yes"], ["explain", "Ada"], ["fix-paths", "--dry-run"]):
        refused(reconstruct(community, *words), 18, "different communities", "8", "--force")
    done = reconstruct(community, "--dry-run", "--force")
    assert done.code == 0, done.err
    assert "--force" in done.out.split("To carry this out")[1]
    assert reconstruct(community, "explain", "Ada", "--force").code == 0
    assert listing(community) == before


def the_same_plan(community: Path, done_before: list[object]) -> tuple[bool, set[str]]:
    """Whether the plan is still the one it was, and which entries are named as unusable."""
    done = reconstruct(community, "--dry-run", "--json")
    assert done.code == 0, done.err
    unusable = {f["key"].rpartition(":")[0] for f in done.json["findings"] if f["code"] == "AR006"}
    return done.json["operations"] == done_before, unusable


def test_entries_that_are_no_plain_files(community: Path) -> None:
    """A link out of the archives, a pipe that never ends, a socket, and a file as large as a disk."""
    operations = reconstruct(community, "--dry-run", "--json").json["operations"]
    month = community / ARCHIVES / "prayers" / "2025" / "03"
    forged = (month / "2025_03_05_prayer_at_2104.txt").read_text().replace(" by Ilse", " by Mallory")
    (community / "outside").mkdir()
    (community / "outside" / "2025_03_01_prayer_at_0900.txt").write_text(forged)
    (month / "2025_03_01_prayer_at_0900.txt").symlink_to(community / "outside" / "2025_03_01_prayer_at_0900.txt")
    (month.parent / "02").symlink_to(community / "outside")
    (month / "2025_03_01_prayer_at_0901.txt").symlink_to("2025_03_01_prayer_at_0901.txt")
    os.mkfifo(month / "2025_03_01_prayer_at_0902.txt")
    with (month / "2025_03_01_prayer_at_0903.txt").open("wb") as file:
        file.truncate(1_000_000_000)
    here = os.getcwd()
    try:
        os.chdir(month)  # the name of a socket may not be long
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("2025_03_01_prayer_at_0904.txt")
    finally:
        os.chdir(here)
    before = listing(community)
    same, unusable = the_same_plan(community, operations)
    assert same
    expected = {f"prayers/2025/03/2025_03_01_prayer_at_090{n}.txt" for n in range(5)} | {"prayers/2025/02"}
    assert unusable == expected
    assert listing(community) == before
    assert "Mallory" not in reconstruct(community, "tree").out


def test_a_zip_that_wants_out(community: Path) -> None:
    operations = reconstruct(community, "--dry-run", "--json").json["operations"]
    path = community / "archives.zip"
    with zipfile.ZipFile(path, "w") as container:
        for file in sorted((community / ARCHIVES).rglob("*")):
            if file.is_file():
                container.write(file, file.relative_to(community / ARCHIVES))
        for name in ("../../evil.txt", "/tmp/evil.txt", "prayers/../../evil.txt", "C:/evil.txt"):
            container.writestr(name, "Prayer 1 by Mallory\n")
        bomb = zipfile.ZipInfo("prayers/2025/03/2025_03_01_prayer_at_0900.txt")
        bomb.compress_type = zipfile.ZIP_DEFLATED
        container.writestr(bomb, b"\0" * 20_000_000)
    before = listing(community)
    done = reconstruct(community, "--dry-run", "--json", "--archives", path)
    assert done.code == 0, done.err
    assert done.json["operations"] == operations
    unusable = [f["key"] for f in done.json["findings"] if f["code"] == "AR006"]
    assert sum("evil.txt" in key for key in unusable) == 4
    assert any("prayer_at_0900" in key for key in unusable)
    assert listing(community) == before
    assert list(community.parent.rglob("evil.txt")) == []
