"""What exporters leave beside the live archives: the unified bulk export of era v2, and the JSON export of era v1.

Archive format spec, sections 3.2 and 3.4. Both are written from the truth, before anything is damaged.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from thywill_reconstruct.times import as_human, iso_minute

from .store import ARCHIVES

_JSON_FOLDER = "community_export"


def write_exports(folder: Path, former: Mapping[str, str]) -> None:
    """Write every export that the era of ``truth.db`` knows into its archives.

    Args:
        folder: The community.
        former: name -> the id that it had in era v1; the JSON export pairs both.
    """
    connection = sqlite3.connect(folder / "truth.db")
    connection.row_factory = sqlite3.Row
    try:
        root = folder / ARCHIVES
        if connection.execute("SELECT 1 FROM pragma_table_info('prayer') WHERE name = 'author_username'").fetchone():
            _write_bulk_export(connection, root)
        _write_json(connection, root / _JSON_FOLDER, former)
    finally:
        connection.close()


def _stamp(value: object) -> str:
    minute = iso_minute(str(value))
    return "" if minute is None else as_human(minute)


def _piped(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|")


def _or(word: str) -> Callable[[object], str]:
    return lambda value: word if value is None else str(value)


def _yes(value: object) -> str:
    return "yes" if value else "no"


# Path, title, table, and per column of the format line: its name, the column it is read from, how it is written.
_Column = tuple[str, str, Callable[[object], str]]
_BULK: tuple[tuple[str, str, str, tuple[_Column, ...]], ...] = (
    (
        "prayers/prayer_attributes.txt", "Prayer Attributes", "prayer_attributes",
        (("id", "id", str), ("created_at", "created_at", _stamp), ("prayer_id", "prayer_id", str),
         ("attribute_name", "attribute_name", str), ("attribute_value", "attribute_value", _piped),
         ("created_by", "created_by", str)),
    ),
    (
        "prayers/prayer_marks.txt", "Prayer Marks", "prayermark",
        (("id", "id", str), ("created_at", "created_at", _stamp), ("prayer_id", "prayer_id", str),
         ("username", "username", str)),
    ),
    (
        "prayers/prayer_activity_logs.txt", "Prayer Activity Logs", "prayer_activity_log",
        (("id", "id", str), ("created_at", "created_at", _stamp), ("prayer_id", "prayer_id", str),
         ("user_id", "user_id", str), ("action", "action", str), ("old_value", "old_value", _piped),
         ("new_value", "new_value", _piped)),
    ),
    (
        "invites/invite_tokens.txt", "Invite Tokens", "invitetoken",
        (("token", "token", str), ("created_by_user", "created_by_user", str), ("usage_count", "usage_count", str),
         ("max_uses", "max_uses", lambda value: str(value) if value else "unlimited"),
         ("expires_at", "expires_at", _stamp), ("used_by_user_id", "used_by_user_id", _or("none"))),
    ),
    (
        "invites/invite_token_usage.txt", "Invite Token Usage", "invite_token_usage",
        (("claimed_at", "claimed_at", _stamp), ("invite_token_id", "invite_token_id", str), ("user_id", "user_id", str),
         ("ip_address", "ip_address", _or("unknown"))),
    ),
    (
        "roles/roles.txt", "System Roles", "role",
        (("id", "id", str), ("role_name", "name", str), ("description", "description", str),
         ("permissions", "permissions", str), ("created_by", "created_by", _or("system")),
         ("is_system_role", "is_system_role", _yes)),
    ),
    (
        "roles/user_roles.txt", "User Role Assignments", "user_roles",
        (("id", "id", str), ("granted_at", "granted_at", _stamp), ("user_id", "user_id", str),
         ("role_id", "role_id", str), ("granted_by", "granted_by", _or("system")),
         ("expires_at", "expires_at", lambda value: "never" if value is None else _stamp(value))),
    ),
)  # fmt: skip


def _write_bulk_export(connection: sqlite3.Connection, root: Path) -> None:
    """Write the files of the unified export; a table without rows, or without the columns, gets none."""
    newest = connection.execute("SELECT max(created_at) FROM prayer").fetchone()[0]
    exported, counts = _stamp(newest), []
    for name, title, table, columns in _BULK:
        present = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
        if not {column for _, column, _ in columns} <= present:
            continue
        rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid').fetchall()
        lines = ["|".join(write(row[column]) for _, column, write in columns) for row in rows]
        if lines:
            head = f"{title} (exported {exported})\nFormat: {'|'.join(name for name, _, _ in columns)}\n\n\n"
            _write(root / name, head + "\n".join(lines))
            counts.append(f"\N{BULLET} {table}: {len(lines)} records")
    sentence = "This export includes all database data organized by category:"
    summary = ["Complete Database Export Summary", f"Exported: {exported}", "", sentence, *counts]
    _write(root / "export_summary.txt", "\n".join(summary))
    if {"is_supporter"} <= {row[1] for row in connection.execute('PRAGMA table_info("user")')}:
        people = connection.execute('SELECT * FROM "user" ORDER BY display_name')
        _write(root / "users" / "user_attributes.txt", "User Attributes\n\n" + "".join(_attributes(people)))


def _attributes(people: Iterable[sqlite3.Row]) -> Iterable[str]:
    for person in people:
        supporter, dismissed = (str(bool(person[c])).lower() for c in ("is_supporter", "welcome_message_dismissed"))
        name = person["display_name"]
        yield f"username: {name}\nis_supporter: {supporter}\nwelcome_message_dismissed: {dismissed}\n\n"


def _write_json(connection: sqlite3.Connection, folder: Path, former: Mapping[str, str]) -> None:
    """Write the users of the JSON export: the only files that pair ids with names."""
    users: list[dict[str, Any]] = []
    for row in connection.execute('SELECT display_name, created_at FROM "user" ORDER BY rowid'):
        if row["display_name"] in former:
            created = row["created_at"].replace(" ", "T") + "Z"
            users.append(
                {"id": former[row["display_name"]], "display_name": row["display_name"], "created_at": created}
            )
    _write(folder / "users.json", json.dumps(users, indent=2, ensure_ascii=False))
    _write(folder / "metadata.json", json.dumps({"export_version": "1.0", "users": len(users)}, indent=2))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
