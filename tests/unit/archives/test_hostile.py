"""Archives made to do harm: they are refused or reported, in bounded time and memory, and nothing leaves the tree."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.unit.archives.test_load import LOG, MINUTE, PRAYER, USERS, assert_accounted, codes, small, write
from thywill_reconstruct.archives import load, tar_file
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.archives.render import registration_line
from thywill_reconstruct.errors import ArchiveReadError, ArchivesMissingError

ESCAPES = ("../users/x_users.txt", "/etc/users/x_users.txt", "users/../../x_users.txt", "users\\x_users.txt")


def tarred(path: Path, *members: tuple[tarfile.TarInfo | str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as container:  # type: ignore[call-overload]
        for info, content in members:
            if isinstance(info, str):
                info = tarfile.TarInfo(info)
                info.size = len(content)
            container.addfile(info, io.BytesIO(content))
    return path


def sound() -> list[tuple[tarfile.TarInfo | str, bytes]]:
    return [(path, content.encode()) for path, content in small().items() if isinstance(content, str)]


def test_names_that_lead_out_of_a_tar_file(tmp_path: Path) -> None:
    members = [(name, b"x\n") for name in ESCAPES]
    archive = load_archive(tarred(tmp_path / "a.tar", *sound(), *members))
    assert [code for code, _ in codes(archive)] == ["AR006"] * len(ESCAPES)
    assert len(archive.registrations) == 1
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.tar"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_file(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("users/2025_08_users.txt")
    info.type, info.linkname = kind, "/etc/passwd"
    archive = load_archive(tarred(tmp_path / "a.tar", *sound(), (info, b"")))
    assert codes(archive) == [("AR006", "users/2025_08_users.txt")]


def test_a_name_that_stands_twice_in_a_tar_file(tmp_path: Path) -> None:
    again = registration_line(MINUTE, "Anna", None).encode()
    archive = load_archive(tarred(tmp_path / "a.tar", *sound(), (USERS, again)))
    assert codes(archive) == [("AR006", USERS)]
    assert [one.readings for one in archive.registrations] == [(("Anna", None),)]


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_bomb_in_a_packed_tar_file(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_file, "LARGEST_TOTAL", 4 * 1024 * 1024)
    path = tarred(tmp_path / "a.tar", *sound(), ("users/2025_08_users.txt", bytes(8 * 1024 * 1024)), mode=mode)
    assert path.stat().st_size < 100_000
    with pytest.raises(ArchiveReadError, match="unpacks to more than"):
        load_archive(path)


def test_a_packed_tar_file_that_wants_too_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tarred(tmp_path / "a.tar", *sound(), mode="w:xz")
    monkeypatch.setattr(tar_file, "LARGEST_WINDOW", 1024)
    with pytest.raises(ArchiveReadError, match="not a readable tar file"):
        load_archive(path)


def test_packed_tar_files_that_are_cut(tmp_path: Path) -> None:
    import zstandard

    plain = tarred(tmp_path / "a.tar", *sound()).read_bytes()
    packed = {
        mode: tarred(tmp_path / "b.tar", *sound(), mode=mode).read_bytes() for mode in ("w:gz", "w:bz2", "w:xz")
    }
    for whole in (*packed.values(), zstandard.ZstdCompressor().compress(plain)):
        (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
        with pytest.raises((ArchiveReadError, ArchivesMissingError)):
            load_archive(tmp_path / "cut")


def test_without_the_package_a_zst_file_is_refused_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(ArchiveReadError, match="needs the package zstandard"):
        load_archive(tmp_path / "a.tar.zst")


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"2025_08_users.txt": registration_line(MINUTE, "Tom", None)})
    root = write(tmp_path / "live", small())
    os.symlink(tmp_path / "outside/2025_08_users.txt", root / "users/2025_08_users.txt")
    os.symlink(tmp_path / "outside", root / "auth")
    os.symlink(root, root / "users/loop")
    archive = load_archive(root)
    assert [code for code, _ in codes(archive)] == ["AR006"] * 3
    assert len(archive.registrations) == 1


def test_too_many_lines_are_told_as_stretches(tmp_path: Path) -> None:
    files = {
        **small(),
        "users/2025_08_users.txt": "x\n" * 5000 + registration_line(MINUTE, "Tom", None) + "y\n" * 5000,
    }
    archive = load_archive(write(tmp_path, files))
    assert_accounted(archive)
    assert [str(problem.span) for problem in archive.problems] == [
        "users/2025_08_users.txt:1-5000",
        "users/2025_08_users.txt:5002-10001",
    ]
    assert len(archive.registrations) == 2


# Run in a process of their own, whose memory is limited: what is not bounded fails.
_LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (1024**3, 1024**3))
from thywill_reconstruct.archives.load import load_archive
for problem in load_archive(Path(sys.argv[1])).problems:
    print(problem.code, problem.span.file, problem.detail)
"""


def load_within_a_gigabyte(path: Path) -> str:
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ten_million_lines(tmp_path: Path) -> None:
    root = write(tmp_path, small())
    (root / "activity/activity_2025_08.txt").write_bytes(b"x\n" * 10_000_000)
    told = load_within_a_gigabyte(root)
    assert told == "AR006 activity/activity_2025_08.txt The file has more than 1,000,000 lines; it was not read.\n"


def test_too_many_lines_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a copy repeats does not count."""
    for name in ("live", "copy", "other"):
        write(tmp_path / name, small())
    write(tmp_path / "other", {"users/2025_08_users.txt": registration_line(MINUTE, "Tom", None)})
    total = sum(str(content).count("\n") for content in small().values())
    monkeypatch.setattr(load, "MOST_LINES_IN_ALL", total)
    assert load_archive([tmp_path / "live", tmp_path / "copy"]).problems == ()
    with pytest.raises(ArchiveReadError, match="lines in all"):
        load_archive([tmp_path / "live", tmp_path / "other"])


def test_a_million_lines_of_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, small())
    (root / "activity/activity_2025_08.txt").write_bytes(b"09:05 - x\n" * 900_000)
    assert load_within_a_gigabyte(root).count("\n") == 1


def test_a_line_of_a_gigabyte(tmp_path: Path) -> None:
    root = write(tmp_path / "live", small())
    with (root / LOG).open("r+b") as file:
        file.truncate(1024**3)
    assert load_within_a_gigabyte(root).startswith(f"AR006 {LOG} The file has 1,073,741,824 bytes")


def test_a_line_of_a_gigabyte_in_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as container:
        for name, content in small().items():
            container.writestr(name, content)
        with container.open("users/2025_08_users.txt", "w", force_zip64=True) as member:
            for _ in range(1024):
                member.write(bytes(1024 * 1024))
    assert load_within_a_gigabyte(path).startswith("AR006 users/2025_08_users.txt The member has 1,073,741,824 bytes")


@pytest.mark.parametrize(
    "path", [PRAYER, USERS, LOG, "prayers/prayer_marks.txt", "users.json", "users/user_attributes.txt"]
)
def test_a_long_line_of_every_kind(tmp_path: Path, path: str) -> None:
    """Sixty megabytes on one line are still read, and told as what they are."""
    root = write(tmp_path, small())
    (root / path).write_bytes(b"July 06 2025 at 09:05 - " + b"|added testimony: " * 3_000_000)
    assert load_within_a_gigabyte(root) != ""


_ROW = b"July 06 2025 at 09:05|s|Max|July 06 2025 at 09:05|d|i|yes"
_PART = b"x" * 3_000_000 + b"\n\nGenerated Prayer:\n\n\nActivity:\nJuly 06 2025 at 09:05 - a added testimony: x"


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("prayers/prayer_marks.txt", b"m1|July 06 2025 at 09:05|p|" + b"|" * 60_000_000, ""),
        ("prayers/prayer_attributes.txt", b"a1|July 06 2025 at 09:05|p|n|v|" + b"|" * 60_000_000, "AR001"),
        ("roles/roles.txt", b"r1|admin|" + b"|" * 60_000_000, ""),
        ("sessions/2025_07_sessions.txt", _ROW * 1_000_000, "AR009"),
        (PRAYER, b"Prayer a by Max\nSubmitted July 06 2025 at 09:05\n\n" + _PART * 19 + b"\n", "AR005"),
    ],
    ids=["marks", "attributes", "roles", "glued", "markers"],
)
def test_lines_that_multiply(tmp_path: Path, path: str, content: bytes, code: str) -> None:
    """Millions of columns or rows on one line, and a long text that can be divided in very many ways."""
    root = write(tmp_path, {**small(), path: content})
    told = load_within_a_gigabyte(root)
    assert [line.partition(" ")[0] for line in told.splitlines()] == ([code] if code else [])
