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
from thywill_reconstruct.diff.belonging import leave_out_strangers
from thywill_reconstruct.diff.name_keys import count_references
from thywill_reconstruct.diff.strangers import find_stranger
from thywill_reconstruct.errors import DecisionsError, ForeignArchivesError
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.decision_text import Draft, note_unknown_names, read_draft, require_sound
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.plan.build import build_plan
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.plan.settle import Settled, settle
from thywill_reconstruct.records import Archive

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Inspection:
    """Archive and database side by side, compared.

    ``decisions`` are those that the comparison followed, ``notes`` what is odd about them.
    """

    database: Path
    archive: Archive
    snapshot: Snapshot
    analysis: Analysis
    decisions: Decisions = NO_DECISIONS
    notes: tuple[str, ...] = ()


def read_decisions(path: Path) -> Decisions:
    """Read a decisions file where no community is at hand; without a file there are no decisions.

    Raises:
        DecisionsError: It cannot be read, is malformed or contradicts itself. Names everything wrong with it.
    """
    return require_sound(_draft(path))


def _draft(path: Path) -> Draft:
    try:
        return read_draft(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return Draft(NO_DECISIONS)
    except UnicodeDecodeError as error:
        raise DecisionsError((f"{path} is not UTF-8 text",)) from error
    except OSError as error:
        raise DecisionsError((f"{path} cannot be read: {error.strerror}",)) from error


def inspect(
    database: Path,
    archives: Path | Sequence[Path],
    *,
    decisions: Decisions | Path = NO_DECISIONS,
    force: bool = False,
    progress: Progress | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Inspection:
    """Read and compare; changes nothing.

    Args:
        database: The SQLite file.
        archives: The archives, the live one first (see ``load_archive``).
        decisions: What the operator decided about names, or the file that says so.
        force: Take in archives, and files in them, that seem to be of another community.
        progress: Called with (step, done, total).
        timeout_s: How long to wait while another program holds the database.

    Raises:
        DecisionsError: Decisions cannot be used. Names everything wrong with them at once, ids that nothing knows included.
        ReconstructError: Another of the classes in ``errors``: no database, unknown schema, no archives, ...
    """
    draft = _draft(decisions) if isinstance(decisions, Path) else Draft(decisions)
    snapshot = read_database(database, timeout_s)
    step = (lambda done, total: progress("Reading archives", done, total)) if progress else None
    archive = load_archive(archives, progress=step)
    if not force:
        archive = without_strangers(archive, snapshot, str(database))
    followed = require_sound(draft, _known_keys(archive, snapshot))
    if progress:
        progress("Comparing", 0, 1)
    analysis = analyse(archive, snapshot, str(home_of(database)), followed)
    if progress:
        progress("Comparing", 1, 1)
    notes = note_unknown_names(followed, _known_names(snapshot, analysis)) if followed.entries else ()
    return Inspection(database, archive, snapshot, analysis, followed, notes)


def _known_keys(archive: Archive, snapshot: Snapshot) -> set[str]:
    """Return every user key that a row bears, refers to, or that an export or merge log states."""
    keys = {user.key for user in snapshot.users} | count_references(snapshot).keys()
    return keys | {identity.key for identity in archive.identities} | {merge.merged for merge in snapshot.merges}


def _known_names(snapshot: Snapshot, analysis: Analysis) -> set[str]:
    """Return every name in archives and database."""
    names = {name for person in analysis.resolution.persons for name, _ in person.spellings}
    return names | {user.name for user in snapshot.users}


def home_of(database: Path) -> Path:
    """Return the folder that the application's relative paths start from: where its database is."""
    return database.resolve().parent


def without_strangers(archive: Archive, snapshot: Snapshot | None, named: str) -> Archive:
    """Return the archives without what single files of another community tell; refuse archives that are another's as a whole.

    Args:
        archive: What was read, one archive or several.
        snapshot: The database; ``None`` if there is none, then the live archive is the measure for the others.
        named: How to call the database, or the live archive.

    Raises:
        ForeignArchivesError: One of them has almost no prayer in common with the others.
    """
    stranger = find_stranger(archive, () if snapshot is None else (prayer.key for prayer in snapshot.prayers))
    if stranger is not None:
        label = f"the older archive {stranger.copy}" if stranger.copy else archive.label
        raise ForeignArchivesError(
            f"{label} and {named} seem to belong to different communities: the archives hold {stranger.held:,} prayers "
            f"and {named} {stranger.known:,}, but only {stranger.both:,} are in both"
        )
    return leave_out_strangers(archive, snapshot)


def make_plan(inspection: Inspection, *, only: Collection[str] = (), merge_duplicates: bool = False) -> Plan:
    """Plan the repair of what was found, and of what follows from it. See ``plan.build.build_plan`` and ``plan.settle``."""
    return make_settled(inspection, only=only, merge_duplicates=merge_duplicates).plan


def make_settled(inspection: Inspection, *, only: Collection[str] = (), merge_duplicates: bool = False) -> Settled:
    """Return what was found, what follows from the repair of it, and the plan (``plan.settle``)."""
    home = str(home_of(inspection.database))
    return settle(
        inspection.analysis.findings,
        inspection.snapshot,
        lambda snapshot: analyse(inspection.archive, snapshot, home, inspection.decisions).findings,
        lambda findings: _build(inspection, findings, only, merge_duplicates),
    )


def _build(
    inspection: Inspection, findings: Iterable[Finding], only: Collection[str], merge_duplicates: bool
) -> Plan:
    return build_plan(
        findings,
        inspection.snapshot,
        inspection.archive.fingerprint,
        only=only,
        merge_duplicates=merge_duplicates,
        notes=(*inspection.analysis.notes, *inspection.notes),
        decisions=inspection.decisions,
    )


def rediff(inspection: Inspection) -> Callable[[sqlite3.Connection], Iterable[Finding]]:
    """Return the check that runs inside the transaction: the same comparison on the database as it is then."""

    home = str(home_of(inspection.database))

    def compare(connection: sqlite3.Connection) -> Iterable[Finding]:
        snapshot = read_snapshot(connection)
        return analyse(inspection.archive, snapshot, home, inspection.decisions).findings

    return compare
