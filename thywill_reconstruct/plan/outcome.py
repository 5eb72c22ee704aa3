"""The database as it will be once a plan is carried out, without touching it: repairs applied to a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from thywill_reconstruct.database.rows import (
    AttributeRow,
    LogRow,
    MarkRow,
    PrayerRow,
    Reference,
    Snapshot,
    TokenRow,
    UserRow,
)
from thywill_reconstruct.database.schema import USER_FIELDS
from thywill_reconstruct.findings.finding import Change, Finding, Value

# Entity -> where the snapshot holds its rows, and of what type they are.
_HELD: Mapping[str, tuple[str, Any]] = {
    "user": ("users", UserRow),
    "prayer": ("prayers", PrayerRow),
    "mark": ("marks", MarkRow),
    "attribute": ("attributes", AttributeRow),
    "log": ("log", LogRow),
    "token": ("tokens", TokenRow),
}


def after_repairs(snapshot: Snapshot, repaired: Iterable[Finding]) -> Snapshot:
    """Return the snapshot that would be read after these repairs. New rows come last, in the order of their keys."""
    changes = [change for finding in repaired for change in finding.changes]
    held: dict[str, Any] = {name: _rows(snapshot, entity, changes) for entity, (name, _) in _HELD.items()}
    moved = [c for c in changes if c.entity not in _HELD and c.action == "update" and c.field in USER_FIELDS]
    gone = {(c.entity, c.field, c.key) for c in moved}
    further = tuple(row for row in snapshot.further if (row.entity, row.field, row.key) not in gone)
    return replace(snapshot, **held, further=further, references=_references(snapshot, moved))


def _rows(snapshot: Snapshot, entity: str, changes: Iterable[Change]) -> tuple[Any, ...]:
    name, kind = _HELD[entity]
    updates: dict[str, dict[str, Value]] = {}
    created: dict[str, Any] = {}
    deleted = set()
    for change in changes:
        if change.entity != entity:
            continue
        if change.action == "update":
            values = updates.setdefault(change.key, {})
            values[change.field] = change.after
            if entity == "user" and change.field == "key":  # only where the name is the key
                values["name"] = change.after
        elif change.action == "create":
            known = {field: value for field, value in change.row if field in kind._fields}
            created[change.key] = kind(**dict.fromkeys(kind._fields) | known)
        else:
            deleted.add(change.key)
    stay = (row for row in getattr(snapshot, name) if row.key not in deleted)
    rows = [row._replace(**updates[row.key]) if row.key in updates else row for row in stay]
    return (*rows, *(created[key] for key in sorted(created)))


def _references(snapshot: Snapshot, moved: Iterable[Change]) -> tuple[Reference, ...]:
    """Return the counts of further references, with the moved rows counted for whom they will refer to."""
    counts = Counter({(row.table, row.column, row.user): row.rows for row in snapshot.references})
    for change in moved:
        table, column = snapshot.schema.table(change.entity), snapshot.schema.column(change.entity, change.field)
        if column is not None:
            counts[table, column, str(change.before)] -= 1
            counts[table, column, str(change.after)] += 1
    return tuple(Reference(*place, rows) for place, rows in sorted(counts.items()) if rows > 0)
