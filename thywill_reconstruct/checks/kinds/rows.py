"""Kinds that look at one row at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from thywill_reconstruct.checks.kinds.context import KEY, Context, Found, Kind, Parameter, Query
from thywill_reconstruct.checks.model import CannotCheckError, Rule

TABLE = Parameter("text", "The table.", required=True)
WHERE = Parameter("sql", "Only rows that meet this SQL condition.")
# Nobody's clock is further ahead of UTC than this.
SLACK_HOURS = 14


def find_empty(context: Context, rule: Rule) -> Found:
    """Find rows in which one of some columns is NULL; with ``blank``, also an empty or blank text."""
    table, where = rule.parameters["table"], rule.parameters.get("where", "")
    rows = context.select_from(table, where)
    queries = []
    names = rule.parameters["columns"]
    for spelling in [names] if isinstance(names, str) else names:
        name = context.column(table, spelling)
        empty: sa.ColumnElement[bool] = rows.c[name].is_(None)
        if rule.parameters.get("blank"):
            empty = empty | (sa.func.trim(sa.cast(rows.c[name], sa.Text)) == "")
        query = sa.select(*context.key_of(table, rows), sa.literal(name).label("part")).where(empty)
        queries.append(Query(table, query, f"{name} is empty"))
    return Found(tuple(queries))


def find_forbidden(context: Context, rule: Rule) -> Found:
    """Find rows that meet a condition which none should meet; with ``recent``, only those of the last days."""
    table = rule.parameters["table"]
    rows = context.select_from(table, rule.parameters["where"])
    shown = [context.column(table, name) for name in rule.parameters.get("show", ())]
    query = sa.select(*context.key_of(table, rows), *(rows.c[name] for name in shown))
    if "recent_days" in rule.parameters:
        column = context.column(table, rule.parameters.get("recent_column", "created_at"))
        since = context.moment_of(context.now - timedelta(days=rule.parameters["recent_days"]))
        query = query.where(context.moment(table, column, rows.c[column]) >= since)
    default = "; ".join(f"{name} is {{{name}}}" for name in shown) or "meets: " + rule.parameters["where"]
    return Found((Query(table, query, rule.parameters.get("message", default)),))


def find_disorder(context: Context, rule: Rule) -> Found:
    """Find rows whose later time lies before their earlier one, or that hold a time nobody can read."""
    table = rule.parameters["table"]
    rows = context.select_from(table, rule.parameters.get("where", ""))
    early, late = (context.column(table, rule.parameters[name]) for name in ("earlier", "later"))
    first, second = (context.moment(table, name, rows.c[name]) for name in (early, late))
    wrong: sa.ColumnElement[bool] = second < first
    if context.is_sqlite:
        for column, moment in ((rows.c[early], first), (rows.c[late], second)):
            wrong = wrong | (column.is_not(None) & moment.is_(None))
    query = sa.select(*context.key_of(table, rows), rows.c[early], rows.c[late]).where(wrong)
    return Found((Query(table, query, f"{late} {{{late}}} is before {early} {{{early}}}, or cannot be read"),))


def find_future(context: Context, rule: Rule) -> Found:
    """Find times that have not come yet; ``slack_hours`` allows for clocks of other zones."""
    table, names = rule.parameters["table"], rule.parameters["columns"]
    rows = context.select_from(table, rule.parameters.get("where", ""))
    limit = context.now + timedelta(hours=rule.parameters.get("slack_hours", SLACK_HOURS))
    queries = []
    for spelling in [names] if isinstance(names, str) else names:
        name = context.column(table, spelling)
        ahead = context.moment(table, name, rows.c[name]) > context.moment_of(limit)
        query = sa.select(*context.key_of(table, rows), rows.c[name], sa.literal(name).label("part")).where(ahead)
        queries.append(Query(table, query, f"{name} {{{name}}} lies in the future"))
    return Found(tuple(queries))


def find_by_sql(context: Context, rule: Rule) -> Found:
    """Find what a SELECT returns; ``key`` names the columns that make up the key."""
    sql = (
        rule.parameters.get(f"sql_{context.dialect}", rule.parameters["sql"])
        .strip()
        .removesuffix(";")
        .replace(":", "\\:")
    )
    names = rule.parameters.get("key", ["id"])
    shown = [name for name in rule.parameters.get("show", ()) if name not in names]
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (*names, *shown)]
    inner = sa.text(sql).columns(*columns).subquery("found")
    if rule.parameters["table"] not in context.schema:
        raise CannotCheckError(f"there is no table {rule.parameters['table']}")
    query = sa.select(
        *(inner.c[name].label(f"{KEY}{number}") for number, name in enumerate(names)),
        *(inner.c[name] for name in shown),
    )
    message = rule.parameters.get("message", rule.title)
    return Found((Query(rule.parameters["table"], query, message, rule.parameters.get("keyed", True)),))


KINDS = (
    Kind(
        "not_null",
        "Columns that must hold something.",
        {
            "table": TABLE,
            "columns": Parameter("names", "The columns, each a name.", required=True),
            "blank": Parameter("flag", "Count a blank text as nothing."),
            "where": WHERE,
        },
        find_empty,
        ("fill", "delete", "soft_delete", "set"),
    ),
    Kind(
        "forbidden",
        "Rows that meet a condition which none should meet.",
        {
            "table": TABLE,
            "where": Parameter("sql", "The condition.", required=True),
            "show": Parameter("texts", "Columns to show."),
            "message": Parameter("text", "What is wrong, with {column} for a value."),
            "recent_days": Parameter("number", "Only rows of the last days."),
            "recent_column": Parameter("text", "The column that says when. Default: created_at."),
        },
        find_forbidden,
        ("fill", "set", "delete", "soft_delete", "set_null", "insert"),
    ),
    Kind(
        "times_in_order",
        "A time that must not lie before another one of the same row.",
        {
            "table": TABLE,
            "earlier": Parameter("text", "The column that comes first.", required=True),
            "later": Parameter("text", "The column that comes after.", required=True),
            "where": WHERE,
        },
        find_disorder,
        ("clamp", "set"),
    ),
    Kind(
        "not_in_future",
        "Times that must have come.",
        {
            "table": TABLE,
            "columns": Parameter("names", "The columns.", required=True),
            "slack_hours": Parameter("number", f"How far ahead a clock may be. Default: {SLACK_HOURS}."),
            "where": WHERE,
        },
        find_future,
        ("set", "set_null", "clamp"),
    ),
    Kind(
        "sql",
        "Whatever a SELECT returns is wrong.",
        {
            "table": TABLE,
            "sql": Parameter(
                "query", "One SELECT (or WITH ... SELECT) that returns the offending rows.", required=True
            ),
            "sql_postgresql": Parameter("query", "The same for PostgreSQL, where it must be said otherwise."),
            "key": Parameter("texts", "Its columns that are the row's key. Default: id."),
            "show": Parameter("texts", "Further columns to show."),
            "message": Parameter("text", "What is wrong, with {column} for a value."),
            "keyed": Parameter("flag", "false: the key is not that of a row, because the row is missing."),
        },
        find_by_sql,
        ("fill", "set", "delete", "soft_delete", "set_null", "insert"),
    ),
)
