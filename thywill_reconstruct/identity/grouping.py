"""First step of resolving: join the spellings that the archives use for one person.

What is decided comes first. A name with its own registration line is its own person. A spelling without one joins the only
registered name that has the same canonical form, unless evidence keeps the two apart; where two come into question it joins
neither (design: identity).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from thywill_reconstruct.identity.app_names import application_spelling
from thywill_reconstruct.identity.canonical import Rung, key
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decision, Decisions
from thywill_reconstruct.identity.model import Joint, Mention
from thywill_reconstruct.identity.placeholders import is_placeholder, phantoms
from thywill_reconstruct.times import MINUTES_PER_DAY

# Below this length separators and accents are too much of the name to be ignored ("J. D." and "JD").
SHORTEST_LOOSE_KEY = 3
LOOSE_RUNGS = (Rung.NFC, Rung.FOLDED, Rung.JOINED, Rung.PLAIN)
# Index of rung -> key -> numbers of groups.
Index = dict[Rung, dict[str, set[int]]]


@dataclass(slots=True)
class Group:
    """Spellings of one person, while resolving. ``mentions[0]`` gives the name."""

    mentions: list[Mention]
    joints: list[Joint] = field(default_factory=lambda: [Rung.RAW])

    @property
    def name(self) -> str:
        """The leading spelling."""
        return self.mentions[0].name

    @property
    def names(self) -> list[str]:
        """All spellings, the leading one first."""
        return [mention.name for mention in self.mentions]

    @property
    def registered(self) -> tuple[int, ...]:
        """All registration minutes, ascending."""
        return tuple(sorted(minute for mention in self.mentions for minute in mention.registered))

    @property
    def logged(self) -> int:
        """How often the activity log names the person."""
        return sum(mention.logged for mention in self.mentions)

    def add(self, mention: Mention, joint: Joint) -> None:
        """Join a spelling."""
        self.mentions.append(mention)
        self.joints.append(joint)

    def absorb(self, other: Group, joint: Joint) -> None:
        """Join all spellings of another group, whose leading one met this one on a rung."""
        for mention, own in zip(other.mentions, [joint, *other.joints[1:]], strict=True):
            self.add(mention, own)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups, and the spellings that are no person or could be more than one."""

    groups: tuple[Group, ...]
    placeholders: tuple[Mention, ...]
    phantoms: tuple[tuple[Mention, str], ...]
    ambiguous: tuple[tuple[Mention, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about names before their spelling counts.

    Attributes:
        roster_names: Names that existing users bear. A spelling that is exactly such a name and that the activity log, or
            where there is none a prayer file, names as acting is an account of its own, however much it resembles another.
        pointing: Spelling -> the user keys that its records point at. Two spellings that point at different users are two
            people.
        apart: Pairs of spellings, each sorted, that acted at once: two people.
        decisions: What the operator decided.
        joined: Name -> all names that are the same person's, by decision or because they proved to be one user's.
        people: Names that look like placeholders and are people's.
        respells: Whether the application has respelled every name at its start (archive format spec, section 6.4).
    """

    roster_names: frozenset[str] = frozenset()
    pointing: Mapping[str, set[str]] = field(default_factory=dict)
    apart: frozenset[tuple[str, str]] = frozenset()
    decisions: Decisions = NO_DECISIONS
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    respells: bool = False

    def spelling_today(self, name: str) -> str:
        """Return how a row spells a name of the archives today."""
        return (application_spelling(name) or name) if self.respells else name

    def nature(self, group: Group) -> Decision | None:
        """Return the decision that says who or what a group is."""
        return next(filter(None, map(self.decisions.nature, group.names)), None)

    def is_nobody(self, name: str) -> bool:
        """Return whether a name stands for nobody: by decision, or by its form if no decision speaks of it."""
        nature = self.decisions.nature(name)
        if nature is not None:
            return nature.kind == "placeholder"
        return is_placeholder(name) and name not in self.people and not self.decisions.naming(name)

    def are_different(self, one: Group, other: Group) -> bool:
        """Return whether a decision keeps two groups apart."""
        if not self.decisions.entries:
            return False
        return any(self.decisions.apart(a, b) for a in one.names for b in other.names)

    def have_rows_each(self, one: Group, other: Group) -> bool:
        """Return whether users bear names of both groups exactly: accounts of their own, even if nobody sees a difference."""
        return not self.roster_names.isdisjoint(one.names) and not self.roster_names.isdisjoint(other.names)

    def registered_once(self, unit: Group, home: Group) -> bool:
        """Return whether two registered names that differ only in how letters are stored are one person's.

        To the application they are two. A tool that stored letters in another way leaves the same registrations under both,
        or the same user's records.
        """
        if self.are_different(unit, home) or self.have_rows_each(unit, home):
            return False
        pointing = [set().union(*(self.pointing.get(name, ()) for name in group.names)) for group in (unit, home)]
        if all(pointing):
            return not pointing[0].isdisjoint(pointing[1])
        return all(any(abs(minute - other) <= 1 for other in home.registered) for minute in unit.registered)

    def evidence_against(self, unit: Group, group: Group) -> bool:
        """Return whether records show that two groups of like names are two people."""
        pairs = [(a, b) for a in unit.names for b in group.names]
        if any((a, b) in self.apart or (b, a) in self.apart for a, b in pairs):
            return True
        first, second = self.pointing.get(unit.name, set()), self.pointing.get(group.name, set())
        return bool(first and second and first.isdisjoint(second)) or _acts_too_early(unit, group)


def _acts_too_early(unit: Group, group: Group) -> bool:
    """Return whether a spelling acted before the person joined, although she herself never did.

    A registration line that was healed later is younger than what the person did before (archive format spec, section
    2.2): then nothing follows. Healed lines mix clocks, so a day is allowed for.
    """
    if not group.registered:
        return False
    joined = group.registered[0] - MINUTES_PER_DAY
    return any(_before(mention, joined) for mention in unit.mentions) and not any(
        _before(mention, joined) for mention in group.mentions
    )


def _before(mention: Mention, minute: int) -> bool:
    return mention.first is not None and mention.first < minute


def loose_key(name: str, rung: Rung) -> str:
    """Return the key of a name on a rung, ``""`` where the rung is too loose for so short a name."""
    result = key(name, rung)
    return "" if rung >= Rung.JOINED and len(result) < SHORTEST_LOOSE_KEY else result


def index_by_key(names: Iterable[tuple[str, int]]) -> Index:
    """Return rung -> key -> the numbers of the names that have it. Empty keys are left out."""
    index: Index = {rung: defaultdict(set) for rung in LOOSE_RUNGS}
    for name, number in names:
        for rung in LOOSE_RUNGS:
            if found := loose_key(name, rung):
                index[rung][found].add(number)
    return index


def lookup(
    index: Mapping[Rung, Mapping[str, set[int]]], name: str, allowed: Callable[[int], bool] | None = None
) -> tuple[Rung, set[int]]:
    """Return the strictest rung on which a name meets others, and whom; ``(RAW, set())`` if nobody.

    Args:
        index: See ``index_by_key``.
        name: The name.
        allowed: Whether a number comes into question at all; without it, every one does.
    """
    for rung in LOOSE_RUNGS:
        hits = index[rung].get(loose_key(name, rung))
        if hits and allowed is not None:
            hits = set(filter(allowed, hits))
        if hits:
            return rung, hits
    return Rung.RAW, set()


def group_mentions(mentions: Sequence[Mention], known: Known) -> Grouping:
    """Join the spellings of the archives into persons.

    Args:
        mentions: One entry per spelling; any order, the result does not depend on it.
        known: What is known about names beside their spelling.
    """
    ordered = sorted(mentions, key=lambda m: (not m.registered, m.registered[:1], -m.logged, -m.written, m.name))
    units = _units([mention for mention in ordered if not known.is_nobody(mention.name)], known)
    groups: list[Group] = []
    same: dict[str, Group] = {}
    open_units: list[Group] = []
    for unit in units:
        home = same.get(key(unit.name, Rung.NFC)) if unit.registered else None
        if home is not None and known.registered_once(unit, home):
            home.absorb(unit, Rung.NFC)
        elif unit.registered or known.nature(unit):
            groups.append(unit)
            if unit.registered:
                same.setdefault(key(unit.name, Rung.NFC), unit)
        else:
            open_units.append(unit)
    index = index_by_key((name, number) for number, group in enumerate(groups) for name in group.names)
    ambiguous: list[tuple[Mention, tuple[str, ...]]] = []
    rest: list[Group] = []
    for unit in open_units:
        rung, hits = _meet(index, unit, groups, known)
        acting = any(m.name in known.roster_names and m.logged + m.unlogged > 0 for m in unit.mentions)
        if not hits or (acting and rung > Rung.NFC):
            rest.append(unit)
        elif len(hits) == 1:
            group = groups[next(iter(hits))]
            apart = (
                known.evidence_against(unit, group)
                if rung > Rung.NFC
                else acting and known.have_rows_each(unit, group)
            )
            if apart:
                rest.append(unit)
            else:
                group.absorb(unit, rung)
        else:
            ambiguous += _ambiguous(unit, groups, hits)
    cut_off = _phantoms(rest, ordered, known)
    left = [unit for unit in rest if unit.name not in cut_off]
    return Grouping(
        groups=(*groups, *_group_unregistered(left, known, ambiguous)),
        placeholders=tuple(m for m in ordered if known.is_nobody(m.name)),
        phantoms=tuple((unit.mentions[0], cut_off[unit.name]) for unit in rest if unit.name in cut_off),
        ambiguous=tuple(ambiguous),
    )


def _units(mentions: Sequence[Mention], known: Known) -> list[Group]:
    """Return the mentions, those that are one person's already put together, in the order of the leading ones."""
    units: dict[str, Group] = {}
    for mention in mentions:
        label = known.joined.get(mention.name, (mention.name,))[0]
        if label in units:
            units[label].add(mention, None)
        else:
            units[label] = Group([mention])
    return list(units.values())


def _meet(index: Index, unit: Group, groups: Sequence[Group], known: Known) -> tuple[Rung, set[int]]:
    """Return the strictest rung on which any spelling of a unit meets groups, and all groups that its spellings meet."""
    allowed = (lambda n: not known.are_different(unit, groups[n])) if known.decisions.entries else None
    found = [(rung, hits) for name in unit.names for rung, hits in (lookup(index, name, allowed),) if hits]
    return (min(rung for rung, _ in found), set().union(*(hits for _, hits in found))) if found else (Rung.RAW, set())


def _ambiguous(unit: Group, groups: Sequence[Group], hits: set[int]) -> list[tuple[Mention, tuple[str, ...]]]:
    names = tuple(sorted(groups[number].name for number in hits))
    return [(mention, names) for mention in unit.mentions]


def _phantoms(rest: Sequence[Group], mentions: Sequence[Mention], known: Known) -> dict[str, str]:
    """Return the names that are first words of longer names and that the log never saw acting (trap T9)."""
    suspects = [
        unit.name
        for unit in rest
        if not unit.logged and len(unit.mentions) == 1 and not known.decisions.naming(unit.name)
    ]
    return phantoms(suspects, (m.name for m in mentions if not known.is_nobody(m.name)))


def _group_unregistered(
    units: Sequence[Group], known: Known, ambiguous: list[tuple[Mention, tuple[str, ...]]]
) -> list[Group]:
    """Group spellings that meet no registered name: by existing users' exact names first, then by folded form."""
    groups = [unit for unit in units if not known.roster_names.isdisjoint(unit.names)]
    index = index_by_key((name, number) for number, group in enumerate(groups) for name in group.names)
    for unit in units:
        if not known.roster_names.isdisjoint(unit.names):
            continue
        rung, hits = _meet(index, unit, groups, known)
        if len(hits) > 1:
            ambiguous += _ambiguous(unit, groups, hits)
        elif hits and not (rung > Rung.NFC and known.evidence_against(unit, groups[min(hits)])):
            groups[min(hits)].absorb(unit, rung)
        else:
            groups.append(unit)
            for name in unit.names:
                for loose in LOOSE_RUNGS:
                    if found := loose_key(name, loose):
                        index[loose][found].add(len(groups) - 1)
    return groups
