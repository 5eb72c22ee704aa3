"""Mending what rules find: plan, carry out in one transaction, ask all rules again before it becomes final."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.rehearsal import rehearse
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.checks.connect import (
    Target,
    canonical_text,
    explain_failure,
    make_sqlite_engine,
    read_for_check,
)
from thywill_reconstruct.checks.engine import Settings, is_there, run_rule
from thywill_reconstruct.checks.kinds.context import Context
from thywill_reconstruct.checks.model import CannotCheckError, Pack, Rule, RuleResult
from thywill_reconstruct.checks.repairs import RulePlan, as_plan, plan_rule
from thywill_reconstruct.checks.schema import read_schema
from thywill_reconstruct.checks.server_run import Rehearsal, execute_on_server, rehearsal_on_server
from thywill_reconstruct.errors import DatabaseUnreadableError, UsageError, VerificationError
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Operation

# So often rules are repaired again for the sake of others before they count as undoing each other.
ROUNDS = 6
Act = Callable[[Sequence[Operation]], None]


@dataclass(frozen=True, slots=True)
class Mending:
    """What is to be mended in one run.

    Attributes:
        target: The database.
        chosen: The rules to repair.
        rules: All rules of the packs.
        plans: What each of the chosen asks for, in the order in which it is to be done; a rule may come several times.
        before: What each rule finds before it.
    """

    target: Target
    chosen: tuple[Rule, ...]
    rules: tuple[Rule, ...]
    plans: tuple[RulePlan, ...]
    before: Mapping[str, RuleResult]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All steps, in their order."""
        return tuple(operation for each in self.plans for operation in each.operations)

    @property
    def left(self) -> tuple[tuple[str, str], ...]:
        """Which rows are left, and why."""
        return tuple(dict.fromkeys(pair for each in self.plans for pair in each.left))


def find_rule(packs: Sequence[Pack], name: str, value: str | int | float | None = None) -> Rule:
    """Return a rule that can be repaired, with the value that is to be filled in if one is given.

    Raises:
        UsageError: There is none of that name, or it has no repair.
    """
    rules = {rule.id: rule for pack in packs for rule in pack.rules}
    able = ", ".join(rule.id for rule in rules.values() if rule.repair)
    if name not in rules:
        raise UsageError(f"no rule is called {name}", hint=f"Rules with a repair: {able}.")
    if rules[name].repair is None:
        raise UsageError(f"the rule {name} has no repair", hint=f"Rules with a repair: {able}.")
    return _with_value(rules[name], value)


def _with_value(rule: Rule, value: str | int | float | None) -> Rule:
    repair = dict(rule.repair or {})
    fills = repair["action"] == "fill"
    if value is not None and not fills:
        raise UsageError(f"the repair of {rule.id} fills nothing in, so it takes no value")
    if fills and value is None and "value" not in repair:
        raise UsageError(
            f"what {rule.id} fills in only you can know",
            hint=f"Give it with --value {rule.id}=VALUE.",
        )
    return rule if value is None else replace(rule, repair={**repair, "value": value})


def plan_mending(target: Target, packs: Sequence[Pack], chosen: Sequence[Rule], settings: Settings) -> Mending:
    """Plan the repair of some rules in one run and count what every rule finds now. Changes nothing.

    What a rule asks for depends on what was repaired before. Several are therefore rehearsed, over and over until none asks
    for more: on a private copy of a file, on a server in a transaction that is rolled back.

    Raises:
        UsageError: The repair does not fit this database.
        ReconstructError: The database cannot be read.
    """
    settings = replace(settings, sample=0)
    rules = tuple(rule for pack in packs for rule in pack.rules)
    waits = (settings.timeout_s, settings.statement_timeout_s)
    asked: list[Rule] = []

    def look(connection: sa.Connection) -> tuple[dict[str, RuleResult], tuple[RulePlan, ...]]:
        before = _ask(_context(connection, settings), rules, target, settings)
        if len(chosen) > 1:
            return before, ()
        asked.append(chosen[0])
        return before, (plan_rule(_context(connection, settings), chosen[0], known=rules),)

    try:
        before, plans = read_for_check(target, *waits, look)
        if plans:
            return Mending(target, tuple(chosen), rules, plans, before)
        rehearsal = (
            rehearsal_on_server(target, *waits) if target.path is None else _rehearsal_on_copy(target, waits[0])
        )
        with rehearsal as (connection, act):
            plans = tuple(_rehearse(connection, act, chosen, rules, settings, asked))
        return Mending(target, tuple(chosen), rules, plans, before)
    except CannotCheckError as error:
        raise UsageError(f"{asked[-1].id} cannot be repaired here: {error}") from error
    except IntegrityError as error:
        raise UsageError(
            f"the repair of {asked[-1].id} is refused by the database: {explain_failure(error, target, *waits)}",
            hint="Rows belong to what it would delete: name the rules of those rows, too.",
        ) from error
    except SQLAlchemyError as error:
        reason = explain_failure(error, target, *waits)
        raise DatabaseUnreadableError(f"{target.shown} could not be read: {reason}") from error


def _rehearse(
    connection: sa.Connection,
    act: Act,
    chosen: Sequence[Rule],
    known: Sequence[Rule],
    settings: Settings,
    asked: list[Rule],
) -> Iterator[RulePlan]:
    for _ in range(ROUNDS):
        done = 0
        for rule in chosen:
            asked.append(rule)
            plan = plan_rule(_context(connection, settings), rule, chosen, known)
            act(plan.operations)
            done += len(plan.operations)
            yield plan
        if not done:
            return
    raise CannotCheckError("the rules that were named undo each other's repairs")


@contextmanager
def _rehearsal_on_copy(target: Target, timeout_s: float) -> Iterator[Rehearsal]:
    """Open a copy of a file that only this user can read, to try steps on."""
    assert target.path is not None
    with rehearse(target.path, timeout_s) as (raw, act), borrowed(raw) as connection:
        yield connection, act


def carry_out(mending: Mending, settings: Settings, *, home: Path, allow_large: bool = False) -> Receipt:
    """Carry out a planned repair, or leave the database as it was.

    Args:
        mending: From ``plan_mending``.
        settings: As for the check.
        home: Folder whose ``.reconstruct`` takes the receipts of servers.
        allow_large: Release the brake on deletions.

    Raises:
        VerificationError: The rule still finds what was to be repaired, or another rule finds more than before.
        ReconstructError: See ``apply.run.execute_plan`` and ``server_run.execute_on_server``.
    """
    settings = replace(settings, sample=0)
    target = mending.target

    def verify(connection: sa.Connection) -> None:
        _require_mended(mending, _context(connection, settings), settings)

    if target.path is None:
        return execute_on_server(
            target,
            mending.operations,
            verify,
            home=home,
            timeout_s=settings.timeout_s,
            statement_timeout_s=settings.statement_timeout_s,
            allow_large=allow_large,
        )

    def rediff(raw: Any) -> Iterable[Finding]:
        on_borrowed(raw, verify)
        return ()

    return execute_plan(
        target.path, as_plan(mending.plans), rediff, allow_large=allow_large, timeout_s=settings.timeout_s
    )


def _context(connection: sa.Connection, settings: Settings) -> Context:
    return Context(connection, read_schema(connection), connection.dialect.name, settings.now)


def _ask(context: Context, rules: Iterable[Rule], target: Target, settings: Settings) -> dict[str, RuleResult]:
    there = [rule for rule in rules if all(is_there(context.schema, need) for need in rule.needs)]
    return {rule.id: run_rule(context, rule, target, settings) for rule in there}


def _require_mended(mending: Mending, context: Context, settings: Settings) -> None:
    for rule in mending.chosen:
        again = plan_rule(context, rule, mending.chosen, mending.rules)
        if again.operations:
            raise VerificationError(f"{rule.id} is not repaired after all: {len(again.operations):,} rows are left")
    after = _ask(context, mending.rules, mending.target, settings)
    worse = [
        f"{name} ({mending.before[name].count:,} before, {result.count:,} after)"
        for name, result in after.items()
        if name in mending.before
        and (result.count > mending.before[name].count or _lost(mending.before[name], result))
    ]
    if worse:
        raise VerificationError(
            f"the repair of {' and '.join(rule.id for rule in mending.chosen)} would break other rules: {', '.join(worse)}",
            hint="Everything was rolled back: the database is as it was. Name those rules as well, to repair all in one run.",
        )


def _lost(before: RuleResult, after: RuleResult) -> bool:
    return after.state == "could not check" and before.state != "could not check"


class _Borrowed:
    """A connection in the middle of somebody else's transaction: SQLAlchemy may use it, but not end anything."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def commit(self) -> None:
        """Leave the transaction open."""

    def rollback(self) -> None:
        """Leave the transaction open."""

    def close(self) -> None:
        """Leave the connection open."""


@contextmanager
def borrowed(raw: Any) -> Iterator[sa.Connection]:
    """Give an SQLAlchemy connection inside the open transaction of an SQLite connection; it can end nothing."""
    raw.create_function("canonical_text", 2, canonical_text, deterministic=True)
    with make_sqlite_engine(lambda: _Borrowed(raw)).connect() as connection:
        yield connection


def on_borrowed(raw: Any, verify: Callable[[sa.Connection], None]) -> None:
    """Call back with a connection as of ``borrowed``."""
    with borrowed(raw) as connection:
        verify(connection)
