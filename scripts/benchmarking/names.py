"""Measure ``reconstruct resolve`` side by side with comparing every name with every user.

    .venv/bin/python scripts/benchmarking/names.py [--users N] [--names N] [--rounds N]

The other side is ``rapidfuzz.process.cdist`` with Levenshtein on two cores. Both work on the same made-up names, in
alternating rounds; figures are medians.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from scripts.benchmarking.measure import RECONSTRUCT, Sample, measure  # noqa: E402

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


def measure_names(users: int, names: int, rounds: int) -> list[dict[str, Sample]]:
    """Return what both sides took, round by round, after a round that only warms the caches."""
    namer = Namer(seed=5)
    display_names = [namer.name() for _ in range(users)]
    picked = random.Random(7).choices(display_names, k=names)
    with tempfile.TemporaryDirectory() as folder:
        left = write(Path(folder, "users.csv"), ("id", "display_name"), display_names)
        right = write(Path(folder, "names.csv"), ("mention_id", "name"), map(namer.variant, picked))
        commands: dict[str, list[str | Path]] = {
            "resolve": [RECONSTRUCT, "resolve", "-q", "--users", left, "--names", right],
            "cdist": [sys.executable, "-c", CDIST, left, right],
        }
        taken = [
            {kind: measure(commands[kind], Path(folder)) for kind in (sorted(commands) if number % 2 else commands)}
            for number in range(rounds + 1)
        ]
    return taken[1:]


def summary(rounds: Sequence[Mapping[str, Sample]]) -> tuple[float, Sample, Sample]:
    """Return the median ratio of wall clock seconds, round by round, and the medians of both sides."""
    resolve, cdist = (
        Sample(*map(median, zip(*(taken[kind] for taken in rounds), strict=True))) for kind in ("resolve", "cdist")
    )
    return median(taken["resolve"].wall / taken["cdist"].wall for taken in rounds), resolve, cdist


def names_line(rounds: int, users: int = 100_000, names: int = 10_000) -> str:
    """Return the results as a Markdown table."""
    ratio, resolve, cdist = summary(measure_names(users, names, rounds))
    return (
        f"{names:,} names against {users:,} users; medians of {rounds} rounds.\n\n"
        "| process | seconds | processor | × cdist | peak memory |\n|---|---:|---:|---:|---:|\n"
        f"| `reconstruct resolve` | {resolve.wall:.2f} | {resolve.processor:.2f} | {ratio:.2f} |"
        f" {resolve.megabytes:.0f} MB |\n"
        f"| every pair: `rapidfuzz.process.cdist`, Levenshtein, both cores | {cdist.wall:.2f} |"
        f" {cdist.processor:.2f} | 1.00 | {cdist.megabytes:.0f} MB |\n"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--names", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    print(names_line(wanted.rounds, wanted.users, wanted.names), end="")


if __name__ == "__main__":
    main()
