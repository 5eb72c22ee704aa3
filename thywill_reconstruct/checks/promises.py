"""What a pack promises about the schema: tables, columns, indexes, constraints, triggers and views that are to be there.

A promise stands in the pack as ``[[promise]]``, or follows from a rule that expects schema objects. ``[migrations]`` says which
of them a recorded migration promises. ``harden`` compares them with the schema and adds what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thywill_reconstruct.checks.kinds.context import Parameter, Shape
from thywill_reconstruct.checks.model import Promise, Rule

COMMON = ("id", "kind", "table", "rule", "needs", "query")
MIGRATIONS = ("table", "column", "promises")


@dataclass(frozen=True, slots=True)
class PromiseKind:
    """A kind of promise: what it is and what it accepts; the order of kinds is that in which they are added."""

    summary: str
    parameters: Shape


_COLUMN = Parameter("text", "The column.", required=True)
_COLUMNS = Parameter("texts", "The columns, each a name.", required=True)
_TYPE = Parameter("text", "Its type in SQL; key is an integer that numbers the rows.", required=True)

PROMISES: dict[str, PromiseKind] = {
    "table": PromiseKind(
        "A table.",
        {
            "columns": Parameter(
                "table", "Its columns, and their types; key is an integer that numbers the rows.", True
            )
        },
    ),
    "column": PromiseKind(
        "A column.",
        {
            "column": _COLUMN,
            "type": _TYPE,
            "default": Parameter("sql", "Its default, as an SQL expression; with one the column is never empty."),
        },
    ),
    "backfill": PromiseKind("Empty values are filled by the repair of the rule named; all other values stay.", {}),
    "unique": PromiseKind("No two rows share the values of some columns.", {"columns": _COLUMNS}),
    "index": PromiseKind(
        "An index on columns or on an expression.",
        {
            "columns": Parameter("texts", "The columns, each a name."),
            "expression": Parameter("sql", "What is indexed instead of columns."),
            "unique": Parameter("flag", "No two rows may share the values."),
            "by_name": Parameter("flag", "One of another name does not count."),
        },
    ),
    "not_null": PromiseKind("Columns that always hold something.", {"columns": _COLUMNS}),
    "foreign_key": PromiseKind(
        "A reference that the database watches over.",
        {
            "column": _COLUMN,
            "to": Parameter("text", "What it refers to, as table.column.", required=True),
            "on_delete": Parameter(
                "text", "What becomes of the row: cascade, restrict or nothing. Default: restrict."
            ),
            "allow": Parameter("texts", "Values that may stand there without referring to anything: makes triggers."),
            "watch": Parameter(
                "flag", "Triggers also where a key is declared: SQLite may not be told to enforce it."
            ),
        },
    ),
    "check": PromiseKind("A condition that every row meets.", {"says": Parameter("sql", "The condition.", True)}),
    "total": PromiseKind("Triggers that keep the stored total of the rule named in step.", {}),
    "view": PromiseKind("A view.", {"select": Parameter("query", "What it shows.", required=True)}),
}
_ON_DELETE = ("cascade", "restrict", "nothing")
_NEED_RULE = ("backfill", "total")


def read_promises(entries: Sequence[tuple[int, Mapping[str, Any]]], rules: Sequence[Rule]) -> tuple[Promise, ...]:
    """Return the promises of a pack without fault: those written down, and those that its rules imply; in order."""
    written = [
        Promise(
            entry["id"],
            entry["kind"],
            entry["table"],
            {name: value for name, value in entry.items() if name not in COMMON},
            entry.get("rule", ""),
            tuple(entry.get("needs", ())),
            entry.get("query", ""),
            line,
        )
        for line, entry in entries
    ]
    known = {each.subject for each in written}
    implied = [each for rule in rules for each in _implied(rule) if each.subject not in known]
    order = list(PROMISES)
    return tuple(sorted((*written, *implied), key=lambda each: order.index(each.kind)))


def _implied(rule: Rule) -> Iterator[Promise]:
    given = rule.parameters
    for name in given["tables"] if rule.kind == "expected_table" else ():
        yield Promise(name, "table", name, {"columns": {}}, rule.id, rule.needs, line=rule.line)
    for entry in given["columns"] if rule.kind == "expected_column" else ():
        table, name = entry["table"], entry["name"]
        column = {"column": name, "type": entry.get("type", "")}
        yield Promise(f"{table}_{name}", "column", table, column, rule.id, rule.needs, line=rule.line)
    for entry in given["indexes"] if rule.kind == "expected_index" else ():
        index = {**entry, **{name: bool(given.get(name)) for name in ("by_name", "where_possible")}}
        for name in ("table", "name"):
            del index[name]
        yield Promise(entry["name"], "index", entry["table"], index, "", rule.needs, line=rule.line)
    for entry in given["constraints"] if rule.kind == "expected_constraint" else ():
        yield _constraint(rule, entry)


def _constraint(rule: Rule, entry: Mapping[str, Any]) -> Promise:
    table, columns = entry["table"], list(entry.get("columns", ()))
    name = "_".join((table, *columns))
    match entry["type"]:
        case "foreign key":
            kind, short, given = "foreign_key", "fk", {"column": columns[0], "to": entry["to"]}
        case "check":
            kind, short, given = "check", "ck", {"says": entry["says"]}
            name += f"_{hashlib.sha256(entry['says'].encode()).hexdigest()[:6]}"
        case "not null":
            kind, short, given = "not_null", "nn", {"columns": columns}
        case _:
            kind, short, given = "unique", "uq", {"columns": columns}
    return Promise(f"{short}_{name}", kind, table, given, "", rule.needs, line=rule.line)


def promise_complaints(entry: Mapping[str, Any], rules: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a promise beside the parameters of its kind."""
    for name in ("id", "kind", "table"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            yield f"promise needs {name}"
    kind = entry.get("kind")
    if isinstance(kind, str) and kind not in PROMISES:
        yield f"promise kind {kind} is none of {', '.join(PROMISES)}"
    rule = entry.get("rule")
    if (rule is not None or kind in _NEED_RULE) and rule not in rules:
        yield f"promise rule {rule} is no rule of this pack" if rule is not None else f"promise {kind} needs rule"
    if kind == "foreign_key":
        if entry.get("on_delete", "restrict") not in _ON_DELETE:
            yield f"on_delete is none of {', '.join(_ON_DELETE)}"
        if "." not in str(entry.get("to", ".")):
            yield "to must be table.column"
    if kind == "index" and ("columns" in entry) == ("expression" in entry):
        yield "promise index needs either columns or expression"


def migration_complaints(entry: object, known: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with ``[migrations]``; ``known`` are the ids of promises and rules."""
    if not isinstance(entry, dict) or set(entry) != set(MIGRATIONS):
        yield f"migrations needs {', '.join(MIGRATIONS)}, and nothing else"
        return
    promises = entry["promises"]
    if not isinstance(promises, dict) or not all(isinstance(each, list) for each in promises.values()):
        yield "migrations.promises must name per version a list of promises or rules"
        return
    for version, names in promises.items():
        yield from (f"version {version} promises {name}, which is unknown" for name in names if name not in known)
