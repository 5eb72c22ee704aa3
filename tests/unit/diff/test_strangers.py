"""Archives of another community are recognised, also behind others that are the right ones."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import Wish, write_archive
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.diff.strangers import Stranger, find_stranger

OURS = [f"{n:032x}" for n in range(8)]
THEIRS = [f"{n:032x}" for n in range(100, 108)]


def archive(folder: Path, prayers: list[str]) -> Path:
    write_archive(folder, ["Ada", "Ben"], [Wish(key, "Ada") for key in prayers])
    return folder


def test_a_stranger_behind_the_right_archive_is_found(tmp_path: Path) -> None:
    ours, theirs = archive(tmp_path / "ours", OURS), archive(tmp_path / "theirs", THEIRS)
    assert find_stranger(load_archive([ours, theirs]), OURS) == Stranger("theirs", 8, 8, 0)
    assert find_stranger(load_archive([ours, theirs]), ()) == Stranger("theirs", 8, 8, 0)
    assert find_stranger(load_archive([theirs, ours]), OURS) == Stranger("", 8, 8, 0)


def test_copies_of_the_same_community_are_no_strangers(tmp_path: Path) -> None:
    """Neither one whose files all repeat the live ones, nor one that alone holds most prayers."""
    live, copy = archive(tmp_path / "live", OURS[:6]), archive(tmp_path / "copy", OURS[:6])
    more = archive(tmp_path / "more", OURS[:2] + THEIRS)
    assert find_stranger(load_archive([live, copy, more]), OURS) is None
    assert find_stranger(load_archive([live, copy, more]), ()) is None


def test_too_few_prayers_prove_nothing(tmp_path: Path) -> None:
    few, theirs = archive(tmp_path / "few", OURS[:4]), archive(tmp_path / "theirs", THEIRS)
    assert find_stranger(load_archive([few, theirs]), OURS[:4]) is None
