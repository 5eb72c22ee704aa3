"""Commands that make a whole: a database from archives, archives from a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt

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
        dry_run=dry_run,
        as_json=json,
        quiet=quiet,
        no_color=no_color,
    )
