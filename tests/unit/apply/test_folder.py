from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thywill_reconstruct.apply.folder import (
    explain_os_error,
    new_run_folder,
    prepare_folder,
    publish,
    stage_private,
    write_private,
)
from thywill_reconstruct.errors import DiskFullError, NotWritableError

NOON = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)


def test_the_folder_stands_beside_the_database_and_is_private(tmp_path: Path) -> None:
    folder = prepare_folder(tmp_path / "thywill.db")
    assert folder == tmp_path / ".reconstruct"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert prepare_folder(tmp_path / "thywill.db") == folder
    assert list(folder.iterdir()) == []


def test_a_place_that_takes_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotWritableError, match="cannot be written"):
        prepare_folder(tmp_path / "gone" / "thywill.db")


def test_two_runs_of_one_second_have_two_folders(tmp_path: Path) -> None:
    one, two = new_run_folder(tmp_path, NOON), new_run_folder(tmp_path, NOON)
    assert one != two
    assert one.name.startswith("20250716T120000Z-")
    assert one.stat().st_mode & 0o777 == 0o700
    with pytest.raises(NotWritableError):
        new_run_folder(tmp_path / "gone", NOON)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    write_private(path, b"one")
    staged = stage_private(path, b"two")
    assert path.read_bytes() == b"one"
    publish(staged, path)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(NotWritableError):
        write_private(tmp_path / "gone" / "receipt.json", b"three")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_told_from_no_permission(tmp_path: Path, number: int) -> None:
    assert type(explain_os_error(OSError(number, "no"), tmp_path)) is DiskFullError
    assert type(explain_os_error(OSError(errno.EROFS, "no"), tmp_path)) is NotWritableError
