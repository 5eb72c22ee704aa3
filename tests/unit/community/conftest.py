"""One small damaged community for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.community import Options, make_community

SMALL = Options(
    users=30, prayers=60, marks_per_prayer=5, months=3, seed=11, renamed=2, twins=2, deleted_users=3, imitations=4
)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A damaged community of 60 prayers with every feature switched on. Read it, never write to it."""
    folder = tmp_path_factory.mktemp("small")
    make_community(folder, SMALL)
    return folder
