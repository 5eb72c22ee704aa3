"""``reconstruct runs``: what was done to a database, and what became of it."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Any

from rich.text import Text

from thywill_reconstruct import __version__
from thywill_reconstruct.apply.history import find_run, other_databases, read_runs
from thywill_reconstruct.apply.receipt import read_receipt
from thywill_reconstruct.apply.retention import old_backups, remove_old_backups
from thywill_reconstruct.cli.console import confirm, make_console, say
from thywill_reconstruct.errors import NotWritableError
from thywill_reconstruct.report.as_json import operation_fields
from thywill_reconstruct.report.runs import outcome_words, print_operations, print_run, run_fields
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line

SCHEMA_VERSION = 1


def dump(**values: Any) -> str:
    """Return a JSON document of one line, with what every document of ours begins with."""
    head = {"schema_version": SCHEMA_VERSION, "tool": "thywill-reconstruct", "tool_version": __version__}
    return json_module.dumps({**head, **values}, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def tell_unsettled(database: Path, timeout_s: float) -> None:
    """Say what became of runs that ended without a word: killed, or cut off by a power failure. Writes nothing.

    The receipt is put right by the next run that executes something.
    """
    try:
        runs = read_runs(database, timeout_s=timeout_s)
    except NotWritableError as error:  # somebody else's; what only reads goes on without
        say(f"reconstruct: {error}.")
        return
    for run in runs:
        if run.alive:
            say(f"reconstruct: run {run.name} (process {run.receipt.pid}) is at work on this database right now.")
        elif run.unsettled:
            words = {
                "committed": "all of its changes are in the database.",
                "rolled back": "none of its changes are in the database.",
            }.get(run.receipt.status, f"what became of it is not certain; its backup is {run.backup or 'gone'}.")
            say(f"reconstruct: run {run.name} was cut off: {words}")


def list_runs(database: Path, *, json: bool, no_color: bool, timeout_s: float) -> None:
    """Print every run, newest first."""
    runs = read_runs(database, timeout_s=timeout_s)
    if json:
        print(dump(runs=[run_fields(run) for run in reversed(runs)]))
        return
    console = make_console(no_color=no_color)
    if not runs:
        others = ", ".join(map(brief, other_databases(database)))
        known = f" The folder .reconstruct beside it holds runs of {others}: was it called so?" if others else ""
        print_line(console, 0, Text(f"No runs yet: nothing was ever executed on {brief(database.name)}.{known}"))
    for number, run in enumerate(reversed(runs)):
        if number:
            console.print()
        print_run(console, run)


def show_run(database: Path, word: str, *, json: bool, no_color: bool, show_text: bool, timeout_s: float) -> None:
    """Print one run with its rows.

    Raises:
        NoSuchRunError: There is no such run.
        ReconstructError: Its receipt cannot be read.
    """
    run = find_run(read_runs(database, timeout_s=timeout_s), word)
    operations = read_receipt(run.folder).operations
    if json:
        print(dump(run=run_fields(run), operations=[operation_fields(each, show_text) for each in operations]))
        return
    console = make_console(no_color=no_color)
    print_run(console, run)
    if operations:
        console.print()
        print_operations(console, operations, show_text=show_text)


def prune_backups(database: Path, keep: int, *, dry_run: bool, yes: bool, timeout_s: float) -> None:
    """Remove old backups, after a question.

    Raises:
        DeclinedError: Nobody confirmed it.
        ReconstructError: See ``retention.remove_old_backups``.
    """
    old = old_backups(read_runs(database, timeout_s=timeout_s), keep)
    for each in old:
        say(f"{each.run.name}  {outcome_words(each.run)}  {each.bytes / 1_000_000:,.1f} MB")
    size = f"{len(old):,} old backups ({sum(each.bytes for each in old) / 1_000_000:,.1f} MB)"
    if not old:
        say("There are no old backups to remove.")
    elif dry_run:
        say(f"{size} would be removed. Nothing was changed.")
    else:
        if not yes:
            confirm(f"{size} will be removed for good. The receipts stay, so rows can still be taken back.")
        removed = remove_old_backups(database, keep)
        say(f"{len(removed):,} old backups were removed.")
