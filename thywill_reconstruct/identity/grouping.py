"""First step of resolving: join the spellings that the archives use for one person.

A name with its own registration line is its own person. A spelling without one joins the only registered name that has
the same canonical form; where two come into question it joins neither (design: identity).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from thywill_reconstruct.identity.canonical import Rung, key
from thywill_reconstruct.identity.model import Mention
from thywill_reconstruct.identity.placeholders import is_placeholder, phantoms

# Below this length separators and accents are too much of the name to be ignored ("J. D." and "JD").
SHORTEST_LOOSE_KEY = 3
LOOSE_RUNGS = (Rung.NFC, Rung.FOLDED, Rung.JOINED, Rung.PLAIN)


@dataclass(slots=True)
class Group:
    """Spellings of one person, while resolving. ``mentions[0]`` gives the name."""

    mentions: list[Mention]
    rungs: list[Rung] = field(default_factory=lambda: [Rung.RAW])

    @property
    def name(self) -> str:
        """The leading spelling."""
        return self.mentions[0].name

    @property
    def registered(self) -> tuple[int, ...]:
        """All registration minutes, ascending."""
        return tuple(sorted(minute for mention in self.mentions for minute in mention.registered))

    @property
    def logged(self) -> int:
        """How often the activity log names the person."""
        return sum(mention.logged for mention in self.mentions)

    def add(self, mention: Mention, rung: Rung) -> None:
        """Join a spelling."""
        self.mentions.append(mention)
        self.rungs.append(rung)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups, and the spellings that are no person or could be more than one."""

    groups: tuple[Group, ...]
    placeholders: tuple[Mention, ...]
    phantoms: tuple[tuple[Mention, str], ...]
    ambiguous: tuple[tuple[Mention, tuple[str, ...]], ...]


def loose_key(name: str, rung: Rung) -> str:
    """Return the key of a name on a rung, ``""`` where the rung is too loose for so short a name."""
    result = key(name, rung)
    return "" if rung >= Rung.JOINED and len(result) < SHORTEST_LOOSE_KEY else result


def index_by_key(names: Iterable[tuple[str, int]]) -> dict[Rung, dict[str, set[int]]]:
    """Return rung -> key -> the numbers of the names that have it. Empty keys are left out."""
    index: dict[Rung, dict[str, set[int]]] = {rung: defaultdict(set) for rung in LOOSE_RUNGS}
    for name, number in names:
        for rung in LOOSE_RUNGS:
            if found := loose_key(name, rung):
                index[rung][found].add(number)
    return index


def lookup(index: Mapping[Rung, Mapping[str, set[int]]], name: str) -> tuple[Rung, set[int]]:
    """Return the strictest rung on which a name meets others, and whom; ``(RAW, set())`` if nobody."""
    for rung in LOOSE_RUNGS:
        hits = index[rung].get(loose_key(name, rung))
        if hits:
            return rung, hits
    return Rung.RAW, set()


def group_mentions(
    mentions: Sequence[Mention], roster_names: frozenset[str], pointing: Mapping[str, set[str]] | None = None
) -> Grouping:
    """Join the spellings of the archives into persons.

    Args:
        mentions: One entry per spelling; any order, the result does not depend on it.
        roster_names: Names that existing users bear. A spelling that is exactly such a name and that the activity log, or
            where there is none a prayer file, names as acting is an account of its own, however much it resembles another.
        pointing: Spelling -> the user keys that its records point at. Two spellings that point at different users are two
            people.
    """
    ordered = sorted(mentions, key=lambda m: (not m.registered, m.registered[:1], -m.logged, -m.written, m.name))
    placeholders = tuple(m for m in ordered if is_placeholder(m.name))
    real = [m for m in ordered if not is_placeholder(m.name)]
    groups: list[Group] = []
    same: dict[str, Group] = {}
    for mention in real:
        if mention.registered:
            form = key(mention.name, Rung.NFC)
            if form in same:
                same[form].add(mention, Rung.NFC)
            else:
                same[form] = Group([mention])
                groups.append(same[form])
    registered_count = len(groups)
    index = index_by_key((m.name, number) for number, group in enumerate(groups) for m in group.mentions)
    ambiguous: list[tuple[Mention, tuple[str, ...]]] = []
    rest: list[Mention] = []
    for mention in real:
        if mention.registered:
            continue
        rung, hits = lookup(index, mention.name)
        own_account = mention.name in roster_names and mention.logged + mention.unlogged > 0
        if not hits or (own_account and rung > Rung.NFC):
            rest.append(mention)
        elif len(hits) == 1:
            group = groups[next(iter(hits))]
            if rung > Rung.NFC and _point_apart(pointing or {}, mention.name, group.name):
                rest.append(mention)
            else:
                group.add(mention, rung)
        else:
            ambiguous.append((mention, tuple(sorted(groups[number].name for number in hits))))
    return Grouping(
        groups=(*groups[:registered_count], *_group_unregistered(rest, groups, roster_names, ambiguous)),
        placeholders=placeholders,
        phantoms=_phantoms(rest, real),
        ambiguous=tuple(ambiguous),
    )


def _point_apart(pointing: Mapping[str, set[str]], one: str, other: str) -> bool:
    """Return whether the records of two spellings point at different users, so that they are two people."""
    first, second = pointing.get(one, set()), pointing.get(other, set())
    return bool(first and second) and first.isdisjoint(second)


def _phantoms(rest: Sequence[Mention], real: Sequence[Mention]) -> tuple[tuple[Mention, str], ...]:
    """Return the mentions that are first words of longer names and that the log never saw acting (trap T9)."""
    found = phantoms((m.name for m in rest if not m.logged), (m.name for m in real))
    return tuple((m, found[m.name]) for m in rest if m.name in found)


def _group_unregistered(
    rest: Sequence[Mention],
    registered: Sequence[Group],
    roster_names: frozenset[str],
    ambiguous: list[tuple[Mention, tuple[str, ...]]],
) -> list[Group]:
    """Group spellings that meet no registered name: by existing users' exact names first, then by folded form."""
    phantom_names = {m.name for m, _ in _phantoms(rest, [*rest, *(m for g in registered for m in g.mentions)])}
    left = [m for m in rest if m.name not in phantom_names]
    groups = [Group([m]) for m in left if m.name in roster_names]
    index = index_by_key((group.name, number) for number, group in enumerate(groups))
    for mention in left:
        if mention.name in roster_names:
            continue
        rung, hits = lookup(index, mention.name)
        if not hits:
            groups.append(Group([mention]))
            for rung in LOOSE_RUNGS:
                if found := loose_key(mention.name, rung):
                    index[rung][found].add(len(groups) - 1)
        elif len(hits) == 1:
            groups[next(iter(hits))].add(mention, rung)
        else:
            ambiguous.append((mention, tuple(sorted(groups[number].name for number in hits))))
    return groups
