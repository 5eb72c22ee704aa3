"""Kinds about the schema: what must be there, what must agree, what a migration promised, and how much there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from thywill_reconstruct.checks.kinds.context import Context, Found, Kind, Parameter
from thywill_reconstruct.checks.kinds.rows import TABLE
from thywill_reconstruct.checks.model import CannotCheckError, Offence, Rule
from thywill_reconstruct.checks.schema import Schema, TableFact

Entry = Mapping[str, Any]


def find_missing_tables(context: Context, rule: Rule) -> Found:
    """Find tables that should be there."""
    missing = [name for name in rule.parameters["tables"] if name not in context.schema]
    return Found(offences=tuple(Offence(name, None, f"there is no table {name}", part=name) for name in missing))


def find_missing_columns(context: Context, rule: Rule) -> Found:
    """Find columns that should be there, or whose type is of another family than it should be."""
    offences = []
    for entry in rule.parameters["columns"]:
        table, name = entry["table"], entry["name"]
        column = context.schema[table].columns.get(name) if table in context.schema else None
        if column is None:
            where = f"{table} has no column {name}" if table in context.schema else f"there is no table {table}"
            offences.append(Offence(table, None, where, part=name))
        elif "type" in entry and _bare(column.type) != _bare(str(entry["type"])):
            what = f"{name} is {column.type}, but should be {entry['type']}"
            offences.append(Offence(table, None, what, part=name))
    return Found(offences=tuple(offences))


def _bare(type_text: str) -> str:
    """Return a type's name without what databases say differently."""
    text = "".join(type_text.upper().split())
    for said, meant in (("DECIMAL", "NUMERIC"), ("CHARACTERVARYING", "VARCHAR"), ("TIMESTAMP", "DATETIME")):
        text = text.replace(said, meant)
    return text


def find_missing_indexes(context: Context, rule: Rule) -> Found:
    """Find indexes that should be there and are not, or that are on other columns.

    One under another name counts as well, and so does a key that gives the same, unless ``by_name``. With ``where_possible``
    none is missing of a table or column that is not there.
    """
    offences, possible = [], 0
    for entry in rule.parameters["indexes"]:
        table, name = entry["table"], entry["name"]
        if rule.parameters.get("where_possible") and not _is_possible(context.schema, entry):
            continue
        possible += 1
        what = _index_complaint(context.schema, entry, by_name=bool(rule.parameters.get("by_name")))
        if what:
            offences.append(Offence(table, None, what, part=name))
    return _lost_or_never_made(rule, offences, possible - len(offences), len(rule.parameters["indexes"]))


def _lost_or_never_made(rule: Rule, offences: Sequence[Offence], there: int, listed: int) -> Found:
    """Take what is missing for lost. With ``if_most`` only where most of the list is there; otherwise it is only told."""
    if rule.parameters.get("if_most") and 2 * there <= listed:
        return Found(facts=tuple(f"{each.message}; harden adds it" for each in offences))
    return Found(offences=tuple(offences))


def _is_possible(schema: Schema, entry: Entry) -> bool:
    return entry["table"] in schema and set(entry["columns"]) <= set(schema[entry["table"]].columns)


def _index_complaint(schema: Schema, entry: Entry, *, by_name: bool) -> str:
    table, name, columns = entry["table"], entry["name"], tuple(entry["columns"])
    unique = bool(entry.get("unique"))
    fact = schema.get(table)
    said = f"{'unique ' if unique else ''}index {name} on {table}({', '.join(columns)})"
    if fact is None:
        return f"{said} is missing: there is no table {table}"
    named = next((index for index in fact.indexes if index.name == name), None)
    if named is not None and named.columns and (named.columns != columns or (unique and not named.unique)):
        kind = "unique" if named.unique else "not unique"
        return f"index {name} is on {table}({', '.join(named.columns)}), {kind}; expected is {said}"
    if named is not None or (not by_name and serves(fact, columns, unique=unique)):
        return ""
    return f"{said} is missing"


def serves(table: TableFact, columns: tuple[str, ...], *, unique: bool) -> bool:
    """Return whether a key, a constraint or an index gives what an index on these columns would."""
    if unique:
        return is_unique(table, columns)
    lists = [table.primary_key, *table.uniques, *(index.columns for index in table.indexes)]
    return any(each[: len(columns)] == columns for each in lists)


def is_unique(table: TableFact, columns: tuple[str, ...]) -> bool:
    """Return whether the schema itself forbids two rows with the same values in these columns."""
    promised = [table.primary_key, *table.uniques, *(index.columns for index in table.indexes if index.unique)]
    return any(each and set(each) <= set(columns) for each in promised)


def find_missing_constraints(context: Context, rule: Rule) -> Found:
    """Find constraints that should be there: unique, foreign key, not null, check."""
    offences = []
    for entry in rule.parameters["constraints"]:
        table, columns = entry["table"], tuple(entry.get("columns", ()))
        fact = context.schema.get(table)
        if fact is None:
            what = f"there is no table {table}"
        else:
            what = _constraint_complaint(fact, entry, columns)
        if what:
            offences.append(
                Offence(table, None, what, part=f"{entry['type']} {','.join(columns)}{entry.get('says', '')}")
            )
    listed = len(rule.parameters["constraints"])
    return _lost_or_never_made(rule, offences, listed - len(offences), listed)


def _constraint_complaint(table: TableFact, entry: Entry, columns: tuple[str, ...]) -> str:
    listed = ", ".join(columns)
    match entry["type"]:
        case "unique":
            return "" if is_unique(table, columns) else f"nothing makes {table.name}({listed}) unique"
        case "foreign key":
            to = str(entry.get("to", ""))
            target = to.partition(".")[0]
            there = any(key.columns == columns and key.table == target for key in table.foreign_keys)
            there = there or any(refusal(table.name, columns[0], target) in sql for sql in table.triggers)
            return "" if there else f"{table.name}({listed}) has no foreign key to {to}"
        case "not null":
            loose = [name for name in columns if name not in table.columns or table.columns[name].nullable]
            return f"{table.name}({', '.join(loose)}) may be empty" if loose else ""
        case "check":
            wanted = loosely(str(entry.get("says", "")))
            there = any(wanted in loosely(text) for _, text in table.checks)
            return "" if there else f"no check constraint of {table.name} says {entry.get('says', '')}"
        case other:
            raise CannotCheckError(f"a constraint of type {other} is not known")


def refusal(table: str, column: str, target: str) -> str:
    """Return what the triggers of ``harden`` say, which stand for a foreign key in SQLite; they are known by it."""
    return f"{table}.{column} refers to no row of {target}"


def loosely(sql: str) -> str:
    """Return SQL without what databases add when they keep it: spaces, brackets, casts, case."""
    text = "".join(sql.lower().split()).replace("(", "").replace(")", "").replace('"', "")
    for cast in ("::numeric", "::text", "::doubleprecision", "::charactervarying"):
        text = text.replace(cast, "")
    return text


def find_disagreement(context: Context, rule: Rule) -> Found:
    """Find columns of one group whose declared precision differs from that of most; decimals without one hold any."""
    shapes: dict[tuple[str, str], str] = {}
    for each in rule.parameters["columns"]:
        table, column = context.target(each)
        fact = context.schema[table].columns[column]
        size = f"({fact.precision}, {fact.scale})" if fact.precision is not None else ""
        shapes[table, column] = f"{fact.family}{size}"
    sized = any(shape.startswith("decimal(") for shape in shapes.values())
    rivals = [shape for shape in shapes.values() if not sized or shape != "decimal"]
    common, _ = max(Counter(rivals).items(), key=lambda item: (item[1], item[0]))
    offences = [
        Offence(table, None, f"{column} is {shape}, but what it is summed up with is {common}", part=column)
        for (table, column), shape in shapes.items()
        if shape != common and not (sized and shape == "decimal")
    ]
    return Found(offences=tuple(offences), facts=tuple(f"{t}.{c} is {shape}" for (t, c), shape in shapes.items()))


def find_migration_trouble(context: Context, rule: Rule) -> Found:
    """Find a migration state that cannot be: none or several versions, an unexpected one, one that failed, a broken promise.

    A promise is ``table``, ``table.column`` or, with ``!`` before it, something that must be gone.
    """
    given = rule.parameters
    table, column = given["table"], context.column(given["table"], given["column"])
    rows = context.select_from(table)
    status = context.column(table, given["status_column"]) if "status_column" in given else None
    columns = [rows.c[column], rows.c[status]] if status else [rows.c[column]]
    answer = context.connection.execute(sa.select(*columns))
    found = [tuple("" if each is None else str(each) for each in row) for row in answer]
    offences = list(_version_offences(given, table, [row[0] for row in found]))
    done = given.get("done", ["completed"])
    for row in found:
        if status and row[1] not in done:
            offences.append(Offence(table, row[0], f"migration {row[0]} is {row[1] or 'in no state'}, not finished"))
        elif row[0] in given.get("promises", {}):
            broken = [p for p in given["promises"][row[0]] if not _is_kept(context.schema, p)]
            what = f"migration {row[0]} is recorded as done, but this is not so: {', '.join(broken)}"
            offences += [Offence(table, row[0], what, part="promise")] if broken else []
    versions = ", ".join(sorted(row[0] for row in found)) or "none"
    return Found(offences=tuple(offences), facts=(f"recorded migrations: {versions}",))


def _version_offences(given: Entry, table: str, versions: list[str]) -> Iterator[Offence]:
    if given.get("single"):
        if not any(versions):
            yield Offence(table, None, "no migration is recorded", part="none")
        elif len(versions) > 1:
            yield Offence(
                table, None, f"{len(versions)} versions are recorded at once: {', '.join(versions)}", part="several"
            )
    expected = given.get("expected", [])
    for version in versions:
        if expected and version and version not in expected:
            yield Offence(table, version, f"version {version} is recorded, expected is {' or '.join(expected)}")


def _is_kept(schema: Schema, promise: str) -> bool:
    gone = promise.startswith("!")
    table, _, column = promise.removeprefix("!").partition(".")
    there = table in schema and (not column or column in schema[table].columns)
    return there != gone


def count_rows(context: Context, rule: Rule) -> Found:
    """Tell how many rows each table has; finds nothing wrong but empty tables that must not be."""
    facts, offences = [], []
    names = rule.parameters.get("tables") or sorted(context.schema)
    for name in names:
        context.table(name)
        rows = context.connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
        facts.append(f"{name}: {rows:,} rows")
        if not rows and name in rule.parameters.get("not_empty", ()):
            offences.append(Offence(name, None, f"{name} has no rows at all"))
    return Found(offences=tuple(offences), facts=tuple(facts))


IF_MOST = Parameter(
    "flag", "Only where most of the list is there: otherwise nobody ever made it, and what is missing is only told."
)

KINDS = (
    Kind(
        "expected_table",
        "Tables that must be there.",
        {"tables": Parameter("texts", "Their names.", required=True)},
        find_missing_tables,
    ),
    Kind(
        "expected_column",
        "Columns that must be there, of their type if one is given.",
        {"columns": Parameter("entries", "table, name, type.", required=True, fields=("table", "name", "type?"))},
        find_missing_columns,
    ),
    Kind(
        "expected_index",
        "Indexes that must be there.",
        {
            "indexes": Parameter(
                "entries",
                "table, name, columns, unique.",
                required=True,
                fields=("table", "name", "columns", "unique?"),
            ),
            "by_name": Parameter("flag", "One of another name does not count."),
            "where_possible": Parameter("flag", "None is missing of a table or column that is not there."),
            "if_most": IF_MOST,
        },
        find_missing_indexes,
    ),
    Kind(
        "expected_constraint",
        "Constraints that must be there: unique, foreign key, not null, check.",
        {
            "constraints": Parameter(
                "entries",
                "table, type, columns, to, says.",
                required=True,
                fields=("table", "type", "columns?", "to?", "says?"),
            ),
            "if_most": IF_MOST,
        },
        find_missing_constraints,
    ),
    Kind(
        "precision_agrees",
        "Columns that are summed together must have the same precision.",
        {"columns": Parameter("texts", "The columns, each as table.column.", required=True)},
        find_disagreement,
    ),
    Kind(
        "migration_state",
        "The recorded migrations are those expected, finished, and did what they promised.",
        {
            "table": TABLE,
            "column": Parameter("text", "The column with the version.", required=True),
            "single": Parameter("flag", "There must be exactly one."),
            "expected": Parameter("texts", "The versions that may be recorded."),
            "status_column": Parameter("text", "The column that says whether it is finished."),
            "done": Parameter("texts", "What it says then. Default: completed."),
            "promises": Parameter(
                "table", "Per version, what must be there (table.column), or gone (!table.column)."
            ),
        },
        find_migration_trouble,
    ),
    Kind(
        "overview",
        "How many rows each table has.",
        {
            "tables": Parameter("texts", "Which tables. Default: all."),
            "not_empty": Parameter("texts", "Tables that must have rows."),
        },
        count_rows,
    ),
)
