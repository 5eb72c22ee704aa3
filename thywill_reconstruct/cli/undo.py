"""``reconstruct undo`` and ``reconstruct restore``: take a run back, row by row or whole."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from thywill_reconstruct.apply.history import Run, read_runs
from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.restore import DAMAGED_NAME, execute_restore, plan_restore
from thywill_reconstruct.apply.undo import UndoPlan, conflict_error, execute_undo, preview_undo
from thywill_reconstruct.cli.console import Bars, confirm, discard_stdout, make_console, say
from thywill_reconstruct.cli.runs import dump, tell_unsettled
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.errors import DeclinedError
from thywill_reconstruct.plan.operations import Operation
from thywill_reconstruct.plan.selection import join_words, operation_filter, parse_selection
from thywill_reconstruct.report.runs import print_restore, print_undo, restore_fields, run_fields, undo_fields
from thywill_reconstruct.report.safe import safe
from thywill_reconstruct.report.text import print_line


@dataclass(frozen=True, slots=True)
class BackOptions:
    """What the operator asked for."""

    database: Path
    run: str
    dry_run: bool
    yes: bool
    json: bool
    quiet: bool
    no_color: bool
    timeout: int
    only: tuple[str, ...] = ()
    skip_changed: bool = False
    show_text: bool = False


def undo(options: BackOptions) -> int:
    """Show what can be taken back of a run, ask, and do it. Returns the exit code.

    Raises:
        UndoConflictError: Rows cannot be taken back, and nobody said to leave them.
        ReconstructError: See ``apply.undo``.
    """
    selected = _selection(options)
    tell_unsettled(options.database, options.timeout)
    plan = preview_undo(options.database, options.run, selected, timeout_s=options.timeout)
    mode = "dry-run" if options.dry_run else "undo"
    fields = {"mode": mode, **undo_fields(plan, show_text=options.show_text)}
    console = make_console(no_color=options.no_color)
    if not options.json:
        print_undo(console, plan)
        sys.stdout.flush()
    if options.dry_run or not (plan.operations or plan.refused):
        if options.json:
            print(dump(**fields, receipt=None))
        else:
            _say_next(options, plan)
        return 0
    _agree(options, plan)
    with Bars(quiet=options.quiet) as bars:
        receipt = execute_undo(options.database, plan, selected=selected, progress=bars, timeout_s=options.timeout)
    _tell(options, receipt, fields, f"Done: {_rows(len(plan.operations))} taken back.")
    return 0


def _selection(options: BackOptions) -> Callable[[Operation], bool] | None:
    if not options.only:
        return None
    selection = parse_selection(options.only)
    people: dict[str, str] = {}
    if selection.people:
        people = {row.key: row.name for row in read_database(options.database, options.timeout).users}
    return operation_filter(selection, people)


def _agree(options: BackOptions, plan: UndoPlan) -> None:
    """Make sure that the operator wants it, and knows what will be left.

    Raises:
        UndoConflictError, DeclinedError: It is not certain.
    """
    if plan.refused and (not plan.operations or not options.skip_changed):
        error = conflict_error(plan.refused)
        if not plan.operations:
            error.hint = "Nothing was changed, and nothing is left that could be taken back."
            raise error
        if options.yes or options.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise error
    if not options.yes:
        rest = "The other " if plan.refused else ""
        confirm(
            f"{rest}{_rows(len(plan.operations))} of {options.database} will be taken back. A backup is made first.",
            json=options.json,
        )


def _say_next(options: BackOptions, plan: UndoPlan) -> None:
    console = make_console(no_color=options.no_color)
    console.print()
    if plan.operations or plan.refused:
        print_line(console, 0, Text("Nothing was changed."))
        if plan.operations:
            print_line(console, 0, Text("To take these rows back, with a verified backup made first:"))
            console.print(Text(f"  {safe(_command(options, plan))}"), soft_wrap=True)
        return
    print_line(console, 0, Text("Nothing to take back: this run is undone already.", style="bold green"))
    undone_by = _last_undo_of(options.database, plan.run)
    if undone_by:
        print_line(console, 0, Text("To bring its changes back:"))
        console.print(Text(f"  {safe(_line(options, 'undo', undone_by.name))}"), soft_wrap=True)


def _last_undo_of(database: Path, run: Run) -> Run | None:
    undos = [
        each for each in read_runs(database) if each.receipt.of == run.name and each.receipt.status == "committed"
    ]
    return undos[-1] if undos and undos[-1].receipt.kind == "undo" else None


def _command(options: BackOptions, plan: UndoPlan) -> str:
    words = ["--only", join_words(options.only)] if options.only else []
    return _line(options, "undo", plan.run.name, *words, *(["--skip-changed"] if plan.refused else []))


def _line(options: BackOptions, *words: str) -> str:
    database = [] if str(options.database) == "thywill.db" else ["--db", str(options.database)]
    return shlex.join(["reconstruct", *words, *database])


def restore(options: BackOptions) -> int:
    """Show what would be lost, let the operator type it out, and put the backup back. Returns the exit code.

    Raises:
        ReconstructError: See ``apply.restore``.
    """
    tell_unsettled(options.database, options.timeout)
    plan = plan_restore(options.database, options.run, timeout_s=options.timeout)
    fields = {"mode": "dry-run" if options.dry_run else "restore", **restore_fields(plan)}
    if not options.json:
        print_restore(make_console(no_color=options.no_color), plan)
        sys.stdout.flush()
    if options.dry_run:
        if options.json:
            print(dump(**fields, receipt=None))
        else:
            say("Nothing was changed.")
        return 0
    if not options.yes:
        try:
            confirm(
                f"{options.database} will be replaced by this backup, whole. What it is now is kept as a backup.",
                word="restore",
                json=options.json,
            )
        except DeclinedError as error:
            raise DeclinedError(
                str(error), hint="Nothing was changed. Add --yes to restore without being asked."
            ) from error
    with Bars(quiet=options.quiet) as bars:
        receipt = execute_restore(options.database, plan, progress=bars, timeout_s=options.timeout)
    _tell(options, receipt, fields, f"Done: {options.database} is as it was before run {plan.run.name}.")
    return 0


def _tell(options: BackOptions, receipt: Receipt, fields: dict[str, Any], done: str) -> None:
    """Print what was done. It is done, so nothing that happens here may look like a failure."""
    folder = options.database.resolve().parent / ".reconstruct" / receipt.run
    try:
        if options.json:
            print(dump(**fields, receipt=run_fields(Run(folder, replace(receipt, operations=())))))
        else:
            console = make_console(no_color=options.no_color)
            console.print()
            print_line(console, 0, Text(safe(done), style="bold green"))
            damaged = folder / DAMAGED_NAME
            kept = ("Damaged", str(damaged)) if damaged.exists() else ("Backup", receipt.backup or "none")
            for label, place in (kept, ("Receipt", str(folder))):
                console.print(Text(f"{label:<9}{safe(place)}"), soft_wrap=True)
            word = "restore" if receipt.kind == "restore" else "undo"
            if receipt.backup:
                console.print(
                    Text(f"To go back once more: {safe(_line(options, word, receipt.run))}"), soft_wrap=True
                )
        sys.stdout.flush()
    except (OSError, KeyboardInterrupt):
        discard_stdout()
        say(f"reconstruct: it is done, only its report was cut short. Receipt: {folder}")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
