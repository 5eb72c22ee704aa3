"""One score per pair: symmetric, within bounds, and what is equal is above all that is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.bulk import resolve_names
from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.score import CERTAIN, rung_of, score_pair

words = st.sampled_from(
    ["Mary", "Marty", "mary", "Johnson", "Jonson", "J.", "7", "jr", "Иван", "Zoë", "Zoe", "★", ""]
)
names = st.one_of(st.text(max_size=12), st.lists(words, min_size=1, max_size=3).map(" ".join))


@given(names, names)
def test_a_score_is_symmetric_and_within_bounds(one: str, other: str) -> None:
    pair = score_pair(one, other)
    assert pair == score_pair(other, one)._replace(parts=pair.parts)
    assert 0 <= pair.score <= 100
    assert (pair.score == 100) == (one == other)


@given(names, names)
def test_only_what_is_equal_on_a_rung_is_called_equal(one: str, other: str) -> None:
    rung = rung_of(one, other)
    assert (score_pair(one, other).reading == "equal") == (rung is not None)
    assert rung == rung_of(other, one)


@pytest.mark.parametrize(
    ("one", "other", "rung"),
    [
        ("Mary", "Mary", Rung.RAW),
        ("Zoe\u0308", "Zoë", Rung.NFC),
        ("MARY ", "mary", Rung.FOLDED),
        ("Mary_Johnson", "mary johnson", Rung.JOINED),
        ("Zoë", "zoe", Rung.PLAIN),
    ],
)
def test_the_strictest_rung_gives_the_score(one: str, other: str, rung: Rung) -> None:
    assert score_pair(one, other).score == CERTAIN[rung]


@pytest.mark.parametrize(("one", "other"), [("Mary", "Marty"), ("user10", "user100"), ("Ann Lee", "Anne Lee")])
def test_what_must_not_be_confused_scores_below_what_is_equal(one: str, other: str) -> None:
    assert score_pair(one, other).score < min(CERTAIN.values())


def test_bulk_decisions_show_the_same_score() -> None:
    for name in ("mary johnson", "Mary Jonhson", "M. Johnson", "Peggy Johnson"):
        (decision,) = resolve_names([name], [("1", "Mary Johnson")])
        pair = score_pair(name, "Mary Johnson")
        assert decision.confidence in (pair.score, 0), name
        if decision.candidates:
            assert decision.candidates[0].parts == pair.parts
