"""Commands that make a whole: a database from archives, archives from a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.errors import UsageError

commands = typer.Typer()


@commands.command(
    help="Make a complete new database from the archives alone. Never writes into one that exists."
    "\n\nRoles, login sessions and invite tokens let somebody in, so they come only with --include."
    "\n\n\b\nExamples:\n  reconstruct rebuild --into new.db --era v2\n"
    "  reconstruct rebuild --into new.db --era v2 --archives text_archives --archives old.zip --include roles,tokens\n"
    "  reconstruct rebuild --into new.db --era v1 --dry-run",
    short_help="Make a new database from the archives alone.",
)
def rebuild(
    into: Annotated[Path, typer.Option("--into", metavar="FILE", help="The new database. Must not exist.")],
    era: Annotated[str, typer.Option("--era", metavar="v1|v2", help="v1: users have ids. v2: names are the keys.")],
    archives: opt.Archives = None,
    include: Annotated[
        str,
        typer.Option("--include", metavar="WORDS", help="Also these, separated by commas: roles, sessions, tokens."),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and make nothing.")] = False,
    decisions: opt.Decisions = None,
    force: opt.Force = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Rebuild a database."""
    from thywill_reconstruct.cli.rebuild import run_rebuild

    run_rebuild(
        opt.choose_archives(archives),
        into,
        era,
        tuple(word.strip().lower() for word in include.split(",") if word.strip()),
        opt.choose_decisions(decisions),
        dry_run=dry_run,
        force=force,
        as_json=json,
        quiet=quiet,
        no_color=no_color,
    )


@commands.command(
    help="Tell in the archives what only the database knows: registrations, prayers, marks, answers, testimonies."
    "\n\nLines are only added, in the application's own format and under its own lock; nothing that any archive records is "
    "told again. Then the rows are pointed to their files, with a backup, as by any repair."
    "\n\n\b\nExamples:\n  reconstruct heal --dry-run\n  reconstruct heal --execute",
    short_help="Tell in the archives what only the database knows.",
)
def heal(
    db: opt.Database = None,
    archives: opt.Archives = None,
    dry_run: opt.DryRun = False,
    execute: Annotated[bool, typer.Option("--execute", help="Do it: question, new lines, check, paths.")] = False,
    decisions: opt.Decisions = None,
    force: opt.Force = False,
    yes: opt.Yes = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Heal archives."""
    from thywill_reconstruct.cli.heal import run_heal

    if dry_run and execute:
        raise UsageError("--dry-run and --execute contradict each other", hint="Give one of them.")
    places = opt.choose_archives(archives)
    if len(places) > 1:
        raise UsageError("heal writes into one archive, the live one", hint="Give --archives once.")
    run_heal(
        opt.choose("db", db),
        places[0],
        opt.choose_decisions(decisions),
        execute=execute,
        force=force,
        yes=yes,
        as_json=json,
        quiet=quiet,
        no_color=no_color,
    )
