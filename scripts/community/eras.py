"""The database of a simulated community in either era, with the variants that migrations left (database schema spec, 4)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from thywill_reconstruct.database import models_v1, models_v2
from thywill_reconstruct.database.schema import INSERT_DEFAULTS, Schema
from thywill_reconstruct.database.snapshot import read_schema

from .options import Options

# The values of a row are handed over in the order of these columns, whatever the era.
COLUMNS: dict[str, str] = {
    "user": "key display_name created_at religious_preference prayer_style inviter invite_token_used "
    "welcome_message_dismissed text_file_path",
    "prayer": "id author text generated_prayer project_tag created_at flagged target_audience text_file_path",
    "prayermark": "id member prayer_id created_at text_file_path",
    "prayerskip": "id user_id prayer_id created_at",
    "prayer_attributes": "id prayer_id attribute_name attribute_value created_at created_by text_file_path",
    "prayer_activity_log": "id prayer_id user_id action old_value new_value created_at text_file_path",
    "invitetoken": "token created_by_user uses expires_at used_by_user_id",
    "invite_token_usage": "id invite_token_id user_id claimed_at ip_address",
    "session": "id member created_at expires_at auth_request_id device_info ip_address is_fully_authenticated",
    "authenticationrequest": "id user_id device_info ip_address verification_code created_at expires_at status "
    "approved_by_user_id approved_at",
    "authapproval": "id auth_request_id approver_user_id created_at",
    "securitylog": "id event_type user_id ip_address user_agent details created_at",
    "role": "id name description permissions created_at created_by is_system_role",
    "user_roles": "id user_id role_id granted_by granted_at expires_at",
    "notification_state": "id user_id auth_request_id notification_type is_read created_at read_at",
}
# What the words above stand for, newest first.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "key": ("id",),
    "inviter": ("invited_by_username", "invited_by_user_id"),
    "author": ("author_username", "author_id"),
    "member": ("username", "user_id"),
    "uses": ("usage_count", "used"),
}
# Columns that no simulated row brings, and what the application writes there.
_FIXED: dict[str, object] = {**INSERT_DEFAULTS, "max_uses": 1, "token_type": "new_user"}


def create_tables(path: Path, options: Options) -> None:
    """Create the tables of an era, as far as the migrations of the options went."""
    if options.era == "v1":
        models_v1.create_tables(f"sqlite:///{path}")
        return
    models_v2.create_tables(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    try:
        with connection:
            for statement in _variants(options):
                connection.execute(statement)
    finally:
        connection.close()


def _variants(options: Options) -> list[str]:
    """Return the statements that turn the newest tables into those of a variant."""
    done = []
    if options.marks != "username":
        column = "user_id" if options.marks == "user_id" else "username"
        key = ", FOREIGN KEY(user_id) REFERENCES user (display_name)" if column == "user_id" else ""
        done.append("DROP TABLE prayermark")
        done.append(
            f"CREATE TABLE prayermark (id VARCHAR NOT NULL, {column} VARCHAR NOT NULL, prayer_id VARCHAR NOT NULL, "
            f"created_at DATETIME NOT NULL, text_file_path VARCHAR, PRIMARY KEY (id){key})"
        )
    if options.migration < 12:
        done.append("DROP TABLE membership_application")
    if options.migration < 11:
        columns = ("safety_score", "safety_flags", "categorization_method", "specificity_type")
        for column in (*columns, "specificity_confidence", "subject_category"):
            done.append(f"ALTER TABLE prayer DROP COLUMN {column}")
    if options.migration < 10:
        done += [f'ALTER TABLE "user" DROP COLUMN {c}' for c in ("is_supporter", "supporter_since", "supporter_type")]
    if options.migration < 9:
        done.append("ALTER TABLE invitetoken DROP COLUMN token_type")
    if options.migration < 8:
        done += ["DROP TABLE invite_token_usage", "ALTER TABLE invitetoken DROP COLUMN max_uses"]
        done += [
            "ALTER TABLE invitetoken DROP COLUMN usage_count",
            "ALTER TABLE invitetoken ADD COLUMN used BOOLEAN NOT NULL DEFAULT 0",
        ]
    elif options.mixed:
        done.append("ALTER TABLE invitetoken ADD COLUMN used BOOLEAN DEFAULT 0")
    if options.migration < 7 or options.mixed:
        done.append("ALTER TABLE \"user\" ADD COLUMN religious_preference VARCHAR(50) DEFAULT 'unspecified'")
        done.append('ALTER TABLE "user" ADD COLUMN prayer_style VARCHAR(100)')
        done.append("ALTER TABLE prayer ADD COLUMN target_audience VARCHAR(50) DEFAULT 'all'")
    return done


class Layout:
    """Where the values of a row go: the columns that its table has here, and what fills the others."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        present = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        self.table = table
        self.exists = bool(present)
        given = COLUMNS[table].split()
        places: dict[str, int] = {}
        for number, word in enumerate(given):
            spelling = next((name for name in _SPELLINGS.get(word, (word,)) if name in present), None)
            if spelling is not None:
                places[spelling] = number
        self._fixed = [name for name in present if name not in places and name in _FIXED]
        self._places = list(places.values())
        names = ", ".join(f'"{name}"' for name in (*places, *self._fixed))
        marks = ", ".join("?" * (len(places) + len(self._fixed)))
        self.statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'

    def values(self, row: tuple[object, ...]) -> tuple[object, ...]:
        """Return the values of a row in the order of ``statement``."""
        return (*(row[place] for place in self._places), *(_FIXED[name] for name in self._fixed))


class Columns:
    """What the columns that refer to people are called in one database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        schema = read_schema(connection)
        self.schema: Schema = schema
        self.names_are_keys = schema.names_are_keys
        self.user_key = schema.columns["user", "key"]
        self.inviter = schema.columns["user", "inviter"]
        self.author = schema.columns["prayer", "author"]
        self.marker = schema.columns["mark", "user"]

    def key_of(self, table: str) -> str:
        """Return the column by which a row of a table is known."""
        return {"invitetoken": "token", "user": self.user_key}.get(table, "id")

    def has(self, table: str, column: str) -> bool:
        """Tell whether a table has a column."""
        return any(known.name == column for known in self.schema.tables.get(table, ()))

    def references(self) -> tuple[tuple[str, str], ...]:
        """Return (table, column) of every reference to a person in the tables that a repair is about."""
        return (
            ("prayer", self.author),
            ("prayermark", self.marker),
            ("prayer_attributes", "created_by"),
            ("prayer_activity_log", "user_id"),
            ("user", self.inviter),
            ("invitetoken", "used_by_user_id"),
            ("invitetoken", "created_by_user"),
        )
