"""Names as keys (era v2): one spelling for a person and for all that refers to her.

In era v2 a row is referred to by display name (database schema spec, section 4), so another case, another space or a rename by
hand cuts a person off from everything that was hers, and ids of era v1 may be left in columns that kept their name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, cast

from thywill_reconstruct.database.rows import Snapshot, UserRow, references_to_users
from thywill_reconstruct.diff.clocks import SLACK, Clock
from thywill_reconstruct.diff.mentions import is_nobody
from thywill_reconstruct.diff.registrations import Joined
from thywill_reconstruct.findings.finding import Change, Entity, Finding
from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.grouping import index_by_key, lookup
from thywill_reconstruct.identity.model import Resolution
from thywill_reconstruct.identity.placeholders import looks_like_key
from thywill_reconstruct.records import StatedIdentity
from thywill_reconstruct.times import Minute, iso_minute

# Case, width, spaces and separators do not make another key; accents do.
_LOOSEST = Rung.JOINED


def count_references(snapshot: Snapshot) -> Counter[str]:
    """Return user key -> how many rows of all tables refer to it."""
    counts = snapshot.count_references()
    for reference in snapshot.references:
        counts[reference.user] += reference.rows
    return counts


def respell_users(
    snapshot: Snapshot, statements: Iterable[Joined], clock: Clock
) -> tuple[Snapshot, tuple[Finding, ...]]:
    """Return the database as it is once every user's own row bears the spelling that refers to it, and US008 for each.

    A row is respelled if more rows refer to the other spelling than to its own, the archives registered that spelling in the
    minute in which the row was made, and no second row or spelling comes into question. What refers to its own spelling, in
    any table, follows in the same finding: nobody loses a prayer, a mark, a role or a login by it. In era v1 nothing is.

    Args:
        snapshot: The database.
        statements: Registration statements.
        clock: The clock of the user table.
    """
    if not snapshot.schema.names_are_keys:
        return snapshot, ()
    registered: dict[str, set[Minute]] = defaultdict(set)
    for statement in statements:
        registered[statement.name].add(statement.minute)
    references = count_references(snapshot)
    living = {user.key for user in snapshot.users}
    rows = [user for user in snapshot.users if user.key not in registered]
    index = index_by_key((user.key, number) for number, user in enumerate(rows))
    wanted: dict[int, list[str]] = defaultdict(list)
    for name in sorted(registered.keys() - living):
        rung, hits = lookup(index, name)
        if len(hits) != 1 or rung > _LOOSEST:
            continue
        row = rows[min(hits)]
        if references[name] > references[row.key] and _made_then(row, registered[name], clock):
            wanted[min(hits)].append(name)
    spelling = {rows[number].key: names[0] for number, names in wanted.items() if len(names) == 1}
    followers = _followers(snapshot, spelling.keys())
    # A reference that was counted but not read could not follow, so its user stays as she is.
    spelling = {key: name for key, name in spelling.items() if len(followers[key]) == references[key]}
    findings = tuple(
        _respelled(snapshot, user, spelling[user.key], references, followers[user.key])
        for user in rows
        if user.key in spelling
    )
    return (_spelled(snapshot, spelling), findings) if spelling else (snapshot, ())


def _followers(snapshot: Snapshot, keys: Collection[str]) -> dict[str, list[tuple[Entity, str, str]]]:
    """Return user key -> (entity, field, row key) of every row, in any table, that refers to it."""
    found: dict[str, list[tuple[Entity, str, str]]] = {key: [] for key in keys}
    further = ((row.entity, row.field, row.key, row.user) for row in snapshot.kin)
    if keys:
        for entity, name, row, user in chain(references_to_users(snapshot), further):
            if user in found:
                found[user].append((cast(Entity, entity), name, row))
    return found


def _spelled(snapshot: Snapshot, spelling: Mapping[str, str]) -> Snapshot:
    """Return the database with other user keys, in the users' own rows and in all that refer to them."""

    def new(key: Any) -> Any:
        return spelling.get(key, key)

    return replace(
        snapshot,
        users=tuple(
            row._replace(key=new(row.key), name=spelling.get(row.key, row.name), inviter=new(row.inviter))
            for row in snapshot.users
        ),
        prayers=tuple(row._replace(author=new(row.author)) for row in snapshot.prayers),
        marks=tuple(row._replace(user=new(row.user)) for row in snapshot.marks),
        attributes=tuple(row._replace(user=new(row.user)) for row in snapshot.attributes),
        log=tuple(row._replace(user=new(row.user)) for row in snapshot.log),
        tokens=tuple(row._replace(creator=new(row.creator), user=new(row.user)) for row in snapshot.tokens),
        references=tuple(row._replace(user=new(row.user)) for row in snapshot.references),
        kin=tuple(row._replace(user=new(row.user)) for row in snapshot.kin),
    )


def _made_then(user: UserRow, registered: Iterable[Minute], clock: Clock) -> bool:
    created = iso_minute(user.created)
    minutes = () if created is None else clock.archive_minutes(created)
    return any(abs(minute - when) <= SLACK for minute in minutes for when in registered)


def _respelled(
    snapshot: Snapshot,
    user: UserRow,
    name: str,
    references: Mapping[str, int],
    followers: Iterable[tuple[Entity, str, str]],
) -> Finding:
    table = snapshot.schema.table("user")
    evidence = (
        f"{table} row {user.key}",
        f"{references[name]} rows refer to {name!r}, {references[user.key]} to {user.key!r}",
    )
    changes = (
        Change("update", "user", user.key, "fill", "key", user.key, name),
        *(Change("update", entity, row, "fill", column, user.key, name) for entity, column, row in followers),
    )
    return Finding("US008", "user", user.key, "key", repr(name), repr(user.key), evidence, changes)


def at_stored_keys(findings: Iterable[Finding], respelled: Sequence[Finding]) -> list[Finding]:
    """Return findings whose changes name a respelled user by the key under which she is stored until then.

    A row that refers to her and that the archives show to be somebody else's has one change, theirs.
    """
    if not respelled:
        return list(findings)
    stored = {str(finding.changes[0].after): finding.key for finding in respelled}
    follows = {_cell(change): change.before for finding in respelled for change in finding.changes[1:]}
    others: set[tuple[str, str, str]] = set()

    def at_stored(change: Change) -> Change:
        here = change.entity == "user" and change.action == "update" and change.key in stored
        moved = replace(change, key=stored[change.key]) if here else change
        if change.action == "update" and _cell(moved) in follows:
            others.add(_cell(moved))
            return replace(moved, before=follows[_cell(moved)])
        return moved

    ours = set(map(id, respelled))
    result = [
        finding if id(finding) in ours else replace(finding, changes=tuple(map(at_stored, finding.changes)))
        for finding in findings
    ]
    return [
        replace(finding, changes=tuple(change for change in finding.changes if _cell(change) not in others))
        if id(finding) in ours
        else finding
        for finding in result
    ]


def _cell(change: Change) -> tuple[str, str, str]:
    return (change.entity, change.key, change.field)


def find_aliases(
    snapshot: Snapshot, resolution: Resolution, identities: Iterable[StatedIdentity]
) -> Mapping[str, str]:
    """Return dangling reference -> key of the person whom it means for certain; empty in era v1.

    Certain is a spelling that the archives use for one person; one that differs from exactly one person's in case, width,
    spaces and separators only; and an id that exports pair with one person's name.
    """
    if not snapshot.schema.names_are_keys:
        return {}
    living = {user.key for user in snapshot.users}
    missing = {person.key for person in resolution.persons if person.verdict == "missing"}
    late = {person.key for person in resolution.persons if person.valid_from is not None}
    people = sorted((living | missing) - resolution.twin_of.keys())
    spelled = [(key, number) for number, key in enumerate(people)]
    number_of = {key: number for number, key in enumerate(people)}
    spelled += [(name, number_of[key]) for name, key in resolution.key_of.items() if key in number_of]
    index = index_by_key(spelled)
    found: dict[str, str] = {}
    for value in sorted(count_references(snapshot)):
        if value in living or value in missing or is_nobody(value) or looks_like_key(value):
            continue
        rung, hits = lookup(index, value)
        key = resolution.key_of.get(value) or (people[min(hits)] if len(hits) == 1 and rung <= _LOOSEST else "")
        if key:
            found[value] = key
    said: dict[str, set[str]] = defaultdict(set)
    for pair in identities:
        said[pair.key].add(resolution.key_of.get(pair.name) or (pair.name if pair.name in living else ""))
    found |= {key: next(iter(names)) for key, names in said.items() if len(names) == 1 and key not in living}
    return {value: key for value, key in found.items() if key and key not in late}
