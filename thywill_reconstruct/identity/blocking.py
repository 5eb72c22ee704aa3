"""Which users are worth comparing with a name: found by keys, without looking at every pair.

Where a key takes many values the names are indexed and the users stream past, so that memory grows with the names asked
for at a time. A pair is proposed if the two share one of these keys:

* all letters, as written, written out, in another order, or with another given name from the table of nicknames;
* the beginning, an initial with the rest, or the end of the user's name equals the whole name, or the other way round;
* the first and the last four letters with two of these eight deleted (a deletion neighbourhood of both ends: names that
  up to two slips separate share such a key, for each slip is made good by one deletion on either side);
* the surname, with three letters in a row of the given name.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from thywill_reconstruct.identity.compare import SHORTEST_REST, has_initials, rotations
from thywill_reconstruct.identity.forms import Form
from thywill_reconstruct.identity.nicknames import variants

END = 4
SHORTEST_FUZZY = 5
# Limits for rosters in which thousands of users fit one key. Whom nothing but chance would put first, nobody misses.
MOST_ALIKE = 200
MOST_SHORTENED = 50
MOST_WITH_ENDING = 5_000
MOST_WITH_ENDS = 8_000
MOST_NAMESAKES = 30
# Sorts behind every letter.
_LAST = "\x7f"


@lru_cache(maxsize=100_000)
def deletions(end: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return four letters with one of them deleted, and with two of them deleted, in every way.

    >>> deletions("anna")
    (('nna', 'ana', 'ann'), ('an', 'aa', 'nn', 'na'))
    """
    a, b, c, d = end[0], end[1], end[2], end[3]
    one = dict.fromkeys((b + c + d, a + c + d, a + b + d, a + b + c))
    two = dict.fromkeys((a + b, a + c, a + d, b + c, b + d, c + d))
    return tuple(one), tuple(two)


def other_given_names(form: Form) -> set[str]:
    """Return the letters of a name with its given name replaced by its nicknames, and the other way round."""
    letters = form.letters
    cuts = (len(form.words[0]),) if len(form.words) > 1 else range(2, len(letters) - SHORTEST_REST + 1)
    return {other + letters[cut:] for cut in cuts for other in variants(letters[:cut])}


# Last letters with some deleted -> first letters with some deleted -> names.
Ends = dict[str, dict[str, list[int]]]


class Blocks:
    """An index of users' names by everything that a name may share with them.

    Users whose letters are the same (``member1``, ``Member 2``) are one group, found together.

    Attributes:
        letters: The letters of each group, ascending.
    """

    def __init__(self, users: Sequence[Form]) -> None:
        self._users = users
        members: dict[str, list[int]] = {}
        keys: dict[str, set[str]] = {}
        for number, user in enumerate(users):
            letters = user.letters
            members.setdefault(letters, []).append(number)
            if len(user.words) > 1 or user.written_out != letters:
                keys.setdefault(letters, set()).update((user.written_out, *rotations(user.words)))
        members.pop("", None)
        self.letters = sorted(members)
        self._members = [members[letters] for letters in self.letters]
        self._keys = keys
        self._backwards = sorted([(letters[::-1], group) for group, letters in enumerate(self.letters)])

    def members(self, group: int, numbers: tuple[str, ...]) -> list[int]:
        """Return the users of a group; of a large one, those with the given numbers or none, and a few others."""
        users = self._members[group]
        if len(users) <= MOST_NAMESAKES:
            return users
        fitting = [user for user in users if self._users[user].numbers in (numbers, ())]
        return [*fitting[:MOST_ALIKE], *users[:MOST_NAMESAKES]]

    def propose(self, forms: Sequence[Form]) -> tuple[list[array[int]], list[array[int]]]:
        """Return, per name, the groups of users that share a key with it.

        Returns:
            Those who may be the person in another form, and those whose ends resemble the name's: the latter still need a
            comparison of spellings. A group may come several times.
        """
        other_forms = [array("I") for _ in forms]
        spellings = [array("I") for _ in forms]
        whole: dict[str, list[int]] = {}
        by_ends: Ends = {}
        for number, form in enumerate(forms):
            if form.letters:
                other_forms[number].extend(self._shortened(form))
                _index(number, form, whole, by_ends)
        for group, letters in enumerate(self.letters):
            for key in (letters, *self._keys.get(letters, ())):
                for name in whole.get(key, ()):
                    other_forms[name].append(group)
            if len(letters) >= SHORTEST_FUZZY:
                _meet(group, letters, by_ends, spellings)
        return other_forms, spellings

    def _shortened(self, form: Form) -> list[int]:
        """Return the groups of whose names the name may be what is left, or a form with a related given name."""
        letters, words = form.letters, form.words
        found = self._beginning(letters)[:MOST_SHORTENED]
        if len(letters) >= SHORTEST_REST:
            found += self._ending(letters, "")[:MOST_SHORTENED]
        if len(letters) > SHORTEST_REST:
            found += self._ending(letters[1:], letters[0])[:MOST_SHORTENED]
        if has_initials(words):
            found += self._ending(words[-1], words[0])[:MOST_SHORTENED]
        rest = letters[len(words[0]) :]
        if len(rest) >= SHORTEST_REST and len(words[0]) >= 3:
            pieces = [words[0][i : i + 3] for i in range(len(words[0]) - 2)]
            for group in self._ending(rest, ""):
                given = self.letters[group][: -len(rest)]
                for piece in pieces:
                    if piece in given:
                        found.append(group)
                        break
        return found

    def _beginning(self, text: str) -> list[int]:
        """Return the groups whose letters begin with a text, in alphabetical order."""
        first = bisect_left(self.letters, text)
        return list(range(first, bisect_left(self.letters, text + _LAST, first)))

    def _ending(self, text: str, initial: str) -> list[int]:
        """Return the groups whose letters end with a text, after an initial and something else."""
        first = bisect_left(self._backwards, (text[::-1],))
        last = bisect_left(self._backwards, (text[::-1] + _LAST,), first)
        longer = len(text) + len(initial)
        return [
            group
            for _, group in self._backwards[first : min(last, first + MOST_WITH_ENDING)]
            if len(self.letters[group]) > longer and self.letters[group].startswith(initial)
        ]


def _meet(group: int, letters: str, by_ends: Ends, spellings: list[array[int]]) -> None:
    """Note a group for every name whose ends may be those of its letters."""
    head, tail = letters[:END], letters[-END:]
    (one, two), (one_behind, two_behind) = deletions(head), deletions(tail)
    names: list[int] = []
    for left in one_behind:
        if found := by_ends.get(left):
            for key in one:
                if key in found:
                    names += found[key]
    if found := by_ends.get(tail):
        for key in two:
            if key in found:
                names += found[key]
    for left in two_behind:
        if (found := by_ends.get(left)) and head in found:
            names += found[head]
    for name in names:
        if len(spellings[name]) < MOST_WITH_ENDS:
            spellings[name].append(group)


def _index(number: int, form: Form, whole: dict[str, list[int]], by_ends: Ends) -> None:
    """Add a name to the indexes by all letters, and by both ends."""
    letters, words = form.letters, form.words
    turned = rotations(words)
    aliases = {letters, form.written_out, *turned, *other_given_names(form)}
    if len(words) > 1:
        aliases |= {words[0][0] + letters[len(words[0]) :], words[0], words[0] + words[1][0]}
    for alias in aliases:
        whole.setdefault(alias, []).append(number)
    for spelling in {letters, *turned} if len(letters) >= SHORTEST_FUZZY else ():
        head, tail = spelling[:END], spelling[-END:]
        (one, two), (one_behind, two_behind) = deletions(head), deletions(tail)
        for left, heads in [
            *((left, one) for left in one_behind),
            (tail, two),
            *((left, (head,)) for left in two_behind),
        ]:
            found = by_ends.setdefault(left, {})
            for key in heads:
                found.setdefault(key, []).append(number)
