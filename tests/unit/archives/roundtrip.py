"""Write an archive file again from nothing but its records: what the reader keeps must be enough for the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats import pipe_tables
from thywill_reconstruct.archives.formats.pipe_tables import Table
from thywill_reconstruct.archives.parsed import Parsed
from thywill_reconstruct.records import Activity, AuxRecord, PrayerFile
from thywill_reconstruct.times import MINUTES_PER_DAY

MONTH = re.compile(r"(\d{4})_(\d{2})")

_PREDICATES = {
    "prayed": render.PRAYED,
    "answered": render.ANSWERED,
    "archived": render.ARCHIVED,
    "restored": render.RESTORED,
    "flagged": "flagged this prayer",
    "unknown": "unknown",
}


def written_again(kind: str, path: str, parsed: Parsed) -> str:
    """The text of a file of a live kind, made of its records and the month in its name."""
    return WRITERS[kind](path, parsed)


def _month(path: str) -> tuple[int, int]:
    found = MONTH.search(path.rpartition("/")[2])
    assert found is not None, path
    return int(found[1]), int(found[2])


def _prayer(path: str, parsed: Parsed) -> str:
    (prayer,) = parsed.prayers
    return _prayer_file(prayer) + "".join(_activity(activity) for activity in prayer.activities)


def _prayer_file(prayer: PrayerFile) -> str:
    assert prayer.submitted is not None
    return render.prayer_file(
        prayer.prayer_id or "temp",
        prayer.author,
        prayer.submitted,
        prayer.text,
        prayer.generated,
        prayer.tag,
        prayer.audience,
        prayer.categorization,
    )


def _activity(activity: Activity) -> str:
    name, *values = activity.detail.split("\0")
    if activity.kind == "other":
        return render.activity_line(activity.minute, *activity.detail.split(" ", 1))
    if activity.kind == "testimony":
        predicate = render.testimony(activity.detail)
    elif activity.kind == "set":
        predicate = render.attribute_set(name, values[-1], values[0] if len(values) == 2 else None)
    elif activity.kind == "removed":
        predicate = render.attribute_removed(name, values[0])
    else:
        predicate = _PREDICATES[activity.kind]
    return render.activity_line(activity.minute, activity.actor, predicate)


def _registrations(path: str, parsed: Parsed) -> str:
    lines = (render.registration_line(one.minute, *one.readings[0]) for one in parsed.registrations)
    return render.users_header(*_month(path)) + "".join(lines)


_ACTIONS: dict[str, Callable[[str, str], str]] = {
    "submitted": lambda prayer, tag: f"submitted prayer {prayer}" + (f" ({tag})" if tag else ""),
    "prayed": lambda prayer, _: f"prayed for prayer {prayer}",
    "answered": lambda prayer, _: f"marked prayer {prayer} as answered",
    "archived": lambda prayer, _: f"archived prayer {prayer}",
    "restored": lambda prayer, _: f"restored prayer {prayer}",
    "flagged": lambda prayer, _: f"flagged prayer {prayer}",
    "testimony": lambda prayer, _: f"added testimony for prayer {prayer}",
    "registered": lambda _, by: f"registered via invitation from {by}" if by else "registered directly",
}


def _log(path: str, parsed: Parsed) -> str:
    text, day = render.activity_header(*_month(path)), -1
    for entry in parsed.log:
        if entry.minute // MINUTES_PER_DAY != day:
            day = entry.minute // MINUTES_PER_DAY
            text += render.date_header(entry.minute)
        if entry.kind == "other":
            about = f" prayer {entry.prayer_id}" if entry.prayer_id else ""
            text += render.log_line(entry.minute, *f"{entry.detail}{about}".split(" ", 1))
            continue
        text += render.log_line(entry.minute, entry.actor, _ACTIONS[entry.kind](entry.prayer_id, entry.detail))
    return text


def _rows(records: object) -> str:
    assert isinstance(records, (list, tuple))
    return "".join(render.table_line([value for _, value in record.fields]) for record in records)


def _table(table: Table) -> Callable[[str, Parsed], str]:
    def write(path: str, parsed: Parsed) -> str:
        title = table.title + (render.month_name(*_month(path)) if table.title.endswith(" for ") else "")
        return render.table_header(title, table.columns) + _rows(parsed.others)

    return write


def _sessions(path: str, parsed: Parsed) -> str:
    """The title of a sessions file says when it was made, which is no fact: it is left out."""
    return _rows(parsed.others)


def _event_log(path: str, parsed: Parsed) -> str:
    return "".join(f"{record.fields[0][1]} - {record.fields[1][1]}\n" for record in parsed.others)


def _membership(path: str, parsed: Parsed) -> str:
    (record,) = parsed.others
    told = dict(record.fields)
    tail = ""
    if "decision" in told:
        tail = f"\n{told['decision'].upper()} by {told['decided_by']} at {told['decided_at']}\n"
        tail += f"Invite token: {told['invite_token']}\n" if "invite_token" in told else ""
        tail += f"Reason: {told['reason']}\n" if "reason" in told else ""
    lines = (
        "MEMBERSHIP APPLICATION", "=" * 21, "", f"Application ID: {told['id']}", f"Submitted: {told['submitted_at']}",
        f"IP Address: {told['ip_address']}", "", f"USERNAME: {told['username']}", "", "ESSAY/MOTIVATION:", told["essay"], "",
        f"CONTACT INFO: {told['contact_info']}", "", f"STATUS: {told['status']}", "",
    )  # fmt: skip
    return "\n".join(lines) + tail


def _invite_usage(path: str, parsed: Parsed) -> str:
    """Without the title and the times, which records keep to the minute only."""
    rows = (render.table_line((one.token, one.used_by, one.creator, "token_used")) for one in parsed.invite_uses)
    return "".join(rows)


def _state(path: str, parsed: Parsed) -> str:
    """Without the comment lines, which say when it was written."""
    return "".join(_block(record) for record in parsed.others)


def _block(record: AuxRecord) -> str:
    (_, head), *fields = record.fields
    return f"{head}:\n" + "".join(f"  {key}: {value}\n" for key, value in fields) + "\n"


WRITERS: dict[str, Callable[[str, Parsed], str]] = {
    "prayer": _prayer,
    "registrations": _registrations,
    "activity": _log,
    "invite-usage": _invite_usage,
    "sessions": _sessions,
    "auth-requests": _table(pipe_tables.AUTH_REQUESTS),
    "auth-approvals": _table(pipe_tables.AUTH_APPROVALS),
    "security-events": _table(pipe_tables.SECURITY_EVENTS),
    "notifications": _table(pipe_tables.NOTIFICATIONS),
    "role-assignments": _table(pipe_tables.ROLE_ASSIGNMENTS),
    "role-history": _table(pipe_tables.ROLE_HISTORY),
    "attributes": _table(pipe_tables.ATTRIBUTES),
    "marks": _table(pipe_tables.MARKS),
    "skips": _table(pipe_tables.SKIPS),
    "feature-flags": _table(pipe_tables.FEATURE_FLAGS),
    "current-state": _state,
    "event-log": _event_log,
    "membership": _membership,
}


def comparable(kind: str, text: str) -> str:
    """The part of a file that its records can tell: see the writers that leave something out."""
    if kind == "sessions":
        text = "\n".join(text.split("\n")[2:]).lstrip("\n")
        return re.sub(r"\|(yes|no)(?=[A-Z])", r"|\1\n", text) + ("" if text.endswith("\n") or not text else "\n")
    if kind == "invite-usage":
        return "".join(line.partition("|")[2] + "\n" for line in text.split("\n")[3:] if line)
    if kind == "current-state":
        return "".join(line + "\n" for line in text.split("\n\n", 1)[1].split("\n")) if "\n\n" in text else ""
    return text
