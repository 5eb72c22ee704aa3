"""The budgeting app: 20 users with three filled months, goals, habits, and constraints that keep them whole."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from scripts.pack_fixtures.fixture import Fixture, Planted, run

TABLES = sa.MetaData()
Row = dict[str, object]
USERS, FIRST_DAY, DAYS = 20, date(2025, 3, 1), 92
CREATED = datetime(2025, 2, 20, 8, 0)
KEY: Any = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MONEY = sa.Numeric(12, 2)
# Clean rows that hold what repairs fill in: (user, day) of plans, (user, day, part) of deleted transactions.
NOTHING_PLANNED, NO_PLAN_CATEGORY = (14, 6), (17, 4)
NOTHING_SPENT, NO_CATEGORY, IN_TIME = (17, 7, 2), (17, 3, 2), (17, 11, 2)
NOBODY = str(uuid.UUID(int=0xDEAD))


def _table(name: str, *columns: sa.schema.SchemaItem, key: Any = KEY) -> sa.Table:
    return sa.Table(name, TABLES, sa.Column("id", key, primary_key=True), *columns)


def _of(table: str, column: str = "user_id") -> sa.Column[Any]:
    return sa.Column(column, KEY, sa.ForeignKey(f"{table}.id", name=f"fk_{table}_{uuid.uuid4().hex[:8]}"))


def _times(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime) for name in names]


_table(
    "users",
    sa.Column("email", sa.String(255)),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("monthly_income", MONEY),
    sa.Column("has_onboarded", sa.Boolean),
    *_times("created_at", "updated_at"),
)
sa.Index("uq_users_email", TABLES.tables["users"].c.email, unique=True)
_table(
    "goals",
    _of("users"),
    sa.Column("title", sa.String(200)),
    sa.Column("target_amount", sa.Numeric(10, 2)),
    sa.Column("saved_amount", sa.Numeric(10, 2)),
    sa.Column("progress", sa.Numeric(7, 4)),
    sa.Column("status", sa.String(20)),
    *_times("completed_at", "created_at", "deleted_at"),
)
_table(
    "transactions",
    _of("users"),
    _of("goals", "goal_id"),
    sa.Column("category", sa.String(50)),
    sa.Column("amount", MONEY),
    *_times("spent_at", "created_at", "updated_at", "deleted_at"),
)
sa.Index(
    "ix_transactions_user_id_spent_at",
    TABLES.tables["transactions"].c.user_id,
    TABLES.tables["transactions"].c.spent_at,
)
# The foreign keys and the unique index of these three are what hardening adds; without them is how they were found.
_table(
    "daily_plan",
    sa.Column("user_id", KEY, sa.ForeignKey("users.id", name="fk_plan_user")),
    sa.Column("date", sa.Date),
    sa.Column("category", sa.String(50)),
    sa.Column("planned_amount", MONEY),
    sa.Column("spent_amount", MONEY),
    *_times("created_at"),
)
PLAN = TABLES.tables["daily_plan"]
sa.Index("uq_daily_plan", PLAN.c.user_id, PLAN.c.date, PLAN.c.category, unique=True)
_table("habits", _of("users"), sa.Column("title", sa.String(200)), sa.Column("frequency", sa.String(20)))
_table("habit_completions", _of("habits", "habit_id"), _of("users"), *_times("completed_at"))
sa.Index("ix_habit_completions_habit_id", TABLES.tables["habit_completions"].c.habit_id)
_table(
    "installments",
    _of("users"),
    sa.Column("total_amount", MONEY),
    sa.Column("payment_amount", MONEY),
    *_times("deleted_at"),
)
_table("subscriptions", _of("users"), sa.Column("platform", sa.String(20)), sa.Column("status", sa.String(20)))
_table(
    "ai_analysis_snapshots",
    _of("users"),
    sa.Column("rating", sa.String(5)),
    sa.Column("risk", sa.String(20)),
    key=sa.Integer,
)
sa.Index("ix_goals_user_id", TABLES.tables["goals"].c.user_id)


def key(table: str, number: int) -> str:
    """Return the id of a row."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{table}/{number}"))


def fill(connection: sa.Connection) -> None:
    """Write rows that agree with each other."""
    rows: dict[str, list[Row]] = {name: [] for name in TABLES.tables}
    for n in range(USERS):
        user = key("users", n)
        stamp = {"created_at": CREATED, "updated_at": CREATED + timedelta(days=1)}
        account = {"email": f"user{n}@example.org", "password_hash": "x" * 60, "monthly_income": Decimal(3000)}
        rows["users"].append({"id": user, **account, "has_onboarded": n % 4 != 0, **stamp})
        goal = {
            "title": f"Goal {n}",
            "target_amount": Decimal(800),
            "saved_amount": Decimal(100),
            "progress": Decimal("12.5"),
        }
        rows["goals"].append(
            {
                "id": key("goals", n),
                "user_id": user,
                **goal,
                "status": "active",
                "completed_at": CREATED if n == 11 else None,
                "created_at": CREATED,
            }
        )
        rows["habits"].append({"id": key("habits", n), "user_id": user, "title": "Read", "frequency": "daily"})
        rows["habit_completions"].append(
            {"id": key("done", n), "habit_id": key("habits", n), "user_id": user, "completed_at": CREATED}
        )
        amounts = {"total_amount": Decimal(100), "payment_amount": Decimal(10)}
        rows["installments"].append({"id": key("installments", n), "user_id": user, **amounts})
        rows["subscriptions"].append({"id": key("subs", n), "user_id": user, "platform": "web", "status": "active"})
        rows["ai_analysis_snapshots"].append({"id": n + 1, "user_id": user, "rating": "B", "risk": "low"})
        for day in range(DAYS if n % 4 else 3):
            _fill_day(rows, n, day)
    for name in ("users", "goals", "transactions", "daily_plan", "habits"):
        connection.execute(TABLES.tables[name].insert(), rows[name])
    for name in ("habit_completions", "installments", "subscriptions", "ai_analysis_snapshots"):
        connection.execute(TABLES.tables[name].insert(), rows[name])


def _fill_day(rows: dict[str, list[Row]], n: int, day: int) -> None:
    """Plan a day, and spend on most days: two transactions that count and one that was deleted."""
    today = FIRST_DAY + timedelta(days=day)
    spent = Decimal(0)
    for part in range(day % 4):
        amount = Decimal(5 + part) + Decimal("0.35") if (n, day, part) != NOTHING_SPENT else Decimal(0)
        deleted = CREATED + timedelta(days=200) if part == 2 else None
        when = datetime(today.year, today.month, today.day, 10 + part)
        stamp = {"spent_at": when, "created_at": when, "updated_at": when, "deleted_at": deleted}
        transaction = {"user_id": key("users", n), "goal_id": key("goals", n) if part else None}
        transaction["category"] = "uncategorized" if (n, day, part) == NO_CATEGORY else "food"
        rows["transactions"].append({"id": key(f"t{n}-{day}", part), **transaction, "amount": amount, **stamp})
        spent += amount if deleted is None else 0
    planned = Decimal(0) if (n, day) == NOTHING_PLANNED else Decimal(20)
    plan = {"planned_amount": planned, "spent_amount": spent, "created_at": CREATED}
    category = "uncategorized" if (n, day) == NO_PLAN_CATEGORY else "food"
    rows["daily_plan"].append(
        {"id": key(f"d{n}", day), "user_id": key("users", n), "date": today, "category": category, **plan}
    )


def damage(connection: sa.Connection) -> list[Planted]:
    """Break every rule of the pack, each in rows of its own."""
    planted: list[Planted] = []
    if connection.dialect.name == "postgresql":
        run(
            connection, "SET LOCAL session_replication_role = replica"
        )  # foreign keys look away, as after a bad restore

    def plant(rule: str, table: str, row: str, change: str) -> None:
        run(connection, f"UPDATE {table} SET {change} WHERE id = '{row}'")
        planted.append(Planted(f"budget-{rule}", table, row))

    _drop_constraints(connection, planted)
    nobody = f"'{NOBODY}'"
    for n, (rule, table, columns, values) in enumerate(
        (
            ("goal-user", "goals", "title, target_amount, saved_amount, progress", "'Of nobody', 10, 0, 0"),
            ("habit-user", "habits", "title", "'Of nobody'"),
            ("completion-user", "habit_completions", "habit_id", f"'{key('habits', 2)}'"),
            ("installment-user", "installments", "total_amount, payment_amount", "5, 1"),
            ("subscription-user", "subscriptions", "status", "'active'"),
        )
    ):
        run(
            connection,
            f"INSERT INTO {table} (id, user_id, {columns}) VALUES ('{key('lost', n)}', {nobody}, {values})",
        )
        planted.append(Planted(f"budget-{rule}", table, key("lost", n)))
    run(connection, f"INSERT INTO ai_analysis_snapshots (id, user_id, rating) VALUES (900, {nobody}, 'B')")
    planted.append(Planted("budget-snapshot-user", "ai_analysis_snapshots", "900"))
    run(connection, "INSERT INTO ai_analysis_snapshots (id, rating) VALUES (901, 'B')")
    planted.append(Planted("budget-snapshot-nulls", "ai_analysis_snapshots", "901"))
    for n, (rule, table, columns, values) in enumerate(
        (
            ("completion-nulls", "habit_completions", "habit_id", f"'{key('habits', 4)}'"),
            ("installment-nulls", "installments", "total_amount, payment_amount", "5, 1"),
            ("subscription-nulls", "subscriptions", "status", "'active'"),
        )
    ):
        run(connection, f"INSERT INTO {table} (id, {columns}) VALUES ('{key('empty', n)}', {values})")
        planted.append(Planted(f"budget-{rule}", table, key("empty", n)))
    plant("habit-nulls", "habits", key("habits", 15), "title = NULL")
    plant("user-created", "users", key("users", 10), "created_at = NULL")
    plant("transaction-created", "transactions", key("t2-5", 0), "created_at = NULL")
    # What belongs to rows of nobody: a completion goes with its habit, a transaction outlives its goal.
    done = "INSERT INTO habit_completions (id, habit_id, user_id) VALUES"
    run(connection, f"{done} ('{key('lost', 7)}', '{key('lost', 1)}', '{key('users', 6)}')")
    run(connection, f"{done} ('{key('lost', 6)}', {nobody}, '{key('users', 6)}')")
    planted.append(Planted("budget-completion-habit", "habit_completions", key("lost", 6)))
    run(connection, f"UPDATE transactions SET goal_id = '{key('lost', 0)}' WHERE id = '{key('t2-1', 0)}'")
    new = "INSERT INTO transactions (id, user_id, category, amount, spent_at, created_at, updated_at) VALUES "
    at = "'2025-03-05 10:00:00'"
    for n, (rule, user, category, amount) in enumerate(
        (
            ("transaction-user", f"'{NOBODY}'", "'food'", "5"),
            ("transaction-nulls", "NULL", "'food'", "5"),
        )
    ):
        run(connection, f"{new} ('{key('new', n)}', {user}, {category}, {amount}, {at}, {at}, {at})")
        planted.append(Planted(f"budget-{rule}", "transactions", key("new", n)))
    now = datetime.now().isoformat(" ", "seconds")
    run(connection, f"{new} ('{key('new', 9)}', '{key('users', 1)}', 'travel', 0, '{now}', '{now}', '{now}')")
    planted.append(Planted("budget-recent-trouble", "transactions", key("new", 9)))
    for rule, (owner, day, part), change in (
        ("transaction-category", NO_CATEGORY, "category = NULL"),
        ("negative-amount", NOTHING_SPENT, "amount = -5"),
        ("future-spending", IN_TIME, "spent_at = '2199-01-01 00:00:00'"),
    ):
        plant(rule, "transactions", key(f"t{owner}-{day}", part), change)
    plant("transaction-goal", "transactions", key("t1-3", 0), f"goal_id = '{NOBODY}'")
    plant("updated-transactions", "transactions", key("t1-7", 1), "updated_at = '2020-01-01 00:00:00'")
    plant("updated-users", "users", key("users", 2), "updated_at = '2020-01-01 00:00:00'")
    plant(
        "future-user",
        "users",
        key("users", 3),
        "created_at = '2198-01-01 00:00:00', updated_at = '2198-01-02 00:00:00'",
    )
    planted.append(Planted("budget-future-user-update", "users", key("users", 3)))
    plant("future-transaction-update", "transactions", key("t1-11", 0), "updated_at = '2198-01-01 00:00:00'")
    plant(
        "future-transaction",
        "transactions",
        key("t1-11", 1),
        "created_at = '2198-01-01 00:00:00', updated_at = '2198-01-01 00:00:00'",
    )
    planted.append(Planted("budget-future-transaction-update", "transactions", key("t1-11", 1)))
    plant("future-goal", "goals", key("goals", 13), "created_at = '2198-01-01 00:00:00'")
    plant("future-goal-completed", "goals", key("goals", 14), "completed_at = '2198-01-01 00:00:00'")
    plant("user-nulls", "users", key("users", 5), "password_hash = NULL")
    plant("missing-income", "users", key("users", 6), "monthly_income = NULL")
    run(
        connection,
        "INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES "
        f"('{key('users', 99)}', ' USER8@example.org', 'y', '2025-02-01 08:00:00', '2025-02-01 08:00:00')",
    )
    planted += [Planted("budget-same-email", "users", key("users", n)) for n in (99, 8)]
    plant("goal-progress", "goals", key("goals", 8), "progress = 99")
    plant("goal-nulls", "goals", key("goals", 9), "title = NULL")
    plant("goal-limits", "goals", key("goals", 10), "saved_amount = 900, progress = 112.5")
    plant("goal-completed", "goals", key("goals", 11), "completed_at = '2020-01-01 00:00:00'")
    run(
        connection,
        "INSERT INTO goals (id, user_id, title, target_amount, saved_amount, progress, deleted_at) VALUES "
        f"('{key('goals', 99)}', '{key('users', 12)}', 'Given up', 10, 0, 0, '2025-06-30 00:00:00')",
    )
    plant("deleted-goal", "transactions", key("t13-5", 0), f"goal_id = '{key('goals', 99)}'")
    plant("future-completion", "habit_completions", key("done", 13), "completed_at = '2199-01-01 00:00:00'")
    _damage_plans(connection, plant, planted)
    return planted


def _drop_constraints(connection: sa.Connection, planted: list[Planted]) -> None:
    run(connection, "DROP INDEX uq_daily_plan")  # which also was the index of daily_plan
    planted += [Planted(f"budget-{rule}", "daily_plan", None) for rule in ("constraints", "indexes")]
    run(connection, "DROP INDEX uq_users_email")
    planted.append(Planted("budget-constraints", "users", None))
    (declared,) = TABLES.tables["habits"].foreign_key_constraints
    planted.append(Planted("budget-declared-keys", "habits", None))
    if connection.dialect.name == "postgresql":
        run(connection, f"ALTER TABLE habits DROP CONSTRAINT {declared.name}")
        run(connection, "ALTER TABLE daily_plan ALTER COLUMN planned_amount TYPE numeric(10, 1)")
        run(connection, "ALTER TABLE goals ALTER COLUMN saved_amount TYPE numeric(12, 4)")
    else:  # SQLite can alter neither types nor keys: the words in the schema are all there is to change.
        key = f", \n\tCONSTRAINT {declared.name} FOREIGN KEY(user_id) REFERENCES users (id)"
        run(connection, "PRAGMA writable_schema = ON")
        for table, old, new in (
            ("daily_plan", "planned_amount NUMERIC(12, 2)", "planned_amount NUMERIC(10, 1)"),
            ("goals", "saved_amount NUMERIC(10, 2)", "saved_amount NUMERIC(12, 4)"),
            ("habits", key, ""),
        ):
            run(connection, f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{table}'")
        run(connection, "PRAGMA writable_schema = OFF")
    # Of two columns neither is the right one: the one that is reported comes first in order.
    planted += [
        Planted("budget-precision-spending", "daily_plan", None),
        Planted("budget-precision-goals", "goals", None),
    ]


def _damage_plans(connection: sa.Connection, plant: Any, planted: list[Planted]) -> None:
    plant("spent-total", "daily_plan", key("d14", 5), "spent_amount = 77")
    plant("negative-plan", "daily_plan", key("d14", 6), "planned_amount = -1")
    plant("plan-planned", "daily_plan", key("d14", 8), "planned_amount = NULL")
    plant("plan-spent", "daily_plan", key("d14", 9), "spent_amount = NULL")
    planted.append(Planted("budget-spent-total", "daily_plan", key("d14", 9)))
    plant("future-plan", "daily_plan", key("d14", 10), "created_at = '2198-01-01 00:00:00'")
    again = key("again", 1)
    run(
        connection,
        "INSERT INTO daily_plan (id, user_id, date, category, planned_amount, spent_amount, created_at) "
        f"SELECT '{again}', user_id, date, category, planned_amount, spent_amount, '2025-02-19 08:00:00' "
        f"FROM daily_plan WHERE id = '{key('d14', 7)}'",
    )
    planted += [Planted("budget-same-plan", "daily_plan", row) for row in (again, key("d14", 7))]
    user, day = NO_PLAN_CATEGORY
    plant("plan-nulls", "daily_plan", key(f"d{user}", day), "category = NULL")
    columns = "(id, user_id, date, category, planned_amount, spent_amount, created_at)"
    values = f"'2025-03-01', 'food', 5, 0, '{CREATED}'"
    run(connection, f"INSERT INTO daily_plan {columns} VALUES ('{key('null', 2)}', '{NOBODY}', {values})")
    planted.append(Planted("budget-plan-user", "daily_plan", key("null", 2)))
    run(connection, f"DELETE FROM daily_plan WHERE id = '{key('d15', 40)}'")
    planted.append(Planted("budget-calendar", "users", key("users", 15)))


FIXTURE = Fixture("budget", TABLES, fill, damage)
