"""The tables of era v2 as the newest models of the application make them (database schema spec, sections 4 and 4.1).

The ORM variant at the head of the application's history: a person's display name is the key of ``user``, and columns that
bear ``user_id`` in their name hold display names. Compared byte for byte with a database that the application made
(``docs/database-schemas.md``). As with era v1, reading and repairing do without these models; they make databases.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class V2Model(SQLModel, registry=registry()):
    """Base of the v2 tables; a registry of its own keeps them apart from any other era's."""


def create_tables(url: str) -> None:
    """Create every v2 table in the database that an SQLAlchemy URL names, and let go of it.

    Raises:
        sqlalchemy.exc.OperationalError: The database cannot be written or is not one.
    """
    from sqlalchemy import create_engine

    engine = create_engine(url)
    try:
        V2Model.metadata.create_all(engine)
    finally:
        engine.dispose()


class User(V2Model, table=True):
    """A member, known by name alone."""

    __tablename__ = "user"
    display_name: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=DateTime)
    invited_by_username: str | None = None
    invite_token_used: str | None = None
    welcome_message_dismissed: bool = False
    text_file_path: str | None = None
    is_supporter: bool = False
    supporter_since: datetime | None = Field(default=None, sa_type=DateTime)
    supporter_type: str | None = None


class Prayer(V2Model, table=True):
    """A prayer request. Its author is an undeclared reference to ``user.display_name``."""

    __tablename__ = "prayer"
    id: str = Field(primary_key=True)
    author_username: str
    text: str
    generated_prayer: str | None = None
    project_tag: str | None = None
    created_at: datetime = Field(sa_type=DateTime)
    flagged: bool = False
    text_file_path: str | None = None
    safety_score: float = 1.0
    safety_flags: str = "[]"
    categorization_method: str = "default"
    specificity_type: str = "unknown"
    specificity_confidence: float = 0.0
    subject_category: str = "general"


class PrayerSkip(V2Model, table=True):
    """Somebody skipped a prayer once; never archived."""

    __tablename__ = "prayerskip"
    id: str = Field(primary_key=True)
    user_id: str
    prayer_id: str
    created_at: datetime = Field(sa_type=DateTime)


class AuthenticationRequest(V2Model, table=True):
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


class AuthApproval(V2Model, table=True):
    """Somebody approved a request."""

    __tablename__ = "authapproval"
    id: str = Field(primary_key=True)
    auth_request_id: str
    approver_user_id: str
    created_at: datetime = Field(sa_type=DateTime)


class AuthAuditLog(V2Model, table=True):
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


class SecurityLog(V2Model, table=True):
    """A security event."""

    __tablename__ = "securitylog"
    id: str = Field(primary_key=True)
    event_type: str
    user_id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    details: str | None = None
    created_at: datetime = Field(sa_type=DateTime)


class Session(V2Model, table=True):
    """A login; its id is a live credential."""

    __tablename__ = "session"
    id: str = Field(primary_key=True)
    username: str
    created_at: datetime = Field(sa_type=DateTime)
    expires_at: datetime = Field(sa_type=DateTime)
    auth_request_id: str | None = None
    device_info: str | None = None
    ip_address: str | None = None
    is_fully_authenticated: bool = True


class InviteToken(V2Model, table=True):
    """An invitation for one or several people; its creator is a display name or the word ``system``."""

    __tablename__ = "invitetoken"
    token: str = Field(primary_key=True)
    created_by_user: str
    usage_count: int = 0
    max_uses: int | None = None
    expires_at: datetime = Field(sa_type=DateTime)
    used_by_user_id: str | None = None
    token_type: str = Field(default="new_user", max_length=20)


class ChangelogEntry(V2Model, table=True):
    """A change to the application, told to its users."""

    __tablename__ = "changelogentry"
    commit_id: str = Field(primary_key=True, max_length=40)
    original_message: str
    friendly_description: str | None = None
    change_type: str | None = Field(default=None, max_length=20)
    commit_date: datetime = Field(sa_type=DateTime)
    created_at: datetime = Field(sa_type=DateTime)


class MembershipApplication(V2Model, table=True):
    """Somebody asks to be admitted. ``username`` is the wanted name, no reference."""

    __tablename__ = "membership_application"
    id: str = Field(primary_key=True)
    username: str
    essay: str
    contact_info: str | None = None
    ip_address: str | None = None
    status: str = "pending"
    created_at: datetime = Field(sa_type=DateTime)
    processed_at: datetime | None = Field(default=None, sa_type=DateTime)
    processed_by_user_id: str | None = None
    invite_token: str | None = None
    text_file_path: str | None = None


class Role(V2Model, table=True):
    """A set of permissions (JSON list text)."""

    __tablename__ = "role"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True, max_length=50)
    description: str | None = Field(default=None, max_length=255)
    permissions: str
    created_at: datetime = Field(sa_type=DateTime)
    created_by: str | None = Field(default=None, foreign_key="user.display_name")
    is_system_role: bool = False


class PrayerAttribute(V2Model, table=True):
    """What a prayer is at present: answered, archived, flagged. One row per prayer and name."""

    __tablename__ = "prayer_attributes"
    id: str = Field(primary_key=True)
    prayer_id: str = Field(foreign_key="prayer.id")
    attribute_name: str = Field(max_length=50)
    attribute_value: str | None = Field(default=None, max_length=255)
    created_at: datetime = Field(sa_type=DateTime)
    created_by: str | None = Field(default=None, foreign_key="user.display_name")
    text_file_path: str | None = None


class PrayerMark(V2Model, table=True):
    """Somebody prayed a prayer once."""

    __tablename__ = "prayermark"
    id: str = Field(primary_key=True)
    username: str = Field(foreign_key="user.display_name")
    prayer_id: str
    created_at: datetime = Field(sa_type=DateTime)
    text_file_path: str | None = None


class NotificationState(V2Model, table=True):
    """Whether somebody has seen a notification."""

    __tablename__ = "notification_state"
    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.display_name")
    auth_request_id: str = Field(foreign_key="authenticationrequest.id")
    notification_type: str = Field(max_length=50)
    is_read: bool = False
    created_at: datetime = Field(sa_type=DateTime)
    read_at: datetime | None = Field(default=None, sa_type=DateTime)


class PrayerActivityLog(V2Model, table=True):
    """One thing that somebody did to a prayer."""

    __tablename__ = "prayer_activity_log"
    id: str = Field(primary_key=True)
    prayer_id: str = Field(foreign_key="prayer.id")
    user_id: str = Field(foreign_key="user.display_name")
    action: str = Field(max_length=50)
    old_value: str | None = Field(default=None, max_length=255)
    new_value: str | None = Field(default=None, max_length=255)
    created_at: datetime = Field(sa_type=DateTime)
    text_file_path: str | None = None


class InviteTokenUsage(V2Model, table=True):
    """Somebody claimed a token."""

    __tablename__ = "invite_token_usage"
    id: str = Field(primary_key=True)
    invite_token_id: str = Field(foreign_key="invitetoken.token")
    user_id: str = Field(foreign_key="user.display_name")
    claimed_at: datetime = Field(sa_type=DateTime)
    ip_address: str | None = None


class UserRole(V2Model, table=True):
    """Somebody holds a role."""

    __tablename__ = "user_roles"
    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.display_name")
    role_id: str = Field(foreign_key="role.id")
    granted_by: str | None = Field(default=None, foreign_key="user.display_name")
    granted_at: datetime = Field(sa_type=DateTime)
    expires_at: datetime | None = Field(default=None, sa_type=DateTime)
