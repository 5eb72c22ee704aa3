"""Further tables: skips, notifications, token usage, logs and applications; roles, sessions and approvals.

Their references to users are undeclared or unenforced (database schema spec, section 4.2). What a row refers to is changed only
where it is certain who that was: a vanished id or another spelling of a name. What lets somebody in or act for others is
left alone unless the operator names it (``findings.codes.GUARDED``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from thywill_reconstruct.database.rows import FurtherRow
from thywill_reconstruct.database.schema import POWERFUL, TABLES
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.registrations import user_named
from thywill_reconstruct.findings.finding import Change, Entity, Finding
from thywill_reconstruct.identity.placeholders import is_placeholder, looks_like_key

_CODES: dict[str, str] = {
    "role": "DB003",
    "grant": "DB003",
    "session": "DB004",
    "request": "DB005",
    "approval": "DB005",
}
_ENTITIES: dict[str, Entity] = {
    "skip": "skip",
    "notification": "notification",
    "usage": "usage",
    "audit": "audit",
    "security": "security",
    "application": "application",
    "session": "session",
    "role": "role",
    "grant": "grant",
    "request": "request",
    "approval": "approval",
}


def compare_further(ctx: Context) -> Iterator[Finding]:
    """Yield DB001 and DB003 to DB005 for references to nobody, DB006 for rows that lead to no other row, DB007 for twins.

    One finding per row whose person is certain, one per table and column for all others.
    """
    left: Counter[tuple[str, str, str]] = Counter()
    claimants = _claimants(ctx) if any(row.entity == "usage" for row in ctx.snapshot.further) else {}
    for row in ctx.snapshot.further:
        if not ctx.dangles(row.user) or _means_nobody(row):
            continue
        former = ctx.resolution.former.get(row.user, "")
        claimant = claimants.get(row.token, "") if row.entity == "usage" else ""
        key = former if claimant in ("", former) else "" if former else claimant
        if key in ctx.sound:
            yield _moved(ctx, row, key)
        else:
            left[_CODES.get(row.entity, "DB001"), row.entity, row.field] += 1
    for row in ctx.snapshot.kin:
        person = ctx.resolution.twin_of.get(row.user)
        if person and row.entity not in POWERFUL:
            yield _off_twin(ctx, row, person)
    for (code, entity, name), rows in sorted(left.items()):
        table, column = TABLES[entity], ctx.snapshot.schema.column(entity, name) or ""
        reason = "Nothing tells who it was."
        yield Finding(code, "other", table, column, "", _counted(rows), (f"{table}.{column}",), reason=reason)
    for loose in ctx.snapshot.loose:
        place = f"{loose.table}.{loose.column}"
        reason = f"There is no such row in {loose.target}. Nothing is deleted."
        yield Finding("DB006", "other", loose.table, loose.column, "", _counted(loose.rows), (place,), reason=reason)


def _claimants(ctx: Context) -> dict[str, str]:
    """Return invite token that was used exactly once -> who used it, where the users' rows and the usage log agree."""
    once = {token.key for token in ctx.snapshot.tokens if token.uses == 1}
    found: dict[str, set[str]] = defaultdict(set)
    for user in ctx.snapshot.users:
        if user.token in once:
            found[user.token or ""].add(ctx.person_of(user.key))
    for use in ctx.archive.invite_uses:
        if use.used_by and use.token in once:
            found[use.token].add(user_named(use.used_by, ctx.resolution, ctx.known, use.minute))
    return {token: next(iter(people)) for token, people in found.items() if len(people) == 1}


def _means_nobody(row: FurtherRow) -> bool:
    """Return whether a value is what the application writes where there is no user, rather than a lost reference."""
    return row.user == "system" or (
        row.entity in ("security", "audit") and is_placeholder(row.user) and not looks_like_key(row.user)
    )


def _moved(ctx: Context, row: FurtherRow, key: str) -> Finding:
    entity = _ENTITIES[row.entity]
    change = Change("update", entity, row.key, "fill", row.field, row.user, key)
    table, column = TABLES[row.entity], ctx.snapshot.schema.column(row.entity, row.field)
    was_hers = ctx.resolution.former.get(row.user) == key
    proof = f"{row.user!r} was {ctx.name(key)}'s" if was_hers else f"only {ctx.name(key)} used this invite token"
    evidence = (f"{table}.{column}", proof)
    code = _CODES.get(row.entity, "DB001")
    return Finding(code, entity, row.key, row.field, ctx.name(key), ctx.name(row.user), evidence, (change,))


def _off_twin(ctx: Context, row: FurtherRow, person: str) -> Finding:
    entity = _ENTITIES[row.entity]
    change = Change("update", entity, row.key, "relink", row.field, row.user, person)
    evidence = (ctx.place(entity, row.key), ctx.place("user", row.user))
    return Finding("DB007", entity, row.key, row.field, ctx.name(person), ctx.name(row.user), evidence, (change,))


def _counted(rows: int) -> str:
    return f"{rows:,} row refers to nobody" if rows == 1 else f"{rows:,} rows refer to nobody"
