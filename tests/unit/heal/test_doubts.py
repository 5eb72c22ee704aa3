"""What is wrong in the database is not told in the archives, where no repair takes it back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scripts.community import Options, make_community
from thywill_reconstruct.errors import ArchiveReadError, ForeignArchivesError
from thywill_reconstruct.heal.run import heal
from thywill_reconstruct.identity.decision_text import parse_decisions

OPTIONS = Options(users=12, prayers=12, months=1, seed=9, damage="none", weather=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_community(tmp_path / "made", OPTIONS)
    (tmp_path / "made" / "truth.db").rename(tmp_path / "made" / "thywill.db")
    return tmp_path / "made"


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "thywill.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def told(folder: Path) -> dict[str, int]:
    return dict(heal(folder / "thywill.db", folder / "text_archives", execute=False).counts)


def test_a_doubled_mark_is_not_told(folder: Path) -> None:
    before = told(folder)
    change(
        folder,
        "INSERT INTO prayermark (id, user_id, prayer_id, created_at) SELECT 'copy-' || id, user_id, prayer_id, created_at "
        "FROM prayermark",
        "INSERT INTO prayermark (id, user_id, prayer_id, created_at) SELECT 'whole-' || id, user_id, prayer_id, "
        "substr(created_at, 1, 16) || ':00.000000' FROM prayermark WHERE id NOT LIKE 'copy-%'",
        "INSERT INTO prayer_activity_log (id, prayer_id, user_id, action, new_value, created_at) SELECT 'copy-' || id, "
        "prayer_id, user_id, action, new_value, created_at FROM prayer_activity_log",
    )
    assert told(folder) == before
    shutil.rmtree(folder / "text_archives")
    with_copies = told(folder)
    change(folder, *(f"DELETE FROM {table} WHERE id LIKE 'copy-%' OR id LIKE 'whole-%'" for table in
                     ("prayermark", "prayer_activity_log")))  # fmt: skip
    assert with_copies == told(folder)


def test_a_mark_booked_on_another_person_is_not_told_as_hers(folder: Path) -> None:
    before = told(folder)
    change(
        folder,
        "UPDATE prayermark SET user_id = (SELECT id FROM user WHERE id != prayermark.user_id ORDER BY id DESC LIMIT 1) "
        "WHERE rowid = 5",
        "DELETE FROM prayer_activity_log WHERE action = 'prayed'",
    )
    assert told(folder) == before


def test_an_ignored_person_is_not_told_of(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "thywill.db")) as connection:
        name = connection.execute("SELECT display_name FROM user ORDER BY rowid DESC LIMIT 1").fetchone()[0]
    shutil.rmtree(folder / "text_archives")
    decisions = parse_decisions(f'[[decision]]\nkind = "ignore"\nnames = ["{name}"]\nby = "Ruth"\non = 2025-07-02\n')
    healed = heal(folder / "thywill.db", folder / "text_archives", execute=True, decisions=decisions)
    assert healed.counts["registrations"] == OPTIONS.users - 1


def test_archives_of_others_are_refused(folder: Path, tmp_path: Path) -> None:
    make_community(tmp_path / "others", Options(users=12, prayers=12, months=1, seed=10, damage="none"))
    with pytest.raises(ForeignArchivesError):
        heal(folder / "thywill.db", tmp_path / "others" / "text_archives", execute=True)


def test_what_cannot_be_read_may_tell_it_already(folder: Path) -> None:
    prayers = folder / "text_archives" / "prayers"
    prayers.rename(folder / "elsewhere")
    prayers.symlink_to(folder / "elsewhere")
    with pytest.raises(ArchiveReadError, match="symbolic link"):
        heal(folder / "thywill.db", folder / "text_archives", execute=True)
