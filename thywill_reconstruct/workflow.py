"""The steps of a run, put together: read, compare, plan, execute. What the commands call."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.database.connect import DEFAULT_TIMEOUT_S
from thywill_reconstruct.database.rows import Snapshot
from thywill_reconstruct.database.snapshot import read_database, read_snapshot
from thywill_reconstruct.diff.analyse import Analysis, analyse
from thywill_reconstruct.errors import ForeignArchivesError
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.build import build_plan
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.records import Archive

Progress = Callable[[str, int, int], None]

# Archives of another community share no prayer ids at all; a long damaged one still shares most. Below this share of the
# smaller side, and with enough prayers to judge, the two are taken for strangers.
SHARED_AT_LEAST = 0.1
JUDGED_FROM = 5


@dataclass(frozen=True, slots=True)
class Inspection:
    """Archive and database side by side, compared."""

    database: Path
    archive: Archive
    snapshot: Snapshot
    analysis: Analysis


def inspect(
    database: Path,
    archives: Path | Sequence[Path],
    *,
    force: bool = False,
    progress: Progress | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Inspection:
    """Read and compare; changes nothing.

    Args:
        database: The SQLite file.
        archives: The archives, the live one first (see ``load_archive``).
        force: Go on although archives and database seem to be of different communities.
        progress: Called with (step, done, total).
        timeout_s: How long to wait while another program holds the database.

    Raises:
        ReconstructError: One of the classes in ``errors``: no database, unknown schema, no archives, ...
    """
    snapshot = read_database(database, timeout_s)
    step = (lambda done, total: progress("Reading archives", done, total)) if progress else None
    archive = load_archive(archives, progress=step)
    if progress:
        progress("Comparing", 0, 1)
    analysis = analyse(archive, snapshot, str(home_of(database)))
    if progress:
        progress("Comparing", 1, 1)
    if not force:
        _refuse_strangers(database, archive.label, analysis)
    return Inspection(database, archive, snapshot, analysis)


def home_of(database: Path) -> Path:
    """Return the folder that the application's relative paths start from: where its database is."""
    return database.resolve().parent


def _refuse_strangers(database: Path, archives: str, analysis: Analysis) -> None:
    both, in_archive, in_database = analysis.shared
    smaller = min(in_archive, in_database)
    if smaller >= JUDGED_FROM and both < SHARED_AT_LEAST * smaller:
        raise ForeignArchivesError(
            f"{archives} and {database} seem to belong to different communities: the archives hold {in_archive:,} prayers "
            f"and the database {in_database:,}, but only {both:,} are in both"
        )


def make_plan(inspection: Inspection, *, only: Collection[str] = (), merge_duplicates: bool = False) -> Plan:
    """Plan the repair of what was found. See ``plan.build.build_plan``."""
    return build_plan(
        inspection.analysis.findings,
        inspection.snapshot,
        inspection.archive.fingerprint,
        only=only,
        merge_duplicates=merge_duplicates,
        notes=inspection.analysis.notes,
    )


def rediff(inspection: Inspection) -> Callable[[sqlite3.Connection], Iterable[Finding]]:
    """Return the check that runs inside the transaction: the same comparison on the database as it is then."""

    def compare(connection: sqlite3.Connection) -> Iterable[Finding]:
        snapshot = read_snapshot(connection)
        return analyse(inspection.archive, snapshot, str(home_of(inspection.database))).findings

    return compare
