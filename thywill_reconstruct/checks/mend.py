"""Mending what one rule finds: plan, carry out in one transaction, ask all rules again before it becomes final."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.checks.connect import (
    Target,
    canonical_text,
    explain_failure,
    make_sqlite_engine,
    open_for_check,
)
from thywill_reconstruct.checks.engine import Settings, is_there, run_rule
from thywill_reconstruct.checks.kinds.context import Context
from thywill_reconstruct.checks.model import CannotCheckError, Pack, Rule, RuleResult
from thywill_reconstruct.checks.repairs import RulePlan, as_plan, plan_rule
from thywill_reconstruct.checks.schema import read_schema
from thywill_reconstruct.checks.server_run import execute_on_server
from thywill_reconstruct.errors import DatabaseUnreadableError, UsageError, VerificationError
from thywill_reconstruct.findings.finding import Finding


@dataclass(frozen=True, slots=True)
class Mending:
    """What is to be mended: the plan of a rule, and how many findings each rule has before it."""

    target: Target
    rule: Rule
    rules: tuple[Rule, ...]
    plan: RulePlan
    before: Mapping[str, RuleResult]


def find_rule(packs: Sequence[Pack], name: str) -> Rule:
    """Return a rule that can be repaired.

    Raises:
        UsageError: There is none of that name, or it has no repair.
    """
    rules = {rule.id: rule for pack in packs for rule in pack.rules}
    able = ", ".join(rule.id for rule in rules.values() if rule.repair)
    if name not in rules:
        raise UsageError(f"no rule is called {name}", hint=f"Rules with a repair: {able}.")
    if rules[name].repair is None:
        raise UsageError(f"the rule {name} has no repair", hint=f"Rules with a repair: {able}.")
    return rules[name]


def plan_mending(target: Target, packs: Sequence[Pack], rule: Rule, settings: Settings) -> Mending:
    """Plan the repair of a rule and count what every rule finds now. Reads only.

    Raises:
        UsageError: The repair does not fit this database.
        ReconstructError: The database cannot be read.
    """
    settings = replace(settings, sample=0)
    rules = tuple(rule for pack in packs for rule in pack.rules)
    try:
        with open_for_check(target, settings.timeout_s, settings.statement_timeout_s) as connection:
            context = _context(connection, settings)
            plan = plan_rule(context, rule)
            return Mending(target, rule, rules, plan, _ask(context, rules, target, settings))
    except CannotCheckError as error:
        raise UsageError(f"{rule.id} cannot be repaired here: {error}") from error
    except SQLAlchemyError as error:
        reason = explain_failure(error, target, settings.timeout_s, settings.statement_timeout_s)
        raise DatabaseUnreadableError(f"{target.shown} could not be read: {reason}") from error


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
            mending.plan.operations,
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
        target.path, as_plan([mending.plan]), rediff, allow_large=allow_large, timeout_s=settings.timeout_s
    )


def _context(connection: sa.Connection, settings: Settings) -> Context:
    return Context(connection, read_schema(connection), connection.dialect.name, settings.now)


def _ask(context: Context, rules: Iterable[Rule], target: Target, settings: Settings) -> dict[str, RuleResult]:
    there = [rule for rule in rules if all(is_there(context.schema, need) for need in rule.needs)]
    return {rule.id: run_rule(context, rule, target, settings) for rule in there}


def _require_mended(mending: Mending, context: Context, settings: Settings) -> None:
    again = plan_rule(context, mending.rule)
    if again.operations:
        raise VerificationError(
            f"{mending.rule.id} is not repaired after all: {len(again.operations):,} rows are left"
        )
    after = _ask(context, mending.rules, mending.target, settings)
    worse = [
        f"{name} ({mending.before[name].count:,} before, {result.count:,} after)"
        for name, result in after.items()
        if name in mending.before
        and (result.count > mending.before[name].count or _lost(mending.before[name], result))
    ]
    if worse:
        raise VerificationError(
            f"the repair of {mending.rule.id} would break other rules: {', '.join(worse)}",
            hint="Everything was rolled back: the database is as it was. Repair those rules first, or by hand.",
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


def on_borrowed(raw: Any, verify: Callable[[sa.Connection], None]) -> None:
    """Call back with an SQLAlchemy connection inside the open transaction of an SQLite connection; it can end nothing."""
    raw.create_function("canonical_text", 2, canonical_text, deterministic=True)
    engine = make_sqlite_engine(lambda: _Borrowed(raw))
    with engine.connect() as connection:
        verify(connection)
