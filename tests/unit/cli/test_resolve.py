"""Files of users and names in, a file of decisions out."""

from __future__ import annotations

import csv
import os
import stat
from pathlib import Path

import pytest

from tests.cli.support import reconstruct
from thywill_reconstruct.cli.resolve import HEADER, read_pairs
from thywill_reconstruct.errors import UsageError

USERS = "id,display_name\n7,Mary Johnson\n8,José Müller\n9,Mary Jones\n"
NAMES = "mention_id,name\nm1,mary_johnson\nm2,Mary\nm3,Oscar Brown\nm4,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users.csv").write_text(USERS, encoding="utf-8")
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")
    return tmp_path


def resolve(folder: Path, *words: str) -> tuple[int, str, str]:
    done = reconstruct(folder, "resolve", "--users", "users.csv", "--names", "names.csv", *words)
    return done.code, done.out, done.err


def test_decisions_go_to_a_file(folder: Path) -> None:
    code, out, err = resolve(folder, "-o", "out.csv")
    assert (code, out) == (0, "")
    assert err == "4 names: 1 link, 2 review, 1 new\n"
    rows = list(csv.DictReader((folder / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert tuple(rows[0]) == HEADER
    assert [(row["mention_id"], row["decision"], row["user_id"]) for row in rows] == [
        ("m1", "link", "7"),
        ("m2", "review", ""),
        ("m3", "new", ""),
        ("m4", "review", ""),
    ]
    assert rows[1]["candidates"] == "7|9"
    assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["names.csv", "out.csv", "users.csv"]


@pytest.mark.parametrize("words", [(), ("-o", "-")])
def test_decisions_go_to_stdout(folder: Path, words: tuple[str, ...]) -> None:
    code, out, err = resolve(folder, "--quiet", *words)
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["mention_id,decision,user_id,confidence,candidates", "m1,link,7,98.5,7"]


def test_the_output_never_replaces_the_input(folder: Path) -> None:
    (folder / "link.csv").symlink_to("users.csv")
    (folder / "twin.csv").hardlink_to(folder / "names.csv")
    for out in ("users.csv", "names.csv", "./names.csv", "link.csv", "twin.csv"):
        code, _, err = resolve(folder, "-o", out)
        assert code == UsageError.exit_code
        assert "is what would be read" in err
    assert (folder / "users.csv").read_text(encoding="utf-8") == USERS
    assert (folder / "names.csv").read_text(encoding="utf-8") == NAMES


def test_an_output_that_cannot_be_written_is_refused(folder: Path) -> None:
    for out in (".", "nowhere/out.csv"):
        code, _, err = resolve(folder, "-o", out)
        assert code == UsageError.exit_code
        assert "Give a file with -o" in err


def test_a_failure_leaves_the_old_output_as_it_was(folder: Path) -> None:
    (folder / "out.csv").write_text("kept")
    (folder / "names.csv").write_text("mention_id,name\nm1,a\nm1,b\n")
    assert resolve(folder, "-o", "out.csv")[0] == UsageError.exit_code
    assert (folder / "out.csv").read_text() == "kept"


def test_output_may_be_a_pipe_or_device(folder: Path) -> None:
    assert resolve(folder, "-o", os.devnull)[0] == 0


def test_names_are_never_written(folder: Path) -> None:
    (folder / "names.csv").write_text('mention_id,name\nm1,"=cmd|calc, mary\x1b[2J"\n')
    code, out, err = resolve(folder)
    assert code == 0
    assert "cmd" not in out + err


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("\ufeffid,display_name\n1,a\n", [("1", "a")]),
        ("age,display_name,id\n40,a,1\n", [("1", "a")]),
        ('id,display_name\r\n1,"a\nb"\r\n\r\n2,\r\n', [("1", "a\nb"), ("2", "")]),
        ("id,display_name\n1, a \n2,b\x00c\n", [("1", " a "), ("2", "b\x00c")]),
        ("id,display_name\n", []),
    ],
)
def test_what_is_read(tmp_path: Path, text: str, pairs: list[tuple[str, str]]) -> None:
    (tmp_path / "users.csv").write_text(text, encoding="utf-8", newline="")
    assert read_pairs(tmp_path / "users.csv", "id", "display_name") == pairs


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column id and no column display_name"),
        (b"id;display_name\n1;a\n", "no column id"),
        (b"id,name\n1,a\n", "no column display_name"),
        (b"id,display_name\n1\n", "row 2: fewer columns"),
        (b"id,display_name\n1,a\n1,b\n", "row 3: the id comes twice"),
        (b"id,display_name\n,a\n", "row 2: the id is empty"),
        (b'id,display_name\n1,"a\n', "line 2: unexpected end of data"),
        (b"id,display_name\n1," + b"a" * 200_000, "field larger than field limit"),
        (b"id,display_name\n1,\xff\n", "not UTF-8"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "users.csv").write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        read_pairs(tmp_path / "users.csv", "id", "display_name")
    assert caught.value.hint


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "users.csv").unlink()
    code, _, err = resolve(folder)
    assert code == UsageError.exit_code
    assert "users.csv cannot be read: No such file or directory" in err


def test_an_id_that_holds_the_separator_is_refused(folder: Path) -> None:
    (folder / "users.csv").write_text("id,display_name\n1|2,a\n")
    assert "separates candidates" in resolve(folder)[2]
