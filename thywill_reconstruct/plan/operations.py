"""Operations: the reversible steps of a plan, in the column names of the database at hand.

An operation is data. ``apply.execute`` is the only place that turns one into SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from thywill_reconstruct.findings.finding import Finding, Risk, Value

Columns = tuple[tuple[str, Value], ...]
UNDO = "undo: "


@dataclass(frozen=True, slots=True)
class Operation:
    """One step on one row.

    Attributes:
        action: ``insert``, ``update`` or ``delete``.
        table, key_column, key: The row.
        before: update: the replaced values; delete: the whole row; insert: empty.
        after: update: the new values of the same columns; insert: the whole row; delete: empty.
        risk: See ``findings.finding.Change``.
        codes: The finding codes that asked for it, sorted.
        reason: What the step rests on, one plain sentence; never prayer text.
    """

    action: Literal["insert", "update", "delete"]
    table: str
    key_column: str
    key: Value
    before: Columns
    after: Columns
    risk: Risk
    codes: tuple[str, ...]
    reason: str

    def inverse(self) -> Operation:
        """Return the operation that takes this one back: before and after exchanged. Its own inverse is this one again."""
        turned: dict[str, Literal["insert", "update", "delete"]] = {
            "insert": "delete",
            "update": "update",
            "delete": "insert",
        }
        return Operation(
            action=turned[self.action],
            table=self.table,
            key_column=self.key_column,
            key=self.key,
            before=self.after,
            after=self.before,
            risk=self.risk,
            codes=self.codes,
            reason=self.reason.removeprefix(UNDO) if self.reason.startswith(UNDO) else UNDO + self.reason,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, in the order it would be done, and what would not.

    Attributes:
        operations: In dependency order: inserts of users before what refers to them, deletions last.
        repaired: The findings that the operations repair.
        skipped: Findings without repair in this plan, each with its ``reason``.
        database_fingerprint, archive_fingerprint: SHA-256 of the content the plan was made from.
        tool_version: Version of this tool.
        options: The selection in force, as (name, value) pairs.
        notes: Facts the report shows beside the findings (clock offsets, renames), plain sentences.
    """

    operations: tuple[Operation, ...]
    repaired: tuple[Finding, ...]
    skipped: tuple[Finding, ...]
    database_fingerprint: str
    archive_fingerprint: str
    tool_version: str
    options: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
