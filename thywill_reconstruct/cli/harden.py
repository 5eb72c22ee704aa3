"""Hardening: what of the promised schema is there, what is missing, and adding it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.cli.check import OWN_PACK
from thywill_reconstruct.cli.console import make_console, say
from thywill_reconstruct.cli.runs import tell_unsettled
from thywill_reconstruct.errors import DeclinedError, UsageError
from thywill_reconstruct.harden.files import as_alembic, as_sql
from thywill_reconstruct.harden.model import Outcome
from thywill_reconstruct.harden.run import Hardened, execute, inspect, versions_of
from thywill_reconstruct.report.safe import brief, safe
from thywill_reconstruct.report.text import print_line

FORMATS = ("text", "json", "sql", "alembic")
_SIGNS = {
    "missing": ("+", "green"),
    "refused": ("!", "bold red"),
    "different": ("~", "yellow"),
    "unclear": ("?", "yellow"),
}


@dataclass(frozen=True, slots=True)
class HardenOptions:
    """What the operator asked for."""

    database: str
    packs: tuple[str, ...]
    only: tuple[str, ...]
    format: str
    execute: bool
    yes: bool
    no_color: bool
    timeout: int


def harden(options: HardenOptions) -> int:
    """Show, or add, what is missing, and return the exit code: 1 if an execution had to leave something out.

    Raises:
        ReconstructError: See ``harden.run``.
    """
    if options.format not in FORMATS:
        raise UsageError(f"format {options.format} is none of {', '.join(FORMATS)}")
    if options.execute and options.format in ("sql", "alembic"):
        raise UsageError("--execute and a script contradict each other", hint="Leave out one of them.")
    target = parse_target(options.database)
    if target.path is not None:
        tell_unsettled(target.path, options.timeout)
    packs = [load_pack(name) for name in options.packs or (OWN_PACK,)]
    settings = Settings(now=datetime.now(UTC).replace(tzinfo=None), timeout_s=options.timeout)
    scripts = options.format in ("sql", "alembic")
    dialect, outcomes = inspect(target, packs, settings, options.only, proofs=not (options.execute or scripts))
    if scripts:
        alembic = options.format == "alembic"
        versions = versions_of(target, packs, settings) if alembic else ()
        sys.stdout.write(as_alembic(outcomes, packs, versions) if alembic else as_sql(outcomes, packs, dialect))
        return 0
    if options.format == "text":
        _show(options, target.shown, outcomes)
    pending = [each for each in outcomes if each.state == "missing"]
    hardened = Hardened()
    if options.execute and pending:
        _confirm(options, target.shown, pending)
        hardened = execute(target, packs, outcomes, settings, home=Path.cwd())
    if options.format == "json":
        document = _document(target.shown, dialect, outcomes, hardened)
        sys.stdout.write(json.dumps(document, sort_keys=True) + "\n")
    else:
        _tell(options, hardened, pending, on_server=target.path is None)
    left = hardened.failed or any(each.state not in ("kept", "missing") for each in outcomes)
    return 1 if options.execute and left else 0


def _confirm(options: HardenOptions, shown: str, pending: Sequence[Outcome]) -> None:
    if options.yes:
        return
    if options.format == "json" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DeclinedError("nobody is at a terminal to confirm the change")
    say(f"{len(pending):,} things will be added to {safe(shown)}. Nothing is dropped.")
    try:
        answer = input("Type yes to go on: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise DeclinedError("the change was not confirmed")


def _show(options: HardenOptions, shown: str, outcomes: Iterable[Outcome]) -> None:
    console = make_console(no_color=options.no_color)
    ordered = sorted(outcomes, key=lambda each: each.promise.table)
    kept = sum(each.state == "kept" for each in ordered)
    said = f"{shown}: {kept:,} of {len(ordered):,} promises of the schema are kept"
    print_line(console, 0, Text(str(safe(said)), style="bold"))
    for table, group in groupby(ordered, key=lambda each: each.promise.table):
        wrong = [each for each in group if each.state != "kept"]
        if wrong:
            console.print()
            print_line(console, 0, Text(str(safe(table)), style="bold"))
        for outcome in wrong:
            sign, style = _SIGNS[outcome.state]
            line = Text.assemble((f"{sign} ", style), str(safe(outcome.says)))
            print_line(console, 2, line, hang=2)
            if outcome.remedy:
                print_line(console, 6, Text(str(safe(outcome.remedy))))
            if outcome.proof:
                proof = outcome.proof
                for label, text in (("query", proof.query), ("before", proof.before), ("after", proof.after)):
                    print_line(console, 6, Text(f"{label:<7}{brief(text)}", style="dim"), hang=7)
    console.print()


def _tell(options: HardenOptions, hardened: Hardened, pending: Sequence[Outcome], *, on_server: bool) -> None:
    console = make_console(no_color=options.no_color)
    if not pending:
        print_line(console, 0, Text("Nothing is to be added."))
        return
    if not options.execute:
        print_line(console, 0, Text(f"Nothing was changed. --execute adds what is marked + ({len(pending):,})."))
        return
    print_line(console, 0, Text(f"Done: {len(hardened.done):,} things were added.", style="bold green"))
    for name, reason in hardened.failed:
        print_line(console, 2, Text(str(safe(f"not added: {name}: {reason}"))), hang=2)
    for receipt in hardened.receipts:
        back = f"repair --undo {receipt.run} --db URL" if on_server else f"undo {receipt.run}"
        print_line(console, 0, Text(f"Run {receipt.run}; to take it back: reconstruct {back}"))


def _document(shown: str, dialect: str, outcomes: Iterable[Outcome], hardened: Hardened) -> dict[str, object]:
    return {
        "schema_version": 1,
        "database": shown,
        "dialect": dialect,
        "promises": [
            {
                "id": each.promise.id,
                "kind": each.promise.kind,
                "table": each.promise.table,
                "columns": list(each.promise.columns),
                "pack": each.pack,
                "state": each.state,
                "says": each.says,
                "violations": each.violations,
                "remedy": each.remedy or None,
                "sql": [step.create for step in each.steps],
                "proof": each.proof._asdict() if each.proof else None,
            }
            for each in outcomes
        ],
        "added": hardened.done,
        "failed": [{"id": name, "reason": reason} for name, reason in hardened.failed],
        "runs": [receipt.run for receipt in hardened.receipts],
    }
