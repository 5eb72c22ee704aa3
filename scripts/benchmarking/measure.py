"""What a process takes: time and memory, as the operating system accounts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RECONSTRUCT = Path(sys.executable).parent / "reconstruct"


class Sample(NamedTuple):
    """One process: wall clock seconds, seconds of processor time, peak resident size in MB."""

    wall: float
    processor: float
    megabytes: float


def measure(command: Sequence[str | Path], folder: Path, expected: int = 0) -> Sample:
    """Run a command to its end and return what it took; memory is that of its largest process.

    Raises:
        SystemExit: The command ended with another exit code than expected; its errors are shown.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        shown = " ".join(str(part) for part in command)
        sys.exit(f"{shown}: exit code {process.returncode}\n{errors.decode(errors='replace')}")
    per_megabyte = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / per_megabyte)
