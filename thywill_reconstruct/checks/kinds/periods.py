"""The kind about calendars that must be filled."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from thywill_reconstruct.checks.kinds.context import PLACE, Context, Found, Kind, Parameter, Query
from thywill_reconstruct.checks.kinds.rows import TABLE
from thywill_reconstruct.checks.model import Rule


def find_gaps(context: Context, rule: Rule) -> Found:
    """Find owners whose calendar has gaps: months that lack days, months without any row, or no row at all.

    A month counts as begun with its first row. The finding is the owner's, one per month.
    """
    given = rule.parameters
    table, owners = given["table"], given["owners"]
    owner, moment = context.column(table, given["owner"]), context.column(table, given["date"])
    key = context.column(owners, given.get("owner_key", "id"))
    rows = context.select_from(table)
    people = context.select_from(owners, given.get("owners_where", ""), "p")
    mine, theirs = context.comparable((table, owner, rows.c[owner]), (owners, key, people.c[key]))
    labels = context.key_of(owners, people)
    month, last_day, number = _month_of(context, rows.c[moment])
    days = sa.func.count(sa.distinct(context.day(rows.c[moment])))
    needed: Any = given["at_least"] if "at_least" in given else sa.func.max(last_day)
    short = (
        sa.select(*labels, month.label("part"), days.label("days"), sa.cast(needed, sa.Integer).label("needed"))
        .select_from(people.join(rows, theirs == mine))
        .where(rows.c[moment].is_not(None))
        .group_by(*(people.c[each] for each in context.table(owners).primary_key or (PLACE,)), month)
        .having(days < needed)
    )
    span = sa.func.max(number) - sa.func.min(number) + 1
    there = sa.func.count(sa.distinct(number))
    skipped = (
        sa.select(*labels, sa.literal("months").label("part"), (span - there).label("months"))
        .select_from(people.join(rows, theirs == mine))
        .group_by(*(people.c[each] for each in context.table(owners).primary_key or (PLACE,)))
        .having(there < span)
    )
    nothing = (
        sa.select(*labels, sa.literal("none").label("part"))
        .select_from(people.outerjoin(rows, theirs == mine))
        .where(rows.c[owner].is_(None))
    )
    return Found(
        (
            Query(owners, short, f"in {{part}}, {table} covers {{days}} of {{needed}} days"),
            Query(owners, skipped, f"{table} has no row in {{months}} months between its first and its last"),
            Query(owners, nothing, f"{table} has no row at all"),
        )
    )


def _month_of(
    context: Context, moment: sa.ColumnElement[Any]
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Return a time's month as text, the number of its days, and its running number."""
    if context.is_sqlite:
        month = sa.func.strftime("%Y-%m", moment)
        last = sa.cast(
            sa.func.strftime("%d", sa.func.date(moment, "start of month", "+1 month", "-1 day")), sa.Integer
        )
        year, place = sa.func.strftime("%Y", moment), sa.func.strftime("%m", moment)
        return month, last, sa.cast(year, sa.Integer) * 12 + sa.cast(place, sa.Integer)
    # Literal texts, so that the server sees one and the same expression in SELECT and GROUP BY.
    month = sa.func.to_char(moment, sa.literal_column("'YYYY-MM'"))
    next_month = sa.func.date_trunc(sa.literal_column("'month'"), moment) + sa.literal_column(
        "interval '1 month - 1 day'"
    )
    number = sa.extract("year", moment) * 12 + sa.extract("month", moment)
    return month, sa.extract("day", next_month), sa.cast(number, sa.Integer)


KINDS = (
    Kind(
        "complete_months",
        "Every owner has a row for each day of each month in which the calendar has begun.",
        {
            "table": TABLE,
            "owner": Parameter("text", "The column that names the owner.", required=True),
            "date": Parameter("text", "The column with the day.", required=True),
            "owners": Parameter("text", "The table of the owners.", required=True),
            "owner_key": Parameter("text", "Its column that the owner column holds. Default: id."),
            "owners_where": Parameter("sql", "Only these owners must have a calendar."),
            "at_least": Parameter("number", "Days a month must have. Default: all of them."),
        },
        find_gaps,
    ),
)
