"""One score for a pair of names, the same wherever it is shown: in findings, explanations, reviews and bulk decisions.

Names that are canonically equal score 98 to 100, by the strictest rung of the ladder on which they meet; all others as
``compare`` reads them. A score proposes and ranks; by itself it joins nothing (decision record 0012).
"""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

from thywill_reconstruct.identity.canonical import Rung, ladder, typed
from thywill_reconstruct.identity.compare import Reading, compare
from thywill_reconstruct.identity.forms import form_of

# What meeting on a rung is worth. Above every reading of names that are not equal, the look-alike's 98 aside.
CERTAIN = {Rung.RAW: 100.0, Rung.NFC: 99.5, Rung.FOLDED: 99.0, Rung.JOINED: 98.5, Rung.PLAIN: 98.0}


class PairScore(NamedTuple):
    """How well two names may be one person's.

    Attributes:
        score: From 0 to 100.
        reading: ``equal``, or the best explanation of the difference.
        parts: Name and amount of everything that made the score, in the order in which it was counted.
    """

    score: float
    reading: Reading | Literal["equal"]
    parts: tuple[tuple[str, float], ...]


def keys_of(name: str) -> tuple[str, str, str, str, str]:
    """Return the keys of a name on all rungs, strictest first; an empty key joins nothing.

    Beyond the ladder itself: a name of symbols alone must be the same symbols, and only letters may lose an accent, so
    that ``Mary★`` does not become ``Mary``.
    """
    form, joined, plain = ladder(name)
    if name.isascii() and joined.isalnum():
        return name, name, form, joined, plain
    if not joined.isascii() and not all(c.isascii() or unicodedata.category(c)[0] in "LMN" for c in typed(joined)):
        plain = ""
    if not any(map(str.isalnum, joined)):
        joined = plain = ""
    nfc = name if name.isascii() else unicodedata.normalize("NFC", name)
    return (name, nfc, form, joined, plain) if form else ("", "", "", "", "")


def rung_of(one: str, other: str) -> Rung | None:
    """Return the strictest rung on which two names are equal, ``None`` if there is none.

    >>> rung_of("Mary Johnson", "mary_johnson"), rung_of("Mary", "Marty")
    (<Rung.JOINED: 3>, None)
    """
    if one == other:
        return Rung.RAW
    pairs = zip(Rung, keys_of(one), keys_of(other), strict=True)
    return next((rung for rung, mine, hers in pairs if mine and mine == hers), None)


def score_pair(one: str, other: str, given_names: frozenset[str] = frozenset()) -> PairScore:
    """Return how well two names may be one person's: symmetric, from 0 to 100.

    Args:
        one: A name.
        other: Another name.
        given_names: Given names known to be names, beside those everybody knows.

    >>> score_pair("Mary Johnson", "mary johnson").score, score_pair("Mary Jonhson", "Mary Johnson").reading
    (99.0, 'slip')
    """
    rung = rung_of(one, other)
    if rung is not None:
        return PairScore(CERTAIN[rung], "equal", ((f"equal: {rung.name.lower()}", CERTAIN[rung]),))
    return PairScore(*compare(form_of(one), form_of(other), given_names)[:3])
