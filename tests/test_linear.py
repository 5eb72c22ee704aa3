"""Guards the guard: a test for linear work must see work that is not."""

from __future__ import annotations

import pytest

from tests.linear import assert_linear


def test_linear_work_passes() -> None:
    assert_linear(lambda size: sum(map(len, "a " * (size // 2))))


def test_quadratic_work_fails() -> None:
    def eat(size: int) -> None:
        rest = bytes(size)
        while rest:
            rest = rest[50:]

    with pytest.raises(AssertionError, match="times as much"):
        assert_linear(eat)
