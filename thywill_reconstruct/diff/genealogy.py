"""The invite tree from the archives alone, with what is uncertain about each member."""

from __future__ import annotations

from dataclasses import dataclass, replace

from thywill_reconstruct.diff.invites import circles
from thywill_reconstruct.diff.mentions import collect_mentions
from thywill_reconstruct.diff.registrations import joinings_by_key, read_joinings
from thywill_reconstruct.identity.model import Relations
from thywill_reconstruct.identity.resolve import resolve
from thywill_reconstruct.records import Archive
from thywill_reconstruct.times import Minute


@dataclass(frozen=True, slots=True)
class Member:
    """One person. ``inviter`` is a member's name, empty for the roots; ``doubts`` are plain phrases."""

    name: str
    joined: Minute | None
    inviter: str
    doubts: tuple[str, ...]


def read_genealogy(archive: Archive) -> tuple[Member, ...]:
    """Return every person the archives know, in order of joining. No circle is left in the result."""
    statements, _ = read_joinings(archive, frozenset())
    resolution = resolve(collect_mentions(archive, statements), [], Relations(), names_are_keys=True)
    people = {person.key: person for person in resolution.persons if person.key}
    joinings = joinings_by_key(archive, statements, resolution, frozenset(people))
    members = {}
    for key, person in people.items():
        doubts = []
        joining = joinings.get(key)
        named = list(dict.fromkeys(name for name, _ in joining.inviters)) if joining else []
        inviters = [who for name in named if (who := resolution.who(name))]
        inviters = list(dict.fromkeys(inviters))
        if person.registered is None:
            doubts.append("never registered, first seen then")
        if len(inviters) > 1:
            doubts.append(f"the archives name different inviters: {', '.join(inviters)}")
        elif named and not inviters:
            doubts.append(f"invited by {named[0]}, and who that is, is not certain")
        inviter = inviters[0] if len(inviters) == 1 else ""
        if inviter == key:
            doubts.append("invited by nobody else, says the line")
            inviter = ""
        joined = person.registered if person.registered is not None else person.first
        members[key] = Member(person.name, joined, inviter, tuple(doubts))
    _doubt_young_inviters(members)
    _cut_circles(members)
    ordered = sorted(members.values(), key=lambda member: (member.joined is None, member.joined or 0, member.name))
    return tuple(ordered)


def _doubt_young_inviters(members: dict[str, Member]) -> None:
    for key, member in members.items():
        inviter = members.get(member.inviter)
        if (
            inviter
            and inviter.joined is not None
            and member.joined is not None
            and inviter.joined > member.joined + 1
        ):
            doubt = f"the inviter {inviter.name} joined later"
            members[key] = replace(member, doubts=(*member.doubts, doubt))


def _cut_circles(members: dict[str, Member]) -> None:
    """Make the first member of every circle a root, and say so."""
    for circle in circles({key: member.inviter or None for key, member in members.items()}):
        first = members[circle[0]]
        doubt = f"invited by {members[first.inviter].name}, which closes a circle"
        members[circle[0]] = replace(first, inviter="", doubts=(*first.doubts, doubt))
