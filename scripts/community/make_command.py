"""Simulate a community: archives and database as the application writes them, then damage to the database.

Example: scripts/make_community /tmp/riverside --users 40 --prayers 150 --seed 7
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .make import damage_community, make_community
from .options import ERAS, MARKS, MIGRATIONS, PROFILES, Options


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line and make the community; return the exit code."""
    standard = Options()
    parser = argparse.ArgumentParser(
        prog="make_community", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="OUT_DIR", type=Path, help="a folder that is new or empty")
    parser.add_argument("--users", type=int, default=standard.users, help="members (default %(default)s)")
    parser.add_argument("--prayers", type=int, default=standard.prayers, help="prayers (default %(default)s)")
    parser.add_argument("--marks-per-prayer", type=float, default=standard.marks_per_prayer, help="mean number")
    parser.add_argument("--months", type=int, default=standard.months, help="length of its life")
    parser.add_argument("--seed", type=int, default=standard.seed, help="same seed, same bytes")
    parser.add_argument("--zone", default=standard.zone, help="time zone of the server (default %(default)s)")
    parser.add_argument("--damage", choices=PROFILES, default=standard.damage, help="default %(default)s")
    parser.add_argument("--renamed", type=int, help="members renamed in the database only")
    parser.add_argument("--twins", type=int, help="members registered twice")
    parser.add_argument("--deleted-users", type=int, help="members whose row is gone")
    parser.add_argument("--weather", action=argparse.BooleanOptionalAction, default=True, help="wear on archives")
    parser.add_argument("--imitations", type=int, default=0, help="testimonies that imitate archive lines")
    parser.add_argument("--era", choices=ERAS, default=standard.era, help="keys are ids (v1) or names (v2)")
    parser.add_argument("--marks", choices=MARKS, default=standard.marks, help="v2: how marks name people")
    parser.add_argument(
        "--migration", type=int, choices=MIGRATIONS, default=standard.migration, help="v2: newest one"
    )
    parser.add_argument("--mixed", action="store_true", help="v2: columns of half-applied migrations")
    parser.add_argument("--exports", action="store_true", help="add what the bulk exporters write")
    parser.add_argument("--from", dest="source", metavar="DIR", type=Path, help="damage a copy of this community")
    arguments = vars(parser.parse_args(argv))
    folder, source = arguments.pop("folder"), arguments.pop("source")
    try:
        if source is None:
            make_community(folder, Options(**arguments))
        else:
            damage_community(source, folder, Options(**arguments))
    except (FileExistsError, ValueError) as error:
        print(f"make_community: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
