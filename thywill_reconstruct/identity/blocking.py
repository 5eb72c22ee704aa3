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
from itertools import groupby

from thywill_reconstruct.identity.compare import SHORTEST_REST, has_initials, rotations
from thywill_reconstruct.identity.ends import END, Ends
from thywill_reconstruct.identity.forms import Form
from thywill_reconstruct.identity.nicknames import variants

SHORTEST_FUZZY = 5
# Limits for rosters in which thousands of users fit one key. Whom nothing but chance would put first, nobody misses.
MOST_ALIKE = 200
MOST_SHORTENED = 50
MOST_WITH_ENDING = 5_000
MOST_WITH_ENDS = 8_000
MOST_NAMESAKES = 30
# Sorts behind every letter.
_LAST = "\x7f"


def other_given_names(form: Form) -> set[str]:
    """Return the letters of a name with its given name replaced by its nicknames, and the other way round."""
    letters = form.letters
    cuts = (len(form.words[0]),) if len(form.words) > 1 else range(2, len(letters) - SHORTEST_REST + 1)
    return {other + letters[cut:] for cut in cuts for other in variants(letters[:cut])}


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
            if len(user.words) > 1 or user.looks or user.written_out != letters:
                ends = [user.words[0] + user.words[-1]] if len(user.words) > 2 else []
                own = [] if user.latin else ["".join(user.native)]
                keys.setdefault(letters, set()).update(
                    (user.written_out, *rotations(user.words), *ends, user.looks, *own)
                )
        members.pop("", None)
        self.letters = sorted(members)
        self._members = [members[letters] for letters in self.letters]
        self._keys = keys
        backwards = sorted([(letters[::-1], group) for group, letters in enumerate(self.letters)])
        self._backwards = [letters for letters, _ in backwards]
        self._backwards_groups = [group for _, group in backwards]

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
        whole: dict[str, list[int]] = {}
        for number, form in enumerate(forms):
            if form.letters:
                other_forms[number].extend(self._shortened(form))
                for alias in _aliases(form):
                    whole.setdefault(alias, []).append(number)
        for group, letters in enumerate(self.letters):
            for key in (letters, *self._keys.get(letters, ())):
                for name in whole.get(key, ()):
                    other_forms[name].append(group)
        return other_forms, self._alike(forms)

    def _alike(self, forms: Sequence[Form]) -> list[array[int]]:
        """Return, per name, the groups whose letters begin and end like those of the name, in one order of its words."""
        texts: list[str] = []
        owners: list[int] = []
        for number, form in enumerate(forms):
            if len(form.letters) >= SHORTEST_FUZZY:
                spelled = {form.letters, *rotations(form.words)}
                texts += spelled
                owners += [number] * len(spelled)
        index = Ends(enumerate(texts))
        found = [array("I") for _ in forms]
        for head, groups in groupby(range(len(self.letters)), key=lambda group: self.letters[group][:END]):
            by_tail: dict[str, list[int]] = {}
            for group in groups:
                letters = self.letters[group]
                if len(letters) >= SHORTEST_FUZZY:
                    by_tail.setdefault(letters[-END:], []).append(group)
            if by_tail:
                for tail, spellings in index.like(head, by_tail):
                    for spelling in spellings:
                        met = found[owners[spelling]]
                        if len(met) < MOST_WITH_ENDS:
                            met.extend(by_tail[tail])
        return found

    def _shortened(self, form: Form) -> list[int]:
        """Return the groups of whose names the name may be what is left, or a form with a related given name."""
        letters, words = form.letters, form.words
        found = self._beginning(letters)[:MOST_SHORTENED]
        if len(letters) >= SHORTEST_REST:
            found += self._ending(letters, "")[:MOST_SHORTENED]
        if len(letters) > SHORTEST_REST:
            found += self._ending(letters[1:], letters[0])[:MOST_SHORTENED]
        if has_initials(words) or has_initials(form.native):  # one letter there may be two in Latin script
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
        text = text[::-1]
        first = bisect_left(self._backwards, text)
        last = bisect_left(self._backwards, text + _LAST, first)
        if first < last and self._backwards[first] == text:
            first += 1
        groups = self._backwards_groups[first : min(last, first + MOST_WITH_ENDING)]
        if not initial:
            return groups
        longer = len(text) + len(initial)
        return [
            group for group in groups if self.letters[group].startswith(initial) and len(self.letters[group]) > longer
        ]


def _aliases(form: Form) -> set[str]:
    """Return all letters that a user may have whose name this is, in another order or form."""
    letters, words = form.letters, form.words
    aliases = {letters, form.written_out, *rotations(words), *other_given_names(form), form.looks or letters}
    if not form.latin:
        aliases.add("".join(form.native))
    if len(words) > 1:
        aliases |= {words[0][0] + letters[len(words[0]) :], words[0], words[0] + words[1][0]}
    return aliases
