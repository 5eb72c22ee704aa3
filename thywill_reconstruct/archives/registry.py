"""Which format module reads which file: the one list to extend for another dialect.

A new dialect is a module in ``formats`` with a ``parse(path, text)`` and one line here. The first pattern that matches
the whole path (relative to the archive root) decides.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from thywill_reconstruct.archives.formats import invite_usage, monthly_activity, prayers, registrations
from thywill_reconstruct.archives.parsed import Parser


class Format(NamedTuple):
    """A file kind, the paths it lives at, and its parser; ``None`` if it is known but not read."""

    kind: str
    pattern: re.Pattern[str]
    parse: Parser | None


def _format(kind: str, pattern: str, parse: Parser | None) -> Format:
    return Format(kind, re.compile(pattern, re.ASCII | re.DOTALL), parse)


# Most frequent kind first: it is matched once per file.
FORMATS: tuple[Format, ...] = (
    _format("prayer", r"prayers/[^/]+/[^/]+/[^/]+\.txt", prayers.parse),
    _format("registrations", r"users/[^/]*_users\.txt", registrations.parse),
    _format("activity", r"activity/activity_[^/]*\.txt", monthly_activity.parse),
    _format("invite-usage", r"system/[^/]*_invite_usage\.txt", invite_usage.parse),
)


def find_format(path: str) -> Format | None:
    """Return the format that reads a path, or ``None`` if no known file has this name."""
    for entry in FORMATS:
        if entry.pattern.fullmatch(path):
            return entry
    return None
