"""Commands about the archives themselves; no database is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt

commands = typer.Typer()


@commands.command(
    name="archives",
    help="Show what the archives hold and how much of it was understood, by kind of file; list every line that was not."
    "\n\n\b\nExamples:\n  reconstruct archives --stats\n  reconstruct archives --archives live --archives backup.tar.gz --json",
    short_help="Show what the archives hold, and how much was understood.",
)
def show_archives(
    archives: opt.Archives = None,
    stats: Annotated[bool, typer.Option("--stats", help="Figures by kind of file. The default.")] = True,
    json: opt.Json = False,
    no_color: opt.NoColor = False,
) -> None:
    """Print the figures of the archives."""
    from thywill_reconstruct.cli.archives import print_stats

    print_stats(opt.choose_archives(archives), as_json=json, no_color=no_color)


@commands.command(
    name="verify-archives",
    help="Check the archives' own health: unreadable, torn, doubled, orphaned and lost files, lines out of order, missing "
    "registrations. With a manifest: what was changed, removed or cut off since it was written."
    "\n\nExit code: 0 all is well, 1 the worst finding is low or medium, 2 high or critical, 3 it could not be checked."
    "\n\n\b\nExamples:\n  reconstruct verify-archives --write-manifest /safe/place/manifest"
    "\n  reconstruct verify-archives --manifest /safe/place/manifest --json",
    short_help="Check the archives' own health, and whether they were tampered with.",
)
def verify_archives(
    archives: opt.Archives = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", metavar="FILE", help="Compare the first archive with this manifest.")
    ] = None,
    write_manifest: Annotated[
        Path | None,
        typer.Option(
            "--write-manifest", metavar="FILE", help="Write a manifest of the first archive, outside of it."
        ),
    ] = None,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Check the archives."""
    from thywill_reconstruct.cli.archives import verify

    code = verify(
        opt.choose_archives(archives),
        manifest=manifest,
        write_to=write_manifest,
        as_json=json,
        quiet=quiet,
        no_color=no_color,
    )
    raise typer.Exit(code)
