"""Running rules inside a database: counts by SQL, and only the sample that is shown leaves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from thywill_reconstruct.checks.baseline import Baseline
from thywill_reconstruct.checks.connect import Target, explain_failure, read_for_check
from thywill_reconstruct.checks.kinds import KINDS
from thywill_reconstruct.checks.kinds.context import KEY, SEPARATOR, Context, Query
from thywill_reconstruct.checks.model import (
    CannotCheckError,
    CheckResults,
    Offence,
    Pack,
    Rule,
    RuleResult,
    State,
    worst_first,
)
from thywill_reconstruct.checks.schema import Schema, read_free_schema
from thywill_reconstruct.errors import ReconstructError, UsageError
from thywill_reconstruct.findings.codes import Severity

SAMPLE = 5
PORTION = 1_000
# SQLite asks after so many steps of its virtual machine whether it may go on.
_STEPS = 20_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to check.

    Attributes:
        now: The present, UTC, without a zone.
        sample: Findings per rule to return; ``None`` for all.
        timeout_s: How long to wait for locks and for a server to answer.
        statement_timeout_s: How long one question of a rule may take.
        severities: Severities in force instead of the rules' own, by rule id, or by ``RULE:KEY`` for a single finding.
        silenced: Rule ids, or ``RULE:KEY``, of what is not to be reported.
        baseline: Findings that are accepted.
    """

    now: datetime
    sample: int | None = SAMPLE
    timeout_s: float = 10.0
    statement_timeout_s: float = 300.0
    severities: tuple[tuple[str, Severity], ...] = ()
    silenced: frozenset[str] = frozenset()
    baseline: Baseline = field(default_factory=Baseline)

    def severity_of(self, rule: str, offence: Offence) -> Severity | None:
        """Return the severity that the operator gave to a single finding."""
        names = (f"{rule}:{offence.key}", f"{rule}:{offence.part}")
        return next((severity for name, severity in self.severities if name in names), None)

    def singles_out(self, rule: str) -> bool:
        """Return whether something is said about single findings of a rule."""
        named = (*self.silenced, *(name for name, _ in self.severities))
        return self.baseline.concerns(rule) or any(each.startswith(f"{rule}:") for each in named)


def check_database(
    target: Target, packs: Sequence[Pack], settings: Settings, progress: Progress | None = None
) -> CheckResults:
    """Run the rules of some packs; changes nothing, and never raises for what the database does.

    A database that cannot be opened, or that vanishes meanwhile, makes every rule that had not run "could not check".

    Raises:
        UsageError: The driver is missing.
    """
    rules = [_in_force(rule, settings) for pack in packs for rule in pack.rules]
    rules = [rule for rule in rules if rule.id not in settings.silenced]
    waits = (settings.timeout_s, settings.statement_timeout_s)
    try:
        return read_for_check(
            target, *waits, lambda connection: check_connection(connection, target, rules, settings, progress)
        )
    except UsageError:
        raise
    except ReconstructError as error:
        reason = str(error)
    except SQLAlchemyError as error:
        reason = explain_failure(error, target, *waits)
    results = (RuleResult(rule, "could not check", reason=reason) for rule in rules)
    return CheckResults(target.shown, "", tuple(sorted(results, key=worst_first)))


def _in_force(rule: Rule, settings: Settings) -> Rule:
    return replace(rule, severity=dict(settings.severities).get(rule.id, rule.severity))


def check_connection(
    connection: sa.Connection,
    target: Target,
    rules: Sequence[Rule],
    settings: Settings,
    progress: Progress | None = None,
) -> CheckResults:
    """Run rules on an open connection.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The schema could not be read.
    """
    schema = read_free_schema(connection)
    context = Context(connection, schema, connection.dialect.name, settings.now)
    results: list[RuleResult] = []
    idle = []
    for number, rule in enumerate(rules):
        missing = [need for need in rule.needs if not _may_be_there(schema, need)]
        if missing:
            idle.append(
                (rule.id, f"this database has no {' and no '.join(each.replace('|', ' or ') for each in missing)}")
            )
        else:
            results += run_rule(context, rule, target, settings).by_severity()
        if progress:
            progress("checking", number + 1, len(rules))
    return CheckResults(target.shown, context.dialect, tuple(sorted(results, key=worst_first)), tuple(idle))


def _may_be_there(schema: Schema, need: str) -> bool:
    """Return whether a schema has a table or column, or cannot say: then the rule itself will say that it cannot be checked."""
    try:
        return is_there(schema, need)
    except CannotCheckError:
        return True


def is_there(schema: Schema, need: str) -> bool:
    """Return whether a schema has a table, or a column given as ``table.column``; of several between ``|``, any."""
    for each in need.split("|"):
        table, _, column = each.partition(".")
        if table in schema and (not column or column in schema[table].columns):
            return True
    return False


def run_rule(context: Context, rule: Rule, target: Target, settings: Settings) -> RuleResult:
    """Run one rule; whatever goes wrong makes it "could not check", with the reason."""
    try:
        with _guarded(context.connection, settings.statement_timeout_s):
            return _run(context, rule, settings)
    except CannotCheckError as error:
        reason = str(error)
    except SQLAlchemyError as error:
        reason = explain_failure(error, target, settings.timeout_s, settings.statement_timeout_s)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        reason = f"the rule does not fit this database ({type(error).__name__}: {error})"
    return RuleResult(rule, "could not check", reason=reason)


@contextmanager
def _guarded(connection: sa.Connection, limit_s: float) -> Iterator[None]:
    """Keep a rule that fails or never ends from harming the next one."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        ends = monotonic() + limit_s
        raw.set_progress_handler(lambda: monotonic() > ends, _STEPS)
        try:
            yield
        finally:
            raw.set_progress_handler(None, 0)
        return
    with connection.begin_nested():
        yield


def _run(context: Context, rule: Rule, settings: Settings) -> RuleResult:
    found = KINDS[rule.kind].find(context, rule)
    count, accepted, silenced = 0, 0, 0
    kept: list[Offence] = []
    apart: list[tuple[Severity, Offence]] = []
    sources: list[Iterable[Offence]] = [found.offences]
    for query in found.queries:
        if settings.singles_out(rule.id) or settings.sample is None:
            sources.append(read_offences(context.connection, query))
        else:
            number = count_offences(context.connection, query)
            count += number
            if number and len(kept) < settings.sample:
                kept += read_offences(context.connection, query, settings.sample - len(kept))
    for offence in (each for source in sources for each in source):
        if {f"{rule.id}:{offence.key}", f"{rule.id}:{offence.part}"} & settings.silenced:
            silenced += 1
        elif settings.baseline.accepts(rule.id, offence, settings.now):
            accepted += 1
        elif severity := settings.severity_of(rule.id, offence):
            apart.append((severity, offence))
        else:
            count += 1
            if settings.sample is None or len(kept) < settings.sample:
                kept.append(offence)
    state: State = "failed" if count else "passed"
    return RuleResult(rule, state, count, tuple(kept), accepted, silenced, facts=found.facts, apart=tuple(apart))


def count_offences(connection: sa.Connection, query: Query) -> int:
    """Count the rows that break a rule, inside the database."""
    rows = query.rows.subquery("offending")
    return int(connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one())


def read_offences(connection: sa.Connection, query: Query, limit: int | None = None) -> Iterator[Offence]:
    """Read rows that break a rule, in the order of their keys; all of them are read in portions."""
    rows = query.rows.subquery("offending")
    keys = [column for column in rows.c if column.name.startswith(KEY)]
    wanted = sa.select(rows).order_by(*keys, *([rows.c.part] if "part" in rows.c else []))
    names = [column.name for column in rows.c]
    wanted = wanted.execution_options(yield_per=PORTION) if limit is None else wanted.limit(limit)
    for row in connection.execute(wanted):
        cells = dict(zip(names, row, strict=True))
        key = SEPARATOR.join(as_text(value) for name, value in cells.items() if name.startswith(KEY))
        values = tuple((name, as_text(value)) for name, value in cells.items() if not name.startswith(KEY))
        yield Offence(query.table, key, query.message, values, part=as_text(cells.get("part", "")))


def as_text(value: Any) -> str:
    """Return a database value as text: what two databases with the same content say alike."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)
