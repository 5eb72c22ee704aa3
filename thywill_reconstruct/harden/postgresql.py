"""What PostgreSQL needs said in its own way: real constraints, and triggers that call functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thywill_reconstruct.checks.model import Promise
from thywill_reconstruct.checks.schema import Schema
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden.model import Step
from thywill_reconstruct.harden.sql import listed, same_row, sum_of, total_columns

KEY = "SERIAL PRIMARY KEY"
_ON_DELETE = {"cascade": "CASCADE", "restrict": "RESTRICT", "nothing": "NO ACTION"}


def unique(promise: Promise) -> tuple[Step, ...]:
    """Return the constraint."""
    return (_constraint(promise, f"UNIQUE ({listed(promise.columns)})"),)


def foreign_key(promise: Promise) -> tuple[Step, ...]:
    """Return the constraint; nothing if words may stand for rows, which no constraint can say."""
    given = promise.parameters
    if given.get("allow"):
        return ()
    target, _, key = given["to"].rpartition(".")
    on_delete = _ON_DELETE[given.get("on_delete", "restrict")]
    says = f"REFERENCES {quote_name(target)} ({quote_name(key)}) ON DELETE {on_delete}"
    return (_constraint(promise, f"FOREIGN KEY ({listed(promise.columns)}) {says}"),)


def check(promise: Promise, schema: Schema) -> tuple[Step, ...]:
    """Return the constraint."""
    return (_constraint(promise, f"CHECK ({promise.parameters['says']})"),)


def not_null(promise: Promise, schema: Schema) -> tuple[Step, ...]:
    """Return one statement per column."""
    alter = f"ALTER TABLE {quote_name(promise.table)} ALTER COLUMN"
    return tuple(
        Step(
            "not null",
            name,
            promise.table,
            f"{alter} {quote_name(name)} SET NOT NULL",
            f"{alter} {quote_name(name)} DROP NOT NULL",
        )
        for name in promise.columns
    )


def _constraint(promise: Promise, says: str) -> Step:
    alter, name = f"ALTER TABLE {quote_name(promise.table)}", quote_name(promise.id)
    create, drop = f"{alter} ADD CONSTRAINT {name} {says}", f"{alter} DROP CONSTRAINT {name}"
    return Step("constraint", promise.id, promise.table, create, drop)


def total(promise: Promise, rule: Mapping[str, Any], schema: Schema) -> tuple[Step, ...]:
    """Return functions and triggers that write the total anew whenever the source, or what a total is of, changes."""
    table, source, column = quote_name(rule["table"]), quote_name(rule["source"]), quote_name(rule["column"])
    write = f"UPDATE {table} SET {column} = (SELECT {sum_of(rule, table)}) WHERE "
    of_source = (
        f"BEGIN IF TG_OP <> 'INSERT' THEN {write}{same_row(rule, 'OLD')}; END IF; "
        f"IF TG_OP <> 'DELETE' THEN {write}{same_row(rule, 'NEW')}; END IF; RETURN NULL; END"
    )
    amount, _, rest = sum_of(rule, "NEW").partition(" FROM ")
    own = f"BEGIN SELECT {amount} INTO NEW.{column} FROM {rest}; RETURN NEW; END"
    return (
        *_trigger(promise, "source", f"AFTER INSERT OR UPDATE OR DELETE ON {source}", of_source, rule["source"]),
        *_trigger(
            promise,
            "own",
            f"BEFORE INSERT OR UPDATE OF {listed(total_columns(rule))} ON {table}",
            own,
            rule["table"],
        ),
    )


def _trigger(promise: Promise, part: str, head: str, body: str, table: str) -> tuple[Step, Step]:
    name = f"{promise.id}_{part}"
    function = f"CREATE FUNCTION {quote_name(name)}() RETURNS trigger LANGUAGE plpgsql AS $harden$ {body} $harden$"
    trigger = f"CREATE TRIGGER {quote_name(name)} {head} FOR EACH ROW EXECUTE FUNCTION {quote_name(name)}()"
    return (
        Step("function", name, table, function, f"DROP FUNCTION {quote_name(name)}()"),
        Step("trigger", name, table, trigger, f"DROP TRIGGER {quote_name(name)} ON {quote_name(table)}"),
    )
