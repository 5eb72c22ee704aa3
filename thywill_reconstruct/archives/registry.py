"""Which format module reads which file: the one list to extend for another dialect.

A new dialect is a module in ``formats`` with a ``parse(path, text)`` and one line here. The first pattern that matches
the whole path (relative to the archive root) decides.

Only the exact names of the application are live. People and tools copy folders, and call the copies
``activity_2025_06 - Copy.txt``, ``2025_06_users (1).txt``, ``old/2025_06_users.txt`` and the like (section 7): a name that
holds that of a live file, and is not it, is a copy.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from thywill_reconstruct.archives.formats import (
    event_log,
    export_tables,
    invite_usage,
    json_export,
    membership,
    monthly_activity,
    personal,
    pipe_tables,
    prayers,
    registrations,
    snapshots,
    user_attributes,
)
from thywill_reconstruct.archives.parsed import Parser
from thywill_reconstruct.records import LIVE_NAMES


class Format(NamedTuple):
    """A file kind, the paths it lives at, and its parser; ``None`` if it is known but not read.

    ``pattern`` is of the names that the application gives; ``loose`` is of those that its readers take for such (section
    1.5). ``copies`` says that its files repeat lines of other files of the same archive. ``of`` is the live file of which
    one is a copy, as far as its name tells.
    """

    kind: str
    pattern: re.Pattern[str]
    parse: Parser | None
    loose: re.Pattern[str]
    copies: bool = False
    of: str = ""


def _format(kind: str, pattern: str, parse: Parser | None) -> Format:
    """Return a format; ``MONTH`` and ``DAY`` in its pattern stand for the dates in the names of live files."""
    exact, loose = (
        re.compile(pattern.replace("MONTH", month).replace("DAY", day), re.ASCII | re.DOTALL)
        for month, day in ((r"\d{4}_\d\d", r"\d{4}_\d\d_\d\d"), ("[^/]*", "[^/]*"))
    )
    return Format(kind, exact, parse, loose)


def _export(kind: str, pattern: str, *tables: export_tables.Table) -> Format:
    return _format(kind, rf"(?:database_exports/)?{pattern}", export_tables.export_parser(*tables))


def _table(kind: str, pattern: str, table: pipe_tables.Table) -> Format:
    return _format(kind, pattern, pipe_tables.table_parser(table))


METADATA = "metadata"
# A file of an older archive that one before it holds as well.
REPEATED = "repeated"
DOWNLOAD = "download"
BACKUP = "backup"

# The folders of the live layout (section 1.1): a text file in them that nobody knows is worth a word.
LIVE_FOLDERS = frozenset(
    {"prayers", "users", "activity", "auth", "roles", "system", "sessions", "membership_applications"}
)

# An unpacked JSON export may lie beside the live folders.
_EXPORTED = r"(?:[^/]*export[^/]*/)?"

# Most frequent kind first: it is matched once per file.
FORMATS: tuple[Format, ...] = (
    _format("prayer", LIVE_NAMES["prayer"], prayers.parse)._replace(
        loose=re.compile(r"prayers/[^/]+/[^/]+/[^/]+\.txt")
    ),
    _format("registrations", LIVE_NAMES["registrations"], registrations.parse)._replace(
        loose=re.compile(r"users/[^/]*_users\.txt")
    ),
    _format("activity", LIVE_NAMES["activity"], monthly_activity.parse)._replace(
        loose=re.compile(r"activity/activity_[^/]*\.txt")
    ),
    _format("invite-usage", r"system/MONTH_invite_usage\.txt", invite_usage.parse),
    _table("sessions", r"(?:database_exports/)?sessions/MONTH_sessions\.txt", pipe_tables.SESSIONS),
    _table("auth-requests", r"auth/MONTH_auth_requests\.txt", pipe_tables.AUTH_REQUESTS),
    _table("auth-approvals", r"auth/MONTH_auth_approvals\.txt", pipe_tables.AUTH_APPROVALS),
    _table("security-events", r"auth/MONTH_security_events\.txt", pipe_tables.SECURITY_EVENTS),
    _table("session-snapshot", r"auth/DAY_sessions_snapshot\.txt", pipe_tables.SESSION_SNAPSHOT),
    _table("notifications", r"auth/notifications/MONTH_notifications\.txt", pipe_tables.NOTIFICATIONS),
    _table("role-assignments", r"roles/MONTH_role_assignments\.txt", pipe_tables.ROLE_ASSIGNMENTS),
    _table("role-definitions", r"roles/role_definitions\.txt", pipe_tables.ROLE_DEFINITIONS),
    _table("role-history", r"roles/role_history\.txt", pipe_tables.ROLE_HISTORY),
    _table("attributes", r"prayers/attributes/MONTH_attributes\.txt", pipe_tables.ATTRIBUTES),
    _table("marks", r"prayers/marks/MONTH_marks\.txt", pipe_tables.MARKS),
    _table("skips", r"prayers/skips/MONTH_skips\.txt", pipe_tables.SKIPS),
    _table("feature-flags", r"system/MONTH_feature_flags\.txt", pipe_tables.FEATURE_FLAGS),
    _table("invite-tokens", r"system/invite_tokens\.txt", pipe_tables.INVITE_TOKENS),
    _format("settings", r"system/system_config\.txt", snapshots.parse_settings),
    _format("current-state", r"system/current_state/[^/]+\.txt", snapshots.parse_state),
    _format("event-log", r"system/event_log/[a-z]+_events_MONTH\.txt", event_log.parse),
    _format("membership", r"membership_applications/[^/]+\.txt", membership.parse),
    # Bulk exports (sections 1.2 and 1.3); those of the first form may lie in a folder of their own.
    _export("attributes-export", r"prayers/prayer_attributes\.txt", *export_tables.ATTRIBUTES),
    _export("marks-export", r"prayers/prayer_marks\.txt", *export_tables.MARKS),
    _export("skips-export", r"prayers/prayer_skips\.txt", *export_tables.SKIPS),
    _export("logs-export", r"prayers/prayer_activity_logs\.txt", *export_tables.LOGS),
    _export("notifications-export", r"users/notification_states\.txt", *export_tables.NOTIFICATIONS),
    _format("user-attributes", r"users/user_attributes\.txt", user_attributes.parse),
    _export("auth-requests-export", r"authentication/auth_requests\.txt", *export_tables.AUTH_REQUESTS),
    _export("auth-approvals-export", r"authentication/auth_approvals\.txt", *export_tables.AUTH_APPROVALS),
    _export("auth-audit-export", r"authentication/auth_audit_logs\.txt", *export_tables.AUTH_AUDIT),
    _export("invite-tokens-export", r"invites/invite_tokens\.txt", *export_tables.INVITE_TOKENS),
    _export("invite-usage-export", r"invites/invite_token_usage\.txt", *export_tables.INVITE_USAGE),
    _export("roles-export", r"roles/roles\.txt", *export_tables.ROLES),
    _export("user-roles-export", r"roles/user_roles\.txt", *export_tables.USER_ROLES),
    _export("security-export", r"security/[^/]*_security(?:_events)?\.txt", *export_tables.SECURITY_EVENTS),
    _export("changelog-export", r"system/changelog_entries\.txt", *export_tables.CHANGELOG),
    _format("export-summary", r"(?:database_exports/)?export_summary\.txt", export_tables.parse_summary),
    # A person's own download, the JSON export and backups of sessions (sections 3.3 to 3.5).
    _format("prayer", r"prayers/prayer_[^/]+_\d{4}_\d\d_\d\d\.txt", prayers.parse)._replace(copies=True),
    _format("registrations", r"community/users/[^/]*_users\.txt", registrations.parse)._replace(copies=True),
    _format("activity", r"community/activity/activity_[^/]*\.txt", monthly_activity.parse)._replace(copies=True),
    _format("own-registration", r"personal/registration\.txt", personal.parse_registration)._replace(copies=True),
    _format("own-marks", r"activities/my_prayer_activities\.txt", personal.parse_marks),
    _format("json-export", rf"{_EXPORTED}(?:{'|'.join(json_export.KINDS)})\.json", json_export.parse)._replace(
        copies=True
    ),
    _format("json-export", r"(?:[^/]+/){0,2}community_export_[^/]*\.json", json_export.parse)._replace(copies=True),
    _format("sessions-backup", r"(?:[^/]+/){0,2}sessions_backup[^/]*\.json", json_export.parse),
    _format(METADATA, rf"{_EXPORTED}(?:(?:archive_)?metadata\.json|README\.txt)", None),
    _format(BACKUP, r"users/user_attributes\.txt\.backup", None),
    _format(DOWNLOAD, r"downloads/[^/]+\.zip", None),
)


# What the names of dated live files have in them, whatever a copy's name puts around it.
_DATED = re.compile(
    r"(?<![0-9A-Za-z])(?:(\d{4})_(\d\d)_\d\d_prayer_at_\d{4}(?:_\d{1,3}(?![0-9A-Za-z]))?|activity_\d{4}_\d\d"
    r"|[a-z]+_events_\d{4}_\d\d|\d{4}_\d\d(?:_\d\d)?_(?:users|invite_usage|sessions_snapshot|sessions|auth_requests"
    r"|auth_approvals|security_events|notifications|role_assignments|attributes|marks|skips|feature_flags))",
    re.ASCII,
)
_HOMES = (
    "users/",
    "activity/",
    "system/",
    "sessions/",
    "auth/",
    "auth/notifications/",
    "roles/",
    "prayers/attributes/",
    "prayers/marks/",
    "prayers/skips/",
    "system/event_log/",
)
# No text, or what an interrupted write left.
_NO_COPY = (".tmp", ".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".swp", ".json")


def find_format(path: str) -> Format | None:
    """Return the format that reads a path, or ``None`` if no known file has this name, and none that a copy could have."""
    for entry in FORMATS:
        if entry.pattern.fullmatch(path):
            return entry
    live = _copied(path)
    for entry in FORMATS:
        if entry.pattern.fullmatch(live) or entry.loose.fullmatch(path):
            return entry._replace(copies=True, of=live or path)
    return None


def _copied(path: str) -> str:
    """Return the live file of which a file must be a copy, by its name; empty if it is none.

    >>> _copied("activity/activity_2025_06 - Copy.txt")
    'activity/activity_2025_06.txt'
    """
    dated = None if path.endswith(_NO_COPY) else _DATED.search(path.rpartition("/")[2])
    if dated is None:
        return ""
    homes = [f"prayers/{dated[1]}/{dated[2]}/"] if dated[1] else sorted(_HOMES, key=lambda home: home not in path)
    names = (f"{home}{dated[0]}.txt" for home in homes)
    return next((name for name in names if any(entry.pattern.fullmatch(name) for entry in FORMATS)), "")
