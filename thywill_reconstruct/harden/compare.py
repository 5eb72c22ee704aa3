"""Comparing what a pack promises with what is there. Reads only."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from thywill_reconstruct.checks.connect import Target, explain_failure
from thywill_reconstruct.checks.engine import Settings, is_there, run_rule
from thywill_reconstruct.checks.kinds.context import Context
from thywill_reconstruct.checks.kinds.objects import is_unique, loosely, serves
from thywill_reconstruct.checks.model import CannotCheckError, Pack, Promise, Rule
from thywill_reconstruct.checks.packs import shipped_packs
from thywill_reconstruct.checks.schema import read_schema
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden.model import Outcome, State, Step
from thywill_reconstruct.harden.present import Present, is_present, name_is_taken, read_present
from thywill_reconstruct.harden.sql import listed, literal
from thywill_reconstruct.harden.steps import steps_of


@dataclass(slots=True)
class _Comparison:
    """One pack against one database; ``added`` columns and ``keys`` are what earlier promises will bring."""

    context: Context
    target: Target
    settings: Settings
    pack: Pack
    present: Present
    added: dict[str, set[str]] = field(default_factory=dict)
    keys: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of the pack by their ids."""
        return {rule.id: rule for rule in self.pack.rules}


def compare(
    connection: sa.Connection, target: Target, packs: Iterable[Pack], settings: Settings, only: Sequence[str] = ()
) -> tuple[Outcome, ...]:
    """Return what became of every promise that applies to this database, in the order in which they would be added.

    Args:
        connection: Open on the database.
        target: Where that is, for messages.
        packs: The packs.
        settings: As for a check.
        only: Names of promises, tables or kinds; empty for all.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database cannot be read.
    """
    schema = read_schema(connection)
    context = Context(connection, schema, connection.dialect.name, settings.now)
    present = read_present(connection)
    outcomes = []
    for pack in packs:
        comparison = _Comparison(context, target, replace(settings, sample=0), pack, present)
        for promise in promises_in_force(comparison.context, pack):
            if only and not {promise.id, promise.table, promise.kind} & set(only):
                continue
            if all(is_there(schema, need) for need in promise.needs):
                outcome = _judge(comparison, promise)
                if outcome.state != "unclear" or not promise.parameters.get("where_possible"):
                    outcomes.append(outcome)
    return tuple(outcomes)


def recorded_versions(context: Context, pack: Pack) -> tuple[str, ...]:
    """Return the versions that the database says it is at; empty if it says nothing, or the pack does not ask."""
    recorded = pack.migrations
    if recorded is None or not is_there(context.schema, f"{recorded.table}.{recorded.column}"):
        return ()
    query = f"SELECT {quote_name(recorded.column)} FROM {quote_name(recorded.table)} ORDER BY 1"
    return tuple(str(version) for (version,) in context.connection.execute(sa.text(query)))


def promises_in_force(context: Context, pack: Pack) -> tuple[Promise, ...]:
    """Return the promises of a pack that the recorded migration state makes.

    A version that the pack does not know counts as newer than all it knows; without any version, what a migration would
    promise is not promised.
    """
    if pack.migrations is None:
        return pack.promises
    known = list(pack.migrations.promises)
    reached = [known.index(each) if each in known else len(known) for each in recorded_versions(context, pack)]
    ahead = known[max(reached, default=-1) + 1 :]
    waiting = {name for version in ahead for name in pack.migrations.promises[version]}
    lines = {rule.line for rule in pack.rules if rule.id in waiting}
    return tuple(each for each in pack.promises if each.id not in waiting and each.line not in lines)


def _judge(at: _Comparison, promise: Promise) -> Outcome:
    try:
        promise = _resolve(at, promise)
        rule = at.rules.get(promise.rule)
        total = rule.parameters if rule and promise.kind == "total" else None
        steps = steps_of(promise, at.context.schema, at.context.dialect, total)
        if promise.kind == "backfill":
            return _backfill(at, promise)
        if _is_kept(at, promise) or (steps and all(is_present(at.present, step) for step in steps)):
            return Outcome(promise, at.pack.name, "kept", f"{describe(promise)} is there")
        different = _what_differs(at, promise, steps)
        if different:
            return Outcome(promise, at.pack.name, "different", different)
        if not steps:
            return Outcome(promise, at.pack.name, "unclear", _unsayable(promise))
        at.added.setdefault(promise.table, set()).update(
            promise.parameters["columns"] if promise.kind == "table" else promise.columns
        )
        return _with_violations(at, promise, tuple(each for each in steps if not is_present(at.present, each)))
    except CannotCheckError as error:
        return Outcome(promise, at.pack.name, "unclear", f"{describe(promise)} cannot be compared: {error}")


def describe(promise: Promise) -> str:
    """Return what is promised in a few words, without the table."""
    given, columns = promise.parameters, ", ".join(promise.columns)
    match promise.kind:
        case "table":
            return f"table {promise.table}"
        case "column":
            return f"column {columns}" + (f" {given['type']}" if given["type"] else "")
        case "index":
            on = given.get("expression", columns)
            return f"{'unique ' if given.get('unique') else ''}index {promise.id} on ({on})"
        case "unique":
            return f"unique ({columns})"
        case "foreign_key":
            return f"reference {columns} → {given['to']}"
        case "check":
            return f"check {promise.id}: {given['says']}"
        case "not_null":
            return f"not null ({columns})"
        case "total":
            return f"upkeep of a stored total by triggers ({promise.id})"
        case "backfill":
            return f"backfill by {promise.rule}"
        case _:
            return f"{promise.kind} {promise.id}"


def _unsayable(promise: Promise) -> str:
    if promise.kind == "foreign_key":
        return f"{describe(promise)}: no constraint of this database can allow words beside references"
    return f"{describe(promise)} is missing, and the pack does not say how it is made"


def _resolve(at: _Comparison, promise: Promise) -> Promise:
    """Return a promise with the names that columns bear here.

    Raises:
        CannotCheckError: A table or column is not there, and will not be added either.
    """
    if promise.kind in ("table", "view"):
        return promise
    given = dict(promise.parameters)
    if promise.kind == "column":
        if promise.table not in at.context.schema and promise.table not in at.added:
            raise CannotCheckError(f"there is no table {promise.table}")
        return promise
    if "column" in given:
        given["column"] = _name(at, promise.table, given["column"])
    if "columns" in given:
        given["columns"] = [_name(at, promise.table, each) for each in given["columns"]]
    if "to" in given:
        given["to"] = ".".join(at.context.target(given["to"]))
    if promise.kind == "total":
        rule = at.rules[promise.rule].parameters
        for table, names in (
            (rule["table"], (rule["column"], *rule["match"], *rule.get("match_days", {}))),
            (rule["source"], (rule["amount"], *rule["match"].values(), *rule.get("match_days", {}).values())),
        ):
            for name in names:
                _name(at, table, name)
    elif promise.table not in at.added:
        at.context.table(promise.table)
    return replace(promise, parameters=given)


def _name(at: _Comparison, table: str, spelling: str) -> str:
    added = at.added.get(table, set())
    found = next((each for each in spelling.split("|") if each in added), None)
    return found or at.context.column(table, spelling)


def _is_kept(at: _Comparison, promise: Promise) -> bool:
    fact, given = at.context.schema.get(promise.table), promise.parameters
    if fact is None:
        return False
    match promise.kind:
        case "table":
            return True
        case "column":
            there = fact.columns.get(given["column"])
            return there is not None and (not given["type"] or _same_type(there.type, given["type"]))
        case "index" if "columns" in given and not given.get("by_name"):
            to_come = (each[: len(promise.columns)] for each in at.keys.get(promise.table, ()))
            return serves(fact, promise.columns, unique=bool(given.get("unique"))) or promise.columns in to_come
        case "unique":
            return is_unique(fact, promise.columns)
        case "foreign_key" if not (at.context.is_sqlite and given.get("watch")):
            target, _, _ = given["to"].rpartition(".")
            return any(each.columns == promise.columns and each.table == target for each in fact.foreign_keys)
        case "check":
            return any(loosely(given["says"]) == loosely(text) for _, text in fact.checks)
        case "not_null":
            return all(not fact.columns[name].nullable for name in promise.columns if name in fact.columns)
    return False


def _same_type(there: str, promised: str) -> bool:
    return _bare(there) == _bare(promised)


def _bare(kind: str) -> str:
    text = "".join(kind.upper().split())
    for said, meant in (("DECIMAL", "NUMERIC"), ("CHARACTERVARYING", "VARCHAR"), ("TIMESTAMP", "DATETIME")):
        text = text.replace(said, meant)
    return text


def _what_differs(at: _Comparison, promise: Promise, steps: Sequence[Step]) -> str:
    fact = at.context.schema.get(promise.table)
    if promise.kind == "column" and fact is not None and promise.columns[0] in fact.columns:
        kind = fact.columns[promise.columns[0]].type
        return f"column {promise.columns[0]} is {kind}, promised is {promise.parameters['type']}: nothing is changed"
    taken = [step.name for step in steps if name_is_taken(at.present, step)]
    if taken:
        return f"{describe(promise)}: something else is called {', '.join(taken)}; rename or drop that by hand"
    named = next((i for i in fact.indexes if i.name == promise.id), None) if fact else None
    if promise.kind == "index" and named and named.columns and named.columns != promise.columns:
        return f"index {promise.id} is on ({', '.join(named.columns)}), promised is ({', '.join(promise.columns)})"
    return ""


def _backfill(at: _Comparison, promise: Promise) -> Outcome:
    rule = at.rules[promise.rule]
    result = run_rule(at.context, rule, at.target, at.settings)
    if result.state == "could not check":
        state: State = "missing" if at.added.get(promise.table) else "unclear"
        return Outcome(promise, at.pack.name, state, f"{describe(promise)}: once its column is there")
    said = f"{result.count:,} empty values are filled by the rule {rule.id}; all others stay"
    return Outcome(promise, at.pack.name, "missing" if result.count else "kept", said, result.count)


def _with_violations(at: _Comparison, promise: Promise, steps: tuple[Step, ...]) -> Outcome:
    number, rule = _violations(at, promise)
    said = f"{describe(promise)} is missing"
    if not number:
        if promise.kind == "unique":
            at.keys.setdefault(promise.table, []).append(promise.columns)
        return Outcome(promise, at.pack.name, "missing", said, steps=steps)
    rows = "1 row violates it" if number == 1 else f"{number:,} rows violate it"
    return Outcome(promise, at.pack.name, "refused", f"{said}, and {rows}", number, _remedy(at, rule), steps)


def _remedy(at: _Comparison, rule: Rule | None) -> str:
    if rule is None:
        return "no rule of the pack finds them: look at them by hand"
    if run_rule(at.context, rule, at.target, at.settings).state == "passed":
        return f"the rule {rule.id} finds none of them: it leaves out rows marked as deleted. Look at them by hand"
    pack = at.pack.name if at.pack.name in shipped_packs() else shlex.quote(at.pack.place)
    db = shlex.quote(at.target.shown)
    if rule.repair is not None:
        return f"reconstruct repair {rule.id} --pack {pack} --db {db} --dry-run"
    if pack == "thywill":
        return f"the rule {rule.id} finds them; repairs come from the archives: reconstruct --dry-run --db {db}"
    return f"the rule {rule.id} finds them, and has no repair: reconstruct check --pack {pack} --db {db}"


def _violations(at: _Comparison, promise: Promise) -> tuple[int, Rule | None]:
    """Return how many rows are in the way of a promise, and the rule that finds them."""
    rule = at.rules.get(promise.rule) or _rule_for(at, promise)
    if promise.kind == "total" and rule is not None:
        result = run_rule(at.context, rule, at.target, at.settings)
        if result.state == "could not check":
            raise CannotCheckError(result.reason)
        return result.count, rule
    query = _violating(promise)
    added = at.added.get(promise.table, set())
    if (
        not query
        or promise.table not in at.context.schema
        or set(promise.columns) - set(at.context.schema[promise.table].columns) & added
    ):
        return 0, None
    try:
        with at.context.connection.begin_nested():
            number = at.context.connection.execute(sa.text(query.replace(":", "\\:"))).scalar_one()
    except SQLAlchemyError as error:
        timeouts = at.settings.timeout_s, at.settings.statement_timeout_s
        raise CannotCheckError(explain_failure(error, at.target, *timeouts)) from error
    return int(number or 0), rule


def _violating(promise: Promise) -> str:
    """Return the question how many rows violate a promise; empty if none can."""
    table, given = quote_name(promise.table), promise.parameters
    unique = promise.kind == "unique" or (promise.kind == "index" and given.get("unique"))
    if unique:
        form = f"({given['expression']})" if "expression" in given else listed(promise.columns)
        filled = (
            "" if "expression" in given else " AND ".join(f"{quote_name(c)} IS NOT NULL" for c in promise.columns)
        )
        where = f"WHERE {filled} " if filled else ""
        groups = f"SELECT count(*) AS n FROM {table} {where}GROUP BY {form} HAVING count(*) > 1"
        return f"SELECT sum(n) FROM ({groups}) AS doubled"
    match promise.kind:
        case "foreign_key":
            target, _, key = given["to"].rpartition(".")
            column = f"c.{quote_name(given['column'])}"
            allowed = given.get("allow", ())
            beside = f" AND {column} NOT IN ({', '.join(map(literal, allowed))})" if allowed else ""
            parent = f"SELECT 1 FROM {quote_name(target)} p WHERE p.{quote_name(key)} = {column}"
            return f"SELECT count(*) FROM {table} c WHERE {column} IS NOT NULL{beside} AND NOT EXISTS ({parent})"
        case "check":
            return f"SELECT count(*) FROM {table} WHERE NOT ({given['says']})"
        case "not_null":
            return f"SELECT count(*) FROM {table} WHERE " + " OR ".join(
                f"{quote_name(name)} IS NULL" for name in promise.columns
            )
    return ""


def _rule_for(at: _Comparison, promise: Promise) -> Rule | None:
    """Return the rule that finds the rows which violate a promise, if one obviously does."""
    for rule in at.pack.rules:
        given: Mapping[str, Any] = rule.parameters
        if given.get("table") != promise.table:
            continue
        if promise.kind == "foreign_key" and rule.kind == "reference":
            if promise.parameters["column"] in given["column"].split("|"):
                return rule
        elif promise.kind in ("unique", "index") and rule.kind == "unique":
            if {*given["columns"], *given.get("days", ())} == set(promise.columns):
                return rule
        elif promise.kind == "not_null" and rule.kind == "not_null" and set(promise.columns) & set(given["columns"]):
            return rule
    return None
