"""Names that stand for nobody, and names that the application's own parser made up.

Archive format spec, section 4 and traps T9 and T10: such a name must never become a user without further evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from thywill_reconstruct.identity.canonical import folded

# Written by the application, its healing scripts and its exporters where a person was not found (T10).
_NOBODY = frozenset({"", "none", "null", "nobody", "unknown", "unknown user", "anonymous", "system", "default user"})
_GENERATED = re.compile(r"deleted ?user ?\d*")
_IDENTIFIER = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@lru_cache(maxsize=200_000)
def is_placeholder(name: str) -> bool:
    """Return whether a name stands for nobody: ``None``, ``Unknown User``, ``DeletedUser7``, an id in place of a name.

    >>> is_placeholder("Unknown User"), is_placeholder("0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"), is_placeholder("Max")
    (True, True, False)
    """
    if _IDENTIFIER.fullmatch(name):
        return True
    plain = folded(name)
    return plain in _NOBODY or bool(_GENERATED.fullmatch(plain)) or bool(_IDENTIFIER.fullmatch(plain))


def looks_like_key(name: str) -> bool:
    """Return whether a word is a user key rather than a name: an id, or ``admin``, the id of the very first user.

    Token usage files of the era of ids hold keys where later ones hold names (archive format spec, sections 2.18 and 4).
    """
    return name == "admin" or bool(_IDENTIFIER.fullmatch(name))


def phantoms(unregistered: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Return the single-word names that are the first word of exactly one longer name, with that longer name.

    Source: trap T9. The application's parser took the first word of a line for the user, so importing
    ``Mary Johnson prayed this prayer`` made or credited a user ``Mary``, and later healing wrote her into the archives.

    Args:
        unregistered: Names without a registration line of their own.
        names: Every name that is known.
    """
    by_first_word: dict[str, set[str]] = {}
    for name in names:
        words = name.split()
        if len(words) > 1:
            by_first_word.setdefault(words[0], set()).add(name)
    return {
        name: next(iter(by_first_word[name]))
        for name in unregistered
        if len(by_first_word.get(name, ())) == 1 and len(name.split()) == 1
    }
