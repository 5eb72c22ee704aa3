"""Readers of a published file see the old text or the new one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from thywill_reconstruct.errors import OutputError
from thywill_reconstruct.monitor.publish import PRIVATE, PUBLIC, write_whole

WRITES = 10_000
MEMORY = Path("/dev/shm")  # where a sync costs nothing
# Reads until the last text is there, and prints how often it read and how many different texts it saw.
_READER = """
import sys
path, last = sys.argv[1], sys.argv[2]
print("ready", flush=True)
reads, seen = 0, set()
while last not in seen:
    with open(path) as file:
        text = file.read()
    number = text.split(" ", 1)[0]
    if text != f"{number} " * 500 + "end":
        print("PARTIAL", repr(text[:80]), len(text))
        break
    reads += 1
    seen.add(number)
print(reads, len(seen))
"""


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


def text_of(number: int) -> str:
    return f"{number} " * 500 + "end"


def test_a_reader_during_ten_thousand_writes_never_sees_a_part(quick_folder: Path) -> None:
    path = quick_folder / "x.prom"
    write_whole(path, text_of(0), PUBLIC)
    command = [sys.executable, "-c", _READER, str(path), str(WRITES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for number in range(1, WRITES + 1):
            write_whole(path, text_of(number), PUBLIC)
        said = reader.stdout.read().split()
    assert "PARTIAL" not in said
    reads, different = map(int, said)
    assert reads >= different > 10
    assert [each.name for each in quick_folder.iterdir()] == ["x.prom"]


def test_modes_and_links(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "new", PRIVATE)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o600
    write_whole(tmp_path / "figures", "new", PUBLIC)
    assert (tmp_path / "figures").stat().st_mode & 0o777 == 0o644


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "folder", tmp_path / "nowhere" / "x"):
        with pytest.raises(OutputError):
            write_whole(place, "text", PUBLIC)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
