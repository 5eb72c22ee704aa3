"""Guards the guard: a test for linear work must see work that is not, on a quick machine and on a slow one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.linear import assert_linear


def every_word(size: int) -> None:
    sum(map(len, ("a " * (size // 2)).split()))


def only_copies(size: int) -> None:
    bytes(bytearray(size))


def eats_piece_by_piece(size: int) -> None:
    rest = bytes(size)
    while rest:
        rest = rest[50:]


def eats_large_pieces(size: int) -> None:
    rest = bytes(size)
    while rest:
        rest = rest[1_000:]


def searches_from_every_place(size: int) -> None:
    re.search("a+b", "a" * size)


def compares_each_with_each(size: int) -> None:
    lines = range(size // 50)
    sum(one == other for one in lines for other in lines)


@pytest.mark.parametrize("work", [every_word, only_copies])
def test_linear_work_passes(work: Callable[[int], object]) -> None:
    assert_linear(work)


@pytest.mark.parametrize(
    "work", [eats_piece_by_piece, eats_large_pieces, searches_from_every_place, compares_each_with_each]
)
def test_quadratic_work_fails(work: Callable[[int], object]) -> None:
    with pytest.raises(AssertionError, match="characters cost"):
        assert_linear(work)
