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
    # Further tables that refer to users (4.2 and 3 of the spec): checked, and repaired only where no power hangs on it.
    "skip": "prayerskip",
    "notification": "notification_state",
    "usage": "invite_token_usage",
    "audit": "authauditlog",
    "security": "securitylog",
    "application": "membership_application",
    "session": "session",
    "role": "role",
    "grant": "user_roles",
    "request": "authenticationrequest",
    "approval": "authapproval",
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
        # Era v2 only; written when a prayer is recreated, never compared.
        "safety_score": ("safety_score",),
        "safety_flags": ("safety_flags",),
        "subject_category": ("subject_category",),
        "specificity_type": ("specificity_type",),
        "categorization_method": ("categorization_method",),
        "specificity_confidence": ("specificity_confidence",),
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
    "skip": {"key": ("id",), "user": ("user_id",), "prayer": ("prayer_id",)},
    "notification": {"key": ("id",), "user": ("user_id",), "request": ("auth_request_id",)},
    "usage": {
        "key": ("id",),
        "user": ("user_id",),
        "token": ("invite_token_id",),
        "created": ("claimed_at",),
    },
    "audit": {"key": ("id",), "user": ("actor_user_id",), "request": ("auth_request_id",)},
    "security": {"key": ("id",), "user": ("user_id",)},
    "application": {"key": ("id",), "user": ("processed_by_user_id",), "token": ("invite_token",)},
    "session": {"key": ("id",), "user": ("username", "user_id"), "request": ("auth_request_id",)},
    "role": {"key": ("id",), "creator": ("created_by",)},
    "grant": {"key": ("id",), "user": ("user_id",), "creator": ("granted_by",), "role": ("role_id",)},
    "request": {"key": ("id",), "user": ("user_id",), "creator": ("approved_by_user_id",)},
    "approval": {"key": ("id",), "user": ("approver_user_id",), "request": ("auth_request_id",)},
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
NEEDED = ("user", "prayer")
CORE = ("user", "prayer", "mark", "attribute", "log", "token")
FURTHER = tuple(entity for entity in TABLES if entity not in CORE)
# Whoever holds such a row can log in, act for others, or let somebody in.
POWERFUL = frozenset({"session", "role", "grant", "request", "approval"})
# Tables whose key lets in whoever knows it: never shown.
SECRET_ENTITIES = frozenset({"token", "session"})
SECRET_TABLES = frozenset(TABLES[entity] for entity in SECRET_ENTITIES)
# Fields whose value is a user's key.
USER_FIELDS = ("author", "user", "inviter", "creator")

# Every (table, column) of a further table that refers to a user, under each name it has borne.
OTHER_REFERENCES: tuple[tuple[str, str], ...] = tuple(
    (TABLES[entity], column)
    for entity in FURTHER
    for name in USER_FIELDS
    for column in sorted(FIELDS[entity].get(name, ()))
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
            if entity in NEEDED:
                missing.append(f"table {table}")
            continue
        present.add(entity)
        names = {column.name for column in tables[table]}
        for name, spellings in FIELDS[entity].items():
            found = next((spelling for spelling in spellings if spelling in names), None)
            if found is not None:
                columns[entity, name] = found
            elif name in REQUIRED.get(entity, ()):
                missing.append(f"{table}.{' or '.join(spellings)}")
    if missing:
        raise UnknownSchemaError(f"this is not a ThyWill database of a known era: it lacks {', '.join(missing)}")
    era = "v2" if columns["user", "key"] == "display_name" else "v1"
    return Schema(tables=tables, columns=columns, era=era, present=frozenset(present))
