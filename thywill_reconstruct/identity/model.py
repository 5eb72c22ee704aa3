"""The values that go into resolving names and come out of it. Plain and frozen: no database, no disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.times import Minute

Verdict = Literal[
    "match", "renamed", "missing", "possible", "ambiguous", "placeholder", "phantom", "unproven", "ignored", "shared"
]
# The rung that joined a spelling with the others of its person; ``None`` where a decision or other evidence did.
Joint = Rung | None


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A user that exists: key, name, and when the row says the person joined (archive clock; ``None`` if unknown).

    ``registered`` says that the row claimed an invite token, ``invited`` that it names an inviter: the former was made by a
    registration, the latter perhaps; what repair tools make has neither.
    """

    key: str
    name: str
    created: Minute | None
    registered: bool = False
    invited: bool = False


class Use(NamedTuple):
    """A name while one person bore it: the user's key, from when (inclusive) to when (exclusive); ``None`` is open-ended.

    ``key`` is ``None`` for a person of whom no row is known: then the name itself has to be resolved.
    """

    key: str | None
    since: Minute | None
    until: Minute | None


def bearer_then(uses: Sequence[Use], minute: Minute | None) -> str | None:
    """Return the key of the one user who bore a name at a minute, ``""`` if that is open.

    ``None`` means a person who is not known by a row, so that the name itself has to be resolved. Without a minute the answer
    is certain only if the name was one user's all along.
    """
    keys = {
        use.key
        for use in uses
        if minute is None
        or ((use.since is None or use.since <= minute) and (use.until is None or minute < use.until))
    }
    return keys.pop() if len(keys) == 1 else ""


@dataclass(frozen=True, slots=True)
class Mention:
    """One spelling as the archives write it, and how.

    Attributes:
        registered: Minutes of its registration lines, ascending; empty if it has none.
        logged: How often the monthly activity log names it as the one who acted.
        unlogged: How often a prayer file does, at a time of which there is no activity log.
        written: How often prayer files, registration files and token files name it.
        first: The earliest time it was seen, ``None`` if no line with a time names it.
        places: A few ``file:line`` that name it, registrations first.
    """

    name: str
    registered: tuple[Minute, ...]
    logged: int
    written: int
    first: Minute | None
    places: tuple[str, ...]
    unlogged: int = 0


@dataclass(frozen=True, slots=True)
class Relations:
    """What events that stand in archive and database alike say about names and keys.

    Attributes:
        living: name -> existing user key -> how many of the name's records point at that user.
        vanished: key that no user has -> name -> how many of the rows behind that key the archives ascribe to the name.
        references: key that no user has -> number of rows that refer to it, in all tables.
        since: key that no user has -> time of the oldest row that refers to it, on the database's clock.
        until: key that no user has -> time of the newest one.
        older: keys of users to whom rows refer that are older than the user's own row.
        stated: user key, living or not -> the names that exports pair with it.
        merged: key that no user has -> key of the user into whom the application's merge log says it was merged.
        apart: pairs of spellings, each sorted, that acted in the same minute on the same prayer: two people.
    """

    living: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    vanished: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    references: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, Minute] = field(default_factory=dict)
    until: Mapping[str, Minute] = field(default_factory=dict)
    older: frozenset[str] = frozenset()
    stated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """One person whom the archives know.

    Attributes:
        name: The spelling of the registration line, or the most used one.
        spellings: Every spelling that was joined, with what joined it.
        key: The user key: of the living row, or the one a recreated row gets. Empty if the verdict allows neither.
        verdict: ``match``, ``renamed`` (living row under another name), ``missing`` (to be recreated), ``ignored``
            (deliberately deleted, by decision), or why not; ``shared`` for the part of a name's time that may be another's.
        registered: The earliest registration, ``None`` if no line tells.
        first: Earliest sighting.
        twins: Further living rows under variants of the name.
        former: Vanished keys that were this person's; also of an ignored person.
        valid_from: When set, records before this minute may belong to an earlier bearer of the name.
        open_from: For a shared name of which other times are known: records from this minute on are in question.
        notes: The evidence, plain sentences.
        decided: The decisions that name her, plain sentences; also among the notes.
        candidates: Names or keys that came into question, best first (possible and ambiguous verdicts).
        scores: The score of each candidate's name with this one, in the same order (``score.score_pair``).
        places: Archive places that name the person.
    """

    name: str
    spellings: tuple[tuple[str, Joint], ...]
    key: str
    verdict: Verdict
    registered: Minute | None
    first: Minute | None
    twins: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    valid_from: Minute | None = None
    open_from: Minute | None = None
    notes: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who everybody is.

    Attributes:
        persons: One entry per person or unresolved name, sorted by name.
        key_of: spelling -> user key, for every spelling that is certain.
        twin_of: key of a doubled row -> key of the person's own row.
        former: vanished key -> key of the person whose it was.
        uses: spelling -> whose it was, by time: of names that several people bore, or that are not their person's today.
        bearers: spelling that is not always certain -> every user key, living or gone, whose it may have been.
    """

    persons: tuple[Person, ...]
    key_of: Mapping[str, str]
    twin_of: Mapping[str, str]
    former: Mapping[str, str]
    uses: Mapping[str, tuple[Use, ...]] = field(default_factory=dict)
    bearers: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def who(self, name: str, minute: Minute | None = None) -> str:
        """Return the key of the user whom a name meant at a minute, ``""`` if that is not certain."""
        uses = self.uses.get(name)
        key = bearer_then(uses, minute) if uses else None
        return self.key_of.get(name, "") if key is None else self.twin_of.get(key, key)

    def person(self, name: str) -> Person | None:
        """Return the person or unresolved entry that bears a spelling."""
        return next((p for p in self.persons if any(name == spelling for spelling, _ in p.spellings)), None)
