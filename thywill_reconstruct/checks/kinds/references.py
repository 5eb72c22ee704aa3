"""Kinds about rows that refer to rows: declared or not, to one table or to several, living or soft-deleted."""

from __future__ import annotations

import sqlalchemy as sa

from thywill_reconstruct.checks.kinds.context import Context, Found, Kind, Parameter, Query
from thywill_reconstruct.checks.kinds.rows import TABLE, WHERE
from thywill_reconstruct.checks.model import Offence, Rule


def dangling(
    context: Context,
    table: str,
    column: str,
    to: tuple[str, str],
    *,
    where: str = "",
    allow: tuple[str, ...] = (),
    to_where: str = "",
    note: str = "",
    show: tuple[str, ...] = (),
) -> Query:
    """Return the question for rows whose value stands in no row of the table they refer to."""
    rows, parents = context.select_from(table, where), context.select_from(to[0], to_where, "p")
    child, parent = context.comparable((table, column, rows.c[column]), (*to, parents.c[to[1]]))
    query = (
        sa.select(*context.key_of(table, rows), rows.c[column], *(rows.c[name] for name in show))
        .select_from(rows.outerjoin(parents, child == parent))
        .where(rows.c[column].is_not(None), parents.c[to[1]].is_(None))
    )
    if allow:
        query = query.where(sa.cast(rows.c[column], sa.Text).not_in(allow))
    return Query(table, query, note or f"{column} {{{column}}} is in no row of {to[0]}.{to[1]}")


def find_dangling(context: Context, rule: Rule) -> Found:
    """Find rows that refer to nothing."""
    given = rule.parameters
    table = given["table"]
    query = dangling(
        context,
        table,
        context.column(table, given["column"]),
        context.target(given["to"]),
        where=given.get("where", ""),
        allow=tuple(given.get("allow", ())),
        to_where=given.get("to_where", ""),
    )
    return Found((query,))


def find_polymorphic(context: Context, rule: Rule) -> Found:
    """Find rows that name a table and a row of it, where the row is missing or the table is none of those known."""
    given = rule.parameters
    table = given["table"]
    kind, column = context.column(table, given["type_column"]), context.column(table, given["column"])
    queries = []
    for word, to in given["targets"].items():
        target = context.target(to)
        note = f"{kind} {{{kind}}}, but {column} {{{column}}} is in no row of {target[0]}.{target[1]}"
        queries.append(
            dangling(context, table, column, target, where=_is_of_kind(kind, str(word)), note=note, show=(kind,))
        )
    known = [_is_of_kind(kind, str(word)) for word in (*given["targets"], *given.get("allow_types", ()))]
    strangers = context.select_from(table, f"NOT ({' OR '.join(known)})")
    query = sa.select(*context.key_of(table, strangers), strangers.c[kind])
    queries.append(Query(table, query, f"{kind} {{{kind}}} is none of the known kinds"))
    return Found(tuple(queries))


def _is_of_kind(column: str, word: str) -> str:
    """Return the condition that a column holds a word; ``*`` in it stands for anything, and case does not count then."""
    literal = word.replace("'", "''")
    if "*" not in word:
        return f"{column} = '{literal}'"
    pattern = literal.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_").replace("*", "%")
    return f"lower({column}) LIKE '{pattern}' ESCAPE '!'"


def find_soft_deleted(context: Context, rule: Rule) -> Found:
    """Find living rows that refer to a row which is marked as deleted."""
    given = rule.parameters
    table = given["table"]
    column, to = context.column(table, given["column"]), context.target(given["to"])
    deleted = context.column(to[0], given.get("deleted", "deleted_at"))
    rows = context.select_from(table, given.get("where", ""))
    parents = context.select_from(to[0], f"{deleted} IS NOT NULL", "p")
    child, parent = context.comparable((table, column, rows.c[column]), (*to, parents.c[to[1]]))
    query = sa.select(*context.key_of(table, rows), rows.c[column]).select_from(rows.join(parents, child == parent))
    return Found((Query(table, query, f"{column} {{{column}}} is a deleted row of {to[0]}"),))


def find_broken_keys(context: Context, rule: Rule) -> Found:
    """List every declared foreign key, and find the rows that violate one (SQLite does not enforce them unasked)."""
    queries, facts, offences = [], [], []
    for table in context.schema.values():
        for key in table.foreign_keys:
            target = context.schema.get(key.table)
            to = key.to or (target.primary_key if target else ())
            facts.append(f"{table.name}({', '.join(key.columns)}) refers to {key.table}({', '.join(to)})")
            if target is None or any(name not in target.columns for name in to) or len(to) != len(key.columns):
                what = f"the foreign key ({', '.join(key.columns)}) refers to {key.table}, which is not there as promised"
                offences.append(Offence(table.name, None, what, part=",".join(key.columns)))
            elif len(to) == 1 and not rule.parameters.get("list_only"):
                queries.append(dangling(context, table.name, key.columns[0], (key.table, to[0])))
    return Found(tuple(queries), tuple(offences), tuple(facts))


def find_circles(context: Context, rule: Rule) -> Found:
    """Find rows from which following a reference to the same table leads back to the row itself.

    Rows above which nothing refers further, and what hangs below them, are walked through once from above; what is never
    reached hangs in or below a circle, and only that is followed row by row.
    """
    given = rule.parameters
    table, key, parent = given["table"], context.column(given["table"], given["key"]), given["parent"]
    parent = context.column(table, parent)
    rows = sa.select(sa.column(key).label("k"), sa.column(parent).label("p")).select_from(sa.table(table)).cte("rows")
    above = rows.alias("above")
    tops = (
        sa.select(rows.c.k)
        .select_from(rows.outerjoin(above, above.c.k == rows.c.p))
        .where(rows.c.p.is_(None) | above.c.k.is_(None))
        .cte("reached", recursive=True)
    )
    below = rows.alias("below")
    reached = tops.union(sa.select(below.c.k).join(tops, below.c.p == tops.c.k))
    left = (
        sa.select(rows.c.k, rows.c.p)
        .select_from(rows.outerjoin(reached, reached.c.k == rows.c.k))
        .where(reached.c.k.is_(None))
        .cte("left_over")
    )
    walk = sa.select(left.c.k.label("start"), left.c.p.label("at")).cte("walk", recursive=True)
    step = left.alias("step")
    walked = walk.union(sa.select(walk.c.start, step.c.p).join(step, step.c.k == walk.c.at))
    here = context.select_from(table)
    circle = sa.select(walked.c.start).where(walked.c.start == walked.c.at)
    query = sa.select(*context.key_of(table, here), here.c[parent]).where(here.c[key].in_(circle))
    return Found((Query(table, query, f"following {parent}, {{{parent}}} first, leads back to this row"),))


KINDS = (
    Kind(
        "reference",
        "Values that must stand in a column of another table, whether or not a foreign key says so.",
        {
            "table": TABLE,
            "column": Parameter("text", "The column that refers.", required=True),
            "to": Parameter("text", "What it refers to, as table.column.", required=True),
            "allow": Parameter("texts", "Values that may stand there without referring to anything."),
            "to_where": Parameter("sql", "Only these rows of the other table may be referred to."),
            "where": WHERE,
        },
        find_dangling,
        ("delete", "soft_delete", "set_null", "fill"),
    ),
    Kind(
        "reference_by_type",
        "Rows that name a kind of thing and one of its rows (a polymorphic reference).",
        {
            "table": TABLE,
            "type_column": Parameter("text", "The column that says what kind of thing.", required=True),
            "column": Parameter("text", "The column that says which.", required=True),
            "targets": Parameter(
                "table", "Per kind of thing, its table.column; * in a kind stands for anything.", required=True
            ),
            "allow_types": Parameter("texts", "Kinds of things that have no table."),
        },
        find_polymorphic,
        ("delete",),
    ),
    Kind(
        "soft_delete",
        "Living rows must not refer to rows that are marked as deleted.",
        {
            "table": TABLE,
            "column": Parameter("text", "The column that refers.", required=True),
            "to": Parameter("text", "What it refers to, as table.column.", required=True),
            "deleted": Parameter("text", "The column that marks deleted rows. Default: deleted_at."),
            "where": WHERE,
        },
        find_soft_deleted,
        ("delete", "soft_delete", "set_null"),
    ),
    Kind(
        "circle",
        "Following a reference within one table must come to an end.",
        {
            "table": TABLE,
            "key": Parameter("text", "The column that is referred to.", required=True),
            "parent": Parameter("text", "The column that refers.", required=True),
        },
        find_circles,
        ("set_null",),
    ),
    Kind(
        "foreign_keys",
        "Every declared foreign key holds; lists them all.",
        {"list_only": Parameter("flag", "Only list them: other rules find what violates them.")},
        find_broken_keys,
    ),
)
