"""Which columns carry which meaning, decided per table from the schema itself.

The layers above speak of entities and fields (``prayer.author``); only this module knows what they are called in an era
(``prayer.author_id`` in v1, ``prayer.author_username`` in v2; database schema spec, sections 3, 4 and 6). Mixed
schemas occur, so every table is decided alone, by its columns and never by ``schema_migrations``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from thywill_reconstruct.errors import UnknownSchemaError

# Entity -> table, and per field the column names it has borne, newest first (database schema spec, 2 to 4.1).
TABLES: dict[str, str] = {
    "user": "user",
    "prayer": "prayer",
    "mark": "prayermark",
    "attribute": "prayer_attributes",
    "log": "prayer_activity_log",
    "token": "invitetoken",
}
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "user": {
        "key": ("id", "display_name"),
        "name": ("display_name",),
        "created": ("created_at",),
        "inviter": ("invited_by_username", "invited_by_user_id"),
        "token": ("invite_token_used",),
        "path": ("text_file_path",),
    },
    "prayer": {
        "key": ("id",),
        "author": ("author_username", "author_id"),
        "text": ("text",),
        "generated": ("generated_prayer",),
        "tag": ("project_tag",),
        "audience": ("target_audience",),
        "created": ("created_at",),
        "flagged": ("flagged",),
        "path": ("text_file_path",),
    },
    "mark": {
        "key": ("id",),
        "user": ("username", "user_id"),
        "prayer": ("prayer_id",),
        "created": ("created_at",),
        "path": ("text_file_path",),
    },
    "attribute": {
        "key": ("id",),
        "prayer": ("prayer_id",),
        "name": ("attribute_name",),
        "value": ("attribute_value",),
        "created": ("created_at",),
        "user": ("created_by",),
        "path": ("text_file_path",),
    },
    "log": {
        "key": ("id",),
        "prayer": ("prayer_id",),
        "user": ("user_id",),
        "action": ("action",),
        "new": ("new_value",),
        "created": ("created_at",),
        "path": ("text_file_path",),
    },
    "token": {
        "key": ("token",),
        "creator": ("created_by_user",),
        "user": ("used_by_user_id",),
        "expires": ("expires_at",),
        "uses": ("usage_count", "used"),
    },
}
# Without these a table cannot be read for what it is. Tables that may be absent altogether are read as empty.
REQUIRED: dict[str, tuple[str, ...]] = {
    "user": ("key", "name", "created"),
    "prayer": ("key", "author", "text", "created"),
    "mark": ("key", "user", "prayer", "created"),
    "attribute": ("key", "prayer", "name", "created", "user"),
    "log": ("key", "prayer", "user", "action", "created"),
    "token": ("key", "creator"),
}
MAY_BE_ABSENT = ("attribute", "log", "token")

# Every further column that refers to a user: counted, reported, never repaired unasked (4.2 and 3 of the spec).
OTHER_REFERENCES: tuple[tuple[str, str], ...] = (
    ("prayerskip", "user_id"),
    ("session", "user_id"),
    ("session", "username"),
    ("role", "created_by"),
    ("user_roles", "user_id"),
    ("user_roles", "granted_by"),
    ("authenticationrequest", "user_id"),
    ("authenticationrequest", "approved_by_user_id"),
    ("authapproval", "approver_user_id"),
    ("authauditlog", "actor_user_id"),
    ("securitylog", "user_id"),
    ("notification_state", "user_id"),
    ("invite_token_usage", "user_id"),
    ("membership_application", "processed_by_user_id"),
)

# What the application's Python defaults write where SQL has none (database schema spec, 4.1 and 3).
INSERT_DEFAULTS: dict[str, str | int | float] = {
    "flagged": 0,
    "welcome_message_dismissed": 0,
    "is_supporter": 0,
    "safety_score": 1.0,
    "safety_flags": "[]",
    "categorization_method": "default",
    "specificity_type": "unknown",
    "specificity_confidence": 0.0,
    "subject_category": "general",
    "religious_preference": "unspecified",
    "target_audience": "all",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as ``PRAGMA table_info`` tells it."""

    name: str
    type: str
    not_null: bool
    default: str | None
    primary_key: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one database and where each meaning lives.

    ``columns`` maps (entity, field) to a column name; a field the database lacks is absent.
    """

    tables: Mapping[str, tuple[Column, ...]]
    columns: Mapping[tuple[str, str], str]
    era: str
    present: frozenset[str] = field(default_factory=frozenset)

    def table(self, entity: str) -> str:
        """Return the table of an entity."""
        return TABLES[entity]

    def column(self, entity: str, name: str) -> str | None:
        """Return the column that holds a field, or ``None`` if this database has none."""
        return self.columns.get((entity, name))

    @property
    def names_are_keys(self) -> bool:
        """True in era v2, where rows refer to people by display name."""
        return self.columns["user", "key"] == "display_name"


def recognise(tables: Mapping[str, tuple[Column, ...]]) -> Schema:
    """Decide per table which columns mean what.

    Args:
        tables: Every table of the database with its columns.

    Raises:
        UnknownSchemaError: A needed table is absent, or is not one of any era; says which and what is missing.
    """
    columns: dict[tuple[str, str], str] = {}
    missing: list[str] = []
    present = set()
    for entity, table in TABLES.items():
        if table not in tables:
            if entity not in MAY_BE_ABSENT:
                missing.append(f"table {table}")
            continue
        present.add(entity)
        names = {column.name for column in tables[table]}
        for name, spellings in FIELDS[entity].items():
            found = next((spelling for spelling in spellings if spelling in names), None)
            if found is not None:
                columns[entity, name] = found
            elif name in REQUIRED[entity]:
                missing.append(f"{table}.{' or '.join(spellings)}")
    if missing:
        raise UnknownSchemaError(f"this is not a ThyWill database of a known era: it lacks {', '.join(missing)}")
    era = "v2" if columns["user", "key"] == "display_name" else "v1"
    return Schema(tables=tables, columns=columns, era=era, present=frozenset(present))
