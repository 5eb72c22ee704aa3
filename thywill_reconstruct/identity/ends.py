"""Which names begin and end alike: a deletion neighbourhood of the first and of the last four letters.

Two names share a key if two of these eight letters can be deleted from each so that the same is left: one at either end,
or both at one. Names that up to two slips separate do, for each slip is made good by one deletion on either side.
"""

from __future__ import annotations

from collections.abc import Iterable

END = 4
_NOBODY: frozenset[int] = frozenset()


def with_one_less(end: str) -> tuple[str, str, str, str]:
    """Return four letters with one of them deleted, in every way.

    >>> with_one_less("abcd")
    ('bcd', 'acd', 'abd', 'abc')
    """
    return end[1:], end[0] + end[2:], end[:2] + end[3], end[:3]


def with_two_less(end: str) -> tuple[str, str, str, str, str, str]:
    """Return four letters with two of them deleted, in every way.

    >>> with_two_less("abcd")
    ('ab', 'ac', 'ad', 'bc', 'bd', 'cd')
    """
    a, b, c, d = end[0], end[1], end[2], end[3]
    return a + b, a + c, a + d, b + c, b + d, c + d


class Ends:
    """An index of texts of at least ``END`` letters by both of their ends. Texts are known by numbers of the caller's."""

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        # Beginning with one letter less, end with one letter less -> numbers.
        self._beginnings: dict[str, set[int]] = {}
        self._endings: dict[str, set[int]] = {}
        # A whole beginning -> end with two letters less -> numbers; and a whole end likewise.
        self._behind: dict[str, dict[str, set[int]]] = {}
        self._before: dict[str, dict[str, set[int]]] = {}
        # Whose end is like a given one, as soon as somebody asked.
        self._asked: dict[str, set[int]] = {}
        for number, text in texts:
            head, tail = text[:END], text[-END:]
            for key in with_one_less(head):
                self._beginnings.setdefault(key, set()).add(number)
            for key in with_one_less(tail):
                self._endings.setdefault(key, set()).add(number)
            for whole, other, found in ((head, tail, self._behind), (tail, head, self._before)):
                keys = found.setdefault(whole, {})
                for key in with_two_less(other):
                    keys.setdefault(key, set()).add(number)

    def like(self, head: str, tails: Iterable[str]) -> Iterable[tuple[str, set[int]]]:
        """Yield, per end, the numbers of the texts that begin and end like ``head`` and that end; nothing if there are none."""
        beginnings = set().union(*[self._beginnings.get(key, _NOBODY) for key in with_one_less(head)])
        behind = self._behind.get(head)
        keys = with_two_less(head)
        for tail in tails:
            endings = self._asked.get(tail)
            if endings is None:
                endings = set().union(*[self._endings.get(key, _NOBODY) for key in with_one_less(tail)])
                self._asked[tail] = endings
            found = beginnings & endings
            if behind:
                for key in with_two_less(tail):
                    if key in behind:
                        found |= behind[key]
            if before := self._before.get(tail):
                for key in keys:
                    if key in before:
                        found |= before[key]
            if found:
                yield tail, found
