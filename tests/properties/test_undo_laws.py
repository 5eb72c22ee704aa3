"""Apply, then undo, is identity; redo is exact; doing it twice changes nothing. ``scripts/undo_laws`` tries thousands."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.conftest import RIVERSIDE
from tests.properties.undo_trial import small_community, trial
from thywill_reconstruct.archives.load import load_archive


@pytest.mark.parametrize("seed", range(4))
def test_small_communities(tmp_path: Path, seed: int) -> None:
    original, archive = small_community(tmp_path)
    chance = random.Random(seed)
    assert sum(trial(original, archive, chance) for _ in range(50)) > 500


def test_a_large_community() -> None:
    archive = load_archive(RIVERSIDE / "text_archives")
    chance = random.Random(4)
    assert all(trial(RIVERSIDE / "truth.db", archive, chance) > 50 for _ in range(3))
