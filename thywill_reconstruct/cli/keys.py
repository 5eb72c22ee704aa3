"""One key at a time from a terminal, and whole lines. What was typed before a question was shown answers nothing."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CTRL_D = "\x04"
# A key sends at most so many bytes; more at once was pasted.
_AT_ONCE = 64


class LeftError(Exception):
    """The operator is done: pressed Ctrl-D, or the input ended."""


@contextmanager
def single_keys() -> Iterator[None]:
    """Take keys without Enter for the length of the block. Drops what was typed before; Ctrl-C stays an interruption."""
    descriptor = sys.stdin.fileno()
    try:
        former = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor, termios.TCSAFLUSH)
    except termios.error as error:
        raise OSError(*error.args) from error
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal was closed
            termios.tcsetattr(descriptor, termios.TCSADRAIN, former)


def read_key() -> str:
    """Return the character of the next key, ``""`` for a key that sends more than one (arrows), or for pasted text.

    Raises:
        LeftError: The input ended.
    """
    descriptor = sys.stdin.fileno()
    select.select([descriptor], [], [])  # so that a signal is noticed while nobody types
    sent = os.read(descriptor, _AT_ONCE)
    if not sent:
        raise LeftError
    text = sent.decode("utf-8", "replace")
    if text == CTRL_D:
        raise LeftError
    text = text.rstrip("\r\n")
    return text if len(text) == 1 else ""


def read_line(question: str, default: str = "") -> str:
    """Return a line, without what nobody can see; the default if it is empty.

    Raises:
        LeftError: The input ended.
    """
    while True:
        try:
            line = input(f"{question}{f' [{default}]' if default else ''}: ")
        except EOFError:
            print()
            raise LeftError from None
        except UnicodeDecodeError:
            print("That is not UTF-8. Once more, please.")
            continue
        line = "".join(" " if c.isspace() else c for c in line if c.isspace() or unicodedata.category(c)[0] != "C")
        return " ".join(line.split()) or default
