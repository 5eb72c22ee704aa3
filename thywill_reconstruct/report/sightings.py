"""Everything that the archives tell of some names, line by line: for people who have to judge who somebody is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.registrations import Joined, read_joinings
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.records import Archive, Span
from thywill_reconstruct.times import Minute


class Deed(NamedTuple):
    """Something that a name did to a prayer, and the lines that tell of it: the activity log's, the prayer file's, or both."""

    kind: str
    prayer: str
    minute: Minute
    places: tuple[str, ...]


@dataclass(slots=True)
class Sighting:
    """What the archives tell of one spelling.

    Attributes:
        joined: Its registrations, those of the registration files first.
        invited: Registrations of others that name it as the inviter.
        deeds: What it did, in order of time.
        tokens: Lines of the invite usage files that name it.
    """

    joined: list[Joined] = field(default_factory=list)
    invited: list[Joined] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def places(self) -> Iterator[str]:
        """Yield every line that tells of it, registrations first."""
        for statement in (*self.joined, *self.invited):
            yield statement.place
        for deed in self.deeds:
            yield from deed.places
        yield from self.tokens


def sight(archive: Archive, known: Collection[str], names: Collection[str]) -> dict[str, Sighting]:
    """Return what the archives tell of each of some names. One pass over the archives.

    Args:
        archive: The archives.
        known: Names of existing users, which decide how registration lines are read (trap T4).
        names: The spellings that are asked for.
    """
    found = {name: Sighting() for name in names}
    statements, _ = read_joinings(archive, frozenset(map(folded, known)))
    for statement in sorted(statements, key=lambda s: (not s.file, s.minute, s.place)):
        if statement.name in found:
            found[statement.name].joined.append(statement)
        if statement.inviter in found:
            found[statement.inviter].invited.append(statement)
    for use in archive.invite_uses:
        for name in {use.used_by, use.creator} & found.keys():
            found[name].tokens.append(f"{use.file}:{use.line}")
    for name, deeds in _deeds(archive, found).items():
        found[name].deeds = sorted(deeds, key=lambda deed: (deed.minute, deed.prayer, deed.kind, deed.places))
    return found


def _deeds(archive: Archive, names: Collection[str]) -> dict[str, list[Deed]]:
    """Return name -> deeds; a line of a prayer file and one of the log that tell the same are one deed."""
    written: dict[tuple[str, str, str], list[tuple[Minute, str]]] = defaultdict(list)
    for file in archive.prayers:
        prayer = file.prayer_id or file.file
        if file.author in names and file.submitted is not None:
            written[file.author, "submitted", prayer].append((file.submitted, f"{file.file}:1"))
        for line in file.activities:
            if line.actor in names and not line.doubtful:
                place = str(Span(file.file, line.first, line.last))
                written[line.actor, line.kind, prayer].append((line.minute, place))
    deeds: dict[str, list[Deed]] = defaultdict(list)
    for entry in archive.log:
        if entry.actor not in names or entry.kind == "registered":
            continue
        twin = written.get((entry.actor, entry.kind, entry.prayer_id), [])
        same = next((one for one in twin if abs(one[0] - entry.minute) <= SLACK), None)
        place = f"{entry.file}:{entry.line}"
        if same is not None:
            twin.remove(same)
        places = (place,) if same is None else (same[1], place)
        deeds[entry.actor].append(Deed(entry.kind, entry.prayer_id, entry.minute, places))
    for (name, kind, prayer), left in written.items():
        deeds[name] += [Deed(kind, prayer, minute, (place,)) for minute, place in left]
    return deeds


def count_deeds(deeds: Collection[Deed]) -> tuple[tuple[str, int], ...]:
    """Return how often which kind of thing was done, the most frequent first."""
    counts = Counter(deed.kind for deed in deeds)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
