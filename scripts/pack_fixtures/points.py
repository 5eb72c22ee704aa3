"""The points tracker: 24 users, eight weeks of diary entries, goals, ledger and totals."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from scripts.pack_fixtures.fixture import Fixture, Planted, run

TABLES = sa.MetaData()
Row = dict[str, object]
START = date(2025, 3, 3)
USERS, DAYS = 24, 56

sa.Table("users", TABLES, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(80)))
DIARY = sa.Table(
    "diary_entry",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("entry_date", sa.Date),
    sa.Column("rating", sa.Integer),
)
STATS = sa.Table(
    "daily_stats",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("date", sa.Date),
    sa.Column("points", sa.Integer),
)
GOALS = sa.Table(
    "goals",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("week_start", sa.Date),
    sa.Column("week_end", sa.Date),
    sa.Column("status", sa.String(20)),
)
LEDGER = sa.Table(
    "points_log",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id")),
    sa.Column("date", sa.Date),
    sa.Column("source_type", sa.String(20)),
    sa.Column("source_id", sa.Integer),
    sa.Column("points", sa.Integer),
)
VERSION = sa.Table("alembic_version", TABLES, sa.Column("version_num", sa.String(32), primary_key=True))

for _name, _columns in (
    ("idx_diary_entry_user_id", (DIARY.c.user_id,)),
    ("idx_daily_stats_user_id", (STATS.c.user_id,)),
    ("idx_goals_user_id", (GOALS.c.user_id,)),
    ("idx_diary_entry_entry_date", (DIARY.c.entry_date,)),
    ("idx_daily_stats_date", (STATS.c.date,)),
    ("idx_goals_week_start", (GOALS.c.week_start,)),
    ("idx_goals_week_end", (GOALS.c.week_end,)),
    ("idx_diary_entry_user_date", (DIARY.c.user_id, DIARY.c.entry_date)),
    ("idx_daily_stats_user_date", (STATS.c.user_id, STATS.c.date)),
    ("idx_goals_user_status", (GOALS.c.user_id, GOALS.c.status)),
    ("idx_diary_entry_rating", (DIARY.c.rating,)),
):
    sa.Index(_name, *_columns)


def fill(connection: sa.Connection) -> None:
    """Write rows that agree with each other."""
    diary: list[Row] = []
    goals: list[Row] = []
    ledger: list[Row] = []
    stats: list[Row] = []
    for user in range(1, USERS + 1):
        for day in range(DAYS):
            today = START + timedelta(days=day)
            booked: list[tuple[str, object, int]] = [("login_bonus", None, 1)]
            if (user + day) % 3:
                diary.append(
                    {"id": len(diary) + 1, "user_id": user, "entry_date": today, "rating": 1 + (user * day) % 5}
                )
                booked.append(("diary_entry", diary[-1]["id"], 5))
            if day % 7 == 6:
                done = (user + day) % 2 == 0
                week = {"week_start": today - timedelta(days=6), "week_end": today}
                goals.append(
                    {"id": len(goals) + 1, "user_id": user, **week, "status": "completed" if done else "missed"}
                )
                booked += [("goal", goals[-1]["id"], 20)] if done else []
            of_day = {"user_id": user, "date": today}
            ledger += [
                {
                    "id": len(ledger) + n,
                    **of_day,
                    "source_type": kind,
                    "source_id": source,
                    "points": points,
                }
                for n, (kind, source, points) in enumerate(booked, start=1)
            ]
            total = sum(points for *_, points in booked)
            stats.append({"id": len(stats) + 1, "user_id": user, "date": today, "points": total})
    run(connection, *(f"INSERT INTO users VALUES ({n}, 'User {n}')" for n in range(1, USERS + 1)))
    for table, rows in ((DIARY, diary), (GOALS, goals), (LEDGER, ledger), (STATS, stats)):
        connection.execute(table.insert(), rows)
    run(connection, "INSERT INTO alembic_version VALUES ('a1b2c3d4e5f6')")


def damage(connection: sa.Connection) -> list[Planted]:
    """Break every rule of the pack, each in rows of its own."""
    planted: list[Planted] = []

    def scalar(sql: str) -> int:
        return int(connection.exec_driver_sql(sql).scalar_one())

    def stats_on(user: int, today: object) -> str:
        return str(scalar(f"SELECT id FROM daily_stats WHERE user_id = {user} AND date = '{today}'"))

    def stats_of(user: int, day: int) -> str:
        return stats_on(user, START + timedelta(days=day))

    for name, table in (("idx_diary_entry_user_id", "diary_entry"), ("idx_goals_user_status", "goals")):
        run(connection, f"DROP INDEX {name}")
        planted.append(Planted("points-indexes", table, None))
    run(connection, "INSERT INTO alembic_version VALUES ('0badc0ffee00')")
    planted.append(Planted("points-migration-state", "alembic_version", None))

    # Activity that the old path logged in the totals only: diary entries of user 1, goals of user 2, bonuses of user 3.
    for day in (0, 1):
        today = START + timedelta(days=day)
        entry = connection.exec_driver_sql(
            f"SELECT id FROM diary_entry WHERE user_id = 1 AND entry_date = '{today}'"
        ).scalar()
        if entry is not None:
            run(connection, f"DELETE FROM points_log WHERE source_type = 'diary_entry' AND source_id = {entry}")
            planted += [
                Planted("points-diary-without-ledger", "diary_entry", str(entry)),
                Planted("points-ledger-total", "daily_stats", stats_of(1, day)),
            ]
    goal = scalar("SELECT min(id) FROM goals WHERE user_id = 2 AND status = 'completed'")
    ended = connection.exec_driver_sql(f"SELECT week_end FROM goals WHERE id = {goal}").scalar_one()
    run(connection, f"DELETE FROM points_log WHERE source_type = 'goal' AND source_id = {goal}")
    planted += [
        Planted("points-goal-without-ledger", "goals", str(goal)),
        Planted(
            "points-ledger-total",
            "daily_stats",
            stats_on(2, ended),
        ),
    ]
    run(connection, f"DELETE FROM points_log WHERE user_id = 3 AND source_type = 'login_bonus' AND date = '{START}'")
    planted += [
        Planted("points-bonus-without-ledger", "daily_stats", stats_of(3, 0)),
        Planted("points-ledger-total", "daily_stats", stats_of(3, 0)),
    ]
    # A ledger entry without a source, on a day without a total; a source of no known kind; a source booked twice.
    alone = START + timedelta(days=400)
    run(
        connection,
        f"INSERT INTO points_log VALUES (900001, 4, '{alone}', 'diary_entry', 999999, 5)",
        f"INSERT INTO points_log VALUES (900002, 5, '{alone}', 'gift', 1, 5)",
    )
    first = scalar("SELECT min(id) FROM points_log WHERE user_id = 6 AND source_type = 'diary_entry'")
    again = connection.exec_driver_sql(f"SELECT date, source_id FROM points_log WHERE id = {first}").one()
    run(connection, f"INSERT INTO points_log VALUES (900003, 6, '{again[0]}', 'diary_entry', {again[1]}, 5)")
    planted += [
        Planted("points-ledger-source", "points_log", "900001"),
        Planted("points-ledger-total", "daily_stats", f"4, {alone}"),
        Planted("points-ledger-source", "points_log", "900002"),
        Planted("points-ledger-total", "daily_stats", f"5, {alone}"),
        Planted("points-duplicate-ledger", "points_log", str(first)),
        Planted("points-duplicate-ledger", "points_log", "900003"),
        Planted("points-ledger-total", "daily_stats", stats_on(6, again[0])),
    ]
    # A total that the ledger, which lacks nothing, does not give.
    stale = stats_of(9, 4)
    run(connection, f"UPDATE daily_stats SET points = points + 7 WHERE id = {stale}")
    planted += [Planted(rule, "daily_stats", stale) for rule in ("points-ledger-total", "points-stale-total")]
    # A day's total twice; an entry of nobody.
    double = stats_of(7, 3)
    run(
        connection,
        f"INSERT INTO daily_stats SELECT 900004, user_id, date, points FROM daily_stats WHERE id = {double}",
        f"INSERT INTO points_log VALUES (900005, NULL, '{START}', 'login_bonus', NULL, 1)",
    )
    planted += [
        Planted("points-duplicate-stats", "daily_stats", double),
        Planted("points-duplicate-stats", "daily_stats", "900004"),
        Planted("points-empty-ledger", "points_log", "900005"),
    ]
    # A week that ends before it starts (of a goal that earned nothing).
    late = scalar("SELECT min(id) FROM goals WHERE user_id = 8 AND status = 'missed'")
    run(connection, f"UPDATE goals SET week_end = '2024-01-01' WHERE id = {late}")
    planted.append(Planted("points-week-order", "goals", str(late)))
    return planted


FIXTURE = Fixture("points", TABLES, fill, damage)
