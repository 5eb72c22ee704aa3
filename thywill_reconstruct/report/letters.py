"""Where two names differ that look the same: the characters themselves, with code point and Unicode name."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import groupby
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from thywill_reconstruct.identity.canonical import script, visible
from thywill_reconstruct.identity.forms import is_deceiving

# Plain letters and digits that many fonts draw alike; all others of ASCII are told apart at a glance.
_ALIKE = str.maketrans("Il|0", "111O")
# So many letters more or other ones are seen at a glance, in any script.
_WORD = 2
# Names that differ in more places than this have no look-alike letters but other letters.
MOST = 8


class Difference(NamedTuple):
    """One place where two names differ: what stands there in the one and in the other, empty where nothing does."""

    first: str
    second: str


def differences(one: str, other: str) -> tuple[Difference, ...]:
    """Return where two names differ, character by character, in the order of the first; what adjoins is one difference."""
    steps = groupby(Levenshtein.opcodes(one, other), key=lambda step: step.tag == "equal")
    changed = [[*group] for equal, group in steps if not equal]
    return tuple(
        Difference(one[run[0].src_start : run[-1].src_end], other[run[0].dest_start : run[-1].dest_end])
        for run in changed
    )


def hidden_differences(one: str, other: str) -> tuple[Difference, ...]:
    """Return the differences that cannot be seen or are easily overlooked: look-alikes, spaces, what is not drawn.

    Nothing if the names differ in so many places that anybody sees it.

    >>> hidden_differences("Mary", "M\\u0430ry"), hidden_differences("Mary", "Mark")
    ((Difference(first='a', second='а'),), ())
    """
    found = differences(one, other)
    hidden = tuple(d for d in found if not _is_plain_to_see(d))
    return hidden if len(found) <= MOST else ()


def _is_plain_to_see(difference: Difference) -> bool:
    """Return whether nobody can overlook a difference: other letters of ASCII, or whole words."""
    first, second = ("".join(visible(text).split()) for text in difference)
    if max(len(first), len(second)) > _WORD:
        return True
    if not (first + second).isascii():
        return False
    return first.translate(_ALIKE) != second.translate(_ALIKE) or (first.casefold() == second.casefold() != "")


def code_point(character: str) -> str:
    """Return a character as Unicode calls it.

    >>> code_point("\\u0430"), code_point("\\x1b")
    ('U+0430 CYRILLIC SMALL LETTER A', 'U+001B (control character)')
    """
    name = unicodedata.name(character, "")
    if not name:
        name = "(control character)" if unicodedata.category(character) == "Cc" else "(no name)"
    return f"U+{ord(character):04X} {name}"


def code_points(text: str) -> str:
    """Return every character of a text as Unicode calls it, ``nothing`` if there is none."""
    return " + ".join(map(code_point, text[:MOST])) + (" + …" if len(text) > MOST else "") if text else "nothing"


def undrawn(name: str) -> tuple[str, ...]:
    """Return the characters of a name that nothing is drawn for, or that no name has: controls, zero width, bidi."""
    return tuple(character for character in name if not visible(character) or not character.isprintable())


def strange(name: str) -> tuple[str, ...]:
    """Return what makes a name look like another: what is undrawn, and letters of the script that fewer of its letters have.

    Only scripts with look-alikes of each other's letters count; nothing is strange about a name in two scripts otherwise.

    >>> strange("M\u0430ry"), strange("Mary"), strange("Мария")
    (('а',), (), ())
    """
    letters = [character for character in name if script(character)]
    mixed = Counter(map(script, letters))
    rare = mixed.most_common()[-1][0] if is_deceiving(mixed.keys()) else ""
    return tuple(dict.fromkeys((*undrawn(name), *(c for c in letters if script(c) == rare))))
