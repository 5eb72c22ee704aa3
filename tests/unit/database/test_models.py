"""The models of both eras make what the application makes, byte for byte.

``ddl/v1.sql`` and ``ddl/v2.sql`` are what ``sqlite_master`` holds of databases that the application's own models created:
v1 at the last commit before names became keys, v2 at the head of its history (database schema spec, sections 3 and 4.1).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from thywill_reconstruct.database import models_v1, models_v2

DDL = Path(__file__).parent / "ddl"


@pytest.mark.parametrize(("era", "create"), [("v1", models_v1.create_tables), ("v2", models_v2.create_tables)])
def test_the_models_make_the_applications_tables_byte_for_byte(
    tmp_path: Path, era: str, create: Callable[[str], None]
) -> None:
    database = tmp_path / "made.db"
    create(f"sqlite:///{database}")
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    assert "".join(f"{sql};\n" for (sql,) in made) == (DDL / f"{era}.sql").read_text(encoding="utf-8")


def test_no_era_knows_the_models_of_the_other() -> None:
    assert not set(models_v1.V1Model.metadata.tables.values()) & set(models_v2.V2Model.metadata.tables.values())
    assert set(models_v2.V2Model.metadata.tables) - set(models_v1.V1Model.metadata.tables) == {
        "invite_token_usage",
        "membership_application",
    }
