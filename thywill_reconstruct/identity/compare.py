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
    "middle name left out",
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
    "middle name left out": 78,
    "given name only": 70,
    "surname only": 62,
    "cut off": 60,
}
MISSING_NUMBER = 5.0
OTHER_FIRST_LETTER = 14.0
OTHER_ADDITION = 6.0
OTHER_NUMBER_AT_MOST = 40.0
OWN_NAMES_AT_MOST = 55.0
UNLIKE_AT_MOST = 50.0
# A surname and the part of a given name that must be left to recognise anybody by.
SHORTEST_REST = 3
# What an explanation loses where nothing shows where the words of a name end.
UNSEEN = 8.0


# A reading, its worth, and whether the name that is read says less than the other one.
Explained = tuple[Reading, float, bool]


class Likeness(NamedTuple):
    """How well two names may be one person's.

    Attributes:
        score: From 0 to 100.
        reading: The best explanation of the difference.
        parts: Name and amount of everything that made the score, in the order in which it was counted.
        first_says_more: The first name has a part or a number that the second lacks.
        second_says_more: The same the other way round; both may be so.
    """

    score: float
    reading: Reading
    parts: tuple[tuple[str, float], ...]
    first_says_more: bool
    second_says_more: bool


def slips_allowed(length: int) -> int:
    """Return how many slips of the pen a name of so many letters may hold and still be recognised.

    Short names must be exact: one letter makes another name of them (``Jean``, ``Jena``, ``Joan``).
    """
    return 0 if length < 6 else 1 if length < 8 else 2 if length < 14 else 3


def rotations(words: tuple[str, ...]) -> list[str]:
    """Return the words joined in every order that begins elsewhere and goes round (``Johnson, Mary Ann``)."""
    if len(words) < 3:
        return [words[1] + words[0]] if len(words) == 2 else []
    return ["".join(words[cut:] + words[:cut]) for cut in range(1, len(words))]


def compare(one: Form, other: Form, given_names: frozenset[str] = frozenset()) -> Likeness:
    """Return how well two names may be one person's.

    Args:
        one: A name.
        other: Another name.
        given_names: Given names that are known to be names, beside those everybody knows (nicknames' table).
    """
    reading, score, second_more, first_more = _explain(one, other)
    parts: list[tuple[str, float]] = [(reading, round(score, 1))]
    if reading == "slip":
        own = _are_names_of_their_own(one, other, given_names, common_given_names())
    else:  # akin, but users here bear either
        own = reading == "related given name" and _are_names_of_their_own(one, other, given_names)
    if own:
        score = _lower(parts, "both are given names", score, OWN_NAMES_AT_MOST)
    if one.added != other.added:
        score = _lower(parts, "another addition", score, score - OTHER_ADDITION)
    if one.numbers != other.numbers:
        if one.numbers and other.numbers:
            score = _lower(parts, "numbers differ", score, OTHER_NUMBER_AT_MOST)
        else:
            score = _lower(parts, "number missing", score, score - MISSING_NUMBER)
            first_more, second_more = first_more or bool(one.numbers), second_more or bool(other.numbers)
    return Likeness(round(max(score, 0.0), 1), reading, tuple(parts), first_more, second_more)


def _lower(parts: list[tuple[str, float]], why: str, score: float, limit: float) -> float:
    if limit < score:
        parts.append((why, round(limit - score, 1)))
    return min(score, limit)


def _explain(one: Form, other: Form) -> tuple[Reading, float, bool, bool]:
    """Return the best explanation of the difference, its worth, and whether the first, or the second, says less."""
    if (one.looks or other.looks) and _look_alike(one, other):
        return "look-alike", WORTH["look-alike"], False, False
    if one.latin or other.latin:
        a, b, words, others = one.letters, other.letters, one.words, other.words
        if a == b and a:
            reading: Reading = "same letters" if one.latin and other.latin else "other script"
            reading = "look-alike" if one.deceives or other.deceives else reading
            return reading, WORTH[reading], False, False
        if {one.written_out, a} & {other.written_out, b}:
            return "written out", WORTH["written out"], False, False
    else:
        # Two names in scripts of their own: only their own letters count. Transliterated, strangers become namesakes.
        words, others = one.native, other.native
        a, b = "".join(words), "".join(others)
        if a == b and a:
            return "same letters", WORTH["same letters"], False, False
    if not a or not b:
        return "unlike", 0.0, False, False
    found = (*_slip(a, b, words, others), False)
    same_end = a[-SHORTEST_REST:] == b[-SHORTEST_REST:]
    for x, y, these, those, turned in ((a, b, words, others, False), (b, a, others, words, True)):
        ways = [_nickname(x, y, these, those)] if same_end else []
        if len(x) < len(y) or len(these) > 1:
            ways.append(_shortened(x, y, these, those))
        for reading, worth, less in ways:
            if (worth, reading) > (found[1], found[0]):
                found = (reading, worth, less and not turned, less and turned)
    return found


def _look_alike(one: Form, other: Form) -> bool:
    """Return whether two names look the same although letters of other scripts stand in one of them, or make up all of it."""
    mixed = one.deceives or other.deceives or one.latin != other.latin
    return mixed and (one.looks or one.letters) == (other.looks or other.letters)


def _slip(a: str, b: str, words: tuple[str, ...], others: tuple[str, ...]) -> Explained:
    """Read one as the other mistyped, or as its words in another order, mistyped."""
    longest = max(len(a), len(b))
    allowed = slips_allowed(longest)
    if (len(words) > 1 and b in (words[0], words[-1])) or (len(others) > 1 and a in (others[0], others[-1])):
        return "unlike", UNLIKE_AT_MOST, False  # a whole word too many is no slip, even if it is one letter
    slips = OSA.distance(a, b)
    share = 100.0 * (1 - slips / longest)
    if slips == 1 and a[1:] == b[1:] and len(words) == len(others) == 1:
        share -= OTHER_FIRST_LETTER  # of a login it is somebody's initial
    found: Explained = ("slip", share, False) if slips <= allowed else ("unlike", min(share, UNLIKE_AT_MOST), False)
    if _initials_differ(words, others):
        found = ("unlike", min(share, UNLIKE_AT_MOST), False)
        allowed = 0
    pairs = [(text, b) for text in rotations(words)] + [(text, a) for text in rotations(others)]
    for turned, straight in pairs:
        slips = OSA.distance(turned, straight, score_cutoff=allowed)
        if slips <= allowed:
            worth = WORTH["swapped"] - 100.0 * slips / longest
            found = max(found, ("swapped", worth, False), key=lambda explained: explained[1])
    return found


def _initials_differ(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Return whether an initial in front stands against another one, or against a word that begins otherwise.

    ``T. Miller`` is no slip of ``A. Miller``, of ``amiller`` or of ``Ann Miller``.
    """
    for these, those in ((words, others), (others, words)):
        if len(these) > 1 and len(these[0]) == 1 and these[0] != those[0][0]:
            return len(those) > 1 or those[0][1:] == "".join(these[1:])
    return False


def _nickname(a: str, b: str, words: tuple[str, ...], others: tuple[str, ...]) -> Explained:
    """Read the given name of ``a`` as another name for that of ``b``, all else being equal."""
    given, rest = (words[0], a[len(words[0]) :]) if len(words) > 1 else ("", "")
    if len(rest) >= SHORTEST_REST and b.endswith(rest):
        whole = b[: -len(rest)]
        if whole in variants(given):
            return "nickname", WORTH["nickname"], False
        if (len(others) < 2 or whole == others[0]) and are_akin(given, whole):
            return "related given name", WORTH["related given name"], False
    elif len(words) == 1:
        for cut in range(2, len(a) - SHORTEST_REST + 1):
            if b.endswith(a[cut:]) and b[: cut - len(a)] in variants(a[:cut]):
                return "nickname", WORTH["nickname"], False
    return "unlike", 0.0, False


def are_akin(one: str, other: str) -> bool:
    """Return whether two given names share three letters in a row, as short forms do: Xandra, Alexandra."""
    short, long = sorted((one, other), key=len)
    return any(short[i : i + 3] in long for i in range(len(short) - 2))


def _shortened(a: str, b: str, words: tuple[str, ...], others: tuple[str, ...]) -> Explained:
    """Read ``a`` as ``b`` shortened: an initial, the given name alone, the surname alone, or the end cut off."""
    if 1 < len(words) < len(others) and words[0] == others[0] and words[-1] == others[-1]:
        return "middle name left out", WORTH["middle name left out"], True
    if len(others) > 1:
        rest = b[len(others[0]) :]
        if a == others[0][0] + rest and len(rest) >= (2 if len(words) > 1 else SHORTEST_REST):
            return "initial", WORTH["initial"], True
        initials = {others[0][0], "".join(word[0] for word in others[:-1])} if len(others) > 2 else ()
        if len(others[-1]) >= SHORTEST_REST and any(a == letters + others[-1] for letters in initials):
            return "initial", WORTH["initial"], True
        if a == others[0] and len(a) >= SHORTEST_REST:
            return "given name only", WORTH["given name only"], True
        if a == others[-1] and len(a) > SHORTEST_REST:
            return "surname only", WORTH["surname only"], True
    elif len(words) == 1 and a[0] == b[0] and len(b) > len(a) > SHORTEST_REST + 1 and b.endswith(a[1:]):
        return "initial", WORTH["initial"] - UNSEEN, True
    if has_initials(words) and a[0] == b[0] and b.endswith(words[-1]) and len(b) > len(words[-1]) + 1:
        return "initial", WORTH["initial"] - (UNSEEN if len(others) == 1 else 0), True
    if b.startswith(a) and len(b) - len(a) >= 2:
        worth = 30.0 * len(a) / len(b)
        # Where words are seen to end, a name is cut off behind one; a part of the first word is another name (Jo, John).
        likely = len(a) > len(others[0]) if len(others) > 1 else len(a) > SHORTEST_REST
        return "cut off", WORTH["cut off"] * (1 if likely else 0.5) + worth, True
    return "unlike", 0.0, False


def has_initials(words: tuple[str, ...]) -> bool:
    """Return whether a name is a surname behind nothing but initials: ``J. R. Miller``."""
    return len(words) > 1 and len(words[0]) == 1 < len(words[-1]) and all(len(word) == 1 for word in words[:-1])


def _are_names_of_their_own(one: Form, other: Form, *known: frozenset[str]) -> bool:
    """Return whether two names differ in the given name only, and both given names are known: Marion, Marlon."""
    if one.latin or other.latin:
        (a, words), (b, others) = (one.letters, one.words), (other.letters, other.words)
    else:
        words, others = one.native, other.native
        a, b = "".join(words), "".join(others)
    for text, these, whole in ((b, words, a), (a, others, b)):
        if len(these) > 1:
            given, rest = these[0], whole[len(these[0]) :]
            changed = text.removesuffix(rest)
            if changed in (given, text) or changed in variants(given):
                continue
            if all(any(name in names for names in known) for name in (given, changed)):
                return True
    return False
