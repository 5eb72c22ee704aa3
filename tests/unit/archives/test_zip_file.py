from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from thywill_reconstruct.archives.source import Source
from thywill_reconstruct.archives.zip_file import open_zip
from thywill_reconstruct.errors import ArchiveReadError, ArchivesMissingError

USERS = "complete_site_archive/users/2025_07_users.txt"


def make(path: Path, write: Callable[[zipfile.ZipFile], None]) -> str:
    with zipfile.ZipFile(path / "a.zip", "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr(USERS, "x\n")
        write(container)
    return str(path / "a.zip")


def problems(source: Source) -> list[tuple[str, str]]:
    return [(problem.code, problem.span.file) for problem in source.problems]


def test_members_are_relative_to_the_wrapped_root(tmp_path: Path) -> None:
    path = make(tmp_path, lambda container: container.writestr("complete_site_archive/README.txt", "hi"))
    with open_zip(path) as source:
        assert source.paths == ("README.txt", "users/2025_07_users.txt")
        assert source.read("users/2025_07_users.txt") == b"x\n"
        assert source.location is None


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "complete_site_archive/../../evil.txt",
        "/etc/evil.txt",
        "C:/evil.txt",
        "..\\users\\evil.txt",
        "C:\\users\\evil.txt",
        "a//b.txt",
    ],
)
def test_names_that_leave_the_archive(tmp_path: Path, name: str) -> None:
    path = make(tmp_path, lambda container: container.writestr(name, "evil"))
    with open_zip(path) as source:
        assert source.paths == ("users/2025_07_users.txt",)
        assert problems(source) == [("AR006", name)]


def test_folders_that_old_net_separates_by_backslashes(tmp_path: Path) -> None:
    def write(container: zipfile.ZipFile) -> None:
        container.writestr("site\\users\\", "")
        container.writestr("site\\users\\2025_08_users.txt", "y\n")

    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as container:
        write(container)
    with open_zip(str(path)) as source:
        assert source.paths == ("users/2025_08_users.txt",)
        assert source.read("users/2025_08_users.txt") == b"y\n"
        assert source.problems == ()


def test_links_and_devices(tmp_path: Path) -> None:
    def write(container: zipfile.ZipFile) -> None:
        for name, kind in (("link", stat.S_IFLNK), ("fifo", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o644) << 16
            container.writestr(info, "/etc/passwd")

    with open_zip(make(tmp_path, write)) as source:
        assert problems(source) == [("AR006", "link"), ("AR006", "fifo")]


def test_members_that_grow_beyond_measure(tmp_path: Path) -> None:
    path = make(
        tmp_path, lambda container: container.writestr("complete_site_archive/users/b.txt", bytes(20_000_000))
    )
    with open_zip(path) as source:
        assert problems(source) == [("AR006", "complete_site_archive/users/b.txt")]


def test_a_name_that_stands_twice(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        path = make(tmp_path, lambda container: container.writestr(USERS, "other\n"))
    with open_zip(path) as source:
        assert source.read("users/2025_07_users.txt") == b"x\n"
        assert problems(source) == [("AR006", USERS)]


def test_a_damaged_member_is_a_sentence(tmp_path: Path) -> None:
    path = make(tmp_path, lambda container: None)
    data = bytearray(Path(path).read_bytes())
    at = data.index(USERS.encode()) + len(USERS)
    data[at : at + 3] = b"\xff\xff\xff"
    Path(path).write_bytes(data)
    with open_zip(path) as source:
        answer = source.read("users/2025_07_users.txt")
    assert isinstance(answer, str)
    assert "damaged" in answer


def test_no_zip_and_no_archive(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ArchiveReadError), open_zip(str(broken)):
        pass
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as container:
        container.writestr("notes.txt", "hi")
    with pytest.raises(ArchivesMissingError), open_zip(str(tmp_path / "other.zip")):
        pass


def test_every_cut_of_a_zip_is_refused_or_read(tmp_path: Path) -> None:
    data = Path(make(tmp_path, lambda container: None)).read_bytes()
    cut = tmp_path / "cut.zip"
    for length in range(0, len(data), 7):
        cut.write_bytes(data[:length])
        with pytest.raises(ArchiveReadError), open_zip(str(cut)):
            pass
