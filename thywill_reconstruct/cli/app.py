"""The command line: wiring of commands, and the one place where failures become messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct import __version__
from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.errors import ReconstructError, UsageError

INTERRUPTED = 130
BUG = 70
WRONG_USAGE = 64

EXAMPLES = """
Examples:

  reconstruct --dry-run                          what is broken, what would be done

  reconstruct --execute                          do it, after a question

  reconstruct --execute --yes --merge-duplicates  do all of it, without a question

  reconstruct --dry-run --only authors,marks     a part of it

  reconstruct explain PR001                      what a finding means

  reconstruct explain "Mary Johnson"             who that is, and how we know
"""

app = typer.Typer(
    name="reconstruct",
    help="Repair a ThyWill prayer community's database from its text archives." + EXAMPLES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reconstruct {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
]


def _repair(
    database: Path | None,
    archives: Path | None,
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
    show_text: bool = False,
    command: str = "",
) -> None:
    """Run the main job, or the part of it that a command names."""
    from thywill_reconstruct.cli.repair import repair

    if dry_run and execute:
        raise UsageError("--dry-run and --execute contradict each other", hint="Give one of them.")
    code = repair(
        opt.RepairOptions(
            database=opt.choose("db", database),
            archives=opt.choose("archives", archives),
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
            command=command,
        )
    )
    raise typer.Exit(code)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    db: opt.Database = None,
    archives: opt.Archives = None,
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
    version: Version = False,
) -> None:
    """Repair everything: the main job, when no command is named."""
    if context.invoked_subcommand is not None:
        given = [word for word in context.params if context.params[word] not in (None, False, [], ())]
        if given:
            words = ", ".join(f"--{word.replace('_', '-')}" for word in given)
            raise UsageError(
                f"{words} stands before {context.invoked_subcommand}",
                hint=f"Write it behind: reconstruct {context.invoked_subcommand} {words.split(', ')[0]} ...",
            )
        return
    _repair(
        db,
        archives,
        dry_run=dry_run,
        execute=execute,
        only=opt.split_words(only),
        merge_duplicates=merge_duplicates,
        yes=yes,
        exit_code=exit_code,
        json=json,
        quiet=quiet,
        no_color=no_color,
        force=force,
        allow_large=allow_large,
        show_text=show_text,
    )


# Each command that repairs a part: its name, the selections it stands for, and its help.
_PARTS = (
    ("recover-users", ("users",), "Recreate the users that the archives know and the database lacks."),
    (
        "fix-relationships",
        ("twins", "authors", "prayers", "marks", "attributes", "log", "invites"),
        "Repair authors, prayers, marks, attributes, log rows and the invite tree.",
    ),
    ("fix-paths", ("paths",), "Re-attach rows to the archive files that record them."),
)


def _add_part(name: str, only: tuple[str, ...], text: str) -> None:
    """Register a command that repairs a part of what ``reconstruct`` itself repairs."""

    def part(
        db: opt.Database = None,
        archives: opt.Archives = None,
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
    ) -> None:
        _repair(
            db,
            archives,
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
            command=name,
        )

    example = f"\n\nExample: reconstruct {name} --dry-run"
    app.command(
        name, help=text + " A selection of the same plan; whatever it needs is included and named." + example
    )(part)


for _name, _only, _text in _PARTS:
    _add_part(_name, _only, _text)


@app.command(
    help="Print the invite tree as the archives know it.\n\nExample: reconstruct tree --archives text_archives"
)
def tree(archives: opt.Archives = None, json: opt.Json = False, no_color: opt.NoColor = False) -> None:
    """Print the invite tree."""
    from thywill_reconstruct.cli.tree import print_tree

    print_tree(opt.choose("archives", archives), as_json=json, no_color=no_color)


@app.command(
    help="Explain a finding code, or who a name is and how we know.\n\n"
    'Examples: reconstruct explain PR001 · reconstruct explain "Mary Johnson"'
)
def explain(
    word: Annotated[str, typer.Argument(metavar="CODE|NAME", help="A finding code, or a person's name.")],
    db: opt.Database = None,
    archives: opt.Archives = None,
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    force: opt.Force = False,
) -> None:
    """Explain a finding code or a name."""
    from thywill_reconstruct.cli.explain import explain_code, explain_name
    from thywill_reconstruct.findings.codes import CODES

    if word.upper() in CODES:
        explain_code(word.upper(), no_color=no_color)
        return
    explain_name(
        word, opt.choose("db", db), opt.choose("archives", archives), as_json=json, no_color=no_color, force=force
    )


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code. Never raises."""
    from thywill_reconstruct.cli.console import say

    try:
        result = app(args=arguments, prog_name="reconstruct", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except typer.Exit as leaving:
        return leaving.exit_code
    except ReconstructError as error:
        say(f"reconstruct: {error}.{' ' if error.hint else ''}{error.hint}".replace("..", "."))
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say("reconstruct: interrupted. The database is as it was.")
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return INTERRUPTED
    except typer.TyperException as error:
        say(f"reconstruct: {error} See: reconstruct --help")
        return WRONG_USAGE
    except Exception as error:
        return _bug(error)


def _close_stdout() -> None:
    """Let Python end quietly when whoever read our output has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bug(error: Exception) -> int:
    """Report a mistake of our own without quoting data: names and prayers do not belong into a bug report."""
    from thywill_reconstruct.cli.console import say

    if os.environ.get("RECONSTRUCT_DEBUG"):
        traceback.print_exc()
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    say(
        f"reconstruct: this is a mistake in the tool ({type(error).__name__} at {places}). "
        "Uncommitted changes were rolled back. Please report it; RECONSTRUCT_DEBUG=1 prints more."
    )
    return BUG


def main() -> None:
    """Entry point of the ``reconstruct`` command."""
    sys.exit(run())
