"""Tell linear from quadratic work without a clock that other programs could slow down."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time

FIRST, ENOUGH = 2_000, 1_000_000
# Beyond some ten megabytes every allocation is a matter between the system and its pages, and says nothing of the work.
MOST = 8_000_000
STEP = 8
# Eight times the input costs eight times as much if the work is linear, and sixty-four times if it is quadratic.
BOUND = 32
# Below this many seconds the costs of the call and of its memory hide those of the characters.
LEAST_S = 0.002
ATTEMPTS = 3


def assert_linear(work: Callable[[int], object]) -> None:
    """Assert that work on an input of so many characters takes processor time in proportion to them.

    The input grows until an eighth of it takes long enough to be compared with, however quick the machine is. Work that is
    far from linear is seen on the way there, while it is still short.

    Args:
        work: Does the work for a given number of characters.
    """
    size, before, cost = FIRST, 0.0, _cost(work, FIRST)
    while size < ENOUGH or (before < LEAST_S and size < MOST):
        size, before = size * STEP, cost
        cost = _cost(work, size)
        assert _in_proportion(before, cost) or _is_linear_at(work, size), (
            f"{size:,} characters cost {cost:.3f} s, and an eighth of them {before:.4f} s"
        )


def _is_linear_at(work: Callable[[int], object], size: int) -> bool:
    """Measure again what looked too slow: what else the machine does can spoil one measurement, hardly all of them."""
    return any(_in_proportion(_cost(work, size // STEP), _cost(work, size)) for _ in range(ATTEMPTS - 1))


def _in_proportion(small: float, large: float) -> bool:
    return large < BOUND * max(small, LEAST_S)


def _cost(work: Callable[[int], object], size: int) -> float:
    """Return the seconds of processor time; the collection of garbage, which looks at everything else too, is left out."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        began = process_time()
        work(size)
        return process_time() - began
    finally:
        if collecting:
            gc.enable()
