"""`reconstruct check`, as it is run: what it says, what it returns, and that it changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests.cli.support import held, listing, reconstruct, refused, write

FORMATS = ("text", "json", "markdown", "sarif", "junit", "nagios", "prometheus")


def points(folder: Path, *, damaged: bool = True) -> Path:
    path = folder / "points.db"
    make(FIXTURES["points"], f"sqlite:///{path}", damaged=damaged)
    return path


def test_a_sound_database_is_ok(tmp_path: Path) -> None:
    points(tmp_path, damaged=False)
    done = reconstruct(tmp_path, "check", "--pack", "points", "--db", "points.db")
    assert (done.code, done.err) == (0, "")
    assert "No findings" in done.out


def test_changes_nothing(community: Path) -> None:
    before = listing(community)
    done = reconstruct(community, "check", "--format", "json")
    assert done.code == 2
    assert listing(community) == before


def test_a_thywill_database_is_checked_by_its_rules_and_against_its_archives(community: Path) -> None:
    rules = {each["rule"]: each for each in reconstruct(community, "check", "--json").json["rules"]}
    assert rules["thywill-prayer-author"]["state"] == "failed"
    assert rules["PR001"]["state"] == "failed"
    assert rules["thywill-tables"] == {**rules["thywill-tables"], "state": "passed", "count": 0}


def test_sarif_points_at_archive_lines(community: Path) -> None:
    document = reconstruct(community, "check", "--format", "sarif").json
    places = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in document["runs"][0]["results"]
        for place in result["locations"]
        if "physicalLocation" in place
    ]
    assert places
    assert all((community / "text_archives" / place).exists() for place in places)


@pytest.mark.parametrize("name", FORMATS)
def test_a_typo_in_a_column_is_no_pass(tmp_path: Path, name: str) -> None:
    points(tmp_path, damaged=False)
    rule = 'id = "typo"\ntitle = "t"\nseverity = "low"\nwhy = "w"\nkind = "not_null"\ntable = "users"\ncolumns = ["nmae"]\n'
    (tmp_path / "pack.toml").write_text(f'name = "mine"\ntitle = "Mine"\n[[rule]]\n{rule}')
    done = reconstruct(tmp_path, "check", "--pack", "pack.toml", "--db", "points.db", "--format", name)
    assert done.code == 3
    assert "typo" in done.out
    assert "users has no column nmae" in (done.err if name == "prometheus" else done.out)


@pytest.mark.parametrize("name", FORMATS)
def test_a_lock_is_no_pass(tmp_path: Path, name: str) -> None:
    path = points(tmp_path, damaged=False)
    with held(path, "BEGIN EXCLUSIVE", "DELETE FROM users"):
        done = reconstruct(
            tmp_path, "check", "--pack", "points", "--db", "points.db", "--format", name, "--timeout", "0"
        )
    assert done.code == 3
    assert "locked" in (done.err if name == "prometheus" else done.out)


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_no_database_is_no_pass(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "x.db").write_bytes(content)
    done = reconstruct(tmp_path, "check", "--pack", "points", "--db", "x.db", "--json")
    assert done.code == 3
    assert {each["state"] for each in done.json["rules"]} == {"could not check"}
    assert all(each["reason"] for each in done.json["rules"])


def test_a_slow_question_is_cut_off(tmp_path: Path) -> None:
    points(tmp_path)
    slow = "SELECT count(*) AS id FROM points_log a, points_log b, points_log c, points_log d"
    rule = f'id = "slow"\ntitle = "t"\nseverity = "low"\nwhy = "w"\nkind = "sql"\ntable = "users"\nsql = "{slow}"\n'
    (tmp_path / "pack.toml").write_text(f'name = "mine"\ntitle = "Mine"\n[[rule]]\n{rule}')
    done = reconstruct(tmp_path, "check", "--pack", "pack.toml", "--db", "points.db", "--rule-timeout", "1")
    assert done.code == 3
    assert "took longer than 1 s" in done.out


def test_passwords_are_never_shown(tmp_path: Path) -> None:
    secret = "hunter2"
    url = f"postgresql://me:{secret}@127.0.0.1:1/x?sslpassword={secret}"
    for name in FORMATS:
        done = reconstruct(tmp_path, "check", "--pack", "points", "--db", url, "--format", name)
        assert done.code == 3
        assert secret not in done.out + done.err


def test_severity_and_silence(tmp_path: Path) -> None:
    points(tmp_path)
    words = ("check", "--pack", "points", "--db", "points.db", "--json")
    rules = {each["rule"]: each for each in reconstruct(tmp_path, *words).json["rules"]}
    less = reconstruct(
        tmp_path, *words, "--severity", "points-week-order=critical", "--silence", "points-ledger-total",
        "--silence", "points-ledger-source:900001",
    ).json  # fmt: skip
    after = {each["rule"]: each for each in less["rules"]}
    assert after["points-week-order"]["severity"] == "critical"
    assert "points-ledger-total" not in after
    assert rules["points-ledger-source"]["count"] == 2
    assert (after["points-ledger-source"]["count"], after["points-ledger-source"]["silenced"]) == (1, 1)


def test_new_since_the_baseline(tmp_path: Path) -> None:
    path = points(tmp_path)
    words = ("check", "--pack", "points", "--db", "points.db")
    found = reconstruct(tmp_path, *words, "--json").json["counts"]["findings"]
    assert reconstruct(tmp_path, *words, "--write-baseline", "known.toml").code == 0
    done = reconstruct(tmp_path, *words, "--baseline", "known.toml", "--json")
    assert (done.code, done.json["findings"]) == (0, [])
    assert sum(each["accepted"] for each in done.json["rules"]) == found > 20
    write(path, "INSERT INTO points_log VALUES (900100, 4, '2025-03-03', 'gift', 7, 0)")
    done = reconstruct(tmp_path, *words, "--baseline", "known.toml", "--json")
    assert [(each["rule"], each["key"]) for each in done.json["findings"]] == [("points-ledger-source", "900100")]


def test_a_single_finding_can_have_a_severity_of_its_own(tmp_path: Path) -> None:
    path = points(tmp_path)
    words = ("check", "--pack", "points", "--db", "points.db", "--json")
    severe = reconstruct(tmp_path, *words).json
    (rule,) = (each for each in severe["rules"] if each["rule"] == "points-ledger-total")
    keys = [each["key"] for each in severe["findings"] if each["rule"] == rule["rule"]]
    assert (len(keys) > 1, rule["severity"], rule["count"]) == (True, "high", len(keys))
    done = reconstruct(tmp_path, *words, "--severity", f"points-ledger-total:{keys[0]}=low").json
    assert {each["key"]: each["severity"] for each in done["findings"] if each["rule"] == rule["rule"]} == {
        keys[0]: "low",
        **dict.fromkeys(keys[1:], "high"),
    }
    assert [(e["severity"], e["count"]) for e in done["rules"] if e["rule"] == rule["rule"]] == [
        ("high", len(keys) - 1),
        ("low", 1),
    ]
    assert done["counts"]["findings"] == severe["counts"]["findings"]
    everything = [
        word
        for each in severe["findings"]
        if each["key"] is not None
        for word in ("--severity", f"{each['rule']}:{each['key']}=low")
    ]
    mild = reconstruct(tmp_path, *words, *everything)
    assert {each["severity"] for each in mild.json["findings"] if each["key"] is not None} == {"low"}
    monitored = reconstruct(tmp_path, "monitor", "--pack", "points", "--db", path.name, *everything[:2])
    assert monitored.code == 2


def test_a_baseline_expires(tmp_path: Path) -> None:
    points(tmp_path)
    words = ("check", "--pack", "points", "--db", "points.db")
    found = reconstruct(tmp_path, *words, "--json").json["counts"]["findings"]
    reconstruct(tmp_path, *words, "--write-baseline", "known.toml", "--until", "2020-01-31")
    done = reconstruct(tmp_path, *words, "--baseline", "known.toml", "--json")
    assert done.code == 2
    assert done.json["counts"]["findings"] == found
    assert any("expired" in note for note in done.json["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "yaml"), "no format yaml"),
        (("--pack", "nosuch"), "no pack nosuch"),
        (("--severity", "points-indexes=awful"), "points-indexes=awful"),
        (("--silence", "points-nosuch"), "points-nosuch"),
        (("--baseline", "nosuch.toml"), "nosuch.toml"),
        (("--until", "soon"), "soon"),
        (("--db", "mysterious://x"), "not known"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    points(tmp_path)
    given = words if "--pack" in words else ("--pack", "points", *words)
    refused(reconstruct(tmp_path, "check", *(() if "--db" in words else ("--db", "points.db")), *given), 64, said)


def test_the_linter_names_every_line(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(
        'name = "mine"\ntitle = "Mine"\n'
        '[[rule]]\nid = "a"\ntitle = "t"\nseverity = "awful"\nwhy = "w"\nkind = "not_null"\ntable = "x"\n'
        '[[rule]]\nid = "a"\ntitle = "t"\nseverity = "low"\nwhy = "w"\nkind = "nosuch"\n'
        '[[rule]]\nid = "b"\ntitle = "t"\nseverity = "low"\nwhy = "w"\nkind = "sql"\ntable = "x"\nsql = "DELETE FROM x"\n'
        "wat = 1\n"
    )
    done = reconstruct(tmp_path, "check", "--lint", "--pack", "pack.toml")
    assert done.code == 1
    assert [(line.split(":")[1], line.split(": ", 1)[1][:24]) for line in done.out.splitlines()] == [
        ("6", "severity awful is none o"),
        ("8", "kind not_null needs colu"),
        ("11", "id a is taken by the rul"),
        ("15", "kind nosuch is none of n"),
        ("23", "sql must be a single SEL"),
        ("24", "kind sql knows no wat"),
    ]
    refused(reconstruct(tmp_path, "check", "--pack", "pack.toml", "--db", "x.db"), 64, "line 6", "line 15")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name = "x"\ntitle = "X"\n[[rule]\n', 3),
        ('name = "x"\ntitle = "X\n', 2),
        ('name = "x"\ntitle = "X', 2),
        ('title = "X"\nname = " "\n[[rule]]\n', 1),
    ],
)
def test_the_linter_finds_the_line_of_what_is_no_pack(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "pack.toml").write_text(text)
    done = reconstruct(tmp_path, "check", "--lint", "--pack", "pack.toml")
    assert done.code == 1
    assert done.out.startswith(f"pack.toml:{line}: ")


def test_references_are_proposed_never_assumed(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE person (name TEXT PRIMARY KEY)")
        connection.execute("CREATE TABLE wish (id INTEGER PRIMARY KEY, whose TEXT, note TEXT)")
        connection.executemany("INSERT INTO person VALUES (?)", [(f"p{n}",) for n in range(50)])
        connection.executemany("INSERT INTO wish VALUES (?, ?, ?)", [(n, f"p{n % 52}", f"n{n}") for n in range(300)])
    connection.close()
    done = reconstruct(tmp_path, "check", "--infer", "--db", "x.db")
    assert done.code == 0
    assert "# 50 of 52 different values stand in person.name" in done.out
    assert done.out.count("[[rule]]") == 1
    (tmp_path / "proposed.toml").write_text(done.out)
    found = reconstruct(tmp_path, "check", "--pack", "proposed.toml", "--db", "x.db", "--json").json
    assert {each["table"] for each in found["findings"]} == {"wish"}
    assert found["counts"]["findings"] == 10


def test_json_lists_every_offending_row_by_its_exact_key(tmp_path: Path) -> None:
    keys = [f"{number} \x1b[31m\u202e\n{'long' * 200}" for number in range(40)]
    with sqlite3.connect(tmp_path / "mine.db") as database:
        database.execute("CREATE TABLE t (id TEXT PRIMARY KEY, a TEXT)")
        database.executemany("INSERT INTO t VALUES (?, NULL)", [(key,) for key in keys])
    database.close()
    rule = 'id = "r"\ntitle = "t"\nseverity = "low"\nwhy = "w"\nkind = "not_null"\ntable = "t"\ncolumns = ["a"]\n'
    (tmp_path / "pack.toml").write_text(f'name = "mine"\ntitle = "Mine"\n[[rule]]\n{rule}')
    document = reconstruct(tmp_path, "check", "--pack", "pack.toml", "--db", "mine.db", "--json").json
    assert sorted(each["key"] for each in document["findings"]) == sorted(keys)
    assert document["rules"][0]["shown"] == document["rules"][0]["count"] == len(keys)


def test_a_unique_column_is_known_as_one_however_it_is_declared(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mine.db") as database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(255) NOT NULL UNIQUE, b TEXT)")
    database.close()
    wanted = ", ".join(f'{{ table = "t", type = "unique", columns = ["{name}"] }}' for name in "ab")
    rule = f'id = "r"\ntitle = "t"\nseverity = "low"\nwhy = "w"\nkind = "expected_constraint"\nconstraints = [{wanted}]\n'
    (tmp_path / "pack.toml").write_text(f'name = "mine"\ntitle = "Mine"\n[[rule]]\n{rule}')
    document = reconstruct(tmp_path, "check", "--pack", "pack.toml", "--db", "mine.db", "--json").json
    assert [each["message"] for each in document["findings"]] == ["nothing makes t(b) unique"]
