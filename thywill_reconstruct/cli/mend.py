"""Repairing what rules find: rule by rule, each a run of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.mend import Mending, carry_out, find_rule, plan_mending
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.checks.server_run import undo_on_server
from thywill_reconstruct.cli.check import OWN_PACK
from thywill_reconstruct.cli.console import make_console, say
from thywill_reconstruct.errors import DeclinedError, UsageError
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import Operation
from thywill_reconstruct.report.safe import brief, safe, shown_key, shown_value
from thywill_reconstruct.report.text import print_line

SHOWN = 5


@dataclass(frozen=True, slots=True)
class MendOptions:
    """What the operator asked for."""

    database: str
    rules: tuple[str, ...]
    packs: tuple[str, ...]
    execute: bool
    yes: bool
    json: bool
    allow_large: bool
    no_color: bool
    timeout: int
    undo: str


def mend(options: MendOptions) -> int:
    """Preview or carry out the repair of the rules named, in that order, and return the exit code.

    Raises:
        ReconstructError: See ``checks.mend``.
    """
    target = parse_target(options.database)
    now = datetime.now(UTC).replace(tzinfo=None)
    settings = Settings(now=now, timeout_s=options.timeout)
    if options.undo:
        return _undo(options, settings)
    if not options.rules:
        raise UsageError("no rule was named", hint="`reconstruct check` names the rules that can be repaired.")
    packs = [load_pack(name) for name in options.packs or (OWN_PACK,)]
    rules = [find_rule(packs, name) for name in options.rules]
    documents = []
    for rule in rules:
        mending = plan_mending(target, packs, rule, settings)
        if not options.json:
            _show(options, mending)
        receipt = None
        if options.execute and mending.plan.operations:
            _confirm(options, mending)
            receipt = carry_out(mending, settings, home=Path.cwd(), allow_large=options.allow_large)
            if not options.json:
                _tell(options, receipt)
        documents.append(_document(mending, receipt))
    if options.json:
        sys.stdout.write(json.dumps({"schema_version": 1, "repairs": documents}, sort_keys=True) + "\n")
    elif not options.execute:
        sys.stdout.write("\nNothing was changed. --execute carries it out.\n")
    return 0


def _undo(options: MendOptions, settings: Settings) -> int:
    target = parse_target(options.database)
    if target.path is not None:
        raise UsageError(
            "runs on a file are taken back with `reconstruct undo`", hint="Use: reconstruct undo RUN --db FILE."
        )
    receipt = undo_on_server(
        target,
        options.undo,
        home=Path.cwd(),
        timeout_s=settings.timeout_s,
        statement_timeout_s=settings.statement_timeout_s,
    )
    _tell(options, receipt)
    return 0


def _confirm(options: MendOptions, mending: Mending) -> None:
    if options.yes:
        return
    if options.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DeclinedError("nobody is at a terminal to confirm the repair")
    say(f"{len(mending.plan.operations):,} rows of {mending.target.shown} will be changed.")
    try:
        answer = input("Type yes to go on: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise DeclinedError("the repair was not confirmed")


def _show(options: MendOptions, mending: Mending) -> None:
    console = make_console(no_color=options.no_color)
    number = len(mending.plan.operations)
    print_line(console, 0, Text(f"{mending.rule.id}: {number:,} rows would be changed", style="bold"))
    for operation in mending.plan.operations[:SHOWN]:
        print_line(console, 2, Text(describe(operation)), hang=2)
    if number > SHOWN:
        print_line(console, 2, Text(f"and {number - SHOWN:,} more (--json shows them)"))
    for row, reason in mending.plan.left:
        print_line(console, 2, Text(f"left: {brief(row)}, because {brief(reason)}"), hang=2)


def describe(operation: Operation) -> str:
    """Return one operation in one line."""
    table = operation.table
    row = brief(f"{table} {shown_key(table, operation.key)!s}")
    if operation.action != "update":
        return f"{operation.action!s} {row}"
    changes = zip(operation.before, operation.after, strict=True)
    said = ", ".join(
        f"{name} {_value(table, name, old)} → {_value(table, name, new)}" for (name, old), (_, new) in changes
    )
    return f"{row}: {brief(said)}"


def _value(table: str, name: str, value: Value) -> str:
    return str(shown_value(table, name, value))


def _tell(options: MendOptions, receipt: Receipt) -> None:
    console = make_console(no_color=options.no_color)
    rows = sum(count for _, count in receipt.counts)
    print_line(console, 0, Text(f"Done: {rows:,} rows changed, run {receipt.run}.", style="bold green"))
    if receipt.backup:
        console.print(Text(f"Backup   {safe(receipt.backup)}"), soft_wrap=True)


def _document(mending: Mending, receipt: Receipt | None) -> dict[str, object]:
    return {
        "rule": mending.rule.id,
        "pending": len(mending.plan.operations),
        "operations": [
            {
                "action": each.action,
                "table": each.table,
                "key": shown_key(each.table, each.key),
                "before": {name: shown_value(each.table, name, value) for name, value in each.before},
                "after": {name: shown_value(each.table, name, value) for name, value in each.after},
            }
            for each in mending.plan.operations
        ],
        "left": [{"row": row, "reason": reason} for row, reason in mending.plan.left],
        "run": receipt.run if receipt else None,
    }
