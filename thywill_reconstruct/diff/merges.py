"""What the application will do to doubled users when it starts: said beforehand, never repaired.

At every start it takes users whose names are the same to it (``identity.app_names``) for one, keeps the oldest row and
deletes the others. It means to move what is theirs, but errors are swallowed, and with sqlmodel 0.0.24 nothing is moved
(archive format spec, section 6.4). In era v2 this step ends in an error before it does anything: it looks for user ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.app_names import application_name


def compare_merges(ctx: Context, recreated: Mapping[str, str]) -> Iterator[Finding]:
    """Yield US018, one for each group of users who are one user to the application.

    Args:
        ctx: Everything known.
        recreated: key -> time of joining of the users who are recreated.
    """
    if ctx.snapshot.schema.names_are_keys:
        return
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    rows = [(user.created or "", user.key, user.name) for user in ctx.users.values()]
    rows += [(created, key, ctx.missing[key]) for key, created in recreated.items()]
    for created, key, name in rows:
        if form := application_name(name):
            groups[form].append((created.replace("T", " "), key))
    counts = ctx.snapshot.count_references()
    for reference in ctx.snapshot.references:
        counts[reference.user] += reference.rows
    for _, members in sorted(groups.items()):
        if len(members) > 1:
            yield _finding(ctx, sorted(members), counts)


def _finding(ctx: Context, members: list[tuple[str, str]], counts: Mapping[str, int]) -> Finding:
    """Return what will happen to the members, given as (time of joining, key), the oldest first."""
    (created, kept), *others = members
    gone = [f"{ctx.name(key)!r} (joined {joined[:16]}, {_rows(counts[key])})" for joined, key in others]
    actual = (
        f"{ctx.name(kept)!r} (joined {created[:16]}) stays, {', '.join(gone)} {'goes' if len(gone) == 1 else 'go'}"
    )
    reason = (
        "At its next start the application keeps the row that joined first and deletes the others; what refers to them may "
        f"be lost. Before that, {_advice(ctx, kept, others)}"
    )
    places = tuple(ctx.place("user", key) for _, key in members if key in ctx.users)
    return Finding("US018", "user", kept, "name", "", actual, places, reason=reason)


def _rows(number: int) -> str:
    return "1 row refers to it" if number == 1 else f"{number:,} rows refer to it"


def _advice(ctx: Context, kept: str, others: list[tuple[str, str]]) -> str:
    twin_of = ctx.resolution.twin_of
    if len({twin_of.get(key, key) for key in (kept, *(key for _, key in others))}) == 1:
        return "repair with --merge-duplicates, which moves what is theirs and then deletes the doubled row."
    return "if they are one person, decide `same` and repair; if they are not, let one of them take another name."
