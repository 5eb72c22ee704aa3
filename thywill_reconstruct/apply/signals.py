"""Turn the signals that end a program into ``KeyboardInterrupt``, but never between a commit and its receipt."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Decides when a signal takes effect: at once, or never while what is under way must not be split."""

    def __init__(self) -> None:
        self._held = False

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if not self._held:
            raise KeyboardInterrupt(f"stopped by {signal.Signals(number).name}")

    @contextmanager
    def held_off(self) -> Iterator[None]:
        """Ignore signals within the block: it either ends what was begun, or undoes it."""
        held, self._held = self._held, True
        try:
            yield
        finally:
            self._held = held


def ignore_signals() -> None:
    """Ignore what would end the program: all is done and said, and ending is all that is left."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Install the handlers for the block; in other threads than the main one there is nothing to install.

    A signal that the caller had set to be ignored (``nohup``) stays ignored.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    former = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in former.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, interruption.receive)
    try:
        yield interruption
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
