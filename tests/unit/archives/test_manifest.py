"""A manifest tells growth from change, cut files from altered ones, and where the difference begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.archives.test_load import LOG, PRAYER, USERS, small, write
from thywill_reconstruct.archives.load import open_archive
from thywill_reconstruct.archives.manifest import (
    Comparison,
    compare_manifest,
    make_manifest,
    read_manifest,
    write_manifest,
)
from thywill_reconstruct.archives.source import Source
from thywill_reconstruct.errors import UsageError


def manifest(folder: Path) -> str:
    with open_archive(folder) as source:
        return write_manifest(make_manifest(source))


def compared(folder: Path, before: str) -> Comparison:
    with open_archive(folder) as source:
        return compare_manifest(read_manifest(before), source)


Damage = Callable[[Path], object]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.write_bytes(path.read_bytes().replace(b"Max", b"Tom")), ("AR020", f"{USERS}:3")),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n")), ("AR020", f"{USERS}:1")),
        (lambda path: path.write_bytes(b"x\n" + path.read_bytes()), ("AR020", f"{USERS}:1")),
        (lambda path: path.unlink(), ("AR021", USERS)),
        (lambda path: path.write_bytes(path.read_bytes()[:-3]), ("AR022", f"{USERS}:3")),
        (lambda path: path.write_bytes(path.read_bytes()[:31]), ("AR022", f"{USERS}:1")),
        (lambda path: path.write_bytes(b""), ("AR022", f"{USERS}:1")),
    ],
)
def test_damage(tmp_path: Path, damage: Damage, told: tuple[str, str]) -> None:
    before = manifest(write(tmp_path, small()))
    damage(tmp_path / USERS)
    result = compared(tmp_path, before)
    assert [(one.code, one.evidence[0]) for one in result.findings] == [told]
    assert result.unchanged == 2


def test_growth_new_files_and_what_is_written_anew_are_no_damage(tmp_path: Path) -> None:
    files = {**small(), "users/user_attributes.txt": "User Attributes\n", "prayers/prayer_marks.txt": "a\n"}
    before = manifest(write(tmp_path, files))
    for path in (LOG, USERS):
        with (tmp_path / path).open("ab") as file:
            file.write(b"more\n")
    write(
        tmp_path,
        {"users/2025_08_users.txt": "x\n", "users/user_attributes.txt": "y\n", "prayers/prayer_marks.txt": ""},
    )
    assert compared(tmp_path, before) == Comparison((), unchanged=1, grown=2, rewritten=2, new=1)


def test_leftovers_and_downloads_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {**small(), PRAYER + ".tmp": "x", "downloads/site.zip": "PK"})
    assert set(read_manifest(manifest(tmp_path))) == {PRAYER, USERS, LOG}


def test_a_manifest_holds_no_text_and_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    one, two = manifest(write(tmp_path / "a", small())), manifest(write(tmp_path / "b", small()))
    assert one == two
    assert "Max" not in one
    assert "Peace" not in one


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", "{}", '{"version": 2, "files": 0}', '{"version": 1, "files": 1}', "[" * 100_000]
)
def test_what_is_no_manifest(text: str) -> None:
    with pytest.raises(UsageError):
        read_manifest(text)


def test_a_manifest_that_was_cut_is_refused(tmp_path: Path) -> None:
    text = manifest(write(tmp_path, small()))
    for lines in (1, 2, 3):
        with pytest.raises(UsageError):
            read_manifest("\n".join(text.splitlines()[:lines]))


def of(content: bytes) -> Source:
    return Source((USERS,), lambda _: content, None, ())


@given(st.lists(st.sampled_from([b"a", b"b", b""]), max_size=8), st.binary(max_size=4), st.integers(0, 20))
def test_laws(lines: list[bytes], more: bytes, cut: int) -> None:
    content = b"\n".join(lines)
    entries = read_manifest(write_manifest(make_manifest(of(content))))
    assert compare_manifest(entries, of(content)).unchanged == 1
    grown = compare_manifest(entries, of(content + more))
    assert (grown.findings, grown.grown) == ((), 1 if more else 0)
    if cut < len(content):
        assert [one.code for one in compare_manifest(entries, of(content[:cut])).findings] == ["AR022"]
