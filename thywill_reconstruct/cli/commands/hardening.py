"""The command that adds what a schema lacks."""

from __future__ import annotations

from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.cli.commands.checks import Db, Packs
from thywill_reconstruct.errors import UsageError

commands = typer.Typer()


@commands.command(
    help="Compare the schema with what a pack promises, and add what is missing: tables, columns, indexes, constraints, "
    "triggers, views. Nothing is ever dropped or replaced; what rows violate is refused."
    "\n\nExit code of --execute: 0 all promises are kept, 1 something had to be left out."
    "\n\n\b\nExamples:"
    "\n  reconstruct harden --dry-run"
    "\n  reconstruct harden --pack points --db points.db --execute"
    "\n  reconstruct harden --pack budget --db postgresql://me@localhost/budget --format alembic > versions/harden.py",
    short_help="Add the indexes and constraints that keep a database whole.",
)
def harden(
    db: Db = None,
    pack: Packs = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="WORD", help="A promise, a table, or a kind such as index.")
    ] = None,
    dry_run: opt.DryRun = False,
    execute: Annotated[
        bool, typer.Option("--execute", help="Do it: question, backup, change, check, receipt.")
    ] = False,
    yes: opt.Yes = False,
    format: Annotated[str, typer.Option("--format", metavar="WORD", help="text, json, sql or alembic.")] = "text",
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Harden a database."""
    from thywill_reconstruct.cli import harden as work

    if dry_run and execute:
        raise UsageError("--dry-run and --execute contradict each other", hint="Give one of them.")
    options = work.HardenOptions(
        database=db if db is not None else str(opt.choose("db", None)),
        packs=tuple(pack or ()),
        only=tuple(word for each in only or () for word in each.split(",") if word),
        format="json" if json else format,
        execute=execute,
        yes=yes,
        no_color=no_color,
        timeout=timeout,
    )
    raise typer.Exit(work.harden(options))
