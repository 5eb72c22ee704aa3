"""The terminal: results go to stdout, talk and progress to stderr. Everything foreign is made safe before it gets here."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from thywill_reconstruct.report.safe import safe

# Where output is no terminal there is no width to fit; long lines are easier on tools than broken ones.
WIDTH_OF_FILES = 100
# Anything quicker than this needs no progress bar.
PATIENCE_S = 1.0


def make_console(*, no_color: bool = False, stderr: bool = False) -> Console:
    """Return a console that interprets nothing and colours only a terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        markup=False,
        highlight=False,
        emoji=False,
        no_color=True if no_color else None,
        width=None if stream.isatty() else WIDTH_OF_FILES,
    )


def say(message: str, *, no_color: bool = False) -> None:
    """Tell the operator something that is not the result."""
    text = Text(safe(message))
    text.overflow = "fold"
    make_console(no_color=no_color, stderr=True).print(text)


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
