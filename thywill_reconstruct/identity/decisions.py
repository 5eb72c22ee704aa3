"""What the operator decided about names, and what resolving asks of it. A decision wins over every other evidence."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Literal, NamedTuple, get_args

Kind = Literal["same", "different", "user", "new", "placeholder", "ignore"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What a name is. A name has one of these at most; ``same`` and ``different`` say how two names stand to each other.
NATURES: frozenset[Kind] = frozenset({"user", "new", "placeholder", "ignore"})


class Decision(NamedTuple):
    """One decision.

    Attributes:
        kind: ``same``: the names are one person's. ``different``: each of the names is another person's. ``user``: the names
            are those of the user with ``id``. ``new``: the names are one person's who is no user that bears another name.
            ``placeholder``: each of the names is nobody's. ``ignore``: a person deliberately deleted.
        names: As the archives or the database write them; at least two for ``same`` and ``different``.
        id: The user's key; empty for all kinds but ``user``.
        by: Who decided.
        on: When.
        why: The reason; may be empty.
        line: The 1-based line of the file, 0 if it was not read from one.
        since: For ``user``: the names are that user's from this day on; before, they are whose the evidence says.
        until: For ``user``: the names were that user's up to this day, which does not count; since, they are another's.
        called: For ``user``: how that person is called today, if not as in the lines. A user who is gone is recreated under
            this name; without it nobody is recreated beside another bearer of the name, and what refers to the id stays.
    """

    kind: Kind
    names: tuple[str, ...]
    id: str
    by: str
    on: date
    why: str = ""
    line: int = 0
    since: date | None = None
    until: date | None = None
    called: str = ""

    @property
    def of_a_time(self) -> bool:
        """Whether the decision says whose names were at a time or are called today, not what they are throughout."""
        return self.kind == "user" and bool(self.since or self.until or self.called)

    def told(self) -> str:
        """Return who decided and where it stands, for reports: ``decided by Ruth on 2025-07-01 (line 4)``."""
        return f"decided by {self.by} on {self.on.isoformat()} (line {self.line})"

    def when(self) -> str:
        """Return for which time it holds and how the person is called today, to put behind the rest of a sentence."""
        since = f" from {self.since.isoformat()} on" if self.since else ""
        until = f" until {self.until.isoformat()}" if self.until else ""
        return since + until + (f", today called {self.called!r}" if self.called else "")

    def sentence(self) -> str:
        """Return what was decided, by whom and where it stands, as reports show it."""
        names = " and ".join(map(repr, self.names))
        said = _SAID[self.kind] if len(self.names) == 1 else _SAID_OF_SEVERAL[self.kind]
        return f"{names} {said.format(id=self.id)}{self.when()}: {self.told()}"


_SAID: dict[Kind, str] = {
    "same": "is one person",
    "different": "is another person",
    "user": "is user {id}",
    "new": "is a person of their own",
    "placeholder": "stands for nobody",
    "ignore": "was deleted on purpose",
}
_SAID_OF_SEVERAL: dict[Kind, str] = {
    "same": "are one person",
    "different": "are different people",
    "user": "are user {id}",
    "new": "are a person of their own",
    "placeholder": "stand for nobody",
    "ignore": "were deleted on purpose",
}


@dataclass(frozen=True)
class Decisions:
    """All decisions, in the order of the file, and the questions that resolving asks of them."""

    entries: tuple[Decision, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what is decided; comments, empty lines and the order of decisions do not count."""
        parts = sorted(
            repr((*entry[:4], entry.on.isoformat(), entry.why, *map(str, entry[-3:] if entry.of_a_time else ())))
            for entry in self.entries
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @cached_property
    def _clusters(self) -> Mapping[str, tuple[str, ...]]:
        """Name -> all names that are one person's by decision."""
        near: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            if entry.kind in ("same", "user", "new") and not entry.of_a_time:
                anchor = f"id\0{entry.id}" if entry.kind == "user" else f"name\0{entry.names[0]}"
                for name in entry.names:
                    near[anchor].add(f"name\0{name}")
                    near[f"name\0{name}"].add(anchor)
        found: dict[str, tuple[str, ...]] = {}
        for start in sorted(near):
            if start.removeprefix("name\0") in found or start.startswith("id\0"):
                continue
            reached, waiting = {start}, [start]
            while waiting:
                waiting += (new := near[waiting.pop()] - reached)
                reached |= new
            names = tuple(sorted(n.removeprefix("name\0") for n in reached if n.startswith("name\0")))
            found.update(dict.fromkeys(names, names))
        return found

    @cached_property
    def _natures(self) -> Mapping[str, Decision]:
        """Name -> the decision that says what it is, of it or of a name that is the same person's."""
        own = {
            name: entry
            for entry in self.entries
            if entry.kind in NATURES
            for name in ((entry.called,) if entry.of_a_time else entry.names)
            if name
        }
        for cluster in set(self._clusters.values()):
            said = next((own[name] for name in cluster if name in own), None)
            if said is not None:
                own.update({name: own.get(name, said) for name in cluster})
        return own

    @cached_property
    def _apart(self) -> Mapping[frozenset[tuple[str, ...]], Decision]:
        pairs: dict[frozenset[tuple[str, ...]], Decision] = {}
        for entry in self.entries:
            if entry.kind == "different":
                for one, other in combinations(entry.names, 2):
                    pairs.setdefault(frozenset((self.together(one), self.together(other))), entry)
        return pairs

    def together(self, name: str) -> tuple[str, ...]:
        """Return all names that decisions make one person's with a name, itself included, sorted."""
        return self._clusters.get(name, (name,))

    def nature(self, name: str) -> Decision | None:
        """Return the decision that says who or what a name is: ``user``, ``new``, ``placeholder`` or ``ignore``."""
        return self._natures.get(name)

    def joining(self, one: str, other: str) -> Decision | None:
        """Return a decision that makes two names one person's, directly if there is such a one, or ``None``."""
        if one == other or other not in self.together(one):
            return None
        joins = [e for e in self.entries if e.kind in ("same", "user", "new") and {one, other} & set(e.names)]
        return max(joins, key=lambda entry: ({one, other} <= set(entry.names), -entry.line))

    def apart(self, one: str, other: str) -> Decision | None:
        """Return the decision that keeps two names apart, be it through names that are the same as these, or ``None``.

        Two names of which decisions say what each is, but not that they are one person's, are apart as well.
        """
        if not self.entries or (mine := self.together(one)) == (hers := self.together(other)):
            return None
        if decision := self._apart.get(frozenset((mine, hers))):
            return decision
        return self.nature(one) if self.nature(other) else None

    def naming(self, name: str) -> tuple[Decision, ...]:
        """Return every decision that names a name."""
        return tuple(entry for entry in self.entries if name in entry.names)

    def settles(self, one: str, other: str) -> bool:
        """Return whether a pair of names is decided, so that nobody need be asked about it again."""
        return self.joining(one, other) is not None or self.apart(one, other) is not None


NO_DECISIONS = Decisions()
