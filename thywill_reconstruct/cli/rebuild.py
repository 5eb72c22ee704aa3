"""``rebuild``: what will be made, the making, and what no archive gives back."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.cli.console import Bars, make_console
from thywill_reconstruct.diff.extents import Chosen
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.rebuild.powers import POWERS
from thywill_reconstruct.rebuild.run import ERAS, Rebuilt, rebuild
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line
from thywill_reconstruct.workflow import read_decisions

# Prayers named one by one in the report; a screen takes in no more.
MOST_CHOSEN = 40


def run_rebuild(
    archives: Sequence[Path],
    target: Path,
    era: str,
    include: Collection[str],
    decisions: Path,
    *,
    dry_run: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
    no_color: bool,
) -> None:
    """Rebuild, or only show what would be made.

    Raises:
        UsageError: The era or a word of ``--include`` is unknown.
        ReconstructError: See ``rebuild.run.rebuild``.
    """
    if era not in ERAS:
        raise UsageError(f"--era does not know {era!r}", hint=f"Known are: {', '.join(ERAS)}.")
    for word in include:
        if word not in POWERS:
            raise UsageError(f"--include does not know {word!r}", hint=f"Known are: {', '.join(POWERS)}.")
    console = make_console(no_color=no_color)

    def tell(rebuilt: Rebuilt) -> None:
        if not as_json:
            _print_rows(console, rebuilt, dry_run=dry_run, quiet=quiet)
            sys.stdout.flush()

    with Bars(quiet=quiet) as bars:
        rebuilt = rebuild(
            archives,
            target,
            era,
            include=include,
            decisions=read_decisions(decisions),
            force=force,
            execute=not dry_run,
            validated=tell,
            progress=bars,
        )
    if as_json:
        print(json.dumps(_fields(rebuilt, made=not dry_run), ensure_ascii=True, sort_keys=True))
        return
    _print_losses(console, rebuilt)
    console.print()
    if dry_run:
        print_line(console, 0, Text("Nothing was made."))
    else:
        print_line(console, 0, Text(f"Done: {brief(str(target))}", style="bold green"))
        print_line(console, 0, Text("It was compared with the archives again: nothing is left to do."))


def _print_rows(console: Console, rebuilt: Rebuilt, *, dry_run: bool, quiet: bool) -> None:
    """Print the report before the first row is written."""
    title = "Would be made" if dry_run else "Will be made"
    print_line(console, 0, Text(f"{title}: {brief(str(rebuilt.target))}, schema {rebuilt.era}", style="bold"))
    if not rebuilt.rows:
        print_line(console, 2, Text("no rows: the archives tell of nobody and nothing for certain"))
    for table, rows in rebuilt.rows.items():
        print_line(console, 2, Text(f"{rows:>9,}  {table}"))
    doubts = Counter(finding.code for finding in rebuilt.doubts)
    if doubts:
        console.print()
        print_line(console, 0, Text("Told by the archives, but not certain enough for a row", style="bold"))
        for code, count in sorted(doubts.items()):
            print_line(console, 2, Text(f"{count:>9,}  {code}  {CODES[code].sentence}"))
            for finding in [f for f in rebuilt.doubts if f.code == code][: 0 if quiet else 2]:
                print_line(console, 13, Text(f"e.g. {brief(finding.key)}: {brief(finding.reason)}", style="dim"))
    _print_chosen(console, rebuilt.chosen)


def _print_chosen(console: Console, chosen: Sequence[Chosen]) -> None:
    """Name the prayers whose text was split by rule: somebody who knows them can look."""
    if not chosen:
        return
    console.print()
    title = f"Made, but the text may be divided wrongly: {len(chosen):,} prayers"
    print_line(console, 0, Text(title, style="bold"))
    print_line(
        console,
        2,
        Text("Lines in them look like the beginning of another section. The first one is taken for it. Please read:"),
    )
    for one in chosen[:MOST_CHOSEN]:
        print_line(console, 2, Text(f"{brief(one.prayer)}  {brief(one.file)}"))
    if len(chosen) > MOST_CHOSEN:
        print_line(console, 2, Text(f"and {len(chosen) - MOST_CHOSEN:,} more: --json names all", style="dim"))


def _print_losses(console: Console, rebuilt: Rebuilt) -> None:
    console.print()
    print_line(console, 0, Text("What archives cannot give back", style="bold"))
    for loss in rebuilt.losses:
        name = loss.table if loss.columns == "*" else f"{loss.table}.{loss.columns}"
        print_line(console, 2, Text(f"{name}: {loss.why}"))


def _fields(rebuilt: Rebuilt, *, made: bool) -> dict[str, object]:
    return {
        "made": made,
        "database": str(rebuilt.target),
        "era": rebuilt.era,
        "rows": dict(rebuilt.rows),
        "doubts": [{"code": f.code, "key": f.key, "reason": f.reason} for f in rebuilt.doubts],
        "divided_by_rule": [one._asdict() for one in rebuilt.chosen],
        "not_recovered": [loss._asdict() for loss in rebuilt.losses],
    }
