"""Where a simulated community is written: its database and its archive files, in the order of the events."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import TextIO

from thywill_reconstruct.archives import render

from .clock import DAY, Moment, as_date, as_minute
from .eras import COLUMNS, Layout, create_tables
from .options import Options

ARCHIVES = "text_archives"
Row = tuple[object, ...]


class Database:
    """Bulk inserts into a database of either era. Rows are handed in with the moment of their commit and written in that order.

    The tables are made through the models; the rows are not, because a benchmark needs a million of them.
    """

    def __init__(self, path: Path, options: Options) -> None:
        create_tables(path, options)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=MEMORY")
        self.connection.execute("PRAGMA synchronous=OFF")
        self.connection.execute("BEGIN")
        self._rows: defaultdict[str, list[tuple[Moment, int, Row]]] = defaultdict(list)
        self._changes: list[tuple[Moment, int, str, Row]] = []
        self._count = 0
        self._layouts = {table: Layout(self.connection, table) for table in COLUMNS}

    def has(self, table: str) -> bool:
        """Tell whether this database has a table."""
        return self._layouts[table].exists

    def insert(self, table: str, commit: Moment, *values: object) -> None:
        """Queue one whole row: the values of ``eras.COLUMNS``, in that order."""
        self._count += 1
        self._rows[table].append((commit, self._count, values))

    def change(self, commit: Moment, statement: str, *values: object) -> None:
        """Queue one update or deletion; it runs after the insertions queued so far."""
        self._count += 1
        self._changes.append((commit, self._count, statement, values))

    def flush(self) -> None:
        """Write what is queued."""
        for table, rows in self._rows.items():
            rows.sort(key=lambda item: item[:2])
            layout = self._layouts[table]
            self.connection.executemany(layout.statement, [layout.values(row[2]) for row in rows])
            rows.clear()
        for _, _, statement, values in sorted(self._changes, key=lambda item: item[:2]):
            self.connection.execute(statement, values)
        self._changes.clear()

    def close(self) -> None:
        """Write what is queued, commit, and let go of the file."""
        self.flush()
        self.connection.execute("COMMIT")
        self.connection.close()


class MonthlyLog:
    """The monthly activity log. Entries may arrive out of order and are written in the order of their moments."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "activity"
        self._folder.mkdir(parents=True)
        self._queued: list[tuple[Moment, int, Moment, str, str]] = []
        self._file: TextIO | None = None
        self._month: tuple[int, int] | None = None
        self._day: int | None = None
        self._count = 0

    def add(self, write: Moment, shown: Moment, actor: str, action: str) -> None:
        """Queue one entry: the moment it is written (UTC), the wall-clock moment it bears, and what it says."""
        self._count += 1
        self._queued.append((write, self._count, shown, actor, action))

    def flush(self, before: Moment) -> None:
        """Write every entry written before a moment (UTC)."""
        self._queued.sort()
        due = 0
        for due, (write, _, shown, actor, action) in enumerate(self._queued, 1):
            if write >= before:
                due -= 1
                break
            self._write(shown, actor, action)
        del self._queued[:due]

    def _write(self, shown: Moment, actor: str, action: str) -> None:
        minute = as_minute(shown)
        if shown // DAY != self._day:
            self._day = shown // DAY
            day = as_date(shown)
            if (day.year, day.month) != self._month:
                self._open(day.year, day.month)
            self._put(render.date_header(minute))
        self._put(render.log_line(minute, actor, action))

    def _open(self, year: int, month: int) -> None:
        self.close()
        self._month = (year, month)
        path = self._folder / f"activity_{year}_{month:02}.txt"
        self._file = path.open("w", encoding="utf-8", newline="")
        self._put(render.activity_header(year, month))

    def _put(self, text: str) -> None:
        if self._file is not None:
            self._file.write(text)

    def close(self) -> None:
        """Close the month's file."""
        if self._file is not None:
            self._file.close()


class SmallFiles:
    """Files of which a community has few lines: kept in memory, each with the head it is created with."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parts: defaultdict[str, list[str]] = defaultdict(list)

    def append(self, name: str, header: str, line: str) -> None:
        """Append to a file, which begins with ``header`` if it is new."""
        parts = self._parts[name]
        if not parts:
            parts.append(header)
        parts.append(line)

    def write(self) -> None:
        """Write all files."""
        for name, parts in self._parts.items():
            path = self._root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes("".join(parts).encode())


class PrayerFiles:
    """Names and folders of prayer files: several prayers of one minute differ in suffix only (section 2.1)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taken: dict[str, int] = {}
        self._folders: set[str] = set()

    def allocate(self, shown: Moment) -> str:
        """Return the next free path below the archives for a prayer of a wall-clock moment."""
        stem = render.prayer_file_stem(as_minute(shown))
        count = self._taken[stem] = self._taken.get(stem, 0) + 1
        folder = f"prayers/{stem[:4]}/{stem[5:7]}"
        return f"{folder}/{stem}.txt" if count == 1 else f"{folder}/{stem}_{count}.txt"

    def write(self, name: str, text: str) -> None:
        """Write one file."""
        folder = name.rpartition("/")[0]
        if folder not in self._folders:
            self._folders.add(folder)
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        with open(self._root / name, "wb") as file:
            file.write(text.encode())
