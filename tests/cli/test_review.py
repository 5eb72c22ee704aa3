"""``reconstruct review`` in a real terminal: what is asked, what is written down, and what the next run makes of it."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.support import Wish, listing, reconstruct, write_archive, write_database
from tests.cli.terminal import CTRL_C, CTRL_D, DRIVERS, Reader, at_terminal
from tests.cli.test_dry_run import valid
from tests.cli.test_hostile_names import FORBIDDEN

FILE = "reconstruct.decisions.toml"
ARABIC, ARABIC_SLIP = "محمد علي حسن", "محمد على حسن"
PEOPLE = ["Mary Johnson", "Mary Johnston", ARABIC, "Evelyn Smith\x1b[31m", "Anna Schmidt"]
# Who signed how many prayers; none of these names was ever registered, but each resembles somebody.
WRITERS = {ARABIC_SLIP: 4, "Mary Jonhson": 3, "M\u0430ry Johnson": 2, "Evelyn Smyth\x1b[31m": 1}


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A community of five in which four names are misspelled, so that ten prayers stay without an author."""
    writers = [name for name, count in WRITERS.items() for _ in range(count)]
    wishes = [Wish(f"{number:032x}", name) for number, name in enumerate([*writers, "Anna Schmidt", "Anna Schmidt"])]
    write_archive(tmp_path / "text_archives", PEOPLE, wishes)
    stored = [(wish, "u4" if wish.author == "Anna Schmidt" else "gone") for wish in wishes]
    write_database(tmp_path / "thywill.db", PEOPLE, stored)
    return tmp_path


def decisions(folder: Path) -> list[dict[str, Any]]:
    """What the file holds, without who and when."""
    found = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))["decision"]
    return [{key: value for key, value in entry.items() if key in ("kind", "names", "id")} for entry in found]


def authors_after(folder: Path) -> dict[str, set[str]]:
    """Writer -> the users, by id, or by name if they are made, whom the next run makes the author of that writer's prayers."""
    planned = reconstruct(folder, "--dry-run", "--json").json["operations"]
    made = {o["key"]: o["after"]["display_name"] for o in planned if o["table"] == "user" and o["action"] == "insert"}
    writers = [name for name, count in WRITERS.items() for _ in range(count)]
    found: dict[str, set[str]] = {}
    for operation in planned:
        if operation["table"] == "prayer" and "author_id" in operation["after"]:
            author = operation["after"]["author_id"]
            found.setdefault(writers[int(operation["key"], 16)], set()).add(made.get(author, author))
    return found


def begin(reader: Reader, by: str = "Ruth") -> None:
    reader.sees("Your name, for the file")
    reader.terminal.type(f"{by}\n")


def test_there_is_a_driver_that_every_machine_has() -> None:
    assert DRIVERS[0] == "pty"


@pytest.mark.parametrize("driver", DRIVERS)
def test_answers_are_written_down_one_by_one(doubtful: Path, driver: str) -> None:
    with at_terminal(driver, doubtful, "review") as reader:
        begin(reader)
        shown = reader.press("s")
        assert "4 repairs wait" in shown
        assert ARABIC_SLIP in shown
        assert "U+0649 ARABIC LETTER ALEF MAKSURA" in shown
        assert reader.sees("line 3)").count("is") >= 1
        assert decisions(doubtful) == [{"kind": "user", "names": [ARABIC_SLIP], "id": "u2"}]
        shown = reader.press("d")
        assert "1 <" in shown
        assert "Mary Johnston" in shown
        last = " ".join(shown.rpartition("s same")[0].split()[-7:])
        assert last == "name Mary Jonhson candidate 1 Mary Johnson", "said again where it cannot have scrolled away"
        reader.press("r")
        reader.sees("Reason")
        reader.terminal.type("spoke to \x07 her\n")
        shown = reader.press("n")
        shown = reader.press("l")
        assert "U+0430 CYRILLIC SMALL LETTER A" in shown
        shown = reader.press("i")
        assert "Evelyn Smyth\\x1b[31m" in shown
        assert "U+001B (control character)" in shown
        reader.sees("4 answers given, 1 question left.")
        assert reader.code() == 0
        assert FORBIDDEN.findall(reader.terminal.text()) == []
    assert decisions(doubtful)[1:] == [
        {"kind": "different", "names": ["Mary Jonhson", "Mary Johnson"]},
        {"kind": "new", "names": ["Mary Jonhson"]},
        {"kind": "ignore", "names": ["Evelyn Smyth\x1b[31m"]},
    ]
    entries = tomllib.loads((doubtful / FILE).read_text(encoding="utf-8"))["decision"]
    assert {entry["by"] for entry in entries} == {"Ruth"}
    assert entries[2]["why"] == "spoke to her"
    assert authors_after(doubtful) == {ARABIC_SLIP: {"u2"}, "Mary Jonhson": {"Mary Jonhson"}}


@pytest.mark.parametrize("driver", DRIVERS)
def test_only_what_is_open_is_asked_again(doubtful: Path, driver: str) -> None:
    with at_terminal(driver, doubtful, "review", "--by", "Ruth") as reader:
        reader.press("s")
        reader.press("q")
        assert reader.code() == 0
    assert authors_after(doubtful) == {ARABIC_SLIP: {"u2"}}
    with at_terminal(driver, doubtful, "review", "--by", "Ruth") as reader:
        assert "Mary Jonhson" in reader.press("s")
        assert "M\u0430ry Johnson" in reader.press("d")
        reader.press("q")
        assert reader.code() == 0
    asked = valid(reconstruct(doubtful, "review", "--json"), "review")["questions"]
    assert [question["name"] for question in asked if question["candidates"]][-1:] == ["Evelyn Smyth\x1b[31m"]
    assert {ARABIC_SLIP, "Mary Jonhson"}.isdisjoint(question["name"] for question in asked)


@pytest.mark.parametrize("driver", DRIVERS)
def test_back_takes_the_last_answer_out_of_the_file(doubtful: Path, driver: str) -> None:
    rows = (
        "# ours, by hand",
        "",
        "[[decision]] # keep",
        "kind='ignore'",
        "names=['Old  Friend']",
        "by='Ana'",
        "on=2025-01-02",
    )
    by_hand = "\r\n".join(rows)
    file = doubtful / FILE
    file.write_bytes(by_hand.encode())
    file.chmod(0o640)
    with at_terminal(driver, doubtful, "review", "--by", "Ruth") as reader:
        reader.press("b")
        reader.sees("nothing to take back")
        reader.press("s")
        reader.press("s")
        reader.sees("line")
        assert len(decisions(doubtful)) == 3
        reader.press("b")
        reader.sees("Taken back")
        assert "Mary Jonhson" in reader.press("b")
        assert ARABIC_SLIP in reader.press("q")
        assert reader.code() == 0
    assert authors_after(doubtful) == {}
    assert file.read_bytes() == by_hand.encode()
    assert file.stat().st_mode & 0o777 == 0o640


def test_taking_everything_back_leaves_no_file(doubtful: Path) -> None:
    before = listing(doubtful)
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.press("p")
        reader.press("b")
        reader.press("q")
        assert reader.code() == 0
    after = listing(doubtful)
    assert {name: value for name, value in after.items() if name != "."} == {
        name: value for name, value in before.items() if name != "."
    }


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (CTRL_D, 0)])
def test_leaving_keeps_what_was_answered(doubtful: Path, driver: str, key: str, code: int) -> None:
    with at_terminal(driver, doubtful, "review", "--by", "Ruth") as reader:
        reader.press("s")
        reader.press(key)
        reader.sees("1 answer given, 3 questions left.")
        assert reader.code() == code
        assert "mistake" not in reader.terminal.text()
    assert decisions(doubtful) == [{"kind": "user", "names": [ARABIC_SLIP], "id": "u2"}]


def test_a_closed_terminal_keeps_what_was_answered(doubtful: Path) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.press("s")
        reader.sees("? help")
        terminal: Any = reader.terminal
        spare = os.open(os.devnull, os.O_RDONLY)
        os.dup2(spare, terminal.master)  # the last hand that held the terminal lets go
        os.close(spare)
        assert terminal.process.wait(30) == 130
    assert decisions(doubtful) == [{"kind": "user", "names": [ARABIC_SLIP], "id": "u2"}]


def test_what_others_write_meanwhile_is_read_and_kept(doubtful: Path) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.press("s")
        reader.sees("? help")
        file = doubtful / FILE
        other = '\n[[decision]]\nkind = "new"\nnames = ["M\u0430ry Johnson"]\nby = "Ana"\non = 2025-01-02\n# done\n'
        file.write_text(file.read_text() + other)
        reader.terminal.type("s")
        assert "Evelyn" in reader.press("q")
        assert reader.code() == 0
    text = file.read_text()
    assert other in text
    assert [entry["kind"] for entry in decisions(doubtful)] == ["user", "new", "user"]


def test_an_answer_that_contradicts_the_file_is_refused(doubtful: Path) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.sees("? help")
        contradicting = (
            f'[[decision]]\nkind = "placeholder"\nnames = ["{ARABIC_SLIP}"]\nby = "Ana"\non = 2025-01-02\n'
        )
        (doubtful / FILE).write_text(contradicting)
        reader.terminal.type("s")
        reader.sees("nothing was written")
        reader.press("q")
        assert reader.code() == 0
    assert (doubtful / FILE).read_text() == contradicting


def test_a_file_that_is_broken_meanwhile_ends_the_sitting(doubtful: Path) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.sees("? help")
        (doubtful / FILE).write_text("[[decision\n")
        reader.terminal.type("l")
        assert reader.code() == 25
        assert "line 1" in reader.terminal.text()
    assert (doubtful / FILE).read_text() == "[[decision\n"


def test_somebody_else_can_be_named_and_looked_at(doubtful: Path) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.press("o")
        reader.sees("Name or user id")
        reader.terminal.type("nobody at all\n")
        reader.sees("No archive and no user")
        reader.press("o")
        reader.sees("Name or user id")
        reader.terminal.type("anna schmidt\n")
        assert "2 <" in reader.press("1")
        assert "1 <" in reader.press("2")
        reader.press("9")
        reader.sees("no candidate 9")
        reader.press("w")
        why = reader.press("?")
        assert "How alike they are" in why
        assert "the same" in why
        assert "never to be recreated" in reader.press("s")
        reader.press("q")
        assert reader.code() == 0
    assert decisions(doubtful) == [{"kind": "user", "names": [ARABIC_SLIP], "id": "u4"}]


def test_pasted_text_and_arrows_answer_nothing(doubtful: Path) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.press("snd")
        for keys in ("\x1b[A", "x", "q"):
            reader.sees("(not one of these keys)")
            reader.terminal.type(keys)
        assert reader.code() == 0
    assert not (doubtful / FILE).exists()


@pytest.mark.parametrize("columns", [60, 120])
def test_everything_fits(doubtful: Path, columns: int) -> None:
    with at_terminal("pty", doubtful, "review", "--by", "Ruth", columns=columns) as reader:
        for _ in range(3):
            reader.press("w")
            reader.press("?")
            reader.press("l")
        reader.press("q")
        assert reader.code() == 0
        lines = reader.terminal.text().split("\n")
    assert [line for line in lines if cell_len(line) > columns] == []
    assert len(lines) > 100


def test_only_the_decisions_file_is_written(doubtful: Path) -> None:
    before = listing(doubtful)
    with at_terminal("pty", doubtful, "review", "--by", "Ruth") as reader:
        reader.press("s")
        reader.press("q")
        assert reader.code() == 0
    after = listing(doubtful)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {".", FILE}
    assert (doubtful / FILE).stat().st_mode & 0o777 == 0o600


def test_without_a_terminal_it_says_how_to_edit_the_file(doubtful: Path) -> None:
    before = listing(doubtful)
    done = reconstruct(doubtful, "review")
    assert done.code == 0
    assert all(line.startswith("#") for line in done.out.splitlines())
    assert FORBIDDEN.findall(done.out + done.err) == []
    asked = valid(reconstruct(doubtful, "review", "--json"), "review")["questions"]
    assert [question["name"] for question in asked] == list(WRITERS)
    assert [question["repairs_waiting"] for question in asked] == [{"PR001": count} for count in WRITERS.values()]
    assert listing(doubtful) == before


def test_a_block_that_is_freed_of_its_comment_is_a_decision(doubtful: Path) -> None:
    out = reconstruct(doubtful, "review", "--by", "Ruth").out
    head, answer, rest = re.split(r"(?<=\n)(# Answer: the same person as candidate 1\n(?:# .+\n)+)", out, maxsplit=1)
    freed = "".join(line[2:] + "\n" for line in answer.splitlines()[1:])
    (doubtful / FILE).write_text(head + freed + rest, encoding="utf-8")
    assert decisions(doubtful) == [{"kind": "user", "names": [ARABIC_SLIP], "id": "u2"}]
    asked = valid(reconstruct(doubtful, "review", "--json"), "review")["questions"]
    assert ARABIC_SLIP not in {question["name"] for question in asked}


def test_the_report_says_that_names_wait(doubtful: Path) -> None:
    (doubtful / "thywill.db").rename(doubtful / "my data.db")
    out = reconstruct(doubtful, "--dry-run", "--db", "my data.db").out
    assert "4 names wait for you to say who it is:\n  reconstruct review --db 'my data.db'\n" in out


def test_nothing_left_to_ask(community: Path) -> None:
    assert "No name is left" in reconstruct(community, "review").out
    assert valid(reconstruct(community, "review", "--json"), "review")["questions"] == []


def test_an_answer_about_a_name_that_two_people_bore_says_which_time_it_means(tmp_path: Path) -> None:
    """Two exchanged their names. Of the prayer between the last of the one and the first of the other, nobody can say."""
    wishes = [Wish(f"{number:032x}", "Anna") for number in range(5)]
    write_archive(tmp_path / "text_archives", ["Anna", "Bert"], wishes)
    write_database(
        tmp_path / "thywill.db", ["Bert", "Anna"], list(zip(wishes, ["u0", "u0", "gone", "u1", "u1"], strict=True))
    )
    planned = reconstruct(tmp_path, "--dry-run", "--json").json
    assert [o["table"] for o in planned["operations"]].count("prayer") == 0
    assert [f["key"] for f in planned["findings"] if f["code"] == "US019"] == ["name Anna"]
    with at_terminal(DRIVERS[0], tmp_path, "review") as reader:
        begin(reader)
        shown = reader.press("n")
        assert "1 repair waits" in shown
        assert "several people bore this name" in " ".join(shown.split())
        reader.sees("only s says whose it was then")
        reader.press("s")
        reader.sees("1 answer given, 0 questions left.")
        assert reader.code() == 0
    (entry,) = tomllib.loads((tmp_path / FILE).read_text(encoding="utf-8"))["decision"]
    assert (entry["kind"], entry["names"], entry["id"]) == ("user", ["Anna"], "u0")
    assert (entry["until"] - entry["since"]).days == 1
    planned = reconstruct(tmp_path, "--dry-run", "--json").json
    (operation,) = [o for o in planned["operations"] if o["table"] == "prayer"]
    assert (operation["key"], operation["after"]) == (wishes[2].key, {"author_id": "u0"})
