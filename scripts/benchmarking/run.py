"""Measure whole processes in alternating rounds and print a Markdown table.

Communities are generated once and kept in ``.benchmark/``; delete that folder to have them made anew.
"""

from __future__ import annotations

import argparse
import os
import platform
import pstats
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from scripts.benchmarking.measure import RECONSTRUCT, Sample, measure  # noqa: E402
from scripts.benchmarking.names import names_line  # noqa: E402

CACHE = ROOT / ".benchmark"
SIZES = (2_000, 20_000)
FULL_SIZE = 200_000
MARKS_PER_PRAYER = 6
PRAYERS_PER_USER = 5
BEGIN, END = "<!-- results:begin -->\n", "<!-- results:end -->"
KINDS = ("floor", "dry run", "execution")


class Size(NamedTuple):
    """The medians of one community: per kind of process."""

    prayers: int
    megabytes: float
    samples: dict[str, Sample]


def community(prayers: int) -> Path:
    """Return the folder of a generated, damaged community, made on first use."""
    folder = CACHE / str(prayers)
    if not (folder / "finished").exists():
        print(f"making a community of {prayers:,} prayers", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        options = ["--prayers", str(prayers), "--marks-per-prayer", str(MARKS_PER_PRAYER)]
        options += ["--users", str(prayers // PRAYERS_PER_USER), "--months", "12"]
        maker = [sys.executable, str(ROOT / "scripts" / "make_community"), str(folder / "made")]
        subprocess.run([*maker, *options, "--damage", "production"], check=True, stdout=subprocess.DEVNULL)
        (folder / "finished").touch()
    return folder / "made"


def fresh(made: Path) -> Path:
    """Return the folder in which processes run, with the damaged database as it was made."""
    folder = made.parent / "run"
    if not (folder / "text_archives").exists():
        shutil.copytree(made / "text_archives", folder / "text_archives")
    shutil.rmtree(folder / ".reconstruct", ignore_errors=True)
    for leftover in folder.glob("thywill.db*"):
        leftover.unlink()
    shutil.copy(made / "damaged.db", folder / "thywill.db")
    return folder


def commands() -> dict[str, list[str | Path]]:
    """Return the three commands, to be run in a community's folder."""
    floor = Path(__file__).with_name("floor.py")
    return {
        "floor": [sys.executable, floor, "thywill.db", "text_archives"],
        "dry run": [RECONSTRUCT, "--dry-run"],
        "execution": [RECONSTRUCT, "--execute", "--yes"],
    }


def measure_size(prayers: int, rounds: int) -> Size:
    """Return the medians of a community, after one round that only warms the caches."""
    made = community(prayers)
    samples: dict[str, list[Sample]] = {kind: [] for kind in KINDS}
    for number in range(rounds + 1):
        for kind in KINDS if number % 2 else reversed(KINDS):
            folder = fresh(made)
            print(f"{prayers:,} prayers, round {number}: {kind}", file=sys.stderr)
            sample = measure(commands()[kind], folder)
            if number:
                samples[kind].append(sample)
    paths = [path for path in [made / "damaged.db", *(made / "text_archives").rglob("*")] if path.is_file()]
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    return Size(prayers, megabytes, {kind: middle(taken) for kind, taken in samples.items()})


def middle(taken: Sequence[Sample]) -> Sample:
    """Return the median of each figure."""
    return Sample(*(median(values) for values in zip(*taken, strict=True)))


def table(sizes: Sequence[Size], rounds: int) -> str:
    """Return the results as Markdown."""
    lines = [
        f"Warm; medians of {rounds} rounds (200,000: one round); Python {platform.python_version()}; {os.cpu_count()} cores.",
        "",
        "| prayers | data | process | seconds | processor | × floor | peak memory | growth |",
        "|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for number, size in enumerate(sizes):
        for kind in KINDS:
            sample = size.samples[kind]
            ratio = sample.wall / size.samples["floor"].wall
            growth = "-"
            if number:
                smaller = sizes[number - 1]
                times = sample.wall / smaller.samples[kind].wall
                growth = f"{times / (size.prayers / smaller.prayers):.2f}"
            lines.append(
                f"| {size.prayers:,} | {size.megabytes:.1f} MB | {kind} | {sample.wall:.2f} |"
                f" {sample.processor:.2f} | {ratio:.1f} | {sample.megabytes:.0f} MB | {growth} |"
            )
    lines += ["", "Growth: times slower than the smaller community, divided by times larger. 1.00 is linear."]
    return "\n".join(lines) + "\n"


def profile(prayers: int) -> None:
    """Print where a dry run spends its time: functions by their own time, then by that of all they call."""
    folder = fresh(community(prayers))
    result = folder / "profile.out"
    profiled = [sys.executable, "-m", "cProfile", "-o", str(result)]
    command = [*profiled, str(RECONSTRUCT), "--dry-run"]
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    statistics = pstats.Stats(str(result)).strip_dirs()
    statistics.sort_stats("tottime").print_stats(25)
    statistics.sort_stats("cumulative").print_stats(25)
    result.unlink()


def write(results: str) -> None:
    """Put the results into docs/benchmarks.md."""
    path = ROOT / "docs" / "benchmarks.md"
    head, rest = path.read_text(encoding="utf-8").split(BEGIN)
    path.write_text(head + BEGIN + results + END + rest.split(END)[1], encoding="utf-8")


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark", description="Dry runs and executions against the floor, names against every pair."
    )
    parser.add_argument("--full", action="store_true", help=f"measure {FULL_SIZE:,} prayers as well")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per community (default: 5)")
    parser.add_argument("--profile", action="store_true", help="profile a dry run instead")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    if options.profile:
        profile(SIZES[-1])
        return
    numbers = (*SIZES, FULL_SIZE) if options.full else SIZES
    # One round of the largest takes as long as all others together, and its runs are long enough to be steady.
    rounds = {number: 1 if number == FULL_SIZE else options.rounds for number in numbers}
    results = table([measure_size(number, rounds[number]) for number in numbers], options.rounds)
    results += "\n" + names_line(max(3, options.rounds))
    print(results, end="")
    if options.write:
        write(results)


if __name__ == "__main__":
    main()
