"""Proposing rules for references that nobody declared, from the values alone: every value stands in another column.

Names decide nothing, because string keys are keys too; only where small numbers would stand in any column of numbers does
the name have to agree. What comes out is a proposal for somebody to read, never a rule in force.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from thywill_reconstruct.checks.connect import Target, explain_failure, read_for_check
from thywill_reconstruct.checks.kinds.objects import is_unique
from thywill_reconstruct.checks.schema import Schema, TableFact, read_schema
from thywill_reconstruct.errors import DatabaseUnreadableError

ENOUGH_SHARE = 0.5
LOOKED_AT = 200
_TEXTS = ("text", "uuid", "other")
_NUMBERS = ("integer",)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column whose values stand in a key: ``found`` of ``values`` different ones."""

    table: str
    column: str
    to_table: str
    to_column: str
    values: int
    found: int


def infer_rules(target: Target, timeout_s: float, statement_timeout_s: float) -> str:
    """Return proposed rules as a pack in TOML.

    Raises:
        ReconstructError: The database cannot be read.
    """
    try:
        return read_for_check(
            target,
            timeout_s,
            statement_timeout_s,
            lambda connection: render_proposals(infer_references(connection, read_schema(connection))),
        )
    except SQLAlchemyError as error:
        reason = explain_failure(error, target, timeout_s, statement_timeout_s)
        raise DatabaseUnreadableError(f"{target.shown} could not be read: {reason}") from error


def infer_references(connection: sa.Connection, schema: Schema) -> tuple[Proposal, ...]:
    """Return the references that values suggest and no foreign key declares; per column the best one.

    Asks for each column of each table how many of up to 200 of its values stand in each key of the same type; only
    where at least half do, all are counted.
    """
    proposals = []
    for table in schema.values():
        for column in table.columns:
            best = max(
                _candidates(connection, schema, table, column),
                key=lambda each: (each.found, _resembles(each), each.to_table),
                default=None,
            )
            if best is not None:
                proposals.append(best)
    return tuple(sorted(proposals, key=lambda each: (each.table, each.column)))


def _candidates(connection: sa.Connection, schema: Schema, table: TableFact, column: str) -> Iterator[Proposal]:
    declared = {key.columns for key in table.foreign_keys}
    if (column,) in declared or table.primary_key == (column,):
        return
    family = table.columns[column].family
    for parent in schema.values():
        for key, fact in parent.columns.items():
            same = (table.name, column) == (parent.name, key)
            if same or not is_unique(parent, (key,)) or not _may_be_compared(family, fact.family):
                continue
            place = Proposal(table.name, column, parent.name, key, 0, 0)
            if family in _NUMBERS and not (column.lower().endswith("id") and _resembles(place)):
                continue
            looked, found = _included(connection, place, LOOKED_AT)
            if looked and found >= ENOUGH_SHARE * looked:
                values, found = _included(connection, place, None)
                yield Proposal(*_place(place), values, found)


def _place(proposal: Proposal) -> tuple[str, str, str, str]:
    return proposal.table, proposal.column, proposal.to_table, proposal.to_column


def _may_be_compared(one: str, other: str) -> bool:
    return (one in _TEXTS and other in _TEXTS) or (one in _NUMBERS and other in _NUMBERS)


def _resembles(proposal: Proposal) -> bool:
    """Return whether a column's name speaks of a table: ``user_id`` of ``users``."""
    word = proposal.column.lower().removesuffix("_id").removesuffix("id")
    return bool(word) and (
        proposal.to_table.lower().startswith(word[:-1] if word.endswith("y") else word)
        or word.endswith(proposal.to_table.lower().rstrip("s"))
    )


def _included(connection: sa.Connection, place: Proposal, limit: int | None) -> tuple[int, int]:
    """Return how many different values a column has, or up to a limit, and how many of them stand in the key."""
    column: sa.ColumnElement[Any] = sa.column(place.column)
    key: sa.ColumnElement[Any] = sa.column(place.to_column)
    values = sa.select(sa.cast(column, sa.Text).label("value")).select_from(sa.table(place.table))
    values = values.where(column.is_not(None)).distinct()
    if limit is not None:
        values = values.limit(limit)
    mine = values.subquery("mine")
    keys = sa.select(sa.cast(key, sa.Text).label("key")).select_from(sa.table(place.to_table)).subquery("theirs")
    query = sa.select(sa.func.count(), sa.func.count(keys.c.key)).select_from(
        mine.outerjoin(keys, keys.c.key == mine.c.value)
    )
    looked, found = connection.execute(query).one()
    return int(looked), int(found)


def render_proposals(proposals: tuple[Proposal, ...]) -> str:
    """Return proposals as a pack to be read, corrected and used."""
    lines = [
        "# Proposed from the values alone. Read every rule, and remove what is chance, before you use it.",
        'name = "proposed"',
        'title = "Proposed references"',
    ]
    for each in proposals:
        title = f"{each.table}.{each.column} refers to no row of {each.to_table}"
        lines += [
            "",
            f"# {each.found:,} of {each.values:,} different values stand in {each.to_table}.{each.to_column}".replace(
                "\n", " "
            ),
            "[[rule]]",
            f"id = {json.dumps('reference-' + _word(each.table) + '-' + _word(each.column))}",
            f"title = {json.dumps(title)}",
            'severity = "medium"',
            'why = "The row belongs to something that does not exist."',
            'kind = "reference"',
            f"table = {json.dumps(each.table)}",
            f"column = {json.dumps(each.column)}",
            f"to = {json.dumps(f'{each.to_table}.{each.to_column}')}",
        ]
    return "\n".join(lines) + "\n"


def _word(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
