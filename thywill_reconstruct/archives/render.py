"""Archive files byte for byte as the application writes them (archive format spec, section 2).

Pure functions from values to text. Every function returns whole lines, each with its LF; headers include the
empty lines that follow them. What is typed by people goes in unescaped, exactly as the application does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from thywill_reconstruct.times import MONTHS, Minute, as_datetime, as_human

PRAYED = "prayed this prayer"
ANSWERED = "marked this prayer as answered"
ARCHIVED = "archived this prayer"
RESTORED = "restored this prayer"
FLAGGED = "flagged this prayer"

CATEGORIZATION_KEYS = (
    "Safety Score",
    "Safety Flags",
    "Category",
    "Specificity",
    "Categorization Method",
    "Categorization Confidence",
)


def month_name(year: int, month: int) -> str:
    """Return the month as titles write it: ``July 2025``."""
    return f"{MONTHS[month - 1]} {year}"


def prayer_file(
    prayer_id: str,
    author: str,
    submitted_minute: Minute,
    text: str,
    generated: str | None,
    tag: str | None = None,
    audience: str | None = None,
    categorization: Iterable[tuple[str, str]] = (),
) -> str:
    """Return a fresh prayer file, up to and including its ``Activity:`` line (section 2.1)."""
    header = [f"Prayer {prayer_id} by {author}", f"Submitted {as_human(submitted_minute)}"]
    if tag:
        header.append(f"Project: {tag}")
    if audience:
        header.append(f"Audience: {audience}")
    header.extend(f"{key}: {value}" for key, value in categorization)
    section = f"Generated Prayer:\n{generated}\n\n" if generated else ""
    return "\n".join(header) + f"\n\n{text}\n\n{section}Activity:\n"


def activity_line(minute: Minute, actor: str, predicate: str) -> str:
    """Return one line of a prayer file's activity section (section 2.1)."""
    return f"{as_human(minute)} - {actor} {predicate}\n"


def testimony(text: str) -> str:
    """Return the predicate of a testimony; its text may hold several lines."""
    return f"added testimony: {text}"


def attribute_set(attribute: str, new: str, old: str | None = None) -> str:
    """Return the predicate of a healed attribute change, with the old value if there was one."""
    return f"set {attribute} to '{new}'" if old is None else f"set {attribute} from '{old}' to '{new}'"


def attribute_removed(attribute: str, old: str) -> str:
    """Return the predicate of a healed attribute removal."""
    return f"removed {attribute} (was '{old}')"


def users_header(year: int, month: int) -> str:
    """Return the head of a monthly users file (section 2.2)."""
    return f"User Registrations for {month_name(year, month)}\n\n"


def registration_line(minute: Minute, name: str, inviter: str | None) -> str:
    """Return one registration; ``inviter`` ``None`` is a direct one (section 2.2)."""
    how = "joined directly" if inviter is None else f"joined on invitation from {inviter}"
    return f"{as_human(minute)} - {name} {how}\n"


def activity_header(year: int, month: int) -> str:
    """Return the head of a monthly activity log (section 2.3)."""
    return f"Activity for {month_name(year, month)}\n\n"


def date_header(minute: Minute) -> str:
    """Return the empty line and the date that open a day in the activity log (section 2.3)."""
    return f"\n{as_human(minute)[:-9]}\n"


def log_line(minute: Minute, actor: str, action: str) -> str:
    """Return one line of the activity log, such as ``09:05 - Max registered directly`` (section 2.3)."""
    return f"{as_human(minute)[-5:]} - {actor} {action}\n"


def table_header(title: str, columns: Sequence[str]) -> str:
    """Return the head of a live pipe table: title, format line, empty line."""
    return f"{title}\nFormat: {'|'.join(columns)}\n\n"


def table_line(values: Sequence[str]) -> str:
    """Return one row of a pipe table; the caller has replaced pipes where the application does (trap T16)."""
    return "|".join(values) + "\n"


def invite_usage_header(year: int, month: int) -> str:
    """Return the head of a monthly invite usage file (section 2.18)."""
    columns = ("timestamp", "token", "used_by_user", "created_by_user", "action")
    return table_header(f"Invite Token Usage for {month_name(year, month)}", columns)


def invite_usage_line(moment: datetime, token: str, used_by: str, creator: str) -> str:
    """Return one invite usage row; an empty ``used_by`` is the token's creation (section 2.18)."""
    return table_line((moment.isoformat(), token, used_by, creator, "token_used"))


def sessions_header(year: int, month: int, exported: Minute) -> str:
    """Return the head of a monthly sessions file; even a live one calls itself exported (section 2.21)."""
    columns = (
        "created_at",
        "session_id",
        "username",
        "expires_at",
        "device_info",
        "ip_address",
        "is_fully_authenticated",
    )
    return table_header(f"Sessions for {month_name(year, month)} (exported {as_human(exported)})", columns)


def session_line(
    created: Minute,
    session_id: str,
    user: str,
    expires: Minute,
    device: str | None,
    ip: str | None,
    full: bool,
) -> str:
    """Return one session row as the live application writes it (section 2.21)."""
    device = (device or "").replace("|", "_")
    yes = "yes" if full else "no"
    return table_line((as_human(created), session_id, user, as_human(expires), device, ip or "", yes))


def auth_requests_header(year: int, month: int) -> str:
    """Return the head of a monthly authentication requests file (section 2.7)."""
    columns = ("timestamp", "user_id", "device_info", "ip_address", "status", "details")
    return table_header(f"Authentication Requests for {month_name(year, month)}", columns)


def auth_request_line(moment: datetime, user: str, device: str, ip: str, expires: datetime) -> str:
    """Return one pending authentication request (section 2.7)."""
    details = f"expires_{expires.isoformat()},verification_required"
    return table_line((moment.isoformat(), user, device.replace("|", "_"), ip, "pending", details))


def auth_approvals_header(year: int, month: int) -> str:
    """Return the head of a monthly approvals file (section 2.8)."""
    columns = ("timestamp", "auth_request_id", "approver_user_id", "action", "details")
    return table_header(f"Authentication Approvals for {month_name(year, month)}", columns)


def auth_approval_line(moment: datetime, request_id: str, approver: str, action: str, details: str) -> str:
    """Return one approval or rejection (section 2.8)."""
    return table_line((moment.isoformat(), request_id, approver, action, details))


def security_events_header(year: int, month: int) -> str:
    """Return the head of a monthly security events file (section 2.9)."""
    columns = ("timestamp", "event_type", "user_id", "ip_address", "user_agent", "details")
    return table_header(f"Security Events for {month_name(year, month)}", columns)


def security_event_line(moment: datetime, event: str, user: str, ip: str, agent: str, details: str) -> str:
    """Return one security event (section 2.9)."""
    fields = (moment.isoformat(), event, user, ip, agent.replace("|", "_"), details.replace("|", "_"))
    return table_line(fields)


def role_assignments_header(year: int, month: int) -> str:
    """Return the head of a monthly role assignments file (section 2.13)."""
    columns = ("timestamp", "user_id", "role_name", "action", "granted_by", "expires_at", "details")
    return table_header(f"Role Assignments for {month_name(year, month)}", columns)


def role_assignment_line(
    moment: datetime, user: str, role: str, granted_by: str, details: str, expires: str = ""
) -> str:
    """Return one (de)activation of a user (section 2.13)."""
    return table_line((moment.isoformat(), user, role, "assigned", granted_by, expires, details))


def session_event_line(moment: datetime, session_id: str, user: str) -> str:
    """Return one line of a session event log; ``moment`` is aware UTC (section 2.20)."""
    return f"{moment.isoformat()} - Session {session_id} created for user {user}\n"


def membership_application(
    application_id: str, moment: datetime, ip: str | None, username: str, essay: str, contact: str | None
) -> str:
    """Return a pending membership application (section 2.22)."""
    return (
        f"MEMBERSHIP APPLICATION\n{'=' * 21}\n\n"
        f"Application ID: {application_id}\nSubmitted: {moment.isoformat()}\n"
        f"IP Address: {ip or 'Unknown'}\n\n"
        f"USERNAME: {username}\n\nESSAY/MOTIVATION:\n{essay}\n\n"
        f"CONTACT INFO: {contact or 'None provided'}\n\nSTATUS: pending\n"
    )


def membership_approval(by: str, moment: datetime, token: str) -> str:
    """Return the decision block that is appended to an approved application (section 2.22)."""
    return f"\nAPPROVED by {by} at {moment.isoformat()}\nInvite token: {token}\n"


def membership_rejection(by: str, moment: datetime, reason: str | None = None) -> str:
    """Return the decision block that is appended to a rejected application (section 2.22)."""
    return f"\nREJECTED by {by} at {moment.isoformat()}\n" + (f"Reason: {reason}\n" if reason else "")


def prayer_file_stem(minute: Minute) -> str:
    """Return a prayer file's name without suffix and extension: ``2025_07_06_prayer_at_0905``."""
    return as_datetime(minute).strftime("%Y_%m_%d_prayer_at_%H%M")
