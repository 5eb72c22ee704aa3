"""Turning what a rule finds into operations: the same reversible steps as any other repair, none of them unasked.

On SQLite, values travel as they are stored. On a server they travel as the server writes them as text, so that a receipt
can hold them and every value comes back exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thywill_reconstruct import __version__
from thywill_reconstruct.checks.kinds import KINDS
from thywill_reconstruct.checks.kinds.context import KEY, Context, Query
from thywill_reconstruct.checks.model import CannotCheckError, Rule
from thywill_reconstruct.findings.finding import Risk, Value
from thywill_reconstruct.plan.operations import Columns, Operation, Plan

PORTION = 500


@dataclass(frozen=True, slots=True)
class RulePlan:
    """The repair of one rule: what would be done, and why some rows are left (key, reason)."""

    rule: Rule
    operations: tuple[Operation, ...]
    left: tuple[tuple[str, str], ...] = ()


def plan_rule(context: Context, rule: Rule, together: Sequence[Rule] = (), known: Sequence[Rule] = ()) -> RulePlan:
    """Plan the repair of everything that a rule finds now. Reads only.

    Rows that others declare to belong to are deleted only with those others, if ``together`` (the rules repaired in the same
    run) has the rule of that reference: then the rows that belong to them are repaired first, as that rule says. Of rows that
    are alike none is deleted to which something belongs, be it declared or said by a rule that is ``known``: it is no orphan,
    and which of them it belongs to nobody but the operator knows.

    Raises:
        CannotCheckError: The rule has no repair, or it does not fit this database.
        sqlalchemy.exc.SQLAlchemyError: The database refuses a question.
    """
    if rule.repair is None:
        raise CannotCheckError("it has no repair")
    action = rule.repair["action"]
    if action == "insert":
        return RulePlan(rule, tuple(_insertions(context, rule)))
    queries = [query for query in KINDS[rule.kind].find(context, rule).queries if query.keyed]
    if action in ("delete", "keep_newest", "keep_oldest"):
        return _deletions(context, rule, queries, action, together, known)
    return RulePlan(rule, tuple(_updates(context, rule, queries, action)))


def as_plan(plans: Iterable[RulePlan]) -> Plan:
    """Return what several rules ask for as one plan."""
    plans = tuple(plans)
    return Plan(
        operations=tuple(operation for each in plans for operation in each.operations),
        repaired=(),
        skipped=(),
        database_fingerprint="",
        archive_fingerprint="",
        tool_version=__version__,
        options=(("rules", ",".join(dict.fromkeys(each.rule.id for each in plans))),),
    )


def _key_column(context: Context, table: str) -> str:
    key = context.table(table).primary_key
    if len(key) != 1:
        raise CannotCheckError(f"rows of {table} have no key of one column, so they cannot be changed one by one")
    return key[0]


def _stored(context: Context, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a column as an operation holds it."""
    return column if context.is_sqlite else sa.cast(column, sa.Text)


def _updates(context: Context, rule: Rule, queries: Sequence[Query], action: str) -> list[Operation]:
    assert rule.repair is not None
    operations = []
    for query in queries:
        table, key = query.table, _key_column(context, query.table)
        given = rule.parameters["column"] if action == "recompute" else rule.repair.get("column", "deleted_at")
        column = context.column(table, given)
        rows, found = context.select_from(table), query.rows.subquery("offending")
        new = _new_value(context, rule, action, table, column, rows, found)
        wanted = sa.select(
            _stored(context, rows.c[key]), _stored(context, rows.c[column]), _stored(context, new)
        ).order_by(rows.c[key])
        if action == "recompute":
            wanted = wanted.select_from(rows.join(found, found.c[f"{KEY}0"] == rows.c[key]))
        else:
            wanted = wanted.where(rows.c[key].in_(sa.select(found.c[f"{KEY}0"])))
        names = rule.parameters.get("columns", [])
        about = [names] if isinstance(names, str) else names
        if "part" in found.c and column in (context.column(table, name) for name in about):
            wanted = wanted.where(rows.c[key].in_(sa.select(found.c[f"{KEY}0"]).where(found.c.part == column)))
        for place, before, after in context.connection.execute(wanted):
            if before != after:
                operations.append(
                    _operation(rule, "update", table, key, place, ((column, before),), ((column, after),))
                )
    return list(dict.fromkeys(operations))


def _new_value(
    context: Context,
    rule: Rule,
    action: str,
    table: str,
    column: str,
    rows: sa.FromClause,
    found: sa.FromClause,
) -> sa.ColumnElement[Any]:
    assert rule.repair is not None
    match action:
        case "fill":
            if "value" not in rule.repair:
                raise CannotCheckError("it fills in a value that only you know; give it with --value RULE=VALUE")
            new: sa.ColumnElement[Any] = sa.literal(rule.repair["value"])
        case "set":
            to = rule.repair.get(f"to_{context.dialect}", rule.repair["to"])
            new = sa.literal_column(f"({to}\n)".replace(":", "\\:"))
        case "clamp":
            new = rows.c[context.column(table, rule.repair["like"])]
        case "recompute":
            new = found.c.expected
        case "soft_delete":
            new = sa.literal(context.now.isoformat(" "))
        case _:
            return sa.null()
    if not context.is_sqlite:
        return sa.cast(new, _ServerType(_server_type(context, table, column)))
    scale = context.table(table).columns[column].scale
    return sa.func.round(new, scale) if action == "recompute" and scale is not None else new


class _ServerType(sa.types.UserDefinedType[Any]):
    """A type by the name that the server gives it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return the type as SQL."""
        return self.name


def _server_type(context: Context, table: str, column: str) -> str:
    """Return a column's type as PostgreSQL writes it, with its precision."""
    answer = context.connection.execute(
        sa.text(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = CAST(quote_ident(:table) AS regclass) AND attname = :column"
        ),
        {"table": table, "column": column},
    )
    return str(answer.scalar_one())


def _deletions(
    context: Context,
    rule: Rule,
    queries: Sequence[Query],
    action: str,
    together: Sequence[Rule],
    known: Sequence[Rule] = (),
) -> RulePlan:
    operations: list[Operation] = []
    left: list[tuple[str, str]] = []
    for query in queries:
        table, key = query.table, _key_column(context, query.table)
        doomed = _doomed(context, rule, query, action, table, key)
        rows = context.select_from(table)
        columns = list(context.table(table).columns)
        wanted = sa.select(*(_stored(context, rows.c[name]) for name in columns)).order_by(rows.c[key])
        wanted = wanted.where(rows.c[key].in_(doomed))
        children, held = (
            _belonging(context, table, key, doomed, together)
            if action == "delete"
            else (
                [],
                _holders(context, (*_declared(context, table, key), *_said(context, table, key, known)), doomed),
            )
        )
        operations += children
        for row in context.connection.execute(wanted):
            before = tuple(zip(columns, row, strict=True))
            place = dict(before)[key]
            if str(place) in held:
                left.append((f"{table} {place}", f"rows of {held[str(place)]} belong to it"))
            else:
                operations.append(_operation(rule, "delete", table, key, place, before, ()))
    return RulePlan(rule, tuple(dict.fromkeys(operations)), tuple(left))


def _doomed(context: Context, rule: Rule, query: Query, action: str, table: str, key: str) -> sa.Select[Any]:
    """Return the keys of the rows to delete.

    Where a thing may be done twice in a minute (``twice``), rows with seconds of their own may all be true, however many there
    are: of those only what repeats a moment goes, and what has lost its seconds beside one that has them.
    """
    assert rule.repair is not None
    found = query.rows.subquery("offending")
    if action == "delete":
        return sa.select(found.c[f"{KEY}0"])
    rows = context.select_from(table, alias="ranked_rows")
    order = rows.c[context.column(table, rule.repair.get("order", "created_at"))]
    forms = [column for column in found.c if column.name.startswith("form_")]
    # Rows without a date are the first to go; of equals, the one with the smaller key stays.
    by = order.desc().nulls_last() if action == "keep_newest" else order.asc().nulls_last()
    minutes = rule.parameters.get("minutes", ()) if rule.parameters.get("twice") else ()
    seconds = [context.second(rows.c[context.column(table, name)]) for name in minutes]
    rank = sa.func.row_number().over(partition_by=[*forms, *seconds], order_by=[by, rows.c[key].asc()])
    cut = [(second == 0) & (sa.func.max(second).over(partition_by=forms) > 0) for second in seconds]
    ranked = (
        sa.select(rows.c[key].label("place"), rank.label("rank"), sa.or_(sa.false(), *cut).label("cut"))
        .select_from(rows.join(found, found.c[f"{KEY}0"] == rows.c[key]))
        .subquery("ranked")
    )
    return sa.select(ranked.c.place).where((ranked.c.rank > 1) | ranked.c.cut)


def _belonging(
    context: Context, table: str, key: str, doomed: sa.Select[Any], together: Sequence[Rule]
) -> tuple[list[Operation], dict[str, str]]:
    """Return the repairs of the rows that declare to belong to doomed rows, and which rows stay for whose sake."""
    rules = {each: _rule_of(context, *each, table, together) for each in _declared(context, table, key)}
    held = _holders(context, [each for each, rule in rules.items() if rule is None], doomed)
    operations: list[Operation] = []
    for (child, name), rule in rules.items():
        if rule is not None:
            rows = context.select_from(child, alias="children")
            mine = rows.c[name].in_(doomed) & _stored(context, rows.c[name]).not_in(list(held))
            wanted = Query(child, sa.select(*context.key_of(child, rows)).where(mine), "")
            plan = _repair_children(context, rule, wanted, together)
            if plan.left:  # something belongs to these in turn: for its sake all of it stays
                owners = ((each, o) for each in rules for o in _owners(context, *each, doomed))
                return [], {owner: table for (table, _), owner in owners}
            operations += plan.operations
    return operations, held


Reference = tuple[str, str]  # a table and its column


def _declared(context: Context, table: str, key: str) -> list[Reference]:
    """Return what declares to refer to the key of a table."""
    return [
        (child.name, foreign.columns[0])
        for child in context.schema.values()
        for foreign in child.foreign_keys
        if foreign.table == table and len(foreign.columns) == 1 and (foreign.to or (key,)) == (key,)
    ]


def _said(context: Context, table: str, key: str, known: Sequence[Rule]) -> Iterator[Reference]:
    """Yield what rules say to refer to the key of a table."""
    for rule in known:
        if rule.kind == "reference":
            try:
                child = rule.parameters["table"]
                reference = (child, context.column(child, rule.parameters["column"]))
                if context.target(rule.parameters["to"]) == (table, key):
                    yield reference
            except CannotCheckError:
                continue  # it does not fit this database


def _holders(context: Context, references: Iterable[Reference], doomed: sa.Select[Any]) -> dict[str, str]:
    """Return those of the doomed rows that something belongs to, and its table."""
    return {owner: each[0] for each in references for owner in _owners(context, *each, doomed)}


def _owners(context: Context, child: str, name: str, doomed: sa.Select[Any]) -> list[str]:
    """Return those of the doomed rows that rows of a table declare to belong to."""
    rows = context.select_from(child, alias="children")
    query = sa.select(_stored(context, rows.c[name])).where(rows.c[name].in_(doomed)).distinct()
    return [str(place) for (place,) in context.connection.execute(query)]


def _rule_of(context: Context, child: str, column: str, table: str, together: Sequence[Rule]) -> Rule | None:
    """Return the rule, of those repaired together, that is about a declared reference."""
    for rule in together:
        given = rule.parameters
        if rule.kind == "reference" and rule.repair and given["table"] == child:
            same = context.column(child, given["column"]) == column and context.target(given["to"])[0] == table
            if same and rule.repair["action"] in ("delete", "set_null"):
                return rule
    return None


def _repair_children(context: Context, rule: Rule, query: Query, together: Sequence[Rule]) -> RulePlan:
    assert rule.repair is not None
    if rule.repair["action"] == "delete":
        return _deletions(context, rule, [query], "delete", together)
    return RulePlan(rule, tuple(_updates(context, rule, [query], "set_null")))


def _insertions(context: Context, rule: Rule) -> list[Operation]:
    assert rule.repair is not None
    table = rule.repair["table"]
    key = _key_column(context, table)
    select = rule.repair["select"].strip().removesuffix(";").replace(":", "\\:")
    inner = context.connection.execute(sa.text(f"SELECT * FROM ({select}) AS rows_to_insert"))
    names = list(inner.keys())
    operations = []
    for row in inner:
        after = tuple(
            (context.column(table, name), _plain(context, value)) for name, value in zip(names, row, strict=True)
        )
        if key not in dict(after):
            raise CannotCheckError(f"the rows to insert have no {key}")
        operations.append(_operation(rule, "insert", table, key, dict(after)[key], (), after))
    return operations


def _plain(context: Context, value: Any) -> Value:
    """Return a computed value as an operation holds it."""
    if value is None or context.is_sqlite:
        return value  # type: ignore[no-any-return]
    return value.isoformat(" ") if hasattr(value, "hour") else str(value)


def _operation(
    rule: Rule, action: Any, table: str, key: str, place: Value, before: Columns, after: Columns
) -> Operation:
    risks: dict[str, Risk] = {"update": "fill", "insert": "recreate", "delete": "delete"}
    return Operation(action, table, key, place, before, after, risks[action], (rule.id,), rule.title)
