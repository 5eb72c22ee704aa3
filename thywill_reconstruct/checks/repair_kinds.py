"""What a rule can ask for as its repair: the actions and what each needs to know. ``repairs`` carries them out."""

from __future__ import annotations

from dataclasses import dataclass

from thywill_reconstruct.checks.kinds.context import Parameter, Shape


@dataclass(frozen=True, slots=True)
class RepairKind:
    """One way to mend the rows that a rule finds; ``risk`` is that of ``findings.finding.Change``."""

    summary: str
    parameters: Shape
    deletes: bool = False


_COLUMN_NEEDED = Parameter("text", "The column that is changed.", required=True)
_NEWEST = Parameter("text", "The column that says how old a row is. Default: created_at.")

REPAIRS: dict[str, RepairKind] = {
    "fill": RepairKind(
        "Put a given value into the empty column.",
        {
            "column": _COLUMN_NEEDED,
            "value": Parameter("any", "The value. Without one it must be given: repair --value RULE=VALUE."),
        },
    ),
    "set": RepairKind(
        "Set the column to what an SQL expression over the row gives.",
        {
            "column": _COLUMN_NEEDED,
            "to": Parameter("sql", "The expression.", required=True),
            "to_postgresql": Parameter("sql", "The same for PostgreSQL, where it must be said otherwise."),
        },
    ),
    "set_null": RepairKind("Empty the column.", {"column": _COLUMN_NEEDED}),
    "clamp": RepairKind(
        "Set the column to the value of another column of the row.",
        {"column": _COLUMN_NEEDED, "like": Parameter("text", "The other column.", required=True)},
    ),
    "recompute": RepairKind("Store the value that the rule worked out.", {}),
    "delete": RepairKind("Delete the rows.", {}, deletes=True),
    "soft_delete": RepairKind(
        "Mark the rows as deleted now.", {"column": Parameter("text", "The column. Default: deleted_at.")}
    ),
    "keep_newest": RepairKind("Delete every row of a group but the newest.", {"order": _NEWEST}, deletes=True),
    "keep_oldest": RepairKind("Delete every row of a group but the oldest.", {"order": _NEWEST}, deletes=True),
    "insert": RepairKind(
        "Insert the rows that a SELECT returns, under its column names.",
        {
            "table": Parameter("text", "The table that gets the rows.", required=True),
            "select": Parameter("query", "The SELECT; its columns bear the names of the table's.", required=True),
        },
    ),
}
