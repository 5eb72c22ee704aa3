"""Carrying out what a comparison found missing: every promise tried for itself, the rest in one transaction with a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from thywill_reconstruct import __version__
from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.run import Job, execute_job, whole_operations
from thywill_reconstruct.apply.trial import try_each
from thywill_reconstruct.checks.connect import Target, explain_failure, make_server_engine, read_for_check
from thywill_reconstruct.checks.engine import Settings
from thywill_reconstruct.checks.kinds.context import Context
from thywill_reconstruct.checks.mend import carry_out, find_rule, on_borrowed, plan_mending
from thywill_reconstruct.checks.model import Pack
from thywill_reconstruct.checks.schema import read_schema
from thywill_reconstruct.checks.server_run import execute_on_server
from thywill_reconstruct.errors import DatabaseUnreadableError, UsageError, VerificationError
from thywill_reconstruct.harden.compare import compare, describe, recorded_versions
from thywill_reconstruct.harden.model import Outcome
from thywill_reconstruct.harden.present import is_present, read_present
from thywill_reconstruct.harden.proof import prove, scratch_of
from thywill_reconstruct.plan.operations import SCHEMA_TABLE, Operation, Plan, column_operation, schema_operation

_DIALECTS = ("sqlite", "postgresql")


@dataclass(slots=True)
class Hardened:
    """What was done.

    Attributes:
        receipts: Of every run: the schema first, then one per backfill.
        done: Names of the promises that hold now.
        failed: (name, reason) of those that could not be added; each was rolled back alone.
    """

    receipts: list[Receipt] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def inspect(
    target: Target, packs: Sequence[Pack], settings: Settings, only: Sequence[str] = (), *, proofs: bool = True
) -> tuple[str, tuple[Outcome, ...]]:
    """Return the kind of database, and what became of every promise. Reads only.

    Raises:
        UsageError: The database is neither SQLite nor PostgreSQL, or ``only`` names nothing that is promised.
        ReconstructError: It cannot be read.
    """
    known = {name for pack in packs for each in pack.promises for name in (each.id, each.table, each.kind)}
    unknown = sorted(set(only) - known)
    if unknown:
        raise UsageError(f"no promise, table or kind is called {', '.join(unknown)}")

    def look(connection: sa.Connection) -> tuple[str, tuple[Outcome, ...]]:
        if connection.dialect.name not in _DIALECTS:
            raise UsageError("harden knows SQLite and PostgreSQL only")
        outcomes = compare(connection, target, packs, settings, only)
        return connection.dialect.name, prove(connection, target, outcomes, settings) if proofs else outcomes

    try:
        return read_for_check(target, settings.timeout_s, settings.statement_timeout_s, look)
    except SQLAlchemyError as error:
        raise _unreadable(error, target, settings) from error


def versions_of(target: Target, packs: Sequence[Pack], settings: Settings) -> tuple[str, ...]:
    """Return the versions that the migrations of the first pack that asks for them have recorded. Reads only.

    Raises:
        ReconstructError: The database cannot be read.
    """

    def look(connection: sa.Connection) -> tuple[str, ...]:
        context = Context(connection, read_schema(connection), connection.dialect.name, settings.now)
        return next(filter(None, (recorded_versions(context, pack) for pack in packs)), ())

    try:
        return read_for_check(target, settings.timeout_s, settings.statement_timeout_s, look)
    except SQLAlchemyError as error:
        raise _unreadable(error, target, settings) from error


def _unreadable(error: SQLAlchemyError, target: Target, settings: Settings) -> DatabaseUnreadableError:
    reason = explain_failure(error, target, settings.timeout_s, settings.statement_timeout_s)
    return DatabaseUnreadableError(f"{target.shown} could not be read: {reason}")


def execute(
    target: Target, packs: Sequence[Pack], agreed: Sequence[Outcome], settings: Settings, *, home: Path
) -> Hardened:
    """Add what is missing. What was agreed is compared anew under the lock; only what is still missing is added.

    Args:
        target: The database.
        packs: The packs.
        agreed: What ``inspect`` found.
        settings: As for a check.
        home: Folder whose ``.reconstruct`` takes the receipts of servers.

    Raises:
        ReconstructError: Nothing was changed: see ``apply.run.execute_job`` and ``server_run.execute_on_server``.
    """
    hardened = Hardened()
    work = _Work(target, packs, settings, [each.promise.id for each in agreed if _can_be_added(each)], hardened)
    if work.names:
        hardened.receipts.append(work.on_file(target.path) if target.path is not None else work.on_server(home))
    for outcome in agreed:
        if outcome.promise.kind == "backfill" and outcome.state == "missing":
            _backfill(target, packs, outcome, settings, home, hardened)
    return hardened


def _can_be_added(outcome: Outcome) -> bool:
    return outcome.state == "missing" and outcome.promise.kind != "backfill"


def _backfill(
    target: Target, packs: Sequence[Pack], outcome: Outcome, settings: Settings, home: Path, hardened: Hardened
) -> None:
    mending = plan_mending(target, packs, [find_rule(packs, outcome.promise.rule)], settings)
    if mending.operations:
        # Filling what is empty cannot hurt, so the brake on large changes has nothing to hold.
        hardened.receipts.append(carry_out(mending, settings, home=home, allow_large=True))
    hardened.done.append(outcome.promise.id)


@dataclass(slots=True)
class _Work:
    """One execution; ``names`` are the promises to be kept."""

    target: Target
    packs: Sequence[Pack]
    settings: Settings
    names: list[str]
    hardened: Hardened

    def on_file(self, path: Path) -> Receipt:
        """Do it in a file, with everything that a repair of rows has: lock, backup, verification, receipt."""

        def choose(raw: Any) -> tuple[Operation, ...]:
            groups: dict[str, list[Operation]] = {}

            def plan(connection: sa.Connection) -> None:
                groups.update(self.as_operations(connection))

            on_borrowed(raw, plan)
            self.note(zip(groups, try_each(raw, list(groups.values())), strict=True))
            chosen = [each for name, group in groups.items() if name in self.hardened.done for each in group]
            if not chosen:
                raise VerificationError(f"nothing could be added: {self.reasons()}")
            return whole_operations(raw, chosen)

        def verify(raw: Any, backup: Path) -> None:
            on_borrowed(raw, self.require_kept)

        waits = (self.settings.timeout_s, self.settings.statement_timeout_s)
        planned = read_for_check(self.target, *waits, self.as_operations)
        self.hardened.failed.clear()  # found out anew under the lock
        operations = tuple(operation for group in planned.values() for operation in group)
        job = Job(Plan(operations, (), (), "", "", __version__), choose, verify)
        try:
            return execute_job(path, job, timeout_s=self.settings.timeout_s)
        except SQLAlchemyError as error:
            raise _unreadable(error, self.target, self.settings) from error

    def as_operations(self, connection: sa.Connection) -> dict[str, list[Operation]]:
        """Return per promise the operations on a file; what SQLite will record is found out on a copy in memory."""
        found = {}
        with scratch_of(connection) as scratch:
            for outcome in self.wanted(connection):
                try:
                    found[outcome.promise.id] = _operations_of(scratch, outcome)
                except SQLAlchemyError as error:
                    self.note([(outcome.promise.id, str(getattr(error, "orig", error)))])
        return found

    def on_server(self, home: Path) -> Receipt:
        """Do it on a server: first every promise tried in a transaction that is rolled back, then those that work."""
        try:
            chosen = self.try_all_on_server()
        except SQLAlchemyError as error:
            raise _unreadable(error, self.target, self.settings) from error
        if not chosen:
            raise VerificationError(f"nothing could be added: {self.reasons()}")
        return execute_on_server(
            self.target,
            chosen,
            self.require_kept,
            home=home,
            timeout_s=self.settings.timeout_s,
            statement_timeout_s=self.settings.statement_timeout_s,
        )

    def try_all_on_server(self) -> list[Operation]:
        """Return the operations of every promise that can be added; the server is as it was."""
        chosen: list[Operation] = []
        with make_server_engine(self.target, self.settings.timeout_s).connect() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(self.settings.timeout_s * 1000))}")
            connection.exec_driver_sql(
                f"SET LOCAL statement_timeout = {int(self.settings.statement_timeout_s * 1000)}"
            )
            for outcome in self.wanted(connection):
                reason = self.try_on_server(connection, outcome)
                self.note([(outcome.promise.id, reason)])
                chosen += [] if reason else _server_operations(outcome)
            connection.rollback()
        return chosen

    def try_on_server(self, connection: sa.Connection, outcome: Outcome) -> str:
        """Return why a promise cannot be added; empty if it can, and it is there from now on in this transaction."""
        try:
            with connection.begin_nested():
                for step in outcome.steps:
                    connection.execute(sa.text(step.create.replace(":", "\\:")))
                present = read_present(connection)
                lost = [step.name for step in outcome.steps if not is_present(present, step)]
                if lost:
                    raise VerificationError(f"not there after all: {', '.join(lost)}")
        except VerificationError as error:
            return str(error)
        except SQLAlchemyError as error:
            return explain_failure(error, self.target, self.settings.timeout_s, self.settings.statement_timeout_s)
        return ""

    def wanted(self, connection: sa.Connection) -> list[Outcome]:
        """Return what was agreed on and is still missing."""
        found = compare(connection, self.target, self.packs, self.settings)
        return [each for each in found if each.promise.id in self.names and _can_be_added(each)]

    def note(self, results: Iterable[tuple[str, str]]) -> None:
        """Note what works and what does not."""
        for name, reason in results:
            if reason:
                self.hardened.failed.append((name, reason))
            else:
                self.hardened.done.append(name)

    def reasons(self) -> str:
        """Return why promises failed."""
        return "; ".join(f"{name}: {reason}" for name, reason in self.hardened.failed) or "it is there by now"

    def require_kept(self, connection: sa.Connection) -> None:
        """Refuse a result in which a promise is not kept after all, or that made rows violate one.

        Raises:
            VerificationError: Names them.
        """
        found = compare(connection, self.target, self.packs, self.settings)
        broken = [each.promise.id for each in found if each.promise.id in self.hardened.done and each.state != "kept"]
        if broken:
            raise VerificationError(f"not there after all: {', '.join(broken)}")


def _operations_of(scratch: sa.Connection, outcome: Outcome) -> list[Operation]:
    """Return the operations that keep a promise in an SQLite database, and carry them out on its copy in memory.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: SQLite refuses one.
    """
    group = []
    codes, reason = (outcome.promise.id,), describe(outcome.promise)
    for step in outcome.steps:
        before = _recorded(scratch, step.table)
        scratch.exec_driver_sql(step.create)
        if step.kind == "column":
            after = _recorded(scratch, step.table)
            group.append(column_operation(step.table, before, after, codes=codes, reason=reason))
        elif step.kind in ("index", "trigger", "view", "table"):
            group.append(
                schema_operation("create", step.kind, step.name, step.table, step.create, codes=codes, reason=reason)
            )
    return group


def _recorded(scratch: sa.Connection, table: str) -> str:
    rows = scratch.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ? AND type = 'table'", (table,))
    return str(rows.scalar() or "")


def _server_operations(outcome: Outcome) -> list[Operation]:
    return [
        Operation(
            "insert",
            SCHEMA_TABLE,
            "name",
            step.name,
            (),
            (
                ("type", step.kind),
                ("name", step.name),
                ("tbl_name", step.table),
                ("sql", step.create),
                ("drop", step.drop),
                ("held", step.held),
            ),
            "fill",
            (outcome.promise.id,),
            describe(outcome.promise),
        )
        for step in outcome.steps
    ]
