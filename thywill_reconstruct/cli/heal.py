"""``heal``: what the archives lack, the question, the writing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.cli.console import Bars, confirm, make_console, say
from thywill_reconstruct.heal.run import Healed, heal
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line
from thywill_reconstruct.workflow import read_decisions

EXAMPLES = 2


def run_heal(
    database: Path,
    archives: Path,
    decisions: Path,
    *,
    execute: bool,
    force: bool,
    yes: bool,
    as_json: bool,
    quiet: bool,
    no_color: bool,
) -> None:
    """Heal, or only show what would be written.

    Raises:
        ReconstructError: See ``heal.run.heal``.
        DeclinedError: The question was not answered with yes.
    """
    console = make_console(no_color=no_color)

    def ask(healed: Healed) -> None:
        if not as_json:
            _print(console, healed, archives, quiet=quiet)
            sys.stdout.flush()
        if not yes:
            files = len(healed.created) + len(healed.appended)
            confirm(
                f"{files:,} files of {archives} will be made or grow. No line that is there is changed.", json=as_json
            )

    with _telling_notes(), Bars(quiet=quiet) as bars:
        healed = heal(
            database,
            archives,
            execute=execute,
            decisions=read_decisions(decisions),
            force=force,
            confirmed=ask,
            progress=bars,
        )
    written = execute and bool(healed.created or healed.appended)
    if as_json:
        print(json.dumps(_fields(healed, written=written), ensure_ascii=True, sort_keys=True))
        return
    if not written:
        _print(console, healed, archives, quiet=quiet)
    console.print()
    if written:
        print_line(console, 0, Text("Done. All was read back as it was meant.", style="bold green"))
        if healed.receipt is not None:
            rows = sum(count for _, count in healed.receipt.counts)
            print_line(
                console, 0, Text(f"{rows:,} rows point to their files now. Backup: {brief(healed.receipt.backup)}")
            )
    elif healed.created or healed.appended:
        print_line(console, 0, Text("Nothing was written. To write it: reconstruct heal --execute"))
    else:
        print_line(console, 0, Text("Nothing to write: the archives tell all that they can."))


@contextmanager
def _telling_notes() -> Iterator[None]:
    """Say what an interruption left, before the command ends with its usual words."""
    try:
        yield
    except KeyboardInterrupt as error:
        for note in getattr(error, "__notes__", ()):
            say(note)
        raise


def _print(console: Console, healed: Healed, archives: Path, *, quiet: bool) -> None:
    title = f"Missing in {brief(str(archives))}: {len(healed.created):,} new files, {len(healed.appended):,} to grow"
    print_line(console, 0, Text(title, style="bold"))
    for what, count in healed.counts.items():
        print_line(console, 2, Text(f"{count:>9,}  {what}"))
    if healed.skipped:
        console.print()
        print_line(console, 0, Text("Cannot be told for certain, and why", style="bold"))
        for reason, count in sorted(Counter(healed.skipped.values()).items()):
            print_line(console, 2, Text(f"{count:>9,}  {brief(reason)}"))
            for subject in [s for s, why in healed.skipped.items() if why == reason][: 0 if quiet else EXAMPLES]:
                print_line(console, 13, Text(f"e.g. {brief(subject)}", style="dim"))


def _fields(healed: Healed, *, written: bool) -> dict[str, object]:
    return {
        "written": written,
        "created": list(healed.created),
        "appended": list(healed.appended),
        "counts": dict(healed.counts),
        "skipped": dict(healed.skipped),
        "backup": healed.receipt.backup if healed.receipt else None,
    }
