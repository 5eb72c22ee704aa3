"""Commands about what was done before: list runs, take one back, put a backup back."""

from __future__ import annotations

from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt

commands = typer.Typer()
_runs = typer.Typer(
    help="List every run: when, by whom, what it did, what became of it."
    "\n\n\b\nExamples:\n  reconstruct runs\n  reconstruct runs show last\n  reconstruct runs prune --keep 5",
    short_help="List what was executed, show a run, remove old backups.",
    invoke_without_command=True,
)
commands.add_typer(_runs, name="runs")

Name = Annotated[
    str, typer.Argument(metavar="RUN", help="The name of a run, its beginning, or last.", show_default=False)
]
ShowText = Annotated[bool, typer.Option("--show-text", help="Show the text of prayers.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done. Writes nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


@_runs.callback()
def runs(
    context: typer.Context,
    db: opt.Database = None,
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """List the runs."""
    if context.invoked_subcommand is not None:
        opt.refuse_options_before(context, context.invoked_subcommand, "reconstruct runs")
        return
    from thywill_reconstruct.cli.runs import list_runs, tell_unsettled

    database = opt.choose("db", db)
    tell_unsettled(database, timeout)
    list_runs(database, json=json, no_color=no_color, timeout_s=timeout)


@_runs.command(help="Show what a run did, row by row.")
def show(
    run: Name,
    db: opt.Database = None,
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    show_text: ShowText = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Show a run."""
    from thywill_reconstruct.cli.runs import show_run

    database = opt.choose("db", db)
    show_run(database, run, json=json, no_color=no_color, show_text=show_text, timeout_s=timeout)


@_runs.command(
    help="Remove old backups. The newest one always stays, and so do all receipts.", short_help="Remove old backups."
)
def prune(
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="How many backups to keep.")],
    db: opt.Database = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Remove old backups."""
    from thywill_reconstruct.cli.runs import prune_backups

    prune_backups(opt.choose("db", db), keep, dry_run=dry_run, yes=yes, timeout_s=timeout)


@commands.command(
    help="Take a run back, row by row; without RUN, the newest repair. Rows that were changed since stay, and are listed."
    "\n\nUndoing an undo brings the run's changes back."
    "\n\n\b\nExamples:\n  reconstruct undo --dry-run\n  reconstruct undo --skip-changed\n  reconstruct undo 20250716T090533Z",
    short_help="Take a run back, row by row.",
)
def undo(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="The name of a run, its beginning, or last.", show_default=False)
    ] = "",
    db: opt.Database = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="WORDS", help="Take back only these repairs; the words are those of repairs."),
    ] = None,
    skip_changed: Annotated[
        bool, typer.Option("--skip-changed", help="Leave rows that cannot be taken back, and take back the others.")
    ] = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
    show_text: opt.ShowText = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Take a run back."""
    from thywill_reconstruct.cli.undo import BackOptions
    from thywill_reconstruct.cli.undo import undo as take_back

    options = BackOptions(
        database=opt.choose("db", db),
        run=run,
        dry_run=dry_run,
        yes=yes,
        json=json,
        quiet=quiet,
        no_color=no_color,
        timeout=timeout,
        only=opt.split_only(only),
        skip_changed=skip_changed,
        show_text=show_text,
    )
    raise typer.Exit(take_back(options))


@commands.command(
    help="Put the backup of a run back, whole: everything that happened since is lost, and it is said what. For the day when "
    "`undo` cannot help. What the database is now is kept as a backup first."
    "\n\n\b\nExamples:\n  reconstruct restore last --dry-run\n  reconstruct restore 20250716T090533Z",
    short_help="Put a backup back, whole.",
)
def restore(
    run: Name,
    db: opt.Database = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Put a backup back."""
    from thywill_reconstruct.cli.undo import BackOptions
    from thywill_reconstruct.cli.undo import restore as put_back

    options = BackOptions(
        database=opt.choose("db", db),
        run=run,
        dry_run=dry_run,
        yes=yes,
        json=json,
        quiet=quiet,
        no_color=no_color,
        timeout=timeout,
    )
    raise typer.Exit(put_back(options))
