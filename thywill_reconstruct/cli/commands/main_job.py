"""The main job: ``reconstruct`` itself, and the commands that do a part of what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct import __version__
from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.errors import UsageError

commands = typer.Typer()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reconstruct {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
]


def _repair(
    database: Path | None,
    archives: list[Path] | None,
    decisions: Path | None,
    *,
    dry_run: bool,
    execute: bool,
    only: tuple[str, ...],
    merge_duplicates: bool,
    yes: bool,
    exit_code: bool,
    json: bool,
    quiet: bool,
    no_color: bool,
    force: bool,
    allow_large: bool,
    show_text: bool,
    timeout: int,
    command: str = "",
) -> None:
    """Run the main job, or the part of it that a command names."""
    from thywill_reconstruct.cli.repair import repair

    if dry_run and execute:
        raise UsageError("--dry-run and --execute contradict each other", hint="Give one of them.")
    code = repair(
        opt.RepairOptions(
            database=opt.choose("db", database),
            archives=opt.choose_archives(archives),
            decisions=opt.choose_decisions(decisions),
            execute=execute,
            only=only,
            merge_duplicates=merge_duplicates,
            yes=yes,
            exit_code=exit_code,
            json=json,
            quiet=quiet,
            no_color=no_color,
            force=force,
            allow_large=allow_large,
            show_text=show_text,
            timeout=timeout,
            command=command,
        )
    )
    raise typer.Exit(code)


def repair_everything(
    context: typer.Context,
    db: opt.Database = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    dry_run: opt.DryRun = False,
    execute: opt.Execute = False,
    only: opt.Only = None,
    merge_duplicates: opt.MergeDuplicates = False,
    yes: opt.Yes = False,
    exit_code: opt.ExitCode = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
    force: opt.Force = False,
    allow_large: opt.AllowLarge = False,
    show_text: opt.ShowText = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
    version: Version = False,
) -> None:
    """Repair everything: the main job, when no command is named."""
    if context.invoked_subcommand is not None:
        opt.refuse_options_before(context, context.invoked_subcommand)
        return
    _repair(
        db,
        archives,
        decisions,
        dry_run=dry_run,
        execute=execute,
        only=opt.split_only(only),
        merge_duplicates=merge_duplicates,
        yes=yes,
        exit_code=exit_code,
        json=json,
        quiet=quiet,
        no_color=no_color,
        force=force,
        allow_large=allow_large,
        show_text=show_text,
        timeout=timeout,
    )


# Each command that repairs a part: its name, the selections it stands for, and its help.
_PARTS = (
    ("recover-users", ("users",), "Recreate users whom the archives know and the database lacks."),
    (
        "fix-relationships",
        ("twins", "authors", "prayers", "marks", "attributes", "log", "invites"),
        "Repair who wrote, prayed, answered and invited.",
    ),
    ("fix-paths", ("paths",), "Let rows point to the archive files that record them."),
)


def _add_part(name: str, only: tuple[str, ...], text: str) -> None:
    """Register a command that repairs a part of what ``reconstruct`` itself repairs."""

    def part(
        db: opt.Database = None,
        archives: opt.Archives = None,
        decisions: opt.Decisions = None,
        dry_run: opt.DryRun = False,
        execute: opt.Execute = False,
        merge_duplicates: opt.MergeDuplicates = False,
        yes: opt.Yes = False,
        exit_code: opt.ExitCode = False,
        json: opt.Json = False,
        quiet: opt.Quiet = False,
        no_color: opt.NoColor = False,
        force: opt.Force = False,
        allow_large: opt.AllowLarge = False,
        show_text: opt.ShowText = False,
        timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
    ) -> None:
        _repair(
            db,
            archives,
            decisions,
            dry_run=dry_run,
            execute=execute,
            only=only,
            merge_duplicates=merge_duplicates,
            yes=yes,
            exit_code=exit_code,
            json=json,
            quiet=quiet,
            no_color=no_color,
            force=force,
            allow_large=allow_large,
            show_text=show_text,
            timeout=timeout,
            command=name,
        )

    scope = (
        f"\n\nDoes what `reconstruct --only {','.join(only)}` does. What these repairs need is included, and named."
    )
    examples = f"\n\n\b\nExamples:\n  reconstruct {name} --dry-run\n  reconstruct {name} --execute"
    commands.command(name, help=text + scope + examples, short_help=text)(part)


for _name, _only, _text in _PARTS:
    _add_part(_name, _only, _text)
