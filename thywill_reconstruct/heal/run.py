"""Heal: tell in the archives what only the database knows, then let its rows point there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from thywill_reconstruct.apply.folder import explain_os_error, prepare_folder
from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.diff.analyse import analyse, prepare
from thywill_reconstruct.errors import (
    ArchiveReadError,
    ArchivesMissingError,
    StalePlanError,
    UsageError,
    VerificationError,
)
from thywill_reconstruct.heal.doubts import find_doubts
from thywill_reconstruct.heal.plan import Healing, plan_healing
from thywill_reconstruct.heal.unfinished import find_unfinished, forget, note
from thywill_reconstruct.heal.write import append, create, ends_torn
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.records import Archive
from thywill_reconstruct.workflow import home_of, inspect, make_plan, rediff, without_strangers

BEGUN = "Lines were only added, and the database is as it was; reconstruct heal --execute finishes what was begun."
# Where lines stand that heal might tell again.
_READ = ("prayers", "users", "activity")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Healed:
    """What was, or would be, written.

    Attributes:
        created, appended: Files, relative to the archive folder.
        counts: Lines and files by what they tell.
        skipped: Subject -> why it cannot be told.
        receipt: Of the run that let the rows point to their files; ``None`` if none had to.
    """

    created: tuple[str, ...]
    appended: tuple[str, ...]
    counts: Mapping[str, int]
    skipped: Mapping[str, str]
    receipt: Receipt | None = None


def heal(
    database: Path,
    archives: Path,
    *,
    execute: bool,
    decisions: Decisions = NO_DECISIONS,
    force: bool = False,
    confirmed: Callable[[Healed], None] = lambda healed: None,
    progress: Progress = lambda step, done, total: None,
) -> Healed:
    """Write what the archives lack. A run that was interrupted is finished by another: nothing is ever told twice.

    Args:
        database: The database; its rows must be repaired first, rows of nobody are left out.
        archives: The live archive folder; may be empty or not be there yet.
        execute: False writes nothing.
        decisions: What the operator decided about names; who is ignored is not told of.
        force: Go on although archives and database seem to be of different communities.
        confirmed: Called with what will be written before anything is; may raise.
        progress: Called with (step, done, total).

    Raises:
        UsageError: ``archives`` is no folder.
        ForeignArchivesError: It is another community's.
        ArchiveReadError: A part of it cannot be read.
        StalePlanError: What was shown is not what is missing any more.
        RunLockedError: Another run is at work on the database.
        VerificationError: What was written does not read back as planned.
        ReconstructError: See ``inspect`` and ``execute_plan``.
    """
    if archives.exists() and not archives.is_dir():
        raise UsageError(f"{archives} is no folder", hint="Only a live archive folder can be healed.")
    database = database.resolve()
    unfinished = _unfinished(database, archives, force=force)
    healing = unfinished or _plan(database, archives, decisions, force=force)
    if not execute or not (healing.created or healing.appended):
        return _told(healing)
    confirmed(_told(healing))
    try:
        with run_lock(prepare_folder(database), database, datetime.now(UTC)):
            # Somebody may have taken an hour to answer, or healed meanwhile.
            if healing != (
                _unfinished(database, archives, force=force) or _plan(database, archives, decisions, force=force)
            ):
                raise StalePlanError("archives or database changed since this was shown", hint="Run it again.")
            _write(healing, database, archives, progress, noted=unfinished is not None)
    except OSError as error:
        refused = explain_os_error(error, archives)
        refused.hint = BEGUN
        raise refused from error
    except KeyboardInterrupt as error:
        error.add_note(BEGUN)
        raise
    left = _plan(database, archives, decisions, force=True)
    if (left.created or left.appended) and not unfinished:
        some = ", ".join([*left.created, *left.appended][:5])
        raise VerificationError(
            f"the archives do not read back as they were written: {some}",
            hint="Lines were only added. The database is as it was.",
        )
    return _told(healing, _point(database, archives, decisions))


def _told(healing: Healing, receipt: Receipt | None = None) -> Healed:
    return Healed(
        created=tuple(sorted(healing.created)),
        appended=tuple(sorted(healing.appended)),
        counts=dict(sorted(healing.counts.items())),
        skipped=dict(sorted(healing.skipped.items())),
        receipt=receipt,
    )


def _plan(database: Path, archives: Path, decisions: Decisions, *, force: bool) -> Healing:
    # The database first: what the application records meanwhile is in the archives before it is in the database.
    snapshot = read_database(database)
    archive = _load(archives)
    if not force:
        archive = without_strangers(archive, snapshot, str(database))
    home = str(home_of(database))
    doubts = analyse(archive, snapshot, home, decisions).findings
    ctx, _, _ = prepare(archive, snapshot, home, decisions)
    torn = frozenset(name for name in ctx.pathways.files if ends_torn(_root(archive) / name))
    return plan_healing(ctx, torn, find_doubts(ctx, doubts, decisions))


def _require_readable(archive: Archive) -> None:
    """Refuse archives of which a part cannot be read: what stands there would be told again.

    Raises:
        ArchiveReadError: Names the first such part, for example a symbolic link.
    """
    for problem in archive.problems:
        if problem.code == "AR006" and problem.span.file.partition("/")[0] in _READ:
            raise ArchiveReadError(
                f"{problem.span.file} in {archive.label} cannot be read: {problem.detail}",
                hint="What stands there must not be told again. Put plain files there, or make it readable.",
            )


def _unfinished(database: Path, archives: Path, *, force: bool) -> Healing | None:
    """Return what an interrupted run left to be written, ``None`` if nothing."""
    archive = _load(archives)
    _require_readable(archive)
    snapshot = read_database(database)
    if not force:
        archive = without_strangers(archive, snapshot, str(database))
    wanted = {prayer.key for prayer in snapshot.prayers} - {prayer.prayer_id for prayer in archive.prayers}
    healing = find_unfinished(database, _root(archive), wanted)
    return healing if healing.created or healing.appended else None


def _root(archive: Archive) -> Path:
    return Path(archive.location or "")


def _load(archives: Path) -> Archive:
    """Return the archive, or an empty one for a folder that holds none yet."""
    try:
        return load_archive(archives)
    except ArchivesMissingError:
        if archives.exists() and any(path.is_file() for path in archives.rglob("*")):
            raise
        nothing = ((), (), (), (), (), (), ())
        return Archive(str(archives), str(archives.resolve()), *nothing, frozenset(), "")


def _write(healing: Healing, database: Path, archives: Path, progress: Progress, *, noted: bool) -> None:
    done, total = 0, len(healing.created) + len(healing.appended)
    root = _root(_load(archives))
    if not noted:
        note(database, root, healing)
    for write, files in ((create, healing.created), (append, healing.appended)):
        for name, text in sorted(files.items()):
            write(root / name, text)
            done += 1
            progress("Writing archives", done, total)
    forget(database, root)


def _point(database: Path, archives: Path, decisions: Decisions) -> Receipt | None:
    """Let rows point to the files that now tell of them, as any repair does."""
    inspection = inspect(database, archives, decisions=decisions, force=True)
    plan = make_plan(inspection, only=("paths",))
    return execute_plan(database, plan, rediff(inspection)) if plan.operations else None
