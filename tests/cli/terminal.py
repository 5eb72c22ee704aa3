"""Drive the real command in a real terminal: a pseudo terminal of our own, and tmux as well where it is installed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from tests.cli.support import COMMAND, PATIENCE_S, unmeasured

DRIVERS = ("pty", "tmux") if shutil.which("tmux") else ("pty",)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal(Protocol):
    """Somebody at a terminal who reads what is there, and types."""

    def text(self) -> str:
        """Everything that was shown, without colours."""

    def type(self, keys: str) -> None:
        """Type."""

    def code(self) -> int:
        """How the command ended; waits for it."""


class Reader:
    """Waits for what a terminal shows; what was waited for once is not found again."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._read = 0

    def sees(self, words: str) -> str:
        """Wait until the words stand behind all that was waited for before, and return what was shown up to them."""
        until = time.monotonic() + PATIENCE_S / 2
        while (place := self.terminal.text().find(words, self._read)) < 0:
            assert time.monotonic() < until, f"{words!r} never came:\n{self.terminal.text()[self._read :]}"
            time.sleep(0.02)
        shown = self.terminal.text()[self._read : place]
        self._read = place + len(words)
        return shown

    def press(self, key: str) -> str:
        """Wait for the line of keys, press one, and return the question that stood above it."""
        shown = self.sees("? help")
        self.terminal.type(key)
        return shown

    def code(self) -> int:
        """How the command ended."""
        return self.terminal.code()


@contextmanager
def at_terminal(driver: str, folder: Path, *words: str, columns: int = 100) -> Iterator[Reader]:
    """Run ``reconstruct`` in a folder in a terminal of so many columns."""
    command = [*COMMAND, *words]
    if driver == "tmux":
        with _in_tmux(folder, command, columns) as tmux:
            yield Reader(tmux)
    else:
        with _in_pty(folder, command, columns) as terminal:
            yield Reader(terminal)


class _Pty:
    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self._shown = b""

    def text(self) -> str:
        while select.select([self.master], [], [], 0)[0]:
            try:
                more = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                break
            if not more:
                break
            self._shown += more
        return _COLOURS.sub("", self._shown.decode("utf-8", "replace")).replace("\r\n", "\n")

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def code(self) -> int:
        until = time.monotonic() + PATIENCE_S / 2
        while self.process.poll() is None and time.monotonic() < until:
            self.text()
            time.sleep(0.02)
        return self.process.wait(1)


@contextmanager
def _in_pty(folder: Path, command: list[str], columns: int) -> Iterator[_Pty]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command,
        cwd=folder,
        env=unmeasured({"TERM": "xterm-256color"}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=take_terminal,
    )
    os.close(slave)
    try:
        yield _Pty(process, master)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(master)


class _Tmux:
    def __init__(self, socket: str) -> None:
        self.socket = socket

    def run(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-L", self.socket, *words], capture_output=True, text=True, check=True, env=unmeasured()
        ).stdout

    def text(self) -> str:
        return self.run("capture-pane", "-p", "-S", "-")

    def type(self, keys: str) -> None:
        self.run("send-keys", "-H", *(f"{byte:02x}" for byte in keys.encode()))

    def code(self) -> int:
        until = time.monotonic() + PATIENCE_S / 2
        while (ended := re.search(r"^ended with (\d+)$", self.text(), re.MULTILINE)) is None:
            assert time.monotonic() < until, self.text()
            time.sleep(0.05)
        return int(ended[1])


@contextmanager
def _in_tmux(folder: Path, command: list[str], columns: int) -> Iterator[_Tmux]:
    tmux = _Tmux(f"reconstruct-{uuid4().hex[:8]}")
    line = f"trap : INT; {shlex.join(command)}; echo ended with $?; exec cat"
    size = ("-x", str(columns), "-y", "50")
    tmux.run("-f", "/dev/null", "-u", "new-session", "-d", *size, "-c", str(folder), "sh", "-c", line)
    try:
        yield tmux
    finally:
        tmux.run("kill-server")
