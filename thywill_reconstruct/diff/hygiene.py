"""Odd names of the roster as findings: nothing is repaired, for only the operator can settle them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.hygiene import Oddity, Remark, audit

_CODES: dict[Oddity, tuple[str, str]] = {
    "equal": ("US010", "If they are one person, the archives do not show it; nothing is merged"),
    "confusable": ("US011", "Somebody may be posing as the other; nothing is merged"),
    "mixed scripts": ("US012", "The name stays as it is"),
    "undrawn": ("US013", "The name stays as it is"),
    "spaces": ("US014", "The name stays as it is"),
    "nobody": ("US015", "The row stays as it is"),
    "first word": ("US016", "The application may have cut it off; the row stays as it is"),
}
_UNSOLVED = {"ambiguous", "possible", "unproven"}


def compare_names(ctx: Context, settled: Callable[[str, str], bool] | None = None) -> Iterator[Finding]:
    """Yield US010 to US016, but for what US002 to US007 say about the same rows.

    Args:
        ctx: Everything known.
        settled: Whether the operator has decided of two names that they are one person's, or two persons'.
    """
    groups = _groups(ctx)

    def is_settled(one: str, other: str) -> bool:
        if groups.get(one, set()) & groups.get(other, set()):
            return True
        return settled is not None and settled(ctx.users[one].name, ctx.users[other].name)

    persons = ctx.resolution.persons
    told = {("nobody", folded(person.name)) for person in persons if person.verdict == "placeholder"} | {
        ("first word", folded(person.name)) for person in persons if person.verdict == "phantom"
    }
    for remark in audit([(user.key, user.name) for user in ctx.users.values()], _idle(ctx), is_settled):
        doubled = remark.user in ctx.resolution.twin_of  # US002: the row is one too many, whatever its name
        if remark.oddity == "nobody" and ctx.users[remark.user].name in ctx.people:
            continue
        if not doubled and (remark.oddity, folded(ctx.users[remark.user].name)) not in told:
            yield _finding(ctx, remark)


def _finding(ctx: Context, remark: Remark) -> Finding:
    code, reason = _CODES[remark.oddity]
    others = ", ".join(ctx.users[other].name for other in remark.others)
    places = tuple(ctx.place("user", key) for key in (remark.user, *remark.others))
    detail = remark.detail[0].upper() + remark.detail[1:]
    return Finding(
        code, "user", remark.user, "name", others, ctx.users[remark.user].name, places, reason=f"{detail}. {reason}."
    )


def _groups(ctx: Context) -> dict[str, set[str]]:
    """Return user key -> the persons and open questions in which the user has been reported already."""
    found: dict[str, set[str]] = {}
    for twin, own in ctx.resolution.twin_of.items():
        for key in (twin, own):
            found.setdefault(key, set()).add(own)
    for person in ctx.resolution.persons:
        if person.verdict in _UNSOLVED:
            for key in (*person.candidates, person.key):
                if key in ctx.users:
                    found.setdefault(key, set()).add(f"name {person.name}")
    return found


def _idle(ctx: Context) -> set[str]:
    """Return the users of whom nothing is known but the row: no archive names them, and nothing refers to them."""
    snapshot = ctx.snapshot
    busy: set[str | None] = {person.key for person in ctx.resolution.persons}
    busy.update(list(ctx.resolution.twin_of))
    busy.update(list(ctx.joinings))
    busy.update(user.key for user in snapshot.users if user.inviter or user.token)
    busy.update(user.inviter for user in snapshot.users)
    busy.update(prayer.author for prayer in snapshot.prayers)
    for rows in (snapshot.marks, snapshot.attributes, snapshot.log, snapshot.tokens, snapshot.references):
        busy.update(row.user for row in rows)
    busy.update(token.creator for token in snapshot.tokens)
    return ctx.users.keys() - busy
