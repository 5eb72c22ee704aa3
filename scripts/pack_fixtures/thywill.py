"""A small community in either era: everything that the application keeps, and every known corruption."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from scripts.pack_fixtures.fixture import Fixture, Planted, run

START = datetime(2025, 3, 1, 9, 30, 12, 345678)
PEOPLE, PRAYERS = 12, 30
HEX = "{:032x}".format
TIMES = ("created_at", "expires_at", "claimed_at", "granted_at", "approved_at", "processed_at", "applied_at")
NUMBERS = ("used", "usage_count", "is_fully_authenticated", "is_read", "flagged")

# Table -> columns in order; `era: a/b` names differ between the eras: v1 / v2.
COLUMNS: dict[str, str] = {
    "user": "id/ display_name created_at invited_by_user_id/invited_by_username invite_token_used text_file_path",
    "prayer": "id author_id/author_username text created_at flagged target_audience/ text_file_path",
    "prayermark": "id user_id/username prayer_id created_at text_file_path",
    "prayerskip": "id user_id prayer_id created_at",
    "prayer_attributes": "id prayer_id attribute_name attribute_value created_at created_by text_file_path",
    "prayer_activity_log": "id prayer_id user_id action old_value new_value created_at text_file_path",
    "session": "id user_id/username created_at expires_at auth_request_id is_fully_authenticated",
    "invitetoken": "token created_by_user used/usage_count expires_at used_by_user_id /token_type",
    "invite_token_usage": "/id /invite_token_id /user_id /claimed_at",
    "role": "id name permissions created_at created_by",
    "user_roles": "id user_id role_id granted_by granted_at",
    "authenticationrequest": "id user_id created_at expires_at status approved_by_user_id approved_at",
    "authapproval": "id auth_request_id approver_user_id created_at",
    "authauditlog": "id auth_request_id action actor_user_id created_at",
    "notification_state": "id user_id auth_request_id notification_type is_read created_at",
    "membership_application": "/id /username /essay /status /created_at /processed_at /processed_by_user_id /invite_token",
    "schema_migrations": "migration_id applied_at status",
}


def tables_of(era: int) -> sa.MetaData:
    """Return the tables of an era, 1 or 2; no foreign keys, as the application never enforces them."""
    tables = sa.MetaData()
    for table, words in COLUMNS.items():
        names = [word.split("/")[era - 1] if "/" in word else word for word in words.split()]
        names = [name for name in names if name]
        if names:
            sa.Table(table, tables, *(_column(name, name == names[0]) for name in names))
    return tables


def _column(name: str, key: bool) -> sa.Column[object]:
    kind: Any = sa.String() if not key else sa.String(80)
    if name in TIMES:
        kind = sa.DateTime()
    elif name in NUMBERS:
        kind = sa.Integer() if name == "usage_count" else sa.Boolean()
    return sa.Column(name, kind, primary_key=key)


def person(era: int, n: int) -> str:
    """Return what rows refer to a person by."""
    return HEX(0xA000 + n) if era == 1 else f"Person Number {n}"


def prayer(n: int) -> str:
    """Return the id of a prayer."""
    return HEX(0xB000 + n)


def fill(era: int, connection: sa.Connection) -> None:
    """Write a community in which everything agrees."""
    tables = tables_of(era).tables
    who = partial(person, era)

    def add(table: str, **values: object) -> None:
        if table in tables:
            known = {name: value for name, value in values.items() if name in tables[table].c}
            connection.execute(tables[table].insert(), known)

    def at(minutes: int) -> datetime:
        return START + timedelta(minutes=minutes, seconds=minutes % 60)

    for n in range(PEOPLE):
        inviter, token = (who(n // 3), f"token{n:027d}") if n else (None, "system" + "0" * 26)
        add(
            "invitetoken", token=token, created_by_user=inviter or "system", used=True, usage_count=1,
            expires_at=at(n * 60 + 5000), used_by_user_id=who(n), token_type="new_user",
        )  # fmt: skip
        add("invite_token_usage", id=HEX(0xC000 + n), invite_token_id=token, user_id=who(n), claimed_at=at(n * 60))
        add(
            "user", id=who(n), display_name=f"Person Number {n}", created_at=at(n * 60), invite_token_used=token,
            invited_by_user_id=inviter, invited_by_username=inviter, text_file_path="text_archives/users/2025_03_users.txt",
        )  # fmt: skip
        session = {"user_id": who(n), "username": who(n), "auth_request_id": HEX(0xD000 + n)}
        add(
            "session",
            id=HEX(0xE000 + n),
            created_at=at(n),
            expires_at=at(n + 9000),
            is_fully_authenticated=True,
            **session,
        )
        add(
            "authenticationrequest", id=HEX(0xD000 + n), user_id=who(n), created_at=at(n), expires_at=at(n + 60),
            status="approved", approved_by_user_id=who(0), approved_at=at(n + 1),
        )  # fmt: skip
        add(
            "authapproval",
            id=HEX(0xF000 + n),
            auth_request_id=HEX(0xD000 + n),
            approver_user_id=who(0),
            created_at=at(n),
        )
        add(
            "authauditlog",
            id=HEX(0x1000 + n),
            auth_request_id=HEX(0xD000 + n),
            action="approved",
            actor_user_id=who(0),
            created_at=at(n),
        )
        add(
            "notification_state",
            id=HEX(0x2000 + n),
            user_id=who(n),
            auth_request_id=HEX(0xD000 + n),
            notification_type="auth",
            is_read=False,
            created_at=at(n),
        )
    add("role", id="r1", name="admin", permissions='["*"]', created_at=at(0), created_by=who(0))
    add("user_roles", id="ur1", user_id=who(0), role_id="r1", granted_by=who(0), granted_at=at(0))
    for n in range(PRAYERS):
        path = f"text_archives/prayers/2025/03/2025_03_{1 + n:02d}_prayer_at_0930.txt"
        author, other = who(n % PEOPLE), who((n + 1) % PEOPLE)
        add(
            "prayer",
            id=prayer(n),
            author_id=author,
            author_username=author,
            text=f"Prayer number {n}",
            created_at=at(n * 1440),
            flagged=False,
            target_audience="all",
            text_file_path=path,
        )
        add(
            "prayermark",
            id=HEX(0x3000 + n),
            user_id=other,
            username=other,
            prayer_id=prayer(n),
            created_at=at(n * 1440 + 7),
            text_file_path=path,
        )
        add("prayerskip", id=HEX(0x4000 + n), user_id=other, prayer_id=prayer(n), created_at=at(n * 1440 + 8))
        add(
            "prayer_attributes",
            id=HEX(0x5000 + n),
            prayer_id=prayer(n),
            attribute_name="answered",
            attribute_value="true",
            created_at=at(n * 1440 + 9),
            created_by=author,
        )
        add(
            "prayer_activity_log",
            id=HEX(0x6000 + n),
            prayer_id=prayer(n),
            user_id=author,
            action="answered",
            new_value="true",
            created_at=at(n * 1440 + 9),
        )
    add(
        "membership_application",
        id="m1",
        username="Applicant",
        essay="Hello",
        status="rejected",
        created_at=at(0),
        processed_at=at(1),
        processed_by_user_id=who(0),
    )
    add(
        "membership_application",
        id="m2",
        username=who(5),
        essay="Hello",
        status="approved",
        created_at=at(0),
        processed_at=at(1),
        processed_by_user_id=who(0),
        invite_token=f"token{5:027d}",
    )
    add("schema_migrations", migration_id="001_initial_schema", applied_at=at(0), status="completed")


def damage(era: int, connection: sa.Connection) -> list[Planted]:
    """Break every rule that concerns the era, each in rows of its own."""
    planted: list[Planted] = []
    key = "id" if era == 1 else "display_name"
    inviter = "invited_by_user_id" if era == 1 else "invited_by_username"
    author = "author_id" if era == 1 else "author_username"
    holder = "user_id" if era == 1 else "username"
    named = partial(person, era)
    suffix = "" if era == 1 else "-name"

    def plant(rule: str, table: str, row: str, change: str) -> None:
        name = {"invitetoken": "token", "user": key, "schema_migrations": "migration_id"}.get(table, "id")
        run(connection, f"UPDATE \"{table}\" SET {change} WHERE {name} = '{row}'")
        planted.append(Planted(f"thywill-{rule}", table, row))

    ghost = "'ghost'"
    plant("prayer-author", "prayer", prayer(0), f"{author} = {ghost}")
    plant("empty-author", "prayer", prayer(1), f"{author} = NULL")
    plant("mark-user", "prayermark", HEX(0x3002), f"{holder} = {ghost}")
    plant("empty-mark", "prayermark", HEX(0x3003), f"{holder} = NULL")
    plant("mark-prayer", "prayermark", HEX(0x3004), f"prayer_id = {ghost}")
    plant("skip-user", "prayerskip", HEX(0x4000), f"user_id = {ghost}")
    plant("skip-prayer", "prayerskip", HEX(0x4001), f"prayer_id = {ghost}")
    plant("attribute-prayer", "prayer_attributes", HEX(0x5000), f"prayer_id = {ghost}")
    plant("attribute-user", "prayer_attributes", HEX(0x5001), f"created_by = {ghost}")
    plant("log-prayer", "prayer_activity_log", HEX(0x6000), f"prayer_id = {ghost}")
    plant("log-user", "prayer_activity_log", HEX(0x6001), f"user_id = {ghost}")
    plant("inviter", "user", named(11), f"{inviter} = {ghost}")
    plant("token-of-user", "user", named(10), "invite_token_used = 'purged'")
    plant(f"token-without-inviter{suffix}", "user", named(8), f"{inviter} = NULL")
    plant("token-creator", "invitetoken", f"token{9:027d}", f"created_by_user = {ghost}")
    plant("token-user", "invitetoken", f"token{8:027d}", f"used_by_user_id = {ghost}")
    plant("session-user", "session", HEX(0xE000), f"{holder} = {ghost}")
    plant("session-request", "session", HEX(0xE001), f"auth_request_id = {ghost}")
    plant("request-user", "authenticationrequest", HEX(0xD005), f"user_id = {ghost}")
    plant("request-approver", "authenticationrequest", HEX(0xD006), f"approved_by_user_id = {ghost}")
    plant("approval-request", "authapproval", HEX(0xF000), f"auth_request_id = {ghost}")
    plant("approval-user", "authapproval", HEX(0xF001), f"approver_user_id = {ghost}")
    plant("audit-request", "authauditlog", HEX(0x1000), f"auth_request_id = {ghost}")
    plant("audit-user", "authauditlog", HEX(0x1001), f"actor_user_id = {ghost}")
    plant("notification-user", "notification_state", HEX(0x2000), f"user_id = {ghost}")
    plant("notification-request", "notification_state", HEX(0x2001), f"auth_request_id = {ghost}")
    for place, rule in enumerate(("role-holder", "role-of-holder", "role-granter")):
        values = [f"'{named(0)}'", "'r1'", f"'{named(0)}'"]
        values[place] = ghost
        run(
            connection,
            f"INSERT INTO user_roles (id, user_id, role_id, granted_by, granted_at) "
            f"VALUES ('u{place}', {', '.join(values)}, '{START}')",
        )
        planted.append(Planted(f"thywill-{rule}", "user_roles", f"u{place}"))
    plant("role-creator", "role", "r1", f"created_by = {ghost}")
    plant("empty-prayer", "prayer", prayer(5), "text = ' '")
    # Names: a doubled one, a placeholder, a first word; an inviter younger than who was invited; a circle.
    people = [("p1", " PERSON number 6"), ("p2", "Unknown User"), ("p3", "Person")]
    for row, name in people:
        listed = f"'{name}', '{START}'" if era == 2 else f"'{row}', '{name}', '{START}'"
        run(
            connection, f'INSERT INTO "user" ({"id, " if era == 1 else ""}display_name, created_at) VALUES ({listed})'
        )
    made = [row if era == 1 else name for row, name in people]
    planted += [
        Planted("thywill-same-name", "user", made[0]),
        Planted("thywill-same-name", "user", named(6)),
        Planted("thywill-placeholder-user", "user", made[1]),
        Planted("thywill-first-word-user" if era == 1 else "thywill-first-word-name", "user", made[2]),
    ]
    plant("empty-name", "user", named(7), "created_at = NULL")
    run(connection, f"UPDATE \"user\" SET {inviter} = '{named(4)}' WHERE {key} = '{named(3)}'")
    run(connection, f"UPDATE \"user\" SET {inviter} = '{named(3)}' WHERE {key} = '{named(4)}'")
    planted += [Planted("thywill-invite-circle", "user", named(n)) for n in (3, 4)]
    planted.append(Planted(f"thywill-younger-inviter{suffix}", "user", named(3)))
    plant(f"system-token-inviter{suffix}", "user", named(0), f"{inviter} = '{named(1)}'")
    planted += [Planted("thywill-invite-circle", "user", named(n)) for n in (0, 1)]
    planted.append(Planted(f"thywill-younger-inviter{suffix}", "user", named(0)))
    # Doubled rows in one minute, the second without seconds.
    minute = "'2025-03-11 09:47:00.000000'"
    for table, rule, number in (
        ("prayermark", "doubled-marks", 0x300A),
        ("prayer_attributes", "doubled-attributes", 0x500A),
        ("prayer_activity_log", "doubled-log", 0x600A),
    ):
        names = [column.name for column in tables_of(era).tables[table].c if column.name not in ("id", "created_at")]
        run(
            connection,
            f"UPDATE {table} SET created_at = '2025-03-11 09:47:17.250000' WHERE id = '{HEX(number)}'",
            f"INSERT INTO {table} (id, created_at, {', '.join(names)}) "
            f"SELECT 'again', {minute}, {', '.join(names)} FROM {table} WHERE id = '{HEX(number)}'",
        )
        planted += [Planted(f"thywill-{rule}", table, "again"), Planted(f"thywill-{rule}", table, HEX(number))]
    plant("unknown-action", "prayer_activity_log", HEX(0x600C), "action = 'unknown'")
    plant("lost-testimony", "prayer_activity_log", HEX(0x600D), "action = 'testimony'")
    plant("lost-testimony-attribute", "prayer_attributes", HEX(0x500D), "attribute_name = 'answer_testimony'")
    plant("sessions-in-order", "session", HEX(0xE003), "expires_at = '2020-01-01 00:00:00.000000'")
    plant("future-prayer", "prayer", prayer(20), "created_at = '2199-01-01 00:00:00.000000'")
    plant("future-mark", "prayermark", HEX(0x3014), "created_at = '2199-01-01 00:00:00.000000'")
    plant("future-user", "user", named(9), "created_at = '2199-01-01 00:00:00.000000'")
    plant("future-attributes", "prayer_attributes", HEX(0x5014), "created_at = '2199-01-01 00:00:00.000000'")
    plant("future-log", "prayer_activity_log", HEX(0x6014), "created_at = '2199-01-01 00:00:00.000000'")
    # Paths.
    plant("path-prayer", "prayer", prayer(21), "text_file_path = '/tmp/test_archives_fallback/prayers/a.txt'")
    plant("path-mark", "prayermark", HEX(0x3015), "text_file_path = '/tmp/tmpab12/complete_site_archive/a.txt'")
    plant("path-user", "user", named(5), "text_file_path = ''")
    plant("path-attributes", "prayer_attributes", HEX(0x5015), "text_file_path = '/tmp/tmpab12/a.txt'")
    plant("path-log", "prayer_activity_log", HEX(0x6015), "text_file_path = '/tmp/tmpab12/a.txt'")
    plant("path-prayer", "prayer", prayer(22), f"text_file_path = 'disabled_archive_for_prayer_{prayer(22)}'")
    run(connection, f"UPDATE prayer SET text_file_path = 'a/shared.txt' WHERE id IN ('{prayer(23)}', '{prayer(24)}')")
    planted += [Planted("thywill-shared-path", "prayer", prayer(n)) for n in (23, 24)]
    run(
        connection,
        f"UPDATE prayer SET text_file_path = replace(text_file_path, '.txt', '_2.txt') WHERE id = '{prayer(25)}'",
    )
    planted.append(Planted("thywill-healed-twice", "prayermark", HEX(0x3019)))
    plant("migrations", "schema_migrations", "001_initial_schema", "status = 'failed'")
    run(
        connection,
        "INSERT INTO schema_migrations (migration_id, applied_at, status) "
        f"VALUES ('010_supporter_fields', '{START}', 'completed')",
    )
    planted.append(Planted("thywill-migrations", "schema_migrations", "010_supporter_fields"))
    if era == 1:
        plant("used-token", "invitetoken", f"token{7:027d}", "used_by_user_id = NULL")
        plant("invisible-prayer", "prayer", prayer(26), "target_audience = NULL")
        return planted
    plant("counted-token", "invitetoken", f"token{7:027d}", "used_by_user_id = NULL")
    plant("usage-user", "invite_token_usage", HEX(0xC007), f"user_id = {ghost}, invite_token_id = 'token{6:027d}'")
    plant("usage-token", "invite_token_usage", HEX(0xC006), "invite_token_id = 'purged'")
    expiry = f"(SELECT expires_at FROM invitetoken WHERE token = 'token{5:027d}')"
    plant("invented-claim", "invite_token_usage", HEX(0xC005), f"claimed_at = {expiry}")
    plant("applicant-as-user", "membership_application", "m1", "username = 'Person Number 8'")
    run(
        connection,
        "INSERT INTO membership_application (id, username, status, processed_by_user_id) "
        f"VALUES ('m3', 'x', 'rejected', {ghost})",
    )
    run(
        connection,
        "INSERT INTO membership_application (id, username, status, invite_token) "
        "VALUES ('m4', 'y', 'approved', 'purged')",
    )
    planted += [
        Planted("thywill-application-admin", "membership_application", "m3"),
        Planted("thywill-application-token", "membership_application", "m4"),
    ]
    return planted


V1 = Fixture("thywill", tables_of(1), partial(fill, 1), partial(damage, 1))
V2 = Fixture("thywill", tables_of(2), partial(fill, 2), partial(damage, 2))
