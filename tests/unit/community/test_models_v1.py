"""The models make the tables of era v1, column by column, as the database schema spec (section 3) lists them."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session, select

from thywill_reconstruct.database.models_v1 import User, V1Model, create_tables

# Per table: name, type and, with `!`, not null. The primary key comes first.
TABLES = {
    "user": "id VARCHAR!, display_name VARCHAR!, created_at DATETIME!, religious_preference VARCHAR(50), "
    "prayer_style VARCHAR(100), invited_by_user_id VARCHAR, invite_token_used VARCHAR, "
    "welcome_message_dismissed BOOLEAN!, text_file_path VARCHAR",
    "prayer": "id VARCHAR!, author_id VARCHAR!, text VARCHAR!, generated_prayer VARCHAR, project_tag VARCHAR, "
    "created_at DATETIME!, flagged BOOLEAN!, target_audience VARCHAR(50), text_file_path VARCHAR",
    "prayermark": "id VARCHAR!, user_id VARCHAR!, prayer_id VARCHAR!, created_at DATETIME!, text_file_path VARCHAR",
    "prayerskip": "id VARCHAR!, user_id VARCHAR!, prayer_id VARCHAR!, created_at DATETIME!",
    "prayer_attributes": "id VARCHAR!, prayer_id VARCHAR!, attribute_name VARCHAR(50)!, attribute_value VARCHAR(255), "
    "created_at DATETIME!, created_by VARCHAR, text_file_path VARCHAR",
    "prayer_activity_log": "id VARCHAR!, prayer_id VARCHAR!, user_id VARCHAR!, action VARCHAR(50)!, "
    "old_value VARCHAR(255), new_value VARCHAR(255), created_at DATETIME!, text_file_path VARCHAR",
    "session": "id VARCHAR!, user_id VARCHAR!, created_at DATETIME!, expires_at DATETIME!, auth_request_id VARCHAR, "
    "device_info VARCHAR, ip_address VARCHAR, is_fully_authenticated BOOLEAN!",
    "invitetoken": "token VARCHAR!, created_by_user VARCHAR!, used BOOLEAN!, expires_at DATETIME!, "
    "used_by_user_id VARCHAR",
    "role": "id VARCHAR!, name VARCHAR(50)!, description VARCHAR(255), permissions VARCHAR!, created_at DATETIME!, "
    "created_by VARCHAR, is_system_role BOOLEAN!",
    "user_roles": "id VARCHAR!, user_id VARCHAR!, role_id VARCHAR!, granted_by VARCHAR, granted_at DATETIME!, "
    "expires_at DATETIME",
    "authenticationrequest": "id VARCHAR!, user_id VARCHAR!, device_info VARCHAR, ip_address VARCHAR, "
    "verification_code VARCHAR, created_at DATETIME!, expires_at DATETIME!, status VARCHAR!, "
    "approved_by_user_id VARCHAR, approved_at DATETIME",
    "authapproval": "id VARCHAR!, auth_request_id VARCHAR!, approver_user_id VARCHAR!, created_at DATETIME!",
    "authauditlog": "id VARCHAR!, auth_request_id VARCHAR!, action VARCHAR!, actor_user_id VARCHAR, "
    "actor_type VARCHAR, details VARCHAR, ip_address VARCHAR, user_agent VARCHAR, created_at DATETIME!",
    "securitylog": "id VARCHAR!, event_type VARCHAR!, user_id VARCHAR, ip_address VARCHAR, user_agent VARCHAR, "
    "details VARCHAR, created_at DATETIME!",
    "notification_state": "id VARCHAR!, user_id VARCHAR!, auth_request_id VARCHAR!, notification_type VARCHAR(50)!, "
    "is_read BOOLEAN!, created_at DATETIME!, read_at DATETIME",
    "changelogentry": "commit_id VARCHAR(40)!, original_message VARCHAR!, friendly_description VARCHAR, "
    "change_type VARCHAR(20), commit_date DATETIME!, created_at DATETIME!",
}
FOREIGN_KEYS = {
    "prayer_attributes": {("prayer_id", "prayer"), ("created_by", "user")},
    "prayer_activity_log": {("prayer_id", "prayer"), ("user_id", "user")},
    "role": {("created_by", "user")},
    "user_roles": {("user_id", "user"), ("role_id", "role"), ("granted_by", "user")},
    "notification_state": {("user_id", "user"), ("auth_request_id", "authenticationrequest")},
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "v1.db"
    create_tables(f"sqlite:///{path}")
    return path


def test_every_table_has_its_columns_in_order(database: Path) -> None:
    connection = sqlite3.connect(database)
    made = {
        table: ", ".join(
            f"{name} {kind}{'!' if not_null else ''}"
            for _, name, kind, not_null, _, _ in connection.execute(f'PRAGMA table_info("{table}")')
        )
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    connection.close()
    assert made == TABLES


def test_declared_references_are_those_of_the_application(database: Path) -> None:
    connection = sqlite3.connect(database)
    made = {
        table: {(row[3], row[2]) for row in connection.execute(f'PRAGMA foreign_key_list("{table}")')}
        for table in TABLES
    }
    connection.close()
    assert {table: keys for table, keys in made.items() if keys} == FOREIGN_KEYS


def test_names_are_unique_and_no_column_has_a_default(database: Path) -> None:
    connection = sqlite3.connect(database)
    defaults = [row for table in TABLES for row in connection.execute(f'PRAGMA table_info("{table}")') if row[4]]
    unique = {
        table: [row for row in connection.execute(f'PRAGMA index_list("{table}")') if row[3] == "u"]
        for table in TABLES
    }
    connection.close()
    assert defaults == []
    assert {table for table, indexes in unique.items() if indexes} == {"user", "role"}


def test_a_naive_time_comes_back_as_it_was_stored(database: Path) -> None:
    moment = datetime(2025, 7, 16, 9, 5, 33)
    engine = create_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        session.add(User(id="a", display_name="Ilse", created_at=moment))
        session.commit()
        assert session.exec(select(User)).one().created_at == moment
    engine.dispose()
    connection = sqlite3.connect(database)
    assert connection.execute('SELECT created_at FROM "user"').fetchone() == ("2025-07-16 09:05:33.000000",)
    connection.close()


def test_the_models_keep_to_themselves() -> None:
    from sqlmodel import SQLModel

    assert set(V1Model.metadata.tables) == set(TABLES)
    assert not SQLModel.metadata.tables
