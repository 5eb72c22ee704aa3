"""Decisions that cannot all hold, or of which one says nothing new.

Every decision must be undone by removing its lines, so a decision that follows from others is refused as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from thywill_reconstruct.identity.decisions import Decision

Node = tuple[str, str]
Problem = tuple[int, str]
_MEANS = {
    "user": "are user {id!r}",
    "new": "are a new person",
    "placeholder": "stand for nobody",
    "ignore": "are ignored",
}


class _Links:
    """Names and user ids that are one person, and the lines that make them so."""

    def __init__(self) -> None:
        self.near: dict[Node, dict[Node, int]] = defaultdict(dict)

    def path(self, start: Node, goal: Node) -> list[int] | None:
        """Return the lines that make two nodes one person, or ``None``; the shortest such chain."""
        came: dict[Node, tuple[Node, int]] = {start: (start, 0)}
        waiting = [start]
        for node in waiting:
            if node == goal:
                return self._lines_back(came, start, goal)
            for other, line in self.near[node].items():
                if other not in came:
                    came[other] = (node, line)
                    waiting.append(other)
        return None

    @staticmethod
    def _lines_back(came: dict[Node, tuple[Node, int]], start: Node, goal: Node) -> list[int]:
        """Return the lines on the way from the start, the first one first."""
        lines: list[int] = []
        while goal != start:
            goal, line = came[goal]
            lines.append(line)
        return lines[::-1]

    def join(self, one: Node, other: Node, line: int) -> None:
        """Make two nodes one person."""
        self.near[one][other] = self.near[other][one] = line

    def reach(self, start: Node) -> list[Node]:
        """Return all nodes that are one person with a node."""
        found = {start: None}  # ordered, and quick to ask
        waiting = [start]
        for node in waiting:
            new = [other for other in self.near[node] if other not in found]
            found.update(dict.fromkeys(new))
            waiting += new
        return waiting


def find_contradictions(entries: Sequence[Decision]) -> list[Problem]:
    """Return (line, sentence) of every decision that contradicts another or repeats what others say."""
    links = _Links()
    of_a_time = [entry for entry in entries if entry.of_a_time]
    entries = [entry for entry in entries if not entry.of_a_time]
    return [
        *_times(of_a_time, entries),
        *_natures(entries),
        *_joins(entries, links),
        *_two_ids(entries, links),
        *_differences(entries, links),
    ]


def _natures(entries: Sequence[Decision]) -> Iterator[Problem]:
    """A name is one thing only; a name that is nobody, or to be ignored, is nobody's other name."""
    said: dict[str, Decision] = {}
    for entry in entries:
        if entry.kind not in _MEANS:
            continue
        for name in entry.names:
            first = said.setdefault(name, entry)
            if first is entry:
                continue
            if (first.kind, first.id) == (entry.kind, entry.id):
                yield entry.line, f"{name!r} was decided in the same way on line {first.line}"
            else:
                yield entry.line, f"{name!r} and others {_means(entry)}, but {_means(first)} on line {first.line}"
    for entry in entries:
        for name in entry.names if entry.kind == "same" else ():
            nature = said.get(name)
            if nature is not None and nature.kind in ("placeholder", "ignore"):
                yield (
                    entry.line,
                    f"{name!r} has another name here, but line {nature.line} says {nature.kind}; "
                    f"give every spelling to the decision {nature.kind} instead",
                )


def _times(entries: Sequence[Decision], others: Sequence[Decision]) -> Iterator[Problem]:
    """A name is one person's at a time, and nobody says of the same name what it is throughout."""
    throughout = {name: entry for entry in others if entry.kind in _MEANS for name in entry.names}
    for number, entry in enumerate(entries):
        for name in entry.names:
            if name in throughout:
                yield entry.line, f"{name!r} {_means(throughout[name])} at all times on line {throughout[name].line}"
        for other in entries[:number]:
            both = sorted({*entry.names} & {*other.names})
            apart = (entry.until and other.since and entry.until <= other.since) or (
                other.until and entry.since and other.until <= entry.since
            )
            if both and not apart:
                yield entry.line, f"{both[0]!r} is somebody's at the same time by line {other.line}"


def _means(entry: Decision) -> str:
    return _MEANS[entry.kind].format(id=entry.id)


def _joins(entries: Sequence[Decision], links: _Links) -> Iterator[Problem]:
    """Join what is one person; what was one already is a circle, so that no line of it could be undone by itself."""
    for entry in entries:
        if entry.kind not in ("same", "user", "new"):
            continue
        anchor: Node = ("id", entry.id) if entry.kind == "user" else ("name", entry.names[0])
        for name in entry.names:
            node: Node = ("name", name)
            if node == anchor or links.near[anchor].get(node) == entry.line:
                continue
            known = links.path(anchor, node)
            if known is None:
                links.join(anchor, node, entry.line)
            elif links.near[anchor].get(node) is None or entry.kind == "same":
                goes = f"{anchor[1]!r} and {name!r} are one person by {_lines(known)} already"
                yield entry.line, f"{goes}; remove one of the lines, so that each can be undone by itself"


def _two_ids(entries: Sequence[Decision], links: _Links) -> Iterator[Problem]:
    """One person has one id, and is not new beside it."""
    new = {name: entry for entry in entries if entry.kind == "new" for name in entry.names}
    done: set[Node] = set()
    for entry in entries:
        start: Node = ("id", entry.id)
        if entry.kind != "user" or start in done:
            continue
        reached = links.reach(start)
        done.update(reached)
        for other in reached:
            chain = links.path(start, other) or []
            if other[0] == "id" and other != start:
                yield entry.line, f"one person gets two ids, {entry.id!r} and {other[1]!r}, by {_lines(chain)}"
            elif other[0] == "name" and other[1] in new and other[1] not in entry.names:
                is_user = f"{other[1]!r} is user {entry.id!r} by {_lines(chain)}"
                yield entry.line, f"{is_user}, but line {new[other[1]].line} says that they are new"


def _differences(entries: Sequence[Decision], links: _Links) -> Iterator[Problem]:
    """Names that are different are not the same by any chain, and are said to be different once."""
    said: dict[frozenset[str], int] = {}
    for entry in entries:
        for one, other in combinations(entry.names, 2) if entry.kind == "different" else ():
            chain = links.path(("name", one), ("name", other))
            if one == other:
                continue
            if chain is not None:
                yield entry.line, f"{one!r} and {other!r} are different here, but one person by {_lines(chain)}"
            first = said.setdefault(frozenset((one, other)), entry.line)
            if first != entry.line:
                yield entry.line, f"{one!r} and {other!r} were decided in the same way on line {first}"


def _lines(numbers: Sequence[int]) -> str:
    found = [str(number) for number in sorted(set(numbers))]
    return f"line {found[0]}" if len(found) == 1 else f"lines {', '.join(found[:-1])} and {found[-1]}"
