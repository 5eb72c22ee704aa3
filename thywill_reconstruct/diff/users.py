"""Users: who is missing, doubled, renamed, or cannot be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.joining_times import compare_joining_times, stored_time
from thywill_reconstruct.diff.merges import compare_merges
from thywill_reconstruct.findings.finding import Change, Finding, Value
from thywill_reconstruct.identity.app_names import application_name
from thywill_reconstruct.identity.model import Person
from thywill_reconstruct.times import next_second, show

_OPEN = {
    "ambiguous": ("US004", "Nothing was booked on anybody."),
    "possible": ("US007", "Nothing was booked on anybody, and no user is made of it."),
    "unproven": ("US007", "No user is made of it."),
    "placeholder": ("US005", "No user is made of it."),
    "shared": ("US019", "Nothing from that time was booked on anybody."),
    "phantom": ("US006", "The application cut it off. No user is made of it."),
}


def compare_users(ctx: Context, inviters: Mapping[str, str | None], tokens: Mapping[str, str]) -> Iterator[Finding]:
    """Yield US001 to US007, US009 and US017 to US019.

    Args:
        ctx: Everything known.
        inviters: user key -> the inviter that a recreated user gets, as the invite comparison found it.
        tokens: user key -> the invite token that a recreated user claimed.
    """
    recreated: dict[str, str] = {}
    originals = _newest_of_a_name(ctx)
    for person in ctx.resolution.persons:
        if person.verdict == "missing":
            original = originals.get(application_name(person.name))
            finding = _recreate(ctx, person, inviters.get(person.key), tokens.get(person.key), original)
            recreated |= {c.key: str(dict(c.row)["created"]) for c in finding.changes}
            yield finding
        elif person.verdict in _OPEN:
            code, reason = _OPEN[person.verdict]
            reason = " ".join([*(f"{note[0].upper()}{note[1:]}." for note in person.notes), reason])
            candidates = _candidates(ctx, person)
            yield Finding(
                code, "archive", f"name {person.name}", "", candidates, person.name, person.places, reason=reason
            )
        elif person.verdict == "ignored":
            yield _ignored(ctx, person)
        elif person.verdict == "renamed":
            here = (*person.places, *person.notes)
            reason = "The user is the same person. Nothing is changed."
            yield Finding("US003", "user", person.key, "name", person.name, ctx.name(person.key), here, reason=reason)
        for twin in person.twins:
            yield _doubled(ctx, person, twin)
    yield from compare_joining_times(ctx)
    yield from compare_merges(ctx, recreated)


def _candidates(ctx: Context, person: Person) -> str:
    """Return who comes into question, each with the score of her name (``identity.score``)."""
    names = [ctx.name(c) if c in ctx.users else c for c in person.candidates]
    return ", ".join(f"{name} ({score:g})" for name, score in zip(names, person.scores, strict=True))


def _ignored(ctx: Context, person: Person) -> Finding:
    """Return what refers to a person who is not to come back."""
    snapshot = ctx.snapshot
    keys = {*person.former, *person.candidates}
    rows = (
        *(("prayer", row.key, row.author) for row in snapshot.prayers),
        *(("mark", row.key, row.user) for row in snapshot.marks),
        *(("attribute", row.key, row.user) for row in snapshot.attributes),
        *(("log", row.key, row.user) for row in snapshot.log),
        *(("user", row.key, row.inviter) for row in snapshot.users),
    )
    found = [ctx.place(entity, key) for entity, key, user in rows if user in keys] if keys else []
    names = {name for name, _ in person.spellings}
    written = sum(not names.isdisjoint(file.author for file in source.files) for source in ctx.sources.values())
    actual = f"{len(found):,} rows refer to her; {written:,} prayers of the archives are hers"
    reason = f"{'. '.join(person.decided)}. Nothing of hers is brought back, and what is there stays."
    evidence = (*person.places, *found)
    return Finding("US009", "archive", f"name {person.name}", "", "", actual, evidence, reason=reason)


def _recreate(ctx: Context, person: Person, inviter: str | None, token: str | None, original: str | None) -> Finding:
    """Return the repair of a missing user: never with today's date, never with a role or session.

    The time is the archives', to the second where a file knows it, but never before that of a living user who is the same to
    the application: of those it keeps the oldest row at its next start, and deletes the others (archive format spec, section
    6.4). ``original`` is when such a user joined.
    """
    joining = ctx.joinings.get(person.key)
    minute = person.registered if person.registered is not None else person.first
    if minute is None:
        reason = "No archive line tells when this person joined or first acted."
        return Finding("US001", "user", person.key, "", person.name, "no row", person.places, reason=reason)
    estimated = person.registered is None
    created = stored_time(ctx.clocks.users, minute, joining.claims if joining else ())
    row: tuple[tuple[str, Value], ...] = (
        ("key", person.key),
        ("name", person.name),
        ("created", max(created, next_second(original))),
        ("inviter", inviter),
        ("token", token),
        ("path", ctx.pathways.spell(joining.file) if joining and joining.file else None),
    )
    when = f"{'first seen' if estimated else 'joined'} {show(minute)}" + (" (estimated)" if estimated else "")
    invited = f", invited by {ctx.name(inviter)}" if inviter else ""
    return Finding(
        "US001",
        "user",
        person.key,
        "",
        f"{person.name}, {when}{invited}",
        "no row",
        (*(joining.places if joining else person.places), *person.notes),
        (Change("create", "user", person.key, "recreate", row=row),),
    )


def _newest_of_a_name(ctx: Context) -> dict[str, str]:
    """Return name, as the application compares names -> when the newest user who bears it joined, as stored.

    Empty in era v2, where the application fails to merge anybody (``diff.merges``).
    """
    if ctx.snapshot.schema.names_are_keys:
        return {}
    newest: dict[str, str] = {}
    for user in ctx.users.values():
        if (name := application_name(user.name)) and user.created:
            newest[name] = max(newest.get(name, ""), user.created)
    return newest


def _doubled(ctx: Context, person: Person, twin: str) -> Finding:
    """Return the finding of a doubled row. The row itself goes only where the operator asks for it."""
    evidence = (*person.places, f"user row {twin}, joined {ctx.users[twin].created}", *person.decided)
    return Finding(
        "US002",
        "user",
        twin,
        "",
        f"one row, {person.name!r}",
        f"a second row, {ctx.users[twin].name!r}",
        evidence,
        (Change("delete", "user", twin, "delete"),),
    )
