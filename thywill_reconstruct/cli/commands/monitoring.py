"""Commands that watch a database: monitor it, and show its history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.cli.commands.checks import Db, Packs

commands = typer.Typer()

Store = Annotated[
    Path | None,
    typer.Option(
        "--store", metavar="FILE", help="The history. [default: .reconstruct/history.sqlite beside the database]"
    ),
]


@commands.command(
    help="Check a database, keep the figures, and tell what changed since last time: new, worse, recovered."
    "\n\nThe first check is the base line and alerts nobody. Only rule ids and counts are sent."
    "\n\nExit code: that of `check`; 36 if an alert could not be sent (it is sent again next time)."
    "\n\n\b\nExamples:"
    "\n  reconstruct monitor"
    "\n  reconstruct monitor --prometheus-file /var/lib/node_exporter/thywill.prom"
    "\n  RECONSTRUCT_NOTIFY=mailto://me:password@example.org reconstruct monitor --dry-run",
    short_help="Check, keep the figures, alert on change.",
)
def monitor(
    db: Db = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    pack: Packs = None,
    store: Store = None,
    prometheus_file: Annotated[
        Path | None,
        typer.Option("--prometheus-file", metavar="FILE", help="Metrics for a textfile collector, written whole."),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json-file", metavar="FILE", help="The report as JSON, the first findings of each rule."),
    ] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown-file", metavar="FILE", help="The report of `check --format markdown`.")
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            "--notify",
            metavar="URL",
            help="Where alerts go, in apprise's form. Others see it in the list of processes: better set "
            "$RECONSTRUCT_NOTIFY, several with blanks between.",
        ),
    ] = None,
    alert_first: Annotated[
        bool, typer.Option("--alert-first", help="Alert what the first check finds as well.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent. Sends, keeps and writes nothing.")
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Findings accepted earlier: see `check`."),
    ] = None,
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
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
    rule_timeout: Annotated[
        int, typer.Option("--rule-timeout", metavar="SECONDS", min=1, help="How long one question may take.")
    ] = 300,
) -> None:
    """Check a database and tell what changed."""
    from thywill_reconstruct.cli.check import CheckOptions
    from thywill_reconstruct.cli.monitor import MonitorOptions
    from thywill_reconstruct.cli.monitor import monitor as work

    check = CheckOptions(
        database=db if db is not None else str(opt.choose("db", None)),
        archives=tuple(archives or ()),
        decisions=decisions,
        packs=tuple(pack or ()),
        format="text",
        show_all=False,
        baseline=baseline,
        write_baseline=None,
        until="",
        severities=tuple(severity or ()),
        silenced=tuple(silence or ()),
        timeout=timeout,
        rule_timeout=rule_timeout,
        quiet=True,
        no_color=True,
    )
    options = MonitorOptions(
        check=check,
        store=store,
        prometheus_file=prometheus_file,
        json_file=json_file,
        markdown_file=markdown_file,
        notify=tuple(notify or ()),
        alert_first=alert_first,
        dry_run=dry_run,
    )
    raise typer.Exit(work(options))


@commands.command(
    help="Show what `monitor` kept: a trend per rule and week, worst first."
    "\n\nOf the bars, a blank is a week without a check, ? could not check."
    "\n\n\b\nExamples:"
    "\n  reconstruct history"
    "\n  reconstruct history --weeks 26 --json"
    "\n  reconstruct history --weekly > summary.md      the last seven days",
    short_help="Show the trend of checks, week by week.",
)
def history(
    db: Db = None,
    store: Store = None,
    weeks: Annotated[int, typer.Option("--weeks", metavar="N", min=1, max=104, help="How many weeks.")] = 12,
    weekly: Annotated[bool, typer.Option("--weekly", help="A summary of the last seven days, in Markdown.")] = False,
    format: Annotated[
        str, typer.Option("--format", metavar="WORD", help="text, json, or markdown (the weekly summary).")
    ] = "",
    json: opt.Json = False,
    all: Annotated[bool, typer.Option("--all", help="Show rules that found nothing as well.")] = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Show the history of checks."""
    from thywill_reconstruct.cli.history import HistoryOptions
    from thywill_reconstruct.cli.history import history as show

    options = HistoryOptions(
        database=db if db is not None else str(opt.choose("db", None)),
        store=store,
        weeks=weeks,
        weekly=weekly,
        format="json" if json else format,
        all=all,
        timeout=timeout,
    )
    raise typer.Exit(show(options))
