"""The missing objects as plain SQL, and as an Alembic migration, for those who change their schema themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from thywill_reconstruct.checks.model import Pack
from thywill_reconstruct.database.snapshot import quote_name
from thywill_reconstruct.harden.compare import describe
from thywill_reconstruct.harden.model import Outcome


def as_sql(outcomes: Sequence[Outcome], packs: Sequence[Pack], dialect: str) -> str:
    """Return a script that adds what is missing, in one transaction; what is refused stands there as a comment."""
    lines = [f"-- What is missing, for {dialect}. Make a backup first."]
    if dialect == "sqlite":
        lines.append(".bail on")
    lines.append("BEGIN;")
    for outcome in outcomes:
        statements = statements_of(outcome, packs)
        if outcome.state == "missing" and statements:
            lines += ["", f"-- {_comment(describe(outcome.promise))}", *(f"{each};" for each in statements)]
        elif outcome.state != "kept":
            lines += ["", f"-- LEFT OUT: {_comment(outcome.says)}"]
            lines += [f"--   {_comment(outcome.remedy)}"] if outcome.remedy else []
    return "\n".join((*lines, "", "COMMIT;", ""))


def as_alembic(outcomes: Sequence[Outcome], packs: Sequence[Pack], versions: Sequence[str]) -> str:
    """Return a migration file; its revision follows from its content, what comes before it from the recorded versions.

    Values that a backfill wrote stay when the migration is taken back.
    """
    up: list[str] = []
    down: list[str] = []
    for outcome in outcomes:
        if outcome.state == "missing":
            up += statements_of(outcome, packs)
            down += [step.drop for step in outcome.steps]
    revision = hashlib.sha256("\n".join((*versions, *up)).encode()).hexdigest()[:12]
    before = repr(tuple(versions)) if len(versions) > 1 else repr(versions[0]) if versions else "None"
    return "\n".join(
        (
            '"""Add what is missing in the schema, as found by reconstruct harden."""',
            "",
            "import sqlalchemy as sa",
            "from alembic import op",
            "",
            f'revision = "{revision}"',
            f"down_revision = {before}",
            "branch_labels = None",
            "depends_on = None",
            "",
            "",
            *_function("upgrade", up),
            "",
            "",
            *_function("downgrade", list(reversed(down))),
            "",
        )
    )


def _function(name: str, statements: Sequence[str]) -> Iterator[str]:
    yield f"def {name}() -> None:"
    if not statements:
        yield "    pass"
    for statement in statements:
        escaped = statement.replace(":", "\\:")  # colons are no parameters to SQLAlchemy
        yield f"    op.execute(sa.text({escaped!r}))"


def statements_of(outcome: Outcome, packs: Sequence[Pack]) -> list[str]:
    """Return the SQL that keeps a promise."""
    if outcome.promise.kind != "backfill":
        return [step.create for step in outcome.steps]
    rules = {rule.id: rule for pack in packs for rule in pack.rules}
    rule = rules[outcome.promise.rule]
    return [_fill(rule.parameters, rule.repair or {})]


def _fill(rule: Mapping[str, Any], repair: Mapping[str, Any]) -> str:
    column = quote_name(repair["column"])
    value = repair["to"] if repair["action"] == "set" else "'" + str(repair["value"]).replace("'", "''") + "'"
    empty = f"{column} IS NULL OR trim({column}) = ''" if rule.get("blank") else f"{column} IS NULL"
    also = f" AND ({rule['where']})" if rule.get("where") else ""
    return f"UPDATE {quote_name(rule['table'])} SET {column} = {value} WHERE ({empty}){also}"


def _comment(text: str) -> str:
    return " ".join(text.split())
