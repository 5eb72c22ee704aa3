"""Repairing what rules find: those that are named, in one run."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.mend import Mending, carry_out, find_rule, plan_mending
from thywill_reconstruct.checks.model import Rule
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.checks.server_run import undo_on_server
from thywill_reconstruct.cli.check import OWN_PACK
from thywill_reconstruct.cli.console import make_console, say
from thywill_reconstruct.cli.runs import tell_unsettled
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
    values: tuple[str, ...] = ()


def mend(options: MendOptions) -> int:
    """Preview or carry out the repair of the rules named, in one run, and return the exit code.

    Raises:
        ReconstructError: See ``checks.mend``.
    """
    target = parse_target(options.database)
    if target.path is not None:
        tell_unsettled(target.path, options.timeout)
    now = datetime.now(UTC).replace(tzinfo=None)
    settings = Settings(now=now, timeout_s=options.timeout)
    if options.undo:
        return _undo(options, settings)
    if not options.rules:
        raise UsageError("no rule was named", hint="`reconstruct check` names the rules that can be repaired.")
    packs = [load_pack(name) for name in options.packs or (OWN_PACK,)]
    values = _values(options)
    rules = [find_rule(packs, name, values.get(name)) for name in dict.fromkeys(options.rules)]
    mending = plan_mending(target, packs, rules, settings)
    if not options.json:
        _show(options, mending)
    receipt = None
    if options.execute and mending.operations:
        _confirm(options, mending)
        receipt = carry_out(mending, settings, home=Path.cwd(), allow_large=options.allow_large)
        if not options.json:
            _tell(options, receipt)
    if options.json:
        documents = [_document(rule, mending, receipt) for rule in rules]
        sys.stdout.write(json.dumps({"schema_version": 1, "repairs": documents}, sort_keys=True) + "\n")
    elif not options.execute:
        sys.stdout.write("\nNothing was changed. --execute carries it out.\n")
    return 0


def _values(options: MendOptions) -> dict[str, str | int | float]:
    """Return what --value says; what reads as a number is one."""
    values: dict[str, str | int | float] = {}
    for each in options.values:
        name, equals, text = each.partition("=")
        if not equals or name not in options.rules:
            raise UsageError(f"--value {each} is not RULE=VALUE for a rule that is named")
        values[name] = int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
        if re.fullmatch(r"-?\d{1,15}\.\d+", text):
            values[name] = float(text)
    return values


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
    say(f"{_rows(len(mending.operations))} of {mending.target.shown} will be changed.")
    try:
        answer = input("Type yes to go on: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise DeclinedError("the repair was not confirmed")


def _show(options: MendOptions, mending: Mending) -> None:
    console = make_console(no_color=options.no_color)
    for rule in mending.chosen:
        operations = _operations_of(rule, mending)
        number = len(operations)
        print_line(console, 0, Text(f"{rule.id}: {_rows(number)} would be changed", style="bold"))
        for operation in operations[:SHOWN]:
            print_line(console, 2, Text(describe(operation)), hang=2)
        if number > SHOWN:
            print_line(console, 2, Text(f"and {number - SHOWN:,} more (--json shows them)"))
    for row, reason in mending.left:
        print_line(console, 2, Text(f"left: {brief(row)}, because {brief(reason)}"), hang=2)


def _operations_of(rule: Rule, mending: Mending) -> list[Operation]:
    return [each for each in mending.operations if each.codes == (rule.id,)]


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


def _rows(number: int) -> str:
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def _tell(options: MendOptions, receipt: Receipt) -> None:
    console = make_console(no_color=options.no_color)
    rows = sum(count for _, count in receipt.counts)
    print_line(console, 0, Text(f"Done: {_rows(rows)} changed, run {receipt.run}.", style="bold green"))
    if receipt.backup:
        console.print(Text(f"Backup   {safe(receipt.backup)}"), soft_wrap=True)


def _document(rule: Rule, mending: Mending, receipt: Receipt | None) -> dict[str, object]:
    operations = _operations_of(rule, mending)
    return {
        "rule": rule.id,
        "pending": len(operations),
        "operations": [
            {
                "action": each.action,
                "table": each.table,
                "key": shown_key(each.table, each.key),
                "before": {name: shown_value(each.table, name, value) for name, value in each.before},
                "after": {name: shown_value(each.table, name, value) for name, value in each.after},
            }
            for each in operations
        ],
        "left": [{"row": row, "reason": reason} for row, reason in mending.left],
        "run": receipt.run if receipt else None,
    }
