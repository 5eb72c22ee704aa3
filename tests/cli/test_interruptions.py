"""Interrupted runs roll back and say so; a reader who leaves is no failure to shout about."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.cli.support import (
    COMMAND,
    environment,
    interrupted,
    listing,
    reconstruct,
    unmeasured,
    without_private_folder,
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_all_is_done_makes_no_failure_of_it(number: signal.Signals) -> None:
    program = (
        "import atexit, os, signal\n"
        "from thywill_reconstruct.cli import app\n"
        f"atexit.register(lambda: os.kill(os.getpid(), {number.value}))\n"
        "app.run = lambda: 0\n"
        "app.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=unmeasured())
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("ignored", [False, True])
def test_ctrl_c_while_the_program_loads(tmp_path: Path, ignored: bool) -> None:
    """A library that takes long to load stands in for a slow disk; ``nohup`` keeps the signal ignored."""
    (tmp_path / "typer.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(1)\nprint('loaded')\n")
    with subprocess.Popen(
        COMMAND,
        env=unmeasured({"PYTHONPATH": str(tmp_path)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    if ignored:
        assert (process.returncode, out) == (1, "loaded\n"), "it went on, and missed what the stand-in lacks"
    else:
        assert (process.returncode, out, err) == (130, "", "")


def test_the_command_is_installed_with_that_entry_point() -> None:
    (entry,) = entry_points(group="console_scripts", name="reconstruct")
    assert entry.value == "thywill_reconstruct.__main__:main"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_execution(community: Path, number: signal.Signals) -> None:
    before = without_private_folder(listing(community))
    words = ["--execute", "--yes", "--quiet"]
    code, said = interrupted(community, words, number, lambda: any(community.glob(".reconstruct/*/operations.jsonl")))
    assert "Traceback" not in said
    if code == 0:  # it was quicker than the signal
        return
    assert code == 130, said
    assert said == "reconstruct: interrupted. The database is as it was.\n"
    after = without_private_folder(listing(community))
    assert {name: file[3] for name, file in after.items()} == {name: file[3] for name, file in before.items()}
    assert reconstruct(community, "--execute", "--yes").code == 0


@pytest.mark.parametrize("words", [["--dry-run"], ["--dry-run", "--json"], ["tree"], ["explain", "PR001"]])
def test_a_reader_who_leaves(community: Path, words: list[str]) -> None:
    for reader in ("head -c 1", "true"):
        line = f"{' '.join(COMMAND)} {' '.join(words)} | {reader}"
        done = subprocess.run(line, shell=True, cwd=community, env=environment(), capture_output=True, check=False)
        assert done.stderr == b""


def test_an_execution_whose_reader_leaves_changes_nothing_or_all(community: Path) -> None:
    pending = reconstruct(community, "--dry-run", "--json").json["pending"]
    line = f"{' '.join(COMMAND)} --execute --yes | true"
    done = subprocess.run(line, shell=True, cwd=community, env=environment(), capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    assert reconstruct(community, "--dry-run", "--json").json["pending"] in (0, pending)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(community: Path, closed: str) -> None:
    for words in ("--dry-run", "tree"):
        line = f"{' '.join(COMMAND)} {words} {closed}"
        done = subprocess.run(line, shell=True, cwd=community, env=environment(), capture_output=True, check=False)
        assert done.returncode == 0
        assert done.stderr == b""


@pytest.mark.parametrize(
    ("words", "code"), [("--dry-run --db nowhere.db", 10), ("--no-such-option", 64), ("tree", 0)]
)
def test_nobody_who_takes_the_messages_changes_the_exit_code(community: Path, words: str, code: int) -> None:
    for ending in ("2> /dev/full", "2> >(true)"):
        line = f"{' '.join(COMMAND)} {words} {ending}"
        done = subprocess.run(
            ["bash", "-c", line], cwd=community, env=environment(), capture_output=True, check=False
        )
        assert done.returncode == code
