"""Whatever happened to the names of a community, a repair moves nothing that is right (docs/identity.md).

``scripts/try_histories`` tries thousands of such histories; these are the first of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.community.histories import Era
from scripts.community.histories_command import try_history

_SEEDS = range(1, 31)


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("era", ["v1", "v2"])
def test_a_healthy_community_keeps_every_row_and_nobody_is_made_twice(era: Era, seed: int, tmp_path: Path) -> None:
    healthy, _ = try_history(seed, era, tmp_path)
    assert list(healthy.faults) == []
