"""What to simulate and how much of it to damage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PROFILES = ("none", "mild", "production")
ERAS = ("v1", "v2")
MARKS = ("username", "username-plain", "user_id")
MIGRATIONS = range(6, 13)
# Shares of the rows of a table that production lost, per kind of damage.
PRODUCTION: dict[str, float] = {
    "author-ghost": 0.08,
    "author-none": 0.03,
    "author-wrong": 0.02,
    "prayer-deleted": 0.02,
    "prayer-path-tmp": 0.10,
    "prayer-path-null": 0.05,
    "text-truncated": 0.03,
    "mark-ghost": 0.08,
    "mark-none": 0.04,
    "mark-deleted": 0.03,
    "mark-duplicated": 0.01,
    "mark-reimported": 0.01,
    "mark-path-tmp": 0.05,
    "attr-ghost": 0.15,
    "log-ghost": 0.05,
    "inviter-null": 0.80,
    "inviter-ghost": 0.05,
    "token-user-null": 0.50,
    "user-deleted": 0.10,
    "user-twin": 0.043,
    "renamed": 0.02,
    # Era v2 only: a name is the key there.
    "key-variant": 0.03,
    "hex-left": 0.04,
    "user-key-variant": 0.03,
    "broken-rename": 0.03,
}
# Shares of the prayer files that years of use have changed, per kind.
WEATHER: dict[str, float] = {
    "crlf": 0.03,
    "bom": 0.02,
    "healed-unknown": 0.01,
    "torn-id": 0.01,
    "truncated": 0.01,
    "torn-line": 0.01,
    "author-variant": 0.05,
}
HEALED_EVERY = 50  # One prayer in so many owns a second file that a healing script wrote.


@dataclass(frozen=True, slots=True)
class Options:
    """One community; the same options give the same bytes.

    ``renamed``, ``twins`` and ``deleted_users`` are numbers of users, ``None`` for the profile's share. ``imitations``
    is the number of testimonies extended by lines that look like archive lines.

    ``marks`` is how the mark table of era v2 names its people (``username-plain`` declares no foreign key), ``migration`` the
    newest migration that the columns of era v2 show, ``mixed`` leaves columns of half-applied ones. ``exports`` adds what
    the bulk exporters write.
    """

    users: int = 40
    prayers: int = 150
    marks_per_prayer: float = 6.0
    months: int = 4
    seed: int = 1
    zone: str = "Europe/Berlin"
    damage: str = "production"
    renamed: int | None = None
    twins: int | None = None
    deleted_users: int | None = None
    weather: bool = True
    imitations: int = 0
    start: date = date(2025, 3, 3)
    era: str = "v1"
    marks: str = "username"
    migration: int = 12
    mixed: bool = False
    exports: bool = False

    def number(self, kind: str, total: int) -> int:
        """Return how many of ``total`` to damage in one way: at least one, unless nothing is to be damaged."""
        return max(1, round(total * self.share(kind))) if self.damage != "none" else 0

    def share(self, kind: str) -> float:
        """Return the share of rows to damage in one way under the chosen profile."""
        if self.damage == "none":
            return 0.0
        return PRODUCTION[kind] * (0.25 if self.damage == "mild" else 1.0)
