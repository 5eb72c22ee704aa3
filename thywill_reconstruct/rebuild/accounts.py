"""Rows about how people logged in, and of the changelog: login requests, approvals, audit, security log, notifications.

They stand in bulk exports (archive format spec, section 3.2), security events in a live file as well. None of them lets
anybody in by itself: that takes a login session, which is only rebuilt on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.history import stable_id
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.rebuild.reading import given, person, when
from thywill_reconstruct.records import AuxRecord

Row = dict[str, Value]
Fields = dict[str, str]


def account_rows(ctx: Context, exported: Mapping[str, Sequence[AuxRecord]]) -> dict[str, list[Row]]:
    """Return table -> rows, each row once, however many exports hold it.

    What belongs to a login request that no export holds is left out; so is a row about somebody whose name is not certain
    where the table demands one.

    Args:
        ctx: The archives beside an empty database.
        exported: Records of bulk exports and side files by kind.
    """
    requests = _once(_request(ctx, fields) for fields in _fields(exported, "auth-request", "id"))
    known = {row["id"] for row in requests}
    tables = {
        "authenticationrequest": requests,
        "authapproval": _once(_approval(ctx, f) for f in _fields(exported, "auth-approval", "created_at")),
        "authauditlog": _once(_audit(ctx, f) for f in _fields(exported, "auth-audit", "created_at")),
        "notification_state": _once(_notification(ctx, f) for f in _fields(exported, "notification-state", "id")),
        "securitylog": list(_security(ctx, _fields(exported, "security-event", "timestamp"))),
        "changelogentry": _once((_change(f) for f in _fields(exported, "changelog", "commit_id")), "commit_id"),
    }
    for table in ("authapproval", "authauditlog", "notification_state"):
        tables[table] = [row for row in tables[table] if row["auth_request_id"] in known]
    return {table: rows for table, rows in tables.items() if table in ctx.snapshot.schema.tables}


def _fields(exported: Mapping[str, Sequence[AuxRecord]], kind: str, needed: str) -> Iterator[Fields]:
    """Yield the fields of a kind's records that have a column; live files of the same kind name theirs otherwise."""
    for record in exported.get(kind, ()):
        fields = dict(record.fields)
        if fields.get(needed):
            yield fields


def _once(rows: Iterable[Row | None], key: str = "id") -> list[Row]:
    found: dict[Value, Row] = {}
    for row in rows:
        if row is not None:
            found.setdefault(row[key], row)
    return list(found.values())


def _request(ctx: Context, fields: Fields) -> Row | None:
    user, created, expires = person(ctx, fields["user_id"]), when(fields["created_at"]), when(fields["expires_at"])
    if not (user and created and expires):
        return None
    return {
        "id": fields["id"], "user_id": user, "device_info": given(fields["device_info"]),
        "ip_address": given(fields["ip_address"]), "created_at": created, "expires_at": expires, "status": fields["status"],
    }  # fmt: skip


def _approval(ctx: Context, fields: Fields) -> Row | None:
    user, created = person(ctx, fields["approver_user_id"]), when(fields["created_at"])
    if not (user and created):
        return None
    request = fields["auth_request_id"]
    key = stable_id("approval", request, user, created)
    return {"id": key, "auth_request_id": request, "approver_user_id": user, "created_at": created}


def _audit(ctx: Context, fields: Fields) -> Row | None:
    created = when(fields["created_at"])
    if created is None:
        return None
    actor = given(fields["actor_user_id"])
    return {
        "id": stable_id("audit", *fields.values()), "auth_request_id": fields["auth_request_id"], "action": fields["action"],
        "actor_user_id": person(ctx, actor) or None if actor else None, "actor_type": given(fields["actor_type"]),
        "details": given(fields["details"]), "ip_address": given(fields["ip_address"]),
        "user_agent": given(fields["user_agent"]), "created_at": created,
    }  # fmt: skip


def _notification(ctx: Context, fields: Fields) -> Row | None:
    user, created = person(ctx, fields["user_id"]), when(fields["created_at"])
    if not (user and created):
        return None
    return {
        "id": fields["id"], "user_id": user, "auth_request_id": fields["auth_request_id"],
        "notification_type": fields["notification_type"], "is_read": int(fields["is_read"].lower() == "yes"),
        "created_at": created, "read_at": when(given(fields["read_at"]) or ""),
    }  # fmt: skip


def _security(ctx: Context, told: Iterable[Fields]) -> Iterator[Row]:
    """Yield security events. The live line has the second and the program, so it stands for the exported row of its minute."""
    live: set[tuple[str, ...]] = set()
    done: set[Value] = set()
    for fields in sorted(told, key=lambda each: "user_agent" not in each):
        created, who = when(fields["timestamp"]), given(fields["user_id"])
        if created is None:
            continue
        same = (created[:16], fields["event_type"], fields["user_id"], fields["ip_address"])
        if "user_agent" in fields:
            live.add(same)
        elif same in live:
            continue
        key = stable_id("security", *fields.values())
        if key not in done:
            done.add(key)
            yield {
                "id": key, "event_type": fields["event_type"], "user_id": (person(ctx, who) or who) if who else None,
                "ip_address": given(fields["ip_address"]), "user_agent": given(fields.get("user_agent")),
                "details": given(fields["details"]), "created_at": created,
            }  # fmt: skip


def _change(fields: Fields) -> Row | None:
    committed, created = when(fields.get("commit_date", "")), when(fields.get("created_at", ""))
    if not (committed and fields.get("original_message")):
        return None
    return {
        "commit_id": fields["commit_id"], "original_message": fields["original_message"],
        "friendly_description": given(fields.get("friendly_description")), "change_type": given(fields.get("change_type")),
        "commit_date": committed, "created_at": created or committed,
    }  # fmt: skip
