"""The life organiser: the tables and indexes that its pack promises, made from the pack itself, and a few rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from scripts.pack_fixtures.fixture import Fixture, Planted, run
from thywill_reconstruct.checks.packs import load_pack

TABLES = sa.MetaData()
PACK = load_pack("organizer")
INDEXES = [
    each
    for rule in PACK.rules
    if rule.id in ("organizer-unique-names", "organizer-indexes")
    for each in rule.parameters["indexes"]
]
USERS = 6
NOW = datetime(2025, 4, 1, 9, 0)
TYPES: dict[str, Any] = {
    "account_type": sa.String(16),
    "account_subtype": sa.String(64),
    "normalized_name": sa.String(255),
    "month": sa.String(7),
}


def _type(name: str) -> Any:
    if name in TYPES:
        return TYPES[name]
    if name.endswith("_id") or name in ("priority", "level", "mood"):
        return sa.Integer()
    return sa.Date() if name.endswith("date") else sa.DateTime() if name.endswith("_at") else sa.String(120)


def _define() -> None:
    for table in dict.fromkeys(each.table for each in PACK.promises if each.kind == "table"):
        indexes = [each for each in INDEXES if each["table"] == table]
        names = {"user_id": 0, **{name: 0 for each in indexes for name in each["columns"]}}
        if table == "finance_account":
            names |= {"name": 0, "account_type": 0, "account_subtype": 0, "normalized_name": 0, "created_at": 0}
        defaults = {"account_type": "asset"}
        columns = [sa.Column(name, _type(name), server_default=defaults.get(name)) for name in names]
        made = sa.Table(table, TABLES, sa.Column("id", sa.Integer, primary_key=True), *columns)
        for each in indexes:
            sa.Index(each["name"], *(made.c[name] for name in each["columns"]), unique=bool(each.get("unique")))
    sa.Table("alembic_version", TABLES, sa.Column("version_num", sa.String(32), primary_key=True))


_define()


def fill(connection: sa.Connection) -> None:
    """Write a row per user and table."""
    for name, table in TABLES.tables.items():
        if name == "alembic_version":
            connection.execute(table.insert(), [{"version_num": "f00dfeed0001"}])
            continue
        for user in range(1, USERS + 1):
            row: dict[str, object] = {"id": user, "user_id": user}
            for column in table.c:
                if column.name not in row:
                    row[column.name] = _value(column, user)
            connection.execute(table.insert(), [row])


def _value(column: sa.Column[Any], user: int) -> object:
    if column.name == "account_type":
        return "asset"
    if column.name == "normalized_name":
        return f"name {user}"
    if column.name == "name":
        return f" Name {user} "
    if column.name == "project_id" and user == 5:
        return None
    if isinstance(column.type, sa.Integer):
        return user
    return (
        date(2025, 4, 1)
        if isinstance(column.type, sa.Date)
        else NOW
        if isinstance(column.type, sa.DateTime)
        else "some"
    )


def damage(connection: sa.Connection) -> list[Planted]:
    """Break every rule of the pack."""
    planted = []
    for table, name in (
        ("habit", "uq_habit_user_name"),
        ("task", "ix_task_user_status"),
        ("skill", "uq_skill_user_name"),
    ):
        run(connection, f"DROP INDEX {name}")
        rule = "unique-names" if name.startswith("uq_") else "indexes"
        planted.append(Planted(f"organizer-{rule}", table, None))
    run(connection, "DROP INDEX uq_person_user_name")
    planted.append(Planted("organizer-unique-names", "person", None))
    for table in ("habit", "skill", "person"):
        others = ", ".join(column.name for column in TABLES.tables[table].c if column.name != "id")
        run(connection, f"INSERT INTO {table} (id, {others}) SELECT 900, {others} FROM {table} WHERE id = 1")
        planted += [Planted(f"organizer-same-{table}", table, row) for row in ("1", "900")]
    run(connection, "UPDATE finance_account SET normalized_name = NULL WHERE id = 2")
    run(connection, "UPDATE finance_account SET normalized_name = '' WHERE id = 3")
    run(connection, "UPDATE finance_account SET account_type = NULL WHERE id = 4")
    planted += [Planted("organizer-normalized-name", "finance_account", row) for row in ("2", "3")]
    planted.append(Planted("organizer-account-type", "finance_account", "4"))
    run(connection, "ALTER TABLE finance_account DROP COLUMN account_subtype")
    planted.append(Planted("organizer-account-columns", "finance_account", None))
    for table, column, to in (
        ("habit_log", "habit_id", "habit"),
        ("skill_log", "skill_id", "skill"),
        ("interaction", "person_id", "person"),
        ("finance_transaction", "account_id", "finance-account"),
        ("task", "project_id", "project"),
    ):
        rule = f"organizer-{table.replace('_', '-')}-{to}"
        if table == "task":  # the task of no project: the only one whose repair leaves the row
            run(connection, "UPDATE task SET project_id = 777 WHERE id = 5")
        else:
            run(connection, f"INSERT INTO {table} (id, user_id, {column}) VALUES (905, 5, 777)")
        planted.append(Planted(rule, table, "5" if table == "task" else "905"))
    run(connection, "DROP TABLE tag", "INSERT INTO alembic_version VALUES ('f00dfeed0002')")
    planted.append(Planted("organizer-migration-state", "alembic_version", None))
    return planted


FIXTURE = Fixture("organizer", TABLES, fill, damage)
