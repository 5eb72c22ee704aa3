"""Entry point of the ``reconstruct`` command, and of ``python -m thywill_reconstruct``."""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it; Ctrl-C while it loads, when nothing is begun yet, ends it without a word."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Not an exception: raised within an import it could be swallowed, or be printed with a traceback.
        signal.signal(signal.SIGINT, _leave)
    from thywill_reconstruct.cli import app

    app.main()


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
