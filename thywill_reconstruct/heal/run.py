"""Heal: tell in the archives what only the database knows, then let its rows point there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from thywill_reconstruct.apply.folder import explain_os_error
from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.database.rows import Snapshot
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.diff.analyse import prepare
from thywill_reconstruct.errors import ArchivesMissingError, UsageError, VerificationError
from thywill_reconstruct.heal.plan import Healing, plan_healing
from thywill_reconstruct.heal.write import append, create, ends_torn
from thywill_reconstruct.records import Archive
from thywill_reconstruct.workflow import home_of, inspect, make_plan, rediff

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
    confirmed: Callable[[Healed], None] = lambda healed: None,
    progress: Progress = lambda step, done, total: None,
) -> Healed:
    """Write what the archives lack. A run that was interrupted is finished by another: nothing is ever told twice.

    Args:
        database: The database; its rows must be repaired first, rows of nobody are left out.
        archives: The live archive folder; may be empty or not be there yet.
        execute: False writes nothing.
        confirmed: Called with what will be written before anything is; may raise.
        progress: Called with (step, done, total).

    Raises:
        UsageError: ``archives`` is no folder.
        VerificationError: What was written does not read back as planned.
        ReconstructError: See ``inspect`` and ``execute_plan``.
    """
    if archives.exists() and not archives.is_dir():
        raise UsageError(f"{archives} is no folder", hint="Only a live archive folder can be healed.")
    healing = _plan(read_database(database), archives, database)
    healed = _told(healing)
    if not execute or not (healing.created or healing.appended):
        return healed
    confirmed(healed)
    try:
        _write(healing, archives, progress)
    except OSError as error:
        raise explain_os_error(error, archives) from error
    left = _plan(read_database(database), archives, database)
    if left.created or left.appended:
        some = ", ".join([*left.created, *left.appended][:5])
        raise VerificationError(
            f"the archives do not read back as they were written: {some}",
            hint="Lines were only added. The database is as it was.",
        )
    return _told(healing, _point(database, archives))


def _told(healing: Healing, receipt: Receipt | None = None) -> Healed:
    return Healed(
        created=tuple(sorted(healing.created)),
        appended=tuple(sorted(healing.appended)),
        counts=dict(sorted(healing.counts.items())),
        skipped=dict(sorted(healing.skipped.items())),
        receipt=receipt,
    )


def _plan(snapshot: Snapshot, archives: Path, database: Path) -> Healing:
    archive = _load(archives)
    ctx, _, _ = prepare(archive, snapshot, str(home_of(database)))
    torn = frozenset(name for name in ctx.pathways.files if ends_torn(_root(archive) / name))
    return plan_healing(ctx, torn)


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


def _write(healing: Healing, archives: Path, progress: Progress) -> None:
    done, total = 0, len(healing.created) + len(healing.appended)
    root = _root(_load(archives))
    for write, files in ((create, healing.created), (append, healing.appended)):
        for name, text in sorted(files.items()):
            write(root / name, text)
            done += 1
            progress("Writing archives", done, total)


def _point(database: Path, archives: Path) -> Receipt | None:
    """Let rows point to the files that now tell of them, as any repair does."""
    inspection = inspect(database, archives, force=True)
    plan = make_plan(inspection, only=("paths",))
    return execute_plan(database, plan, rediff(inspection)) if plan.operations else None
