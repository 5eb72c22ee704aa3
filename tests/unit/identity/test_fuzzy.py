"""Resemblance proposes, and is strict about what it proposes."""

from __future__ import annotations

import pytest

from thywill_reconstruct.identity.fuzzy import similar_names


def test_the_best_candidate_comes_first() -> None:
    assert similar_names("Johnathan", ["Jonathan", "Johnathon", "Peter"])[0] in ("Jonathan", "Johnathon")
    assert "Peter" not in similar_names("Johnathan", ["Jonathan", "Johnathon", "Peter"])


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("user10", "user100"),  # digits must agree
        ("sunny1985", "sunny1986"),
        ("Mary", "Marty"),  # short names must be exact
        ("Marty", "Mary"),
        ("Alice", "Alice Johnson"),  # containing is not resembling
    ],
)
def test_these_do_not_resemble_each_other(name: str, other: str) -> None:
    assert similar_names(name, [other]) == ()


def test_the_name_itself_is_no_candidate() -> None:
    assert similar_names("Jonathan", ["Jonathan"]) == ()


def test_the_number_of_candidates_is_limited_and_their_order_does_not_depend_on_the_input() -> None:
    names = ["Jonathan A", "Jonathan B", "Jonathan C", "Jonathan D"]
    assert similar_names("Jonathan", names, limit=2) == similar_names("Jonathan", names[::-1], limit=2)
    assert len(similar_names("Jonathan", names, limit=2)) == 2
