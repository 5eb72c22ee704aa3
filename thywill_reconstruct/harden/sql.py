"""Pieces of SQL that both databases understand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden.model import Step


def index_step(name: str, table: str, on: str, *, unique: bool) -> Step:
    """Return the step that makes an index; ``on`` is what stands between the brackets."""
    kind = "UNIQUE INDEX" if unique else "INDEX"
    create = f"CREATE {kind} {quote_name(name)} ON {quote_name(table)} ({on})"
    return Step("index", name, table, create, f"DROP INDEX {quote_name(name)}")


def listed(names: Iterable[str]) -> str:
    """Return column names for SQL."""
    return ", ".join(map(quote_name, names))


def literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def sum_of(rule: Mapping[str, Any], row: str) -> str:
    """Return the SELECT of a stored total for one row of its table, ``row`` being what names the row.

    Args:
        rule: The parameters of a rule of the kind ``total``.
        row: ``NEW``, or the quoted name of the table.
    """
    parts = [f"s.{quote_name(theirs)} = {row}.{quote_name(own)}" for own, theirs in rule["match"].items()]
    parts += [
        f"date(s.{quote_name(theirs)}) = {row}.{quote_name(own)}"
        for own, theirs in rule.get("match_days", {}).items()
    ]
    if rule.get("source_where"):
        parts.append(f"({rule['source_where']})")
    return f"coalesce(sum(s.{quote_name(rule['amount'])}), 0) FROM {quote_name(rule['source'])} s WHERE {' AND '.join(parts)}"


def same_row(rule: Mapping[str, Any], source: str) -> str:
    """Return the condition that finds the rows with the total of a row of the source, which ``source`` names."""
    parts = [f"{quote_name(own)} = {source}.{quote_name(theirs)}" for own, theirs in rule["match"].items()]
    parts += [
        f"{quote_name(own)} = date({source}.{quote_name(theirs)})"
        for own, theirs in rule.get("match_days", {}).items()
    ]
    return " AND ".join(parts)


def total_columns(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns that say what a row is the total of."""
    return (*rule["match"], *rule.get("match_days", {}))
