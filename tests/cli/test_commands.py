"""Help, version, completion, tree and explain."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.support import COMMAND, environment, reconstruct, refused
from tests.cli.test_dry_run import valid
from thywill_reconstruct import __version__
from thywill_reconstruct.findings.codes import CODES

NAMES = (
    "recover-users",
    "fix-relationships",
    "fix-paths",
    "tree",
    "explain",
    "review",
    "resolve",
    "monitor",
    "history",
)


def test_version(tmp_path: Path) -> None:
    assert reconstruct(tmp_path, "--version").out == f"reconstruct {__version__}\n"


@pytest.mark.parametrize("command", ["", *NAMES])
def test_help_has_an_example_and_is_not_cut_off(tmp_path: Path, command: str) -> None:
    for word in ("--help", "-h"):
        done = reconstruct(tmp_path, *filter(None, [command]), word, settings={"COLUMNS": "80"})
        assert done.code == 0
        assert f"  reconstruct {command}".rstrip() in done.out.split("Examples:")[1]
        assert "..." not in done.out.replace("COMMAND [ARGS]...", "")
        assert max(map(len, done.out.splitlines())) <= 85


def test_completion(tmp_path: Path) -> None:
    settings = {"_RECONSTRUCT_COMPLETE": "complete_bash", "COMP_WORDS": "reconstruct fix", "COMP_CWORD": "1"}
    done = reconstruct(tmp_path, settings=settings)
    assert done.out.split() == ["fix-relationships", "fix-paths"]
    line = f"{' '.join(COMMAND)} --show-completion; true"
    shown = subprocess.run(["bash", "-c", line], env=environment(), capture_output=True, text=True, check=False)
    assert "_reconstruct_completion" in shown.stdout
    home = {**environment(), "HOME": str(tmp_path)}
    line = f"{' '.join(COMMAND)} --install-completion; true"
    subprocess.run(["bash", "-c", line], env=home, capture_output=True, check=True)
    assert any("reconstruct" in path.name for path in tmp_path.rglob("*") if path.is_file())


def test_tree(community: Path) -> None:
    out = reconstruct(community, "tree").out
    assert out.startswith("40 people\n")
    assert "── Ilse  2025-03-03\n" in out
    members = valid(reconstruct(community, "tree", "--json"), "tree")
    assert len(members) == 40
    assert {member["inviter"] for member in members} <= {member["name"] for member in members} | {None}


def test_explain_every_code(tmp_path: Path) -> None:
    for code in list(CODES)[::9]:
        out = reconstruct(tmp_path, "explain", code.lower()).out
        assert out.startswith(f"# {code} {CODES[code].name}\n")
    assert valid(reconstruct(tmp_path, "explain", "PR001", "--json"), "explain")["code"] == "PR001"
    refused(reconstruct(tmp_path, "explain", "IN099"), 64, "IN099", "IN001")


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("max", "a user of the database"),
        ("Mary Johnson", "a user of the database"),
        ("J. R. Finch", "can be recreated"),
        ("A.B.", "under another name today"),
        ("Unknown User", "nobody"),
        ("mary  JOHNSON", "a user of the database"),
    ],
)
def test_explain_a_name(community: Path, name: str, meaning: str) -> None:
    done = reconstruct(community, "explain", name)
    assert done.code == 0, done.err
    assert meaning in done.out
    assert ".txt:" in done.out or meaning == "nobody"
    assert valid(reconstruct(community, "explain", name, "--json"), "explain")


def test_explain_a_pair(community: Path) -> None:
    done = reconstruct(community, "explain", "--pair", "max", "Max", settings={"COLUMNS": "60"})
    assert done.code == 0, done.err
    assert "Two people" in done.out
    assert "Both have a registration of their own" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 60
    pair = valid(reconstruct(community, "explain", "--pair", "max", "Max", "--json"), "explain")
    assert [step["meet"] for step in pair["forms"]] == [False, False, True, True, True]
    assert pair["score"]["score"] == 99
    same = valid(reconstruct(community, "explain", "--pair", "A.B.", "Oskar Gras", "--json"), "explain")
    assert same["outcome"].startswith("One person")
    refused(reconstruct(community, "explain", "--pair", "no one", "nowhere"), 64, "no one", "nowhere")


def test_explain_tells_who_comes_next_and_what_was_decided(community: Path) -> None:
    decided = (
        '[[decision]]\nkind = "different"\nnames = ["max", "Max"]\nby = "Ruth"\non = 2025-07-01\nwhy = "cousins"\n'
    )
    (community / "reconstruct.decisions.toml").write_text(f"# ours\n\n{decided}")
    shown = valid(reconstruct(community, "explain", "max", "--json"), "explain")[0]
    assert shown["runner_up"]["name"] == "Max"
    assert shown["decisions"][0]["line"] == 3
    out = reconstruct(community, "explain", "max").out
    assert "decided by Ruth on 2025-07-01 (line 3): cousins" in " ".join(out.split())


def test_explain_wants_exactly_one_thing(community: Path) -> None:
    refused(reconstruct(community, "explain"), 64, "--pair")
    refused(reconstruct(community, "explain", "max", "--pair", "max", "Max"), 64, "--pair")


def test_explain_somebody_unknown(community: Path) -> None:
    refused(reconstruct(community, "explain", "Nobody At All"), 64, "Nobody At All")
