"""The main job: preview, ask, execute. Shared by ``reconstruct`` itself and by the commands that repair a part."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.apply.precheck import Excess
from thywill_reconstruct.apply.proportion import foresee
from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.run import Rediff, execute_plan
from thywill_reconstruct.cli.console import Bars, confirm, discard_stdout, make_console, say
from thywill_reconstruct.cli.options import RepairOptions
from thywill_reconstruct.cli.runs import tell_unsettled
from thywill_reconstruct.findings.codes import SEVERITIES
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.build import DELETION_REASON
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.report.as_json import as_json
from thywill_reconstruct.report.model import Report, Subject, build_report
from thywill_reconstruct.report.safe import safe
from thywill_reconstruct.report.text import print_line, print_report
from thywill_reconstruct.workflow import Inspection, inspect, make_plan, rediff

# Names that may mean somebody: with candidates among whom a person can choose.
_OPEN_NAMES = ("US004", "US007")


def repair(options: RepairOptions) -> int:
    """Preview or execute, and return the exit code.

    Raises:
        ReconstructError: See ``workflow.inspect`` and ``apply.run.execute_plan``.
    """
    tell_unsettled(options.database, options.timeout)
    with Bars(quiet=options.quiet) as bars:
        inspection = inspect(
            options.database,
            options.archives,
            decisions=options.decisions,
            force=options.force,
            progress=bars,
            timeout_s=options.timeout,
        )
        plan = make_plan(inspection, only=options.only, merge_duplicates=options.merge_duplicates)
    mode = "execute" if options.execute else "dry-run"
    report = build_report(
        mode, describe(inspection, options), plan, _next_step(options, plan, foresee(plan, inspection.snapshot))
    )
    if not options.json:
        print_report(make_console(no_color=options.no_color), report, quiet=options.quiet)
        sys.stdout.flush()
    if options.execute and report.pending:
        receipt = carry_out(options, plan, rediff(inspection))
        tell(options, report, receipt)
    elif options.json:
        print(as_json(report, show_text=options.show_text))
    return 1 if options.exit_code and report.pending and not options.execute else 0


def tell(options: RepairOptions, report: Report, receipt: Receipt) -> None:
    """Print what was done. It is done, so nothing that happens here may look like a failure of the repair."""
    try:
        if options.json:
            print(as_json(report, receipt=_receipt_fields(receipt), show_text=options.show_text))
        else:
            _print_receipt(options, receipt)
        sys.stdout.flush()
    except (OSError, KeyboardInterrupt):
        discard_stdout()
        say(f"reconstruct: the repair is done, only its report was cut short. Receipt: {_folder_of(receipt)}")


def describe(inspection: Inspection, options: RepairOptions) -> Subject:
    """Return what was compared, for the head of the report."""
    counts = inspection.snapshot.counts
    shown = (("users", "user"), ("prayers", "prayer"), ("marks", "prayermark"))
    files = inspection.archive.files
    return Subject(
        database=str(options.database),
        era=inspection.snapshot.schema.era,
        rows=tuple((name, counts.get(table, 0)) for name, table in shown),
        archives=inspection.archive.label,
        archive_files=len(files),
        archive_prayers=inspection.analysis.shared[1],
        lines=sum(file.lines for file in files),
        understood=sum(file.understood for file in files),
    )


def _next_step(options: RepairOptions, plan: Plan, excess: Iterable[Excess]) -> str:
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
    for one in () if options.execute or options.allow_large else excess:
        lines.append(f"It will be refused unless --allow-large is added, because it changes much at once. {one}.")
    if held_back:
        lines.append(f"With --merge-duplicates, {_rows(held_back)} that stand there twice would be deleted as well.")
    names = sum(finding.code in _OPEN_NAMES and bool(finding.expected) for finding in plan.skipped)
    if names and not options.execute:
        lines.append(f"{names:,} {'name waits' if names == 1 else 'names wait'} for you to say who it is:")
        lines.append(f"  {options.to_review()}")
    if plan.skipped and not options.execute:
        lines.append("What a code means, and what to do by hand: reconstruct explain CODE, for example")
        lines.append(f"  reconstruct explain {_most_severe(plan.skipped).code}")
    return "\n".join(map(safe, lines))


def _most_severe(findings: Iterable[Finding]) -> Finding:
    return min(findings, key=lambda finding: (SEVERITIES.index(finding.info.severity), finding.identity))


def carry_out(options: RepairOptions, plan: Plan, check: Rediff) -> Receipt:
    """Ask, then carry out the plan; ``check`` compares again before the commit."""
    if not options.yes:
        changed = f"{_rows(len(plan.operations))} of {options.database} will be changed."
        confirm(f"{changed} A backup is made first.", json=options.json)
    with Bars(quiet=options.quiet) as bars:
        return execute_plan(
            options.database,
            plan,
            check,
            allow_large=options.allow_large,
            progress=bars,
            timeout_s=options.timeout,
        )


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _folder_of(receipt: Receipt) -> Path:
    return Path(receipt.backup).parent


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
    console = make_console(no_color=options.no_color)
    console.print()
    print_line(console, 0, Text(f"Done: {_rows(rows)} changed.", style="bold green"))
    print_line(
        console,
        0,
        Text("All was compared again before it became final: every planned repair worked, nothing else changed."),
    )
    for label, place in (("Backup", receipt.backup), ("Receipt", str(_folder_of(receipt)))):
        console.print(Text(f"{label:<9}{safe(place)}"), soft_wrap=True)  # paths to copy stay on one line
