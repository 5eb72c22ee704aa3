"""The main job: preview, ask, execute. Shared by ``reconstruct`` itself and by the commands that repair a part."""

from __future__ import annotations

import sys
from pathlib import Path

from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.cli.console import Bars, make_console, say
from thywill_reconstruct.cli.options import RepairOptions
from thywill_reconstruct.errors import DeclinedError
from thywill_reconstruct.plan.build import DELETION_REASON, select_codes
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.report.as_json import as_json
from thywill_reconstruct.report.model import Report, Subject, build_report
from thywill_reconstruct.report.safe import safe
from thywill_reconstruct.report.text import print_report
from thywill_reconstruct.workflow import Inspection, inspect, make_plan, rediff


def repair(options: RepairOptions) -> int:
    """Preview or execute, and return the exit code.

    Raises:
        ReconstructError: See ``workflow.inspect`` and ``apply.run.execute_plan``.
    """
    select_codes(options.only)  # a wrong word is refused before minutes of reading
    with Bars(quiet=options.quiet or options.json) as bars:
        inspection = inspect(options.database, options.archives, force=options.force, progress=bars)
        plan = make_plan(inspection, only=options.only, merge_duplicates=options.merge_duplicates)
    mode = "execute" if options.execute else "dry-run"
    report = build_report(mode, describe(inspection, options), plan, _next_step(options, plan))
    if not options.json:
        print_report(make_console(no_color=options.no_color), report, quiet=options.quiet)
        sys.stdout.flush()
    receipt = _execute(options, inspection, plan) if options.execute and report.pending else None
    if options.json:
        print(as_json(report, receipt=_receipt_fields(receipt), show_text=options.show_text))
    elif receipt:
        _print_receipt(options, receipt)
    return 1 if options.exit_code and report.pending and not options.execute else 0


def describe(inspection: Inspection, options: RepairOptions) -> Subject:
    """Return what was compared, for the head of the report."""
    counts = inspection.snapshot.counts
    shown = (("users", "user"), ("prayers", "prayer"), ("marks", "prayermark"))
    files = inspection.archive.files
    return Subject(
        database=str(options.database),
        era=inspection.snapshot.schema.era,
        rows=tuple((name, counts.get(table, 0)) for name, table in shown),
        archives=str(options.archives),
        archive_files=len(files),
        archive_prayers=inspection.analysis.shared[1],
        lines=sum(file.lines for file in files),
        understood=sum(file.understood for file in files),
    )


def _next_step(options: RepairOptions, plan: Plan) -> str:
    """Return what the operator can do now, in words."""
    held_back = sum(finding.reason == DELETION_REASON for finding in plan.skipped)
    lines = []
    if not options.execute and plan.operations:
        lines = [
            "Nothing was changed. To carry this out, with a verified backup made first:",
            f"  {options.to_execute()}",
        ]
    elif not options.execute:
        lines = ["Nothing was changed."]
    if held_back:
        lines.append(f"Add --merge-duplicates to also delete {held_back:,} doubled rows.")
    if plan.skipped and not options.execute:
        lines.append("What a code means, and what to do by hand: reconstruct explain CODE")
    return safe("\n".join(lines)).replace("\\x0a", "\n")


def _execute(options: RepairOptions, inspection: Inspection, plan: Plan) -> Receipt:
    """Ask, then carry out the plan."""
    if not options.yes:
        _confirm(options, plan)
    with Bars(quiet=options.quiet or options.json) as bars:
        return execute_plan(
            options.database, plan, rediff(inspection), allow_large=options.allow_large, progress=bars
        )


def _confirm(options: RepairOptions, plan: Plan) -> None:
    """Let the operator type a full word; anything else, and anybody who is not there, means no.

    Raises:
        DeclinedError: The answer was not yes.
    """
    if options.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DeclinedError("nobody is at the terminal to confirm the repair")
    say(f"\nThis changes {len(plan.operations):,} rows of {options.database}. A backup is made first.")
    if input("Type yes to go on: ").strip().lower() != "yes":
        raise DeclinedError("the repair was not confirmed")


def _receipt_fields(receipt: Receipt | None) -> dict[str, object] | None:
    if receipt is None:
        return None
    return {
        "run": receipt.run,
        "status": receipt.status,
        "started": receipt.started,
        "finished": receipt.finished,
        "backup": receipt.backup,
        "counts": dict(receipt.counts),
    }


def _print_receipt(options: RepairOptions, receipt: Receipt) -> None:
    rows = sum(count for _, count in receipt.counts)
    lines = (
        f"\nDone: {rows:,} rows changed, and the comparison run again: what was planned is repaired, nothing new appeared.",
        f"Backup   {receipt.backup}",
        f"Receipt  {Path(receipt.backup).parent}",
    )
    console = make_console(no_color=options.no_color)
    for line in lines:
        console.print(safe(line.lstrip("\n")), overflow="fold") if not line.startswith("\n") else console.print(
            "\n" + safe(line[1:]), overflow="fold"
        )


__all__ = ["Report", "describe", "repair"]
