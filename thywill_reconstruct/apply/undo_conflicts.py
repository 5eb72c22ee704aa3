"""What stands in the way of taking back a row that itself is as the run left it: the rows around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from thywill_reconstruct.apply.references import Reference, Tables, find_references, key_column, referring_rows
from thywill_reconstruct.apply.statements import PLACE, parameters_of, quoted_name, slot
from thywill_reconstruct.database.connect import open_backup
from thywill_reconstruct.database.snapshot import decode_anyway, quote_name, read_tables
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import Operation, column_change


class Chain(NamedTuple):
    """The steps that take one row back, in order."""

    steps: tuple[Operation, ...]

    @property
    def table(self) -> str:
        """The table of the row."""
        return self.steps[0].table

    @property
    def removes(self) -> bool:
        """Whether the row is gone afterwards."""
        return self.steps[-1].action == "delete"

    @property
    def now(self) -> dict[str, Value]:
        """What is known of the row as it is now, its key included."""
        first = self.steps[0]
        return {} if first.action == "insert" else {first.key_column: first.key, **dict(first.before)}

    @property
    def then(self) -> dict[str, Value]:
        """What is known of the row afterwards."""
        if self.removes:
            return {}
        known = self.now
        for step in self.steps:
            known = {**known, step.key_column: step.new_key, **dict(step.after)}
        return known

    def gives_up(self, column: str) -> Value:
        """The value that no row bears any more once this one is gone or has another; ``None`` if it keeps what it has."""
        value = self.now.get(column)
        return value if self.removes or self.then.get(column) != value else None


def missing_parts(tables: Tables, steps: Sequence[Operation]) -> str:
    """Return what the database lacks for the steps: a table that was dropped, or columns."""
    for step in steps:
        if step.changes_schema:
            continue
        columns = tables.get(step.table)
        if columns is None:
            return f"there is no table {step.table} any more"
        named = {step.key_column, *dict(step.before), *dict(step.after)}
        missing = sorted(named - {PLACE, *(column.name for column in columns)})
        if missing:
            return f"{step.table} has no column {', '.join(missing)} any more"
    return ""


def held_since(connection: sqlite3.Connection, step: Operation) -> str:
    """Return why a table or a column that a run added must not go: somebody has filled it since."""
    if not step.changes_schema:
        return ""
    row, table = dict(step.before), quote_name(str(step.key))
    query = ""
    if step.action == "delete" and row.get("type") == "table":
        query = f"SELECT 1 FROM {table} LIMIT 1"
    elif step.action == "update" and len(str(row["sql"])) > len(str(dict(step.after)["sql"])):
        name = quoted_name(column_change(str(row["sql"]), str(dict(step.after)["sql"])))
        bare = name[1:-1].replace('""', '"')
        facts = connection.execute(f"PRAGMA table_info({table})")
        default = next((fact[4] for fact in facts if fact[1] == bare), None) or "NULL"
        query = f"SELECT 1 FROM {table} WHERE {name} IS NOT ({default}) LIMIT 1"
    return "it holds values that would be lost" if query and connection.execute(query).fetchone() else ""


def added_since(connection: sqlite3.Connection, tables: Tables, step: Operation) -> str:
    """Return why a row must not be deleted that has got values in columns which the run did not know."""
    if step.action != "delete" or step.changes_schema:
        return ""
    known = dict(step.before)
    new = [column for column in tables[step.table] if column.name not in known and column.name != step.key_column]
    if not new:
        return ""
    filled = " OR ".join(
        f"{quote_name(column.name)} IS NOT NULL AND {quote_name(column.name)} IS NOT ({column.default or 'NULL'})"
        for column in new
    )
    found = connection.execute(
        f"SELECT 1 FROM {quote_name(step.table)} WHERE {quote_name(step.key_column)} IS ? AND ({filled})", (step.key,)
    ).fetchone()
    return f"it has a value in a column that was added since ({', '.join(c.name for c in new)})" if found else ""


def place_taken(connection: sqlite3.Connection, operation: Operation) -> bool:
    """Tell whether another row stands where a row would be put back, or nothing is known of a place."""
    place = dict(operation.after).get(PLACE)
    if place is None:
        return False
    query = f"SELECT 1 FROM {quote_name(operation.table)} WHERE {PLACE} = ?"
    return connection.execute(query, (place,)).fetchone() is not None


def find_conflicts(
    connection: sqlite3.Connection, tables: Tables, chains: Sequence[Chain], backup: Path | None
) -> dict[int, str]:
    """Return which chains cannot be carried out because of other rows, by number, with the reason.

    A chain that falls out may be what others counted on, so this goes on until nothing more falls out.

    Args:
        connection: On the database.
        tables: Its tables.
        chains: What would be done.
        backup: The database before the run, to tell references that were there already; without, all count as new.
    """
    rows = [chain for chain in chains if not chain.steps[0].changes_schema]
    if not rows:
        return {}
    references = find_references(connection, tables)
    found: dict[int, str] = {}
    with ExitStack() as stack:
        before = None
        if backup is not None:
            before = stack.enter_context(closing(open_backup(backup)))
            before.text_factory = decode_anyway
        surroundings = _Surroundings(connection, before, tables, references, chains)
        while more := surroundings.conflicts(found):
            found.update(more)
    return found


class _Surroundings:
    """The rows around the chains, read once."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        backup: sqlite3.Connection | None,
        tables: Tables,
        references: Sequence[Reference],
        chains: Sequence[Chain],
    ) -> None:
        self.connection = connection
        self.backup = backup
        self.tables = tables
        self.references = references
        self.chains = chains
        self.unique = {table: _unique_columns(connection, table) for table in {c.table for c in chains} & set(tables)}
        self.new_referrers = {each: self._new_referrers(each) for each in references}
        self.known: dict[tuple[str, str, Value, bool], bool] = {}

    def _new_referrers(self, reference: Reference) -> dict[Value, set[Value]]:
        """Return who refers now to a row that may go or get another key, and did not before the run."""
        values = {c.gives_up(reference.target_column) for c in self.chains if c.table == reference.target}
        now = referring_rows(self.connection, self.tables, reference, values - {None})
        if self.backup is not None and now:
            former = referring_rows(self.backup, read_tables(self.backup), reference, set(now))
            now = {value: rows - former.get(value, set()) for value, rows in now.items()}
        return now

    def conflicts(self, fallen: Mapping[int, str]) -> dict[int, str]:
        """Return the conflicts of the chains that have not fallen out."""
        staying = {number: chain for number, chain in enumerate(self.chains) if number not in fallen}
        then = {(c.table, c.steps[0].key): c.then for c in staying.values()}
        made = {
            (c.table, name, value)
            for c in staying.values()
            if not c.steps[0].changes_schema
            for name, value in c.then.items()
        }
        gone = {(c.table, name, c.gives_up(name)) for c in staying.values() for name in c.now}
        found = {}
        for number, chain in staying.items():
            if chain.steps[0].changes_schema:
                continue
            reason = self._still_needed(chain, then) or self._no_room(chain, then, made, gone)
            if reason:
                found[number] = reason
        return found

    def _still_needed(self, chain: Chain, then: Mapping[tuple[str, Value], Mapping[str, Value]]) -> str:
        counts = []
        for reference in self.references:
            if reference.target != chain.table:
                continue
            value = chain.gives_up(reference.target_column)
            rows = self.new_referrers[reference].get(value, set()) if value is not None else set()
            left = [row for row in rows if _holds(then.get((reference.table, row)), {reference.column: value})]
            if left:
                counts.append(f"{len(left):,} in {reference.table}")
        return f"rows have come to refer to it since ({', '.join(counts)})" if counts else ""

    def _no_room(
        self,
        chain: Chain,
        then: Mapping[tuple[str, Value], Mapping[str, Value]],
        made: set[tuple[str, str, Value]],
        gone: set[tuple[str, str, Value]],
    ) -> str:
        if chain.removes:
            return ""
        values, written = chain.then, {name for step in chain.steps for name, _ in step.after}
        for columns in self.unique.get(chain.table, ()):
            if not written.intersection(columns) or not values.keys() >= set(columns):
                continue
            wanted = {name: values[name] for name in columns}
            others = self._holders(chain.table, wanted) - {chain.steps[0].key}
            if any(_holds(then.get((chain.table, other)), wanted) for other in others):
                return f"another row has the same {', '.join(columns)} now"
        for reference in self.references:
            value = values.get(reference.column)
            if reference.table != chain.table or reference.column not in written or value is None:
                continue
            place = (reference.target, reference.target_column, value)
            lives = (self._exists(*place) and place not in gone) or place in made
            if not lives and self.backup is not None and self._exists(*place, formerly=True):
                return f"the {reference.target} that it referred to is gone"
        return ""

    def _holders(self, table: str, wanted: Mapping[str, Value]) -> set[Value]:
        key = key_column(self.tables[table])
        name = PLACE if key == PLACE else quote_name(key)
        conditions = " AND ".join(f"{quote_name(column)} = {slot(value)}" for column, value in wanted.items())
        query = f"SELECT {name} FROM {quote_name(table)} WHERE {conditions}"
        return {row for (row,) in self.connection.execute(query, parameters_of(tuple(wanted.items())))}

    def _exists(self, table: str, column: str, value: Value, *, formerly: bool = False) -> bool:
        place = (table, column, value, formerly)
        if place not in self.known:
            connection = self.backup if formerly else self.connection
            assert connection is not None
            query = f"SELECT 1 FROM {quote_name(table)} WHERE {quote_name(column)} = {slot(value)}"
            self.known[place] = connection.execute(query, parameters_of(((column, value),))).fetchone() is not None
        return self.known[place]


def _holds(then: Mapping[str, Value] | None, wanted: Mapping[str, Value]) -> bool:
    """Tell whether a row still holds values afterwards; None is a row that is not touched, {} one that is gone."""
    return then is None or (then != {} and all(then.get(name, value) == value for name, value in wanted.items()))


def _unique_columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, ...]]:
    """Return the columns of every unique index of a table but its primary key, whose values no two rows may share."""
    found = []
    for _, index, is_unique, origin, is_partial in connection.execute(
        f"PRAGMA index_list({quote_name(table)})"
    ).fetchall():
        columns = [row[2] for row in connection.execute(f"PRAGMA index_info({quote_name(index)})")]
        if is_unique and origin != "pk" and not is_partial and None not in columns:
            found.append(tuple(columns))
    return sorted(found)
