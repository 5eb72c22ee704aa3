"""One trial of the laws of undo: damage a database by chance, repair it, take it back, bring it back."""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.cli.support import Wish, write_archive, write_database
from tests.faults.support import digests
from thywill_reconstruct.apply.run import execute_plan
from thywill_reconstruct.apply.undo import execute_undo, preview_undo
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.database.snapshot import read_database
from thywill_reconstruct.diff.analyse import analyse
from thywill_reconstruct.errors import VerificationError
from thywill_reconstruct.records import Archive
from thywill_reconstruct.workflow import Inspection, home_of, make_plan, rediff

NAMES = ("Anna", "Bert Miller", "Cleo", "Дмитрий", "Éva", "Max")
GHOSTS = ("", "None", "ghost", "f" * 32, "0" * 32)
REFERENCES = (
    ("prayer", "author_id"),
    ("prayermark", "user_id"),
    ("prayer_attributes", "created_by"),
    ("prayer_activity_log", "user_id"),
    ("user", "invited_by_user_id"),
    ("invitetoken", "used_by_user_id"),
)
PATHS = ("prayer", "prayermark", "prayer_attributes", "user")


def small_community(place: Path) -> tuple[Path, Archive]:
    """Six people with fourteen prayers: a whole database, and its archive."""
    prayers = [Wish(f"{number:032x}", NAMES[number % len(NAMES)]) for number in range(14)]
    write_archive(place / "text_archives", NAMES, prayers)
    keys = {name: f"u{number}" for number, name in enumerate(NAMES)}
    write_database(place / "thywill.db", NAMES, [(prayer, keys[prayer.author]) for prayer in prayers])
    return place / "thywill.db", load_archive(place / "text_archives")


def damage(path: Path, chance: random.Random) -> None:
    """Do to a database what failed imports and unlucky scripts do."""
    with closing(sqlite3.connect(path)) as connection:
        # The community's own databases may hold rows of people who left; nothing here relies on declared keys.
        for table, column in REFERENCES:
            for (row,) in connection.execute(f"SELECT rowid FROM {table}").fetchall():
                if chance.random() < 0.15:
                    ghost = chance.choice(GHOSTS)
                    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (ghost, row))
        for table in PATHS:
            if chance.random() < 0.4:
                connection.execute(
                    f"UPDATE {table} SET text_file_path = '/tmp/x/' || text_file_path WHERE rowid % 3 = 0"
                )
        users = connection.execute("SELECT id, display_name, created_at FROM user").fetchall()
        for user, name, created in users:
            fate = chance.random()
            if fate < 0.1:
                connection.execute("DELETE FROM user WHERE id = ?", (user,))
            elif fate < 0.25:
                twin = (
                    "INSERT INTO user (id, display_name, created_at, welcome_message_dismissed) VALUES (?, ?, ?, 0)"
                )
                connection.execute(twin, (f"twin{user}", name.upper() + " ", created))
                connection.execute(
                    "UPDATE prayer SET author_id = ? WHERE author_id = ? AND rowid % 2", (f"twin{user}", user)
                )
        if chance.random() < 0.3:
            connection.execute("DELETE FROM prayer WHERE rowid % 7 = 3")
        connection.execute(
            "INSERT INTO prayermark (id, user_id, prayer_id, created_at) "
            "SELECT id || 'x', user_id, prayer_id, created_at FROM prayermark WHERE rowid % 5 = ?",
            (chance.randrange(9),),
        )
        connection.commit()


def trial(original: Path, archive: Archive, chance: random.Random) -> int:
    """Check the laws on one damaged database, and return how many rows were repaired; -1 if the repair was refused.

    It is refused where the check inside the transaction finds that it would not do what the plan promised.
    """
    with tempfile.TemporaryDirectory(prefix="undo-trial-", dir=_quick_place()) as place:
        path = Path(shutil.copy(original, place))
        damage(path, chance)
        before = digests(path)
        merge = chance.random() < 0.7

        def repair() -> int:
            snapshot = read_database(path)
            inspection = Inspection(path, archive, snapshot, analyse(archive, snapshot, str(home_of(path))))
            plan = make_plan(inspection, merge_duplicates=merge)
            if plan.operations:
                execute_plan(path, plan, rediff(inspection), allow_large=True)
            return len(plan.operations)

        try:
            repaired = repair()
        except VerificationError:
            assert digests(path) == before
            return -1
        after = digests(path)
        again = repair()
        if not repaired:
            assert after == before
            return 0
        # What a second repair finds, if anything, the first one made possible; what it leaves alone stays.
        if again:
            execute_undo(path, preview_undo(path, ""))
        assert digests(path) == after
        name = preview_undo(path, "").run.name if not again else _first_run(path)
        plan = preview_undo(path, name)
        assert plan.refused == ()
        undone = execute_undo(path, plan)
        assert digests(path) == before
        assert preview_undo(path, name).operations == ()
        execute_undo(path, preview_undo(path, undone.run))
        assert digests(path) == after
        return repaired


def _first_run(path: Path) -> str:
    return min(each.name for each in (path.parent / ".reconstruct").iterdir() if each.is_dir())


def _quick_place() -> str | None:
    """A RAM disk where there is one: thousands of databases are made and thrown away."""
    return "/dev/shm" if sys.platform == "linux" and Path("/dev/shm").is_dir() else None
