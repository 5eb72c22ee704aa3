"""Names decided in bulk: every line of the regression file, and what holds for all of them together."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from thywill_reconstruct.identity.bulk import MOST_CANDIDATES, NameDecision, resolve_names
from thywill_reconstruct.identity.score import keys_of

REGRESSIONS = Path(__file__).parents[2] / "data" / "names_regression.csv"


def cases() -> list[dict[str, str]]:
    with REGRESSIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decide(name: str, *users: str) -> NameDecision:
    return resolve_names([name], [(user, user) for user in users])[0]


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['why']}: {case['name']}")
def test_labelled_names(case: dict[str, str]) -> None:
    decided = decide(case["name"], *case["users"].split(";"))
    assert decided.decision == case["decision"]
    first = decided.candidates[0].user_id if decided.candidates else ""
    if decided.decision == "new":
        first = ""
    assert first == case["first"]
    assert decided.user_id == (case["first"] if case["decision"] == "link" else "")


def test_a_name_is_decided_alike_in_a_crowd() -> None:
    """One batch, all names and users of the regression file at once: nobody is linked to somebody else's name."""
    users = sorted({user for case in cases() for user in case["users"].split(";")})
    names = [case["name"] for case in cases()]
    for decided in resolve_names(names, [(user, user) for user in users]):
        if decided.decision == "link":
            assert set(keys_of(decided.name)) & set(keys_of(decided.user_id))


def test_the_decisions_come_in_the_order_of_the_names() -> None:
    names = ["zoe", "adam", "zoe"]
    assert [decided.name for decided in resolve_names(names, [("1", "Adam")])] == names


def test_nobody_and_nothing() -> None:
    assert resolve_names([], [("1", "Adam")]) == []
    assert [decided.decision for decided in resolve_names(["Adam", "", "None"], [])] == ["new", "review", "review"]


def test_two_users_of_one_name_are_for_a_person_to_tell_apart() -> None:
    decided = resolve_names(["Mary Johnson"], [("b", "Mary Johnson"), ("a", "Mary Johnson")])[0]
    assert (decided.decision, [candidate.user_id for candidate in decided.candidates]) == ("review", ["a", "b"])


def test_ids_must_be_unique() -> None:
    with pytest.raises(ValueError, match="not unique"):
        resolve_names(["Mary"], [("1", "Mary"), ("1", "Martha")])


def test_the_confidence_is_the_score_of_the_best_candidate_with_its_parts() -> None:
    decided = decide("Mary Jonhson", "Mary Johnson")
    best = decided.candidates[0]
    assert decided.confidence == best.score == round(sum(amount for _, amount in best.parts), 1)
    assert decide("Oscar Brown", "Mary Johnson").confidence == 0


def test_a_crowd_of_users_who_differ_in_a_number_only() -> None:
    users = [(str(number), f"member{number}") for number in range(3_000)]
    exact, slip, without, other = resolve_names(["Member 2999", "membre2999", "member", "member7000"], users)
    assert (exact.decision, exact.user_id) == ("link", "2999")
    assert (slip.decision, slip.candidates[0].user_id) == ("review", "2999")
    assert (without.decision, len(without.candidates)) == ("review", MOST_CANDIDATES)
    assert other.decision == "new"


def test_a_crowd_of_one_family_keeps_the_right_one_in_front() -> None:
    given = [a + b + c for a in "bdfgklm" for b in "aeiou" for c in ("na", "ra", "lo", "sto", "vi", "ki", "pe", "du")]
    users = [(name, f"{name.title()} Johnson") for name in given]
    found = resolve_names([f"{name.title()} Jonhson" for name in given], users)
    assert [decided.candidates[0].user_id for decided in found] == given


def test_names_in_several_batches_are_decided_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [case["name"] for case in cases()]
    users = [(str(i), user) for i, user in enumerate(sorted({u for c in cases() for u in c["users"].split(";")}))]
    at_once = resolve_names(names, users)
    monkeypatch.setattr("thywill_reconstruct.identity.bulk.BATCH", 7)
    assert resolve_names(names, users) == at_once
