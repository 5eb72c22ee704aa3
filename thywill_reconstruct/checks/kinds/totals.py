"""Kinds about values that can be worked out again: from the row itself, or from the rows of another table."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from thywill_reconstruct.checks.kinds.context import KEY, Context, Found, Kind, Parameter, Query
from thywill_reconstruct.checks.kinds.rows import TABLE, WHERE
from thywill_reconstruct.checks.model import Rule

# Sums of decimal fractions miss by about this much in binary.
_ROUNDING = 1e-9


def find_wrong_value(context: Context, rule: Rule) -> Found:
    """Find rows whose stored value is not what an expression over the same row gives."""
    given = rule.parameters
    table = given["table"]
    column = context.column(table, given["column"])
    rows = context.select_from(table, given.get("where", ""), extra=f"expected={given['equals']}")
    if "tolerance" in given:
        off = sa.func.abs(rows.c[column] - rows.c.expected) > given["tolerance"] + _ROUNDING
        off = off | (rows.c[column].is_(None) & rows.c.expected.is_not(None))
    else:
        off = rows.c[column].is_distinct_from(rows.c.expected)
    query = sa.select(*context.key_of(table, rows), rows.c[column], rows.c.expected).where(off)
    return Found((Query(table, query, f"{column} is {{{column}}}, but should be {{expected}}"),))


def find_wrong_total(context: Context, rule: Rule) -> Found:
    """Find rows whose stored total is not the sum over the rows of another table that belong to them.

    With ``both_ways``, also sums for which there is no row; the key of such a finding is what the row would be found by.
    """
    given = rule.parameters
    table, source, tolerance = given["table"], given["source"], given.get("tolerance", 0) + _ROUNDING
    column, amount = context.column(table, given["column"]), context.column(source, given["amount"])
    rows, parts = (
        context.select_from(table, given.get("where", "")),
        context.select_from(source, given.get("source_where", ""), "s"),
    )
    pairs: list[tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]] = []
    for mine, other in given["match"].items():
        name, its = context.column(table, mine), context.column(source, other)
        pairs.append(context.comparable((table, name, rows.c[name]), (source, its, parts.c[its])))
    names = list(given["match"])
    for mine, other in given.get("match_days", {}).items():
        name, its = context.column(table, mine), context.column(source, other)
        pairs.append((context.day(rows.c[name]), context.day(parts.c[its])))
        names.append(mine)
    sums = (
        sa.select(
            *(other.label(f"match_{n}") for n, (_, other) in enumerate(pairs)),
            sa.func.coalesce(sa.func.sum(parts.c[amount]), 0).label("total"),
        )
        .group_by(*(other for _, other in pairs))
        .subquery("sums")
    )
    same = sa.and_(*(mine == sums.c[f"match_{n}"] for n, (mine, _) in enumerate(pairs)))
    total = sa.func.coalesce(sums.c.total, 0)
    off = sa.func.abs(sa.func.coalesce(rows.c[column], 0) - total) > tolerance
    query = (
        sa.select(*context.key_of(table, rows), rows.c[column], total.label("expected"))
        .select_from(rows.outerjoin(sums, same))
        .where(off)
    )
    said = f"{column} is {{{column}}}, but {source}.{amount} adds up to {{expected}}"
    queries = [Query(table, query, said)]
    if given.get("both_ways"):
        alone = (
            sa.select(
                *(sums.c[f"match_{n}"].label(f"{KEY}{n}") for n in range(len(pairs))), sums.c.total.label("expected")
            )
            .select_from(sums.outerjoin(rows, same))
            .where(pairs[0][0].is_(None), sa.func.abs(sums.c.total) > tolerance)
        )
        for n in range(len(pairs)):
            alone = alone.where(sums.c[f"match_{n}"].is_not(None))
        missing = f"there is no row for this {', '.join(names)}, but {source}.{amount} adds up to {{expected}}"
        queries.append(Query(table, alone, missing, keyed=False))
    return Found(tuple(queries))


KINDS = (
    Kind(
        "value",
        "A stored value that can be worked out again from its own row.",
        {
            "table": TABLE,
            "column": Parameter("text", "The column that holds it.", required=True),
            "equals": Parameter("sql", "SQL expression over the row that gives it.", required=True),
            "tolerance": Parameter("number", "How far off a number may be. Without it, equal means equal."),
            "where": WHERE,
        },
        find_wrong_value,
        ("recompute",),
    ),
    Kind(
        "total",
        "A stored total that must be the sum over rows of another table.",
        {
            "table": TABLE,
            "column": Parameter("text", "The column that holds the total.", required=True),
            "source": Parameter("text", "The table that is summed up.", required=True),
            "amount": Parameter("text", "Its column that is summed up.", required=True),
            "match": Parameter(
                "table", "Columns of the table, and the columns of the source they equal.", required=True
            ),
            "match_days": Parameter("table", "The same for times of which only the day counts."),
            "source_where": Parameter("sql", "Only these rows of the source count."),
            "tolerance": Parameter("number", "How far off the total may be. Default: 0."),
            "both_ways": Parameter("flag", "Also report sums for which there is no row."),
            "where": WHERE,
        },
        find_wrong_total,
        ("recompute", "insert"),
    ),
)
