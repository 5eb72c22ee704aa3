"""Rebuild: archives in, a new database out, or nothing at all."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from thywill_reconstruct.apply.folder import explain_os_error, sync_folder
from thywill_reconstruct.apply.precheck import complete_rows
from thywill_reconstruct.apply.verify import measure_health
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.database import models_v1, models_v2
from thywill_reconstruct.database.failures import explain_sqlite_error
from thywill_reconstruct.database.snapshot import quote_name, read_snapshot, read_tables
from thywill_reconstruct.diff.analyse import analyse, prepare
from thywill_reconstruct.diff.extents import Chosen, choose_texts
from thywill_reconstruct.errors import OutputError, VerificationError
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.plan.build import build_plan
from thywill_reconstruct.plan.operations import Operation, Plan
from thywill_reconstruct.rebuild.losses import Loss, losses_of
from thywill_reconstruct.rebuild.rows import Tables, rows_of
from thywill_reconstruct.records import Archive
from thywill_reconstruct.workflow import without_strangers

Progress = Callable[[str, int, int], None]
ERAS = {"v1": models_v1.create_tables, "v2": models_v2.create_tables}
_FAMILIES = ("US", "PR", "MK", "AT", "IN")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was, or would be, made.

    Attributes:
        target: The new database.
        era: ``v1`` or ``v2``.
        rows: Table -> number of rows.
        doubts: What the archives tell of but that is not certain enough to become a row.
        chosen: Prayers that get a row although their text could end elsewhere: it was split by rule.
        losses: Per table and column what no archive gives back.
    """

    target: Path
    era: str
    rows: Mapping[str, int]
    doubts: tuple[Finding, ...]
    chosen: tuple[Chosen, ...]
    losses: tuple[Loss, ...]


def rebuild(
    archives: Sequence[Path],
    target: Path,
    era: str,
    *,
    include: Collection[str] = (),
    decisions: Decisions = NO_DECISIONS,
    force: bool = False,
    execute: bool = True,
    validated: Callable[[Rebuilt], None] = lambda rebuilt: None,
    progress: Progress = lambda step, done, total: None,
) -> Rebuilt:
    """Make a new database from archives alone.

    It is made under a temporary name beside its place, in one transaction, compared with the archives again, written through to
    the disk, and only then gets its name. An existing file is never touched.

    Args:
        archives: The archives, the live one first.
        target: The new database; must not exist.
        era: ``v1`` (users with ids) or ``v2`` (display names as keys).
        include: ``roles``, ``sessions``, ``tokens``.
        decisions: What the operator decided about names; who is ignored gets no row.
        force: Go on although the archives seem to be of different communities.
        execute: False stops before anything is written beside the target.
        validated: Called with what will be made before the first row is written.
        progress: Called with (step, done, total).

    Raises:
        OutputError: The target exists, or cannot be made.
        DiskFullError, NotWritableError: Nothing is left behind.
        ForeignArchivesError: One of the archives is another community's.
        VerificationError: The comparison afterwards finds something left to do.
        ReconstructError: See ``load_archive``.
    """
    if os.path.lexists(target):
        raise OutputError(f"{target} exists already", hint="Name a new file: rebuild never writes into a database.")
    archive = load_archive(archives, progress=lambda done, total: progress("Reading archives", done, total))
    if not force:
        archive = without_strangers(archive, None, "the archives before it")
    archive, chosen = choose_texts(archive)
    place = target.parent if execute else Path(tempfile.gettempdir())
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=place) as folder:
            staged = Path(folder) / "new.db"
            _make_tables(era, staged)
            with closing(sqlite3.connect(staged, isolation_level=None)) as connection:
                tables, plan = _rows(connection, archive, str(target.resolve().parent), include, decisions)
                rebuilt = _describe(target, era, tables, plan, chosen, include)
                validated(rebuilt)
                if not execute:
                    return rebuilt
                _fill(connection, tables, progress)
                _complete_paths(connection, archive, str(target.resolve().parent), decisions)
                _verify(connection, archive, str(target.resolve().parent), decisions)
                connection.execute("PRAGMA journal_mode=WAL")
            _publish(staged, target)
    except OSError as error:
        raise explain_os_error(error, target) from error
    except sqlite3.Error as error:
        raise explain_sqlite_error(error, target) or error from error
    return rebuilt


def _make_tables(era: str, database: Path) -> None:
    try:
        ERAS[era](f"sqlite:///{database}")
    except Exception as error:
        # SQLAlchemy hides what SQLite said; a full disk must look like one.
        raise getattr(error, "orig", None) or error from error


def _rows(
    connection: sqlite3.Connection, archive: Archive, home: str, include: Collection[str], decisions: Decisions
) -> tuple[Tables, Plan]:
    """Compare the archives with the empty tables; return the rows to write, and the plan they come from."""
    snapshot = read_snapshot(connection)
    findings = analyse(archive, snapshot, home, decisions).findings
    plan = build_plan(findings, snapshot, archive.fingerprint, decisions=decisions)
    ctx, _, _ = prepare(archive, snapshot, home, decisions)
    return rows_of(ctx, plan, include), plan


def _describe(
    target: Path, era: str, tables: Tables, plan: Plan, chosen: Iterable[Chosen], include: Collection[str]
) -> Rebuilt:
    doubts = tuple(f for f in plan.skipped if f.code[:2] in _FAMILIES or f.code == "AR010")
    rows = {table: len(rows) for table, rows in sorted(tables.items())}
    made = {row["id"] for row in tables.get("prayer", ())}
    split = tuple(one for one in chosen if one.prayer in made)
    return Rebuilt(target, era, rows, doubts, split, losses_of(era, rows, include))


def _fill(connection: sqlite3.Connection, tables: Tables, progress: Progress) -> None:
    """Write all rows in one transaction, each made whole with what the application's own defaults would write."""
    layouts = read_tables(connection)
    done, total = 0, sum(map(len, tables.values()))
    connection.execute("BEGIN IMMEDIATE")
    for table, rows in tables.items():
        present = {column.name for column in layouts[table]}
        key = next(column.name for column in layouts[table] if column.primary_key)
        operations = complete_rows(
            (
                Operation(
                    "insert", table, key, row[key], (), tuple((n, v) for n, v in row.items() if n in present),
                    "recreate", (), "",
                )
                for row in rows
            ),
            layouts,
        )  # fmt: skip
        for operation in operations:
            names = ", ".join(quote_name(name) for name, _ in operation.after)
            slots = ", ".join("?" * len(operation.after))
            connection.execute(
                f"INSERT INTO {quote_name(table)} ({names}) VALUES ({slots})",
                [value for _, value in operation.after],
            )
        done += len(rows)
        progress("Writing rows", done, total)
    connection.execute("COMMIT")


def _complete_paths(connection: sqlite3.Connection, archive: Archive, home: str, decisions: Decisions) -> None:
    """Fill paths of people whose registration line could be told from others only once they had rows."""
    snapshot = read_snapshot(connection)
    plan = build_plan(
        analyse(archive, snapshot, home, decisions).findings, snapshot, archive.fingerprint, only=("PA001",)
    )
    key = snapshot.schema.columns["user", "key"]
    connection.execute("BEGIN IMMEDIATE")
    for operation in plan.operations:
        if operation.table == "user" and operation.action == "update":
            connection.execute(
                f'UPDATE "user" SET text_file_path = ? WHERE {quote_name(key)} = ?',
                (dict(operation.after)["text_file_path"], operation.key),
            )
    connection.execute("COMMIT")


def _verify(connection: sqlite3.Connection, archive: Archive, home: str, decisions: Decisions) -> None:
    """Compare the new database with the archives, and let SQLite check it.

    Raises:
        VerificationError: Something is left to do, or SQLite finds a defect.
    """
    snapshot = read_snapshot(connection)
    findings = analyse(archive, snapshot, home, decisions).findings
    left = build_plan(findings, snapshot, archive.fingerprint, merge_duplicates=True, decisions=decisions)
    health = measure_health(connection)
    if health.defects or health.violations:
        found = [*sorted(health.defects), *sorted(f"{child} row {row}" for child, row, _, _ in health.violations)]
        raise VerificationError(f"the new database is not sound: {'; '.join(found[:5])}")
    if left.operations:
        codes = ", ".join(sorted({code for operation in left.operations for code in operation.codes}))
        raise VerificationError(f"the new database does not agree with the archives: {codes}")


def _publish(staged: Path, target: Path) -> None:
    """Give the finished database its name, unless somebody else took it meanwhile."""
    descriptor = os.open(staged, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(staged, target)
    except FileExistsError as error:
        raise OutputError(f"{target} was made by somebody else meanwhile") from error
    sync_folder(target.parent)
