from __future__ import annotations

import pytest

from thywill_reconstruct.archives.registry import FORMATS, find_format


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("prayers/2025/07/2025_07_06_prayer_at_0905.txt", "prayer"),
        ("prayers/2025/07/2025_07_06_prayer_at_0905_2.txt", "prayer"),
        ("users/2025_07_users.txt", "registrations"),
        ("activity/activity_2025_07.txt", "activity"),
        ("system/2025_07_invite_usage.txt", "invite-usage"),
        ("sessions/2025_07_sessions.txt", "sessions"),
        ("auth/2025_07_auth_requests.txt", "auth-requests"),
        ("auth/2025_07_auth_approvals.txt", "auth-approvals"),
        ("auth/2025_07_security_events.txt", "security-events"),
        ("auth/2025_07_16_sessions_snapshot.txt", "session-snapshot"),
        ("auth/notifications/2025_07_notifications.txt", "notifications"),
        ("roles/2025_07_role_assignments.txt", "role-assignments"),
        ("roles/role_definitions.txt", "role-definitions"),
        ("roles/role_history.txt", "role-history"),
        ("prayers/attributes/2025_07_attributes.txt", "attributes"),
        ("prayers/marks/2025_07_marks.txt", "marks"),
        ("prayers/skips/2025_07_skips.txt", "skips"),
        ("system/invite_tokens.txt", "invite-tokens"),
        ("system/system_config.txt", "settings"),
        ("system/2025_07_feature_flags.txt", "feature-flags"),
        ("system/current_state/active_sessions.txt", "current-state"),
        ("system/event_log/session_events_2025_07.txt", "event-log"),
        ("membership_applications/20250920_200719_a38e.txt", "membership"),
        ("prayers/prayer_attributes.txt", "attributes-export"),
        ("prayers/prayer_marks.txt", "marks-export"),
        ("prayers/prayer_skips.txt", "skips-export"),
        ("prayers/prayer_activity_logs.txt", "logs-export"),
        ("users/notification_states.txt", "notifications-export"),
        ("users/user_attributes.txt", "user-attributes"),
        ("authentication/auth_requests.txt", "auth-requests-export"),
        ("authentication/auth_approvals.txt", "auth-approvals-export"),
        ("authentication/auth_audit_logs.txt", "auth-audit-export"),
        ("invites/invite_tokens.txt", "invite-tokens-export"),
        ("invites/invite_token_usage.txt", "invite-usage-export"),
        ("roles/roles.txt", "roles-export"),
        ("roles/user_roles.txt", "user-roles-export"),
        ("security/2025_07_security_events.txt", "security-export"),
        ("system/changelog_entries.txt", "changelog-export"),
        ("export_summary.txt", "export-summary"),
        ("database_exports/sessions/2025_07_sessions.txt", "sessions"),
        ("database_exports/invites/invite_tokens.txt", "invite-tokens-export"),
        ("database_exports/security/2025_07_security.txt", "security-export"),
        ("database_exports/authentication/auth_requests.txt", "auth-requests-export"),
        ("database_exports/roles/user_roles.txt", "user-roles-export"),
        ("prayers/prayer_0f3a_2025_07_06.txt", "prayer"),
        ("personal/registration.txt", "own-registration"),
        ("activities/my_prayer_activities.txt", "own-marks"),
        ("community/activity/activity_2025_07.txt", "activity"),
        ("community/users/2025_07_users.txt", "registrations"),
        ("users.json", "json-export"),
        ("prayer_activity_log.json", "json-export"),
        ("community_export_2025-06-20.json", "json-export"),
        ("backups/sessions_backup.json", "sessions-backup"),
        ("metadata.json", "metadata"),
        ("users/user_attributes.txt.backup", "backup"),
        ("archive_metadata.json", "metadata"),
        ("downloads/complete_site_archive_2025_07_16_0905.zip", "download"),
    ],
)
def test_every_path_of_the_layout_has_its_kind(path: str, kind: str) -> None:
    entry = find_format(path)
    assert entry is not None
    assert entry.kind == kind


@pytest.mark.parametrize("path", ["notes.txt", "users/notes.txt", "prayers/a.txt", "x/users/users.txt"])
def test_other_paths_have_none(path: str) -> None:
    assert find_format(path) is None


def test_no_path_belongs_to_two_parsers() -> None:
    samples = ["users/2025_07_users.txt", "auth/2025_07_16_sessions_snapshot.txt", "sessions/2025_07_sessions.txt"]
    for path in samples:
        assert sum(1 for entry in FORMATS if entry.pattern.fullmatch(path)) == 1
