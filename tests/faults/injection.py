"""Let the n-th thing that a run does to the disk or to SQLite fail: statements, copies, opens, writes, renames, fsyncs..."""

from __future__ import annotations

import builtins
import errno
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

_CALLS = ("open", "fsync", "replace", "unlink", "mkdir", "ftruncate", "pwrite", "sendfile", "chmod", "chown")


class Faults:
    """Counts what is done, and fails where it should.

    Attributes:
        at: The numbers of the actions that fail, from 1.
        ever_after: From this number on everything fails.
        seen: What was done, in order.
    """

    def __init__(self, at: Collection[int] = (), ever_after: int | None = None) -> None:
        self.at = frozenset(at)
        self.ever_after = ever_after
        self.seen: list[str] = []

    def count(self, what: str) -> None:
        """Note an action, and fail if it is its turn."""
        self.seen.append(what)
        number = len(self.seen)
        if number in self.at or (self.ever_after is not None and number >= self.ever_after):
            if what.startswith("sql"):
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
                raise error
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def connection(self) -> type[sqlite3.Connection]:
        """A connection whose statements and copies are counted."""
        count = self.count

        class CountingConnection(sqlite3.Connection):
            def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
                count(f"sql {sql[:60]}")
                return super().execute(sql, parameters)

            def executemany(self, sql: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
                count(f"sql {sql[:60]}")
                return super().executemany(sql, parameters)

            def backup(self, *args: Any, **options: Any) -> None:
                count("sql backup")
                super().backup(*args, **options)

        return CountingConnection

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            self.count(name)
            return call(*args, **options)

        return counting

    @contextmanager
    def injected(self) -> Iterator[None]:
        """Count, and fail, within the block."""
        connect, factory = sqlite3.connect, self.connection()

        def counting_connect(*args: Any, **options: Any) -> sqlite3.Connection:
            self.count("sql connect")
            connection: sqlite3.Connection = connect(*args, **{**options, "factory": factory})
            # Failing to write safely is what is tested, not writing safely: that would take most of the time.
            sqlite3.Connection.execute(connection, "PRAGMA synchronous = OFF")
            return connection

        real = {name: getattr(os, name) for name in _CALLS} | {"fsync": lambda descriptor: None}
        patches = [mock.patch.object(os, name, self._counted(name, real[name])) for name in _CALLS]
        patches += [
            mock.patch.object(builtins, "open", self._counted("open file", builtins.open)),
            mock.patch.object(sqlite3, "connect", counting_connect),
        ]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()
