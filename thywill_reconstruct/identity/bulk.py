"""Resolve many names against many users at once, by spelling alone.

Spelling proves one thing only: that two spellings are canonically equal. So a name is linked to a user only where the
strictest rung of the canonical ladder that finds anybody finds exactly one. Whatever merely resembles is for a person
to review, and a name that resembles nobody closely is new. Pure, deterministic, and independent of the order of names
and users; one name's outcome does not depend on which other names are asked for.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from thywill_reconstruct.identity.blocking import Blocks
from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.compare import Likeness, compare, rotations, slips_allowed
from thywill_reconstruct.identity.forms import Form, form_of
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.identity.score import CERTAIN, keys_of

Decision = Literal["link", "review", "new"]

MOST_CANDIDATES = 10
# At most this many names are indexed at a time, so that memory does not grow with their number.
BATCH = 20_000
# Below this score a candidate is shown, but is no reason to keep a person from being new.
WORTH_A_REVIEW = 60.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user whom a name may mean: how well, from 0 to 100, and why."""

    user_id: str
    score: float
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class NameDecision:
    """What is to be done with a name.

    Attributes:
        name: The name.
        decision: ``link`` (it is this user), ``review`` (a person must look), ``new`` (it is nobody's).
        user_id: The user of a link; empty otherwise.
        candidates: Users who came into question, best first. A new name may have some too: they were not good enough.
        reason: Why, one plain phrase.
    """

    name: str
    decision: Decision
    user_id: str
    candidates: tuple[Candidate, ...]
    reason: str

    @property
    def confidence(self) -> float:
        """The score of the best candidate; 0 if there is none."""
        return self.candidates[0].score if self.candidates else 0.0


Decide = Callable[[Sequence[str]], dict[str, NameDecision]]


def in_batches(decide: Decide, names: Sequence[str]) -> dict[str, NameDecision]:
    """Decide some names at a time, one batch after another."""
    decided: dict[str, NameDecision] = {}
    for start in range(0, len(names), BATCH):
        decided.update(decide(names[start : start + BATCH]))
    return decided


def resolve_names(
    names: Sequence[str],
    users: Sequence[tuple[str, str]],
    run: Callable[[Decide, Sequence[str]], dict[str, NameDecision]] = in_batches,
) -> list[NameDecision]:
    """Decide for each name whether it is a user's, needs a person's judgement, or is new.

    Args:
        names: Names as somebody wrote them; any text, repetitions allowed.
        users: Pairs of user id and display name. Ids are unique; display names need not be.
        run: How names are given to the part that takes time: in batches, or several at once. Changes no decision.

    Returns:
        One decision per name, in the order of ``names``.

    Raises:
        ValueError: Two users have the same id.
    """
    if len({user for user, _ in users}) != len(users):
        raise ValueError("user ids are not unique")
    roster = sorted(users, key=itemgetter(1, 0))
    decided = _link(sorted(set(names)), roster)
    open_names = sorted(set(names) - decided.keys())
    if open_names and roster:
        forms = [form_of(name) for _, name in roster]
        given_names = frequent_given_names(forms)
        blocks = Blocks(forms)
        decided.update(run(lambda some: _review(some, roster, forms, blocks, given_names), open_names))
    return [decided.get(name) or NameDecision(name, "new", "", (), "there are no users") for name in names]


def frequent_given_names(forms: Iterable[Form]) -> frozenset[str]:
    """Return the first words that several users share: names of their own, whatever they resemble."""
    counted = Counter((form.words if form.latin else form.native)[0] for form in forms if len(form.words) > 1)
    return frozenset(word for word, count in counted.items() if count > 1 and len(word) > 1)


def _link(names: Sequence[str], roster: Sequence[tuple[str, str]]) -> dict[str, NameDecision]:
    """Decide the names that a canonical form settles, and those that are no names."""
    keys = {name: keys_of(name) for name in names}
    holders: list[dict[str, list[int]]] = [{k[rung]: [] for k in keys.values() if k[rung]} for rung in Rung]
    loosest = holders[Rung.PLAIN]
    for number, (_, display_name) in enumerate(roster):
        user_keys = keys_of(display_name)
        # Who differs on the loosest rung differs on all, and most users do.
        if user_keys[Rung.PLAIN] and user_keys[Rung.PLAIN] not in loosest:
            continue
        for key, bearers in zip(user_keys, holders, strict=True):
            if key in bearers:
                bearers[key].append(number)
    decided: dict[str, NameDecision] = {}
    for name in names:
        # A word for nobody that a user bears may be meant as such: only the identical name is that user's (section 6.4).
        for rung in (Rung.RAW,) if is_placeholder(name) or name == "admin" else Rung:
            if numbers := holders[rung].get(keys[name][rung]):
                decided[name] = _decide_equal(name, rung, [roster[number] for number in numbers])
                break
        else:
            if is_placeholder(name):
                decided[name] = NameDecision(name, "review", "", (), "the name stands for nobody")
    return decided


def _decide_equal(name: str, rung: Rung, users: list[tuple[str, str]]) -> NameDecision:
    """Link a name to the only user whose name is equal on a rung; several are for a person to tell apart."""
    parts = ((f"equal: {rung.name.lower()}", CERTAIN[rung]),)
    ranked = sorted(users, key=lambda user: (OSA.distance(name, user[1]), user[1], user[0]))
    candidates = tuple(Candidate(user, CERTAIN[rung], parts) for user, _ in ranked[:MOST_CANDIDATES])
    if len(users) == 1:
        return NameDecision(name, "link", candidates[0].user_id, candidates, parts[0][0])
    return NameDecision(name, "review", "", candidates, f"{len(users)} users bear this name")


def _review(
    names: Sequence[str],
    roster: Sequence[tuple[str, str]],
    users: Sequence[Form],
    blocks: Blocks,
    given_names: frozenset[str],
) -> dict[str, NameDecision]:
    """Decide the names that equal nobody's: review those that a user resembles, the rest is new."""
    forms = [form_of(name) for name in names]
    decided: dict[str, NameDecision] = {}
    for name, form, proposed in zip(names, forms, proposals(forms, users, blocks), strict=True):
        found = [(compare(form, users[n], given_names), roster[n][1], roster[n][0]) for n in proposed]
        decided[name] = _decide_alike(name, found)
    return decided


def proposals(forms: Sequence[Form], users: Sequence[Form], blocks: Blocks) -> Iterator[set[int]]:
    """Yield for each name the numbers of the users whom it is worth comparing with."""
    others, spellings = blocks.propose(forms)
    for form, other, spelling in zip(forms, others, spellings, strict=True):
        proposed = {user for group in set(other) for user in blocks.members(group, form.numbers)}
        for group in _alike(form, spelling, blocks.letters):
            for user in blocks.members(group, form.numbers):
                # A slip and another number besides: too far apart to be worth a look.
                if users[user].numbers == form.numbers or not (users[user].numbers and form.numbers):
                    proposed.add(user)
        yield proposed


def _alike(form: Form, numbers: array[int], letters: Sequence[str]) -> set[int]:
    """Return those of the groups whose letters a few slips could have made of the name's."""
    if not numbers:
        return set()
    distinct = list(set(numbers))
    choices = [letters[number] for number in distinct]
    most = slips_allowed(len(form.letters) + 1)
    found: set[int] = set()
    for query in (form.letters, *rotations(form.words)):
        hits = process.extract(query, choices, scorer=OSA.distance, processor=None, score_cutoff=most, limit=None)
        length = len(query)
        found.update(
            [distinct[at] for text, slips, at in hits if slips <= slips_allowed(max(len(text), length)) or slips == 1]
        )
    return found


def _decide_alike(name: str, found: list[tuple[Likeness, str, str]]) -> NameDecision:
    """Decide by the best candidate that does not say less than the name does.

    A name that says more than a user's, such as ``Mary Johnson`` where there is a ``Mary``, is no form of that user's.
    """
    ranked = sorted(found, key=lambda entry: (not _counts(entry[0]), -entry[0].score, entry[1], entry[2]))
    candidates = tuple(Candidate(user, like.score, like.parts) for like, _, user in ranked[:MOST_CANDIDATES])
    if ranked and _counts(ranked[0][0]):
        return NameDecision(name, "review", "", candidates, ranked[0][0].reading)
    return NameDecision(name, "new", "", candidates, "nobody's name is close enough")


def _counts(like: Likeness) -> bool:
    return like.score >= WORTH_A_REVIEW and not like.first_says_more
