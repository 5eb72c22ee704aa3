"""Score a repaired copy of a community's damaged.db against the truth.

Example: scripts/score fixtures/archives/riverside /tmp/repaired.db
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .score import score_repair


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line, score, and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="score", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DAMAGE_DIR", type=Path, help="a folder made by make_community")
    parser.add_argument("repaired", metavar="REPAIRED.db", type=Path, help="the database to judge")
    parser.add_argument("--json", action="store_true", help="print figures only, as JSON")
    parser.add_argument("--faults", type=int, default=5, metavar="N", help="name the first N faults (default 5)")
    arguments = parser.parse_args(argv)
    try:
        score = score_repair(arguments.folder, arguments.repaired)
    except (OSError, sqlite3.Error) as error:
        print(f"score: {error}", file=sys.stderr)
        return 2
    kinds = {kind: asdict(verdicts) for kind, verdicts in sorted(score.kinds.items())}
    if arguments.json:
        print(json.dumps({"kinds": kinds, **score.figures()}))
        return 0
    print(f"{'kind of damage':20} {'right':>6} {'wrong':>6} {'left':>6}")
    for kind, verdicts in kinds.items():
        print(f"{kind:20} {verdicts['right']:6} {verdicts['wrong']:6} {verdicts['left']:6}")
    print()
    for name, value in score.figures().items():
        print(f"{name.replace('_', ' '):24} {value}")
    for fault in score.faults[: arguments.faults]:
        print(f"  {fault}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
