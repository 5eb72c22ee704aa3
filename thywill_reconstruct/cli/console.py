"""The terminal: results go to stdout, talk and progress to stderr. Everything foreign is made safe before it gets here."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from thywill_reconstruct.errors import DeclinedError
from thywill_reconstruct.report.safe import safe

# Where output is no terminal there is no width to fit, unless COLUMNS says one.
WIDTH_OF_FILES = 100
NARROWEST = 30
# Anything quicker than this needs no progress bar.
PATIENCE_S = 1.0


class SteadyConsole(Console):
    """A console that leaves it to the caller to deal with a reader who has gone."""

    def on_broken_pipe(self) -> None:
        """Let the error through: leaving with exit code 1, as rich does, would mean something else here."""
        raise BrokenPipeError


def prepare_streams() -> None:
    """Make the standard streams usable whatever the caller did to them.

    A stream that was closed before we started becomes the null device; a character that the encoding of a terminal lacks is
    written as an escape.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def discard_stdout() -> None:
    """Write our output nowhere from now on: nobody can take it any more."""
    _discard(sys.stdout)


def let_streams_go() -> None:
    """Write what is left in the standard streams, or throw it away where nobody can take it.

    Python tries again when it ends, and ends with exit code 120, whatever ours is, if it fails again.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _discard(stream)


def _discard(stream: TextIO) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def make_console(*, no_color: bool = False, stderr: bool = False) -> Console:
    """Return a console that interprets nothing and colours only a terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return SteadyConsole(
        file=stream,
        markup=False,
        highlight=False,
        emoji=False,
        no_color=True if no_color else None,
        width=_width() or (None if stream.isatty() else WIDTH_OF_FILES),
    )


def _width() -> int:
    """Return the width that the environment asks for, 0 if it asks for none."""
    columns = os.environ.get("COLUMNS", "")
    return max(int(columns), NARROWEST) if columns.isascii() and columns.isdigit() and int(columns) else 0


def say(message: str, *, no_color: bool = False) -> None:
    """Tell the operator something that is not the result; in a file it stays one line."""
    console = make_console(no_color=no_color, stderr=True)
    try:
        if console.is_terminal:
            console.print(Text(safe(message)), overflow="fold")
        else:
            console.print(Text(safe(message)), soft_wrap=True)
    except OSError:
        return  # Nobody listens; the exit code still tells.


def confirm(question: str, *, word: str = "yes", json: bool = False) -> None:
    """Let the operator type a full word; anything else, and anybody who is not there, means no.

    Raises:
        DeclinedError: The answer was not the word.
    """
    if json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DeclinedError("nobody is at a terminal to confirm this")
    say("")
    say(question)
    try:
        answer = input(f"Type {word} to go on: ")
    except EOFError:
        print()
        answer = ""
    if answer.strip().lower() != word:
        raise DeclinedError("this was not confirmed")


class Bars:
    """Progress bars on stderr for what takes longer than a moment, on a terminal only."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._wanted = not quiet and sys.stderr.isatty()
        self._started = time.monotonic()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Move the bar of a step."""
        if not self._wanted or (self._bars is None and time.monotonic() - self._started < PATIENCE_S):
            return
        if self._bars is None:
            columns = (TextColumn("{task.description:<18}"), BarColumn(), TimeElapsedColumn())
            self._bars = Progress(*columns, console=make_console(stderr=True), transient=True)
            self._bars.start()
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step.capitalize(), total=total)
        self._bars.update(self._tasks[step], completed=done, total=total)
