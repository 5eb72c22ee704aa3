"""Lines fit, nothing is lost, and each finding reads as one line."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Plan, schema_operation
from thywill_reconstruct.report.model import Subject, build_report
from thywill_reconstruct.report.text import describe, print_line, print_report


def printed(text: str, width: int, indent: int = 0, hang: int = 0) -> list[str]:
    console = Console(file=StringIO(), width=width, markup=False, highlight=False)
    print_line(console, indent, Text(text), hang=hang)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 100])
def test_lines_fit_and_keep_every_word(width: int) -> None:
    text = "A prayer mark belongs to nobody " * 9 + "x" * 150
    lines = printed(text, width, indent=4, hang=6)
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("    A")
    assert all(line.startswith(" " * 10) and line[10] != " " for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_empty_lines_stay() -> None:
    assert printed("\nUsers", 60) == ["", "Users"]


def test_a_change_has_an_arrow_and_a_mere_report_has_none() -> None:
    found = Finding("PR001", "prayer", "p1", "author", "Max", "nobody", ())
    assert describe(found) == "prayer p1: nobody → Max"
    assert describe(found, changes=False) == "prayer p1: nobody; the archives say: Max"


def test_spaces_at_the_ends_are_made_visible() -> None:
    found = Finding("PR007", "prayer", "p1", "author", "Max", "Max ", ())
    assert describe(found) == "prayer p1: 'Max ' → Max"


def test_tokens_are_masked_and_tables_have_plain_names() -> None:
    token = Finding("IN008", "token", "b2942dd4bdaf6e4d", "user", "Max", "nobody", ())
    assert describe(token) == "invite token b294…: nobody → Max"
    log = Finding("AT002", "log", "l1", "user", "", "nobody", ())
    assert describe(log) == "activity log row l1: nobody"
    line = Finding("AR002", "archive", "users/2025_06_users.txt:3", "", "", "", (), reason="unreadable")
    assert describe(line) == "users/2025_06_users.txt:3"


def test_a_name_of_the_archives_shows_whom_it_could_mean_or_what_refers_to_it() -> None:
    open_name = Finding("US007", "archive", "name Jon", "", "John (87)", "Jon", ())
    assert describe(open_name) == "name Jon; could be John (87)"
    assert describe(Finding("US007", "archive", "name Jon", "", "", "Jon", ())) == "name Jon"
    assert describe(Finding("US009", "archive", "name Jon", "", "", "3 rows refer to her", ())) == (
        "name Jon: 3 rows refer to her"
    )
    assert describe(Finding("AR001", "archive", "a.txt:1", "", "", "", ())) == "a.txt:1"


def test_every_statement_that_changes_the_schema_is_shown_even_in_short() -> None:
    sql = "CREATE TRIGGER watch AFTER INSERT ON user\nBEGIN SELECT 'a\x1b[31m'; END"
    step = schema_operation("create", "trigger", "watch", "user", sql, codes=(), reason="r")
    report = build_report(
        "dry-run", Subject("x.db", "v1", (), "a", 0, 0, 0, 0), Plan((step,), (), (), "", "", ""), ""
    )
    console = Console(file=StringIO(), width=100, markup=False, highlight=False)
    print_report(console, report, quiet=True)
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert "created: watch: CREATE TRIGGER watch AFTER INSERT ON user BEGIN SELECT" in shown
    assert "\x1b" not in shown
