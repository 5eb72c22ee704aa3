"""The command line: wiring of commands, and the one place where failures become messages and exit codes."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct import __version__
from thywill_reconstruct.apply.folder import is_disk_full
from thywill_reconstruct.apply.signals import interruptible
from thywill_reconstruct.cli import options as opt
from thywill_reconstruct.cli.console import discard_stdout, prepare_streams, say
from thywill_reconstruct.errors import DiskFullError, ReconstructError, UsageError

INTERRUPTED = 130
BUG = 70
WRONG_USAGE = 64

EXAMPLES = """

\b
Examples:
  reconstruct --dry-run                        what is broken, what would be done
  reconstruct --execute                        do it, after a question
  reconstruct --execute --merge-duplicates     the same, doubled rows deleted too
  reconstruct --dry-run --only authors,marks   a part of it
  reconstruct explain PR001                    what a finding means
  reconstruct explain "Mary Johnson"           who that is, and how we know
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
            timeout=timeout,
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
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
    version: Version = False,
) -> None:
    """Repair everything: the main job, when no command is named."""
    if context.invoked_subcommand is not None:
        _refuse_options_before(context, context.invoked_subcommand)
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
        timeout=timeout,
    )


def _refuse_options_before(context: typer.Context, command: str) -> None:
    """Refuse ``reconstruct --db x tree``: the option would be read and then ignored.

    Raises:
        UsageError: There is such an option.
    """
    unset: tuple[object, ...] = (None, False, [], (), opt.DEFAULT_TIMEOUT_S)
    words = [f"--{word.replace('_', '-')}" for word, value in context.params.items() if value not in unset]
    if words:
        raise UsageError(
            f"{', '.join(words)} must come after {command}, not before it",
            hint=f"For example: reconstruct {command} {words[0]} ...",
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
    app.command(name, help=text + scope + examples, short_help=text)(part)


for _name, _only, _text in _PARTS:
    _add_part(_name, _only, _text)


@app.command(
    help="Show who invited whom, as the archives tell it. Reads no database."
    "\n\n\b\nExamples:\n  reconstruct tree\n  reconstruct tree --archives backup.zip --json",
    short_help="Show who invited whom, as the archives tell it.",
)
def tree(archives: opt.Archives = None, json: opt.Json = False, no_color: opt.NoColor = False) -> None:
    """Print the invite tree."""
    from thywill_reconstruct.cli.tree import print_tree

    print_tree(opt.choose("archives", archives), as_json=json, no_color=no_color)


@app.command(
    help="Explain what a finding code means, or who a name is and how we know."
    '\n\n\b\nExamples:\n  reconstruct explain PR001\n  reconstruct explain "Mary Johnson"',
    short_help="Explain a finding code, or who a name is.",
)
def explain(
    word: Annotated[str, typer.Argument(metavar="CODE|NAME", help="A finding code, or a person's name.")],
    db: opt.Database = None,
    archives: opt.Archives = None,
    json: opt.Json = False,
    no_color: opt.NoColor = False,
    force: opt.Force = False,
    timeout: opt.Timeout = opt.DEFAULT_TIMEOUT_S,
) -> None:
    """Explain a finding code or a name."""
    from thywill_reconstruct.cli.explain import explain_code, explain_name, is_code

    if is_code(word):
        explain_code(word.upper(), as_json=json, no_color=no_color)
        return
    database, folder = opt.choose("db", db), opt.choose("archives", archives)
    explain_name(word, database, folder, as_json=json, no_color=no_color, force=force, timeout_s=timeout)


@app.command(
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


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code. Never raises."""
    prepare_streams()
    try:
        with interruptible():
            result = app(args=arguments, prog_name="reconstruct", standalone_mode=False)
            sys.stdout.flush()
        # typer turns Ctrl-C into an exit code of its own, without a word.
        return _interrupted() if result == INTERRUPTED else result if isinstance(result, int) else 0
    except typer.Exit as leaving:
        return _interrupted() if leaving.exit_code == INTERRUPTED else leaving.exit_code
    except ReconstructError as error:
        return _fail(str(error), error.hint, error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        discard_stdout()
        return INTERRUPTED
    except typer.TyperException as error:
        return _fail(error.format_message(), "See: reconstruct --help", WRONG_USAGE)
    except OSError as error:
        return _no_room(error) if is_disk_full(error) else _bug(error)
    except Exception as error:
        return _bug(error)


def _interrupted() -> int:
    return _fail("interrupted", "The database is as it was.", INTERRUPTED)


def _fail(message: str, hint: str, code: int) -> int:
    """Say on one line what happened and what to do next, and return the exit code."""
    say(f"reconstruct: {message.rstrip().removesuffix('.')}. {hint}".rstrip())
    return code


def _no_room(error: OSError) -> int:
    """Report that a file, or our own output, could not be written; the repair itself reports for itself."""
    if error.filename is None:
        discard_stdout()
    what = error.filename or "the output"
    return _fail(f"{what} could not be written: {error.strerror}", DiskFullError.hint, DiskFullError.exit_code)


def _bug(error: Exception) -> int:
    """Report a mistake of our own without quoting data: names and prayers do not belong into a bug report."""
    if os.environ.get("RECONSTRUCT_DEBUG"):
        traceback.print_exc()
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return _fail(
        f"this is a mistake in the tool ({type(error).__name__} at {places})",
        "Nothing was changed, or it was rolled back. Please report it; RECONSTRUCT_DEBUG=1 prints more.",
        BUG,
    )


def main() -> None:
    """Entry point of the ``reconstruct`` command."""
    # A run builds a million small frozen values and lets go of none before it ends; looking through them over and over
    # for cycles to collect took a fifth of the time.
    gc.disable()
    sys.exit(run())
