"""The command line of ``scripts/try_histories``."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.community.histories import Era, History, Verdict
from thywill_reconstruct.workflow import inspect, make_plan


def try_history(seed: int, era: Era, folder: Path) -> tuple[Verdict, Verdict]:
    """Let one community live in a folder; return what plans do to it while healthy, and with half of all references lost."""
    history = History(seed, era)
    history.write(folder)
    archives = folder / "text_archives"
    healthy = history.judge(make_plan(inspect(folder / "truth.db", archives)), {})
    shutil.copy(folder / "truth.db", folder / "thywill.db")
    damaged = history.damage(folder / "thywill.db")
    return healthy, history.judge(make_plan(inspect(folder / "thywill.db", archives)), damaged)


def _tried(seed: int, era: Era) -> tuple[int, Verdict, Verdict]:
    with TemporaryDirectory() as folder:
        return seed, *try_history(seed, era, Path(folder))


def main(words: Sequence[str] | None = None) -> int:
    """Try histories; print a paragraph for each that the tool harms, and a summary. Return 1 if there is any."""
    parser = ArgumentParser(prog="scripts/try_histories", description=__doc__)
    parser.add_argument("--era", choices=("v1", "v2"), default="v1")
    parser.add_argument("--seeds", default="1-100", help="FIRST-LAST, or one seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="write the community of one seed to this folder, and try only that")
    asked: Namespace = parser.parse_args(words)
    first, _, last = asked.seeds.partition("-")
    if asked.keep:
        shutil.rmtree(asked.keep, ignore_errors=True)
        asked.keep.mkdir(parents=True)
        tried = [(int(first), *try_history(int(first), asked.era, asked.keep))]
    else:
        seeds = range(int(first), int(last or first) + 1)
        with ProcessPoolExecutor(asked.jobs) as pool:
            tried = list(pool.map(partial(_tried, era=asked.era), seeds, chunksize=4))
    moved = doubled = wrong = right = damaged = 0
    for seed, healthy, hurt in tried:
        for state, verdict in (("healthy", healthy), ("damaged", hurt)):
            if verdict.faults:
                told = "".join(f"\n    {fault}" for fault in verdict.faults[:4])
                print(f"{asked.era} seed {seed}, {state}: {len(verdict.faults)} faults{told}")
            moved += len(verdict.moved)
            doubled += len(verdict.doubled)
            wrong += len(verdict.wrong)
        right += hurt.right
        damaged += hurt.damaged
    print(
        f"{len(tried)} histories of era {asked.era}: {moved} right rows moved, {doubled} people made twice, "
        f"{wrong} wrong cells, {right / max(1, damaged):.4f} of {damaged} damaged cells back"
    )
    return 1 if moved or doubled or wrong else 0
