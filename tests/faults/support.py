"""Databases and plans for the tests of reading, writing and failing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from thywill_reconstruct.apply.digests import table_digests
from thywill_reconstruct.findings.finding import Entity, Finding, Risk, Value
from thywill_reconstruct.plan.operations import Columns, Operation, Plan

# Era v1 as the application's models make it (database schema spec, section 3).
ORM_V1 = """
CREATE TABLE user (id VARCHAR NOT NULL, display_name VARCHAR NOT NULL, created_at DATETIME NOT NULL,
    religious_preference VARCHAR(50), prayer_style VARCHAR(100), invited_by_user_id VARCHAR,
    invite_token_used VARCHAR, welcome_message_dismissed BOOLEAN NOT NULL, text_file_path VARCHAR,
    PRIMARY KEY (id), UNIQUE (display_name));
CREATE TABLE prayer (id VARCHAR NOT NULL, author_id VARCHAR NOT NULL, text VARCHAR NOT NULL, generated_prayer VARCHAR,
    project_tag VARCHAR, created_at DATETIME NOT NULL, flagged BOOLEAN NOT NULL, target_audience VARCHAR(50),
    text_file_path VARCHAR, PRIMARY KEY (id));
CREATE TABLE prayermark (id VARCHAR NOT NULL, user_id VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL,
    created_at DATETIME NOT NULL, text_file_path VARCHAR, PRIMARY KEY (id));
CREATE TABLE prayer_attributes (id VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL, attribute_name VARCHAR(50) NOT NULL,
    attribute_value VARCHAR(255), created_at DATETIME NOT NULL, created_by VARCHAR, text_file_path VARCHAR,
    PRIMARY KEY (id), FOREIGN KEY(prayer_id) REFERENCES prayer (id), FOREIGN KEY(created_by) REFERENCES user (id));
CREATE TABLE prayer_activity_log (id VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL, user_id VARCHAR NOT NULL,
    action VARCHAR(50) NOT NULL, old_value VARCHAR(255), new_value VARCHAR(255), created_at DATETIME NOT NULL,
    text_file_path VARCHAR, PRIMARY KEY (id), FOREIGN KEY(prayer_id) REFERENCES prayer (id),
    FOREIGN KEY(user_id) REFERENCES user (id));
CREATE TABLE invitetoken (token VARCHAR NOT NULL, created_by_user VARCHAR NOT NULL, used BOOLEAN NOT NULL,
    expires_at DATETIME NOT NULL, used_by_user_id VARCHAR, PRIMARY KEY (token));
CREATE TABLE role (id VARCHAR NOT NULL, name VARCHAR(50) NOT NULL, created_by VARCHAR, PRIMARY KEY (id));
"""
# Era v1 as migration 001 makes it: defaults in SQL, a primary key that may be NULL, columns nobody uses.
MIGRATED_V1 = """
CREATE TABLE user (id VARCHAR PRIMARY KEY, display_name VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
    religious_preference VARCHAR(50) DEFAULT 'unspecified', welcome_message_dismissed BOOLEAN DEFAULT 0,
    invited_by_user_id TEXT, invite_token_used TEXT, text_file_path TEXT);
CREATE TABLE prayer (id VARCHAR PRIMARY KEY, author_id VARCHAR NOT NULL, text TEXT NOT NULL, generated_prayer TEXT,
    project_tag VARCHAR, created_at TIMESTAMP NOT NULL, flagged BOOLEAN DEFAULT 0,
    target_audience VARCHAR(50) DEFAULT 'all', is_foundational BOOLEAN DEFAULT 0, prayer_context TEXT);
CREATE TABLE prayermark (id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL);
"""
TIME = "2025-07-01 10:00:00.000000"


def make_database(path: Path, *, marks: int = 40, journal_mode: str = "delete") -> Path:
    """A v1 community: 5 users, a prayer per 4 marks, marks by users 0 to 3 in turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prayers = max(1, marks // 4)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        connection.executescript(ORM_V1)
        connection.executemany(
            "INSERT INTO user VALUES (?, ?, ?, NULL, NULL, NULL, NULL, 0, NULL)",
            [(f"u{number}", f"Person {number}", TIME) for number in range(5)],
        )
        connection.executemany(
            "INSERT INTO prayer VALUES (?, ?, ?, NULL, NULL, ?, 0, 'all', ?)",
            [(f"p{n}", f"u{n % 4}", "Please pray for rain. " * 9, TIME, f"prayers/{n}.txt") for n in range(prayers)],
        )
        connection.executemany(
            "INSERT INTO prayermark VALUES (?, ?, ?, ?, ?)",
            [(f"m{n:06}", f"u{n % 4}", f"p{n % prayers}", TIME, f"prayers/{n % prayers}.txt") for n in range(marks)],
        )
        connection.execute("INSERT INTO invitetoken VALUES ('t0', 'system', 1, ?, 'u0')", (TIME,))
        connection.executemany("INSERT INTO role VALUES (?, ?, 'u0')", [("r0", "admin"), ("r1", "guide")])
        connection.commit()
    return path


def update(table: str, key: Value, before: Columns, after: Columns, risk: Risk = "fill") -> Operation:
    """An update by ``id``."""
    return Operation("update", table, "id", key, before, after, risk, ("MK001",), "a reason")


def insert(table: str, key: Value, after: Columns) -> Operation:
    """An insert of a row with this ``id``."""
    return Operation("insert", table, "id", key, (), (("id", key), *after), "recreate", ("US001",), "a reason")


def delete(table: str, key: Value, before: Columns) -> Operation:
    """A delete by ``id``."""
    return Operation("delete", table, "id", key, before, (), "delete", ("MK001",), "a reason")


def plan_of(
    operations: Iterable[Operation], repaired: tuple[Finding, ...] = (), skipped: tuple[Finding, ...] = ()
) -> Plan:
    """A plan of these operations."""
    return Plan(tuple(operations), repaired, skipped, "d" * 64, "a" * 64, "0.0")


def finding(key: str, code: str = "MK001", entity: Entity = "mark") -> Finding:
    """A finding on one row."""
    return Finding(code, entity, key, "user", "", "", (), (), "a reason")


def moving_plan(marks: int) -> Plan:
    """A plan for ``make_database``: a new user, to whom every mark moves, and one mark deleted."""
    new_user = insert("user", "u9", (("display_name", "Person 9"), ("created_at", TIME)))
    moves = [
        update("prayermark", f"m{n:06}", (("user_id", f"u{n % 4}"),), (("user_id", "u9"),)) for n in range(1, marks)
    ]
    return plan_of([new_user, *moves, delete("prayermark", "m000000", (("user_id", "u0"), ("prayer_id", "p0")))])


def digests(path: Path) -> dict[str, str]:
    """The digest of every table, read by a connection that may roll a crashed writer's journal back."""
    with closing(sqlite3.connect(path)) as connection:
        return table_digests(connection)


def journal_mode(path: Path) -> str:
    """The journal mode that the database is in."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def listing(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Name, inode, time of change, mode and content of everything in a folder."""
    found = {}
    for file in sorted(folder.iterdir()):
        status = file.stat()
        content = file.read_bytes() if file.is_file() else b""
        found[file.name] = (status.st_ino, status.st_mtime_ns, status.st_mode, content)
    return found


def run_in_child(work: object) -> int:
    """Run a callable in a forked process, and return that process's id; it ends with 0, or 1 after an exception."""
    assert callable(work)
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)
