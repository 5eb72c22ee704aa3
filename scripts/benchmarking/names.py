"""Measure ``reconstruct resolve`` side by side with comparing every name with every user.

    .venv/bin/python scripts/benchmarking/names.py [--users N] [--names N] [--rounds N]

The other side is ``rapidfuzz.process.cdist`` with Levenshtein on two cores, which needs numpy; without numpy only the
resolver is measured. Both work on the same made-up names, in alternating rounds; figures are medians.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import random
import sys
import tempfile
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from scripts.benchmarking.run import RECONSTRUCT, measure  # noqa: E402

_SYLLABLES = (
    "an ber co da el fi go ha in jo ka li ma no or pe qu ri sa to ul va wi xa yo zen mar son ley ton berg ova"
)
SYLLABLES = _SYLLABLES.split(" ")
STYLES = ("{0} {1}", "{0} {1}", "{0}{1}", "{0}_{1}", "{0}.{1}{2}", "{3}{1}{2}")
CDIST = """
import csv, sys
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
users, names = ([row[1] for row in csv.reader(open(path, encoding="utf-8"))][1:] for path in sys.argv[1:])
for start in range(0, len(names), 1000):
    process.cdist(names[start : start + 1000], users, scorer=Levenshtein.distance, workers=2)
"""


class Namer:
    """Makes names whose words are as unevenly spread as people's are."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._given = self._words(1_000, (2, 2, 3), 10)
        self._surnames = self._words(7_000, (2, 3, 3), 20)

    def _words(self, count: int, lengths: tuple[int, ...], flat: int) -> tuple[list[str], list[float]]:
        made = {
            "".join(self._chance.choices(SYLLABLES, k=self._chance.choice(lengths))).title() for _ in range(count)
        }
        words = sorted(made)
        self._chance.shuffle(words)
        return words, list(accumulate(1 / (rank + flat) for rank in range(len(words))))

    def name(self) -> str:
        """Return a name in one of the styles of communities."""
        given, surname = (self._chance.choices(words, cum_weights=w)[0] for words, w in (self._given, self._surnames))
        number = self._chance.choice(["", str(self._chance.randint(1, 2010))])
        made = self._chance.choice(STYLES).format(given, surname, number, given[0])
        return made if self._chance.random() < 0.6 else made.lower()

    def variant(self, name: str) -> str:
        """Return a name as somebody else may write it: in capitals, with slips, or somebody else's."""
        way = self._chance.random()
        if way < 0.35:
            return self._chance.choice([name, name.upper(), name.replace("_", " ")])
        if way < 0.65:
            for _ in range(self._chance.choice([1, 2])):
                at = self._chance.randrange(len(name))
                name = name[:at] + self._chance.choice(["", "e"]) + name[at + self._chance.choice([0, 1]) :]
            return name
        return name.split()[0] if way < 0.7 else self.name()


def write(path: Path, header: tuple[str, str], texts: Iterable[str]) -> Path:
    """Write numbered texts as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *((str(number), text) for number, text in enumerate(texts))])
    return path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--names", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    namer = Namer(seed=5)
    display_names = [namer.name() for _ in range(wanted.users)]
    picked = random.Random(7).choices(display_names, k=wanted.names)
    with tempfile.TemporaryDirectory() as folder:
        users = write(Path(folder, "users.csv"), ("id", "display_name"), display_names)
        names = write(Path(folder, "names.csv"), ("mention_id", "name"), map(namer.variant, picked))
        commands: dict[str, list[str | Path]] = {
            "resolve": [RECONSTRUCT, "resolve", "-q", "--users", users, "--names", names]
        }
        if importlib.util.find_spec("numpy"):
            commands["cdist"] = [sys.executable, "-c", CDIST, users, names]
        rounds = [
            {kind: measure(command, Path(folder)) for kind, command in commands.items()} for _ in range(wanted.rounds)
        ]
    walls = {kind: median(samples[kind].wall for samples in rounds) for kind in commands}
    for kind, wall in walls.items():
        print(f"{kind:8} {wall:6.2f} s  {max(samples[kind].megabytes for samples in rounds):6.0f} MB")
    if "cdist" in walls:
        print(f"ratio    {median(s['resolve'].wall / s['cdist'].wall for s in rounds):6.2f}  (aim: at most 0.7)")
    else:
        print("numpy is not installed: nothing to compare with")


if __name__ == "__main__":
    main()
