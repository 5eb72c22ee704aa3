"""Commands that look after integrity: check, and repair what it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.errors import UsageError

commands = typer.Typer()

Db = Annotated[
    str | None,
    typer.Option("--db", metavar="FILE|URL", help="An SQLite file, or a URL such as postgresql://user@host/name."),
]
Packs = Annotated[
    list[str] | None,
    typer.Option(
        "--pack", metavar="NAME|FILE", help="Rules to check: thywill, budget, points, organizer, or a TOML file."
    ),
]


@commands.command(
    help="Check a database against rules: any SQLite or PostgreSQL database. Changes nothing."
    "\n\nA ThyWill database is checked by its own rules and against its archives, unless --pack names others."
    "\n\nExit code: 0 sound, 1 worst finding is low or medium, 2 high or critical, 3 something could not be checked."
    "\n\n\b\nExamples:"
    "\n  reconstruct check"
    "\n  reconstruct check --pack budget --db postgresql://me@localhost/budget --format json"
    "\n  reconstruct check --write-baseline known.toml      what is known today"
    "\n  reconstruct check --baseline known.toml            what is new since then",
    short_help="Check any database against rules.",
)
def check(
    db: Db = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    pack: Packs = None,
    format: Annotated[
        str,
        typer.Option("--format", metavar="WORD", help="text, json, markdown, sarif, junit, nagios or prometheus."),
    ] = "text",
    json: opt.Json = False,
    all: Annotated[bool, typer.Option("--all", help="Show every finding, not only the first of each rule.")] = False,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Findings accepted earlier: report only new ones."),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", metavar="FILE", help="Accept everything found now; - for standard output."),
    ] = None,
    until: Annotated[
        str,
        typer.Option("--until", metavar="DAY", help="With --write-baseline: accepted up to this day (2030-01-31)."),
    ] = "",
    severity: Annotated[
        list[str] | None,
        typer.Option(
            "--severity", metavar="RULE[:KEY]=WORD", help="Give a rule, or one of its findings, another severity."
        ),
    ] = None,
    silence: Annotated[
        list[str] | None,
        typer.Option("--silence", metavar="RULE[:KEY]", help="Leave out a rule, or one of its findings."),
    ] = None,
    lint: Annotated[bool, typer.Option("--lint", help="Only tell what is wrong with the packs themselves.")] = False,
    infer: Annotated[
        bool, typer.Option("--infer", help="Only propose rules for references that nobody declared.")
    ] = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
    rule_timeout: Annotated[
        int, typer.Option("--rule-timeout", metavar="SECONDS", min=1, help="How long one question may take.")
    ] = 300,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Check a database."""
    from thywill_reconstruct.cli import check as work

    options = work.CheckOptions(
        database=db if db is not None else str(opt.choose("db", None)),
        archives=tuple(archives or ()),
        decisions=decisions,
        packs=tuple(pack or ()),
        format="json" if json else format,
        show_all=all,
        baseline=baseline,
        write_baseline=write_baseline,
        until=until,
        severities=tuple(severity or ()),
        silenced=tuple(silence or ()),
        timeout=timeout,
        rule_timeout=rule_timeout,
        quiet=quiet,
        no_color=no_color,
    )
    raise typer.Exit(work.lint(options) if lint else work.propose(options) if infer else work.check(options))


@commands.command(
    help="Repair what rules of `check` find: only the rules you name, all of them in one run."
    "\n\nEvery rule is asked again before a run becomes final: those named must be silent, no other may find more."
    "\n\nRows that others belong to are deleted only if the rule of those others is named, too."
    "\n\nA run on a file is taken back with `reconstruct undo`; one on a server with --undo RUN, in the same folder."
    "\n\n\b\nExamples:"
    "\n  reconstruct repair budget-goal-progress --pack budget --db postgresql://me@localhost/budget --dry-run"
    "\n  reconstruct repair points-duplicate-ledger --pack points --db points.db --execute",
    short_help="Repair what rules of check find.",
)
def repair(
    rules: Annotated[list[str] | None, typer.Argument(metavar="RULE...", help="Rules that have a repair.")] = None,
    db: Db = None,
    pack: Packs = None,
    dry_run: opt.DryRun = False,
    execute: Annotated[bool, typer.Option("--execute", help="Do it: question, repair, check, receipt.")] = False,
    yes: opt.Yes = False,
    json: opt.Json = False,
    allow_large: opt.AllowLarge = False,
    value: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="RULE=VALUE", help="What a rule that fills in empty columns is to write."),
    ] = None,
    undo: Annotated[str, typer.Option("--undo", metavar="RUN", help="Take back a run on a server.")] = "",
    no_color: opt.NoColor = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Repair what rules find."""
    from thywill_reconstruct.cli.mend import MendOptions, mend

    if dry_run and execute:
        raise UsageError("--dry-run and --execute contradict each other", hint="Give one of them.")
    options = MendOptions(
        database=db if db is not None else str(opt.choose("db", None)),
        rules=tuple(rules or ()),
        packs=tuple(pack or ()),
        execute=execute,
        yes=yes,
        json=json,
        allow_large=allow_large,
        no_color=no_color,
        timeout=timeout,
        undo=undo,
        values=tuple(value or ()),
    )
    raise typer.Exit(mend(options))
