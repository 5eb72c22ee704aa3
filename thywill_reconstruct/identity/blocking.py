"""Which users are worth comparing with a name: found by keys, without looking at every pair.

The names are indexed and the users stream past, so that memory grows with the names asked for at a time and not with the
number of users. A pair is proposed if the two share one of these keys:

* all letters, as written, written out, in another order, or with another given name from the table of nicknames;
* the beginning, an initial with the rest, or the end of the user's name equals the whole name, or the other way round;
* the first and the last four letters with two of these eight deleted (a deletion neighbourhood of both ends: it holds
  every name that up to two slips lead to, a letter mistyped, too many, too few, or two swapped);
* the surname, with three letters in a row of the given name.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from thywill_reconstruct.identity.compare import SHORTEST_REST, has_initials, rotations
from thywill_reconstruct.identity.forms import Form
from thywill_reconstruct.identity.nicknames import variants

END = 4
SHORTEST_FUZZY = 5
# More users than this who fit a name by the same kind of key are indistinguishable to a person as well.
MOST_ALIKE = 1_000
MOST_SHORTENED = 100


def ends(letters: str) -> list[str]:
    """Return the first and last four letters with two of the eight deleted, in every way.

    Two names that two slips separate share one of these: each slip is made good by one deletion on either side.
    """
    head, tail = letters[:END], letters[-END:]
    heads = [head[1:], head[0] + head[2:], head[:2] + head[3:], head[:3]]
    tails = [tail[1:], tail[0] + tail[2:], tail[:2] + tail[3:], tail[:3]]
    keys = [one + "-" + other for one in set(heads) for other in set(tails)]
    keys += [two + "-" + tail for two in _pairs(head)]
    keys += [head + "-" + two for two in _pairs(tail)]
    return keys


def _pairs(end: str) -> set[str]:
    a, b, c, d = end[0], end[1], end[2], end[3]
    return {a + b, a + c, a + d, b + c, b + d, c + d}


def other_given_names(form: Form) -> set[str]:
    """Return the letters of a name with its given name replaced by its nicknames, and the other way round."""
    letters = form.letters
    cuts = (len(form.words[0]),) if len(form.words) > 1 else range(2, len(letters) - SHORTEST_REST + 1)
    return {other + letters[cut:] for cut in cuts for other in variants(letters[:cut])}


class Blocks:
    """An index of names by everything that a user's name may share with them."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._size = len(forms)
        self._bare: dict[str, list[int]] = {}
        self._whole: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        self._kin: dict[str, list[int]] = {}
        self._surnames: set[str] = set()
        for number, form in enumerate(forms):
            if form.letters:
                self._add(number, form)

    def _add(self, number: int, form: Form) -> None:
        letters, words = form.letters, form.words
        self._bare.setdefault(letters, []).append(number)
        turned = rotations(words)
        aliases = {letters, form.written_out, *turned, *other_given_names(form)}
        if len(words) > 1:
            rest = letters[len(words[0]) :]
            if len(rest) >= SHORTEST_REST:
                aliases |= {words[0][0] + rest}
                self._surnames.add(rest)
                for i in range(len(words[0]) - 2):
                    self._kin.setdefault(words[0][i : i + 3] + rest, []).append(number)
            aliases |= {words[0], words[0] + words[1][0]}
        for alias in aliases:
            self._whole.setdefault(alias, []).append(number)
        if has_initials(words):
            self._bare.setdefault(words[0] + words[-1], []).append(number)
        for spelling in {letters, *turned} if len(letters) >= SHORTEST_FUZZY else ():
            for key in ends(spelling):
                self._ends.setdefault(key, []).append(number)

    def propose(self, users: Iterable[Form]) -> tuple[list[array[int]], list[array[int]]]:
        """Return, per name, the numbers of the users that share a key with it.

        Returns:
            Those who may be the person in another form, and those who resemble the name in spelling: the latter still
            need a comparison of spellings. Ascending; a number may come several times.
        """
        other_forms: list[array[int]] = [array("L") for _ in range(self._size)]
        spellings: list[array[int]] = [array("L") for _ in range(self._size)]
        shortened = [0] * self._size
        whole, bare, by_ends = self._whole, self._bare, self._ends
        for user, form in enumerate(users):
            letters = form.letters
            if not letters:
                continue
            found = [*whole.get(letters, ()), *bare.get(form.written_out, ())]
            for key in rotations(form.words):
                found += whole.get(key, ())
            for name in found:
                if len(other_forms[name]) < MOST_ALIKE:
                    other_forms[name].append(user)
            for name in self._shortened(letters):
                if shortened[name] < MOST_SHORTENED:
                    shortened[name] += 1
                    other_forms[name].append(user)
            if len(letters) >= SHORTEST_FUZZY:
                for key in ends(letters):
                    if key in by_ends:
                        for name in by_ends[key]:
                            spellings[name].append(user)
        return other_forms, spellings

    def _shortened(self, letters: str) -> list[int]:
        """Return the names that are what is left of a user's name when it is shortened, or kin of it."""
        bare, kin, surnames = self._bare, self._kin, self._surnames
        found: list[int] = []
        initial = letters[0]
        for cut in range(1, len(letters)):
            head, rest = letters[:cut], letters[cut:]
            if head in bare:
                found += bare[head]
            if rest in bare:
                found += bare[rest]
            if initial + rest in bare:
                found += bare[initial + rest]
            if rest in surnames:
                for i in range(cut - 2):
                    found += kin.get(letters[i : i + 3] + rest, ())
        return found
