"""How well decisions about a labelled set do."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from scripts.labelled.make import Label, LabelledSet
from thywill_reconstruct.identity.bulk import NameDecision, resolve_names


class Score(NamedTuple):
    """Shares are in per cent.

    Attributes:
        wrong: Links to somebody who is not the owner, or of a name that proves nothing.
        missed: Canonical variants, look-alikes aside, that were not linked.
        first_three: Of the owned names for review, those with the owner among the first three candidates.
        made_again: Of the owned names, those that were called new.
        strangers_new: Of the names of nobody, those that were called new.
        review: Of all names, those for review.
    """

    wrong: int
    missed: int
    first_three: float
    made_again: float
    strangers_new: float
    review: float


def judge(label: Label, decided: NameDecision) -> str:
    """Return what a decision comes to."""
    if decided.decision == "link":
        return "right" if decided.user_id == label.owner and not label.must_review else "wrong"
    if decided.decision == "new":
        return "made again" if label.owner else "rightly new"
    if not label.owner:
        return "stranger for review"
    first = [candidate.user_id for candidate in decided.candidates[:3]]
    return "found" if label.owner in first else "not found"


def score(made: LabelledSet) -> tuple[Score, dict[str, Counter[str]], list[tuple[Label, NameDecision, str]]]:
    """Resolve a set; return its score, the outcomes by class, and every decision with its label and outcome."""
    decisions = resolve_names([label.name for label in made.labels], made.users)
    judged = [(label, decided, judge(label, decided)) for label, decided in zip(made.labels, decisions, strict=True)]
    outcomes = Counter(outcome for _, _, outcome in judged)
    classes: dict[str, Counter[str]] = {}
    for label, _, outcome in judged:
        classes.setdefault(label.klass, Counter())[outcome] += 1
    missed = sum(
        label.group == "canonical" and not label.must_review and outcome != "right" for label, _, outcome in judged
    )
    reviewed = outcomes["found"] + outcomes["not found"]
    owned = sum(bool(label.owner) for label in made.labels)
    return (
        Score(
            outcomes["wrong"],
            missed,
            _share(outcomes["found"], reviewed),
            _share(outcomes["made again"], owned),
            _share(outcomes["rightly new"], len(made.labels) - owned),
            _share(reviewed + outcomes["stranger for review"], len(made.labels)),
        ),
        classes,
        judged,
    )


def _share(some: int, of: int) -> float:
    return 100.0 * some / of if of else 100.0
