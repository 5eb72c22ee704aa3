"""A preview shows everything, writes nothing, and says what to do next."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.support import Done, held, listing, reconstruct, refused, rows, write


def schema(name: str) -> Any:
    text = files("thywill_reconstruct.report").joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def valid(done: Done, name: str) -> Any:
    """The JSON that a command printed, after holding it against its published schema."""
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema.Draft202012Validator(schema(name)).validate(done.json)
    return done.json


def journal(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(f"PRAGMA journal_mode = {mode}").fetchone() == (mode,)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_nothing_changes(community: Path, mode: str) -> None:
    journal(community / "thywill.db", mode)
    before = listing(community)
    for words in (["--dry-run"], ["--dry-run", "--merge-duplicates", "--json"], ["explain", "max"], ["tree"]):
        assert reconstruct(community, *words).code == 0
        assert listing(community) == before


def test_nothing_changes_while_the_application_runs(community: Path) -> None:
    """What stands only in the write-ahead log is seen, and the log stays as it is."""
    database = community / "thywill.db"
    journal(database, "wal")
    forget = "UPDATE prayer SET author_id = 'nobody'"
    with held(database, "PRAGMA wal_autocheckpoint = 0", forget):
        before = listing(community)
        assert before["thywill.db-wal"][3]
        found = reconstruct(community, "--dry-run", "--json").json["counts"]["repaired"]
        assert listing(community) == before
    assert found["PR001"] > 100


def test_nothing_changes_after_the_application_was_killed(community: Path) -> None:
    database = community / "thywill.db"
    journal(database, "wal")
    with held(database, "UPDATE prayer SET author_id = 'nobody'"):
        pass
    before = listing(community)
    assert before["thywill.db-wal"][3]
    assert reconstruct(community, "--dry-run", "--json").json["counts"]["repaired"]["PR001"] > 100
    assert listing(community) == before


def test_no_mode_is_a_dry_run(community: Path) -> None:
    before = listing(community)
    assert reconstruct(community).out == reconstruct(community, "--dry-run").out
    assert listing(community) == before


def test_counts_then_details_then_reasons_then_the_next_step(community: Path) -> None:
    done = reconstruct(community, "--dry-run")
    assert (done.code, done.err) == (0, "")
    parts = ("Database ", "Archives ", "Would be repaired: ", "\nUsers\n", "\nPrayers\n", "\nNot repaired: ")
    places = [done.out.index(part) for part in (*parts, "Nothing was changed. To carry this out", "explain CODE")]
    assert places == sorted(places)
    assert "  reconstruct --execute\n" in done.out
    assert "e.g. " in done.out


def test_exit_code_says_whether_there_is_something_to_do(community: Path) -> None:
    assert reconstruct(community, "--dry-run", "--exit-code").code == 1
    assert reconstruct(community, "--execute", "--yes", "--quiet").code == 0
    assert reconstruct(community, "--dry-run", "--exit-code").code == 0


def test_quiet_prints_counts_only(community: Path) -> None:
    done = reconstruct(community, "--dry-run", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "e.g." not in done.out
    assert ".txt:" not in done.out
    assert "PR001" in done.out
    assert len(done.out.splitlines()) < len(reconstruct(community, "--dry-run").out.splitlines()) / 2


def test_json_follows_its_schema(community: Path) -> None:
    document = valid(reconstruct(community, "--dry-run", "--json"), "result")
    assert document["mode"] == "dry-run"
    assert document["pending"] == len(document["operations"]) == sum(document["counts"]["changes"].values())
    assert document["receipt"] is None
    repaired = [finding for finding in document["findings"] if finding["repaired"]]
    assert len(repaired) == sum(document["counts"]["repaired"].values())
    assert all(finding["reason"] for finding in document["findings"] if not finding["repaired"])
    document = valid(reconstruct(community, "--execute", "--yes", "--merge-duplicates", "--json"), "result")
    assert document["receipt"]["status"] == "committed"
    assert sum(document["receipt"]["counts"].values()) == document["pending"]
    assert Path(document["receipt"]["backup"]).is_file()
    document = valid(reconstruct(community, "--dry-run", "--json"), "result")
    assert document["pending"] == 0
    assert document["operations"] == []
    assert valid(reconstruct(community, "--execute", "--json"), "result")["receipt"] is None


def test_schemas_allow_nothing_else(community: Path) -> None:
    document = reconstruct(community, "--dry-run", "--json").json
    for place in (document, document["operations"][0], document["findings"][0], document["archives"]):
        place["more"] = 1
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema("result")).validate(document)
        del place["more"]


def test_the_same_input_gives_the_same_bytes(community: Path) -> None:
    first = reconstruct(community, "--dry-run", "--json", settings={"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"})
    second = reconstruct(community, "--dry-run", "--json", settings={"PYTHONHASHSEED": "2", "LC_ALL": "C"})
    assert first.out == second.out


def test_no_colour_where_there_is_no_terminal(community: Path) -> None:
    assert "\x1b" not in reconstruct(community, "--dry-run").out
    # Even where the environment asks for colour, the option and NO_COLOR win.
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert "\x1b[" in reconstruct(community, "--dry-run", settings=forced).out
    colours = re.compile("\x1b\\[[0-9;]*3[0-7]m")
    assert not colours.search(reconstruct(community, "--dry-run", "--no-color", settings=forced).out)
    assert not colours.search(reconstruct(community, "--dry-run", settings={**forced, "NO_COLOR": "1"}).out)


@pytest.mark.parametrize("columns", [40, 60, 120])
def test_lines_fit_the_width_asked_for(community: Path, columns: int) -> None:
    done = reconstruct(community, "--dry-run", settings={"COLUMNS": str(columns)})
    assert done.code == 0
    longest = max(done.out.splitlines(), key=len)
    assert len(longest) <= columns, longest
    unwrapped = reconstruct(community, "--dry-run", settings={"COLUMNS": "1000"})
    assert "".join(done.out.split()) == "".join(unwrapped.out.split())


def test_a_part_is_planned_with_what_it_needs(community: Path) -> None:
    everything = reconstruct(community, "--dry-run", "--json").json["counts"]["repaired"]
    only = reconstruct(community, "--dry-run", "--json", "--only", "authors").json
    assert only["options"]["only"] == "authors"
    assert set(only["counts"]["repaired"]) <= {"PR001", "PR002", "US001"}
    assert only["counts"]["repaired"]["PR001"] == everything["PR001"]
    # A prayer by somebody who has no row brings that person back, and says so.
    ((author, *_),) = rows(
        community / "thywill.db", "SELECT author_id FROM prayer GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    write(community / "thywill.db", ("DELETE FROM user WHERE id = ?", (author,)))
    needed = reconstruct(community, "--dry-run", "--json", "--only", "authors").json
    if author in {finding["key"] for finding in needed["findings"] if finding["repaired"]}:
        assert any(note.startswith("Recreated because") for note in needed["notes"])
    several = reconstruct(community, "--dry-run", "--json", "--only", "PR001,paths", "--only", "IN").json
    assert {"PR001", "PA001", "IN001"} <= set(several["counts"]["repaired"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "authors,everything"], "everything"),
        (["--only", ","], "--only"),
        (["--only", ""], "--only"),
        (["--dry-run", "--execute"], "contradict"),
        (["--dryrun"], "--dryrun"),
        (["repair"], "repair"),
        (["--timeout", "soon"], "--timeout"),
        (["--timeout", "-1"], "--timeout"),
        (["--db"], "--db"),
        (["recover-users", "--only", "users"], "--only"),
        (["--json", "tree"], "--json must come after tree"),
        (["explain"], "--pair"),
        (["explain", "PR999"], "PR001"),
    ],
)
def test_wrong_usage(community: Path, words: list[str], said: str) -> None:
    before = listing(community)
    refused(reconstruct(community, *words), 64, said)
    assert listing(community) == before
