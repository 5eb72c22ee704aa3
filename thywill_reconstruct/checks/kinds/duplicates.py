"""The kind about rows that must differ from each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from thywill_reconstruct.checks.kinds.context import Context, Found, Kind, Parameter, Query
from thywill_reconstruct.checks.kinds.rows import TABLE, WHERE
from thywill_reconstruct.checks.model import Rule


def find_duplicates(context: Context, rule: Rule) -> Found:
    """Find every row that shares some values with another row; which of them is too many is for a repair to decide.

    Rows in which one of the columns is NULL differ from all others, as SQL has it.
    """
    given = rule.parameters
    table, how = given["table"], given.get("canonical", "")
    columns = [context.column(table, name) for name in given["columns"]]
    days = [context.column(table, name) for name in given.get("days", ())]
    minutes = [context.column(table, name) for name in given.get("minutes", ())]
    every = columns + days + minutes

    def forms(rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        plain = [context.canonical(rows.c[name], how) for name in columns]
        plain += [context.day(rows.c[name]) for name in days]
        return plain + [context.minute(rows.c[name]) for name in minutes]

    groups = context.select_from(table, given.get("where", ""), "g")
    shared = (
        sa.select(*(form.label(f"form_{n}") for n, form in enumerate(forms(groups))), sa.func.count().label("rows"))
        .where(*(groups.c[name].is_not(None) for name in every))
        .group_by(*forms(groups))
        .having(sa.func.count() > 1, *_not_done_twice(context, given, [groups.c[name] for name in minutes]))
        .subquery("shared")
    )
    rows = context.select_from(table, given.get("where", ""))
    same = sa.and_(*(form == shared.c[f"form_{n}"] for n, form in enumerate(forms(rows))))
    query = sa.select(
        *context.key_of(table, rows),
        *(rows.c[name] for name in every),
        shared.c.rows.label("rows_alike"),
        *(shared.c[f"form_{n}"] for n in range(len(every))),
    ).select_from(rows.join(shared, same))
    said = ", ".join(f"{name} {{{name}}}" for name in every)
    return Found((Query(table, query, f"{{rows_alike}} rows share {said}"),))


def _not_done_twice(
    context: Context, given: Mapping[str, Any], moments: Sequence[sa.ColumnElement[Any]]
) -> Iterator[sa.ColumnElement[bool]]:
    """With ``twice``, yield the condition that a group is more than two rows that were written at two moments."""
    for moment in moments if given.get("twice") else ():
        first, last = (at(context.second(moment)) for at in (sa.func.min, sa.func.max))
        yield (sa.func.count() > 2) | (first == last) | (first == 0)


KINDS = (
    Kind(
        "unique",
        "Rows that must not share the values of some columns.",
        {
            "table": TABLE,
            "columns": Parameter("texts", "The columns.", required=True),
            "days": Parameter("texts", "Columns with times of which only the day counts."),
            "minutes": Parameter("texts", "Columns with times of which only the minute counts."),
            "twice": Parameter(
                "flag", "Two rows of one minute, at two times with seconds, are alright: it was done twice."
            ),
            "canonical": Parameter(
                "text", "How texts are compared: lower, trim, or lower trim. Default: as they are."
            ),
            "where": WHERE,
        },
        find_duplicates,
        ("keep_newest", "keep_oldest"),
    ),
)
