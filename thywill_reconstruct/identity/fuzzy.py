"""Names that resemble others. A resemblance proposes candidates for a person to judge; it never decides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from thywill_reconstruct.identity.canonical import folded

# Where an operator may want to look. Below it, proposals were nearly always strangers; it decides nothing.
LOOKS_ALIKE = 85.0
SHORTEST_FUZZY = 5
_DIGITS = re.compile(r"\d+")


def similar_names(name: str, names: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """Return up to ``limit`` of ``names`` that a typing slip could have made of ``name``, best first.

    Digits must agree (``user10`` is not ``user100``) and short names must be exact (design: identity, 3).
    """
    own = folded(name)
    if len(own) < SHORTEST_FUZZY:
        return ()
    choices = {other: folded(other) for other in names if other != name}
    found = process.extract(own, choices, scorer=fuzz.ratio, score_cutoff=LOOKS_ALIKE, limit=limit * 4)
    digits = _DIGITS.findall(own)
    fitting = [(-score, other) for form, score, other in found if _DIGITS.findall(form) == digits and len(form) >= 5]
    return tuple(other for _, other in sorted(fitting)[:limit])
