"""Tell linear from quadratic work without a clock that other programs could slow down."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

SMALL, LARGE = 125_000, 1_000_000
# Eight times the input costs eight times as much if the work is linear, and sixty-four times if it is quadratic.
BOUND = 32
# Below this many seconds the processor's clock says nothing.
LEAST_S = 0.01


def assert_linear(work: Callable[[int], object]) -> None:
    """Assert that work on an input of so many characters takes processor time in proportion to them.

    Args:
        work: Does the work for a given number of characters.
    """
    small = max(min(_cost(work, SMALL) for _ in range(2)), LEAST_S)
    large = _cost(work, LARGE)
    assert large < BOUND * small, f"{LARGE // SMALL} times the input costs {large / small:.0f} times as much"


def _cost(work: Callable[[int], object], size: int) -> float:
    began = process_time()
    work(size)
    return process_time() - began
