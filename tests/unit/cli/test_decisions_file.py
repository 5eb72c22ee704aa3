"""The decisions file on disk: what people wrote stays byte by byte, whatever is added and taken out."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.apply.folder import stage_private
from thywill_reconstruct.cli.decisions_file import DecisionsFile
from thywill_reconstruct.errors import DecisionsError, NotWritableError
from thywill_reconstruct.identity.decisions import Decision

NEW = Decision("new", ("Mary",), "", "Ruth", date(2025, 7, 1), "")
OTHER = NEW._replace(names=("Bert\x1b[2J",), why="she said so")
BY_HAND = b"# by hand\n[[decision]]\nkind='ignore'\nnames=['Old Friend']\nby='Ana'\non=2025-01-02"


@pytest.mark.parametrize(
    "before", [None, b"", b"# nothing yet", BY_HAND, BY_HAND + b"\n\n\n", BY_HAND.replace(b"\n", b"\r\n")]
)
def test_taking_back_leaves_the_bytes_that_were_there(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "who.toml"
    if before is not None:
        path.write_bytes(before)
    file = DecisionsFile(path)
    first, second = file.add(NEW), file.add(OTHER)
    assert path.read_bytes() == (before or b"") + first + second
    assert [entry._replace(line=0) for entry in file.read().entries][-2:] == [NEW, OTHER]
    assert file.line_of(second) == file.read().entries[-1].line
    assert file.take_back(second)
    assert file.take_back(first)
    assert (path.read_bytes() if path.exists() else None) == before


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True, min_size=1))
def test_any_answer_can_be_taken_back_not_only_the_last(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("any") / "who.toml"
    path.write_bytes(BY_HAND)
    file = DecisionsFile(path)
    written = {name: file.add(NEW._replace(names=(name,))) for name in names}
    for name in sorted(names):
        assert file.take_back(written[name])
    assert path.read_bytes() == BY_HAND
    assert not file.take_back(written[names[0]])


def test_mode_and_link_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_bytes(BY_HAND)
    real.chmod(0o664)
    link = tmp_path / "link.toml"
    link.symlink_to("real.toml")
    DecisionsFile(link).add(NEW)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o664
    assert len(DecisionsFile(real).read().entries) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.toml", "real.toml"]


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    DecisionsFile(tmp_path / "who.toml").add(NEW)
    assert stat.S_IMODE((tmp_path / "who.toml").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"[[decision\n", b"\xff", b"[[decision]]\nkind='ignore'\nnames=['Mary']\nby='Ana'\non=2025-01-02\n"]
)
def test_what_cannot_be_is_not_written(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "who.toml"
    path.write_bytes(content)
    with pytest.raises(DecisionsError) as caught:
        DecisionsFile(path).add(NEW)
    assert "line" in caught.value.details[0]
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["who.toml"]


def test_an_editor_that_saves_in_that_very_moment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "who.toml"
    path.write_bytes(BY_HAND)

    def save_meanwhile(place: Path, content: bytes) -> Path:
        path.write_bytes(BY_HAND + b"\n# saved\n")
        return stage_private(place, content)

    monkeypatch.setattr("thywill_reconstruct.cli.decisions_file.stage_private", save_meanwhile)
    with pytest.raises(NotWritableError, match="very moment"):
        DecisionsFile(path).add(NEW)
    assert path.read_bytes() == BY_HAND + b"\n# saved\n"
    assert [p.name for p in tmp_path.iterdir()] == ["who.toml"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    file = DecisionsFile(tmp_path / "no" / "who.toml")
    assert file.read().entries == ()
    with pytest.raises(NotWritableError, match=r"who\.toml"):
        file.add(NEW)
    with pytest.raises(NotWritableError):
        DecisionsFile(tmp_path).read()


def test_a_stopped_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "who.toml"
    path.write_bytes(BY_HAND)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="No space left"):
        DecisionsFile(path).add(NEW)
    assert path.read_bytes() == BY_HAND
    assert [p.name for p in tmp_path.iterdir()] == ["who.toml"]
