"""The tables of era v1 as the application's own models made them (database schema spec, section 3).

Column by column and in order what ``CREATE TABLE`` said, foreign keys and unique columns included. The tool
reads and repairs databases without them; they make databases: tests, generated communities and a rebuild from
archives use them.
Timestamps are naive in this database, so every column says so itself.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class V1Model(SQLModel, registry=registry()):
    """Base of the v1 tables; a registry of its own keeps them apart from any other era's."""


def create_tables(url: str) -> None:
    """Create every v1 table in the database that an SQLAlchemy URL names, and let go of it.

    Raises:
        sqlalchemy.exc.OperationalError: The database cannot be written or is not one.
    """
    from sqlalchemy import create_engine

    engine = create_engine(url)
    try:
        V1Model.metadata.create_all(engine)
    finally:
        engine.dispose()


class User(V1Model, table=True):
    """A member. The founder's id is the word ``admin``, every other id is 32 hex digits."""

    __tablename__ = "user"
    id: str = Field(primary_key=True)
    display_name: str = Field(unique=True)
    created_at: datetime = Field(sa_type=DateTime)
    religious_preference: str | None = Field(default=None, max_length=50)
    prayer_style: str | None = Field(default=None, max_length=100)
    invited_by_user_id: str | None = None
    invite_token_used: str | None = None
    welcome_message_dismissed: bool = False
    text_file_path: str | None = None


class Prayer(V1Model, table=True):
    """A prayer request. Its author is an undeclared reference to ``user.id``."""

    __tablename__ = "prayer"
    id: str = Field(primary_key=True)
    author_id: str
    text: str
    generated_prayer: str | None = None
    project_tag: str | None = None
    created_at: datetime = Field(sa_type=DateTime)
    flagged: bool = False
    target_audience: str | None = Field(default=None, max_length=50)
    text_file_path: str | None = None


class PrayerMark(V1Model, table=True):
    """Somebody prayed a prayer once."""

    __tablename__ = "prayermark"
    id: str = Field(primary_key=True)
    user_id: str
    prayer_id: str
    created_at: datetime = Field(sa_type=DateTime)
    text_file_path: str | None = None


class PrayerSkip(V1Model, table=True):
    """Somebody skipped a prayer once; never archived."""

    __tablename__ = "prayerskip"
    id: str = Field(primary_key=True)
    user_id: str
    prayer_id: str
    created_at: datetime = Field(sa_type=DateTime)


class AuthenticationRequest(V1Model, table=True):
    """A device asks to be let in."""

    __tablename__ = "authenticationrequest"
    id: str = Field(primary_key=True)
    user_id: str
    device_info: str | None = None
    ip_address: str | None = None
    verification_code: str | None = None
    created_at: datetime = Field(sa_type=DateTime)
    expires_at: datetime = Field(sa_type=DateTime)
    status: str = "pending"
    approved_by_user_id: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=DateTime)


class AuthApproval(V1Model, table=True):
    """Somebody approved a request."""

    __tablename__ = "authapproval"
    id: str = Field(primary_key=True)
    auth_request_id: str
    approver_user_id: str
    created_at: datetime = Field(sa_type=DateTime)


class AuthAuditLog(V1Model, table=True):
    """What happened to a request."""

    __tablename__ = "authauditlog"
    id: str = Field(primary_key=True)
    auth_request_id: str
    action: str
    actor_user_id: str | None = None
    actor_type: str | None = None
    details: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    created_at: datetime = Field(sa_type=DateTime)


class SecurityLog(V1Model, table=True):
    """A security event."""

    __tablename__ = "securitylog"
    id: str = Field(primary_key=True)
    event_type: str
    user_id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    details: str | None = None
    created_at: datetime = Field(sa_type=DateTime)


class Session(V1Model, table=True):
    """A login; its id is a live credential."""

    __tablename__ = "session"
    id: str = Field(primary_key=True)
    user_id: str
    created_at: datetime = Field(sa_type=DateTime)
    expires_at: datetime = Field(sa_type=DateTime)
    auth_request_id: str | None = None
    device_info: str | None = None
    ip_address: str | None = None
    is_fully_authenticated: bool = True


class InviteToken(V1Model, table=True):
    """An invitation; its creator is a user id or the word ``system``."""

    __tablename__ = "invitetoken"
    token: str = Field(primary_key=True)
    created_by_user: str
    used: bool = False
    expires_at: datetime = Field(sa_type=DateTime)
    used_by_user_id: str | None = None


class ChangelogEntry(V1Model, table=True):
    """A change to the application, told to its users."""

    __tablename__ = "changelogentry"
    commit_id: str = Field(primary_key=True, max_length=40)
    original_message: str
    friendly_description: str | None = None
    change_type: str | None = Field(default=None, max_length=20)
    commit_date: datetime = Field(sa_type=DateTime)
    created_at: datetime = Field(sa_type=DateTime)


class Role(V1Model, table=True):
    """A set of permissions (JSON list text)."""

    __tablename__ = "role"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True, max_length=50)
    description: str | None = Field(default=None, max_length=255)
    permissions: str
    created_at: datetime = Field(sa_type=DateTime)
    created_by: str | None = Field(default=None, foreign_key="user.id")
    is_system_role: bool = False


class PrayerAttribute(V1Model, table=True):
    """What a prayer is at present: answered, archived, flagged. One row per prayer and name."""

    __tablename__ = "prayer_attributes"
    id: str = Field(primary_key=True)
    prayer_id: str = Field(foreign_key="prayer.id")
    attribute_name: str = Field(max_length=50)
    attribute_value: str | None = Field(default=None, max_length=255)
    created_at: datetime = Field(sa_type=DateTime)
    created_by: str | None = Field(default=None, foreign_key="user.id")
    text_file_path: str | None = None


class NotificationState(V1Model, table=True):
    """Whether somebody has seen a notification."""

    __tablename__ = "notification_state"
    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    auth_request_id: str = Field(foreign_key="authenticationrequest.id")
    notification_type: str = Field(max_length=50)
    is_read: bool = False
    created_at: datetime = Field(sa_type=DateTime)
    read_at: datetime | None = Field(default=None, sa_type=DateTime)


class PrayerActivityLog(V1Model, table=True):
    """One thing that somebody did to a prayer."""

    __tablename__ = "prayer_activity_log"
    id: str = Field(primary_key=True)
    prayer_id: str = Field(foreign_key="prayer.id")
    user_id: str = Field(foreign_key="user.id")
    action: str = Field(max_length=50)
    old_value: str | None = Field(default=None, max_length=255)
    new_value: str | None = Field(default=None, max_length=255)
    created_at: datetime = Field(sa_type=DateTime)
    text_file_path: str | None = None


class UserRole(V1Model, table=True):
    """Somebody holds a role."""

    __tablename__ = "user_roles"
    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    role_id: str = Field(foreign_key="role.id")
    granted_by: str | None = Field(default=None, foreign_key="user.id")
    granted_at: datetime = Field(sa_type=DateTime)
    expires_at: datetime | None = Field(default=None, sa_type=DateTime)
