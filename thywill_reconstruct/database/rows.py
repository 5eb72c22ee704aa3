"""The snapshot: the rows that archives can say something about, in era-independent form.

In era v1 a user's ``key`` is the id, in v2 it is the display name (database schema spec, sections 3 and 4). Values are as
stored; ``created`` is the stored text. A field whose column the schema lacks is ``None``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from thywill_reconstruct.database.schema import Schema


class UserRow(NamedTuple):
    """A row of ``user``."""

    key: str
    name: str
    created: str | None
    inviter: str | None
    token: str | None
    path: str | None


class PrayerRow(NamedTuple):
    """A row of ``prayer``."""

    key: str
    author: str | None
    text: str | None
    generated: str | None
    tag: str | None
    audience: str | None
    created: str | None
    flagged: int | None
    path: str | None


class MarkRow(NamedTuple):
    """A row of ``prayermark``."""

    key: str
    user: str | None
    prayer: str
    created: str | None
    path: str | None


class AttributeRow(NamedTuple):
    """A row of ``prayer_attributes``."""

    key: str
    prayer: str
    name: str
    value: str | None
    created: str | None
    user: str | None
    path: str | None


class LogRow(NamedTuple):
    """A row of ``prayer_activity_log``. ``new`` is the new value (a testimony's text, a date, ``true``)."""

    key: str
    prayer: str
    user: str | None
    action: str
    new: str | None
    created: str | None
    path: str | None


class TokenRow(NamedTuple):
    """A row of ``invitetoken``. ``uses`` is ``used`` (0 or 1) or ``usage_count``."""

    key: str
    creator: str | None
    user: str | None
    expires: str | None
    uses: int | None


class UsageRow(NamedTuple):
    """A row of ``invite_token_usage``: who claimed which token, and when."""

    key: str
    token: str
    user: str
    created: str | None


class Reference(NamedTuple):
    """How often a table that is not repaired refers to one user: table, column, user key, number of rows."""

    table: str
    column: str
    user: str
    rows: int


class FurtherRow(NamedTuple):
    """A row of a further table (``schema.FURTHER``) and whom it refers to: entity, field, row key, the user named.

    ``token`` is the invite token that it is about, if any.
    """

    entity: str
    field: str
    key: str
    user: str
    token: str = ""


class Loose(NamedTuple):
    """How many rows of one column lead to no row of another table: ``prayerskip.prayer_id`` to ``prayer``."""

    table: str
    column: str
    target: str
    rows: int


class MergeRow(NamedTuple):
    """A row of ``user_merge_log``: the application moved all that was ``merged``'s to ``kept`` and removed ``merged``."""

    merged: str
    kept: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything read from the database at one moment.

    Rows are in rowid order, the order in which they were written. ``references`` covers every further reference to a
    user (roles, sessions, approvals...), ``further`` the rows among them that refer to nobody, ``kin`` those of users
    whose names are another user's, or in era v2 a vanished user's, in another spelling, ``loose`` references to other
    rows than users that lead nowhere, ``usages`` the claims of invite tokens. ``merges`` are sorted. ``fingerprint`` is
    the SHA-256 over all rows read.
    """

    schema: Schema
    users: tuple[UserRow, ...]
    prayers: tuple[PrayerRow, ...]
    marks: tuple[MarkRow, ...]
    attributes: tuple[AttributeRow, ...]
    log: tuple[LogRow, ...]
    tokens: tuple[TokenRow, ...]
    references: tuple[Reference, ...]
    fingerprint: str
    counts: Mapping[str, int]
    further: tuple[FurtherRow, ...] = ()
    loose: tuple[Loose, ...] = ()
    merges: tuple[MergeRow, ...] = ()
    kin: tuple[FurtherRow, ...] = ()
    usages: tuple[UsageRow, ...] = ()

    def count_references(self) -> Counter[str]:
        """Return user key, living or not -> how many rows of the repaired tables refer to it."""
        counts: Counter[str | None] = Counter()
        for rows, column in (
            (self.prayers, "author"),
            (self.marks, "user"),
            (self.attributes, "user"),
            (self.log, "user"),
            (self.users, "inviter"),
            (self.tokens, "creator"),
            (self.tokens, "user"),
        ):
            counts.update(map(attrgetter(column), rows))
        return Counter({key: rows for key, rows in counts.items() if key})


def references_to_users(snapshot: Snapshot) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield (entity, field, row key, user key) of every reference to a user in the tables that are repaired."""
    yield from (("user", "inviter", row.key, row.inviter) for row in snapshot.users)
    yield from (("prayer", "author", row.key, row.author) for row in snapshot.prayers)
    yield from (("mark", "user", row.key, row.user) for row in snapshot.marks)
    yield from (("attribute", "user", row.key, row.user) for row in snapshot.attributes)
    yield from (("log", "user", row.key, row.user) for row in snapshot.log)
    for token in snapshot.tokens:
        yield ("token", "creator", token.key, token.creator)
        yield ("token", "user", token.key, token.user)
