"""Names that resemble others. A resemblance proposes candidates for a person to judge; it never decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from thywill_reconstruct.identity.blocking import Blocks
from thywill_reconstruct.identity.bulk import WORTH_A_REVIEW, proposals
from thywill_reconstruct.identity.forms import form_of
from thywill_reconstruct.identity.score import PairScore, score_pair

MOST_SHOWN = 3
Lookalikes = tuple[tuple[str, PairScore], ...]


def find_lookalikes(names: Iterable[str], among: Iterable[str]) -> dict[str, Lookalikes]:
    """Return for each name the names that resemble it, best first; itself is not among them.

    Independent of the order of both arguments. Names are found by keys, not by looking at every pair.

    Args:
        names: The names in question.
        among: Names that may be meant.
    """
    wanted, known = sorted(set(names)), sorted(set(among))
    if not wanted or not known:
        return dict.fromkeys(wanted, ())
    forms, users = [form_of(name) for name in wanted], [form_of(name) for name in known]
    proposed = proposals(forms, users, Blocks(users))
    return {name: _ranked(name, [known[n] for n in found]) for name, found in zip(wanted, proposed, strict=True)}


def _ranked(name: str, others: Sequence[str]) -> Lookalikes:
    scored = [(other, score_pair(name, other)) for other in others if other != name]
    worthy = [(other, pair) for other, pair in scored if pair.score >= WORTH_A_REVIEW]
    return tuple(sorted(worthy, key=lambda found: (-found[1].score, found[0])))


def show_pair(name: str, other: str) -> str:
    """Return a name with the score of its resemblance, as findings show it: ``'Mary Johnson' (87)``."""
    return f"{other!r} ({score_pair(name, other).score:g})"
