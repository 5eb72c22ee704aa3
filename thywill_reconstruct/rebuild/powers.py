"""Rows that let somebody in or act for others: invite tokens, roles, login sessions. Only on request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.history import stable_id
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.rebuild.reading import given, moment, person, when
from thywill_reconstruct.records import AuxRecord, InviteUse
from thywill_reconstruct.times import as_database_text

Row = dict[str, Value]
POWERS = ("roles", "sessions", "tokens")
TOKEN_LIFE_MINUTES = 12 * 60


def power_rows(
    ctx: Context, exported: Mapping[str, Sequence[AuxRecord]], include: Collection[str]
) -> dict[str, list[Row]]:
    """Return table -> rows of the powers that were asked for.

    Args:
        ctx: The archives beside an empty database.
        exported: Records of bulk exports and side files by kind.
        include: Any of ``POWERS``.
    """
    tables: dict[str, list[Row]] = {}
    if "tokens" in include:
        tables["invitetoken"] = list(_tokens(ctx, exported.get("invite-token", ())))
        if "invite_token_usage" in ctx.snapshot.schema.tables:
            known = {row["token"] for row in tables["invitetoken"]}
            tables["invite_token_usage"] = [
                row for row in _usage(ctx, exported.get("invite-token-usage", ())) if row["invite_token_id"] in known
            ]
    if "roles" in include:
        tables["role"] = list(_roles(ctx, exported.get("role", ())))
        known = {row["id"] for row in tables["role"]}
        tables["user_roles"] = [row for row in _grants(ctx, exported.get("user-role", ())) if row["role_id"] in known]
    if "sessions" in include:
        tables["session"] = list(_sessions(ctx, exported.get("session", ())))
    return tables


def _tokens(ctx: Context, exported: Iterable[AuxRecord]) -> Iterator[Row]:
    """Yield exported tokens, then those that only the usage log knows: they expired 12 hours after they were made."""
    done = set()
    for fields in (dict(record.fields) for record in exported):
        token, expires = fields.get("token", ""), when(fields.get("expires_at", ""))
        maker = _maker(ctx, fields.get("created_by_user") or fields.get("created_by", ""))
        if token and token not in done and expires and maker:
            done.add(token)
            uses = int(fields["usage_count"]) if fields.get("usage_count", "").isdigit() else 0
            user = person(ctx, given(fields.get("used_by_user_id") or fields.get("used_by_user")) or "")
            limit = fields.get("max_uses", "")
            yield _token(token, maker, uses, int(limit) if limit.isdigit() else None, expires, user)
    lines: dict[str, list[InviteUse]] = defaultdict(list)
    for use in ctx.archive.invite_uses:
        lines[use.token].append(use)
    for token, uses_of in lines.items():
        made = min((use.minute for use in uses_of if use.minute is not None), default=None)
        maker = next((m for m in (_maker(ctx, use.creator) for use in uses_of) if m), "")
        if token in done or made is None or not maker:
            continue
        claims = [who for who in (person(ctx, use.used_by) for use in uses_of if use.used_by) if who]
        expires = as_database_text(made + TOKEN_LIFE_MINUTES)
        yield _token(token, maker, len(claims), 1, expires, claims[-1] if claims else "")


def _maker(ctx: Context, word: str) -> str:
    return "system" if word == "system" else person(ctx, word)


def _token(token: str, maker: str, uses: int, limit: int | None, expires: str, user: str) -> Row:
    return {
        "token": token, "created_by_user": maker, "usage_count": uses, "used": int(uses > 0), "max_uses": limit,
        "expires_at": expires, "used_by_user_id": user or None, "token_type": "new_user",
    }  # fmt: skip


def _usage(ctx: Context, exported: Iterable[AuxRecord]) -> Iterator[Row]:
    told = [(r, dict(r.fields)) for r in exported]
    rows = [(f.get("invite_token_id", ""), person(ctx, f.get("user_id", "")), moment(r), f) for r, f in told]
    seen = {(token, user) for token, user, _, _ in rows}
    for use in ctx.archive.invite_uses:
        user = person(ctx, use.used_by) if use.used_by else ""
        if user and (use.token, user) not in seen and use.minute is not None:
            seen.add((use.token, user))
            rows.append((use.token, user, as_database_text(use.minute), {}))
    for number, (token, user, claimed, fields) in enumerate(rows):
        if token and user and claimed:
            key = stable_id("usage", token, user, claimed, number)
            ip = given(fields.get("ip_address"))
            yield {"id": key, "invite_token_id": token, "user_id": user, "claimed_at": claimed, "ip_address": ip}


def _roles(ctx: Context, exported: Iterable[AuxRecord]) -> Iterator[Row]:
    """Yield the roles of bulk exports; those without an id cannot be granted to anybody and are left out."""
    done = set()
    for record in exported:
        fields = dict(record.fields)
        key, name = fields.get("id", ""), fields.get("role_name") or fields.get("name", "")
        if not key or not name or name in done:
            continue
        done.add(name)
        system = fields.get("is_system_role", "").lower() in ("yes", "true", "1")
        yield {
            "id": key, "name": name, "description": given(fields.get("description")),
            "permissions": fields.get("permissions") or "[]",
            "created_at": when(fields.get("created_at", "")) or _first(ctx),
            "created_by": person(ctx, given(fields.get("created_by")) or "") or None, "is_system_role": int(system),
        }  # fmt: skip


def _first(ctx: Context) -> str:
    """Return the time of the first registration: roles are made with the community, and no export says when."""
    joined = [joining.minute for joining in ctx.joinings.values() if joining.minute is not None]
    return as_database_text(min(joined, default=0))


def _grants(ctx: Context, exported: Iterable[AuxRecord]) -> Iterator[Row]:
    done = set()
    for record in exported:
        fields = dict(record.fields)
        user, granted = person(ctx, fields.get("user_id", "")), when(fields.get("granted_at", ""))
        key, role = fields.get("id", ""), fields.get("role_id", "")
        if key and key not in done and user and granted:
            done.add(key)
            expires = given(fields.get("expires_at"))
            yield {
                "id": key, "user_id": user, "role_id": role,
                "granted_by": person(ctx, given(fields.get("granted_by")) or "") or None, "granted_at": granted,
                "expires_at": when(expires) if expires else None,
            }  # fmt: skip


def _sessions(ctx: Context, records: Iterable[AuxRecord]) -> Iterator[Row]:
    done = set()
    column = ctx.snapshot.schema.columns["session", "user"]
    for record in records:
        fields = dict(record.fields)
        key, user = fields.get("session_id", ""), person(ctx, fields.get("username", ""))
        created, expires = when(fields.get("created_at", "")), when(fields.get("expires_at", ""))
        if key and key not in done and user and created and expires:
            done.add(key)
            yield {
                "id": key, column: user, "created_at": created, "expires_at": expires,
                "device_info": given(fields.get("device_info")), "ip_address": given(fields.get("ip_address")),
                "is_fully_authenticated": int(fields.get("is_fully_authenticated", "").lower() in ("yes", "true")),
            }  # fmt: skip
