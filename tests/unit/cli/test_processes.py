"""Deciding names in two processes: the same decisions as in one, whatever becomes of the second."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Tests may run in a process with threads, where nothing forks; so each runs a process of its own.
SCRIPT = """
import os
from thywill_reconstruct.cli import processes
from thywill_reconstruct.identity.bulk import NameDecision

here = os.getpid()

def decide(names):
    if os.getpid() != here and {dies}:
        os._exit(1)
    return {{name: NameDecision(name, "new", "", (), "here" if os.getpid() == here else "there") for name in names}}

os.cpu_count = lambda: {processors}
names = [str(number) for number in range({count})]
decided = processes.in_two_processes(decide, names)
assert sorted(decided) == sorted(names)
print(*sorted({{decision.reason for decision in decided.values()}}))
"""


@pytest.mark.parametrize(
    ("count", "processors", "dies", "where"),
    [(1_000, 2, False, "here there"), (999, 2, False, "here"), (1_000, 1, False, "here"), (1_000, 2, True, "here")],
    ids=["many", "few", "one processor", "the second process dies"],
)
def test_every_name_is_decided_once(count: int, processors: int, dies: bool, where: str) -> None:
    script = SCRIPT.format(count=count, processors=processors, dies=dies)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (where, "")
