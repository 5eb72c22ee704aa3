"""The command line: wiring of commands, and the one place where failures become messages and exit codes."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from pathlib import Path

import typer

from thywill_reconstruct.apply.folder import is_disk_full
from thywill_reconstruct.apply.signals import ignore_signals, interruptible
from thywill_reconstruct.cli.commands import (
    archives,
    checks,
    hardening,
    history,
    main_job,
    monitoring,
    names,
    plans,
    whole,
)
from thywill_reconstruct.cli.console import let_streams_go, prepare_streams, say
from thywill_reconstruct.errors import DiskFullError, ReconstructError

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
  reconstruct undo                             take the last repair back
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
app.callback(invoke_without_command=True)(main_job.repair_everything)
for _group in (
    main_job.commands,
    plans.commands,
    history.commands,
    names.commands,
    archives.commands,
    checks.commands,
    monitoring.commands,
    hardening.commands,
    whole.commands,
):
    app.add_typer(_group)


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
        return _fail(str(error), error.hint, error.exit_code, error.details)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        return INTERRUPTED
    except typer.TyperException as error:
        return _fail(error.format_message(), "See: reconstruct --help", WRONG_USAGE)
    except OSError as error:
        return _no_room(error) if is_disk_full(error) else _bug(error)
    except Exception as error:
        return _bug(error)


def _interrupted() -> int:
    return _fail("interrupted", "The database is as it was.", INTERRUPTED)


def _fail(message: str, hint: str, code: int, details: tuple[str, ...] = ()) -> int:
    """Say on one line what happened and what to do next, with a line for each detail, and return the exit code."""
    say(f"reconstruct: {message.rstrip().removesuffix('.')}. {hint}".rstrip())
    for detail in details:
        say(f"  {detail}")
    return code


def _no_room(error: OSError) -> int:
    """Report that a file, or our own output, could not be written; the repair itself reports for itself."""
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
    """Run the command line, and end the process with its exit code."""
    # A run builds a million small frozen values and lets go of none before it ends; looking through them over and over
    # for cycles to collect took a fifth of the time.
    gc.disable()
    code = run()
    ignore_signals()  # Python takes a while to end: a signal then must not make a failure of what was done.
    let_streams_go()
    sys.exit(code)
