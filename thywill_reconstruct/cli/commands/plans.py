"""Commands about saved plans: make one, look at one, apply one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.errors import UsageError

commands = typer.Typer()

PlanArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A plan that `reconstruct plan -o FILE` wrote.")]
Redact = Annotated[
    bool, typer.Option("--redact", help="Put pseudonyms in the place of names. A redacted plan cannot be applied.")
]
ShowText = Annotated[bool, typer.Option("--show-text", help="Show the text of prayers. Tokens are never shown.")]


class Format(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    SQL = "sql"
    HTML = "html"


@commands.command(
    help="Write down what would be repaired, to be read, sent to somebody, and applied exactly so later."
    "\n\nThe file holds names, and neither prayer texts (unless --show-text) nor tokens. Changes nothing else."
    "\n\n\b\nExamples:\n  reconstruct plan -o plan.json\n  reconstruct plan -o plan.json --only authors,risk:fill",
    short_help="Write what would be repaired into a file.",
)
def plan(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the plan goes; - for standard output.")
    ],
    db: opt.Database = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    only: opt.Only = None,
    merge_duplicates: opt.MergeDuplicates = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a plan that is there.")] = False,
    redact: Redact = False,
    show_text: Annotated[
        bool, typer.Option("--show-text", help="Let the file hold the texts of prayers, for review and for SQL.")
    ] = False,
    exit_code: opt.ExitCode = False,
    quiet: opt.Quiet = False,
    force: opt.Force = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Write a plan into a file."""
    from thywill_reconstruct.cli.plans import make_file

    _refuse_both(redact, show_text)
    pending = make_file(
        output,
        opt.choose("db", db),
        opt.choose_archives(archives),
        opt.choose_decisions(decisions),
        only=opt.split_only(only),
        merge_duplicates=merge_duplicates,
        overwrite=overwrite,
        redact=redact,
        show_text=show_text,
        quiet=quiet,
        force=force,
        timeout_s=timeout,
    )
    raise typer.Exit(1 if exit_code and pending else 0)


@commands.command(
    help="Show a plan: counts and deletions first. Reads neither database nor archives, so it works on any plan."
    "\n\n\b\nExamples:\n  reconstruct show plan.json\n  reconstruct show plan.json --format html > plan.html"
    "\n  reconstruct show plan.json --format markdown --redact",
    short_help="Show a plan as text, Markdown, HTML, SQL or JSON.",
)
def show(
    file: PlanArgument,
    form: Annotated[
        Format,
        typer.Option("--format", help="text: the summary. markdown, html: every row. sql: for the sqlite3 shell."),
    ] = Format.TEXT,
    redact: Redact = False,
    show_text: ShowText = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Show a plan."""
    from thywill_reconstruct.cli.plans import show_file

    _refuse_both(redact, show_text)
    show_file(file, form.value, redact=redact, show_text=show_text, quiet=quiet, no_color=no_color)


@commands.command(
    help="Carry out exactly this plan, or say which rows have changed since. Backup and checks are those of --execute."
    "\n\nArchives that have grown since are no obstacle. --only takes a part of the plan."
    "\n\n\b\nExamples:\n  reconstruct apply plan.json --dry-run\n  reconstruct apply plan.json\n"
    "  reconstruct apply plan.json --skip-stale",
    short_help="Carry out exactly this plan.",
)
def apply(
    file: PlanArgument,
    db: opt.Database = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and show; change nothing.")] = False,
    only: opt.Only = None,
    skip_stale: Annotated[
        bool, typer.Option("--skip-stale", help="Leave out rows that changed since, and what rests on them.")
    ] = False,
    without_archives: Annotated[
        bool,
        typer.Option("--without-archives", help="Apply where there are no archives to compare the result with."),
    ] = False,
    yes: opt.Yes = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
    force: opt.Force = False,
    allow_large: opt.AllowLarge = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Apply a plan."""
    from thywill_reconstruct.cli.plans import apply_file

    if without_archives and archives:
        raise UsageError("--archives and --without-archives contradict each other", hint="Give one of them.")
    options = opt.RepairOptions(
        database=opt.choose("db", db),
        archives=() if without_archives else opt.choose_archives(archives),
        decisions=opt.choose_decisions(decisions),
        execute=not dry_run,
        only=opt.split_only(only),
        merge_duplicates=False,
        yes=yes,
        exit_code=False,
        json=json,
        quiet=quiet,
        no_color=no_color,
        force=force,
        allow_large=allow_large,
        show_text=False,
        timeout=timeout,
        command="apply",
    )
    apply_file(file, options, skip_stale=skip_stale)


def _refuse_both(redact: bool, show_text: bool) -> None:
    if redact and show_text:
        raise UsageError(
            "--redact and --show-text contradict each other", hint="Texts tell who somebody is. Give one of them."
        )
