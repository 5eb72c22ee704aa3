"""Names are typed by strangers: whatever they hold, nothing but text and line ends reaches a terminal or a file."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.support import Wish, reconstruct, write_archive, write_database

NAMES = [
    "[/foo]",
    "[bold]Max[/bold]",
    "Red \x1b[31mMax\x1b[0m",
    "\x1b]0;title\x07",
    "a\u202egnp.exe",
    "zero\u200bwidth",
    "<script>alert(1)</script>",
    "C1 \x9b31m",
    "tab\there",
    "long " + "x" * 10_000,
]
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A community of such people; every prayer of theirs lost its author."""
    wishes = [Wish(f"{n:032x}", name) for n, name in enumerate(NAMES)]
    write_archive(tmp_path / "text_archives", NAMES, wishes)
    in_database = [*NAMES[1:], "line\nbreak"]
    write_database(tmp_path / "thywill.db", in_database, [(wish, "nobody") for wish in wishes])
    return tmp_path


def test_every_output_is_plain(hostile: Path) -> None:
    planned = reconstruct(hostile, "--dry-run", "--json").json
    assert planned["counts"]["repaired"]["PR001"] >= 8
    commands = [["--dry-run"], ["--dry-run", "--json", "--show-text"], ["tree"], ["tree", "--json"]]
    commands += [["explain", name] for name in NAMES] + [["explain", "--json", NAMES[2]], ["explain", "\x1b[2J"]]
    commands += [["explain", "--pair", one, other] for one, other in pairwise(NAMES)] + [
        ["review"],
        ["review", "--json"],
    ]
    for words in [*commands, ["--execute", "--yes"]]:
        done = reconstruct(hostile, *words)
        assert done.code in (0, 64), done.err[:500]
        assert FORBIDDEN.findall(done.out + done.err) == [], words
        assert "Traceback" not in done.err
    (receipt,) = hostile.glob(".reconstruct/*/receipt.json")
    assert FORBIDDEN.findall(receipt.read_text()) == []


def test_markup_is_shown_as_it_is(hostile: Path) -> None:
    out = reconstruct(hostile, "tree").out
    assert "[/foo]" in out
    assert "[bold]Max[/bold]" in out
    assert "\\x1b[31m" in out
    assert "characters left out" in out
    assert "x" * 1000 not in out.replace("\n", "")
