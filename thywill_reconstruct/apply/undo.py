"""Take a run back, row by row, without losing what happened since.

A row is taken back only if it still is as the run left it and no later run has changed it. Of what the run inserted,
nothing is deleted that rows refer to which did not refer to it before the run; and nothing is put back that would take
somebody else's place. All other rows are refused, each with its reason, and the rest is offered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from thywill_reconstruct import __version__
from thywill_reconstruct.apply.backup import require_equal
from thywill_reconstruct.apply.history import Run, find_run, read_runs
from thywill_reconstruct.apply.ledger import DONE, UNDONE, Ledger, replay, rows_of
from thywill_reconstruct.apply.precheck import LISTED, row_name, stands_before, steps_by_row
from thywill_reconstruct.apply.receipt import Receipt, read_receipt
from thywill_reconstruct.apply.run import WAIT_S, Clock, Job, Opener, Progress, execute_job, utc_now, whole_operations
from thywill_reconstruct.apply.statements import PLACE
from thywill_reconstruct.apply.undo_conflicts import (
    Chain,
    added_since,
    find_conflicts,
    held_since,
    missing_parts,
    place_taken,
)
from thywill_reconstruct.apply.verify import HEALTHY, Health, measure_health
from thywill_reconstruct.database.connect import DEFAULT_TIMEOUT_S, open_readonly, open_writable
from thywill_reconstruct.database.snapshot import decode_anyway, read_steadily, read_tables
from thywill_reconstruct.errors import NoSuchRunError, ReconstructError, UndoConflictError
from thywill_reconstruct.plan.operations import Operation, Plan

Selected = Callable[[Operation], bool]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken back, and why."""

    operation: Operation
    reason: str


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What undoing a run would do.

    Attributes:
        run: The run to take back.
        operations: What would be done, in order.
        refused: Rows that cannot be taken back.
        undone: How many rows are taken back already.
        left_out: How many rows were not selected.
    """

    run: Run
    operations: tuple[Operation, ...]
    refused: tuple[Refusal, ...]
    undone: int
    left_out: int


def choose_run(runs: Collection[Run], word: str) -> Run:
    """Return the run to undo: the one that is named, or the newest repair.

    Raises:
        NoSuchRunError: There is none, it changed nothing, or it cannot be undone row by row.
    """
    if word:
        run = find_run(tuple(runs), word)
    else:
        repairs = [run for run in runs if run.receipt.kind == "repair" and run.receipt.status in DONE]
        if not repairs:
            raise NoSuchRunError("there is no run to undo")
        run = repairs[-1]
    if run.alive:
        raise NoSuchRunError(f"run {run.name} is at work right now", hint="Wait until it has finished.")
    if run.receipt.status not in DONE:
        raise NoSuchRunError(f"run {run.name} was rolled back: there is nothing to undo")
    if run.receipt.kind == "restore":
        raise NoSuchRunError(
            f"run {run.name} put a whole backup back, which cannot be undone row by row",
            hint=f"To have the database as it was before: reconstruct restore {run.name}",
        )
    return run


def plan_undo(
    connection: sqlite3.Connection, database: Path, word: str, selected: Selected | None = None
) -> UndoPlan:
    """Find out what can be taken back of a run. Reads only.

    Args:
        connection: Open on the database, within a transaction.
        database: The database.
        word: The run; empty for the newest repair.
        selected: Whether an operation is to be taken back; all operations on its row go with it.

    Raises:
        NoSuchRunError: See ``choose_run``.
        UnknownSchemaError: The database is of no known era (any more).
        ReconstructError: A receipt cannot be read or was changed.
    """
    usual, connection.text_factory = connection.text_factory, decode_anyway
    try:
        return _plan_undo(connection, database, word, selected)
    finally:
        connection.text_factory = usual


def _plan_undo(connection: sqlite3.Connection, database: Path, word: str, selected: Selected | None) -> UndoPlan:
    runs = read_runs(database, connection=connection)
    run = choose_run(runs, word)
    receipt = read_receipt(run.folder)
    # A run whose receipt is damaged only counts as far as its rows differ from what others left.
    receipts = [_with_operations(each) for each in runs if not each.problem]
    ledger = replay(receipts)
    tables = read_tables(connection)
    refused: list[Refusal] = []
    chains: list[Chain] = []
    undone = left_out = 0
    for steps in steps_by_row(receipt.operations):
        if selected is not None and not any(map(selected, steps)):
            left_out += 1
            continue
        obstacle = _obstacle(ledger, receipt, steps)
        if obstacle == UNDONE:
            undone += 1
            continue
        back = tuple(_portable(step.inverse()) for step in reversed(steps))
        reason = f"run {obstacle} changed it again" if obstacle else missing_parts(tables, back)
        if not reason and not stands_before(connection, back[0]):
            reason = "it was changed since"
        reason = reason or added_since(connection, tables, back[0])
        reason = reason or next(filter(None, (held_since(connection, step) for step in back)), "")
        if reason:
            refused.append(Refusal(steps[-1], reason))
        else:
            chains.append(Chain(back))
    conflicts = find_conflicts(connection, tables, chains, _trusted_backup(run))
    refused += [Refusal(chains[number].steps[0].inverse(), reason) for number, reason in sorted(conflicts.items())]
    accepted = [chain for number, chain in enumerate(chains) if number not in conflicts]
    operations = _in_order(receipt, accepted)
    return UndoPlan(run, _free_places(connection, operations), tuple(refused), undone, left_out)


def _with_operations(run: Run) -> Receipt:
    receipt = read_receipt(run.folder) if run.receipt.status in DONE else run.receipt
    return replace(receipt, status=run.receipt.status)


def _obstacle(ledger: Ledger, receipt: Receipt, steps: tuple[Operation, ...]) -> str:
    rows = dict.fromkeys(row for step in steps for row in rows_of(step))
    found = [ledger.obstacle(receipt.run, row) for row in rows]
    return next((each for each in found if each and each != UNDONE), "") or (UNDONE if UNDONE in found else "")


def _portable(operation: Operation) -> Operation:
    """Leave out where a row stood, in what is to be deleted: it says nothing, and another place may be its own by now."""
    before = tuple(pair for pair in operation.before if pair[0] != PLACE)
    return replace(operation, before=before)


def _free_places(connection: sqlite3.Connection, operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Let rows whose former place another row has taken go to the end."""
    return tuple(
        replace(each, after=tuple(pair for pair in each.after if pair[0] != PLACE))
        if each.action == "insert" and place_taken(connection, each)
        else each
        for each in operations
    )


def _in_order(receipt: Receipt, accepted: Collection[Chain]) -> tuple[Operation, ...]:
    """Return the steps back in the opposite order of the run's own."""
    wanted = {step for chain in accepted for step in chain.steps}
    return tuple(back for step in reversed(receipt.operations) if (back := _portable(step.inverse())) in wanted)


def preview_undo(
    database: Path, word: str, selected: Selected | None = None, *, timeout_s: float = DEFAULT_TIMEOUT_S
) -> UndoPlan:
    """Find out what can be taken back of a run, without a trace. See ``plan_undo``."""
    return read_steadily(database, lambda connection: plan_undo(connection, database, word, selected), timeout_s)


def execute_undo(
    path: Path,
    agreed: UndoPlan,
    *,
    selected: Selected | None = None,
    progress: Progress | None = None,
    timeout_s: float = WAIT_S,
    clock: Clock = utc_now,
    opener: Opener = open_writable,
) -> Receipt:
    """Carry out what ``plan_undo`` found, with all the guarantees of a repair (``run.execute_job``).

    Raises:
        UndoConflictError: Inside the transaction, something else could be taken back than was agreed.
        ReconstructError: See ``run.execute_job``.
    """
    run = agreed.run

    def choose(connection: sqlite3.Connection) -> tuple[Operation, ...]:
        now = plan_undo(connection, path, run.name, selected)
        if _contents(now) != _contents(agreed):
            raise UndoConflictError(
                "rows were changed since the preview was made",
                hint="Nothing was changed. Run the command again.",
            )
        return whole_operations(connection, now.operations)

    job = Job(
        Plan(
            agreed.operations, (), (), run.receipt.database_fingerprint, run.receipt.archive_fingerprint, __version__
        ),
        choose,
        lambda connection, backup: None,
        _known_damage(run),
        "undo",
        run.name,
    )
    return execute_job(path, job, progress=progress, timeout_s=timeout_s, clock=clock, opener=opener)


def _contents(plan: UndoPlan) -> tuple[Operation, ...]:
    """Return the operations without the places of rows, which may be taken by now."""
    return tuple(
        replace(each, after=tuple(pair for pair in each.after if pair[0] != PLACE)) for each in plan.operations
    )


def _known_damage(run: Run) -> Health:
    """Return what was wrong before the run: taking the run back brings it back."""
    backup = _trusted_backup(run)
    if backup is None:
        return HEALTHY
    with open_readonly(backup) as connection:
        return measure_health(connection)


def _trusted_backup(run: Run) -> Path | None:
    """Return the backup if it still is what it was: what is deleted depends on what it says."""
    if run.backup is None:
        return None
    try:
        require_equal(run.backup, dict(run.receipt.backup_digests))
    except (ReconstructError, sqlite3.Error):
        return None
    return run.backup


def conflict_error(refused: Collection[Refusal]) -> UndoConflictError:
    """Return the error that lists the rows which cannot be taken back."""
    refused = tuple(refused)
    listed = "; ".join(
        f"{row_name(each.operation.table, each.operation.key)}: {each.reason}" for each in refused[:LISTED]
    )
    more = f"; and {len(refused) - LISTED:,} more" if len(refused) > LISTED else ""
    rows = "1 row" if len(refused) == 1 else f"{len(refused):,} rows"
    return UndoConflictError(f"{rows} cannot be taken back ({listed}{more})")
