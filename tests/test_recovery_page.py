"""The runbook works: every command in it is executed, in the order of the page."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.support import reconstruct
from tests.faults.support import digests

PAGE = Path(__file__).parent.parent / "docs" / "recovery.md"


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_every_command_of_the_runbook(community: Path) -> None:
    database = community / "thywill.db"
    original = digests(database)
    assert reconstruct(community, "--execute", "--yes").code == 0
    found = commands()
    assert len(found) >= 10
    changing = [" ".join(words) for words in found if "--yes" in words]
    for words in found:
        before = digests(database)
        if words[0] == "sqlite3":
            with closing(sqlite3.connect(community / words[1])) as connection:
                assert connection.execute(words[2]).fetchall() == [("ok",)]
            continue
        assert words[0] == "reconstruct"
        done = reconstruct(community, *words[1:])
        assert done.code == 0, (words, done.err)
        if "--yes" not in words:
            assert digests(database) == before
        if words[1] == "undo" and "--yes" in words:
            assert digests(database) == original
    assert len(changing) == 3
    assert digests(database) != original  # The last restoration put back what the undo had taken back.


def test_commands_in_the_text_are_commands(community: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for words in map(shlex.split, re.findall(r"`reconstruct ([^`]+)`", text)):
        command = [word for word in words if not word.startswith("2025")]
        assert reconstruct(community, *command, "--help").code == 0
