"""What every comparator works with: archive and database, who is who, the clocks, and rows by prayer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from thywill_reconstruct.database.rows import AttributeRow, LogRow, MarkRow, PrayerRow, Snapshot, UserRow
from thywill_reconstruct.diff.clocks import Clock
from thywill_reconstruct.diff.pathways import Pathways
from thywill_reconstruct.diff.registrations import Joining
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.identity.model import Relations, Resolution, RosterEntry, bearer_then
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.records import Archive
from thywill_reconstruct.times import Minute, iso_minute

# Stands before a name that was not resolved, so that it can take part in pairing without ever becoming a user's key.
UNRESOLVED = "\0"


class _OfPrayer(Protocol):
    @property
    def prayer(self) -> str: ...


Row = TypeVar("Row", bound=_OfPrayer)


def by_prayer(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Group rows by the prayer they belong to, keeping their order."""
    result: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        result[row.prayer].append(row)
    return result


@dataclass(frozen=True, slots=True)
class Clocks:
    """One clock per group of columns that are written with the same clock (archive format spec, section 6.1)."""

    users: Clock
    prayers: Clock
    marks: Clock
    attributes: Clock
    prayed_log: Clock
    set_log: Clock


@dataclass(frozen=True, slots=True)
class Context:
    """Everything known before findings are made.

    Attributes:
        relations: what events that stand in both say about names and user keys.
        roster: the users, with the time they joined on the archives' clock.
        users: living users by key.
        prayers: prayer rows by id.
        sources: archive sources by prayer id.
        joinings: user key -> what the archives say about the person's registration.
        known: keys of living users and of those the plan recreates.
        sound: the known keys that are not a twin's: whatever refers to them refers to a person's own row.
        missing: key -> name of those the plan recreates.
        late_names: user key -> minute before which records may belong to an earlier bearer of the name.
        exported: (entity, id) of a dangling row -> the person whom an export names for it, and where (see ``exports``).
        people: names that look like placeholders and are people's.
        words: user keys that are such names (era v2): a row that says ``None`` may mean the member or nobody, so that it says
            nothing unless a line of theirs stands at its time.
        several_names: users who registered under another name than they bear.
        lost: vanished keys of people who bore a name with a history.
        gone: those of them of whom it is known when they bore it.
        held: user key -> name in a line -> how many records of that name point at the user.
        ignored: name of a person whom decisions ignore -> the decision, in words.
        aliases: dangling reference -> key of the person whom it means for certain, under another spelling (era v2).
    """

    archive: Archive
    snapshot: Snapshot
    resolution: Resolution
    relations: Relations
    roster: tuple[RosterEntry, ...]
    clocks: Clocks
    pathways: Pathways
    users: Mapping[str, UserRow]
    prayers: Mapping[str, PrayerRow]
    sources: Mapping[str, PrayerSources]
    joinings: Mapping[str, Joining]
    marks: Mapping[str, list[MarkRow]]
    attributes: Mapping[str, list[AttributeRow]]
    log: Mapping[str, list[LogRow]]
    known: frozenset[str]
    sound: frozenset[str]
    missing: Mapping[str, str]
    late_names: Mapping[str, Minute]
    aliases: Mapping[str, str] = field(default_factory=dict)
    exported: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    several_names: frozenset[str] = frozenset()
    held: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def is_nobody(self, name: str) -> bool:
        """Return whether a name in the archives stands for nobody: on a list of such names, and registered by no one."""
        return is_placeholder(name) and name not in self.people

    def who(self, name: str, minute: Minute | None = None) -> str:
        """Return the user key of a spelling, or ``UNRESOLVED`` and the name where it is not certain.

        A name that was registered twice may have had an earlier bearer: before its user joined it is not certain.
        """
        resolution = self.resolution
        bearer = bearer_then(resolution.uses[name], minute) if name in resolution.uses else None
        if bearer is not None:
            known = resolution.twin_of.get(bearer, bearer)
        else:
            known = resolution.key_of.get(name, "")
        late = self.late_names and minute is not None and minute < self.late_names.get(known, minute)
        return UNRESOLVED + name if late or known not in self.known else known

    def may_be(self, who: str, minute: Minute) -> frozenset[str]:
        """Return the user keys, living or gone, that an unresolved name may mean then: rows that say so agree with it."""
        name = who[len(UNRESOLVED) :]
        bearer = bearer_then(self.resolution.uses[name], minute) if name in self.resolution.uses else None
        return frozenset([bearer]) if bearer else self.resolution.bearers.get(name, frozenset())

    def why_unresolved(self, who: str) -> str:
        """Return why nothing is booked on an unresolved name, as ``who`` returns it."""
        name = who[len(UNRESOLVED) :]
        if name in self.ignored:
            return f"The archives say {name!r}. {self.ignored[name]}."
        return f"The archives say {name!r}, and who that is, is not certain."

    def archive_minutes(self, clock: Clock, created: str | None) -> tuple[Minute, ...]:
        """Return the archive minutes that a stored time may mean on a table's clock; empty if it cannot be read."""
        minute = iso_minute(created)
        return () if minute is None else clock.archive_minutes(minute)

    def person_of(self, key: str | None) -> str:
        """Return the key of the person behind a row's user key: of a twin its person, of nobody ``""``."""
        if key is None or key not in self.known or key in self.words:
            return self.aliases.get(key or "", "")
        return self.resolution.twin_of.get(key, key)

    def formerly(self, key: str | None) -> str:
        """Return whose a reference was that names nobody for certain: a vanished id's owner, or the member called so."""
        if key is None:
            return ""
        return self.resolution.former.get(key, "") or (key if key in self.words else "")

    def dangles(self, key: str | None) -> bool:
        """Return whether a reference points at nobody, living or recreated, for all that the row itself tells."""
        return key is None or key not in self.known or key in self.words

    def name(self, key: str | None) -> str:
        """Return how a user is called in reports."""
        if not key:
            return "nobody"
        if key.startswith(UNRESOLVED):
            return repr(key[1:])
        if key in self.users:
            return self.users[key].name
        if key in self.missing:
            return self.missing[key]
        return "nobody" if is_placeholder(key) else f"unknown user {key}"

    def place(self, entity: str, key: str) -> str:
        """Return a database row as evidence."""
        return f"{self.snapshot.schema.table(entity)} row {key}"
