"""A private copy of a database on which steps are tried that depend on each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from thywill_reconstruct.apply.execute import execute_operations
from thywill_reconstruct.apply.run import whole_operations
from thywill_reconstruct.database.snapshot import decode_anyway, read_steadily
from thywill_reconstruct.plan.operations import Operation

Act = Callable[[Sequence[Operation]], None]


@contextmanager
def rehearse(path: Path, timeout_s: float) -> Iterator[tuple[sqlite3.Connection, Act]]:
    """Copy a database to where only this user can read it, for as long as the block; in a transaction, and a way to act.

    Raises:
        ReconstructError: The database cannot be read (see ``database.connect``), or a step cannot be carried out (see
            ``execute.execute_operations``).
    """
    with TemporaryDirectory(prefix="reconstruct-") as folder, closing(sqlite3.connect(Path(folder) / "copy")) as copy:
        read_steadily(path, lambda original: original.backup(copy), timeout_s)
        copy.isolation_level = None
        copy.text_factory = decode_anyway
        copy.execute("BEGIN")

        def act(operations: Sequence[Operation]) -> None:
            execute_operations(copy, whole_operations(copy, operations))

        yield copy, act
