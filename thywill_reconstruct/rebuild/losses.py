"""What archives cannot give back, per table and column (archive format spec, section 5.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Loss(NamedTuple):
    """One thing that a rebuilt database lacks; ``columns`` is ``*`` for the whole table."""

    table: str
    columns: str
    why: str


_ALWAYS = (
    Loss("user", "created_at", "to the minute, as the registration line has it"),
    Loss("prayer", "created_at", "to the minute, as the file has it"),
    Loss("prayer", "flagged", "archives do not record it: only a flag that somebody set is known"),
    Loss("prayermark", "id, created_at", "ids are new unless an export has them; times are to the minute"),
    Loss(
        "prayer_attributes", "id, created_at", "ids are new unless an export has them; times are to the minute, local"
    ),
    Loss("prayer_activity_log", "id, created_at", "ids are new unless an export has them; times are to the minute"),
)
_OF_ERA = {
    "v1": (
        Loss("user", "id", "new ids, the same on every machine, unless an export pairs them with names"),
        Loss("user", "religious_preference, prayer_style", "only the JSON export has them"),
        Loss("user", "welcome_message_dismissed", "nobody recorded it"),
    ),
    "v2": (
        Loss("user", "is_supporter, supporter_since, supporter_type", "only users/user_attributes.txt has them"),
        Loss("prayer", "safety_score to subject_category", "only files with a categorization block have them"),
    ),
}
_UNASKED = {
    "roles": ("role", "user_roles"),
    "sessions": ("session",),
    "tokens": ("invitetoken", "invite_token_usage"),
}
# What an exported table lacks, and what a table is missing if no export has it.
_EXPORTED = {
    "authenticationrequest": "verification_code, approved_by_user_id, approved_at",
    "authapproval": "id",
    "authauditlog": "id",
    "notification_state": "",
    "securitylog": "id",
    "changelogentry": "",
}


def losses_of(era: str, rows: Mapping[str, int], include: Collection[str]) -> tuple[Loss, ...]:
    """Return what a rebuilt database of an era lacks.

    Args:
        era: ``v1`` or ``v2``.
        rows: Table -> number of rows that it gets.
        include: The powers that were asked for.
    """
    found = [loss for loss in (*_ALWAYS, *_OF_ERA[era]) if rows.get(loss.table)]
    for word, tables in _UNASKED.items():
        for table in tables:
            if era == "v1" and table == "invite_token_usage":
                continue
            if word not in include:
                found.append(Loss(table, "*", f"lets somebody in: only with --include {word}"))
            elif not rows.get(table):
                found.append(Loss(table, "*", "no archive given has any"))
    for table, columns in _EXPORTED.items():
        if not rows.get(table):
            found.append(Loss(table, "*", "no archive given has any: they are in bulk exports only"))
        elif columns:
            found.append(Loss(table, columns, "no archive has it; ids are new, the same on every machine"))
    if not rows.get("prayerskip"):
        found.append(Loss("prayerskip", "*", "skipping a prayer is only in bulk exports"))
    return tuple(sorted(found))
