"""Measure ``reconstruct check`` on a database of millions of rows side by side with the plain SQL counts it needs.

    .venv/bin/python scripts/benchmarking/checks.py [--rows N] [--rounds N] [--folder DIR]

The other side is a process that opens the database and runs, one after the other, one hand-written count for every rule of
the ``thywill`` pack that has to look at every row of a large table. Both in alternating rounds; figures are medians.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from scripts.benchmarking.measure import RECONSTRUCT, Sample, measure  # noqa: E402
from thywill_reconstruct.database.models_v2 import create_tables  # noqa: E402

USERS = 20_000
# Shares of all rows; the rest are marks.
PRAYERS, LOG, ATTRIBUTES = 0.05, 0.25, 0.10
SERIES = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {})"
# From 2020 to 2024 with 10 million rows: none in the future.
MOMENT = "strftime('%Y-%m-%d %H:%M:%S.000000', 1600000000 + i * 13, 'unixepoch')"
# One reference in five hundred is broken.
SOMEBODY = "CASE WHEN i % 500 = 7 THEN 'Nobody ' || i ELSE 'User ' || (i * 7919 % {users} + 1) END"
FILL = (
    f"INSERT INTO user (display_name, created_at, welcome_message_dismissed, is_supporter) {SERIES} "
    f"SELECT 'User ' || i, {MOMENT}, 0, 0 FROM n",
    "INSERT INTO prayer (id, author_username, text, created_at, flagged, text_file_path, safety_score, safety_flags, "
    f"categorization_method, specificity_type, specificity_confidence, subject_category) {SERIES} "
    f"SELECT printf('%032x', i), {SOMEBODY}, 'Please pray', {MOMENT}, 0, 'text_archives/prayers/' || i || '.txt', "
    "1, '[]', 'default', 'unknown', 0, 'general' FROM n",
    f"INSERT INTO prayermark (id, username, prayer_id, created_at, text_file_path) {SERIES} "
    f"SELECT printf('%032x', i), {SOMEBODY}, printf('%032x', i % {{prayers}} + 1), {MOMENT}, "
    "'text_archives/prayers/' || (i % {prayers} + 1) || '.txt' FROM n",
    f"INSERT INTO prayer_activity_log (id, prayer_id, user_id, action, new_value, created_at) {SERIES} "
    f"SELECT printf('%032x', i), printf('%032x', i % {{prayers}} + 1), {SOMEBODY}, "
    f"CASE i % 3 WHEN 0 THEN 'set_answered' ELSE 'prayed' END, 'true', {MOMENT} FROM n",
    f"INSERT INTO prayer_attributes (id, prayer_id, attribute_name, attribute_value, created_at, created_by) {SERIES} "
    f"SELECT printf('%032x', i), printf('%032x', i % {{prayers}} + 1), 'answered', 'true', {MOMENT}, {SOMEBODY} FROM n",
)
COUNTS = """
import sqlite3, sys
PEOPLE = {"prayer": "author_username", "prayermark": "username", "prayer_activity_log": "user_id",
          "prayer_attributes": "created_by"}
DOUBLED = {"prayermark": "username, prayer_id", "prayer_attributes": "prayer_id, attribute_name",
           "prayer_activity_log": "prayer_id, user_id, action"}
DEAD = "text_file_path LIKE '/tmp/%' OR text_file_path LIKE '%/tmp/tmp%' " \
       "OR text_file_path LIKE 'disabled_archive_for_%' OR trim(text_file_path) = ''"
TRUE = "LIKE '%testimony%' AND lower(trim({})) = 'true'"
queries = []
for table, person in PEOPLE.items():
    rest = ["", f"WHERE {DEAD}", "WHERE created_at > datetime('now', '+1 day')",
            f"WHERE {person} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM user u WHERE u.display_name = {person})"]
    if table != "prayer":
        rest.append("WHERE NOT EXISTS (SELECT 1 FROM prayer p WHERE p.id = prayer_id)")
    if table in ("prayer", "prayermark"):
        rest.append(f"WHERE {person} IS NULL OR trim({person}) IN ('', 'None')")
    queries += [f"SELECT count(*) FROM {table} {each}" for each in rest]
for table, what in DOUBLED.items():
    twice = "" if table.endswith("attributes") else "AND (n > 2 OR min(at) = max(at) OR CAST(min(at) AS REAL) = 0)"
    queries.append(f"SELECT total(n) FROM (SELECT count(*) AS n FROM (SELECT *, substr(created_at, 18) AS at FROM {table}) "
                   f"GROUP BY {what}, substr(created_at, 1, 16) HAVING n > 1 {twice})")
queries += [
    "SELECT total(n) FROM (SELECT count(*) AS n FROM prayer GROUP BY text_file_path HAVING n > 1)",
    "SELECT count(*) FROM prayer_activity_log WHERE action IS NULL OR trim(action) IN ('', 'unknown')",
    "SELECT count(*) FROM prayer_activity_log WHERE action " + TRUE.format("new_value"),
    "SELECT count(*) FROM prayer_attributes WHERE attribute_name " + TRUE.format("attribute_value"),
    "SELECT count(*) FROM prayermark m JOIN prayer p ON p.id = m.prayer_id "
    "WHERE p.text_file_path = replace(m.text_file_path, '.txt', '_2.txt')",
]
connection = sqlite3.connect(sys.argv[1])
for query in queries:
    connection.execute(query).fetchone()
"""
# What `check` ends with where it finds something critical.
FOUND = 2


def make_database(path: Path, rows: int) -> None:
    """Fill a database of era v2 with so many rows, a few of them broken."""
    create_tables(f"sqlite:///{path}")
    prayers = int(rows * PRAYERS)
    others = (int(rows * LOG), int(rows * ATTRIBUTES))
    counts = (USERS, prayers, rows - USERS - prayers - sum(others), *others)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for statement, count in zip(FILL, counts, strict=True):
            connection.execute(statement.format(count, users=USERS, prayers=prayers))
        connection.commit()


def measure_checks(rows: int, rounds: int, folder: Path) -> list[dict[str, Sample]]:
    """Return what both sides took, round by round."""
    database = folder / "large.db"
    make_database(database, rows)
    commands: dict[str, Sequence[str | Path]] = {
        "check": [RECONSTRUCT, "check", "-q", "--format", "json", "--db", database],
        "counts": [sys.executable, "-c", COUNTS, database],
    }
    return [
        {
            kind: measure(commands[kind], folder, expected=FOUND if kind == "check" else 0)
            for kind in (sorted(commands) if number % 2 else commands)
        }
        for number in range(rounds)
    ]


def checks_line(rows: int, rounds: Sequence[Mapping[str, Sample]]) -> str:
    """Return the results as a Markdown table."""
    check, counts = (
        Sample(*map(median, zip(*(taken[kind] for taken in rounds), strict=True))) for kind in ("check", "counts")
    )
    ratio = median(taken["check"].wall / taken["counts"].wall for taken in rounds)
    return (
        f"A database of {rows:,} rows, without archives; medians of {len(rounds)} rounds.\n\n"
        "| process | seconds | processor | × counts | peak memory |\n|---|---:|---:|---:|---:|\n"
        f"| `reconstruct check`, all rules of the pack | {check.wall:.1f} | {check.processor:.1f} | {ratio:.2f} |"
        f" {check.megabytes:.0f} MB |\n"
        f"| plain SQL counts | {counts.wall:.1f} | {counts.processor:.1f} | 1.00 | {counts.megabytes:.0f} MB |\n"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the database is made (2 GB for 10 million rows)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
        print(checks_line(wanted.rows, measure_checks(wanted.rows, wanted.rounds, Path(folder))), end="")


if __name__ == "__main__":
    main()
