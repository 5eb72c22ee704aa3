"""The decisions file, through the real command: followed, refused whole, and undone by removing lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import Wish, reconstruct, refused, rows, write_archive, write_database

FILE = "reconstruct.decisions.toml"


def decision(kind: str, *names: str, key: str = "") -> str:
    lines = ["[[decision]]", f'kind = "{kind}"', f"names = {list(names)!r}".replace("'", '"'), 'by = "Ruth"']
    return "\n".join([*lines, "on = 2025-07-01", *([f'id = "{key}"'] if key else []), ""])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Mary stands in archive and database; Dora was deleted, and her prayer with her; u1 was Dora's id."""
    wishes = [Wish("rain", "Mary Johnson"), Wish("sun", "Dora")]
    write_archive(tmp_path / "text_archives", ["Mary Johnson", "Dora"], wishes)
    write_database(tmp_path / "thywill.db", ["Mary Johnson"], [(wishes[0], "u0")])
    return tmp_path


def codes(folder: Path, *words: str) -> dict[str, list[str]]:
    """Repaired and skipped codes of a dry run."""
    counts = reconstruct(folder, "--dry-run", "--json", *words).json["counts"]
    return {name: sorted(counts[name]) for name in ("repaired", "skipped")}


def test_an_ignored_person_stays_away_until_the_lines_are_removed(folder: Path) -> None:
    before = reconstruct(folder, "--dry-run", "--json").out
    assert {"US001", "PR003"} <= set(codes(folder)["repaired"])
    (folder / FILE).write_text(decision("ignore", "Dora"), encoding="utf-8")
    found = codes(folder)
    assert found["repaired"] == ["PA001"], "Mary's own row has no path yet"
    assert {"US009", "PR003"} <= set(found["skipped"])
    report = reconstruct(folder, "--dry-run", "--json").json
    reasons = [finding["reason"] for finding in report["findings"] if finding["code"] == "PR003"]
    assert reasons == [
        "The archives say 'Dora'. 'Dora' was deleted on purpose: decided by Ruth on 2025-07-01 (line 1)."
    ]
    assert report["options"]["decisions"] == "1"
    assert len(report["options"]["decisions_sha256"]) == 64
    (folder / FILE).rename(folder / "aside.toml")
    assert reconstruct(folder, "--dry-run", "--json").out == before
    assert reconstruct(folder, "--execute", "--yes", "--decisions", "aside.toml").code == 0
    assert rows(folder / "thywill.db", "SELECT display_name FROM user") == [("Mary Johnson",)]


def test_a_decision_is_carried_out_and_holds_inside_the_transaction(folder: Path) -> None:
    (folder / "who.toml").write_text(decision("same", "Dora", "Mary Johnson"), encoding="utf-8")
    assert "US001" in codes(folder)["repaired"]
    done = reconstruct(folder, "--execute", "--yes", "--decisions", "who.toml")
    assert done.code == 0, done.err
    assert rows(folder / "thywill.db", "SELECT id, author_id FROM prayer ORDER BY id") == [
        ("rain", "u0"),
        ("sun", "u0"),
    ]
    assert rows(folder / "thywill.db", "SELECT count(*) FROM user") == [(1,)]
    assert codes(folder, "--decisions", "who.toml")["repaired"] == []


def test_settings_may_name_the_file(folder: Path) -> None:
    (folder / "who.toml").write_text(decision("ignore", "Dora"), encoding="utf-8")
    (folder / "reconstruct.toml").write_text('decisions = "who.toml"\n', encoding="utf-8")
    assert "US001" not in codes(folder)["repaired"]
    (folder / "who.toml").unlink()
    refused(reconstruct(folder, "--dry-run"), 64, "there is no decisions file who.toml")


@pytest.mark.parametrize("words", [("--dry-run",), ("recover-users",), ("explain", "Dora"), ("review",)])
def test_a_file_that_contradicts_itself_is_refused_with_every_problem(folder: Path, words: tuple[str, ...]) -> None:
    text = decision("same", "Dora", "Mary Johnson") + decision("different", "Dora", "Mary Johnson")
    text += decision("user", "Dora") + decision("user", "Mary", key="nobody")
    (folder / FILE).write_text(text, encoding="utf-8")
    done = reconstruct(folder, *words)
    assert (done.code, done.out) == (25, "")
    first, *problems = done.err.splitlines()
    assert first.startswith("reconstruct: the decisions file has 3 problems. Nothing was changed.")
    assert [problem.split(":")[0] for problem in problems] == ["  line 6", "  line 11", "  line 16"]
    assert "there is no user 'nobody'" in problems[-1]


def test_an_unknown_id_is_refused_and_an_unknown_name_noted(folder: Path) -> None:
    (folder / FILE).write_text(decision("user", "Dora", key="nobody"), encoding="utf-8")
    done = reconstruct(folder, "--dry-run")
    assert done.code == 25
    assert "line 1: there is no user 'nobody'" in done.err
    (folder / FILE).write_text(decision("new", "Zacharias"), encoding="utf-8")
    assert "'Zacharias', which neither archives nor database know" in reconstruct(folder, "--dry-run").out


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf# nothing yet\n"])
def test_an_empty_file_decides_nothing(folder: Path, content: bytes) -> None:
    before = reconstruct(folder, "--dry-run", "--json").out
    (folder / FILE).write_bytes(content)
    assert reconstruct(folder, "--dry-run", "--json").out == before


def test_a_file_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\xff\xfe")
    assert reconstruct(folder, "--dry-run").code == 25
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    assert reconstruct(folder, "--dry-run").code == 25


def test_hostile_names_reach_no_terminal(folder: Path) -> None:
    (folder / FILE).write_text(decision("user", "D\\u001b[31m", key="\\u001b[2J"), encoding="utf-8")
    done = reconstruct(folder, "--dry-run")
    assert "\x1b" not in done.err
    assert done.code == 25


def test_check_follows_decisions(folder: Path) -> None:
    def missing() -> int:
        rules = {each["rule"]: each for each in reconstruct(folder, "check", "--json").json["rules"]}
        return int(rules["US001"]["count"])

    assert missing() == 1
    (folder / FILE).write_text(decision("ignore", "Dora"), encoding="utf-8")
    assert missing() == 0
