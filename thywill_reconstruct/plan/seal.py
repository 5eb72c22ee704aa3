"""Seal what must not travel with a plan, and open it again where it is applied.

Prayer texts, invite tokens and session ids stand in a plan file as their digest and length (docs/decisions/0010). Where the
plan is applied, archives and database hold them still; a value is taken only if its digest is the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from thywill_reconstruct.database.schema import FIELDS, SECRET_ENTITIES, TABLES
from thywill_reconstruct.findings.finding import Finding, Sealed, Value
from thywill_reconstruct.plan.operations import Columns, Operation, Plan

# What --show-text shows; testimonies and other values are never shown.
_PRAYER = frozenset({"text", "generated_prayer"})
_PRIVATE = frozenset({"attribute_value", "old_value", "new_value"})
_SECRET = frozenset({"token", "invite_token", "invite_token_used", "invite_token_id", "session_id"})
_SECRET_KEYS = frozenset((TABLES[entity], column) for entity in SECRET_ENTITIES for column in FIELDS[entity]["key"])
_HINT = 4
_SEALED_KEY = re.compile(r"(?s:.){0,4}…[0-9a-f]{12}")

Privacy = Literal["", "prayer", "private", "token"]


def privacy_of(table: str, column: str) -> Privacy:
    """Return what kind of secret a column of a table holds, ``""`` for none."""
    if column in _SECRET or (table == TABLES["session"] and column == "id"):
        return "token"
    if column in _PRIVATE:
        return "private"
    return "prayer" if column in _PRAYER else ""


def seal(value: Value, privacy: Privacy) -> Value:
    """Return a value as it may travel: sealed if it is a secret."""
    if not privacy or value is None or isinstance(value, int | float | Sealed):
        return value
    content = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    digest = hashlib.sha3_256(content).hexdigest()
    if privacy != "token":
        return Sealed("text", digest, len(value))
    hint = value[:_HINT] if isinstance(value, str) and len(value) > 2 * _HINT else ""
    return Sealed("token", digest, len(value), hint)


def seal_plan(plan: Plan, *, texts: bool = True) -> Plan:
    """Return a plan without secrets.

    Args:
        plan: Any plan.
        texts: Whether the texts of prayers are secrets, too. Tokens, testimonies and the like always are.
    """

    def columns(table: str, values: Columns) -> Columns:
        return tuple((name, seal(value, hidden(table, name))) for name, value in values)

    def hidden(table: str, name: str) -> Privacy:
        privacy = privacy_of(table, name)
        return "" if privacy == "prayer" and not texts else privacy

    return _changed(
        plan,
        lambda operation: replace(
            operation,
            key=seal(operation.key, privacy_of(operation.table, operation.key_column)),
            before=columns(operation.table, operation.before),
            after=columns(operation.table, operation.after),
        ),
        lambda key: key if _SEALED_KEY.fullmatch(key) else str(seal(key, "token")),
    )


def _changed(plan: Plan, change: Callable[[Operation], Operation], token: Callable[[str], str]) -> Plan:
    """Return a plan with other operations, and with the tokens that are keys of findings put in other words."""

    def finding(each: Finding) -> Finding:
        return replace(each, changes=(), key=token(each.key) if each.entity in SECRET_ENTITIES else each.key)

    return replace(
        plan,
        operations=tuple(map(change, plan.operations)),
        repaired=tuple(map(finding, plan.repaired)),
        skipped=tuple(map(finding, plan.skipped)),
    )


def sealed_values(operation: Operation) -> tuple[Sealed, ...]:
    """Return what is sealed in an operation: key, then before, then after."""
    values = (operation.key, *(value for _, value in (*operation.before, *operation.after)))
    return tuple(value for value in values if isinstance(value, Sealed))


def open_plan(plan: Plan, values: Iterable[str]) -> Plan:
    """Return a plan with every sealed value replaced whose content is among the values; others stay sealed.

    Args:
        plan: Any plan.
        values: All texts and tokens at hand, of archives and database.
    """
    wanted: dict[int, dict[str, Sealed]] = {}
    for sealed in {value for operation in plan.operations for value in sealed_values(operation)}:
        wanted.setdefault(sealed.characters, {})[sealed.digest] = sealed
    if not wanted:
        return plan
    found: dict[str, str] = {}
    for value in values:
        if len(value) in wanted:
            digest = hashlib.sha3_256(value.encode("utf-8", "surrogatepass")).hexdigest()
            if digest in wanted[len(value)]:
                found[digest] = value
    tokens = {
        str(sealed): found[sealed.digest]
        for each in wanted.values()
        for sealed in each.values()
        if sealed.digest in found
    }

    def opened(value: Value) -> Value:
        return found.get(value.digest, value) if isinstance(value, Sealed) else value

    def columns(pairs: Columns) -> Columns:
        return tuple((name, opened(value)) for name, value in pairs)

    return _changed(
        plan,
        lambda operation: replace(
            operation, key=opened(operation.key), before=columns(operation.before), after=columns(operation.after)
        ),
        lambda key: tokens.get(key, key),
    )
