"""Who claimed which invite token, and when: what the live invite usage files know and rows have lost.

Only these files link a user to the token by which the user came (archive format spec, section 2.18). Recovery tools leave the
column empty, and the application's migration 008 gave every claim of an older token the time at which the token would
have expired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from thywill_reconstruct.database.rows import UsageRow, UserRow
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.joining_times import stored_time
from thywill_reconstruct.diff.registrations import Joining
from thywill_reconstruct.findings.finding import Change, Finding
from thywill_reconstruct.records import InviteUse


def mask(token: str) -> str:
    """Return a token so that it can be recognised but not used: its first four characters."""
    return f"{token[:4]}…"


def compare_claims(ctx: Context) -> Iterator[Finding]:
    """Yield IN012 for users who do not say by which token they came, and IN013 for claims at the time of expiry."""
    if ctx.snapshot.schema.column("user", "token"):
        yield from _tokens_of_users(ctx)
    yield from _times_of_claims(ctx)


def _tokens_of_users(ctx: Context) -> Iterator[Finding]:
    bearers: dict[str, set[str]] = defaultdict(set)
    for user in ctx.snapshot.users:
        if user.token:
            bearers[user.token].add(ctx.person_of(user.key))
    claimants: dict[str, set[str]] = defaultdict(set)
    for key, told in ctx.joinings.items():
        for use in told.claims:
            claimants[use.token].add(key)
    for row in ctx.snapshot.users:
        joining = ctx.joinings.get(row.key)
        if row.token or joining is None or row.key in ctx.resolution.twin_of:
            continue
        uses = {use.token: use for use in _at_joining(ctx, row, joining)}
        if len(uses) > 1:
            yield _unknown(ctx, row, uses, "The archives name more than one token.")
        elif any(not bearers[token] <= claimants[token] for token in uses):
            yield _unknown(ctx, row, uses, "Another user's row says that they came by this token.")
        else:
            for use in uses.values():
                evidence = (f"{use.file}:{use.line}", ctx.place("user", row.key))
                change = Change("update", "user", row.key, "fill", "token", row.token, use.token)
                yield Finding("IN012", "user", row.key, "token", mask(use.token), "no token", evidence, (change,))


def _at_joining(ctx: Context, row: UserRow, joining: Joining) -> list[InviteUse]:
    """Return the claims by which a person joined: those of the minute. A later one is a login on another device."""
    minutes = [statement.minute for statement in joining.said]
    minutes = minutes or list(ctx.archive_minutes(ctx.clocks.users, row.created))
    return [
        use
        for use in joining.claims
        if use.minute is not None and any(abs(use.minute - minute) <= SLACK for minute in minutes)
    ]


def _unknown(ctx: Context, row: UserRow, uses: dict[str, InviteUse], reason: str) -> Finding:
    evidence = (*(f"{use.file}:{use.line}" for use in uses.values()), ctx.place("user", row.key))
    return Finding("IN012", "user", row.key, "token", "", "no token", evidence, reason=reason)


def _times_of_claims(ctx: Context) -> Iterator[Finding]:
    """Yield the claims whose time is that of the token's expiry to the second, where the archives know the true one.

    ``claimed_at`` is written with ``utcnow()``, like attributes (section 6.1): they show how far that is from the archives'
    clock, and without any of them nothing does.
    """
    expiry = {token.key: token.expires for token in ctx.snapshot.tokens}
    for row in ctx.snapshot.usages:
        if not row.created or row.created != expiry.get(row.token):
            continue
        joining = ctx.joinings.get(ctx.person_of(row.user))
        uses = [use for use in joining.claims if use.token == row.token] if joining else []
        yield _claimed(ctx, row, uses)


def _claimed(ctx: Context, row: UsageRow, uses: list[InviteUse]) -> Finding:
    evidence = (*(f"{use.file}:{use.line}" for use in uses), ctx.place("usage", row.key))
    told = "the time at which the token expires"
    clock = ctx.clocks.attributes
    minute = uses[0].minute if len(uses) == 1 else None
    if minute is None or not clock.pairs:
        reason = "The archives do not tell when this token was claimed."
        if len(uses) > 1:
            reason = "The archives tell of more than one claim."
        elif minute is not None:
            reason = "Nothing tells how the clock of this table differs from that of the archives."
        return Finding("IN013", "usage", row.key, "created", "", told, evidence, reason=reason)
    created = stored_time(clock, minute, uses)
    change = Change("update", "usage", row.key, "fill", "created", row.created, created)
    return Finding("IN013", "usage", row.key, "created", f"claimed {created[:16]}", told, evidence, (change,))
