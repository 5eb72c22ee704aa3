"""The history of checks: a small SQLite file of our own, 0600, that grows to a limit and no further.

It holds rule ids, states, counts and times, and for each channel of alerts what was told there last.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from thywill_reconstruct.apply.folder import explain_os_error
from thywill_reconstruct.errors import DatabaseLockedError, DiskFullError, HistoryError, NotWritableError
from thywill_reconstruct.monitor.figures import Figure, RuleName, Run

FILE_NAME = "history.sqlite"
APPLICATION_ID = 0x54575248
VERSION = 1
# Runs kept per database: so many of the newest, and before them the last of each day. Counts and not ages: a clock that was
# wrong for a day must not cost a year of figures.
NEWEST = 2_000
DAYS = 800

_TABLES = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    database TEXT NOT NULL,
    moment TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    worst TEXT,
    version TEXT NOT NULL
);
CREATE INDEX run_database ON run (database, id);
CREATE TABLE figure (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    pack TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER,
    PRIMARY KEY (run, pack, rule)
) WITHOUT ROWID;
CREATE TABLE told (
    database TEXT NOT NULL,
    channel TEXT NOT NULL,
    pack TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER,
    PRIMARY KEY (database, channel, pack, rule)
) WITHOUT ROWID;
"""
_THIN = """
DELETE FROM run
WHERE database = :database
  AND id NOT IN (SELECT id FROM run WHERE database = :database ORDER BY id DESC LIMIT :newest)
  AND id NOT IN (
    SELECT max(id) FROM run WHERE database = :database GROUP BY substr(moment, 1, 10) ORDER BY 1 DESC LIMIT :days
  )
  AND id IS NOT (SELECT max(id) FROM run WHERE database = :database AND exit_code < 3)
"""


class Store:
    """An open history. Every method raises what ``open_store`` raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record(self, database: str, run: Run) -> None:
        """Keep the figures of a check, and let go of those that are beyond the limit."""
        with self._connection as connection:
            added = connection.execute(
                "INSERT INTO run (database, moment, exit_code, worst, version) VALUES (?, ?, ?, ?, ?)",
                (database, run.moment.isoformat(" "), run.exit_code, run.worst, run.version),
            )
            connection.executemany(
                "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?)",
                [(added.lastrowid, *each.name, each.severity, each.state, each.found) for each in run.figures],
            )
            connection.execute(_THIN, {"database": database, "newest": NEWEST, "days": DAYS})

    def runs(self, database: str, since: datetime | None = None) -> list[Run]:
        """Return the checks of a database in the order in which they were made, from a moment on."""
        found: dict[int, tuple[Run, list[Figure]]] = {}
        wanted = (database, "" if since is None else since.isoformat(" "))
        for number, moment, code, worst, version in self._connection.execute(
            "SELECT id, moment, exit_code, worst, version FROM run WHERE database = ? AND moment >= ? ORDER BY id",
            wanted,
        ):
            found[number] = (Run(datetime.fromisoformat(moment), code, worst, version, ()), [])
        for number, pack, rule, severity, state, count in self._connection.execute(
            "SELECT figure.* FROM figure JOIN run ON run.id = figure.run"
            " WHERE run.database = ? AND run.moment >= ? ORDER BY 1, 2, 3",
            wanted,
        ):
            found[number][1].append(Figure(RuleName(pack, rule), severity, state, count))
        return [run._replace(figures=tuple(figures)) for run, figures in found.values()]

    def last_moment(self, database: str, *, successful: bool = False) -> datetime | None:
        """Return when the newest check was made, or the newest in which everything could be checked."""
        row = self._connection.execute(
            "SELECT moment FROM run WHERE database = ? AND exit_code <= ? ORDER BY id DESC LIMIT 1",
            (database, 2 if successful else 3),
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def databases(self) -> list[str]:
        """Return the databases that the history knows."""
        return [name for (name,) in self._connection.execute("SELECT DISTINCT database FROM run ORDER BY 1")]

    def told(self, database: str, channel: str) -> dict[RuleName, Figure]:
        """Return what a channel was told last, by rule; empty before the first time."""
        rows = self._connection.execute(
            "SELECT pack, rule, severity, state, count FROM told WHERE database = ? AND channel = ?",
            (database, channel),
        )
        return {RuleName(pack, rule): Figure(RuleName(pack, rule), *rest) for pack, rule, *rest in rows}

    def tell(self, database: str, channel: str, figures: Mapping[RuleName, Figure]) -> None:
        """Remember what a channel has been told."""
        with self._connection as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(database, channel, *each.name, each.severity, each.state, each.found) for each in figures.values()],
            )


@contextmanager
def open_store(path: Path, timeout_s: float, *, readonly: bool = False) -> Iterator[Store]:
    """Open a history; without ``readonly`` it is made if it is not there.

    Raises:
        HistoryError: It is damaged, of a newer version, or no history. It is left as it is.
        DatabaseLockedError: Another program held it for longer than ``timeout_s``.
        NotWritableError, DiskFullError: It cannot be made or written.
    """
    with _explained(path, timeout_s, readonly=readonly):
        if not readonly:
            _create(path)
        uri = f"file:{quote(str(path.absolute()))}?mode={'ro' if readonly else 'rw'}"
        with closing(sqlite3.connect(uri, uri=True, timeout=timeout_s)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            _recognise(connection, path, readonly=readonly)
            yield Store(connection)


def _create(path: Path) -> None:
    """Make the file with its mode before SQLite could make it with another."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise explain_os_error(error, path) from error


def _recognise(connection: sqlite3.Connection, path: Path, *, readonly: bool) -> None:
    """Refuse what is no history of ours, before anything is written to it; a file without content becomes one."""
    if not readonly:
        connection.execute("BEGIN IMMEDIATE")
    kind, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if empty and not kind and not version:
        if readonly:
            raise HistoryError(f"{path} holds no history yet", hint="`reconstruct monitor` begins one.")
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    elif kind != APPLICATION_ID:
        raise HistoryError(f"{path} is no history of checks", hint="It was left as it is. Give another --store.")
    elif version > VERSION:
        raise HistoryError(
            f"the history {path} was written by a newer version of this tool",
            hint="It was left as it is. Update the tool.",
        )
    elif connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("malformed")
    if not readonly:
        connection.commit()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


@contextmanager
def _explained(path: Path, timeout_s: float, *, readonly: bool) -> Iterator[None]:
    """Say in plain words what SQLite means."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise DatabaseLockedError(
                f"another program held the history {path} for longer than {timeout_s:g} s",
                hint="The figures of this check were not kept. Try again, or wait longer with --timeout SECONDS.",
            ) from error
        if "full" in text:
            raise DiskFullError(f"the history {path} could not be written: no room") from error
        if "readonly" in text and readonly:
            raise HistoryError(
                f"a program that was writing the history {path} was cut off",
                hint="It was left as it is; the next `reconstruct monitor` settles it.",
            ) from error
        if "readonly" in text:
            raise NotWritableError(f"the history {path} cannot be written") from error
        raise HistoryError(f"the history {path} cannot be used ({text})") from error
    except (sqlite3.DatabaseError, ValueError) as error:
        raise HistoryError(f"the history {path} is damaged") from error
