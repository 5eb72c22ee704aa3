"""One score for two names that are not the same: how well one may be the other, from 0 to 100, and why.

A score proposes; it joins nothing, however high. It is symmetric, and the same wherever it is shown.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from thywill_reconstruct.identity.forms import Form
from thywill_reconstruct.identity.nicknames import common_given_names, variants

Reading = Literal[
    "look-alike",
    "same letters",
    "other script",
    "written out",
    "swapped",
    "nickname",
    "related given name",
    "initial",
    "given name only",
    "surname only",
    "cut off",
    "slip",
    "unlike",
]

# What a reading is worth before anything speaks against it. The order is what matters: of two candidates the one whose
# difference needs less to be explained comes first.
WORTH: dict[Reading, float] = {
    "look-alike": 98,
    "same letters": 96,
    "other script": 92,
    "written out": 94,
    "swapped": 91,
    "nickname": 85,
    "related given name": 64,
    "initial": 80,
    "given name only": 70,
    "surname only": 62,
    "cut off": 60,
}
MISSING_NUMBER = 8.0
OTHER_NUMBER_AT_MOST = 40.0
OWN_NAMES_AT_MOST = 55.0
UNLIKE_AT_MOST = 50.0
# A surname and the part of a given name that must be left to recognise anybody by.
SHORTEST_REST = 3


class Likeness(NamedTuple):
    """How well two names may be one person's.

    Attributes:
        score: From 0 to 100.
        reading: The best explanation of the difference.
        parts: Name and amount of everything that made the score, in the order in which it was counted.
        fuller: Which name says more than the other: ``1`` the first, ``2`` the second, ``0`` neither.
    """

    score: float
    reading: Reading
    parts: tuple[tuple[str, float], ...]
    fuller: int


def slips_allowed(length: int) -> int:
    """Return how many slips of the pen a name of so many letters may hold and still be recognised.

    Short names must be exact: one letter makes another name of them (``Jean``, ``Jena``, ``Joan``).
    """
    return 0 if length < 6 else 1 if length < 8 else 2 if length < 14 else 3


def rotations(words: tuple[str, ...]) -> list[str]:
    """Return the words joined in every order that begins elsewhere and goes round (``Johnson, Mary Ann``)."""
    return ["".join(words[cut:] + words[:cut]) for cut in range(1, len(words))]


def compare(one: Form, other: Form, given_names: frozenset[str] = frozenset()) -> Likeness:
    """Return how well two names may be one person's.

    Args:
        one: A name.
        other: Another name.
        given_names: Given names that are known to be names, beside those everybody knows (nicknames' table).
    """
    first, second = _best(one, other), _best(other, one)
    reading, worth, fuller = first
    if (second[1], second[0]) > (worth, reading):
        reading, worth, fuller = second[0], second[1], {0: 0, 1: 2, 2: 1}[second[2]]
    parts: list[tuple[str, float]] = [(reading, round(worth, 1))]
    score = worth
    if reading == "slip" and _are_names_of_their_own(one, other, given_names):
        score = _lower(parts, "both are given names", score, OWN_NAMES_AT_MOST)
    if one.numbers != other.numbers:
        if one.numbers and other.numbers:
            score = _lower(parts, "numbers differ", score, OTHER_NUMBER_AT_MOST)
        else:
            score = _lower(parts, "number missing", score, score - MISSING_NUMBER)
            fuller = 1 if one.numbers else 2
    return Likeness(round(max(score, 0.0), 1), reading, tuple(parts), fuller)


def _lower(parts: list[tuple[str, float]], why: str, score: float, limit: float) -> float:
    if limit < score:
        parts.append((why, round(limit - score, 1)))
    return min(score, limit)


def _best(one: Form, other: Form) -> tuple[Reading, float, int]:
    """Return the best explanation of how ``one`` came from ``other``, its worth, and which says more."""
    if one.latin or other.latin:
        a, b, words, others = one.letters, other.letters, one.words, other.words
        if a == b and a:
            if one.deceives or other.deceives:
                return "look-alike", WORTH["look-alike"], 0
            reading: Reading = "same letters" if one.latin and other.latin else "other script"
            return reading, WORTH[reading], 0
        if one.written_out == b or one.written_out == other.written_out:
            return "written out", WORTH["written out"], 0
    else:
        # Two names in scripts of their own: only their own letters count. Transliterated, strangers become namesakes.
        words, others = one.native, other.native
        a, b = "".join(words), "".join(others)
        if a == b and a:
            return "same letters", WORTH["same letters"], 0
    if not a or not b:
        return "unlike", 0.0, 0
    return max(
        _slip(a, b, words),
        _nickname(a, b, words, others),
        _shortened(a, b, words, others),
        key=lambda explained: (explained[1], explained[0]),
    )


def _slip(a: str, b: str, words: tuple[str, ...]) -> tuple[Reading, float, int]:
    """Read ``a`` as ``b`` mistyped, or as its words in another order, mistyped."""
    longest = max(len(a), len(b))
    allowed = slips_allowed(longest)
    slips = OSA.distance(a, b)
    share = 100.0 * (1 - slips / longest)
    found: tuple[Reading, float, int] = (
        ("slip", share, 0) if slips <= allowed else ("unlike", min(share, UNLIKE_AT_MOST), 0)
    )
    for turned in rotations(words):
        slips = OSA.distance(turned, b, score_cutoff=allowed)
        if slips <= allowed:
            worth = WORTH["swapped"] - 100.0 * slips / longest
            found = max(found, ("swapped", worth, 0), key=lambda explained: explained[1])
    return found


def _nickname(a: str, b: str, words: tuple[str, ...], others: tuple[str, ...]) -> tuple[Reading, float, int]:
    """Read the given name of ``a`` as another name for that of ``b``, all else being equal."""
    given, rest = (words[0], a[len(words[0]) :]) if len(words) > 1 else ("", "")
    if len(rest) >= SHORTEST_REST and b.endswith(rest):
        whole = b[: -len(rest)]
        if whole in variants(given):
            return "nickname", WORTH["nickname"], 0
        if (len(others) < 2 or whole == others[0]) and are_akin(given, whole):
            return "related given name", WORTH["related given name"], 0
    elif len(words) == 1:
        for cut in range(2, len(a) - SHORTEST_REST + 1):
            if b.endswith(a[cut:]) and b[: cut - len(a)] in variants(a[:cut]):
                return "nickname", WORTH["nickname"], 0
    return "unlike", 0.0, 0


def are_akin(one: str, other: str) -> bool:
    """Return whether two given names share three letters in a row, as short forms do: Xandra, Alexandra."""
    short, long = sorted((one, other), key=len)
    return any(short[i : i + 3] in long for i in range(len(short) - 2))


def _shortened(a: str, b: str, words: tuple[str, ...], others: tuple[str, ...]) -> tuple[Reading, float, int]:
    """Read ``a`` as ``b`` shortened: an initial, the given name alone, the surname alone, or the end cut off."""
    if len(others) > 1:
        rest = b[len(others[0]) :]
        if a == others[0][0] + rest and len(rest) >= SHORTEST_REST:
            return "initial", WORTH["initial"], 2
        if a == others[0] and len(a) >= SHORTEST_REST:
            return "given name only", WORTH["given name only"], 2
        if a == others[-1] and len(a) > SHORTEST_REST:
            return "surname only", WORTH["surname only"], 2
    elif a[0] == b[0] and len(a) > SHORTEST_REST + 1 and b.endswith(a[1:]) and len(b) > len(a):
        return "initial", WORTH["initial"] - 8, 2
    if b.startswith(a) and len(b) - len(a) >= 2 and _cut_tells_enough(a, words, others):
        return "cut off", WORTH["cut off"] + 30.0 * len(a) / len(b), 2
    return "unlike", 0.0, 0


def _cut_tells_enough(a: str, words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Return whether enough is left of a name that was cut off: a whole given name, or three letters and more."""
    if len(words) > 1 and len(others) > 1:
        return words[0] == others[0]
    return len(a) > SHORTEST_REST


def _are_names_of_their_own(one: Form, other: Form, given_names: frozenset[str]) -> bool:
    """Return whether two names differ in the given name only, and both given names are known: Marion, Marlon."""
    known = common_given_names()
    for a, b in ((one, other), (other, one)):
        if len(a.words) > 1:
            given, rest = a.words[0], a.letters[len(a.words[0]) :]
            whole = b.letters.removesuffix(rest)
            if whole not in (given, b.letters) and {given, whole} <= (known | given_names):
                return True
    return False
