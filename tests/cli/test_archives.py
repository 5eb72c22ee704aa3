"""``archives`` and ``verify-archives`` as commands."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from tests.cli.support import Wish, listing, reconstruct, refused, write_archive

NAMES = ("Anna", "\u0645\u0631\u064a\u0645", "[/red]\x1b[31m")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wishes = [Wish(f"{n}" * 32, name) for n, name in enumerate(NAMES)]
    write_archive(tmp_path / "text_archives", NAMES, wishes)
    return tmp_path


def test_figures(folder: Path) -> None:
    done = reconstruct(folder, "archives", "--stats")
    assert done.code == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == ["activity", "prayer", "registrations", "all"]
    assert "Not understood" not in done.out
    narrow = reconstruct(folder, "archives", settings={"COLUMNS": "60"})
    assert max(map(len, narrow.out.splitlines())) <= 60


def test_lines_that_were_not_understood_are_listed(folder: Path) -> None:
    with (folder / "text_archives/users/2025_06_users.txt").open("a") as file:
        file.write("hello\n")
    assert "users/2025_06_users.txt:6  AR002" in reconstruct(folder, "archives").out
    document = reconstruct(folder, "archives", "--json").json
    assert [line["place"] for line in document["not_understood"]] == ["users/2025_06_users.txt:6"]
    assert {kind["kind"]: kind["files"] for kind in document["kinds"]} == {
        "activity": 1,
        "prayer": 3,
        "registrations": 1,
    }


def test_files_that_were_not_read_are_listed(folder: Path) -> None:
    """Or else the figures would say that all was understood."""
    (folder / "text_archives" / "users" / "2025_07_users.txt").symlink_to("2025_06_users.txt")
    said = " ".join(reconstruct(folder, "archives").out.split())
    assert "Not read, and not in these figures: users/2025_07_users.txt AR006 This is a symbolic link" in said
    (entry,) = reconstruct(folder, "archives", "--json").json["not_read"]
    assert (entry["file"], entry["code"]) == ("users/2025_07_users.txt", "AR006")


def test_an_archive_of_which_nothing_could_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "text_archives" / "users").mkdir(parents=True)
    with (tmp_path / "text_archives" / "users" / "2025_06_users.txt").open("wb") as file:
        file.truncate(1 << 30)
    said = reconstruct(tmp_path, "archives")
    assert said.code == 16
    assert "not one record" in said.err
    assert "1 file was left out, for example users/2025_06_users.txt: The file has 1,073,741,824 bytes" in said.err


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as container:
        container.writestr("users/2025_06_users.txt", "x")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    said = reconstruct(tmp_path, "archives", "--archives", "a.zip")
    assert said.code == 16
    assert "example users/2025_06_users.txt: This member is encrypted." in said.err


def test_sound_archives(folder: Path) -> None:
    before = listing(folder)
    done = reconstruct(folder, "verify-archives")
    assert (done.code, done.out.splitlines()[1:]) == (0, ["Nothing is wrong with them."])
    assert listing(folder) == before


def test_exit_codes_are_those_of_a_check(folder: Path) -> None:
    leftover = folder / "text_archives/users/2025_07_users.txt.tmp"
    leftover.write_text("x")
    assert reconstruct(folder, "verify-archives").code == 1
    next((folder / "text_archives/prayers/2025/06").iterdir()).unlink()
    done = reconstruct(folder, "verify-archives", "--json")
    assert done.code == 2
    assert [finding["code"] for finding in done.json["findings"]] == ["AR011", "AR017"]
    missing = reconstruct(folder, "verify-archives", "--archives", "nowhere")
    assert (missing.code, missing.out) == (3, "")
    assert "could not be checked" in missing.err


def test_a_manifest_is_private_and_tells_what_was_changed(folder: Path) -> None:
    done = reconstruct(folder, "verify-archives", "--write-manifest", "manifest")
    assert done.code == 0
    assert stat.S_IMODE((folder / "manifest").stat().st_mode) == 0o600
    assert reconstruct(folder, "verify-archives", "--manifest", "manifest").code == 0
    users = folder / "text_archives/users/2025_06_users.txt"
    users.write_bytes(users.read_bytes().replace(b"Anna joined", b"Anne joined"))
    changed = reconstruct(folder, "verify-archives", "--manifest", "manifest", "--json")
    assert changed.code == 2
    assert [f["evidence"] for f in changed.json["findings"] if f["code"] == "AR020"] == [
        ["users/2025_06_users.txt:3"]
    ]
    assert changed.json["since_manifest"] == {"unchanged": 4, "grown": 0, "rewritten": 0, "new": 0}


def test_manifests_that_cannot_be_used(folder: Path) -> None:
    (folder / "broken").write_text("hello")
    for words in (["--manifest", "nowhere"], ["--manifest", "broken"], ["--write-manifest", "text_archives/m"]):
        refused(reconstruct(folder, "verify-archives", *words), 64)
    assert not (folder / "text_archives/m").exists()


def test_hostile_names_do_not_reach_the_terminal(folder: Path) -> None:
    (folder / "text_archives/users/2025_06_users.txt").unlink()
    log = folder / "text_archives/activity/activity_2025_06.txt"
    log.write_bytes(b"".join(line for line in log.read_bytes().splitlines(True) if b"registered" not in line))
    done = reconstruct(folder, "verify-archives")
    assert done.code == 1, done.out
    assert "AR019" in done.out
    assert "\x1b" not in done.out
    assert "[/red]\\x1b[31m" in done.out
