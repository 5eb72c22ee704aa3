"""Resemblance proposes, best first, whatever the order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.lookalikes import find_lookalikes, show_pair
from thywill_reconstruct.identity.score import score_pair

ROSTER = ["Mary Johnson", "Mary Johnston", "Margaret Johnson", "Ivan Petrov", "user10", "user100", "Max"]


def test_the_best_comes_first_and_shows_its_score() -> None:
    found = find_lookalikes(["Mary Jonhson"], ROSTER)["Mary Jonhson"]
    assert found[0][0] == "Mary Johnson"
    assert found[0][1] == score_pair("Mary Jonhson", "Mary Johnson")
    assert [pair.score for _, pair in found] == sorted((pair.score for _, pair in found), reverse=True)
    assert show_pair("Mary Jonhson", "Mary Johnson") == "'Mary Johnson' (90.9)"


def test_nothing_resembles_itself_or_a_stranger() -> None:
    assert find_lookalikes(["Max", "Zebedee"], ROSTER) == {"Max": (), "Zebedee": ()}
    assert find_lookalikes(["Max"], []) == {"Max": ()}
    assert find_lookalikes([], ROSTER) == {}


def test_numbers_and_short_names_are_exact() -> None:
    assert find_lookalikes(["user11", "Mex"], ROSTER) == {"user11": (), "Mex": ()}


@given(st.permutations(ROSTER))
def test_the_order_does_not_matter(roster: list[str]) -> None:
    assert find_lookalikes(roster, roster[::-1]) == find_lookalikes(ROSTER, ROSTER)
