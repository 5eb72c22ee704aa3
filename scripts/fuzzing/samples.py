"""One small sound file of every kind, to be damaged: the live kinds and every dialect of exports."""

from __future__ import annotations

import json

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
WHEN = "July 16 2025 at 09:05"
ISO = "2025-07-16T09:05:33.120001"

_USER = {"id": "f" * 32, "display_name": "Max", "created_at": ISO + "Z", "invited_by_user_id": "admin"}
_MARK = {"id": "m1", "user_id": "f" * 32, "prayer_id": ID, "created_at": ISO + "Z"}


def _table(title: str, columns: str, *rows: str) -> str:
    return f"{title}\nFormat: {columns}\n\n" + "".join(row + "\n" for row in rows)


def _export(title: str, columns: str, *rows: str) -> str:
    return f"{title} (exported {WHEN})\nFormat: {columns}\n\n" + "".join("\n" + row for row in rows)


_PRAYER = (
    f"Prayer {ID} by Mary Johnson\nSubmitted {WHEN}\nProject: health\nAudience: all\n\nPlease pray: surgery.\n\nThanks.\n\n"
    f"Generated Prayer:\nLord, be near.\n\nAmen.\n\nActivity:\n{WHEN} - Max prayed this prayer\n"
    f"{WHEN} - Mary Johnson added testimony: Home.\nPraise!\n{WHEN} - Max set archived from 'None' to 'true'\n"
)
_LOG = (
    f"Activity for July 2025\n\n\nJuly 16 2025\n"
    f"09:05 - Mary Johnson submitted prayer {ID} (health)\n09:06 - Max prayed for prayer {ID}\n"
)
_SESSION = "created_at|session_id|username|expires_at|device_info|ip_address|is_fully_authenticated"

SAMPLES: dict[str, str] = {
    "prayers/2025/07/2025_07_16_prayer_at_0905.txt": _PRAYER,
    "users/2025_07_users.txt": f"User Registrations for July 2025\n\n{WHEN} - Max joined on invitation from ilyag\n",
    "activity/activity_2025_07.txt": _LOG,
    "system/2025_07_invite_usage.txt": _table(
        "Invite Token Usage for July 2025",
        "timestamp|token|used_by_user|created_by_user|action",
        f"{ISO}|ab12|Max|ilyag|token_used",
    ),
    "sessions/2025_07_sessions.txt": _table(
        f"Sessions for July 2025 (exported {WHEN})",
        _SESSION,
        f"{WHEN}|s1|Max|{WHEN}|Mozilla|203.0.113.7|yes{WHEN}|s2|Ann|{WHEN}|||no",
    ),
    "auth/2025_07_security_events.txt": _table(
        "Security Events for July 2025",
        "timestamp|event_type|user_id|ip_address|user_agent|details",
        f"{ISO}|session_created|Max|x|y|z",
    ),
    "auth/2025_07_auth_requests.txt": _table(
        "Authentication Requests for July 2025",
        "timestamp|user_id|device_info|ip_address|status|details",
        f"{ISO}|Max|d|i|pending|x",
    ),
    "roles/2025_07_role_assignments.txt": _table(
        "Role Assignments for July 2025",
        "timestamp|user_id|role_name|action|granted_by|expires_at|details",
        f"{ISO}|Max|deactivated|assigned|ilyag||posting\n\nads",
    ),
    "system/event_log/session_events_2025_07.txt": f"{ISO}+00:00 - Session s1 created for user Max\n",
    "system/current_state/active_sessions.txt": "# Active Sessions Snapshot\n# Total: 1\n\nSession s1:\n  User: Max\n",
    "system/system_config.txt": "System Configuration - Snapshot x\nFormat: key=value\n\na=b\n\nConfiguration items: 1",
    "membership_applications/20250920_200719_a.txt": (
        f"MEMBERSHIP APPLICATION\n{'=' * 21}\n\nApplication ID: a\nSubmitted: {ISO}\nIP Address: x\n\nUSERNAME: Anna\n\n"
        f"ESSAY/MOTIVATION:\nfree\n\nCONTACT INFO: y\n\nSTATUS: pending\n\nREJECTED by ilyag at {ISO}\nReason: no\n"
    ),
    "prayers/prayer_attributes.txt": _export(
        "Prayer Attributes",
        "id|created_at|prayer_id|attribute_name|attribute_value|created_by",
        f"a1|{WHEN}|{ID}|answer_testimony|Home.\n\nPraise \\| thanks|Max",
        f"a2|{WHEN}|{ID}|answered|true|Max",
    ),
    "prayers/prayer_marks.txt": _export("Prayer Marks", "id|created_at|prayer_id|username", f"m1|{WHEN}|{ID}|Max"),
    "prayers/prayer_activity_logs.txt": _export(
        "Prayer Activity Logs",
        "id|created_at|prayer_id|user_id|action|old_value|new_value",
        f"l1|{WHEN}|{ID}|Max|testimony||Home.\nYes",
    ),
    "invites/invite_tokens.txt": _export(
        "Invite Tokens",
        "token|created_by_user|usage_count|max_uses|expires_at|used_by_user_id",
        f"ab12|Max|1|unlimited|{WHEN}|none",
    ),
    "system/changelog_entries.txt": _export(
        "System Changelog Entries",
        "created_at|commit_id|original_message|friendly_description|change_type|commit_date",
        f"{WHEN}|abc|Fix\n\nmore|a\\\\nb|fixed|{WHEN}",
    ),
    "users/user_attributes.txt": (
        "User Attributes\n\nusername: Max\nis_supporter: true\n\nusername: Max\nis_supporter: false\n\n"
    ),
    "export_summary.txt": f"Complete Database Export Summary\nExported: {WHEN}\n\n\u2022 prayer_data: 3 records\n",
    "users.json": json.dumps([_USER, _USER], indent=2),
    "community_export_2025-06-20.json": json.dumps(
        {"export_metadata": {}, "users": [_USER], "prayer_marks": [_MARK]}, indent=2
    ),
    "personal/registration.txt": f"User Registration Information:\n\n{WHEN} - Max joined directly\n",
    "activities/my_prayer_activities.txt": (
        f"Prayer Activities for Max\n{'=' * 50}\n\nJuly 16 2025\n09:05 - Prayed for prayer {ID}\n\n"
    ),
}

# Pieces of every format, to be put where they do not belong.
_TEXTS = (
    "\n", "\n\n", "\r\n", "\0", "\u2028", "\x85", "\x1b[31m", "\u202e", "|", "\\|", "\\", "'", ": ", " - ",
    "Activity:", "\n\nActivity:\n", "\n\nGenerated Prayer:\n", f"Prayer {ID} by ", "Prayer temp by x",
    f"{WHEN} - ", f"\n{WHEN} - Max prayed this prayer", " added testimony: ", " set answer_testimony to '",
    " removed a (was '", " unknown", " joined directly", " joined on invitation from ", "July 16 2025\n",
    "February 30 2025\n", "29:99 - ", f" prayed for prayer {ID}", f"{ISO}|", f"{WHEN}|", "|yes", "|no",
    "Format: a|b\n", "CONTACT INFO: ", "ESSAY/MOTIVATION:\n", "[", "]", "{", "}", '"', ",", '\\"', "a=b\n",
    "  User: x\n", "Session x:\n", "username: x\n", "99999999999999999999",
)  # fmt: skip
PIECES = (*(piece.encode() for piece in _TEXTS), b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"\xc3")
