"""Commands about who is who: names, the invite tree, what findings mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.errors import UsageError

commands = typer.Typer()


@commands.command(
    help="Show who invited whom, as the archives tell it. Reads no database."
    "\n\n\b\nExamples:\n  reconstruct tree\n  reconstruct tree --archives backup.zip --json",
    short_help="Show who invited whom, as the archives tell it.",
)
def tree(archives: opt.Archives = None, json: opt.Json = False, no_color: opt.NoColor = False) -> None:
    """Print the invite tree."""
    from thywill_reconstruct.cli.tree import print_tree

    print_tree(opt.choose_archives(archives), as_json=json, no_color=no_color)


@commands.command(
    help="Explain what a finding code means, who a name is and how we know, or how two names stand to each other."
    '\n\n\b\nExamples:\n  reconstruct explain PR001\n  reconstruct explain "Mary Johnson"'
    '\n  reconstruct explain --pair "Mary Jonhson" "Mary Johnson"',
    short_help="Explain a finding code, or who a name is.",
)
def explain(
    word: Annotated[str, typer.Argument(metavar="[CODE|NAME]", help="A finding code, or a person's name.")] = "",
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option("--pair", metavar="NAME NAME", help="Compare two names, or two users' ids, step by step."),
    ] = None,
    db: opt.Database = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    force: opt.Force = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Explain a finding code, a name, or a pair of names."""
    from thywill_reconstruct.cli.explain import explain_code, is_code
    from thywill_reconstruct.cli.explain_name import explain_name, explain_pair

    if bool(word) == bool(pair):
        raise UsageError(
            "explain needs a code, a name, or --pair and two names", hint="See: reconstruct explain --help"
        )
    if is_code(word):
        explain_code(word.upper(), as_json=json, no_color=no_color)
        return
    places = opt.choose("db", db), opt.choose_archives(archives), opt.choose_decisions(decisions)
    if pair:
        explain_pair(pair, *places, as_json=json, no_color=no_color, force=force, timeout_s=timeout)
    else:
        explain_name(word, *places, as_json=json, no_color=no_color, force=force, timeout_s=timeout)


@commands.command(
    help="Decide, one after the other, who the names are that could not be resolved."
    "\n\nAsks at a terminal and writes each answer to the decisions file at once; stop and go on whenever you like. "
    "Database and archives are only read. Without a terminal, prints the questions as blocks for the file."
    "\n\n\b\nExamples:\n  reconstruct review\n  reconstruct review | less\n  reconstruct review --json",
    short_help="Decide who the names are that could not be resolved.",
)
def review(
    db: opt.Database = None,
    archives: opt.Archives = None,
    decisions: opt.Decisions = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; asked for otherwise.")] = "",
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    force: opt.Force = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Ask about names."""
    from thywill_reconstruct.cli.review import review as ask

    raise typer.Exit(
        ask(
            opt.choose("db", db),
            opt.choose_archives(archives),
            opt.choose("decisions", decisions),
            by=" ".join(by.split()),
            as_json=json,
            no_color=no_color,
            force=force,
            timeout_s=timeout,
        )
    )


@commands.command(
    help="Decide whose each of many names is, before an import: link, review or new. Reads no database."
    "\n\nNames are linked only where they are the same but for case, accents, spaces and the like."
    "\n\n\b\nExamples:\n  reconstruct resolve --users users.csv --names names.csv -o decisions.csv",
    short_help="Decide whose each of many names is, before an import.",
)
def resolve(
    users: Annotated[Path, typer.Option("--users", metavar="FILE", help="CSV: id,display_name.")],
    names: Annotated[Path, typer.Option("--names", metavar="FILE", help="CSV: mention_id,name.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the decisions go; - for standard output.")
    ] = Path("-"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")] = False,
) -> None:
    """Resolve names in bulk."""
    from thywill_reconstruct.cli.resolve import resolve_files

    resolve_files(users, names, output, quiet=quiet)
