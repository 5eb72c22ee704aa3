"""Make, show and apply saved plans: what the commands in ``cli.commands.plans`` do."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.apply.run import Rediff
from thywill_reconstruct.cli.console import Bars, make_console, say
from thywill_reconstruct.cli.options import RepairOptions
from thywill_reconstruct.cli.plan_files import read_plan, require_free, write_plan
from thywill_reconstruct.cli.repair import carry_out, tell
from thywill_reconstruct.cli.runs import tell_unsettled
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.errors import AlreadyAppliedError, PlanFormatError
from thywill_reconstruct.identity.decision_text import parse_decisions
from thywill_reconstruct.identity.decisions import Decisions
from thywill_reconstruct.plan.file import PlanFile, encode_plan, for_view
from thywill_reconstruct.plan.operations import Operation, Plan
from thywill_reconstruct.plan.selection import parse_selection, select, split_words
from thywill_reconstruct.report.as_json import as_json
from thywill_reconstruct.report.model import build_report
from thywill_reconstruct.report.safe import safe
from thywill_reconstruct.report.text import print_line, print_report
from thywill_reconstruct.report.view import build_view, facts_of, subject_of
from thywill_reconstruct.saved_plans import (
    Standing,
    applied_when,
    examine,
    require_asked_for,
    still_known,
    to_file,
    what_remains,
)
from thywill_reconstruct.workflow import Inspection, inspect, make_plan, make_settled, read_decisions, rediff


def make_file(
    output: Path,
    database: Path,
    archives: tuple[Path, ...],
    decisions: Path,
    *,
    only: tuple[str, ...],
    merge_duplicates: bool,
    overwrite: bool,
    redact: bool,
    show_text: bool,
    quiet: bool,
    force: bool,
    timeout_s: float,
) -> int:
    """Plan, write the plan into a file, and return how many rows it would change.

    Raises:
        ReconstructError: See ``workflow.inspect`` and ``plan_files.write_plan``.
    """
    require_free(output, overwrite=overwrite)
    tell_unsettled(database, timeout_s)
    with Bars(quiet=quiet) as bars:
        inspection = inspect(
            database,
            archives,
            decisions=decisions,
            force=force,
            progress=bars,
            timeout_s=timeout_s,
        )
        plan = make_plan(inspection, only=only, merge_duplicates=merge_duplicates)
        file = to_file(plan, inspection.archive, inspection.snapshot, inspection.analysis, inspection.decisions)
    write_plan(output, for_view(file, redact=redact, show_text=show_text), overwrite=overwrite)
    for line in () if quiet else _written(output, file, redact=redact):
        say(line)
    return len(plan.operations)


def _written(output: Path, file: PlanFile, *, redact: bool) -> list[str]:
    rows = len(file.plan.operations)
    deleted = sum(operation.action == "delete" for operation in file.plan.operations)
    lines = [f"The plan would change {rows:,} {'row' if rows == 1 else 'rows'}, {deleted:,} of them deleted."]
    lines += [
        note for note in file.plan.notes if note.startswith(("Recreated", "Included", "Nothing to repair matches"))
    ]
    if output != Path("-"):
        name = shlex.quote(str(output))
        lines.append(f"It is in {output}. Read it with: reconstruct show {name}")
        if not redact:
            lines.append(f"Apply it with: reconstruct apply {name}")
    return lines


def show_file(path: Path, form: str, *, redact: bool, show_text: bool, quiet: bool, no_color: bool) -> None:
    """Print a plan.

    Raises:
        PlanFormatError: There is no plan.
    """
    file = for_view(read_plan(path), redact=redact, show_text=show_text)
    if form == "json":
        sys.stdout.write(encode_plan(file).decode())
    elif form == "sql":
        from thywill_reconstruct.report.sql import as_sql

        sys.stdout.write(as_sql(file))
    elif form == "markdown":
        from thywill_reconstruct.report.markdown import as_markdown

        sys.stdout.write(as_markdown(build_view(file)))
    elif form == "html":
        from thywill_reconstruct.report.html import as_html

        sys.stdout.write(as_html(build_view(file)))
    else:
        _print(path, file, quiet=quiet, no_color=no_color)


def _print(path: Path, file: PlanFile, *, quiet: bool, no_color: bool) -> None:
    """Print the summary of a plan for a terminal."""
    console = make_console(no_color=no_color)
    for label, value in facts_of(file)[:3]:
        print_line(console, 0, Text(f"{label:<10}{value}"), hang=10)
    if file.redacted:
        print_line(console, 0, Text("Names are replaced by pseudonyms: this is for reading and cannot be applied."))
    name = shlex.quote(safe(str(path)))
    lines = [f"Every row: reconstruct show {name} --format markdown (or html, sql, json)"]
    if not file.redacted and file.plan.operations:
        lines += ["To carry out exactly this:", f"  reconstruct apply {name}"]
    print_report(console, build_report("dry-run", subject_of(file), file.plan, "\n".join(lines)), quiet=quiet)


def apply_file(path: Path, options: RepairOptions, *, skip_stale: bool) -> None:
    """Check a saved plan against database and archives, show what of it will be done, ask, and do it.

    Raises:
        ReconstructError: See ``saved_plans.what_remains`` and ``apply.run.execute_plan``.
    """
    file = read_plan(path)
    if file.redacted:
        raise PlanFormatError(
            f"{path} is redacted: names are replaced by pseudonyms, so its rows cannot be found",
            hint="Nothing was changed. Apply the plan that was made without --redact.",
        )
    tell_unsettled(options.database, options.timeout)
    if not options.allow_large:
        require_asked_for(file.plan)
    chosen = select(file.plan, parse_selection(options.only), dict(file.people))
    with Bars(quiet=options.quiet) as bars:
        if options.archives:
            inspection = inspect(
                options.database,
                options.archives,
                decisions=_decisions(file, options),
                force=options.force,
                progress=bars,
                timeout_s=options.timeout,
            )
            plan, check = _checked(chosen, inspection, options, skip_stale=skip_stale)
        else:
            plan, check = _checked_alone(chosen, options, skip_stale=skip_stale)
    mode = "execute" if options.execute else "dry-run"
    next_step = (
        ""
        if options.execute
        else f"Nothing was changed. To carry this out:\n  {safe(options.to_apply(path, skip_stale=skip_stale))}"
    )
    report = build_report(mode, subject_of(replace(file, plan=plan)), plan, next_step)
    if not options.json:
        print_report(make_console(no_color=options.no_color), report, quiet=options.quiet)
        sys.stdout.flush()
    if options.execute and report.pending:
        tell(options, report, carry_out(options, plan, check))
    elif options.json:
        print(as_json(report))


def _decisions(file: PlanFile, options: RepairOptions) -> Decisions:
    """Return the decisions of today if there is a file, because they may have become wiser, else those of the plan."""
    planned, today = parse_decisions(file.decisions), read_decisions(options.decisions)
    if not today.entries:
        return planned
    if today.fingerprint != planned.fingerprint and not options.quiet:
        say(
            "The decisions about names are others than when the plan was made. Every step is compared with those of today."
        )
    return today


def _checked(
    chosen: Plan, inspection: Inspection, options: RepairOptions, *, skip_stale: bool
) -> tuple[Plan, Rediff]:
    asked = dict(chosen.options)
    findings = make_settled(
        inspection,
        only=split_words([asked.get("only", "")]),
        merge_duplicates=asked.get("merge_duplicates") == "true",
    ).findings
    standing = examine(
        chosen, options.database, inspection.snapshot, inspection.archive, findings, timeout_s=options.timeout
    )
    if inspection.archive.fingerprint != chosen.archive_fingerprint and not options.quiet:
        say(
            "The archives have changed since the plan was made. That is no obstacle: every step was compared with them."
        )
    plan = _remaining(standing, options, skip_stale=skip_stale)
    return still_known(plan, findings), rediff(inspection)


def _checked_alone(chosen: Plan, options: RepairOptions, *, skip_stale: bool) -> tuple[Plan, Rediff]:
    """Check a plan where there are no archives: rows are compared, and what the archives say is taken on trust."""
    if not options.quiet:
        say(
            "Without archives the result cannot be compared with them. Still checked: every row is as the plan saw it, nothing "
            "else changes, and SQLite finds nothing wrong that it did not find before."
        )
    snapshot = read_database(options.database, options.timeout)
    standing = examine(chosen, options.database, snapshot, None, (), timeout_s=options.timeout)
    return _remaining(standing, options, skip_stale=skip_stale), lambda connection: ()


def _remaining(standing: Standing, options: RepairOptions, *, skip_stale: bool) -> Plan:
    try:
        plan = what_remains(standing, skip_stale=skip_stale)
    except AlreadyAppliedError as error:
        when = applied_when(options.database, standing.plan)
        raise AlreadyAppliedError(f"{error}" + (f"; a run did that at {when}" if when else "")) from error
    if standing.done:
        say(f"Already as the plan wants them, and left alone: {safe(standing.rows(standing.done))}.")
    gone = _left_out(standing.plan.operations, plan.operations, standing.done)
    if gone:
        say(f"Left out ({len(gone):,}): {safe(standing.rows(gone))}.")
    resting = gone - standing.hindered
    if resting:
        say(f"Of these, {len(resting):,} rest on rows that changed: {safe(standing.rows(resting))}.")
    return plan


def _left_out(whole: tuple[Operation, ...], left: tuple[Operation, ...], done: frozenset[int]) -> frozenset[int]:
    kept = {(operation.action, operation.table, operation.key) for operation in left}
    return frozenset(n for n, o in enumerate(whole) if n not in done and (o.action, o.table, o.key) not in kept)
