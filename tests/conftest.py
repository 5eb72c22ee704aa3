"""What all tests share: a copy of the damaged community that ships with the project, and steady settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

RIVERSIDE = Path(__file__).parent.parent / "fixtures" / "archives" / "riverside"

# Machines differ in speed, so a slow example is no failure; the same examples everywhere.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture
def community(tmp_path: Path) -> Path:
    """A fresh folder as an operator has it: ``thywill.db`` (damaged) and ``text_archives/``."""
    folder = tmp_path / "community"
    folder.mkdir()
    shutil.copy(RIVERSIDE / "damaged.db", folder / "thywill.db")
    shutil.copytree(RIVERSIDE / "text_archives", folder / "text_archives")
    return folder
