"""The ledger while it is written: every change to the damaged database goes through it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from .eras import Columns, Layout
from .options import Options
from .simulate import Outcome

Entry = dict[str, Any]


class Book:
    """Changes rows of a database and notes what was true.

    Rows are chosen by row number, so that a table of a million rows needs no memory. No cell is damaged twice.
    """

    def __init__(self, connection: sqlite3.Connection, options: Options, rng: Random, outcome: Outcome) -> None:
        self.db = connection
        self.options = options
        self.rng = rng
        self.outcome = outcome
        self.cells: list[Entry] = []
        self.deleted: list[Entry] = []
        self.added: list[Entry] = []
        self.columns = Columns(connection)
        self._touched: set[tuple[str, str, str]] = set()

    def rows(self, table: str, columns: str, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
        """Return some columns of the rows with these numbers, in that order; numbers without a row are left out."""
        statement = f'SELECT {columns} FROM "{table}" WHERE rowid = ?'
        found = (self.db.execute(statement, (number,)).fetchone() for number in numbers)
        return [row for row in found if row is not None]

    def parts(self, table: str, *kinds: str) -> dict[str, list[int]]:
        """Return disjoint random row numbers of a table, as many per kind as the profile says."""
        total = int(self.db.execute(f'SELECT coalesce(max(rowid), 0) FROM "{table}"').fetchone()[0])
        sizes = {kind: round(total * self.options.share(kind)) for kind in kinds}
        numbers = self.rng.sample(range(1, total + 1), min(total, sum(sizes.values())))
        parts: dict[str, list[int]] = {}
        for kind, size in sizes.items():
            parts[kind], numbers = numbers[:size], numbers[size:]
        return parts

    def is_touched(self, table: str, key: str, column: str) -> bool:
        """Tell whether a cell is damaged already."""
        return (table, key, column) in self._touched

    def cell(self, kind: str, table: str, key: str, column: str, true: object, damaged: object) -> None:
        """Damage one cell, unless it is damaged already or would stay what it is."""
        if (table, key, column) in self._touched or true == damaged:
            return
        self._touched.add((table, key, column))
        entry = {"kind": kind, "table": table, "pk": key, "col": column, "true": true, "damaged": damaged}
        self.cells.append(entry)
        primary = self.columns.key_of(table)
        self.db.execute(f'UPDATE "{table}" SET {column} = ? WHERE {primary} = ?', (damaged, key))

    def delete(self, kind: str, table: str, key: str, **facts: str) -> None:
        """Delete one row."""
        self.deleted.append({"kind": kind, "table": table, "pk": key, **facts})
        self.db.execute(f'DELETE FROM "{table}" WHERE {self.columns.key_of(table)} = ?', (key,))

    def add(self, kind: str, table: str, values: Sequence[object], twin: str, **facts: str) -> None:
        """Insert one whole row (the values of ``eras.COLUMNS``) that stands beside the true row ``twin``."""
        self.added.append({"kind": kind, "table": table, "pk": values[0], "twin": twin, **facts})
        layout = Layout(self.db, table)
        self.db.execute(layout.statement, layout.values(tuple(values)))

    def ghost(self) -> str:
        """Return an id that nobody bears."""
        return f"{self.rng.getrandbits(128):032x}"

    def nobody(self) -> str:
        """Return how an import wrote a missing user into a column that must not be NULL."""
        return self.rng.choice(("", "None"))
