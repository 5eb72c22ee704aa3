"""Canonical forms of a name: a ladder of keys, each joining more spellings than the one before.

A canonical form is only ever a key. It is never shown to anybody as the name itself, and an empty key joins nothing.
All forms are idempotent: taking one twice gives the same as taking it once.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

from unidecode import unidecode

# Separators between two digits carry meaning ("user 1 0" is not "user 10"), so they stay. Only whole runs are taken: half
# of " - " stands beside no digit.
_SEPARATORS = re.compile(r"(?<![\d _\-.])[ _\-.]+|(?<![ _\-.])[ _\-.]+(?![\d _\-.])")
_INVISIBLE = {"Cc", "Cf"}


class Rung(IntEnum):
    """The rungs of the ladder, from the strictest to the loosest."""

    RAW = 0
    NFC = 1
    FOLDED = 2
    JOINED = 3
    PLAIN = 4


@lru_cache(maxsize=200_000)
def folded(name: str) -> str:
    """Return the name without differences of case, width, spacing and invisible characters.

    NFKC, then every kind of space is one space, control and format characters (zero width, bidi) vanish, ends are
    trimmed, and the rest is casefolded. Equality here is what the application itself means by the same name (archive
    format spec, section 4), extended to all of Unicode.

    >>> folded("  MARY\\u00a0 Johnson\\u200b ")
    'mary johnson'
    """
    if name.isascii() and name.isprintable():  # nothing to normalise but case and spaces, and most names are so
        return " ".join(name.split()).lower()
    previous = None
    while previous != name:  # casefolding can undo normalisation, and the other way round: until nothing moves
        previous = name
        name = unicodedata.normalize("NFKC", name)
        spaced = "".join(" " if c.isspace() else c for c in name)
        visible = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
        name = " ".join(visible.split()).casefold()
    return name


@lru_cache(maxsize=200_000)
def joined(name: str) -> str:
    """Return the folded name without separators: ``Mary_Johnson``, ``mary-johnson`` and ``Mary Johnson`` are one.

    >>> joined("Mary_Johnson"), joined("user 1 0"), joined("user 10")
    ('maryjohnson', 'user1 0', 'user10')
    """
    previous = None
    while previous != name:  # letters that a separator kept apart may become one
        previous = name
        name = _SEPARATORS.sub("", folded(name))
    return name


@lru_cache(maxsize=200_000)
def plain(name: str) -> str:
    """Return the joined name with accents taken off, or ``""`` if the name is not written in Latin letters.

    Transliterating other scripts maps different people to one key (field lesson: two Chinese names, and every name made
    of emoji), so such names have no key on this rung.

    >>> plain("José Müller"), plain("Иван")
    ('josemuller', '')
    """
    text = joined(name)
    for character in text:
        if character.isalpha() and not unicodedata.name(character, "").startswith("LATIN"):
            return ""
    return joined(unidecode(text))


def key(name: str, rung: Rung) -> str:
    """Return the key of a name on a rung; ``""`` joins nothing."""
    if rung is Rung.RAW:
        return name
    if rung is Rung.NFC:
        return unicodedata.normalize("NFC", name)
    return (folded, joined, plain)[rung - Rung.FOLDED](name)
