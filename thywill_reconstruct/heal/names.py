"""Whom an archive line can name: readers must get out exactly the name that was written. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import partial

from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats import monthly_activity, prayers, registrations
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.records import Activity, LogEntry
from thywill_reconstruct.times import iso_minute

_LINE_END = re.compile(r"[\r\n]")
_SOME_MINUTE = iso_minute("2025-06-20 08:00") or 0
_SOME_ID = "0" * 32


def can_be_told(name: str, people: Container[str] = ()) -> bool:
    """Tell whether every kind of line reads back as this name: it may hold a line end, a time of its own, or nothing.

    Args:
        name: The name.
        people: Names that look like those of nobody and are people's.
    """
    if _LINE_END.search(name) or (is_placeholder(name) and name not in people):
        return False
    return _registered(name) and _wrote_and_prayed(name) and _logged(name)


def _registered(name: str) -> bool:
    text = render.users_header(2025, 6) + render.registration_line(_SOME_MINUTE, name, None) * 2
    read = registrations.parse("users/2025_06_users.txt", text).registrations
    return len(read) == 2 and all((name, None) in line.readings for line in read)


def _wrote_and_prayed(name: str) -> bool:
    head = render.prayer_file(_SOME_ID, name, _SOME_MINUTE, "text", None, None, None)
    line = partial(render.activity_line, _SOME_MINUTE, name)
    text = head + line(render.PRAYED) + line(render.testimony("thanks")) + line(render.PRAYED)
    (read,) = prayers.parse("prayers/2025/06/2025_06_20_prayer_at_0800.txt", text).prayers
    kinds = [activity.kind for activity in read.activities]
    return read.author == name and kinds == ["prayed", "testimony", "prayed"] and _all_by(name, read.activities)


def _logged(name: str) -> bool:
    action = f"prayed for prayer {_SOME_ID}"
    text = render.activity_header(2025, 6) + render.date_header(_SOME_MINUTE)
    text += render.log_line(_SOME_MINUTE, name, action) * 2
    read = monthly_activity.parse("activity/activity_2025_06.txt", text).log
    return len(read) == 2 and _all_by(name, read)


def _all_by(name: str, records: Iterable[Activity | LogEntry]) -> bool:
    return all(record.actor == name for record in records)
