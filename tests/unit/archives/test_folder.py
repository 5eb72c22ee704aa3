from __future__ import annotations

import os
from pathlib import Path

import pytest

from thywill_reconstruct.archives.folder import open_folder
from thywill_reconstruct.archives.source import LARGEST_FILE
from thywill_reconstruct.errors import ArchivesMissingError


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = tmp_path / "text_archives"
    (root / "prayers" / "2025" / "07").mkdir(parents=True)
    (root / "users").mkdir()
    (root / "users" / "2025_07_users.txt").write_bytes(b"x\n")
    return root


def listing(path: Path) -> tuple[list[str], list[tuple[str, str]]]:
    with open_folder(str(path)) as source:
        return list(source.paths), [(problem.code, problem.span.file) for problem in source.problems]


def test_files_are_sorted_and_relative(archive: Path) -> None:
    (archive / "prayers" / "2025" / "07" / "b.txt").touch()
    (archive / "prayers" / "2025" / "07" / "a.txt").touch()
    assert listing(archive)[0] == ["prayers/2025/07/a.txt", "prayers/2025/07/b.txt", "users/2025_07_users.txt"]


def test_a_wrapped_archive_is_found(archive: Path) -> None:
    for start in (archive, archive.parent, archive.parent.parent):
        if start == archive.parent.parent:
            continue
        with open_folder(str(start)) as source:
            assert source.location == str(archive)
            assert source.read("users/2025_07_users.txt") == b"x\n"


def test_no_archive_and_several(archive: Path) -> None:
    with pytest.raises(ArchivesMissingError):
        listing(archive / "users")
    (archive.parent / "other" / "users").mkdir(parents=True)
    (archive.parent / "other" / "prayers").mkdir()
    with pytest.raises(ArchivesMissingError, match="several"):
        listing(archive.parent)


def test_links_are_never_followed(archive: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.txt").write_text("secret")
    (archive / "prayers" / "out").symlink_to(secret)
    (archive / "prayers" / "loop").symlink_to(archive)
    (archive / "users" / "2025_08_users.txt").symlink_to(secret / "s.txt")
    paths, problems = listing(archive)
    assert paths == ["users/2025_07_users.txt"]
    assert sorted(problems) == [
        ("AR006", "prayers/loop"),
        ("AR006", "prayers/out"),
        ("AR006", "users/2025_08_users.txt"),
    ]


def test_a_link_that_takes_a_files_place_is_not_read(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    with open_folder(str(archive)) as source:
        (archive / "users" / "2025_07_users.txt").unlink()
        (archive / "users" / "2025_07_users.txt").symlink_to(tmp_path / "secret")
        assert isinstance(source.read("users/2025_07_users.txt"), str)


def test_fifos_are_never_opened(archive: Path) -> None:
    os.mkfifo(archive / "users" / "2025_08_users.txt")
    assert listing(archive)[1] == [("AR006", "users/2025_08_users.txt")]
    with open_folder(str(archive)) as source:
        # What was a file when it was listed, and is a FIFO now, must not block.
        (archive / "users" / "2025_07_users.txt").unlink()
        os.mkfifo(archive / "users" / "2025_07_users.txt")
        source.read("users/2025_07_users.txt")


def test_a_file_beyond_all_measure_is_not_read(archive: Path) -> None:
    with (archive / "users" / "2025_07_users.txt").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with open_folder(str(archive)) as source:
        answer = source.read("users/2025_07_users.txt")
    assert isinstance(answer, str)
    assert "too many" in answer


def test_a_large_file_is_read_whole(archive: Path) -> None:
    data = bytes(range(256)) * 10_000
    (archive / "users" / "2025_07_users.txt").write_bytes(data)
    with open_folder(str(archive)) as source:
        assert source.read("users/2025_07_users.txt") == data


def test_a_file_that_vanished(archive: Path) -> None:
    with open_folder(str(archive)) as source:
        (archive / "users" / "2025_07_users.txt").unlink()
        assert isinstance(source.read("users/2025_07_users.txt"), str)
        (archive / "users" / "2025_07_users.txt").mkdir()
        assert isinstance(source.read("users/2025_07_users.txt"), str)


def test_a_name_that_is_not_utf8(archive: Path) -> None:
    name = os.fsencode(archive / "users") + b"/\xff.txt"
    try:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    except OSError:
        return  # a file system that refuses such names needs no defence
    paths, problems = listing(archive)
    assert paths == ["users/2025_07_users.txt"]
    assert problems == [("AR006", "users/\\udcff.txt")]


def test_folders_too_deep(archive: Path) -> None:
    deep = archive / "/".join(["d"] * 20)
    deep.mkdir(parents=True)
    (deep / "x.txt").touch()
    paths, problems = listing(archive)
    assert paths == ["users/2025_07_users.txt"]
    assert [code for code, _ in problems] == ["AR006"]


def test_reading_leaves_no_trace(archive: Path) -> None:
    file = archive / "users" / "2025_07_users.txt"
    os.utime(file, (1, 2))
    before = file.stat()
    with open_folder(str(archive)) as source:
        source.read("users/2025_07_users.txt")
    after = file.stat()
    assert (before.st_atime_ns, before.st_mtime_ns) == (after.st_atime_ns, after.st_mtime_ns)
